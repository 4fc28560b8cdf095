"""A list of people as spreadsheets save it (CSV): read leniently, whatever the separator, the encoding, the order."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bpmn.wording import sentence
from engine import errors
from engine.states import Capacity, Right

LIMIT = 1_000_000
"""Bytes of a list."""

MOST = 1000
"""Rows of a list, without its head and those that are empty."""

WIDEST = 64
"""Columns."""

COLUMNS = ("nama", "nama pengguna", "surel", "jabatan", "status", "sejak", "sampai", "hak")
"""What the head of the template says."""

_HEADS = {
    "nama": ("nama", "nama pegawai", "nama lengkap"),
    "nama pengguna": ("nama pengguna", "pengguna", "username", "user", "nip"),
    "surel": ("surel", "email", "e-mail", "alamat e-mail", "alamat surel"),
    "jabatan": ("jabatan", "nama jabatan"),
    "status": ("status", "status jabatan"),
    "sejak": ("sejak", "mulai", "tmt", "sejak tanggal", "tanggal mulai"),
    "sampai": ("sampai", "berakhir", "sampai tanggal", "tanggal akhir", "sampai dengan"),
    "hak": ("hak", "hak akses", "wewenang"),
}
_COLUMN_OF = {head: column for column, heads in _HEADS.items() for head in heads}

_CAPACITIES = {
    "definitif": Capacity.DEFINITIF,
    "plt": Capacity.PLT,
    "pelaksana tugas": Capacity.PLT,
    "plh": Capacity.PLH,
    "pelaksana harian": Capacity.PLH,
}

_RIGHTS = {
    "analis": Right.ANALYST,
    "analyst": Right.ANALYST,
    "manajer": Right.MANAGER,
    "pimpinan": Right.MANAGER,
    "manager": Right.MANAGER,
    "administrator": Right.ADMINISTRATOR,
    "admin": Right.ADMINISTRATOR,
}

_NONE = frozenset({"-", "tidak ada", "tanpa"})

_MONTHS = (
    *("januari", "februari", "maret", "april", "mei", "juni"),
    *("juli", "agustus", "september", "oktober", "november", "desember"),
)
_NUMBERS = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", re.ASCII)
_WORDS = re.compile(r"(\d{1,2})\s+([a-z]+)\s+(\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """A row by the names of COLUMNS; `number` is its line in the spreadsheet, the head being the first."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """A cell without blanks around it; empty where the list has no such column."""
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a list, and the heads of columns that mean nothing here."""

    lines: tuple[Line, ...]
    unknown: tuple[str, ...]


def read(content: bytes) -> Sheet:
    """The list in a file. Raises Invalid that says what is the matter with it."""
    if len(content) > LIMIT:
        raise errors.FileTooLarge(LIMIT)
    if b"\x00" in content or content.startswith(b"PK\x03\x04"):
        raise errors.Invalid(
            sentence("Berkas ini bukan CSV. Di Excel, pilih Simpan Sebagai, lalu “CSV (Comma delimited)”.")
        )
    try:
        rows = list(_rows(text(content)))
    except csv.Error as wrong:
        raise errors.Invalid(sentence("Berkas CSV ini rusak dan tidak dapat dibaca.")) from wrong
    if not rows:
        raise errors.Invalid(sentence("Daftar pegawai ini kosong."))
    heads = [" ".join(head.lower().split()) for head in rows[0][1][:WIDEST]]
    columns = [_COLUMN_OF.get(head) for head in heads]
    if "nama pengguna" not in columns:
        raise errors.Invalid(sentence("Baris pertama harus memuat judul kolom, setidaknya “nama” dan “nama pengguna”."))
    known = [column for column in columns if column]
    if len(set(known)) < len(known):
        raise errors.Invalid(sentence("Ada judul kolom yang sama dua kali."))
    if len(rows) - 1 > MOST:
        raise errors.Invalid(sentence("Paling banyak %(most)d baris sekaligus; bagi daftarnya.", most=MOST))
    lines = tuple(
        Line(number, {column: cell.strip() for column, cell in zip(columns, cells, strict=False) if column})
        for number, cells in rows[1:]
    )
    return Sheet(lines, tuple(head for head, column in zip(heads, columns, strict=True) if head and column is None))


def text(content: bytes) -> str:
    """UTF-8 with a mark or without, else as Windows in Indonesia saves it."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def template() -> str:
    """A list to begin with, as Excel in Indonesia opens it: semicolons, and a mark that it is UTF-8."""
    rows = (
        COLUMNS,
        ("Rina Wulandari", "rina", "rina@example.go.id", "Pengadministrasi Umum", "Definitif", "05/01/2026", "", ""),
        ("Siti Aminah", "siti", "", "Camat", "Plt.", "01/10/2026", "31/12/2026", "manajer"),
    )
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerows(rows)
    return "\N{ZERO WIDTH NO-BREAK SPACE}" + written.getvalue()


def day(cell: str) -> date | None:
    """A day as it is typed (05/01/2026, 5-1-2026, 2026-01-05, 5 Januari 2026); None where empty. Raises Invalid."""
    text = " ".join(cell.lower().split())
    if not text:
        return None
    try:
        if found := _NUMBERS.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := _WORDS.fullmatch(text):
            return date(int(found[3]), _month(found[2]), int(found[1]))
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise errors.Invalid(
            sentence("Tanggal “%(text)s” tidak dapat dibaca; tulis seperti 05/01/2026.", text=cell[:40])
        ) from wrong


def capacity(cell: str) -> Capacity | None:
    """Definitif, Plt. or Plh. as it is typed; None where empty. Raises Invalid."""
    text = " ".join(cell.lower().split()).rstrip(".")
    if not text:
        return None
    if text not in _CAPACITIES:
        raise errors.Invalid(
            sentence("Status “%(text)s” tidak dikenal; pilih Definitif, Plt., atau Plh.", text=cell[:40])
        )
    return _CAPACITIES[text]


def rights(cell: str) -> frozenset[Right] | None:
    """Rights as they are typed, none for "-"; None where empty. Raises Invalid."""
    text = cell.strip().lower()
    if not text:
        return None
    if text in _NONE:
        return frozenset()
    words = [word for word in re.split(r"[,;/+&\s]+|\bdan\b", text) if word]
    if any(word not in _RIGHTS for word in words):
        raise errors.Invalid(
            sentence("Hak “%(text)s” tidak dikenal; pilih analis, manajer, atau administrator.", text=cell[:40])
        )
    return frozenset(_RIGHTS[word] for word in words)


def _month(word: str) -> int:
    found = [number for number, month in enumerate(_MONTHS, 1) if len(word) >= 3 and month.startswith(word)]
    if not found:
        raise ValueError(word)
    return found[0]


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, each with its number."""
    first, _, rest = text.partition("\n")
    skipped = 0
    if first.strip().lower().startswith("sep="):  # as Excel writes it to say which separator follows
        text, skipped = rest, 1
    head = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(";,\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for number, cells in enumerate(reader, 1 + skipped):
        if any(cell.strip() for cell in cells):
            yield number, cells
