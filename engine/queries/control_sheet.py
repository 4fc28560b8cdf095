"""The control sheet (*lembar kendali*) of a run: who had it when, how long, and what came of it, as an office files it.

Five statements whatever the run's length, six where its diagram has to be read first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from engine import definitions, errors, workdays
from engine.offices import Actor
from engine.queries.timeline import NOBODY, Entry
from engine.sealing import NOTHING, Head
from engine.spiff import Process
from engine.states import DONE, UNFINISHED, Capacity, RunState, TaskState, Verb
from engine.tables import Definition, Document, History, Jabatan, Person, Return, Run, Seal, Task, Version

ELECTRONIC = ("initial", "sign")
"""The acts of a person that stand in the place of a paraf or a signature in ink, as the history names them."""

EVENTS = frozenset(
    {
        Verb.SUSPEND,
        Verb.RESUME,
        Verb.CANCEL,
        Verb.REASSIGN,
        Verb.HAND_OVER,
        Verb.REOPEN,
        Verb.MOVE,
        Verb.REVERT,
        Verb.FIRE,
        Verb.MESSAGE,
        Verb.SIGNAL,
        Verb.SUBSTITUTE,
    }
)
"""What happened to a run beside its steps."""

_claimer, _doer, _starter = aliased(Person), aliased(Person), aliased(Person)


@dataclass(frozen=True, slots=True)
class Signature:
    """A paraf or a signature that was recorded rather than written on paper; `verb` says which."""

    verb: str
    person: str
    jabatan: str | None
    capacity: Capacity | None
    at: datetime


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A task: whose it was and when. `person` is who finished it, else who has claimed it, else None.

    `spent` is working time from its coming to its finish, or to now while unfinished; None where it was withdrawn.
    `standard` is the *waktu* of the SOP as written there.
    """

    number: int
    step: str
    jabatan: str
    person: str | None
    capacity: Capacity | None
    state: TaskState
    round: int
    received: datetime
    finished: datetime | None
    spent: timedelta | None
    standard: str
    late: bool
    choice: str
    note: str
    returned_to: tuple[str, ...]
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """A return that stands: from which step to which, by whom and why; it began `round`."""

    round: int
    step: str
    to: tuple[str, ...]
    person: str
    jabatan: str | None
    capacity: Capacity | None
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document of the run, also one that was taken off its list: then when, and by whom if that is known."""

    title: str
    filename: str
    added_by: str
    added_at: datetime
    step: str | None
    removed_at: datetime | None
    removed_by: str | None


@dataclass(frozen=True, slots=True)
class ControlSheet:
    """All that a control sheet says; every part in the order in which it happened."""

    run_id: int
    office: str
    subject: str
    agenda: str
    sop: str
    number: str
    version: int
    state: RunState
    round: int
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    rows: tuple[SheetRow, ...]
    returns: tuple[ReturnRow, ...]
    documents: tuple[DocumentRow, ...]
    comments: tuple[Entry, ...]
    events: tuple[Entry, ...]
    seal: Head
    """Where the chain of its history ends at this moment: on paper it tells later whether that still begins so."""


def one(session: Session, who: Actor, run_id: int, now: datetime) -> ControlSheet:
    """The control sheet of a run of the person's office; NotFound otherwise."""
    found = session.execute(
        select(
            Run,
            Version,
            Definition.title,
            Definition.number,
            func.coalesce(_starter.name, NOBODY),
            Seal.number,
            Seal.hash,
        )
        .join(Version, Version.id == Run.version_id)
        .join(Definition, Definition.id == Version.definition_id)
        .outerjoin(_starter, _starter.id == Run.started_by)
        .outerjoin(Seal, Seal.run_id == Run.id)
        .where(Run.id == run_id, Run.office_id == who.office_id)
    ).one_or_none()
    if found is None:
        raise errors.NotFound
    run, version, title, number, starter, entries, sealed = found
    acts = _acts(session, run_id)
    return ControlSheet(
        run_id=run.id,
        office=who.office,
        subject=run.subject,
        agenda=run.agenda,
        sop=title,
        number=number,
        version=version.number,
        state=run.state,
        round=run.round,
        started_by=starter,
        started_at=run.started_at,
        finished_at=run.finished_at,
        rows=_rows(session, who, run_id, acts, definitions.process(session, version), now),
        returns=_returns(session, run_id, acts),
        documents=_documents(session, run_id, acts),
        comments=tuple(act.entry for act in acts if act.entry.verb is Verb.COMMENT),
        events=tuple(act.entry for act in acts if act.entry.verb in EVENTS),
        seal=Head(entries, sealed) if entries else NOTHING,
    )


@dataclass(frozen=True, slots=True)
class _Act:
    """An entry of the history, with the task it was done on."""

    task_id: int | None
    entry: Entry


def _acts(session: Session, run_id: int) -> list[_Act]:
    found = session.execute(
        select(History, func.coalesce(Person.name, NOBODY), Jabatan.name, Task.name)
        .outerjoin(Person, Person.id == History.person_id)
        .outerjoin(Jabatan, Jabatan.id == History.jabatan_id)
        .outerjoin(Task, Task.id == History.task_id)
        .where(History.run_id == run_id)
        .order_by(History.id)
    )
    return [
        _Act(act.task_id, Entry(act.at, act.verb, person, jabatan, act.capacity, step, act.facts))
        for act, person, jabatan, step in found
    ]


# -- the steps --------------------------------------------------------------------------------------------------------


def _rows(
    session: Session, who: Actor, run_id: int, acts: Sequence[_Act], process: Process, now: datetime
) -> tuple[SheetRow, ...]:
    finishes = {act.task_id: act.entry for act in acts if act.entry.verb in (Verb.COMPLETE, Verb.RETURN)}
    claims = {act.task_id: act.entry for act in acts if act.entry.verb is Verb.CLAIM}
    signed = signatures(acts)
    found = session.execute(
        select(Task, Jabatan.name, _claimer.name.label("claimer"), _doer.name.label("doer"))
        .join(Jabatan, Jabatan.id == Task.jabatan_id)
        .outerjoin(_claimer, _claimer.id == Task.claimed_by)
        .outerjoin(_doer, _doer.id == Task.finished_by)
        .where(Task.run_id == run_id)
        .order_by(Task.id)
    )
    rows = []
    for number, (task, jabatan, claimer, doer) in enumerate(found, start=1):
        finish = finishes.get(task.id) if task.state in DONE else None
        act = finish or _own_claim(claims.get(task.id), claimer)
        facts: Mapping[str, Any] = finish.facts if finish else {}
        until = task.finished_at or (now if task.state in UNFINISHED else None)
        node = process.tasks.get(task.node_id)
        rows.append(
            SheetRow(
                number=number,
                step=task.name,
                jabatan=jabatan,
                person=doer or (claimer if task.state is TaskState.CLAIMED else None),
                capacity=act.capacity if act else None,
                state=task.state,
                round=task.round,
                received=task.created_at,
                finished=task.finished_at,
                spent=workdays.elapsed(task.created_at, until, who.calendar) if until else None,
                standard=node.properties.get("waktu", "") if node else "",
                late=until is not None and task.due_at is not None and until > task.due_at,
                choice=facts.get("choice", ""),
                note=task.note if finish else "",
                returned_to=tuple(facts.get("to", ())),
                signatures=signed.get(task.id, ()),
            )
        )
    return tuple(rows)


def _own_claim(claim: Entry | None, claimer: str | None) -> Entry | None:
    """The claim, where it is still that of the person who has the task: it may have been handed over since."""
    return claim if claim is not None and claim.person == claimer else None


def signatures(acts: Iterable[_Act]) -> dict[int | None, tuple[Signature, ...]]:
    """What was initialled or signed, by the task it was done on."""
    signed = sorted(
        (act for act in acts if act.entry.verb in ELECTRONIC and act.task_id is not None),
        key=lambda act: act.task_id or 0,
    )
    return {
        task_id: tuple(
            Signature(str(act.entry.verb), act.entry.person, act.entry.jabatan, act.entry.capacity, act.entry.at)
            for act in group
        )
        for task_id, group in groupby(signed, key=lambda act: act.task_id)
    }


# -- what else a sheet lists ------------------------------------------------------------------------------------------


def _returns(session: Session, run_id: int, acts: Sequence[_Act]) -> tuple[ReturnRow, ...]:
    # A return that was taken back has no row any more, and its round was begun anew by the last one of that number.
    told = {act.entry.facts.get("round"): act.entry for act in acts if act.entry.verb is Verb.RETURN}
    found = session.execute(
        select(Return, Person.name)
        .join(Person, Person.id == Return.returned_by)
        .where(Return.run_id == run_id)
        .order_by(Return.id)
    )
    return tuple(_returned(row, person, told.get(row.round)) for row, person in found)


def _returned(row: Return, person: str, act: Entry | None) -> ReturnRow:
    return ReturnRow(
        round=row.round,
        step=(act.step if act else None) or row.from_node,
        to=tuple(act.facts.get("to", row.to_nodes)) if act else tuple(row.to_nodes),
        person=person,
        jabatan=act.jabatan if act else None,
        capacity=act.capacity if act else None,
        at=row.returned_at,
        reason=row.reason,
    )


def _documents(session: Session, run_id: int, acts: Sequence[_Act]) -> tuple[DocumentRow, ...]:
    removals = {
        (act.entry.at, act.entry.facts.get("filename")): act.entry.person
        for act in acts
        if act.entry.verb is Verb.DETACH
    }
    found = session.execute(
        select(Document, Person.name, Task.name)
        .join(Person, Person.id == Document.added_by)
        .outerjoin(Task, Task.id == Document.task_id)
        .where(Document.run_id == run_id)
        .order_by(Document.id)
    )
    return tuple(
        DocumentRow(
            title=document.title,
            filename=document.filename,
            added_by=person,
            added_at=document.added_at,
            step=step,
            removed_at=document.removed_at,
            removed_by=removals.get((document.removed_at, document.filename)) if document.removed_at else None,
        )
        for document, person, step in found
    )
