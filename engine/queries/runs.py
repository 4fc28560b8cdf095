"""The runs of an office: the list, and one with its diagram's tokens and its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from engine import errors, words
from engine.offices import Actor
from engine.queries import inbox, paging
from engine.queries.inbox import TaskRow
from engine.queries.paging import PAGE, KeyedPage, Page, page
from engine.queries.timeline import NOBODY, Entry, timeline
from engine.states import RunState
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
    """One run in full; `progress.of_run` says how far it has come."""

    row: RunRow
    number: str
    version: int
    version_id: int
    definition_id: int
    history: tuple[Entry, ...]


def all_of_office(
    session: Session, who: Actor, now: datetime, state: RunState | None = None, before: int | None = None
) -> Page[RunRow]:
    """Runs of the office, newest first, in front of the run `before`; of one state, or of all."""
    query = _rows().where(Run.office_id == who.office_id).order_by(Run.id.desc()).limit(PAGE + 1)
    if state is not None:
        query = query.where(Run.state == state)
    if before is not None:
        query = query.where(Run.id < before)
    found = session.execute(query).all()
    waiting = inbox.of_runs(session, who, [one.id for one in found], now)
    rows = [_row(one, waiting.get(one.id, ())) for one in found]
    return page(rows, [row.id for row in rows])


def sent_on(
    session: Session, who: Actor, now: datetime, text: str = "", definition: int | None = None, after: str = ""
) -> KeyedPage[RunRow]:
    """Menunggu: live runs in which the person has finished a task, the one sent on last first."""
    found = words.found(session, who.office_id, text, Involvement.run_id, live=True)
    narrowed = [Involvement.person_id == who.id, *found.few]
    if definition is not None:
        narrowed.append(_of(definition))
    sent = paging.keyed(session, _LAST_SENT, [and_(*narrowed)], found.many, after)
    rows = {one.id: one for one in session.execute(_rows().where(Run.id.in_(sent.rows)))}
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
        _rows()
        .add_columns(Version.id.label("version_id"), Version.number.label("version"), Definition)
        .where(Run.id == run_id, Run.office_id == who.office_id)
    ).one_or_none()
    if found is None:
        raise errors.NotFound
    return RunPage(
        row=_row(found, inbox.of_runs(session, who, [run_id], now).get(run_id, ())),
        number=found.Definition.number,
        version=found.version,
        version_id=found.version_id,
        definition_id=found.Definition.id,
        history=timeline(session, run_id),
    )


def _rows() -> Select[*tuple[Any, ...]]:
    return (
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
