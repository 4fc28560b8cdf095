"""The whole drawing of a flow that has none: cells, ways, tracks and sizes put together."""

from __future__ import annotations

from collections.abc import Mapping

from bpmn.flow import Flow, Node
from bpmn.layout.axes import HEADER, MARGIN, ORIGIN, Column, Plan, Row, make_columns, make_rows, track_y
from bpmn.layout.choosing import choose
from bpmn.layout.diagram import Bounds, Diagram, PartialDiagram, Point
from bpmn.layout.grid import arrange
from bpmn.layout.labels import edge_labels, event_label, name_side, node_label
from bpmn.layout.measure import Boxes, event_width, named_outside, sizes
from bpmn.layout.routes import Side
from bpmn.layout.sheet import Sheet
from bpmn.layout.threading import simplified
from bpmn.layout.tracks import assign, gap_lines, in_line, out_line, slots
from bpmn.layout.weaving import tangled, weave

_MUCH = 6_000
"""Nodes times edges that lie on others, from which leading them another way takes longer than anybody waits."""


def place(flow: Flow, boxes: Boxes) -> Diagram:
    """The coordinates of everything in a flow without subprocesses, or with those of the sizes in `boxes`.

    No node overlaps another, every node lies in its lane, every edge runs horizontally and vertically from border to
    border and through no node, and no name covers a node or another name.
    """
    plan = _plan(flow, boxes)
    rows = make_rows(plan)
    columns = make_columns(plan)
    nodes = _nodes(plan, rows, columns)
    names = {
        node.id: event_label(node, nodes[node.id])
        if node.id in plan.grid.host
        else node_label(node, nodes[node.id], plan.name_sides[node.id])
        for node in flow.nodes
        if named_outside(node)
    }
    x, y = ORIGIN
    right = columns[max(columns)].right + MARGIN
    lanes = {
        lane.id: Bounds(x + HEADER, rows[index].top, right - x - HEADER, rows[index].bottom - rows[index].top)
        for index, lane in enumerate(flow.lanes)
    }
    pool = Bounds(x, y, right - x, rows[max(rows)].bottom - y)
    waypoints = _waypoints(plan, rows, columns, nodes)
    sheet = _untangled(flow, PartialDiagram(pool, lanes, nodes, waypoints, names))
    gap_after = {edge.id: columns[plan.grid.column[edge.source]].right for edge in flow.edges}
    labels = {**names, **edge_labels(flow.edges, sheet.waypoints, gap_after, nodes, names)}
    return Diagram(sheet.pool, sheet.lanes, nodes, {edge.id: sheet.waypoints[edge.id] for edge in flow.edges}, labels)


def _untangled(flow: Flow, drawn: PartialDiagram) -> Sheet:
    """The drawing with the edges that would lie on others led another way.

    Tracks and lines keep edges apart but for a few that swap rows between neighbouring columns.
    """
    sheet = Sheet(flow, drawn)
    again = tangled(flow, drawn.waypoints)
    if len(again) * len(flow.nodes) > _MUCH:
        return sheet
    for edge_id in again:
        sheet.forget(edge_id)
    return sheet if weave(sheet) else Sheet(flow, drawn)


def _plan(flow: Flow, boxes: Boxes) -> Plan:
    cells = arrange(flow)
    ways = choose(flow, cells)
    return Plan(
        flow=flow,
        sizes=sizes(flow, boxes),
        grid=cells,
        routes=ways,
        tracks=assign(ways, cells),
        lines=gap_lines(ways, cells),
        name_sides={node.id: name_side(node, ways) for node in flow.nodes if named_outside(node)},
    )


# -- nodes and edges --------------------------------------------------------------------------------------------------


def _nodes(plan: Plan, rows: Mapping[int, Row], columns: Mapping[int, Column]) -> dict[str, Bounds]:
    """Where every node lies; events on a border side by side on the lower one, the last at its right end."""
    host = plan.grid.host
    nodes = {node.id: _node_bounds(node, plan, rows, columns) for node in plan.flow.nodes if node.id not in host}
    right = {task: nodes[task].right - 10 for task in host.values()}
    for node in reversed([node for node in plan.flow.nodes if node.id in host]):
        task = host[node.id]
        right[task] -= event_width(node.name)
        width, height = plan.sizes[node.id]
        nodes[node.id] = Bounds(right[task], nodes[task].bottom - height // 2, width, height)
    return {node.id: nodes[node.id] for node in plan.flow.nodes}


def _node_bounds(node: Node, plan: Plan, rows: Mapping[int, Row], columns: Mapping[int, Column]) -> Bounds:
    width, height = plan.sizes[node.id]
    column, row = columns[plan.grid.column[node.id]], rows[plan.grid.row[node.id]]
    return Bounds((column.left + column.right - width) // 2, row.middle - height // 2, width, height)


def _waypoints(
    plan: Plan, rows: Mapping[int, Row], columns: Mapping[int, Column], nodes: Mapping[str, Bounds]
) -> dict[str, tuple[Point, ...]]:
    slot = slots(plan.routes, plan.grid, plan.tracks)
    kinds = {node.id: node.kind for node in plan.flow.nodes}
    made: dict[str, tuple[Point, ...]] = {}
    for edge_id, route in plan.routes.items():
        source, target = nodes[route.edge.source], nodes[route.edge.target]
        start = _end(source, kinds[route.edge.source], route.exit, slot.get((edge_id, "exit")))
        end = _end(target, kinds[route.edge.target], route.entry, slot.get((edge_id, "entry")))
        points = [start]
        if route.out_gap is not None:
            points.append((columns[route.out_gap].lines[out_line(route)], start[1]))
        if route.track is not None:
            y = track_y(rows[route.track.row], route.track, plan.tracks.index[edge_id])
            x = end[0] if route.in_gap is None else columns[route.in_gap].lines[in_line(route)]
            points += [(points[-1][0], y), (x, y)]
        elif route.exit is Side.RIGHT and route.entry is not Side.LEFT:
            points.append((end[0], start[1]))
        if route.entry is Side.LEFT:
            points.append((points[-1][0], end[1]))
        made[edge_id] = simplified([*points, end])
    return made


def _end(bounds: Bounds, kind: str, side: Side, slot: tuple[int, int] | None) -> Point:
    """The point on a side: its middle, or a slot of it on a box."""
    x, y = bounds.center
    if side in {Side.LEFT, Side.RIGHT}:
        return (bounds.x if side is Side.LEFT else bounds.right), y
    if slot is not None and not kind.endswith(("Gateway", "Event")):
        number, total = slot
        step = min(24, (bounds.width - 30) // max(1, total - 1))
        x += (2 * number - total + 1) * step // 2
    return x, (bounds.y if side is Side.TOP else bounds.bottom)
