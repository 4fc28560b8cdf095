from __future__ import annotations

import pytest

from bpmn import inference, lint, readers, translating
from bpmn.sop import InferredSop, Manner
from tests.bpmn.documents import content, document, row

LANES = ("Camat", "Sekretaris", "Kasubbag Umum", "Kepala Seksi", "Staf")


def inferred(*texts: str, lanes: tuple[str, ...] = LANES) -> InferredSop:
    """An SOP with these rows and columns, inferred."""
    gap = "\t" * (len(lanes) - 1)
    heading = (
        f"No\tKegiatan\tPelaksana{gap}\tMutu Baku\t\t\tKeterangan\n"
        f"\t\t{chr(9).join(lanes)}\tKelengkapan\tWaktu\tOutput\t\n"
    )
    rows = (row(number, text, gap) for number, text in enumerate(texts, start=1))
    return inference.infer(readers.read(document(*rows, heading=heading), "uji.txt").sops[0])


def middle(text: str, lanes: tuple[str, ...] = LANES) -> InferredSop:
    return inferred("Menyusun konsep", text, "Mengarsipkan surat", lanes=lanes)


@pytest.mark.parametrize(
    ("text", "acts"),
    [
        (
            "Konsep surat diparaf Kasubbag Umum dan Sekretaris kemudian ditandatangani Camat",
            [
                ("Memaraf konsep surat", "Kasubbag Umum"),
                ("Memaraf konsep surat", "Sekretaris"),
                ("Menandatangani konsep surat", "Camat"),
            ],
        ),
        (
            "Diperiksa dan diparaf oleh Sekretaris lalu ditandatangani Camat",
            [("Memeriksa dan memaraf", "Sekretaris"), ("Menandatangani", "Camat")],
        ),
        (
            "Kasubbag Umum dan Sekretaris memaraf, kemudian Camat menandatangani surat",
            [("Memaraf surat", "Kasubbag Umum"), ("Memaraf surat", "Sekretaris"), ("Menandatangani surat", "Camat")],
        ),
    ],
)
def test_chained_approvals_are_acts_in_their_order(text: str, acts: list[tuple[str, str]]) -> None:
    several = middle(text).steps[1].several
    assert several is not None
    assert several.manner is Manner.CHAIN
    assert [(act.label, act.lane) for act in several.acts] == acts
    assert "beberapa persetujuan berurutan" in str(several.evidence[0])


def test_what_comes_before_the_approvals_is_an_act_of_its_own() -> None:
    several = middle("Mencetak surat, diparaf oleh Sekretaris dan ditandatangani oleh Camat").steps[1].several
    assert several is not None
    assert [(act.label, act.approves) for act in several.acts] == [
        ("Mencetak surat", False),
        ("Memaraf", True),
        ("Menandatangani", True),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Menerima surat yang telah diparaf Sekretaris dan ditandatangani Camat",
        "Menyerahkan surat kepada Sekretaris untuk diparaf Sekretaris dan ditandatangani Camat",
        "Surat diparaf Sekretaris/Kasubbag Umum kemudian ditandatangani Camat",
        "Surat diparaf Sekretaris atau Kasubbag Umum, ditandatangani Camat",
        "Jika setuju diparaf Sekretaris dan ditandatangani Camat",
        "Surat diparaf dan ditandatangani Camat",
        "Surat diparaf kemudian ditandatangani Camat, disahkan Sekretaris",
        "Surat belum diparaf Sekretaris, ditandatangani Camat",
        "Camat memeriksa dan menandatangani surat",
        "Menyampaikan format kepada masing-masing Kepala Seksi",
        "Menghimpun data dari seluruh Kepala Seksi",
        "Rapat seluruh Kepala Seksi",
        "Memeriksa data yang telah diisi oleh setiap Kepala Seksi",
    ],
)
def test_what_is_not_clearly_done_by_several_stays_one_task(text: str) -> None:
    assert middle(text).steps[1].several is None


@pytest.mark.parametrize(
    "text",
    [
        "Masing-masing Kepala Seksi menyusun data kinerja",
        "Seluruh Kepala Seksi menyampaikan data kinerja",
        "Tiap-tiap Kasi mengumpulkan data kinerja",
        "Pengisian format oleh setiap Kepala Seksi",
    ],
)
def test_every_holder_of_a_jabatan_does_what_all_are_said_to_do(text: str) -> None:
    found = middle(text)
    several = found.steps[1].several
    assert several is not None
    assert (several.manner, several.review) == (Manner.EACH, False)
    task = translating.translate(found).node("langkah_2")
    assert (task.multi, task.lane) == ("parallel", "lajur_4")


@pytest.mark.parametrize(
    ("heading", "review"), [("SELURUH KEPALA SEKSI", False), ("Masing-masing Seksi", False), ("Seksi-Seksi Lain", True)]
)
def test_a_heading_can_name_every_holder(heading: str, review: bool) -> None:
    several = inferred("Menyampaikan data", lanes=(heading,)).steps[0].several
    assert several is not None
    assert (several.manner, several.review) == (Manner.EACH, review)


def test_nothing_is_decided_by_every_holder() -> None:
    found = middle("Masing-masing Kepala Seksi memeriksa data, jika tidak sesuai dikembalikan")
    assert found.steps[1].several is None
    assert lint.lint(translating.translate(found)) == ()


def test_a_meeting_is_one_task_of_the_leading_lane() -> None:
    found = middle("Camat bersama Sekretaris menyusun rencana")
    several = found.steps[1].several
    assert several is not None
    assert several.manner is Manner.TOGETHER
    task = translating.translate(found).node("langkah_2")
    assert task.multi == ""
    assert set(task.properties["pelaksana"].split("\n")) == {"Camat", "Sekretaris"}


def test_what_all_heads_do_in_the_library_each_of_them_does() -> None:
    for sop in readers.read(content("kebasen"), "x.txt").sops:
        flow = translating.translate(inference.infer(sop))
        own = [task for task in flow.tasks() if flow.lane(task.lane or "").name == "SELURUH KEPALA SEKSI"]
        assert all(task.multi == "parallel" for task in own if "pelaksana" not in task.properties)
        assert not any(task.multi for task in flow.tasks() if task not in own)
        assert lint.lint(flow) == ()
