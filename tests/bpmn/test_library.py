"""The reviewed diagrams of the library: what they keep of their documents, and whether they agree with the labels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnValidator

from bpmn import layout, library, lint, parser, readers, translating, waktu, writer
from bpmn.flow import PARAF, REVIEW, TANDA_TANGAN, Flow, Node, approval
from bpmn.library import review
from bpmn.order import returns
from bpmn.sop import Manner, Sop, Step

VALIDATOR = BpmnValidator()
MUTU_BAKU = ("kelengkapan", "output", "keterangan", "penanggung_jawab")
EMPTY_LANES = {
    ("martapura_barat", "SEKRETARIS"),
    ("masama", "kepala seksi/lurah"),
    ("masama", "Pelaksana"),
    ("muara_papalik", "Seksi-Seksi Lain"),
    ("muara_papalik", "Sekretaris Camat"),
}
"""Columns of which no row says anything, or only that they take part."""


@dataclass(frozen=True)
class Reviewed:
    """An SOP of a document with its reviewed diagram, its decisions and its labels."""

    office: str
    name: str
    content: bytes
    sop: Sop
    flow: Flow
    decided: dict[str, Any]
    labelled: dict[str, Any]

    def tasks(self, no: str) -> list[Node]:
        """The tasks of a row: one, or one for each act."""
        return [node for node in self.flow.tasks() if node.properties["langkah"] == no]

    def performers(self, no: str) -> set[str]:
        """The column headings of those who perform a row."""
        found: set[str] = set()
        for task in self.tasks(no):
            assert task.lane
            told = task.properties.get("pelaksana")
            found |= set(told.split("\n")) if told else {self.flow.lane(task.lane).name}
        return found

    def step_after(self, node_id: str) -> str:
        """The number of the step of a task, or of the task that a gateway follows."""
        node = self.flow.node(node_id)
        if node.kind == "exclusiveGateway":
            (way,) = self.flow.incoming(node_id)
            return self.step_after(way.source)
        return node.properties["langkah"]


def all_reviewed() -> Iterator[Reviewed]:
    flows = [(each, parser.parse(each.content)) for each in library.diagrams()]
    files = zip(library.sources(), library.decisions(), library.labels(), strict=True)
    for source, decisions, labels in files:
        assert source.office == decisions.office == labels.office
        sops = readers.read(source.content, source.name).sops
        told = json.loads(decisions.content)["sops"], json.loads(labels.content)["sops"]
        for sop, decided, labelled in zip(sops, *told, strict=True):
            found = [
                (each, flow)
                for each, flow in flows
                if each.office == source.office and flow.process_id == translating.process_id(sop)
            ]
            ((each, flow),) = found
            yield Reviewed(source.office, each.name, each.content, sop, flow, decided, labelled)


ALL = tuple(all_reviewed())
each_sop = pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.office}/{one.name}")


def test_each_sop_of_the_five_documents_has_one_diagram() -> None:
    assert len(ALL) == 11
    assert sum(len(one.sop.steps) for one in ALL) == 91
    assert [(one.office, one.name) for one in ALL] == [(each.office, each.name) for each in library.diagrams()]
    files = Path(library.__file__).parent.glob("*/*.bpmn")
    assert {(file.parent.name, file.name) for file in files} == {(one.office, one.name) for one in ALL}


def test_the_files_are_what_the_documents_and_the_decisions_make() -> None:
    made = {(each.office, each.name): each.content for each in review.diagrams()}
    assert made == {(each.office, each.name): each.content for each in library.diagrams()}, (
        "run python -m bpmn.library.review"
    )


@each_sop
def test_a_diagram_keeps_to_the_schema_and_to_lint_and_is_written_the_same_again(one: Reviewed) -> None:
    VALIDATOR.validate(etree.fromstring(one.content))
    assert lint.lint(one.flow) == ()
    assert writer.write(one.flow, layout.place(one.flow)) == one.content


@each_sop
def test_the_labels_are_about_the_rows_and_columns_of_the_document(one: Reviewed) -> None:
    labelled = one.labelled
    assert tuple(labelled["lane_columns"]) == one.sop.lanes
    assert labelled["title"] == one.sop.title
    assert [row["no"] for row in labelled["steps"]] == [step.no for step in one.sop.steps]
    for row in labelled["steps"]:
        for lanes in (row["lanes"], *row["also"]):
            assert lanes
            assert set(lanes) <= set(one.sop.lanes)
    numbers = [step.no for step in one.sop.steps]
    for decision in labelled["decisions"]:
        for target in (decision["no_to"], *decision["also"]):
            assert numbers.index(target) < numbers.index(decision["step"])


@each_sop
def test_a_step_is_performed_by_whom_the_labels_accept(one: Reviewed) -> None:
    for row in one.labelled["steps"]:
        accepted = [set(lanes) for lanes in (row["lanes"], *row["also"])]
        assert one.performers(row["no"]) in accepted, row


@each_sop
def test_the_returns_are_those_of_the_labels(one: Reviewed) -> None:
    accepted = {row["step"]: {row["no_to"], *row["also"]} for row in one.labelled["decisions"]}
    found: dict[str, set[str]] = {}
    for edge in one.flow.edges:
        if edge.id in returns(one.flow):
            found.setdefault(one.step_after(edge.source), set()).add(one.step_after(edge.target))
    assert set(found) == set(accepted)
    for step, targets in found.items():
        assert targets <= accepted[step]


@each_sop
def test_a_step_that_is_done_only_sometimes_is_passed_by_a_forward_branch(one: Reviewed) -> None:
    branches = {(row["step"], row["skips"], row["to"]) for row in one.labelled.get("branches", ())}
    found = set()
    for gateway in one.flow.nodes:
        if gateway.kind == "exclusiveGateway":
            ways = one.flow.outgoing(gateway.id)
            if not any(way.id in returns(one.flow) for way in ways):
                found.add((one.step_after(gateway.id), *(one.step_after(way.target) for way in ways)))
    assert found == branches


@each_sop
def test_the_text_of_each_row_stands_unchanged_before_the_reviewers_note(one: Reviewed) -> None:
    for step in one.sop.steps:
        for task in one.tasks(step.no):
            text, *notes = task.documentation.split(f"\n\n{REVIEW}")
            assert text == step.text
            assert len(notes) <= 1


@each_sop
def test_every_reason_stands_in_the_diagram(one: Reviewed) -> None:
    documented = [node.documentation for node in one.flow.nodes]
    for row in one.decided["steps"]:
        for reason in (row.get("note"), row.get("decision_note")):
            assert reason is None or any(text.endswith(REVIEW + reason) for text in documented), reason
    for gateway in (node for node in one.flow.nodes if node.kind == "exclusiveGateway"):
        assert gateway.documentation.startswith(REVIEW)


@each_sop
def test_the_mutu_baku_is_what_the_reader_reads(one: Reviewed) -> None:
    assert [node.properties["langkah"] for node in one.flow.tasks()] == [
        step.no for step in one.sop.steps for _ in one.tasks(step.no)
    ]
    for step in one.sop.steps:
        first, *further = one.tasks(step.no)
        told = dict(first.properties)
        told.pop("pelaksana", None)
        told.pop("pengesahan", None)
        assert _waktu(told.pop("waktu", "")) == _printed(step)
        cells = {key: getattr(step, key) for key in MUTU_BAKU}
        assert told == {"langkah": step.no, **{key: text for key, text in cells.items() if text}}
        assert all({**task.properties, "pengesahan": ""} == {"langkah": step.no, "pengesahan": ""} for task in further)


def _waktu(text: str) -> tuple[object, object] | None:
    read = waktu.read(text)
    return (read.amount, read.unit) if read else None


def _printed(step: Step) -> tuple[object, object] | None:
    return (step.waktu.amount, step.waktu.unit) if step.waktu else None


def test_paraf_and_tanda_tangan_are_at_the_steps_whose_performer_gives_them() -> None:
    given = {
        f"{one.office} {one.name.removesuffix('.bpmn')} {task.id}": approval(task)
        for one in ALL
        for task in one.flow.tasks()
        if "pengesahan" in task.properties
    }
    assert given == {
        "gambut pengumpulan_dan_pengukuran_data_kinerja langkah_4": TANDA_TANGAN,
        "martapura_barat monitoring_kinerja langkah_6": PARAF,
        "martapura_barat monitoring_kinerja langkah_7": PARAF,
        "martapura_barat monitoring_kinerja langkah_8": TANDA_TANGAN,
        "martapura_barat monitoring_renstra langkah_3": TANDA_TANGAN,
        "martapura_barat monitoring_renstra langkah_4": PARAF,
        "masama perbaikan_data_kinerja langkah_8": PARAF,
        "masama perbaikan_data_kinerja langkah_9": TANDA_TANGAN,
        "muara_papalik penyusunan_mekanisme_pengumpulan_data_kinerja langkah_7": PARAF,
        "muara_papalik penyusunan_mekanisme_pengumpulan_data_kinerja langkah_8": PARAF,
        "muara_papalik penyusunan_mekanisme_pengumpulan_data_kinerja langkah_9": TANDA_TANGAN,
    }


@each_sop
def test_the_form_around_the_steps_is_the_documents(one: Reviewed) -> None:
    assert tuple(lane.name for lane in one.flow.lanes) == one.sop.lanes
    identity = {"nomor": one.sop.number, "kantor": one.sop.office, **one.sop.identity}
    lines = {key: entry if isinstance(entry, str) else "\n".join(entry) for key, entry in identity.items()}
    assert one.flow.properties == {key: text for key, text in lines.items() if text}
    assert one.flow.name == one.sop.title


@each_sop
def test_nothing_is_left_to_be_reviewed(one: Reviewed) -> None:
    for node in one.flow.nodes:
        assert not {"perlu_tinjauan", "dasar"} & set(node.properties)


@each_sop
def test_a_box_is_labelled_in_a_few_words_with_the_verb_first(one: Reviewed) -> None:
    for task in one.flow.tasks():
        assert task.name.startswith("Me"), task.name
        assert len(task.name) <= 55, task.name


@each_sop
def test_a_lane_without_a_step_is_one_of_those_looked_at(one: Reviewed) -> None:
    used = {task.lane for task in one.flow.tasks()}
    for lane in one.flow.lanes:
        assert lane.id in used or (one.office, lane.name) in EMPTY_LANES


def test_a_manner_is_one_that_the_translator_knows() -> None:
    told = {row["manner"] for one in ALL for row in one.decided["steps"] if "manner" in row}
    assert told == {each.value for each in Manner}
