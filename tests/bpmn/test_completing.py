from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn.flow import Flow
from bpmn.layout import Bounds, Diagram, PartialDiagram, complete, place
from tests.bpmn.flows import simple, sop_flows
from tests.bpmn.test_layout import SOP, check


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
