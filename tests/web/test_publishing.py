"""`lajur publish`: diagrams into an installation in the name of an analyst, all of them or none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from engine.database import Database
from engine.tables import Definition, Draft, Version
from tests.conftest import NOW
from tests.web.conftest import LETTER, furnish
from web import places
from web.cli import main

CHANGED = LETTER.replace(b'"Menyusun konsep surat"', b'"Menulis konsep surat"')
OTHER = LETTER.replace(b"surat_pengantar", b"surat_tugas")
SCRIPT = OTHER.replace(b"bpmn:userTask", b"bpmn:scriptTask")


@pytest.fixture
def folder(tmp_path: Path, empty_sqlite: Path) -> Path:
    """A data folder with an office that has the SOP of the letter."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(empty_sqlite, data / places.DATABASE)
    database = Database(f"sqlite:///{data / places.DATABASE}")
    furnish(database, NOW)
    database.dispose()
    return data


@pytest.fixture
def draw(tmp_path: Path) -> dict[str, Path]:
    """Files of diagrams by name."""
    drawn = {"letter": LETTER, "changed": CHANGED, "other": OTHER, "script": SCRIPT, "garbage": b"%PDF"}
    for name, xml in drawn.items():
        (tmp_path / f"{name}.bpmn").write_bytes(xml)
    return {name: tmp_path / f"{name}.bpmn" for name in drawn}


def publish(folder: Path, *arguments: object, username: str = "analis") -> Result:
    environment = {"LC_ALL": "C", places.VARIABLE: ""}
    command = ["publish", *map(str, arguments), "--as", username, "--data", str(folder)]
    return CliRunner(env=environment).invoke(main, command)


def versions(folder: Path) -> list[tuple[str, int, str]]:
    """Process id, number and note of all versions there are."""
    database = Database(f"sqlite:///{folder / places.DATABASE}")
    with database.reading() as session:
        found = session.execute(
            select(Definition.process_id, Version.number, Version.note)
            .join(Version, Version.definition_id == Definition.id)
            .order_by(Version.id)
        ).all()
    database.dispose()
    return [(process, number, note) for process, number, note in found]


FIRST = ("surat_pengantar", 1, "Versi pertama")


def test_several_diagrams_are_published_at_once(folder: Path, draw: dict[str, Path]) -> None:
    result = publish(folder, draw["changed"], draw["other"], "--note", "Istilah baru", "--office", "Kecamatan Sukamaju")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-2:] == [
        f"{draw['changed']}: versi 2 SOP “Surat Pengantar” diterbitkan.",
        f"{draw['other']}: versi 1 SOP “Surat Pengantar” diterbitkan.",
    ]
    assert versions(folder) == [FIRST, ("surat_pengantar", 2, "Istilah baru"), ("surat_tugas", 1, "Istilah baru")]


def test_what_is_there_already_is_not_published_again(folder: Path, draw: dict[str, Path]) -> None:
    result = publish(folder, draw["letter"], "--note", "Sama")
    assert result.exit_code == 0
    assert "tidak ada yang berubah" in result.stdout
    assert versions(folder) == [FIRST]


def test_a_draft_is_left_for_an_analyst_to_publish(folder: Path, draw: dict[str, Path]) -> None:
    result = publish(folder, draw["changed"], "--draft")
    assert result.exit_code == 0, result.output
    assert "disimpan sebagai draf" in result.stdout
    assert versions(folder) == [FIRST]
    database = Database(f"sqlite:///{folder / places.DATABASE}")
    with database.reading() as session:
        assert session.scalars(select(Draft.xml)).one() == CHANGED
    database.dispose()


def test_every_problem_is_told_with_file_line_and_element_and_nothing_is_published(
    folder: Path, draw: dict[str, Path]
) -> None:
    result = publish(folder, draw["changed"], draw["script"], draw["garbage"], "--note", "x")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert any(line.startswith(f"{draw['script']}:29: langkah_1: ") and "skrip" in line for line in lines), lines
    assert any(line.startswith(f"{draw['garbage']}:1: ") for line in lines), lines
    assert any(line.startswith(f"{draw['changed']}:61: langkah_3: peringatan: ") for line in lines), lines
    assert versions(folder) == [FIRST]


@pytest.mark.parametrize(
    ("arguments", "username", "told"),
    [
        ((), "analis", "Catatan versi wajib diisi"),
        (("--note", "x"), "rina", "tidak berwenang"),
        (("--note", "x"), "siapa", "“siapa”"),
        (("--note", "x", "--office", "Kecamatan Seberang"), "analis", "bukan dari Kecamatan Seberang"),
    ],
)
def test_a_refusal_is_one_line_and_status_1(
    folder: Path, draw: dict[str, Path], arguments: tuple[str, ...], username: str, told: str
) -> None:
    result = publish(folder, draw["other"], draw["changed"], *arguments, username=username)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("lajur: publish: ")
    assert told in line
    assert versions(folder) == [FIRST]


def test_without_data_nothing_is_made(tmp_path: Path, draw: dict[str, Path]) -> None:
    result = publish(tmp_path / "kosong", draw["letter"], "--note", "x")
    assert result.exit_code == 1
    assert "Belum ada data Lajur" in result.stderr
    assert not (tmp_path / "kosong").exists()
