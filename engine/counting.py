"""How many there are, counted no further than anybody wants to know."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select

MOST = 1000
"""No number that a page shows beside a list is counted further; above it, there are more: see `counted`."""


def capped(rows: Select[Any], most: int = MOST) -> ScalarSelect[int]:
    """How many rows there are, `most` at most and one more."""
    return select(func.count()).select_from(rows.limit(most + 1).subquery()).scalar_subquery()


def counted(number: int) -> str:
    """A number as it is told: `17`, and `1000+` where there are more than are counted."""
    return f"{MOST}+" if number > MOST else str(number)
