"""Edges that have no way yet, threaded one by one through a drawing that stands; and which ones lie on others."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from bpmn.flow import Flow
from bpmn.layout.axes import HEADER
from bpmn.layout.diagram import Bounds, Line, Point
from bpmn.layout.sheet import Sheet
from bpmn.layout.threading import ANYWHERE, DOWNWARD, SIDEWAYS_OR_UP, Drawn, End, thread
from bpmn.order import returns

_MORE = 40
"""Pixels by which the drawing grows where an edge finds no way."""


def weave(sheet: Sheet) -> bool:
    """Thread each missing edge, short ones first and returns last; False where one finds no way."""
    flow = sheet.flow
    back = returns(flow)

    def turn(edge_id: str, source: str, target: str) -> tuple[bool, int]:
        return edge_id in back, abs(sheet.nodes[source].x - sheet.nodes[target].x)

    missing = [edge for edge in flow.edges if edge.id not in sheet.waypoints]
    for edge in sorted(missing, key=lambda one: turn(one.id, one.source, one.target)):
        found = None
        for more in (0, _MORE):
            if more:
                sheet.reach_right(sheet.pool.right)
                sheet.reach_down(more)
            source, target = _end(sheet, edge.source, leaving=True), _end(sheet, edge.target, leaving=False)
            found = thread(source, target, _drawn(sheet))
            if found is not None:
                break
        if found is None:
            return False
        sheet.waypoints[edge.id] = found
    return True


def _end(sheet: Sheet, node_id: str, *, leaving: bool) -> End:
    """A node with the sides where edges may end: not on an event that sits on its border."""
    node = sheet.flow.node(node_id)
    directions = ANYWHERE
    if node.attached_to is not None and leaving:
        directions = DOWNWARD
    elif any(other.attached_to == node_id for other in sheet.flow.nodes):
        directions = SIDEWAYS_OR_UP
    return End(node_id, sheet.nodes[node_id], directions)


def _drawn(sheet: Sheet) -> Drawn:
    pool = sheet.pool
    head = HEADER * (2 if sheet.lanes else 1)
    ends = {edge.id: (edge.source, edge.target) for edge in sheet.flow.edges}
    return Drawn(
        area=Bounds(pool.x + head + 10, pool.y + 6, pool.width - head - 20, pool.height - 12),
        boxes=tuple(sheet.nodes.values()),
        labels=tuple(sheet.labels.values()),
        lines=tuple((line, *ends[key]) for key, points in sheet.waypoints.items() for line in pairwise(points)),
        borders=tuple(made.y for made in sheet.lanes.values()),
    )


def tangled(flow: Flow, waypoints: Mapping[str, tuple[Point, ...]]) -> list[str]:
    """Ids of edges without which no two lie on each other, but where they have a source or a target in common."""
    ends = {edge.id: (edge.source, edge.target) for edge in flow.edges}
    on_line: dict[tuple[int, int], list[tuple[int, int, str]]] = {}
    for edge_id, points in waypoints.items():
        for line in pairwise(points):
            key, span = _placed(line)
            on_line.setdefault(key, []).append((*span, edge_id))
    upon: dict[str, set[str]] = {}
    for spans in on_line.values():
        spans.sort()
        for place, (_, end, one) in enumerate(spans):
            for start, _, other in spans[place + 1 :]:
                if start >= end:
                    break
                if ends[one][0] != ends[other][0] and ends[one][1] != ends[other][1]:
                    upon.setdefault(one, set()).add(other)
                    upon.setdefault(other, set()).add(one)
    return _fewest(upon, [edge.id for edge in flow.edges])


def _placed(line: Line) -> tuple[tuple[int, int], tuple[int, int]]:
    """On what line a piece lies (axis and place), and from where to where."""
    (x1, y1), (x2, y2) = line
    return ((0, x1), (min(y1, y2), max(y1, y2))) if x1 == x2 else ((1, y1), (min(x1, x2), max(x1, x2)))


def _fewest(upon: Mapping[str, set[str]], order: list[str]) -> list[str]:
    """Few edges that leave no pair, the most entangled first."""
    left = {one: set(others) for one, others in upon.items()}
    found: list[str] = []
    while any(left.values()):
        worst = max(left, key=lambda one: (len(left[one]), order.index(one)))
        found.append(worst)
        for other in left.pop(worst):
            left[other].discard(worst)
    return found
