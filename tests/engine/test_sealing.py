"""The history as a chain: whatever is changed past Lajur is found, and the database refuses most of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bpmn.errors import Refusal
from engine import alerts, checking, runs, sealing, tasks
from engine.database import Database
from engine.queries import control_sheet
from engine.tables import History, Seal
from tests.conftest import NOW
from tests.engine.conftest import Office, make_office
from tests.engine.flows import approval, parallel
from tests.engine.people import finish, open_tasks

OFF = {
    "sqlite": ("DROP TRIGGER history_keeps", "DROP TRIGGER history_stays", "DROP TRIGGER seals_stay"),
    "postgresql": ("SET LOCAL session_replication_role = replica",),
}
"""How who owns the database gets round its triggers."""


@pytest.fixture
def run(database: Database, office: Office, surat: int) -> int:
    """A run with a return and a comment, between two others."""
    with database.transaction() as session:
        office.start(session, surat)
        run = office.start(session, surat)
    finish(database, office, run, "kasubag")
    with database.transaction() as session:
        runs.comment(session, office(session, "camat"), run, "Mohon dipercepat", office.now)
        office.start(session, surat)
    finish(database, office, run, "sekretaris", "Dikembalikan", "Belum lengkap")
    return run


def damage(database: Database) -> list[checking.Damage]:
    with database.reading() as session:
        return list(checking.check(session))


@contextmanager
def past_lajur(database: Database) -> Iterator[Connection]:
    with database.engine.begin() as connection:
        for statement in OFF[database.engine.dialect.name]:
            connection.execute(text(statement))
        yield connection


def ids(connection: Connection, run: int) -> list[int]:
    return list(connection.scalars(select(History.id).where(History.run_id == run).order_by(History.id)))


def test_every_act_adds_to_the_chain_of_its_run(database: Database, office: Office, run: int) -> None:
    with database.reading() as session:
        hashes = session.scalars(select(History.hash).where(History.run_id == run).order_by(History.id)).all()
        assert len(set(hashes)) == len(hashes) == 6
        assert sealing.head(session, run) == (6, hashes[-1])
        sheet = control_sheet.one(session, office(session, "camat"), run, office.now)
        assert sheet.seal == sealing.Head(6, hashes[-1])
        assert sheet.seal.short.replace(" ", "") == hashes[-1][:16]
    assert damage(database) == []


@pytest.mark.parametrize("act", ["UPDATE history SET person_id = NULL", "DELETE FROM history", "DELETE FROM seals"])
def test_the_database_refuses_to_change_what_was_written(database: Database, run: int, act: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), database.engine.begin() as connection:
        connection.execute(text(act))
    assert damage(database) == []


def _facts(connection: Connection, run: int) -> None:
    entry = ids(connection, run)[2]
    values = {"facts": json.dumps({"note": "Tidak ada apa-apa"}), "entry": entry}
    connection.execute(text("UPDATE history SET facts = :facts WHERE id = :entry"), values)


def _unreadable(connection: Connection, run: int) -> None:
    if connection.dialect.name == "sqlite":
        bad = "UPDATE history SET facts = '{', at = 'kapan', verb = 'makan' WHERE id = :entry"
    else:
        bad = "UPDATE history SET facts = '[]', verb = 'makan' WHERE id = :entry"
    connection.execute(text(bad), {"entry": ids(connection, run)[2]})


def _removed(connection: Connection, run: int) -> None:
    connection.execute(text("DELETE FROM history WHERE id = :entry"), {"entry": ids(connection, run)[2]})


def _inserted(connection: Connection, run: int) -> None:
    columns = "run_id, task_id, at, verb, person_id, jabatan_id, capacity, facts, hash"
    values = {"last": ids(connection, run)[-1], "new": 1000}
    copy = f"INSERT INTO history (id, {columns}) SELECT :new, {columns} FROM history WHERE id = :last"  # noqa: S608
    connection.execute(text(copy), values)


def _swapped(connection: Connection, run: int) -> None:
    one, other = ids(connection, run)[2:4]
    move = text("UPDATE history SET id = :to WHERE id = :entry")
    for entry, to in ((one, -1), (other, one), (-1, other)):
        connection.execute(move, {"entry": entry, "to": to})


def _cut(connection: Connection, run: int) -> None:
    connection.execute(text("DELETE FROM history WHERE id = :entry"), {"entry": ids(connection, run)[-1]})


def _emptied(connection: Connection, run: int) -> None:
    connection.execute(text("DELETE FROM history WHERE run_id = :run"), {"run": run})


def _unsealed(connection: Connection, run: int) -> None:
    connection.execute(text("DELETE FROM seals WHERE run_id = :run"), {"run": run})


def _sealed_anew(connection: Connection, run: int) -> None:
    connection.execute(text("UPDATE seals SET hash = 'x' WHERE run_id = :run"), {"run": run})


CHANGES: tuple[tuple[Callable[[Connection, int], None], str], ...] = (
    (_facts, "entri ke-3 "),
    (_unreadable, "entri ke-3 "),
    (_removed, "entri ke-3 "),
    (_inserted, "entri ke-7 (baris 1000 "),
    (_swapped, "entri ke-3 "),
    (_cut, "tinggal 5 dari 6 entri"),
    (_emptied, "tinggal 0 dari 6 entri"),
    (_unsealed, "hilang; 6 entrinya masih ada"),
    (_sealed_anew, "Sidik riwayat berkas ini bukan"),
)


@pytest.mark.parametrize(("change", "said"), CHANGES, ids=lambda one: getattr(one, "__name__", ""))
def test_a_change_past_lajur_is_found_and_named(
    database: Database, run: int, change: Callable[[Connection, int], None], said: str
) -> None:
    with past_lajur(database) as connection:
        change(connection, run)
    (found,) = damage(database)
    assert found.run_id == run
    assert said in str(found.what)
    with database.reading() as session:
        wrong = sealing.of_run(session, run)
        assert wrong is not None
        assert checking.said(wrong) == found.what
        assert sealing.of_run(session, run + 1) is None


COLUMNS = {
    "run_id": st.just(1),
    "task_id": st.sampled_from([None, 1, 2]),
    "at": st.sampled_from(["2026-11-23 01:59:59.999999", "2020-01-01 00:00:00.000000"]),
    "verb": st.sampled_from(["comment", "complete", "cancel", "start"]),
    "person_id": st.sampled_from([None, 1, 2, 3]),
    "jabatan_id": st.sampled_from([None, 1, 2]),
    "capacity": st.sampled_from([None, "plt", "definitif"]),
    "facts": st.dictionaries(st.sampled_from(["note", "choice"]), st.text(max_size=5)).map(json.dumps),
    "hash": st.sampled_from(["", "0" * 64]),
}


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_any_column_is_found(sqlite: Database, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(COLUMNS)))
    value = data.draw(COLUMNS[name])
    with sqlite.engine.connect() as connection:
        run = _prepared(sqlite)
        entry = data.draw(st.sampled_from(ids(connection, run)))
        for statement in OFF["sqlite"]:
            connection.execute(text(statement))
        row = text(f"SELECT {name} FROM history WHERE id = :entry")  # noqa: S608
        before = connection.scalar(row, {"entry": entry})
        same = _same(name, before, value)
        change = f"UPDATE history SET {name} = :value WHERE id = :entry"  # noqa: S608
        connection.execute(text(change), {"value": value, "entry": entry})
        with Session(connection) as session:
            wrong = list(sealing.broken(session))
        connection.rollback()
    assert bool(wrong) is not same


def _same(name: str, before: Any, value: Any) -> bool:
    return bool(json.loads(before) == json.loads(value) if name == "facts" else before == value)


def _prepared(database: Database) -> int:
    """The last run of an office, made when it is first asked for."""
    with database.transaction() as session:
        found = session.scalar(select(func.max(Seal.run_id)))
        if found is not None:
            return int(found)
        office = make_office(session, "Kecamatan Sukamaju", NOW)
        surat = office.publish(session, approval())
        office.start(session, surat)
        run = office.start(session, surat)
    finish(database, office, run, "kasubag")
    return run


def test_what_an_older_release_wrote_is_chained_once(
    database: Database, office: Office, run: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "PART", 2)
    monkeypatch.setattr(sealing, "ENTRIES", 4)
    before = _all(database)
    with past_lajur(database) as connection:
        connection.execute(text("UPDATE history SET hash = ''"))
        connection.execute(text("DELETE FROM seals"))
    with database.transaction() as session:  # an act that comes before the upgrade
        runs.comment(session, office(session, "camat"), run, "Masih lama?", office.now)
    assert sealing.catch_up(database) == 2
    assert sealing.catch_up(database) == 0
    assert _all(database)[: len(before)] == before
    assert damage(database) == []


def _all(database: Database) -> list[tuple[int, str]]:
    with database.reading() as session:
        return [(row.id, row.hash) for row in session.execute(select(History.id, History.hash).order_by(History.id))]


def test_what_a_savepoint_took_back_is_not_written(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        run = office.start(session, surat)
        nested = session.begin_nested()
        runs.comment(session, office(session, "camat"), run, "Salah berkas", office.now)
        nested.rollback()
        with session.begin_nested():
            runs.comment(session, office(session, "camat"), run, "Benar", office.now)
    with database.reading() as session:
        facts = session.scalars(select(History.facts).where(History.run_id == run).order_by(History.id)).all()
    assert [one.get("note") for one in facts] == [None, "Benar"]
    assert damage(database) == []


def test_acts_of_all_kinds_at_once_leave_whole_chains(database: Database, office: Office) -> None:
    """Comments, reminders, claims and completions of two branches, all released together, in two runs."""
    with database.transaction() as session:
        definition = office.publish(session, parallel())
        pair = [office.start(session, definition, "camat") for _ in range(2)]
    for run in pair:
        finish(database, office, run, "camat")
    with database.reading() as session:
        waiting = [task for run in pair for task in open_tasks(session, run)]
    acts: list[Callable[[], None]] = []
    for number, task in enumerate(waiting):
        acts += [_commenting(database, office, task.run_id, number), _working(database, office, task.id)]
        acts += [_reminding(database, office, task.id), _commenting(database, office, task.run_id, -number)]
    barrier, failed = Barrier(len(acts)), []

    def go(act: Callable[[], None]) -> None:
        barrier.wait()
        try:
            act()
        except DBAPIError as error:
            failed.append(error)

    threads = [Thread(target=go, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert damage(database) == []


def _commenting(database: Database, office: Office, run: int, number: int) -> Callable[[], None]:
    def act() -> None:
        with database.transaction() as session:
            runs.comment(session, office(session, "camat"), run, f"Catatan {number}", office.now)

    return act


def _working(database: Database, office: Office, task: int) -> Callable[[], None]:
    def act() -> None:
        for who in ("kasubag", "sekretaris", "camat"):
            with suppress(Refusal), database.transaction() as session:
                actor = office(session, who)
                tasks.claim(session, actor, task, office.now)
                tasks.complete(session, actor, task, None, "", office.now)

    return act


def _reminding(database: Database, office: Office, task: int) -> Callable[[], None]:
    def act() -> None:
        with suppress(Refusal), database.transaction() as session:
            alerts.remind(session, office(session, "manajer"), task, "", office.now + timedelta(hours=2))

    return act
