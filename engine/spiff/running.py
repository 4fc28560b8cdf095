"""Let a run go on to where it next has to wait, or to its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.util.subworkflow import BpmnBaseWorkflow
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from bpmn.flow import Node
from engine import errors
from engine.spiff import state
from engine.spiff.levels import node_id
from engine.spiff.processes import Process
from engine.spiff.state import State

AUTOMATIC_STEPS = 200
"""How many gateways and events a run may pass in one act before it is taken to be going round."""


@dataclass(frozen=True, slots=True)
class WaitingTask:
    """What waits to be completed or fired: its id in the run's state, and its element of the diagram."""

    engine_id: str
    node_id: str


@dataclass(frozen=True, slots=True)
class Advanced:
    """What came of an act: the state to store, what waits now, and whether the run has ended."""

    state: bytes
    waiting: tuple[WaitingTask, ...]
    """Tasks for people."""
    finished: bool
    events: tuple[WaitingTask, ...] = ()
    """Catch events, boundary events and call activities, each waiting to be fired."""
    passed: tuple[str, ...] = field(default=(), compare=False)
    """The edges that tokens went along in this act, in no order, each as often as that."""


def start(process: Process) -> Advanced:
    """A new run, gone on to where it first waits."""
    return _advance(process, state.begun(process), after=process.flow.name)


def complete(process: Process, stored: bytes, engine_id: str, variables: Mapping[str, str]) -> Advanced:
    """The run after the waiting task `engine_id` was completed with these routing variables.

    Raises TaskFinished where no such task waits in this state (SpiffWorkflow itself would run it again),
    RunDoesNotAdvance where the diagram has no way on, and StateDamaged. After any error the state passed in is still
    the run's.
    """
    run = state.revived(process, state.load(process, stored))
    task, event = _found(run, engine_id)
    if event is not None or task.task_spec.step.node.id not in process.tasks:
        raise errors.TaskFinished
    run.script_engine.environment.variables.update(variables)
    return _run(process, run, task)


def fire(process: Process, stored: bytes, engine_id: str) -> Advanced:
    """The run after one of its `events` happened: a called run ended, a time came, a message or a signal arrived.

    An interrupting boundary event breaks off what it sits on, with all that goes on inside; one that does not
    interrupt gives the run a token more, at most once for each time that what it sits on is entered. Raises as
    `complete` does.
    """
    run = state.revived(process, state.load(process, stored))
    task, event = _found(run, engine_id)
    if event is not None:
        return _happen(process, run, task, event)
    if task.task_spec.step.node.id not in process.events:
        raise errors.TaskFinished
    return _run(process, run, task)


def standing(process: Process, stored: bytes) -> Advanced:
    """What waits in a stored state; nothing goes on, and the state is the same. Raises StateDamaged."""
    return _told(process, state.load(process, stored), stored)


def _told(process: Process, stands: State, stored: bytes) -> Advanced:
    people: list[WaitingTask] = []
    events: list[WaitingTask] = []
    for token in stands.all():
        if token.id:
            node = node_id(token.at)
            (people if node in process.tasks else events).append(WaitingTask(token.id, node))
        events += [WaitingTask(id_, node_id(event)) for event, id_ in token.events.items() if id_ is not None]
    return Advanced(stored, tuple(people), not stands.tokens, tuple(events))


def _found(run: BpmnWorkflow, engine_id: str) -> tuple[Task, str | None]:
    """The task of that id, or the task around which the boundary event of that id waits, and the event's step."""
    for level in _levels(run):
        for task in level.tasks.values():
            if task.has_state(TaskState.READY) and task.id.hex == engine_id:
                return task, None
            for event, id_ in task.internal_data.get(state.EVENTS, {}).items():
                if id_ == engine_id:
                    return task, event
    raise errors.TaskFinished


def _levels(run: BpmnWorkflow) -> list[BpmnBaseWorkflow]:
    """The run itself and the embedded subprocesses that it is in."""
    return [run, *(inner for inner in run.subprocesses.values() if not inner.completed)]


def _run(process: Process, run: BpmnWorkflow, task: Task) -> Advanced:
    _step(task)
    return _advance(process, run, _called(task.task_spec.step.node))


def _happen(process: Process, run: BpmnWorkflow, host: Task, event: str) -> Advanced:
    spec = host.workflow.spec.task_specs[event]
    if spec.step.node.interrupting:
        host.cancel()
    else:
        host.internal_data[state.EVENTS][event] = None
    entered = host.parent._add_child(spec, TaskState.FUTURE)
    entered.triggered = True
    spec._update(entered)
    return _advance(process, run, _called(spec.step.node))


def _called(node: Node) -> str:
    return node.name or node.id


def _advance(process: Process, run: BpmnWorkflow, after: str) -> Advanced:
    """Let everything pass that waits for nobody.

    Not by SpiffWorkflow's own loop: that runs the tasks of a list made beforehand, and so also what one of them has
    taken away meanwhile.
    """
    try:
        for _ in range(AUTOMATIC_STEPS):
            task = _passing(run)
            if task is None:
                break
            _step(task)
        else:
            raise errors.RunDoesNotAdvance(after)
    except SpiffWorkflowException as stuck:
        raise errors.RunDoesNotAdvance(after) from stuck
    stands = state.standing(run)
    told = _told(process, stands, state.dump(stands))
    if stands.tokens and not (told.waiting or told.events):
        raise errors.RunDoesNotAdvance(after)
    return replace(told, passed=tuple(_passed(run)))


def _passed(run: BpmnWorkflow) -> Iterator[str]:
    """The edges that tokens went along: from each step that was done in this act to the steps that it led to.

    The tokens that an act begins with hang below a root, which is no step; what is only foreseen hangs below a step
    that is not done.
    """
    for level in (run, *run.subprocesses.values()):
        for task in level.tasks.values():
            if task.has_state(TaskState.COMPLETED) and hasattr(task.task_spec, "step"):
                yield from _ways_of(task)


def _ways_of(task: Task) -> Iterator[str]:
    """The edges from a step that was done; of several to the same step, those that come first."""
    ways = list(task.task_spec.step.ways)
    for child in task.children:
        way = next((way for way in ways if way.target == child.task_spec.name), None)
        if way is not None:
            ways.remove(way)
            if way.edge:
                yield way.edge


def _passing(run: BpmnWorkflow) -> Task | None:
    """A task that waits for nobody: one that is ready, or whose embedded subprocess has come to its end."""
    for level in _levels(run):
        for task in level.tasks.values():
            if task.has_state(TaskState.READY) and not task.task_spec.manual:
                return task
            if task.has_state(TaskState.STARTED) and run.subprocesses[task.id].completed:
                return task
    return None


def _step(task: Task) -> None:
    """Let a task be done, once what follows it is known."""
    if not task._children:
        task.task_spec._predict(task, mask=TaskState.NOT_FINISHED_MASK)
    task.run()
