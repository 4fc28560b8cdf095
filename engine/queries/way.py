"""The way that a run went through its diagram, read off its tasks and its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn.flow import SEQUENTIAL, TIMER, Node
from engine import spiff
from engine.queries.timeline import Entry
from engine.spiff import Passed, Process
from engine.states import DONE, TaskState, Verb
from engine.tables import Task

ENDS = frozenset({Verb.COMPLETE, Verb.RETURN})
"""Acts that finish a task."""

HAPPENED = frozenset({Verb.FIRE, Verb.MESSAGE, Verb.SIGNAL})
"""What a run waited for came."""


@dataclass(frozen=True, slots=True)
class Done:
    """A task of a run, finished or not, as far as its way and its times are concerned."""

    id: int
    node_id: str
    engine_id: str
    part: int
    state: TaskState
    choice: str | None
    created_at: datetime
    claimed_at: datetime | None
    finished_at: datetime | None


def tasks(session: Session, run_id: int) -> tuple[Done, ...]:
    """All tasks of a run, oldest first. The caller has made sure that the run is of the person's office."""
    found = session.execute(
        select(
            *(Task.id, Task.node_id, Task.engine_id, Task.part, Task.state, Task.choice),
            *(Task.created_at, Task.claimed_at, Task.finished_at),
        )
        .where(Task.run_id == run_id)
        .order_by(Task.id)
    )
    return tuple(Done(*row) for row in found)


def walked(process: Process, tasks: Sequence[Done], history: Sequence[Entry]) -> Mapping[str, int]:
    """For each flow of the diagram how often the run went along it; flows that it never took are left out."""
    return +spiff.walked(process, _acts(process, tasks, history))


def _acts(process: Process, tasks: Sequence[Done], history: Sequence[Entry]) -> Iterator[Passed]:
    """What took the run on, in the order of the history. Steps that were taken back are not among it."""
    moved_on = _moved_on(process, tasks, history)
    for place, act in enumerate(history):
        if act.verb in HAPPENED:
            named = [node.id for node in process.events.values() if _called(node) == act.facts.get("event", "")]
            if named:
                yield Passed(named[0], others=tuple(named[1:]))
        elif place in moved_on:
            task = moved_on[place]
            yield Passed(task.node_id, _variables(process, task))


def _moved_on(process: Process, tasks: Sequence[Done], history: Sequence[Entry]) -> dict[int, Done]:
    """The tasks that took the run on, by the place of that in the history: of several parts the one finished last."""
    ends = {act.task_id: place for place, act in enumerate(history) if act.task_id and act.verb in ENDS}
    parts: dict[str, list[Done]] = {}
    for task in tasks:
        parts.setdefault(task.engine_id, []).append(task)
    found: dict[int, Done] = {}
    for of_one in parts.values():
        done = [task for task in of_one if task.state in DONE and task.id in ends]
        if done and _all_done(process, of_one):
            last = max(done, key=lambda task: ends[task.id])
            found[ends[last.id]] = last
    return found


def _all_done(process: Process, parts: Sequence[Done]) -> bool:
    """Whether nothing of a task is left, or was broken off. Done in turn, a part taken back may have been replaced."""
    node = process.tasks.get(parts[0].node_id)
    if node is not None and node.multi == SEQUENTIAL:
        return max(parts, key=lambda task: task.part).state in DONE
    return all(task.state in DONE for task in parts)


def _variables(process: Process, task: Done) -> dict[str, str]:
    """What a finished task told the gateway behind it: of choices that stand beside each other, also which were not."""
    chosen = set((task.choice or "").split())
    choices = process.choices.get(task.node_id, ())
    told = {choice.variable: "" for choice in choices if not choice.alone}
    return told | {choice.variable: choice.value for choice in choices if choice.edge in chosen}


def _called(node: Node) -> str:
    """What the history calls an event: by its name, else by what it waits for."""
    waits_for = node.event.text if node.event is not None and node.event.kind != TIMER else ""
    return node.name or node.calls or waits_for
