"""Statistics of an office: what became of its runs and tasks in some months, from `engine.tallies` alone.

So a page of them costs the same after ten years as after one: rows of SOPs, steps and jabatan, one for each month. Only
reasons of returns are read from the tasks, the newest ones of the period, by an index that holds nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from bpmn.order import in_order
from engine import definitions, tallies, workdays
from engine.offices import Actor
from engine.states import Right, TaskState
from engine.tables import Definition, Jabatan, Person, Run, RunTally, StepTally, Task, Version, task_is
from engine.tallies import Histogram

MONTHS = 6
"""How many a period has where nobody says, the present one included; MOST is how many it may have."""

MOST = 36

EARLIEST = date(2000, 1, 1)
"""No month before this one is asked for."""

ENOUGH = 5
"""Of fewer no median is told: it would say more about one of them than about all."""

ENOUGH_FOR_P90 = 10
"""Of fewer, nine tenths would be all but the longest, or all."""

REASONS = 50
"""Reasons of returns that are told."""


# -- what is told -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Period:
    """Whole months, by the first day of the first and of the last; both included."""

    first: date
    last: date

    @property
    def months(self) -> tuple[date, ...]:
        """The first day of each."""
        found = [self.first]
        while found[-1] < self.last:
            found.append(later(found[-1], 1))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Spread:
    """How long things took, in minutes of working time; None of what are too few to tell."""

    count: int
    median: int | None
    p90: int | None
    """Nine of ten took no longer."""


@dataclass(frozen=True, slots=True)
class RunFigures:
    """What became of runs. `on_time` and `returns` are those of the finished ones."""

    started: int
    finished: int
    cancelled: int
    on_time: int
    returns: int
    lead: Spread


@dataclass(frozen=True, slots=True)
class TaskFigures:
    """What became of tasks. `on_time` of those that are `timed`, which had a deadline."""

    finished: int
    timed: int
    on_time: int
    returned: int
    """Those that sent their run back; `redone` had been brought back by a return."""
    redone: int
    waiting: int
    """Minutes of working time of all of them, from when each could be claimed until it was; `working` from then on."""
    working: int


@dataclass(frozen=True, slots=True)
class SopRow:
    """An SOP in the period; `live` are its runs that are not over now."""

    definition_id: int
    title: str
    live: int
    runs: RunFigures


@dataclass(frozen=True, slots=True)
class JabatanRow:
    """A jabatan in the period."""

    jabatan_id: int
    name: str
    tasks: TaskFigures


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month."""

    month: date
    runs: RunFigures


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step in the period, as one jabatan did it; `standard` is its waktu in minutes of working time."""

    node_id: str
    name: str
    jabatan_id: int
    jabatan: str
    standard: int | None
    tasks: TaskFigures
    waited: Spread
    worked: Spread
    taken: Spread
    """Both together."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a run was sent back, from which step, by whom."""

    run_id: int
    subject: str
    step: str
    reason: str
    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """All SOPs of the office that anything was done of, by title; all jabatan that did something; and each month."""

    period: Period
    total: RunFigures
    live: int
    sops: tuple[SopRow, ...]
    jabatan: tuple[JabatanRow, ...]
    months: tuple[MonthRow, ...]


@dataclass(frozen=True, slots=True)
class OfSop:
    """One SOP. Its steps in the order of its diagram, those that it no longer has last."""

    period: Period
    row: SopRow
    jabatan: tuple[JabatanRow, ...]
    """All that did something, also where the steps are those of one of them."""
    steps: tuple[StepRow, ...]
    months: tuple[MonthRow, ...]
    reasons: tuple[Reason, ...]


# -- for which months -------------------------------------------------------------------------------------------------


def period(who: Actor, now: datetime, first: date | None = None, last: date | None = None) -> Period:
    """The months from that of `first` to that of `last`, by default the last MONTHS; MOST at most, none to come."""
    present = tallies.month_of(now, who.calendar)
    last = max(EARLIEST, min((last or present).replace(day=1), present))
    first = min((first or later(last, 1 - MONTHS)).replace(day=1), last)
    return Period(max(first, later(last, 1 - MOST)), last)


def later(month: date, months: int) -> date:
    """The first day of a month so many after this one, or before it."""
    years, place = divmod(month.month - 1 + months, 12)
    return date(month.year + years, place + 1, 1)


# -- queries ----------------------------------------------------------------------------------------------------------


def overview(session: Session, who: Actor, over: Period) -> Overview:
    """The whole office: a manager's page."""
    who.require(Right.MANAGER)
    rows = session.execute(select(*_RUN_COLUMNS).where(*_of_office(RunTally, who, over))).all()
    live = _live(session, who)
    titles = _titles(session, who)
    by_sop = _grouped(rows, "definition_id")
    sops = [
        SopRow(sop, title, live.get(sop, 0), _runs(by_sop.get(sop, ())))
        for sop, title in titles.items()
        if sop in by_sop or live.get(sop)
    ]
    return Overview(
        period=over,
        total=_runs(rows),
        live=sum(live.values()),
        sops=tuple(sops),
        jabatan=_by_jabatan(session, who, over),
        months=_by_month(rows, over),
    )


def of_sop(session: Session, who: Actor, definition_id: int, over: Period, jabatan_id: int | None = None) -> OfSop:
    """One SOP, its steps and reasons narrowed to a jabatan where one is given: a manager's page.

    NotFound for one that is not the office's.
    """
    definition = definitions.own(session, who, definition_id)
    who.require(Right.MANAGER)
    ours = RunTally.definition_id == definition_id
    rows = session.execute(select(*_RUN_COLUMNS).where(*_of_office(RunTally, who, over), ours)).all()
    live = _live(session, who, ours)
    return OfSop(
        period=over,
        row=SopRow(definition.id, definition.title, live.get(definition.id, 0), _runs(rows)),
        jabatan=_by_jabatan(session, who, over, StepTally.definition_id == definition_id),
        steps=_steps(session, who, definition, over, jabatan_id),
        months=_by_month(rows, over),
        reasons=_reasons(session, who, definition_id, over, jabatan_id),
    )


def _of_office(table: type[RunTally | StepTally], who: Actor, over: Period) -> tuple[ColumnElement[bool], ...]:
    return table.office_id == who.office_id, table.month >= over.first, table.month <= over.last


_RUN_COLUMNS = (
    *(RunTally.definition_id, RunTally.month, RunTally.started, RunTally.finished, RunTally.cancelled),
    *(RunTally.on_time, RunTally.returns, RunTally.led),
)

_TASK_SUMS = ("finished", "timed", "on_time", "returned", "redone", "waiting", "working")


def _live(session: Session, who: Actor, *more: ColumnElement[bool]) -> dict[int, int]:
    """By SOP how many runs are not over: all that ever started, without those that ended."""
    left = func.sum(RunTally.started - RunTally.finished - RunTally.cancelled)
    found = session.execute(
        select(RunTally.definition_id, left)
        .where(RunTally.office_id == who.office_id, *more)
        .group_by(RunTally.definition_id)
    )
    return {definition: int(count) for definition, count in found}


def _titles(session: Session, who: Actor) -> dict[int, str]:
    query = select(Definition.id, Definition.title).where(Definition.office_id == who.office_id)
    return {row.id: row.title for row in session.execute(query.order_by(Definition.title, Definition.id))}


def _by_jabatan(session: Session, who: Actor, over: Period, *more: ColumnElement[bool]) -> tuple[JabatanRow, ...]:
    """By name, summed by the database."""
    sums = [func.sum(getattr(StepTally, name)).label(name) for name in _TASK_SUMS]
    found = session.execute(
        select(Jabatan.id, Jabatan.name, *sums)
        .join(Jabatan, Jabatan.id == StepTally.jabatan_id)
        .where(*_of_office(StepTally, who, over), *more)
        .group_by(Jabatan.id, Jabatan.name, Jabatan.rank)
        .order_by(Jabatan.rank, Jabatan.name)
    )
    return tuple(JabatanRow(row.id, row.name, _tasks([row])) for row in found if row.finished)


def _by_month(rows: Sequence[Any], over: Period) -> tuple[MonthRow, ...]:
    """Each month of the period, also one in which nothing happened."""
    by_month = _grouped(rows, "month")
    return tuple(MonthRow(month, _runs(by_month.get(month, ()))) for month in over.months)


def _grouped(rows: Iterable[Any], column: str) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, column), []).append(row)
    return found


def _runs(rows: Sequence[Any]) -> RunFigures:
    """Rows of runs as one."""
    return RunFigures(
        started=sum(row.started for row in rows),
        finished=sum(row.finished for row in rows),
        cancelled=sum(row.cancelled for row in rows),
        on_time=sum(row.on_time for row in rows),
        returns=sum(row.returns for row in rows),
        lead=spread(row.led for row in rows),
    )


def _tasks(rows: Sequence[Any]) -> TaskFigures:
    """Rows of tasks as one."""
    return TaskFigures(*(sum(int(getattr(row, name)) for row in rows) for name in _TASK_SUMS))


def spread(histograms: Iterable[Histogram]) -> Spread:
    """What histograms of months tell together."""
    merged = tallies.merge(histograms)
    count = sum(merged.values())
    return Spread(
        count,
        tallies.percentile(merged, 0.5) if count >= ENOUGH else None,
        tallies.percentile(merged, 0.9) if count >= ENOUGH_FOR_P90 else None,
    )


# -- steps ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Known:
    """A step of a diagram: its name, its place, and its standard where that diagram is in force."""

    name: str
    place: int
    standard: int | None = None


@dataclass(slots=True)
class _Diagrams:
    """The steps of an SOP by id, from its versions, the one in force first and then the newest."""

    session: Session
    who: Actor
    definition: Definition
    known: dict[str, _Known] = field(default_factory=dict)

    def look_up(self, wanted: set[str]) -> None:
        """Read versions until all steps that are wanted are known."""
        versions = iter(self._versions())
        while (version := next(versions, None)) is not None and not wanted <= self.known.keys():
            self._read(version)

    def _versions(self) -> Iterator[Version]:
        number = Version.number
        query = select(Version).where(Version.definition_id == self.definition.id)
        found = self.session.scalars(query.order_by(number.desc())).all()
        return iter(sorted(found, key=lambda version: version.number != self.definition.published))

    def _read(self, version: Version) -> None:
        process = definitions.process(self.session, version)
        in_force = version.number == self.definition.published
        places = {node: place for place, node in enumerate(in_order(process.flow))}
        behind = len(self.known)
        for node_id, node in process.tasks.items():
            standard = workdays.standard(process.waktu[node_id], self.who.calendar) if in_force else None
            place = places.get(node_id, len(places)) + behind * 1000
            self.known.setdefault(node_id, _Known(node.name, place, standard))


def _steps(
    session: Session, who: Actor, definition: Definition, over: Period, jabatan_id: int | None
) -> tuple[StepRow, ...]:
    query = (
        select(StepTally, Jabatan.name)
        .join(Jabatan, Jabatan.id == StepTally.jabatan_id)
        .where(*_of_office(StepTally, who, over), StepTally.definition_id == definition.id)
    )
    if jabatan_id is not None:
        query = query.where(StepTally.jabatan_id == jabatan_id)
    months: dict[tuple[str, int], list[StepTally]] = {}
    names: dict[int, str] = {}
    for row, name in session.execute(query):
        months.setdefault((row.node_id, row.jabatan_id), []).append(row)
        names[row.jabatan_id] = name
    diagrams = _Diagrams(session, who, definition)
    diagrams.look_up({node for node, _ in months})
    rows = [_step(key, found, diagrams.known, names) for key, found in months.items()]
    place = {node: known.place for node, known in diagrams.known.items()}
    rows.sort(key=lambda row: (place.get(row.node_id, len(place) * 1000), row.node_id, row.jabatan))
    return tuple(row for row in rows if row.tasks.finished)


def _step(
    key: tuple[str, int], months: Sequence[StepTally], known: Mapping[str, _Known], names: Mapping[int, str]
) -> StepRow:
    node_id, jabatan_id = key
    step = known.get(node_id)
    return StepRow(
        node_id=node_id,
        name=step.name if step and step.name else node_id,
        jabatan_id=jabatan_id,
        jabatan=names[jabatan_id],
        standard=step.standard if step else None,
        tasks=_tasks(months),
        waited=spread(month.waited for month in months),
        worked=spread(month.worked for month in months),
        taken=spread(month.taken for month in months),
    )


# -- reasons ----------------------------------------------------------------------------------------------------------


def _reasons(
    session: Session, who: Actor, definition_id: int, over: Period, jabatan_id: int | None
) -> tuple[Reason, ...]:
    """The newest reasons of the period's returns, but for those that were taken back."""
    zone = ZoneInfo(who.calendar.timezone)
    begins, ends = (datetime.combine(day, time(), zone) for day in (over.first, later(over.last, 1)))
    query = (
        select(Task.run_id, Run.subject, Task.name.label("step"), Task.note, Person.name, Task.finished_at)
        .join(Run, Run.id == Task.run_id)
        .join(Person, Person.id == Task.finished_by)
        .where(
            Task.definition_id == definition_id,
            task_is(TaskState.RETURNED),
            Task.finished_at >= begins,
            Task.finished_at < ends,
        )
        .order_by(Task.finished_at.desc(), Task.id.desc())
        .limit(REASONS)
    )
    if jabatan_id is not None:
        query = query.where(Task.jabatan_id + 0 == jabatan_id)
    return tuple(Reason(*row._mapping.values()) for row in session.execute(query))
