"""Deadlines being told: that there is a task, that its deadline is near, that it is over.

Every unfinished task says in `alert` what people were last told about it, and in `alert_at` when there is next
something to tell. Who is told is decided when it is told: the person who has claimed the task, else those who then act
for its jabatan. Rules of a step that keep somebody from it (`engine.rules`) are not asked: reading a diagram costs more
than a line too many on somebody's list.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from bpmn.wording import sentence
from engine import errors, history, notices, offices
from engine.offices import Actor
from engine.states import UNFINISHED, Alert, NoticeKind, Right, RunState, TaskState, Verb
from engine.tables import History, Person, Return, Run, Task

log = logging.getLogger(__name__)

LATER = timedelta(minutes=5)
"""When a task is looked at again, about which nothing could be told because of a fault."""

BETWEEN_REMINDERS = timedelta(hours=1)
"""A task is not reminded of twice in this time."""

NOTE_LIMIT = 1000
"""Characters of the note of a reminder."""

OPEN_TO_ALL = {Alert.TOLD: NoticeKind.NEW, Alert.NEAR: NoticeKind.NEAR, Alert.OVER: NoticeKind.OVER}

RECORDED = {Alert.NEAR: Verb.REMIND, Alert.OVER: Verb.OVERDUE}


@dataclass(slots=True)
class _Telling:
    """One sweep: its session and moment, and what is looked up once for all its tasks."""

    session: Session
    now: datetime
    offices: dict[int, Actor] = field(default_factory=dict)
    holders: dict[int, list[int]] = field(default_factory=dict)
    managers: dict[int, list[int]] = field(default_factory=dict)

    def system(self, office_id: int) -> Actor:
        if office_id not in self.offices:
            self.offices[office_id] = offices.system(self.session, office_id, self.now)
        return self.offices[office_id]

    def people(self, task: Task, office_id: int) -> list[int]:
        """Who has the task, else who may claim it."""
        one = task.claimed_by or task.reserved_for
        if one is not None:
            return [one]
        if task.jabatan_id not in self.holders:
            today = self.system(office_id).calendar.day(self.now)
            self.holders[task.jabatan_id] = offices.holders(self.session, task.jabatan_id, today)
        return self.holders[task.jabatan_id]

    def superiors(self, office_id: int) -> list[int]:
        if office_id not in self.managers:
            self.managers[office_id] = offices.managers(self.session, office_id)
        return self.managers[office_id]


def due(session: Session) -> datetime | None:
    """When the next task is to be told about; None where there is nothing to tell."""
    return session.scalar(select(Task.alert_at).where(Task.alert_at.is_not(None)).order_by(Task.alert_at).limit(1))


def sweep(session: Session, now: datetime, limit: int = 100) -> int:
    """Tell what is to be told by `now` of at most `limit` tasks, oldest first; how many tasks were looked at.

    Where the worker was away for long, only the latest is told. Of a run that is not running nothing is told. Tasks
    that somebody else is working on at this moment, another worker among them, are left for the next time.
    """
    found = session.execute(
        select(Task, Run.state, Run.office_id)
        .join(Run, Run.id == Task.run_id)
        .where(Task.alert_at <= now)
        .order_by(Task.alert_at, Task.id)
        .limit(limit)
        # The run's row as well: whoever completes a task locks first the run and then the task, and the rows written
        # here refer to the run, so to hold only the task could end with each waiting for the other.
        .with_for_update(of=(Task, Run), skip_locked=True, key_share=True)
    ).all()
    telling = _Telling(session, now)
    for task, state, office_id in found:
        if state is not RunState.RUNNING or task.state not in UNFINISHED:
            task.alert_at = None
            continue
        try:
            with session.begin_nested():
                _tell(telling, task, office_id)
        except Exception:
            log.exception("task %d: nothing could be told about it", task.id)
            task.alert_at = now + LATER
    session.flush()
    return len(found)


def resume(session: Session, run_id: int, now: datetime) -> None:
    """Let the tasks of a run that goes on be told about again; what fell due in the meantime is told at once."""
    session.execute(
        update(Task)
        .where(Task.run_id == run_id, Task.state.in_(UNFINISHED))
        .values(
            alert_at=case(
                (Task.alert == Alert.NONE, now),
                (Task.alert == Alert.TOLD, case((Task.near_at.is_not(None), Task.near_at), else_=Task.due_at)),
                (Task.alert == Alert.NEAR, Task.due_at),
                else_=None,
            )
        )
        .execution_options(synchronize_session=False)
    )


def remind(session: Session, who: Actor, task_id: int, note: str, now: datetime) -> list[int]:
    """Ask those who have a task, or may claim it, to act; their ids. A manager's act, once an hour for each task.

    Raises NotFound, TaskFinished, RunNotRunning, TooLong, Conflict where somebody was reminded of it before.
    """
    who.require(Right.MANAGER)
    note = note.strip()
    if len(note) > NOTE_LIMIT:
        raise errors.TooLong(sentence("Catatan"), NOTE_LIMIT)
    found = session.execute(
        select(Task, Run.state)
        .join(Run, Run.id == Task.run_id)
        .where(Task.id == task_id, Run.office_id == who.office_id)
        .with_for_update(of=Run, key_share=True)
    ).one_or_none()
    if found is None:
        raise errors.NotFound
    task, state = found
    if state is not RunState.RUNNING:
        raise errors.RunNotRunning(state)
    if task.state not in UNFINISHED:
        raise errors.TaskFinished
    _refuse_repeated(session, task_id, now)
    people = _Telling(session, now, offices={who.office_id: who}).people(task, who.office_id)
    notices.give(session, people, NoticeKind.REMINDER, task.run_id, task.id, {"by": who.name, "note": note}, now)
    history.record(
        session, who, Verb.REMIND, now, run_id=task.run_id, task_id=task.id, jabatan_id=task.jabatan_id, note=note
    )
    session.flush()
    return people


def _refuse_repeated(session: Session, task_id: int, now: datetime) -> None:
    reminded = session.scalar(
        select(History.id)
        .where(
            History.task_id == task_id,
            History.run_id == select(Task.run_id).where(Task.id == task_id).scalar_subquery(),
            History.verb == Verb.REMIND,
            History.person_id.is_not(None),
            History.at > now - BETWEEN_REMINDERS,
        )
        .limit(1)
    )
    if reminded is not None:
        raise errors.Conflict(sentence("Tugas ini sudah diingatkan dalam satu jam terakhir; tunggu dahulu."))


def _tell(telling: _Telling, task: Task, office_id: int) -> None:
    """Tell the latest of what is to be told about a task, unless it was told before."""
    stage = _stage(task, telling.now)
    if stage is not task.alert:
        people, kind, facts = telling.people(task, office_id), OPEN_TO_ALL[stage], _facts(telling.session, task)
        if stage is Alert.OVER:
            people = list(dict.fromkeys([*people, *telling.superiors(office_id)]))
        elif stage is Alert.TOLD and _came_back(task):
            kind = NoticeKind.RETURNED
        notices.give(telling.session, people, kind, task.run_id, task.id, facts, telling.now)
        if stage in RECORDED:
            history.record(
                telling.session,
                telling.system(office_id),
                RECORDED[stage],
                telling.now,
                run_id=task.run_id,
                task_id=task.id,
                jabatan_id=task.jabatan_id,
            )
    task.alert, task.alert_at = stage, _next(stage, task)


def _stage(task: Task, now: datetime) -> Alert:
    """What is true of an unfinished task at a moment, and not less than what was told: deadlines move only onward."""
    if task.alert is Alert.OVER or (task.due_at is not None and task.due_at <= now):
        return Alert.OVER
    if task.alert is Alert.NEAR or (task.near_at is not None and task.near_at <= now):
        return Alert.NEAR
    return Alert.TOLD


def _next(stage: Alert, task: Task) -> datetime | None:
    if stage is Alert.OVER:
        return None
    return task.near_at or task.due_at if stage is Alert.TOLD else task.due_at


def _came_back(task: Task) -> bool:
    """Whether a return brought the task to the person who has it: claimed as it was made, by nobody's own act."""
    return task.return_id is not None and task.state is TaskState.CLAIMED and task.claimed_at == task.created_at


def _facts(session: Session, task: Task) -> dict[str, Any]:
    """Why and by whom the task came back, if it did and this is the first that is told about it."""
    if task.return_id is None or task.alert is not Alert.NONE:
        return {}
    reason, by = session.execute(
        select(Return.reason, Person.name)
        .join(Person, Person.id == Return.returned_by)
        .where(Return.id == task.return_id)
    ).one()
    return {"reason": reason, "by": by}
