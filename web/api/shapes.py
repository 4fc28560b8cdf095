"""What operations take and give in common: each class is a schema of the documentation, and checks what comes in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from engine.queries import dues, inbox
from engine.queries.dues import DueState
from engine.queries.paging import MAX_ID, PAGE
from engine.states import TaskState

Row = TypeVar("Row")

MOST = 100
"""Rows of a page at most."""

Id = Annotated[int, Meta(ge=1, le=MAX_ID)]
Limit = Annotated[int, Meta(ge=1, le=MOST, description="Rows of a page.")]
After = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,17}(\.[0-9]{1,10})?$",
        description="The page behind this cursor: `next` of the page before, with the same other parameters.",
    ),
]
Text = Annotated[str, Meta(max_length=200, description="Words that subject, nomor agenda or SOP have.")]
Minutes = Annotated[int, Meta(description="Minutes of working time.")]
Moment = Annotated[datetime, Meta(tz=True)]


class Taken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What comes in: nothing but what is named."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What goes out."""


class Paged(Taken, frozen=True, kw_only=True):
    """Which page."""

    after: After | msgspec.UnsetType = msgspec.UNSET
    limit: Limit = PAGE


class Due(Given, frozen=True):
    """A deadline as it stands now: `minutes_left` is working time, negative when it is past."""

    at: Moment
    state: DueState
    minutes_left: Minutes
    working_days_left: int


class Task(Given, frozen=True):
    """A task. `returns` counts how often its run was sent back; `came_back` says that this task was."""

    id: Id
    name: str
    run_id: Id
    subject: str
    agenda: str
    sop: str
    jabatan: str
    state: TaskState
    claimed_by: str | None
    mine: bool
    since: Moment
    due: Due | None
    returns: int
    came_back: bool
    finished_at: Moment | None


def unset(given: str | msgspec.UnsetType) -> str:
    """A text, empty where there is none."""
    return "" if given is msgspec.UNSET else clean(str(given))


def or_none(given: int | msgspec.UnsetType) -> int | None:
    """An id, None where there is none."""
    return given if isinstance(given, int) else None


def cursor_id(given: str | msgspec.UnsetType) -> int | None:
    """A cursor that is an id, None where it is none."""
    text = unset(given)
    return int(text) if text.isdigit() and int(text) <= MAX_ID else None


def cut(rows: Sequence[Row], key: Callable[[Row], int], page: Paged) -> tuple[Sequence[Row], str | None]:
    """A page of rows that are all there, behind the one whose key is the cursor; and the cursor of the next page."""
    after = cursor_id(page.after)
    place = next((place for place, row in enumerate(rows, start=1) if key(row) == after), None if after else 0)
    found = rows[place : place + page.limit] if place is not None else rows[:0]
    more = place is not None and len(rows) > place + page.limit
    return found, str(key(found[-1])) if more else None


def clean(text: str) -> str:
    """A text without the one character that no database holds."""
    return text.replace("\x00", "")


def minutes(spent: timedelta) -> int:
    """Whole minutes."""
    return spent // timedelta(minutes=1)


def moment(at: datetime) -> datetime:
    """In UTC."""
    return at.astimezone(UTC)


def moment_or_none(at: datetime | None) -> datetime | None:
    """The same of what may not have happened."""
    return None if at is None else moment(at)


def due(found: dues.Due | None) -> Due | None:
    """A deadline; None where there is none."""
    if found is None:
        return None
    return Due(at=moment(found.at), state=found.state, minutes_left=minutes(found.left), working_days_left=found.days)


def task(row: inbox.TaskRow) -> Task:
    """A task as lists have it."""
    return Task(
        id=row.id,
        name=row.name,
        run_id=row.run_id,
        subject=row.subject,
        agenda=row.agenda,
        sop=row.sop,
        jabatan=row.jabatan,
        state=row.state,
        claimed_by=row.claimed_by,
        mine=row.mine,
        since=moment(row.since),
        due=due(row.due),
        returns=row.returns,
        came_back=row.came_back,
        finished_at=moment_or_none(row.finished_at),
    )
