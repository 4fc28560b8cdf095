"""A plain-text SOP: bytes to lines of cells."""

from __future__ import annotations

import re

from bpmn.errors import NotAnSop
from bpmn.readers.cells import Line, split_line
from bpmn.wording import sentence

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def lines(content: bytes) -> tuple[Line, ...]:
    """The document's lines. Raises `NotAnSop` if the bytes are no text."""
    text = _decoded(content).replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ")
    return tuple(split_line(row, line) for row, line in enumerate(text.split("\n"), start=1))


def _decoded(content: bytes) -> str:
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROL.search(text):
            return text
        break
    raise NotAnSop(
        sentence(
            "Isi dokumen bukan teks yang dapat dibaca; simpan dokumen SOP sebagai teks biasa (UTF-8), lalu unggah "
            "kembali."
        )
    )
