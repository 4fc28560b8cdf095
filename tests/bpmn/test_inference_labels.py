"""Short labels: one row a rule, and what holds for every label."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpmn import readers
from bpmn.inference.labels import LIMIT, label
from tests.bpmn.documents import OFFICES, content

LANES = ("Camat", "Sekretaris", "Kepala Seksi", "Kasubag Evlap", "Pelaksana")


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Membuat Data Kinerja", "Membuat data kinerja"),
        ("MEMBUAT DATA KINERJA", "Membuat data kinerja"),
        ("Memeriksa konsep.", "Memeriksa konsep"),
        ("Membuat konsep laporan monitoring RENSTRA", "Membuat konsep laporan monitoring RENSTRA"),
        ("Pengesahan Rencana Kegiatan", "Mengesahkan rencana kegiatan"),
        ("Perintah untuk melakukan pengumpulan data kinerja", "Memerintahkan pengumpulan data kinerja"),
        ("Camat menandatangani dokumen perbaikan data kinerja", "Menandatangani dokumen perbaikan data kinerja"),
        (
            "Memerintahkan sekretaris untuk melakukan verifikasi ulang terhadap data kinerja yang sudah ada",
            "Memerintahkan verifikasi ulang data kinerja",
        ),
        (
            "Memerintahkan Kasubag Evlap untuk membuat format permintaan data kinerja",
            "Memerintahkan pembuatan format permintaan data",
        ),
        (
            "Memeriksa hasil konsep perencanaan kinerja. Jika setuju, diparaf, jika tidak di kembalikan",
            "Memeriksa hasil konsep perencanaan kinerja",
        ),
        (
            "Rapat Kepala Seksi dengan Kasubag Perenc untuk membahas pengisian format data kinerja",
            "Membahas pengisian format data kinerja",
        ),
        ("Melakukan penomoran, pengagendaan dan menyerahkan kepada Kasi.", "Melakukan penomoran dan pengagendaan"),
        (
            "Menerima, memeriksa, memaraf Data Kinerja yang telah disusun dan melaporkan kepada Camat",
            "Memeriksa dan memaraf data kinerja",
        ),
        (
            "Dokumen yang telah ditandatangani Camat didistribusikan kepada pihak yang berkepentingan dan diarsipkan",
            "Mendistribusikan dan mengarsipkan dokumen",
        ),
        ("Mengagenda, menggandakan dan mendistribusikan", "Mengagenda, menggandakan, dan mendistribusikan"),
        (
            "Melakukan rekapitulasi data kinerja Kec. Masama sebagai bahan penyusunan laporan",
            "Melakukan rekapitulasi data kinerja",
        ),
        ("Menyusun Renstra 2021-2026 Sekretaris dan Menyerahkan Kepada Atasan Langsung", "Menyusun Renstra 2021-2026"),
        ("Mengarsipkan", "Mengarsipkan"),
        ("", ""),
    ],
)
def test_a_label_tells_the_step_in_a_few_words(text: str, short: str) -> None:
    assert label(text, LANES) == short


def test_labels_of_the_library_are_short_and_end_in_a_word_of_weight() -> None:
    for office in OFFICES:
        for sop in readers.read(content(office)).sops:
            for step in sop.steps:
                short = label(step.text, sop.lanes)
                assert 0 < len(short) <= LIMIT
                assert short[0].isupper()
                assert short.split()[-1].lower() not in {"dan", "untuk", "kepada", "ke", "dari", "yang", "atas", "pada"}


@given(st.text(max_size=300))
def test_any_text_has_a_label_within_the_limit(text: str) -> None:
    assert len(label(text, LANES)) <= LIMIT
