"""`lajur evaluate`: a table for labelled documents, one clear sentence for everything else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from web.cli import main

SOPS = Path(__file__).parents[1] / "bpmn/sops"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file in SOPS.glob("dinas_*"):
        shutil.copy(file, tmp_path)
    return tmp_path


def evaluate(*arguments: object) -> Result:
    return CliRunner(env={"LC_ALL": "C"}).invoke(main, ["evaluate", *map(str, arguments)])


def refused(folder: Path) -> str:
    result = evaluate(folder)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_each_labelled_document_below_the_folder_has_a_row(folder: Path) -> None:
    (folder / "lain").mkdir()
    for file in folder.glob("dinas_kgb.*"):
        file.rename(folder / "lain" / file.name)
    (folder / "tanpa_label.txt").write_text("bukan SOP")
    lines = evaluate(folder).stdout.splitlines()
    assert len(lines) == 2 + len(list(folder.rglob("*.gold.json")))
    assert any(line.startswith(str(Path("lain/dinas_kgb.txt"))) for line in lines)
    assert lines[-1].startswith("semua")


def test_the_wrong_steps_are_listed_on_demand(folder: Path) -> None:
    plain, listed = evaluate(folder).stdout, evaluate(folder, "--wrong").stdout
    assert listed.startswith(plain)
    assert "seharusnya" in listed.removeprefix(plain)


def test_a_folder_without_labelled_documents_is_refused(tmp_path: Path) -> None:
    assert "tidak ada dokumen" in refused(tmp_path)
    (tmp_path / "sop.txt").write_text("x")
    assert "tidak ada dokumen" in refused(tmp_path)


@pytest.mark.parametrize("broken", ["{", "[]", '{"sops": []}'])
def test_a_broken_file_of_labels_is_refused_by_its_name(folder: Path, broken: str) -> None:
    (folder / "dinas_kgb.gold.json").write_text(broken)
    assert "dinas_kgb.gold.json" in refused(folder)


def test_a_document_that_cannot_be_read_is_refused_by_its_name(folder: Path) -> None:
    (folder / "dinas_kgb.txt").write_text("bukan SOP")
    assert "dinas_kgb.txt" in refused(folder)
