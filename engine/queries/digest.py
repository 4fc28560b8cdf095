"""Laporan pagi: an office at one moment, on one sheet: what is stuck, what came and went, who is not there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bpmn.wording import Sentence
from engine import workdays
from engine.offices import Actor
from engine.queries import absences, board
from engine.queries.absences import AwayRow, Unattended
from engine.states import Right, RunState, TaskState
from engine.tables import UNFINISHED_TASK, Definition, Holding, Jabatan, Person, Run, Task, Waiting, task_is
from engine.workdays import DAY, Calendar

LONGEST = 10
"""Of the runs that are stuck so many are told, those that wait longest; of the rest how many there are."""

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened to the runs of an office between two moments; `returned` counts returns, and not runs."""

    since: datetime
    until: datetime
    started: int
    finished: int
    cancelled: int
    returned: int


@dataclass(frozen=True, slots=True)
class Step:
    """An unfinished step of a run: whose it is; `person` is None where nobody has claimed it."""

    name: str
    jabatan: str
    person: str | None


@dataclass(frozen=True, slots=True)
class Stuck:
    """A run that is stuck: with whom, since when, and by which causes. `waited` and `overdue` are working time."""

    run_id: int
    subject: str
    agenda: str
    sop: str
    since: datetime
    waited: timedelta
    overdue: timedelta
    steps: tuple[Step, ...]
    causes: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Vacant:
    """A jabatan that nobody holds today, and how many unfinished tasks wait for it."""

    jabatan: str
    tasks: int


@dataclass(frozen=True, slots=True)
class Timer:
    """What happens by itself today: a timer of a run fires, or a run of an SOP begins; then `run_id` is None."""

    at: datetime
    run_id: int | None
    title: str


@dataclass(frozen=True, slots=True)
class Digest:
    """An office at a moment. `causes` are titles with how many runs are stuck by each, the most frequent first.

    What lives is counted as the board does: up to `counting.MOST`, and told by `counting.counted`.
    `now` are the figures of the time up to this moment, `before` those of the time before that.
    """

    office: str
    timezone: str
    at: datetime
    live: int
    stuck: int
    overdue: int
    suspended: int
    causes: tuple[tuple[Sentence, int], ...]
    now: Figures
    before: Figures
    longest: tuple[Stuck, ...]
    away: tuple[AwayRow, ...]
    unattended: tuple[Unattended, ...]
    vacant: tuple[Vacant, ...]
    timers: tuple[Timer, ...]


def of_office(session: Session, who: Actor, now: datetime, *, week: bool = False) -> Digest:
    """The office of a manager as it is now; NotAllowed without that right.

    The figures are those since the last working day began, and of the one before it; of a week since the same day a
    week ago, and of the week before that.
    """
    who.require(Right.MANAGER)
    shown = board.page(session, who, now, board.Wanted())
    today = who.calendar.day(now)
    away = absences.of_office(session, who, now)
    since, earlier = _openings(today, who.calendar, week=week)
    causes = sorted(shown.counts.causes, key=lambda cause: -cause.runs)
    return Digest(
        office=who.office,
        timezone=who.calendar.timezone,
        at=now,
        live=shown.counts.live,
        stuck=shown.counts.stuck,
        overdue=shown.counts.overdue,
        suspended=shown.counts.suspended,
        causes=tuple((cause.title, cause.runs) for cause in causes if cause.runs),
        now=_figures(session, who, since, now),
        before=_figures(session, who, earlier, since),
        longest=tuple(_stuck(row) for row in shown.page.rows[:LONGEST]),
        away=away.today,
        unattended=away.unattended,
        vacant=_vacant(session, who, today),
        timers=_timers(session, who, today),
    )


def wanted(session: Session, who: Actor) -> bool | None:
    """Whether the morning's digest is to be sent to this manager; None for others, who are not sent any."""
    if Right.MANAGER not in who.rights:
        return None
    return session.scalars(select(Person.digest).where(Person.id == who.id)).one()


def _openings(today: date, calendar: Calendar, *, week: bool) -> tuple[datetime, datetime]:
    """From when on the figures count, and from when on those before."""
    if week:
        last, earlier = today - WEEK, today - 2 * WEEK
        return workdays.opening_before(last + DAY, calendar), workdays.opening_before(earlier + DAY, calendar)
    since = workdays.opening_before(today, calendar)
    return since, workdays.opening_before(calendar.day(since), calendar)


def _stuck(row: board.BoardRow) -> Stuck:
    return Stuck(
        run_id=row.id,
        subject=row.subject,
        agenda=row.agenda,
        sop=row.sop,
        since=row.since,
        waited=row.waited,
        overdue=row.overdue,
        steps=tuple(Step(step.name, step.jabatan, step.person) for step in row.steps),
        causes=tuple(cause.title for cause in row.causes),
    )


def _figures(session: Session, who: Actor, since: datetime, until: datetime) -> Figures:
    """What happened from `since` on and before `until`, by indexes of these moments. Three statements."""
    ended = session.execute(
        select(Run.state, func.count())
        .where(Run.office_id == who.office_id, Run.finished_at >= since, Run.finished_at < until)
        .group_by(Run.state)
    ).all()
    counts = {state: count for state, count in ended}  # noqa: C416 - rows are not pairs to a type checker
    started = session.scalar(
        select(func.count()).where(Run.office_id == who.office_id, Run.started_at >= since, Run.started_at < until)
    )
    sops = select(Definition.id).where(Definition.office_id == who.office_id)
    returned = session.scalar(
        select(func.count()).where(
            Task.definition_id.in_(sops),
            task_is(TaskState.RETURNED),
            Task.finished_at >= since,
            Task.finished_at < until,
        )
    )
    return Figures(
        since=since,
        until=until,
        started=started or 0,
        finished=counts.get(RunState.FINISHED, 0),
        cancelled=counts.get(RunState.CANCELLED, 0),
        returned=returned or 0,
    )


def _vacant(session: Session, who: Actor, today: date) -> tuple[Vacant, ...]:
    """The jabatan that nobody holds and that tasks wait for, by name. Two statements."""
    held = (
        select(Holding.id)
        .join(Person, Person.id == Holding.person_id)
        .where(
            Holding.jabatan_id == Jabatan.id,
            Holding.since <= today,
            or_(Holding.until.is_(None), Holding.until >= today),
            Person.active,
        )
    )
    found = session.execute(
        select(Jabatan.id, Jabatan.name).where(Jabatan.office_id == who.office_id, ~held.exists())
    ).all()
    names = {row.id: row.name for row in found}
    if not names:
        return ()
    counted = session.execute(
        select(Task.jabatan_id, func.count())
        .where(Task.jabatan_id.in_(names), UNFINISHED_TASK)
        .group_by(Task.jabatan_id)
    )
    return tuple(sorted((Vacant(names[one], count) for one, count in counted), key=lambda row: row.jabatan))


def _timers(session: Session, who: Actor, today: date) -> tuple[Timer, ...]:
    """What fires or begins by itself before the day is over, by its moment. Two statements."""
    midnight = datetime.combine(today + DAY, time(), ZoneInfo(who.calendar.timezone))
    fired = session.execute(
        select(Waiting.next_due, Run.id, Run.subject)
        .join(Run, Run.id == Waiting.run_id)
        .where(Waiting.next_due < midnight, Waiting.office_id + 0 == who.office_id)
    )
    begun = session.execute(
        select(Definition.next_start, Definition.title).where(
            Definition.next_start < midnight, Definition.office_id + 0 == who.office_id
        )
    )
    timers = [Timer(at, run_id, subject) for at, run_id, subject in fired if at is not None]
    timers += [Timer(at, None, title) for at, title in begun if at is not None]
    return tuple(sorted(timers, key=lambda timer: (timer.at, timer.title)))
