from __future__ import annotations

import pytest

from bpmn import documents, errors, library, parser

GAMBUT = next(source.content.decode() for source in library.sources() if source.office == "gambut")
PADDING = "Halaman ini sengaja dikosongkan.\n" * 80_000


def test_a_document_with_more_text_than_a_diagram_holds_is_refused_as_a_document() -> None:
    with pytest.raises(errors.DocumentTooLarge) as refused:
        documents.translate(f"{GAMBUT}\n{PADDING}".encode(), "sop.txt")
    assert str(refused.value) == (
        "Dokumen sop.txt memuat terlalu banyak teks untuk satu diagram; hapus halaman yang bukan bagian SOP, "
        "lalu kirim kembali."
    )


def test_what_stands_before_an_sop_is_not_in_its_diagram() -> None:
    (made,) = documents.translate(f"{PADDING}\n{GAMBUT}".encode())
    assert parser.parse(made.xml).name == "Pengumpulan dan Pengukuran Data Kinerja"
