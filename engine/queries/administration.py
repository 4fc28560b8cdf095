"""What administrators look at: the office, its jabatan with who holds them, its people, and what was changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from bpmn.wording import Sentence
from engine import errors
from engine.administration import jabatan as acts
from engine.administration import record
from engine.administration.office import shown
from engine.administration.record import Kind
from engine.offices import Actor
from engine.queries.paging import PAGE, Page, page
from engine.states import Capacity, Right
from engine.tables import AdminChange, Definition, Holding, Jabatan, JabatanAlias, Office, Person
from engine.workdays import calendar_from, national_holidays

DAY = timedelta(days=1)

AHEAD = timedelta(days=365)
"""So far ahead the days off are shown."""

HEAD = 50
"""From this rank on a jabatan is a head's (Kasubag, Lurah, Camat), and is held by one person at a time."""

SEARCH_LIMIT = 200
"""Characters of what people are searched for."""


@dataclass(frozen=True, slots=True)
class Checklist:
    """How far an office is set up. `unheld` counts jabatan that nobody holds today, `idle` people who hold none."""

    jabatan: int
    unheld: int
    people: int
    idle: int
    administrators: int
    analysts: int
    sops: int
    published: int


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day of the coming year that is not as the week has it.

    `name` is that of a national day off; `own` and `working` say that the office set it, and whether it works then.
    """

    day: date
    name: str
    own: bool
    working: bool


@dataclass(frozen=True, slots=True)
class OfficePage:
    """An office as it is set; hours as they are typed, seven texts from Monday."""

    name: str
    timezone: str
    week: tuple[str, ...]
    ramadan: tuple[str, ...]
    joint_leave: bool
    days: tuple[DayOff, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A holding: by whom, as what, from when to when; `active` is whether the person is."""

    id: int
    person_id: int
    person: str
    active: bool
    capacity: Capacity
    since: date
    until: date | None

    def covers(self, day: date) -> bool:
        """Whether it lasts on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody holds a jabatan from a day to a day, both included; without an end, until somebody is appointed."""

    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two hold a jabatan of one head at the same time, from a day to a day, and neither as Plh."""

    one: str
    other: str
    since: date
    until: date | None
    acting: bool
    """Whether one of them is Plt., which is for a vacancy."""


@dataclass(frozen=True, slots=True)
class JabatanRow:
    """A jabatan in a list, with who holds it today and what is odd about today and the time to come."""

    id: int
    name: str
    rank: int
    holders: tuple[Held, ...]
    gaps: tuple[Gap, ...]
    overlaps: tuple[Overlap, ...]


@dataclass(frozen=True, slots=True)
class JabatanPage:
    """A jabatan in full; `aliases` with their ids, holdings from the newest on; `bound` says why it cannot go."""

    row: JabatanRow
    aliases: tuple[tuple[int, str], ...]
    holdings: tuple[Held, ...]
    gaps: tuple[Gap, ...]
    overlaps: tuple[Overlap, ...]
    bound: Sentence | None


@dataclass(frozen=True, slots=True)
class HeldJabatan:
    """A holding as the person's page tells it."""

    id: int
    jabatan_id: int
    jabatan: str
    capacity: Capacity
    since: date
    until: date | None
    now: bool


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody of the office, and what the person holds today."""

    id: int
    name: str
    username: str
    email: str
    active: bool
    rights: tuple[Right, ...]
    held: tuple[HeldJabatan, ...]


@dataclass(frozen=True, slots=True)
class People:
    """A page of people by name, counted from 1; `more` says whether there is another."""

    rows: tuple[PersonRow, ...]
    number: int
    more: bool


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """Something that was changed; `person` is None where it was on the command line."""

    id: int
    at: datetime
    person: str | None
    kind: Kind
    about: str
    fields: tuple[tuple[str, str, str], ...]


# -- the office -------------------------------------------------------------------------------------------------------


def checklist(session: Session, who: Actor, now: datetime) -> Checklist:
    """How far the person's office is set up. For administrators."""
    record.require(who)
    today = who.calendar.day(now)
    held = session.execute(
        select(Holding.jabatan_id, Holding.person_id)
        .join(Person, Person.id == Holding.person_id)
        .where(Person.office_id == who.office_id, Person.active, _lasts(today))
    ).all()
    active = session.execute(select(Person.id, Person.rights).where(Person.office_id == who.office_id, Person.active))
    rights = {one.id: one.rights for one in active}
    jabatan = set(session.scalars(select(Jabatan.id).where(Jabatan.office_id == who.office_id)))
    published = session.scalars(
        select(Definition.published).where(Definition.office_id == who.office_id, Definition.retired_at.is_(None))
    ).all()
    return Checklist(
        jabatan=len(jabatan),
        unheld=len(jabatan - {one.jabatan_id for one in held}),
        people=len(rights),
        idle=len({person for person, has in rights.items() if not has} - {one.person_id for one in held}),
        administrators=sum(Right.ADMINISTRATOR in has for has in rights.values()),
        analysts=sum(Right.ANALYST in has or Right.ADMINISTRATOR in has for has in rights.values()),
        sops=len(published),
        published=sum(number is not None for number in published),
    )


def office(session: Session, who: Actor, now: datetime) -> OfficePage:
    """The person's office with the days off of the coming year. For administrators."""
    record.require(who)
    found = session.get_one(Office, who.office_id)
    calendar = calendar_from(found.calendar, found.timezone)
    today = calendar.day(now)
    national = national_holidays(today, today + AHEAD, joint_leave=calendar.joint_leave)
    own = {day for day in calendar.closed | calendar.opened if day >= today}
    days = [
        DayOff(day, national.get(day, ""), day in own, working=day in calendar.opened)
        for day in sorted({*national, *own})
    ]
    return OfficePage(
        name=found.name,
        timezone=found.timezone,
        week=tuple(shown(day) for day in calendar.week),
        ramadan=tuple(shown(day) for day in calendar.ramadan),
        joint_leave=calendar.joint_leave,
        days=tuple(days),
    )


# -- jabatan and who holds them ---------------------------------------------------------------------------------------


def all_jabatan(session: Session, who: Actor, now: datetime) -> tuple[JabatanRow, ...]:
    """The jabatan of the office, the highest first. For administrators; two statements."""
    record.require(who)
    held: dict[int, list[Held]] = {}
    for jabatan_id, one in _holdings(session, Jabatan.office_id == who.office_id):
        held.setdefault(jabatan_id, []).append(one)
    found = session.scalars(
        select(Jabatan)
        .where(Jabatan.office_id == who.office_id)
        .order_by(Jabatan.rank.desc(), Jabatan.name, Jabatan.id)
    )
    today = who.calendar.day(now)
    return tuple(_row(jabatan, held.get(jabatan.id, []), today) for jabatan in found)


def jabatan(session: Session, who: Actor, jabatan_id: int, now: datetime) -> JabatanPage:
    """One jabatan in full. For administrators; NotFound in other offices."""
    record.require(who)
    found = session.scalar(select(Jabatan).where(Jabatan.id == jabatan_id, Jabatan.office_id == who.office_id))
    if found is None:
        raise errors.NotFound
    held = [one for _, one in _holdings(session, Jabatan.id == jabatan_id)]
    aliases = session.execute(
        select(JabatanAlias.id, JabatanAlias.name)
        .where(JabatanAlias.jabatan_id == jabatan_id)
        .order_by(JabatanAlias.name, JabatanAlias.id)
    )
    return JabatanPage(
        row=_row(found, held, who.calendar.day(now)),
        aliases=tuple((one.id, one.name) for one in aliases),
        holdings=tuple(reversed(held)),
        gaps=gaps(held, who.calendar.day(now)),
        overlaps=overlaps(held) if found.rank >= HEAD else (),
        bound=acts.bound(session, who, jabatan_id),
    )


def gaps(held: Sequence[Held], today: date) -> tuple[Gap, ...]:
    """Between the first day on which anybody held a jabatan and today, or beyond: when nobody does."""
    found = []
    covered: date | None = None
    for one in sorted(held, key=lambda one: (one.since, one.id)):
        if covered is not None and one.since > covered + DAY:
            found.append(Gap(covered + DAY, one.since - DAY))
        if one.until is None:
            return tuple(found)
        covered = one.until if covered is None else max(covered, one.until)
    if covered is not None:
        found.append(Gap(covered + DAY, None))
    return tuple(gap for gap in found if gap.until is not None or gap.since <= today + AHEAD)


def overlaps(held: Sequence[Held]) -> tuple[Overlap, ...]:
    """When two hold a jabatan at once. Somebody who is there as Plh. stands in for the other, and is none of them."""
    firm = [one for one in sorted(held, key=lambda one: (one.since, one.id)) if one.capacity is not Capacity.PLH]
    found = []
    for place, one in enumerate(firm):
        for other in firm[place + 1 :]:
            if one.until is None or other.since <= one.until:
                ends = [end for end in (one.until, other.until) if end is not None]
                acting = Capacity.PLT in (one.capacity, other.capacity)
                found.append(Overlap(one.person, other.person, other.since, min(ends, default=None), acting))
    return tuple(found)


def _row(jabatan: Jabatan, held: Sequence[Held], today: date) -> JabatanRow:
    coming = [gap for gap in gaps(held, today) if gap.until is None or gap.until >= today]
    double = [one for one in overlaps(held) if one.until is None or one.until >= today]
    return JabatanRow(
        id=jabatan.id,
        name=jabatan.name,
        rank=jabatan.rank,
        holders=tuple(one for one in held if one.covers(today) and one.active),
        gaps=tuple(coming),
        overlaps=tuple(double) if jabatan.rank >= HEAD else (),
    )


def _holdings(session: Session, which: ColumnElement[bool]) -> list[tuple[int, Held]]:
    """Holdings by their first day, each with the id of its jabatan."""
    found = session.execute(
        select(Holding, Person)
        .join(Person, Person.id == Holding.person_id)
        .join(Jabatan, Jabatan.id == Holding.jabatan_id)
        .where(which)
        .order_by(Holding.since, Holding.id)
    )
    return [
        (
            holding.jabatan_id,
            Held(
                holding.id,
                person.id,
                person.name,
                person.active,
                holding.capacity,
                holding.since,
                holding.until,
            ),
        )
        for holding, person in found
    ]


def _lasts(day: date) -> ColumnElement[bool]:
    return (Holding.since <= day) & or_(Holding.until.is_(None), Holding.until >= day)


# -- people -----------------------------------------------------------------------------------------------------------


def people(
    session: Session, who: Actor, now: datetime, sought: str = "", *, active: bool = True, number: int = 1
) -> People:
    """The active people of the office, or those who left, by name: all, or those whose name or user name has a text.

    For administrators. Two statements.
    """
    record.require(who)
    query = select(Person).where(Person.office_id == who.office_id, Person.active.is_(active))
    text = " ".join(sought.lower().split())[:SEARCH_LIMIT]
    if text:
        query = query.where(
            or_(
                func.lower(Person.name).contains(text, autoescape=True), Person.username.contains(text, autoescape=True)
            )
        )
    number = max(1, number)
    found = session.scalars(query.order_by(Person.name, Person.id).limit(PAGE + 1).offset((number - 1) * PAGE)).all()
    held = _held(session, [one.id for one in found], who.calendar.day(now))
    rows = tuple(_person(one, [term for term in held.get(one.id, ()) if term.now]) for one in found[:PAGE])
    return People(rows, number, more=len(found) > PAGE)


def person(session: Session, who: Actor, person_id: int, now: datetime) -> PersonRow:
    """Somebody of the office with all that the person holds and held, newest first. For administrators; NotFound."""
    record.require(who)
    found = session.scalar(select(Person).where(Person.id == person_id, Person.office_id == who.office_id))
    if found is None:
        raise errors.NotFound
    held = _held(session, [person_id], who.calendar.day(now)).get(person_id, [])
    return _person(found, held)


def choices(session: Session, who: Actor) -> tuple[tuple[int, str], ...]:
    """Ids and names of the active people of the office, by name: whom to appoint. For administrators."""
    record.require(who)
    found = session.execute(
        select(Person.id, Person.name)
        .where(Person.office_id == who.office_id, Person.active)
        .order_by(Person.name, Person.id)
    )
    return tuple((one.id, one.name) for one in found)


def _person(one: Person, held: Iterable[HeldJabatan]) -> PersonRow:
    rights = tuple(right for right in Right if right in one.rights)
    return PersonRow(one.id, one.name, one.username, one.email, one.active, rights, tuple(held))


def _held(session: Session, ids: Sequence[int], today: date) -> Mapping[int, list[HeldJabatan]]:
    found: dict[int, list[HeldJabatan]] = {}
    rows: Iterable[Any] = session.execute(
        select(Holding, Jabatan.name)
        .join(Jabatan, Jabatan.id == Holding.jabatan_id)
        .where(Holding.person_id.in_(ids))
        .order_by(Holding.since.desc(), Holding.id.desc())
    )
    for held, name in rows:
        now = held.since <= today and (held.until is None or today <= held.until)
        term = HeldJabatan(held.id, held.jabatan_id, name, held.capacity, held.since, held.until, now)
        found.setdefault(held.person_id, []).append(term)
    return found


# -- what was changed -------------------------------------------------------------------------------------------------


def changes(session: Session, who: Actor, before: int | None = None) -> Page[ChangeRow]:
    """What was changed in the office, newest first, in front of the change `before`. For administrators."""
    record.require(who)
    query = (
        select(AdminChange, Person.name)
        .outerjoin(Person, Person.id == AdminChange.person_id)
        .where(AdminChange.office_id == who.office_id)
        .order_by(AdminChange.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(AdminChange.id < before)
    rows = [
        ChangeRow(
            one.id, one.at, name, Kind(one.kind), one.about, tuple((field, old, new) for field, old, new in one.fields)
        )
        for one, name in session.execute(query)
    ]
    return page(rows, [row.id for row in rows])
