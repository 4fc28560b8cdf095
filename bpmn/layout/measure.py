"""How much room a text takes in the modeler's font (Arial 12 in boxes, 11 beside lines), estimated."""

from __future__ import annotations

from functools import lru_cache

from bpmn.flow import Flow, Node

LABEL_WIDTH = 90
"""bpmn-js wraps the names beside edges, gateways and events at this width."""

_TASK_WIDTHS = (130, 150, 170)
_TASK_HEIGHTS = {1: 80, 2: 80, 3: 96}
_ICON = 48
"""Height that the icon in the upper left corner keeps free of centred text, above and below together."""
_PADDING = 14
_NARROW = frozenset(" .,:;'|!()[]/\\ijlftIr-")
_WIDE = frozenset("mwMW@%…")


def text_width(text: str, size: int = 12) -> int:
    """Width of one line in pixels; `size` is the font's."""
    units = sum(36 if char in _NARROW else 92 if char in _WIDE else 74 if char.isupper() else 58 for char in text)
    return -(-units * size // 100)


@lru_cache(maxsize=4096)
def wrapped(text: str, width: int, size: int = 12) -> tuple[int, int]:
    """Width of the widest line and number of lines of a text that wraps at words, and within words too long for it."""
    lines, current, widest = 0, 0, 0
    space = text_width(" ", size)
    for paragraph in text.split("\n"):
        lines, current = lines + 1, 0
        for word in paragraph.split():
            length = text_width(word, size)
            if current and current + space + length > width:
                lines, current = lines + 1, 0
            current = current + space + length if current else length
            while current > width:
                lines, current, widest = lines + 1, current - width, width
            widest = max(widest, current)
    return min(widest, width), lines


def label_size(name: str) -> tuple[int, int]:
    """Width and height of a name beside an edge, a gateway or an event."""
    width, lines = wrapped(name, LABEL_WIDTH, 11)
    return max(width + 4, 12) // 2 * 2, 14 * lines


def sizes(flow: Flow) -> dict[str, tuple[int, int]]:
    """Width and height of each node: the usual sizes of BPMN modelers, and boxes of one size that fits their labels."""
    boxes = [node.name for node in flow.nodes if not node.kind.endswith(("Gateway", "Event"))]
    width = next((width for width in _TASK_WIDTHS if _most_lines(boxes, width) <= 3), _TASK_WIDTHS[-1])
    usual = min(3, _most_lines(boxes, width))
    made: dict[str, tuple[int, int]] = {}
    for node in flow.nodes:
        if node.kind.endswith("Gateway"):
            made[node.id] = 50, 50
        elif node.kind.endswith("Event"):
            made[node.id] = 36, 36
        else:
            lines = max(usual, wrapped(node.name, width - _PADDING)[1])
            made[node.id] = width, _TASK_HEIGHTS.get(lines, 16 * lines + _ICON)
    return made


def _most_lines(names: list[str], width: int) -> int:
    return max((wrapped(name, width - _PADDING)[1] for name in names), default=1)


def named_outside(node: Node) -> bool:
    """Whether the node's name stands beside it and not inside."""
    return bool(node.name.strip()) and node.kind.endswith(("Gateway", "Event"))
