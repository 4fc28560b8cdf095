"""Somebody leaves the office: tasks, jabatan, substitutions and tokens end in one act, of which all is shown before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from bpmn.wording import sentence
from engine import errors, log_ins, offices
from engine.administration import handing, people, record
from engine.administration.handing import Handed
from engine.administration.record import Kind
from engine.offices import Actor
from engine.states import Capacity
from engine.tables import Absence, Holding, Jabatan, Person, Run, Task, Token

DAY = timedelta(days=1)

_other = aliased(Person)


@dataclass(frozen=True, slots=True)
class Pile:
    """Tasks of a jabatan in the hands of the person, or of a substitute for the person, and who else acts for it today.

    Those are whom they may be given.
    """

    jabatan_id: int
    jabatan: str
    tasks: int
    receivers: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class HeldTerm:
    """A holding that is not over."""

    jabatan: str
    capacity: Capacity
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Away:
    """An absence that is not over: of the person, or of `person` for whom the person would step in."""

    person: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Leaving:
    """All that ends when a person is deactivated. `substituted` are the absences of others."""

    person_id: int
    name: str
    piles: tuple[Pile, ...]
    holdings: tuple[HeldTerm, ...]
    absences: tuple[Away, ...]
    substituted: tuple[Away, ...]
    tokens: int

    @property
    def mark(self) -> str:
        """Short and the same for the same state: by it one sees whether something else would end by now."""
        return sha256(repr(self).encode()).hexdigest()[:16]


def leaving(session: Session, who: Actor, person_id: int, now: datetime) -> Leaving:
    """What a deactivation would end. For administrators: NotAllowed, NotFound; Conflict where the person left."""
    office_id = who.office_id
    record.require(who)
    person = session.get(Person, person_id)
    if person is None or person.office_id != office_id:
        raise errors.NotFound
    if not person.active:
        raise errors.Conflict(sentence("%(who)s sudah nonaktif.", who=person.name))
    today = who.calendar.day(now)
    return Leaving(
        person_id=person_id,
        name=person.name,
        piles=_piles(session, who, person_id, today),
        holdings=tuple(
            HeldTerm(name, holding.capacity, holding.since, holding.until)
            for holding, name in session.execute(
                select(Holding, Jabatan.name)
                .join(Jabatan, Jabatan.id == Holding.jabatan_id)
                .where(Holding.person_id == person_id, or_(Holding.until.is_(None), Holding.until >= today))
                .order_by(Jabatan.name, Holding.since, Holding.id)
            )
        ),
        absences=_away(session, Absence.person_id == person_id, today),
        substituted=_away(session, Absence.substitute_id == person_id, today),
        tokens=session.scalars(
            select(func.count(Token.id)).where(
                Token.person_id == person_id,
                Token.revoked_at.is_(None),
                or_(Token.expires_at.is_(None), Token.expires_at > now),
            )
        ).one(),
    )


def deactivate(
    session: Session, who: Actor, person_id: int, receivers: Mapping[int, int], shown: str, now: datetime
) -> Handed:
    """Let somebody act no more, and end all that `leaving` tells; `receivers` are people by the jabatan of the tasks.

    `shown` is the mark of what was shown: OutcomeChanged where something else would end. Tasks for which no receiver
    is chosen, or that a rule keeps from the receiver, are open to their jabatan. Raises NotFound, Conflict for the last
    administrator and for oneself.
    """
    person = people.own(session, who, person_id)
    if person_id == who.id:
        raise errors.Conflict(sentence("Anda tidak dapat menonaktifkan diri sendiri; mintalah administrator lain."))
    people.require_another_administrator(session, person)
    found = leaving(session, who, person_id, now)
    if found.mark != shown:
        raise errors.OutcomeChanged
    note = f"{person.name} dinonaktifkan."
    handed = handing.hand(session, who, _of(session, person_id, who.calendar.day(now)), receivers, note, now)
    _end_holdings(session, person_id, who.calendar.day(now))
    _end_absences(session, person_id, who.calendar.day(now))
    session.execute(
        update(Token)
        .where(Token.person_id == person_id, Token.revoked_at.is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
    log_ins.end_all(session, person_id)
    person.active = False
    fields: list[record.Field] = [
        ("given", "", handed.given or None),
        ("opened", "", handed.opened or None),
        ("held", [one.jabatan for one in found.holdings], ""),
        ("tokens", found.tokens or None, ""),
    ]
    record.note(session, who, who.office_id, Kind.DEACTIVATE, person.name, fields, now)
    return handed


def _of(session: Session, person_id: int, today: date) -> ColumnElement[bool]:
    """The condition on tasks that wait for somebody, or for who stands in for the person."""
    held = select(Holding.jabatan_id).where(
        Holding.person_id == person_id, Holding.since <= today, or_(Holding.until.is_(None), Holding.until >= today)
    )
    return or_(handing.of_person(person_id), handing.lent(person_id, session.scalars(held).all(), today))


def _piles(session: Session, who: Actor, person_id: int, today: date) -> tuple[Pile, ...]:
    counted = session.execute(
        select(Jabatan.id, Jabatan.name, func.count(Task.id).label("tasks"))
        .join(Task, Task.jabatan_id == Jabatan.id)
        .join(Run, Run.id == Task.run_id)
        .where(_of(session, person_id, today), Run.office_id == who.office_id)
        .group_by(Jabatan.id, Jabatan.name)
        .order_by(Jabatan.name, Jabatan.id)
    ).all()
    active = session.execute(select(Person.id, Person.name).where(Person.office_id == who.office_id, Person.active))
    names = {one.id: one.name for one in active}
    return tuple(
        Pile(
            one.id,
            one.name,
            one.tasks,
            tuple((other, names[other]) for other in offices.holders(session, one.id, today) if other != person_id),
        )
        for one in counted
    )


def _away(session: Session, which: ColumnElement[bool], today: date) -> tuple[Away, ...]:
    found = session.execute(
        select(_other.name, Absence.since, Absence.until)
        .join(_other, _other.id == Absence.person_id)
        .where(which, Absence.until >= today)
        .order_by(Absence.since, Absence.id)
    )
    return tuple(Away(name, since, until) for name, since, until in found)


def _end_holdings(session: Session, person_id: int, today: date) -> None:
    """Holdings end yesterday; those that did not begin before today are no more."""
    for holding in session.scalars(
        select(Holding).where(Holding.person_id == person_id, or_(Holding.until.is_(None), Holding.until >= today))
    ):
        if holding.since >= today:
            session.delete(holding)
        else:
            holding.until = today - DAY
    session.flush()


def _end_absences(session: Session, person_id: int, today: date) -> None:
    """Nobody is away who is gone, and nobody who is gone steps in."""
    for absence in session.scalars(select(Absence).where(Absence.person_id == person_id, Absence.until >= today)):
        if absence.since >= today:
            session.delete(absence)
        else:
            absence.until, absence.routed_at = today - DAY, None
    session.execute(
        update(Absence)
        .where(Absence.substitute_id == person_id, Absence.until >= today)
        .values(substitute_id=None, routed_at=None)
        .execution_options(synchronize_session=False)
    )
    session.flush()
