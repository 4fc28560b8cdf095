"""The words by which runs are found: of the subject, the nomor agenda and the title of the SOP."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from time import monotonic
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Engine, Select, SQLColumnExpression, select, update
from sqlalchemy.orm import Session

from engine.counting import capped
from engine.tables import Run, Word

LENGTH = 40
"""Characters of a word that count."""

MOST = 40
"""Words of a run that are kept; and of a search that are asked for MOST_ASKED."""

MOST_ASKED = 8

FEW = 500
"""So many runs or fewer are looked up one by one; of more the lists are gone through, in their order."""

MANY = 15_000
"""So many runs or fewer are put together before a list is gone through. Of more it is asked at each task: a page of
what so many have is soon full."""

MANY_LIVE = 10_000
"""The same of runs that live: lists of them are shorter."""

KNOWN = 3600.0
"""Seconds for which a word that more than so many have is not counted again: it only matters for how it is searched."""

MOST_KNOWN = 10_000
"""So many such words are remembered, then none: people may search for whatever they like."""

_Known = dict[tuple[int, bool | None, str], float]
_known: WeakKeyDictionary[Engine, _Known] = WeakKeyDictionary()
"""Of each database: until when a word that begins so is known to be common, in an office, among live or all runs."""

_WORD = re.compile(r"\w+")


def cut(text: str, most: int = MOST) -> list[str]:
    """The words of a text in small letters, each once, in their order: "Surat 005/12" -> ["surat", "005", "12"]."""
    return list(dict.fromkeys(word[:LENGTH] for word in _WORD.findall(text.casefold())))[:most]


def keep(session: Session, run: Run, texts: Iterable[str]) -> None:
    """Let a run be found by the words of these texts."""
    session.add_all(Word(run_id=run.id, word=word, office_id=run.office_id, live=True) for word in cut(" ".join(texts)))


def ended(session: Session, run_id: int) -> None:
    """The run is over: it no longer stands in the way of those that live."""
    session.execute(
        update(Word).where(Word.run_id == run_id).values(live=False).execution_options(synchronize_session=False)
    )


@dataclass(frozen=True, slots=True)
class Found:
    """Conditions on a run: `few` where no more than FEW runs meet them, so these are to be looked up; else `many`."""

    few: tuple[ColumnElement[bool], ...] = ()
    many: tuple[ColumnElement[bool], ...] = ()


def found(session: Session, office_id: int, text: str, run_id: SQLColumnExpression[int], *, live: bool | None) -> Found:
    """The runs that have a word beginning with each word of `text`; `live` is None for all runs."""
    asked = cut(text, MOST_ASKED)
    if not asked:
        return Found()
    begins = [_begins(word) for word in asked]
    here = (Word.office_id == office_id) & (Word.live.in_([True, False]) if live is None else Word.live == live)
    with_it = [select(Word.run_id).where(here, begin) for begin in begins]
    many = MANY if live is None else MANY_LIVE
    counts = _counted(session, {(office_id, live, word): runs for word, runs in zip(asked, with_it, strict=True)}, many)
    rarest, *others = sorted(range(len(begins)), key=lambda number: counts[number])
    few = counts[rarest] <= FEW
    conditions: list[ColumnElement[bool]] = [run_id.in_(with_it[rarest])] if few else []
    for number in others if few else (rarest, *others):
        if few or counts[number] > many:
            conditions.append(select(Word.run_id).where(Word.run_id == run_id, begins[number]).exists())
        else:  # + 0, offset 0: these runs are put together once, and the list is gone through in its order
            conditions.append((run_id + 0).in_(with_it[number].offset(0)))
    return Found(few=tuple(conditions)) if few else Found(many=tuple(conditions))


def _counted(session: Session, asked: Mapping[tuple[int, bool | None, str], Select[int]], many: int) -> list[int]:
    """How many runs there are of each, `many` at most and one more; asked only of those not known to be more."""
    known = _known.setdefault(session.get_bind().engine, {})
    now = monotonic()
    counts = {one: many + 1 for one in asked if known.get(one, now) > now}
    if left := [one for one in asked if one not in counts]:
        counts |= zip(left, session.execute(select(*(capped(asked[one], many) for one in left))).one(), strict=True)
        if len(known) > MOST_KNOWN:
            known.clear()
        known.update({one: now + KNOWN for one in left if counts[one] > many})
    return [counts[one] for one in asked]


def _begins(word: str) -> ColumnElement[bool]:
    return (Word.word >= word) & (Word.word < word + "\U0010ffff")
