"""Grid -> the ways each edge can take, still without pixels: which sides it leaves and enters by, where it turns.

Nodes stand in cells, so whatever runs in a gap between columns, on a track above or below a row of nodes, or through
free cells cannot touch a node.

Places are counted so that they sort: x is 2c in column c and 2c+1 in the gap after it; y is 4r on the upper tracks of
row r, 4r+1 on the row and 4r+2 on its lower tracks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from bpmn.flow import Edge
from bpmn.layout.grid import Grid


class Side(StrEnum):
    """A side of a node, or the tracks above or below a row."""

    LEFT = "left"
    RIGHT = "right"
    TOP = "top"
    BOTTOM = "bottom"


@dataclass(frozen=True, slots=True)
class Track:
    """The tracks above (TOP) or below (BOTTOM) the nodes of a row."""

    row: int
    side: Side


@dataclass(frozen=True, slots=True)
class Route:
    """The way of an edge. It turns in `out_gap` if it leaves to the right, and in `in_gap` if it enters from the left.

    Without a track: straight, or round one corner, or through `out_gap` only.
    """

    edge: Edge
    exit: Side
    entry: Side
    out_gap: int | None = None
    track: Track | None = None
    in_gap: int | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A straight piece at `place` from `low` to `high`, of an edge between `source` and `target`."""

    place: int
    low: int
    high: int
    source: str
    target: str


# -- the ways an edge can take ----------------------------------------------------------------------------------------


def candidates(edge: Edge, grid: Grid) -> Iterator[Route]:
    """The ways an edge can take: at least the one that leaves to the right and comes back to the left on a track."""
    for route in _ways(edge, grid):
        if _allowed(route, grid):
            yield route
    if edge.source in grid.host:
        track = Track(grid.row[edge.source], Side.BOTTOM)
        yield Route(edge, Side.BOTTOM, Side.LEFT, None, track, grid.column[edge.target] - 1)


def _allowed(route: Route, grid: Grid) -> bool:
    """An event on the lower border of a task is left downward, and leaves that border to nothing else."""
    edge, borders = route.edge, grid.host.values()
    if edge.source in grid.host and route.exit is not Side.BOTTOM:
        return False
    return not (
        (edge.source in borders and route.exit is Side.BOTTOM)
        or (edge.target in borders and route.entry is Side.BOTTOM)
    )


def _ways(edge: Edge, grid: Grid) -> Iterator[Route]:
    """The ways between two nodes on whose borders nothing sits."""
    if grid.column[edge.target] > grid.column[edge.source]:
        yield from _direct(edge, grid)
    for track in _tracks(grid.row[edge.source], grid.row[edge.target]):
        exits = list(_exits(edge, track, grid))
        for entry, in_gap in _entries(edge, track, grid):
            for exit_, out_gap in exits:
                yield Route(edge, exit_, entry, out_gap, track, in_gap)


def _direct(edge: Edge, grid: Grid) -> Iterator[Route]:
    """Ways forward that need no track."""
    start, end = grid.column[edge.source], grid.column[edge.target]
    above, below = grid.row[edge.source], grid.row[edge.target]
    if above == below:
        if grid.row_is_free(above, start, end):
            yield Route(edge, Side.RIGHT, Side.LEFT)
        return
    down, up = (Side.BOTTOM, Side.TOP) if below > above else (Side.TOP, Side.BOTTOM)
    if grid.row_is_free(below, start, end):
        yield Route(edge, Side.RIGHT, Side.LEFT, out_gap=start)
        if grid.column_is_free(start, above, below) and (start, below) not in grid.cells:
            yield Route(edge, down, Side.LEFT)
    if grid.row_is_free(above, start, end):
        if end > start + 1:
            yield Route(edge, Side.RIGHT, Side.LEFT, out_gap=end - 1)
        if grid.column_is_free(end, above, below) and (end, above) not in grid.cells:
            yield Route(edge, Side.RIGHT, up)


def _tracks(source: int, target: int) -> list[Track]:
    if source == target:
        return [Track(source, Side.BOTTOM), Track(source, Side.TOP)]
    near, far = (Side.BOTTOM, Side.TOP) if target > source else (Side.TOP, Side.BOTTOM)
    return [Track(source, near), Track(target, far)]


def _exits(edge: Edge, track: Track, grid: Grid) -> Iterator[tuple[Side, int | None]]:
    column, row = grid.column[edge.source], grid.row[edge.source]
    if grid.column_is_free(column, row, track.row):
        yield _toward(row, track), None
    yield Side.RIGHT, column


def _entries(edge: Edge, track: Track, grid: Grid) -> Iterator[tuple[Side, int | None]]:
    column, row = grid.column[edge.target], grid.row[edge.target]
    if grid.column_is_free(column, row, track.row):
        yield _toward(row, track), None
    yield Side.LEFT, column - 1


def _toward(row: int, track: Track) -> Side:
    if track.row == row:
        return track.side
    return Side.BOTTOM if track.row > row else Side.TOP


# -- where a way runs -------------------------------------------------------------------------------------------------


def stretches(route: Route, grid: Grid) -> tuple[list[Stretch], list[Stretch]]:
    """The horizontal and the vertical pieces of a route."""
    edge = route.edge
    x, y = 2 * grid.column[edge.source], 4 * grid.row[edge.source] + 1
    end_x, end_y = 2 * grid.column[edge.target], 4 * grid.row[edge.target] + 1
    corners = [(x, y)]
    if route.out_gap is not None:
        corners.append((2 * route.out_gap + 1, y))
    if route.track is not None:
        track_y = track_place(route.track)
        turn = end_x if route.in_gap is None else 2 * route.in_gap + 1
        corners += [(corners[-1][0], track_y), (turn, track_y)]
    elif route.exit is Side.RIGHT and route.entry is not Side.LEFT:
        corners.append((end_x, y))
    if route.entry is Side.LEFT:
        corners.append((corners[-1][0], end_y))
    corners.append((end_x, end_y))
    horizontal, vertical = [], []
    for (x1, y1), (x2, y2) in pairwise(corners):
        if y1 == y2 and x1 != x2:
            horizontal.append(Stretch(y1, min(x1, x2), max(x1, x2), edge.source, edge.target))
        elif y1 != y2:
            vertical.append(Stretch(x1, min(y1, y2), max(y1, y2), edge.source, edge.target))
    return horizontal, vertical


def track_place(track: Track) -> int:
    """Y of the tracks, in the counting of this module."""
    return 4 * track.row + (0 if track.side is Side.TOP else 2)


def track_span(route: Route, grid: Grid) -> tuple[int, int]:
    """From where to where a route runs on its track, in the counting of this module."""
    start = 2 * grid.column[route.edge.source] if route.out_gap is None else 2 * route.out_gap + 1
    end = 2 * grid.column[route.edge.target] if route.in_gap is None else 2 * route.in_gap + 1
    return min(start, end), max(start, end)
