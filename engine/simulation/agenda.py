"""What is going to happen, in order of time: a heap of moments."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from engine import workdays
from engine.database import Database, Session
from engine.workdays import Calendar

Act = Callable[[Session, datetime], None]
"""Something people do at a moment, in a transaction with other acts."""

Errand = Callable[[Database, datetime], None]
"""Something that opens transactions of its own."""

MINUTE = timedelta(minutes=1)


class Agenda:
    """Acts and errands by their moments; of the same moment, in the order in which they were put down."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        self._heap: list[tuple[datetime, int, Act | None, Errand | None]] = []
        self._count = count()

    def put(self, moment: datetime, act: Act) -> None:
        """Let something be done at a moment; nothing after the end."""
        heapq.heappush(self._heap, (moment, next(self._count), act, None))

    def send(self, moment: datetime, errand: Errand) -> None:
        """The same for what opens its own transactions."""
        heapq.heappush(self._heap, (moment, next(self._count), None, errand))

    def run(self, database: Database) -> None:
        """Let everything happen, up to the end. Acts between two errands are one transaction."""
        while self._due():
            if self._heap[0][3] is None:
                with database.transaction() as session:
                    self._act(session)
            else:
                moment, _, _, errand = heapq.heappop(self._heap)
                if errand is not None:
                    errand(database, moment)

    def _act(self, session: Session) -> None:
        while self._due() and self._heap[0][2] is not None:
            moment, _, act, _ = heapq.heappop(self._heap)
            if act is not None:
                act(session, moment)

    def _due(self) -> bool:
        return bool(self._heap) and self._heap[0][0] <= self.until


def before(until: datetime, work: timedelta, calendar: Calendar) -> datetime:
    """The last whole minute from which at least `work` of working time is left until a moment. It lies in a stretch."""
    early, late = until - timedelta(days=1), until
    while workdays.elapsed(early, until, calendar) < work:
        early -= timedelta(days=7)
    while late - early > MINUTE:
        middle = early + (late - early) / 2
        if workdays.elapsed(middle, until, calendar) >= work:
            early = middle
        else:
            late = middle
    return early.replace(second=0, microsecond=0)
