from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnValidator

from bpmn import diagram_reader, layout, parser, writer
from bpmn.errors import NotBpmn
from bpmn.flow import Flow, Node
from bpmn.layout import Bounds, PartialDiagram
from tests.bpmn.flows import all_flows, flows, sop_flows
from tests.bpmn.test_layout import SOP, check, rich_flows

XML = writer.write(SOP, layout.place(SOP))


@settings(deadline=None, max_examples=60)
@given(flows(max_nodes=15))
def test_any_drawing_comes_back_as_it_was_written(flow: Flow) -> None:
    diagram = layout.place(flow)
    xml = writer.write(flow, diagram)
    assert diagram_reader.drawn(xml) == (flow, diagram)
    found = diagram_reader.read(xml, flow)
    assert (found.pool, found.nodes, found.waypoints) == (diagram.pool, diagram.nodes, diagram.waypoints)


@settings(deadline=None, max_examples=60)
@given(all_flows(odd=True))
def test_a_drawing_of_all_elements_comes_back_as_it_was_written(flow: Flow) -> None:
    diagram = layout.place(flow)
    assert diagram_reader.drawn(writer.write(flow, diagram)) == (flow, diagram)


@settings(deadline=None, max_examples=20)
@given(sop_flows(max_steps=8))
def test_a_file_without_drawing_is_laid_out(flow: Flow) -> None:
    xml = writer.write(flow)
    assert diagram_reader.read(xml, flow) == PartialDiagram()
    assert diagram_reader.drawn(xml)[1] == layout.place(flow)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(rich_flows())
def test_events_on_borders_come_back_and_keep_to_the_schema(flow: Flow) -> None:
    xml = writer.write(flow, layout.place(flow))
    assert diagram_reader.drawn(xml) == (flow, layout.place(flow))
    BpmnValidator().validate(etree.fromstring(xml))


def test_an_event_on_the_border_of_nothing_is_refused() -> None:
    event = Node("batas", "boundaryEvent", attached_to="langkah_1")
    xml = writer.write(replace(SOP, nodes=(*SOP.nodes, event)))
    assert parser.parse(xml).node("batas") == event
    with pytest.raises(NotBpmn, match="batas"):
        parser.parse(xml.replace(b'attachedToRef="langkah_1"', b'attachedToRef="langkah_99"'))


def test_borders_are_rounded_not_sizes() -> None:
    xml = XML.replace(b'<dc:Bounds x="', b'<dc:Bounds x="0', 1)
    bounds = layout.place(SOP).nodes["langkah_1"]
    old = f'x="{bounds.x}" y="{bounds.y}" width="{bounds.width}" height="{bounds.height}"'.encode()
    assert old in xml
    moved = xml.replace(old, b'x="10.4" y="20.6" width="100.3" height="80"')
    assert diagram_reader.read(moved, SOP).nodes["langkah_1"] == Bounds(10, 21, 101, 80)


@pytest.mark.parametrize("number", [b"nan", b"inf", b"-1e9", b"", b"x", b"1e400", b"12,5"])
def test_numbers_that_are_none_leave_the_element_without_a_place(number: bytes) -> None:
    bounds = layout.place(SOP).nodes["langkah_1"]
    broken = XML.replace(f'x="{bounds.x}" y="{bounds.y}"'.encode(), b'x="%s" y="1"' % number)
    assert "langkah_1" not in diagram_reader.read(broken, SOP).nodes
    flow, diagram = diagram_reader.drawn(broken)
    check(flow, diagram)


def test_a_box_without_an_area_has_no_place() -> None:
    bounds = layout.place(SOP).nodes["langkah_1"]
    old = f'y="{bounds.y}" width="{bounds.width}"'.encode()
    assert "langkah_1" not in diagram_reader.read(XML.replace(old, b'y="1" width="-5"'), SOP).nodes


def test_an_edge_with_one_waypoint_or_far_too_many_is_threaded_anew() -> None:
    points = b"".join(b'<di:waypoint x="%d" y="5"/>' % x for x in range(500))
    start = XML.index(b"<di:waypoint")
    end = XML.index(b"</bpmndi:BPMNEdge>", start)
    for inner in (points, b'<di:waypoint x="1" y="1"/>', b""):
        found = diagram_reader.read(XML[:start] + inner + XML[end:], SOP)
        assert len(found.waypoints) == len(SOP.edges) - 1


def test_references_with_a_prefix_are_followed() -> None:
    prefixed = XML.replace(b'bpmnElement="', b'bpmnElement="tns:')
    assert diagram_reader.read(prefixed, SOP) == diagram_reader.read(XML, SOP)


def test_an_upright_pool_is_laid_out_anew() -> None:
    upright = XML.replace(b'isHorizontal="true"', b'isHorizontal="false"')
    assert diagram_reader.drawn(upright)[1] == layout.place(SOP)


@pytest.mark.parametrize("data", [b"", b"<a/>", b"<!DOCTYPE x><a/>", b"\xff\xfe", XML[:-30]])
def test_what_is_no_bpmn_is_refused(data: bytes) -> None:
    with pytest.raises(NotBpmn):
        diagram_reader.drawn(data)


def test_another_files_flow_finds_nothing() -> None:
    other = parser.parse(XML.replace(b"langkah_", b"tahap_"))
    assert not any(key.startswith("tahap") for key in diagram_reader.read(XML, other).nodes)
