"""A single edge through a drawing that already stands: the cheapest way between borders that touches no box.

For edges that are drawn anew in a diagram somebody arranged. `place` needs none of this: there every edge has a track.
A* over the lines that make sense: the middles of boxes, what runs close round them, and beside other edges.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bpmn.layout.diagram import Bounds, Line, Point

_BEND = 40
_CROSSING = 35
_LABEL = 150
_BESIDE = 20
"""Pixels at which an edge passes a box."""
_PARALLEL = 12
"""Pixels at which an edge runs beside another."""

Direction = tuple[int, int]
State = tuple[Point, Direction]
"""A crossing, and the direction in which it was reached."""

_EAST, _WEST, _SOUTH, _NORTH = (1, 0), (-1, 0), (0, 1), (0, -1)
_LEAVING = {_EAST: 0, _SOUTH: 50, _NORTH: 50, _WEST: 120}
_ARRIVING = {_EAST: 0, _SOUTH: 40, _NORTH: 40, _WEST: 90}
"""What it costs to leave, or to arrive, in a direction: work runs from left to right."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What an edge has to mind. `lines` come with source and target: edges that share one may share a way."""

    area: Bounds
    boxes: Sequence[Bounds]
    labels: Sequence[Bounds]
    lines: Sequence[tuple[Line, str, str]]
    borders: Sequence[int] = ()
    """Y of the borders of lanes: an edge may cross them but should not run along them."""


@dataclass(frozen=True, slots=True)
class End:
    """One end of an edge: a node, and the directions in which the edge may leave or enter its border there."""

    node: str
    bounds: Bounds
    directions: tuple[Direction, ...]


DOWNWARD: tuple[Direction, ...] = (_SOUTH,)
"""Where an edge leaves an event on the lower border of a task."""

SIDEWAYS_OR_UP: tuple[Direction, ...] = (_EAST, _NORTH, _WEST)
"""Where edges leave and enter a task with such an event."""

ANYWHERE: tuple[Direction, ...] = (_EAST, _SOUTH, _NORTH, _WEST)


def thread(source: End, target: End, drawn: Drawn) -> tuple[Point, ...] | None:
    """Waypoints from border to border, or None where there is no way; first with room to spare, then without."""
    for distance, stub, apart in ((6, 14, 6), (1, 6, 2)):
        found = _Search(source, target, drawn, distance, stub, apart).found()
        if found is not None:
            return found
    return None


@dataclass(frozen=True, slots=True, order=True)
class _Port:
    """Where an edge may leave or enter: on the border, and the point before it from which it turns."""

    border: Point
    point: Point
    heading: Direction
    cost: int


_NOWHERE = _Port((0, 0), (0, 0), _EAST, 0)
"""For a state from which the search goes on."""


class _Search:
    """One search; costs of pieces are counted when they are first asked for."""

    def __init__(self, source: End, target: End, drawn: Drawn, distance: int, stub: int, apart: int) -> None:
        self._boxes = [box.grown(distance) for box in drawn.boxes]
        self._area = drawn.area
        self._labels = drawn.labels
        lines = [line for line, start, end in drawn.lines if start != source.node and end != target.node]
        self._lines = lines
        self._related = [line for line, start, end in drawn.lines if start == source.node or end == target.node]
        self._left_from = {point for line, _, _ in drawn.lines for point in line}
        self._led_to = {line[0] for line, start, _ in drawn.lines if start == target.node}
        self._borders = drawn.borders
        self._apart = apart
        self._starts = list(self._ports(source, stub, leaving=True))
        self._ends = list(self._ports(target, stub, leaving=False))
        ports = [port.point for port in (*self._starts, *self._ends)]
        self._axes = tuple(_axis(axis, drawn, lines, [point[axis] for point in ports]) for axis in (0, 1))
        self._place = tuple({place: index for index, place in enumerate(axis)} for axis in self._axes)
        self._cost: dict[tuple[Point, Point], int | None] = {}
        self._tracks: dict[tuple[int, int], _Track] = {}

    def _ports(self, end: End, stub: int, *, leaving: bool) -> Iterator[_Port]:
        x, y = end.bounds.center
        for dx, dy in end.directions:
            border = (
                (end.bounds.right if dx > 0 else end.bounds.x) if dx else x,
                (end.bounds.bottom if dy > 0 else end.bounds.y) if dy else y,
            )
            point = (border[0] + stub * dx, border[1] + stub * dy)
            if not self._area.holds(Bounds(*point, 0, 0)):
                continue
            others = [box for box in self._boxes if not box.holds(end.bounds)]
            if any(box.crossed(border, point) for box in others) or self._lies_on(border, point):
                continue
            heading = (dx, dy) if leaving else (-dx, -dy)
            cost = (_LEAVING if leaving else _ARRIVING)[heading]
            cost += 90 * (border in (self._left_from if leaving else self._led_to))
            yield _Port(border, point, heading, cost)

    def found(self) -> tuple[Point, ...] | None:
        """The cheapest way, or None."""
        best: dict[State, int] = {}
        came: dict[State, State | _Port] = {}
        waiting: list[tuple[int, int, State, _Port]] = []

        def offer(cost: int, state: State, before: State | _Port) -> None:
            if cost < best.get(state, 1 << 60):
                best[state], came[state] = cost, before
                heapq.heappush(waiting, (cost + self._left(state[0]), cost, state, _NOWHERE))

        for port in self._starts if self._ends else ():
            offer(port.cost, (port.point, port.heading), port)
        while waiting:
            _, cost, state, arrived = heapq.heappop(waiting)
            if arrived is not _NOWHERE:
                return _traced(state, came, arrived)
            if cost == best[state]:
                for port, more in self._arrivals(state):
                    heapq.heappush(waiting, (cost + more, cost + more, state, port))
                for onto, more in self._onward(state):
                    offer(cost + more, onto, state)
        return None

    def _arrivals(self, state: State) -> Iterator[tuple[_Port, int]]:
        """The ports that can be entered from here, and what that costs."""
        point, heading = state
        for port in self._ends:
            if port.point == point and port.heading != (-heading[0], -heading[1]):
                yield port, port.cost + _BEND * (port.heading != heading)

    def _onward(self, state: State) -> Iterator[tuple[State, int]]:
        """The next crossings on every side but back, and what the piece there costs."""
        point, heading = state
        for turn in (_EAST, _SOUTH, _WEST, _NORTH):
            if turn == (-heading[0], -heading[1]):
                continue
            axis = 0 if turn[0] else 1
            place = self._place[axis][point[axis]] + turn[axis]
            if 0 <= place < len(self._axes[axis]):
                there = self._axes[axis][place]
                onto = (there, point[1]) if axis == 0 else (point[0], there)
                piece = self._piece(point, onto)
                if piece is not None:
                    yield (onto, turn), piece + _BEND * (turn != heading)

    def _left(self, point: Point) -> int:
        return min(abs(point[0] - port.point[0]) + abs(point[1] - port.point[1]) for port in self._ends)

    def _piece(self, start: Point, end: Point) -> int | None:
        """What a piece between neighbouring crossings costs; None where a box or another edge lies."""
        key = (start, end) if start < end else (end, start)
        if key not in self._cost:
            self._cost[key] = self._priced(*key)
        return self._cost[key]

    def _priced(self, start: Point, end: Point) -> int | None:
        along = 0 if start[1] == end[1] else 1
        low, high = start[along], end[along]
        track = self._track(along, start[1 - along])
        if any(first < high and low < last for first, last in track.barred):
            return None
        length = (high - low) * (2 if track.on_border else 1)
        crossed = bisect_right(track.crossed, high) - bisect_right(track.crossed, low)
        labels = sum(first < high and low < last for first, last in track.labels)
        return length + _CROSSING * crossed + _LABEL * labels

    def _lies_on(self, start: Point, end: Point) -> bool:
        """Whether a piece runs on, or too close beside, an edge that it has nothing to do with."""
        along = 0 if start[1] == end[1] else 1
        low, high = sorted((start[along], end[along]))
        return any(first < high and low < last for first, last in self._beside(along, start[1 - along]))

    def _track(self, along: int, place: int) -> _Track:
        """What lies on the horizontal (along 0) or vertical line at `place`."""
        if (along, place) not in self._tracks:
            across = 1 - along
            self._tracks[along, place] = _Track(
                barred=[*_spans(self._boxes, along, place), *self._beside(along, place)],
                labels=_spans(self._labels, along, place),
                crossed=sorted(
                    one[along]
                    for one, other in (*self._lines, *self._related)
                    if one[along] == other[along] and _between(one[across], other[across], place)
                ),
                on_border=along == 0 and any(abs(place - border) < self._apart for border in self._borders),
            )
        return self._tracks[along, place]

    def _beside(self, along: int, place: int) -> list[tuple[int, int]]:
        """From where to where edges of others run on that line, or too close beside it."""
        across = 1 - along
        return [
            (min(one[along], other[along]), max(one[along], other[along]))
            for one, other in self._lines
            if one[across] == other[across] and abs(one[across] - place) < self._apart
        ]


@dataclass(frozen=True, slots=True)
class _Track:
    """A line across the drawing: where it is barred, where names stand on it, and where edges cross it, sorted."""

    barred: Sequence[tuple[int, int]]
    labels: Sequence[tuple[int, int]]
    crossed: Sequence[int]
    on_border: bool


def _spans(boxes: Iterable[Bounds], along: int, place: int) -> list[tuple[int, int]]:
    """From where to where a line goes through the inside of boxes."""
    if along == 0:
        return [(box.x, box.right) for box in boxes if box.y < place < box.bottom]
    return [(box.y, box.bottom) for box in boxes if box.x < place < box.right]


def _between(one: int, other: int, place: int) -> bool:
    return min(one, other) < place <= max(one, other)


def _traced(state: State, came: Mapping[State, State | _Port], arrived: _Port) -> tuple[Point, ...]:
    """The way back from the last crossing, turned round."""
    points = [arrived.border, state[0]]
    before = came[state]
    while not isinstance(before, _Port):
        points.append(before[0])
        before = came[before]
    return simplified([*reversed([*points, before.border])])


def _axis(axis: int, drawn: Drawn, lines: Iterable[Line], ports: Iterable[int]) -> list[int]:
    """The places at which an edge may run, sorted."""
    area = (drawn.area.x, drawn.area.right) if axis == 0 else (drawn.area.y, drawn.area.bottom)
    found = set(ports)
    for box in drawn.boxes:
        low, high = (box.x, box.right) if axis == 0 else (box.y, box.bottom)
        found |= {low - _BESIDE, high + _BESIDE, box.center[axis]}
    for one, other in lines:
        if one[axis] == other[axis]:
            found |= {one[axis] - _PARALLEL, one[axis] + _PARALLEL}
    return sorted(place for place in found if area[0] <= place <= area[1])


def simplified(points: list[Point]) -> tuple[Point, ...]:
    """The points without repetitions and without those in the middle of a straight line."""
    kept: list[Point] = []
    for point in points:
        if kept and point == kept[-1]:
            continue
        if len(kept) > 1 and (kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]):
            kept.pop()
        kept.append(point)
    return tuple(kept)
