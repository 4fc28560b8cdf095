"""A line of a document as cells, and a cell as plain text: HTML fragments and Markdown marks gone."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

# Bounded, and `<` cannot occur inside: linear on any input.
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>")
_BLOCK_TAG = re.compile(r"</?(?:p|li|ol|ul|br|div|tr|td|h[1-6])\b[^<>]{0,300}>", re.IGNORECASE)
_HEADING_MARK = re.compile(r"^\s*#{1,6}\s+")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_RULE = re.compile(r"^[\s:|-]*-[\s:|-]*$")


@dataclass(frozen=True, slots=True)
class Line:
    """One line (of a text) or row (of a sheet): its number, counted from 1, and its cells as they stand."""

    row: int
    cells: tuple[str, ...]

    @property
    def blank(self) -> bool:
        """Whether nothing is printed here."""
        return not any(clean(cell) for cell in self.cells)


def clean(cell: str) -> str:
    """A cell's text on one line: tags, entities, Markdown bold and heading marks and surplus white space removed."""
    if "<" in cell:
        cell = _TAG.sub(" ", cell)
    return _tidy(cell)


def paragraphs(cell: str) -> tuple[str, ...]:
    """A cell's text, one entry for each HTML block (`<p>`, `<li>`, `<br>`), each cleaned; empty blocks left out."""
    if "<" not in cell:
        text = _tidy(cell)
        return (text,) if text else ()
    parts = (_tidy(_TAG.sub(" ", part)) for part in _BLOCK_TAG.split(cell))
    return tuple(part for part in parts if part)


def split_line(row: int, text: str) -> Line:
    """A line of text at its tabs, or, if it is a row of a Markdown table, at its pipes."""
    if "\t" in text:
        return Line(row, tuple(text.split("\t")))
    if text.count("|") >= 3 and "<" not in text:
        if _RULE.match(text):
            return Line(row, ("",))
        return Line(row, tuple(text.strip().removeprefix("|").removesuffix("|").split("|")))
    return Line(row, (text,))


def _tidy(text: str) -> str:
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = text.translate(_INVISIBLE)
    if "#" in text:
        text = _HEADING_MARK.sub("", text)
    return " ".join(text.replace("**", "").split())
