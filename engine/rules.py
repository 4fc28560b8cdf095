"""Rules that a step may carry in its diagram about who performs it, beside its lane.

`bukan_pelaksana` names steps by their number ("2" or "2, 3"): whoever did one of them in this run may not do this one
(four eyes). `hanya_definitif` ("ya") keeps acting officials (Plt., Plh.) from it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn.flow import Node
from bpmn.wording import sentence
from engine import errors
from engine.offices import Actor
from engine.spiff import Process
from engine.states import Capacity
from engine.tables import Task

YES = frozenset({"ya", "true", "1"})


def require(session: Session, who: Actor, task: Task, process: Process) -> None:
    """Raise NotYourTask where a rule of the task's step keeps this person, a holder of its jabatan, from it."""
    node = process.tasks[task.node_id]
    if _only_definitif(node) and who.held[task.jabatan_id].capacity is not Capacity.DEFINITIF:
        raise errors.NotYourTask(sentence("Langkah ini hanya boleh dikerjakan pejabat definitif, bukan Plt. atau Plh."))
    steps = _not_by_doer_of(node, process)
    if steps and who.id in _doers(session, task.run_id, steps):
        raise errors.NotYourTask(
            sentence(
                "Langkah ini harus dikerjakan orang lain: %(who)s sudah mengerjakan langkah yang diperiksa di sini.",
                who=who.name,
            )
        )


def allowed(session: Session, holders: Mapping[int, Capacity], task: Task, process: Process) -> list[int]:
    """Of these holders of the task's jabatan, each in a capacity, those whom no rule of its step keeps from it."""
    node = process.tasks[task.node_id]
    steps = _not_by_doer_of(node, process)
    doers = _doers(session, task.run_id, steps) if steps else set()
    acting_too = not _only_definitif(node)
    return [
        person
        for person, capacity in holders.items()
        if person not in doers and (acting_too or capacity is Capacity.DEFINITIF)
    ]


def _only_definitif(node: Node) -> bool:
    return node.properties.get("hanya_definitif", "").strip().lower() in YES


def _not_by_doer_of(node: Node, process: Process) -> list[str]:
    """Ids of the steps whose doers are kept from this one."""
    numbers = {number.strip() for number in node.properties.get("bukan_pelaksana", "").split(",")} - {""}
    return [step for step, other in process.tasks.items() if other.properties.get("langkah", "") in numbers]


def _doers(session: Session, run_id: int, steps: Collection[str]) -> set[int]:
    found = session.scalars(
        select(Task.finished_by).where(Task.run_id == run_id, Task.node_id.in_(steps), Task.finished_by.is_not(None))
    )
    return {person for person in found if person is not None}
