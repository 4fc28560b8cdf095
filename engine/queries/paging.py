"""Pages by key: a page goes on behind the last row of the one before, however many rows there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

Row = TypeVar("Row")
Other = TypeVar("Other")

MAX_ID = 2**31 - 1
"""The largest id that every database takes."""

PAGE = 50
"""Rows of a page."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and the key behind which the next ones begin; None where these were the last."""

    rows: tuple[Row, ...]
    next: int | None


def page(rows: Sequence[Row], keys: Sequence[int], size: int = PAGE) -> Page[Row]:
    """The page of a query that asked for one row more than `size`."""
    more = len(rows) > size
    return Page(tuple(rows[:size]), keys[size - 1] if more else None)


# -- pages of a list that is ordered by a moment, or by when its rows came ---------------------------------------------

REACH = 30_000
"""So many rows are gone through for one page of a search that no index serves. Where they are fewer than a page, it
goes on behind them when somebody asks: no page takes longer, however much a person has finished."""


@dataclass(frozen=True, slots=True)
class KeyedPage(Generic[Row]):
    """Some rows, and the key behind which the next ones begin; "" where these were the last.

    `broken_off`: the search ended there after REACH rows, and not because the page was full.
    """

    rows: tuple[Row, ...]
    next: str
    broken_off: bool = False

    def of(self, rows: Iterable[Other]) -> KeyedPage[Other]:
        """The same place, told by other rows."""
        return KeyedPage(tuple(rows), self.next, self.broken_off)


@dataclass(frozen=True, slots=True)
class Order:
    """In what order rows stand: by a moment, if there is one, and by their ids; the last first if `downwards`."""

    row_id: InstrumentedAttribute[Any]
    moment: InstrumentedAttribute[Any] | None = None
    downwards: bool = False

    @property
    def columns(self) -> list[InstrumentedAttribute[Any]]:
        """What is ordered by."""
        return [self.row_id] if self.moment is None else [self.moment, self.row_id]

    def behind(self, text: str) -> list[ColumnElement[bool]]:
        """The conditions on rows that come behind a key; none, where it is no key of this order."""
        return self._from(text, itself=False, downwards=self.downwards)

    def up_to(self, text: str) -> list[ColumnElement[bool]]:
        """The conditions on rows that come before a key, and on its own; none, where it is no key of this order."""
        return self._from(text, itself=True, downwards=not self.downwards)

    def _from(self, text: str, *, itself: bool, downwards: bool) -> list[ColumnElement[bool]]:
        parts = text.split(".")
        digits = all(part.isascii() and part.isdigit() and len(part) < 18 for part in parts)
        if not digits or len(parts) != len(self.columns) or int(parts[-1]) > MAX_ID:
            return []
        last = int(parts[-1])
        later = self.row_id < last if downwards else self.row_id > last
        if itself:
            later = or_(later, self.row_id == last)
        if self.moment is None:
            return [later]
        at = _EPOCH + timedelta(microseconds=int(parts[0]))
        bound, further = (self.moment <= at, self.moment < at) if downwards else (self.moment >= at, self.moment > at)
        return [bound, or_(further, and_(self.moment == at, later))]


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def keyed(
    session: Session,
    order: Order,
    arms: Sequence[ColumnElement[bool]],
    searched: Sequence[ColumnElement[bool]],
    after: str,
    size: int = PAGE,
) -> KeyedPage[int]:
    """Ids of `size` rows of any of `arms`, each of which an index serves, that come behind the key `after`.

    If they are `searched` for something that no index serves, it is among the next REACH of them.
    """
    if not arms:
        return KeyedPage((), "")
    arms = [and_(arm, *order.behind(after)) for arm in arms]
    end = ""
    if searched:
        reached = session.execute(_merged(order, arms, offset=REACH // len(arms), limit=1)).one_or_none()
        end = _key(order, reached) if reached else ""
        arms = [and_(arm, *searched, *(order.up_to(end) if end else ())) for arm in arms]
    found = session.execute(_merged(order, arms, limit=size + 1)).all()
    ids = tuple(one.id for one in found[:size])
    if len(found) > size:
        return KeyedPage(ids, _key(order, found[size - 1]))
    return KeyedPage(ids, end, broken_off=bool(end))


def _key(order: Order, row: Any) -> str:
    """The key behind a row: its moment in microseconds, where the list is ordered by one, and its id."""
    return f"{(row.moment - _EPOCH) // timedelta(microseconds=1)}.{row.id}" if order.moment else str(row.id)


def _merged(order: Order, arms: Sequence[ColumnElement[bool]], *, limit: int, offset: int = 0) -> Any:
    """The first rows of all arms, in their order; of each arm so many are left out before."""
    parts = [_part(order, arm).limit(limit).offset(offset or None).subquery() for arm in arms]
    merged = union_all(*(select(*part.c) for part in parts)).subquery()
    return select(*merged.c).order_by(*_directed(order, reversed(list(merged.c)))).limit(limit)


def _part(order: Order, arm: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    named = [column.label(name) for column, name in zip(reversed(order.columns), ("id", "moment"), strict=False)]
    return select(*named).where(arm).order_by(*_directed(order, order.columns))


def _directed(order: Order, columns: Iterable[ColumnElement[Any] | InstrumentedAttribute[Any]]) -> list[Any]:
    return [column.desc() if order.downwards else column for column in columns]
