"""Names as lines of text: centred in boxes, upright in heads, beside edges."""

from __future__ import annotations

from bpmn.drawing.svg import Element
from bpmn.layout import Bounds
from bpmn.layout.measure import LABEL_WIDTH, lines

_LEADING = 14
_BASELINE = 4
"""How far the baseline lies below the middle of a line."""


def inside(parent: Element, name: str, bounds: Bounds, padding: int = 7) -> None:
    """The name in the middle of a box, cut off with `…` where the box is too small for all its lines."""
    made = lines(name, max(bounds.width - 2 * padding, 20))
    room = max(1, (bounds.height - 8) // _LEADING)
    if len(made) > room:
        made = (*made[: room - 1], f"{made[room - 1].rstrip('.,; ')}…")
    _centred(parent, made, *bounds.center)


def above(parent: Element, name: str, bounds: Bounds) -> None:
    """The name at the upper border of a box that holds others, on one line."""
    made = lines(name, max(bounds.width - 20, 20))
    first = f"{made[0]}…" if len(made) > 1 else made[0]
    _centred(parent, (first,), bounds.center[0], bounds.y + 16)


def beside(parent: Element, name: str, label: Bounds) -> None:
    """The name of an edge, a gateway or an event, in the place kept for it."""
    made = lines(name, max(LABEL_WIDTH, label.width), 11)
    _centred(parent, made, *label.center, class_="beside")


def upright(parent: Element, name: str, head: Bounds) -> None:
    """The name of a pool or a lane, read from below; on two lines where one is too short for it."""
    made = lines(name, max(head.height - 10, 20))
    room = max(1, head.width // 13)
    if len(made) > room:
        made = (*made[: room - 1], f"{made[room - 1]}…")
    x, y = head.center
    turned = parent.add("g", transform=f"translate({x} {y}) rotate(-90)")
    _centred(turned, made, 0, 0)


def _centred(parent: Element, made: tuple[str, ...], x: int, y: int, **looks: str) -> None:
    first = y + _BASELINE - _LEADING * (len(made) - 1) // 2
    for place, line in enumerate(made):
        if line:
            parent.add("text", line, x=x, y=first + _LEADING * place, text_anchor="middle", **looks)
