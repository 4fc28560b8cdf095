"""The only importer of SpiffWorkflow: what a diagram is to it, and a run's state between two acts.

process = spiff.process(sha256, xml)       parsed once a process, cached for good
state, waiting = spiff.start(process)      the state to store, and the tasks that wait for people
state, waiting = spiff.complete(process, state, engine_id, variables)
"""

from engine.spiff.processes import Process, prepare, process
from engine.spiff.running import Advanced, WaitingTask, complete, start, waiting

__all__ = ["Advanced", "Process", "WaitingTask", "complete", "prepare", "process", "start", "waiting"]
