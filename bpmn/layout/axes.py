"""Where rows and columns lie in pixels: each as large as its nodes, names, tracks and lines need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bpmn.flow import Flow
from bpmn.layout.grid import Grid
from bpmn.layout.measure import label_size, text_width
from bpmn.layout.routes import Route, Side, Track
from bpmn.layout.tracks import GapKey, Tracks

ORIGIN = (160, 80)
HEADER = 30
MARGIN = 30
_LANE_HEIGHT = 100
_LANE_NAME = 210
"""A lane's name stands upright on one line if it is no longer than this, else on two."""
_PAD = 16
_TRACK = 16
_FIRST_TRACK = 20
_GAP = 50
_LEAD = 24
_LINE = 14


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is decided before pixels."""

    flow: Flow
    sizes: Mapping[str, tuple[int, int]]
    grid: Grid
    routes: Mapping[str, Route]
    tracks: Tracks
    lines: Mapping[int, list[GapKey]]
    name_sides: Mapping[str, Side]


@dataclass(frozen=True, slots=True)
class Row:
    """A row in pixels: its borders, the line on which its nodes stand, and their reach above and below that line."""

    top: int
    bottom: int
    middle: int
    above: int
    below: int


@dataclass(frozen=True, slots=True)
class Column:
    """A column in pixels: its borders, and the x of each line in the gap after it."""

    left: int
    right: int
    lines: Mapping[GapKey, int]


# -- rows -------------------------------------------------------------------------------------------------------------


def make_rows(plan: Plan) -> dict[int, Row]:
    """The rows from top to bottom: tracks, nodes with their names, tracks; and room for the names of lanes and pool."""
    reach = _reach(plan)
    sizes = {row: _row_size(plan, row, *reach[row]) for row in range(plan.grid.rows)}
    missing = text_width(plan.flow.pool) // 2 + 24 - sum(sum(size) for size in sizes.values())
    extra = max(0, -(-missing // len(sizes)))
    made: dict[int, Row] = {}
    top = ORIGIN[1]
    for row, (upper, lower) in sizes.items():
        middle = top + upper + extra // 2
        made[row] = Row(top, top + upper + lower + extra, middle, *reach[row])
        top = made[row].bottom
    return made


def _row_size(plan: Plan, row: int, above: int, below: int) -> tuple[int, int]:
    """Height of a row above and below the line on which its nodes stand."""
    upper = _PAD + _tracks_height(plan, Track(row, Side.TOP)) + above
    lower = below + _tracks_height(plan, Track(row, Side.BOTTOM)) + _PAD
    name = plan.flow.lanes[row].name if row < len(plan.flow.lanes) else ""
    length = text_width(name) + 24
    missing = max(0, max(_LANE_HEIGHT, min(length, _LANE_NAME), length // 2) - upper - lower)
    return upper + missing // 2, lower + missing - missing // 2


def _tracks_height(plan: Plan, track: Track) -> int:
    number = plan.tracks.count.get(track, 0)
    return _FIRST_TRACK + _TRACK * (number - 1) if number else 0


def _reach(plan: Plan) -> dict[int, tuple[int, int]]:
    """For each row how far nodes and the names at them reach above and below the row's line."""
    above = dict.fromkeys(range(plan.grid.rows), 20)
    below = dict(above)
    for node in plan.flow.nodes:
        row, half = plan.grid.row[node.id], plan.sizes[node.id][1] // 2
        if node.id in plan.grid.host:
            name = label_size(node.name)[1] + 6 if node.name.strip() else 0
            below[row] = max(below[row], _half(plan, node.id) + name)
            continue
        side = plan.name_sides.get(node.id)
        name = label_size(node.name)[1] + 8 if side else 0
        above[row] = max(above[row], half + (name if side in {Side.TOP, Side.RIGHT} else 0))
        below[row] = max(below[row], half + (name if side is Side.BOTTOM else 0))
    for route in plan.routes.values():
        if route.edge.name.strip():
            row = plan.grid.row[route.edge.source]
            name = label_size(route.edge.name)[1] + 8
            half = _half(plan, route.edge.source)
            above[row] = max(above[row], (half if route.exit is Side.TOP else 0) + name)
            below[row] = max(below[row], (half if route.exit is Side.BOTTOM else 0) + name)
    return {row: (above[row], below[row]) for row in above}


def _half(plan: Plan, node_id: str) -> int:
    """How far a node reaches below the line of its row; an event on a task's border as far as its own lower border."""
    half = plan.sizes[node_id][1] // 2
    return half + plan.sizes[plan.grid.host[node_id]][1] // 2 if node_id in plan.grid.host else half


def track_y(row: Row, track: Track, index: int) -> int:
    """Y of a track, by its distance from the boxes."""
    way = _FIRST_TRACK + _TRACK * index
    return row.middle - row.above - way if track.side is Side.TOP else row.middle + row.below + way


# -- columns ----------------------------------------------------------------------------------------------------------


def make_columns(plan: Plan) -> dict[int, Column]:
    """The columns from left to right, each with the gap after it; column -1 is the margin before the first."""
    widths = _widths(plan)
    x = ORIGIN[0] + 2 * HEADER
    margin = _gap(x + MARGIN // 2, plan.lines.get(-1, []), 0)
    made = {-1: Column(x, x, margin[1])}
    x = max(x + MARGIN, margin[0]) if margin[1] else x + MARGIN
    named = _named_exits(plan)
    for column in range(plan.grid.columns):
        right = x + widths.get(column, 0)
        after, lines = _gap(right, plan.lines.get(column, []), named.get(column, 0))
        made[column] = Column(x, right, lines)
        x = after
    if plan.lines.get(plan.grid.columns - 1) or named.get(plan.grid.columns - 1):
        made[plan.grid.columns] = Column(x, x, {})
    return made


def _gap(start: int, lines: list[GapKey], named: int) -> tuple[int, dict[GapKey, int]]:
    """Where a gap that begins at `start` ends, and the x of its lines; `named` is the widest name written in it."""
    first = start + max(_LEAD, named + 8 if lines else 0)
    places = {line: first + _LINE * index for index, line in enumerate(lines)}
    last = max(places.values(), default=start)
    return max(start + _GAP, start + named + 14, last + _LEAD), places


def _named_exits(plan: Plan) -> dict[int, int]:
    """For each column the width of the widest name of an edge that leaves it."""
    widest: dict[int, int] = {}
    for edge in plan.flow.edges:
        if edge.name.strip():
            column = plan.grid.column[edge.source]
            widest[column] = max(widest.get(column, 0), label_size(edge.name)[0])
    return widest


def _widths(plan: Plan) -> dict[int, int]:
    """The width of each column: its widest node, with the name beside it."""
    widths: dict[int, int] = {}
    for node in plan.flow.nodes:
        if node.id in plan.grid.host:
            continue
        width, name = plan.sizes[node.id][0], label_size(node.name)[0]
        if node.id in plan.name_sides:
            width = max(width, 2 * (name + 10) if plan.name_sides[node.id] is Side.RIGHT else name)
        column = plan.grid.column[node.id]
        widths[column] = max(widths.get(column, 0), width)
    return widths
