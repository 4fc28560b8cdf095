"""Let a run go on to the next people, or to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine import errors
from engine.spiff import conditions, state
from engine.spiff.erasure import erase_loops
from engine.spiff.processes import Process

AUTOMATIC_STEPS = 200
"""How many gateways and events a run may pass between two people before it is taken to be going round."""


@dataclass(frozen=True, slots=True)
class WaitingTask:
    """A task that waits for a person: its id in the run's state, and its element of the diagram."""

    engine_id: str
    node_id: str


@dataclass(frozen=True, slots=True)
class Advanced:
    """What came of an act: the state to store, who waits now, and whether the run has ended."""

    state: bytes
    waiting: tuple[WaitingTask, ...]
    finished: bool


def start(process: Process) -> Advanced:
    """A new run, gone on to its first people."""
    return _advance(process, BpmnWorkflow(process.spec, script_engine=conditions.engine()), after=process.flow.name)


def complete(process: Process, stored: bytes, engine_id: str, variables: Mapping[str, str]) -> Advanced:
    """The run after the waiting task `engine_id` was completed with these routing variables.

    Raises TaskFinished where the task does not wait in this state (SpiffWorkflow itself would run it again), and
    RunDoesNotAdvance where the diagram has no way on. After any error the state passed in is still the run's.
    """
    workflow = state.load(process, stored)
    task = workflow.tasks.get(UUID(engine_id))
    if task is None or not task.has_state(TaskState.READY):
        raise errors.TaskFinished
    task.data.update(variables)
    after = process.tasks[task.task_spec.name].name
    task.run()
    erase_loops(workflow)
    return _advance(process, workflow, after)


def waiting(process: Process, stored: bytes) -> tuple[WaitingTask, ...]:
    """The tasks that wait in a stored state. Raises what `state.load` raises."""
    return _waiting(process, state.load(process, stored))


def _waiting(process: Process, workflow: BpmnWorkflow) -> tuple[WaitingTask, ...]:
    return tuple(
        WaitingTask(task.id.hex, task.task_spec.name)
        for task in workflow.tasks.values()
        if task.has_state(TaskState.READY) and task.task_spec.name in process.tasks
    )


def _advance(process: Process, workflow: BpmnWorkflow, after: str) -> Advanced:
    steps = 0

    def bound(_task: Task) -> None:
        nonlocal steps
        steps += 1
        if steps > AUTOMATIC_STEPS:
            raise errors.RunDoesNotAdvance(after)

    try:
        workflow.do_engine_steps(will_complete_task=bound, did_complete_task=lambda _: erase_loops(workflow))
    except SpiffWorkflowException as stuck:
        raise errors.RunDoesNotAdvance(after) from stuck
    erase_loops(workflow)
    people = _waiting(process, workflow)
    finished = workflow.is_completed()
    if not finished and not people:
        raise errors.RunDoesNotAdvance(after)
    return Advanced(state.dump(workflow), people, finished)
