"""Tasks as lists show them, how many there are, and what came of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from engine import errors
from engine.counting import capped
from engine.offices import Actor
from engine.queries import dues
from engine.queries.dues import Due
from engine.states import UNFINISHED, RunState, TaskState
from engine.tables import OPEN_TASK, Definition, Involvement, Jabatan, Notice, Person, Run, Task, Version

_claimer = aliased(Person)


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as a list shows it. `returns` counts how often its run was sent back; `came_back`: this task was."""

    id: int
    name: str
    run_id: int
    subject: str
    sop: str
    jabatan: str
    state: TaskState
    claimed_by: str | None
    mine: bool
    since: datetime
    due: Due | None
    returns: int
    came_back: bool
    agenda: str
    finished_at: datetime | None


ROWS = (
    select(
        Task.id,
        Task.name,
        Task.run_id,
        Run.subject,
        Definition.title,
        Jabatan.name.label("jabatan"),
        Task.state,
        Task.claimed_by,
        _claimer.name.label("claimer"),
        Task.created_at,
        Task.due_at,
        Task.return_id,
        Task.finished_at,
        Run.round,
        Run.agenda,
    )
    .select_from(Task)
    .join(Run, Run.id == Task.run_id)
    .join(Version, Version.id == Run.version_id)
    .join(Definition, Definition.id == Version.definition_id)
    .join(Jabatan, Jabatan.id == Task.jabatan_id)
    .outerjoin(_claimer, _claimer.id == Task.claimed_by)
)
"""What `row` reads, of all tasks: whoever asks narrows it to an office."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Each up to `counting.MOST`: tasks a person claimed, tasks for the person's jabatan, runs sent on, new notices."""

    mine: int
    jabatan: int
    waiting: int
    unread: int


@dataclass(frozen=True, slots=True)
class Target:
    """A step that a choice leads to, and the jabatan that performs it."""

    step: str
    jabatan: str
    person: str | None = None
    """Who gets it, where that is known."""


# Built once: every page asks these.
_COUNTS = select(
    capped(select(Task.id).where(Task.claimed_by == bindparam("who"), Task.state == TaskState.CLAIMED)).label("mine"),
    capped(
        select(Task.id).where(
            Task.jabatan_id.in_(bindparam("held", expanding=True)),
            OPEN_TASK,
            Task.reserved_for.is_(None) | (Task.reserved_for == bindparam("who")),
        )
    ).label("jabatan"),
    capped(select(Involvement.run_id).where(Involvement.person_id == bindparam("who"))).label("waiting"),
    capped(select(Notice.id).where(Notice.person_id == bindparam("who"), Notice.read_at.is_(None))).label("unread"),
)

# Runs are looked up one by one: SQLite would rather go through all those of the office than look up fifty.
_HERE = ROWS.where(Run.office_id + 0 == bindparam("office"))
_BY_IDS = _HERE.where(Task.id.in_(bindparam("ids", expanding=True)))
_OF_RUNS = _HERE.where(Task.run_id.in_(bindparam("ids", expanding=True)), Task.state.in_(UNFINISHED)).order_by(Task.id)


def counts(session: Session, who: Actor) -> Counts:
    """What every page says of what there is for a person, in one statement."""
    return Counts(**session.execute(_COUNTS, {"who": who.id, "held": list(who.held)}).mappings().one())


def by_ids(session: Session, who: Actor, task_ids: Sequence[int], now: datetime) -> tuple[TaskRow, ...]:
    """These tasks of the office, in the order in which they are named."""
    found = session.execute(_BY_IDS, {"ids": task_ids, "office": who.office_id})
    found_rows = {one.id: row(who, now, one) for one in found}
    return tuple(found_rows[task_id] for task_id in task_ids if task_id in found_rows)


def of_runs(session: Session, who: Actor, run_ids: Sequence[int], now: datetime) -> dict[int, tuple[TaskRow, ...]]:
    """For each of these runs of the office its tasks that are not finished, oldest first."""
    found = session.execute(_OF_RUNS, {"ids": run_ids, "office": who.office_id})
    by_run: dict[int, tuple[TaskRow, ...]] = {}
    for one in found:
        by_run[one.run_id] = (*by_run.get(one.run_id, ()), row(who, now, one))
    return by_run


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a person is told after finishing a task: the task, its run, and where that is now."""

    name: str
    subject: str
    finished: bool
    waiting: tuple[Target, ...]


_OUTCOME = (
    select(Task.id, Task.name, Jabatan.name.label("jabatan"), Run.subject, Run.state)
    .join(Run, Run.id == Task.run_id)
    .join(Jabatan, Jabatan.id == Task.jabatan_id)
    .where(
        Task.run_id == select(Task.run_id).where(Task.id == bindparam("task")).scalar_subquery(),
        (Task.id == bindparam("task")) | Task.state.in_(UNFINISHED),
        Run.office_id == bindparam("office"),
    )
    .order_by(Task.id)
)


def outcome(session: Session, who: Actor, task_id: int) -> Outcome:
    """The task that was just finished, and the tasks that its run waits for; NotFound in another office."""
    found = session.execute(_OUTCOME, {"task": task_id, "office": who.office_id}).all()
    done = next((row for row in found if row.id == task_id), None)
    if done is None:
        raise errors.NotFound
    waiting = tuple(Target(row.name, row.jabatan) for row in found if row.id != task_id)
    return Outcome(done.name, done.subject, done.state is RunState.FINISHED, waiting)


def row(who: Actor, now: datetime, found: Any) -> TaskRow:
    """The task of a row of `rows`, as the person sees it at this moment."""
    return TaskRow(
        id=found.id,
        name=found.name,
        run_id=found.run_id,
        subject=found.subject,
        sop=found.title,
        jabatan=found.jabatan,
        state=found.state,
        claimed_by=found.claimer,
        mine=found.state is TaskState.CLAIMED and found.claimed_by == who.id,
        since=found.created_at,
        due=dues.judge(found.due_at, found.created_at, now, who.calendar),
        returns=found.round - 1,
        came_back=found.return_id is not None,
        agenda=found.agenda,
        finished_at=found.finished_at,
    )
