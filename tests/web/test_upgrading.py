"""`lajur upgrade`, and what `lajur serve` does with a database of an older release: a backup first, and once."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import make_url, text

from bpmn.wording import Sentence
from engine import backup, renewing, tallies, upgrading
from engine.database import Database, revisions
from engine.store import Store
from tests.conftest import POSTGRESQL
from tests.freeze import FOLDER
from tests.web.test_command import refused
from tests.web.test_serving import started
from web import keeping, places, serving
from web.cli import main

RELEASES = sorted(FOLDER.glob("*.sql"))


def lajur(*arguments: object, url: str = "") -> Result:
    return CliRunner(env={"LC_ALL": "C", places.VARIABLE: url}).invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(params=RELEASES, ids=lambda file: file.stem)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A data folder as an earlier release left it."""
    return thaw(request.param, tmp_path / "data")


def thaw(release: Path, folder: Path) -> Path:
    folder.mkdir()
    connection = sqlite3.connect(folder / places.DATABASE)
    connection.executescript(release.read_text(encoding="utf-8"))
    connection.close()
    return folder


def revision(file: Path) -> str:
    connection = sqlite3.connect(file)
    (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    connection.close()
    return str(found)


def backups(folder: Path) -> list[Path]:
    return sorted((folder / renewing.BACKUPS).glob("*"))


@pytest.fixture
def old_postgresql() -> Iterator[Database]:
    """An empty database of its own on the server, to be filled with what an earlier release left."""
    if POSTGRESQL is None:
        pytest.skip("needs PostgreSQL: set LAJUR_TEST_POSTGRESQL to the URL of a database on a server for tests")
    name = f"lajur_old_{os.getpid()}"
    server = Database(POSTGRESQL)
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    database = Database(make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False))
    yield database
    database.dispose()
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def test_an_upgrade_backs_up_first_in_the_older_release_s_form_and_checks(old: Path, tmp_path: Path) -> None:
    before = revision(old / places.DATABASE)
    result = lajur("upgrade", "--data", old)
    assert result.exit_code == 0, result.output
    (made,) = backups(old)
    assert made.stat().st_mode & 0o077 == 0
    assert str(made) in result.stdout
    assert "tidak ada kerusakan" in result.stdout
    assert revision(old / places.DATABASE) == revisions()[0]
    subprocess.run(["tar", "-xf", made, "-C", tmp_path], check=True)
    assert revision(tmp_path / places.DATABASE) == before
    assert lajur("restore", made, "--data", tmp_path / "lain").exit_code == 0
    assert lajur("check", "--data", tmp_path / "lain").exit_code == 0


def test_an_upgrade_of_what_is_current_changes_nothing_and_makes_no_backup(old: Path) -> None:
    lajur("upgrade", "--data", old)
    again = lajur("upgrade", "--data", old)
    assert again.exit_code == 0
    assert len(backups(old)) == 1
    assert "Cadangan" not in again.stdout


def test_there_is_nothing_to_upgrade_where_nothing_was_ever_kept(tmp_path: Path) -> None:
    assert "Belum ada data" in refused(lajur("upgrade", "--data", tmp_path / "kosong"))
    assert not (tmp_path / "kosong").exists()


def test_an_upgrade_that_fails_says_how_to_go_back_and_restores_nothing(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_database: Database) -> None:
        raise RuntimeError

    monkeypatch.setattr(tallies, "catch_up", fail)
    said = refused(lajur("upgrade", "--data", old))
    (made,) = backups(old)
    assert f"lajur restore {made}" in said
    assert [file.name for file in old.iterdir() if file.suffix == ".sqlite3"] == [places.DATABASE]


def test_nothing_is_upgraded_where_no_backup_can_be_made(old: Path) -> None:
    before = revision(old / places.DATABASE)
    (old / renewing.BACKUPS).write_text("no folder")
    assert "Cadangan tidak dapat dibuat" in refused(lajur("upgrade", "--data", old))
    assert revision(old / places.DATABASE) == before


def test_what_only_looks_does_not_upgrade_but_an_older_release_s_data_can_be_backed_up(
    old: Path, tmp_path: Path
) -> None:
    before = revision(old / places.DATABASE)
    assert "lajur upgrade" in refused(lajur("check", "--data", old))
    assert "lajur upgrade" in refused(lajur("worker", "--data", old))
    assert lajur("backup", tmp_path / "cadangan.tar", "--data", old).exit_code == 0
    assert revision(old / places.DATABASE) == before


def test_of_processes_that_start_at_once_one_upgrades(tmp_path: Path) -> None:
    folder = thaw(RELEASES[0], tmp_path / "data")
    command = [sys.executable, "-m", "web.cli", "upgrade", "--data", str(folder)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as one,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other,
    ):
        said = [process.communicate(timeout=60)[0] for process in (one, other)]
    assert [one.returncode, other.returncode] == [0, 0]
    assert sum("Cadangan" in text for text in said) == 1
    assert len(backups(folder)) == 1


def test_serve_backs_up_and_upgrades_a_file(tmp_path: Path) -> None:
    folder = thaw(RELEASES[-1], tmp_path / "data")
    with started("serve", "--port", "0", "--no-worker", "--data", str(folder)) as (_, said):
        (made,) = backups(folder)
        assert str(made) in said
        assert "dimutakhirkan" in said


def test_serve_upgrades_postgresql_only_when_told_to(old_postgresql: Database, tmp_path: Path) -> None:
    url = old_postgresql.url.render_as_string(hide_password=False)
    place = places.Place(tmp_path / "data", url)
    told: list[Sentence] = []
    serving.make_ready(place, old_postgresql, upgrade=False, tell=told.append)  # an empty one gets its tables
    assert upgrading.form(old_postgresql) is upgrading.Form.CURRENT
    assert told == []
    as_of(old_postgresql, RELEASES[-1], tmp_path)
    with pytest.raises(upgrading.NeedsUpgrade, match="lajur upgrade"):
        serving.make_ready(place, old_postgresql, upgrade=False, tell=told.append)
    assert upgrading.form(old_postgresql) is upgrading.Form.OLDER
    serving.make_ready(place, old_postgresql, upgrade=True, tell=told.append)
    assert upgrading.form(old_postgresql) is upgrading.Form.CURRENT
    (made,) = backups(place.folder)
    assert lajur("restore", made, "--data", tmp_path / "lain").exit_code == 0
    assert lajur("check", "--data", tmp_path / "lain").exit_code == 0
    assert keeping.upgrade(place, told.append)


def as_of(database: Database, release: Path, folder: Path) -> None:
    """Fill a database with the tables and rows of an earlier release."""
    frozen = Database(f"sqlite:///{thaw(release, folder / 'frozen') / places.DATABASE}")
    with database.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
    database.upgrade(frozen.revision() or "")
    known = backup._reflected(frozen)
    with frozen.reading() as reading, database.transaction() as writing:
        backup._copy(reading.connection(), writing.connection(), known)
    frozen.dispose()


def test_moments_and_documents_of_an_older_release_are_copied_as_they_are(
    old_postgresql: Database, tmp_path: Path
) -> None:
    as_of(old_postgresql, RELEASES[-1], tmp_path)
    with old_postgresql.engine.begin() as connection:
        connection.execute(text("SET TIME ZONE 'Asia/Makassar'"))
        wanted = connection.scalar(text("SELECT min(at AT TIME ZONE 'UTC') FROM history"))
    target = tmp_path / "cadangan.tar"
    assert backup.backup(old_postgresql, Store(tmp_path / "documents"), target) == ()
    subprocess.run(["tar", "-xf", target, "-C", tmp_path], check=True)
    copied = sqlite3.connect(tmp_path / places.DATABASE)
    (found,) = copied.execute("SELECT min(at) FROM history").fetchone()
    copied.close()
    assert found[:19] == str(wanted)[:19]
