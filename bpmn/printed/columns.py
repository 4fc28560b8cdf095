"""The columns of the flowchart table, and how many lines each text takes in them."""

from __future__ import annotations

from dataclasses import dataclass

from bpmn.layout import measure
from bpmn.printed.rows import Row

SIZE = 8
"""Points of the font in cells."""

LEADING = 9.6
PADDING = 3.5

_NO, _WAITS = 24.0, 50.0
_QUALITY, _QUALITY_NARROW = 92.0, 66.0
_REMARK, _REMARK_EMPTY = 66.0, 30.0
_LANE, _LANE_NARROW = 92.0, 34.0
_LANE_COMFORTABLE = 62.0
"""Below this the mutu baku give way."""

_TEXT = 160.0
"""What the text of a step should have, if the lanes leave it."""

_TEXT_LEAST = 84.0

TEXTS = ("no", "text", "kelengkapan", "waktu", "output", "keterangan")
"""The cells of a row that hold words."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Left and right border of each column, in points from the left of the page; `lanes` from left to right."""

    no: tuple[float, float]
    text: tuple[float, float]
    lanes: tuple[tuple[float, float], ...]
    kelengkapan: tuple[float, float]
    waktu: tuple[float, float]
    output: tuple[float, float]
    keterangan: tuple[float, float]

    @property
    def left(self) -> float:
        """Left border of the table."""
        return self.no[0]

    @property
    def right(self) -> float:
        """Right border of the table."""
        return self.keterangan[1]

    def borders(self) -> tuple[float, ...]:
        """Every vertical line of the table."""
        inner = (self.text[0], *(lane[0] for lane in self.lanes), self.kelengkapan[0], self.waktu[0], self.output[0])
        return (self.left, *inner, self.keterangan[0], self.right)

    def lines(self, row: Row) -> dict[str, tuple[str, ...]]:
        """The words of a row, by the name of the cell, in lines that fit."""
        made = {}
        for name in TEXTS:
            left, right = getattr(self, name)
            made[name] = fitted(getattr(row, name), right - left)
        return made


def columns(rows: tuple[Row, ...], lanes: int, left: float, right: float) -> Columns:
    """The columns for so many lanes; the more there are, the narrower lanes, mutu baku and at last the texts."""
    remark = _REMARK if any(row.keterangan for row in rows) else _REMARK_EMPTY
    quality = _QUALITY
    rest = right - left - _NO - _WAITS - remark - 2 * quality
    if rest - _TEXT < lanes * _LANE_COMFORTABLE:
        quality = _QUALITY_NARROW
        rest = right - left - _NO - _WAITS - remark - 2 * quality
    lane = max(_LANE_NARROW, min(_LANE, (rest - _TEXT) / max(1, lanes)))
    lane = min(lane, (rest - _TEXT_LEAST) / max(1, lanes))
    at = left

    def next_column(width: float) -> tuple[float, float]:
        nonlocal at
        at += width
        return at - width, at

    return Columns(
        no=next_column(_NO),
        text=next_column(rest - lanes * lane),
        lanes=tuple(next_column(lane) for _ in range(lanes)),
        kelengkapan=next_column(quality),
        waktu=next_column(_WAITS),
        output=next_column(quality),
        keterangan=next_column(remark),
    )


def fitted(text: str, width: float, size: int = SIZE) -> tuple[str, ...]:
    """The lines of a text in a cell of that width; none for an empty one."""
    return measure.lines(text.strip(), int(width - 2 * PADDING), size) if text.strip() else ()
