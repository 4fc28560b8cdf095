"""The words by which runs are found: of the subject, the nomor agenda and the title of the SOP."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import ColumnElement, SQLColumnExpression, select, update
from sqlalchemy.orm import Session

from engine.tables import Run, Word

LENGTH = 40
"""Characters of a word that count."""

MOST = 40
"""Words of a run that are kept; and of a search that are asked for MOST_ASKED."""

MOST_ASKED = 8

FEW = 500
"""So many runs or fewer are named to the database one by one; of more it looks at each task whether it has the word."""

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


def found(
    session: Session, office_id: int, text: str, run_id: SQLColumnExpression[int], *, live: bool | None
) -> list[ColumnElement[bool]]:
    """Conditions on `run_id`: its run has a word that begins with each word of `text`; `live` is None for all runs."""
    return [_begins(session, office_id, word, run_id, live=live) for word in cut(text, MOST_ASKED)]


def _begins(
    session: Session, office_id: int, word: str, run_id: SQLColumnExpression[int], *, live: bool | None
) -> ColumnElement[bool]:
    begins = (Word.word >= word) & (Word.word < word + "\U0010ffff")
    which = Word.live.in_([True, False]) if live is None else Word.live == live
    here = (Word.office_id == office_id) & which & begins
    few = session.scalars(select(Word.run_id).where(here).limit(FEW + 1)).all()
    if len(few) <= FEW:
        return run_id.in_(sorted(set(few)))
    return select(Word.run_id).where(Word.run_id == run_id, begins).exists()
