"""What a step needs and yields, thing by thing, with the documents of its run that are those things."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn import kelengkapan
from bpmn.flow import Node
from engine import documents
from engine.documents import DocumentRow
from engine.offices import Actor
from engine.tables import Document, Task


@dataclass(frozen=True, slots=True)
class Need:
    """A thing that a step needs, and the documents that are it, the newest first."""

    name: str
    documents: tuple[DocumentRow, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A thing that a step yields: what was given with this task, and with the same step in earlier rounds.

    A document that is attached under `title` is found here again.
    """

    name: str
    title: str
    documents: tuple[DocumentRow, ...]
    earlier: tuple[DocumentRow, ...]


@dataclass(frozen=True, slots=True)
class Papers:
    """What a step needs and yields; `others` are the documents of its run that are none of that, in their order."""

    needs: tuple[Need, ...]
    slots: tuple[Slot, ...]
    others: tuple[DocumentRow, ...]
    own: frozenset[int]
    """Ids of the documents that were attached with the task itself."""

    def all(self) -> tuple[DocumentRow, ...]:
        """All documents of the run, in the order in which they were attached."""
        needed = [row for need in self.needs for row in need.documents]
        yielded = [row for slot in self.slots for row in (*slot.documents, *slot.earlier)]
        return tuple(sorted([*self.others, *needed, *yielded], key=lambda row: row.id))

    @property
    def missing(self) -> tuple[str, ...]:
        """The things it yields that nobody has attached so far."""
        return tuple(slot.name for slot in self.slots if not slot.documents)


def of_task(session: Session, who: Actor, task: Task, node: Node) -> Papers:
    """The papers of a task that the person may see. Every document of its run stands in one place."""
    attached = documents.of_run(session, who, task.run_id)
    places = {
        document: (task_id, node_id)
        for document, task_id, node_id in session.execute(
            select(Document.id, Task.id, Task.node_id)
            .join(Task, Task.id == Document.task_id)
            .where(Document.run_id == task.run_id, Document.removed_at.is_(None))
        )
    }
    own = frozenset(row.id for row in attached if places.get(row.id, (None,))[0] == task.id)
    of_step = {row.id for row in attached if places.get(row.id, (None, None))[1] == task.node_id}
    left = {row.id: row for row in reversed(attached)}
    slots = [_slot(name, left, own, of_step) for name in _things(node.properties.get("output", ""), node.writes)]
    needs = [
        Need(name, _taken(name, left, left.keys()))
        for name in _things(node.properties.get("kelengkapan", ""), node.reads)
    ]
    return Papers(tuple(needs), tuple(slots), tuple(reversed(left.values())), own)


def _things(cell: str, objects: Sequence[str]) -> tuple[str, ...]:
    """What a cell of the row lists, and what is drawn beside it, each once."""
    found: dict[str, str] = {}
    for name in (*kelengkapan.items(cell), *(one for one in objects if one.strip())):
        found.setdefault(kelengkapan.key(name), name)
    return tuple(found.values())


def _slot(name: str, left: dict[int, DocumentRow], own: Iterable[int], of_step: Iterable[int]) -> Slot:
    return Slot(name, _title(name), _taken(name, left, own), _taken(name, left, of_step))


def _title(name: str) -> str:
    """The thing's name as far as a document's title may go."""
    return name[: documents.TITLE_LIMIT].strip()


def _taken(name: str, left: dict[int, DocumentRow], among: Iterable[int]) -> tuple[DocumentRow, ...]:
    """The documents among these that are that thing; they are then no longer left."""
    among = set(among)
    wanted = kelengkapan.key(_title(name))
    found = [row for row in left.values() if row.id in among and kelengkapan.key(row.title) == wanted]
    for row in found:
        del left[row.id]
    return tuple(found)
