"""What every earlier release wrote goes on in this one: tables, states of runs, diagrams."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from engine import backup, checking, offices, runs, sealing, stuck, tallies, tasks
from engine.database import Database, Session
from engine.offices import Actor
from engine.queries import work
from engine.states import LIVE, UNFINISHED, Right, RunState, Wait
from engine.store import Store
from engine.tables import Person, Run, Table, Task, Waiting
from tests.conftest import NOW
from tests.freeze import FOLDER

RELEASES = sorted(FOLDER.glob("*.sql"))


@pytest.fixture(params=RELEASES, ids=lambda file: file.stem)
def frozen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database as an earlier release left it."""
    file = tmp_path / "frozen.sqlite3"
    with sqlite3.connect(file) as connection:
        connection.executescript(request.param.read_text(encoding="utf-8"))
    connection.close()
    database = Database(f"sqlite:///{file}")
    yield database
    database.dispose()


def rows(database: Database) -> dict[str, int]:
    with database.reading() as session:
        names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        known = {table.name for table in Table.metadata.sorted_tables} & set(names)
        return {name: session.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in sorted(known)}  # noqa: S608


def test_there_are_frozen_releases() -> None:
    assert [file.stem for file in RELEASES][:2] == ["0.1.0", "0.2.0"]


def test_an_upgrade_keeps_every_row(frozen: Database) -> None:
    before = rows(frozen)
    frozen.upgrade()
    after = rows(frozen)
    assert {name: after[name] for name in before} == before
    assert before["runs"] > 10
    with frozen.reading() as session:
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        assert session.scalar(text("PRAGMA foreign_keys")) == 1


def test_every_run_of_an_earlier_release_goes_on_to_its_end(frozen: Database) -> None:
    frozen.upgrade()
    assert sealing.catch_up(frozen) > 0
    assert stuck.catch_up(frozen) > 0
    with frozen.transaction() as session:
        finish_all(session)
    with frozen.reading() as session:
        assert list(checking.check(session)) == []


def test_every_run_goes_on_where_it_is_restored(frozen: Database, database: Database, tmp_path: Path) -> None:
    frozen.dispose()
    backup.restore(Path(str(frozen.url.database)), database, Store(tmp_path / "documents"))
    with database.transaction() as session:
        finish_all(session)


def unfinished(session: Session, run: int) -> Task | None:
    return session.scalar(select(Task).where(Task.run_id == run, Task.state.in_(UNFINISHED)).limit(1))


def happens(session: Session, manager: Actor, run: int) -> bool:
    """Whether what a run waits for beside people came."""
    wait = session.scalar(select(Waiting).where(Waiting.run_id == run).limit(1))
    if wait is None:
        return False
    if wait.kind is Wait.TIMER:
        assert runs.fire(session, wait.id, NOW + timedelta(days=400))
    else:
        runs.message(session, manager, run, wait.name, "", NOW)
    session.expire_all()
    return True


def finish_all(session: Session) -> None:
    """Check everything, then let everybody finish what there is, approving all."""
    tallies.catch_up(session)
    assert list(checking.check(session)) == []
    live = session.scalars(select(Run).where(Run.state.in_(LIVE))).all()
    assert live
    everybody = [offices.actor(session, person, NOW) for person in session.scalars(select(Person.id))]
    manager = next(who for who in everybody if who.may(Right.MANAGER))
    for run in live:
        if run.state is RunState.SUSPENDED:
            runs.resume(session, manager, run.id, "", NOW)
        while (task := unfinished(session, run.id)) or happens(session, manager, run.id):
            if task is None:
                continue
            who = next(
                one
                for one in everybody
                if (one.id == task.claimed_by if task.claimed_by else task.jabatan_id in one.held)
                and task.reserved_for in (None, one.id)
            )
            tasks.claim(session, who, task.id, NOW)
            session.expire_all()
            onward = [way for way in work.one(session, who, task.id, NOW).choices if not way.is_return]
            tasks.complete(session, who, task.id, onward[0].edge if onward else None, "", NOW)
            session.expire_all()
        assert session.scalar(select(Run.state).where(Run.id == run.id)) is RunState.FINISHED
