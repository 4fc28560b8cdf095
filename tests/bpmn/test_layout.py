from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpmn.flow import TIMER, Edge, Event, Flow, Lane, Node
from bpmn.layout import Bounds, Diagram, Point, place
from tests.bpmn.flows import all_flows, flows, simple, sop_flows

SOP = simple(
    "mulai -> langkah_1",
    "langkah_1 -> langkah_2",
    "langkah_2 -> langkah_3",
    "langkah_3 -> gerbang_3",
    "gerbang_3 -> langkah_4 : Setuju",
    "gerbang_3 -> langkah_2 : Dikembalikan",
    "langkah_4 -> langkah_5",
    "langkah_5 -> gerbang_5",
    "gerbang_5 -> langkah_6 : Setuju",
    "gerbang_5 -> langkah_2 : Dikembalikan",
    "langkah_6 -> langkah_7",
    "langkah_7 -> langkah_8",
    "langkah_8 -> langkah_9",
    "langkah_9 -> langkah_10",
    "langkah_10 -> selesai",
    lanes={"langkah_2": "KASUBBAG", "langkah_3": "SEKRETARIS", "gerbang_3": "SEKRETARIS", "langkah_9": "STAF"},
)


def check(flow: Flow, diagram: Diagram) -> None:
    """Everything that every drawing must keep."""
    check_places(flow, diagram)
    check_edges(flow, diagram)
    check_apart(flow, diagram)
    check_labels(flow, diagram)


def check_places(flow: Flow, diagram: Diagram) -> None:
    attached = {(node.attached_to, node.id) for node in flow.nodes} | {
        (node.id, node.attached_to) for node in flow.nodes
    }
    for (one, bounds), (other, others) in combinations(diagram.nodes.items(), 2):
        assert (one, other) in attached or not bounds.overlaps(others)
    for node in flow.nodes:
        if node.attached_to is not None:
            event, task = diagram.nodes[node.id], diagram.nodes[node.attached_to]
            assert event.center[1] == task.bottom
            assert task.x < event.x
            assert event.right < task.right
    for node in flow.nodes:
        assert diagram.pool.holds(diagram.nodes[node.id])
        if node.lane is not None:
            assert diagram.lanes[node.lane].holds(diagram.nodes[node.id])
    for lane in diagram.lanes.values():
        assert diagram.pool.holds(lane)
    for upper, lower in pairwise(diagram.lanes[lane.id] for lane in flow.lanes):
        assert upper.bottom == lower.y


def check_edges(flow: Flow, diagram: Diagram) -> None:
    nodes = {node.id: node for node in flow.nodes}
    for edge in flow.edges:
        points = diagram.waypoints[edge.id]
        assert len(points) > 1
        assert on_border(nodes[edge.source], diagram.nodes[edge.source], points[0])
        assert on_border(nodes[edge.target], diagram.nodes[edge.target], points[-1])
        for start, end in pairwise(points):
            assert (start[0] == end[0]) != (start[1] == end[1])
            for bounds in diagram.nodes.values():
                assert not bounds.crossed(start, end)
            assert diagram.pool.holds(Bounds(min(start[0], end[0]), min(start[1], end[1]), 0, 0))


def check_apart(flow: Flow, diagram: Diagram) -> None:
    """No two edges lie on each other, but those that leave one node or enter one."""
    for one, other in combinations(flow.edges, 2):
        if one.source != other.source and one.target != other.target:
            for piece in pairwise(diagram.waypoints[one.id]):
                for another in pairwise(diagram.waypoints[other.id]):
                    assert not share_a_piece(piece, another), (one.id, other.id)


def share_a_piece(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    """Whether two horizontal or vertical lines lie on each other for more than a point."""
    for along, across in ((0, 1), (1, 0)):
        if one[0][across] == one[1][across] == other[0][across] == other[1][across]:
            (start, end), (low, high) = sorted(end[along] for end in one), sorted(end[along] for end in other)
            return max(start, low) < min(end, high)
    return False


def check_labels(flow: Flow, diagram: Diagram) -> None:
    for label in diagram.labels.values():
        assert not any(label.overlaps(bounds) for bounds in diagram.nodes.values())
    for one, other in combinations(diagram.labels.values(), 2):
        assert not one.overlaps(other)
    named = {edge.id for edge in flow.edges if edge.name.strip()}
    named |= {node.id for node in flow.nodes if node.name.strip() and node.kind.endswith(("Gateway", "Event"))}
    assert set(diagram.labels) == named


def on_border(node: Node, bounds: Bounds, point: Point) -> bool:
    """On the outline as it is drawn: gateways and events only touch their bounds in the middle of each side."""
    x, y = bounds.center
    if node.kind.endswith(("Gateway", "Event")):
        return point in {(x, bounds.y), (x, bounds.bottom), (bounds.x, y), (bounds.right, y)}
    across = bounds.x < point[0] < bounds.right and point[1] in {bounds.y, bounds.bottom}
    return across or (bounds.y < point[1] < bounds.bottom and point[0] in {bounds.x, bounds.right})


@settings(deadline=None, max_examples=100)
@given(flows())
def test_any_flow_is_drawn_without_anything_on_top_of_anything(flow: Flow) -> None:
    check(flow, place(flow))


@st.composite
def rich_flows(draw: st.DrawFn) -> Flow:
    """SOPs with events on the borders of tasks, tasks for several, many returns to one step, and many ways out."""
    flow = draw(sop_flows(max_steps=40, max_lanes=10))
    tasks = [node for node in flow.nodes if node.kind == "userTask"]
    nodes, edges = list(flow.nodes), list(flow.edges)
    if not tasks:
        return flow
    some = st.sampled_from(tasks)
    for number in range(draw(st.integers(0, 4))):
        task, name = draw(some), draw(st.sampled_from(["", "3 hari", "Batas waktu lewat"]))
        timer = Event(TIMER, "3 hari", "timeDuration")
        event = Node(f"batas_{number}", "boundaryEvent", name, task.lane, attached_to=task.id, event=timer)
        nodes.append(event)
        edges.append(Edge(f"lewat_{number}", event.id, draw(some).id, draw(st.sampled_from(["", "Diingatkan"]))))
    many = [node for node in nodes if node.kind == "exclusiveGateway"]
    goal = draw(some).id
    for number, gateway in enumerate(many[: draw(st.integers(0, 6))]):
        edges.append(Edge(f"lagi_{number}", gateway.id, goal, "Diperbaiki"))
        edges.append(Edge(f"pilih_{number}", gateway.id, draw(some).id, "Diteruskan"))
    multi = draw(st.sampled_from(["", "parallel"]))
    return replace(
        flow,
        nodes=tuple(replace(node, multi=multi) if node.kind == "userTask" else node for node in nodes),
        edges=tuple(edges),
    )


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(rich_flows())
def test_sops_with_all_that_bpmn_offers_are_drawn_clean(flow: Flow) -> None:
    check(flow, place(flow))


def parts(flow: Flow, diagram: Diagram) -> list[tuple[Flow, Diagram]]:
    """The process, and the inside of each subprocess with its box for a pool, as flows without subprocesses."""
    made = []
    for parent in (None, *(node.id for node in flow.nodes if node.kind == "subProcess")):
        nodes = {node.id: replace(node, parent=None) for node in flow.nodes if node.parent == parent}
        edges = tuple(edge for edge in flow.edges if edge.source in nodes)
        inner = tuple(nodes.values()) if parent is None else tuple(replace(one, lane=None) for one in nodes.values())
        part = replace(flow, nodes=inner, edges=edges, lanes=flow.lanes if parent is None else ())
        known = {*nodes, *(edge.id for edge in edges)}
        made.append(
            (
                part,
                Diagram(
                    diagram.pool if parent is None else diagram.nodes[parent],
                    diagram.lanes if parent is None else {},
                    {key: one for key, one in diagram.nodes.items() if key in known},
                    {key: one for key, one in diagram.waypoints.items() if key in known},
                    {key: one for key, one in diagram.labels.items() if key in known},
                ),
            )
        )
    return made


@settings(deadline=None, max_examples=100)
@given(all_flows())
def test_subprocesses_are_drawn_as_boxes_round_what_lies_in_them(flow: Flow) -> None:
    for part, diagram in parts(flow, place(flow)):
        if part.nodes:
            check(part, diagram)


@settings(deadline=None, max_examples=60)
@given(sop_flows())
def test_no_edge_runs_through_a_name(flow: Flow) -> None:
    diagram = place(flow)
    for label in diagram.labels.values():
        for points in diagram.waypoints.values():
            assert not any(label.crossed(*line) for line in pairwise(points))


@settings(deadline=None, max_examples=100)
@given(sop_flows())
def test_sops_with_decisions_and_parallel_branches_are_drawn_clean(flow: Flow) -> None:
    diagram = place(flow)
    check(flow, diagram)
    assert diagram == place(flow)


def test_names_that_find_no_room_beside_their_edges_go_into_the_gap() -> None:
    ways = tuple(Edge(f"pilihan_{place}", "a", "b", f"Pilihan nomor {place} yang panjang") for place in range(40))
    nodes = (Node("a", "exclusiveGateway", "Apa?", "l"), Node("b", "userTask", "Selesaikan", "l"))
    flow = Flow("p", "", "", (Lane("l", "CAMAT"),), nodes, ways)
    check_labels(flow, place(flow))


def test_steps_run_left_to_right_and_lanes_top_to_bottom() -> None:
    diagram = place(SOP)
    lefts = [diagram.nodes[f"langkah_{step}"].x for step in range(1, 11)]
    assert lefts == sorted(lefts)
    tops = [diagram.lanes[lane.id].y for lane in SOP.lanes]
    assert tops == sorted(tops)


def test_a_return_in_one_lane_runs_below_the_boxes_it_passes() -> None:
    flow = simple(
        "mulai -> langkah_1",
        "langkah_1 -> langkah_2",
        "langkah_2 -> gerbang_2",
        "gerbang_2 -> langkah_1 : Dikembalikan",
        "gerbang_2 -> selesai : Setuju",
    )
    diagram = place(flow)
    gateway, target = diagram.nodes["gerbang_2"], diagram.nodes["langkah_1"]
    points = diagram.waypoints["dari_gerbang_2_ke_langkah_1"]
    assert points[0] == (gateway.center[0], gateway.bottom)
    assert points[-1][1] == target.bottom
    assert max(y for _, y in points) > target.bottom


def test_a_forward_edge_in_one_lane_is_one_straight_line() -> None:
    assert all(
        len(place(SOP).waypoints[edge]) == 2 for edge in ("dari_mulai_ke_langkah_1", "dari_langkah_6_ke_langkah_7")
    )


def test_parallel_branches_in_different_lanes_stand_below_each_other() -> None:
    flow = simple(
        "mulai -> cabang_1",
        "cabang_1 -> langkah_1",
        "cabang_1 -> langkah_2",
        "langkah_1 -> cabang_2",
        "langkah_2 -> cabang_2",
        "cabang_2 -> selesai",
        lanes={"langkah_2": "STAF"},
    )
    diagram = place(flow)
    assert diagram.nodes["langkah_1"].x == diagram.nodes["langkah_2"].x


@pytest.mark.parametrize("edges", [("mulai -> langkah_1", "langkah_1 -> langkah_1"), ("gerbang_1 -> gerbang_1",)])
def test_a_node_that_leads_to_itself_is_drawn(edges: tuple[str, ...]) -> None:
    flow = simple(*edges)
    check(flow, place(flow))


def test_a_flow_without_lanes_and_one_without_edges_are_drawn() -> None:
    for flow in (Flow("p", "", "", (), (Node("mulai", "startEvent"),), ()), Flow("p", "", "", (), (), ())):
        check(flow, place(flow))


def test_boxes_are_as_wide_as_each_other_and_higher_where_a_label_needs_it() -> None:
    short, long = Node("a", "userTask", "Memeriksa konsep"), Node("b", "userTask", "Memeriksa kelengkapan " * 12)
    diagram = place(Flow("p", "", "", (), (short, long), ()))
    assert diagram.nodes["b"].width == diagram.nodes["a"].width
    assert diagram.nodes["b"].height > diagram.nodes["a"].height
