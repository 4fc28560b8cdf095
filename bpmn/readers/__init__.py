"""SOP documents of any format: bytes in, the SOPs in them out. A format is a module here and a line in `read`."""

from __future__ import annotations

from bpmn.errors import DocumentTooLarge, NotAnSop
from bpmn.readers import assembly, text
from bpmn.sop import Document
from bpmn.wording import sentence

LIMIT = 5_000_000
"""Bytes. The longest SOP document seen has 12 thousand."""

_LATER = (
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "Word/Excel (ZIP)"),
    (b"\xd0\xcf\x11\xe0", "Word/Excel 97"),
    (b"{\\rtf", "RTF"),
)


def read(content: bytes, name: str = "") -> Document:
    """All SOPs of a document, with everything that was not understood as problems.

    Raises `NotAnSop` if it is no text or holds no table of steps, `BrokenTable` if it ends in the middle of a row,
    `DocumentTooLarge` beyond `LIMIT`; `name` is the file's name, for the message.
    """
    called = name or "ini"
    if len(content) > LIMIT:
        raise DocumentTooLarge(
            sentence(
                "Dokumen %(name)s berukuran lebih dari %(limit)s MB; unggah hanya dokumen SOP-nya.",
                name=called,
                limit=LIMIT // 1_000_000,
            )
        )
    if not content.strip():
        raise NotAnSop(sentence("Dokumen %(name)s kosong; unggah dokumen SOP yang berisi tabel langkah.", name=called))
    for start, kind in _LATER:
        if content.startswith(start):
            raise NotAnSop(
                sentence(
                    "Dokumen %(name)s berformat %(kind)s, padahal baru dokumen teks yang dapat dibaca; salin isinya "
                    "ke file teks (.txt) dengan sel tabel dipisahkan tab, lalu unggah kembali.",
                    name=called,
                    kind=kind,
                )
            )
    return assembly.document(text.lines(content))
