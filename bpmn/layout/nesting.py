"""A flow with subprocesses: the inside of each is drawn by itself, and put as one box into what lies around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from bpmn.flow import Flow
from bpmn.layout import completing
from bpmn.layout.diagram import Bounds, Diagram, PartialDiagram, Point
from bpmn.layout.measure import text_width

_BESIDE = 30
_ABOVE = 40
"""Pixels between the border of a subprocess and what lies in it: above stands its name, below sit its events."""

Place = TypeVar("Place", Bounds, tuple[Point, ...])


@dataclass(frozen=True, slots=True)
class _Inside:
    """What lies in a subprocess, and the box it wants round it: where its drawer put it, if that holds all of it."""

    drawn: Diagram
    box: Bounds
    stays: bool


def place(flow: Flow) -> Diagram:
    """The coordinates of everything in a flow; the same flow gives the same coordinates.

    No node overlaps another, but a subprocess those in it; every node lies in its lane, or in its subprocess; every
    edge runs horizontally and vertically from border to border and through no node; and no name covers a node or
    another name.
    """
    return complete(flow, PartialDiagram())


def complete(flow: Flow, partial: PartialDiagram) -> Diagram:
    """The drawing of the flow with all that `partial` knows of it in its place; laid out anew if that is no help.

    Whole drawings come back as they are. What is laid out here keeps what `place` keeps. A subprocess that is too
    small for what lies in it, because it was drawn closed, is opened.
    """
    return _drawn(flow, None, partial)


def _drawn(flow: Flow, parent: str | None, partial: PartialDiagram) -> Diagram:
    """The drawing of the process, or of the inside of a subprocess."""
    ids = [node.id for node in flow.nodes if node.parent == parent]
    within = {node.parent for node in flow.nodes}
    insides = {
        node.id: _inside(_drawn(flow, node.id, partial), partial.nodes.get(node.id), node.name)
        for node in flow.nodes
        if node.parent == parent and node.id in within
    }
    scope = _scope(flow, parent, set(ids))
    opened = {key for key, inside in insides.items() if not inside.stays}
    moved = opened | {node.id for node in scope.nodes if node.attached_to in opened}
    known = {*ids, *(edge.id for edge in scope.edges)} - moved
    outer = completing.complete(
        scope,
        PartialDiagram(
            pool=partial.pool if parent is None else None,
            lanes=partial.lanes if parent is None else {},
            nodes=_only(partial.nodes, known),
            waypoints=_only(partial.waypoints, known),
            labels=_only(partial.labels, known),
        ),
        {key: (inside.box.width, inside.box.height) for key, inside in insides.items()},
    )
    for key, inside in insides.items():
        outer = _with(outer, inside, outer.nodes[key])
    return outer


def _scope(flow: Flow, parent: str | None, ids: set[str]) -> Flow:
    """The nodes right inside the process or a subprocess, with their edges; only the process has lanes and a name."""
    nodes = tuple(replace(node, parent=None) for node in flow.nodes if node.id in ids)
    edges = tuple(edge for edge in flow.edges if edge.source in ids)
    if parent is None:
        return replace(flow, nodes=nodes, edges=edges)
    nodes = tuple(replace(node, lane=None) for node in nodes)
    return replace(flow, name="", pool="", lanes=(), nodes=nodes, edges=edges)


def _inside(drawn: Diagram, box: Bounds | None, name: str) -> _Inside:
    if box is not None and all(box.holds(one) for one in drawn.nodes.values()):
        return _Inside(drawn, box, stays=True)
    corners = [(one.x, one.y) for one in (*drawn.nodes.values(), *drawn.labels.values())]
    corners += [(one.right, one.bottom) for one in (*drawn.nodes.values(), *drawn.labels.values())]
    corners += [point for points in drawn.waypoints.values() for point in points]
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    width, height = max(x for x, _ in corners) - left, max(y for _, y in corners) - top
    width = max(width + 2 * _BESIDE, min(text_width(name) + 20, 400))
    # Even, as all sizes are: so the middle is a pixel.
    box = Bounds(left - _BESIDE, top - _ABOVE, width + width % 2, height + 2 * _ABOVE + height % 2)
    return _Inside(drawn, box, stays=False)


def _with(outer: Diagram, inside: _Inside, box: Bounds) -> Diagram:
    """The drawing with what lies in one of its boxes."""
    x, y = box.x - inside.box.x, box.y - inside.box.y

    def shifted(bounds: Bounds) -> Bounds:
        return Bounds(bounds.x + x, bounds.y + y, bounds.width, bounds.height)

    def led(points: tuple[Point, ...]) -> tuple[Point, ...]:
        return tuple((one + x, other + y) for one, other in points)

    return Diagram(
        pool=outer.pool,
        lanes=outer.lanes,
        nodes={**outer.nodes, **_each(inside.drawn.nodes, shifted)},
        waypoints={**outer.waypoints, **_each(inside.drawn.waypoints, led)},
        labels={**outer.labels, **_each(inside.drawn.labels, shifted)},
    )


def _each(places: Mapping[str, Place], moved: Callable[[Place], Place]) -> dict[str, Place]:
    return {key: moved(one) for key, one in places.items()}


def _only(places: Mapping[str, Place], known: set[str]) -> dict[str, Place]:
    return {key: one for key, one in places.items() if key in known}
