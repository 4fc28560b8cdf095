"""Acts that are sent twice: with an idempotency key, the second submit is answered with what the first one did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar, cast

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bpmn.wording import sentence
from engine import errors
from engine.offices import Actor
from engine.tables import Submission

KEPT = timedelta(days=7)
"""How long an answer is remembered."""

LENGTH = 80
"""Characters of a key."""

T = TypeVar("T", bound=int | str | None)


def once(session: Session, who: Actor, key: str | None, asked: str, act: Callable[[], T], now: datetime) -> T:
    """What `act` answers, or answered when the same person sent the same key before; without a key it is just done.

    `asked` names the act with all that was asked of it: KeyUsed where the key came with something else. Where the act
    is refused nothing is remembered, so that it can be sent again.
    """
    if key is None:
        return act()
    if not 0 < len(key) <= LENGTH:
        raise errors.TooLong(sentence("Kunci kiriman"), LENGTH)
    digest = sha256(asked.encode()).hexdigest()
    submission = Submission(person_id=who.id, key=key, act=digest, answer=None, at=now)
    try:
        with session.begin_nested():
            session.add(submission)
    except IntegrityError:  # sent before, or at the same time by another process: then this waited for it
        return cast("T", _answered(session, who, key, digest))
    answer = submission.answer = act()
    session.flush()
    return answer


def _answered(session: Session, who: Actor, key: str, digest: str) -> Any:
    sent = session.scalars(select(Submission).where(Submission.person_id == who.id, Submission.key == key)).one()
    if sent.act != digest:
        raise errors.KeyUsed
    return sent.answer


def forget(session: Session, now: datetime, limit: int = 100) -> int:
    """Drop some of what is older than KEPT; how many that were. The worker's act."""
    old = select(Submission.id).where(Submission.at <= now - KEPT).order_by(Submission.at).limit(limit)
    return len(session.scalars(delete(Submission).where(Submission.id.in_(old)).returning(Submission.id)).all())
