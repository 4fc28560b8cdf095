"""What `lajur read` prints: JSON with stable keys, and text for people."""

import json

import pytest

from bpmn import readers, reading
from tests.bpmn.documents import OFFICES, content, document, row

CONCEPT = "Memeriksa konsep, jika tidak setuju dikembalikan kepada Staf untuk diperbaiki"
UNREADABLE = (
    "Waktu “segera” pada langkah 2 tidak dapat dibaca sebagai lama waktu sehingga langkah itu tidak akan mempunyai "
    "batas waktu; tulis misalnya “3 hari”."
)
STEP_KEYS = [
    "no",
    "text",
    "label",
    "lane",
    "lanes",
    "confidence",
    "review",
    "evidence",
    "decision",
    "kelengkapan",
    "waktu",
    "output",
    "keterangan",
    "penanggung_jawab",
]


def test_a_document_as_json() -> None:
    data = document(row(1, "Menulis", "\t\t[ ]", waktu="1,5 jam"), row(2, CONCEPT, "[ ]\t\t", waktu="segera"))
    told = reading.as_json(readers.read(data))
    (sop,) = told["sops"]
    assert list(told) == ["sops", "problems"]
    assert list(sop) == ["title", "number", "office", "identity", "lanes", "steps"]
    assert sop["identity"] == {"nomor": "01", "nama_sop": "Uji", "instansi": ["KECAMATAN UJI"]}
    first, second = sop["steps"]
    assert list(first) == list(second) == STEP_KEYS
    assert (first["lane"], first["lanes"], first["decision"]) == ("Staf", ["Staf"], None)
    assert first["waktu"] == {"text": "1,5 jam", "amount": 1.5, "unit": "jam"}
    assert second["waktu"] == {"text": "segera", "amount": None, "unit": None}
    assert list(second["decision"]) == ["return_to", "confidence", "review", "evidence"]
    assert second["decision"]["return_to"] == "1"
    assert told["problems"] == [
        {
            "row": 9,
            "column": "Waktu",
            "message": UNREADABLE,
        }
    ]


@pytest.mark.parametrize("office", OFFICES)
def test_the_json_of_the_library_is_plain_and_the_same_each_time(office: str) -> None:
    told = json.dumps(reading.as_json(readers.read(content(office))))
    assert told == json.dumps(reading.as_json(readers.read(content(office))))
    for sop in json.loads(told)["sops"]:
        for step in sop["steps"]:
            assert step["confidence"] == round(step["confidence"], 3)
            assert isinstance(step["waktu"]["amount"], int)
            assert step["evidence"]


def test_a_document_as_text() -> None:
    data = document(
        row(1, "Menulis", "\t\t[ ]"), row(2, CONCEPT, "[ ]\t\t", waktu="segera"), row(3, "Memaraf", "\t[ ]\t")
    )
    assert reading.as_text(readers.read(data)).splitlines() == [
        "Uji",
        "Nomor     : 01",
        "Kantor    : Kecamatan Uji",
        "Pelaksana : Camat | Sekretaris | Staf",
        "",
        "  1  Staf        Menulis           1 hari",
        "  2  Camat       Memeriksa konsep  segera ?  ↩ 1",
        "  3  Sekretaris  Memaraf           1 hari    ↩ 2 ?",
        "",
        "  ? = periksa: langkah 3.",
        "",
        "Yang perlu diperiksa:",
        f"  - baris 9, kolom Waktu: {UNREADABLE}",
    ]


def test_a_waktu_whose_unit_stands_in_the_heading_is_shown_with_it() -> None:
    assert "120 menit" in reading.as_text(readers.read(content("masama")))
