"""What whoever runs the installation does: the first office, further ones, and a way back for a lost administrator."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn.wording import sentence
from engine import errors, passwords
from engine.administration import office, people
from engine.administration.one_time import Issued
from engine.administration.people import Entry
from engine.states import Right
from engine.tables import Office, Person


def found(session: Session, name: str, timezone: str, first: Entry, password: str, now: datetime) -> int:
    """The first office with its first administrator, who logs in by a password of the own; the id of the office.

    Raises NotFound where there is an office, Invalid, TooLong.
    """
    office.lock_new(session)
    passwords.require_good(password, (first.username, first.name, name))
    office_id = office.add(session, None, name, timezone, now)
    people.create(session, None, office_id, _administrator(first), now, chosen=password)
    return office_id


def add_office(session: Session, name: str, timezone: str, now: datetime) -> int:
    """A further office; its id. Raises Invalid, TooLong, Conflict."""
    return office.add(session, None, name, timezone, now)


def add_person(session: Session, office_name: str, entry: Entry, now: datetime) -> Issued:
    """Somebody new in an office named by its name, with a one-time password. Raises NotFound, Invalid, Conflict."""
    office_id = session.scalar(select(Office.id).where(Office.name == " ".join(office_name.split())).with_for_update())
    if office_id is None:
        raise errors.NotFound(sentence("Tidak ada kantor bernama “%(name)s” di Lajur ini.", name=office_name))
    return people.create(session, None, office_id, entry, now)


def new_password(session: Session, username: str, now: datetime) -> Issued:
    """A one-time password for somebody active of any office. Raises NotFound."""
    person = session.scalar(select(Person).where(Person.username == username.strip().lower(), Person.active))
    if person is None:
        raise errors.NotFound(sentence("Tidak ada pengguna aktif bernama “%(name)s”.", name=username))
    return people.replace_password(session, None, person, now)


def offices(session: Session) -> list[str]:
    """The names of all offices."""
    return list(session.scalars(select(Office.name).order_by(Office.id)))


def _administrator(entry: Entry) -> Entry:
    return Entry(entry.name, entry.username, entry.email, entry.rights | {Right.ADMINISTRATOR})
