"""Which cell of a row stands in which column, though headings and rows often disagree about the number of cells.

Rows of one width are of one make, so each width is fitted as a whole: of all ways to lay the row's cells under the
lanes and the columns after them, the one in which times stand under WAKTU and nothing but marks under the lanes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bpmn import waktu
from bpmn.readers.cells import Line, clean
from bpmn.readers.headings import Heading, Role

_LEAD = 2  # No and Kegiatan
_SLACK = 3
_MARK_LENGTH = 14


@dataclass(frozen=True, slots=True)
class Fit:
    """How rows of one width lie under a heading: `lanes` cells under PELAKSANA, then the heading's other columns."""

    heading: Heading
    lanes: int

    def cell(self, line: Line, role: Role) -> str:
        """The cleaned cell of a column after the lanes; empty if the row or the table has none."""
        if role not in self.heading.tail:
            return ""
        place = _LEAD + self.lanes + self.heading.tail.index(role)
        return clean(line.cells[place]) if place < len(line.cells) else ""

    def lane_cells(self, line: Line, places: Sequence[int]) -> tuple[str, ...]:
        """The PELAKSANA cells, one for each lane; `places` says which lane each printed column became."""
        found = [""] * (max(places) + 1)
        for place, cell in zip(places, line.cells[_LEAD : _LEAD + self.lanes], strict=False):
            found[place] = " ".join(filter(None, (found[place], clean(cell))))
        return tuple(found)

    def spilled(self, line: Line) -> tuple[str, ...]:
        """What stands in cells of the row that lie under no heading."""
        named = len(self.heading.lanes)
        beyond = (
            line.cells[_LEAD + named : _LEAD + self.lanes] + line.cells[_LEAD + self.lanes + len(self.heading.tail) :]
        )
        return tuple(filter(None, map(clean, beyond)))

    def missing(self, line: Line) -> frozenset[Role]:
        """The columns for which the row has no cell, not even an empty one."""
        return frozenset(self.heading.tail[max(0, len(line.cells) - _LEAD - self.lanes) :])


def merged_lanes(printed: Sequence[str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The lanes without doubles, and for each printed column the place of its lane."""
    lanes: dict[str, int] = {}
    names: list[str] = []
    places = []
    for name in printed:
        key = " ".join(name.casefold().split())
        if key not in lanes:
            lanes[key] = len(names)
            names.append(name)
        places.append(lanes[key])
    return tuple(names), tuple(places)


def fit_all(rows: Sequence[Line], heading: Heading) -> Mapping[int, Fit]:
    """The fit of the rows of each width."""
    widths = dict.fromkeys(len(row.cells) for row in rows)
    return {width: fit([row for row in rows if len(row.cells) == width], heading) for width in widths}


def fit_of_last(rows: Sequence[Line], heading: Heading) -> Fit:
    """The fit of the last row, which may have been cut off: that of most rows unless its own makes sense of it."""
    last = rows[-1]
    own = fit([row for row in rows if len(row.cells) == len(last.cells)], heading)
    widths = Counter(len(row.cells) for row in rows)
    usual = max(widths, key=lambda width: (widths[width], width))
    length = waktu.read(own.cell(last, Role.WAKTU), heading.default_unit)
    if len(last.cells) >= usual or (length and length.amount):
        return own
    return fit([row for row in rows if len(row.cells) == usual], heading)


def fit(rows: Sequence[Line], heading: Heading) -> Fit:
    """The best fit of rows that all have one width."""
    width = len(rows[0].cells)
    named = len(heading.lanes)
    counts = [named, *(lanes for lanes in range(max(0, named - _SLACK), named + _SLACK + 1) if lanes != named)]
    sample = [[clean(cell) for cell in row.cells] for row in rows[:40]]
    return max(
        (Fit(heading, lanes) for lanes in counts),
        key=lambda candidate: (
            sum(_score(cells, candidate) for cells in sample) / len(sample) + _likeness(width, candidate)
        ),
    )


def _likeness(width: int, fit: Fit) -> float:
    """How well a fit agrees with the heading, apart from what the cells hold."""
    tail = width - _LEAD - fit.lanes
    return -0.8 * abs(fit.lanes - len(fit.heading.lanes)) - 0.4 * abs(tail - len(fit.heading.tail))


def _score(cells: Sequence[str], fit: Fit) -> float:
    """How well a row's cells suit the columns of a fit."""
    lanes = cells[_LEAD : _LEAD + fit.lanes]
    # Under a single PELAKSANA the cells may tell the jabatan.
    marks = lanes if len(fit.heading.lanes) > 1 else ()
    timed = fit.heading.default_unit is not None
    score = -3.0 * sum(len(cell) > _MARK_LENGTH or (timed and cell.isdigit()) for cell in marks)
    for role, cell in zip(fit.heading.tail, cells[_LEAD + fit.lanes :], strict=False):
        if cell:
            score += _suits(role, cell, fit)
    beyond = cells[_LEAD + fit.lanes + len(fit.heading.tail) :]
    return score - 3.0 * sum(bool(cell) for cell in beyond)


def _suits(role: Role, cell: str, fit: Fit) -> float:
    length = waktu.read(cell, fit.heading.default_unit) if len(cell) <= 40 else None
    readable = length is not None and length.amount is not None
    if role is Role.WAKTU:
        return 3.0 if readable else -1.5 if len(cell) <= 40 else -3.0
    if role in {Role.KELENGKAPAN, Role.OUTPUT}:
        return -1.5 if readable else 0.5
    return 0.0
