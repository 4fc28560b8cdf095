"""Flow and coordinates -> SVG: the diagram as a picture for a page, a printer or a report.

Looks as bpmn-js draws it, with one thing of ours: a return is dashed and red, so that it is seen at a glance and still
told apart on a black-and-white printer. The same flow and coordinates give the same bytes.
"""

from __future__ import annotations

from bpmn.drawing.lines import edge
from bpmn.drawing.shapes import lane, node, pool
from bpmn.drawing.svg import Element
from bpmn.flow import Flow
from bpmn.layout import Bounds, Diagram
from bpmn.order import in_order, returns
from bpmn.wording import sentence

MARGIN = 20

FONT = "Arial, 'Liberation Sans', Helvetica, 'DejaVu Sans', sans-serif"

STYLE = f"""
text {{ font-family: {FONT}; font-size: 12px; fill: #1f2328; }}
.beside {{ font-size: 11px; paint-order: stroke; stroke: #fff; stroke-width: 3px; stroke-linejoin: round; }}
.lane, .pool {{ fill: #fff; stroke: #57606a; stroke-width: 1.2px; }}
.head {{ fill: #f6f8fa; stroke: #57606a; stroke-width: 1.2px; }}
.box {{ fill: #fff; stroke: #1f2328; stroke-width: 1.8px; }}
.end {{ stroke-width: 4px; }}
.call {{ stroke-width: 4px; }}
.beside-work {{ stroke-dasharray: 4 3; }}
.mark {{ fill: none; stroke: #1f2328; stroke-width: 1.3px; stroke-linecap: round; stroke-linejoin: round; }}
.sign {{ fill: #1f2328; stroke: none; }}
.way {{ fill: none; stroke: #1f2328; stroke-width: 1.5px; stroke-linejoin: round; }}
.return .way {{ stroke: #b42318; stroke-width: 1.8px; stroke-dasharray: 7 4; }}
.return text {{ fill: #b42318; font-style: italic; }}
.tip {{ fill: #1f2328; stroke: none; }}
.return .tip {{ fill: #b42318; }}
"""


def draw(flow: Flow, diagram: Diagram) -> bytes:
    """The picture as an SVG file in UTF-8, of the size that `size` says."""
    frame = _extent(diagram).grown(MARGIN)
    picture = Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        width=frame.width,
        height=frame.height,
        viewBox=f"{frame.x} {frame.y} {frame.width} {frame.height}",
        role="img",
        aria_labelledby="judul uraian",
        lang="id",
    )
    picture.add("title", flow.pool or flow.name, id="judul")
    picture.add("desc", _told(flow), id="uraian")
    picture.add("style", STYLE)
    picture.add("rect", x=frame.x, y=frame.y, width=frame.width, height=frame.height, fill="#fff")
    pool(picture, flow.pool, diagram.pool)
    for one in flow.lanes:
        lane(picture, one, diagram.lanes[one.id])
    for one_box in flow.nodes:
        if one_box.kind == "subProcess":
            node(picture, one_box, diagram.nodes[one_box.id], None)
    back = returns(flow)
    for one_way in sorted(flow.edges, key=lambda way: way.id in back):
        label = diagram.labels.get(one_way.id)
        edge(picture, one_way, diagram.waypoints[one_way.id], label, is_return=one_way.id in back)
    for one_node in sorted(flow.nodes, key=lambda made: made.attached_to is not None):
        if one_node.kind != "subProcess":
            node(picture, one_node, diagram.nodes[one_node.id], diagram.labels.get(one_node.id))
    return picture.written()


def size(diagram: Diagram) -> tuple[int, int]:
    """Width and height of the picture in pixels."""
    frame = _extent(diagram).grown(MARGIN)
    return frame.width, frame.height


def _extent(diagram: Diagram) -> Bounds:
    """What the drawing takes up, with what somebody put outside its pool."""
    everything = [diagram.pool, *diagram.lanes.values(), *diagram.nodes.values(), *diagram.labels.values()]
    points = [point for points in diagram.waypoints.values() for point in points]
    left = min([bounds.x for bounds in everything] + [x for x, _ in points])
    top = min([bounds.y for bounds in everything] + [y for _, y in points])
    right = max([bounds.right for bounds in everything] + [x for x, _ in points])
    bottom = max([bounds.bottom for bounds in everything] + [y for _, y in points])
    return Bounds(left, top, right - left, bottom - top)


def _told(flow: Flow) -> str:
    """The diagram in words, for who cannot see it: its lanes, its steps in order of work, its returns."""
    lanes = {one.id: one.name for one in flow.lanes}
    tasks = {one.id: one for one in flow.tasks()}
    steps = [tasks[found] for found in in_order(flow) if found in tasks]
    told = [
        sentence(
            "Diagram alur dengan %(lanes)s lajur (%(names)s) dan %(steps)s langkah.",
            lanes=len(flow.lanes),
            names=", ".join(lanes.values()),
            steps=len(steps),
        )
    ]
    told += [
        sentence("%(place)s. %(step)s (%(lane)s).", place=place, step=step.name, lane=lanes.get(step.lane or "", ""))
        for place, step in enumerate(steps, start=1)
    ]
    names = {one.id: one.name or one.id for one in flow.nodes}
    before = {way.target: names[way.source] for way in flow.edges}
    back = returns(flow)
    told += [
        sentence(
            "Pengembalian: dari “%(source)s” ke “%(target)s”.",
            source=before.get(way.source, "") if way.source not in tasks else names[way.source],
            target=names[way.target],
        )
        for way in flow.edges
        if way.id in back
    ]
    return " ".join(str(one) for one in told)
