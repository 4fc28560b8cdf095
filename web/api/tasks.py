"""Tasks: the lists of a person's work, one task, and what its claimer does with it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from engine import tasks, tokens
from engine.documents import TITLE_LIMIT
from engine.queries import inbox, lists, work
from engine.queries.lists import DueIn, Order, Wanted
from engine.queries.work import TaskPage as Found
from engine.runs import NOTE_LIMIT
from engine.states import Verb
from web.api import documents, shapes
from web.api.documents import Document
from web.api.operations import get, post
from web.api.shapes import Given, Id, Moment, Paged, Taken, Task, Text
from web.edge import Act

Note = Annotated[str, Meta(max_length=NOTE_LIMIT)]
EdgeId = Annotated[str, Meta(max_length=TITLE_LIMIT, description="The id of a choice of the task.")]
FormValue = Annotated[str, Meta(max_length=NOTE_LIMIT)]


class View(StrEnum):
    """Which tasks: those claimed by the token's owner, those the owner may claim, or those the owner has finished."""

    MINE = "mine"
    CLAIMABLE = "claimable"
    DONE = "done"


class TaskQuery(Paged, frozen=True):
    """Which tasks. What is `done` comes with the last first, whatever `order` says."""

    view: View = View.MINE
    text: Text = ""
    definition: Id | UnsetType = UNSET
    jabatan: Id | UnsetType = UNSET
    due: DueIn | UnsetType = UNSET
    returned: bool = False
    order: Order = Order.DUE


class TaskList(Given, frozen=True):
    """A page of tasks. `incomplete`: a search went through so many rows that it stopped before the page was full."""

    items: tuple[Task, ...]
    next: str | None
    incomplete: bool


class Target(Given, frozen=True):
    """A step that a choice leads to, and who gets it, where that is known."""

    step: str
    jabatan: str
    person: str | None


class Choice(Given, frozen=True):
    """A way on from the task, or back. `ends`: with it the run ends."""

    id: str
    name: str
    is_return: bool
    ends: bool
    targets: tuple[Target, ...]


class Option(Given, frozen=True):
    """A value of a field that is a choice, and what people read."""

    value: str
    label: str


class Field(Given, frozen=True):
    """A field of the task's form; `type` is string, long, boolean (`ya`/`tidak`), date (`2026-11-23`) or enum."""

    id: str
    label: str
    type: str
    required: bool
    options: tuple[Option, ...]


class Return(Given, frozen=True):
    """Why the task came back."""

    reason: str
    returned_by: str
    jabatan: str | None
    step: str
    at: Moment
    round: int


class TaskDetail(Given, frozen=True):
    """One task in full: the row of the SOP, the ways on and back, the form, and the documents of its run."""

    task: Task
    node_id: str
    version_id: Id
    text: str
    kelengkapan: str
    waktu: str
    output: str
    keterangan: str
    choices: tuple[Choice, ...]
    several: bool
    """Whether several of the choices may be made together; then none, too, where `may_choose_none`."""
    may_choose_none: bool
    fields: tuple[Field, ...]
    entries: dict[str, str | int | bool | None]
    note: str
    may_claim: bool
    may_reopen: bool
    approval: Verb | None
    """What to go on is recorded as beside that: a paraf (`initial`) or a tanda tangan (`sign`)."""
    returned: Return | None
    documents: tuple[Document, ...]


class Completion(Taken, frozen=True):
    """How the task ends. `choices` are ids of its choices, one unless `several`; none where it has none to make.

    `fields` are those of the form, as texts by their ids; left out, those that were saved count.
    """

    choices: Annotated[tuple[EdgeId, ...], Meta(max_length=20)] = ()
    note: Note = ""
    fields: dict[str, FormValue] | UnsetType = UNSET


class SendingBack(Taken, frozen=True):
    """Why, and by which choice; that may be left out where only one leads back."""

    reason: Annotated[str, Meta(min_length=1, max_length=NOTE_LIMIT)]
    choice: EdgeId | UnsetType = UNSET


class Outcome(Given, frozen=True):
    """What became of a task (`complete` or `return`) and of its run, and what that waits for now."""

    verb: Verb
    task: str
    subject: str
    finished: bool
    waiting: tuple[Target, ...]


@get("/tasks", tokens.TASKS)
def list_tasks(act: Act, query: TaskQuery) -> TaskList:
    """List tasks of the token's owner.

    Those the owner has claimed, may claim, or has finished, narrowed and ordered as the pages of Lajur do.
    """
    lister = {View.MINE: lists.mine, View.CLAIMABLE: lists.of_jabatan, View.DONE: lists.finished}[query.view]
    wanted = Wanted(
        text=shapes.clean(query.text),
        definition=shapes.or_none(query.definition),
        jabatan=shapes.or_none(query.jabatan),
        due=None if query.due is UNSET else query.due,
        returned=query.returned,
        order=query.order,
        after=shapes.unset(query.after),
        size=query.limit,
    )
    page = lister(act.session, act.who, act.now, wanted)
    return TaskList(items=tuple(map(shapes.task, page.rows)), next=page.next or None, incomplete=page.broken_off)


@get("/tasks/{task_id}", tokens.TASKS)
def get_task(act: Act, task_id: int) -> TaskDetail:
    """Read one task.

    With the row of the SOP it stands for, the choices by which it can be finished, its form, and the run's documents.
    """
    return _detail(work.one(act.session, act.who, task_id, act.now))


@post("/tasks/{task_id}/claim", tokens.TASKS)
def claim_task(act: Act, task_id: int) -> Task:
    """Claim a task of an own jabatan.

    Claiming what one has claimed changes nothing. A conflict tells who was first.
    """
    tasks.claim(act.session, act.who, task_id, act.now)
    return _row(act, task_id)


@post("/tasks/{task_id}/release", tokens.TASKS)
def release_task(act: Act, task_id: int) -> Task:
    """Give a claimed task back to its jabatan."""
    tasks.release(act.session, act.who, task_id, act.now)
    return _row(act, task_id)


@post("/tasks/{task_id}/complete", tokens.TASKS)
def complete_task(act: Act, task_id: int, body: Completion) -> Outcome:
    """Finish a claimed task, and let its run go on.

    A choice that leads back is a return, and its note the reason. The same sent again is answered with what happened.
    """
    fields = None if isinstance(body.fields, UnsetType) else _entered(body.fields)
    choice, note = " ".join(map(shapes.clean, body.choices)) or None, shapes.clean(body.note)
    verb = tasks.complete(act.session, act.who, task_id, choice, note, act.now, fields)
    return _outcome(act, task_id, verb)


@post("/tasks/{task_id}/return", tokens.TASKS)
def return_task(act: Act, task_id: int, body: SendingBack) -> Outcome:
    """Finish a claimed task by sending its run back, with a reason."""
    choice, reason = shapes.unset(body.choice) or None, shapes.clean(body.reason)
    tasks.send_back(act.session, act.who, task_id, choice, reason, act.now)
    return _outcome(act, task_id, Verb.RETURN)


def _entered(fields: dict[str, str]) -> dict[str, str]:
    return {shapes.clean(name): shapes.clean(text) for name, text in fields.items()}


def _row(act: Act, task_id: int) -> Task:
    return shapes.task(work.one(act.session, act.who, task_id, act.now).row)


def _outcome(act: Act, task_id: int, verb: Verb) -> Outcome:
    done = inbox.outcome(act.session, act.who, task_id)
    waiting = tuple(map(_target, done.waiting))
    return Outcome(verb=verb, task=done.name, subject=done.subject, finished=done.finished, waiting=waiting)


def _target(target: inbox.Target) -> Target:
    return Target(step=target.step, jabatan=target.jabatan, person=target.person)


def _detail(found: Found) -> TaskDetail:
    return TaskDetail(
        task=shapes.task(found.row),
        node_id=found.node_id,
        version_id=found.version_id,
        text=found.text,
        kelengkapan=found.kelengkapan,
        waktu=found.waktu,
        output=found.output,
        keterangan=found.keterangan,
        choices=_choices(found),
        several=found.several,
        may_choose_none=found.may_choose_none,
        fields=_fields(found),
        entries=dict(found.entries),
        note=found.note,
        may_claim=found.may_claim,
        may_reopen=found.may_reopen,
        approval=found.approval,
        returned=_returned(found),
        documents=tuple(map(documents.document, found.papers.all())),
    )


def _choices(found: Found) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            id=one.edge,
            name=one.name,
            is_return=one.is_return,
            ends=one.edge in found.ends,
            targets=tuple(map(_target, found.targets.get(one.edge, ()))),
        )
        for one in found.choices
    )


def _fields(found: Found) -> tuple[Field, ...]:
    return tuple(
        Field(
            id=one.id,
            label=one.label,
            type=one.type,
            required=one.required,
            options=tuple(Option(value=value, label=label) for value, label in one.options),
        )
        for one in found.fields
    )


def _returned(found: Found) -> Return | None:
    back = found.returned
    if back is None:
        return None
    return Return(
        reason=back.reason,
        returned_by=back.returned_by,
        jabatan=back.jabatan,
        step=back.step,
        at=shapes.moment(back.at),
        round=back.round,
    )
