"""What people do with tasks: claim, release, save, complete, return, hand over; a manager reassigns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bpmn.choices import Choice, may_choose_none
from bpmn.errors import Refusal
from bpmn.flow import SEQUENTIAL, approval
from bpmn.wording import sentence
from engine import advancing, errors, forms, guards, history, notices, offices, rules, runs, spiff, states, tallies
from engine.advancing import Act
from engine.offices import Actor
from engine.states import UNFINISHED, Alert, NoticeKind, Right, TaskState, Verb
from engine.tables import Involvement, Return, Run, Task


def claim(session: Session, who: Actor, task_id: int, now: datetime) -> None:
    """Take an open task of an own jabatan. One's own claim is taken again without complaint.

    Raises TaskAlreadyClaimed, TaskFinished, NotYourTask.
    """
    task = guards.own(session, who, task_id)
    if task.state is TaskState.CLAIMED and task.claimed_by == who.id:
        return
    guards.require_jabatan(who, task)
    if task.reserved_for not in (None, who.id):
        raise errors.NotYourTask(sentence("Bagian tugas ini untuk pemegang jabatan yang lain; bagian Anda tersendiri."))
    rules.require(session, who, task, guards.process(session, task))
    if not guards.move(session, task, Verb.CLAIM, claimed_by=who.id, claimed_at=now, active_at=now):
        raise guards.why_not(session, task_id)
    history.record(session, who, Verb.CLAIM, now, run_id=task.run_id, task_id=task.id, jabatan_id=task.jabatan_id)
    session.flush()


def release(session: Session, who: Actor, task_id: int, now: datetime) -> None:
    """Give a claimed task back to its jabatan. Raises NotYourTask, TaskFinished."""
    task = guards.own(session, who, task_id)
    guards.require_claim(session, who, task)
    if not guards.move(session, task, Verb.RELEASE, by=who, claimed_by=None, claimed_at=None, active_at=now):
        raise guards.why_not(session, task_id)
    history.record(session, who, Verb.RELEASE, now, run_id=task.run_id, task_id=task.id, jabatan_id=task.jabatan_id)
    session.flush()


MANY = 100
"""Tasks that one act on several takes at most."""


def each(
    act: Callable[[Session, Actor, int, datetime], None],
    session: Session,
    who: Actor,
    task_ids: Sequence[int],
    now: datetime,
) -> dict[int, Refusal | None]:
    """Do one thing with several tasks, as far as it can be done: for each why it was refused, or None.

    Raises Invalid for more than MANY.
    """
    if len(task_ids) > MANY:
        raise errors.Invalid(sentence("Pilih paling banyak %(limit)d tugas sekaligus.", limit=MANY))
    refused: dict[int, Refusal | None] = {}
    for task_id in task_ids:
        try:
            with session.begin_nested():
                act(session, who, task_id, now)
            refused[task_id] = None
        except Refusal as why:
            refused[task_id] = why
    return refused


def hand_over(session: Session, who: Actor, task_id: int, to: int, note: str, now: datetime) -> None:
    """Give a claimed task to another holder of its jabatan. Raises NotYourTask, NotAllowed for no holder."""
    task = guards.own(session, who, task_id)
    guards.require_claim(session, who, task)
    _give(session, who, task, Verb.HAND_OVER, to, note, now)


def reassign(session: Session, who: Actor, task_id: int, to: int, note: str, now: datetime) -> None:
    """Give an unfinished task to a holder of its jabatan: a manager's act. Raises NotAllowed, TaskFinished."""
    who.require(Right.MANAGER)
    _give(session, who, guards.own(session, who, task_id), Verb.REASSIGN, to, note, now)


def _give(session: Session, who: Actor, task: Task, verb: Verb, to: int, note: str, now: datetime) -> None:
    if to not in offices.holders(session, task.jabatan_id, who.calendar.day(now)):
        raise errors.NotAllowed(sentence("Tugas hanya dapat dialihkan kepada pemegang jabatan yang bersangkutan."))
    receiver = offices.actor(session, to, now)
    rules.require(session, receiver, task, guards.process(session, task))
    note = runs.checked(note)
    reserved = to if task.reserved_for is not None else None
    by = who if verb is Verb.HAND_OVER else None
    given: dict[str, Any] = {"claimed_by": to, "claimed_at": now, "active_at": now, "reserved_for": reserved}
    if not guards.move(session, task, verb, by=by, **given):
        raise guards.why_not(session, task.id)
    facts = {"person": receiver.name, "note": note}
    history.record(
        session, who, verb, now, run_id=task.run_id, task_id=task.id, jabatan_id=task.jabatan_id, facts=facts
    )
    # Of what nobody was told yet, the receiver will be told in the ordinary way.
    if to != who.id and task.alert is not Alert.NONE:
        told = {"given_by": who.name, "note": note}
        notices.give(session, [to], NoticeKind.NEW, task.run_id, task.id, told, now)
    session.flush()


def save(
    session: Session,
    who: Actor,
    task_id: int,
    choice: str | None,
    note: str,
    now: datetime,
    fields: Mapping[str, str] | None = None,
) -> None:
    """Keep what the claimer entered so far, as `complete` takes it; a required field may still be empty.

    Raises NotYourTask, TooLong, ChoiceMissing for a flow and FieldWrong for a field that the diagram does not have.
    """
    task = guards.own(session, who, task_id)
    guards.require_claim(session, who, task)
    guards.require_jabatan(who, task)
    process = guards.process(session, task)
    chosen = _chosen(process.choices[task.node_id], choice)
    values: dict[str, Any] = {"choice": " ".join(one.edge for one in chosen) or None, "note": runs.checked(note)}
    values["active_at"] = now
    if fields is not None:
        values["entries"] = forms.unfinished(process.tasks[task.node_id].fields, fields)
    if not guards.move(session, task, Verb.SAVE, by=who, **values):
        raise guards.why_not(session, task_id)
    history.record(session, who, Verb.SAVE, now, run_id=task.run_id, task_id=task.id, jabatan_id=task.jabatan_id)
    session.flush()


def complete(
    session: Session,
    who: Actor,
    task_id: int,
    choice: str | None,
    note: str,
    now: datetime,
    fields: Mapping[str, str] | None = None,
) -> Verb:
    """Finish a claimed task and let its run go on; what that was: COMPLETE or RETURN.

    Where the diagram says that the task is a paraf or a tanda tangan, to go on is recorded as that as well, in the
    person's name and in the capacity in which the person holds the jabatan; to return is neither.

    `choice` is the id of the flow chosen where the diagram leaves a decision, None where it leaves none; behind an
    inclusive gateway ids of several with spaces between them. Where the flow leads back, the note is the mandatory
    reason of the return, and the form may be unfinished. `fields` are those of the form; None takes what was saved. A
    second submit of the same finish, with the same note, answers with what already happened. Raises NotYourTask,
    ChoiceMissing, ReasonMissing, FieldWrong, TooLong, TaskFinished, StaleRun, RunDamaged; nothing is then written.
    """
    task, called_by = guards.own_and_caller(session, who, task_id)
    if (known := _answered(who, task, choice, note)) is not None:
        return known
    guards.require_claim(session, who, task)
    guards.require_jabatan(who, task)
    act = advancing.opened(session, who, task.run_id, called_by, now)
    guards.require_step(act.process, task)
    rules.require(session, who, task, act.process)
    chosen = _decided(act.process, task.node_id, choice)
    note = _checked(note, chosen)
    verb = Verb.RETURN if any(one.is_return for one in chosen) else Verb.COMPLETE
    form = act.process.tasks[task.node_id].fields
    entered = forms.known(form, task.entries) if fields is None else fields
    entries = forms.final(form, entered) if verb is Verb.COMPLETE else forms.unfinished(form, entered)
    done: dict[str, Any] = {"finished_by": who.id, "finished_at": now, "choice": choice, "note": note, "alert_at": None}
    if entries != task.entries:
        done["entries"] = entries
    done["waited"], done["worked"] = took = tallies.times(task, now, who.calendar)
    if not guards.move(session, task, verb, by=who, **done):
        session.refresh(task)
        if (known := _answered(who, task, choice, note)) is not None:  # sent twice at the same moment
            return known
        raise guards.why_not(session, task_id)
    tallies.finished(session, who, task, now, took, returned=verb is Verb.RETURN)
    facts: dict[str, object] = {"choice": ", ".join(one.name for one in chosen), "note": note}
    if _others_left(act, task):
        _record(act, task, verb, facts)
        _approve(act, task, verb)
        _part_done(act, task)
        return verb
    variables = _variables(act.process.choices[task.node_id], chosen)
    state = act.run.state_of_engine
    advanced = advancing.attempt(act, lambda: spiff.complete(act.process, state, task.engine_id, variables))
    returned = _return(act, task, chosen[0], note) if verb is Verb.RETURN else None
    if returned is not None:
        facts |= {"round": returned.round, "to": [act.process.tasks[step].name for step in returned.to_nodes]}
    _record(act, task, verb, facts)
    _approve(act, task, verb)
    advancing.write(act, advanced, returned, undo=task)
    if not advanced.finished:
        _involve(act)
    return verb


def send_back(session: Session, who: Actor, task_id: int, choice: str | None, reason: str, now: datetime) -> None:
    """Finish a claimed task by sending its run back by the flow `choice`, or by the only one that leads back.

    Raises what `complete` does, and ChoiceMissing where the flow does not lead back, or none or several do.
    """
    task = guards.own(session, who, task_id)
    back = [one.edge for one in guards.process(session, task).choices.get(task.node_id, ()) if one.is_return]
    if choice is None and len(back) == 1:
        choice = back[0]
    if choice is None or choice not in back:
        raise errors.ChoiceMissing
    complete(session, who, task_id, choice, reason, now)


def _answered(who: Actor, task: Task, choice: str | None, note: str) -> Verb | None:
    """What the same person made of the task by the same choice and note before; None where that did not happen."""
    if task.finished_by != who.id or task.choice != choice or task.note != runs.checked(note):
        return None
    return Verb.RETURN if task.state is TaskState.RETURNED else Verb.COMPLETE


def _involve(act: Act) -> None:
    """Let the person see where the run goes on, until it ends: in one statement, which both kinds of database have."""
    insert = sqlite.insert if act.session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = insert(Involvement).values(person_id=act.who.id, run_id=act.run.id, at=act.now)
    act.session.execute(row.on_conflict_do_update(index_elements=["person_id", "run_id"], set_={"at": act.now}))


def _record(act: Act, task: Task, verb: Verb, facts: dict[str, object]) -> None:
    history.record(
        act.session, act.who, verb, act.now, run_id=act.run.id, task_id=task.id, jabatan_id=task.jabatan_id, facts=facts
    )


def _approve(act: Act, task: Task, verb: Verb) -> None:
    """Record the paraf or tanda tangan that going on is, beside it: an act of its own, of the round it was given in."""
    said = approval(act.process.tasks[task.node_id])
    if said and verb is Verb.COMPLETE:
        _record(act, task, states.APPROVALS[said], {"round": act.run.round})


def _others_left(act: Act, task: Task) -> bool:
    """Whether a task that each holder does still waits for others. The run's row is locked, so the last one knows."""
    multi = act.process.tasks[task.node_id].multi
    if not multi:
        return False
    parts = act.session.execute(
        select(Task.part, Task.finished_by, Task.state).where(
            Task.run_id == act.run.id, Task.engine_id == task.engine_id
        )
    ).all()
    if any(part.state in UNFINISHED for part in parts):
        return True
    if multi != SEQUENTIAL:
        return False
    done = [part.finished_by for part in parts if part.finished_by is not None]
    last = max(part.part for part in parts)
    return advancing.open_task(act, spiff.WaitingTask(task.engine_id, task.node_id), done=done, last=last)


def _part_done(act: Act, task: Task) -> None:
    """The state of the run is as before, so that is what a part can be taken back to."""
    act.session.execute(
        update(Run)
        .where(Run.id == act.run.id)
        .values(undo_task=task.id, undo_state=act.run.state_of_engine, undo_flows=[])
        .execution_options(synchronize_session=False)
    )
    act.session.flush()


def _chosen(choices: tuple[Choice, ...], edges: str | None) -> tuple[Choice, ...]:
    """The choices of these flows, in the order of the diagram. ChoiceMissing for one that the diagram does not have."""
    wanted = set((edges or "").split())
    found = tuple(choice for choice in choices if choice.edge in wanted)
    if len(found) != len(wanted):
        raise errors.ChoiceMissing
    return found


def _decided(process: spiff.Process, node_id: str, edges: str | None) -> tuple[Choice, ...]:
    """The choices that finish a task. ChoiceMissing for one too many, or none where there has to be one."""
    choices = process.choices[node_id]
    chosen = _chosen(choices, edges)
    if len(chosen) > 1 and any(choice.alone for choice in chosen):
        raise errors.ChoiceMissing
    if choices and not chosen and not may_choose_none(process.flow, node_id):
        raise errors.ChoiceMissing
    return chosen


def _variables(choices: tuple[Choice, ...], chosen: tuple[Choice, ...]) -> dict[str, str]:
    """What the gateway is told: of choices that stand beside each other, also which were not made."""
    left = {choice.variable: "" for choice in choices if not choice.alone}
    return left | {choice.variable: choice.value for choice in chosen}


def _checked(note: str, chosen: tuple[Choice, ...]) -> str:
    note = runs.checked(note)
    if not note and any(choice.is_return for choice in chosen):
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
