"""Who is away, what waits for them, and to whom work can go instead."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select, union
from sqlalchemy.orm import Session, aliased

from engine import guards, rules
from engine.offices import Actor
from engine.states import UNFINISHED, Capacity, Right, TaskState
from engine.tables import Absence, Holding, Jabatan, Person, Run, Task

SOON = timedelta(days=31)
"""How far ahead managers see who will be away."""

_substitute, _noter = aliased(Person), aliased(Person)


@dataclass(frozen=True, slots=True)
class AwayRow:
    """Somebody who is away from a day to a day, both included, as managers see it.

    `substitute` is None where nobody steps in; `substitute_away`: that person is away on some of the days, too.
    `tasks` counts what has nobody to do it today: the person's own tasks, where there is no substitute.
    """

    id: int
    person_id: int
    person: str
    jabatan: tuple[str, ...]
    since: date
    until: date
    substitute: str | None
    substitute_away: bool
    note: str
    noted_by: str
    tasks: int


@dataclass(frozen=True, slots=True)
class Unattended:
    """A jabatan with open tasks whose holders are all away today, and nobody acts for any of them."""

    jabatan: str
    tasks: int


@dataclass(frozen=True, slots=True)
class OfficeAway:
    """Who is away today and who will be within SOON, by the first day; and which jabatan have nobody today."""

    today: tuple[AwayRow, ...]
    soon: tuple[AwayRow, ...]
    unattended: tuple[Unattended, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """Somebody for whom a task waits and who is away until a day, that day included."""

    person: str
    until: date
    substitute: str | None


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who may be given a task."""

    id: int
    name: str
    capacity: Capacity


# -- for managers -----------------------------------------------------------------------------------------------------


def of_office(session: Session, who: Actor, now: datetime) -> OfficeAway:
    """Who is away from the office. For managers: NotAllowed without that right. Four statements."""
    who.require(Right.MANAGER)
    today = who.calendar.day(now)
    found = session.execute(
        select(Absence, Person.name, _substitute, _noter.name)
        .join(Person, Person.id == Absence.person_id)
        .join(_noter, _noter.id == Absence.noted_by)
        .outerjoin(_substitute, and_(_substitute.id == Absence.substitute_id, _substitute.active))
        .where(
            Person.office_id == who.office_id,
            Person.active,
            Absence.until >= today,
            Absence.since <= today + SOON,
        )
        .order_by(Absence.since, Absence.id)
    ).all()
    absences = [absence for absence, *_ in found]
    begun = {absence.person_id: substitute for absence, _, substitute, _ in found if absence.since <= today}
    alone = {person for person, substitute in begun.items() if substitute is None or substitute.id in begun}
    held = _held(session, {absence.person_id for absence in absences}, today)
    in_hand = _in_hand(session, alone)
    rows = [
        AwayRow(
            id=absence.id,
            person_id=absence.person_id,
            person=person,
            jabatan=tuple(held.get(absence.person_id, ())),
            since=absence.since,
            until=absence.until,
            substitute=substitute.name if substitute else None,
            substitute_away=any(_substitutes(other, absence) for other in absences),
            note=absence.note,
            noted_by=noter,
            tasks=in_hand.get(absence.person_id, 0) if absence.since <= today else 0,
        )
        for absence, person, substitute, noter in found
    ]
    return OfficeAway(
        today=tuple(row for row in rows if row.since <= today),
        soon=tuple(row for row in rows if row.since > today),
        unattended=_unattended(session, who, alone, today),
    )


def _substitutes(other: Absence, absence: Absence) -> bool:
    """Whether the other absence is one of this one's substitute, on some of its days."""
    return other.person_id == absence.substitute_id and other.since <= absence.until and other.until >= absence.since


def _held(session: Session, people: Collection[int], today: date) -> dict[int, list[str]]:
    """The names of the jabatan that each of these people holds today."""
    found = session.execute(
        select(Holding.person_id, Jabatan.name)
        .join(Jabatan, Jabatan.id == Holding.jabatan_id)
        .where(Holding.person_id.in_(people), *_on(today))
        .order_by(Holding.id)
    )
    held: dict[int, list[str]] = {}
    for person, jabatan in found:
        held.setdefault(person, []).append(jabatan)
    return held


def _in_hand(session: Session, people: Collection[int]) -> dict[int, int]:
    """How many unfinished tasks each of these people has claimed, or is the only one who may."""
    claimed = select(Task.claimed_by.label("person"), Task.id).where(
        Task.claimed_by.in_(people), Task.state == TaskState.CLAIMED
    )
    reserved = (
        select(Task.reserved_for.label("person"), Task.id)
        .join(Holding, and_(Holding.jabatan_id == Task.jabatan_id, Holding.person_id == Task.reserved_for))
        .where(Holding.person_id.in_(people), Task.state == TaskState.OPEN)
    )
    waiting = union(claimed, reserved).subquery()
    found = session.execute(select(waiting.c.person, func.count()).group_by(waiting.c.person))
    return {who: count for who, count in found}  # noqa: C416 - rows are not pairs to a type checker


def _unattended(session: Session, who: Actor, alone: Collection[int], today: date) -> tuple[Unattended, ...]:
    """The jabatan held today by people who are away without a substitute and by nobody else, with their open tasks."""
    others = aliased(Holding)
    present = (
        select(others.id)
        .join(Person, Person.id == others.person_id)
        .where(
            others.jabatan_id == Jabatan.id,
            others.person_id.not_in(alone),
            others.since <= today,
            or_(others.until.is_(None), others.until >= today),
            Person.active,
        )
    )
    found = session.execute(
        select(Jabatan.name, func.count())
        .join(Task, Task.jabatan_id == Jabatan.id)
        .where(
            Jabatan.office_id == who.office_id,
            Jabatan.id.in_(select(Holding.jabatan_id).where(Holding.person_id.in_(alone), *_on(today))),
            ~present.exists(),
            Task.state == TaskState.OPEN,
            Task.reserved_for.is_(None),
        )
        .group_by(Jabatan.id, Jabatan.name)
        .order_by(Jabatan.name)
    )
    return tuple(Unattended(jabatan, count) for jabatan, count in found)


# -- beside who is waited for -----------------------------------------------------------------------------------------


def missing(session: Session, who: Actor, run_id: int, now: datetime) -> dict[int, tuple[Missing, ...]]:
    """For each unfinished task of a run that waits only for people who are away today: these people.

    That is whoever has claimed it or is the only one who may, else all holders of its jabatan. One statement.
    """
    today = who.calendar.day(now)
    found = session.execute(
        _holders(today)
        .add_columns(Task.id.label("task"))
        .join(Task, Task.jabatan_id == Holding.jabatan_id)
        .join(Run, Run.id == Task.run_id)
        .where(
            Task.run_id == run_id,
            Run.office_id == who.office_id,
            Task.state.in_(UNFINISHED),
            or_(
                func.coalesce(Task.claimed_by, Task.reserved_for).is_(None),
                func.coalesce(Task.claimed_by, Task.reserved_for) == Person.id,
            ),
        )
    ).all()
    present = {row.task for row in found if row.until is None}
    away: dict[int, tuple[Missing, ...]] = {}
    for row in found:
        if row.task not in present:
            away[row.task] = (*away.get(row.task, ()), Missing(row.name, row.until, row.substitute))
    return away


# -- to whom a task can be given --------------------------------------------------------------------------------------


def receivers(session: Session, who: Actor, task_id: int, now: datetime) -> tuple[Receiver, ...]:
    """To whom the person could hand over a task: others who act for its jabatan today and whom no rule keeps from it.

    By name. NotFound for a task of another office.
    """
    task, today = guards.own(session, who, task_id), who.calendar.day(now)
    names, holders = _acting(session.execute(_holders(today).where(Holding.jabatan_id == task.jabatan_id)))
    holders.pop(who.id, None)
    if not holders:
        return ()
    process = guards.process(session, task)
    guards.require_step(process, task)
    may = rules.allowed(session, holders, task, process)
    return tuple(sorted((Receiver(one, names[one], holders[one]) for one in may), key=lambda one: one.name))


def acting(session: Session, who: Actor, jabatan: Collection[int], now: datetime) -> dict[int, tuple[Receiver, ...]]:
    """Who acts today for each of these jabatan of the office, by name: who could be given its tasks. One statement."""
    found = session.execute(
        _holders(who.calendar.day(now))
        .join(Jabatan, Jabatan.id == Holding.jabatan_id)
        .add_columns(Holding.jabatan_id)
        .where(Holding.jabatan_id.in_(jabatan), Jabatan.office_id == who.office_id)
    ).all()
    people: dict[int, tuple[Receiver, ...]] = {}
    for one in jabatan:
        names, capacities = _acting(row for row in found if row.jabatan_id == one)
        receivers = (Receiver(person, names[person], capacity) for person, capacity in capacities.items())
        people[one] = tuple(sorted(receivers, key=lambda receiver: receiver.name))
    return people


def _acting(holders: Iterable[Any]) -> tuple[dict[int, str], dict[int, Capacity]]:
    """Names and capacities of those who act: holders who are there, and substitutes of those who are not."""
    names: dict[int, str] = {}
    capacities: dict[int, Capacity] = {}
    for row in holders:
        if row.until is None:
            names[row.id], capacities[row.id] = row.name, row.capacity
        elif row.substitute_id is not None:
            names[row.substitute_id] = row.substitute
            capacities.setdefault(row.substitute_id, Capacity.PLH)
    return names, capacities


def _holders(today: date) -> Select[*tuple[Any, ...]]:
    """The active holders of jabatan on a day, each with the day until which the person is away, and who steps in.

    A substitute who is away as well does not step in.
    """
    also = aliased(Absence)
    there = ~exists().where(also.person_id == _substitute.id, also.since <= today, also.until >= today)
    return (
        select(
            Person.id,
            Person.name,
            Holding.capacity,
            Absence.until,
            _substitute.id.label("substitute_id"),
            _substitute.name.label("substitute"),
        )
        .select_from(Holding)
        .join(Person, and_(Person.id == Holding.person_id, Person.active))
        .outerjoin(Absence, and_(Absence.person_id == Person.id, Absence.since <= today, Absence.until >= today))
        .outerjoin(_substitute, and_(_substitute.id == Absence.substitute_id, _substitute.active, there))
        .where(*_on(today))
        .order_by(Holding.id)
    )


def _on(day: date) -> tuple[Any, ...]:
    """Conditions on Holding: it covers a day."""
    return (Holding.since <= day, or_(Holding.until.is_(None), Holding.until >= day))
