"""Two versions of an SOP beside each other: in words, row by row of the official form, and as marks on their diagrams.

All three come from one `Difference`, so that none tells what another does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum

from sqlalchemy import ColumnElement, case, select
from sqlalchemy.orm import Session

from bpmn import describing, parser
from bpmn.comparing import Change, Difference, compare
from bpmn.flow import Flow
from bpmn.printed.rows import Row, rows
from bpmn.wording import Sentence
from engine import definitions, errors
from engine.offices import Actor
from engine.states import Right
from engine.tables import Definition, Draft, Version

LONG = 600
"""Words of a text beyond which it is marked as a whole: what differs in it is no longer looked for."""


class Kind(StrEnum):
    """What became of an element or a row."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A version of an SOP, or its draft, whose number and id are None; `since` it is published, or saved.

    `in_force` is the number of the version that new runs get; None where the SOP is retired, or not published yet.
    """

    number: int | None
    version_id: int | None
    xml: bytes
    since: datetime
    in_force: int | None


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, and whether the other version has it too."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of a row: `no`, `lane`, `text`, `kelengkapan`, `waktu`, `output` or `keterangan`."""

    field: str
    pieces: tuple[Piece, ...]

    @property
    def differs(self) -> bool:
        """Whether anything of it does."""
        return any(piece.differs for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Pair:
    """A row in both versions, or in one, the other then being (); `kinds` is empty where it is the same in both.

    `differing` are the fields that are not the same.
    """

    kinds: tuple[Kind, ...]
    old: tuple[Cell, ...]
    new: tuple[Cell, ...]
    differing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of an element of a diagram; `spoken` where it is worth words on the diagram too."""

    element: str
    kinds: tuple[Kind, ...]
    spoken: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that is different between two versions; `told` is empty only where nothing is."""

    old: Drawn
    new: Drawn
    told: tuple[Sentence, ...]
    pairs: tuple[Pair, ...]
    marks: tuple[tuple[Mark, ...], tuple[Mark, ...]]
    """On the old diagram, and on the new one."""


def drawn(session: Session, who: Actor, definition_id: int, number: int | None) -> Drawn:
    """A version by its number, or the draft for None. NotFound; the draft is for analysts."""
    definition = definitions.own(session, who, definition_id)
    if number is not None:
        return _published(session, who, Version.definition_id == definition_id, Version.number == number)
    who.require(Right.ANALYST)
    draft = session.get(Draft, definition_id)
    if draft is None:
        raise errors.NotFound
    return Drawn(None, None, draft.xml, draft.saved_at, None if definition.retired_at else definition.published)


def of_version(session: Session, who: Actor, version_id: int) -> Drawn:
    """A version of the person's office by its id; NotFound otherwise."""
    return _published(session, who, Version.id == version_id)


def _published(session: Session, who: Actor, *which: ColumnElement[bool]) -> Drawn:
    in_force = case((Definition.retired_at.is_(None), Definition.published))
    found = session.execute(
        select(Version.number, Version.id, Version.xml, Version.published_at, in_force)
        .join(Definition, Definition.id == Version.definition_id)
        .where(Definition.office_id == who.office_id, *which)
    ).one_or_none()
    if found is None:
        raise errors.NotFound
    return Drawn(*found)


def compared(session: Session, who: Actor, definition_id: int, old: int | None, new: int | None) -> Comparison:
    """Two versions by their numbers, None for the draft: an analyst's question. NotFound where one is not there."""
    who.require(Right.ANALYST)
    before, after = (drawn(session, who, definition_id, number) for number in (old, new))
    flows = parser.parse(before.xml), parser.parse(after.xml)
    difference = compare(*flows)
    return Comparison(
        before,
        after,
        describing.described(difference, *flows),
        tuple(_pairs(difference, *flows)),
        (_marks(difference, old=True), _marks(difference, old=False)),
    )


# -- on the diagrams --------------------------------------------------------------------------------------------------


def _marks(difference: Difference, *, old: bool) -> tuple[Mark, ...]:
    gone = (difference.removed, difference.lanes_removed) if old else (difference.added, difference.lanes_added)
    kind = Kind.REMOVED if old else Kind.ADDED
    ways = difference.edges_removed if old else difference.edges_added
    stayed = {**difference.nodes, **dict.fromkeys(difference.moved, ()), **dict.fromkeys(difference.lanes, ())}
    return (
        *(Mark(element, (kind,), spoken=True) for part in gone for element in part),
        *(Mark(way, (kind,), spoken=False) for way in ways),
        *(Mark(way, (Kind.CHANGED,), spoken=False) for way, changes in difference.edges.items() if changes),
        *(Mark(element, kinds, spoken=True) for element in stayed if (kinds := _kinds(difference, element))),
    )


def _kinds(difference: Difference, element: str) -> tuple[Kind, ...]:
    """What became of an element that both have."""
    changed = element in difference.lanes or _worth_telling(difference.nodes.get(element, ()))
    moved = [Kind.MOVED] if element in difference.moved else []
    return (*moved, *([Kind.CHANGED] if changed else []))


def _worth_telling(changes: Iterable[Change]) -> bool:
    return any(change.field not in describing.UNTOLD for change in changes)


# -- row by row -------------------------------------------------------------------------------------------------------


def _pairs(difference: Difference, old: Flow, new: Flow) -> Iterator[Pair]:
    """In the order of the new version; what it lacks stands behind the row that it followed."""
    before, after = rows(old).rows, rows(new).rows
    partner = {difference.likely.get(row.node_id, row.node_id): row for row in before}
    gone = _gone(before, after, difference.likely)
    for row in gone.get(None, ()):
        yield _pair(difference, (row, old), None)
    for row in after:
        was = partner.get(row.node_id)
        yield _pair(difference, (was, old) if was else None, (row, new))
        for lost in gone.get(row.node_id, ()):
            yield _pair(difference, (lost, old), None)


def _gone(before: Sequence[Row], after: Sequence[Row], likely: Mapping[str, str]) -> dict[str | None, list[Row]]:
    """By the row of the new version that they followed, rows that only the old one has; None before all others."""
    kept = {row.node_id for row in after}
    found: dict[str | None, list[Row]] = {}
    last: str | None = None
    for row in before:
        now = likely.get(row.node_id, row.node_id)
        if now in kept:
            last = now
        else:
            found.setdefault(last, []).append(row)
    return found


def _pair(difference: Difference, old: tuple[Row, Flow] | None, new: tuple[Row, Flow] | None) -> Pair:
    before, after = _fields(*old) if old else {}, _fields(*new) if new else {}
    if old is None or new is None:
        kind = Kind.REMOVED if old else Kind.ADDED
        return Pair((kind,), _plain(before), _plain(after), ())
    pieces = {field: _marked(before[field], after[field]) for field in before}
    differing = tuple(field for field in before if before[field] != after[field])
    moved = [Kind.MOVED] if new[0].node_id in difference.moved else []
    changed = [Kind.CHANGED] if set(differing) - {"lane", "no"} or ("lane" in differing and not moved) else []
    return Pair(
        (*moved, *changed),
        tuple(Cell(field, both[0]) for field, both in pieces.items()),
        tuple(Cell(field, both[1]) for field, both in pieces.items()),
        differing,
    )


def _fields(row: Row, flow: Flow) -> dict[str, str]:
    return {
        "no": row.no,
        "text": row.text,
        "lane": ", ".join(flow.lanes[column].name for column in row.columns if column < len(flow.lanes)),
        "kelengkapan": row.kelengkapan,
        "waktu": row.waktu,
        "output": row.output,
        "keterangan": row.keterangan,
    }


def _plain(fields: Mapping[str, str]) -> tuple[Cell, ...]:
    return tuple(Cell(field, (Piece(text, differs=False),) if text else ()) for field, text in fields.items())


def _marked(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Two texts in pieces, word by word."""
    if old == new:
        same = (Piece(old, differs=False),) if old else ()
        return same, same
    before, after = _words(old), _words(new)
    if max(len(before), len(after)) > LONG:
        return _whole(old), _whole(new)
    sides: tuple[list[Piece], list[Piece]] = ([], [])
    for tag, begin, end, begins, ends in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for side, words in ((0, before[begin:end]), (1, after[begins:ends])):
            if words:
                sides[side].append(Piece("".join(words), differs=tag != "equal"))
    return tuple(sides[0]), tuple(sides[1])


def _whole(text: str) -> tuple[Piece, ...]:
    return (Piece(text, differs=True),) if text else ()


def _words(text: str) -> list[str]:
    """The words of a text and what is between them."""
    return re.findall(r"\s+|\S+", text)
