"""The heading of a table of steps: what each column holds, in all the spellings met."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bpmn import waktu
from bpmn.readers.cells import Line, clean
from bpmn.sop import Unit


class Role(StrEnum):
    """What a column of the table holds. The last is a column whose heading is not known."""

    NO = "No"
    TEXT = "Kegiatan"
    PELAKSANA = "Pelaksana"
    MUTU_BAKU = "Mutu Baku"
    KELENGKAPAN = "Kelengkapan"
    WAKTU = "Waktu"
    OUTPUT = "Output"
    KETERANGAN = "Keterangan"
    PENANGGUNG_JAWAB = "Penanggung Jawab"
    UNKNOWN = "?"


_SPELLINGS = (
    (Role.NO, re.compile(r"no|nomor|nomer|no urut|nomor urut")),
    (
        Role.TEXT,
        re.compile(
            r"uraian( (kegiatan|tugas|prosedur|aktivitas|aktifitas|pekerjaan|proses|langkah))?|"
            r"(rincian |nama |jenis |deskripsi )?(kegiatan|akti[vf]itas)|prosedur( kerja)?|proses( kerja)?|"
            r"langkah( langkah)?( kegiatan| kerja)?|tahap(an)?( kegiatan)?"
        ),
    ),
    (
        Role.PELAKSANA,
        re.compile(r"(unit |pejabat )?(pelaksana|pelaksanan|pelaksanaan|pelaku)( kegiatan| jabatan)?|aktor"),
    ),
    (Role.MUTU_BAKU, re.compile(r"mutu ?baku|baku mutu|standar mutu")),
    (
        Role.KELENGKAPAN,
        re.compile(r"(persyaratan )?(ke|per)lengkapan( peralatan)?|per?syaratan|syarat|bahan|input|dokumen"),
    ),
    (Role.WAKTU, re.compile(r"(jangka )?waktu( \w+){0,3}|durasi( \w+)?")),
    (Role.OUTPUT, re.compile(r"out ?put|ou?tput|ouput|keluaran|hasil( kerja| kegiatan)?")),
    (Role.KETERANGAN, re.compile(r"ket|keterangan|catatan")),
    (Role.PENANGGUNG_JAWAB, re.compile(r"penanggung ?jawab|pj")),
)
# Spellings that a slip of the pen must not hide; long enough that none is near the name of a jabatan.
_OFTEN_MISTYPED = {
    "mutu baku": Role.MUTU_BAKU,
    "kelengkapan": Role.KELENGKAPAN,
    "persyaratan": Role.KELENGKAPAN,
    "waktu": Role.WAKTU,
    "output": Role.OUTPUT,
    "keterangan": Role.KETERANGAN,
}
_NEAR = 0.8
_TAIL = frozenset({Role.KELENGKAPAN, Role.WAKTU, Role.OUTPUT, Role.KETERANGAN, Role.PENANGGUNG_JAWAB})
MUTU_BAKU = frozenset({Role.KELENGKAPAN, Role.WAKTU, Role.OUTPUT})
"""The columns of the mutu baku, which every step has."""

_GROUPS = frozenset({Role.PELAKSANA, Role.MUTU_BAKU})
_NOT_STEPS = _TAIL | _GROUPS
_WIDEST = 60  # cells
_NUMBER = re.compile(r"\(?(\d{1,3}[a-z]?)[.)]{0,2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a table: lines `start` to `end` (indices, end excluded), PELAKSANA columns, columns after them.

    `lanes` are as printed, a lane printed twice twice; `default_unit` is the unit a WAKTU heading names ("Waktu
    (menit)").
    """

    start: int
    end: int
    lanes: tuple[str, ...]
    tail: tuple[Role, ...]
    unknown: tuple[str, ...]
    default_unit: Unit | None


def step_number(cell: str) -> str | None:
    """The number in a cell of the No column ("3", "3.", "(3)"), without its punctuation; None if it is none."""
    found = _NUMBER.fullmatch(clean(cell)) if len(cell) < 40 else None
    return found[1] if found else None


def is_numbering(line: Line) -> bool:
    """Whether a line only numbers the columns, or groups of them: 1, 2, 3, ... ."""
    numbers = [step_number(cell) for cell in line.cells if clean(cell)]
    return len(numbers) >= 4 and numbers == [str(place) for place in range(1, len(numbers) + 1)]


def begins(line: Line) -> bool:
    """Whether a line is the first line of a heading: No, Kegiatan, and one column more that only such tables have."""
    first = [_role(cell) for cell in line.cells[:3]]
    if len(line.cells) > _WIDEST or Role.NO not in first[:2] or Role.TEXT not in first:
        return False
    return bool(_NOT_STEPS.intersection(map(_role, line.cells)))


def find(lines: Sequence[Line], start: int) -> Heading | None:
    """The heading that begins with line `start` (an index), or None."""
    if not begins(lines[start]):
        return None
    rows, end = _heading_lines(lines, start)
    return _heading(rows, start, end)


@lru_cache(maxsize=2048)
def _role(cell: str) -> Role:
    text = clean(cell).casefold() if len(cell) < 200 else ""
    whole = _spelt(text)
    if whole is not Role.UNKNOWN:
        return whole
    # "Persyaratan/Kelengkapan": two words for one thing.
    parts = {_spelt(part) for part in text.split("/")} if "/" in text else set()
    if len(parts) == 1:
        return parts.pop()
    near = difflib.get_close_matches(" ".join(_letters(text)), _OFTEN_MISTYPED, n=1, cutoff=_NEAR)
    return _OFTEN_MISTYPED[near[0]] if near else Role.UNKNOWN


def _spelt(text: str) -> Role:
    words = " ".join(_letters(text))
    return next((role for role, spelling in _SPELLINGS if spelling.fullmatch(words)), Role.UNKNOWN)


def _letters(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text)


def _heading_lines(lines: Sequence[Line], start: int) -> tuple[list[Line], int]:
    """The lines of the heading from `start` on, without one that numbers the columns, and the index after them."""
    rows, end = [lines[start]], start + 1
    while end < len(lines) and len(rows) < 4:
        line = lines[end]
        if is_numbering(line):
            return rows, end + 1
        if not line.blank:
            if len(line.cells) < 3 or step_number(line.cells[0]) is not None:
                break
            rows.append(line)
        end += 1
    return rows, end


def _heading(rows: Sequence[Line], start: int, end: int) -> Heading | None:
    named = next((row for row in reversed(rows) if MUTU_BAKU.intersection(map(_role, row.cells))), None)
    if named is None:
        return None
    below = rows[-1]
    lanes = _lanes(below if below is not named else named, single=below is rows[0])
    tail, unknown, unit = _tail_columns(rows[0], named)
    return Heading(start, end, lanes, tail, unknown, unit) if lanes else None


def _lanes(line: Line, *, single: bool) -> tuple[str, ...]:
    """The PELAKSANA columns named in a line: what stands before the first column of the mutu baku."""
    names = []
    for place, cell in enumerate(line.cells):
        role = _role(cell)
        if role in _TAIL:
            break
        # Below the first line of the heading "Pelaksana" is a lane; in a heading of one line No and Kegiatan come
        # first.
        if clean(cell) and not (single and role in {Role.NO, Role.TEXT} and place < 3):
            names.append(clean(cell))
    return tuple(names)


def _tail_columns(top: Line, named: Line) -> tuple[tuple[Role, ...], tuple[str, ...], Unit | None]:
    """The columns after the lanes in order, the unknown ones among them, and the unit of the WAKTU heading."""
    columns: list[Role] = []
    unknown: list[str] = []
    unit = None
    first = next(place for place, cell in enumerate(named.cells) if _role(cell) in _TAIL)
    cells = list(named.cells[first:])
    if named is not top:
        roles = [_role(cell) for cell in top.cells]
        last_group = max((place for place, role in enumerate(roles) if role in _GROUPS), default=0)
        cells += [cell for cell in top.cells[last_group + 1 :] if _role(cell) not in columns]
    for cell in cells:
        role = _role(cell)
        if role is Role.UNKNOWN and clean(cell):
            unknown.append(clean(cell))
            columns.append(role)
        elif role in _TAIL and role not in columns:
            columns.append(role)
            unit = waktu.unit_named(clean(cell)) if role is Role.WAKTU else unit
    return tuple(columns), tuple(unknown), unit
