"""Which rows stand on which page, and where arrows leave one page for another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bpmn.printed.columns import LEADING, PADDING, Columns
from bpmn.printed.rows import Arrow, Row, Rows, Symbol

ROW_LEAST = {Symbol.CAPSULE: 40.0, Symbol.BOX: 40.0, Symbol.DIAMOND: 48.0}
"""Points that a symbol needs with the tracks above and below it."""

CAPSULE_ROOM = 26.0
"""More, where a start or an end stands in the same cell."""

CONNECTOR_ROOM = 24.0
"""Height of a line of off-page connectors."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A row, or a part of one whose texts are longer than a page; the symbol stands in the first."""

    row: Row
    lines: Mapping[str, tuple[str, ...]]
    first: bool

    @property
    def height(self) -> float:
        """Points."""
        text = max(len(lines) for lines in self.lines.values()) * LEADING + 2 * PADDING
        if not self.first:
            return text
        return max(text, ROW_LEAST[self.row.symbol] + CAPSULE_ROOM * (self.row.starts + self.row.ends))


@dataclass(frozen=True, slots=True)
class Connector:
    """An arrow that goes on on another page: `arrow` is its place among all; `column` the lane it stands in."""

    arrow: int
    column: int
    leaves: bool
    at_top: bool


@dataclass(frozen=True, slots=True)
class Part:
    """The pieces of one page, from `begin` to before `end` of all, and the connectors at its edges."""

    begin: int
    end: int
    connectors: tuple[Connector, ...]

    def bands(self, *, at_top: bool) -> int:
        """How many lines of connectors stand at an edge: those of one lane stand above each other."""
        counts = Counter(made.column for made in self.connectors if made.at_top == at_top)
        return max(counts.values(), default=0)


def pieces(rows: Sequence[Row], columns: Columns, room: float) -> tuple[Piece, ...]:
    """Every row, cut where it is higher than `room` points."""
    most = max(1, int((room - 2 * PADDING) / LEADING))
    made = []
    for row in rows:
        lines = columns.lines(row)
        longest = max(len(one) for one in lines.values())
        for begin in range(0, max(1, longest), most):
            cut = {name: one[begin : begin + most] for name, one in lines.items()}
            made.append(Piece(row, cut, first=begin == 0))
    return tuple(made)


def parts(made: Sequence[Piece], rows: Rows, room: float) -> tuple[Part, ...]:
    """The pages of `room` points each, filled from the first row on."""
    places = [index for index, piece in enumerate(made) if piece.first]
    found: list[Part] = []
    begin = 0
    while begin < len(made):
        end = begin + 1
        part = _part(begin, end, places, rows)
        while end < len(made) and _height(longer := _part(begin, end + 1, places, rows), made) <= room:
            end, part = end + 1, longer
        found.append(part)
        begin = end
    return tuple(found)


def _height(part: Part, made: Sequence[Piece]) -> float:
    bands = part.bands(at_top=True) + part.bands(at_top=False)
    return sum(piece.height for piece in made[part.begin : part.end]) + bands * CONNECTOR_ROOM


def _part(begin: int, end: int, places: Sequence[int], rows: Rows) -> Part:
    connectors = []
    for number, arrow in enumerate(rows.arrows):
        source, target = places[arrow.source], places[arrow.target]
        if begin <= source < end and not begin <= target < end:
            connectors.append(_connector(number, arrow, rows, leaves=True, at_top=target < begin))
        elif begin <= target < end and not begin <= source < end:
            connectors.append(_connector(number, arrow, rows, leaves=False, at_top=source < begin))
    return Part(begin, end, tuple(connectors))


def _connector(number: int, arrow: Arrow, rows: Rows, *, leaves: bool, at_top: bool) -> Connector:
    """It stands in the lane of its end on this page, so that the arrow to it is short."""
    here = rows.rows[arrow.source if leaves else arrow.target]
    return Connector(number, here.columns[0], leaves, at_top)
