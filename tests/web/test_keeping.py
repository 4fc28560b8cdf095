"""`lajur backup`, `lajur restore`, `lajur check`, and where they find the data."""

from __future__ import annotations

import io
import os
import re
import shutil
from pathlib import Path

import platformdirs
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from engine import documents, reaching
from engine.database import Database, Session
from engine.store import Store
from tests.conftest import NOW
from tests.engine.conftest import make_office
from tests.engine.flows import approval
from tests.engine.media_files import PDF
from tests.web.test_command import refused
from web import demo, places
from web.cli import main


def lajur(*arguments: object, database: str = "") -> Result:
    environment = {"LC_ALL": "C", places.VARIABLE: database}
    return CliRunner(env=environment).invoke(main, [str(argument) for argument in arguments])


def said(result: Result, exit_code: int = 0) -> list[str]:
    assert result.exit_code == exit_code, result.output
    assert result.stderr == ""
    return result.stdout.splitlines()


def fill(session: Session, store: Store) -> None:
    """An office with two runs, one of them with a document."""
    office = make_office(session, "Kecamatan Sukamaju", NOW)
    definition = office.publish(session, approval())
    first, _ = (office.start(session, definition) for _ in range(2))
    files = [documents.keep(store, "surat.pdf", io.BytesIO(PDF))]
    documents.attach(session, office(session, "kasubag"), first, files, task_id=None, title="", now=NOW)


@pytest.fixture
def folder(tmp_path: Path, empty_sqlite: Path) -> Path:
    """A data folder with something in it."""
    place = places.Place(tmp_path / "data", f"sqlite:///{tmp_path / 'data' / places.DATABASE}")
    store = place.store()
    shutil.copy(empty_sqlite, place.folder / places.DATABASE)
    database = place.database()
    with database.transaction() as session:
        fill(session, store)
    database.dispose()
    return place.folder


def test_what_is_backed_up_is_restored_and_whole(folder: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "cadangan.tar", tmp_path / "lain"
    whole = "2 berkas dan 1 dokumen diperiksa, tidak ada kerusakan."
    assert said(lajur("check", "--data", folder)) == [whole]
    assert said(lajur("backup", file, "--data", folder)) == [f"Cadangan ditulis ke {file}."]
    assert said(lajur("restore", file, "--data", other)) == [f"2 berkas dan 1 dokumen dipulihkan dari {file}."]
    assert said(lajur("check", "--data", other)) == [whole]
    assert "sudah ada" in refused(lajur("backup", file, "--data", folder))
    assert "sudah berisi" in refused(lajur("restore", file, "--data", other))


def test_any_kind_of_database_is_backed_up_and_restored(database: Database, tmp_path: Path) -> None:
    url = database.url.render_as_string(hide_password=False)
    data, file = tmp_path / "data", tmp_path / "cadangan.tar"
    with database.transaction() as session:
        fill(session, places.Place(data, url).store())
    assert said(lajur("backup", file, "--data", data, database=url)) == [f"Cadangan ditulis ke {file}."]
    assert said(lajur("restore", file, "--data", tmp_path / "lain"))
    assert said(lajur("check", "--data", tmp_path / "lain"))[-1].endswith("tidak ada kerusakan.")


def test_all_damage_is_told_a_line_for_each(folder: Path, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{folder / places.DATABASE}")
    with database.transaction() as session:
        session.execute(text("UPDATE runs SET damage = 'KeyError' WHERE id = 2"))
    database.dispose()
    store = Store(folder / places.DOCUMENTS)
    ((sha256, _),) = store.files()
    store.path(sha256).write_bytes(b"x" * len(PDF))
    orphan = store.put(io.BytesIO(b"yatim"), 10).sha256
    os.utime(store.path(orphan), (0, 0))
    lines = said(lajur("check", "--data", folder), exit_code=1)
    assert lines == [
        "Berkas 2: Berkas ditandai rusak (KeyError).",
        "Berkas 2: Papan tidak menunjukkan keadaan berkas yang sebenarnya.",
        "Dokumen 1 pada berkas 1: Isi dokumen “surat.pdf” berubah sejak dilampirkan.",
        f"Isi dokumen {orphan} tidak disebut oleh dokumen mana pun.",
        "2 berkas dan 1 dokumen diperiksa, 4 kerusakan ditemukan.",
    ]
    fast = said(lajur("check", "--fast", "--data", folder), exit_code=1)
    assert fast == [*lines[:2], lines[3], "2 berkas dan 1 dokumen diperiksa, 3 kerusakan ditemukan."]


def test_the_seal_of_a_run_is_told_and_whether_its_history_is_whole(folder: Path) -> None:
    seal, whole = said(lajur("check", "--berkas", 1, "--data", folder))
    assert re.fullmatch(r"Sidik riwayat berkas 1: ([0-9a-f]{4} ){3}[0-9a-f]{4} \(2 entri\)\.", seal)
    assert whole == "Riwayat berkas 1 utuh."
    database = Database(f"sqlite:///{folder / places.DATABASE}")
    with database.transaction() as session:
        session.execute(text("DROP TRIGGER history_stays"))
        session.execute(text("DELETE FROM history WHERE run_id = 1 AND verb = 'start'"))
    database.dispose()
    assert said(lajur("check", "--berkas", 1, "--data", folder), exit_code=1)[1].startswith("Berkas 1: Riwayat")
    assert "tidak ditemukan" in refused(lajur("check", "--berkas", 99, "--data", folder))


def test_a_backup_with_holes_says_so(folder: Path, tmp_path: Path) -> None:
    shutil.rmtree(folder / places.DOCUMENTS)
    lines = said(lajur("backup", tmp_path / "cadangan.tar", "--data", folder), exit_code=1)
    assert lines[1] == "1 dokumen tidak ikut karena isinya hilang atau rusak; lihat lajur check."
    assert said(lajur("restore", tmp_path / "cadangan.tar", "--data", tmp_path / "lain"))


@pytest.mark.parametrize("command", ["backup", "check"])
def test_where_nothing_is_kept_nothing_is_made(tmp_path: Path, command: str) -> None:
    arguments = [command, *([tmp_path / "cadangan.tar"] if command == "backup" else []), "--data", tmp_path / "salah"]
    assert "Belum ada data Lajur" in refused(lajur(*arguments))
    assert "belum berisi data Lajur" in refused(lajur(*arguments, database=f"sqlite:///{tmp_path / 'kosong.db'}"))
    assert not (tmp_path / "cadangan.tar").exists()


def test_a_file_that_is_not_there_or_no_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "foto.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    assert "No such file" in refused(lajur("restore", tmp_path / "tidak.tar", "--data", tmp_path / "data"))
    assert "bukan cadangan" in refused(lajur("restore", tmp_path / "foto.jpg", "--data", tmp_path / "data"))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("lajur.sqlite3", "Alamat basis data tidak dapat dibaca"),
        ("postgresql://server:lima/lajur", "Alamat basis data tidak dapat dibaca"),
        ("mysql://server/lajur", "Basis data harus SQLite atau PostgreSQL"),
        ("postgresql+psycopg2://server/lajur", "tidak terpasang"),
        ("postgresql+lain://server/lajur", "tidak terpasang"),
        ("postgresql+psycopg://nama:rahasia@127.0.0.1:1/lajur", "tidak dapat dipakai"),
        ("sqlite:////tidak/ada/lajur.sqlite3", "unable to open database file"),
    ],
)
def test_a_database_that_cannot_be_reached_is_told_in_a_sentence(folder: Path, url: str, why: str) -> None:
    for command in ("check", "backup", "restore"):
        file = [] if command == "check" else [folder / "x.tar"]
        line = refused(lajur(command, *file, "--data", folder, database=url))
        assert why in line
        assert "rahasia" not in line


def test_a_broken_or_foreign_database_is_told_in_a_sentence(folder: Path) -> None:
    file = folder / places.DATABASE
    database = Database(f"sqlite:///{file}")
    with database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.dispose()
    assert "rilis Lajur" in refused(lajur("check", "--data", folder))
    file.write_bytes(b"rusak" * 1000)
    assert "tidak dapat dipakai" in refused(lajur("check", "--data", folder))


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "berkas").touch()
    line = refused(lajur("restore", tmp_path / "x.tar", "--data", tmp_path / "berkas" / "data"))
    assert "tidak dapat ditulisi" in line


def test_the_place_is_named_by_option_and_environment(tmp_path: Path) -> None:
    usual = platformdirs.user_data_path("lajur", appauthor=False)
    assert places.place(None, {}) == places.Place(usual, f"sqlite:///{usual / 'lajur.sqlite3'}")
    assert places.place(tmp_path, {}) == places.Place(tmp_path, f"sqlite:///{tmp_path / 'lajur.sqlite3'}")
    other = {places.VARIABLE: " postgresql://server/lajur "}
    assert places.place(tmp_path, other) == places.Place(tmp_path, "postgresql://server/lajur")
    assert places.place(tmp_path, {}).store().folder == tmp_path / "documents"


def test_a_demo_is_checked_by_its_folder(folder: Path) -> None:
    """`lajur demo` keeps its database under the same name."""
    assert demo.DATABASE == places.DATABASE


def test_failures_of_a_database_under_way_are_refusals(sqlite: Database) -> None:
    failing = pytest.raises(reaching.CannotReach, match="no such table")
    with failing, reaching.failures(sqlite), sqlite.reading() as session:
        session.execute(text("SELECT * FROM tidak_ada"))
