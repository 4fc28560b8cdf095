"""What people do with tasks: claim, release, complete, and return as a completion that sends the run back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, undefer

from bpmn.flow import SEQUENTIAL, Choice
from bpmn.wording import sentence
from engine import definitions, errors, history, offices, rules, runs, spiff
from engine.offices import Actor
from engine.runs import Act
from engine.states import UNFINISHED, Right, RunState, TaskState, Verb, move
from engine.tables import Person, Return, Run, Task, Version


def claim(session: Session, who: Actor, task_id: int, now: datetime) -> None:
    """Take an open task of an own jabatan. One's own claim is taken again without complaint.

    Raises TaskAlreadyClaimed, TaskFinished, NotYourTask.
    """
    task = _own(session, who, task_id)
    if task.state is TaskState.CLAIMED and task.claimed_by == who.id:
        return
    _require_jabatan(who, task)
    if task.reserved_for not in (None, who.id):
        raise errors.NotYourTask(sentence("Bagian tugas ini untuk pemegang jabatan yang lain; bagian Anda tersendiri."))
    rules.require(session, who, task, _process(session, task))
    if not _move(session, task, Verb.CLAIM, claimed_by=who.id, claimed_at=now):
        raise _why_not(session, task_id)
    history.record(session, who, Verb.CLAIM, now, run_id=task.run_id, task_id=task.id, jabatan_id=task.jabatan_id)
    session.flush()


def release(session: Session, who: Actor, task_id: int, now: datetime) -> None:
    """Give a claimed task back to its jabatan. Raises NotYourTask, TaskFinished."""
    task = _own(session, who, task_id)
    _require_claim(session, who, task)
    if not _move(session, task, Verb.RELEASE, by=who, claimed_by=None, claimed_at=None):
        raise _why_not(session, task_id)
    history.record(session, who, Verb.RELEASE, now, run_id=task.run_id, task_id=task.id, jabatan_id=task.jabatan_id)
    session.flush()


def hand_over(session: Session, who: Actor, task_id: int, to: int, note: str, now: datetime) -> None:
    """Give a claimed task to another holder of its jabatan. Raises NotYourTask, NotAllowed for no holder."""
    task = _own(session, who, task_id)
    _require_claim(session, who, task)
    _give(session, who, task, Verb.HAND_OVER, to, note, now)


def reassign(session: Session, who: Actor, task_id: int, to: int, note: str, now: datetime) -> None:
    """Give an unfinished task to a holder of its jabatan: a manager's act. Raises NotAllowed, TaskFinished."""
    who.require(Right.MANAGER)
    _give(session, who, _own(session, who, task_id), Verb.REASSIGN, to, note, now)


def _give(session: Session, who: Actor, task: Task, verb: Verb, to: int, note: str, now: datetime) -> None:
    if to not in offices.holders(session, task.jabatan_id, who.calendar.day(now)):
        raise errors.NotAllowed(sentence("Tugas hanya dapat dialihkan kepada pemegang jabatan yang bersangkutan."))
    receiver = offices.actor(session, to, now)
    rules.require(session, receiver, task, _process(session, task))
    note = runs.checked(note)
    reserved = to if task.reserved_for is not None else None
    by = who if verb is Verb.HAND_OVER else None
    if not _move(session, task, verb, by=by, claimed_by=to, claimed_at=now, reserved_for=reserved):
        raise _why_not(session, task.id)
    facts = {"person": receiver.name, "note": note}
    history.record(session, who, verb, now, run_id=task.run_id, task_id=task.id, jabatan_id=task.jabatan_id, **facts)
    session.flush()


def complete(session: Session, who: Actor, task_id: int, choice: str | None, note: str, now: datetime) -> Verb:
    """Finish a claimed task and let its run go on; what that was: COMPLETE or RETURN.

    `choice` is the id of the flow chosen where the diagram leaves a decision, None where it leaves none. Where the
    flow leads back, the note is the mandatory reason of the return. A second submit of the same finish answers with
    what already happened. Raises NotYourTask, ChoiceMissing, ReasonMissing, TooLong, TaskFinished, StaleRun; nothing
    is then written.
    """
    task = _own(session, who, task_id)
    if task.finished_by == who.id and task.choice == choice:
        return Verb.RETURN if task.state is TaskState.RETURNED else Verb.COMPLETE
    _require_claim(session, who, task)
    _require_jabatan(who, task)
    act = _act(session, who, task, now)
    rules.require(session, who, task, act.process)
    chosen = _chosen(act.process.choices[task.node_id], choice)
    note = _checked(note, chosen)
    verb = Verb.RETURN if chosen and chosen.is_return else Verb.COMPLETE
    if not _move(session, task, verb, by=who, finished_by=who.id, finished_at=now, choice=choice, note=note):
        raise _why_not(session, task_id)
    facts: dict[str, object] = {"choice": chosen.name if chosen else None, "note": note}
    if _others_left(act, task):
        _record(act, task, verb, facts)
        session.flush()
        return verb
    variables = {chosen.variable: chosen.value} if chosen else {}
    advanced = spiff.complete(act.process, act.run.state_of_engine, task.engine_id, variables)
    returned = _return(act, task, chosen, note) if chosen and chosen.is_return else None
    if returned is not None:
        facts |= {"round": returned.round, "to": [act.process.tasks[step].name for step in returned.to_nodes]}
    _record(act, task, verb, facts)
    runs.write(act, advanced, returned)
    return verb


def _record(act: Act, task: Task, verb: Verb, facts: dict[str, object]) -> None:
    history.record(
        act.session, act.who, verb, act.now, run_id=act.run.id, task_id=task.id, jabatan_id=task.jabatan_id, **facts
    )


def _others_left(act: Act, task: Task) -> bool:
    """Whether a task that each holder does still waits for others. The run's row is locked, so the last one knows."""
    multi = act.process.tasks[task.node_id].multi
    if not multi:
        return False
    parts = act.session.execute(
        select(Task.finished_by, Task.state).where(Task.run_id == act.run.id, Task.engine_id == task.engine_id)
    ).all()
    if any(state in UNFINISHED for _, state in parts):
        return True
    if multi != SEQUENTIAL:
        return False
    done = [person for person, _ in parts if person is not None]
    return runs.open_task(act, spiff.WaitingTask(task.engine_id, task.node_id), done=done)


def _own(session: Session, who: Actor, task_id: int) -> Task:
    """A task of the person's office, NotFound otherwise."""
    task = session.scalar(
        select(Task).join(Run, Run.id == Task.run_id).where(Task.id == task_id, Run.office_id == who.office_id)
    )
    if task is None:
        raise errors.NotFound
    return task


def _process(session: Session, task: Task) -> spiff.Process:
    version = session.scalars(
        select(Version).join(Run, Run.version_id == Version.id).where(Run.id == task.run_id)
    ).one()
    return definitions.process(session, version)


def _act(session: Session, who: Actor, task: Task, now: datetime) -> Act:
    """The task's run for an act on it. Its row is locked: of two branches completed at once, the second waits here."""
    run, version = session.execute(
        select(Run, Version)
        .join(Version, Version.id == Run.version_id)
        .where(Run.id == task.run_id)
        .options(undefer(Run.state_of_engine))
        .with_for_update(of=Run)
    ).one()
    return Act(session, who, run, version, definitions.process(session, version), now)


def _require_jabatan(who: Actor, task: Task) -> None:
    if task.jabatan_id not in who.held:
        raise errors.NotYourTask(sentence("Tugas ini untuk jabatan lain; Anda tidak sedang memegang jabatan itu."))


def _require_claim(session: Session, who: Actor, task: Task) -> None:
    if task.state is TaskState.CLAIMED and task.claimed_by == who.id:
        return
    if task.state is TaskState.OPEN:
        raise errors.NotYourTask(sentence("Ambil tugas ini terlebih dahulu sebelum mengerjakannya."))
    raise _why_not(session, task.id)


def _move(session: Session, task: Task, verb: Verb, by: Actor | None = None, **values: object) -> bool:
    """Settle who was first: the move is made if task and run are still where the table of moves wants them."""
    made = move(verb)
    running = select(Run.id).where(Run.id == task.run_id, Run.state == RunState.RUNNING)
    still = [Task.id == task.id, Task.state.in_(made.origins), Task.run_id.in_(running)]
    if by is not None:
        still.append(Task.claimed_by == by.id)
    moved = session.scalar(
        update(Task)
        .where(*still)
        .values(state=made.target, **values)
        .returning(Task.id)
        .execution_options(synchronize_session=False)
    )
    return moved is not None


def _why_not(session: Session, task_id: int) -> errors.Conflict:
    """Why a move was not made, as the tables tell it now."""
    run, state, who = session.execute(
        select(Run.state, Task.state, Person.name)
        .join(Run, Run.id == Task.run_id)
        .outerjoin(Person, Person.id == Task.claimed_by)
        .where(Task.id == task_id)
    ).one()
    if run in (RunState.SUSPENDED, RunState.CANCELLED):
        return errors.RunNotRunning(run)
    return errors.TaskAlreadyClaimed(who) if state is TaskState.CLAIMED else errors.TaskFinished()


def _chosen(choices: tuple[Choice, ...], edge: str | None) -> Choice | None:
    if not choices and edge is None:
        return None
    for choice in choices:
        if choice.edge == edge:
            return choice
    raise errors.ChoiceMissing


def _checked(note: str, chosen: Choice | None) -> str:
    note = runs.checked(note)
    if chosen and chosen.is_return and not note:
        raise errors.ReasonMissing
    return note


def _return(act: Act, task: Task, chosen: Choice, reason: str) -> Return:
    returned = Return(
        run_id=act.run.id,
        edge_id=chosen.edge,
        from_node=task.node_id,
        to_nodes=list(chosen.targets),
        reason=reason,
        round=act.run.round + 1,
        returned_by=act.who.id,
        returned_at=act.now,
    )
    act.session.add(returned)
    act.session.flush()
    return returned
