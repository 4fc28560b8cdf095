"""When a live run is expected to be finished: from where it stands forward, if nothing is sent back any more.

Each remaining step takes what it took in the last months, where it was finished often enough; else what the SOP gives
it. Decisions go the way onward that was taken most often, and of branches at the same time the longest counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bpmn import graph
from bpmn.flow import TIMER, Flow, Node
from bpmn.order import in_order, onward
from bpmn.wording import Sentence, sentence
from engine import definitions, errors, tallies, timers, workdays
from engine.offices import Actor
from engine.queries.standards import working_time
from engine.spiff import Process
from engine.states import LIVE, UNFINISHED, RunState
from engine.tables import FlowTally, Run, StepTally, Task, Version, Waiting

MONTHS = 12
"""Of how many months, the present one included, history is asked."""

ENOUGH = 20
"""How often each remaining step must have been finished in them."""

SAMPLES = 300
"""How many times the rest of the run is played with durations drawn from history."""

EARLY, MEDIAN, LATE = 0.1, 0.5, 0.9

MINUTE = timedelta(minutes=1)


_UNREADABLE = sentence("Keadaan berkas ini tidak dapat dibaca.")


class Basis(StrEnum):
    """What an expectation comes from."""

    STANDARD = "standard"
    """The mutu baku."""
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Expected:
    """When a run will be finished: as likely before as after `at`, and in eight of ten cases from `early` to `late`.

    From the standards there is no spread. `times` is how often the step that was finished least often was. `overdue`:
    a step at which it stands has taken longer than is expected of any, and counts as finished now.
    """

    at: datetime
    early: datetime | None
    late: datetime | None
    basis: Basis
    times: int
    overdue: bool


@dataclass(frozen=True, slots=True)
class Unforeseeable:
    """Why it cannot be said when a run will be finished."""

    why: Sentence


@dataclass(frozen=True, slots=True)
class _Here:
    """Where a run stands: the node, the minutes of working time it has been there, and those left to its deadline."""

    node_id: str
    spent: float
    left: float | None


def of_run(session: Session, who: Actor, run_id: int, now: datetime) -> Expected | Unforeseeable | None:
    """What is expected of a run of the person's office, None where it is over; NotFound otherwise.

    In five statements, and the time it takes does not grow with what was finished.
    """
    found = session.execute(
        select(Run, Version)
        .join(Version, Version.id == Run.version_id)
        .where(Run.id == run_id, Run.office_id == who.office_id)
    ).one_or_none()
    if found is None:
        raise errors.NotFound
    run, version = found
    if run.state not in LIVE:
        return None
    if run.damage:
        return Unforeseeable(_UNREADABLE)
    if run.state is RunState.SUSPENDED:
        return Unforeseeable(sentence("Berkas ini sedang ditangguhkan."))
    process = definitions.process(session, version)
    here = _tasks(session, who, run_id, now)
    for wait in session.execute(select(Waiting.node_id, Waiting.due_at).where(Waiting.run_id == run_id)):
        if process.events[wait.node_id].kind != "boundaryEvent":
            left = workdays.elapsed(now, wait.due_at, who.calendar) / MINUTE if wait.due_at else None
            here.append(_Here(wait.node_id, 0, left))
    return _Outlook(session, who, process, version.definition_id, now).of(run_id, here) if here else None


def _tasks(session: Session, who: Actor, run_id: int, now: datetime) -> list[_Here]:
    found = session.execute(
        select(Task.node_id, Task.created_at, Task.due_at)
        .where(Task.run_id == run_id, Task.state.in_(UNFINISHED))
        .order_by(Task.id)
    )
    return [
        _Here(
            row.node_id,
            workdays.elapsed(row.created_at, now, who.calendar) / MINUTE,
            workdays.elapsed(now, row.due_at, who.calendar) / MINUTE if row.due_at else None,
        )
        for row in found
    ]


class _Outlook:
    """The rest of a diagram, and how long its steps take."""

    def __init__(self, session: Session, who: Actor, process: Process, definition_id: int, now: datetime) -> None:
        self._process, self._who, self._now = process, who, now
        since = months_back(tallies.month_of(now, who.calendar), MONTHS - 1)
        self._ways = ways_onward(process.flow, passed(session, definition_id, since))
        self._order = list(reversed(in_order(process.flow)))
        self._taken = _taken(session, definition_id, since)

    def of(self, run_id: int, here: Sequence[_Here]) -> Expected | Unforeseeable:
        """What comes of standing here."""
        if any(one.node_id not in self._ways for one in here):
            return Unforeseeable(_UNREADABLE)
        ahead = graph.reachable(self._ways, [one.node_id for one in here])
        events = [self._process.events[node_id] for node_id in sorted(ahead & self._process.events.keys())]
        for event in events:
            if event.event is None or event.event.kind != TIMER:
                return Unforeseeable(_waits_for(event))
        steps = sorted(ahead & self._process.tasks.keys())
        fixed = {event.id: self._timer(event) for event in events}
        times = min((self._finished(step) for step in steps), default=0)
        if steps and times >= ENOUGH:
            return self._from_history(run_id, here, steps, fixed, times)
        standards = {step: self._standard(step) for step in steps}
        for step, standard in standards.items():
            if standard is None:
                return Unforeseeable(_no_standard(self._process.tasks[step]))
        known = {step: standard for step, standard in standards.items() if standard is not None}
        return self._from_standards(here, {**known, **fixed}, times)

    def _from_standards(self, here: Sequence[_Here], durations: Mapping[str, float], times: int) -> Expected:
        left = [durations[one.node_id] - one.spent if one.left is None else one.left for one in here]
        rest = self._rest(durations)
        total = max(max(0, minutes) + rest[one.node_id] for one, minutes in zip(here, left, strict=True))
        return Expected(self._at(total), None, None, Basis.STANDARD, times, overdue=min(left) < 0)

    def _from_history(
        self, run_id: int, here: Sequence[_Here], steps: Sequence[str], fixed: Mapping[str, float], times: int
    ) -> Expected:
        random = Random(run_id)  # noqa: S311 - the same page twice says the same
        drawn = {step: _draws(random, self._taken[step]) for step in steps}
        left = [self._left(random, one) for one in here]
        totals = []
        for number in range(SAMPLES):
            rest = self._rest({**fixed, **{step: drawn[step][number] for step in steps}})
            totals.append(max(minutes[number] + rest[one.node_id] for one, minutes in zip(here, left, strict=True)))
        totals.sort()
        early, median, late = (self._at(totals[round((SAMPLES - 1) * share)]) for share in (EARLY, MEDIAN, LATE))
        overdue = any(one.node_id in self._taken and not _longer(self._taken[one.node_id], one.spent) for one in here)
        return Expected(median, early, late, Basis.HISTORY, times, overdue)

    def _left(self, random: Random, one: _Here) -> list[float]:
        """Draws of what is left of where the run stands: of those that took longer than this one until now."""
        if one.node_id not in self._process.tasks:
            return [max(0, one.left or 0)] * SAMPLES
        longer = _longer(self._taken[one.node_id], one.spent)
        return [minutes - one.spent for minutes in _draws(random, longer)] if longer else [0] * SAMPLES

    def _rest(self, durations: Mapping[str, float]) -> dict[str, float]:
        """For each node the minutes from when it is done to the end, by the longest way."""
        rest: dict[str, float] = {}
        for node in self._order:
            rest[node] = max((durations.get(after, 0) + rest[after] for after in self._ways[node]), default=0)
        return rest

    def _finished(self, step: str) -> int:
        return sum(self._taken.get(step, {}).values())

    def _standard(self, step: str) -> float | None:
        """Minutes of a step by the SOP, or by history where the SOP says nothing; None where neither does."""
        standard = working_time(self._process.waktu[step], self._who.calendar)
        if standard is not None:
            return standard / MINUTE
        return tallies.percentile(self._taken[step], MEDIAN) if self._finished(step) >= ENOUGH else None

    def _timer(self, node: Node) -> float:
        fires = timers.due(node.event, self._now, self._who.calendar) if node.event else None
        return max(0.0, workdays.elapsed(self._now, fires, self._who.calendar) / MINUTE) if fires else 0

    def _at(self, minutes: float) -> datetime:
        return workdays.add(self._now, minutes * MINUTE, self._who.calendar)


def ways_onward(flow: Flow, passed: Mapping[str, int]) -> dict[str, list[str]]:
    """Where work goes on from each node if nothing is sent back, and nothing happens on the border of work.

    Behind a gateway that takes one of several ways that is the one that was `passed` most often of those that lead to
    an end; all of them, where none was.
    """
    border = {node.id for node in flow.nodes if node.attached_to is not None}
    ways = {node: [after for after in led if after not in border] for node, led in onward(flow).items()}
    ends = [node.id for node in flow.nodes if node.kind == "endEvent" and node.parent is None]
    ending = graph.reachable(graph.reversed_graph(ways), ends)
    often: dict[tuple[str, str], int] = {}
    for edge in flow.edges:
        often[edge.source, edge.target] = often.get((edge.source, edge.target), 0) + passed.get(edge.id, 0)
    for node in flow.nodes:
        if node.kind == "exclusiveGateway" and len(ways[node.id]) > 1:
            open_ways = [after for after in ways[node.id] if after in ending] or ways[node.id]
            most = max(open_ways, key=lambda after: often.get((node.id, after), 0))
            ways[node.id] = [most] if often.get((node.id, most)) else open_ways
    return ways


def months_back(month: date, months: int) -> date:
    """The first day of the month that lies so many months before another."""
    number = month.year * 12 + month.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def passed(session: Session, definition_id: int, since: date) -> dict[str, int]:
    """For each flow of an SOP how often runs went along it since a month."""
    found = session.execute(
        select(FlowTally.edge_id, func.sum(FlowTally.passed).label("passed"))
        .where(FlowTally.definition_id == definition_id, FlowTally.month >= since)
        .group_by(FlowTally.edge_id)
    )
    return {row.edge_id: int(row.passed) for row in found}


def _taken(session: Session, definition_id: int, since: date) -> dict[str, dict[str, int]]:
    """For each step of an SOP the histogram of what its tasks took, by whatever jabatan."""
    found = session.execute(
        select(StepTally.node_id, StepTally.taken).where(
            StepTally.definition_id == definition_id, StepTally.month >= since
        )
    )
    of_steps: dict[str, list[dict[str, int]]] = {}
    for row in found:
        of_steps.setdefault(row.node_id, []).append(row.taken)
    return {step: tallies.merge(histograms) for step, histograms in of_steps.items()}


def _draws(random: Random, histogram: Mapping[str, int]) -> list[float]:
    """SAMPLES durations, each as likely as it was often."""
    minutes = sorted(histogram, key=int)
    weights = list(accumulate(histogram[one] for one in minutes))
    return [float(one) for one in random.choices(minutes, cum_weights=weights, k=SAMPLES)]


def _longer(histogram: Mapping[str, int], spent: float) -> dict[str, int]:
    return {minutes: times for minutes, times in histogram.items() if int(minutes) > spent}


def _waits_for(node: Node) -> Sentence:
    name = node.name or node.calls or (node.event.text if node.event else "")
    if node.calls:
        return sentence("Berkas ini menunggu SOP lain (%(name)s), yang lamanya tidak diketahui.", name=name)
    return sentence("Berkas ini menunggu pesan dari luar (%(name)s), yang waktunya tidak diketahui.", name=name)


def _no_standard(node: Node) -> Sentence:
    return sentence(
        "Langkah “%(step)s” tidak memiliki mutu baku waktu, dan belum cukup sering diselesaikan untuk dilihat dari "
        "riwayat.",
        step=node.name,
    )
