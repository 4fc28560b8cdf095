"""A drawing that is being changed: room is made in it by moving everything right of a line, or below one, alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

from bpmn.flow import Flow
from bpmn.layout.axes import HEADER, MARGIN
from bpmn.layout.diagram import Bounds, PartialDiagram, Point


class Sheet:
    """The places of a partial diagram, to be changed and filled in. Whatever lies within `flow` is kept."""

    def __init__(self, flow: Flow, partial: PartialDiagram) -> None:
        self.flow = flow
        self.lanes = {lane.id: partial.lanes[lane.id] for lane in flow.lanes if lane.id in partial.lanes}
        self.nodes = {node.id: partial.nodes[node.id] for node in flow.nodes if node.id in partial.nodes}
        self.waypoints = {edge.id: partial.waypoints[edge.id] for edge in flow.edges if edge.id in partial.waypoints}
        named = [node.id for node in flow.nodes if node.name.strip()]
        named += [edge.id for edge in flow.edges if edge.name.strip()]
        self.labels = {found: partial.labels[found] for found in named if found in partial.labels}
        self.pool = partial.pool or self._frame()

    def _frame(self) -> Bounds:
        """A pool round everything there is, with room for its head."""
        bounds = [*self.lanes.values(), *(made.grown(MARGIN) for made in self.nodes.values())]
        left, top = min(one.x for one in bounds) - HEADER, min(one.y for one in bounds)
        return Bounds(left, top, max(one.right for one in bounds) - left, max(one.bottom for one in bounds) - top)

    # -- making room --------------------------------------------------------------------------------------------------

    def free_cut(self, wished: int) -> int:
        """The first x from `wished` on at which a line from top to bottom goes through no node."""
        cut = wished
        for bounds in sorted(self.nodes.values(), key=lambda made: made.x):
            if bounds.x < cut <= bounds.right:
                cut = bounds.right + 1
        return cut

    def widen(self, cut: int, by: int) -> None:
        """Move all that lies at `cut` or right of it to the right by as much; lanes and the pool grow."""
        self._move(lambda made: _moved_right(made, cut, by), lambda x, y: (x + by * (x >= cut), y))

    def heighten(self, cut: int, by: int) -> None:
        """Move all that lies at `cut` or below it down by as much; lanes and the pool that reach there grow."""
        self._move(lambda made: _moved_down(made, cut, by), lambda x, y: (x, y + by * (y >= cut)))

    def _move(self, bounds: Callable[[Bounds], Bounds], point: Callable[[int, int], Point]) -> None:
        grown = {key: bounds(made) for key, made in self.lanes.items()}
        self.lanes = grown
        self.pool = bounds(self.pool)
        self.nodes = {key: _same_size(bounds(made), made) for key, made in self.nodes.items()}
        self.labels = {key: _same_size(bounds(made), made) for key, made in self.labels.items()}
        self.waypoints = {key: tuple(point(*one) for one in points) for key, points in self.waypoints.items()}

    def reach_right(self, x: int) -> None:
        """Make pool and lanes wide enough for something that ends at `x`."""
        missing = x + MARGIN - self.pool.right
        if missing > 0:
            right = self.pool.right
            self.pool = Bounds(self.pool.x, self.pool.y, self.pool.width + missing, self.pool.height)
            self.lanes = {
                key: Bounds(made.x, made.y, made.width + missing * (made.right == right), made.height)
                for key, made in self.lanes.items()
            }

    def reach_down(self, by: int) -> None:
        """Make the pool, and the lanes at its lower border, higher."""
        bottom = self.pool.bottom
        self.pool = Bounds(self.pool.x, self.pool.y, self.pool.width, self.pool.height + by)
        self.lanes = {
            key: Bounds(made.x, made.y, made.width, made.height + by * (made.bottom == bottom))
            for key, made in self.lanes.items()
        }

    # -- what has lost its place --------------------------------------------------------------------------------------

    def loosen(self, added: Iterable[str]) -> None:
        """Forget the waypoints that no longer end on their nodes or go through an added one, and labels under one."""
        new = {key: self.nodes[key] for key in added}
        for edge in self.flow.edges:
            points = self.waypoints.get(edge.id)
            if points is not None and not self._holds(edge.source, edge.target, points, new.values()):
                self.forget(edge.id)
        for key, label in list(self.labels.items()):
            if any(label.overlaps(made) for made in new.values()):
                del self.labels[key]

    def forget(self, edge_id: str) -> None:
        """Forget how an edge runs and where its name stands."""
        self.waypoints.pop(edge_id, None)
        self.labels.pop(edge_id, None)

    def _holds(self, source: str, target: str, points: tuple[Point, ...], new: Iterable[Bounds]) -> bool:
        if source not in self.nodes or target not in self.nodes:
            return False
        ends = _on_border(self.nodes[source], points[0]) and _on_border(self.nodes[target], points[-1])
        return ends and not any(made.crossed(start, end) for start, end in pairwise(points) for made in new)

    def blocking(self, wished: Bounds, beside: int, above: int) -> list[Bounds]:
        """The nodes that lie where `wished` should, or closer to it than so many pixels, left to right."""
        size = wished.width + 2 * beside, wished.height + 2 * above
        claimed = Bounds(wished.x - beside, wished.y - above, *size)
        return sorted((made for made in self.nodes.values() if made.overlaps(claimed)), key=lambda made: made.x)


def _moved_right(bounds: Bounds, cut: int, by: int) -> Bounds:
    if bounds.x >= cut:
        return Bounds(bounds.x + by, bounds.y, bounds.width, bounds.height)
    return Bounds(bounds.x, bounds.y, bounds.width + by * (bounds.right >= cut), bounds.height)


def _moved_down(bounds: Bounds, cut: int, by: int) -> Bounds:
    if bounds.y >= cut:
        return Bounds(bounds.x, bounds.y + by, bounds.width, bounds.height)
    return Bounds(bounds.x, bounds.y, bounds.width, bounds.height + by * (bounds.bottom >= cut))


def _same_size(moved: Bounds, before: Bounds) -> Bounds:
    return Bounds(moved.x, moved.y, before.width, before.height)


def _on_border(bounds: Bounds, point: Point) -> bool:
    x, y = point
    across = bounds.x <= x <= bounds.right and y in {bounds.y, bounds.bottom}
    return across or (bounds.y <= y <= bounds.bottom and x in {bounds.x, bounds.right})
