"""The things that a KELENGKAPAN or OUTPUT cell lists: "Konsep surat, KTP dan kartu keluarga", and which are the same.

A cell is written for people: numbered, with dashes, commas, semicolons, a line each, or as one phrase. It is cut only
where that is clear; what is in doubt stays together, as the office wrote it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

MOST = 30
"""Things of a cell; one that lists more is no list but a text, and stays whole."""

_BULLET = r"[-\u2013\u2014\u2022\u00b7*]"
_MARKED = re.compile(
    rf"\s*(?:{_BULLET}+\s+|{_BULLET}+(?=[^\W\d_])|\(?(?:\d{{1,2}}[.)]+(?=\s|[^\W\d_])|[a-z](?:\)|\.(?=\s)))\s*)"
)
"""What a line of a list begins with."""
_NUMBER = re.compile(r"(?<![^\s,;(])\(?(?:(?P<number>\d{1,2})[.)]+(?=\s|[^\W\d_])|(?P<letter>[a-z])(?:\)|\.(?=\s)))\s*")
_INLINE_BULLET = re.compile(rf"(?:^|\s){_BULLET}+\s+")
_UNFINISHED = re.compile(r"(?:[,/&(-]|\b(?:dan|atau|serta|dari|untuk|yang|tentang|dengan|di|ke))\s*$", re.IGNORECASE)
_COMMA = re.compile(r",(?!\d)|(?<!\d),")
_LED_ON = re.compile(
    r"(?:yang|telah|sudah|untuk|dari|pada|oleh|dengan|sebagai|beserta|atau"
    r"|di(?!sposisi|spensasi|siplin|stribusi|nas|klat|gital|rektur|ktum)\w{3,}"
    r"|me(?!terai|dia|mo\b|nu\b|sin|ja\b|tode|kanisme|rek\b|dis)\w{3,})\b",
    re.IGNORECASE,
)
"""Begins what is said about the thing before: "Konsep, yang sudah diparaf", "Surat yang diperiksa, diparaf"."""
_AND = re.compile(r"(?:dan|serta)\s+", re.IGNORECASE)
_UNIT = re.compile(r"\b(?:ka\s?sub|sub\s?bag|kasi\b|kepala\b|bidang\b|bagian\b|seksi\b)[^,]*$", re.IGNORECASE)
_MORE_OF_IT = re.compile(r"[^,]*(?:\bdan\b|&)", re.IGNORECASE)
"""Before and behind a comma that may stand inside of a unit's name: "Kasubbag Perencanaan, Keuangan dan Aset"."""
_DRAFT = frozenset({"konsep", "draf", "draft"})


def items(text: str) -> tuple[str, ...]:
    """The things a cell lists, in its order and its words, each once; none where it is empty or a mere dash."""
    parts = [part for line in _lines(text) for piece in line.split(";") for part in _listed(piece)]
    found = _once(_tidy(part) for part in parts)
    return found if len(found) <= MOST else _once([_tidy(" ".join(text.split()))])


def key(title: str) -> str:
    """What two titles of the same thing have in common: "Draft Surat ." and "konsep  surat" are one."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", title).casefold())
    return " ".join("konsep" if word in _DRAFT else word for word in words)


def _lines(text: str) -> list[str]:
    """The lines of a cell, marks taken off, those put together that only were too long for its width."""
    found: list[str] = []
    marked = False
    for line in text.splitlines():
        mark = _MARKED.match(line)
        begins = mark is not None
        rest = line[mark.end() :] if mark else line
        broken = found and not begins and (marked or _UNFINISHED.search(found[-1]) or rest.strip()[:1].islower())
        if broken:
            found[-1] += f" {rest.strip()}"
        else:
            # A number at the beginning of a single line is looked at together with those that follow in it.
            found.append(line if begins and "\n" not in text.strip() else rest)
        marked = marked or begins
    return found


def _listed(text: str) -> Sequence[str]:
    """What a line lists: numbered, behind dashes, or between commas."""
    return _numbered(text) or _dashed(text) or _enumerated(text)


def _numbered(text: str) -> Sequence[str]:
    """What stands behind 1., 2., 3. or a., b., c.; nothing where the line does not begin with the first of them."""
    starts: list[re.Match[str]] = []
    for found in _NUMBER.finditer(text):
        place = int(found["number"]) if found["number"] else ord(found["letter"]) - ord("a") + 1
        kind = "number" if found["number"] else "letter"
        if place == len(starts) + 1 and (not starts or starts[0][kind]):
            starts.append(found)
    if not starts or text[: starts[0].start()].strip():
        return ()
    ends = [found.start() for found in starts[1:]] + [len(text)]
    return [text[found.end() : end] for found, end in zip(starts, ends, strict=True)]


def _dashed(text: str) -> Sequence[str]:
    first = _INLINE_BULLET.match(text)
    return _INLINE_BULLET.split(text)[1:] if first else ()


def _enumerated(text: str) -> Sequence[str]:
    """What stands between commas outside of brackets, unless a comma only divides a phrase."""
    parts: list[str] = []
    place = 0
    for comma in _COMMA.finditer(text):
        before = text[place : comma.start()]
        after = text[comma.end() :].lstrip()
        in_name = _UNIT.search(before) and _MORE_OF_IT.match(after)
        if before.count("(") > before.count(")") or in_name or _LED_ON.match(after):
            continue
        parts.append(before)
        place = comma.end() + (_led_by_and(text, comma.end()))
    return [*parts, text[place:]]


def _led_by_and(text: str, place: int) -> int:
    """Characters of the "dan" before the last of a list."""
    found = re.compile(rf"\s*{_AND.pattern}", re.IGNORECASE).match(text, place)
    return found.end() - place if found else 0


def _tidy(part: str) -> str:
    """A thing without the signs around it: "RKT ." is "RKT"."""
    text = " ".join(part.split()).lstrip(".,;:-\u2013\u2014\u2022\u00b7* ").rstrip(".,;:-\u2013\u2014\u2022\u00b7* ")
    return text if any(character.isalnum() for character in text) else ""


def _once(parts: Iterator[str] | Sequence[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for part in parts:
        if part:
            found.setdefault(key(part), part)
    return tuple(found.values())
