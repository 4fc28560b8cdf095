"""What comes of an act is written: the run's state, tasks that opened or fell away, what else it waits for.

An act on a run begins with `opened`, which locks it, and ends with `write`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session, undefer

from bpmn.flow import MESSAGE, SEQUENTIAL, SIGNAL, TIMER, Node
from engine import definitions, errors, history, offices, spiff, stuck, tallies, timers, words, workdays
from engine.offices import Actor
from engine.states import DONE, LIVE, UNFINISHED, RunState, TaskState, Verb, Wait
from engine.tables import Definition, Involvement, Return, Run, Table, Task, Version, Waiting

DEPTH = 10
"""How many runs may call one another in a row."""

_KINDS = {TIMER: Wait.TIMER, MESSAGE: Wait.MESSAGE, SIGNAL: Wait.SIGNAL}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Act:
    """What an act on a run works with: who acts, on which run of which version, and when."""

    session: Session
    who: Actor
    run: Run
    version: Version
    process: spiff.Process
    now: datetime


_runs = Table.metadata.tables[Run.__tablename__]

# Built once: to build one anew takes as long as to ask the database.
_OPENED = (
    select(Run, Version)
    .join(Version, Version.id == Run.version_id)
    .where(Run.id == bindparam("run"))
    .options(undefer(Run.state_of_engine))
    .with_for_update(of=Run, key_share=True)
    .execution_options(populate_existing=True)
)
_OPEN_TASKS = select(Task.engine_id).where(
    Task.run_id == bindparam("run"), Task.state.in_(bindparam("states", expanding=True))
)


# -- an act begins ----------------------------------------------------------------------------------------------------


def opened(session: Session, who: Actor, run_id: int, called_by: int | None, now: datetime) -> Act:
    """The run for an act on it. Its row is locked: of two branches completed at once, the second waits here.

    The lock lets others refer to the row (`key_share`): whoever claims a task has its row before the history refers to
    the run, and would wait in a circle. StaleRun where the run was moved to another version in that moment.

    The runs that called it are locked first, from the outermost in, so that no two acts wait for each other. The worker
    has locked the run itself before that; so it does not wait, and tries again later.
    """
    nobody = who.id == offices.SYSTEM
    for caller in _callers(session, called_by):
        session.execute(select(Run.id).where(Run.id == caller).with_for_update(nowait=nobody, key_share=True))
    found = session.execute(_OPENED, {"run": run_id}).one_or_none()
    if found is None:  # PostgreSQL leaves out a row that, once the lock is free, has another version
        raise errors.StaleRun
    run, version = found
    return Act(session, who, run, version, definitions.process(session, version), now)


def attempt(act: Act, advance: Callable[[], T]) -> T:
    """What `advance` makes of the run's state; RunDamaged, which writes that down, where the state does not load."""
    try:
        return advance()
    except (errors.StateDamaged, errors.TaskFinished) as damaged:  # the tables say that it is not finished
        run_id, now, why = act.run.id, act.now, getattr(damaged, "why", "the state does not wait for this")

        def mark(session: Session) -> None:
            session.execute(update(Run).where(Run.id == run_id).values(damage=why, damaged_at=now))
            session.execute(update(Waiting).where(Waiting.run_id == run_id).values(next_due=None))
            stuck.touch(session, run_id)

        raise errors.RunDamaged(why, mark) from damaged


def begin(
    session: Session,
    who: Actor,
    version: Version,
    subject: str,
    now: datetime,
    caller: tuple[int, str] | None = None,
    agenda: str = "",
) -> Act:
    """A new run of a version, with nothing in it yet; `caller` is the run that called it and the id it waits under."""
    run = Run(
        office_id=who.office_id,
        version_id=version.id,
        subject=subject,
        agenda=agenda,
        state=RunState.RUNNING,
        round=1,
        revision=0,
        state_of_engine=b"",
        started_by=who.id or None,
        started_at=now,
        parent_id=caller[0] if caller else None,
        parent_engine_id=caller[1] if caller else None,
    )
    session.add(run)
    session.flush()
    title = session.scalars(select(Definition.title).where(Definition.id == version.definition_id)).one()
    words.keep(session, run, (subject, agenda, title))
    tallies.run_started(session, who, version.definition_id, now)
    return Act(session, who, run, version, definitions.process(session, version), now)


def _callers(session: Session, run_id: int | None) -> list[int]:
    """The run and those that called it, outermost first."""
    found: list[int] = []
    while run_id is not None and len(found) <= DEPTH:
        found.insert(0, run_id)
        run_id = session.scalar(select(Run.parent_id).where(Run.id == run_id))
    return found


# -- and ends ---------------------------------------------------------------------------------------------------------


def write(act: Act, advanced: spiff.Advanced, returned: Return | None = None, undo: Task | None = None) -> None:
    """Store what came of an act: the state against the revision that was read, and what the run now waits for.

    `undo` is the task that was finished, if it is to be possible to take that back. StaleRun where another act was
    written first.
    """
    session, run = act.session, act.run
    lead = tallies.minutes(run.started_at, act.now, act.who.calendar) if advanced.finished else None
    # Past the ORM, which would look for objects to change too: this one is read anew by whoever needs it again.
    written = session.connection().execute(
        update(_runs)
        .where(_runs.c.id == run.id, _runs.c.revision == run.revision)
        .values(
            state_of_engine=advanced.state,
            revision=run.revision + 1,
            round=returned.round if returned else run.round,
            state=RunState.FINISHED if advanced.finished else run.state,
            finished_at=act.now if advanced.finished else None,
            lead=lead,
            damage="",
            damaged_at=None,
            undo_task=undo.id if undo else None,
            undo_state=run.state_of_engine if undo else None,
            undo_flows=list(advanced.passed) if undo else None,
        )
    )
    if written.rowcount != 1:
        raise errors.StaleRun
    tallies.passed(session, act.who, act.version.definition_id, advanced.passed, act.now)
    with session.no_autoflush:  # the history of this act is not asked for here
        known = set(session.scalars(_OPEN_TASKS, {"run": run.id, "states": list(UNFINISHED)}))
    withdraw(session, run.id, known - {waiting.engine_id for waiting in advanced.waiting})
    for waiting in advanced.waiting:
        if waiting.engine_id not in known:
            open_task(act, waiting, returned)
    if act.process.events:
        sync_waits(act, advanced.events)
    if run.damage:
        wake(session, run.id)
    if advanced.finished:
        end(session, run.id)
        rounds = returned.round if returned else run.round
        tallies.run_finished(
            session, act.who, run, act.version.definition_id, act.now, lead=lead or 0, returns=rounds - 1
        )
        history.record(session, act.who, Verb.FINISH, act.now, run_id=run.id)
        _go_on_in_caller(act)
    session.flush()


def withdraw(session: Session, run_id: int, engine_ids: Collection[str] | None = None) -> None:
    """Take unfinished tasks of a run away: those with these ids, or all."""
    which = [Task.run_id == run_id, Task.state.in_(UNFINISHED)]
    if engine_ids is not None:
        if not engine_ids:
            return
        which.append(Task.engine_id.in_(engine_ids))
    session.execute(
        update(Task)
        .where(*which)
        .values(state=TaskState.WITHDRAWN, alert_at=None)
        .execution_options(synchronize_session=False)
    )


# -- tasks ------------------------------------------------------------------------------------------------------------


def open_task(
    act: Act, waiting: spiff.WaitingTask, returned: Return | None = None, done: Sequence[int] = (), last: int = 0
) -> bool:
    """Write down that a task waits; whether there was anything to write.

    Of a task that each holder of its jabatan does, that is a part for each of them, or for the next of them who is not
    in `done`; parts are numbered on from `last`. Work that was sent back is claimed by the person who did it, if the
    person still holds the jabatan; the fields of its form hold what was entered in the earlier round.
    """
    node = act.process.tasks[waiting.node_id]
    jabatan_id = jabatan_of(act.process, act.version, waiting.node_id)
    parts = _parts(act, jabatan_id, node.multi, done, last)
    earlier = _earlier(act, waiting.node_id) if (returned or act.run.round > 1) and not node.multi else None
    doer = _doer(act, jabatan_id, earlier) if returned else None
    due_at = workdays.due(act.now, act.process.waktu[waiting.node_id], act.who.calendar)
    act.session.add_all(
        Task(
            run_id=act.run.id,
            definition_id=act.version.definition_id,
            engine_id=waiting.engine_id,
            part=part,
            reserved_for=person,
            node_id=waiting.node_id,
            name=node.name[:300],
            jabatan_id=jabatan_id,
            state=TaskState.CLAIMED if doer else TaskState.OPEN,
            claimed_by=doer,
            claimed_at=act.now if doer else None,
            round=returned.round if returned else act.run.round,
            return_id=returned.id if returned else None,
            created_at=act.now,
            due_at=due_at,
            order_at=due_at or workdays.NEVER,
            near_at=workdays.near(act.now, due_at, act.who.calendar) if due_at else None,
            alert_at=act.now,
            note="",
            entries=earlier.entries if earlier else {},
        )
        for part, person in parts
    )
    return bool(parts)


def _parts(act: Act, jabatan_id: int, multi: str, done: Sequence[int], last: int) -> list[tuple[int, int | None]]:
    """Number and person of each part of a task. Where nobody holds the jabatan, one part waits for whoever will."""
    if not multi:
        return [(0, None)]
    left = [person for person in _holders(act, jabatan_id) if person not in done]
    parts: list[tuple[int, int | None]] = [(last + place, person) for place, person in enumerate(left, start=1)]
    if not parts and not done:
        return [(1, None)]
    return parts[:1] if multi == SEQUENTIAL else parts


def _earlier(act: Act, node_id: str) -> Task | None:
    """The task of this step that was finished last in this run."""
    return act.session.scalar(
        select(Task)
        .where(Task.run_id == act.run.id, Task.node_id == node_id, Task.state.in_(DONE))
        .order_by(Task.id.desc())
        .limit(1)
    )


def _doer(act: Act, jabatan_id: int, earlier: Task | None) -> int | None:
    """Who did a step last, or stands in for that person today, if that is a holder of its jabatan."""
    if earlier is None or earlier.finished_by is None:
        return None
    doer = offices.stand_in(act.session, earlier.finished_by, act.who.calendar.day(act.now))
    return doer if doer in _holders(act, jabatan_id) else None


def _holders(act: Act, jabatan_id: int) -> list[int]:
    return offices.holders(act.session, jabatan_id, act.who.calendar.day(act.now))


def jabatan_of(process: spiff.Process, version: Version, node_id: str) -> int:
    """The jabatan that performs a step of a version."""
    lane = process.tasks[node_id].lane
    return int(version.lanes[str(lane)])


# -- what else a run waits for ----------------------------------------------------------------------------------------


def sync_waits(act: Act, events: Sequence[spiff.WaitingTask], since: datetime | None = None) -> None:
    """Let the table of waits hold exactly these events. New ones wait since `since`, or since the act.

    Runs that were called and are no longer waited for are given up; a call that is new begins a run.
    """
    known = set(act.session.scalars(select(Waiting.engine_id).where(Waiting.run_id == act.run.id)))
    gone = known - {event.engine_id for event in events}
    if gone:
        act.session.execute(delete(Waiting).where(Waiting.run_id == act.run.id, Waiting.engine_id.in_(gone)))
        called = select(Run.id).where(Run.parent_id == act.run.id, Run.parent_engine_id.in_(gone), Run.state.in_(LIVE))
        for run_id in act.session.scalars(called).all():
            give_up(act.session, act.who, run_id, act.now)
    for event in events:
        if event.engine_id not in known:
            _wait_for(act, event, since or act.now)


def _wait_for(act: Act, event: spiff.WaitingTask, since: datetime) -> None:
    node = act.process.events[event.node_id]
    kind = Wait.CALL if node.calls else _KINDS[node.event.kind if node.event else ""]
    due_at = timers.due(node.event, since, act.who.calendar) if kind is Wait.TIMER and node.event else None
    act.session.add(
        Waiting(
            office_id=act.run.office_id,
            run_id=act.run.id,
            engine_id=event.engine_id,
            node_id=event.node_id,
            kind=kind,
            name=_name(node)[:300],
            since=since,
            due_at=due_at,
            next_due=due_at if act.run.state is RunState.RUNNING else None,
        )
    )
    if kind is Wait.CALL:
        _call(act, node.calls, event.engine_id)


def _name(node: Node) -> str:
    if node.calls:
        return node.calls
    return node.event.text if node.event and node.event.kind != TIMER else ""


def _call(act: Act, process_id: str, engine_id: str) -> None:
    """Begin the run of another SOP that this run waits for. CalledSopMissing where the office has not published it."""
    version = definitions.published(act.session, act.run.office_id, process_id)
    if version is None or len(_callers(act.session, act.run.id)) > DEPTH:
        raise errors.CalledSopMissing(process_id)
    called = begin(act.session, act.who, version, act.run.subject, act.now, (act.run.id, engine_id))
    facts = {"subject": act.run.subject, "called_by": act.run.id}
    history.record(act.session, act.who, Verb.START, act.now, run_id=called.run.id, facts=facts)
    write(called, spiff.start(called.process))


def _go_on_in_caller(act: Act) -> None:
    """Let the run that waited for this one go on."""
    run = act.run
    if run.parent_id is None or run.parent_engine_id is None:
        return
    waiting = act.session.scalar(
        select(Waiting).where(Waiting.run_id == run.parent_id, Waiting.engine_id == run.parent_engine_id)
    )
    if waiting is None:
        return
    parent = act.session.get_one(Run, run.parent_id)
    caller = opened(act.session, act.who, parent.id, parent.parent_id, act.now)
    try:
        happened(caller, waiting, Verb.FIRE, called=run.subject, run=run.id)
    except errors.RunDamaged as damaged:  # this run is done all the same; the worker tries again once that one loads
        waiting.due_at = act.now
        damaged.mark(act.session)


def happened(act: Act, waiting: Waiting, verb: Verb, **facts: object) -> None:
    """What a run waited for came: it goes on, and the history says so."""
    state, engine_id = act.run.state_of_engine, waiting.engine_id
    advanced = attempt(act, lambda: spiff.fire(act.process, state, engine_id))
    node = act.process.events[waiting.node_id]
    facts["event"] = node.name or waiting.name
    history.record(act.session, act.who, verb, act.now, run_id=act.run.id, facts=facts)
    write(act, advanced)


def end(session: Session, run_id: int) -> None:
    """Nobody waits for a run that is over."""
    session.execute(delete(Involvement).where(Involvement.run_id == run_id))
    words.ended(session, run_id)


def wake(session: Session, run_id: int) -> None:
    """Let the timers of a run fire that was suspended or damaged."""
    session.execute(update(Waiting).where(Waiting.run_id == run_id).values(next_due=Waiting.due_at))


def give_up(session: Session, who: Actor, run_id: int, now: datetime, note: str = "") -> None:
    """Cancel a live run with all that it called: its tasks are withdrawn, and nothing of it is waited for."""
    session.execute(
        update(Run)
        .where(Run.id == run_id)
        .values(state=RunState.CANCELLED, revision=Run.revision + 1, finished_at=now, undo_task=None, undo_state=None)
        .execution_options(synchronize_session=False)
    )
    tallies.run_cancelled(session, who, run_id, now)
    withdraw(session, run_id)
    end(session, run_id)
    session.execute(delete(Waiting).where(Waiting.run_id == run_id))
    history.record(session, who, Verb.CANCEL, now, run_id=run_id, note=note)
    for called in session.scalars(select(Run.id).where(Run.parent_id == run_id, Run.state.in_(LIVE))).all():
        give_up(session, who, called, now, note)
