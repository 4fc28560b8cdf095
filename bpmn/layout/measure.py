"""How much room a text takes in the modeler's font (Arial 12 in boxes, 11 beside lines), estimated."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from bpmn.flow import Flow, Node

Boxes = Mapping[str, tuple[int, int]]
"""Width and height of the subprocesses whose inside is drawn."""

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
def lines(text: str, width: int, size: int = 12) -> tuple[str, ...]:
    """The lines of a text that wraps at words, and within words too long for a line of `width` pixels."""
    made: list[str] = []
    for paragraph in text.split("\n"):
        current = ""
        for word in paragraph.split():
            longer = f"{current} {word}" if current else word
            if text_width(longer, size) <= width:
                current = longer
                continue
            if current:
                made.append(current)
            *full, current = _pieces(word, width, size)
            made += full
        made.append(current)
    return tuple(made)


def _pieces(word: str, width: int, size: int) -> list[str]:
    """A word cut wherever it reaches the end of a line; the last piece may have room left."""
    pieces = [""]
    for char in word:
        if pieces[-1] and text_width(pieces[-1] + char, size) > width:
            pieces.append("")
        pieces[-1] += char
    return pieces


@lru_cache(maxsize=4096)
def wrapped(text: str, width: int, size: int = 12) -> tuple[int, int]:
    """Width of the widest line and number of lines of a text, wrapped as `lines` does."""
    made = lines(text, width, size)
    return min(max(text_width(line, size) for line in made), width), len(made)


def label_size(name: str) -> tuple[int, int]:
    """Width and height of a name beside an edge, a gateway or an event."""
    width, lines = wrapped(name, LABEL_WIDTH, 11)
    return max(width + 4, 12) // 2 * 2, 14 * lines


def sizes(flow: Flow, boxes: Boxes) -> dict[str, tuple[int, int]]:
    """Width and height of each node: the usual sizes of BPMN modelers, and boxes of one size that fits their labels.

    Subprocesses have that of `boxes`, if they are there.
    """
    names = [node.name for node in flow.nodes if not node.kind.endswith(("Gateway", "Event")) and node.id not in boxes]
    width = next((width for width in _TASK_WIDTHS if _most_lines(names, width) <= 3), _TASK_WIDTHS[-1])
    usual = min(3, _most_lines(names, width))
    made: dict[str, tuple[int, int]] = {}
    for node in flow.nodes:
        if node.kind.endswith("Gateway"):
            made[node.id] = 50, 50
        elif node.kind.endswith("Event"):
            made[node.id] = 36, 36
        elif node.id in boxes:
            made[node.id] = boxes[node.id]
        else:
            lines = max(usual, wrapped(node.name, width - _PADDING)[1])
            made[node.id] = width, _TASK_HEIGHTS.get(lines, 16 * lines + _ICON)
    for task, width in _borders(flow).items():
        made[task] = max(made[task][0], width), made[task][1]
    return made


def event_width(name: str) -> int:
    """Room along the border of a task for an event with its name, which stands right of the line that leaves it."""
    return 36 + 12 if not name.strip() else max(36 + 12, 18 + 6 + label_size(name)[0] + 8)


def _borders(flow: Flow) -> dict[str, int]:
    """The width that each task needs for the events on its lower border."""
    needed: dict[str, int] = {}
    for node in flow.nodes:
        if node.attached_to is not None:
            needed[node.attached_to] = needed.get(node.attached_to, 20) + event_width(node.name)
    return {task: (width + 1) // 2 * 2 for task, width in needed.items()}


def _most_lines(names: list[str], width: int) -> int:
    return max((wrapped(name, width - _PADDING)[1] for name in names), default=1)


def named_outside(node: Node) -> bool:
    """Whether the node's name stands beside it and not inside."""
    return bool(node.name.strip()) and node.kind.endswith(("Gateway", "Event"))
