"""What happened to a run, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.states import Capacity, Verb
from engine.tables import History, Jabatan, Person, Task

NOBODY = "Lajur"
"""Who acted where no person did: a timer, or the worker."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One act: who did it, in which jabatan and capacity, on which step, and what else is known of it."""

    at: datetime
    verb: Verb
    person: str
    jabatan: str | None
    capacity: Capacity | None
    step: str | None
    facts: Mapping[str, Any]
    task_id: int | None = None


def timeline(session: Session, run_id: int) -> tuple[Entry, ...]:
    """All acts on a run, oldest first. The caller has made sure that the run is of the person's office."""
    found = session.execute(
        select(History, func.coalesce(Person.name, NOBODY), Jabatan.name, Task.name)
        .outerjoin(Person, Person.id == History.person_id)
        .outerjoin(Jabatan, Jabatan.id == History.jabatan_id)
        .outerjoin(Task, Task.id == History.task_id)
        .where(History.run_id == run_id)
        .order_by(History.id)
    )
    return tuple(
        Entry(act.at, act.verb, person, jabatan, act.capacity, step, act.facts, act.task_id)
        for act, person, jabatan, step in found
    )
