"""What a month's work came to: counted with each act, in its transaction. Statistics look at nothing else that is over.

What is counted, and when; a month is that of the office's time zone:

- A **task** when it is finished, by completing it or by returning, under its step and jabatan, in the month of
  `finished_at`. Its *waiting* is the working time from `created_at` to `claimed_at`, the last time that somebody
  claimed it, was given it or took it back; its *working* that from then to `finished_at`; each in whole minutes,
  rounded down, by the office's calendar at the time of finishing. Both together are their sum. Work that came back to
  its doer, who has it claimed at once, has waited 0 minutes. A part of a task that each holder does is a task.
  Withdrawn tasks do not count. It is on time if it was finished not after `due_at`; without that it is neither.
- A **run** when it is started, finished and cancelled, in the months of these moments; also one that another run
  called. Its *lead* is the working time from `started_at` to `finished_at`, in whole minutes, rounded down; that it was
  suspended takes none of it away. It is on time if no task of it was finished after its `due_at`. `returns` are those
  that were not taken back.
- A **flow** of the diagram each time that a token goes along it, in the month of the act. A task of which each holder
  does a part is left once, with the last part.
- A step that is **taken back** was none: exactly what its finish added is taken off again, from the month it was added
  to. The row of the task holds the minutes, that of the run its lead and the flows that its last step went along.
- Where runs were **moved** to another version under which a finished step has another id, its tasks count under that.

Nothing is written before the transaction is about to end, so that its rows, which many acts share, are locked for the
shortest time, and last: steps, then runs, then flows, each by its key; no two acts wait for each other in a circle.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, event, exists, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import ending, workdays
from engine.offices import Actor
from engine.states import DONE, RunState, TaskState
from engine.tables import FlowTally, Office, Run, RunTally, StepTally, Table, Task, Version
from engine.workdays import Calendar

PART = 500
"""Runs looked at together where all are counted anew."""

MINUTE = timedelta(minutes=1)

Histogram = Mapping[str, int]
"""How many lasted how long: minutes, as `bucket` rounds them, as decimal digits, and how often."""

StepKey = tuple[int, str, int, date]
"""SOP, step, jabatan, month."""

RunKey = tuple[int, date]
FlowKey = tuple[int, str, date]


# -- durations --------------------------------------------------------------------------------------------------------


def bucket(minutes: int) -> int:
    """A duration to two significant digits, halves up: 98, 99, 100, 110, … 990, 1000, 1100; below 100 as it is."""
    unit: int = 10 ** max(0, len(str(minutes)) - 2)
    return (minutes + unit // 2) // unit * unit


def percentile(histogram: Histogram, share: float) -> int | None:
    """The shortest of its durations that at least this share of all does not exceed, in minutes; None of none.

    That is the nearest rank: the median of an even number is the lower of the two in the middle.
    """
    rank = max(1, math.ceil(round(sum(histogram.values()) * share, 6)))
    for minutes in sorted(histogram, key=int):
        rank -= histogram[minutes]
        if rank <= 0:
            return int(minutes)
    return None


def merge(histograms: Iterable[Histogram]) -> dict[str, int]:
    """Several histograms as one."""
    merged: Counter[str] = Counter()
    for histogram in histograms:
        merged.update(histogram)
    return dict(merged)


def month_of(moment: datetime, calendar: Calendar) -> date:
    """The first day of the month that a moment falls into at the office."""
    return calendar.day(moment).replace(day=1)


def minutes(start: datetime, end: datetime, calendar: Calendar) -> int:
    """Whole minutes of working time between two moments; 0 where the second does not come after the first."""
    return max(0, workdays.elapsed(start, end, calendar) // MINUTE)


# -- what acts add ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Figures:
    """What is added to a row: to its sums, and to its histograms."""

    office_id: int
    sums: Counter[str] = field(default_factory=Counter)
    histograms: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, other: _Figures) -> None:
        for name, number in other.sums.items():
            self.sums[name] += number
        for name, histogram in other.histograms.items():
            mine = self.histograms.setdefault(name, Counter())
            for lasted, number in histogram.items():
                mine[lasted] += number

    def values(self) -> dict[str, Any]:
        """The columns of a row, each histogram in order and without what is none."""
        return {**self.sums, **{name: _ordered(histogram) for name, histogram in self.histograms.items()}}

    def __bool__(self) -> bool:
        return any(self.sums.values())


def _ordered(histogram: Histogram) -> dict[str, int]:
    return {lasted: histogram[lasted] for lasted in sorted(histogram, key=int) if histogram[lasted]}


def _figures(office_id: int, sums: Mapping[str, int], lasted: Mapping[str, int], sign: int = 1) -> _Figures:
    """One task or run as figures; its durations are given in minutes by the name of their histogram."""
    counted = Counter({name: sign * number for name, number in sums.items()})
    histograms = {name: Counter({str(bucket(number)): sign}) for name, number in lasted.items()}
    return _Figures(office_id, counted, histograms)


@dataclass(frozen=True, slots=True)
class Finish:
    """A finished task, as it is counted. `waited` and `worked` are minutes."""

    definition_id: int
    node_id: str
    jabatan_id: int
    at: datetime
    due_at: datetime | None
    returned: bool
    redone: bool
    waited: int
    worked: int

    def key(self, calendar: Calendar) -> StepKey:
        """Its row."""
        return self.definition_id, self.node_id, self.jabatan_id, month_of(self.at, calendar)

    def figures(self, office_id: int, sign: int = 1) -> _Figures:
        """What it adds there."""
        sums = {
            "finished": 1,
            "timed": int(self.due_at is not None),
            "on_time": int(self.due_at is not None and self.at <= self.due_at),
            "returned": int(self.returned),
            "redone": int(self.redone),
            "waiting": self.waited,
            "working": self.worked,
        }
        lasted = {"waited": self.waited, "worked": self.worked, "taken": self.waited + self.worked}
        return _figures(office_id, sums, lasted, sign)


def times(task: Any, at: datetime, calendar: Calendar) -> tuple[int, int]:
    """Minutes that a task which is finished at a moment waited, and that it was worked on."""
    claimed = task.claimed_at or task.created_at
    return minutes(task.created_at, claimed, calendar), minutes(claimed, at, calendar)


def finished(session: Session, who: Actor, task: Task, now: datetime, took: tuple[int, int], *, returned: bool) -> None:
    """A task was finished; `took` is what `times` tells of it, which its row is to hold."""
    finish = Finish(
        definition_id=task.definition_id,
        node_id=task.node_id,
        jabatan_id=task.jabatan_id,
        at=now,
        due_at=task.due_at,
        returned=returned,
        redone=task.return_id is not None,
        waited=took[0],
        worked=took[1],
    )
    _add(session, StepTally, finish.key(who.calendar), finish.figures(who.office_id))


def taken_back(session: Session, who: Actor, task: Task) -> None:
    """A finished task is to be as if it had not been; its row still holds what it was."""
    finish = _finish_of(task, who.calendar)
    _add(session, StepTally, finish.key(who.calendar), finish.figures(who.office_id, -1))


def renamed(session: Session, who: Actor, task: Task, before: str) -> None:
    """A finished task was given another step than `before`, by a move of its run to another version."""
    if task.state not in DONE or task.node_id == before:
        return
    finish = _finish_of(task, who.calendar)
    definition_id, node_id, jabatan_id, month = finish.key(who.calendar)
    _add(session, StepTally, (definition_id, before, jabatan_id, month), finish.figures(who.office_id, -1))
    _add(session, StepTally, (definition_id, node_id, jabatan_id, month), finish.figures(who.office_id))


def run_started(session: Session, who: Actor, definition_id: int, now: datetime) -> None:
    """A run of an SOP began."""
    _add_run(session, who, definition_id, now, {"started": 1})


def run_cancelled(session: Session, who: Actor, run_id: int, now: datetime) -> None:
    """A live run was given up."""
    _add_run(session, who, _definition_of(session, run_id), now, {"cancelled": 1})


def run_finished(
    session: Session, who: Actor, run: Run, definition_id: int, now: datetime, *, lead: int, returns: int
) -> None:
    """A run came to its end after `lead` minutes, which its row is to hold, and so many returns."""
    sums, lasted = _ended(_in_time(session, run.id), returns, lead)
    _add(session, RunTally, (definition_id, month_of(now, who.calendar)), _figures(who.office_id, sums, lasted))


def run_reopened(session: Session, who: Actor, run: Run, definition_id: int) -> None:
    """A finished run is to be live again; its row, and that of its last task, still hold what they were."""
    if run.finished_at is None:
        return
    lead = _lead_of(run, who.calendar)
    sums, lasted = _ended(_in_time(session, run.id), run.round - 1, lead)
    month = month_of(run.finished_at, who.calendar)
    _add(session, RunTally, (definition_id, month), _figures(who.office_id, sums, lasted, -1))


def passed(
    session: Session, who: Actor, definition_id: int, flows: Iterable[str], at: datetime, *, sign: int = 1
) -> None:
    """Tokens went along flows of a diagram, one for each time that a flow is named; `sign` -1 takes that back."""
    month = month_of(at, who.calendar)
    for flow in flows:
        _add(session, FlowTally, (definition_id, flow, month), _figures(who.office_id, {"passed": 1}, {}, sign))


def _finish_of(task: Any, calendar: Calendar) -> Finish:
    """A finished task from its row; what was finished before minutes were kept is measured now."""
    waited, worked = (task.waited, task.worked) if task.waited is not None else times(task, task.finished_at, calendar)
    return Finish(
        definition_id=task.definition_id,
        node_id=task.node_id,
        jabatan_id=task.jabatan_id,
        at=task.finished_at,
        due_at=task.due_at,
        returned=task.state is TaskState.RETURNED,
        redone=task.return_id is not None,
        waited=waited,
        worked=worked,
    )


def _lead_of(run: Any, calendar: Calendar) -> int:
    return int(run.lead) if run.lead is not None else minutes(run.started_at, run.finished_at, calendar)


def _ended(in_time: bool, returns: int, lead: int) -> tuple[dict[str, int], dict[str, int]]:
    """The sums and the duration of a finished run."""
    return {"finished": 1, "on_time": int(in_time), "returns": returns, "lead": lead}, {"led": lead}


_LATE = select(exists().where(Task.run_id == bindparam("run"), Task.state.in_(DONE), Task.finished_at > Task.due_at))


def _in_time(session: Session, run_id: int) -> bool:
    """Whether no task of a run was finished behind its deadline."""
    with session.no_autoflush:  # what is finished is written past the ORM
        return not session.scalar(_LATE, {"run": run_id})


def _definition_of(session: Session, run_id: int) -> int:
    with session.no_autoflush:
        return session.scalars(
            select(Version.definition_id).join(Run, Run.version_id == Version.id).where(Run.id == run_id)
        ).one()


def _add_run(session: Session, who: Actor, definition_id: int, now: datetime, sums: Mapping[str, int]) -> None:
    _add(session, RunTally, (definition_id, month_of(now, who.calendar)), _figures(who.office_id, sums, {}))


# -- until the transaction ends ---------------------------------------------------------------------------------------

_Key = tuple[Any, ...]
_Rows = dict[_Key, _Figures]


@dataclass(frozen=True, slots=True)
class _Change:
    """Something to be added to a row when the transaction ends."""

    table: type[Table]
    key: _Key
    figures: _Figures


_PENDING = "lajur_tallies"
"""Under this name they are left to the end of the transaction."""

_COLUMNS: Mapping[type[Table], tuple[tuple[str, ...], tuple[str, ...]]] = {
    StepTally: (
        ("finished", "timed", "on_time", "returned", "redone", "waiting", "working"),
        ("waited", "worked", "taken"),
    ),
    RunTally: (("started", "finished", "cancelled", "on_time", "returns", "lead"), ("led",)),
}
"""The sums and the histograms of each table that has both."""


def _add(session: Session, table: type[Table], key: _Key, figures: _Figures) -> None:
    ending.leave(session, _PENDING, _Change(table, key, figures))


@event.listens_for(Session, "before_commit")
def settle(session: Session) -> None:
    """Write what was added in a session whose transaction is about to end; nothing inside a savepoint."""
    changes: list[_Change] = ending.take(session, _PENDING)
    if not changes:
        return
    session.flush()
    for table in _COLUMNS:
        _write(session, table, _together(changes, table))
    _write_flows(session, _together(changes, FlowTally))


def _together(changes: Iterable[_Change], table: type[Table]) -> _Rows:
    """What comes to each row of a table; without rows to which nothing comes."""
    rows: _Rows = {}
    for change in changes:
        if change.table is table:
            rows.setdefault(change.key, _Figures(change.figures.office_id)).add(change.figures)
    return {key: figures for key, figures in rows.items() if figures}


def _write(session: Session, table: type[Table], changed: _Rows) -> None:
    if not changed:
        return
    rows = _locked(session, table, changed)
    keys, columns = _key_columns(table), _table(table).c
    still = [columns[name] == bindparam(f"key_{name}") for name in keys]
    written = []
    for key, row in rows.items():
        row.add(changed[key])
        written.append({f"key_{name}": part for name, part in zip(keys, key, strict=True)} | row.values())
    session.connection().execute(update(_table(table)).where(*still), written)


def _locked(session: Session, table: type[Table], changed: _Rows) -> _Rows:
    """What the rows hold, which nobody else writes until this act has ended; those that were not there are made.

    Of several rows, those that are missing are made first, and only then any is locked: to lock some, make one and lock
    more would be an order of its own.
    """
    keys = sorted(changed)
    primary = [_table(table).c[name] for name in _key_columns(table)]
    query = select(_table(table)).where(tuple_(*primary).in_(keys)).order_by(*primary).with_for_update()
    found = session.connection().execute(query).all() if len(keys) == 1 else []
    if len(found) < len(keys):
        new = [_row(table, key, _Figures(changed[key].office_id)) for key in keys]
        session.connection().execute(_insert(session, table).on_conflict_do_nothing(), new)
        found = session.connection().execute(query).all()
    return {tuple(row._mapping[name] for name in _key_columns(table)): _stored(table, row) for row in found}


def _stored(table: type[Table], row: Any) -> _Figures:
    sums, histograms = _COLUMNS[table]
    return _Figures(
        row.office_id,
        Counter({name: row._mapping[name] for name in sums}),
        {name: Counter(row._mapping[name]) for name in histograms},
    )


def _row(table: type[Table], key: _Key, figures: _Figures) -> dict[str, Any]:
    """A new row."""
    sums, histograms = _COLUMNS[table]
    empty: dict[str, Any] = {**dict.fromkeys(sums, 0), **{name: {} for name in histograms}}
    place = dict(zip(_key_columns(table), key, strict=True))
    return {**place, "office_id": figures.office_id, **empty, **figures.values()}


def _write_flows(session: Session, changed: _Rows) -> None:
    """One statement for all of them, in the order of their keys."""
    if not changed:
        return
    insert = _insert(session, FlowTally)
    adding = _table(FlowTally).c.passed + insert.excluded.passed
    keys = _key_columns(FlowTally)
    rows = [{**dict(zip(keys, key, strict=True)), "passed": changed[key].sums["passed"]} for key in sorted(changed)]
    session.connection().execute(insert.on_conflict_do_update(index_elements=keys, set_={"passed": adding}), rows)


def _table(table: type[Table]) -> Any:
    return Table.metadata.tables[table.__tablename__]


def _key_columns(table: type[Table]) -> list[str]:
    return [column.name for column in _table(table).primary_key]


def _insert(session: Session, table: type[Table]) -> sqlite.Insert | postgresql.Insert:
    """In a form that both kinds of database have."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    return insert(_table(table))


# -- all anew ---------------------------------------------------------------------------------------------------------


def missing(session: Session) -> list[int]:
    """Ids of the offices that have runs of which nothing was ever counted: their runs were made by an older release."""
    has_runs = exists().where(Run.office_id == Office.id)
    counted = exists().where(RunTally.office_id == Office.id)
    return list(session.scalars(select(Office.id).where(has_runs, ~counted).order_by(Office.id)))


def catch_up(session: Session) -> None:
    """Count what an older release left, after the tables were brought to this one's form."""
    for office_id in missing(session):
        rebuild(session, office_id)


def rebuild(session: Session, office_id: int) -> None:
    """Count all tasks and runs of an office anew, while nobody acts there.

    What was finished before minutes were kept is measured by the calendar of today, and then keeps them. Which flows
    were passed is known at the moment of the act only, so these are left as they are: of an older database they are
    counted from its upgrade on.
    """
    counted = _counted(session, office_id, keep=True)
    for table, rows in counted.items():
        session.execute(delete(table).where(_table(table).c.office_id == office_id))
        if rows:
            new = [_row(table, key, rows[key]) for key in sorted(rows)]
            session.connection().execute(_insert(session, table), new)
    session.flush()


def differing(session: Session, office_id: int) -> list[tuple[int, date]]:
    """SOPs and months of which the tables say something else than the tasks and runs of an office do.

    What the session's own transaction has still to write is written first.
    """
    settle(session)
    found: set[tuple[int, date]] = set()
    for table, counted in _counted(session, office_id).items():
        query = select(_table(table)).where(_table(table).c.office_id == office_id)
        stored = {
            tuple(row._mapping[name] for name in _key_columns(table)): _stored(table, row)
            for row in session.execute(query)
        }
        for key in stored.keys() | counted.keys():
            told, is_so = (_row(table, key, one.get(key, _Figures(office_id))) for one in (stored, counted))
            if told != is_so:
                found.add((key[0], key[-1]))
    return sorted(found)


def _counted(session: Session, office_id: int, *, keep: bool = False) -> dict[type[Table], _Rows]:
    """What the rows of an office should be, from its tasks and runs; `keep` writes minutes down where none are."""
    office = session.get_one(Office, office_id)
    calendar = workdays.calendar_from(office.calendar, office.timezone)
    of_steps: _Rows = {}
    of_runs: _Rows = {}
    for part in _parts(session, office_id):
        runs = session.execute(_RUNS.where(Run.id.in_(part))).all()
        tasks = session.execute(_FINISHED.where(Task.run_id.in_(part))).all()
        for run in runs:
            for key, figures in _of_run(run, calendar):
                of_runs.setdefault(key, _Figures(office_id)).add(figures)
        for task in tasks:
            finish = _finish_of(task, calendar)
            of_steps.setdefault(finish.key(calendar), _Figures(office_id)).add(finish.figures(office_id))
        if keep:
            _keep(session, runs, tasks, calendar)
    return {StepTally: of_steps, RunTally: of_runs}


_RUNS = select(
    *(Run.id, Run.office_id, Version.definition_id, Run.state, Run.round, Run.started_at, Run.finished_at, Run.lead),
    exists()
    .where(Task.run_id == Run.id, Task.state.in_(DONE), Task.finished_at > Task.due_at)
    .correlate(Run)
    .label("late"),
).join(Version, Version.id == Run.version_id)
_FINISHED = select(
    *(Task.id, Task.definition_id, Task.node_id, Task.jabatan_id, Task.state, Task.return_id, Task.waited, Task.worked),
    *(Task.created_at, Task.claimed_at, Task.finished_at, Task.due_at),
).where(Task.state.in_(DONE), Task.finished_at.is_not(None))
"""What is finished at no moment is damage of another kind."""


def _parts(session: Session, office_id: int) -> Iterator[Sequence[int]]:
    """The ids of an office's runs, a part at a time."""
    last = 0
    query = select(Run.id).where(Run.office_id == office_id).order_by(Run.id).limit(PART)
    while part := session.scalars(query.where(Run.id > last)).all():
        yield part
        last = part[-1]


def _of_run(run: Any, calendar: Calendar) -> Iterator[tuple[RunKey, _Figures]]:
    """The rows that a run adds to, and what."""
    yield (run.definition_id, month_of(run.started_at, calendar)), _figures(run.office_id, {"started": 1}, {})
    if run.finished_at is None:
        return
    if run.state is RunState.CANCELLED:
        yield (run.definition_id, month_of(run.finished_at, calendar)), _figures(run.office_id, {"cancelled": 1}, {})
    elif run.state is RunState.FINISHED:
        sums, lasted = _ended(not run.late, run.round - 1, _lead_of(run, calendar))
        yield (run.definition_id, month_of(run.finished_at, calendar)), _figures(run.office_id, sums, lasted)


def _keep(session: Session, runs: Sequence[Any], tasks: Sequence[Any], calendar: Calendar) -> None:
    """Write minutes into the rows of finished runs and tasks that have none."""
    leads = [
        {"key": run.id, "lead": _lead_of(run, calendar)}
        for run in runs
        if run.lead is None and run.state is RunState.FINISHED and run.finished_at is not None
    ]
    took = [(task.id, *times(task, task.finished_at, calendar)) for task in tasks if task.waited is None]
    minutes_of = [{"key": task, "waited": waited, "worked": worked} for task, waited, worked in took]
    for table, rows in ((_table(Run), leads), (_table(Task), minutes_of)):
        if rows:
            session.connection().execute(update(table).where(table.c.id == bindparam("key")), rows)
