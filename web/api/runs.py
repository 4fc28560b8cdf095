"""Runs (berkas): the office's, those one waits for, one in full, its history; starting one, and a comment."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from engine import runs as acts
from engine import tokens
from engine.queries import progress, runs, timeline
from engine.queries.progress import Standing
from engine.queries.runs import RunPage, RunRow
from engine.runs import AGENDA_LIMIT, NOTE_LIMIT, SUBJECT_LIMIT
from engine.states import Capacity, RunState, Verb
from web.api import shapes
from web.api.operations import get, post
from web.api.shapes import Given, Id, Minutes, Moment, Paged, Taken, Task, Text
from web.edge import Act


class RunQuery(Paged, frozen=True):
    """Which runs: of one state, or all."""

    state: RunState | UnsetType = UNSET


class WaitingQuery(Paged, frozen=True):
    """Which of the runs that were sent on."""

    text: Text = ""
    definition: Id | UnsetType = UNSET


class Run(Given, frozen=True):
    """A run. `waiting` are its open tasks."""

    id: Id
    subject: str
    agenda: str
    sop: str
    state: RunState
    round: int
    started_by: str
    started_at: Moment
    finished_at: Moment | None
    waiting: tuple[Task, ...]


class RunList(Given, frozen=True):
    """A page of runs. `incomplete`: a search went through so many rows that it stopped before the page was full."""

    items: tuple[Run, ...]
    next: str | None
    incomplete: bool


class Step(Given, frozen=True):
    """A step of the run's diagram: how it stands, how often it was finished, how often that sent the run back."""

    node_id: str
    name: str
    jabatan: str
    standing: Standing
    times: int
    returns: int


class RunDetail(Given, frozen=True):
    """One run in full. The minutes are the sums of its tasks, those that were done anew as well."""

    run: Run
    definition_id: Id
    number: str
    version: int
    version_id: Id
    steps: tuple[Step, ...]
    waiting_minutes: Minutes
    working_minutes: Minutes


class HistoryEntry(Given, frozen=True):
    """An act on a run. `person` is `Lajur` where a timer or the worker acted; `to` are the steps of a return."""

    at: Moment
    verb: Verb
    person: str
    jabatan: str | None
    capacity: Capacity | None
    task_id: Id | None
    step: str | None
    choice: str
    note: str
    round: int | None
    to: tuple[str, ...]


class History(Given, frozen=True):
    """A page of a history, oldest first."""

    items: tuple[HistoryEntry, ...]
    next: str | None


class NewRun(Taken, frozen=True):
    """Of which SOP, about what; `agenda` is the nomor agenda of the letter, if any."""

    definition_id: Id
    subject: Annotated[str, Meta(min_length=1, max_length=SUBJECT_LIMIT)]
    agenda: Annotated[str, Meta(max_length=AGENDA_LIMIT)] = ""


class Comment(Taken, frozen=True):
    """What everybody of the office may read in the run's history."""

    text: Annotated[str, Meta(min_length=1, max_length=NOTE_LIMIT)]


@get("/runs", tokens.RUNS)
def list_runs(act: Act, query: RunQuery) -> RunList:
    """List the runs of the office, newest first."""
    state = None if query.state is UNSET else query.state
    before = shapes.cursor_id(query.after)
    page = runs.all_of_office(act.session, act.who, act.now, state, before, query.limit)
    following = None if page.next is None else str(page.next)
    return RunList(items=tuple(map(_run, page.rows)), next=following, incomplete=False)


@get("/runs/{run_id}", tokens.RUNS)
def get_run(act: Act, run_id: int) -> RunDetail:
    """Read one run: where it stands, step by step, and what it took so far."""
    return _detail(runs.one(act.session, act.who, run_id, act.now))


@get("/runs/{run_id}/history", tokens.RUNS)
def get_history(act: Act, run_id: int, query: Paged) -> History:
    """Read what was done in a run, by whom and in which jabatan, oldest first."""
    acts.own(act.session, act.who, run_id)
    entries = enumerate(timeline.timeline(act.session, run_id), start=1)
    rows, following = shapes.cut(tuple(entries), lambda numbered: numbered[0], query)
    return History(items=tuple(_entry(entry) for _, entry in rows), next=following)


@get("/waiting", tokens.TASKS)
def list_waiting(act: Act, query: WaitingQuery) -> RunList:
    """List the live runs that the token's owner has sent on, and that are now with others.

    The one sent on last comes first.
    """
    page = runs.sent_on(
        act.session,
        act.who,
        act.now,
        shapes.clean(query.text),
        shapes.or_none(query.definition),
        shapes.unset(query.after),
        query.limit,
    )
    return RunList(items=tuple(map(_run, page.rows)), next=page.next or None, incomplete=page.broken_off)


@post("/runs", tokens.START, status=201, location="/runs/{id}")
def start_run(act: Act, body: NewRun) -> Run:
    """Start a run by the version of an SOP that is in force.

    Up to who holds a jabatan that acts first in it.
    """
    subject, agenda = shapes.clean(body.subject), shapes.clean(body.agenda)
    run_id = acts.start(act.session, act.who, body.definition_id, subject, act.now, agenda)
    return _run(runs.one(act.session, act.who, run_id, act.now).row)


@post("/runs/{run_id}/comments", tokens.RUNS, status=204)
def comment_on_run(act: Act, run_id: int, body: Comment) -> None:
    """Write a comment into the history of a run."""
    acts.comment(act.session, act.who, run_id, shapes.clean(body.text), act.now)


def _run(row: RunRow) -> Run:
    return Run(
        id=row.id,
        subject=row.subject,
        agenda=row.agenda,
        sop=row.sop,
        state=row.state,
        round=row.round,
        started_by=row.started_by,
        started_at=shapes.moment(row.started_at),
        finished_at=shapes.moment_or_none(row.finished_at),
        waiting=tuple(map(shapes.task, row.waiting)),
    )


def _detail(found: RunPage) -> RunDetail:
    return RunDetail(
        run=_run(found.row),
        definition_id=found.definition_id,
        number=found.number,
        version=found.version,
        version_id=found.version_id,
        steps=tuple(map(_step, found.progress.steps)),
        waiting_minutes=shapes.minutes(found.spent.waiting),
        working_minutes=0 if found.spent.working is None else shapes.minutes(found.spent.working),
    )


def _step(step: progress.Step) -> Step:
    return Step(
        node_id=step.node_id,
        name=step.name,
        jabatan=step.jabatan,
        standing=step.standing,
        times=step.times,
        returns=step.returns,
    )


def _entry(entry: timeline.Entry) -> HistoryEntry:
    facts = entry.facts
    return HistoryEntry(
        at=shapes.moment(entry.at),
        verb=entry.verb,
        person=entry.person,
        jabatan=entry.jabatan,
        capacity=entry.capacity,
        task_id=entry.task_id,
        step=entry.step,
        choice=str(facts.get("choice", "")),
        note=str(facts.get("note", "")),
        round=facts.get("round"),
        to=tuple(map(str, facts.get("to", ()))) if isinstance(facts.get("to"), list) else (),
    )
