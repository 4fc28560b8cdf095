"""One-time passwords, which administrators hand to people: told once, kept as a hash only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from secrets import token_urlsafe
from typing import NamedTuple

from engine import offices
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
    """A new one, of 72 random bits. To hash it takes a good part of a tenth of a second."""
    password = token_urlsafe(9)
    return OneTime(password, offices.hashed(password))


def several(ready: Iterable[OneTime]) -> Iterator[OneTime]:
    """Those that were made before a transaction began, and when they are used up new ones."""
    yield from ready
    while True:
        yield make()


def give(person: Person, one: OneTime) -> Issued:
    """Let a person log in by it from now on, and by nothing else."""
    person.password_hash = one.hash
    return Issued(person.id, person.name, person.username, one.password)
