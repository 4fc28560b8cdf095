from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from bpmn import graph
from bpmn.choices import Choice, choices, may_choose_none
from bpmn.flow import TERMINATE, Edge, Event, Flow, Node, step_number
from bpmn.order import in_order, onward, returns, successors
from tests.bpmn.flows import all_flows, flow, flows, simple

SOP = simple(
    "mulai -> langkah_1",
    "langkah_1 -> langkah_2",
    "langkah_2 -> gerbang_2",
    "gerbang_2 -> langkah_3 : Setuju : ${keputusan_2 == 'setuju'}",
    "gerbang_2 -> langkah_1 : Dikembalikan : ${keputusan_2 == 'kembali'}",
    "langkah_3 -> selesai",
)


def test_nodes_lanes_and_edges_are_found_by_id() -> None:
    assert SOP.node("langkah_2").name == "Langkah 2"
    assert SOP.lane("lajur_1").name == "CAMAT"
    assert [edge.target for edge in SOP.outgoing("gerbang_2")] == ["langkah_3", "langkah_1"]
    assert [edge.source for edge in SOP.incoming("langkah_1")] == ["mulai", "gerbang_2"]
    assert [task.id for task in SOP.tasks()] == ["langkah_1", "langkah_2", "langkah_3"]
    for find in (SOP.node, SOP.lane):
        with pytest.raises(KeyError):
            find("langkah_9")


def test_the_edge_back_from_a_decision_is_a_return() -> None:
    assert returns(SOP) == {"dari_gerbang_2_ke_langkah_1"}


def test_a_bypass_into_the_middle_of_a_loop_is_no_return() -> None:
    bypass = simple(
        "mulai -> gerbang_0",
        "gerbang_0 -> langkah_1",
        "gerbang_0 -> langkah_2",
        "langkah_1 -> langkah_2",
        "langkah_2 -> langkah_3",
        "langkah_3 -> gerbang_3",
        "gerbang_3 -> selesai",
        "gerbang_3 -> langkah_1",
    )
    assert returns(bypass) == {"dari_gerbang_3_ke_langkah_1"}
    drawn_backwards = Flow("p", "", "", bypass.lanes, bypass.nodes[::-1], bypass.edges[::-1])
    assert returns(drawn_backwards) == returns(bypass)


def test_a_bypass_through_merging_gateways_is_no_return_either() -> None:
    bypass = simple(
        "mulai -> gerbang_0",
        "gerbang_0 -> gerbang_a",
        "gerbang_0 -> gerbang_b",
        "gerbang_a -> langkah_1",
        "langkah_1 -> gerbang_b",
        "gerbang_b -> langkah_2",
        "langkah_2 -> gerbang_2",
        "gerbang_2 -> gerbang_a",
        "gerbang_2 -> selesai",
    )
    assert returns(bypass) == {"dari_gerbang_2_ke_gerbang_a"}


def test_a_return_over_a_parallel_section_leaves_its_edges_alone() -> None:
    parallel = simple(
        "mulai -> langkah_1",
        "langkah_1 -> cabang_1",
        "cabang_1 -> langkah_2",
        "cabang_1 -> langkah_3",
        "langkah_2 -> cabang_2",
        "langkah_3 -> cabang_2",
        "cabang_2 -> langkah_4",
        "langkah_4 -> gerbang_4",
        "gerbang_4 -> langkah_1",
        "gerbang_4 -> selesai",
    )
    assert returns(parallel) == {"dari_gerbang_4_ke_langkah_1"}


def test_nested_and_overlapping_loops_have_one_return_each() -> None:
    nested = simple(
        "mulai -> langkah_1",
        "langkah_1 -> langkah_2",
        "langkah_2 -> langkah_3",
        "langkah_3 -> gerbang_3",
        "gerbang_3 -> langkah_2",
        "gerbang_3 -> langkah_4",
        "langkah_4 -> gerbang_4",
        "gerbang_4 -> langkah_3",
        "gerbang_4 -> langkah_1",
        "gerbang_4 -> langkah_4",
        "gerbang_4 -> selesai",
    )
    assert returns(nested) == {
        "dari_gerbang_3_ke_langkah_2",
        "dari_gerbang_4_ke_langkah_3",
        "dari_gerbang_4_ke_langkah_1",
        "dari_gerbang_4_ke_langkah_4",
    }


def test_a_step_that_leads_to_itself_returns() -> None:
    assert returns(simple("mulai -> langkah_1", "langkah_1 -> langkah_1")) == {"dari_langkah_1_ke_langkah_1"}


def test_a_loop_with_two_entrances_begins_at_the_lower_step_number() -> None:
    tasks = [Node(f"t{n}", "userTask", properties={"langkah": str(n)}) for n in (10, 9)]
    both = flow(
        [*tasks, Node("g", "exclusiveGateway"), Node("s", "startEvent")],
        [
            Edge("a", "s", "g"),
            Edge("b", "g", "t10"),
            Edge("c", "g", "t9"),
            Edge("d", "t9", "t10"),
            Edge("e", "t10", "t9"),
        ],
        [],
    )
    assert returns(both) == {"e"}
    assert in_order(both) == ("s", "g", "t9", "t10")


@pytest.mark.parametrize(
    ("node", "number"),
    [
        (Node("x", "userTask", properties={"langkah": "6"}), (6, "")),
        (Node("x", "userTask", properties={"langkah": " 10.a) "}), (10, "a")),
        (Node("langkah_12", "userTask"), (12, "")),
        (Node("Activity_0x1", "userTask"), None),
        (Node("langkah_12", "exclusiveGateway"), None),
    ],
)
def test_a_step_number_is_read_from_its_property_or_its_id(node: Node, number: tuple[int, str] | None) -> None:
    assert step_number(node) == number


@settings(deadline=None, max_examples=200)
@given(flows() | all_flows(odd=True))
def test_without_its_returns_no_flow_has_a_loop(any_flow: Flow) -> None:
    order = in_order(any_flow)
    assert sorted(order) == sorted(node.id for node in any_flow.nodes)
    place = {node_id: index for index, node_id in enumerate(order)}
    for source, targets in onward(any_flow).items():
        assert all(place[source] < place[target] for target in targets)


@settings(deadline=None)
@given(flows() | all_flows(odd=True))
def test_every_return_lies_on_a_loop(any_flow: Flow) -> None:
    cycle = graph.components(successors(any_flow))
    back = returns(any_flow)
    assert all(cycle[edge.source] == cycle[edge.target] for edge in any_flow.edges if edge.id in back)


@settings(deadline=None)
@given(flows(max_nodes=15))
def test_a_target_that_dominates_its_source_makes_a_return(any_flow: Flow) -> None:
    targets = successors(any_flow)
    start = any_flow.nodes[0].id
    reached = graph.reachable(targets, [start])
    back = returns(any_flow)
    for edge in any_flow.edges:
        if edge.source in reached and [node.kind for node in any_flow.nodes].count("startEvent") == 1:
            without = {node: [] if node == edge.target else onto for node, onto in targets.items()}
            dominates = edge.source == edge.target or edge.source not in graph.reachable(without, [start])
            if edge.target == start or dominates:
                assert edge.id in back


# -- choices ----------------------------------------------------------------------------------------------------------


def test_the_choices_of_a_task_are_the_ways_out_of_its_gateway() -> None:
    assert choices(SOP, "langkah_2") == (
        Choice("dari_gerbang_2_ke_langkah_3", "Setuju", "keputusan_2", "setuju", ("langkah_3",), False, False),
        Choice("dari_gerbang_2_ke_langkah_1", "Dikembalikan", "keputusan_2", "kembali", ("langkah_1",), True, False),
    )


def test_what_is_kept_of_one_flow_is_not_told_of_another() -> None:
    onward = tuple(edge for edge in SOP.edges if edge.id != "dari_gerbang_2_ke_langkah_1")
    back = replace(SOP, edges=(*onward, replace(SOP.edges[-1], id="lain", source="gerbang_2", target="langkah_1")))
    assert len(choices(SOP, "langkah_2")) == 2
    assert choices(back, "langkah_2") == ()
    assert len(choices(SOP, "langkah_2")) == 2


def test_a_task_without_a_gateway_has_no_choices() -> None:
    assert choices(SOP, "langkah_1") == ()
    assert choices(SOP, "langkah_3") == ()


def with_ways(*ways: str, default: str | None = None) -> Flow:
    made = simple("mulai -> langkah_1", "langkah_1 -> gerbang_1", *(f"gerbang_1 -> {way}" for way in ways))
    nodes = (
        Node(node.id, node.kind, default=default if node.kind == "exclusiveGateway" else None) for node in made.nodes
    )
    return Flow("p", "", "", made.lanes, tuple(nodes), made.edges)


def test_a_default_without_condition_sets_a_value_that_no_condition_asks_for() -> None:
    made = with_ways("langkah_1 : Ulangi : ${x == 'ulang'}", "selesai : Selesai", default="dari_gerbang_1_ke_selesai")
    again, done = choices(made, "langkah_1")
    assert (again.value, again.is_return, again.is_default) == ("ulang", True, False)
    assert (done.variable, done.value, done.targets) == ("x", "dari_gerbang_1_ke_selesai", ())
    assert (done.is_return, done.is_default) == (False, True)


@pytest.mark.parametrize(
    "ways",
    [
        ("langkah_2 : A : ${x == 'a'}", "selesai : B : ${y == 'b'}"),
        ("langkah_2 : A : ${x == 'a'}", "selesai : B : ${x == 'a'}"),
        ("langkah_2 : A : ${x == 'a'}", "selesai : B"),
        ("langkah_2 : A : ${x > 3}", "selesai : B : ${x <= 3}"),
        ("langkah_2 : A : ${x.y()}", "selesai : B : ${x == 'a'}"),
        ("langkah_2 : A : ${x == 'a'}",),
    ],
)
def test_what_is_not_a_simple_choice_is_left_to_the_engine(ways: tuple[str, ...]) -> None:
    assert choices(with_ways(*ways), "langkah_1") == ()


def test_a_choice_reaches_its_tasks_through_gateways() -> None:
    made = simple(
        "mulai -> langkah_1",
        "langkah_1 -> langkah_2",
        "langkah_2 -> gerbang_2",
        "gerbang_2 -> cabang_1 : Lanjut : ${x == 'a'}",
        "gerbang_2 -> gerbang_3 : Kembali : ${x == 'b'}",
        "cabang_1 -> langkah_4",
        "cabang_1 -> langkah_3",
        "gerbang_3 -> langkah_2",
        "gerbang_3 -> langkah_1",
    )
    onto, back = choices(made, "langkah_2")
    assert (onto.targets, onto.is_return) == (("langkah_3", "langkah_4"), False)
    assert (back.targets, back.is_return) == (("langkah_1", "langkah_2"), True)


# -- inclusive gateways -----------------------------------------------------------------------------------------------


def inclusive(*ways: str, default: str | None = None) -> Flow:
    made = simple("mulai -> langkah_1", "langkah_1 -> gerbang_1", *(f"gerbang_1 -> {way}" for way in ways))
    nodes = (
        replace(node, kind="inclusiveGateway", default=default) if node.id == "gerbang_1" else node
        for node in made.nodes
    )
    return replace(made, nodes=tuple(nodes))


def test_the_ways_of_an_inclusive_gateway_are_chosen_together_each_by_a_variable_of_its_own() -> None:
    made = inclusive(
        "langkah_2 : Anggaran : ${a == 'ya'}",
        "langkah_1 : Arsip : ${b == 'ya'}",
        "selesai",
        default="dari_gerbang_1_ke_selesai",
    )
    assert choices(made, "langkah_1") == (
        Choice("dari_gerbang_1_ke_langkah_2", "Anggaran", "a", "ya", ("langkah_2",), False, False, alone=False),
        Choice("dari_gerbang_1_ke_langkah_1", "Arsip", "b", "ya", ("langkah_1",), False, False, alone=False),
    )
    assert may_choose_none(made, "langkah_1")


def test_without_a_default_something_has_to_be_chosen() -> None:
    made = inclusive("langkah_2 : A : ${a == 'ya'}", "selesai : B : ${b == 'ya'}")
    assert len(choices(made, "langkah_1")) == 2
    assert not may_choose_none(made, "langkah_1")
    assert not may_choose_none(SOP, "langkah_2")


@pytest.mark.parametrize("second", ["selesai : B : ${a == 'tidak'}", "selesai : B : ${b > 3}", "selesai : B"])
def test_what_is_no_simple_set_of_choices_is_left_to_the_engine(second: str) -> None:
    assert choices(inclusive("langkah_2 : A : ${a == 'ya'}", second), "langkah_1") == ()


# -- subprocesses and events ------------------------------------------------------------------------------------------


def nested(*edges: str, **kinds: str) -> Flow:
    """A flow whose nodes with a name that ends in `_d` lie in `sub`."""
    made = simple(*edges)
    known = {"sub": "subProcess", "awal_d": "startEvent", "akhir_d": "endEvent", **kinds}
    nodes = (
        replace(node, kind=known.get(node.id, node.kind), parent="sub" if node.id.endswith("_d") else None)
        for node in made.nodes
    )
    return replace(made, nodes=tuple(nodes))


AROUND = ("mulai -> langkah_1", "langkah_1 -> sub", "sub -> gerbang_1", "gerbang_1 -> selesai", "gerbang_1 -> sub")
INSIDE = ("awal_d -> langkah_d", "langkah_d -> gerbang_d", "gerbang_d -> akhir_d", "gerbang_d -> langkah_d")


def test_a_subprocess_leads_in_and_its_ends_lead_on() -> None:
    made = nested(*AROUND, *INSIDE)
    assert successors(made)["sub"] == ["awal_d"]
    assert successors(made)["akhir_d"] == ["gerbang_1"]
    assert successors(made)["selesai"] == []
    assert returns(made) == {"dari_gerbang_1_ke_sub", "dari_gerbang_d_ke_langkah_d"}
    order = in_order(made)
    assert order.index("sub") < order.index("langkah_d") < order.index("akhir_d") < order.index("gerbang_1")


def test_an_edge_from_a_subprocess_back_is_a_return() -> None:
    made = nested("mulai -> langkah_1", "langkah_1 -> sub", "sub -> langkah_1", *INSIDE)
    assert "dari_sub_ke_langkah_1" in returns(made)
    assert onward(made)["akhir_d"] == []


@pytest.mark.parametrize("inside", [(), ("langkah_d -> akhir_d",), ("awal_d -> langkah_d",)])
def test_a_subprocess_without_start_or_end_is_seen_as_a_task(inside: tuple[str, ...]) -> None:
    assert successors(nested(*AROUND, *inside))["sub"] == ["gerbang_1"]


def test_a_stopping_end_in_a_subprocess_stops_only_the_subprocess() -> None:
    made = nested(*AROUND, *INSIDE)
    nodes = (replace(node, event=Event(TERMINATE)) if node.kind == "endEvent" else node for node in made.nodes)
    assert successors(replace(made, nodes=tuple(nodes))) == successors(made)


def test_a_choice_leads_into_out_of_and_through_subprocesses_and_past_what_is_waited_for() -> None:
    made = nested(
        "mulai -> langkah_1",
        "langkah_1 -> gerbang_1",
        "gerbang_1 -> sub : Periksa : ${x == 'a'}",
        "gerbang_1 -> tunggu : Tunggu : ${x == 'b'}",
        "gerbang_1 -> panggil : Panggil : ${x == 'c'}",
        "awal_d -> langkah_d",
        "langkah_d -> gerbang_d",
        "gerbang_d -> akhir_d : Setuju : ${y == 'a'}",
        "gerbang_d -> langkah_d : Kembali : ${y == 'b'}",
        "sub -> tunggu",
        "tunggu -> langkah_2",
        "langkah_2 -> selesai",
        "panggil -> langkah_2",
        tunggu="intermediateCatchEvent",
        panggil="callActivity",
    )
    assert [choice.targets for choice in choices(made, "langkah_1")] == [("langkah_d",), ("langkah_2",), ()]
    inner = choices(made, "langkah_d")
    assert [(choice.targets, choice.is_return) for choice in inner] == [(("langkah_2",), False), (("langkah_d",), True)]
