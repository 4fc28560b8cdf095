"""A database by an address that somebody typed: what keeps it from being used is told in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from bpmn.errors import Refusal
from bpmn.wording import sentence
from engine.database import Database

KINDS = frozenset({"sqlite", "postgresql"})


class CannotReach(Refusal):
    """The address is none, its driver is missing, nobody answers there, or what is there is not for this release."""


def reach(url: str) -> Database:
    """The database at a URL, of any form or none: `upgrade` makes or changes its tables. Raises CannotReach."""
    try:
        known = make_url(url).get_backend_name() in KINDS
    except (ArgumentError, ValueError) as wrong:
        raise CannotReach(
            sentence("Alamat basis data tidak dapat dibaca; contoh: postgresql+psycopg://nama@server/lajur.")
        ) from wrong
    if not known:
        raise CannotReach(sentence("Basis data harus SQLite atau PostgreSQL."))
    try:
        database = Database(url)
    except (ImportError, ArgumentError) as missing:
        raise CannotReach(sentence("Penggerak basis data ini tidak terpasang (%(why)s).", why=missing)) from missing
    with failures(database), database.reading() as session:
        session.execute(text("SELECT 1"))
    return database


def require(database: Database) -> None:
    """Raise CannotReach where the tables were never made."""
    with failures(database), database.reading() as session:
        if not inspect(session.connection()).has_table("alembic_version"):
            raise CannotReach(
                sentence("Basis data %(url)s belum berisi data Lajur.", url=database.url.render_as_string())
            )


@contextmanager
def failures(database: Database) -> Iterator[None]:
    """Raise CannotReach where the database itself fails within the block: it is away, full, locked or broken."""
    try:
        yield
    except DBAPIError as failed:
        raise CannotReach(
            sentence(
                "Basis data %(url)s tidak dapat dipakai: %(why)s.",
                url=database.url.render_as_string(),
                why=said(failed),
            )
        ) from failed


def said(failed: DBAPIError) -> str:
    """What a driver said, as the first line of it: the statement and its values are nobody's business here."""
    return (str(failed.orig).strip().splitlines() or [type(failed.orig).__name__])[0].rstrip(".")
