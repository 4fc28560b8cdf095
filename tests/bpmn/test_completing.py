from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from bpmn import diagram_reader, parser, writer
from bpmn.flow import Flow
from bpmn.layout import Bounds, Diagram, PartialDiagram, complete, place
from tests.bpmn.flows import all_flows, simple, sop_flows
from tests.bpmn.test_layout import SOP, check, parts


def known(diagram: Diagram) -> PartialDiagram:
    return PartialDiagram(diagram.pool, diagram.lanes, diagram.nodes, diagram.waypoints, diagram.labels)


def without(diagram: Diagram, *ids: str, flow: Flow = SOP) -> PartialDiagram:
    """The drawing as if these nodes, and the edges at them, had never been drawn."""
    gone = {*ids, *(edge.id for edge in flow.edges if {edge.source, edge.target} & set(ids))}
    part = known(diagram)
    return replace(
        part,
        nodes={key: made for key, made in part.nodes.items() if key not in gone},
        waypoints={key: made for key, made in part.waypoints.items() if key not in gone},
        labels={key: made for key, made in part.labels.items() if key not in gone},
    )


@settings(deadline=None, max_examples=50)
@given(sop_flows(max_steps=12))
def test_a_whole_drawing_comes_back_as_it_is(flow: Flow) -> None:
    assert complete(flow, known(place(flow))) == place(flow)


@settings(deadline=None, max_examples=40)
@given(sop_flows(max_steps=10, max_lanes=5), st.data())
def test_what_is_missing_is_added_without_anything_on_top_of_anything(flow: Flow, data: st.DataObject) -> None:
    ids = [node.id for node in flow.nodes]
    gone = data.draw(st.lists(st.sampled_from(ids), max_size=len(ids) - 1, unique=True))
    check(flow, complete(flow, without(place(flow), *gone, flow=flow)))


@settings(deadline=None, max_examples=25)
@given(sop_flows(max_steps=10, max_lanes=5))
def test_edges_are_threaded_through_nodes_that_stand(flow: Flow) -> None:
    diagram = place(flow)
    made = complete(flow, replace(known(diagram), waypoints={}, labels={}))
    assert made.nodes == diagram.nodes
    check(flow, made)


def test_nothing_usable_is_laid_out_anew() -> None:
    assert complete(SOP, PartialDiagram()) == place(SOP)
    assert complete(SOP, PartialDiagram(nodes={"mulai": Bounds(0, 0, 36, 36)})) == place(SOP)


def test_a_node_put_back_into_its_gap_moves_nothing() -> None:
    diagram = place(SOP)
    made = complete(SOP, without(diagram, "langkah_4"))
    assert {key: made.nodes[key] for key in made.nodes if key != "langkah_4"} == {
        key: bounds for key, bounds in diagram.nodes.items() if key != "langkah_4"
    }


@pytest.mark.parametrize("lane", [0, 1, 2, 3])
def test_a_missing_lane_opens_between_its_neighbours(lane: int) -> None:
    diagram = place(SOP)
    gone = SOP.lanes[lane].id
    part = without(diagram, *(node.id for node in SOP.nodes if node.lane == gone))
    made = complete(SOP, replace(part, lanes={key: one for key, one in diagram.lanes.items() if key != gone}))
    tops = [made.lanes[one.id].y for one in SOP.lanes]
    assert tops == sorted(tops)
    for node in SOP.nodes:
        assert made.lanes[node.lane or ""].holds(made.nodes[node.id])


def test_a_pool_that_is_missing_is_drawn_round_the_rest() -> None:
    diagram = place(SOP)
    made = complete(SOP, replace(known(diagram), pool=None))
    assert all(made.pool.holds(lane) for lane in made.lanes.values())


def test_a_flow_without_lanes_is_completed() -> None:
    flow = replace(simple("mulai -> langkah_1", "langkah_1 -> selesai"), lanes=())
    flow = replace(flow, nodes=tuple(replace(node, lane=None) for node in flow.nodes))
    check(flow, complete(flow, without(place(flow), "langkah_1", flow=flow)))


# -- subprocesses -----------------------------------------------------------------------------------------------------

NESTED = parser.parse((Path(__file__).parent / "fixtures" / "elements" / "embedded_subprocess.bpmn").read_bytes())
INNER = {node.id for node in NESTED.nodes if node.parent} | {"alir_3", "alir_4", "alir_5", "setuju_3", "kembali_3"}


@settings(deadline=None, max_examples=50)
@given(all_flows())
def test_a_whole_drawing_of_all_elements_comes_back_as_it_is(flow: Flow) -> None:
    assert complete(flow, known(place(flow))) == place(flow)


@settings(deadline=None, max_examples=50)
@given(all_flows(), st.data())
def test_whatever_is_missing_round_and_in_subprocesses_is_added(flow: Flow, data: st.DataObject) -> None:
    gone = data.draw(st.lists(st.sampled_from([node.id for node in flow.nodes]), unique=True))
    made = complete(flow, without(place(flow), *gone, flow=flow))
    assert set(made.nodes) == {node.id for node in flow.nodes}
    assert set(made.waypoints) == {edge.id for edge in flow.edges}
    for node in flow.nodes:
        if node.parent is not None:
            assert made.nodes[node.parent].holds(made.nodes[node.id])


def test_a_subprocess_that_is_moved_takes_along_what_lies_in_it() -> None:
    diagram = place(NESTED)
    made = complete(NESTED, without(diagram, "langkah_1", flow=NESTED))
    by = made.nodes["periksa"].x - diagram.nodes["periksa"].x
    assert made.nodes["langkah_2"].x - diagram.nodes["langkah_2"].x == by


def closed(attributes: str) -> bytes:
    """The diagram with its subprocess drawn closed, and its inside on a sheet of its own, at other coordinates."""
    diagram = place(NESTED)
    inner = replace(
        diagram,
        nodes={key: Bounds(one.x + 900, one.y - 200, one.width, one.height) for key, one in diagram.nodes.items()},
        waypoints={key: tuple((x + 900, y - 200) for x, y in line) for key, line in diagram.waypoints.items()},
    )
    root = etree.fromstring(writer.write(NESTED, diagram))
    sheet = etree.fromstring(writer.write(NESTED, inner))
    shape = "{http://www.omg.org/spec/BPMN/20100524/DI}"
    plane = root.find(f".//{shape}BPMNPlane")
    other = sheet.find(f".//{shape}BPMNDiagram")
    assert plane is not None
    assert other is not None
    for element in list(plane):
        if element.get("bpmnElement") in INNER:
            plane.remove(element)
        elif element.get("bpmnElement") == "periksa":
            del element.attrib["isExpanded"]
            bounds = element[0]
            bounds.set("width", "100")
            bounds.set("height", "80")
    other.set("id", "sheet")
    other[0].set("bpmnElement", "periksa")
    other[0].set("id", "sheet_plane")
    for element in list(other[0]):
        if element.get("bpmnElement") in INNER:
            element.set("id", f"{element.get('id')}_2")
        else:
            other[0].remove(element)
    root.append(other)
    return etree.tostring(root).replace(b'bpmnElement="periksa"', b'bpmnElement="periksa" ' + attributes.encode(), 1)


@pytest.mark.parametrize("attributes", ["", 'isExpanded="false"'])
def test_a_closed_subprocess_is_opened_as_its_own_sheet_shows_it(attributes: str) -> None:
    data = closed(attributes)
    flow, diagram = diagram_reader.drawn(data)
    assert flow == NESTED
    for part, drawn in parts(flow, diagram):
        check(part, drawn)
    before = place(NESTED)
    apart = diagram.nodes["langkah_3"].x - diagram.nodes["langkah_2"].x
    assert apart == before.nodes["langkah_3"].x - before.nodes["langkah_2"].x
