"""Where people are logged in: a row for each browser, by a token of which only the hash is kept.

It ends IDLE after the person last did something there, and LONGEST after it began in any case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from engine import errors
from engine.offices import Actor
from engine.secret import hash_of, new_secret
from engine.tables import LogIn, Person

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)

NOTED_EVERY = timedelta(minutes=1)
"""How often it is written down at most that somebody does something."""


@dataclass(frozen=True, slots=True)
class Live:
    """A log-in that has not ended; `must_change` where the person has to choose a password before anything else."""

    id: int
    person_id: int
    seen_at: datetime
    must_change: bool


@dataclass(frozen=True, slots=True)
class LogInRow:
    """A browser in which a person is logged in, as the person sees it."""

    id: int
    browser: str
    address: str
    begun_at: datetime
    seen_at: datetime
    is_this: bool


def begin(session: Session, person_id: int, browser: str, address: str, now: datetime) -> str:
    """Log a person in; the token, which nobody can tell again."""
    token = new_secret()
    session.add(
        LogIn(
            person_id=person_id,
            sha256=hash_of(token),
            begun_at=now,
            seen_at=now,
            ends_at=now + IDLE,
            browser=browser[:100],
            address=address[:45],
        )
    )
    session.flush()
    return token


# Built once: every page asks this.
_LIVE = (
    select(LogIn.id, LogIn.person_id, LogIn.seen_at, Person.must_change)
    .join(Person, Person.id == LogIn.person_id)
    .where(LogIn.sha256 == bindparam("sha256"), LogIn.ends_at > bindparam("now"), Person.active)
)


def live(session: Session, token: str, now: datetime) -> Live:
    """Whose token this is, in one statement; only reads. Raises NotFound where it has ended, or never was."""
    found = session.execute(_LIVE, {"sha256": hash_of(token), "now": now}).one_or_none()
    if found is None:
        raise errors.NotFound
    return Live(found.id, found.person_id, found.seen_at, found.must_change)


def is_unnoted(log_in: Live, now: datetime) -> bool:
    """Whether it is time to write down again that the person does something there."""
    return log_in.seen_at <= now - NOTED_EVERY


def note(session: Session, log_in: Live, now: datetime) -> None:
    """Write down that the person does something there, which puts off its end."""
    row = session.get(LogIn, log_in.id)
    if row is None:
        return
    row.seen_at, row.ends_at = now, min(now + IDLE, row.begun_at + LONGEST)
    session.flush()


def own(session: Session, who: Actor, this: int | None, now: datetime) -> tuple[LogInRow, ...]:
    """Where the person is logged in: here first, then those last seen; `this` is the id of the log-in that asks."""
    found = session.scalars(
        select(LogIn).where(LogIn.person_id == who.id, LogIn.ends_at > now).order_by(LogIn.seen_at.desc(), LogIn.id)
    )
    rows = [LogInRow(row.id, row.browser, row.address, row.begun_at, row.seen_at, row.id == this) for row in found]
    return tuple(sorted(rows, key=lambda row: not row.is_this))


def end(session: Session, who: Actor, log_in_id: int) -> None:
    """End an own log-in. Raises NotFound for one of somebody else, and where it has ended."""
    ended = session.scalar(delete(LogIn).where(LogIn.id == log_in_id, LogIn.person_id == who.id).returning(LogIn.id))
    if ended is None:
        raise errors.NotFound


def end_token(session: Session, token: str) -> None:
    """Log out, by the token; nothing where it has ended."""
    session.execute(delete(LogIn).where(LogIn.sha256 == hash_of(token)).execution_options(synchronize_session=False))


def end_all(session: Session, person_id: int, but: int | None = None) -> int:
    """End all log-ins of a person, but one perhaps; how many that were. Also for those who deactivate somebody."""
    found = delete(LogIn).where(LogIn.person_id == person_id)
    if but is not None:
        found = found.where(LogIn.id != but)
    return len(session.scalars(found.returning(LogIn.id)).all())


def due(session: Session) -> datetime | None:
    """When the next log-in ends by time."""
    return session.scalar(select(LogIn.ends_at).order_by(LogIn.ends_at).limit(1))


def forget(session: Session, now: datetime, limit: int = 100) -> int:
    """Drop some that have ended; how many that were. The worker's act."""
    old = select(LogIn.id).where(LogIn.ends_at <= now).order_by(LogIn.ends_at).limit(limit)
    return len(session.scalars(delete(LogIn).where(LogIn.id.in_(old)).returning(LogIn.id)).all())
