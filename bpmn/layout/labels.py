"""Where the names beside gateways, events and edges go: never on a box or on another name, and clear of lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count, pairwise

from bpmn.flow import Edge, Node
from bpmn.layout.diagram import Bounds, Point
from bpmn.layout.measure import label_size
from bpmn.layout.routes import Route, Side


def name_side(node: Node, routes: Mapping[str, Route]) -> Side:
    """TOP or BOTTOM where no edge ends; RIGHT, beside the upper corner, where edges end on both."""
    taken = {route.exit for route in routes.values() if route.edge.source == node.id}
    taken |= {route.entry for route in routes.values() if route.edge.target == node.id}
    wished = (Side.TOP, Side.BOTTOM) if node.kind.endswith("Gateway") else (Side.BOTTOM, Side.TOP)
    return next((side for side in wished if side not in taken), Side.RIGHT)


def node_label(node: Node, bounds: Bounds, side: Side) -> Bounds:
    """The place of the name of a gateway or an event."""
    width, height = label_size(node.name)
    middle = bounds.center[0]
    if side is Side.RIGHT:
        return Bounds(middle + 8, bounds.y - height - 4, width, height)
    y = bounds.y - height - 4 if side is Side.TOP else bounds.bottom + 4
    return Bounds(middle - width // 2, y, width, height)


def event_label(node: Node, bounds: Bounds) -> Bounds:
    """The place of the name of an event on the border of a task: right of the line that leaves it."""
    return Bounds(bounds.center[0] + 6, bounds.bottom + 3, *label_size(node.name))


def edge_labels(
    edges: Sequence[Edge],
    waypoints: Mapping[str, tuple[Point, ...]],
    gap_after: Mapping[str, int],
    nodes: Mapping[str, Bounds],
    names: Mapping[str, Bounds],
) -> dict[str, Bounds]:
    """The places of the names of edges, close to where they leave.

    `gap_after`: x where the source's gap begins. `names`: the names that have their place already, also of edges.
    """
    lines = [line for points in waypoints.values() for line in pairwise(points)]
    taken = [*nodes.values(), *names.values()]
    placed: dict[str, Bounds] = {}
    for edge in edges:
        if not edge.name.strip() or edge.id in names:
            continue
        size = label_size(edge.name)
        fallback: Bounds | None = None
        for place in _beside(waypoints[edge.id], size):
            if not any(place.overlaps(other) for other in taken):
                fallback = fallback or place
                if not any(place.crossed(*line) for line in lines):
                    placed[edge.id] = place
                    break
        else:
            start = waypoints[edge.id][0][1]
            placed[edge.id] = fallback or _in_gap(gap_after[edge.id], start, size, taken)
        taken.append(placed[edge.id])
    return placed


def _beside(points: tuple[Point, ...], size: tuple[int, int]) -> Iterator[Bounds]:
    """Places along the first two pieces of an edge, on both sides, from its beginning."""
    width, height = size
    for (x1, y1), (x2, y2) in list(pairwise(points))[:2]:
        step = 1 if (x2, y2) > (x1, y1) else -1
        if y1 == y2:
            for way in range(5, max(6, abs(x2 - x1) - width + 1), 12):
                x = x1 + way if step > 0 else x1 - way - width
                yield Bounds(x, y1 - height - 3, width, height)
                yield Bounds(x, y1 + 4, width, height)
        else:
            for way in range(4, max(5, abs(y2 - y1) - height + 1), 10):
                y = y1 + way if step > 0 else y1 - way - height
                yield Bounds(x1 + 5, y, width, height)
                yield Bounds(x1 - 5 - width, y, width, height)


def _in_gap(x: int, y: int, size: tuple[int, int], taken: Sequence[Bounds]) -> Bounds:
    """The first free place in the gap after the source, which is wide enough and holds no node."""
    for way in count():
        for place in (Bounds(x + 4, y - 3 - size[1] - 8 * way, *size), Bounds(x + 4, y + 4 + 8 * way, *size)):
            if not any(place.overlaps(other) for other in taken):
                return place
    raise AssertionError  # the gap has no end
