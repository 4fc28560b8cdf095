"""Pools, lanes and nodes as shapes."""

from __future__ import annotations

from bpmn.drawing import lettering
from bpmn.drawing.svg import Element
from bpmn.flow import MESSAGE, SIGNAL, TERMINATE, TIMER, Lane, Node
from bpmn.layout import Bounds
from bpmn.layout.axes import HEADER

_PERSON = (
    "M {x} {y} m -3.5 0 a 3.5 3.5 0 1 0 7 0 a 3.5 3.5 0 1 0 -7 0 "
    "m -3.5 12 v -2.5 c 0 -3.5 2.5 -5 5 -5 h 4 c 2.5 0 5 1.5 5 5 v 2.5 z"
)
_HAND = "M {x} {y} m -6 8 v -7 l 4 -4 h 7 v 2.5 h -4 m 0 0 h 6 v 2.5 h -6 m 0 0 h 5 v 2.5 h -5 m 0 0 h 4 v 3.5 z"


def pool(parent: Element, name: str, bounds: Bounds) -> None:
    """The frame with the name of office and SOP in its head."""
    group = parent.add("g")
    _rectangle(group, bounds, class_="pool")
    head = Bounds(bounds.x, bounds.y, HEADER, bounds.height)
    _rectangle(group, head, class_="head")
    lettering.upright(group, name, head)


def lane(parent: Element, made: Lane, bounds: Bounds) -> None:
    """A lane with the jabatan in its head."""
    group = parent.add("g", data_id=made.id)
    group.add("title", made.name)
    _rectangle(group, bounds, class_="lane")
    head = Bounds(bounds.x, bounds.y, HEADER, bounds.height)
    _rectangle(group, head, class_="head")
    lettering.upright(group, made.name, head)


def node(parent: Element, made: Node, bounds: Bounds, label: Bounds | None) -> None:
    """A node by its kind; whoever points at it reads the whole text of its row."""
    group = parent.add("g", data_id=made.id)
    told = "\n".join(part for part in (made.name, made.documentation) if part)
    if told:
        group.add("title", told)
    if made.kind.endswith("Gateway"):
        _gateway(group, made, bounds)
    elif made.kind.endswith("Event"):
        _event(group, made, bounds)
    elif made.kind == "subProcess":
        _rectangle(group, bounds, class_="box", rx=9)
        lettering.above(group, made.name, bounds)
    else:
        _task(group, made, bounds)
    if label is not None and made.name.strip():
        lettering.beside(group, made.name, label)


def _task(group: Element, made: Node, bounds: Bounds) -> None:
    _rectangle(group, bounds, class_="box call" if made.kind == "callActivity" else "box", rx=9)
    sign = {"userTask": _PERSON, "manualTask": _HAND}.get(made.kind)
    if sign is not None:
        group.add("path", d=sign.format(x=bounds.x + 15, y=bounds.y + 11), class_="mark")
    lettering.inside(group, made.name, bounds)
    x, y = bounds.center[0], bounds.bottom - 13
    if made.multi == "sequential":
        group.add("path", d="".join(f"M {x - 6} {y + 1 + 4 * bar} h 12 " for bar in range(3)).strip(), class_="mark")
    elif made.multi or "multiInstanceLoopCharacteristics" in made.markers:
        group.add("path", d="".join(f"M {x - 4 + 4 * bar} {y} v 10 " for bar in range(3)).strip(), class_="mark")


def _gateway(group: Element, made: Node, bounds: Bounds) -> None:
    x, y = bounds.center
    corners = f"{x},{bounds.y} {bounds.right},{y} {x},{bounds.bottom} {bounds.x},{y}"
    group.add("polygon", points=corners, class_="box")
    if made.kind == "exclusiveGateway":
        group.add("path", d=f"M {x - 8} {y - 8} l 16 16 m 0 -16 l -16 16", class_="mark", style="stroke-width: 3px")
    elif made.kind == "parallelGateway":
        group.add("path", d=f"M {x - 11} {y} h 22 m -11 -11 v 22", class_="mark", style="stroke-width: 3px")
    elif made.kind == "inclusiveGateway":
        group.add("circle", cx=x, cy=y, r=11, class_="mark", style="stroke-width: 2.5px")


def _event(group: Element, made: Node, bounds: Bounds) -> None:
    x, y = bounds.center
    radius = min(bounds.width, bounds.height) // 2
    looks = " beside-work" if not made.interrupting else ""
    group.add("circle", cx=x, cy=y, r=radius, class_=f"box end{looks}" if made.kind == "endEvent" else f"box{looks}")
    if made.kind in {"boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"}:
        group.add("circle", cx=x, cy=y, r=radius - 4, class_=f"mark{looks}")
    kind = made.event.kind if made.event is not None else ""
    if kind == TERMINATE:
        group.add("circle", cx=x, cy=y, r=max(radius - 7, 3), class_="sign")
    elif kind == TIMER:
        group.add("circle", cx=x, cy=y, r=max(radius - 8, 4), class_="mark")
        group.add("path", d=f"M {x} {y - 6} v 6 l 4 3", class_="mark")
    elif kind == MESSAGE:
        group.add("path", d=f"M {x - 8} {y - 5} h 16 v 11 h -16 z l 8 6 l 8 -6", class_="mark")
    elif kind == SIGNAL:
        group.add("path", d=f"M {x} {y - 8} l 8 13 h -16 z", class_="mark")


def _rectangle(group: Element, bounds: Bounds, **looks: str | int) -> None:
    group.add("rect", x=bounds.x, y=bounds.y, width=bounds.width, height=bounds.height, **looks)
