"""What a modeler wrote that a flow does not carry outlives a diagram that is written anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpmn import amending, diagram_reader, grafting, layout, library, parser, writer, xml
from bpmn.amending import Correction

MODELERS = sorted((Path(__file__).parent / "modelers").glob("*.bpmn"))
ELEMENTS = sorted((Path(__file__).parent / "fixtures" / "elements").glob("*.bpmn"))

COLOURED = (Path(__file__).parent / "modelers" / "annotated.bpmn").read_bytes()


def rewritten(content: bytes) -> bytes:
    flow = parser.parse(content)
    return grafting.graft(content, writer.write(flow, layout.place(flow)))


def test_everything_a_modeler_adds_is_kept() -> None:
    made = rewritten(COLOURED)
    assert parser.parse(made) == parser.parse(COLOURED)
    for kept in (
        b"Lihat Perda",
        b"#ffcdd2",
        b'assignee="demo"',
        b'warna="biru"',
        b"Sesuai Perda",
        b"Tahap 1",
        b"Warga",
    ):
        assert made.count(kept) == 1, kept
    assert b'id="pesan"' in made
    assert b"hilang" not in made  # it leads to nothing


def test_a_document_stays_where_it_was_drawn() -> None:
    root = xml.read(rewritten(COLOURED))
    (document,) = xml.descendants(root, "bpmn:dataObjectReference")
    (line,) = xml.descendants(root, "bpmn:dataOutputAssociation")
    drawn = {element.get("bpmnElement"): element for element in xml.descendants(root, "bpmndi:BPMNShape")}
    assert next(xml.children(drawn[document.get("id")], "dc:Bounds")).get("x") == "420"
    assert line.get("id") in {element.get("bpmnElement") for element in xml.descendants(root, "bpmndi:BPMNEdge")}


@pytest.mark.parametrize("file", [*MODELERS, *ELEMENTS], ids=lambda file: file.stem)
def test_files_of_modelers_mean_the_same_and_have_no_id_twice(file: Path) -> None:
    content = file.read_bytes()
    made = rewritten(content)
    assert parser.parse(made) == parser.parse(content)
    ids = [element.get("id") for element in xml.read(made).iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert grafting.graft(made, made) == made


@pytest.mark.parametrize("source", library.diagrams(), ids=lambda source: source.name)
def test_where_there_is_nothing_to_keep_nothing_changes(source: library.Source) -> None:
    assert rewritten(source.content) == source.content


def test_a_correction_keeps_what_a_modeler_added() -> None:
    made = amending.corrected(COLOURED, [Correction("langkah_1", "Memeriksa berkas")])
    assert parser.parse(made).node("langkah_1").name == "Memeriksa berkas"
    assert b"#ffcdd2" in made
    assert b"Lihat Perda" in made
    assert diagram_reader.drawn(made)[1].nodes.keys() == {"mulai", "langkah_1", "selesai"}


def test_an_annotation_goes_with_what_it_was_about() -> None:
    flow = parser.parse(COLOURED)
    other = parser.parse(COLOURED.replace(b"langkah_1", b"langkah_9"))
    made = grafting.graft(COLOURED, writer.write(other, layout.place(other)))
    assert b"garis" not in made
    assert b"Lihat Perda" in made
    assert flow != other
