"""How a task stands against its deadline, in working time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from engine.workdays import NEAR, Calendar, elapsed, elapsed_days


class DueState(StrEnum):
    """How near a deadline is."""

    AMPLE = "ample"
    NEAR = "near"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline as seen at a moment: `left` is working time, negative when overdue, and `days` counts working days."""

    at: datetime
    state: DueState
    left: timedelta
    days: int


def judge(at: datetime | None, since: datetime, now: datetime, calendar: Calendar) -> Due | None:
    """The deadline `at` of work begun at `since`, as it stands at `now`; None where there is none."""
    if at is None:
        return None
    left = elapsed(now, at, calendar)
    if now > at:
        state = DueState.OVER
    elif left * NEAR < elapsed(since, at, calendar):
        state = DueState.NEAR
    else:
        state = DueState.AMPLE
    return Due(at, state, left, elapsed_days(now, at, calendar))
