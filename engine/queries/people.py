"""People with what they hold, for those who run an installation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import offices
from engine.offices import Actor
from engine.tables import Person


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody who can log in, as what."""

    username: str
    who: Actor


def everybody(session: Session, now: datetime) -> tuple[PersonRow, ...]:
    """All active people of all offices, in the order in which they were added. Not for a page of an office."""
    found = session.execute(select(Person.id, Person.username).where(Person.active).order_by(Person.id))
    return tuple(PersonRow(username, offices.actor(session, person, now)) for person, username in found)
