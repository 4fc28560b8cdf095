"""What of an old drawing still holds for a revised flow: the places of what is still there and still where it was."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

from bpmn.flow import Edge, Flow, Node
from bpmn.layout import Bounds, Diagram, PartialDiagram, Point
from bpmn.layout.measure import named_outside, sizes


def kept(old: Flow, drawn: Diagram, flow: Flow) -> PartialDiagram:
    """The places of `drawn` that hold for `flow`; nothing where the lanes have changed their order."""
    order = [lane.id for lane in old.lanes if any(lane.id == one.id for one in flow.lanes)]
    if order != [lane.id for lane in flow.lanes if lane.id in order]:
        return PartialDiagram()
    nodes = _nodes(old, drawn, flow)
    ends = {edge.id: (edge.source, edge.target) for edge in old.edges}
    waypoints = {
        edge.id: drawn.waypoints[edge.id]
        for edge in flow.edges
        if ends.get(edge.id) == (edge.source, edge.target) and edge.source in nodes and edge.target in nodes
    }
    labels = {
        **_labels(old.nodes, flow.nodes, drawn, nodes),
        **_labels(old.edges, flow.edges, drawn, waypoints),
    }
    partial = PartialDiagram(drawn.pool, drawn.lanes, nodes, waypoints, labels)
    gone = [drawn.lanes[lane.id] for lane in old.lanes if lane.id not in order]
    for band in sorted(gone, key=lambda bounds: -bounds.y):
        partial = _without(partial, band)
    return partial


def _nodes(old: Flow, drawn: Diagram, flow: Flow) -> dict[str, Bounds]:
    """The places of the nodes that stayed in their lane and whose box is still large enough for their name.

    An event goes with the border it sits on.
    """
    before = {node.id: node for node in old.nodes}
    needed = sizes(flow, {})
    places = {
        node.id: drawn.nodes[node.id]
        for node in flow.nodes
        if node.id in before
        and before[node.id].lane == node.lane
        and _fits(before[node.id], node, drawn.nodes[node.id], needed[node.id])
    }
    lost = {node.id for node in flow.nodes if node.attached_to is not None and node.attached_to not in places}
    return {key: place for key, place in places.items() if key not in lost}


def _fits(before: Node, node: Node, bounds: Bounds, needed: tuple[int, int]) -> bool:
    return before.name == node.name or named_outside(node) or bounds.height >= needed[1]


def _labels(
    old: Sequence[Node] | Sequence[Edge], new: Sequence[Node] | Sequence[Edge], drawn: Diagram, placed: Container[str]
) -> dict[str, Bounds]:
    """The places of the names that are the same, beside what has kept its place."""
    names = {element.id: element.name for element in old}
    return {
        element.id: drawn.labels[element.id]
        for element in new
        if element.id in drawn.labels and names.get(element.id) == element.name and element.id in placed
    }


# -- lanes that are gone ----------------------------------------------------------------------------------------------


def _without(partial: PartialDiagram, band: Bounds) -> PartialDiagram:
    """The drawing closed up where a lane was; what had a place in the lane has none any more."""
    inside = {key for key, made in partial.nodes.items() if made.bottom > band.y and made.y < band.bottom}
    waypoints = {key: points for key, points in partial.waypoints.items() if not _turns_in(points, band)}
    pool = partial.pool
    return PartialDiagram(
        pool=None if pool is None else Bounds(pool.x, pool.y, pool.width, pool.height - band.height),
        lanes=_up({key: made for key, made in partial.lanes.items() if made != band}, band),
        nodes=_up({key: made for key, made in partial.nodes.items() if key not in inside}, band),
        waypoints={
            key: tuple((x, y - band.height * (y >= band.bottom)) for x, y in points)
            for key, points in waypoints.items()
        },
        labels=_up(
            {key: made for key, made in partial.labels.items() if made.bottom <= band.y or made.y >= band.bottom}, band
        ),
    )


def _turns_in(points: Iterable[Point], band: Bounds) -> bool:
    return any(band.y < y < band.bottom for _, y in points)


def _up(places: Mapping[str, Bounds], band: Bounds) -> dict[str, Bounds]:
    """Everything below the band, moved up by its height."""
    return {
        key: Bounds(made.x, made.y - band.height * (made.y >= band.bottom), made.width, made.height)
        for key, made in places.items()
    }
