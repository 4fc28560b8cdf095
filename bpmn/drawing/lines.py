"""Edges as lines with rounded corners and a tip."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bpmn.drawing import lettering
from bpmn.drawing.svg import Element
from bpmn.flow import Edge
from bpmn.layout import Bounds, Point

_RADIUS = 6
_TIP = 10
_HALF_TIP = 4


def edge(parent: Element, made: Edge, points: Sequence[Point], label: Bounds | None, *, is_return: bool) -> None:
    """An edge with its name; a return looks different."""
    group = parent.add("g", data_id=made.id, **({"class_": "return"} if is_return else {}))
    group.add("path", d=_path(points), class_="way")
    group.add("polygon", points=_tip(points[-2], points[-1]), class_="tip")
    if label is not None and made.name.strip():
        lettering.beside(group, made.name, label)


def _path(points: Sequence[Point]) -> str:
    """The line from border to the middle of the tip, with an arc at each corner."""
    steps = [f"M {points[0][0]} {points[0][1]}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(_RADIUS, math.dist(before, corner) / 2, math.dist(corner, after) / 2)
        start, end = _toward(corner, before, radius), _toward(corner, after, radius)
        steps.append(f"L {_pair(start)} Q {corner[0]} {corner[1]} {_pair(end)}")
    length = math.dist(points[-2], points[-1])
    steps.append(f"L {_pair(_toward(points[-1], points[-2], min(_TIP / 2, length / 2)))}")
    return " ".join(steps)


def _tip(before: Point, end: Point) -> str:
    """The corners of the arrow's head that ends in `end`."""
    base = _toward(end, before, _TIP)
    length = math.dist(before, end) or 1.0
    across = ((end[1] - before[1]) / length * _HALF_TIP, (before[0] - end[0]) / length * _HALF_TIP)
    left, right = (base[0] + across[0], base[1] + across[1]), (base[0] - across[0], base[1] - across[1])
    return f"{end[0]},{end[1]} {_pair(left, ',')} {_pair(right, ',')}"


def _toward(start: Point, goal: Point, way: float) -> tuple[float, float]:
    """The point so many pixels from `start` on the line to `goal`."""
    length = math.dist(start, goal) or 1.0
    return start[0] + (goal[0] - start[0]) / length * way, start[1] + (goal[1] - start[1]) / length * way


def _pair(point: tuple[float, float], between: str = " ") -> str:
    """Two numbers with at most two decimals."""
    return between.join(f"{round(number, 2):g}" for number in point)
