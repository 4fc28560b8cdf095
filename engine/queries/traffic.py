"""All runs of an SOP on one diagram: where they wait, how long its steps take, and which ways were gone how often.

What waits now is read from indexes of unfinished tasks; what was finished only from what is counted by months.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import case, func, null, select
from sqlalchemy.orm import Session

from bpmn.flow import GATEWAYS, Edge, Flow, Node
from bpmn.order import in_order, returns
from engine import definitions, errors, tallies, workdays
from engine.offices import Actor
from engine.queries import expected
from engine.queries.standards import working_time
from engine.spiff import Process
from engine.states import LIVE, Right, RunState, Wait
from engine.tables import UNFINISHED_TASK, Definition, Person, Run, StepTally, Task, Version, Waiting

PERIODS = (1, 3, 6, 12)
"""Months that may be looked at, the present one included."""

MONTHS = 6

LISTED = 50
"""How many of the runs behind a box are listed."""

LITTLE = 5
"""Of fewer finished tasks there is a number, but no median and no share."""

SLOW = (0.5, 1.0, 2.0)
"""A median of more than these parts of the standard is a degree hotter."""

RETURNING = (0.0, 0.1, 0.25)
"""The same for the share of tasks that sent their run back."""

MEDIAN = 0.5

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Waits:
    """What waits at a node now: `held` more in runs that are suspended; `oldest` is the working time of the eldest."""

    running: int = 0
    held: int = 0
    oldest: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """What became of the tasks of a step in the period: how many were finished, and what that tells if it is enough.

    Medians are working time. `returning` and `on_time` are shares; `on_time` of those that had a deadline.
    """

    finished: int = 0
    waited: timedelta | None = None
    taken: timedelta | None = None
    returning: float | None = None
    on_time: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A node at which runs wait. `jabatan` is empty where that is for no person, and nothing is known of its past."""

    node_id: str
    name: str
    jabatan: str
    waits: Waits
    past: Past
    standard: timedelta | None

    @property
    def slow(self) -> int | None:
        """How its median stands against the standard, from 0 to 3; None where one of them is not known."""
        if self.past.taken is None or not self.standard:
            return None
        return _degree(self.past.taken / self.standard, SLOW)

    @property
    def returning(self) -> int | None:
        """How often it sends back, from 0 to 3; None where too little was finished."""
        return None if self.past.returning is None else _degree(self.past.returning, RETURNING)


@dataclass(frozen=True, slots=True)
class Arrow:
    """A flow of the diagram: between which steps it leads, what it is called, and how often it was gone."""

    edge_id: str
    name: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    passed: int
    is_return: bool
    told: bool
    """False where its figure is the same as those beside it: it only leads to a gateway."""


@dataclass(frozen=True, slots=True)
class VersionLive:
    """A version of the SOP, and how many live runs it has."""

    id: int
    number: int
    live: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """All runs of an SOP on the diagram of one of its versions, its steps and arrows in order of work.

    `versions` are the one in force and those with live runs, the newest first; `elsewhere` tasks wait at steps that
    this version does not have.
    """

    definition_id: int
    title: str
    number: str
    shown: VersionLive
    in_force: int | None
    versions: tuple[VersionLive, ...]
    months: int
    since: date
    steps: tuple[Step, ...]
    arrows: tuple[Arrow, ...]
    elsewhere: int

    @property
    def live(self) -> int:
        """The live runs of all versions."""
        return sum(version.live for version in self.versions)


def of_sop(
    session: Session, who: Actor, definition_id: int, now: datetime, months: int = MONTHS, version: int | None = None
) -> Traffic:
    """All runs of an SOP of the manager's office, on the version of that number, else on the one in force.

    Raises NotAllowed, and NotFound where there is no such SOP or nothing was ever published of it.
    """
    definition = definitions.own(session, who, definition_id)
    who.require(Right.MANAGER)
    versions = _versions(session, definition)
    shown = _shown(versions, version, definition.published)
    process = definitions.process(session, session.get_one(Version, shown.id))
    since = expected.months_back(tallies.month_of(now, who.calendar), months - 1)
    waits = _waits(session, who, definition_id, process, [one.id for one in versions], now)
    past = _past(session, definition_id, since)
    passed = expected.passed(session, definition_id, since)
    order = {node_id: place for place, node_id in enumerate(in_order(process.flow))}
    here = {**process.tasks, **{node.id: node for node in process.events.values() if node.kind != "boundaryEvent"}}
    nodes = sorted(here.values(), key=lambda node: order[node.id])
    return Traffic(
        definition_id=definition_id,
        title=definition.title,
        number=definition.number,
        shown=shown,
        in_force=definition.published,
        versions=tuple(one for one in versions if one.live or one.number in (definition.published, shown.number)),
        months=months,
        since=since,
        steps=tuple(
            _step(who, process, node, waits.get(node.id, Waits()), past.get(node.id, Past())) for node in nodes
        ),
        arrows=tuple(_arrows(process, passed, order)),
        elsewhere=sum(one.running + one.held for node_id, one in waits.items() if node_id not in here),
    )


def _versions(session: Session, definition: Definition) -> tuple[VersionLive, ...]:
    """All versions, the newest first."""
    live = (
        select(func.count())
        .where(Run.version_id == Version.id, Run.state.in_(LIVE))
        .correlate(Version)
        .scalar_subquery()
    )
    found = session.execute(
        select(Version.id, Version.number, live)
        .where(Version.definition_id == definition.id)
        .order_by(Version.number.desc())
    )
    return tuple(VersionLive(*row) for row in found)


def _shown(versions: Sequence[VersionLive], number: int | None, in_force: int | None) -> VersionLive:
    for wanted in (number, in_force):
        for version in versions:
            if version.number == wanted:
                return version
    raise errors.NotFound


# -- what waits now ---------------------------------------------------------------------------------------------------


def _waits(
    session: Session, who: Actor, definition_id: int, process: Process, versions: Sequence[int], now: datetime
) -> dict[str, Waits]:
    """What waits at each node: the unfinished tasks of the SOP, and where its diagram has them timers and the like."""
    suspended = select(Run.id).where(Run.version_id.in_(versions), Run.state == RunState.SUSPENDED)
    is_held = Task.run_id.in_(suspended)
    found = session.execute(
        select(
            Task.node_id,
            func.count().label("all"),
            func.sum(case((is_held, 1), else_=0)).label("held"),
            func.min(case((is_held, None), else_=Task.created_at)).label("since"),
        )
        .where(Task.definition_id == definition_id, UNFINISHED_TASK)
        .group_by(Task.node_id)
    ).all()
    waits = {row.node_id: _made(who, row, now) for row in found}
    events = [node for node in process.events.values() if node.kind != "boundaryEvent"]
    if events:
        waits |= {row.node_id: _made(who, row, now) for row in _events(session, who, versions, events)}
    return waits


def _events(session: Session, who: Actor, versions: Sequence[int], nodes: Sequence[Node]) -> Sequence[Any]:
    kinds = {Wait.CALL if node.calls else Wait(node.event.kind if node.event else "") for node in nodes}
    is_held = Run.state == RunState.SUSPENDED
    return session.execute(
        select(
            Waiting.node_id,
            func.count().label("all"),
            func.sum(case((is_held, 1), else_=0)).label("held"),
            func.min(case((is_held, None), else_=Waiting.since)).label("since"),
        )
        .join(Run, Run.id == Waiting.run_id)
        .where(
            Waiting.office_id == who.office_id,
            Waiting.kind.in_(kinds),
            Waiting.node_id.in_([node.id for node in nodes]),
            Run.version_id.in_(versions),
        )
        .group_by(Waiting.node_id)
    ).all()


def _made(who: Actor, row: Any, now: datetime) -> Waits:
    held = int(row.held)
    oldest = workdays.elapsed(row.since, now, who.calendar) if row.since else None
    return Waits(row.all - held, held, oldest)


# -- what was finished ------------------------------------------------------------------------------------------------


def _past(session: Session, definition_id: int, since: date) -> dict[str, Past]:
    """What became of each step since a month, by whatever jabatan."""
    found = session.execute(
        select(
            *(StepTally.node_id, StepTally.finished, StepTally.timed, StepTally.on_time, StepTally.returned),
            *(StepTally.waited, StepTally.taken),
        ).where(StepTally.definition_id == definition_id, StepTally.month >= since)
    )
    rows: dict[str, list[Any]] = {}
    for row in found:
        rows.setdefault(row.node_id, []).append(row)
    return {node_id: _together(of_step) for node_id, of_step in rows.items()}


def _together(rows: Iterable[Any]) -> Past:
    rows = list(rows)
    finished, timed = sum(row.finished for row in rows), sum(row.timed for row in rows)
    if finished < LITTLE:
        return Past(finished)
    return Past(
        finished=finished,
        waited=_median(row.waited for row in rows),
        taken=_median(row.taken for row in rows),
        returning=sum(row.returned for row in rows) / finished,
        on_time=sum(row.on_time for row in rows) / timed if timed >= LITTLE else None,
    )


def _median(histograms: Iterable[Mapping[str, int]]) -> timedelta | None:
    minutes = tallies.percentile(tallies.merge(histograms), MEDIAN)
    return None if minutes is None else minutes * MINUTE


# -- on the diagram ---------------------------------------------------------------------------------------------------


def _step(who: Actor, process: Process, node: Node, waits: Waits, past: Past) -> Step:
    is_task = node.id in process.tasks
    return Step(
        node_id=node.id,
        name=node.name or node.id,
        jabatan=process.flow.lane(node.lane).name if is_task and node.lane else "",
        waits=waits,
        past=past,
        standard=working_time(process.waktu.get(node.id), who.calendar),
    )


def _arrows(process: Process, passed: Mapping[str, int], order: Mapping[str, int]) -> Iterable[Arrow]:
    flow = process.flow
    back = returns(flow) | {choice.edge for ways in process.choices.values() for choice in ways if choice.is_return}
    names = _Names(flow)
    for edge in sorted(flow.edges, key=lambda edge: (order[edge.source], order[edge.target])):
        is_return = edge.id in back
        yield Arrow(
            edge_id=edge.id,
            name=edge.name,
            sources=names.behind(edge),
            targets=names.ahead(edge),
            passed=passed.get(edge.id, 0),
            is_return=is_return,
            told=is_return or bool(edge.name) or names.splits(edge.source) or not names.is_gateway(edge.target),
        )


class _Names:
    """What stands at both ends of flows, in the words of the steps there: gateways have none of their own."""

    def __init__(self, flow: Flow) -> None:
        self._nodes = {node.id: node for node in flow.nodes}
        self._out: dict[str, list[str]] = {node.id: [] for node in flow.nodes}
        self._into: dict[str, list[str]] = {node.id: [] for node in flow.nodes}
        for edge in flow.edges:
            self._out[edge.source].append(edge.target)
            self._into[edge.target].append(edge.source)

    def is_gateway(self, node_id: str) -> bool:
        return self._nodes[node_id].kind in GATEWAYS

    def splits(self, node_id: str) -> bool:
        return self.is_gateway(node_id) and len(self._out[node_id]) > 1

    def behind(self, edge: Edge) -> tuple[str, ...]:
        """What an arrow comes from."""
        return self._told(edge.source, self._into)

    def ahead(self, edge: Edge) -> tuple[str, ...]:
        """What an arrow leads to."""
        return self._told(edge.target, self._out)

    def _told(self, node_id: str, onto: Mapping[str, list[str]]) -> tuple[str, ...]:
        found: list[str] = []
        seen, waiting = {node_id}, [node_id]
        while waiting:
            node = self._nodes[waiting.pop(0)]
            if node.kind not in GATEWAYS:
                found.append(node.name or node.id)
                continue
            new = [other for other in onto[node.id] if other not in seen]
            seen.update(new)
            waiting += new
        return tuple(dict.fromkeys(found))


def _degree(value: float, limits: Sequence[float]) -> int:
    return sum(value > limit for limit in limits)


# -- the runs behind a box --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiter:
    """A run that waits at a step since a moment, `spent` working time ago; `person` has claimed its task."""

    run_id: int
    subject: str
    agenda: str
    person: str | None
    held: bool
    since: datetime
    spent: timedelta


def waiting_at(session: Session, who: Actor, definition_id: int, node_id: str, now: datetime) -> tuple[Waiter, ...]:
    """The first LISTED runs that wait at a node of an SOP, who waits longest first. Raises as `of_sop` does."""
    definitions.own(session, who, definition_id)
    who.require(Right.MANAGER)
    tasks = (
        select(Run.id, Run.subject, Run.agenda, Run.state, Person.name, Task.created_at.label("since"))
        .select_from(Task)
        .join(Run, Run.id == Task.run_id)
        .outerjoin(Person, Person.id == Task.claimed_by)
        .where(Task.definition_id == definition_id, Task.node_id == node_id, UNFINISHED_TASK)
        .order_by(Task.created_at, Task.run_id)
        .limit(LISTED)
    )
    versions = select(Version.id).where(Version.definition_id == definition_id)
    events = (
        select(Run.id, Run.subject, Run.agenda, Run.state, null().label("name"), Waiting.since)
        .join(Run, Run.id == Waiting.run_id)
        .where(Waiting.office_id == who.office_id, Waiting.node_id == node_id, Run.version_id.in_(versions))
        .order_by(Waiting.since, Waiting.run_id)
        .limit(LISTED)
    )
    found = session.execute(tasks).all() or session.execute(events).all()
    return tuple(
        Waiter(
            run_id=row.id,
            subject=row.subject,
            agenda=row.agenda,
            person=row.name,
            held=row.state is RunState.SUSPENDED,
            since=row.since,
            spent=workdays.elapsed(row.since, now, who.calendar),
        )
        for row in found
    )
