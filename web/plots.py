"""Small plots as SVG that needs no script and no inline style: columns and lines by month, lying bars with a standard.

One unit of a drawing is one pixel, so that its words are as large as those of the page; what is wider than a phone is
pushed along. The figures are written beside their shapes, and the table next to a plot says the same. Shapes carry
classes, which `styles/statistics.css` gives colours of the page, and on paper patterns of black.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup

HEIGHT, TOP, BOTTOM = 170, 24, 24
"""Of a plot by month; above its shapes is room for a figure, below them for the names of the months."""

PLACE = 48
"""A month is that wide at least."""

CHARACTER = 7
"""About how wide a character of a label is; and a label is about twice as tall."""

GAP = 6
"""Between two months, and on either side of a label."""

BAR = 200, 16
"""Of a lying bar, which grows with its cell."""

Point = tuple[float, float]


class Month(NamedTuple):
    """What stands below it, and for each of the series its figure and how that is written; None is not drawn."""

    label: str
    values: Sequence[float | None]
    texts: Sequence[str]


class Series(NamedTuple):
    """What is counted, and the class of its shapes."""

    name: str
    css: str


def columns(title: str, months: Sequence[Month], series: Sequence[Series]) -> Markup:
    """Columns side by side in each month, each with its figure above it."""
    label = max((len(text) for month in months for text in month.texts), default=0) * CHARACTER
    place = max(PLACE, len(series) * (label + 2) + 2 * GAP)
    wide = (place - 2 * GAP) / max(1, len(series))
    parts = []
    for number, month in enumerate(months):
        for turn, value in enumerate(month.values):
            if value is not None:
                x, y = number * place + GAP + turn * wide, _height(value, months)
                parts.append(_rect(x, y, wide - 2, HEIGHT - BOTTOM - y, series[turn].css))
                parts.append(_text(x + wide / 2 - 1, y - 5, month.texts[turn], "plot-figure"))
    return _drawing(title, parts, months, place)


def lines(title: str, months: Sequence[Month], series: Sequence[Series]) -> Markup:
    """A line for each of the series, broken where it has no figure; the figures at its points."""
    label = max((len(text) for month in months for text in month.texts), default=0) * CHARACTER
    place = max(PLACE, label + 2 * GAP)
    parts: list[Markup] = []
    figures: list[Markup] = []
    for turn, one in enumerate(series):
        points = [
            None if (value := month.values[turn]) is None else ((number + 0.5) * place, _height(value, months))
            for number, month in enumerate(months)
        ]
        for before, after in pairwise(points):
            if before and after:
                parts.append(_segment(before, after, one.css))
        for point, month in zip(points, months, strict=True):
            if point:
                parts.append(_circle(point, one.css))
                beside = 2 * CHARACTER + 3 if _crowded(month, turn, months) else -9
                figures.append(_text(point[0], point[1] + beside, month.texts[turn], "plot-figure"))
    return _drawing(title, [*parts, *figures], months, place)


def bar(parts: Sequence[tuple[float, str]], most: float, standard: float | None = None) -> Markup:
    """Lying bars one behind the other, each with its class, together as long as their share of `most`.

    A mark shows where the standard is.
    """
    wide, tall = BAR
    shapes, begin = [], 0.0
    for value, css in parts:
        length = wide * min(1.0, value / most) if most else 0.0
        shapes.append(_rect(begin, 3, length, tall - 6, css))
        begin += length
    if standard is not None and most:
        x = min(max(wide * standard / most, 1), wide - 1)
        shapes.append(Markup('<path class="plot-standard" d="M{:.1f} 0V{}"/>').format(x, tall))
    return Markup(
        '<svg class="plot-bar" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        "{}</svg>"
    ).format(wide, tall, Markup("").join(shapes))


def _height(value: float, months: Sequence[Month]) -> float:
    """Where a figure is, from above."""
    top = max((other or 0 for month in months for other in month.values), default=0)
    return HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * value / top if top else 0)


def _crowded(month: Month, turn: int, months: Sequence[Month]) -> bool:
    """Whether a label goes below its point: another point is so near above it that theirs would lie on each other."""
    mine = _height(month.values[turn] or 0, months)
    others = [_height(value, months) for place, value in enumerate(month.values) if value is not None and place != turn]
    low = mine + 3 * CHARACTER < HEIGHT - BOTTOM
    return low and any(mine - 5 * CHARACTER < other <= mine for other in others)


def _segment(start: Point, end: Point, css: str) -> Markup:
    return Markup('<path class="{} plot-path" d="M{:.1f} {:.1f}L{:.1f} {:.1f}"/>').format(css, *start, *end)


def _circle(point: Point, css: str) -> Markup:
    return Markup('<circle class="{} plot-point" cx="{:.1f}" cy="{:.1f}" r="4"/>').format(css, *point)


def _rect(x: float, y: float, width: float, height: float, css: str) -> Markup:
    return Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
        css, x, y, max(width, 0), max(height, 0)
    )


def _text(x: float, y: float, text: str, css: str) -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>').format(css, x, y, text)


def _drawing(title: str, parts: Sequence[Markup], months: Sequence[Month], place: float) -> Markup:
    """The plot with its base line and the names of the months."""
    width = max(1, len(months)) * place
    names = [_text((n + 0.5) * place, HEIGHT - 7, month.label, "plot-month") for n, month in enumerate(months)]
    base = Markup('<path class="plot-base" d="M0 {0}H{1:.0f}"/>').format(HEIGHT - BOTTOM, width)
    return Markup(
        '<svg class="plot" role="img" aria-label="{}" width="{:.0f}" height="{}" viewBox="0 0 {:.0f} {}">{}</svg>'
    ).format(title, width, HEIGHT, width, HEIGHT, Markup("").join([base, *parts, *names]))
