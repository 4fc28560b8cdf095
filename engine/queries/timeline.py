"""What happened to a run, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.states import Capacity, Verb
from engine.tables import History, Jabatan, Person, Task

NOBODY = "Lajur"
"""Who acted where no person did: a timer, or the worker."""


@dataclass(frozen=True, slots=True)
class Spell:
    """The working time that a task took: how long it waited to be claimed, and how long it was worked on since.

    Of an unfinished task until now; `working` is None while nobody has claimed it.
    """

    waiting: timedelta
    working: timedelta | None


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
    spell: Spell | None = None
    """Of the act that finished a task, where that is asked for."""


@dataclass(frozen=True, slots=True)
class Round:
    """What happened in a round, oldest first, and the return that began it; None for the first round."""

    number: int
    entries: tuple[Entry, ...]
    began: Entry | None


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


def rounds(history: Sequence[Entry]) -> tuple[Round, ...]:
    """A history cut into rounds, the first one first. A return that was taken back began none."""
    begun: list[tuple[Entry | None, list[Entry]]] = [(None, [])]
    for entry in history:
        began = begun[-1][0]
        if entry.verb is Verb.REOPEN and began is not None and began.task_id == entry.task_id:
            _, of_none = begun.pop()
            begun[-1][1].extend(of_none)
        begun[-1][1].append(entry)
        if entry.verb is Verb.RETURN:
            begun.append((entry, []))
    return tuple(Round(number, tuple(entries), began) for number, (began, entries) in enumerate(begun, start=1))
