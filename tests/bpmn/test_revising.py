from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn import diagram_reader, writer
from bpmn.flow import TIMER, Edge, Event, Field, Flow, Lane, Node
from bpmn.layout import Bounds, Diagram, place
from bpmn.revising import over, revise
from tests.bpmn.test_layout import check

LANES = ("CAMAT", "SEKRETARIS", "KASUBBAG", "STAF")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an SOP as the tests change it: `back` is the row it returns to."""

    text: str
    lane: int = 0
    back: str | None = None


def translated(rows: list[Row], lanes: tuple[str, ...] = LANES) -> Flow:
    """What the translator makes of the rows, numbered from 1 as they stand."""
    number = {row.text: place for place, row in enumerate(rows, start=1)}
    nodes = [Node("mulai", "startEvent", "Mulai", _lane(rows[0].lane, lanes))]
    edges = [Edge("alir_mulai", "mulai", "langkah_1")]
    for place_, row in enumerate(rows, start=1):
        onward = f"langkah_{place_ + 1}" if place_ < len(rows) else "selesai"
        lane = _lane(row.lane, lanes)
        task = f"langkah_{place_}"
        properties = {"langkah": str(place_), "waktu": "1 hari"}
        nodes.append(Node(task, "userTask", row.text.capitalize(), lane, row.text, properties))
        if row.back in number and number[row.back] <= place_:
            gateway, variable = f"gerbang_{place_}", f"keputusan_{place_}"
            nodes.append(Node(gateway, "exclusiveGateway", "Disetujui?", lane))
            edges.append(Edge(f"alir_{place_}", task, gateway))
            edges.append(Edge(f"setuju_{place_}", gateway, onward, "Setuju", f"${{{variable} == 'setuju'}}"))
            goal = f"langkah_{number[row.back]}"
            edges.append(Edge(f"kembali_{place_}", gateway, goal, "Dikembalikan", f"${{{variable} == 'kembali'}}"))
        else:
            edges.append(Edge(f"alir_{place_}", task, onward))
    nodes.append(Node("selesai", "endEvent", "Selesai", _lane(rows[-1].lane, lanes)))
    made = tuple(Lane(_lane(place_, lanes), name) for place_, name in enumerate(lanes))
    return Flow("sop_uji", "Uji", "KECAMATAN UJI: Uji", made, tuple(nodes), tuple(edges))


def _lane(place_: int, lanes: tuple[str, ...]) -> str:
    return f"lajur_{place_ % len(lanes) + 1}"


@st.composite
def sops(draw: st.DrawFn, min_rows: int = 2, max_rows: int = 12) -> list[Row]:
    """Rows without a word in common, some of them with a return."""
    rows: list[Row] = []
    for number in range(draw(st.integers(min_rows, max_rows))):
        back = draw(st.sampled_from([None, None, *(row.text for row in rows)]))
        rows.append(Row(f"memeriksa{number} surat{number} masuk{number}", draw(st.integers(0, 3)), back))
    return rows


NEW = Row("mencatat dalam buku agenda", 2)


def ids_by_text(flow: Flow) -> dict[str, str]:
    return {node.documentation: node.id for node in flow.tasks()}


# -- what must hold whatever changes ----------------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(sops())
def test_nothing_changed_gives_the_same_bytes(rows: list[Row]) -> None:
    flow = translated(rows)
    xml = writer.write(flow, place(flow))
    assert over(xml, flow) == xml


@settings(deadline=None, max_examples=60)
@given(sops(), st.data())
def test_an_inserted_row_moves_only_what_stands_right_of_it(rows: list[Row], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(rows)))
    back = data.draw(st.sampled_from([None, *(row.text for row in rows[:at])]))
    old = translated(rows)
    drawn = place(old)
    new = translated([*rows[:at], replace(NEW, back=back, lane=data.draw(st.integers(0, 3))), *rows[at:]])
    flow, diagram = revise(old, drawn, new)
    check(flow, diagram)
    before, after = ids_by_text(old), ids_by_text(flow)
    assert {text: after[text] for text in before} == before
    fresh = {node.id for node in flow.nodes} - {node.id for node in old.nodes}
    assert after[NEW.text] in fresh
    assert len(fresh) == (2 if back else 1)
    moved = shifts(drawn, diagram, flow, old)
    assert all(down == 0 for _, _, down in moved)
    lengths = sorted({right for _, right, _ in moved})
    assert lengths[0] >= 0
    assert [x for x, right, _ in sorted(moved)] == [x for x, right, _ in sorted(moved, key=lambda one: one[1::-1])]


def shifts(old: Diagram, new: Diagram, flow: Flow, before: Flow) -> list[tuple[int, int, int]]:
    """Old x of each node that stayed in its lane, and how far it moved right and down."""
    lanes = {node.id: node.lane for node in before.nodes}
    stayed = [node.id for node in flow.nodes if node.id in lanes and lanes[node.id] == node.lane]
    return [
        (old.nodes[key].x, new.nodes[key].x - old.nodes[key].x, new.nodes[key].y - old.nodes[key].y) for key in stayed
    ]


@settings(deadline=None, max_examples=60)
@given(sops(min_rows=3), st.data())
def test_a_removed_row_moves_nothing(rows: list[Row], data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(rows) - 2))
    old = translated(rows)
    drawn = place(old)
    flow, diagram = revise(old, drawn, translated(rows[:at] + rows[at + 1 :]))
    check(flow, diagram)
    gone = rows[at].text
    before = ids_by_text(old)
    assert ids_by_text(flow) == {text: found for text, found in before.items() if text != gone}
    assert flow.properties["id_dihapus"] == before[gone]
    assert {one[1:] for one in shifts(drawn, diagram, flow, old)} == {(0, 0)}
    assert kept_ways(old, drawn, flow, diagram)


def kept_ways(old: Flow, drawn: Diagram, flow: Flow, diagram: Diagram) -> bool:
    """Whether every edge between the same nodes runs as it did."""
    ends = {edge.id: (edge.source, edge.target) for edge in old.edges}
    same = [edge.id for edge in flow.edges if ends.get(edge.id) == (edge.source, edge.target)]
    return all(drawn.waypoints[edge] == diagram.waypoints[edge] for edge in same)


@settings(deadline=None, max_examples=40)
@given(sops(), sops(), st.data())
def test_any_change_of_rows_is_drawn_clean(rows: list[Row], others: list[Row], data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.sampled_from(rows), unique_by=lambda row: row.text))
    added = [
        replace(row, text=row.text.replace("a", "o").replace("u", "i"), back=None)
        for row in others[: data.draw(st.integers(0, 4))]
    ]
    wished = data.draw(st.permutations([*kept, *added])) or [NEW]
    old, new = translated(rows), translated(list(wished))
    flow, diagram = revise(old, place(old), new)
    check(flow, diagram)
    assert [node.documentation for node in flow.nodes if node.kind == "userTask"]
    assert sorted(ids_by_text(flow)) == sorted(ids_by_text(new))
    ids = [*(node.id for node in flow.nodes), *(edge.id for edge in flow.edges)]
    assert len(set(ids)) == len(ids)
    before = {node.id: node.documentation for node in old.nodes}
    assert all(before[node.id] == node.documentation for node in flow.tasks() if node.id in before)


@settings(deadline=None, max_examples=30)
@given(sops(min_rows=3), st.data())
def test_an_id_that_is_gone_is_never_given_again(rows: list[Row], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(rows) - 1))
    old = translated(rows)
    gone = ids_by_text(old)[rows[at].text]
    shorter = revise(old, place(old), translated(rows[:at] + rows[at + 1 :]))
    longer = revise(*shorter, translated([*rows[:at], NEW, *rows[at + 1 :]]))
    assert gone not in {node.id for node in longer[0].nodes}


# -- what people did --------------------------------------------------------------------------------------------------

ROWS = [
    Row("membuat konsep surat", 3),
    Row("memeriksa konsep surat dan memarafnya", 1, "membuat konsep surat"),
    Row("menandatangani surat yang sudah diparaf"),
    Row("mengirim surat ke kabupaten", 3),
]
OLD = translated(ROWS)


def changed(flow: Flow, node_id: str, **what: object) -> Flow:
    nodes = [replace(node, **what) if node.id == node_id else node for node in flow.nodes]  # type: ignore[arg-type]
    return replace(flow, nodes=tuple(nodes))


def revised(old: Flow, *rows: Row) -> Flow:
    return revise(old, place(old), translated(list(rows)))[0]


def test_a_name_given_by_hand_stays_while_the_row_is_the_same() -> None:
    old = changed(OLD, "langkah_3", name="Teken")
    assert revised(old, *ROWS[:2], NEW, *ROWS[2:]).node("langkah_3").name == "Teken"
    other = replace(ROWS[2], text="menandatangani surat yang sudah diparaf lalu memberi stempel")
    assert revised(old, *ROWS[:2], other, ROWS[3]).node("langkah_3").name == other.text.capitalize()


def test_the_number_of_the_row_is_the_new_one_and_the_id_the_old_one() -> None:
    flow = revised(OLD, NEW, *ROWS)
    assert flow.node("langkah_1").properties["langkah"] == "2"
    assert [node.id for node in flow.tasks()] == ["langkah_1_baru", "langkah_1", "langkah_2", "langkah_3", "langkah_4"]


def test_the_variable_of_a_decision_goes_with_its_gateway() -> None:
    deciding = replace(NEW, back=ROWS[0].text)
    flow = revised(OLD, ROWS[0], deciding, *ROWS[1:])
    conditions = {edge.id: edge.condition for edge in flow.edges if edge.condition}
    assert conditions["kembali_2"] == "${keputusan_2 == 'kembali'}"
    others = {condition for key, condition in conditions.items() if key not in {"setuju_2", "kembali_2"}}
    assert others == {"${keputusan_2_baru == 'setuju'}", "${keputusan_2_baru == 'kembali'}"}


def test_a_guess_that_was_confirmed_or_corrected_stays_settled() -> None:
    doubtful = {"langkah": "3", "waktu": "1 hari", "perlu_tinjauan": "pelaksana", "dasar": "Tidak ada tanda."}
    new = changed(translated(ROWS), "langkah_3", properties=doubtful)
    old = changed(OLD, "langkah_3", lane="lajur_2")
    task = revise(old, place(old), new)[0].node("langkah_3")
    assert task.lane == "lajur_2"
    assert "perlu_tinjauan" not in task.properties


def test_properties_that_people_added_stay_and_the_rows_cells_follow_the_document() -> None:
    old = changed(OLD, "langkah_3", properties={"langkah": "3", "waktu": "2 jam", "catatan": "penting"})
    assert revised(old, *ROWS).node("langkah_3").properties == {"langkah": "3", "waktu": "1 hari", "catatan": "penting"}


def test_what_an_analyst_said_about_paraf_stays_while_the_row_is_the_same() -> None:
    rows = [Row("menyusun konsep"), Row("memeriksa konsep", 1)]
    old, new = translated(rows), translated([rows[0], Row("memeriksa konsep surat", 1)])
    for said, document, expected in (
        ("paraf", "tanda tangan", "paraf"),
        ("paraf", "", "paraf"),
        ("", "paraf", "paraf"),
    ):
        edited, again = _with_approval(old, said), _with_approval(old, document)
        assert revise(edited, place(edited), again)[0].node("langkah_2").properties.get("pengesahan") == expected
    for document in ("", "tanda tangan"):
        signed = _with_approval(old, "paraf")
        revised = revise(signed, place(signed), _with_approval(new, document))[0].node("langkah_2")
        assert revised.properties.get("pengesahan", "") == document


def _with_approval(flow: Flow, said: str) -> Flow:
    more = {"pengesahan": said} if said else {}
    nodes = [
        replace(node, properties={**node.properties, **more}) if node.id == "langkah_2" else node for node in flow.nodes
    ]
    return replace(flow, nodes=tuple(nodes))


def test_a_step_that_people_drew_between_two_rows_stays() -> None:
    own = Node("Activity_1", "userTask", "Fotokopi", "lajur_4")
    edges = [edge for edge in OLD.edges if edge.id != "alir_3"]
    edges += [Edge("alir_3", "langkah_3", "Activity_1"), Edge("Flow_1", "Activity_1", "langkah_4")]
    old = replace(OLD, nodes=(*OLD.nodes, own), edges=tuple(edges))
    drawn = place(old)
    flow, diagram = revise(old, drawn, translated(ROWS))
    assert (flow, diagram) == (replace(old, edges=flow.edges), drawn)
    assert {(edge.source, edge.target) for edge in flow.edges} == {(edge.source, edge.target) for edge in old.edges}


def with_more() -> tuple[list[Row], Flow]:
    """Rows, and what they were translated to, with all that people can add: an event, a subprocess, a form."""
    rows = [Row("menyusun konsep surat", 1), Row("memeriksa isi berkas", 2), Row("menandatangani rekomendasi akhir", 0)]
    drawn = translated(rows)
    lane = "lajur_1"
    nodes = [
        replace(drawn.nodes[0], event=Event(TIMER, "2027-01-04", "timeDate")),
        replace(drawn.node("langkah_1"), fields=(Field("perihal"),), writes=("Konsep surat",)),
        Node(
            "Event_batas",
            "boundaryEvent",
            "3 hari",
            lane,
            attached_to="langkah_1",
            event=Event(TIMER, "P3D", "timeDuration"),
        ),
        Node("Activity_ingat", "userTask", "Mengambil alih", lane),
        Node("Event_akhir", "endEvent", "", lane),
        Node("Activity_sub", "subProcess", "Pemeriksaan", lane),
        Node("Event_dalam", "startEvent", "", lane, parent="Activity_sub"),
        Node("Activity_dalam", "userTask", "Menelaah", lane, parent="Activity_sub"),
        Node("Event_luar", "endEvent", "", lane, parent="Activity_sub"),
        *drawn.nodes[2:],
    ]
    edges = [
        *(edge for edge in drawn.edges if edge.id != "alir_1"),
        Edge("Flow_1", "langkah_1", "Activity_sub"),
        Edge("Flow_2", "Activity_sub", "langkah_2"),
        Edge("Flow_3", "Event_batas", "Activity_ingat"),
        Edge("Flow_4", "Activity_ingat", "Event_akhir"),
        Edge("Flow_5", "Event_dalam", "Activity_dalam"),
        Edge("Flow_6", "Activity_dalam", "Event_luar"),
    ]
    return rows, replace(drawn, nodes=tuple(nodes), edges=tuple(edges))


def test_events_subprocesses_and_forms_that_people_drew_stay_when_rows_are_inserted() -> None:
    rows, old = with_more()
    same, _ = revise(old, place(old), translated(rows))
    assert same == old
    flow, diagram = revise(old, place(old), translated([*rows, NEW]))
    assert {node.id for node in old.nodes} <= {node.id for node in flow.nodes}
    assert {edge.id for edge in old.edges} <= {edge.id for edge in flow.edges}
    assert flow.node("Activity_dalam").parent == "Activity_sub"
    assert flow.node("langkah_1").fields == (Field("perihal"),)
    assert diagram_reader.drawn(writer.write(flow, diagram)) == (flow, diagram)


def test_an_event_moves_with_the_step_it_sits_on() -> None:
    rows, old = with_more()
    flow, diagram = revise(old, place(old), translated([replace(rows[0], lane=3), *rows[1:]]))
    event, step = diagram.nodes["Event_batas"], diagram.nodes["langkah_1"]
    assert step != place(old).nodes["langkah_1"]
    assert event.center[1] == step.bottom
    assert step.x < event.x < event.right < step.right
    assert diagram_reader.drawn(writer.write(flow, diagram)) == (flow, diagram)


def test_a_form_stays_with_its_step_when_the_row_changes() -> None:
    rows, old = with_more()
    changed = replace(rows[0], text="menyusun konsep surat dinas")
    flow, _ = revise(old, place(old), translated([changed, *rows[1:]]))
    assert (flow.node("langkah_1").fields, flow.node("langkah_1").writes) == ((Field("perihal"),), ("Konsep surat",))


def test_an_event_goes_with_the_step_it_sits_on() -> None:
    rows, old = with_more()
    flow, diagram = revise(old, place(old), translated(rows[1:]))
    assert not {"Event_batas", "Activity_ingat"} & {node.id for node in flow.nodes}
    assert diagram_reader.drawn(writer.write(flow, diagram)) == (flow, diagram)


def test_what_people_moved_stays_where_they_put_it() -> None:
    drawn = place(OLD)
    end = drawn.nodes["selesai"]
    far = Bounds(end.x + 90, end.y, end.width, end.height)
    ways = {**drawn.waypoints, "alir_4": (drawn.waypoints["alir_4"][0], (far.x, far.center[1]))}
    moved = replace(
        drawn,
        pool=replace(drawn.pool, width=drawn.pool.width + 90),
        lanes={key: replace(lane, width=lane.width + 90) for key, lane in drawn.lanes.items()},
        nodes={**drawn.nodes, "selesai": far},
        waypoints=ways,
    )
    assert revise(OLD, moved, OLD) == (OLD, moved)
    inserted = revise(OLD, moved, translated([*ROWS[:2], replace(NEW, lane=3), *ROWS[2:]]))[1]
    tasks = inserted.nodes["langkah_4"].x - drawn.nodes["langkah_4"].x
    assert inserted.nodes["selesai"].x - far.x == tasks
    assert inserted.nodes["langkah_1"] == drawn.nodes["langkah_1"]


# -- lanes ------------------------------------------------------------------------------------------------------------


def test_a_new_column_opens_a_lane_between_the_others() -> None:
    lanes = ("CAMAT", "SEKRETARIS", "KASI", "KASUBBAG", "STAF")
    rows = [replace(row, lane={3: 4, 2: 3}.get(row.lane, row.lane)) for row in ROWS]
    flow, diagram = revise(OLD, place(OLD), translated(rows, lanes))
    check(flow, diagram)
    assert [lane.name for lane in flow.lanes] == list(lanes)
    assert flow.node("langkah_1").lane == "lajur_4"
    assert diagram.nodes["langkah_3"] == place(OLD).nodes["langkah_3"]


def test_a_column_that_is_gone_closes_its_lane() -> None:
    rows = [replace(row, lane={3: 2}.get(row.lane, row.lane)) for row in ROWS]
    flow, diagram = revise(OLD, place(OLD), translated(rows, ("CAMAT", "SEKRETARIS", "STAF")))
    check(flow, diagram)
    assert [lane.id for lane in flow.lanes] == ["lajur_1", "lajur_2", "lajur_4"]
    assert diagram.nodes["langkah_3"] == place(OLD).nodes["langkah_3"]


def test_columns_in_another_order_are_laid_out_anew() -> None:
    flow, diagram = revise(OLD, place(OLD), translated(ROWS, tuple(reversed(LANES))))
    check(flow, diagram)
    assert diagram == place(flow)


def test_a_revised_file_is_read_again_as_it_was_written() -> None:
    new = translated([ROWS[0], NEW, *ROWS[1:]])
    xml = over(writer.write(OLD, place(OLD)), new)
    flow, diagram = diagram_reader.drawn(xml)
    check(flow, diagram)
    assert over(xml, new) == xml
