"""One task in full: what is to be done, with what, until when, how it came here, and the ways on and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn.flow import Choice, Field, may_choose_none, row_text
from engine import definitions, errors
from engine.offices import Actor
from engine.queries import inbox
from engine.queries.inbox import Target, TaskRow
from engine.queries.timeline import Entry, timeline
from engine.spiff import Process
from engine.states import DONE, Right, TaskState
from engine.tables import Person, Return, Run, Task, Version


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """Why a task came back: who sent it, from which step, and when."""

    reason: str
    returned_by: str
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
    output: str
    keterangan: str
    choices: tuple[Choice, ...]
    targets: dict[str, tuple[Target, ...]]
    """For each choice's flow: the steps it leads to; none where it ends the run."""
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
    returned: ReturnRow | None
    history: tuple[Entry, ...]


def one(session: Session, who: Actor, task_id: int, now: datetime) -> TaskPage:
    """One task of the person's office; NotFound otherwise."""
    found = session.execute(
        inbox.rows().add_columns(Task, Version, Run.undo_task).where(Task.id == task_id, Run.office_id == who.office_id)
    ).one_or_none()
    if found is None:
        raise errors.NotFound
    row, task, version = inbox.row(who, now, found), found.Task, found.Version
    process = definitions.process(session, version)
    node = process.tasks[task.node_id]
    choices = process.choices[task.node_id]
    return TaskPage(
        row=row,
        node_id=task.node_id,
        version_id=version.id,
        text=row_text(node) or node.name,
        kelengkapan=node.properties.get("kelengkapan", ""),
        waktu=node.properties.get("waktu", ""),
        output=node.properties.get("output", ""),
        keterangan=node.properties.get("keterangan", ""),
        choices=choices,
        targets={choice.edge: tuple(_target(process, step) for step in choice.targets) for choice in choices},
        fields=node.fields,
        entries=task.entries,
        note=task.note,
        several=any(not choice.alone for choice in choices),
        may_choose_none=may_choose_none(process.flow, task.node_id),
        may_claim=task.state is TaskState.OPEN and task.jabatan_id in who.held and task.reserved_for in (None, who.id),
        may_reopen=found.undo_task == task.id
        and task.state in DONE
        and (task.finished_by == who.id or who.may(Right.MANAGER)),
        returned=_returned(session, process, task.return_id),
        history=timeline(session, task.run_id),
    )


def _target(process: Process, step: str) -> Target:
    node = process.tasks[step]
    return Target(node.name, process.flow.lane(node.lane).name if node.lane else "")


def _returned(session: Session, process: Process, return_id: int | None) -> ReturnRow | None:
    if return_id is None:
        return None
    found, who = session.execute(
        select(Return, Person.name).join(Person, Person.id == Return.returned_by).where(Return.id == return_id)
    ).one()
    return ReturnRow(found.reason, who, process.tasks[found.from_node].name, found.returned_at, found.round)
