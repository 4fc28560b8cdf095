"""Fixtures of the whole suite: databases, and the moment at which tests happen."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from werkzeug.routing import Rule

from engine import passwords
from engine.database import Database
from engine.tables import Table
from tests import simulated
from tests.simulated import HalfYear

POSTGRESQL = os.environ.get("LAJUR_TEST_POSTGRESQL") or None
"""URL of a PostgreSQL database in whose server the tests may make databases of their own."""

SKIPS_FORBIDDEN = os.environ.get("LAJUR_TEST_SKIPS") == "forbidden"
"""Whether everything that tests need is said to be there, as it is in CI."""

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""A Monday, nine in the morning in Jakarta."""


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: tests in a browser wait for it."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Leave what was imported alone: to look through all of it for garbage takes a tenth of the time of the tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where skips are forbidden, a skipped test has failed."""
    report = yield
    if report.skipped and SKIPS_FORBIDDEN:
        report.outcome = "failed"
    return report


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Hash passwords with hardly any work: tests make many people."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session", autouse=True)
def _routes_compiled_once() -> Iterator[None]:
    """Compile a route once: every test makes an application, and Werkzeug would take a fifth of its time for this."""
    compiled: dict[tuple[object, ...], Any] = {}
    compile_builder = Rule._compile_builder

    def once(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, rule.subdomain, rule.host, repr(rule.defaults), append_unknown)
        return compiled.get(key) or compiled.setdefault(key, compile_builder(rule, append_unknown))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("database") / "empty.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql(worker_id: str) -> Iterator[Database]:
    """A database of this worker's own on the PostgreSQL server, with the tables made."""
    if POSTGRESQL is None:
        pytest.skip("needs PostgreSQL: set LAJUR_TEST_POSTGRESQL to the URL of a database on a server for tests")
    name = f"lajur_test_{worker_id}"
    server = Database(POSTGRESQL)
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    server.dispose()
    database = Database(make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False))
    database.upgrade()
    yield database
    database.dispose()


@pytest.fixture
def sqlite(empty_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database in a file of its own, which need not outlive a power cut and waits for no disk."""
    path = tmp_path / "lajur.sqlite3"
    shutil.copy(empty_sqlite, path)
    database = Database(f"sqlite:///{path}")
    event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    yield database
    database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database, of each kind that Lajur runs on."""
    database: Database = request.getfixturevalue(request.param)
    yield database
    if request.param == "postgresql":
        empty(database)


def empty(database: Database) -> None:
    """Delete all there is, and let ids begin anew: with few rows a fiftieth of the time that TRUNCATE takes.

    As a replica does it: whatever refers to a row, and whatever watches over a table.
    """
    tables = [table.name for table in Table.metadata.sorted_tables]
    deleted = "; ".join(f"DELETE FROM {table}" for table in tables)  # noqa: S608 - our own names
    with database.engine.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL session_replication_role = replica; {deleted}")
        connection.exec_driver_sql("SELECT setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences")


@pytest.fixture(scope="session")
def half_year(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HalfYear]:
    """Half a year of an office, up to now; for tests that change nothing in it."""
    path = tmp_path_factory.mktemp("half_year") / "lajur.sqlite3"
    shutil.copy(empty_sqlite, path)
    database = Database(f"sqlite:///{path}")
    yield simulated.live(database, NOW)
    database.dispose()


@pytest.fixture
def now() -> datetime:
    return NOW
