"""Pages by key: a page goes on behind the last row of the one before, however many rows there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")

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
