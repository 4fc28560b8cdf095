"""The names of arrows ("Setuju", "Dikembalikan"), each where it hides the least."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from bpmn.layout import measure
from bpmn.printed.ink import Anchor, Point, Words
from bpmn.printed.routes import Place, Wanted

SIZE = 6.5
_LEADING = 7.0
_WIDEST = 60

_OUTSIDE, _ON_SYMBOL, _ON_LINE, _FURTHER = 50.0, 8.0, 0.6, 4.0
"""What it costs to stand outside the lanes, on a symbol or another name, on an arrow; one stretch further on."""


class _Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def shared(self, other: _Box) -> float:
        """How far two boxes overlap, across the narrower way."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, min(across, down)) if across > 0 and down > 0 else 0.0


def answers(ways: Mapping[Wanted, Sequence[Point]], places: Sequence[Place], left: float, right: float) -> list[Words]:
    """The words of all names, within the lanes that reach from `left` to `right` if they can be."""
    solid = [_Box(p.x - p.half_width, p.y - p.half_height, p.x + p.half_width, p.y + p.half_height) for p in places]
    lines = [_stretch(*ends) for points in ways.values() for ends in pairwise(points)]
    made: list[Words] = []
    for way, points in ways.items():
        if way.name:
            rows = measure.lines(way.name, _WIDEST, 7)
            width = max(measure.text_width(row, 6) for row in rows) + 2
            own = {_stretch(*ends) for ends in pairwise(points)}
            others = [line for line in lines if line not in own]

            def cost(choice: tuple[float, _Box], others: Sequence[_Box] = others) -> float:
                price, box = choice
                price += _OUTSIDE * (box.left < left or box.right > right)
                price += _ON_SYMBOL * sum(box.shared(one) for one in solid)
                return price + _ON_LINE * sum(box.shared(line) > 0 for line in others) * 10

            _, best = min(_choices(points, width, len(rows) * _LEADING), key=cost)
            solid.append(best)
            for index, row in enumerate(rows):
                at = best.top + (index + 1) * _LEADING - 1.5
                made.append(Words((best.left + best.right) / 2, at, row, SIZE, anchor=Anchor.MIDDLE, backed=True))
    return made


def _stretch(one: Point, other: Point) -> _Box:
    left, right = sorted((one[0], other[0]))
    top, bottom = sorted((one[1], other[1]))
    return _Box(left - 0.4, top - 0.4, right + 0.4, bottom + 0.4)


def _choices(points: Sequence[Point], width: float, height: float) -> Iterator[tuple[float, _Box]]:
    """Places beside the stretches of a way, each with what speaks against it: the later, the worse."""
    for index, ((x, y), (to_x, to_y)) in enumerate(pairwise(points)):
        price = index * _FURTHER
        if y == to_y:
            starts = (x + 1, x - width - 1) if to_x > x else (x - width - 1, x + 1)
            middle = (x + to_x - width) / 2
            for extra, left in ((0.0, starts[0]), (1.0, middle)):
                yield price + extra, _Box(left, y - height - 0.5, left + width, y - 0.5)
                yield price + extra + 1, _Box(left, y + 1, left + width, y + height + 1)
        else:
            top = y + 1 if to_y > y else y - height - 1
            for extra, start in ((0.0, top), (1.0, (y + to_y - height) / 2)):
                yield price + extra, _Box(x + 1.5, start, x + width + 1.5, start + height)
                yield price + extra + 0.5, _Box(x - width - 1.5, start, x - 1.5, start + height)
