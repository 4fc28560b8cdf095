"""Acts on many runs: what was done, what a manager chooses from before, and what somebody who leaves holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, undefer

from engine import batches, errors
from engine.batches import Outcome, Wish
from engine.offices import Actor
from engine.queries import absences
from engine.queries.absences import Receiver
from engine.queries.paging import PAGE, Page, page
from engine.states import LIVE, Right, RunState, TaskState, Verb
from engine.tables import Batch, Definition, Holding, Jabatan, Person, Run, Task, Version


@dataclass(frozen=True, slots=True)
class BatchRow:
    """An act on many: what was done with how many runs, by whom and when; `refused` counts those left as they were."""

    id: int
    verb: Verb
    note: str
    done_by: str
    done_at: datetime
    done: int
    refused: int


@dataclass(frozen=True, slots=True)
class BatchPage:
    """One act on many in full. `suspended` are the runs that it suspended and that still are."""

    row: BatchRow
    outcomes: tuple[Outcome, ...]
    suspended: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """To whom the chosen tasks of a jabatan could be given: who acts for it today and does not have all of them."""

    jabatan_id: int
    jabatan: str
    tasks: int
    people: tuple[Receiver, ...]


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody of the office and how many tasks the person has claimed."""

    id: int
    name: str
    tasks: int


@dataclass(frozen=True, slots=True)
class Alone:
    """A jabatan with so many tasks waiting to be claimed, which a person holds today and for which nobody else acts."""

    jabatan: str
    tasks: int


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody whose tasks are to be handed over: in which runs they are, and what would stay with nobody."""

    id: int
    name: str
    runs: tuple[int, ...]
    alone: tuple[Alone, ...]


# -- what was done ----------------------------------------------------------------------------------------------------


def done(session: Session, who: Actor, before: int | None = None) -> Page[BatchRow]:
    """The acts on many of the office, newest first, in front of the act `before`. For managers."""
    who.require(Right.MANAGER)
    query = _rows(who).order_by(Batch.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(Batch.id < before)
    rows = [_row(batch, name) for batch, name in session.execute(query)]
    return page(rows, [row.id for row in rows])


def one(session: Session, who: Actor, batch_id: int) -> BatchPage:
    """One act on many with what became of each run, in the order chosen. For managers; NotFound in other offices."""
    who.require(Right.MANAGER)
    query = _rows(who).where(Batch.id == batch_id).options(undefer(Batch.outcome))
    found = session.execute(query).one_or_none()
    if found is None:
        raise errors.NotFound
    batch, name = found
    known = _runs(session, [one["run"] for one in batch.outcome])
    outcomes = tuple(_outcome(one, known[one["run"]]) for one in batch.outcome)
    suspended = tuple(
        one.run_id
        for one in outcomes
        if batch.verb is Verb.SUSPEND and one.done and known[one.run_id].state is RunState.SUSPENDED
    )
    return BatchPage(_row(batch, name), outcomes, suspended)


def _rows(who: Actor) -> Select[*tuple[Any, ...]]:
    return select(Batch, Person.name).join(Person, Person.id == Batch.done_by).where(Batch.office_id == who.office_id)


def _row(batch: Batch, name: str) -> BatchRow:
    return BatchRow(batch.id, batch.verb, batch.note, name, batch.done_at, batch.done, batch.refused)


def _runs(session: Session, ids: list[int]) -> dict[int, Any]:
    found = session.execute(
        select(Run.id, Run.subject, Run.agenda, Run.state, Definition.title)
        .join(Version, Version.id == Run.version_id)
        .join(Definition, Definition.id == Version.definition_id)
        .where(Run.id.in_(ids))
    )
    return {run.id: run for run in found.all()}


def _outcome(kept: Mapping[str, Any], run: Any) -> Outcome:
    return Outcome(
        run.id, run.subject, run.agenda, run.title, batches.parts(kept["parts"]), called=tuple(kept["called"])
    )


# -- what is chosen before --------------------------------------------------------------------------------------------


def choices(session: Session, who: Actor, wish: Wish, now: datetime) -> tuple[Choice, ...]:
    """For each jabatan with tasks that a wish is about, by name: to whom they could be given. For managers.

    Rules of a step that keep somebody from it are not asked here: `batches.trial` tells them. Two statements.
    """
    who.require(Right.MANAGER)
    by_jabatan: dict[int, list[Any]] = {}
    for tasks in batches.waiting(session, who, wish).values():
        for task in tasks:
            by_jabatan.setdefault(task.jabatan_id, []).append(task)
    people = absences.acting(session, who, by_jabatan, now)
    found = [
        Choice(
            jabatan_id=jabatan,
            jabatan=tasks[0].jabatan,
            tasks=len(tasks),
            people=tuple(
                person
                for person in people[jabatan]
                if person.id != wish.leaver and any(task.claimed_by != person.id for task in tasks)
            ),
        )
        for jabatan, tasks in by_jabatan.items()
    ]
    return tuple(sorted(found, key=lambda choice: choice.jabatan))


def claimers(session: Session, who: Actor, wish: Wish) -> tuple[int, ...]:
    """Ids of those who have claimed tasks in the chosen runs, each once. For managers."""
    who.require(Right.MANAGER)
    found = batches.waiting(session, who, wish).values()
    return tuple(dict.fromkeys(task.claimed_by for tasks in found for task in tasks if task.claimed_by is not None))


def busy(session: Session, who: Actor) -> tuple[Busy, ...]:
    """Who of the office has claimed tasks, by name, those who are no longer active among them. For managers."""
    who.require(Right.MANAGER)
    # For each person by an index of what is claimed, so that it does not grow with what was finished.
    tasks = (
        select(func.count())
        .select_from(Task)
        .where(Task.claimed_by == Person.id, Task.state == TaskState.CLAIMED)
        .correlate(Person)
        .scalar_subquery()
    )
    found = session.execute(
        select(Person.id, Person.name, tasks.label("tasks"))
        .where(Person.office_id == who.office_id)
        .order_by(Person.name, Person.id)
    )
    return tuple(Busy(one.id, one.name, one.tasks) for one in found if one.tasks)


def leaver(session: Session, who: Actor, person_id: int, now: datetime) -> Leaver:
    """Somebody of the office as one who hands everything over. For managers; NotFound in other offices."""
    who.require(Right.MANAGER)
    name = session.scalar(select(Person.name).where(Person.id == person_id, Person.office_id == who.office_id))
    if name is None:
        raise errors.NotFound
    runs = batches.runs_of(session, who, person_id)
    return Leaver(person_id, name, tuple(runs), _alone(session, who, person_id, now))


def _alone(session: Session, who: Actor, person_id: int, now: datetime) -> tuple[Alone, ...]:
    today = who.calendar.day(now)
    held = session.scalars(
        select(Holding.jabatan_id).where(
            Holding.person_id == person_id,
            Holding.since <= today,
            or_(Holding.until.is_(None), Holding.until >= today),
        )
    ).all()
    acting = absences.acting(session, who, held, now)
    lonely = [jabatan for jabatan in held if all(one.id == person_id for one in acting[jabatan])]
    found = session.execute(
        select(Jabatan.name, func.count())
        .join(Task, and_(Task.jabatan_id == Jabatan.id, Task.state == TaskState.OPEN, Task.reserved_for.is_(None)))
        .join(Run, Run.id == Task.run_id)
        .where(Jabatan.id.in_(lonely), Run.state.in_(LIVE))
        .group_by(Jabatan.id, Jabatan.name)
        .order_by(Jabatan.name)
    )
    return tuple(Alone(name, count) for name, count in found)
