"""Whose a task is, and who was first: what every act on a task asks before anything is written."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from bpmn.wording import sentence
from engine import definitions, errors, spiff, states
from engine.offices import Actor
from engine.states import RunState, TaskState, Verb
from engine.tables import Person, Run, Table, Task, Version

_tasks = Table.metadata.tables[Task.__tablename__]

_OWN = (
    select(Task, Run.parent_id)
    .join(Run, Run.id == Task.run_id)
    .where(Task.id == bindparam("task"), Run.office_id == bindparam("office"))
    .execution_options(populate_existing=True)
)


def own(session: Session, who: Actor, task_id: int) -> Task:
    """A task of the person's office, NotFound otherwise."""
    return own_and_caller(session, who, task_id)[0]


def own_and_caller(session: Session, who: Actor, task_id: int) -> tuple[Task, int | None]:
    """The same, with the id of the run that called its run, if one did."""
    found = session.execute(_OWN, {"task": task_id, "office": who.office_id}).one_or_none()
    if found is None:
        raise errors.NotFound
    return found.Task, found.parent_id


def process(session: Session, task: Task) -> spiff.Process:
    """The version of the task's run, ready to run."""
    version = session.scalars(
        select(Version).join(Run, Run.version_id == Version.id).where(Run.id == task.run_id)
    ).one()
    return definitions.process(session, version)


def require_step(process: spiff.Process, task: Task) -> None:
    """Raise StaleRun where the run was moved, since the task was read, to a version that does not have its step."""
    if task.node_id not in process.tasks:
        raise errors.StaleRun


def require_jabatan(who: Actor, task: Task) -> None:
    """Raise NotYourTask where the person does not hold the task's jabatan today."""
    if task.jabatan_id not in who.held:
        raise errors.NotYourTask(sentence("Tugas ini untuk jabatan lain; Anda tidak sedang memegang jabatan itu."))


def require_claim(session: Session, who: Actor, task: Task) -> None:
    """Raise what is the matter where the person has not claimed the task: NotYourTask, or a Conflict."""
    if task.state is TaskState.CLAIMED and task.claimed_by == who.id:
        return
    if task.state is TaskState.OPEN:
        raise errors.NotYourTask(sentence("Ambil tugas ini terlebih dahulu sebelum mengerjakannya."))
    raise why_not(session, task.id)


def move(
    session: Session,
    task: Task,
    verb: Verb,
    by: Actor | None = None,
    target: TaskState | None = None,
    **values: object,
) -> bool:
    """Settle who was first: the move is made if task and run are still where the table of moves wants them."""
    made = states.move(verb)
    runs_there = select(Run.id).where(Run.id == task.run_id, Run.state.in_(made.runs))
    still = [Task.id == task.id, Task.state.in_(made.origins), Task.run_id.in_(runs_there)]
    # A move to another version may have given it to another step or jabatan.
    still += [Task.node_id == task.node_id, Task.jabatan_id == task.jabatan_id]
    if by is not None:
        still.append(Task.claimed_by == by.id)
    # Past the ORM, which would look for objects to change too: nobody uses this one after the move.
    moved = session.connection().execute(update(_tasks).where(*still).values(state=target or made.target, **values))
    return moved.rowcount == 1


def why_not(session: Session, task_id: int) -> errors.Conflict:
    """Why a move was not made, as the tables tell it now."""
    run, state, who = session.execute(
        select(Run.state, Task.state, Person.name)
        .join(Run, Run.id == Task.run_id)
        .outerjoin(Person, Person.id == Task.claimed_by)
        .where(Task.id == task_id)
    ).one()
    if run in (RunState.SUSPENDED, RunState.CANCELLED):
        return errors.RunNotRunning(run)
    if state is TaskState.OPEN:
        return errors.StaleRun()
    return errors.TaskAlreadyClaimed(who) if state is TaskState.CLAIMED else errors.TaskFinished()
