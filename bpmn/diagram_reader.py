"""The drawing of a BPMN file from any modeler: BPMNDI to coordinates, in whole pixels.

Only what belongs to the flow is read. What is missing, or is no sane number, is left out: the file still runs, and
`layout.complete` finds a place for the rest. A pool that stands upright is left out as a whole, for lanes run across.
A subprocess that is drawn closed, with its inside on a sheet of its own, has no place: its inside needs one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TypeVar

from bpmn import layout, parser, xml
from bpmn.flow import Flow
from bpmn.layout import Bounds, Diagram, PartialDiagram, Point

MAX_COORDINATE = 100_000
"""Pixels. What lies farther out was drawn by no one."""

MAX_WAYPOINTS = 200
"""Of one edge."""

Found = TypeVar("Found")


def read(data: bytes, flow: Flow) -> PartialDiagram:
    """The coordinates that the file gives to what is in `flow`, which was parsed from it. Raises NotBpmn."""
    root = xml.read(data)
    shapes = _by_element(root, "bpmndi:BPMNShape")
    edges = _by_element(root, "bpmndi:BPMNEdge")
    pool = next((shapes[found] for found in _participants(root, flow) if found in shapes), None)
    if pool is not None and pool.get("isHorizontal") in {"false", "0"}:
        return PartialDiagram()
    lanes = {lane.id: shapes[lane.id] for lane in flow.lanes if lane.id in shapes}
    closed = _sheets(root) | {key for key, shape in shapes.items() if shape.get("isExpanded") in {"false", "0"}}
    closed &= {node.parent for node in flow.nodes if node.parent is not None}
    nodes = {node.id: shapes[node.id] for node in flow.nodes if node.id in shapes and node.id not in closed}
    lines = {edge.id: edges[edge.id] for edge in flow.edges if edge.id in edges}
    return PartialDiagram(
        pool=None if pool is None else _bounds(pool),
        lanes=_known({key: _bounds(shape) for key, shape in lanes.items()}),
        nodes=_known({key: _bounds(shape) for key, shape in nodes.items()}),
        waypoints=_known({key: _waypoints(line) for key, line in lines.items()}),
        labels=_known({key: _label(element) for key, element in {**nodes, **lines}.items()}),
    )


def drawn(data: bytes) -> tuple[Flow, Diagram]:
    """The process of a file and the whole of its drawing; what the file does not place is laid out. Raises NotBpmn."""
    flow = parser.parse(data)
    return flow, layout.complete(flow, read(data, flow))


def _known(found: Mapping[str, Found | None]) -> dict[str, Found]:
    return {key: value for key, value in found.items() if value is not None}


def _by_element(root: xml.Element, tag: str) -> dict[str, xml.Element]:
    """The shapes or edges by the id of what they draw; of several drawings the first."""
    found: dict[str, xml.Element] = {}
    for element in xml.descendants(root, tag):
        found.setdefault(element.get("bpmnElement", "").rpartition(":")[2], element)
    return found


def _sheets(root: xml.Element) -> set[str]:
    """Ids of what is drawn on a sheet of its own."""
    return {plane.get("bpmnElement", "").rpartition(":")[2] for plane in xml.descendants(root, "bpmndi:BPMNPlane")}


def _participants(root: xml.Element, flow: Flow) -> Iterator[str]:
    """Ids of the pools that show the process."""
    for participant in xml.descendants(root, "bpmn:participant"):
        if participant.get("processRef", "").rpartition(":")[2] == flow.process_id:
            yield participant.get("id", "")


def _label(element: xml.Element) -> Bounds | None:
    return next((_bounds(label) for label in xml.children(element, "bpmndi:BPMNLabel")), None)


def _bounds(element: xml.Element) -> Bounds | None:
    """The rectangle in whole pixels, its right and lower border rounded like its corner; None without an area."""
    for bounds in xml.children(element, "dc:Bounds"):
        x, y, width, height = (_number(bounds.get(key)) for key in ("x", "y", "width", "height"))
        if x is None or y is None or width is None or height is None:
            return None
        left, top = round(x), round(y)
        made = Bounds(left, top, round(x + width) - left, round(y + height) - top)
        return made if made.width > 0 and made.height > 0 else None
    return None


def _waypoints(element: xml.Element) -> tuple[Point, ...] | None:
    points: list[Point] = []
    for waypoint in xml.children(element, "di:waypoint"):
        x, y = _number(waypoint.get("x")), _number(waypoint.get("y"))
        if x is None or y is None or len(points) == MAX_WAYPOINTS:
            return None
        points.append((round(x), round(y)))
    return tuple(points) if len(points) > 1 else None


def _number(text: str | None) -> float | None:
    """A finite number of pixels on a sheet that people could look at, else None."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) <= MAX_COORDINATE else None
