"""The one place where a transaction begins and ends: an embedded SQLite file, or PostgreSQL by its address."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from engine.errors import RunDamaged

__all__ = ["Database", "Session", "revisions"]

BUSY_SECONDS = 10
"""How long a writer waits for another one on SQLite before it gives up."""

CONNECT_SECONDS = 10
"""How long a server that does not answer is waited for, unless its URL says otherwise."""


class Database:
    """A database by its SQLAlchemy URL (`sqlite:///lajur.sqlite3`, `postgresql+psycopg://...`).

    The edge (a view, the command line, a test) opens `with database.transaction() as session:`; use cases take the
    session and neither commit nor roll back.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        postgresql = self.url.get_backend_name() == "postgresql"
        waits = postgresql and "connect_timeout" not in self.url.query
        self.engine: Engine = create_engine(
            self.url,
            hide_parameters=True,  # what people typed is not for logs
            connect_args={"connect_timeout": CONNECT_SECONDS} if waits else {},
        )
        if self.url.get_backend_name() == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            event.listen(self.engine, "connect", _prepare_postgresql)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose changes all land when the block ends, and none when it raises.

        On SQLite the write lock is taken at the start, so that two writers queue instead of failing at the end.
        That a run turned out to be damaged is written down although the act was refused.
        """
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
        except RunDamaged as damaged:
            with Session(self.engine) as session, session.begin():
                damaged.mark(session)
            raise

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads, all of it from one moment."""
        options: dict[str, Any] = {"lajur_reading": True}
        if self.url.get_backend_name() == "postgresql":
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self.engine.connect().execution_options(**options) as connection, Session(connection) as session:
            yield session

    def revision(self) -> str | None:
        """The revision of the tables; None on an empty database."""
        with self.reading() as session:
            if not inspect(session.connection()).has_table("alembic_version"):
                return None
            found: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
            return found

    def upgrade(self, revision: str = "head") -> None:
        """Bring the tables to this release's form, or to an older one; on an empty database, make them."""
        config = _config()
        with self.engine.connect() as connection:
            raw: Any = connection.connection.dbapi_connection
            if self.url.get_backend_name() == "sqlite":
                # Altering a table is a copy, and dropping the old one must not look like deleting its rows. The pragma
                # does nothing inside a transaction, so it goes past SQLAlchemy, which would begin one.
                raw.execute("PRAGMA foreign_keys = OFF")
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            connection.rollback()  # where there was nothing to do, what asked for it is still a transaction
            if self.url.get_backend_name() == "sqlite":
                raw.execute("PRAGMA foreign_keys = ON")

    def replace(self, file: Path) -> None:
        """Let this SQLite database hold what another one's file holds: for all who use it from one moment to the next.

        Whoever is reading goes on with what was there before; who is writing is waited for.
        """
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(str(self.url.database))) as target:
            source.backup(target)

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


@cache
def revisions() -> tuple[str, ...]:
    """All revisions that this release knows, its own first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "engine:migrations")
    return config


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # sqlite3 begins transactions by its own rules unless told not to; ours begin in `_begin_sqlite`.
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_SECONDS * 1000}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_postgresql(connection: Any, _record: object) -> None:
    # Every statement here is short. To start processes for one, or to compile it, takes longer than to answer it.
    connection.execute("SET max_parallel_workers_per_gather = 0")
    connection.execute("SET jit = off")
    connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("lajur_reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
