"""Backups between databases of either kind with their documents, and the check of what is stored."""

from __future__ import annotations

import dataclasses
import io
import shutil
import sqlite3
import stat
import subprocess
import tarfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import insert, select, text, update

from engine import backup, checking, documents, tasks
from engine.backup import BackupRefused
from engine.database import Database, Session
from engine.queries import lists
from engine.states import RunState, TaskState, Wait
from engine.store import Store
from engine.tables import Document, Run, Table, Task, Waiting
from tests.conftest import NOW, empty
from tests.engine.conftest import Office, make_office
from tests.engine.flows import approval
from tests.engine.media_files import PDF


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
            for table in Table.metadata.sorted_tables
        }


def attach(session: Session, office: Office, store: Store, run: int, content: bytes) -> int:
    files = [documents.keep(store, "a.pdf", io.BytesIO(PDF + content))]
    who = office(session, "kasubag")
    return documents.attach(session, who, run, files, task_id=None, title="", now=office.now)[0]


def damage(database: Database, store: Store, now: datetime | None = None, *, full: bool = True) -> list[str]:
    with database.reading() as session:
        found = [*checking.check(session), *checking.check_documents(session, store, now or NOW, full=full)]
    return [str(one.what) for one in found]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "documents")


@pytest.fixture
def filled(database: Database, office: Office, surat: int, store: Store) -> int:
    """A run with three documents, of which one was taken off, beside another with one of the same; the first run."""
    with database.transaction() as session:
        run, other = office.start(session, surat), office.start(session, surat)
        attach(session, office, store, run, b"satu")
        attach(session, office, store, run, b"dua")
        documents.detach(session, office(session, "kasubag"), attach(session, office, store, run, b"lepas"), office.now)
        attach(session, office, store, other, b"satu")
    return run


@pytest.fixture
def saved(database: Database, filled: int, store: Store, tmp_path: Path) -> Path:
    file = tmp_path / "cadangan.tar"
    assert backup.backup(database, store, file) == ()
    return file


class Elsewhere:
    """An empty installation to restore into, on SQLite."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.store = Store(folder / "documents")
        self.database = Database(f"sqlite:///{folder / 'lajur.sqlite3'}")

    def restore(self, file: Path) -> None:
        backup.restore(file, self.database, self.store)

    def is_empty(self) -> bool:
        names = {table.name for table in Table.metadata.sorted_tables}
        with closing(sqlite3.connect(str(self.database.url.database))) as connection:
            made = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            return not any(connection.execute(f"SELECT 1 FROM {name}").fetchall() for name in names & made)  # noqa: S608


@pytest.fixture
def elsewhere(tmp_path: Path) -> Elsewhere:
    return Elsewhere(tmp_path / "lain")


def test_a_backup_can_be_restored_and_worked_on(
    database: Database, office: Office, saved: Path, store: Store, elsewhere: Elsewhere
) -> None:
    elsewhere.restore(saved)
    assert rows(elsewhere.database) == rows(database)
    assert [sha256 for sha256, _ in elsewhere.store.files()] == [sha256 for sha256, _ in store.files()]
    assert len(list(store.files())) == 3
    with elsewhere.database.transaction() as session:
        who = office(session, "kasubag")
        task = lists.of_jabatan(session, who, office.now).rows[0].id
        tasks.claim(session, who, task, office.now)
        tasks.complete(session, who, task, None, "", office.now)
    assert damage(elsewhere.database, elsewhere.store) == []
    elsewhere.database.dispose()


def test_a_backup_is_one_file_for_its_owner_alone(saved: Path, tmp_path: Path) -> None:
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        {saved.name, "documents"} | {path.name for path in tmp_path.glob("lajur.sqlite3*")}
    )
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600


def test_tar_alone_makes_a_data_folder_of_it(database: Database, saved: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tangan"
    folder.mkdir()
    subprocess.run(["tar", "-xf", saved, "-C", folder], check=True)
    by_hand = Database(f"sqlite:///{folder / 'lajur.sqlite3'}")
    assert rows(by_hand) == rows(database)
    assert damage(by_hand, Store(folder / "documents")) == []
    by_hand.dispose()


def test_a_backup_restores_into_postgresql(
    sqlite: Database, postgresql: Database, office_on_sqlite: Office, tmp_path: Path
) -> None:
    backup.backup(sqlite, Store(tmp_path / "documents"), tmp_path / "cadangan.tar")
    try:
        backup.restore(tmp_path / "cadangan.tar", postgresql, Store(tmp_path / "lain"))
        assert rows(postgresql) == rows(sqlite)
        with postgresql.transaction() as session:
            assert office_on_sqlite.start(session, 1) == 1
            assert office_on_sqlite.publish(session, dataclasses.replace(approval(), process_id="lain")) == 2
    finally:
        empty(postgresql)


@pytest.fixture
def office_on_sqlite(sqlite: Database, now: datetime) -> Office:
    with sqlite.transaction() as session:
        office = make_office(session, "Kecamatan Sukamaju", now)
        office.publish(session, approval())
    return office


def test_a_backup_while_others_write_is_of_one_moment(
    database: Database, office: Office, surat: int, store: Store, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    done, started = Event(), Event()
    written: list[int] = []

    def write() -> None:
        while not done.is_set():
            with database.transaction() as session:
                run = office.start(session, surat)
                attach(session, office, store, run, b"%d" % run)
            written.append(run)
            if len(written) > 3:
                started.set()

    writing = Thread(target=write)
    writing.start()
    try:
        assert started.wait(20)
        before = len(written)
        assert backup.backup(database, store, tmp_path / "cadangan.tar") == ()
    finally:
        done.set()
        writing.join()
    elsewhere.restore(tmp_path / "cadangan.tar")
    found = rows(elsewhere.database)
    assert before <= len(found["runs"]) == len(found["documents"]) <= len(written)
    assert damage(elsewhere.database, elsewhere.store) == []
    elsewhere.database.dispose()


def test_a_backup_never_overwrites(database: Database, saved: Path, store: Store) -> None:
    before = saved.read_bytes()
    with pytest.raises(BackupRefused, match="sudah ada"):
        backup.backup(database, store, saved)
    assert saved.read_bytes() == before


def test_a_backup_that_cannot_be_written_leaves_nothing(sqlite: Database, store: Store, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="tidak dapat dibuat"):
        backup.backup(sqlite, store, tmp_path / "tidak ada" / "cadangan.tar")
    (tmp_path / "penuh").mkdir()
    sqlite.dispose()
    Path(str(sqlite.url.database)).write_bytes(b"rusak" * 1000)
    with pytest.raises(BackupRefused, match="tidak dapat dibuat"):
        backup.backup(sqlite, store, tmp_path / "penuh" / "cadangan.tar")
    assert list((tmp_path / "penuh").iterdir()) == []


def test_what_was_lost_before_is_told_and_the_rest_restored(
    database: Database, filled: int, store: Store, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    lost, changed, fine = [sha256 for sha256, _ in store.files()]
    store.path(lost).unlink()
    store.path(changed).write_bytes(b"lain")
    assert backup.backup(database, store, tmp_path / "cadangan.tar") == (lost, changed)
    elsewhere.restore(tmp_path / "cadangan.tar")
    assert [sha256 for sha256, _ in elsewhere.store.files()] == [fine]
    assert rows(elsewhere.database) == rows(database)
    elsewhere.database.dispose()


def test_only_an_empty_database_is_filled(database: Database, saved: Path, store: Store) -> None:
    before = rows(database)
    with pytest.raises(BackupRefused, match="sudah berisi"):
        backup.restore(saved, database, store)
    assert rows(database) == before


def _members(saved: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(saved) as archive:
        return [(member, opened.read()) for member in archive if (opened := archive.extractfile(member))]


def _rewritten(saved: Path, change: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]) -> None:
    members = _members(saved)
    change(members)
    with tarfile.open(saved, "w") as archive:
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def _cut(place: int) -> Callable[[Path], None]:
    """End a backup within its member of this place."""

    def cut(saved: Path) -> None:
        with tarfile.open(saved) as archive:
            end = archive.getmembers()[place].offset_data + 5
        saved.write_bytes(saved.read_bytes()[:end])

    return cut


def _without(place: int) -> Callable[[Path], None]:
    return lambda saved: _rewritten(saved, lambda members: members.pop(place) and None)


def _renamed(name: str) -> Callable[[Path], None]:
    def rename(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        members[1][0].name = name

    return lambda saved: _rewritten(saved, rename)


def _flipped(place: int) -> Callable[[Path], None]:
    def flip(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        member, content = members[place]
        half = len(content) // 2
        members[place] = (member, content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :])

    return lambda saved: _rewritten(saved, flip)


def _link(saved: Path) -> None:
    def link(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        members[1][0].type, members[1][0].linkname = tarfile.SYMTYPE, "/etc/passwd"

    _rewritten(saved, link)


@pytest.mark.parametrize(
    "spoil",
    [
        *(_cut(place) for place in (0, 1, 3, -1)),
        *(_without(place) for place in (1, 3, -1)),
        *(_flipped(place) for place in (0, 1, -1)),
        *(_renamed(name) for name in ("documents/../../jahat", "/tmp/jahat", "documents/aa/" + "b" * 64)),  # noqa: S108
        _link,
    ],
)
def test_a_backup_that_is_not_whole_restores_nothing(
    sqlite: Database,
    office_on_sqlite: Office,
    store: Store,
    tmp_path: Path,
    elsewhere: Elsewhere,
    spoil: Callable[[Path], None],
) -> None:
    with sqlite.transaction() as session:
        run = office_on_sqlite.start(session, 1)
        for content in (b"1", b"2", b"3"):
            attach(session, office_on_sqlite, store, run, content)
    saved = tmp_path / "cadangan.tar"
    backup.backup(sqlite, store, saved)
    spoil(saved)
    with pytest.raises(BackupRefused, match="rusak atau terpotong"):
        elsewhere.restore(saved)
    assert elsewhere.is_empty()
    assert not list(tmp_path.rglob("jahat"))
    assert all(elsewhere.store.verify(sha256) for sha256, _ in elsewhere.store.files())
    elsewhere.database.dispose()


def test_a_database_that_fails_while_it_is_filled_is_left_empty(
    saved: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_connection: object, table: Table) -> None:
        if str(table) == "documents":
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_go_on_counting", full)
    with pytest.raises(BackupRefused, match="No space left"):
        elsewhere.restore(saved)
    assert elsewhere.is_empty()
    elsewhere.database.dispose()


def test_what_was_restored_in_part_is_restored_whole_the_next_time(
    saved: Path, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    cut = tmp_path / "terpotong.tar"
    shutil.copy(saved, cut)
    _without(-1)(cut)
    with pytest.raises(BackupRefused):
        elsewhere.restore(cut)
    assert list(elsewhere.store.files())
    elsewhere.restore(saved)
    assert damage(elsewhere.database, elsewhere.store) == []
    elsewhere.database.dispose()


@pytest.mark.parametrize("content", [b"", b"bukan cadangan", b"\0" * 20_000, b"SQLite format 3\0" + b"x" * 5000])
def test_another_file_is_no_backup(elsewhere: Elsewhere, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "salah").write_bytes(content)
    with pytest.raises(BackupRefused, match="salah"):
        elsewhere.restore(tmp_path / "salah")
    assert elsewhere.is_empty()
    elsewhere.database.dispose()


def test_a_database_or_an_archive_of_something_else_is_no_backup(elsewhere: Elsewhere, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "lain.sqlite3")) as connection:
        connection.execute("CREATE TABLE offices (id INTEGER)")
    with tarfile.open(tmp_path / "lain.tar", "w") as archive:
        archive.add(tmp_path / "lain.sqlite3", "foto.jpg")
    for name in ("lain.sqlite3", "lain.tar"):
        with pytest.raises(BackupRefused, match="bukan cadangan Lajur"):
            elsewhere.restore(tmp_path / name)
    assert elsewhere.is_empty()
    elsewhere.database.dispose()


def test_a_backup_of_a_later_release_is_refused(
    sqlite: Database, office_on_sqlite: Office, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    with sqlite.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    sqlite.dispose()
    with pytest.raises(BackupRefused, match="rilis Lajur yang lebih baru"):
        elsewhere.restore(Path(str(sqlite.url.database)))
    assert elsewhere.is_empty()
    elsewhere.database.dispose()


def test_a_database_in_use_is_no_backup(sqlite: Database, office_on_sqlite: Office, elsewhere: Elsewhere) -> None:
    with sqlite.reading(), pytest.raises(BackupRefused, match="sedang dipakai"):
        elsewhere.restore(Path(str(sqlite.url.database)))
    elsewhere.database.dispose()


def test_runs_that_cannot_go_on_are_found_and_named(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        broken, lost, marked, over, awaited, fine = (office.start(session, surat) for _ in range(6))
        session.execute(update(Run).where(Run.id == broken).values(state_of_engine=b"{"))
        session.execute(update(Task).where(Task.run_id == lost).values(engine_id="0" * 32))
        session.execute(update(Run).where(Run.id == marked).values(damage="KeyError"))
        session.execute(update(Run).where(Run.id == over).values(state=RunState.FINISHED))
        waits = {"office_id": office.id, "node_id": "x", "name": "", "since": NOW, "kind": Wait.TIMER}
        session.execute(insert(Waiting).values(run_id=awaited, engine_id="1" * 32, **waits))
    with database.reading() as session:
        found = {one.run_id: str(one.what) for one in checking.check(session)}
    assert found.pop(broken).startswith("Keadaan berkas tidak dapat dimuat")
    assert found == {
        lost: "Tugas yang terbuka tidak sama dengan keadaan berkas.",
        marked: "Berkas ditandai rusak (KeyError).",
        over: "Berkas sudah berakhir, tetapi masih ada tugasnya yang terbuka.",
        awaited: "Yang ditunggu berkas ini tidak sama dengan keadaannya.",
    }
    assert fine not in found


def test_a_task_that_nobody_can_see_is_damage(database: Database, office: Office, surat: int) -> None:
    """The state waits for it, but its row says that it was done."""
    with database.transaction() as session:
        run = office.start(session, surat)
        session.execute(update(Task).values(state=TaskState.COMPLETED))
    with database.reading() as session:
        assert [one.run_id for one in checking.check(session)] == [run]


def test_what_waits_behind_the_end_is_damage(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        run = office.start(session, surat)
        session.execute(update(Run).values(state=RunState.CANCELLED))
        session.execute(update(Task).values(state=TaskState.WITHDRAWN))
        waits = {"office_id": office.id, "node_id": "x", "name": "", "since": NOW, "kind": Wait.TIMER}
        session.execute(insert(Waiting).values(run_id=run, engine_id="1" * 32, **waits))
    with database.reading() as session:
        assert [(one.run_id, str(one.what)) for one in checking.check(session)] == [
            (run, "Berkas sudah berakhir, tetapi masih menunggu sesuatu.")
        ]


def test_all_runs_are_checked_a_part_at_a_time(
    database: Database, office: Office, surat: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "PART", 2)
    with database.transaction() as session:
        started = [office.start(session, surat) for _ in range(7)]
        session.execute(update(Run).where(Run.id != started[3]).values(state_of_engine=b""))
    with database.reading() as session:
        assert [one.run_id for one in checking.check(session)] == [run for run in started if run != started[3]]
        assert checking.counted(session) == checking.Counted(runs=7, documents=0)


def test_a_reference_to_nothing_is_damage(sqlite: Database, office_on_sqlite: Office) -> None:
    with sqlite.transaction() as session:
        office_on_sqlite.start(session, 1)
    sqlite.dispose()
    with closing(sqlite3.connect(str(sqlite.url.database))) as connection:  # which checks no references
        connection.execute("UPDATE runs SET started_by = 999")
        connection.commit()
    with sqlite.reading() as session:
        (found,) = checking.check(session)
    assert str(found.what) == "Baris 1 tabel runs menunjuk baris tabel people yang tidak ada."


def test_documents_that_are_lost_or_changed_are_damage(database: Database, filled: int, store: Store) -> None:
    assert damage(database, store) == []
    with database.reading() as session:
        (one, *_), (two, *_), (off, *_), _ = session.execute(select(Document.sha256).order_by(Document.id))
    store.path(two).unlink()
    path = store.path(off)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with database.reading() as session:
        found = list(checking.check_documents(session, store, NOW, full=True))
    assert [(one.document_id, one.run_id, str(one.what)) for one in found] == [
        (2, filled, "Isi dokumen “a.pdf” tidak ada."),
        (3, filled, "Isi dokumen “a.pdf” berubah sejak dilampirkan."),
    ]
    assert damage(database, store, full=False) == ["Isi dokumen “a.pdf” tidak ada."]
    store.path(one).write_bytes(b"pendek")
    assert len(damage(database, store, full=False)) == 3


def test_a_file_without_a_row_is_damage_after_a_day(database: Database, filled: int, store: Store) -> None:
    sha256 = store.put(io.BytesIO(b"yatim"), 10).sha256
    now = datetime.now(UTC)
    assert damage(database, store, now) == []
    assert damage(database, store, now + timedelta(hours=25)) == [
        f"Isi dokumen {sha256} tidak disebut oleh dokumen mana pun."
    ]
