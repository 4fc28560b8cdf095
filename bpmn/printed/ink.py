"""What stands on a printed page, in points (1/72 inch) from its upper left corner: lines, areas, texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

Point = tuple[float, float]


class Anchor(StrEnum):
    """Which part of a text stands at its place."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points; `dashed` for a return, `tip` for an arrow's head at its end."""

    points: tuple[Point, ...]
    width: float = 0.7
    dashed: bool = False
    tip: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """A closed outline, white inside, or grey where it is a heading; `radius` rounds the corners of a rectangle."""

    points: tuple[Point, ...]
    width: float = 0.7
    grey: bool = False
    radius: float = 0


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; `y` is its baseline. `backed` hides the lines it stands on."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    anchor: Anchor = Anchor.START
    backed: bool = False


Mark = Stroke | Area | Words


@dataclass(slots=True)
class Page:
    """A sheet of paper that is being filled; what comes later lies on top."""

    width: float
    height: float
    marks: list[Mark] = field(default_factory=list)

    def line(self, *points: Point, width: float = 0.7) -> None:
        """A plain line."""
        self.marks.append(Stroke(points, width))

    def box(self, left: float, top: float, right: float, bottom: float, *, grey: bool = False) -> None:
        """A rectangle."""
        self.marks.append(Area(((left, top), (right, top), (right, bottom), (left, bottom)), grey=grey))

    def words(
        self, x: float, y: float, text: str, size: float, *, bold: bool = False, anchor: Anchor = Anchor.START
    ) -> None:
        """A line of text."""
        self.marks.append(Words(x, y, text, size, bold, anchor))
