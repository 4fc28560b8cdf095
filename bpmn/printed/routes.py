"""The arrows of one page: each takes the cheapest way along the tracks between the symbols.

Tracks run through the middle of every lane and row and beside its borders. A way costs its length and its bends; more,
where it crosses another or runs on it, unless both lead to the same symbol. So few tracks make few places, and the
cheapest way is found by looking at all of them.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bpmn.printed.ink import Point

BEND, CROSSING, SHARED = 14.0, 16.0, 400.0
"""What a bend costs, in points of way; meeting another arrow; each stretch on which one runs on another."""

BORROWED = 120.0
"""To use a side of a symbol by which an arrow goes the other way, or leaves with another answer."""

_ASIDE = {"forward": (30.0, 0.0, 0.0, 0.0), "back": (6.0, 0.0, 24.0, 0.0)}
"""By which side an arrow leaves: top, right, bottom, left."""

_INTO = {"forward": (0.0, 8.0, 40.0, 8.0), "back": (10.0, 0.0, 4.0, 0.0)}

_STEPS = ((0, -1), (1, 0), (0, 1), (-1, 0))
"""Towards the top, the right, the bottom, the left."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a symbol or connector stands: its middle, and how far it reaches from there."""

    x: float
    y: float
    half_width: float
    half_height: float

    def covers(self, x: float, y: float, margin: float = 1.5) -> bool:
        """Whether a point lies on it or close to it."""
        return abs(x - self.x) < self.half_width + margin and abs(y - self.y) < self.half_height + margin


@dataclass(frozen=True, slots=True)
class Wanted:
    """An arrow from one place to another, by their numbers; `name` is the answer that leads there."""

    source: int
    target: int
    name: str
    is_return: bool


@dataclass(slots=True)
class _Used:
    """What the arrows so far have taken."""

    stretches: dict[tuple[int, int, bool], set[int]] = field(default_factory=dict)
    """For each stretch right of or below a point the targets of the arrows on it."""
    points: dict[tuple[int, int], int] = field(default_factory=dict)
    sides: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    """For each side of a place how it is used ("out" or "in"), and with which answer."""


def routes(
    places: Sequence[Place], wanted: Sequence[Wanted], xs: Iterable[float], ys: Iterable[float]
) -> dict[Wanted, tuple[Point, ...]]:
    """The points of each arrow, from border to border of its places. `xs` and `ys` are the tracks."""
    grid = _Grid(places, sorted({*xs, *(place.x for place in places)}), sorted({*ys, *(place.y for place in places)}))
    made: dict[Wanted, tuple[Point, ...]] = {}
    for arrow in sorted(wanted, key=lambda one: (one.is_return, _length(places, one))):
        made[arrow] = grid.route(arrow)
    return made


def _length(places: Sequence[Place], arrow: Wanted) -> float:
    one, other = places[arrow.source], places[arrow.target]
    return abs(one.x - other.x) + abs(one.y - other.y)


class _Grid:
    def __init__(self, places: Sequence[Place], xs: list[float], ys: list[float]) -> None:
        self.places, self.xs, self.ys = places, xs, ys
        self.used = _Used()
        self.on: dict[tuple[int, int], int] = {}
        for number, place in enumerate(places):
            for i, x in enumerate(xs):
                for j, y in enumerate(ys):
                    if place.covers(x, y):
                        self.on[i, j] = number

    def route(self, arrow: Wanted) -> tuple[Point, ...]:
        """The cheapest way, which is then taken."""
        source, target = self.places[arrow.source], self.places[arrow.target]
        start = self.xs.index(source.x), self.ys.index(source.y)
        end = self.xs.index(target.x), self.ys.index(target.y)
        path = self._cheapest(arrow, start, end)
        self._take(arrow, path)
        points = [(self.xs[i], self.ys[j]) for i, j in _corners(path)]
        return (_border(source, points[0], points[1]), *points[1:-1], _border(target, points[-1], points[-2]))

    def _cheapest(self, arrow: Wanted, start: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
        best: dict[tuple[int, int, int], float] = {}
        came: dict[tuple[int, int, int], tuple[int, int, int]] = {}
        waiting: list[tuple[float, tuple[int, int, int]]] = [(0.0, (*start, -1))]
        while waiting:
            cost, state = heapq.heappop(waiting)
            if state[:2] == end and state[2] >= 0:
                return _back(came, state)
            if cost > best.get(state, cost):
                continue
            for after, price in self._onward(arrow, state, end):
                if cost + price < best.get(after, float("inf")):
                    best[after] = cost + price
                    came[after] = state
                    heapq.heappush(waiting, (cost + price, after))
        raise AssertionError("the tracks reach every place")

    def _onward(
        self, arrow: Wanted, state: tuple[int, int, int], end: tuple[int, int]
    ) -> Iterable[tuple[tuple[int, int, int], float]]:
        i, j, heading = state
        for direction, (right, down) in enumerate(_STEPS):
            there = i + right, j + down
            if heading >= 0 and (heading - direction) % 4 == 2:
                continue
            if not (0 <= there[0] < len(self.xs) and 0 <= there[1] < len(self.ys)):
                continue
            if not self._free(arrow, (i, j), there):
                continue
            cost = abs(self.xs[there[0]] - self.xs[i]) + abs(self.ys[there[1]] - self.ys[j])
            cost += self._stretch(arrow, (i, j), there, down)
            if heading >= 0 and heading != direction:
                cost += BEND
            if heading < 0:
                cost += self._side(arrow, arrow.source, direction, "out")
            if there == end:
                cost += self._side(arrow, arrow.target, (direction + 2) % 4, "in")
            yield (*there, direction), cost

    def _free(self, arrow: Wanted, here: tuple[int, int], there: tuple[int, int]) -> bool:
        """Whether one may go there: over no other symbol, and over the own ones in the middle of a side only."""
        for point in (here, there):
            number = self.on.get(point)
            if number is None:
                continue
            if number not in (arrow.source, arrow.target):
                return False
            place = self.places[number]
            along = place.x == self.xs[here[0]] == self.xs[there[0]] or place.y == self.ys[here[1]] == self.ys[there[1]]
            if not along:
                return False
        return True

    def _stretch(self, arrow: Wanted, here: tuple[int, int], there: tuple[int, int], down: int) -> float:
        key = (*min(here, there), bool(down))
        others = self.used.stretches.get(key, set()) - {arrow.target}
        if others:
            return SHARED
        return CROSSING * (there in self.used.points and self.used.points[there] != arrow.target)

    def _side(self, arrow: Wanted, number: int, side: int, role: str) -> float:
        likes = (_ASIDE if role == "out" else _INTO)["back" if arrow.is_return else "forward"]
        taken = self.used.sides.get((number, side))
        if taken is None or (taken[0] == role and (role == "in" or taken[1] == arrow.name)):
            return likes[side]
        return likes[side] + BORROWED

    def _take(self, arrow: Wanted, path: list[tuple[int, int]]) -> None:
        for here, there in pairwise(path):
            down = here[0] == there[0]
            self.used.stretches.setdefault((*min(here, there), down), set()).add(arrow.target)
            self.used.points[there] = arrow.target
        self.used.sides.setdefault((arrow.source, _heading(path[0], path[1])), ("out", arrow.name))
        self.used.sides.setdefault((arrow.target, _heading(path[-1], path[-2])), ("in", ""))


def _heading(here: tuple[int, int], there: tuple[int, int]) -> int:
    right, down = there[0] - here[0], there[1] - here[1]
    return _STEPS.index(((right > 0) - (right < 0), (down > 0) - (down < 0)))


def _back(came: dict[tuple[int, int, int], tuple[int, int, int]], state: tuple[int, int, int]) -> list[tuple[int, int]]:
    path = [state[:2]]
    while state in came:
        state = came[state]
        path.append(state[:2])
    return path[::-1]


def _corners(path: list[tuple[int, int]]) -> list[tuple[int, int]]:
    middle = [
        here
        for before, here, after in zip(path, path[1:], path[2:], strict=False)
        if (before[0] == here[0]) != (here[0] == after[0])
    ]
    return [path[0], *middle, path[-1]]


def _border(place: Place, middle: Point, towards: Point) -> Point:
    """Where a way out of the middle of a place crosses its border."""
    x, y = middle
    if towards[0] != x:
        return (x + place.half_width * (1 if towards[0] > x else -1), y)
    return (x, y + place.half_height * (1 if towards[1] > y else -1))
