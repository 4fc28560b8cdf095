"""What a reviewer corrects in the table is what the diagram then says, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn import amending, diagram_reader, documents, layout, library, lint, parser, writer
from bpmn.amending import Correction, CorrectionRefused, amended, review, unseen
from bpmn.choices import choices
from bpmn.flow import Flow

LIBRARY = {f"{source.office}/{source.name}": parser.parse(source.content) for source in library.diagrams()}
TRANSLATED = {
    made.flow.process_id: made.flow for source in library.sources() for made in documents.translate(source.content)
}


@pytest.fixture
def flow() -> Flow:
    """Step 3 may send back to step 2, step 8 to nobody."""
    return LIBRARY["gambut/pengumpulan_dan_pengukuran_data_kinerja.bpmn"]


def row(flow: Flow, node_id: str) -> amending.ReviewRow:
    return next(row for row in review(flow) if row.node_id == node_id)


@pytest.mark.parametrize("name", LIBRARY)
def test_a_table_of_what_is_there_changes_nothing(name: str) -> None:
    flow = LIBRARY[name]
    said = [Correction(row.node_id, row.label, row.lane, row.waktu, row.returns_to or "") for row in review(flow)]
    assert amended(flow, said) == flow


@pytest.mark.parametrize("name", LIBRARY)
def test_what_does_not_show_moves_nothing(name: str) -> None:
    xml = writer.write(LIBRARY[name], layout.place(LIBRARY[name]))
    said = [Correction(row.node_id, waktu="9 hari", seen=True) for row in review(LIBRARY[name])]
    made = amending.corrected(xml, said)
    assert diagram_reader.drawn(made)[1] == diagram_reader.drawn(xml)[1]
    assert {row.waktu for row in review(parser.parse(made))} == {"9 hari"}


def test_a_label_a_lane_and_a_waktu_are_corrected(flow: Flow) -> None:
    camat = next(lane.id for lane in flow.lanes if lane.name == "Camat")
    made = amended(flow, [Correction("langkah_3", "  Memeriksa  draf ", camat, "2 hari")])
    after = made.node("langkah_3")
    assert (after.name, after.lane, after.properties["waktu"]) == ("Memeriksa draf", camat, "2 hari")
    assert made.node("gerbang_3").lane == camat
    assert made.edges == flow.edges


def test_an_empty_waktu_is_none(flow: Flow) -> None:
    assert "waktu" not in amended(flow, [Correction("langkah_3", waktu=" ")]).node("langkah_3").properties


def test_a_return_gets_another_target(flow: Flow) -> None:
    made = amended(flow, [Correction("langkah_3", returns_to="langkah_1")])
    assert row(made, "langkah_3").returns_to == "langkah_1"
    assert len(made.edges) == len(flow.edges)


def test_a_step_learns_to_send_back(flow: Flow) -> None:
    last = review(flow)[-1].node_id
    made = amended(flow, [Correction(last, returns_to="langkah_7")])
    assert [(choice.name, choice.is_return) for choice in choices(made, last)] == [
        ("Setuju", False),
        ("Dikembalikan", True),
    ]
    lint.refuse_errors(made)
    assert amended(made, [Correction(last, returns_to="")]) == flow


def test_a_step_no_longer_sends_back(flow: Flow) -> None:
    made = amended(flow, [Correction("langkah_3", returns_to="")])
    assert choices(made, "langkah_3") == ()
    assert "gerbang_3" not in {node.id for node in made.nodes}
    lint.refuse_errors(made)


def test_a_return_leads_to_an_earlier_step_only(flow: Flow) -> None:
    for target in ("langkah_3", "langkah_8", "selesai", "entah"):
        with pytest.raises(CorrectionRefused):
            amended(flow, [Correction("langkah_3", returns_to=target)])


@pytest.mark.parametrize(
    "wrong",
    [
        Correction("entah", "Memeriksa"),
        Correction("langkah_3", lane="entah"),
        Correction("langkah_3", " "),
        Correction("langkah_3", "x" * 201),
        Correction("langkah_3", waktu="x" * 101),
    ],
)
def test_what_the_diagram_cannot_take_is_refused(flow: Flow, wrong: Correction) -> None:
    with pytest.raises(CorrectionRefused):
        amended(flow, [wrong])


def test_what_was_guessed_is_unseen_until_somebody_says_so() -> None:
    flow = next(flow for flow in TRANSLATED.values() if len(unseen(flow)) > 1)
    first, *rest = unseen(flow)
    assert row(flow, first).doubts[0].evidence
    made = amended(flow, [Correction(first, seen=True)])
    assert unseen(made) == tuple(rest)
    assert replace(made, nodes=flow.nodes) == flow
    assert unseen(amended(flow, [Correction(one, seen=True) for one in unseen(flow)])) == ()


def test_a_gateway_of_two_ways_is_left_to_the_diagram() -> None:
    flow = LIBRARY["muara_papalik/penyusunan_mekanisme_pengumpulan_data_kinerja.bpmn"]
    assert [row.node_id for row in review(flow) if row.complicated] == []
    branches = next(row for row in review(flow) if len(choices(flow, row.node_id)) == 2 and not row.returns_to)
    made = amended(flow, [Correction(branches.node_id, returns_to=branches.may_return_to[0])])
    assert len(choices(made, branches.node_id)) == 3
    assert row(made, branches.node_id).returns_to == branches.may_return_to[0]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_corrections_never_break_a_diagram(data: st.DataObject) -> None:
    flow = data.draw(st.sampled_from([*LIBRARY.values(), *TRANSLATED.values()]))
    for _ in range(data.draw(st.integers(1, 4))):
        chosen = data.draw(st.sampled_from([row for row in review(flow) if not row.complicated]))
        target = data.draw(st.sampled_from(["", *chosen.may_return_to]))
        lane = data.draw(st.sampled_from(flow.lanes)).id
        flow = amended(flow, [Correction(chosen.node_id, lane=lane, returns_to=target)])
        assert (row(flow, chosen.node_id).returns_to or "") == target
        lint.refuse_errors(flow)
        assert parser.parse(writer.write(flow, layout.place(flow))) == flow


def test_a_drawing_that_people_made_keeps_its_places(flow: Flow) -> None:
    drawn = layout.place(flow)
    moved = replace(
        drawn, nodes={**drawn.nodes, "langkah_8": replace(drawn.nodes["langkah_8"], y=drawn.nodes["langkah_8"].y + 4)}
    )
    _, drawn_by_hand = diagram_reader.drawn(writer.write(flow, moved))
    made = amended(flow, [Correction("langkah_2", "Menyiapkan surat")])
    after = amending.drawn_anew(flow, drawn_by_hand, made)
    assert after.nodes["langkah_8"] == drawn_by_hand.nodes["langkah_8"]
    assert amending.drawn_anew(flow, drawn, made) == layout.place(made)
