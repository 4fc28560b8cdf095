"""The lists of a person's work, as one wants to see them: narrowed, searched, in an order, page by page.

A page goes on behind a key: the place of its last row in the order, and its id. An index serves every order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import InstrumentedAttribute, Session

from engine import words
from engine.offices import Actor
from engine.queries import inbox, paging
from engine.queries.inbox import TaskRow
from engine.queries.paging import KeyedPage
from engine.states import TaskState
from engine.tables import OPEN_TASK, Task
from engine.workdays import NEVER


class Order(StrEnum):
    """In what order tasks stand."""

    DUE = "due"
    """What is due first comes first; what has no deadline last."""
    NEWEST = "newest"
    OLDEST = "oldest"


class DueIn(StrEnum):
    """Until when a task is due."""

    OVER = "over"
    TODAY = "today"
    WEEK = "week"
    """By the end of the coming Sunday."""
    NONE = "none"
    """It has no deadline."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tasks, in which order. `text` are words that the subject, nomor agenda or SOP has; `after` a page's key."""

    text: str = ""
    definition: int | None = None
    jabatan: int | None = None
    due: DueIn | None = None
    returned: bool = False
    order: Order = Order.DUE
    after: str = ""
    size: int = paging.PAGE
    """Rows of a page."""


ALL = Wanted()


@dataclass(frozen=True, slots=True)
class Arm:
    """Tasks whose `column` has a value, which an index serves in every order; and what else is true of them."""

    column: InstrumentedAttribute[Any]
    value: int
    more: ColumnElement[bool] | None = None

    def condition(self, *, few: bool) -> ColumnElement[bool]:
        """That a task is one of them; where only `few` runs are wanted, so that their tasks are looked up instead."""
        found = (self.column + 0 if few else self.column) == self.value
        return found if self.more is None else and_(found, self.more)


_ORDERS = {
    Order.DUE: paging.Order(Task.id, Task.order_at),
    Order.NEWEST: paging.Order(Task.id, downwards=True),
    Order.OLDEST: paging.Order(Task.id),
}
_LAST_FINISHED = paging.Order(Task.id, Task.finished_at, downwards=True)


def mine(session: Session, who: Actor, now: datetime, wanted: Wanted = ALL) -> KeyedPage[TaskRow]:
    """Tugas Saya: what the person has claimed."""
    return _page(
        session,
        who,
        [Arm(Task.claimed_by, who.id, Task.state == TaskState.CLAIMED)],
        wanted,
        now,
        _ORDERS[wanted.order],
    )


def of_jabatan(session: Session, who: Actor, now: datetime, wanted: Wanted = ALL) -> KeyedPage[TaskRow]:
    """Tugas Jabatan: what waits for a holder of the person's jabatan to claim it."""
    more = and_(OPEN_TASK, Task.reserved_for.is_(None) | (Task.reserved_for == who.id))
    arms = [Arm(Task.jabatan_id, jabatan, more) for jabatan in who.held if wanted.jabatan in (None, jabatan)]
    return _page(session, who, arms, wanted, now, _ORDERS[wanted.order])


def finished(session: Session, who: Actor, now: datetime, wanted: Wanted = ALL) -> KeyedPage[TaskRow]:
    """Selesai: what the person has finished, the last first."""
    return _page(session, who, [Arm(Task.finished_by, who.id)], wanted, now, _LAST_FINISHED, live=None)


# -- what is wanted ---------------------------------------------------------------------------------------------------


def _page(
    session: Session,
    who: Actor,
    arms: Sequence[Arm],
    wanted: Wanted,
    now: datetime,
    order: paging.Order,
    *,
    live: bool | None = True,
) -> KeyedPage[TaskRow]:
    """The tasks of any of `arms`, each of which an index serves, that are wanted."""
    found = words.found(session, who.office_id, wanted.text, Task.run_id, live=live)
    narrowed = [*_narrowed(who, wanted, now), *found.few]
    served = [and_(arm.condition(few=bool(found.few)), *narrowed) for arm in arms]
    page = paging.keyed(session, order, served, found.many, wanted.after, wanted.size)
    return page.of(inbox.by_ids(session, who, page.rows, now))


def _narrowed(who: Actor, wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.definition is not None:
        found.append(Task.definition_id == wanted.definition)
    if wanted.jabatan is not None:
        found.append(Task.jabatan_id == wanted.jabatan)
    if wanted.returned:
        found.append(Task.return_id.is_not(None))
    if wanted.due is not None:
        found.append(_due(who, wanted.due, now))
    return found


def _due(who: Actor, due: DueIn, now: datetime) -> ColumnElement[bool]:
    """By `order_at` alone, which lies behind every deadline where there is none."""
    if due is DueIn.NONE:
        return Task.order_at >= NEVER
    if due is DueIn.OVER:
        return Task.order_at < now
    today = who.calendar.day(now)
    days = 1 if due is DueIn.TODAY else 7 - today.weekday()
    midnight = datetime.combine(today + timedelta(days=days), time(), ZoneInfo(who.calendar.timezone))
    return and_(Task.order_at < midnight, Task.order_at >= now)
