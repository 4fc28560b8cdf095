"""Elements of an SVG file: attributes in the order given, every text escaped."""

from __future__ import annotations

import html

from bpmn import xml

Value = str | int


class Element:
    """An element that is being filled. `_` in the name of an attribute stands for `-`; `class_` is `class`."""

    def __init__(self, tag: str, text: str = "", /, **attributes: Value) -> None:
        self._tag = tag
        self._text = text
        self._attributes = attributes
        self._children: list[Element] = []

    def add(self, tag: str, text: str = "", /, **attributes: Value) -> Element:
        """A new last child, which is returned."""
        made = Element(tag, text, **attributes)
        self._children.append(made)
        return made

    def written(self) -> bytes:
        """The element as a file."""
        lines = ['<?xml version="1.0" encoding="UTF-8"?>', *self._lines("")]
        return ("\n".join(lines) + "\n").encode("utf-8", "replace")

    def _lines(self, indent: str) -> list[str]:
        attributes = "".join(
            f' {name.rstrip("_").replace("_", "-") if name != "viewBox" else name}="{_escaped(str(value))}"'
            for name, value in self._attributes.items()
        )
        start = f"{indent}<{self._tag}{attributes}"
        if not self._children:
            return [f"{start}>{_escaped(self._text)}</{self._tag}>" if self._text else f"{start}/>"]
        inner = [line for child in self._children for line in child._lines(f"{indent}  ")]
        return [f"{start}>", *inner, f"{indent}</{self._tag}>"]


def _escaped(text: str) -> str:
    return html.escape(xml.legal(text), quote=True)
