"""The identity block of an SOP, and what stands under its table: labels and values in every layout met.

Label and value in two cells, on one line, or all labels first and all values after them; lists one under the other or
in two columns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bpmn.readers import items, labels
from bpmn.readers.cells import Line, clean, paragraphs
from bpmn.sop import Problem
from bpmn.wording import sentence

_TITLE_LINE = re.compile(
    r"(?:\d{1,3}\s*\.\s*)?(?:SOP\b|standar operasional|mekanisme\b|prosedur\b|bagan\b|alur\b)", re.IGNORECASE
)
_TITLE_LEAD = re.compile(r"(?:\d{1,3}\s*\.\s*)?(?:(?:SOP|standar operasional prosedur)\b[\s:.-]*)?", re.IGNORECASE)
_WARNING = re.compile(r"(?:jika|apabila|bila)\b.{0,120}?\b(?:tidak|belum)\b", re.IGNORECASE)
_DATE = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class Block:
    """An identity block: title, office in normal form, entries under stable keys, and what was not understood in it."""

    title: str
    office: str
    entries: Mapping[str, str | tuple[str, ...]]
    problems: tuple[Problem, ...]

    @property
    def labelled(self) -> bool:
        """Whether any of the block's own labels stands in it."""
        return any(key in self.entries for key in (*labels.FIELDS, *labels.SECTIONS))

    def text(self, key: str) -> str:
        """An entry of one value; empty if it is missing."""
        value = self.entries.get(key, "")
        return value if isinstance(value, str) else " ".join(value)


def begins(line: Line) -> bool:
    """Whether a line holds one of the labels with which an identity block begins."""
    return any(len(cell) < 2000 and labels.field(clean(cell)) for cell in line.cells)


def read(lines: Sequence[Line]) -> Block:
    """The block above a table."""
    heading = _title_line(lines)
    reading = _Reading()
    reading.take([line for line in lines if line is not heading])
    return reading.block(clean(" ".join(heading.cells)) if heading else "")


def read_closing(lines: Sequence[Line]) -> Block:
    """What stands under a table: lists of the identity block that were printed there, and the signature (`penutup`)."""
    reading = _Reading(closing=True)
    reading.take(lines)
    return reading.block("")


def _title_line(lines: Sequence[Line]) -> Line | None:
    """The line just above the table, if it is a heading: one that speaks like a title, or the only text there is."""
    printed = [line for line in lines if not line.blank]
    if not printed or sum(1 for cell in printed[-1].cells if clean(cell)) != 1:
        return None
    last = clean(" ".join(printed[-1].cells))
    if len(printed) == 1:
        return printed[-1]
    # "1. SOP Pengumpulan Data" as the only item of the last list is no title.
    opened = labels.section(clean(printed[-2].cells[0]))
    item = (opened is not None and not opened[1]) or printed[-2].row == printed[-1].row - 1
    return printed[-1] if _TITLE_LINE.match(last) and not item and len(last) <= 200 else None


@dataclass(slots=True)
class _Reading:
    """An identity block while it is read."""

    closing: bool = False
    single: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    offices: list[str] = field(default_factory=list)
    signature: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    open: dict[int, str] = field(default_factory=dict)
    before_name: str = ""
    last_row: int = 0

    def take(self, lines: Sequence[Line]) -> None:
        """All lines in turn; a label broken over two lines ("TANGGAL", "PEMBUATAN") is put together."""
        half: Line | None = None
        for line in lines:
            if line.blank:
                continue
            if half is not None:
                line = Line(line.row, (f"{half.cells[0]} {line.cells[0]}", *line.cells[1:]))  # noqa: PLW2901
                half = None
            if len(line.cells) == 1 and clean(line.cells[0]).casefold() in {
                "tanggal",
                "tgl",
                "nomor",
                "disahkan",
                "nama",
                "judul",
            }:
                half = line
                continue
            self._line(line)
        if half is not None:
            self._line(half)
        self._spread()

    def block(self, heading: str) -> Block:
        """What was read, under stable keys."""
        entries: dict[str, str | tuple[str, ...]] = {}
        entries |= {key: self.single[key] for key in labels.FIELDS if key in self.single}
        entries |= {key: tuple(filter(None, self.lists[key])) for key in labels.SECTIONS if key in self.lists}
        for key, texts in (("instansi", self.offices), ("penutup", self.signature)):
            if texts:
                entries[key] = tuple(texts)
        if heading:
            entries["judul_tabel"] = heading
        return Block(self._title(heading), labels.office(self.offices), entries, tuple(self.problems))

    def _title(self, heading: str) -> str:
        named = self.single.get("nama_sop", "")
        bare = heading[len((_TITLE_LEAD.match(heading) or [""])[0]) :]
        # A scan prints a long name partly on the line before its label.
        if not named or f"{self.before_name} {named}".casefold() == bare.casefold():
            return bare or named
        return named

    def _line(self, line: Line) -> None:
        column = 0
        while column < len(line.cells):
            column += self._cell(line, column)
        self.last_row = line.row

    def _cell(self, line: Line, column: int) -> int:
        """One cell; how many cells were taken, two if it is a label with its value beside it."""
        texts = paragraphs(line.cells[column])
        if not texts:
            return 1
        labelled = labels.field(" ".join(texts)) if len(line.cells[column]) < 2000 else None
        # Inside a list "sebelum disahkan oleh Camat" is no label.
        if labelled and not (self.open and labelled[1]):
            return self._field(line, column, labelled)
        for text in texts:
            self._text(line, column, text)
        return 1

    def _field(self, line: Line, column: int, labelled: tuple[str, str, str]) -> int:
        key, before, after = labelled
        if before:
            self._plain(line.row, before)
        beside = column + 1 < len(line.cells)
        if beside and not after:
            self._flush()
            self.single.setdefault(key, clean(line.cells[column + 1]).removeprefix(":").strip())
            return 2
        if after:
            self._flush()
            self.single.setdefault(key, after)
        else:
            self.pending.append(key)
        return 1

    def _flush(self) -> None:
        """Labels that stand alone among labels with values have no value."""
        if not self.values:
            self.single |= {key: self.single.get(key, "") for key in self.pending}
            self.pending.clear()

    def _text(self, line: Line, column: int, text: str) -> None:
        opened = labels.section(text)
        if opened:
            self._open(line.row, column, *opened)
        elif self.pending and not self.open and not labels.names_office(text):
            self.values.append(text)
        elif self.open:
            self._item(line, column, text)
        else:
            self._plain(line.row, text)

    def _open(self, row: int, column: int, key: str, rest: str) -> None:
        self._spread()
        second = labels.section(rest)
        if second:
            message = sentence(
                "Baris %(row)s memuat dua judul sekaligus, sehingga isi keduanya tercampur dan disimpan pada bagian "
                "pertama; pisahkan isinya.",
                row=row,
            )
            self.problems.append(Problem(row, None, message))
            rest = second[1]
        if column == 0:
            self.open.clear()
        self.open[column] = key
        self.lists.setdefault(key, [])
        if rest:
            self.lists[key] += items.items(rest)

    def _item(self, line: Line, column: int, text: str) -> None:
        key = self.open.get(column) or self.open[min(self.open)]
        if (
            _WARNING.match(text)
            and key not in {"peringatan", "identifikasi_risiko"}
            and "peringatan" not in self.filled
        ):
            message = sentence(
                "Teks “%(text)s…” pada baris %(row)s tidak berjudul dan dibaca sebagai Peringatan.",
                text=text[:60],
                row=line.row,
            )
            self.problems.append(Problem(line.row, None, message))
            self.lists.setdefault("peringatan", []).append(text)
            return
        held = self.lists[key]
        wrapped = line.row == self.last_row + 1 and len(line.cells) == 1 and not items.marked(text, len(held))
        if held and (wrapped or text.startswith(":")):
            held[-1] = f"{held[-1]} {text}".strip()
        else:
            held += items.items(text, len(held))

    @property
    def filled(self) -> set[str]:
        """The lists that hold something."""
        return {key for key, items in self.lists.items() if items}

    def _plain(self, row: int, text: str) -> None:
        """A text that belongs to no label."""
        if self.closing:
            self.signature.append(text)
        elif labels.names_office(text) or (text.isupper() and len(text) <= 60):
            self.offices.append(text)
            self.before_name = text
        else:
            self.before_name = text
            message = sentence(
                "Teks “%(text)s” pada baris %(row)s tidak dipahami sebagai bagian blok identitas dan tidak dibaca; "
                "periksa dokumennya.",
                text=text if len(text) <= 80 else f"{text[:80]}…",
                row=row,
            )
            self.problems.append(Problem(row, None, message))

    def _spread(self) -> None:
        """Give values that stand after their labels to them: in turn, or, if some are missing, by their looks."""
        labelled, values = self.pending, self.values
        if len(values) > len(labelled) > 0:
            values = [*values[: len(labelled) - 1], " ".join(values[len(labelled) - 1 :])]
        if len(values) < len(labelled):
            values = _matched(labelled, values)
        self.single |= {key: value for key, value in zip(labelled, values, strict=False) if not self.single.get(key)}
        self.pending, self.values = [], []


def _matched(keys: Sequence[str], values: Sequence[str]) -> list[str]:
    """Fewer values than labels: the last text is the name, dates go to dates, anything else to the next label left."""
    found = dict.fromkeys(keys, "")
    left = list(values)
    if left and "nama_sop" in found:
        found["nama_sop"] = left.pop()
    for value in left:
        dated = bool(_DATE.search(value)) and "/" not in value
        place = next((key for key, held in found.items() if not held and key.startswith("tanggal") == dated), None)
        if place:
            found[place] = value
    return list(found.values())
