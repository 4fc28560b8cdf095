"""`lajur render` and `lajur translate --over`: pictures of diagrams, and diagrams brought up to date."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from bpmn import layout, library, parser, writer
from tests.bpmn.test_layout import SOP
from web.cli import main

LIBRARY = Path(str(files(library)))
DOCUMENTS = sorted(LIBRARY.glob("*/*.txt"))


def lajur(*arguments: object) -> Result:
    return CliRunner(env={"LC_ALL": "C"}).invoke(main, [str(argument) for argument in arguments])


def refused(result: Result) -> str:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1, result.stderr
    return result.stderr


@pytest.fixture
def diagram(tmp_path: Path) -> Path:
    file = tmp_path / "surat.bpmn"
    file.write_bytes(writer.write(SOP, layout.place(SOP)))
    return file


def test_all_eleven_sops_are_drawn(tmp_path: Path) -> None:
    result = lajur("render", *DOCUMENTS, "-o", tmp_path / "gambar")
    assert result.exit_code == 0, result.output
    made = sorted((tmp_path / "gambar").iterdir())
    assert len(made) == 11
    assert sorted(result.stdout.splitlines()) == [str(path) for path in made]
    for path in made:
        assert etree.QName(etree.parse(path).getroot()).localname == "svg"


def test_a_diagram_is_drawn_beside_its_file_as_it_stands(diagram: Path) -> None:
    result = lajur("render", diagram)
    assert result.stdout == f"{diagram.with_suffix('.svg')}\n"
    before = diagram.with_suffix(".svg").read_bytes()
    bounds = layout.place(SOP).nodes["langkah_1"]
    diagram.write_bytes(diagram.read_bytes().replace(f'x="{bounds.x}" y'.encode(), f'x="{bounds.x + 5}" y'.encode()))
    lajur("render", diagram)
    assert diagram.with_suffix(".svg").read_bytes() != before


def test_a_diagram_without_drawing_is_laid_out(diagram: Path) -> None:
    lajur("render", diagram)
    before = diagram.with_suffix(".svg").read_bytes()
    diagram.write_bytes(writer.write(SOP))
    lajur("render", diagram)
    assert diagram.with_suffix(".svg").read_bytes() == before


def test_a_bad_file_writes_nothing_even_after_a_good_one(diagram: Path, tmp_path: Path) -> None:
    bad = tmp_path / "rusak.bpmn"
    bad.write_bytes(diagram.read_bytes()[:-40])
    assert "rusak.bpmn" in refused(lajur("render", diagram, bad, "-o", tmp_path / "gambar"))
    assert not (tmp_path / "gambar").exists()


def test_two_files_of_one_name_are_not_drawn_over_each_other(diagram: Path, tmp_path: Path) -> None:
    other = tmp_path / "lain" / diagram.name
    other.parent.mkdir()
    other.write_bytes(diagram.read_bytes())
    assert "surat.svg" in refused(lajur("render", diagram, other, "-o", tmp_path / "gambar"))


def test_png_without_its_library_says_how_to_get_it(diagram: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("bpmn.drawing.raster.importlib.import_module", missing)
    assert "pip install 'lajur[png]'" in refused(lajur("render", diagram, "--png"))
    assert not diagram.with_suffix(".png").exists()


def test_png_is_written(diagram: Path) -> None:
    pytest.importorskip("resvg_py")
    assert lajur("render", diagram, "--png").stdout == f"{diagram.with_suffix('.png')}\n"
    assert diagram.with_suffix(".png").read_bytes().startswith(b"\x89PNG")


# -- over an edited diagram -------------------------------------------------------------------------------------------

GAMBUT = LIBRARY / "gambut" / "sop.txt"


@pytest.fixture
def translated(tmp_path: Path) -> Path:
    lajur("translate", GAMBUT, "-o", tmp_path / "lama")
    return next((tmp_path / "lama").iterdir())


@pytest.mark.parametrize("folder", [False, True])
def test_over_its_own_translation_nothing_changes(translated: Path, tmp_path: Path, folder: bool) -> None:
    over = translated.parent if folder else translated
    result = lajur("translate", GAMBUT, "--over", over, "-o", tmp_path / "baru")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "baru" / translated.name).read_bytes() == translated.read_bytes()


def test_a_name_given_by_hand_survives_a_new_translation(translated: Path, tmp_path: Path) -> None:
    task = parser.parse(translated.read_bytes()).tasks()[2]
    edited = translated.read_bytes().replace(f'name="{task.name}"'.encode(), b'name="Nama dari analis"')
    translated.write_bytes(edited)
    lajur("translate", GAMBUT, "--over", translated, "-o", tmp_path / "baru")
    assert (tmp_path / "baru" / translated.name).read_bytes() == edited


def test_a_document_of_several_sops_takes_the_diagram_of_the_one_it_belongs_to(tmp_path: Path) -> None:
    document = LIBRARY / "kebasen" / "sop.txt"
    lajur("translate", document, "-o", tmp_path / "lama")
    first, second = sorted((tmp_path / "lama").iterdir())
    first.write_bytes(first.read_bytes().replace(b'name="Setuju"', b'name="Ya"'))
    assert b'name="Ya"' in first.read_bytes()
    lajur("translate", document, "--over", first, "-o", tmp_path / "baru")
    assert (tmp_path / "baru" / first.name).read_bytes() == first.read_bytes()
    assert (tmp_path / "baru" / second.name).read_bytes() == second.read_bytes()


def test_a_diagram_of_another_sop_is_refused(diagram: Path, tmp_path: Path) -> None:
    document = LIBRARY / "kebasen" / "sop.txt"
    assert "surat.bpmn" in refused(lajur("translate", document, "--over", diagram, "-o", tmp_path / "baru"))
    assert not (tmp_path / "baru").exists()


# -- the official form ------------------------------------------------------------------------------------------------


def test_a_diagram_is_printed_as_its_official_form(tmp_path: Path, diagram: Path) -> None:
    target = tmp_path / "lembar.pdf"
    result = lajur("sheet", diagram, "-o", target, "--paper", "F4")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{target}\n"
    assert target.read_bytes().startswith(b"%PDF-")
    assert b"935.4 609.4" in target.read_bytes()


def test_all_sops_of_a_document_are_one_pdf_beside_it(tmp_path: Path) -> None:
    document = tmp_path / "sop.txt"
    document.write_bytes(DOCUMENTS[0].read_bytes())
    assert lajur("sheet", document).exit_code == 0
    assert (tmp_path / "sop.pdf").read_bytes().startswith(b"%PDF-")


def test_what_is_no_diagram_has_no_sheet(tmp_path: Path) -> None:
    broken = tmp_path / "rusak.bpmn"
    broken.write_bytes(b"<html/>")
    assert "rusak.bpmn" in refused(lajur("sheet", broken))
    assert not (tmp_path / "rusak.pdf").exists()
