"""Routes -> the track, the line in a gap and the slot of a side that each edge gets, so that none lie on each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bpmn.layout.grid import Grid
from bpmn.layout.routes import Route, Side, Track, track_place, track_span

GapKey = tuple[str, str]
"""The edges that share a line in a gap: those that leave one node (`out`), or those that enter one (`in`)."""


@dataclass(frozen=True, slots=True)
class Tracks:
    """`index`: for each edge on a track its distance from the boxes, from 0. `count`: how many tracks a side needs."""

    index: Mapping[str, int]
    count: Mapping[Track, int]


def assign(routes: Mapping[str, Route], grid: Grid) -> Tracks:
    """Tracks by interval colouring, short edges innermost."""
    index: dict[str, int] = {}
    lines: dict[Track, list[list[tuple[int, int]]]] = {}
    on_tracks = [(track_span(route, grid), route) for route in routes.values() if route.track is not None]
    for (low, high), route in sorted(on_tracks, key=lambda entry: entry[0][1] - entry[0][0]):
        if route.track is None:
            continue
        taken = lines.setdefault(route.track, [])
        place = next(
            (place for place, spans in enumerate(taken) if all(high < start or end < low for start, end in spans)),
            len(taken),
        )
        if place == len(taken):
            taken.append([])
        taken[place].append((low, high))
        index[route.edge.id] = place
    return Tracks(index, {track: len(taken) for track, taken in lines.items()})


# -- lines in a gap ---------------------------------------------------------------------------------------------------


def out_line(route: Route) -> GapKey:
    """The line on which a route leaves to the right."""
    return "out", route.edge.source


def in_line(route: Route) -> GapKey:
    """The line on which a route comes in from a track."""
    return "in", route.edge.target


def gap_lines(routes: Mapping[str, Route], grid: Grid) -> dict[int, list[GapKey]]:
    """The lines of each gap that has any, left to right.

    On one row, what leaves the node before the gap must turn before what enters the node after it joins the row.
    """
    leaves: dict[int, dict[GapKey, set[int]]] = {}
    enters: dict[int, dict[GapKey, set[int]]] = {}

    def note(gap: int, line: GapKey, left: int | None, right: int | None) -> None:
        leaves.setdefault(gap, {}).setdefault(line, set()).update([] if left is None else [left])
        enters.setdefault(gap, {}).setdefault(line, set()).update([] if right is None else [right])

    for route in routes.values():
        source, target = grid.row[route.edge.source], grid.row[route.edge.target]
        if route.out_gap is not None:
            note(route.out_gap, out_line(route), source, target if route.track is None else None)
        if route.in_gap is not None:
            note(route.in_gap, in_line(route), None, target)
    return {gap: _sorted_lines(lines, enters[gap]) for gap, lines in leaves.items()}


def _sorted_lines(leaves: Mapping[GapKey, set[int]], enters: Mapping[GapKey, set[int]]) -> list[GapKey]:
    left, order = list(leaves), []
    while left:
        free = [line for line in left if not any(leaves[other] & enters[line] for other in left if other != line)]
        order.append((free or left)[0])
        left.remove(order[-1])
    return order


# -- slots on the upper and lower side of a box -----------------------------------------------------------------------


def slots(routes: Mapping[str, Route], grid: Grid, found: Tracks) -> dict[tuple[str, str], tuple[int, int]]:
    """Slot and number of slots for each end on an upper or lower side: (edge id, "exit" or "entry") -> (slot, count).

    Sorted so that the edges of one side do not cross: those that run off to the left first, their outermost last;
    then those that run off to the right, their outermost first.
    """
    sides: dict[tuple[str, Side], list[tuple[tuple[int, float], tuple[str, str]]]] = {}
    for edge_id, route in routes.items():
        source, target = route.edge.source, route.edge.target
        for end, node, other, side in (("exit", source, target, route.exit), ("entry", target, source, route.entry)):
            if side in {Side.TOP, Side.BOTTOM}:
                outward = _distance(route, grid.row[node], found.index.get(edge_id, 0))
                ahead = grid.column[other] - grid.column[node]
                leftward = ahead < 0 or (ahead == 0 and end == "exit")
                key = (0, outward) if leftward else (1, -outward)
                sides.setdefault((node, side), []).append((key, (edge_id, end)))
    return {end: (slot, len(ends)) for ends in sides.values() for slot, (_, end) in enumerate(sorted(ends))}


def _distance(route: Route, row: int, index: int) -> float:
    """How far a row is from where the route runs sideways."""
    if route.track is None:
        return 1000.0
    shift = index / 1000
    return abs(track_place(route.track) + (shift if route.track.side is Side.BOTTOM else -shift) - 4 * row - 1)
