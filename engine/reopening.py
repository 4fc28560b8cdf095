"""Taking back the last step of a run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bpmn.flow import SEQUENTIAL
from engine import advancing, errors, guards, history, offices, runs, spiff, states, tallies
from engine.advancing import Act
from engine.offices import Actor
from engine.states import DONE, UNFINISHED, Right, RunState, TaskState, Verb, Wait
from engine.tables import Person, Return, Run, Task, Waiting


def reopen(session: Session, who: Actor, task_id: int, note: str, now: datetime) -> None:
    """Take back the last step of a run: it stands where it stood before, and the task is with its doer again.

    For the person who did the step, until somebody has taken up what followed; for a manager, until it is finished.
    What was entered is kept as a draft; a return that is taken back was none. NotTheLastStep where the run has gone on.
    """
    task, called_by = guards.own_and_caller(session, who, task_id)
    if task.finished_by != who.id:
        who.require(Right.MANAGER)
    elif not who.may(Right.MANAGER):
        guards.require_jabatan(who, task)
    note = runs.checked(note)
    act = advancing.opened(session, who, task.run_id, called_by, now)
    guards.require_step(act.process, task)
    _require_last(act, task)
    undo = select(Run.undo_state, Run.undo_flows).where(Run.id == act.run.id)
    before, flows = session.execute(undo).one()
    before = before or b""
    standing = advancing.attempt(act, lambda: spiff.standing(act.process, before))
    _take_back(act, task, standing, manager=who.may(Right.MANAGER))
    _discount(act, task, flows or ())
    doer = task.finished_by if task.finished_by in _holders(act, task) else None
    guards.move(
        session,
        task,
        Verb.REOPEN,
        target=TaskState.CLAIMED if doer else TaskState.OPEN,
        claimed_by=doer,
        claimed_at=now if doer else None,
        active_at=now,
        finished_by=None,
        finished_at=None,
        waited=None,
        worked=None,
        alert_at=task.near_at or task.due_at,
    )
    history.record(
        session, who, Verb.REOPEN, now, run_id=task.run_id, task_id=task.id, jabatan_id=task.jabatan_id, note=note
    )
    _put_back(act, before)
    if act.process.events:
        advancing.sync_waits(act, standing.events, since=task.created_at)
    session.flush()


def _require_last(act: Act, task: Task) -> None:
    """Raise NotTheLastStep where something came after the task, or the run is where nothing can be taken back."""
    allowed = states.move(Verb.REOPEN)
    if act.run.state not in allowed.runs:
        raise errors.RunNotRunning(act.run.state)
    passed_on = act.run.state is RunState.FINISHED and act.run.parent_id is not None
    if act.run.undo_task != task.id or passed_on or task.state not in DONE:
        raise errors.NotTheLastStep


def _take_back(act: Act, task: Task, before: spiff.Advanced, *, manager: bool) -> None:
    """Withdraw the tasks that the last step opened, unless somebody has taken one up; and its return, if it was one."""
    opened = _opened_by(act, task, before)
    taken = next((one.claimed_by for one in opened if one.claimed_by and one.claimed_at != one.created_at), None)
    if taken is not None and not manager:
        raise errors.TaskAlreadyClaimed(act.session.scalars(select(Person.name).where(Person.id == taken)).one())
    called = select(Waiting.engine_id).where(Waiting.run_id == act.run.id, Waiting.kind == Wait.CALL)
    known = {event.engine_id for event in before.events}
    if act.process.events and set(act.session.scalars(called)) - known:
        raise errors.NotTheLastStep
    for one in opened:
        one.state, one.alert_at, one.return_id = TaskState.WITHDRAWN, None, None
    act.session.flush()
    if task.state is TaskState.RETURNED:
        act.session.execute(delete(Return).where(Return.run_id == act.run.id, Return.round == act.run.round))


def _discount(act: Act, task: Task, flows: Sequence[str]) -> None:
    """Take off what finishing the task added to the tallies."""
    session, who, definition_id = act.session, act.who, act.version.definition_id
    if act.run.state is RunState.FINISHED:
        tallies.run_reopened(session, who, act.run, definition_id)
    tallies.taken_back(session, who, task)
    if task.finished_at is not None:
        tallies.passed(session, who, definition_id, flows, task.finished_at, sign=-1)


def _opened_by(act: Act, task: Task, before: spiff.Advanced) -> list[Task]:
    """The unfinished tasks that did not wait in the state before, and of parts done in turn the one that came next."""
    known = {waiting.engine_id for waiting in before.waiting}
    unfinished = act.session.scalars(select(Task).where(Task.run_id == act.run.id, Task.state.in_(UNFINISHED)))
    sequential = act.process.tasks[task.node_id].multi == SEQUENTIAL
    return [
        one
        for one in unfinished
        if one.engine_id not in known or (sequential and one.engine_id == task.engine_id and one.part > task.part)
    ]


def _put_back(act: Act, state: bytes) -> None:
    rounds = select(1 + func.count()).select_from(Return).where(Return.run_id == act.run.id).scalar_subquery()
    act.session.execute(
        update(Run)
        .where(Run.id == act.run.id)
        .values(
            state_of_engine=state,
            revision=Run.revision + 1,
            round=rounds,
            state=RunState.RUNNING,
            finished_at=None,
            lead=None,
            undo_task=None,
            undo_state=None,
            undo_flows=None,
        )
        .execution_options(synchronize_session=False)
    )


def _holders(act: Act, task: Task) -> list[int]:
    return offices.holders(act.session, task.jabatan_id, act.who.calendar.day(act.now))
