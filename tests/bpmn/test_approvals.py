"""Paraf and tanda tangan are put to a step only where its text says that its own performer gives them."""

from __future__ import annotations

import pytest

from bpmn import inference, readers, translating
from bpmn.flow import PARAF, TANDA_TANGAN, Node, approval
from bpmn.inference import approvals
from tests.bpmn.documents import document, row

LANES = ("Camat", "Sekretaris", "Kasubbag Umum", "Staf")


@pytest.mark.parametrize(
    ("text", "performer", "expected"),
    [
        ("Menandatangani surat", "Camat", TANDA_TANGAN),
        ("Camat menandatangani dokumen perbaikan", "Camat", TANDA_TANGAN),
        ("Memeriksa konsep. Jika setuju, menandatangani dan menyerahkan kepada Staf", "Camat", TANDA_TANGAN),
        ("Memeriksa rekap. Jika sesuai ditandatangani, jika tidak dikembalikan ke Staf", "Camat", TANDA_TANGAN),
        ("Menandatangani konsep, jika setuju, di paraf dan diteruskan", "Camat", TANDA_TANGAN),
        ("Membubuhkan tanda tangan pada surat", "Camat", TANDA_TANGAN),
        ("Penandatanganan surat keputusan", "Camat", TANDA_TANGAN),
        ("Memeriksa dan memaraf konsep", "Sekretaris", PARAF),
        ("Memberi paraf dan meneruskan ke Camat", "Sekretaris", PARAF),
        ("Meneliti perbaikan dan memberikan paraf sebelum ditandatangani oleh Camat", "Sekretaris", PARAF),
        ("Jika ada kesalahan dikembalikan kepada Staf, apabila benar diparaf dan diteruskan", "Kasubbag Umum", PARAF),
        ("Konsep diperiksa dan diparaf oleh Sekretaris", "Sekretaris", PARAF),
        ("Paraf konsep surat", "Sekretaris", PARAF),
        ("Menerima,memeriksa,memaraf dan melaporkan kepada Camat", "Sekretaris", PARAF),
        # Not the performer's own, not now, or not that.
        ("Menyampaikan konsep kepada Camat untuk ditandatangani", "Sekretaris", ""),
        ("Menyampaikan konsep untuk diperiksa dan ditandatangani Camat", "Sekretaris", ""),
        ("Memerintahkan Sekretaris untuk memeriksa dan memaraf konsep", "Camat", ""),
        ("Meminta Camat menandatangani surat", "Staf", ""),
        ("Menyiapkan konsep dan Camat menandatangani", "Staf", ""),
        ("Konsep diparaf oleh Sekretaris", "Kasubbag Umum", ""),
        ("Menerima surat yang telah ditandatangani dan meneruskan", "Sekretaris", ""),
        ("Menerima dan mengarsipkan surat ditandatangani", "Staf", ""),
        ("Menggandakan surat setelah Camat menandatangani", "Staf", ""),
        ("Meneliti data yang akan ditandatangani", "Camat", ""),
        ("Memeriksa konsep; jika tidak ditandatangani, dikembalikan", "Camat", ""),
        ("Menandatangani buku ekspedisi", "Staf", ""),
        ("Menerima konsep dan menyetujuinya", "Camat", ""),
        ("Mengesahkan rencana kegiatan", "Camat", ""),
        ("Menyerahkan surat kepada Camat, ditandatangani", "Staf", ""),
    ],
)
def test_only_what_the_performer_surely_signs_himself_counts(text: str, performer: str, expected: str) -> None:
    assert approvals.own(text, performer, LANES) == expected


def test_each_act_of_a_chain_has_its_own_and_what_comes_before_has_none() -> None:
    gap = "\t" * (len(LANES) - 1)
    heading = (
        f"No\tKegiatan\tPelaksana{gap}\tMutu Baku\t\t\tKeterangan\n"
        f"\t\t{chr(9).join(LANES)}\tKelengkapan\tWaktu\tOutput\t\n"
    )
    texts = ("Menyusun konsep surat", "Konsep surat diparaf Kasubbag Umum dan Sekretaris kemudian ditandatangani Camat")
    rows = (row(number, text, gap) for number, text in enumerate(texts, start=1))
    (sop,) = readers.read(document(*rows, heading=heading), "uji.txt").sops
    tasks = translating.translate(inference.infer(sop)).tasks()
    assert [(task.id, approval(task)) for task in tasks] == [
        ("langkah_1", ""),
        ("langkah_2", PARAF),
        ("langkah_2_2", PARAF),
        ("langkah_2_3", TANDA_TANGAN),
    ]


@pytest.mark.parametrize(
    ("said", "expected"), [(" Tanda  Tangan ", TANDA_TANGAN), ("PARAF", PARAF), ("cap", ""), ("", "")]
)
def test_an_approval_is_read_however_it_is_written(said: str, expected: str) -> None:
    assert approval(Node("langkah_1", "userTask", properties={"pengesahan": said})) == expected
