"""A database of an older release, brought to this one's form: by one process at a time, however many start at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import StrEnum

from alembic.util import CommandError
from sqlalchemy import text

from bpmn.wording import sentence
from engine import sealing, stuck, tallies
from engine.database import Database, revisions
from engine.reaching import CannotReach, failures

PATIENCE = 3600
"""Seconds that a process waits for another one to finish an upgrade."""

LOCK = 7_625_417_710_206_731
"""Key of the advisory lock on PostgreSQL: any number that no other program of the same database uses."""


class Form(StrEnum):
    """Of which release the tables of a database are."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    FOREIGN = "foreign"
    """A newer release's, or another program's."""


class NeedsUpgrade(CannotReach):
    """The database is an older release's, and what was asked for would not bring it to this one's form unasked."""


def form(database: Database) -> Form:
    """Of which release the tables are. Raises CannotReach where the database does not answer."""
    with failures(database):
        revision = database.revision()
    if revision is None:
        return Form.EMPTY
    if revision not in revisions():
        return Form.FOREIGN
    return Form.CURRENT if revision == revisions()[0] else Form.OLDER


def require(database: Database) -> None:
    """Raise NeedsUpgrade where the tables are of an older release, CannotReach where they are of none or another."""
    found = form(database)
    if found is Form.FOREIGN:
        raise _foreign(database)
    if found is Form.EMPTY:
        raise CannotReach(sentence("Basis data %(url)s belum berisi data Lajur.", url=_shown(database)))
    if found is Form.OLDER:
        raise NeedsUpgrade(
            sentence(
                "Basis data %(url)s dari rilis Lajur yang lebih lama. Hentikan semua proses Lajur, lalu jalankan"
                " lajur upgrade: data dicadangkan dahulu, kemudian dimutakhirkan.",
                url=_shown(database),
            )
        )


def upgrade(database: Database) -> None:
    """Bring the tables to this release's form, and fill those that are kept with every act and were not there before.

    On an empty database, make them. Where nothing is missing, this asks a few questions and changes nothing.
    """
    with alone(database):
        upgrade_alone(database)


def upgrade_alone(database: Database) -> None:
    """The same for whoever has the database to itself, within `alone`."""
    database.upgrade()
    sealing.catch_up(database)
    stuck.catch_up(database)
    with database.transaction() as session:
        tallies.catch_up(session)


def reach(database: Database) -> None:
    """The same as `upgrade` for a database by an address that somebody typed. CannotReach where it is not possible."""
    with refusing(database):
        upgrade(database)


@contextmanager
def refusing(database: Database) -> Iterator[None]:
    """Raise CannotReach where an upgrade within the block fails by the database, or does not know its tables."""
    with failures(database):
        try:
            yield
        except CommandError as foreign:
            raise _foreign(database) from foreign


@contextmanager
def alone(database: Database) -> Iterator[None]:
    """Let no other process upgrade meanwhile; one that is at it is waited for. A process that dies lets go."""
    if database.url.get_backend_name() == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
    elif database.url.database in {None, "", ":memory:"}:
        yield
    else:
        # A database beside it: the operating system frees its lock with the process, and every system has one.
        file = f"{database.url.database}-upgrade"
        with closing(sqlite3.connect(file, timeout=PATIENCE, isolation_level=None)) as lock:
            lock.execute("BEGIN EXCLUSIVE")
            yield


def _foreign(database: Database) -> CannotReach:
    return CannotReach(
        sentence("Basis data %(url)s bukan dari rilis Lajur ini atau yang lebih lama.", url=_shown(database))
    )


def _shown(database: Database) -> str:
    return database.url.render_as_string()
