"""Who of an office is there today, as far as runs wait for people who are not: read of its people, not of its runs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from engine.offices import Actor
from engine.stuck.facts import Today
from engine.tables import Absence, Holding, Jabatan, Person

_substitute = aliased(Person)


def today(session: Session, who: Actor, now: datetime) -> Today:
    """Who is there of the person's office. Two statements.

    A substitute who is away as well acts for nobody; neither does one who is no longer active.
    """
    day = who.calendar.day(now)
    present: set[int] = set()
    held: dict[int, list[int]] = {}
    alone: dict[int, date] = {}
    names: dict[int, str] = {}
    for row in _people(session, who.office_id, day):
        away = row.until is not None and row.substitute is None
        if away:
            alone[row.id], names[row.id] = row.until, row.name
        if row.jabatan_id is not None:
            held.setdefault(row.jabatan_id, []).append(row.id)
            if not away:
                present.add(row.jabatan_id)
    known = set(session.scalars(select(Jabatan.id).where(Jabatan.office_id == who.office_id)))
    unattended = {jabatan: tuple(dict.fromkeys(held[jabatan])) for jabatan in held if jabatan not in present}
    return Today(frozenset(known - set(held)), unattended, alone, names)


def _people(session: Session, office_id: int, day: date) -> list[Row[Any]]:
    """The active people of an office, each with a jabatan held on a day, until when they are away, and who steps in."""
    also = aliased(Absence)
    there = ~exists().where(also.person_id == _substitute.id, also.since <= day, also.until >= day)
    holds = and_(
        Holding.person_id == Person.id, Holding.since <= day, or_(Holding.until.is_(None), Holding.until >= day)
    )
    return list(
        session.execute(
            select(Person.id, Person.name, Holding.jabatan_id, Absence.until, _substitute.id.label("substitute"))
            .outerjoin(Holding, holds)
            .outerjoin(Absence, and_(Absence.person_id == Person.id, Absence.since <= day, Absence.until >= day))
            .outerjoin(_substitute, and_(_substitute.id == Absence.substitute_id, _substitute.active, there))
            .where(Person.office_id == office_id, Person.active)
        )
    )
