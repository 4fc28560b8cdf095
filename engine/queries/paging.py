"""Pages by key: a page goes on behind the last row of the one before, however many rows there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, or_

Row = TypeVar("Row")

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


# -- pages of a list that is ordered by a moment ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyedPage(Generic[Row]):
    """Some rows, and the key behind which the next ones begin; "" where these were the last."""

    rows: tuple[Row, ...]
    next: str


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def key(place: datetime | None, row_id: int) -> str:
    """The key behind a row: its moment in microseconds, where the list is ordered by one, and its id."""
    return f"{(place - _EPOCH) // timedelta(microseconds=1)}.{row_id}" if place else str(row_id)


def behind(
    text: str, place: SQLColumnExpression[Any] | None, row_id: SQLColumnExpression[int], *, downwards: bool
) -> list[ColumnElement[bool]]:
    """The conditions on rows that come behind a key; none, where it is no key of this order."""
    parts = text.split(".")
    digits = all(part.isascii() and part.isdigit() and len(part) < 18 for part in parts)
    if not digits or len(parts) != (1 if place is None else 2) or int(parts[-1]) > MAX_ID:
        return []
    last = int(parts[-1])
    later = row_id < last if downwards else row_id > last
    if place is None:
        return [later]
    moment = _EPOCH + timedelta(microseconds=int(parts[0]))
    bound, further = (place <= moment, place < moment) if downwards else (place >= moment, place > moment)
    return [bound, or_(further, and_(place == moment, later))]
