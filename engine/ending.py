"""What an act leaves to be written when its transaction ends, and what of it falls away with a savepoint.

So rows that many acts share are locked for the shortest time and in one order. Whoever leaves something listens for
`before_commit`, and takes it there.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

_LEFT = "lajur_left"
"""Under this name a session remembers what was left: by kind, each with the part of the transaction it belongs to."""


def leave(session: Session, kind: str, what: object) -> None:
    """Something to be written when the transaction ends, unless the part of it that it belongs to is undone."""
    within = session.get_nested_transaction() or session.get_transaction()
    session.info.setdefault(_LEFT, {}).setdefault(kind, []).append((within, what))


def take(session: Session, kind: str) -> list[Any]:
    """What was left of a kind, in the order it came, and then is no longer left; nothing inside a savepoint."""
    if session.in_nested_transaction():
        return []
    return [what for _, what in session.info.get(_LEFT, {}).pop(kind, ())]


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, undone: SessionTransaction) -> None:
    """What was left in a part of a transaction that is undone is not to be written."""
    for kind, left in session.info.get(_LEFT, {}).items():
        session.info[_LEFT][kind] = [one for one in left if not _inside(one[0], undone)]


def _inside(within: SessionTransaction | None, outer: SessionTransaction) -> bool:
    while within is not None and within is not outer:
        within = within.parent
    return within is outer
