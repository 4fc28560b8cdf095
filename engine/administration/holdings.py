"""Who holds which jabatan from when to when, as definitif, Plt. or Plh.: what is unusual is shown, not forbidden."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from bpmn.wording import sentence
from engine import errors, offices
from engine.administration import handing, jabatan, record
from engine.administration.handing import Handed
from engine.administration.record import Kind
from engine.offices import Actor
from engine.states import Capacity
from engine.tables import Holding, Jabatan, Office, Person, Task
from engine.workdays import Calendar

DAY = timedelta(days=1)

LOOKED_BACK = timedelta(days=62)
"""So long after a holding is over its tasks are looked for: a worker was not away for longer."""

EARLIEST, LATEST = date(1950, 1, 1), date(2150, 12, 31)
"""A day outside of these is mistyped."""


@dataclass(frozen=True, slots=True)
class Term:
    """In what capacity, from when to when, both days included; without an end for good."""

    capacity: Capacity
    since: date
    until: date | None = None


def begin(session: Session, who: Actor, jabatan_id: int, person_id: int, term: Term, now: datetime) -> int:
    """Let somebody hold a jabatan; the id. NotFound, Invalid, Conflict where the person holds it then already."""
    held = jabatan.own(session, who, jabatan_id)
    person = _person(session, who, person_id)
    _check(term)
    _require_free(session, person, jabatan_id, term, None)
    holding = Holding(
        person_id=person_id, jabatan_id=jabatan_id, capacity=term.capacity, since=term.since, until=term.until
    )
    session.add(holding)
    session.flush()
    _note(session, who, Kind.HOLDING_ADD, person, held, None, term, now)
    return holding.id


def change(session: Session, who: Actor, holding_id: int, term: Term, now: datetime) -> Handed:
    """Set capacity and days of a holding. Where it no longer covers today, its tasks go back to all holders.

    Raises NotFound, Invalid, Conflict with another holding of the same person.
    """
    holding, person, held = own(session, who, holding_id)
    _check(term)
    before = Term(holding.capacity, holding.since, holding.until)
    if before == term:
        return Handed()
    _require_free(session, person, held.id, term, holding_id)
    holding.capacity, holding.since, holding.until = term.capacity, term.since, term.until
    session.flush()
    _note(session, who, Kind.HOLDING, person, held, before, term, now)
    return _let_go(session, who, person, held, None, now)


def remove(session: Session, who: Actor, holding_id: int, now: datetime) -> Handed:
    """Strike out a holding that was noted by mistake; its tasks go back to all holders. Raises NotFound."""
    holding, person, held = own(session, who, holding_id)
    before = Term(holding.capacity, holding.since, holding.until)
    session.delete(holding)
    session.flush()
    _note(session, who, Kind.HOLDING_REMOVE, person, held, before, None, now)
    return _let_go(session, who, person, held, None, now)


def succeed(session: Session, who: Actor, holding_id: int, person_id: int, term: Term, now: datetime) -> Handed:
    """Serah terima: the holding ends on the day before the term, which somebody else begins, in one act.

    Where that is today or before, the tasks go to the successor. Raises NotFound, Invalid, Conflict.
    """
    holding, person, held = own(session, who, holding_id)
    if person.id == person_id:
        raise errors.Invalid(sentence("Penerus harus orang lain."))
    if term.since <= holding.since:
        raise errors.Invalid(sentence("Serah terima harus sesudah hari pertama pejabat lama."))
    if holding.until is not None and holding.until < term.since - DAY:
        raise errors.Conflict(
            sentence("Pejabat lama sudah berakhir sebelum tanggal itu; tambahkan pemangku baru saja.")
        )
    before = Term(holding.capacity, holding.since, holding.until)
    holding.until = term.since - DAY
    session.flush()
    _note(session, who, Kind.HOLDING, person, held, before, Term(before.capacity, before.since, holding.until), now)
    begin(session, who, held.id, person_id, term, now)
    return _let_go(session, who, person, held, person_id if term.since <= who.calendar.day(now) else None, now)


def due(session: Session, now: datetime) -> datetime | None:
    """`now` where somebody has tasks of a jabatan whose holding is over, None otherwise."""
    return now if _over(session, now) else None


def sweep(session: Session, now: datetime, limit: int = 10) -> int:
    """Let tasks of at most `limit` holdings that are over go back to all holders; how many there were.

    A holding ends with the day of its office. Who holds the jabatan otherwise, or stands in for a holder, keeps them.
    """
    found = _over(session, now)[:limit]
    for person, held in found:
        which = and_(handing.of_person(person.id), Task.jabatan_id == held.id)
        handing.hand(session, offices.system(session, held.office_id, now), which, {}, _note_of(person, held), now)
    return len(found)


def _over(session: Session, now: datetime) -> list[tuple[Person, Jabatan]]:
    found = session.execute(
        select(Person, Jabatan, Holding.until, Office.timezone)
        .join(Holding, Holding.person_id == Person.id)
        .join(Jabatan, Jabatan.id == Holding.jabatan_id)
        .join(Office, Office.id == Jabatan.office_id)
        .where(
            Holding.until >= now.date() - LOOKED_BACK,
            Holding.until <= now.date() + DAY,
            exists().where(handing.of_person(Holding.person_id), Task.jabatan_id == Holding.jabatan_id),
        )
        .order_by(Holding.id)
    )
    over = {(person, held) for person, held, until, zone in found if until and until < Calendar(zone).day(now)}
    return sorted(
        ((person, held) for person, held in over if not _may(session, person, held, now)),
        key=lambda one: (one[0].id, one[1].id),
    )


def _may(session: Session, person: Person, held: Jabatan, now: datetime) -> bool:
    return person.active and held.id in offices.actor(session, person.id, now).held


def own(session: Session, who: Actor, holding_id: int) -> tuple[Holding, Person, Jabatan]:
    """A holding of the person's office, which is locked, with its person and jabatan. Raises NotAllowed, NotFound."""
    record.own(session, who)
    found = session.execute(
        select(Holding, Person, Jabatan)
        .join(Person, Person.id == Holding.person_id)
        .join(Jabatan, Jabatan.id == Holding.jabatan_id)
        .where(Holding.id == holding_id, Jabatan.office_id == who.office_id, Person.office_id == who.office_id)
    ).one_or_none()
    if found is None:
        raise errors.NotFound
    return found.Holding, found.Person, found.Jabatan


def overlapping(session: Session, person_id: int, jabatan_id: int, term: Term, itself: int | None) -> Holding | None:
    """The first other holding of the same jabatan by the same person that shares a day with a term."""
    query = select(Holding).where(
        Holding.person_id == person_id,
        Holding.jabatan_id == jabatan_id,
        or_(Holding.until.is_(None), Holding.until >= term.since),
    )
    if term.until is not None:
        query = query.where(Holding.since <= term.until)
    if itself is not None:
        query = query.where(Holding.id != itself)
    return session.scalars(query.order_by(Holding.since, Holding.id)).first()


def _let_go(session: Session, who: Actor, person: Person, held: Jabatan, to: int | None, now: datetime) -> Handed:
    """The tasks of somebody who does not hold a jabatan today any more, and of who stands in for the person."""
    today = who.calendar.day(now)
    if overlapping(session, person.id, held.id, Term(Capacity.DEFINITIF, today, today), None):
        return Handed()
    own = and_(handing.of_person(person.id), Task.jabatan_id == held.id)
    which = or_(own, handing.lent(person.id, [held.id], today))
    return handing.hand(session, who, which, {} if to is None else {held.id: to}, _note_of(person, held), now)


def _note_of(person: Person, held: Jabatan) -> str:
    """What the history of a run says of why a task went on."""
    return f"{person.name} tidak lagi memangku jabatan {held.name}."


def _person(session: Session, who: Actor, person_id: int) -> Person:
    person = session.get(Person, person_id)
    if person is None or person.office_id != who.office_id:
        raise errors.NotFound
    if not person.active:
        raise errors.Conflict(sentence("%(who)s sudah nonaktif; aktifkan dahulu.", who=person.name))
    return person


def _check(term: Term) -> None:
    if not EARLIEST <= term.since <= LATEST or (term.until is not None and term.until > LATEST):
        raise errors.Invalid(sentence("Tanggal itu tidak mungkin; periksa tahunnya."))
    if term.until is not None and term.until < term.since:
        raise errors.Invalid(sentence("Tanggal akhir tidak boleh sebelum tanggal mulai."))


def _require_free(session: Session, person: Person, jabatan_id: int, term: Term, itself: int | None) -> None:
    if overlapping(session, person.id, jabatan_id, term, itself) is not None:
        raise errors.Conflict(
            sentence("%(who)s sudah memangku jabatan ini pada sebagian tanggal itu.", who=person.name)
        )


def _note(
    session: Session,
    who: Actor,
    kind: Kind,
    person: Person,
    held: Jabatan,
    before: Term | None,
    after: Term | None,
    now: datetime,
) -> None:
    old = (before.capacity, before.since, before.until) if before else (None, None, None)
    new = (after.capacity, after.since, after.until) if after else (None, None, None)
    fields = list(zip(("capacity", "since", "until"), old, new, strict=True))
    record.note(session, who, who.office_id, kind, f"{person.name}: {held.name}", fields, now)
