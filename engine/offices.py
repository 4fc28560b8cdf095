"""Offices, jabatan and people: who somebody is, and what the person may do today.

While somebody is away, the substitute holds the person's jabatan as Plh., decided anew at each act. One step only:
where a substitute is away as well, that person's own substitute does not step in for the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, bindparam, case, or_, select
from sqlalchemy.orm import Session, aliased

from bpmn import jabatan as positions
from bpmn.wording import sentence
from engine import errors, passwords
from engine.states import Capacity, Right
from engine.tables import Absence, Holding, Jabatan, JabatanAlias, Office, Person
from engine.workdays import Calendar, calendar_from

SYSTEM = 0
"""Id of the actor who is no person: Lajur itself, when a timer or a deadline acts."""

DAY = timedelta(days=1)

NAME_LIMIT = 200
"""Characters of the name of a jabatan."""

_away, _stand_in = aliased(Person), aliased(Person)


@dataclass(frozen=True, slots=True)
class Held:
    """A jabatan that a person holds today; `on_behalf` names the person who is away, where it is held as substitute."""

    jabatan_id: int
    name: str
    capacity: Capacity
    on_behalf: str | None = None


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
    batch: int | None = None
    """Id of the act on many of which this one is a part (`engine.batches`): the history names it."""

    def may(self, right: Right) -> bool:
        """Whether the person has a right; administrators have them all."""
        return right in self.rights or Right.ADMINISTRATOR in self.rights

    def require(self, right: Right) -> None:
        """Raise NotAllowed without the right."""
        if not self.may(right):
            raise errors.NotAllowed(sentence("Anda tidak berwenang melakukan ini. Hubungi administrator kantor Anda."))


# Built once: to build it anew takes as long as to ask the database.
_ACTOR = (
    select(Person, Office, Holding, Jabatan.name, Absence, _away.name)
    .join(Office, Office.id == Person.office_id)
    .outerjoin(
        Absence,
        and_(
            Absence.substitute_id == Person.id,
            Absence.since <= bindparam("tomorrow"),
            Absence.until >= bindparam("yesterday"),
        ),
    )
    .outerjoin(_away, and_(_away.id == Absence.person_id, _away.active))
    .outerjoin(Holding, or_(Holding.person_id == Person.id, Holding.person_id == _away.id))
    .outerjoin(Jabatan, Jabatan.id == Holding.jabatan_id)
    .where(Person.id == bindparam("person"), Person.active)
    .order_by(Holding.id)
)


def actor(session: Session, person_id: int, now: datetime) -> Actor:
    """The person with what holds at `now`, in one statement. NotFound for somebody unknown or no longer active."""
    # Which day it is depends on the office, which is read here as well: so a day more on both sides, and then exactly.
    near = {"tomorrow": now.date() + DAY, "yesterday": now.date() - DAY}
    rows = session.execute(_ACTOR, {"person": person_id, **near}).all()
    if not rows:
        raise errors.NotFound
    person, office, *_ = rows[0]
    calendar = calendar_from(office.calendar, office.timezone)
    today = calendar.day(now)
    own: dict[int, Held] = {}
    instead: dict[int, Held] = {}
    for _, _, holding, name, absence, away in rows:
        if holding is None or not _covers(holding, today):
            continue
        if holding.person_id == person.id:
            own[holding.jabatan_id] = Held(holding.jabatan_id, name, holding.capacity)
        elif _covers(absence, today):
            instead.setdefault(holding.jabatan_id, Held(holding.jabatan_id, name, Capacity.PLH, away))
    return Actor(
        id=person.id,
        name=person.name,
        office_id=office.id,
        office=office.name,
        calendar=calendar,
        rights=frozenset(Right(right) for right in person.rights),
        held=own | {jabatan: held for jabatan, held in instead.items() if jabatan not in own},
    )


def system(session: Session, office_id: int, now: datetime) -> Actor:
    """Lajur itself, for acts of an office that no person does: without rights, holding nothing. NotFound if no office.

    The history writes such acts without a person.
    """
    office = session.get(Office, office_id)
    if office is None:
        raise errors.NotFound
    calendar = calendar_from(office.calendar, office.timezone)
    return Actor(SYSTEM, "Lajur", office.id, office.name, calendar, frozenset(), {})


def holders(session: Session, jabatan_id: int, today: date) -> list[int]:
    """Ids of the active people who act for a jabatan on a day, in the order in which its holders were added.

    In the place of somebody who is away stands the substitute; where there is none, or one no longer active, the
    person stays.
    """
    found = session.scalars(
        select(case((_stand_in.id.is_not(None), _stand_in.id), else_=Person.id))
        .select_from(Holding)
        .join(Person, Person.id == Holding.person_id)
        .outerjoin(Absence, and_(Absence.person_id == Person.id, Absence.since <= today, Absence.until >= today))
        .outerjoin(_stand_in, and_(_stand_in.id == Absence.substitute_id, _stand_in.active))
        .where(
            Holding.jabatan_id == jabatan_id,
            Holding.since <= today,
            (Holding.until.is_(None)) | (Holding.until >= today),
            Person.active,
        )
        .order_by(Person.id)
    )
    return list(dict.fromkeys(found))


def stand_in(session: Session, person_id: int, today: date) -> int:
    """To whom work for a person goes on a day: the substitute where the person is away and has one, else the person."""
    substitute = session.scalar(
        select(Absence.substitute_id)
        .join(_stand_in, and_(_stand_in.id == Absence.substitute_id, _stand_in.active))
        .where(Absence.person_id == person_id, Absence.since <= today, Absence.until >= today)
        .order_by(Absence.id)
        .limit(1)
    )
    return substitute or person_id


def managers(session: Session, office_id: int) -> list[int]:
    """Ids of the active people of an office with the right of a manager, in the order in which they were added."""
    people = session.execute(
        select(Person.id, Person.rights).where(Person.office_id == office_id, Person.active).order_by(Person.id)
    )
    return [person for person, rights in people if Right.MANAGER in rights]


def _covers(dates: Holding | Absence, day: date) -> bool:
    return dates.since <= day and (dates.until is None or day <= dates.until)


def log_in(session: Session, username: str, password: str) -> int:
    """The id of the person with this name and password; WrongCredentials otherwise."""
    person = session.scalar(select(Person).where(Person.username == username.strip().lower(), Person.active))
    right = passwords.matches(person.password_hash if person else None, password)
    if person is None or not right:
        raise errors.WrongCredentials
    return person.id


def called(session: Session, username: str) -> int:
    """The id of the active person of that user name, of whatever office: for those who run an installation.

    Raises NotFound.
    """
    person = session.scalar(select(Person.id).where(Person.username == username.strip().lower(), Person.active))
    if person is None:
        raise errors.NotFound(sentence("Tidak ada pengguna aktif bernama “%(name)s”.", name=username))
    return person


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
    """The office's jabatan that a lane called `name` means.

    The one of the same name, else the one that the office mapped it to, else the only one of which it is a spelling.
    """
    known = names(session, office_id)
    for jabatan_id, own in known:
        if own.casefold() == name.casefold():
            return int(jabatan_id)
    mapped = session.scalar(
        select(JabatanAlias.jabatan_id).where(JabatanAlias.office_id == office_id, JabatanAlias.name == _folded(name))
    )
    if mapped is not None:
        return mapped
    alike = [jabatan_id for jabatan_id, own in known if positions.same(own, name)]
    return int(alike[0]) if len(alike) == 1 else None


def names(session: Session, office_id: int) -> list[tuple[int, str]]:
    """Ids and names of the jabatan of an office, by name."""
    found = session.execute(
        select(Jabatan.id, Jabatan.name).where(Jabatan.office_id == office_id).order_by(Jabatan.name, Jabatan.id)
    )
    return [(row.id, row.name) for row in found]


def add_alias(session: Session, office_id: int, name: str, jabatan_id: int) -> None:
    """Let lanes called `name` mean a jabatan of the office from now on; NotFound for one of another office."""
    jabatan = session.get(Jabatan, jabatan_id)
    if jabatan is None or jabatan.office_id != office_id:
        raise errors.NotFound
    same = select(JabatanAlias).where(JabatanAlias.office_id == office_id, JabatanAlias.name == _folded(name))
    alias = session.scalar(same)
    if alias is None:
        alias = JabatanAlias(office_id=office_id, name=_folded(name))
        session.add(alias)
    alias.jabatan_id = jabatan_id
    session.flush()


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())[:NAME_LIMIT]


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
        password_hash=passwords.hashed(password),
        rights=sorted(rights),
        active=True,
    )
    session.add(person)
    session.flush()
    return person.id


def add_person_like(
    session: Session, like: int, office_id: int, username: str, name: str, rights: frozenset[Right] = frozenset()
) -> int:
    """A new person with the password of another, without the work of hashing it once more: for demos. The id."""
    known = session.get_one(Person, like).password_hash
    person = Person(
        office_id=office_id, username=username, name=name, password_hash=known, rights=sorted(rights), active=True
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
