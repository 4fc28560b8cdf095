from __future__ import annotations

import pytest

from bpmn import inference, lint, readers, translating
from bpmn.choices import choices
from bpmn.sop import Condition, InferredSop
from tests.bpmn.documents import content, document, row


def inferred(*texts: str) -> InferredSop:
    rows = (row(number, text) for number, text in enumerate(texts, start=1))
    return inference.infer(readers.read(document(*rows), "uji.txt").sops[0])


def condition(*texts: str) -> Condition | None:
    """The condition of the second of these steps."""
    return inferred(*texts, "Mengarsipkan").steps[1].condition


@pytest.mark.parametrize(
    ("text", "question", "answer", "review"),
    [
        ("Melakukan perbaikan / edit atas naskah apabila masih perlu perbaikan", "Perlu perbaikan?", None, False),
        ("Memperbaiki konsep dan mencetaknya jika ada kesalahan", "Ada kesalahan?", None, False),
        ("Apabila terdapat kekurangan, memperbaiki konsep", "Terdapat kekurangan?", None, False),
        ("Melakukan uji petik jika diperlukan", "Perlu melakukan uji petik?", "Perlu", True),
        ("Jika dipandang perlu, melakukan survei lapangan", "Perlu melakukan survei lapangan?", "Perlu", True),
        ("Mengirim surat tanggapan apabila terdapat keberatan", "Terdapat keberatan?", None, True),
    ],
)
def test_a_step_that_is_done_only_sometimes_is_asked_for(
    text: str, question: str, answer: str | None, review: bool
) -> None:
    found = condition("Menelaah naskah", text)
    assert found is not None
    assert (found.decided_in, found.question, found.review) == ("1", question, review)
    assert found.answer == (answer or question.rstrip("?"))
    assert found.otherwise == f"Tidak {found.answer[0].lower()}{found.answer[1:]}"
    assert "hanya dikerjakan dengan syarat" in str(found.evidence[0])


@pytest.mark.parametrize(
    "text",
    [
        "Mengembalikan kepada Sekretaris",
        "Menyiapkan undangan, konsumsi dan ruangan jika diperlukan",
        "Memeriksa berkas, jika diperlukan dilakukan uji petik, jika tidak setuju dikembalikan",
        "Menyerahkan surat apabila sudah selesai",
        "Menyerahkan surat jika telah ditandatangani",
        "Menyusun revisi renstra",
        "Menandatangani surat jika setuju",
        "Memeriksa konsep, jika ada perbaikan dikembalikan",
        "Jika SOP tidak dilaksanakan maka pelayanan terganggu",
        "Jika setuju, ditandatangani",
        "Jika diperlukan",
    ],
)
def test_the_traps_are_no_conditions(text: str) -> None:
    assert condition("Menelaah naskah", text) is None


def test_the_first_step_has_none_before_it_to_decide() -> None:
    assert inferred("Melakukan perbaikan jika perlu perbaikan", "Mengarsipkan").steps[0].condition is None


def test_what_every_holder_does_decides_nothing() -> None:
    rows = (row(1, "Menyampaikan data"), row(2, "Melakukan perbaikan jika perlu perbaikan"))
    heading = (
        "No\tKegiatan\tPelaksana\tMutu Baku\t\t\tKeterangan\n\t\tSeluruh Kepala Seksi\tKelengkapan\tWaktu\tOutput\t\n"
    )
    lines = [line.replace("\t\t\tSurat", "\tSurat") for line in rows]
    found = inference.infer(readers.read(document(*lines, heading=heading), "uji.txt").sops[0])
    assert [step.condition for step in found.steps] == [None, None]
    assert lint.lint(translating.translate(found)) == ()


FORK = "Menentukan tujuan. Jika dalam kota diantar langsung, jika tidak dikirim melalui pos"


def test_two_ways_that_the_step_before_names_are_taken_from_there() -> None:
    found = inferred(FORK, "Mengantar surat langsung", "Mengirim surat melalui pos", "Mengarsipkan")
    flow = translating.translate(found)
    assert flow.node("gerbang_1").name == "Dalam kota?"
    assert [(way.name, way.targets, way.is_return) for way in choices(flow, "langkah_1")] == [
        ("Dalam kota", ("langkah_2",), False),
        ("Tidak dalam kota", ("langkah_3",), False),
    ]
    assert [flow.outgoing(f"langkah_{no}")[0].target for no in (2, 3)] == ["langkah_4", "langkah_4"]
    assert lint.lint(flow) == ()


def test_two_steps_that_begin_with_their_conditions_are_two_ways() -> None:
    found = inferred("Menelaah", "Jika surat biasa, diagendakan", "Jika surat penting, diserahkan", "Mengarsipkan")
    first, second = found.steps[1].condition, found.steps[2].condition
    assert first is not None
    assert second is not None
    assert (first.question, first.answer, first.otherwise) == (
        "Surat biasa atau surat penting?",
        "Surat biasa",
        "Surat penting",
    )
    assert (second.decided_in, second.answer) == ("1", "Surat penting")


def test_a_bare_otherwise_is_no_return() -> None:
    found = inferred("Menelaah", "Jika dalam kota, surat diantar", "Jika tidak, dikirim melalui pos", "Mengarsipkan")
    assert [step.decision for step in found.steps] == [None] * 4
    assert found.steps[2].condition is not None
    assert found.steps[2].condition.answer == "Tidak dalam kota"


@pytest.mark.parametrize(
    "texts",
    [
        (FORK, "Mengagendakan surat", "Mengarsipkan"),
        (FORK, "Mengirim surat melalui pos", "Mengantar surat langsung"),
        (FORK, "Mengantar surat langsung"),
        ("Memeriksa. Jika setuju diparaf, jika tidak dikembalikan", "Memaraf surat", "Mengembalikan surat"),
        ("Menelaah", "Jika biasa, diagendakan", "Jika penting, diserahkan", "Jika rahasia, disimpan"),
    ],
)
def test_without_two_clear_ways_there_is_no_branch(texts: tuple[str, ...]) -> None:
    assert all(step.condition is None for step in inferred(*texts).steps)


def test_repairs_that_are_still_needed_branch_off_in_the_library() -> None:
    sop = readers.read(content("muara_papalik"), "x.txt").sops[0]
    flow = translating.translate(inference.infer(sop))
    assert flow.node("gerbang_5").name == "Perlu perbaikan?"
    assert [(way.name, way.value, way.targets, way.is_return) for way in choices(flow, "langkah_5")] == [
        ("Perlu perbaikan", "ya", ("langkah_6",), False),
        ("Tidak perlu perbaikan", "tidak", ("langkah_7",), False),
    ]
    assert lint.lint(flow) == ()


def test_who_may_return_the_work_also_says_whether_it_is_to_be_repaired() -> None:
    found = inferred(
        "Menyusun konsep", "Memeriksa konsep. Jika tidak setuju dikembalikan", "Memperbaiki konsep jika ada kesalahan"
    )
    flow = translating.translate(found)
    assert [(way.name, way.targets, way.is_return) for way in choices(flow, "langkah_2")] == [
        ("Setuju", (), False),
        ("Ada kesalahan", ("langkah_3",), False),
        ("Dikembalikan", ("langkah_1",), True),
    ]
    assert lint.lint(flow) == ()
