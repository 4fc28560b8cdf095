"""The worker: does what time asks for, in small transactions, found by indexed moments and never by scanning runs.

Several workers share the work on PostgreSQL, because each locks what it takes and passes over what others have locked.
On SQLite a job looks with a reading transaction first, so that the write lock is taken only where there is work.

A job does a batch of like things at a time. Where every thing needs a transaction of its own, because one that fails
must not stop the others, the job is made by `each`: what fails is put off, and the rest goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import InstrumentedAttribute, Session

from engine import absences, alerts, digests, documents, letters, log_ins, outbox, runs, submissions, throttling
from engine.administration import holdings
from engine.database import Database
from engine.mail import Mail, Send, Unreachable
from engine.store import Store
from engine.tables import Definition, Run, Submission, Table, Waiting

log = logging.getLogger(__name__)

INTERVAL = 5.0
"""Seconds after which the worker looks again, whatever it found to be due before."""

PAUSE = 0.2
"""Seconds that it waits at least when it found nothing that it could do."""

LATER = timedelta(minutes=5)
"""When something that failed is tried again."""

SOON = timedelta(seconds=5)

BATCH = 100

DAILY = timedelta(days=1)
"""How often the store of documents is swept."""

Act = Callable[[Session, int, datetime], object]
"""Does one thing, by its id, at a moment."""


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of work. `due` says when there is next some of it, `batch` does some that is due: how many things."""

    name: str
    due: Callable[[Session, datetime], datetime | None]
    batch: Callable[[Database, datetime], int]


Resting = dict[str, datetime]
"""Until when a job rests that failed as a whole."""


def jobs(
    send: Send | None = None, base_url: str = "", store: Store | None = None, timers: tuple[Job, ...] | None = None
) -> tuple[Job, ...]:
    """All that the worker does, most urgent first. Without `send` no mail goes out, without `store` none is swept.

    `timers` stand for TIMERS.
    """
    mail = () if send is None else (_letters(send, base_url), _mails(send, base_url), _digests(send, base_url))
    orphans = () if store is None else (_orphans(store),)
    return (*(TIMERS if timers is None else timers), ABSENCES, HOLDINGS, ALERTS, *mail, *TIDY, *orphans)


def sweep(
    database: Database,
    work: tuple[Job, ...],
    now: datetime,
    resting: Resting | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> bool:
    """One batch of every job that has something to do; whether anything was done.

    A job that fails as a whole is logged and rests, where there is a `resting` to remember it, for LATER; for SOON
    where the fault is the database's, as a deadlock is.
    """
    resting = {} if resting is None else resting
    done = 0
    for job in _ready(database, work, now, resting):
        if stop():
            break
        try:
            count = job.batch(database, now)
        except Exception as failed:
            log.exception("%s: failed", job.name)
            resting[job.name] = now + (SOON if isinstance(failed, OperationalError) else LATER)
            continue
        if count:
            log.info("%s: %d", job.name, count)
        done += count
    return done > 0


def run(
    database: Database,
    work: tuple[Job, ...],
    stop: Event,
    clock: Callable[[], datetime],
    interval: float = INTERVAL,
) -> None:
    """Sweep until `stop` is set: again at once while there is something to do, else when the next thing is due.

    A database that is away for a while is waited for.
    """
    resting: Resting = {}
    while not stop.is_set():
        try:
            if sweep(database, work, clock(), resting, stop.is_set):
                continue
            pause = _pause(database, work, clock(), resting, interval)
        except Exception:
            log.exception("nothing could be done")
            pause = interval
        stop.wait(pause)


def each(
    name: str,
    key: InstrumentedAttribute[int],
    moment: InstrumentedAttribute[datetime | None],
    act: Act,
    lock: type[Table] | None = None,
) -> Job:
    """A job of things, by their `key`, that are due at `moment`: columns of one table. Each has its own transaction.

    `act(session, key, now)` moves the moment on or deletes the row. Where it does not, or raises, the thing is put off
    by LATER. `lock` is a table whose row, by the foreign key to it, is locked along with the thing.
    """
    things = _Things(name, key, moment, act, lock)
    return Job(name, lambda session, now: things.first(session), things.batch)


@dataclass(frozen=True, slots=True)
class _Things:
    """What `each` works with."""

    name: str
    key: InstrumentedAttribute[int]
    moment: InstrumentedAttribute[datetime | None]
    act: Act
    lock: type[Table] | None

    def first(self, session: Session) -> datetime | None:
        return session.scalar(select(self.moment).where(self.moment.is_not(None)).order_by(self.moment).limit(1))

    def batch(self, database: Database, now: datetime) -> int:
        with database.reading() as session:
            due = select(self.key).where(self.moment <= now).order_by(self.moment).limit(BATCH)
            keys = session.scalars(due).all()
        return sum(self.do(database, key, now) for key in keys)

    def do(self, database: Database, key: int, now: datetime) -> bool:
        """Do one thing, unless somebody else is at it or was; whether it was done."""
        try:
            with database.transaction() as session:
                before = self.locked(session, key, now)
                if before is None:
                    return False
                self.act(session, key, now)
                session.flush()
                if self.put_off(session, key, before, now):
                    log.warning("%s %d: still due after it was done, so put off", self.name, key)
        except OperationalError:
            log.exception("%s %d: not done this time", self.name, key)
            return False
        except Exception:
            log.exception("%s %d: failed, and put off", self.name, key)
            with database.transaction() as session:
                before = self.locked(session, key, now)
                if before is not None:
                    self.put_off(session, key, before, now)
            return False
        return True

    def locked(self, session: Session, key: int, now: datetime) -> datetime | None:
        """When a thing was due, its row now locked; None where it is not due, or somebody else has it locked."""
        query = select(self.moment).where(self.key == key, self.moment <= now)
        if self.lock is not None:
            query = query.join(self.lock)
        return session.scalar(query.with_for_update(skip_locked=True))

    def put_off(self, session: Session, key: int, before: datetime, now: datetime) -> bool:
        """Put a thing off whose moment is still what it was; whether it was."""
        changed = session.execute(
            update(self.key.class_)
            .where(self.key == key, self.moment == before)
            .values({self.moment: now + LATER})
            .returning(self.key)
            .execution_options(synchronize_session=False)
        )
        return changed.one_or_none() is not None


def _ready(database: Database, work: tuple[Job, ...], now: datetime, resting: Resting) -> list[Job]:
    """The jobs that have something to do, by one look at the database."""
    with database.reading() as session:
        moments = [(job, job.due(session, now)) for job in work if resting.get(job.name, now) <= now]
    return [job for job, moment in moments if moment is not None and moment <= now]


def _pause(database: Database, work: tuple[Job, ...], now: datetime, resting: Resting, interval: float) -> float:
    """Seconds until the next thing is due, at most `interval` and not less than PAUSE."""
    with database.reading() as session:
        moments = [job.due(session, now) for job in work if resting.get(job.name, now) <= now]
    waits = [(moment - now).total_seconds() for moment in moments if moment is not None]
    return max(PAUSE, min([interval, *waits]))


def _in_one(act: Callable[[Session, datetime], int]) -> Callable[[Database, datetime], int]:
    """A batch that is one transaction."""

    def batch(database: Database, now: datetime) -> int:
        with database.transaction() as session:
            return act(session, now)

    return batch


@dataclass(frozen=True, slots=True)
class _Post:
    """Something that was taken to be sent: its name, its mail, and how to write down how the attempt ended."""

    name: str
    mail: Callable[[], Mail]
    settle: Callable[[Session, str], None]


def _mails(send: Send, base_url: str) -> Job:
    """Notices by mail."""

    def batch(database: Database, now: datetime) -> int:
        with database.transaction() as session:
            letters = outbox.take(session, now, base_url)
        return _sent(database, send, [_letter(letter, now) for letter in letters])

    return Job("mails", lambda session, now: outbox.due(session), batch)


def _letter(letter: outbox.Letter, now: datetime) -> _Post:
    def settle(session: Session, failure: str) -> None:
        outbox.settle(session, letter, failure, now)

    return _Post(f"notice {letter.notice_id}", lambda: letter.mail, settle)


def _letters(send: Send, base_url: str) -> Job:
    """Mails about accounts."""

    def batch(database: Database, now: datetime) -> int:
        with database.transaction() as session:
            taken = letters.take(session, now, base_url)
        return _sent(database, send, [_account_letter(one, now) for one in taken])

    return Job("letters", lambda session, now: letters.due(session), batch)


def _account_letter(taken: letters.Taken, now: datetime) -> _Post:
    def settle(session: Session, failure: str) -> None:
        letters.settle(session, taken, failure, now)

    return _Post(f"letter {taken.letter_id}", lambda: taken.mail, settle)


def _digests(send: Send, base_url: str) -> Job:
    """The digests of the morning; every LOOK it is asked for which people one is to be planned."""
    looked: list[datetime] = []

    def due(session: Session, now: datetime) -> datetime | None:
        look = looked[-1] + digests.LOOK if looked else now
        planned = digests.due(session)
        return look if planned is None else min(look, planned)

    def batch(database: Database, now: datetime) -> int:
        with database.reading() as session:
            begun, planned = [], digests.due(session)
            if not looked or looked[-1] + digests.LOOK <= now:
                begun, looked[:] = digests.begun(session, now), [now]
        if not begun and (planned is None or planned > now):
            return 0
        with database.transaction() as session:
            if begun:
                digests.plan(session, now)
            taken = digests.take(session, now)
        return _sent(database, send, [_digest(database, one, base_url, now) for one in taken])

    return Job("digests", due, batch)


def _digest(database: Database, taken: digests.Taken, base_url: str, now: datetime) -> _Post:
    def mail() -> Mail:
        with database.reading() as session:
            return digests.written(session, taken, now, base_url)

    def settle(session: Session, failure: str) -> None:
        digests.settle(session, taken, failure, now)

    return _Post(f"digest of person {taken.person_id}", mail, settle)


def _sent(database: Database, send: Send, posts: list[_Post]) -> int:
    """Send what was taken while no transaction is open, and settle each in its own; how many were sent.

    Raises Unreachable where the mail server lets nothing through; then all that is left has failed by that.
    """
    sent, unreachable = 0, None
    for post in posts:
        failure = ""
        try:
            if unreachable is None:
                send(post.mail())
        except Unreachable as away:
            unreachable = away
        except Exception as failed:
            failure = f"{type(failed).__name__}: {failed}"
            log.warning("%s: not sent: %s", post.name, failure)
        failure = failure or str(unreachable or "")
        sent += not failure
        with database.transaction() as session:
            post.settle(session, failure)
    if unreachable is not None:
        raise unreachable
    return sent


def _tidy_due(session: Session, now: datetime) -> datetime | None:
    oldest = session.scalar(select(Submission.at).order_by(Submission.at).limit(1))
    return oldest + submissions.KEPT if oldest is not None else None


def _orphans(store: Store) -> Job:
    """Remove files that no row names: when the worker begins, and then every day."""
    done: list[datetime] = []

    def batch(database: Database, now: datetime) -> int:
        done.append(now)
        with database.reading() as session:
            return documents.sweep(session, store, now)

    return Job("orphans", lambda _session, now: done[-1] + DAILY if done else now, batch)


ABSENCES = Job("absences", absences.due, _in_one(absences.sweep))
HOLDINGS = Job("holdings", holdings.due, _in_one(holdings.sweep))
ALERTS = Job("alerts", lambda session, now: alerts.due(session), _in_one(alerts.sweep))
TIDY = (
    Job("submissions forgotten", _tidy_due, _in_one(submissions.forget)),
    Job("log-ins ended", lambda session, now: log_ins.due(session), _in_one(log_ins.forget)),
    Job("failures forgotten", lambda session, now: throttling.due(session), _in_one(throttling.forget)),
    Job("letters forgotten", lambda session, now: letters.old(session), _in_one(letters.forget)),
)

TIMERS = (
    each("timers", Waiting.id, Waiting.next_due, runs.fire, lock=Run),
    each("starts", Definition.id, Definition.next_start, runs.start_due),
)
"""Timers that fire, and runs that a timer starts: each in a transaction of its own."""
