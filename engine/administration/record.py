"""The append-only record of what administrators changed, and the lock that all their acts begin with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn.wording import Sentence
from engine import errors
from engine.offices import Actor
from engine.states import Right
from engine.tables import AdminChange, Office

Field = tuple[str, object, object]
"""The name of what changed, what it was and what it is."""

ABOUT_LIMIT = 450
"""Characters of the name of what was changed."""


class Kind(StrEnum):
    """What was done."""

    FOUND = "found"
    """The office was added to the installation."""
    OFFICE = "office"
    HOURS = "hours"
    DAY = "day"
    """An own day off or working day was added or removed."""
    JABATAN_ADD = "jabatan_add"
    JABATAN = "jabatan"
    JABATAN_REMOVE = "jabatan_remove"
    PERSON_ADD = "person_add"
    PERSON = "person"
    PASSWORD = "password"  # noqa: S105 - that it was reset, not what it is
    DEACTIVATE = "deactivate"
    REACTIVATE = "reactivate"
    HOLDING_ADD = "holding_add"
    HOLDING = "holding"
    HOLDING_REMOVE = "holding_remove"
    IMPORT = "import"


def require(who: Actor) -> None:
    """Raise NotAllowed for everybody but administrators."""
    who.require(Right.ADMINISTRATOR)


def own(session: Session, who: Actor) -> Office:
    """The person's office, its row locked until the act is over. Raises NotAllowed without the right."""
    require(who)
    return session.scalars(
        select(Office)
        .where(Office.id == who.office_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def note(
    session: Session, who: Actor | None, office_id: int, kind: Kind, about: str, fields: Iterable[Field], now: datetime
) -> None:
    """Write down what was changed; fields that stayed as they were are left out. `who` is None on the command line."""
    session.add(
        AdminChange(
            office_id=office_id,
            at=now,
            person_id=who.id if who else None,
            kind=kind,
            about=about[:ABOUT_LIMIT],
            fields=[[name, words(old), words(new)] for name, old, new in fields if words(old) != words(new)],
        )
    )
    session.flush()


def words(value: object) -> str:
    """A value as it is written down."""
    if value is None:
        return ""
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(sorted(str(one) for one in value))
    return str(value)


def line(field: Sentence, text: str, limit: int, missing: Sentence) -> str:
    """A text of one line as it is kept, blanks made single. Raises Invalid where it is empty, TooLong."""
    found = " ".join(text.split())
    if not found:
        raise errors.Invalid(missing)
    if len(found) > limit:
        raise errors.TooLong(field, limit)
    return found
