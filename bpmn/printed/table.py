"""One page of the flowchart table: head, rows, symbols, arrows, connectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bpmn.printed.answers import answers
from bpmn.printed.columns import LEADING, PADDING, SIZE, TEXTS, Columns, fitted
from bpmn.printed.ink import Anchor, Area, Page, Stroke, Words
from bpmn.printed.pages import CAPSULE_ROOM, CONNECTOR_ROOM, Part, Piece
from bpmn.printed.routes import Place, Wanted, routes
from bpmn.printed.rows import Rows, Symbol

_ASIDE = (4.0, 8.0)
"""Points from the border of a lane or row to its tracks."""

_HALF = {Symbol.CAPSULE: 9.5, Symbol.BOX: 10.5, Symbol.DIAMOND: 14.0}
"""Half the height of the symbols."""

_SMALL = 6.5

_DOWN, _UP = "connector down", "connector up"
"""Off-page connectors point where the work goes."""

_HEADINGS = (
    ("no", "No."),
    ("text", "Uraian Kegiatan"),
    ("kelengkapan", "Kelengkapan"),
    ("waktu", "Waktu"),
    ("output", "Output"),
    ("keterangan", "Ket."),
)


def head_height(columns: Columns, lanes: Sequence[str]) -> float:
    """Points of the two lines of headings."""
    return (
        15 + max((len(_heading(columns, index, name)[0]) for index, name in enumerate(lanes)), default=1) * LEADING + 7
    )


def _heading(columns: Columns, index: int, name: str) -> tuple[tuple[str, ...], int]:
    """The lines of the name of a lane, and the size in which its longest word fits."""
    left, right = columns.lanes[index]
    room = right - left + 3
    longest = max(name.split(), key=len, default="")
    size = next((one for one in (SIZE, 7, 6) if len(fitted(longest, room, one)) <= 1), 5)
    return fitted(name, room, size) or ("",), size


def head(page: Page, columns: Columns, lanes: Sequence[str], top: float) -> float:
    """Draw the headings; returns where the rows begin."""
    bottom = top + head_height(columns, lanes)
    middle = top + 15
    for name, words in _HEADINGS:
        left, right = getattr(columns, name)
        quality = name in {"kelengkapan", "waktu", "output"}
        page.box(left, middle if quality else top, right, bottom, grey=True)
        centre = (middle if quality else top) + (bottom - (middle if quality else top)) / 2 + 3
        page.words((left + right) / 2, centre, words, SIZE, bold=True, anchor=Anchor.MIDDLE)
    if columns.lanes:
        _group(page, columns.lanes[0][0], columns.lanes[-1][1], top, middle, "Pelaksana")
    _group(page, columns.kelengkapan[0], columns.output[1], top, middle, "Mutu Baku")
    for index, name in enumerate(lanes):
        left, right = columns.lanes[index]
        page.box(left, middle, right, bottom, grey=True)
        lines, size = _heading(columns, index, name)
        y = (middle + bottom - len(lines) * LEADING) / 2 + LEADING - 2
        for line in lines:
            page.words((left + right) / 2, y, line, size, bold=True, anchor=Anchor.MIDDLE)
            y += LEADING
    return bottom


def _group(page: Page, left: float, right: float, top: float, bottom: float, words: str) -> None:
    page.box(left, top, right, bottom, grey=True)
    page.words((left + right) / 2, bottom - 4.5, words, SIZE, bold=True, anchor=Anchor.MIDDLE)


@dataclass(frozen=True, slots=True)
class Form:
    """The whole table: its columns and rows, the rows cut into pieces, and the pieces on pages."""

    columns: Columns
    rows: Rows
    pieces: tuple[Piece, ...]
    parts: tuple[Part, ...]
    before: int
    """How many pages come before the first one."""

    def page_of(self, row: int) -> int:
        """The number of the page on which the symbol of a row stands; the row by its place among all."""
        own = next(i for i, piece in enumerate(self.pieces) if piece.first and piece.row is self.rows.rows[row])
        return self.before + next(i for i, part in enumerate(self.parts, 1) if part.begin <= own < part.end)

    def letter(self, arrow: int) -> str:
        """The name of the connectors of an arrow that leaves its page: A to Z, then A1 and on."""
        crossing = list(dict.fromkeys(one.arrow for part in self.parts for one in part.connectors))
        number = crossing.index(arrow)
        return chr(ord("A") + number % 26) + (str(number // 26) if number >= 26 else "")


@dataclass(slots=True)
class _Drawn:
    """The symbols of a page: where each stands, and what it is."""

    places: list[Place] = field(default_factory=list)
    symbols: list[str] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)
    tracks: list[float] = field(default_factory=list)
    of_row: dict[int, int] = field(default_factory=dict)
    """For each row on the page, by its place among all, the number of its symbol."""
    words: list[Words] = field(default_factory=list)
    ties: list[Stroke] = field(default_factory=list)
    """Double lines between the symbols of a step that several do together."""

    def add(self, symbol: str, place: Place) -> int:
        """A further symbol; returns its number."""
        self.places.append(place)
        self.symbols.append(symbol)
        return len(self.places) - 1


def body(page: Page, form: Form, part: Part, top: float) -> None:
    """Draw the rows of a page from `top` on."""
    drawn = _Drawn()
    y = top + part.bands(at_top=True) * CONNECTOR_ROOM
    _band(page, form.columns, top, y)
    numbers = {id(row): index for index, row in enumerate(form.rows.rows)}
    for piece in form.pieces[part.begin : part.end]:
        _cells(page, form.columns, piece, y)
        drawn.tracks += [y + aside for aside in _ASIDE]
        if piece.first:
            drawn.of_row[numbers[id(piece.row)]] = _symbols(drawn, form.columns, piece, y)
        y += piece.height
        drawn.tracks += [y - aside for aside in _ASIDE]
    _band(page, form.columns, y, y + part.bands(at_top=False) * CONNECTOR_ROOM)
    _connectors(drawn, form, part, (top, y))
    for arrow in form.rows.arrows:
        if arrow.source in drawn.of_row and arrow.target in drawn.of_row:
            ends = drawn.of_row[arrow.source], drawn.of_row[arrow.target]
            drawn.wanted.append(Wanted(*ends, arrow.name, arrow.is_return))
    _arrows(page, form.columns, drawn)


def _arrows(page: Page, columns: Columns, drawn: _Drawn) -> None:
    """Draw arrows, the symbols over their ends, and what is written beside both."""
    xs = [x for left, right in columns.lanes for aside in _ASIDE for x in (left + aside, right - aside)]
    ways = routes(drawn.places, drawn.wanted, xs, drawn.tracks)
    page.marks += drawn.ties
    page.marks += [Stroke(points, 0.8, dashed=one.is_return, tip=True) for one, points in ways.items()]
    page.marks += [_shape(symbol, place) for symbol, place in zip(drawn.symbols, drawn.places, strict=True)]
    page.marks += answers(ways, drawn.places, columns.lanes[0][0], columns.lanes[-1][1]) if columns.lanes else []
    page.marks += drawn.words


def _cells(page: Page, columns: Columns, piece: Piece, top: float) -> None:
    bottom = top + piece.height
    for x in columns.borders():
        page.line((x, top), (x, bottom), width=0.5)
    page.line((columns.left, bottom), (columns.right, bottom), width=0.5)
    for name in TEXTS:
        left, right = getattr(columns, name)
        centred = name in {"no", "waktu"}
        y = top + PADDING + SIZE - 1
        for line in piece.lines[name]:
            x = (left + right) / 2 if centred else left + PADDING
            page.words(x, y, line, SIZE, anchor=Anchor.MIDDLE if centred else Anchor.START)
            y += LEADING


def _band(page: Page, columns: Columns, top: float, bottom: float) -> None:
    if bottom > top:
        for x in columns.borders():
            page.line((x, top), (x, bottom), width=0.5)
        page.line((columns.left, bottom), (columns.right, bottom), width=0.5)


def _symbols(drawn: _Drawn, columns: Columns, piece: Piece, top: float) -> int:
    """Place the symbol of a row, and a start or an end beside it; returns the number of the symbol."""
    row = piece.row
    above, below = CAPSULE_ROOM * row.starts, CAPSULE_ROOM * row.ends
    y = top + above + (piece.height - above - below) / 2
    reach = _HALF[row.symbol]
    own = drawn.add(row.symbol, _place(columns, row.columns[0], y, reach))
    together = [own, *(drawn.add(row.symbol, _place(columns, other, y, reach)) for other in row.columns[1:])]
    if len(together) > 1:
        middles = [drawn.places[number].x for number in together]
        drawn.ties += [Stroke(((min(middles), y + aside), (max(middles), y + aside))) for aside in (-1.2, 1.2)]
    if row.starts:
        drawn.wanted.append(
            Wanted(_capsule(drawn, own, y - reach - CAPSULE_ROOM + 10, "Mulai"), own, "", is_return=False)
        )
    if row.ends:
        drawn.wanted.append(
            Wanted(own, _capsule(drawn, own, y + reach + CAPSULE_ROOM - 10, "Selesai"), "", is_return=False)
        )
    return own


def _capsule(drawn: _Drawn, beside: int, y: float, words: str) -> int:
    x, half = drawn.places[beside].x, min(drawn.places[beside].half_width, 17.0)
    drawn.words.append(Words(x, y + 2.2, words, _SMALL, anchor=Anchor.MIDDLE))
    drawn.tracks.append(y)
    return drawn.add(Symbol.CAPSULE, Place(x, y, half, 6.5))


def _place(columns: Columns, column: int, y: float, half_height: float) -> Place:
    left, right = columns.lanes[column]
    return Place((left + right) / 2, y, min(23.0, (right - left) / 2 - 10), half_height)


def _connectors(drawn: _Drawn, form: Form, part: Part, edges: tuple[float, float]) -> None:
    """Place the off-page connectors, each with its letter and the page on which the arrow goes on."""
    taken: Counter[tuple[bool, int]] = Counter()
    for one in part.connectors:
        y = edges[0 if one.at_top else 1] + (taken[one.at_top, one.column] + 0.5) * CONNECTOR_ROOM
        taken[one.at_top, one.column] += 1
        left, right = form.columns.lanes[one.column]
        x = (left + right) / 2
        number = drawn.add(_UP if one.leaves == one.at_top else _DOWN, Place(x, y, 8, 8))
        arrow = form.rows.arrows[one.arrow]
        here, there = (arrow.source, arrow.target) if one.leaves else (arrow.target, arrow.source)
        ends = (drawn.of_row[here], number) if one.leaves else (number, drawn.of_row[here])
        drawn.wanted.append(Wanted(*ends, arrow.name if one.leaves else "", arrow.is_return))
        drawn.words.append(Words(x, y + 2.4, form.letter(one.arrow), 7, bold=True, anchor=Anchor.MIDDLE))
        drawn.words.append(Words(x + 10, y + 2.2, f"hal. {form.page_of(there)}", 5.5))
        drawn.tracks += [y - CONNECTOR_ROOM / 2 + 1, y + CONNECTOR_ROOM / 2 - 1]


def _shape(symbol: str, place: Place) -> Area:
    left, right = place.x - place.half_width, place.x + place.half_width
    top, bottom = place.y - place.half_height, place.y + place.half_height
    if symbol == Symbol.DIAMOND:
        return Area(((place.x, top), (right, place.y), (place.x, bottom), (left, place.y)), 1.0)
    if symbol == _DOWN:
        return Area(((left, top), (right, top), (right, bottom - 5), (place.x, bottom), (left, bottom - 5)), 0.8)
    if symbol == _UP:
        return Area(((left, top + 5), (place.x, top), (right, top + 5), (right, bottom), (left, bottom)), 0.8)
    radius = place.half_height if symbol == Symbol.CAPSULE else 0
    return Area(((left, top), (right, top), (right, bottom), (left, bottom)), 1.0, radius=radius)
