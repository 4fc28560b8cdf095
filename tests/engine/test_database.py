"""Transactions, migrations, and how much a completion asks of the database."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from engine import offices, tasks
from engine.database import Database
from engine.queries import lists
from engine.tables import Instant, Table
from tests.engine.conftest import Office


def test_the_migrated_tables_are_the_declared_ones(database: Database) -> None:
    def same_type(_context: object, _inspected: object, _column: object, found: Any, declared: Any) -> bool | None:
        return False if isinstance(declared, Instant) and str(found) in {"TIMESTAMP", "DATETIME"} else None

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": same_type})
        assert compare_metadata(context, Table.metadata) == []


def test_upgrading_twice_changes_nothing(database: Database, office: Office) -> None:
    database.upgrade()
    with database.reading() as session:
        assert office(session, "camat").office == "Kecamatan Sukamaju"


def test_references_are_checked_after_an_upgrade_that_had_nothing_to_do(sqlite: Database) -> None:
    sqlite.upgrade()
    with sqlite.reading() as session:
        assert session.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    with suppress(RuntimeError), database.transaction() as session:
        offices.add_office(session, "Kecamatan Gagal")
        raise RuntimeError
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM offices")) == 0


def test_reading_keeps_no_change(database: Database) -> None:
    with suppress(DBAPIError), database.reading() as session:  # PostgreSQL refuses, SQLite forgets
        session.execute(text("INSERT INTO offices (name, timezone) VALUES ('x', 'y')"))
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM offices")) == 0


def test_sqlite_is_durable_and_checks_references(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'lajur.sqlite3'}")
    with database.reading() as session:
        found = {
            name: session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    database.dispose()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


def test_a_completion_is_one_transaction_of_few_statements(database: Database, office: Office, surat: int) -> None:
    statements: list[str] = []
    commits: list[object] = []
    with database.transaction() as session:
        office.start(session, surat)
        task = lists.of_jabatan(session, office(session, "kasubag"), office.now).rows[0].id
        tasks.claim(session, office(session, "kasubag"), task, office.now)
    event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    event.listen(database.engine, "commit", commits.append)
    with database.transaction() as session:
        tasks.complete(session, office(session, "kasubag"), task, None, "", office.now)
    asked = [statement for statement in statements if not statement.startswith(("BEGIN", "SAVEPOINT"))]
    assert len(asked) < 23, "\n".join(asked)
    assert len(commits) == 1
