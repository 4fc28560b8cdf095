"""Boards with just what a test wants to see on them, where it is not about how the board finds it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bpmn.wording import Sentence
from engine.queries import board
from engine.queries.board import Board, BoardRow, CauseCount, Counts
from engine.queries.paging import KeyedPage
from engine.stuck import Named, TaskFacts

SINCE = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)


def show(monkeypatch: pytest.MonkeyPatch, rows: Sequence[BoardRow], counts: Counts) -> None:
    """Let the board be this one."""
    shown = Board(KeyedPage(tuple(rows), ""), counts, ())
    monkeypatch.setattr(board, "page", lambda *_asked: shown)


def row(
    run_id: int,
    subject: str,
    agenda: str,
    sop: str,
    steps: Sequence[TaskFacts],
    causes: Sequence[Sentence],
    waited: timedelta = timedelta(days=1),
    overdue: timedelta = timedelta(hours=1),
) -> BoardRow:
    """A run that is stuck by these causes."""
    return BoardRow(
        id=run_id,
        definition_id=1,
        sop=sop,
        subject=subject,
        agenda=agenda,
        suspended=False,
        round=1,
        steps=tuple(steps),
        waits=(),
        since=SINCE,
        waited=waited,
        due=None,
        overdue=overdue,
        causes=tuple(Named(str(title), title, title, SINCE, (), None, None) for title in causes),
        remedies=(),
        away=(),
        caller=None,
    )


def step(name: str, jabatan: str, person: str | None = None) -> TaskFacts:
    """A task of a jabatan, which a person has claimed or nobody."""
    claimed = SINCE if person else None
    return TaskFacts(
        id=1,
        node_id="t",
        name=name,
        jabatan_id=1,
        jabatan=jabatan,
        person_id=1 if person else None,
        person=person,
        reserved_for=None,
        created_at=SINCE,
        claimed_at=claimed,
        active_at=claimed,
        due_at=None,
        order_at=SINCE,
    )


def counts(live: int, stuck: int, overdue: int, suspended: int, causes: Sequence[tuple[Sentence, int]]) -> Counts:
    """Numbers of a board; by each of these causes so many are stuck."""
    by_cause = tuple(CauseCount(str(title), title, runs, None) for title, runs in causes)
    return Counts(live, stuck, overdue, suspended, by_cause)
