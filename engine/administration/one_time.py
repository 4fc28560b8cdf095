"""One-time passwords, which administrators hand to people: told once, kept as a hash only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from engine import access, passwords
from engine.tables import Person


class OneTime(NamedTuple):
    """A password, and its hash."""

    password: str
    hash: str


class Issued(NamedTuple):
    """Whom a password was given."""

    person_id: int
    name: str
    username: str
    password: str


def make() -> OneTime:
    """A new one. To hash it takes a good part of a tenth of a second."""
    password = passwords.one_time()
    return OneTime(password, passwords.hashed(password))


def several(ready: Iterable[OneTime]) -> Iterator[OneTime]:
    """Those that were made before a transaction began, and when they are used up new ones."""
    yield from ready
    while True:
        yield make()


def give(session: Session, person: Person, one: OneTime, now: datetime) -> Issued:
    """Let a person log in by it from now on, and by nothing else."""
    access.give_one_time(session, person, one.hash, now)
    return told(person, one)


def told(person: Person, one: OneTime) -> Issued:
    """Whom the password is told to."""
    return Issued(person.id, person.name, person.username, one.password)
