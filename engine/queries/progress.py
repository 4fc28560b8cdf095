"""How far a run has come in its diagram: for the marks on the drawing, and for the list of steps beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bpmn.flow import Node
from bpmn.order import in_order
from engine import definitions, errors
from engine.offices import Actor
from engine.spiff import Process
from engine.states import UNFINISHED, TaskState
from engine.tables import Return, Run, Task, Version


class Standing(StrEnum):
    """How a step stands in a run."""

    ACTIVE = "active"
    """It waits for somebody, or somebody works on it."""
    DONE = "done"
    RETURNED = "returned"
    """It was finished last by sending the run back, and has to be done again."""
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the diagram: how it stands, how often it was finished, and how often that sent the run back."""

    node_id: str
    name: str
    jabatan: str
    standing: Standing
    returns: int
    times: int


@dataclass(frozen=True, slots=True)
class Progress:
    """The steps in the order of the diagram, and for each flow how often the run was sent back by it.

    `walked` says how often the run went along each flow, where that was asked for.
    """

    steps: tuple[Step, ...]
    returns: Mapping[str, int]
    walked: Mapping[str, int] = field(default_factory=dict)


def of_run(session: Session, who: Actor, run_id: int) -> Progress:
    """How far a run of the person's office has come; NotFound otherwise. In three statements."""
    version = session.scalar(
        select(Version).join(Run, Run.version_id == Version.id).where(Run.id == run_id, Run.office_id == who.office_id)
    )
    if version is None:
        raise errors.NotFound
    return of(session, definitions.process(session, version), run_id)


def of(session: Session, process: Process, run_id: int, walked: Mapping[str, int] | None = None) -> Progress:
    """The same for a run that is known to be of the person's office, and its process. In two statements."""
    stands = _stands(session, run_id)
    sent_back = session.execute(
        select(Return.from_node, Return.edge_id, func.count().label("times"))
        .where(Return.run_id == run_id)
        .group_by(Return.from_node, Return.edge_id)
    ).all()
    by_edge: dict[str, int] = {}
    by_step: dict[str, int] = {}
    for row in sent_back:
        by_edge[row.edge_id] = by_edge.get(row.edge_id, 0) + row.times
        by_step[row.from_node] = by_step.get(row.from_node, 0) + row.times
    place = {node_id: number for number, node_id in enumerate(in_order(process.flow))}
    nodes = sorted(process.tasks.values(), key=lambda node: place.get(node.id, len(place)))
    steps = tuple(
        Step(node.id, node.name, _jabatan(process, node), standing, by_step.get(node.id, 0), times)
        for node in nodes
        for standing, times in (stands.get(node.id, (Standing.AHEAD, 0)),)
    )
    return Progress(steps, by_edge, walked or {})


def _stands(session: Session, run_id: int) -> dict[str, tuple[Standing, int]]:
    """How the steps stand that the run has come to, and how often each was finished.

    That goes by what became of each last, unless a part of it is unfinished.
    """
    found = session.execute(
        select(
            *(Task.node_id, Task.state),
            func.max(Task.id).label("last"),
            func.count(Task.engine_id.distinct()).label("times"),
        )
        .where(Task.run_id == run_id, Task.state != TaskState.WITHDRAWN)
        .group_by(Task.node_id, Task.state)
        .order_by(func.max(Task.id))
    )
    stands: dict[str, tuple[Standing, int]] = {}
    for row in found:
        before, times = stands.get(row.node_id, (Standing.AHEAD, 0))
        if row.state in UNFINISHED:
            stands[row.node_id] = Standing.ACTIVE, times
        else:
            now = Standing.RETURNED if row.state is TaskState.RETURNED else Standing.DONE
            stands[row.node_id] = before if before is Standing.ACTIVE else now, times + row.times
    return stands


def _jabatan(process: Process, node: Node) -> str:
    return process.flow.lane(node.lane).name if node.lane else ""
