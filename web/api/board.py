"""Board: the live runs of an office, which of them are stuck, why and since when. For managers."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from engine import tokens
from engine.queries import board
from engine.queries.board import BoardRow, Only, Order, Wanted
from engine.stuck import BY_NAME, Remedy, TaskFacts
from web import moments
from web.api import shapes
from web.api.operations import get
from web.api.shapes import Due, Given, Id, Minutes, Moment, Paged, Text
from web.edge import Act

CauseName = Annotated[str, Meta(pattern=f"^({'|'.join(BY_NAME)})$", description="The name of a cause of being stuck.")]


class BoardQuery(Paged, frozen=True):
    """Which live runs, in which order."""

    text: Text = ""
    definition: Id | UnsetType = UNSET
    jabatan: Id | UnsetType = UNSET
    person: Id | UnsetType = UNSET
    cause: CauseName | UnsetType = UNSET
    only: Only = Only.STUCK
    order: Literal["waiting", "due", "newest"] = "waiting"


class BoardStep(Given, frozen=True):
    """An unfinished task of a run; `person` has claimed it."""

    task_id: Id
    name: str
    jabatan: str
    person: str | None
    since: Moment


class Cause(Given, frozen=True):
    """A cause by which a run is stuck, and what helps, the most fitting first."""

    name: str
    title: str
    why: str
    since: Moment
    remedies: tuple[Remedy, ...]


class Away(Given, frozen=True):
    """Somebody the run waits for, who is away until that day, and for whom nobody acts."""

    person_id: Id
    name: str
    until: date


class BoardRun(Given, frozen=True):
    """A live run as managers see it. `due` is the earliest deadline of its steps."""

    id: Id
    definition_id: Id
    sop: str
    subject: str
    agenda: str
    suspended: bool
    round: int
    steps: tuple[BoardStep, ...]
    since: Moment
    waited_minutes: Minutes
    overdue_minutes: Minutes
    due: Due | None
    causes: tuple[Cause, ...]
    remedies: tuple[Remedy, ...]
    away: tuple[Away, ...]


class BoardPage(Given, frozen=True):
    """A page of the board."""

    items: tuple[BoardRun, ...]
    next: str | None
    incomplete: bool


class CauseCount(Given, frozen=True):
    """How many runs are stuck by a cause, and since when the oldest is."""

    name: str
    title: str
    runs: int
    oldest: Moment | None


class BoardCounts(Given, frozen=True):
    """The live runs of the office, counted up to 1000: a number above it says that there are more."""

    live: int
    stuck: int
    overdue: int
    suspended: int
    causes: tuple[CauseCount, ...]


@get("/board", tokens.MANAGE)
def read_board(act: Act, query: BoardQuery) -> BoardPage:
    """List live runs: those that are stuck, or others, with what keeps each."""
    wanted = Wanted(
        text=shapes.clean(query.text),
        definition=shapes.or_none(query.definition),
        jabatan=shapes.or_none(query.jabatan),
        person=shapes.or_none(query.person),
        cause="" if query.cause is UNSET else query.cause.strip(),
        only=query.only,
        order=Order(query.order),
        after=shapes.unset(query.after),
        size=query.limit,
    )
    page = board.page(act.session, act.who, act.now, wanted).page
    return BoardPage(items=tuple(map(_run, page.rows)), next=page.next or None, incomplete=page.broken_off)


@get("/board/counts", tokens.MANAGE)
def count_board(act: Act) -> BoardCounts:
    """Count live runs: all, stuck, behind a deadline, suspended, and by each cause."""
    found = board.counts(act.session, act.who, act.now)
    causes = tuple(
        CauseCount(
            name=one.name, title=moments.said(one.title), runs=one.runs, oldest=shapes.moment_or_none(one.oldest)
        )
        for one in found.causes
    )
    return BoardCounts(
        live=found.live, stuck=found.stuck, overdue=found.overdue, suspended=found.suspended, causes=causes
    )


def _run(row: BoardRow) -> BoardRun:
    return BoardRun(
        id=row.id,
        definition_id=row.definition_id,
        sop=row.sop,
        subject=row.subject,
        agenda=row.agenda,
        suspended=row.suspended,
        round=row.round,
        steps=tuple(map(_step, row.steps)),
        since=shapes.moment(row.since),
        waited_minutes=shapes.minutes(row.waited),
        overdue_minutes=shapes.minutes(row.overdue),
        due=shapes.due(row.due),
        causes=_causes(row),
        remedies=row.remedies,
        away=tuple(Away(person_id=one.person_id, name=one.name, until=one.until) for one in row.away),
    )


def _step(step: TaskFacts) -> BoardStep:
    return BoardStep(
        task_id=step.id,
        name=step.name,
        jabatan=step.jabatan,
        person=step.person,
        since=shapes.moment(step.created_at),
    )


def _causes(row: BoardRow) -> tuple[Cause, ...]:
    return tuple(
        Cause(
            name=one.name,
            title=moments.said(one.title),
            why=moments.said(one.why),
            since=shapes.moment(one.since),
            remedies=one.remedies,
        )
        for one in row.causes
    )
