"""People are away for a while, and substitutes (*pelaksana harian*) act for them.

What a substitute may do is decided at the time of each act (`engine.offices`). Here absences are noted, and the work
that waits for somebody goes to the substitute when the absence begins, and back when it is over. A substitute's own
substitute does not step in: where that is needed, end the first absence and note it anew.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session, aliased

from bpmn.wording import sentence
from engine import definitions, errors, history, notices, offices, rules
from engine.offices import Actor
from engine.states import UNFINISHED, Alert, NoticeKind, Right, TaskState, Verb
from engine.tables import Absence, Office, Person, Run, Task, Version
from engine.workdays import Calendar

log = logging.getLogger(__name__)

DAY = timedelta(days=1)

LONGEST = timedelta(days=366)
"""An absence is no longer: for a year or more a jabatan is vacant, and needs a Plt. rather than a Plh."""

SHOWN = timedelta(days=31)
"""For how long an absence that is over stays in the lists."""

NOTE_LIMIT = 1000
"""Characters of the note of an absence."""

_substitute, _noter = aliased(Person), aliased(Person)


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """An own absence; `substitute` is None where nobody steps in. Both days are included."""

    id: int
    person_id: int
    person: str
    substitute: str | None
    since: date
    until: date
    note: str
    noted_by: str
    may_end: bool
    """Whether there is something left to end."""


def note(
    session: Session,
    who: Actor,
    person_id: int,
    since: date,
    until: date,
    substitute_id: int | None,
    note: str,
    now: datetime,
) -> int:
    """Note that somebody is away from a day to a day, both included; the id. For oneself, or as a manager for anybody.

    Where the absence has begun, work that waits goes to the substitute at once. Raises NotAllowed, NotFound for people
    of other offices, Invalid for dates and substitutes that cannot be, Conflict with another absence.
    """
    if person_id != who.id:
        who.require(Right.MANAGER)
    people = _people(session, who, {person_id} if substitute_id is None else {person_id, substitute_id})
    _check_dates(since, until, who.calendar.day(now))
    text = note.strip()
    if len(text) > NOTE_LIMIT:
        raise errors.TooLong(sentence("Catatan"), NOTE_LIMIT)
    if _away(session, person_id, since, until):
        raise errors.Conflict(
            sentence("%(who)s sudah tercatat tidak masuk pada sebagian tanggal itu.", who=people[person_id])
        )
    if substitute_id is not None:
        _check_substitute(session, person_id, substitute_id, people, since, until)
    absence = Absence(
        person_id=person_id,
        substitute_id=substitute_id,
        since=since,
        until=until,
        note=text,
        noted_by=who.id,
        noted_at=now,
    )
    session.add(absence)
    session.flush()
    if substitute_id is not None and since <= who.calendar.day(now):
        absence.routed_at = now
        _move_work(session, who, person_id, substitute_id, None, now)
    return absence.id


def appoint(session: Session, who: Actor, person_id: int, substitute_id: int, now: datetime) -> None:
    """Name who acts from now on for somebody who is away today, in the place of whoever did: a manager's act.

    The person's work goes over at once. Raises NotAllowed, NotFound for people of other offices, Conflict where the
    person is not away, Invalid and Conflict for a substitute who cannot be.
    """
    who.require(Right.MANAGER)
    people, today = _people(session, who, {person_id, substitute_id}), who.calendar.day(now)
    absence = session.scalar(
        select(Absence)
        .where(Absence.person_id == person_id, Absence.since <= today, Absence.until >= today)
        .order_by(Absence.id)
        .limit(1)
        .with_for_update()
    )
    if absence is None:
        raise errors.Conflict(sentence("%(who)s tidak tercatat sedang tidak masuk.", who=people[person_id]))
    _check_substitute(session, person_id, substitute_id, people, today, absence.until)
    absence.substitute_id, absence.routed_at = substitute_id, now
    session.flush()
    _move_work(session, who, person_id, substitute_id, None, now)


def end(session: Session, who: Actor, absence_id: int, now: datetime) -> None:
    """The person is back earlier: the absence ends yesterday, or is forgotten where it has not begun before today.

    By oneself or a manager. Work that went to the substitute comes back. Raises NotFound, NotAllowed, Conflict where it
    is over already.
    """
    absence = session.scalar(
        select(Absence)
        .join(Person, Person.id == Absence.person_id)
        .where(Absence.id == absence_id, Person.office_id == who.office_id)
        .with_for_update(of=Absence)
    )
    if absence is None:
        raise errors.NotFound
    if absence.person_id != who.id:
        who.require(Right.MANAGER)
    today = who.calendar.day(now)
    if absence.until < today:
        raise errors.Conflict(sentence("Ketidakhadiran ini sudah berakhir."))
    routed, source, target = absence.routed_at is not None, absence.substitute_id, absence.person_id
    absence.until, absence.routed_at = today - DAY, None
    if absence.since >= today:
        session.delete(absence)
    session.flush()
    if routed and source is not None:
        _bring_back(session, who, source, target, now)


def own(session: Session, who: Actor, now: datetime) -> tuple[AbsenceRow, ...]:
    """The person's own absences, by their first day: now, to come, and over for at most SHOWN."""
    today = who.calendar.day(now)
    found = session.execute(
        select(Absence, Person.name, _substitute.name, _noter.name)
        .join(Person, Person.id == Absence.person_id)
        .join(_noter, _noter.id == Absence.noted_by)
        .outerjoin(_substitute, _substitute.id == Absence.substitute_id)
        .where(Absence.person_id == who.id, Absence.until >= today - SHOWN)
        .order_by(Absence.since, Absence.id)
    )
    return tuple(
        AbsenceRow(
            id=absence.id,
            person_id=absence.person_id,
            person=person,
            substitute=substitute,
            since=absence.since,
            until=absence.until,
            note=absence.note,
            noted_by=noter,
            may_end=absence.until >= today,
        )
        for absence, person, substitute, noter in found
    )


def substitutes(session: Session, who: Actor) -> tuple[tuple[int, str], ...]:
    """Ids and names of the active people of the office, by name: whom to choose from."""
    found = session.execute(
        select(Person.id, Person.name).where(Person.office_id == who.office_id, Person.active).order_by(Person.name)
    )
    return tuple((person, name) for person, name in found)


def due(session: Session, now: datetime) -> datetime | None:
    """`now` where an absence begins or is over and work has to move, None otherwise."""
    return now if _due(session, now, limit=1) else None


def sweep(session: Session, now: datetime, limit: int = 1) -> int:
    """Let work follow at most `limit` absences that have begun or are over; how many there were.

    Each begins and ends with the days of its office. Absences that another worker is busy with are left to it. Where
    the work cannot be moved because of a fault, it stays where it is, for a manager to reassign.
    """
    found = _due(session, now, limit, lock=True)
    for absence, office_id, over in found:
        absence.routed_at = None if over else now
        try:
            with session.begin_nested():
                _follow(session, absence, offices.system(session, office_id, now), now, over=over)
        except Exception:
            log.exception("absence %d: the work of person %d could not be moved", absence.id, absence.person_id)
    session.flush()
    return len(found)


def _follow(session: Session, absence: Absence, nobody: Actor, now: datetime, *, over: bool) -> None:
    if absence.substitute_id is None:
        return
    if over:
        _bring_back(session, nobody, absence.substitute_id, absence.person_id, now)
    else:
        _move_work(session, nobody, absence.person_id, absence.substitute_id, None, now)


def _due(session: Session, now: datetime, limit: int, *, lock: bool = False) -> list[tuple[Absence, int, bool]]:
    """Absences whose work has to move, each with its office and whether it is over.

    While one lasts that has a substitute, `routed_at` says when the work went there; before and after it is empty.
    """
    today = now.date()
    begun = and_(
        Absence.routed_at.is_(None),
        Absence.since > today - LONGEST - DAY,
        Absence.since <= today + DAY,
        Absence.until >= today - DAY,
        Absence.substitute_id.is_not(None),
    )
    over = and_(Absence.routed_at.is_not(None), Absence.until <= today)
    due: list[tuple[Absence, int, bool]] = []
    for which in (begun, over):  # two statements, so that each finds its few rows by an index
        query = (
            select(Absence, Office.id, Office.timezone)
            .join(Person, Person.id == Absence.person_id)
            .join(Office, Office.id == Person.office_id)
            .where(which)
            .order_by(Absence.since, Absence.id)
        )
        if lock:
            query = query.with_for_update(of=Absence, skip_locked=True)
        for absence, office_id, timezone in session.execute(query):
            day = Calendar(timezone).day(now)
            is_over = absence.until < day
            if absence.since <= day and is_over is (which is over):
                due.append((absence, office_id, is_over))
    return due[:limit]


def _bring_back(session: Session, who: Actor, source: int, target: int, now: datetime) -> None:
    """Let what the substitute does not hold any more go back to the person whose jabatan it is."""
    absent, substitute = _actor(session, target, now), _actor(session, source, now)
    held = set(absent.held if absent else ()) - set(substitute.held if substitute else ())
    if held:
        _move_work(session, who, source, target, held, now)


def _actor(session: Session, person_id: int, now: datetime) -> Actor | None:
    """The person; None where the person is no longer active, and so neither acts nor steps in."""
    try:
        return offices.actor(session, person_id, now)
    except errors.NotFound:
        return None


def _move_work(
    session: Session, who: Actor, source: int, target: int, jabatan: Collection[int] | None, now: datetime
) -> None:
    """Give the waiting tasks of `source` (of these jabatan, or all) to `target`.

    A claim that the rules of a step keep from `target` is taken back: the task is open to its jabatan.
    """
    receiver = _actor(session, target, now)
    if receiver is None:
        return
    name = session.scalars(select(Person.name).where(Person.id == source)).one()
    for task, version in _waiting(session, source, jabatan):
        allowed = _allowed(session, receiver, task, version)
        if not _give(session, task, source, target if allowed else None, now):
            continue
        facts = {"person": receiver.name if allowed else None, "instead_of": name}
        history.record(
            session,
            who,
            Verb.SUBSTITUTE,
            now,
            run_id=task.run_id,
            task_id=task.id,
            jabatan_id=task.jabatan_id,
            facts=facts,
        )
        # Of what nobody was told yet, the receiver will be told in the ordinary way.
        if allowed and task.alert is not Alert.NONE:
            notices.give(session, [target], NoticeKind.NEW, task.run_id, task.id, {"instead_of": name}, now)
    session.flush()


def _waiting(session: Session, person: int, jabatan: Collection[int] | None) -> list[tuple[Task, Version]]:
    """The unfinished tasks that a person has claimed or that are reserved for the person, each with its version."""
    query = (
        select(Task, Version)
        .join(Run, Run.id == Task.run_id)
        .join(Version, Version.id == Run.version_id)
        .where(_of(person))
        .order_by(Run.id, Task.id)
        # As whoever completes a task: first the run, then the task. What was finished in the meantime `_give` leaves.
        .with_for_update(of=Run, key_share=True)
    )
    if jabatan is not None:
        query = query.where(Task.jabatan_id.in_(jabatan))
    return [(task, version) for task, version in session.execute(query)]


def _of(person: int) -> ColumnElement[bool]:
    claimed = and_(Task.claimed_by == person, Task.state == TaskState.CLAIMED)
    return or_(claimed, and_(Task.reserved_for == person, Task.state.in_(UNFINISHED)))


def _allowed(session: Session, receiver: Actor, task: Task, version: Version) -> bool:
    if task.jabatan_id not in receiver.held:
        return False
    try:
        rules.require(session, receiver, task, definitions.process(session, version))
    except errors.NotYourTask:
        return False
    return True


def _give(session: Session, task: Task, source: int, target: int | None, now: datetime) -> bool:
    """Give a task to `target`, or take back the claim of `source` with None; whether there was anything to change.

    A part that is reserved for `source` stays so where nobody else may do it.
    """
    claimed = task.state is TaskState.CLAIMED
    changes: dict[str, object] = {}
    if claimed:
        changes = {
            "state": TaskState.OPEN if target is None else TaskState.CLAIMED,
            "claimed_by": target,
            "claimed_at": None if target is None else now,
            "active_at": now,
        }
    if target is not None and task.reserved_for is not None:
        changes["reserved_for"] = target
    if not changes:
        return False
    still = Task.claimed_by == source if claimed else Task.reserved_for == source
    changed = session.scalar(
        update(Task)
        .where(Task.id == task.id, Task.state == task.state, still)
        .values(changes)
        .returning(Task.id)
        .execution_options(synchronize_session=False)
    )
    return changed is not None


def _people(session: Session, who: Actor, people: Collection[int]) -> dict[int, str]:
    """The names of these active people of the office; NotFound unless all are.

    Their rows are locked, so that of two absences noted at once the second one sees the first.
    """
    found = session.execute(
        select(Person.id, Person.name)
        .where(Person.id.in_(people), Person.office_id == who.office_id, Person.active)
        .order_by(Person.id)
        .with_for_update(key_share=True)
    )
    names = {row.id: row.name for row in found}
    if len(names) < len(people):
        raise errors.NotFound
    return names


def _check_substitute(
    session: Session, person_id: int, substitute_id: int, people: Mapping[int, str], since: date, until: date
) -> None:
    """Raise Invalid or Conflict for a substitute who is the person, or away on some of the days as well."""
    if substitute_id == person_id:
        raise errors.Invalid(sentence("Pengganti harus orang lain."))
    if _away(session, substitute_id, since, until):
        raise errors.Conflict(
            sentence(
                "%(who)s juga tidak masuk pada sebagian tanggal itu; pilih pengganti lain.", who=people[substitute_id]
            )
        )


def _check_dates(since: date, until: date, today: date) -> None:
    if until < since:
        raise errors.Invalid(sentence("Tanggal akhir tidak boleh sebelum tanggal mulai."))
    if until < today:
        raise errors.Invalid(sentence("Ketidakhadiran yang sudah lewat tidak perlu dicatat."))
    if until - since >= LONGEST:
        raise errors.Invalid(
            sentence("Ketidakhadiran paling lama satu tahun; untuk jabatan yang kosong, tetapkan seorang Plt.")
        )


def _away(session: Session, person_id: int, since: date, until: date) -> bool:
    found = session.scalar(
        select(Absence.id)
        .where(Absence.person_id == person_id, Absence.since <= until, Absence.until >= since)
        .limit(1)
    )
    return found is not None
