"""What kind a file is, judged by what it holds; and a name for it that is harmless wherever it is saved.

Only kinds that an office exchanges are taken, none that a browser or a double click would run. The name ends as the
kind does, so that nothing else is made of the file later.
"""

from __future__ import annotations

import codecs
import os
import re
import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from bpmn.wording import sentence
from engine import errors

NAME_LIMIT = 200
"""Characters of a file's name."""

SHOWN = 60
"""Characters of a file's name in a sentence; of a longer one the middle is left out."""

ENTRIES_SIZE = 1 << 20
"""Bytes of a zip's list of entries, and of the directory of an older Office file, that are looked at."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken: its media type, and how names of such files end, the usual ending first."""

    media_type: str
    endings: tuple[str, ...]


PDF = Kind("application/pdf", (".pdf",))
PNG = Kind("image/png", (".png",))
JPEG = Kind("image/jpeg", (".jpg", ".jpeg", ".jfif"))
GIF = Kind("image/gif", (".gif",))
WEBP = Kind("image/webp", (".webp",))
DOCX = Kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",))
XLSX = Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",))
PPTX = Kind("application/vnd.openxmlformats-officedocument.presentationml.presentation", (".pptx",))
ODT = Kind("application/vnd.oasis.opendocument.text", (".odt",))
ODS = Kind("application/vnd.oasis.opendocument.spreadsheet", (".ods",))
DOC = Kind("application/msword", (".doc",))
XLS = Kind("application/vnd.ms-excel", (".xls",))
TEXT = Kind("text/plain", (".txt",))
CSV = Kind("text/csv", (".csv",))

KINDS = (PDF, PNG, JPEG, GIF, WEBP, DOCX, XLSX, PPTX, ODT, ODS, DOC, XLS, TEXT, CSV)

ENDINGS = tuple(ending for kind in KINDS for ending in kind.endings)
"""How the names of files end that are taken."""

PICTURES = frozenset(kind.media_type for kind in (PNG, JPEG, GIF, WEBP))
"""Media types of what browsers draw and never run."""

_BEGINNINGS = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
)
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IN_ZIP = ((b"word/document.xml", DOCX), (b"xl/workbook.xml", XLSX), (b"ppt/presentation.xml", PPTX))
_IN_OLE = (("WordDocument", DOC), ("Workbook", XLS), ("Book", XLS))
_OPEN_DOCUMENT = re.compile(rb"PK\x03\x04.{26}mimetype(application/vnd\.oasis\.opendocument\.[a-z]+)PK", re.DOTALL)


def judge(file: IO[bytes], filename: str) -> Kind:
    """The kind of a file, read from its beginning to wherever its kind needs; its name only tells text from CSV.

    Raises FileRefused for an empty one and for any other kind.
    """
    file.seek(0)
    head = file.read(512)
    if not head:
        raise empty(filename)
    kind = _by_beginning(head) or _by_entries(file, head) or _by_text(file, filename)
    if kind is None:
        raise refused(filename)
    return kind


def empty(filename: str) -> errors.FileRefused:
    """That a file holds nothing."""
    return errors.FileRefused(
        sentence("“%(name)s” kosong, tidak ada isinya. Periksa dokumennya, lalu pilih lagi.", name=shown(filename))
    )


def refused(filename: str) -> errors.FileRefused:
    """That a file is of no kind that is taken, or not what its name says."""
    ending = _ending(clean(filename)).lower()
    if ending in ENDINGS:
        return errors.FileRefused(
            sentence(
                "Isi “%(name)s” bukan %(kind)s: rusak, atau dokumen jenis lain. Buka dan simpan ulang dokumennya, lalu"
                " pilih lagi. %(taken)s",
                name=shown(filename),
                kind=ending.removeprefix(".").upper(),
                taken=_TAKEN,
            )
        )
    return errors.FileRefused(
        sentence(
            "“%(name)s” tidak dapat dilampirkan karena jenisnya tidak diterima. %(taken)s",
            name=shown(filename),
            taken=_TAKEN,
        )
    )


_TAKEN = sentence(
    "Yang diterima: PDF, gambar (PNG, JPEG, GIF, WEBP), Word, Excel, PowerPoint (PPTX), OpenDocument (ODT, ODS), dan"
    " teks (TXT, CSV)."
)


def _by_beginning(head: bytes) -> Kind | None:
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    return next((kind for beginning, kind in _BEGINNINGS if head.startswith(beginning)), None)


def _by_entries(file: IO[bytes], head: bytes) -> Kind | None:
    """The kind of a container, by the names in it; nothing is unpacked."""
    try:
        if head.startswith(_ZIP):
            return _open_document(head) or _office(set(_zip_names(file)))
        if head.startswith(_OLE):
            names = set(_ole_names(file, head))
            return next((kind for name, kind in _IN_OLE if name in names), None)
    except (struct.error, IndexError, ValueError, OSError):  # what does not keep to its own format is no kind of ours
        return None
    return None


def _open_document(head: bytes) -> Kind | None:
    """OpenDocument says in its first entry, which is not packed, what it is."""
    said = _OPEN_DOCUMENT.match(head)
    return next((kind for kind in (ODT, ODS) if said and said[1].decode() == kind.media_type), None)


def _office(names: set[bytes]) -> Kind | None:
    if b"[Content_Types].xml" not in names or any(name.lower().endswith(b"vbaproject.bin") for name in names):
        return None
    found = [kind for name, kind in _IN_ZIP if name in names]
    return found[0] if len(found) == 1 else None


def _zip_names(file: IO[bytes]) -> Iterator[bytes]:
    """The names in a zip's list of entries, at its end. Its own reader would take any number of them into memory."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 22 - 65535))
    tail = file.read()
    listed, at = struct.unpack_from("<LL", tail, tail.rindex(b"PK\x05\x06") + 12)
    if listed > ENTRIES_SIZE:
        return
    file.seek(at)
    entries, place = file.read(listed), 0
    while entries.startswith(b"PK\x01\x02", place):
        name, extra, comment = struct.unpack_from("<HHH", entries, place + 28)
        yield entries[place + 46 : place + 46 + name]
        place += 46 + name + extra + comment


def _ole_names(file: IO[bytes], head: bytes) -> Iterator[str]:
    """The names at the top of an OLE file's directory ([MS-CFB] 2.6): those of what it holds embedded do not count."""
    entries = _ole_directory(file, head)
    todo, seen = [struct.unpack_from("<L", entries, 76)[0]], set()
    while todo:
        number = todo.pop()
        entry = entries[number * 128 : number * 128 + 128]
        if number in seen or len(entry) < 128:
            continue
        seen.add(number)
        length, _kind, left, right = struct.unpack_from("<HHLL", entry, 64)
        yield entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        todo += [left, right]


def _ole_directory(file: IO[bytes], head: bytes) -> bytes:
    """The directory of an OLE file: its sectors one after the other, as the table of sectors chains them."""
    shift, sector = struct.unpack_from("<H", head, 30)[0], struct.unpack_from("<L", head, 48)[0]
    if shift not in (9, 12):
        raise ValueError("no size of sectors")
    size, found = 1 << shift, b""
    tables = struct.unpack_from("<109L", head, 76)

    def part(number: int, length: int, offset: int = 0) -> bytes:
        file.seek((number + 1) * size + offset)
        return file.read(length)

    while sector < 0xFFFFFFFA and len(found) < ENTRIES_SIZE and (read := part(sector, size)):
        found += read
        table, place = divmod(sector, size // 4)
        if table >= len(tables) or tables[table] >= 0xFFFFFFFA:
            break
        sector = struct.unpack("<L", part(tables[table], 4, place * 4))[0]
    return found


def _by_text(file: IO[bytes], filename: str) -> Kind | None:
    """Text that is neither markup nor a script: those are told by how they begin, or by how their names end."""
    ending = _ending(clean(filename)).lower()
    kind = {"": TEXT, ".txt": TEXT, ".csv": CSV}.get(ending)
    if kind is None:
        return None
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    begun = False
    try:
        while chunk := file.read(1 << 16):
            text = decoder.decode(chunk)
            if _NOT_TEXT.search(text) or (not begun and _MARKUP.match(text)):
                return None
            begun = begun or bool(text.strip("\ufeff \t\r\n\f"))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return kind


_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKUP = re.compile(r"\ufeff?\s*(<|#!|%!|\{\\rtf)")


def called(filename: str, kind: Kind) -> str:
    """A harmless name for a file of a kind, made of what its sender calls it: at most NAME_LIMIT characters."""
    name = clean(filename)
    ending = _ending(name)
    if ending.lower() not in kind.endings:
        known = any(ending.lower() in other.endings for other in KINDS)
        name = (name.removesuffix(ending) if known else name) + kind.endings[0]
        ending = kind.endings[0]
    stem = name.removesuffix(ending)[: NAME_LIMIT - len(ending)].rstrip(" .")
    return stem + ending


def shown(filename: str) -> str:
    """A file's name for a sentence: harmless, and at most SHOWN characters."""
    name = clean(filename)
    return name if len(name) <= SHOWN else f"{name[: SHOWN - 16]}…{name[-15:]}"


def clean(filename: str) -> str:
    """The last part of a name in composed form, without what is invisible or means something to a file system."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", filename))[-1]
    shown = "".join(_shown(character) for character in name)
    name = unicodedata.normalize("NFC", " ".join(shown.split()).strip(" .")) or "dokumen"
    return f"_{name}" if _DEVICE.match(name) else name


def _shown(character: str) -> str:
    if character in '<>:"|?*':
        return "_"
    if character.isspace():
        return " "
    return "" if unicodedata.category(character).startswith("C") else character


_DEVICE = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9\u00b9\u00b2\u00b3]) *(\.|$)", re.IGNORECASE)
_ENDING = re.compile(r".(\.[A-Za-z][A-Za-z0-9]{0,9})$", re.DOTALL)


def _ending(name: str) -> str:
    """How a name ends, with the dot; empty where it does not end like the name of a file."""
    found = _ENDING.search(name)
    return found[1] if found else ""
