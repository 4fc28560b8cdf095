from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn import layout, lint, parser, writer
from bpmn.choices import choices
from bpmn.flow import Lane
from bpmn.order import returns
from bpmn.sop import (
    Act,
    Condition,
    Decision,
    InferredSop,
    InferredStep,
    Manner,
    Performer,
    Several,
    Sop,
    Step,
    Unit,
    Waktu,
)
from bpmn.translating import process_id, translate, translate_all
from bpmn.wording import sentence

LANES = ("CAMAT", "SEKRETARIS", "STAF")


def step(no: str, lane: str = "CAMAT", back: str | None = None, cells: tuple[str, ...] = ("", "", "")) -> InferredStep:
    return InferredStep(
        Step(
            no=no,
            text=f"Memeriksa konsep {no}. Jika tidak setuju dikembalikan.",
            cells=cells,
            kelengkapan="Konsep",
            waktu=Waktu("10 MENIT", Decimal(10), Unit.MENIT),
            output="",
            keterangan="",
            penanggung_jawab="Camat",
            row=1,
        ),
        label=f"Memeriksa konsep {no}",
        performer=Performer(lane, (lane,), 0.9, review=False, evidence=()),
        decision=None if back is None else Decision(back, 0.9, review=False, evidence=()),
    )


def sop(
    *steps: InferredStep,
    title: str = "MONITORING KINERJA",
    number: str = "094 /MB/2023",
    lanes: tuple[str, ...] = LANES,
    identity: Mapping[str, str | tuple[str, ...]] | None = None,
) -> InferredSop:
    plain = Sop(title, number, "KECAMATAN MARTAPURA BARAT", identity or {}, lanes, tuple(made.step for made in steps))
    return InferredSop(plain, steps)


DECIDING = sop(step("1"), step("2", "STAF"), step("3", "SEKRETARIS", back="2"), step("4"))


def test_each_step_is_a_user_task_with_its_row() -> None:
    task = translate(DECIDING).node("langkah_2")
    assert (task.kind, task.name) == ("userTask", "Memeriksa konsep 2")
    assert task.documentation == "Memeriksa konsep 2. Jika tidak setuju dikembalikan."
    assert task.properties == {
        "langkah": "2",
        "waktu": "10 MENIT",
        "kelengkapan": "Konsep",
        "penanggung_jawab": "Camat",
    }


def test_a_waktu_with_its_unit_in_the_heading_is_written_with_its_unit() -> None:
    bare = step("1")
    bare = replace(bare, step=replace(bare.step, waktu=Waktu("120", Decimal(120), Unit.MENIT)))
    assert translate(sop(bare)).node("langkah_1").properties["waktu"] == "120 menit"


def test_a_waktu_that_cannot_be_read_stays_as_printed() -> None:
    odd = step("1")
    odd = replace(odd, step=replace(odd.step, waktu=Waktu("secepatnya", None, None)))
    assert translate(sop(odd)).node("langkah_1").properties["waktu"] == "secepatnya"


def test_lanes_are_the_columns_in_their_order_with_those_nobody_uses() -> None:
    flow = translate(sop(step("1")))
    assert flow.lanes == (Lane("lajur_1", "CAMAT"), Lane("lajur_2", "SEKRETARIS"), Lane("lajur_3", "STAF"))


def test_start_and_end_stand_in_the_lanes_of_the_first_and_the_last_step() -> None:
    flow = translate(sop(step("1", "STAF"), step("2", "SEKRETARIS")))
    assert flow.node("mulai").lane == "lajur_3"
    assert flow.node("selesai").lane == "lajur_2"


def test_a_decision_is_a_gateway_after_its_task_with_two_buttons() -> None:
    flow = translate(DECIDING)
    gateway = flow.node("gerbang_3")
    assert (gateway.kind, gateway.name, gateway.lane) == ("exclusiveGateway", "Disetujui?", "lajur_2")
    agreed, back = choices(flow, "langkah_3")
    assert (agreed.name, agreed.variable, agreed.value, agreed.targets) == (
        "Setuju",
        "keputusan_3",
        "setuju",
        ("langkah_4",),
    )
    assert (back.name, back.variable, back.value, back.targets) == (
        "Dikembalikan",
        "keputusan_3",
        "kembali",
        ("langkah_2",),
    )
    assert (agreed.is_return, back.is_return) == (False, True)
    assert returns(flow) == {"kembali_3"}


def test_a_decision_in_the_last_step_agrees_to_the_end() -> None:
    flow = translate(sop(step("1"), step("2", back="1")))
    assert choices(flow, "langkah_2")[0].targets == ()
    assert flow.outgoing("gerbang_2")[0].target == "selesai"


def test_a_step_can_return_to_itself() -> None:
    assert returns(translate(sop(step("1"), step("2", back="2")))) == {"kembali_2"}


def test_a_return_to_a_step_that_is_not_above_is_left_out_and_marked() -> None:
    flow = translate(sop(step("1", back="7"), step("2")))
    assert [node.id for node in flow.nodes] == ["mulai", "langkah_1", "langkah_2", "selesai"]
    assert flow.node("langkah_1").properties["perlu_tinjauan"] == "pengembalian"


def test_guesses_are_marked_with_their_evidence_on_the_element_they_are_about() -> None:
    guessed = step("2", back="1")
    evidence = (sentence("Kata “%(word)s” disebut.", word="Sekcam"), sentence("Langkah sebelumnya di lajur ini."))
    guessed = replace(
        guessed,
        performer=Performer("STAF", ("STAF", "CAMAT"), 0.4, review=True, evidence=evidence),
        decision=Decision("1", 0.4, review=True, evidence=(sentence("Tujuan tidak disebut."),)),
    )
    flow = translate(sop(step("1"), guessed))
    task = flow.node("langkah_2").properties
    assert task["perlu_tinjauan"] == "pelaksana"
    assert task["dasar"] == "Kata “Sekcam” disebut.\nLangkah sebelumnya di lajur ini."
    assert task["pelaksana"] == "STAF\nCAMAT"
    assert flow.node("gerbang_2").properties == {"perlu_tinjauan": "pengembalian", "dasar": "Tujuan tidak disebut."}


def test_of_two_columns_with_one_heading_the_marked_one_is_taken() -> None:
    lanes = ("CAMAT", "KASUBAG", "KASUBAG")
    flow = translate(sop(step("1", "KASUBAG"), step("2", "KASUBAG", cells=("", "", "v")), lanes=lanes))
    assert [flow.node(f"langkah_{no}").lane for no in (1, 2)] == ["lajur_2", "lajur_3"]


def test_a_performer_without_a_column_leaves_the_task_outside_the_lanes() -> None:
    flow = translate(sop(step("1", "BUPATI")))
    assert "task_outside_lane" in {finding.rule for finding in lint.lint(flow)}


def test_ids_are_made_from_the_printed_numbers() -> None:
    flow = translate(sop(step("1."), step("2a"), step("2a"), step(""), step("Ⅳ")))
    assert [task.id for task in flow.tasks()] == [
        "langkah_1",
        "langkah_2a",
        "langkah_2a_2",
        "langkah_ke_4",
        "langkah_iv",
    ]


def test_a_number_printed_twice_returns_to_the_nearest_above() -> None:
    flow = translate(sop(step("1"), step("2"), step("1"), step("2", back="1"), step("3")))
    assert flow.outgoing("gerbang_2_2")[1].target == "langkah_1_2"


@pytest.mark.parametrize(
    ("number", "title", "expected"),
    [
        ("094 /MB/2023", "MONITORING KINERJA", "sop_094_mb_2023_monitoring_kinerja"),
        ("", "Surat Keterangan (SKTM)", "sop_kecamatan_x_surat_keterangan_sktm"),
        ("7", "Pengaduan é", "sop_7_pengaduan_e"),
    ],
)
def test_the_process_id_is_made_from_number_and_title(number: str, title: str, expected: str) -> None:
    assert process_id(Sop(title, number, "KECAMATAN X", {}, (), ())) == expected


def test_process_ids_are_bounded_and_never_empty() -> None:
    long = [Sop("PELAYANAN " * 20 + end, "1", "X", {}, (), ()) for end in ("A", "B")]
    ids = {process_id(made) for made in (*long, Sop("مرحبا", "", "X", {}, (), ()), Sop("", "", "X", {}, (), ()))}
    assert len(ids) == 4
    assert all(len(made) < 100 and made.isascii() and made.startswith("sop_") for made in ids)


def test_two_sops_of_one_document_never_share_an_id() -> None:
    flows = translate_all([DECIDING, DECIDING, sop(step("1"), title="RENSTRA")])
    assert [flow.process_id for flow in flows] == [
        "sop_094_mb_2023_monitoring_kinerja",
        "sop_094_mb_2023_monitoring_kinerja_2",
        "sop_094_mb_2023_renstra",
    ]


def test_the_identity_block_becomes_properties_of_the_process() -> None:
    flow = translate(sop(step("1"), identity={"dasar_hukum": ("UU 23/2014", "PP 17/2018"), "tanggal_revisi": ""}))
    assert flow.properties == {
        "nomor": "094 /MB/2023",
        "kantor": "KECAMATAN MARTAPURA BARAT",
        "dasar_hukum": "UU 23/2014\nPP 17/2018",
    }
    assert (flow.name, flow.pool) == ("MONITORING KINERJA", "KECAMATAN MARTAPURA BARAT: MONITORING KINERJA")


def test_what_is_translated_passes_lint_and_is_always_the_same() -> None:
    assert lint.lint(translate(DECIDING)) == ()
    assert translate(DECIDING) == translate(DECIDING)


def test_an_sop_without_steps_still_is_a_flow() -> None:
    flow = translate(sop())
    assert [(edge.source, edge.target) for edge in flow.edges] == [("mulai", "selesai")]
    assert lint.lint(flow) == ()


EVIDENCE = (sentence("Begitulah tertulis."),)
CHAIN = Several(
    Manner.CHAIN,
    (Act("Mencetak", "STAF", approves=False), Act("Memaraf", "SEKRETARIS"), Act("Menandatangani", "CAMAT")),
    review=True,
    evidence=EVIDENCE,
)
EACH = Several(Manner.EACH, (), review=False, evidence=EVIDENCE)


def asked(no: str, question: str = "Perlu perbaikan?", *, turned: bool = False, review: bool = False) -> Condition:
    answers = ("Perlu perbaikan", "Tidak perlu perbaikan")
    first, second = answers[::-1] if turned else answers
    return Condition(no, question, first, second, 0.8, review, EVIDENCE)


def test_each_act_of_a_row_is_a_task_and_the_first_keeps_id_and_mutu_baku() -> None:
    flow = translate(sop(step("1"), replace(step("2"), several=CHAIN), step("2_2"), step("3")))
    assert [(task.id, task.name, task.lane) for task in flow.tasks()[1:4]] == [
        ("langkah_2", "Mencetak", "lajur_3"),
        ("langkah_2_2_2", "Memaraf", "lajur_2"),
        ("langkah_2_3", "Menandatangani", "lajur_1"),
    ]
    assert flow.tasks()[4].documentation.startswith("Memeriksa konsep 2_2")  # a row of its own keeps its id
    first, second, _ = flow.tasks()[1:4]
    assert first.properties["waktu"] == "10 MENIT"
    doubt = {"perlu_tinjauan": "pelaksana", "dasar": "Begitulah tertulis."}
    assert second.properties == {"langkah": "2", "pengesahan": "paraf", **doubt}
    assert first.documentation == second.documentation != ""
    assert [flow.outgoing(task.id)[0].target for task in flow.tasks()] == [
        *(task.id for task in flow.tasks()[1:]),
        "selesai",
    ]


def test_every_approver_of_a_row_can_return_but_not_who_prepares() -> None:
    flow = translate(sop(step("1"), replace(step("2", back="1"), several=CHAIN), step("3")))
    assert choices(flow, "langkah_2") == ()
    for task, onward in (("langkah_2_2", "langkah_2_3"), ("langkah_2_3", "langkah_3")):
        assert [way.targets for way in choices(flow, task)] == [(onward,), ("langkah_1",)]
    assert returns(flow) == {"kembali_2_2", "kembali_2_3"}
    assert lint.lint(flow) == ()


def test_what_each_holder_does_is_one_task_for_all_of_them_unless_it_decides() -> None:
    flow = translate(sop(step("1"), replace(step("2"), several=EACH), replace(step("3", back="2"), several=EACH)))
    assert [task.multi for task in flow.tasks()] == ["", "parallel", ""]
    assert lint.lint(flow) == ()


def test_a_step_done_only_sometimes_is_asked_for_after_the_one_before() -> None:
    flow = translate(sop(step("1"), replace(step("2"), condition=asked("1", review=True)), step("3")))
    gateway = flow.node("gerbang_1")
    assert (gateway.name, gateway.properties["perlu_tinjauan"]) == ("Perlu perbaikan?", "percabangan")
    assert [(edge.id, edge.name, edge.target, edge.condition) for edge in flow.outgoing("gerbang_1")] == [
        ("ya_1", "Perlu perbaikan", "langkah_2", "${keputusan_1 == 'ya'}"),
        ("tidak_1", "Tidak perlu perbaikan", "langkah_3", "${keputusan_1 == 'tidak'}"),
    ]


def test_a_last_step_done_only_sometimes_is_passed_by_to_the_end() -> None:
    flow = translate(sop(step("1"), replace(step("2"), condition=asked("1"))))
    assert [edge.target for edge in flow.outgoing("gerbang_1")] == ["langkah_2", "selesai"]


def test_two_ways_meet_after_both() -> None:
    ways = (replace(step("2"), condition=asked("1")), replace(step("3"), condition=asked("1", turned=True)))
    flow = translate(sop(step("1"), *ways, step("4")))
    assert [edge.target for edge in flow.outgoing("gerbang_1")] == ["langkah_2", "langkah_3"]
    assert [flow.outgoing(f"langkah_{no}")[0].target for no in (2, 3)] == ["langkah_4", "langkah_4"]


def test_a_return_from_one_of_two_ways_to_the_other_goes_to_where_they_part() -> None:
    ways = (
        replace(step("2"), condition=asked("1")),
        replace(step("3", back="2"), condition=asked("1", turned=True)),
    )
    flow = translate(sop(step("1"), *ways, step("4")))
    assert [(way.targets, way.is_return) for way in choices(flow, "langkah_3")] == [
        (("langkah_4",), False),
        (("langkah_1",), True),
    ]


@pytest.mark.parametrize(
    "steps",
    [
        (step("1"), step("2"), replace(step("3"), condition=asked("1"))),
        (replace(step("1"), several=EACH), replace(step("2"), condition=asked("1"))),
        (replace(step("1"), condition=asked("1")),),
    ],
)
def test_a_condition_that_nobody_right_before_can_decide_is_left_out_and_marked(
    steps: tuple[InferredStep, ...],
) -> None:
    flow = translate(sop(*steps))
    assert not any(node.kind == "exclusiveGateway" for node in flow.nodes)
    assert flow.tasks()[-1].properties["perlu_tinjauan"] == "percabangan"


@st.composite
def inferred_sops(draw: st.DrawFn) -> InferredSop:
    """Whatever inference may come to think of, and more."""
    count = draw(st.integers(1, 8))
    numbers = [str(number) for number in range(1, count + 1)]
    steps = []
    for number in numbers:
        no = draw(st.sampled_from([number, number, number, str(max(1, int(number) - 1))]))
        back = draw(st.none() | st.sampled_from([*numbers, "99"]))
        made = step(no, draw(st.sampled_from(LANES)), back)
        several = draw(st.sampled_from([None, None, CHAIN, EACH, Several(Manner.TOGETHER, (), False, EVIDENCE)]))
        question = st.sampled_from(["Perlu perbaikan?", "Dalam kota?"])
        condition = draw(
            st.none()
            | st.builds(asked, st.sampled_from([str(int(number) - 1), *numbers]), question, turned=st.booleans())
        )
        steps.append(replace(made, several=several, condition=condition))
    return sop(*steps)


@settings(deadline=None, max_examples=200)
@given(inferred_sops())
def test_whatever_was_inferred_passes_lint_and_comes_back_from_its_file(inferred: InferredSop) -> None:
    flow = translate(inferred)
    assert lint.lint(flow) == ()
    assert parser.parse(writer.write(flow, layout.place(flow))) == flow
    forward = [choice for task in flow.tasks() for choice in choices(flow, task.id) if not choice.is_return]
    assert all(choice.name not in {"", "Dikembalikan"} for choice in forward)
    firsts = [f"langkah_{no}" for no in dict.fromkeys(made.step.no for made in inferred.steps)]
    assert set(firsts) <= {task.id for task in flow.tasks()}
