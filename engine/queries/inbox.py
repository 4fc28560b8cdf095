"""The task list of a person: what is claimed, what may be claimed, and one task in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from bpmn.flow import Choice, Field, may_choose_none, row_text
from engine import definitions, errors
from engine.offices import Actor
from engine.queries import dues
from engine.queries.dues import Due
from engine.queries.timeline import Entry, timeline
from engine.spiff import Process
from engine.states import DONE, UNFINISHED, Right, RunState, TaskState
from engine.tables import Definition, Involvement, Jabatan, Person, Return, Run, Task, Version

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


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tasks are claimed by a person, wait for the person's jabatan, and how many runs the person sent on."""

    mine: int
    jabatan: int
    waiting: int


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """Why a task came back: who sent it, from which step, and when."""

    reason: str
    returned_by: str
    step: str
    at: datetime
    round: int


@dataclass(frozen=True, slots=True)
class Target:
    """A step that a choice leads to, and the jabatan that performs it."""

    step: str
    jabatan: str


@dataclass(frozen=True, slots=True)
class TaskPage:
    """One task in full: the row of the SOP, what can be done with it, and how its run came here."""

    row: TaskRow
    node_id: str
    version_id: int
    text: str
    kelengkapan: str
    waktu: str
    output: str
    keterangan: str
    choices: tuple[Choice, ...]
    targets: dict[str, tuple[Target, ...]]
    """For each choice's flow: the steps it leads to; none where it ends the run."""
    fields: tuple[Field, ...]
    """The form of the step; `entries` is what is in it, and `note` beside it, a draft while the task is unfinished."""
    entries: Mapping[str, Any]
    note: str
    several: bool
    """Whether several of the choices may be made together; then none, too, where `may_choose_none`."""
    may_choose_none: bool
    may_claim: bool
    may_reopen: bool
    """Whether it was the last step of its run, and the person could take it back if nobody has gone on since."""
    returned: ReturnRow | None
    history: tuple[Entry, ...]


def counts(session: Session, who: Actor) -> Counts:
    """The counts of the task list."""
    claimed = (Task.claimed_by == who.id) & (Task.state == TaskState.CLAIMED)
    open_here = Task.jabatan_id.in_(list(who.held)) & (Task.state == TaskState.OPEN)
    mine = Task.reserved_for.is_(None) | (Task.reserved_for == who.id)
    mine_count, jabatan, waiting = session.execute(
        select(
            select(func.count()).select_from(Task).where(claimed).scalar_subquery(),
            select(func.count()).select_from(Task).where(open_here & mine).scalar_subquery(),
            select(func.count()).select_from(Involvement).where(Involvement.person_id == who.id).scalar_subquery(),
        )
    ).one()
    return Counts(mine_count, jabatan, waiting)


def by_ids(session: Session, who: Actor, task_ids: Sequence[int], now: datetime) -> tuple[TaskRow, ...]:
    """These tasks of the office, in the order in which they are named."""
    found = session.execute(_rows().where(Task.id.in_(task_ids), Run.office_id == who.office_id))
    rows = {one.id: _row(who, now, one) for one in found}
    return tuple(rows[task_id] for task_id in task_ids if task_id in rows)


def of_runs(session: Session, who: Actor, run_ids: Sequence[int], now: datetime) -> dict[int, tuple[TaskRow, ...]]:
    """For each of these runs of the office its tasks that are not finished, oldest first."""
    found = session.execute(
        _rows()
        .where(
            Task.run_id.in_(run_ids),
            Task.state.in_(UNFINISHED),
            Run.office_id == who.office_id,
        )
        .order_by(Task.id)
    )
    rows: dict[int, tuple[TaskRow, ...]] = {}
    for one in found:
        rows[one.run_id] = (*rows.get(one.run_id, ()), _row(who, now, one))
    return rows


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


def task(session: Session, who: Actor, task_id: int, now: datetime) -> TaskPage:
    """One task of the person's office; NotFound otherwise."""
    found = session.execute(
        _rows().add_columns(Task, Version, Run.undo_task).where(Task.id == task_id, Run.office_id == who.office_id)
    ).one_or_none()
    if found is None:
        raise errors.NotFound
    row, task, version = _row(who, now, found), found.Task, found.Version
    process = definitions.process(session, version)
    node = process.tasks[task.node_id]
    choices = process.choices[task.node_id]
    return TaskPage(
        row=row,
        node_id=task.node_id,
        version_id=version.id,
        text=row_text(node) or node.name,
        kelengkapan=node.properties.get("kelengkapan", ""),
        waktu=node.properties.get("waktu", ""),
        output=node.properties.get("output", ""),
        keterangan=node.properties.get("keterangan", ""),
        choices=choices,
        targets={choice.edge: tuple(_target(process, step) for step in choice.targets) for choice in choices},
        fields=node.fields,
        entries=task.entries,
        note=task.note,
        several=any(not choice.alone for choice in choices),
        may_choose_none=may_choose_none(process.flow, task.node_id),
        may_claim=task.state is TaskState.OPEN and task.jabatan_id in who.held and task.reserved_for in (None, who.id),
        may_reopen=found.undo_task == task.id
        and task.state in DONE
        and (task.finished_by == who.id or who.may(Right.MANAGER)),
        returned=_returned(session, process, task.return_id),
        history=timeline(session, task.run_id),
    )


def _rows() -> Select[*tuple[Any, ...]]:
    return (
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


def _row(who: Actor, now: datetime, found: Any) -> TaskRow:
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


def _target(process: Process, step: str) -> Target:
    node = process.tasks[step]
    return Target(node.name, process.flow.lane(node.lane).name if node.lane else "")


def _returned(session: Session, process: Process, return_id: int | None) -> ReturnRow | None:
    if return_id is None:
        return None
    found, who = session.execute(
        select(Return, Person.name).join(Person, Person.id == Return.returned_by).where(Return.id == return_id)
    ).one()
    return ReturnRow(found.reason, who, process.tasks[found.from_node].name, found.returned_at, found.round)
