"""The `lajur` command: documents in, JSON and diagrams out, and one clear sentence for everything else."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnValidator

from bpmn import library
from web.cli import main

LIBRARY = Path(str(files(library)))
DOCUMENTS = sorted(LIBRARY.glob("*/*.txt"))
STEPS = {
    "gambut": [8], "kebasen": [9, 8], "martapura_barat": [5, 11, 6], "masama": [9, 10, 9], "muara_papalik": [10, 6],
}  # fmt: skip


def lajur(*arguments: object, language: str = "C") -> Result:
    return CliRunner(env={"LC_ALL": language}).invoke(main, [str(argument) for argument in arguments])


def refused(result: Result) -> str:
    """The one line of a refusal."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("lajur: ")
    return lines[0]


def test_all_eleven_sops_are_read_with_all_91_steps() -> None:
    read = {
        document.parent.name: [
            len(sop["steps"]) for sop in json.loads(lajur("read", document, "--json").stdout)["sops"]
        ]
        for document in DOCUMENTS
    }
    assert read == STEPS
    assert sum(sum(steps) for steps in read.values()) == 91


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.parent.name)
def test_the_json_has_its_stable_keys(document: Path) -> None:
    read = json.loads(lajur("read", document, "--json").stdout)
    assert list(read) == ["sops", "problems"]
    for sop in read["sops"]:
        assert list(sop) == ["title", "number", "office", "identity", "lanes", "steps"]
        assert sop["title"]
        for step in sop["steps"]:
            assert list(step) == [
                "no", "text", "label", "lane", "lanes", "confidence", "review", "evidence", "decision",
                "kelengkapan", "waktu", "output", "keterangan", "penanggung_jawab",
            ]  # fmt: skip
            assert step["lane"] in sop["lanes"]
            assert step["lane"] in step["lanes"]
            assert 0 <= step["confidence"] <= 1
            assert step["label"]
            if step["waktu"]:
                assert list(step["waktu"]) == ["text", "amount", "unit"]
            if step["decision"]:
                assert list(step["decision"]) == ["return_to", "confidence", "review", "evidence"]
                assert step["decision"]["evidence"]
    for problem in read["problems"]:
        assert list(problem) == ["row", "column", "message"]


def test_a_document_is_shown_for_reading() -> None:
    result = lajur("read", LIBRARY / "gambut" / "sop.txt")
    assert result.exit_code == 0
    assert "Pengumpulan dan Pengukuran Data Kinerja" in result.stdout
    assert "Kasubbag Renkeua" in result.stdout


def test_every_document_becomes_valid_diagrams_the_same_each_time(tmp_path: Path) -> None:
    result = lajur("translate", *DOCUMENTS, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    made = sorted((tmp_path / "out").iterdir())
    assert len(made) == 11
    assert sorted(result.stdout.split()) == [str(path) for path in made]
    validator = BpmnValidator()
    for path in made:
        validator.validate(etree.parse(path))
    before = [path.read_bytes() for path in made]
    assert lajur("translate", *DOCUMENTS, "-o", tmp_path / "out").exit_code == 0
    assert [path.read_bytes() for path in made] == before
    assert lajur("lint", *made).exit_code == 0


def test_an_edited_diagram_is_not_overwritten_unasked(tmp_path: Path) -> None:
    document = LIBRARY / "gambut" / "sop.txt"
    path = Path(lajur("translate", document, "-o", tmp_path).stdout.strip())
    path.write_bytes(path.read_bytes() + b"\n")
    assert "--force" in refused(lajur("translate", document, "-o", tmp_path))
    assert lajur("translate", document, "-o", tmp_path, "--force").exit_code == 0


GAMBUT = (LIBRARY / "gambut" / "sop.txt").read_bytes()
CUT = GAMBUT[: GAMBUT.index(b"Memverifikasi surat") + 8]

BAD_DOCUMENTS = {
    "no SOP": b"Yth. Camat Gambut,\n\nbersama ini kami sampaikan undangan rapat.\n",
    "empty": b"",
    "blank": b" \n\t\n",
    "binary": bytes(range(256)) * 20,
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "cut off": CUT,
}


@pytest.mark.parametrize("content", BAD_DOCUMENTS.values(), ids=BAD_DOCUMENTS)
def test_a_bad_document_gets_one_sentence_and_leaves_nothing(content: bytes, tmp_path: Path) -> None:
    document = tmp_path / "dokumen.txt"
    document.write_bytes(content)
    said = refused(lajur("read", document))
    assert refused(lajur("read", document, "--json")) == said
    assert refused(lajur("translate", LIBRARY / "kebasen" / "sop.txt", document, "-o", tmp_path / "out")) == said
    assert not (tmp_path / "out").exists()


def test_the_sentence_about_a_cut_document_says_where(tmp_path: Path) -> None:
    document = tmp_path / "potong.txt"
    document.write_bytes(CUT)
    assert re.search(rf"\b{CUT.count(bytes([10])) + 1}\b", refused(lajur("read", document)))


def test_bad_diagrams_get_one_sentence_each(tmp_path: Path) -> None:
    good = Path(lajur("translate", LIBRARY / "gambut" / "sop.txt", "-o", tmp_path).stdout.strip()).read_bytes()
    bad = {
        "bukan.bpmn": b"<html><body/></html>",
        "rusak.bpmn": good[:400],
        "skrip.bpmn": good.replace(b"userTask", b"scriptTask"),
        "doctype.bpmn": good.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1),
        "lajur.bpmn": good.replace(b'name="Sekretaris"', b'name=""'),
        "syarat.bpmn": good.replace(b"conditionExpression", b"documentation"),
    }
    for name, content in bad.items():
        assert content != good, name
        path = tmp_path / name
        path.write_bytes(content)
        said = refused(lajur("lint", path))
        assert name in said
        assert refused(lajur("read", path)) == said
        assert refused(lajur("translate", path, "-o", tmp_path / "out")) == said
    assert not (tmp_path / "out").exists()


def test_a_good_diagram_is_no_document(tmp_path: Path) -> None:
    path = Path(lajur("translate", LIBRARY / "gambut" / "sop.txt", "-o", tmp_path).stdout.strip())
    assert "sudah berupa diagram BPMN" in refused(lajur("translate", path, "-o", tmp_path))
    assert lajur("lint", path).exit_code == 0


def test_a_file_that_is_not_there_is_a_usage_error() -> None:
    assert lajur("read", "tidak-ada.txt").exit_code == 2
    assert lajur("translate", "-o", "out").exit_code == 2
