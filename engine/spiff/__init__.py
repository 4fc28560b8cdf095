"""The only importer of SpiffWorkflow: what a diagram is to it, and a run's state between two acts.

process = spiff.process(sha256, xml)       made ready once a process, cached for good
advanced = spiff.start(process)            the state to store, the tasks that wait for people, and the events
advanced = spiff.complete(process, advanced.state, engine_id, variables)
advanced = spiff.fire(process, advanced.state, engine_id)
state = spiff.moved(process, newer, advanced.state, renamed)
counts = spiff.walked(process, acts)        which flows a run went along, from what was done in it
"""

from engine.spiff.likeness import alike, variables
from engine.spiff.moving import Hindrance, NotMovable, moved
from engine.spiff.processes import Process, prepare, process
from engine.spiff.running import Advanced, WaitingTask, complete, fire, standing, start
from engine.spiff.walking import Passed, walked

__all__ = [
    "Advanced",
    "Hindrance",
    "NotMovable",
    "Passed",
    "Process",
    "WaitingTask",
    "alike",
    "complete",
    "fire",
    "moved",
    "prepare",
    "process",
    "standing",
    "start",
    "variables",
    "walked",
]
