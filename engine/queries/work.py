"""One task in full: what is to be done, with what, until when, how it came here, and the ways on and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from bpmn.choices import Choice, may_choose_none
from bpmn.flow import Field, Node, approval, row_text
from bpmn.sop import Waktu
from engine import advancing, definitions, errors, states
from engine.offices import Actor
from engine.queries import earlier, inbox, papers
from engine.queries.earlier import Approval, Changes, Done, Past
from engine.queries.inbox import Target, TaskRow
from engine.queries.papers import Papers
from engine.queries.timeline import Entry, timeline
from engine.spiff import Process
from engine.states import DONE, UNFINISHED, Capacity, Right, TaskState, Verb
from engine.tables import Absence, Holding, Person, Run, Task, Version, Waiting

_stand_in = aliased(Person)


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """Why a task came back: who sent it, in which jabatan and capacity, from which step, and when."""

    reason: str
    returned_by: str
    jabatan: str | None
    capacity: Capacity | None
    step: str
    at: datetime
    round: int


@dataclass(frozen=True, slots=True)
class TaskPage:
    """One task in full: the row of the SOP, what can be done with it, and how its run came here."""

    row: TaskRow
    node_id: str
    version_id: int
    text: str
    kelengkapan: str
    waktu: str
    standard: Waktu | None
    """What its waktu means; None where there is none, without amount and unit where it cannot be read."""
    output: str
    keterangan: str
    choices: tuple[Choice, ...]
    targets: dict[str, tuple[Target, ...]]
    """For each choice's flow: the steps it leads to, and of a return who gets them."""
    ends: frozenset[str]
    """The choices' flows, and "" for a task without choices, with which the run ends."""
    fields: tuple[Field, ...]
    """The form of the step; `entries` is what is in it, and `note` beside it, a draft while the task is unfinished."""
    entries: Mapping[str, Any]
    note: str
    several: bool
    """Whether several of the choices may be made together; then none, too, where `may_choose_none`."""
    may_choose_none: bool
    may_claim: bool
    may_reopen: bool
    """Whether it was the last step of its run, and the person could take it back if nobody has gone on since."""
    approval: Verb | None
    """What to go on is recorded as beside that: INITIAL, SIGN, or nothing."""
    capacity: Capacity | None
    """In which the person holds the jabatan of the task today; None where the person does not."""
    papers: Papers
    returned: ReturnRow | None
    before: tuple[Done, ...]
    """What led here."""
    changes: Changes | None
    """Since this step was last done in this run; None where it never was."""
    approvals: tuple[Approval, ...]
    history: tuple[Entry, ...]


def one(session: Session, who: Actor, task_id: int, now: datetime) -> TaskPage:
    """One task of the person's office; NotFound otherwise."""
    waits = select(Waiting.id).where(Waiting.run_id == Run.id).exists().label("waits")
    found = session.execute(
        inbox.ROWS.add_columns(Task, Version, Run.undo_task, waits).where(
            Task.id == task_id, Run.office_id == who.office_id
        )
    ).one_or_none()
    if found is None:
        raise errors.NotFound
    row, task, version = inbox.row(who, now, found), found.Task, found.Version
    process = definitions.process(session, version)
    # A run may have been moved to a version that does not have a step that was done before.
    node = process.tasks.get(task.node_id) or Node(task.node_id, "userTask", task.name)
    choices = process.choices.get(task.node_id, ())
    history = timeline(session, task.run_id)
    past = Past(process, task, earlier.tasks_of(session, task.run_id), history)
    of_task = papers.of_task(session, who, task, node)
    held = who.held.get(task.jabatan_id)
    return TaskPage(
        row=row,
        node_id=task.node_id,
        version_id=version.id,
        text=row_text(node) or node.name,
        kelengkapan=node.properties.get("kelengkapan", ""),
        waktu=node.properties.get("waktu", ""),
        standard=process.waktu.get(task.node_id),
        output=node.properties.get("output", ""),
        keterangan=node.properties.get("keterangan", ""),
        choices=choices,
        targets=_targets(session, who, now, version, past),
        ends=frozenset() if found.waits or _others_open(past) else _ends(process, task.node_id),
        fields=node.fields,
        entries=task.entries,
        note=task.note,
        several=any(not choice.alone for choice in choices),
        may_choose_none=may_choose_none(process.flow, task.node_id),
        may_claim=task.state is TaskState.OPEN and task.jabatan_id in who.held and task.reserved_for in (None, who.id),
        may_reopen=found.undo_task == task.id
        and task.state in DONE
        and (task.finished_by == who.id or who.may(Right.MANAGER)),
        approval=states.APPROVALS.get(approval(node)),
        capacity=held.capacity if held else None,
        papers=of_task,
        returned=_returned(past.why()),
        before=past.before(),
        changes=past.changes(of_task.all(), of_task.own),
        approvals=earlier.approvals(history, row.returns + 1),
        history=history,
    )


def _returned(act: Entry | None) -> ReturnRow | None:
    if act is None:
        return None
    return ReturnRow(
        reason=act.facts.get("note", ""),
        returned_by=act.person,
        jabatan=act.jabatan,
        capacity=act.capacity,
        step=act.step or "",
        at=act.at,
        round=act.facts["round"],
    )


# -- where it goes ----------------------------------------------------------------------------------------------------


def _others_open(past: Past) -> bool:
    return any(task.state in UNFINISHED and task.id != past.task.id for task in past.tasks)


def _ends(process: Process, node_id: str) -> frozenset[str]:
    """The ways on from a task behind which nobody works and nothing is waited for."""
    if node_id not in process.tasks:
        return frozenset()
    choices = process.choices[node_id]
    if not choices:
        return frozenset() if _goes_on(process, earlier.behind(process.flow, node_id)) else frozenset({""})
    goals = {edge.id: edge.target for edge in process.flow.edges}
    return frozenset(
        choice.edge
        for choice in choices
        if not choice.targets
        and not _goes_on(process, {goals[choice.edge], *earlier.behind(process.flow, goals[choice.edge])})
    )


def _goes_on(process: Process, nodes: frozenset[str] | set[str]) -> bool:
    return not nodes.isdisjoint(process.tasks.keys() | process.events.keys())


def _targets(
    session: Session, who: Actor, now: datetime, version: Version, past: Past
) -> dict[str, tuple[Target, ...]]:
    """For each choice the steps it leads to; work that is sent back goes to who did it, see `advancing`."""
    process = past.process
    choices = process.choices.get(past.task.node_id, ())
    back = {step for choice in choices if choice.is_return for step in choice.targets}
    receivers = _receivers(session, who, now, version, past, back) if back else {}
    return {
        choice.edge: tuple(_target(process, step, receivers.get(step) if choice.is_return else None) for step in steps)
        for choice in choices
        for steps in [choice.targets]
    }


def _target(process: Process, step: str, person: str | None) -> Target:
    node = process.tasks[step]
    return Target(node.name, process.flow.lane(node.lane).name if node.lane else "", person)


def _receivers(
    session: Session, who: Actor, now: datetime, version: Version, past: Past, steps: set[str]
) -> dict[str, str]:
    """For each of these steps who gets it when it is sent back today, where that is one person: in one statement.

    That is what `advancing.open_task` decides: who did it last, or the person's substitute, if a holder of the jabatan.
    """
    doers = {task.node_id: task.finished_by for task in past.tasks if task.state in DONE and task.node_id in steps}
    single = {step: doer for step, doer in doers.items() if not past.process.tasks[step].multi}
    jabatan = {step: advancing.jabatan_of(past.process, version, step) for step in single}
    if not jabatan:
        return {}
    holders = _holders(session, who, now, sorted(set(jabatan.values())))
    found = {}
    for step, doer in single.items():
        acting = holders.get(jabatan[step], {})
        named = acting.get(doer) or next((one for one in acting.values() if one.id == doer), None)
        if named is not None:
            found[step] = named.name
    return found


@dataclass(frozen=True, slots=True)
class _Named:
    id: int
    name: str


def _holders(
    session: Session, who: Actor, now: datetime, jabatan: Sequence[int]
) -> dict[int, dict[int | None, _Named]]:
    """For each of these jabatan its holders of today, and for each who acts: the person, or the substitute."""
    today = who.calendar.day(now)
    found = session.execute(
        select(Holding.jabatan_id, Person.id, Person.name, _stand_in.id, _stand_in.name)
        .select_from(Holding)
        .join(Person, and_(Person.id == Holding.person_id, Person.active))
        .outerjoin(Absence, and_(Absence.person_id == Person.id, Absence.since <= today, Absence.until >= today))
        .outerjoin(_stand_in, and_(_stand_in.id == Absence.substitute_id, _stand_in.active))
        .where(
            Holding.jabatan_id.in_(jabatan),
            Holding.since <= today,
            Holding.until.is_(None) | (Holding.until >= today),
        )
    )
    acting: dict[int, dict[int | None, _Named]] = {}
    for place, person, name, instead, instead_name in found:
        named = _Named(person, name) if instead is None else _Named(instead, instead_name)
        acting.setdefault(place, {})[person] = named
    return acting
