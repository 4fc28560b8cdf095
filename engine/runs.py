"""Runs (*berkas*): started by somebody, advanced by what people do with their tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bpmn.flow import SEQUENTIAL
from bpmn.wording import sentence
from engine import definitions, errors, history, offices, spiff, workdays
from engine.offices import Actor
from engine.states import UNFINISHED, Right, RunState, TaskState, Verb, run_move
from engine.tables import Return, Run, Task, Version

SUBJECT_LIMIT = 300
"""Characters of a run's subject."""

NOTE_LIMIT = 4000
"""Characters of a note, a comment or a reason."""


@dataclass(frozen=True, slots=True)
class Act:
    """What an act on a run works with: who acts, on which run of which version, and when."""

    session: Session
    who: Actor
    run: Run
    version: Version
    process: spiff.Process
    now: datetime


def start(session: Session, who: Actor, definition_id: int, subject: str, now: datetime) -> int:
    """Begin a run of the published version; its id.

    Raises NothingPublished, and NotAllowed for somebody who holds none of the jabatan that act first.
    """
    definition = definitions.own(session, who, definition_id)
    if definition.published is None:
        raise errors.NothingPublished
    subject = " ".join(subject.split())
    if not subject:
        raise errors.Invalid(sentence("Perihal berkas wajib diisi."))
    if len(subject) > SUBJECT_LIMIT:
        raise errors.TooLong(sentence("Perihal"), SUBJECT_LIMIT)
    version = session.scalars(
        select(Version).where(Version.definition_id == definition_id, Version.number == definition.published)
    ).one()
    jabatan_id = next((held for held in who.held if held in version.starters), None)
    if jabatan_id is None:
        raise errors.NotAllowed(
            sentence("Berkas SOP ini hanya dapat dimulai oleh pemegang jabatan yang mengerjakan langkah pertamanya.")
        )
    run = Run(
        office_id=who.office_id,
        version_id=version.id,
        subject=subject,
        state=RunState.RUNNING,
        round=1,
        revision=0,
        state_of_engine=b"",
        started_by=who.id,
        started_at=now,
    )
    session.add(run)
    session.flush()
    history.record(session, who, Verb.START, now, run_id=run.id, jabatan_id=jabatan_id, subject=subject)
    process = definitions.process(session, version)
    write(Act(session, who, run, version, process, now), spiff.start(process))
    return run.id


def suspend(session: Session, who: Actor, run_id: int, reason: str, now: datetime) -> None:
    """Hold a run: its tasks wait. A manager's act with a reason; RunNotRunning where it is not running."""
    _move(session, who, run_id, Verb.SUSPEND, _reason(reason), now)


def resume(session: Session, who: Actor, run_id: int, note: str, now: datetime) -> None:
    """Let a suspended run go on. A manager's act; RunNotRunning where it is not suspended."""
    _move(session, who, run_id, Verb.RESUME, checked(note), now)


def cancel(session: Session, who: Actor, run_id: int, reason: str, now: datetime) -> None:
    """Give up a live run and withdraw its tasks. A manager's act with a reason."""
    _move(session, who, run_id, Verb.CANCEL, _reason(reason), now)
    session.execute(
        update(Task)
        .where(Task.run_id == run_id, Task.state.in_(UNFINISHED))
        .values(state=TaskState.WITHDRAWN)
        .execution_options(synchronize_session=False)
    )


def comment(session: Session, who: Actor, run_id: int, text: str, now: datetime) -> None:
    """Write something to a run of the office, for everybody there to read."""
    own(session, who, run_id)
    history.record(session, who, Verb.COMMENT, now, run_id=run_id, note=_reason(text))
    session.flush()


def own(session: Session, who: Actor, run_id: int) -> Run:
    """A run of the person's office, NotFound otherwise."""
    run = session.scalar(select(Run).where(Run.id == run_id, Run.office_id == who.office_id))
    if run is None:
        raise errors.NotFound
    return run


def checked(text: str) -> str:
    """A text that somebody typed, without what is not text; TooLong beyond NOTE_LIMIT."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > NOTE_LIMIT:
        raise errors.TooLong(sentence("Catatan"), NOTE_LIMIT)
    return text


def _reason(text: str) -> str:
    text = checked(text)
    if not text:
        raise errors.Invalid(sentence("Tuliskan alasan atau isinya terlebih dahulu."))
    return text


def _move(session: Session, who: Actor, run_id: int, verb: Verb, note: str, now: datetime) -> None:
    who.require(Right.MANAGER)
    run, made = own(session, who, run_id), run_move(verb)
    moved = session.scalar(
        update(Run)
        .where(Run.id == run_id, Run.state.in_(made.origins))
        .values(
            state=made.target,
            revision=Run.revision + 1,
            finished_at=now if made.target is RunState.CANCELLED else None,
        )
        .returning(Run.id)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        session.refresh(run, ["state"])
        raise errors.RunNotRunning(run.state)
    history.record(session, who, verb, now, run_id=run_id, note=note)
    session.flush()


def write(act: Act, advanced: spiff.Advanced, returned: Return | None = None) -> None:
    """Store what came of an act: the state against the revision that was read, and the tasks that now wait.

    StaleRun where another act was written first.
    """
    session, run = act.session, act.run
    written = session.scalar(
        update(Run)
        .where(Run.id == run.id, Run.revision == run.revision)
        .values(
            state_of_engine=advanced.state,
            revision=run.revision + 1,
            round=returned.round if returned else run.round,
            state=RunState.FINISHED if advanced.finished else RunState.RUNNING,
            finished_at=act.now if advanced.finished else None,
        )
        .returning(Run.id)
        .execution_options(synchronize_session=False)
    )
    if written is None:
        raise errors.StaleRun
    known = set(_open_tasks(session, run.id))
    for waiting in advanced.waiting:
        if waiting.engine_id not in known:
            open_task(act, waiting, returned)
    if advanced.finished:
        history.record(session, act.who, Verb.FINISH, act.now, run_id=run.id)
    session.flush()


def _open_tasks(session: Session, run_id: int) -> Sequence[str]:
    return session.scalars(select(Task.engine_id).where(Task.run_id == run_id, Task.state.in_(UNFINISHED))).all()


def open_task(act: Act, waiting: spiff.WaitingTask, returned: Return | None = None, done: Sequence[int] = ()) -> bool:
    """Write down that a task waits; whether there was anything to write.

    Of a task that each holder of its jabatan does, that is a part for each of them, or for the next of them who is not
    in `done`. Work that was sent back is claimed by the person who did it, if the person still holds the jabatan.
    """
    node = act.process.tasks[waiting.node_id]
    jabatan_id = jabatan_of(act.process, act.version, waiting.node_id)
    parts = _parts(act, jabatan_id, node.multi, done)
    doer = _doer(act, jabatan_id, waiting.node_id) if returned and not node.multi else None
    act.session.add_all(
        Task(
            run_id=act.run.id,
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
            due_at=workdays.due(act.now, act.process.waktu[waiting.node_id], act.who.calendar),
            note="",
        )
        for part, person in parts
    )
    return bool(parts)


def _parts(act: Act, jabatan_id: int, multi: str, done: Sequence[int]) -> list[tuple[int, int | None]]:
    """Number and person of each part of a task. Where nobody holds the jabatan, one part waits for whoever will."""
    if not multi:
        return [(0, None)]
    left = [person for person in _holders(act, jabatan_id) if person not in done]
    parts: list[tuple[int, int | None]] = [(len(done) + place, person) for place, person in enumerate(left, start=1)]
    if not parts and not done:
        return [(1, None)]
    return parts[:1] if multi == SEQUENTIAL else parts


def _doer(act: Act, jabatan_id: int, node_id: str) -> int | None:
    """Who did a step of the run last, if the person still holds its jabatan."""
    doer = act.session.scalar(
        select(Task.finished_by)
        .where(Task.run_id == act.run.id, Task.node_id == node_id, Task.finished_by.is_not(None))
        .order_by(Task.id.desc())
        .limit(1)
    )
    return doer if doer in _holders(act, jabatan_id) else None


def _holders(act: Act, jabatan_id: int) -> list[int]:
    return offices.holders(act.session, jabatan_id, act.who.calendar.day(act.now))


def jabatan_of(process: spiff.Process, version: Version, node_id: str) -> int:
    """The jabatan that performs a step of a version."""
    lane = process.tasks[node_id].lane
    return int(version.lanes[str(lane)])
