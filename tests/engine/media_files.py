"""Small files of every kind that is taken, and of some that are not."""

from __future__ import annotations

import io
import struct
import zipfile

NOBODY = 0xFFFFFFFF
END = 0xFFFFFFFE
SECTOR = 512


def archive(*names: str, mimetype: str = "") -> bytes:
    """A zip of files with these names; `mimetype` is what OpenDocument begins with."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as writing:
        if mimetype:
            writing.writestr("mimetype", mimetype)
        for name in names:
            writing.writestr(name, "isi " * 50, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def office(main: str, *more: str) -> bytes:
    return archive("[Content_Types].xml", "_rels/.rels", main, *more)


def ole(*names: str, embedded: str = "") -> bytes:
    """A compound file whose top holds streams with these names, and a folder with one more inside it."""
    top = [*names, "Wadah"]
    entries = [_entry("Root Entry", 5, child=1)]
    entries += [_entry(name, 2, right=place + 2) for place, name in enumerate(top[:-1])]
    entries.append(_entry("Wadah", 1, child=len(top) + 1 if embedded else NOBODY))
    if embedded:
        entries.append(_entry(embedded, 2))
    directory = b"".join(entries)
    directory += b"\0" * (-len(directory) % SECTOR)
    sectors = len(directory) // SECTOR
    # the directory lies backwards, so that only who follows its chain reads it in order
    order = list(range(sectors, 0, -1))
    table = [0xFFFFFFFD] + [NOBODY] * (SECTOR // 4 - 1)
    for here, then in zip(order, [*order[1:], END], strict=True):
        table[here] = then
    parts = [b""] * sectors
    for place, sector in enumerate(order):
        parts[sector - 1] = directory[place * SECTOR : (place + 1) * SECTOR]
    header = bytearray(SECTOR)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHH", header, 24, 0x3E, 3, 0xFFFE, 9)
    struct.pack_into("<L", header, 48, order[0])
    struct.pack_into("<109L", header, 76, 0, *[NOBODY] * 108)
    return bytes(header) + struct.pack(f"<{SECTOR // 4}L", *table) + b"".join(parts)


def _entry(name: str, kind: int, *, right: int = NOBODY, child: int = NOBODY) -> bytes:
    encoded = name.encode("utf-16-le")
    return struct.pack("<64sHBBLLL48x", encoded, len(encoded) + 2, kind, 1, NOBODY, right, child)


PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"

TAKEN = {
    "application/pdf": PDF,
    "image/png": PNG,
    "image/jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "image/gif": b"GIF89a\1\0\1\0",
    "image/webp": b"RIFF\x24\0\0\0WEBPVP8 ",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": office("word/document.xml"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": office("xl/workbook.xml"),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": office("ppt/presentation.xml"),
    "application/vnd.oasis.opendocument.text": archive(
        "content.xml", mimetype="application/vnd.oasis.opendocument.text"
    ),
    "application/vnd.oasis.opendocument.spreadsheet": archive(
        "content.xml", mimetype="application/vnd.oasis.opendocument.spreadsheet"
    ),
    "application/msword": ole("1Table", "WordDocument", "\x05SummaryInformation", "Data", "ObjectPool"),
    "application/vnd.ms-excel": ole("Workbook"),
    "text/plain": "\ufeffNotulen Café, 12 Mei\r\n".encode(),
}

REFUSED = {
    "empty": b"",
    "program": b"MZ\x90\0\3\0\0\0",
    "elf": b"\x7fELF\2\1\1\0",
    "html": b"<!DOCTYPE html><script>alert(1)</script>",
    "html behind blanks": b"\xef\xbb\xbf \n" * 1 + b" " * 70_000 + b"<html>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "xml": b"<?xml version='1.0'?><svg/>",
    "script": b"#!/bin/sh\nrm -rf /\n",
    "postscript": b"%!PS-Adobe-3.0\n",
    "rtf": b"{\\rtf1 isi}",
    "zip": archive("a.txt"),
    "jar": archive("META-INF/MANIFEST.MF", "Main.class"),
    "with macros": office("word/document.xml", "word/vbaProject.bin"),
    "two at once": office("word/document.xml", "xl/workbook.xml"),
    "word without types": archive("word/document.xml"),
    "drawing": archive("content.xml", mimetype="application/vnd.oasis.opendocument.graphics"),
    "zip cut off": office("word/document.xml")[:-30],
    "zip with too many entries": office("word/document.xml", *(f"{'x' * 200}{number}" for number in range(5000))),
    "installer": ole("\u4840\u3f3f", "\u4840\u4559"),
    "presentation": ole("PowerPoint Document", embedded="WordDocument"),
    "ole cut off": ole("WordDocument")[:600],
    "latin-1": "Café".encode("latin-1"),
    "utf-16": "Notulen".encode("utf-16"),
    "cut off within a character": "Café".encode()[:-1],
    "binary": bytes(range(256)),
}
