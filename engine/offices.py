"""Offices, jabatan and people: who somebody is, and what the person may do today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn import jabatan as positions
from bpmn.wording import sentence
from engine import errors
from engine.states import Capacity, Right
from engine.tables import Holding, Jabatan, Office, Person
from engine.workdays import Calendar, calendar_from

_passwords = PasswordHasher()
_NOBODY = _passwords.hash("nobody")
"""Verified against where there is no such person, so that a wrong name takes as long as a wrong password."""


@dataclass(frozen=True, slots=True)
class Held:
    """A jabatan that a person holds today."""

    jabatan_id: int
    name: str
    capacity: Capacity


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at the moment of an act, with the jabatan held and the rights."""

    id: int
    name: str
    office_id: int
    office: str
    calendar: Calendar
    rights: frozenset[Right]
    held: Mapping[int, Held]

    def may(self, right: Right) -> bool:
        """Whether the person has a right; administrators have them all."""
        return right in self.rights or Right.ADMINISTRATOR in self.rights

    def require(self, right: Right) -> None:
        """Raise NotAllowed without the right."""
        if not self.may(right):
            raise errors.NotAllowed(sentence("Anda tidak berwenang melakukan ini. Hubungi administrator kantor Anda."))


def actor(session: Session, person_id: int, now: datetime) -> Actor:
    """The person with what holds at `now`, in one statement. NotFound for somebody unknown or no longer active."""
    rows = session.execute(
        select(Person, Office, Holding, Jabatan.name)
        .join(Office, Office.id == Person.office_id)
        .outerjoin(Holding, Holding.person_id == Person.id)
        .outerjoin(Jabatan, Jabatan.id == Holding.jabatan_id)
        .where(Person.id == person_id, Person.active)
        .order_by(Holding.id)
    ).all()
    if not rows:
        raise errors.NotFound
    person, office, *_ = rows[0]
    calendar = calendar_from(office.calendar, office.timezone)
    today = calendar.day(now)
    held = {
        holding.jabatan_id: Held(holding.jabatan_id, name, holding.capacity)
        for _, _, holding, name in rows
        if holding is not None and _holds_on(holding, today)
    }
    return Actor(
        id=person.id,
        name=person.name,
        office_id=office.id,
        office=office.name,
        calendar=calendar,
        rights=frozenset(Right(right) for right in person.rights),
        held=held,
    )


def holders(session: Session, jabatan_id: int, today: date) -> list[int]:
    """Ids of the active people who hold a jabatan on a day, in the order in which they were added."""
    return list(
        session.scalars(
            select(Person.id)
            .join(Holding, Holding.person_id == Person.id)
            .where(
                Holding.jabatan_id == jabatan_id,
                Holding.since <= today,
                (Holding.until.is_(None)) | (Holding.until >= today),
                Person.active,
            )
            .distinct()
            .order_by(Person.id)
        )
    )


def _holds_on(holding: Holding, day: date) -> bool:
    return holding.since <= day and (holding.until is None or day <= holding.until)


def log_in(session: Session, username: str, password: str) -> int:
    """The id of the person with this name and password; WrongCredentials otherwise."""
    person = session.scalar(select(Person).where(Person.username == username.strip().lower(), Person.active))
    try:
        _passwords.verify(person.password_hash if person else _NOBODY, password)
    except VerificationError as wrong:
        raise errors.WrongCredentials from wrong
    if person is None:
        raise errors.WrongCredentials
    return person.id


def add_office(session: Session, name: str, timezone: str = "Asia/Jakarta") -> int:
    """A new office, by its name and the name of its time zone; its id."""
    office = Office(name=name, timezone=timezone)
    session.add(office)
    session.flush()
    return office.id


def add_jabatan(session: Session, office_id: int, name: str) -> tuple[str, int]:
    """The jabatan with this name or an alias of it, made if the office has none; its own name and its id.

    A name printed in capitals, as table headings are, is kept as a name: "KASUBAG PROGRAM" as "Kasubag Program".
    """
    known = jabatan_for(session, office_id, name)
    if known is not None:
        return session.get_one(Jabatan, known).name, known
    jabatan = Jabatan(office_id=office_id, name=name.title() if name.isupper() else name, rank=positions.rank(name))
    session.add(jabatan)
    session.flush()
    return jabatan.name, jabatan.id


def jabatan_for(session: Session, office_id: int, name: str) -> int | None:
    """The office's jabatan that a lane called `name` means: of the same name, else the only one it is an alias of."""
    known = session.execute(select(Jabatan.id, Jabatan.name).where(Jabatan.office_id == office_id)).all()
    for jabatan_id, own in known:
        if own.casefold() == name.casefold():
            return int(jabatan_id)
    alike = [jabatan_id for jabatan_id, own in known if positions.same(own, name)]
    return int(alike[0]) if len(alike) == 1 else None


def add_person(
    session: Session,
    office_id: int,
    username: str,
    name: str,
    password: str,
    rights: frozenset[Right] = frozenset(),
) -> int:
    """A new person who can log in; the id."""
    person = Person(
        office_id=office_id,
        username=username.strip().lower(),
        name=name,
        password_hash=_passwords.hash(password),
        rights=sorted(rights),
        active=True,
    )
    session.add(person)
    session.flush()
    return person.id


def hold(
    session: Session,
    person_id: int,
    jabatan_id: int,
    since: date,
    until: date | None = None,
    capacity: Capacity = Capacity.DEFINITIF,
) -> None:
    """Let a person hold a jabatan from a day to a day, both included."""
    session.add(Holding(person_id=person_id, jabatan_id=jabatan_id, capacity=capacity, since=since, until=until))
    session.flush()
