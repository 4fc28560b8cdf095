"""A drawing with something missing -> the whole drawing. What has a place keeps it, or makes room and no more.

A missing node is put after those that lead to it, in the middle of its lane; what stands right of there moves right by
one distance. Missing edges are threaded through what stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from statistics import median_low

from bpmn import graph
from bpmn.flow import Flow, Node
from bpmn.layout.axes import HEADER, MARGIN
from bpmn.layout.diagram import Bounds, Diagram, PartialDiagram
from bpmn.layout.labels import edge_labels, node_label
from bpmn.layout.measure import Boxes, label_size, named_outside, sizes
from bpmn.layout.placing import place
from bpmn.layout.routes import Side
from bpmn.layout.sheet import Sheet
from bpmn.layout.weaving import weave
from bpmn.order import in_order, onward

_GAP = 50
_NARROW = 36
"""Pixels between two nodes that are no reason to make room."""
_LANE_HEIGHT = 120
_PAD = 16
_MUCH = 6_000
"""Nodes times missing edges from which threading would take longer than anybody waits."""
_BORDER = 8
"""Pixels between the border of a lane and a node that is put into it."""


def complete(flow: Flow, partial: PartialDiagram, boxes: Boxes) -> Diagram:
    """The drawing of the flow with all that `partial` knows of it in its place; laid out anew if that is no help.

    Its subprocesses, if it has any, are boxes of the sizes in `boxes`.
    Whole drawings come back as they are. What is laid out here keeps what `place` keeps: no overlap, no edge through
    a node, every added node in its lane.
    """
    if not any(node.id in partial.nodes for node in flow.nodes):
        return place(flow, boxes)
    if flow.lanes and not any(lane.id in partial.lanes for lane in flow.lanes):
        return place(flow, boxes)
    if len(flow.nodes) * sum(edge.id not in partial.waypoints for edge in flow.edges) > _MUCH:
        return place(flow, boxes)
    sheet = Sheet(flow, partial)
    _add_lanes(sheet)
    added = _add_nodes(sheet, sizes(flow, boxes))
    sheet.loosen(added)
    if not weave(sheet):
        return place(flow, boxes)
    _add_labels(sheet)
    return Diagram(
        pool=sheet.pool,
        lanes=dict(sheet.lanes),
        nodes={node.id: sheet.nodes[node.id] for node in flow.nodes},
        waypoints={edge.id: sheet.waypoints[edge.id] for edge in flow.edges},
        labels=dict(sheet.labels),
    )


# -- lanes ------------------------------------------------------------------------------------------------------------


def _add_lanes(sheet: Sheet) -> None:
    """Put each missing lane below the one before it, or above the one after it."""
    order = [lane.id for lane in sheet.flow.lanes]
    for place_, lane in enumerate(order):
        if lane in sheet.lanes:
            continue
        known = next(sheet.lanes[one] for one in (*reversed(order[:place_]), *order) if one in sheet.lanes)
        top = known.bottom if place_ else known.y
        _open_lane(sheet, lane, Bounds(known.x, top, known.width, _LANE_HEIGHT))


def _open_lane(sheet: Sheet, lane: str, wished: Bounds) -> None:
    """Move all that lies below the new lane's upper border down by its height."""
    bottom = sheet.pool.bottom
    above = {key: made for key, made in sheet.lanes.items() if made.bottom <= wished.y}
    sheet.heighten(wished.y, wished.height)
    sheet.lanes.update(above)
    sheet.lanes[lane] = wished
    missing = max(bottom + wished.height, wished.bottom) - sheet.pool.bottom
    sheet.pool = Bounds(sheet.pool.x, sheet.pool.y, sheet.pool.width, sheet.pool.height + max(0, missing))


# -- nodes ------------------------------------------------------------------------------------------------------------


def _add_nodes(sheet: Sheet, usual: Boxes) -> list[str]:
    """Put each missing node after those that lead to it; ids of what was added."""
    flow = sheet.flow
    forward = onward(flow)
    backward = graph.reversed_graph(forward)
    added: list[str] = []
    for node_id in in_order(flow):
        if node_id in sheet.nodes:
            continue
        node = flow.node(node_id)
        if node.attached_to is not None and node.attached_to in sheet.nodes:
            sheet.nodes[node_id] = _attached(sheet, node.attached_to, usual[node_id])
        else:
            before = [source for source in backward[node_id] if source in sheet.nodes]
            after = [target for target in forward[node_id] if target in sheet.nodes]
            _insert(sheet, node, usual[node_id], before, after)
        added.append(node_id)
    return added


def _attached(sheet: Sheet, task: str, size: tuple[int, int]) -> Bounds:
    """A place on the lower border of a task, left of the events that sit there already."""
    host = sheet.nodes[task]
    others = [sheet.nodes[one.id].x for one in sheet.flow.nodes if one.attached_to == task and one.id in sheet.nodes]
    return Bounds(min([host.right, *others]) - size[0] - 10, host.bottom - size[1] // 2, *size)


def _insert(sheet: Sheet, node: Node, size: tuple[int, int], before: list[str], after: list[str]) -> None:
    """Put a node right of `before`; what stands in its way, and what it leads to, moves right."""
    width, height = size
    left = _left(sheet, before, after, width)
    top = _top(sheet, node, height)
    cut = sheet.free_cut(left - _GAP + 1)
    space = _space_after(sheet.flow, node.id)
    wished = Bounds(left, top, width, height)
    following = [sheet.nodes[target].x for target in after if sheet.nodes[target].x >= cut]
    if following and cut <= left and min(following) < wished.right + _NARROW:
        sheet.widen(cut, wished.right + space - min(following))
    while blocking := sheet.blocking(wished, _PAD, _BORDER):
        first = blocking[0]
        if first.x >= cut and cut <= wished.x:
            sheet.widen(cut, wished.right + space - first.x)
        else:
            wished = Bounds(first.right + _GAP, top, width, height)
            cut = sheet.free_cut(first.right + 1)
    sheet.nodes[node.id] = wished
    sheet.reach_right(wished.right + space - _GAP)


def _left(sheet: Sheet, before: Iterable[str], after: Iterable[str], width: int) -> int:
    """X where a node should begin: after all that lead to it, else before what it leads to, else at the end."""
    ends = [sheet.nodes[source].right + _space_after(sheet.flow, source) for source in before]
    if ends:
        return max(ends)
    starts = [sheet.nodes[target].x - _GAP - width for target in after]
    first = sheet.pool.x + 2 * HEADER + MARGIN
    if starts:
        return max(first, min(starts))
    return max([first, *(made.right + _GAP for made in sheet.nodes.values())])


def _space_after(flow: Flow, node_id: str) -> int:
    """Room right of a node: for the widest name of what leaves it."""
    named = [label_size(edge.name)[0] + 14 for edge in flow.outgoing(node_id) if edge.name.strip()]
    return max([_GAP, *named])


def _top(sheet: Sheet, node: Node, height: int) -> int:
    """Y of a node in its lane, on the line on which most of the others stand; the lane grows if it is too low."""
    bounds = sheet.lanes.get(node.lane or "")
    if bounds is None:
        middles = [made.center[1] for made in sheet.nodes.values()]
        return (median_low(middles) if middles else sheet.pool.center[1]) - height // 2
    others = {other.id for other in sheet.flow.nodes if other.lane == node.lane}
    if bounds.height < height + 2 * _BORDER:
        sheet.heighten(bounds.bottom, height + 2 * _BORDER - bounds.height)
        bounds = sheet.lanes[node.lane or ""]
    middles = [made.center[1] for key, made in sheet.nodes.items() if key in others and bounds.holds(made)]
    middle = median_low(middles) if middles else bounds.center[1]
    return max(bounds.y + _BORDER, min(middle - height // 2, bounds.bottom - _BORDER - height))


# -- names ------------------------------------------------------------------------------------------------------------


def _add_labels(sheet: Sheet) -> None:
    """Put the names that have no place: beside nodes where no line runs, then beside edges."""
    flow = sheet.flow
    lines = [line for points in sheet.waypoints.values() for line in pairwise(points)]
    for node in flow.nodes:
        if named_outside(node) and node.id not in sheet.labels:
            places = [
                node_label(node, sheet.nodes[node.id], side) for side in (Side.BOTTOM, Side.TOP, Side.RIGHT, Side.LEFT)
            ]
            taken = [*sheet.nodes.values(), *sheet.labels.values()]
            free = [one for one in places if not any(one.overlaps(other) for other in taken)]
            clear = [one for one in free if not any(one.crossed(*line) for line in lines)]
            sheet.labels[node.id] = (clear or free or places)[0]
    gap_after = {edge.id: sheet.nodes[edge.source].right for edge in flow.edges}
    sheet.labels.update(edge_labels(flow.edges, sheet.waypoints, gap_after, sheet.nodes, sheet.labels))
