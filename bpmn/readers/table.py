"""Tables of steps in the lines of a document: rows found, brought under their headings, and told as steps.

Works on lines of cells, whatever they were read from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from bpmn import waktu
from bpmn.errors import BrokenTable
from bpmn.readers import columns, doubts, headings
from bpmn.readers.cells import Line, clean
from bpmn.readers.headings import Heading, Role
from bpmn.sop import Problem, Step
from bpmn.wording import sentence


@dataclass(frozen=True, slots=True)
class Table:
    """One table of steps: its lanes and steps, the lines it takes (indices, `end` excluded), what is wrong with it."""

    start: int
    end: int
    row: int
    lanes: tuple[str, ...]
    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Rows:
    """The rows met under a heading, while they are collected."""

    heading: Heading
    row: int
    rows: list[Line] = field(default_factory=list)
    strays: list[Line] = field(default_factory=list)
    end: int = 0
    blank_since: bool = False

    @property
    def expected(self) -> int:
        return 1 + len(self.rows)

    def follows(self, number: str | None) -> bool:
        """Whether a row of this number goes on with the table."""
        last = headings.step_number(self.rows[-1].cells[0]) if self.rows else "0"
        return bool(number and last and number.isdigit() and last.isdigit() and int(number) == int(last) + 1)


def tables(lines: Sequence[Line]) -> tuple[Table, ...]:
    """All tables of steps, in order. Raises `BrokenTable` if the document ends in the middle of one."""
    found = _collected(lines)
    _refuse_a_cut_heading(lines)
    if found:
        _refuse_a_cut(found[-1], lines)
    return tuple(_table(rows) for rows in found if rows.rows)


def _collected(lines: Sequence[Line]) -> list[_Rows]:
    found: list[_Rows] = []
    at = 0
    while at < len(lines):
        heading = headings.find(lines, at) if len(lines[at].cells) >= 4 else None
        if heading:
            found = _with_heading(found, heading, lines)
            at = heading.end
            continue
        if found:
            _take(found[-1], lines[at], at)
        at += 1
    return found


def _with_heading(found: list[_Rows], heading: Heading, lines: Sequence[Line]) -> list[_Rows]:
    """The tables so far with one more; a heading repeated after a page break goes on with the table it repeats."""
    if found and found[-1].heading.lanes == heading.lanes:
        number = next((headings.step_number(line.cells[0]) for line in lines[heading.end :] if not line.blank), None)
        if number != "1" and found[-1].follows(number):
            return found
    return [*found, _Rows(heading, lines[heading.start].row, end=heading.end)]


def _take(table: _Rows, line: Line, at: int) -> None:
    """One line below a heading: a row, the rest of a row, the numbering of the columns, or none of the table's."""
    if line.blank:
        table.blank_since = True
        return
    if headings.is_numbering(line) and not table.rows:
        return
    number = headings.step_number(line.cells[0])
    wide = len(line.cells) >= 2 + len(table.heading.lanes)
    if number is not None and (wide or (len(line.cells) >= 2 and table.follows(number))):
        table.rows.append(line)
    elif table.rows and wide and not clean(line.cells[0]):
        _take_unnumbered(table, line)
    elif table.rows and not table.blank_since and len(table.rows[-1].cells) < 2 + len(table.heading.lanes):
        table.rows[-1] = _joined(table.rows[-1], line)
    else:
        table.strays.append(line)
        return
    table.end = at + 1
    table.blank_since = False


def _take_unnumbered(table: _Rows, line: Line) -> None:
    """A row with an empty No cell: a step of its own if it has a text and a waktu, else the rest of the row above."""
    fits = columns.fit([line], table.heading)
    if clean(line.cells[1]) and fits.cell(line, Role.WAKTU):
        table.rows.append(line)
        return
    above = table.rows[-1]
    width = max(len(above.cells), len(line.cells))
    padded = [cells + ("",) * (width - len(cells)) for cells in (above.cells, line.cells)]
    table.rows[-1] = replace(above, cells=tuple(f"{one} {other}" for one, other in zip(*padded, strict=True)))


def _joined(row: Line, rest: Line) -> Line:
    """A row with the line below it, its last cell having been broken over the two."""
    first, *more = rest.cells
    return replace(row, cells=(*row.cells[:-1], f"{row.cells[-1]} {first}", *more))


def _refuse_a_cut_heading(lines: Sequence[Line]) -> None:
    """Raise `BrokenTable` if nothing stands under the heading of a table."""
    last = next((line for line in reversed(lines) if not line.blank), None)
    if last and headings.begins(last):
        raise _broken(last, "1")


def _refuse_a_cut(table: _Rows, lines: Sequence[Line]) -> None:
    """Raise `BrokenTable` if the document ends in a heading, a row without all of its mutu baku, or a row's number.

    The cells after OUTPUT may be missing: editors drop the blanks at the end of a line.
    """
    after = [line for line in lines[table.end :] if not line.blank]
    if not table.rows:
        if not after:
            raise _broken(lines[table.heading.start], "1")
        return
    row = table.rows[-1]
    if not after:
        if columns.fit_of_last(table.rows, table.heading).missing(row) & headings.MUTU_BAKU:
            raise _broken(row, headings.step_number(row.cells[0]) or "")
    elif len(after) == 1 and after[0] is lines[table.end] and len(after[0].cells) == 1:
        number = clean(after[0].cells[0]).rstrip(".")
        if number.isdigit() and _next_number(row).startswith(number):
            raise _broken(after[0], _next_number(row))


def _next_number(row: Line) -> str:
    number = headings.step_number(row.cells[0]) or ""
    return str(int(number) + 1) if number.isdigit() else ""


def _broken(line: Line, number: str) -> BrokenTable:
    return BrokenTable(
        sentence(
            "Tabel langkah terpotong di tengah langkah %(no)s pada baris %(row)s: lengkapi baris itu sampai kolom "
            "Output, lalu unggah kembali dokumennya.",
            no=number or "?",
            row=line.row,
        )
    )


def _table(rows: _Rows) -> Table:
    heading = rows.heading
    lanes, places = columns.merged_lanes(heading.lanes)
    fits = columns.fit_all(rows.rows, heading)
    steps = tuple(_step(line, fits[len(line.cells)], places) for line in rows.rows)
    steps, renumbered = _numbered(steps)
    problems = (
        *doubts.of_heading(heading, rows.row),
        *doubts.of_widths(rows.rows, heading, fits),
        *(problem for line in rows.rows for problem in doubts.of_row(line, fits[len(line.cells)])),
        *renumbered,
        *(problem for step in steps for problem in doubts.of_step(step)),
        *doubts.of_strays(rows.strays, rows.rows[-1].row),
    )
    return _lanes_told(Table(heading.start, rows.end, rows.row, lanes, steps, problems))


def _lanes_told(table: Table) -> Table:
    """A table with one column PELAKSANA whose cells tell the jabatan, with a lane for each of these."""
    named = [step.cells[0] for step in table.steps]
    if len(table.lanes) != 1 or not all(any(letter.isalpha() for letter in name) for name in named):
        return table
    lanes = tuple(dict.fromkeys(named))
    if len(lanes) == 1:
        return table
    steps = (
        replace(step, cells=tuple(name if name == own else "" for name in lanes))
        for step, own in zip(table.steps, named, strict=True)
    )
    return replace(table, lanes=lanes, steps=tuple(steps))


def _step(line: Line, fit: columns.Fit, places: Sequence[int]) -> Step:
    return Step(
        no=headings.step_number(line.cells[0]) or clean(line.cells[0]),
        text=clean(line.cells[1]) if len(line.cells) > 1 else "",
        cells=fit.lane_cells(line, places),
        kelengkapan=fit.cell(line, Role.KELENGKAPAN),
        waktu=waktu.read(fit.cell(line, Role.WAKTU), fit.heading.default_unit),
        output=fit.cell(line, Role.OUTPUT),
        keterangan=fit.cell(line, Role.KETERANGAN),
        penanggung_jawab=fit.cell(line, Role.PENANGGUNG_JAWAB),
        row=line.row,
    )


def _numbered(steps: tuple[Step, ...]) -> tuple[tuple[Step, ...], Iterable[Problem]]:
    """The steps under numbers of which none is empty or occurs twice: as printed, else counted from 1."""
    times = Counter(step.no for step in steps)
    wrong = next((step for step in steps if not step.no or times[step.no] > 1), None)
    if wrong is None:
        return steps, ()
    message = sentence(
        "Nomor langkah tidak berurutan mulai baris %(row)s, sehingga semua langkah dinomori ulang dari 1; periksa "
        "urutannya.",
        row=wrong.row,
    )
    counted = tuple(replace(step, no=str(place)) for place, step in enumerate(steps, start=1))
    return counted, (Problem(wrong.row, Role.NO.value, message),)
