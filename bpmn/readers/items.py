"""The items of the identity block's lists, and the numbers and bullets before them."""

from __future__ import annotations

import re

_BULLET = re.compile(r"[-•*\u2013·]\s*")
_NUMBER = re.compile(r"\(?\d{1,2}[.)]\s*|[a-z][.)]\s+")
_BARE_NUMBER = re.compile(r"(\d{1,2})\s+(?=\D)")


def marked(text: str, held: int) -> bool:
    """Whether a text begins with the mark of an item, in a list that holds so many items already."""
    return _end_of_mark(text, held) > 0


def items(text: str, held: int = 0) -> list[str]:
    """The items printed on one line ("1. A 2. B", "• A • B"), without their marks; none for a mere mark."""
    pieces = [piece.strip() for part in _numbered(text) for piece in part.split("•")]
    return [item for item in (piece[_end_of_mark(piece, held) :].strip() for piece in pieces) if item]


def _end_of_mark(text: str, held: int) -> int:
    bullet = _BULLET.match(text)
    start = bullet.end() if bullet else 0
    number = _NUMBER.match(text, start)
    if number:
        return number.end()
    bare = _BARE_NUMBER.match(text, start)
    # "8 Tahun 2021 tentang ..." is the rest of a line, unless the list has come to its eighth item.
    if bare and (bullet or int(bare[1]) == held + 1):
        return bare.end()
    return start


def _numbered(text: str) -> list[str]:
    """A text cut before "2.", "3.", ... if it begins with "1."."""
    parts: list[str] = []
    rest, number = text, 1
    while rest.startswith(f"{number}."):
        at = rest.find(f"{number + 1}. ", 1)
        while at > 0 and rest[at - 1].isdigit():
            at = rest.find(f"{number + 1}. ", at + 1)
        if at < 1:
            break
        parts.append(rest[:at])
        rest, number = rest[at:], number + 1
    return [*parts, rest]
