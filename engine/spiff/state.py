"""The state of a run: its tokens and its routing variables, and nothing of its past.

SpiffWorkflow keeps a tree of all that was ever done. The tree grows with every return, at depth 1000 it silently
stops, and everything that reads it gets slower. Here each act begins with the tokens alone, hung below a fresh root: so
a return forgets the way it took, at any place, and no act ever sees more than itself. What was done is in the history
table. (Loops erased as they close: G. F. Lawler, "A self-avoiding random walk", 1980. A run's marking is all that
decides how it can go on: T. Murata, "Petri nets", Proceedings of the IEEE 77/4, 1989.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import orjson
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.util.subworkflow import BpmnBaseWorkflow, BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine import errors
from engine.spiff import conditions, form_1
from engine.spiff.levels import Level, Role
from engine.spiff.processes import Process
from engine.spiff.specs import ARRIVED

FORM = 2
"""Number of this form of the state; a state of an older form stays loadable."""

EVENTS = "events"
"""Under this key a task remembers the boundary events on it."""

_STATES = {Role.WAIT: TaskState.READY, Role.JOIN: TaskState.WAITING, Role.INSIDE: TaskState.STARTED}
"""The steps at which a token can be between two acts, and what SpiffWorkflow then calls its state."""

_ACTIVE = TaskState.WAITING | TaskState.READY | TaskState.STARTED


@dataclass(frozen=True, slots=True)
class Token:
    """Where a run stands, at the step named `at`. Which of the rest it has depends on the step's role."""

    at: str
    id: str = ""
    """Of a token that waits for somebody: 32 hexadecimal digits by which it can be told to go on."""
    arrived: str = ""
    """At a join: the step it came from."""
    events: Mapping[str, str | None] = field(default_factory=dict)
    """The boundary events around it by their node: the id to fire each by, None once one has happened."""
    inside: tuple[Token, ...] = ()
    """At a subprocess: the tokens in it."""

    def all(self) -> Iterator[Token]:
        """The token itself and those in it."""
        yield self
        for inner in self.inside:
            yield from inner.all()


@dataclass(frozen=True, slots=True)
class State:
    """A run between two acts. Without tokens it has ended."""

    variables: Mapping[str, str]
    tokens: tuple[Token, ...]

    def all(self) -> Iterator[Token]:
        """Every token, those inside subprocesses too, the oldest first."""
        for token in self.tokens:
            yield from token.all()


# -- as bytes ---------------------------------------------------------------------------------------------------------


def dump(state: State) -> bytes:
    """The state as it is stored; `load` reads it."""
    return orjson.dumps({"form": FORM, "variables": state.variables, "tokens": _written(state.tokens)})


def _written(tokens: Iterable[Token]) -> list[dict[str, Any]]:
    return [
        {
            key: value
            for key, value in (
                ("at", token.at),
                ("id", token.id),
                ("arrived", token.arrived),
                ("events", token.events),
                ("inside", _written(token.inside)),
            )
            if value
        }
        for token in tokens
    ]


def load(process: Process, stored: bytes) -> State:
    """The state in these bytes. Raises StateDamaged where they are not a state of this process, whatever they hold."""
    try:
        written = orjson.loads(stored)
        if written["form"] == 1:
            return _of_form_1(process, written)
        if written["form"] != FORM:
            raise ValueError(f"state of form {written['form']}")
        state = State(dict(written["variables"]), _read(written["tokens"]))
        check(process, state)
    except Exception as broken:
        raise errors.StateDamaged(f"{type(broken).__name__}: {broken}") from broken
    return state


def _read(written: Iterable[Mapping[str, Any]]) -> tuple[Token, ...]:
    return tuple(
        Token(
            at=one["at"],
            id=one.get("id", ""),
            arrived=one.get("arrived", ""),
            events=one.get("events", {}),
            inside=_read(one.get("inside", ())),
        )
        for one in written
    )


def _of_form_1(process: Process, written: Mapping[str, Any]) -> State:
    level = process.levels[process.flow.process_id]
    variables, places = form_1.read(written, level)
    state = State(variables, tuple(Token(at, id_, arrived) for at, id_, arrived in places))
    check(process, state)
    return state


def check(process: Process, state: State) -> None:
    """Raises KeyError or ValueError where the state cannot be one of this process."""
    _check(process, process.levels[process.flow.process_id], state.tokens)


def _check(process: Process, level: Level, tokens: Iterable[Token]) -> None:
    for token in tokens:
        step = level.steps[token.at]
        if not token.events.keys() <= set(step.events):
            raise ValueError(f"{token.at} has no such events: {', '.join(token.events)}")
        if step.role is Role.WAIT:
            UUID(token.id)
        elif step.role is Role.JOIN:
            if token.arrived not in level.ways_into(token.at):
                raise ValueError(f"nothing leads from {token.arrived} to {token.at}")
        elif step.role is Role.INSIDE and step.node is not None and token.inside:
            _check(process, process.levels[step.node.id], token.inside)
        else:
            raise ValueError(f"nothing waits at {token.at}")


# -- as SpiffWorkflow's objects ---------------------------------------------------------------------------------------


def begun(process: Process) -> BpmnWorkflow:
    """A run before its first step."""
    return BpmnWorkflow(process.spec, process.specs, script_engine=conditions.engine({}))


def revived(process: Process, state: State) -> BpmnWorkflow:
    """The run as SpiffWorkflow's object."""
    engine = conditions.engine(dict(state.variables))
    workflow = BpmnWorkflow(process.spec, process.specs, script_engine=engine, deserializing=True)
    _hang(workflow, workflow, state.tokens)
    workflow.completed = not state.tokens
    return workflow


def _hang(top: BpmnWorkflow, level: BpmnBaseWorkflow, tokens: Iterable[Token]) -> None:
    """Put tokens below the root of a level, and those inside subprocesses into levels of their own."""
    level.task_tree = Task(level, level.spec.start, state=TaskState.COMPLETED)
    for token in tokens:
        spec = level.spec.task_specs[token.at]
        task = Task(
            level, spec, level.task_tree, state=_STATES[spec.step.role], id=UUID(token.id) if token.id else None
        )
        task.internal_data = {ARRIVED: token.arrived, EVENTS: dict(token.events)}
        if spec.step.role is Role.INSIDE:
            inner = BpmnSubWorkflow(top.subprocess_specs[spec.spec], task.id, top, deserializing=True)
            top.subprocesses[task.id] = inner
            _hang(top, inner, token.inside)


def standing(workflow: BpmnWorkflow) -> State:
    """Where a run stands once nothing goes on by itself. Boundary events that now begin to wait are given their ids."""
    return State(workflow.script_engine.environment.variables, _tokens(workflow, workflow))


def _tokens(top: BpmnWorkflow, level: BpmnBaseWorkflow) -> tuple[Token, ...]:
    return tuple(
        _token(top, task)
        for task in level.tasks.values()
        # What waits at the end waits for the other tokens; the last of them ends the level without it.
        if task.has_state(_ACTIVE) and task.task_spec is not level.spec.end
    )


def _token(top: BpmnWorkflow, task: Task) -> Token:
    step, known = task.task_spec.step, task.internal_data.get(EVENTS, {})
    token = Token(at=step.name, events={event: known.get(event, uuid4().hex) for event in step.events})
    if step.role is Role.WAIT:
        return replace(token, id=task.id.hex)
    if step.role is Role.JOIN:
        return replace(token, arrived=task.internal_data[ARRIVED])
    return replace(token, inside=_tokens(top, top.subprocesses[task.id]))
