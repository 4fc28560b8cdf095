"""What two versions of a diagram differ in: nothing is overlooked, and what did not change is not told."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bpmn.comparing import Change, Difference, Moved, compare
from bpmn.describing import described
from bpmn.flow import Edge, Flow, Lane, Node
from tests.bpmn.flows import flows, sop_flows

LANES = (Lane("lajur_1", "Camat"), Lane("lajur_2", "Sekretaris"), Lane("lajur_3", "Kasubag"))


def step(number: int, lane: int, text: str, **properties: str) -> Node:
    return Node(
        f"langkah_{number}",
        "userTask",
        text,
        f"lajur_{lane}",
        documentation=text,
        properties={"langkah": str(number), **properties},
    )


def chain(*steps: Node) -> Flow:
    nodes = (Node("mulai", "startEvent"), *steps, Node("selesai", "endEvent"))
    edges = tuple(Edge(f"alir_{one.id}", one.id, other.id) for one, other in pairwise(nodes))
    return Flow("sop_uji", "Uji", "Uji", LANES, nodes, edges, {"nomor": "01"})


FIRST, SECOND, THIRD = (
    step(1, 3, "Menyusun konsep surat keluar", waktu="1 hari"),
    step(2, 2, "Memeriksa dan memaraf konsep"),
    step(3, 1, "Menandatangani surat"),
)
OLD = chain(FIRST, SECOND, THIRD)


def told(old: Flow, new: Flow) -> list[str]:
    return [str(one) for one in described(compare(old, new), old, new)]


def changed(flow: Flow, node_id: str, **fields: object) -> Flow:
    nodes = tuple(replace(node, **fields) if node.id == node_id else node for node in flow.nodes)  # type: ignore[arg-type]
    return replace(flow, nodes=nodes)


def test_a_changed_waktu_is_told_with_both_values() -> None:
    new = changed(OLD, "langkah_1", properties={"langkah": "1", "waktu": "2 hari"})
    assert compare(OLD, new).nodes == {"langkah_1": (Change("properties.waktu", "1 hari", "2 hari"),)}
    assert told(OLD, new) == ["Waktu langkah 1 “Menyusun konsep surat keluar” berubah dari “1 hari” menjadi “2 hari”."]


def test_an_inserted_step_moves_none_of_those_behind_it() -> None:
    new = chain(FIRST, replace(step(4, 2, "Memberi nomor agenda")), SECOND, THIRD)
    difference = compare(OLD, new)
    assert difference.added == ("langkah_4",)
    assert difference.moved == {}
    assert told(OLD, new) == ["Langkah 4 “Memberi nomor agenda” ditambahkan."]


def test_a_step_in_another_lane_has_moved() -> None:
    new = changed(OLD, "langkah_2", lane="lajur_1")
    assert compare(OLD, new).moved == {"langkah_2": Moved(("Sekretaris", "Camat"), None)}
    assert told(OLD, new) == ["Langkah 2 “Memeriksa dan memaraf konsep” pindah dari lajur Sekretaris ke lajur Camat."]


def test_a_lane_under_a_new_name_moves_no_step() -> None:
    new = replace(OLD, lanes=(*LANES[:2], Lane("lajur_3", "Kasubag Umum")))
    difference = compare(OLD, new)
    assert difference.moved == {}
    assert difference.lanes == {"lajur_3": ("Kasubag", "Kasubag Umum")}
    assert told(OLD, new)[-1] == "Lajur Kasubag sekarang bernama Kasubag Umum."


def test_lanes_that_exchange_their_names_move_their_steps() -> None:
    new = replace(OLD, lanes=(Lane("lajur_1", "Sekretaris"), Lane("lajur_2", "Camat"), LANES[2]))
    assert set(compare(OLD, new).moved) == {"langkah_2", "langkah_3"}


def test_lanes_with_other_ids_are_the_same_jabatan() -> None:
    nodes = tuple(replace(node, lane=node.lane and f"x_{node.lane}") for node in OLD.nodes)
    new = replace(OLD, lanes=tuple(Lane(f"x_{lane.id}", lane.name) for lane in LANES), nodes=nodes)
    difference = compare(OLD, new)
    assert (difference.nodes, difference.moved) == ({}, {})


def test_a_step_at_another_place_in_the_order_of_work_has_moved() -> None:
    more = [step(number, 1, f"Langkah lain {number}") for number in (4, 5)]
    old, new = chain(FIRST, SECOND, THIRD, *more), chain(SECOND, THIRD, *more, FIRST)
    assert compare(old, new).moved == {"langkah_1": Moved(None, (None, "langkah_5"))}
    assert told(old, new)[0] == (
        "Langkah 1 “Menyusun konsep surat keluar” pindah ke setelah langkah 5 “Langkah lain 5”."
    )


def test_a_step_under_a_new_id_is_likely_the_same() -> None:
    again = replace(SECOND, id="langkah_2a", documentation="Memeriksa lalu memaraf konsep", name="Memeriksa konsep")
    new = chain(FIRST, again, THIRD)
    difference = compare(OLD, new)
    assert (difference.removed, difference.added) == (("langkah_2",), ("langkah_2a",))
    assert difference.likely == {"langkah_2": "langkah_2a"}
    assert "agaknya menjadi langkah 2" in told(OLD, new)[1]


def test_another_step_in_its_place_is_not_likely_the_same() -> None:
    new = chain(FIRST, step(7, 2, "Mengarsipkan berkas kepegawaian"), THIRD)
    assert compare(OLD, new).likely == {}


def test_a_return_that_leads_elsewhere_is_told() -> None:
    gateway = Node("gerbang_2", "exclusiveGateway", "Disetujui?", "lajur_2")
    ways = (
        Edge("setuju", "gerbang_2", "langkah_3", "Setuju", "${keputusan_2 == 'setuju'}"),
        Edge("kembali", "gerbang_2", "langkah_1", "Dikembalikan", "${keputusan_2 == 'kembali'}"),
    )
    old = chain(FIRST, SECOND, gateway, THIRD)
    old = replace(old, edges=(*(edge for edge in old.edges if edge.source != "gerbang_2"), *ways))
    new = replace(old, edges=(*old.edges[:-1], replace(ways[1], target="langkah_2")))
    (turned,) = told(old, new)
    assert turned == (
        "Panah “Dikembalikan” dari gerbang “Disetujui?” ke langkah 1 “Menyusun konsep surat keluar” menjadi"
        " “Dikembalikan” dari gerbang “Disetujui?” ke langkah 2 “Memeriksa dan memaraf konsep”."
    )


def test_the_identity_block_is_compared() -> None:
    new = replace(OLD, properties={"nomor": "02", "tanggal_revisi": "1 Maret 2026"})
    assert [change.field for change in compare(OLD, new).whole] == ["properties.nomor", "properties.tanggal_revisi"]
    assert told(OLD, new)[0] == "Nomor SOP ini berubah dari “01” menjadi “02”."


@given(flows(max_nodes=15))
def test_a_flow_does_not_differ_from_itself(flow: Flow) -> None:
    assert not compare(flow, flow)
    assert described(compare(flow, flow), flow, flow) == ()


@st.composite
def revised(draw: st.DrawFn, flow: Flow) -> Flow:
    """The same flow after some work: steps renamed, put into other lanes, exchanged, left out."""
    nodes = list(flow.nodes)
    for place, node in enumerate(nodes):
        what = draw(st.sampled_from(["", "", "", "name", "lane", "id"]))
        if what == "name":
            nodes[place] = replace(node, name=f"{node.name} baru")
        elif what == "lane":
            nodes[place] = replace(node, lane=draw(st.sampled_from([lane.id for lane in flow.lanes])))
    one, other = draw(st.permutations([node.id for node in nodes]))[:2] if len(nodes) > 1 else ("", "")
    swap = {one: other, other: one}
    gone = draw(st.sampled_from([None, *(node.id for node in nodes)]))
    edges = [
        replace(edge, source=swap.get(edge.source, edge.source), target=swap.get(edge.target, edge.target))
        for edge in flow.edges
    ]
    return replace(
        flow,
        nodes=tuple(node for node in nodes if node.id != gone),
        edges=tuple(edge for edge in edges if gone not in {edge.source, edge.target}),
    )


def mirrored(difference: Difference) -> Difference:
    def turned(found: dict[str, tuple[Change, ...]]) -> dict[str, tuple[Change, ...]]:
        return {
            key: tuple(Change(one.field, one.after, one.before) for one in changes) for key, changes in found.items()
        }

    return Difference(
        added=difference.removed,
        removed=difference.added,
        nodes=turned(dict(difference.nodes)),
        moved={
            step: Moved(moved.lane and moved.lane[::-1], moved.behind and moved.behind[::-1])
            for step, moved in difference.moved.items()
        },
        edges_added=difference.edges_removed,
        edges_removed=difference.edges_added,
        edges=turned(dict(difference.edges)),
        lanes_added=difference.lanes_removed,
        lanes_removed=difference.lanes_added,
        lanes={lane: names[::-1] for lane, names in difference.lanes.items()},
        whole=turned({"": difference.whole})[""],
        likely={},
    )


@given(st.data())
def test_looked_at_from_the_other_side_the_sides_are_exchanged(data: st.DataObject) -> None:
    old = data.draw(sop_flows() | flows(max_nodes=12))
    new = data.draw(revised(old) | sop_flows())
    difference = compare(old, new)
    assert replace(compare(new, old), likely={}) == mirrored(difference)
    assert bool(described(difference, old, new)) == bool(difference) == (old != new)
