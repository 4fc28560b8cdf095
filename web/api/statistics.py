"""Statistics: what became of the office's runs and tasks in some months. For managers."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from engine import tokens
from engine.queries import statistics
from engine.queries.statistics import Spread
from web.api import shapes
from web.api.operations import get
from web.api.shapes import Given, Id, Minutes, Taken
from web.edge import Act

Month = Annotated[str, Meta(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$", description="A month, as `2026-11`.")]


class StatisticsQuery(Taken, frozen=True):
    """Which months, both included; by default the last six."""

    first: Month | UnsetType = UNSET
    last: Month | UnsetType = UNSET


class Lead(Given, frozen=True):
    """How long finished runs took, in minutes of working time; null where they are too few to tell."""

    count: int
    median: Minutes | None
    p90: Minutes | None


class RunFigures(Given, frozen=True):
    """What became of runs. `on_time` and `returns` are those of the finished ones."""

    started: int
    finished: int
    cancelled: int
    on_time: int
    returns: int
    lead: Lead


class TaskFigures(Given, frozen=True):
    """What became of tasks. `on_time` of those that are `timed`, which had a deadline."""

    finished: int
    timed: int
    on_time: int
    returned: int
    redone: int
    waiting_minutes: Minutes
    working_minutes: Minutes


class DefinitionFigures(Given, frozen=True):
    """An SOP in the period; `live` are its runs that are not over now."""

    definition_id: Id
    title: str
    live: int
    runs: RunFigures


class JabatanFigures(Given, frozen=True):
    """A jabatan in the period."""

    jabatan_id: Id
    name: str
    tasks: TaskFigures


class MonthFigures(Given, frozen=True):
    """A month, as `2026-11`."""

    month: str
    runs: RunFigures


class Statistics(Given, frozen=True):
    """The office in the period, which may be shorter than asked for: at most so many months, and none to come."""

    first: str
    last: str
    live: int
    total: RunFigures
    definitions: tuple[DefinitionFigures, ...]
    jabatan: tuple[JabatanFigures, ...]
    months: tuple[MonthFigures, ...]


@get("/statistics", tokens.MANAGE)
def read_statistics(act: Act, query: StatisticsQuery) -> Statistics:
    """Read what each month came to, by SOP, by jabatan, and by month."""
    over = statistics.period(act.who, act.now, _day(query.first), _day(query.last))
    found = statistics.overview(act.session, act.who, over)
    return Statistics(
        first=_month(over.first),
        last=_month(over.last),
        live=found.live,
        total=_runs(found.total),
        definitions=tuple(
            DefinitionFigures(definition_id=row.definition_id, title=row.title, live=row.live, runs=_runs(row.runs))
            for row in found.sops
        ),
        jabatan=tuple(
            JabatanFigures(jabatan_id=row.jabatan_id, name=row.name, tasks=_tasks(row.tasks)) for row in found.jabatan
        ),
        months=tuple(MonthFigures(month=_month(row.month), runs=_runs(row.runs)) for row in found.months),
    )


def _day(month: str | UnsetType) -> date | None:
    """The first day of a month."""
    text = shapes.unset(month)
    return date(int(text[:4]), int(text[5:7]), 1) if text else None


def _month(first: date) -> str:
    return f"{first:%Y-%m}"


def _runs(found: statistics.RunFigures) -> RunFigures:
    return RunFigures(
        started=found.started,
        finished=found.finished,
        cancelled=found.cancelled,
        on_time=found.on_time,
        returns=found.returns,
        lead=_lead(found.lead),
    )


def _lead(found: Spread) -> Lead:
    return Lead(count=found.count, median=found.median, p90=found.p90)


def _tasks(found: statistics.TaskFigures) -> TaskFigures:
    return TaskFigures(
        finished=found.finished,
        timed=found.timed,
        on_time=found.on_time,
        returned=found.returned,
        redone=found.redone,
        waiting_minutes=found.waiting,
        working_minutes=found.working,
    )
