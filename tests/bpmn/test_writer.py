from __future__ import annotations

import pytest
from hypothesis import given, settings
from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnValidator

from bpmn import layout, parser, writer
from bpmn.flow import Edge, Flow, Lane, Node
from tests.bpmn.flows import all_flows, flows, simple, sop_flows

VALIDATOR = BpmnValidator()
SOP = simple(
    "mulai -> langkah_1",
    "langkah_1 -> gerbang_1",
    "gerbang_1 -> selesai : Setuju : ${keputusan_1 == 'setuju'}",
    "gerbang_1 -> langkah_1 : Dikembalikan : ${keputusan_1 == 'kembali'}",
)
NS = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "camunda": "http://camunda.org/schema/1.0/bpmn",
    "di": "http://www.omg.org/spec/BPMN/20100524/DI",
}


def written(flow: Flow) -> bytes:
    return writer.write(flow, layout.place(flow))


def validate(xml: bytes) -> None:
    VALIDATOR.validate(etree.fromstring(xml))


@settings(deadline=None, max_examples=60)
@given(flows(max_nodes=15))
def test_any_flow_comes_back_as_it_was_and_keeps_to_the_schema(flow: Flow) -> None:
    xml = written(flow)
    assert parser.parse(xml) == flow
    assert xml == written(flow)
    validate(xml)


@settings(deadline=None, max_examples=100)
@given(all_flows(odd=True))
def test_any_flow_of_all_elements_comes_back_as_it_was_and_keeps_to_the_schema(flow: Flow) -> None:
    xml = written(flow)
    assert parser.parse(xml) == flow
    assert parser.parse(writer.write(flow)) == flow
    validate(xml)


@settings(deadline=None, max_examples=30)
@given(sop_flows(max_steps=10))
def test_an_sop_keeps_to_the_schema_with_and_without_its_drawing(flow: Flow) -> None:
    validate(written(flow))
    validate(writer.write(flow))
    assert parser.parse(writer.write(flow)) == flow


def test_what_runs_and_how_it_is_drawn_are_both_written() -> None:
    root = etree.fromstring(written(SOP))
    assert root.xpath("string(//bpmn:process/@isExecutable)", namespaces=NS) == "true"
    assert root.xpath("string(//bpmn:process/@camunda:historyTimeToLive)", namespaces=NS) == "P1825D"
    assert root.xpath("count(//bpmn:lane/bpmn:flowNodeRef)", namespaces=NS) == 4
    assert root.xpath("count(//di:BPMNShape)", namespaces=NS) == 2 + 4
    assert root.xpath("count(//di:BPMNEdge)", namespaces=NS) == 4
    assert root.xpath("count(//di:BPMNShape[@isHorizontal='true'])", namespaces=NS) == 2


def test_properties_documentation_and_default_come_back() -> None:
    task = Node("a", "userTask", "Teliti <&> 'ini'", "l", "Baris satu\n  baris “dua”", {"waktu": "1\n2", "x": ""})
    gate = Node("g", "exclusiveGateway", default="e2")
    edges = (Edge("e1", "a", "g"), Edge("e2", "g", "a", "ya & tidak"), Edge("e3", "g", "a", "", "${x < 3}"))
    flow = Flow("p", "Nama", "", (Lane("l", "KASI"), Lane("k", "")), (task, gate), edges, {"dasar_hukum": "a\nb"})
    assert parser.parse(written(flow)) == flow


def test_characters_that_xml_cannot_carry_are_left_out() -> None:
    flow = Flow("p", "a\x00b", "p\ud800q", (), (Node("a", "task", "x\x0by", documentation="d\x07\ufffe"),), ())
    read = parser.parse(written(flow))
    assert (read.name, read.pool, read.nodes[0].name, read.nodes[0].documentation) == ("ab", "pq", "xy", "d")


def test_what_changes_how_a_node_runs_is_written_by_name() -> None:
    flow = Flow("p", "", "", (), (Node("a", "startEvent", markers=("conditionalEventDefinition",)),), ())
    assert parser.parse(written(flow)) == flow


@pytest.mark.parametrize("marker", ["multiInstanceLoopCharacteristics", "dataInputAssociation", "timerEventDefinition"])
def test_what_is_refused_does_not_become_what_is_run(marker: str) -> None:
    flow = Flow("p", "", "", (), (Node("a", "userTask", markers=(marker,)),), ())
    assert parser.parse(written(flow)) == flow


@pytest.mark.parametrize("multi", ["parallel", "sequential"])
def test_a_task_of_each_holder_is_written_as_camunda_reads_it(multi: str) -> None:
    flow = Flow("p", "", "", (), (Node("a", "userTask", "Menyusun data", multi=multi),), ())
    validate(written(flow))
    assert parser.parse(written(flow)) == flow
    loop = etree.fromstring(written(flow)).find(".//bpmn:multiInstanceLoopCharacteristics", NS)
    assert loop is not None
    assert dict(loop.attrib) == {
        "isSequential": "true" if multi == "sequential" else "false",
        f"{{{NS['camunda']}}}collection": "${pemegang}",
        f"{{{NS['camunda']}}}elementVariable": "pemegang_tugas",
    }


def test_ids_of_the_writer_give_way_to_those_of_the_flow() -> None:
    ids = ("definisi_p", "kolaborasi_p", "kolam_p", "gambar_p", "kolam_p_di", "lajur_p")
    flow = Flow("p", "", "", (Lane("bidang_p", "x"),), tuple(Node(id_, "task", id_) for id_ in ids), ())
    validate(written(flow))
    assert parser.parse(written(flow)) == flow


@pytest.mark.parametrize("diagram", [None, layout.place(SOP)])
def test_the_file_is_indented_utf_8(diagram: layout.Diagram | None) -> None:
    xml = writer.write(SOP, diagram)
    assert xml.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<bpmn:definitions ")
    assert b'\n    <bpmn:userTask id="langkah_1"' in xml
    assert xml.endswith(b"</bpmn:definitions>\n")
