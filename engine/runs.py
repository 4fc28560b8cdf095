"""Runs (*berkas*): started by somebody, advanced by what people do with their tasks and by what else they wait for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bpmn.wording import sentence
from engine import advancing, alerts, definitions, errors, history, offices, spiff, timers
from engine.offices import Actor
from engine.states import LIVE, Right, RunState, Verb, Wait, run_move
from engine.tables import Definition, Run, Version, Waiting

SUBJECT_LIMIT = 300
"""Characters of a run's subject."""

AGENDA_LIMIT = 60
"""Characters of a nomor agenda."""

NOTE_LIMIT = 4000
"""Characters of a note, a comment or a reason."""


def start(session: Session, who: Actor, definition_id: int, subject: str, now: datetime, agenda: str = "") -> int:
    """Begin a run of the published version; its id. `agenda` is the nomor agenda of the letter it is about, if any.

    Raises NothingPublished, Retired, and NotAllowed for somebody who holds none of the jabatan that act first.
    """
    version, jabatan_id = _opening(session, who, definition_id)
    subject, agenda = _named(subject, agenda)
    act = advancing.begin(session, who, version, subject, now, agenda=agenda)
    facts = {"subject": subject, "agenda": agenda}
    history.record(session, who, Verb.START, now, run_id=act.run.id, jabatan_id=jabatan_id, facts=facts)
    advancing.write(act, spiff.start(act.process))
    return act.run.id


def check_start(session: Session, who: Actor, definition_id: int, subject: str, agenda: str) -> None:
    """Raise what `start` would, so that nothing is prepared in vain."""
    _opening(session, who, definition_id)
    _named(subject, agenda)


def start_due(session: Session, definition_id: int, now: datetime) -> int | None:
    """Begin the run that the timer of a published version starts at `now`; its id. None where it is not yet time.

    The worker's act: nobody started it, and it is named after the SOP. The next start is worked out at once.
    """
    definition = session.scalars(
        select(Definition)
        .where(Definition.id == definition_id, Definition.next_start <= now)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if definition is None:
        return None
    version = definitions.published(session, definition.office_id, definition.process_id)
    if version is None:
        return None
    who = offices.system(session, definition.office_id, now)
    definition.next_start = timers.next_start(definitions.process(session, version).flow, now, who.calendar)
    act = advancing.begin(session, who, version, definition.title[:SUBJECT_LIMIT], now)
    history.record(session, who, Verb.START, now, run_id=act.run.id, subject=act.run.subject)
    advancing.write(act, spiff.start(act.process))
    return act.run.id


def suspend(session: Session, who: Actor, run_id: int, reason: str, now: datetime) -> None:
    """Hold a run: its tasks and timers wait. A manager's act with a reason; RunNotRunning where it is not running."""
    _move(session, who, run_id, Verb.SUSPEND, _reason(reason), now)
    session.execute(update(Waiting).where(Waiting.run_id == run_id).values(next_due=None))


def resume(session: Session, who: Actor, run_id: int, note: str, now: datetime) -> None:
    """Let a suspended run go on. A manager's act; RunNotRunning where it is not suspended."""
    _move(session, who, run_id, Verb.RESUME, checked(note), now)
    advancing.wake(session, run_id)
    alerts.resume(session, run_id, now)


def cancel(session: Session, who: Actor, run_id: int, reason: str, now: datetime) -> None:
    """Give up a live run and all that it called, and withdraw their tasks. A manager's act with a reason.

    Raises RunNotRunning, and NotAllowed for a run that another one waits for: that one is to be cancelled.
    """
    who.require(Right.MANAGER)
    run, reason = own(session, who, run_id), _reason(reason)
    act = advancing.opened(session, who, run_id, run.parent_id, now)
    if act.run.state not in LIVE:
        raise errors.RunNotRunning(act.run.state)
    if act.run.parent_id is not None:
        raise errors.NotAllowed(
            sentence("Berkas ini bagian dari berkas lain yang menunggunya; batalkan berkas induknya.")
        )
    advancing.give_up(session, who, run_id, now, reason)
    session.flush()


def message(session: Session, who: Actor, run_id: int, name: str, note: str, now: datetime) -> None:
    """Tell a run that the message it waits for has come, and let it go on.

    A manager's act, also by way of an application. Raises NothingWaits where it waits for no message of that name,
    RunNotRunning where it is suspended.
    """
    who.require(Right.MANAGER)
    run, note = own(session, who, run_id), checked(note)
    act = advancing.opened(session, who, run_id, run.parent_id, now)
    if act.run.state is not RunState.RUNNING:
        raise errors.RunNotRunning(act.run.state)
    waiting = session.scalar(
        select(Waiting)
        .where(Waiting.run_id == run_id, Waiting.kind == Wait.MESSAGE, Waiting.name == name)
        .order_by(Waiting.id)
        .limit(1)
    )
    if waiting is None:
        raise errors.NothingWaits(name)
    advancing.happened(act, waiting, Verb.MESSAGE, note=note)


def signal(session: Session, who: Actor, name: str, note: str, now: datetime) -> int:
    """Let every running run of the office that waits for this signal go on; how many did.

    A manager's act, also by way of an application. Raises NothingWaits where none waits; runs that are suspended or
    damaged do not hear it.
    """
    who.require(Right.MANAGER)
    note = checked(note)
    waiting = session.execute(
        select(Waiting.id, Waiting.run_id, Run.parent_id)
        .join(Run, Run.id == Waiting.run_id)
        .where(
            Waiting.office_id == who.office_id,
            Waiting.kind == Wait.SIGNAL,
            Waiting.name == name,
            Run.state == RunState.RUNNING,
            Run.damage == "",
        )
        .order_by(Waiting.run_id, Waiting.id)
    ).all()
    heard = sum(_hears(session, who, *one, note, now) for one in waiting)
    if not heard:
        raise errors.NothingWaits(name)
    return heard


def _hears(
    session: Session, who: Actor, wait_id: int, run_id: int, called_by: int | None, note: str, now: datetime
) -> bool:
    act = advancing.opened(session, who, run_id, called_by, now)
    waiting = session.scalar(select(Waiting).where(Waiting.id == wait_id))
    if waiting is None or act.run.state is not RunState.RUNNING:
        return False
    advancing.happened(act, waiting, Verb.SIGNAL, note=note)
    return True


def fire(session: Session, wait_id: int, now: datetime) -> bool:
    """Let a run go on whose timer is due at `now`; whether there was still something to do. The worker's act."""
    found = session.execute(
        select(Waiting.run_id, Run.office_id, Run.parent_id)
        .join(Run, Run.id == Waiting.run_id)
        .where(Waiting.id == wait_id)
    ).one_or_none()
    if found is None:
        return False
    act = advancing.opened(session, offices.system(session, found.office_id, now), found.run_id, found.parent_id, now)
    waiting = session.scalar(select(Waiting).where(Waiting.id == wait_id, Waiting.next_due <= now))
    if waiting is None or act.run.state is not RunState.RUNNING:
        return False
    advancing.happened(act, waiting, Verb.FIRE)
    return True


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


def _opening(session: Session, who: Actor, definition_id: int) -> tuple[Version, int]:
    """The published version of an SOP, and the jabatan in which the person begins a run of it."""
    definition = definitions.own(session, who, definition_id)
    if definition.published is None:
        raise errors.NothingPublished
    if definition.retired_at is not None:
        raise errors.Retired
    version = session.scalars(
        select(Version).where(Version.definition_id == definition_id, Version.number == definition.published)
    ).one()
    jabatan_id = next((held for held in who.held if held in version.starters), None)
    if jabatan_id is None:
        raise errors.NotAllowed(
            sentence("Berkas SOP ini hanya dapat dimulai oleh pemegang jabatan yang mengerjakan langkah pertamanya.")
        )
    return version, jabatan_id


def _named(subject: str, agenda: str) -> tuple[str, str]:
    """Subject and nomor agenda, each in one line."""
    subject, agenda = " ".join(subject.split()), " ".join(agenda.split())
    if not subject:
        raise errors.Invalid(sentence("Perihal berkas wajib diisi."))
    if len(subject) > SUBJECT_LIMIT:
        raise errors.TooLong(sentence("Perihal"), SUBJECT_LIMIT)
    if len(agenda) > AGENDA_LIMIT:
        raise errors.TooLong(sentence("Nomor agenda"), AGENDA_LIMIT)
    return subject, agenda


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
        .values(state=made.target, revision=Run.revision + 1)
        .returning(Run.id)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        session.refresh(run, ["state"])
        raise errors.RunNotRunning(run.state)
    history.record(session, who, verb, now, run_id=run_id, note=note)
    session.flush()
