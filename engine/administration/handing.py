"""Tasks leave the hands of somebody who may not do them any more: to others, or back to all holders of the jabatan."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from bpmn.errors import Refusal
from engine import errors, history, tasks
from engine.offices import Actor
from engine.states import UNFINISHED, TaskState, Verb
from engine.tables import Absence, Holding, Run, Task


@dataclass(frozen=True, slots=True)
class Handed:
    """How many tasks were given to somebody, and how many went back to all holders of their jabatan."""

    given: int = 0
    opened: int = 0


def of_person(person_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The condition on tasks that wait for one person: claimed, or reserved as the person's part."""
    claimed = and_(Task.claimed_by == person_id, Task.state == TaskState.CLAIMED)
    return or_(claimed, and_(Task.reserved_for == person_id, Task.state.in_(UNFINISHED)))


def lent(person_id: int, jabatan: Collection[int], today: date) -> ColumnElement[bool]:
    """The condition on tasks that the person's substitute has claimed in these jabatan, without holding them."""
    instead = select(Absence.substitute_id).where(
        Absence.person_id == person_id, Absence.since <= today, Absence.until >= today
    )
    held = exists().where(
        Holding.person_id == Task.claimed_by,
        Holding.jabatan_id == Task.jabatan_id,
        Holding.since <= today,
        or_(Holding.until.is_(None), Holding.until >= today),
    )
    return and_(Task.state == TaskState.CLAIMED, Task.claimed_by.in_(instead), Task.jabatan_id.in_(jabatan), ~held)


def hand(
    session: Session,
    who: Actor,
    which: ColumnElement[bool],
    receivers: Mapping[int, int],
    note: str,
    now: datetime,
) -> Handed:
    """Take tasks of the office away from whoever has them, and give each to the receiver for its jabatan.

    Where there is none, or a rule of the step keeps the receiver from it, the task is open to its jabatan again.
    Runs are locked by id, as whoever completes a task locks them.
    """
    query = (
        select(Task)
        .join(Run, Run.id == Task.run_id)
        .where(which, Run.office_id == who.office_id)
        .order_by(Run.id, Task.id)
        .with_for_update(of=Run, key_share=True)
    )
    given = opened = 0
    for task in session.scalars(query).all():
        to = receivers.get(task.jabatan_id)
        if to is not None and _given(session, who, task, to, note, now):
            given += 1
        else:
            opened += _opened(session, who, task, which, note, now)
    return Handed(given, opened)


def _given(session: Session, who: Actor, task: Task, to: int, note: str, now: datetime) -> bool:
    try:
        with session.begin_nested():
            tasks.reassign(session, who, task.id, to, note, now)
    except errors.NotFound:
        raise
    except Refusal:
        return False
    return True


def _opened(session: Session, who: Actor, task: Task, which: ColumnElement[bool], note: str, now: datetime) -> bool:
    """Whether the task was still one of those, and is now open to its jabatan."""
    changed = session.scalar(
        update(Task)
        .where(Task.id == task.id, which)
        .values(state=TaskState.OPEN, claimed_by=None, claimed_at=None, active_at=now, reserved_for=None)
        .returning(Task.id)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        return False
    history.record(
        session,
        who,
        Verb.RELEASE,
        now,
        run_id=task.run_id,
        task_id=task.id,
        jabatan_id=task.jabatan_id,
        facts={"note": note},
    )
    session.flush()
    return True
