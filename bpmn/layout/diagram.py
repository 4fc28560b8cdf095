"""The coordinates of a diagram, in pixels, x to the right and y down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Point = tuple[int, int]
Line = tuple[Point, Point]


@dataclass(frozen=True, slots=True)
class Bounds:
    """A rectangle by its upper left corner and its size."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """X of the right border."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """Y of the lower border."""
        return self.y + self.height

    @property
    def center(self) -> Point:
        """The middle."""
        return self.x + self.width // 2, self.y + self.height // 2

    def overlaps(self, other: Bounds) -> bool:
        """Whether the two share an area; touching borders do not count."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def holds(self, other: Bounds) -> bool:
        """Whether the other lies inside, borders included."""
        return self.x <= other.x and self.y <= other.y and other.right <= self.right and other.bottom <= self.bottom

    def crossed(self, start: Point, end: Point) -> bool:
        """Whether a horizontal or vertical line goes through the inside."""
        (x1, x2), (y1, y2) = sorted((start[0], end[0])), sorted((start[1], end[1]))
        return x1 < self.right and self.x < x2 and y1 < self.bottom and self.y < y2

    def grown(self, by: int) -> Bounds:
        """The same, larger by so many pixels on every side."""
        return Bounds(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)


@dataclass(frozen=True, slots=True)
class Diagram:
    """Where everything of a flow lies, by id. `labels` has the names written beside edges, gateways and events."""

    pool: Bounds
    lanes: Mapping[str, Bounds]
    nodes: Mapping[str, Bounds]
    waypoints: Mapping[str, tuple[Point, ...]]
    labels: Mapping[str, Bounds]


@dataclass(frozen=True, slots=True)
class PartialDiagram:
    """What is known of a diagram: ids that are missing have no place yet; `layout.complete` gives them one."""

    pool: Bounds | None = None
    lanes: Mapping[str, Bounds] = field(default_factory=dict)
    nodes: Mapping[str, Bounds] = field(default_factory=dict)
    waypoints: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    labels: Mapping[str, Bounds] = field(default_factory=dict)
