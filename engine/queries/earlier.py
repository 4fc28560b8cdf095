"""What happened in a run before a task: who did the step before it, what changed since last time, who approved so far.

Read off the tasks of the run and its history, both read once. In the history acts stand in their order, also where
several happened at the same moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn.flow import Field, Flow
from bpmn.order import successors
from engine import forms
from engine.documents import DocumentRow
from engine.queries.timeline import Entry
from engine.spiff import Process
from engine.states import DONE, Capacity, TaskState, Verb
from engine.tables import Task

WRITTEN = frozenset({Verb.COMPLETE, Verb.RETURN, Verb.COMMENT, Verb.REOPEN})
"""Acts whose notes are for those who work on."""

ENDS = frozenset({Verb.COMPLETE, Verb.RETURN})
"""Acts that finish a task."""


@dataclass(frozen=True, slots=True)
class Written:
    """A field of a form with what was entered: text, whole number, truth, day, the words of an option, or None."""

    label: str
    value: str | int | bool | date | None


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was done: by whom, in which jabatan and capacity, what was decided and written."""

    task_id: int
    step: str
    person: str
    jabatan: str | None
    capacity: Capacity | None
    at: datetime
    round: int
    returned: bool
    decision: str
    note: str
    entries: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A field whose entry is another one than in the round before."""

    step: str
    label: str
    before: str | int | bool | date | None
    after: str | int | bool | date | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened since the step was last done (`last`): notes, oldest first, entries, documents, all but its own."""

    last: Done
    notes: tuple[Entry, ...]
    fields: tuple[Rewritten, ...]
    added: tuple[DocumentRow, ...]
    removed: tuple[Entry, ...]

    def __bool__(self) -> bool:
        """Whether anything did."""
        return bool(self.notes or self.fields or self.added or self.removed)


@dataclass(frozen=True, slots=True)
class Approval:
    """A paraf (`Verb.INITIAL`) or tanda tangan (`Verb.SIGN`); `past` where it is of an earlier round or taken back."""

    verb: Verb
    person: str
    jabatan: str | None
    capacity: Capacity | None
    step: str | None
    at: datetime
    round: int
    reopened: bool
    past: bool


def tasks_of(session: Session, run_id: int) -> Sequence[Task]:
    """The tasks of a run that were not withdrawn, oldest first."""
    found = select(Task).where(Task.run_id == run_id, Task.state != TaskState.WITHDRAWN).order_by(Task.id)
    return session.scalars(found).all()


@dataclass(frozen=True)
class Past:
    """A task with the tasks and the history of its run: what the questions below are asked of."""

    process: Process
    task: Task
    tasks: Sequence[Task]
    history: Sequence[Entry]

    # -- the step before ----------------------------------------------------------------------------------------------

    def before(self) -> tuple[Done, ...]:
        """The tasks whose end led to this one: of a join several, of a task that each holder does all their parts.

        Empty for a first step. The last of each step counts, unless an earlier task of this one's step came of it.
        """
        led = [task for task in self._earlier() if self._led_on(task) and not self._used_up(task)]
        last = {task.node_id: task.engine_id for task in led}
        return tuple(self._done(task) for task in led if last[task.node_id] == task.engine_id)

    def _earlier(self) -> list[Task]:
        """What was done when this task began."""
        return [
            task
            for task in self._done_tasks
            if task.id < self.task.id
            and task.finished_at is not None
            and task.finished_at <= self.task.created_at
            and task.node_id in self.process.tasks
        ]

    def _led_on(self, task: Task) -> bool:
        chosen = set((task.choice or "").split())
        ways = [choice for choice in self.process.choices[task.node_id] if choice.edge in chosen]
        if ways:
            return any(self.task.node_id in way.targets for way in ways)
        return self.task.node_id in behind(self.process.flow, task.node_id)

    def _used_up(self, task: Task) -> bool:
        return any(
            other.node_id == self.task.node_id
            and other.engine_id != self.task.engine_id
            and task.id < other.id < self.task.id
            and task.finished_at is not None
            and task.finished_at <= other.created_at
            for other in self.tasks
        )

    def _done(self, task: Task) -> Done:
        act = self.history[self._ends[task.id]]
        return Done(
            task_id=task.id,
            step=task.name,
            person=act.person,
            jabatan=act.jabatan,
            capacity=act.capacity,
            at=act.at,
            round=task.round,
            returned=act.verb is Verb.RETURN,
            decision=str(act.facts.get("choice", "")),
            note=task.note,
            entries=tuple(
                Written(field.label or field.id, value)
                for field in self.process.tasks[task.node_id].fields
                if (value := _value(field, task.entries)) is not None
            ),
        )

    @cached_property
    def _ends(self) -> Mapping[int, int]:
        """For each task that was finished the place in the history where it last was."""
        return {act.task_id: place for place, act in enumerate(self.history) if act.task_id and act.verb in ENDS}

    @cached_property
    def _done_tasks(self) -> Sequence[Task]:
        """The tasks that are finished, oldest first."""
        return [task for task in self.tasks if task.state in DONE and task.id in self._ends]

    # -- since last time ----------------------------------------------------------------------------------------------

    def changes(self, attached: Iterable[DocumentRow], own: frozenset[int]) -> Changes | None:
        """What happened since this step was last done in this run, until it was done now; None if it never was.

        `attached` are the documents of the run, of which `own` belong to this task. The return that brought the task
        back is told elsewhere.
        """
        last = next((task for task in reversed(self._earlier()) if self._is_last_time(task)), None)
        if last is None:
            return None
        since, until = self._ends[last.id] + 1, self._ends.get(self.task.id, len(self.history))
        others = [row for row in attached if row.id not in own]
        acts = [act for act in self.history[since:until] if act.task_id != self.task.id]
        return Changes(
            last=self._done(last),
            notes=tuple(self._notes(since, until)),
            fields=tuple(self._rewritten(since, until)),
            added=_added(acts, others),
            removed=_removed(acts, others),
        )

    def _is_last_time(self, task: Task) -> bool:
        return task.node_id == self.task.node_id and task.engine_id != self.task.engine_id

    def _notes(self, since: int, until: int) -> Iterator[Entry]:
        """What was written between two places of the history; of steps that were taken back only what stands now."""
        standing = {self._ends[task.id] for task in self._done_tasks}
        for place in range(since, until):
            act = self.history[place]
            if not act.facts.get("note") or act.verb not in WRITTEN or act.task_id == self.task.id:
                continue
            if (act.verb not in ENDS or place in standing) and not self._is_why(act):
                yield act

    def _is_why(self, act: Entry) -> bool:
        """Whether it is the return that brought this task back: it began the round of this task."""
        return act.verb is Verb.RETURN and self.task.return_id is not None and act.facts.get("round") == self.task.round

    def why(self) -> Entry | None:
        """The return that brought this task back, if one did."""
        return next((act for act in reversed(self.history) if self._is_why(act)), None)

    def _rewritten(self, since: int, until: int) -> Iterator[Rewritten]:
        """The entries of each step that was done anew, where they differ from those of the time before."""
        then: dict[tuple[str, int | None], Task] = {}
        now: dict[tuple[str, int | None], Task] = {}
        for task in self._done_tasks:
            place = self._ends[task.id]
            if place < until and task.id != self.task.id:
                (then if place < since else now)[task.node_id, task.finished_by if task.part else None] = task
        for step, task in now.items():
            node = self.process.tasks.get(task.node_id)
            for field in node.fields if node else ():
                before = _value(field, then[step].entries if step in then else {})
                after = _value(field, task.entries)
                if before != after:
                    yield Rewritten(task.name, field.label or field.id, before, after)


# -- who approved -----------------------------------------------------------------------------------------------------


def approvals(history: Sequence[Entry], round: int) -> tuple[Approval, ...]:  # noqa: A002 - the word of the domain
    """Who initialled and signed in a run that is now in its `round`, in that order.

    Those of an earlier round, and those of a step that was taken back, are past: on record, and no longer standing.
    """
    reopened = {act.task_id: place for place, act in enumerate(history) if act.verb is Verb.REOPEN}
    return tuple(
        Approval(
            verb=act.verb,
            person=act.person,
            jabatan=act.jabatan,
            capacity=act.capacity,
            step=act.step,
            at=act.at,
            round=act.facts.get("round", 1),
            reopened=reopened.get(act.task_id, -1) > place,
            past=reopened.get(act.task_id, -1) > place or act.facts.get("round", 1) < round,
        )
        for place, act in enumerate(history)
        if act.verb in (Verb.INITIAL, Verb.SIGN)
    )


def behind(flow: Flow, node_id: str) -> frozenset[str]:
    """All nodes that work comes to behind a node, up to and with the next tasks on every way."""
    targets, tasks = successors(flow), {task.id for task in flow.tasks()}
    border = {node.id for node in flow.nodes if node.attached_to == node_id}
    found: set[str] = set()
    waiting = [target for target in targets[node_id] if target not in border]
    while waiting:
        place = waiting.pop()
        if place not in found:
            found.add(place)
            waiting += [] if place in tasks else targets[place]
    return frozenset(found)


def _value(field: Field, entries: Mapping[str, Any]) -> str | int | bool | date | None:
    """What is in a field, as a person reads it; None where nothing is.

    What was sent back may have been unfinished: then it is the text that was typed.
    """
    value: str | int | bool | None = entries.get(field.id)
    if field.type == "boolean":
        return str(value).lower() in forms.YES
    if value in (None, ""):
        return None
    if field.type == "enum":
        return next((text or option for option, text in field.options if option == value), value)
    if field.type == "date":
        return _day(str(value))
    return int(value) if field.type == "long" and str(value).strip("-").isdecimal() else value


def _day(text: str) -> date | str:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _added(acts: Iterable[Entry], attached: Sequence[DocumentRow]) -> tuple[DocumentRow, ...]:
    """The documents that were attached by these acts and still are, oldest first."""
    brought = Counter(_named(act) for act in acts if act.verb is Verb.ATTACH)
    found = []
    for row in reversed(attached):
        if brought[row.title, row.filename]:
            brought[row.title, row.filename] -= 1
            found.append(row)
    return tuple(reversed(found))


def _removed(acts: Sequence[Entry], attached: Sequence[DocumentRow]) -> tuple[Entry, ...]:
    """The acts by which documents were taken off that were there before these acts."""
    come_and_gone = Counter(_named(act) for act in acts if act.verb is Verb.ATTACH)
    come_and_gone -= Counter((row.title, row.filename) for row in _added(acts, attached))
    found = []
    for act in acts:
        if act.verb is Verb.DETACH:
            if come_and_gone[_named(act)]:
                come_and_gone[_named(act)] -= 1
            else:
                found.append(act)
    return tuple(found)


def _named(act: Entry) -> tuple[str, str]:
    return str(act.facts.get("title", "")), str(act.facts.get("filename", ""))
