"""The runs of an office: the list, and one with its diagram's tokens and its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, select
from sqlalchemy.orm import Session

from engine import definitions, errors, words, workdays
from engine.offices import Actor
from engine.queries import inbox, paging, progress, timeline, way
from engine.queries.inbox import TaskRow
from engine.queries.paging import PAGE, KeyedPage, Page, page
from engine.queries.progress import Progress
from engine.queries.timeline import NOBODY, Entry, Round, Spell
from engine.queries.way import ENDS, Done
from engine.states import DONE, UNFINISHED, RunState, TaskState
from engine.tables import Definition, Involvement, Person, Run, Version


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as a list shows it."""

    id: int
    subject: str
    agenda: str
    sop: str
    state: RunState
    round: int
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    waiting: tuple[TaskRow, ...]
    """Its open tasks; empty when finished."""


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run in full: the way it went, and its rounds, the first one first.

    `spells` are those of its unfinished tasks by their ids, `spent` is the sum of all: also of what was done anew, and
    of branches at the same time.
    """

    row: RunRow
    number: str
    version: int
    version_id: int
    definition_id: int
    history: tuple[Entry, ...]
    progress: Progress
    rounds: tuple[Round, ...]
    spells: Mapping[int, Spell]
    spent: Spell


# Built once: pages ask these all day.
_ROWS = (
    select(
        Run.id,
        Run.subject,
        Run.agenda,
        Definition.title,
        Run.state,
        Run.round,
        func.coalesce(Person.name, NOBODY).label("starter"),
        Run.started_at,
        Run.finished_at,
    )
    .select_from(Run)
    .join(Version, Version.id == Run.version_id)
    .join(Definition, Definition.id == Version.definition_id)
    .outerjoin(Person, Person.id == Run.started_by)
)
_BY_IDS = _ROWS.where(Run.id.in_(bindparam("ids", expanding=True)))


def all_of_office(
    session: Session,
    who: Actor,
    now: datetime,
    state: RunState | None = None,
    before: int | None = None,
    size: int = PAGE,
) -> Page[RunRow]:
    """Runs of the office, newest first, in front of the run `before`; of one state, or of all."""
    query = _ROWS.where(Run.office_id == who.office_id).order_by(Run.id.desc()).limit(size + 1)
    if state is not None:
        query = query.where(Run.state == state)
    if before is not None:
        query = query.where(Run.id < before)
    found = session.execute(query).all()
    waiting = inbox.of_runs(session, who, [one.id for one in found], now)
    rows = [_row(one, waiting.get(one.id, ())) for one in found]
    return page(rows, [row.id for row in rows], size)


def sent_on(
    session: Session,
    who: Actor,
    now: datetime,
    text: str = "",
    definition: int | None = None,
    after: str = "",
    size: int = PAGE,
) -> KeyedPage[RunRow]:
    """Menunggu: live runs in which the person has finished a task, the one sent on last first."""
    found = words.found(session, who.office_id, text, Involvement.run_id, live=True)
    narrowed = [Involvement.person_id == who.id, *found.few]
    if definition is not None:
        narrowed.append(_of(definition))
    sent = paging.keyed(session, _LAST_SENT, [and_(*narrowed)], found.many, after, size)
    rows = {one.id: one for one in session.execute(_BY_IDS, {"ids": sent.rows})}
    waiting = inbox.of_runs(session, who, sent.rows, now)
    return sent.of(_row(rows[run_id], waiting.get(run_id, ())) for run_id in sent.rows)


_LAST_SENT = paging.Order(Involvement.run_id, Involvement.at, downwards=True)


def _of(definition: int) -> ColumnElement[bool]:
    """That what a person waits for is a run of an SOP."""
    versions = select(Version.id).where(Version.definition_id == definition)
    return select(Run.id).where(Run.id == Involvement.run_id, Run.version_id.in_(versions)).exists()


def one(session: Session, who: Actor, run_id: int, now: datetime) -> RunPage:
    """One run of the person's office; NotFound otherwise."""
    found = session.execute(
        _ROWS.add_columns(Version, Definition).where(Run.id == run_id, Run.office_id == who.office_id)
    ).one_or_none()
    if found is None:
        raise errors.NotFound
    process = definitions.process(session, found.Version)
    tasks = way.tasks(session, run_id)
    history = timeline.timeline(session, run_id)
    spells = {
        task.id: _spell(who, task, task.finished_at or now) for task in tasks if task.state is not TaskState.WITHDRAWN
    }
    return RunPage(
        row=_row(found, inbox.of_runs(session, who, [run_id], now).get(run_id, ())),
        number=found.Definition.number,
        version=found.Version.number,
        version_id=found.Version.id,
        definition_id=found.Definition.id,
        history=history,
        progress=progress.of(session, process, run_id, way.walked(process, tasks, history)),
        rounds=timeline.rounds(_timed(history, {task.id: spells[task.id] for task in tasks if task.state in DONE})),
        spells={task.id: spells[task.id] for task in tasks if task.state in UNFINISHED},
        spent=_sum(list(spells.values())),
    )


def _spell(who: Actor, task: Done, until: datetime) -> Spell:
    taken = task.claimed_at
    waiting = workdays.elapsed(task.created_at, taken or until, who.calendar)
    return Spell(waiting, workdays.elapsed(taken, until, who.calendar) if taken else None)


def _sum(spells: Sequence[Spell]) -> Spell:
    return Spell(
        sum((spell.waiting for spell in spells), timedelta()),
        sum((spell.working for spell in spells if spell.working is not None), timedelta()),
    )


def _timed(history: Sequence[Entry], spells: Mapping[int, Spell]) -> list[Entry]:
    """The history, with what each finished task took beside the act that finished it."""
    ends = {act.task_id: place for place, act in enumerate(history) if act.verb in ENDS}
    at = {ends[task]: spell for task, spell in spells.items() if task in ends}
    return [replace(act, spell=at.get(place)) for place, act in enumerate(history)]


def _row(found: Any, waiting: tuple[TaskRow, ...]) -> RunRow:
    return RunRow(
        id=found.id,
        subject=found.subject,
        agenda=found.agenda,
        sop=found.title,
        state=found.state,
        round=found.round,
        started_by=found.starter,
        started_at=found.started_at,
        finished_at=found.finished_at,
        waiting=waiting,
    )
