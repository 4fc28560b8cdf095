"""The event log of an office's runs, for process mining: a trace for each run, two events for each step that was done.

A period takes the runs that were started in it, with all that became of them since: so a run is in one period only,
and stays in it. A step that was taken away unfinished leaves no event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bpmn.wording import sentence
from engine import errors, xes
from engine.offices import Actor
from engine.queries.timeline import NOBODY
from engine.states import DONE, Right, RunState, TaskState, Verb
from engine.tables import Definition, History, Jabatan, Person, Run, Task, Version
from engine.xes import COMPLETE, INSTANCE, JABATAN, NAME, PERSON, START, TIME, TRANSITION, Trace, Value

XES, CSV = "xes", "csv"
"""The kinds of file that a log is written as; their names end so."""

BATCH = 200
"""Runs that are read at a time."""

DAY = timedelta(days=1)

RUN_KEYS = (
    *(NAME, "agenda", "subject", "sop_id", "sop", "process_id", "version"),
    *("state", "started", "finished", "returns"),
)
"""What a trace says of its run. Its name is the run's number, which no other run has; `returns` is how often it was
sent back; `finished` is missing while it is not over."""

EVENT_KEYS = (
    *(NAME, INSTANCE, TRANSITION, TIME, PERSON, JABATAN, "node", "round", "offered", "started", "due", "redone"),
    *("capacity", "decision", "returned", "reason"),
)
"""What an event says of a step. The instance is the task, which its two events share. `offered` is from when it could
be claimed, `started` when it last was, `due` its deadline, `redone` whether a return had brought it back. Only when it
is complete: in what capacity, by which decision, whether that `returned` the run, and why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs: of one SOP or all, started from a day to a day, both included, and finished or in any state."""

    definition: int | None = None
    since: date | None = None
    until: date | None = None
    finished: bool = False


def require(session: Session, who: Actor, wanted: Wanted) -> None:
    """Raise NotAllowed for somebody who is no manager, NotFound for an SOP of another office, Invalid for a period."""
    who.require(Right.MANAGER)
    if wanted.since is not None and wanted.until is not None and wanted.until < wanted.since:
        raise errors.Invalid(sentence("Tanggal akhir tidak boleh sebelum tanggal mulai."))
    if wanted.definition is not None and not session.scalar(
        select(Definition.id).where(Definition.id == wanted.definition, Definition.office_id == who.office_id)
    ):
        raise errors.NotFound


def traces(reading: Callable[[], AbstractContextManager[Session]], who: Actor, wanted: Wanted) -> Iterator[Trace]:
    """The runs of the person's office, by their ids, each as it is when its turn comes. Raises as `require` does.

    Read in batches, each in a reading transaction of its own: however slowly it is fetched, a log keeps none open.
    """
    with reading() as session:
        require(session, who, wanted)
    last: int | None = 0
    while last is not None:
        with reading() as session:
            found, last = batch(session, who, wanted, last)
        yield from found


def pieces(
    reading: Callable[[], AbstractContextManager[Session]], who: Actor, wanted: Wanted, kind: str
) -> Iterator[str]:
    """The same as the text of a file, XES or CSV, a piece at a time."""
    found = traces(reading, who, wanted)
    return xes.written(found) if kind == XES else xes.table(found, RUN_KEYS, EVENT_KEYS)


def batch(session: Session, who: Actor, wanted: Wanted, after: int) -> tuple[list[Trace], int | None]:
    """The runs behind the run `after`, BATCH at most, and the id of the last; None where there are no more."""
    query = (
        select(Run, Version.number, Definition)
        .join(Version, Version.id == Run.version_id)
        .join(Definition, Definition.id == Version.definition_id)
        .where(Run.office_id == who.office_id, Run.id > after, *_narrowed(who, wanted))
        .order_by(Run.id)
        .limit(BATCH)
    )
    runs = session.execute(query).all()
    ids = [row.Run.id for row in runs]
    zone = ZoneInfo(who.calendar.timezone)
    finishes = _finishes(session, ids)
    steps = {run: tuple(rows) for run, rows in groupby(_steps(session, ids), key=lambda row: int(row.Task.run_id))}
    found = [Trace(_of_run(row, zone), _events(steps.get(row.Run.id, ()), finishes, zone)) for row in runs]
    return found, ids[-1] if len(ids) == BATCH else None


def _narrowed(who: Actor, wanted: Wanted) -> Iterator[Any]:
    zone = ZoneInfo(who.calendar.timezone)
    if wanted.definition is not None:
        # Computed, so that SQLite goes through the runs once, in order, and not by their versions for each batch.
        versions = select(Version.id).where(Version.definition_id == wanted.definition)
        yield (Run.version_id + 0).in_(versions)
    if wanted.since is not None:
        yield Run.started_at >= datetime.combine(wanted.since, time(), zone)
    if wanted.until is not None:
        yield Run.started_at < datetime.combine(wanted.until + DAY, time(), zone)
    if wanted.finished:
        yield Run.state == RunState.FINISHED


def _steps(session: Session, runs: Sequence[int]) -> Sequence[Any]:
    """The tasks of these runs that were done or are being done, with whose they are, by run."""
    return session.execute(
        select(Task, Jabatan.name.label("jabatan"), Person.name.label("person"))
        .join(Jabatan, Jabatan.id == Task.jabatan_id)
        .join(Person, Person.id == func.coalesce(Task.finished_by, Task.claimed_by))
        .where(Task.run_id.in_(runs), Task.state.in_((*DONE, TaskState.CLAIMED)))
        .order_by(Task.run_id, Task.id)
    ).all()


def _finishes(session: Session, runs: Sequence[int]) -> dict[int, History]:
    """How each task of these runs was finished last; one that was taken back may have been before."""
    found = session.scalars(
        select(History)
        .where(History.run_id.in_(runs), History.verb.in_((Verb.COMPLETE, Verb.RETURN)))
        .order_by(History.run_id, History.id)
    )
    return {act.task_id: act for act in found if act.task_id is not None}


def _of_run(row: Any, zone: ZoneInfo) -> dict[str, Value]:
    run, definition = row.Run, row.Definition
    known = {
        NAME: str(run.id),
        "agenda": run.agenda or None,
        "subject": run.subject,
        "sop_id": definition.id,
        "sop": definition.title,
        "process_id": definition.process_id,
        "version": row.number,
        "state": str(run.state),
        "started": run.started_at.astimezone(zone),
        "finished": run.finished_at.astimezone(zone) if run.finished_at else None,
        "returns": run.round - 1,
    }
    return _known(known)


def _events(steps: Sequence[Any], finishes: dict[int, History], zone: ZoneInfo) -> tuple[dict[str, Value], ...]:
    """The events in order of time. Of those of one moment, what led to a step comes before it."""
    events: list[tuple[tuple[datetime, int, bool], dict[str, Value]]] = []
    for row in steps:
        task = row.Task
        started = task.claimed_at or task.created_at
        known = {
            NAME: task.name,
            INSTANCE: str(task.id),
            TRANSITION: START,
            TIME: started.astimezone(zone),
            PERSON: row.person or NOBODY,
            JABATAN: row.jabatan,
            "node": task.node_id,
            "round": task.round,
            "offered": task.created_at.astimezone(zone),
            "started": started.astimezone(zone),
            "due": task.due_at.astimezone(zone) if task.due_at else None,
            "redone": task.return_id is not None,
        }
        events.append(((started, task.id, False), _known(known)))
        if task.finished_at is not None:
            ended = {TRANSITION: COMPLETE, TIME: task.finished_at.astimezone(zone), **_end(task, finishes.get(task.id))}
            events.append(((task.finished_at, task.id, True), _known(known | ended)))
    return tuple(event for _, event in sorted(events, key=lambda one: one[0]))


def _end(task: Task, act: History | None) -> dict[str, Value | None]:
    returned = task.state is TaskState.RETURNED
    return {
        "capacity": str(act.capacity) if act and act.capacity else None,
        "decision": act.facts.get("choice") if act else task.choice,
        "returned": returned,
        "reason": task.note if returned else None,
    }


def _known(attributes: dict[str, Any]) -> dict[str, Value]:
    return {key: value for key, value in attributes.items() if value is not None}
