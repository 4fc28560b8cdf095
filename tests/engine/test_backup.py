"""Backups between databases of either kind, and the check of what is stored."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from engine import backup, checking, tasks
from engine.database import Database
from engine.queries import inbox
from engine.tables import Run, Table, Task
from tests.engine.conftest import Office, make_office
from tests.engine.flows import approval


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
            for table in Table.metadata.sorted_tables
        }


def test_a_backup_can_be_restored_and_worked_on(
    database: Database, office: Office, surat: int, tmp_path: Path, empty_sqlite: Path
) -> None:
    with database.transaction() as session:
        office.start(session, surat)
    file = tmp_path / "cadangan.lajur"
    backup.backup(database, file)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("cadangan")] == [file.name]
    other = Database(f"sqlite:///{tmp_path / 'pulih.sqlite3'}")
    backup.restore(file, other)
    assert rows(other) == rows(database)
    with other.transaction() as session:
        who = office(session, "kasubag")
        task = inbox.of_jabatan(session, who, office.now).rows[0].id
        tasks.claim(session, who, task, office.now)
        tasks.complete(session, who, task, None, "", office.now)
        assert list(checking.check(session)) == []
    other.dispose()


def test_a_backup_restores_into_postgresql(
    sqlite: Database, postgresql: Database, office_on_sqlite: Office, tmp_path: Path
) -> None:
    backup.backup(sqlite, tmp_path / "cadangan.lajur")
    try:
        backup.restore(tmp_path / "cadangan.lajur", postgresql)
        assert rows(postgresql) == rows(sqlite)
        with postgresql.transaction() as session:
            assert office_on_sqlite.start(session, 1) == 1
            assert office_on_sqlite.publish(session, dataclasses.replace(approval(), process_id="lain")) == 2
    finally:
        with postgresql.transaction() as session:
            for table in reversed(Table.metadata.sorted_tables):
                session.execute(table.delete())


@pytest.fixture
def office_on_sqlite(sqlite: Database, now: datetime) -> Office:
    with sqlite.transaction() as session:
        office = make_office(session, "Kecamatan Sukamaju", now)
        office.publish(session, approval())
    return office


def test_nothing_is_overwritten(sqlite: Database, office_on_sqlite: Office, tmp_path: Path) -> None:
    file = tmp_path / "cadangan.lajur"
    backup.backup(sqlite, file)
    with pytest.raises(backup.BackupRefused, match="sudah ada"):
        backup.backup(sqlite, file)
    with pytest.raises(backup.BackupRefused, match="sudah berisi"):
        backup.restore(file, sqlite)
    for content in (b"", b"bukan cadangan"):
        (tmp_path / "salah").write_bytes(content)
        with pytest.raises(backup.BackupRefused, match="bukan cadangan"):
            backup.restore(tmp_path / "salah", sqlite)


def test_damage_is_found_and_named(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        broken, lost, fine = (office.start(session, surat) for _ in range(3))
        session.execute(update(Run).where(Run.id == broken).values(state_of_engine=b"{"))
        session.execute(update(Task).where(Task.run_id == lost).values(engine_id="0" * 32))
    with database.reading() as session:
        damage = {found.run_id: str(found.what) for found in checking.check(session)}
    assert set(damage) == {broken, lost}
    assert "tidak dapat dimuat" in damage[broken]
    assert fine not in damage
