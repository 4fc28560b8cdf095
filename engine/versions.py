"""What changes from one version of an SOP to the next, and what that means for the runs that are under way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bpmn import describing, graph, knowing, lint, parser
from bpmn.comparing import Difference, compare
from bpmn.flow import Flow
from bpmn.order import successors
from bpmn.wording import Sentence, sentence
from engine import definitions, errors, offices, spiff
from engine.offices import Actor
from engine.states import LIVE, Right
from engine.tables import Draft, Run, Version


class Verdict(StrEnum):
    """What becomes of a run when the other version comes."""

    MOVES = "moves"
    """It can be moved as it is."""
    NEEDS_MAPPING = "needs_mapping"
    """Somebody has to say at which step it goes on: one that is open is removed."""
    STAYS = "stays"
    """It has to end by the version that it has."""


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step that is open in a run. Where it is removed, `suggestions` are steps of the other version, best first."""

    node_id: str
    name: str
    removed: bool
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What becomes of all runs that stand at one place; `reason` says why they stay or need a mapping."""

    verdict: Verdict
    reason: Sentence | None
    steps: tuple[OpenStep, ...]


@dataclass(frozen=True, slots=True)
class RunImpact:
    """What becomes of a run; `version` is the number of the one that it has."""

    run_id: int
    subject: str
    version: int
    verdict: Verdict
    reason: Sentence | None
    steps: tuple[OpenStep, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """What a version means for the live runs of all older ones, oldest run first; `to` is None for the draft."""

    to: int | None
    rows: tuple[RunImpact, ...]

    def of(self, verdict: Verdict) -> tuple[RunImpact, ...]:
        """The runs with one verdict."""
        return tuple(row for row in self.rows if row.verdict is verdict)


@dataclass(frozen=True, slots=True)
class Side:
    """A version, ready to run; or the draft as the version that it would become, with 0 for its id.

    `lanes` gives the jabatan of each lane, 0 for a lane of the draft that names none.
    """

    version_id: int
    number: int
    process: spiff.Process
    lanes: Mapping[str, int]

    def jabatan(self, node_id: str) -> int:
        """Who performs a step."""
        return self.lanes[str(self.process.tasks[node_id].lane)]


def changes(session: Session, who: Actor, definition_id: int) -> Difference | None:
    """What the draft changes of the published version; None where there is no draft, or nothing to compare it with."""
    flows = _flows(session, who, definition_id)
    return compare(*flows) if flows else None


def described(session: Session, who: Actor, definition_id: int) -> tuple[Sentence, ...]:
    """The same in words; none where there is nothing to tell."""
    flows = _flows(session, who, definition_id)
    return describing.described(compare(*flows), *flows) if flows else ()


def impact(
    session: Session,
    who: Actor,
    definition_id: int,
    to: int | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Impact:
    """What version number `to`, or the draft, means for each live run of an older version: an analyst's question.

    `mapping` gives the new id of steps that have one, as it would be given to `migrating.move`. Raises DraftMissing,
    NotFound for a version that is not there, DiagramRefused for a draft that could not be published.
    """
    who.require(Right.ANALYST)
    definitions.own(session, who, definition_id)
    target = published(session, definition_id, to) if to is not None else _drafted(session, who, definition_id)
    found = session.execute(
        select(Run.id, Run.subject, Run.damage, Run.state_of_engine, Run.version_id, Version.number)
        .join(Version, Version.id == Run.version_id)
        .where(Version.definition_id == definition_id, Version.number < target.number, Run.state.in_(LIVE))
        .order_by(Run.id)
        .execution_options(yield_per=500)
    )
    passages: dict[int, Passage] = {}
    rows: list[RunImpact] = []
    for run in found:
        if run.version_id not in passages:
            old = side(session, session.get_one(Version, run.version_id))
            passages[run.version_id] = Passage(old, target, mapping or {})
        one = DAMAGED if run.damage else passages[run.version_id].judge(run.state_of_engine)
        rows.append(RunImpact(run.id, run.subject, run.number, one.verdict, one.reason, one.steps))
    return Impact(to, tuple(rows))


def published(session: Session, definition_id: int, number: int) -> Side:
    """A published version by its number; NotFound otherwise. The caller has made sure whose definition it is."""
    version = session.scalar(select(Version).where(Version.definition_id == definition_id, Version.number == number))
    if version is None:
        raise errors.NotFound
    return side(session, version)


def side(session: Session, version: Version) -> Side:
    """A published version, ready to run."""
    lanes = {lane: int(jabatan) for lane, jabatan in version.lanes.items()}
    return Side(version.id, version.number, definitions.process(session, version), lanes)


def _drafted(session: Session, who: Actor, definition_id: int) -> Side:
    draft = session.get(Draft, definition_id)
    if draft is None:
        raise errors.DraftMissing
    flow = parser.parse(draft.xml)
    lint.refuse_errors(flow)
    lanes = {lane.id: offices.jabatan_for(session, who.office_id, lane.name) or 0 for lane in flow.lanes}
    last = session.scalar(select(func.max(Version.number)).where(Version.definition_id == definition_id)) or 0
    return Side(0, last + 1, spiff.prepare(flow), lanes)


def _flows(session: Session, who: Actor, definition_id: int) -> tuple[Flow, Flow] | None:
    """The flows of the published version and of the draft."""
    who.require(Right.ANALYST)
    definition = definitions.own(session, who, definition_id)
    draft = session.get(Draft, definition_id)
    if draft is None or definition.published is None:
        return None
    return published(session, definition_id, definition.published).process.flow, parser.parse(draft.xml)


# -- from one version to another --------------------------------------------------------------------------------------


DAMAGED = Judgement(Verdict.STAYS, sentence("Keadaan berkas ini rusak dan harus diperbaiki lebih dahulu."), ())


class Passage:
    """From one version to another: judges runs, and makes their states. All that stand alike are judged once."""

    def __init__(self, old: Side, new: Side, mapping: Mapping[str, str]) -> None:
        self.old, self.new, self.mapping = old, new, mapping
        self._judged: dict[bytes, Judgement] = {}

    def judge(self, stored: bytes) -> Judgement:
        """What becomes of a run in this state."""
        try:
            alike = spiff.alike(self.old.process, stored)
            if alike in self._judged:
                return self._judged[alike]
            standing = spiff.standing(self.old.process, stored)
        except Exception:  # whatever the bytes hold, the answer is that they do not load
            return DAMAGED
        self._judged[alike] = self._judge(stored, list(dict.fromkeys(task.node_id for task in standing.waiting)))
        return self._judged[alike]

    def state(self, stored: bytes) -> bytes:
        """The state in the new version of a run that moves."""
        return spiff.moved(self.old.process, self.new.process, stored, self.mapping)

    def renamed(self, node_id: str) -> str:
        """The id of a step in the new version."""
        return self.mapping.get(node_id, node_id)

    def renames(self) -> dict[str, str]:
        """What of the mapping is only a new id of the same step, and no other step that the old version has too."""
        return {
            was: is_now
            for was, is_now in self.mapping.items()
            if was in self.old.process.tasks and (is_now in self.mapping or is_now not in self.old.process.tasks)
        }

    def _judge(self, stored: bytes, nodes: list[str]) -> Judgement:
        removed = [node for node in nodes if self.renamed(node) not in self.new.process.tasks]
        tasks = self.old.process.tasks
        steps = tuple(
            OpenStep(
                node,
                tasks[node].name,
                node in removed,
                self._suggested(stored, node, only=len(removed) == 1) if node in removed else (),
            )
            for node in nodes
        )
        if removed:
            gone = ", ".join(f"“{tasks[node].name}”" for node in removed)
            return Judgement(
                Verdict.NEEDS_MAPPING,
                sentence("Langkah yang sedang terbuka dihapus: %(steps)s.", steps=gone),
                steps,
            )
        reason = self._hindrance(stored, nodes)
        return Judgement(Verdict.STAYS if reason else Verdict.MOVES, reason, steps)

    def _hindrance(self, stored: bytes, nodes: list[str]) -> Sentence | None:
        for node in nodes:
            if self._parts_differ(node):
                return sentence(
                    "%(step)s dikerjakan oleh setiap pemegang jabatan, dan versi itu mengubah siapa atau caranya.",
                    step=describing.called(self.old.process.tasks[node], begins=True),
                )
        try:
            state = self.state(stored)
        except spiff.NotMovable as hindered:
            return self._said(hindered)
        return self._undecided(state)

    def _said(self, hindered: spiff.NotMovable) -> Sentence:
        """Why a run cannot go on by the new version."""
        flow = self.new.process.flow if hindered.why is spiff.Hindrance.BRANCHES else self.old.process.flow
        element = describing.called(flow.node(hindered.node), begins=True)
        said = {
            spiff.Hindrance.GONE: sentence("%(element)s tidak ada lagi di versi itu.", element=element),
            spiff.Hindrance.KIND: sentence("%(element)s menjadi elemen jenis lain di versi itu.", element=element),
            spiff.Hindrance.NESTING: sentence("%(element)s berpindah ke subproses lain di versi itu.", element=element),
            spiff.Hindrance.BRANCHES: sentence(
                "Di versi itu sebagian cabang paralel pada %(element)s belum pernah dimulai dalam berkas ini.",
                element=describing.called(flow.node(hindered.node)),
            ),
        }
        return said[hindered.why]

    def _undecided(self, state: bytes) -> Sentence | None:
        """Why a run would come to a gateway that asks what it never decided."""
        process = self.new.process
        standing = spiff.standing(process, state)
        places = [one.node_id for one in (*standing.waiting, *standing.events)]
        gateway = knowing.undecided(process.flow, process.choices, places, spiff.variables(process, state))
        if gateway is None:
            return None
        return sentence(
            "%(element)s di versi itu bertanya tentang keputusan yang tidak pernah diambil dalam berkas ini.",
            element=describing.called(process.flow.node(gateway), begins=True),
        )

    def _parts_differ(self, node_id: str) -> bool:
        """Whether the open parts of a task that each holder does would no longer be the right ones."""
        before, after = self.old.process.tasks[node_id], self.new.process.tasks[self.renamed(node_id)]
        if not (before.multi or after.multi):
            return False
        return before.multi != after.multi or self.old.jabatan(node_id) != self.new.jabatan(after.id)

    def _suggested(self, stored: bytes, node_id: str, *, only: bool) -> tuple[str, ...]:
        """Steps at which a run could go on instead: what surely is the same step, the next ones, the ones before.

        Where it is the `only` one removed, those by which the run would not move are left out.
        """
        likely = [self._likely[node_id]] if node_id in self._likely else []
        onward = successors(self.old.process.flow)
        near = [*_nearest(onward, node_id, self.new), *_nearest(graph.reversed_graph(onward), node_id, self.new)]
        found = dict.fromkeys([*likely, *near])
        return tuple(step for step in found if not only or self._would_move(stored, node_id, step))

    def _would_move(self, stored: bytes, node_id: str, step: str) -> bool:
        tried = Passage(self.old, self.new, {**self.mapping, node_id: step})
        return tried.judge(stored).verdict is Verdict.MOVES

    @cached_property
    def _likely(self) -> Mapping[str, str]:
        return compare(self.old.process.flow, self.new.process.flow).likely


def _nearest(targets: Mapping[str, list[str]], node_id: str, new: Side) -> Iterator[str]:
    """The steps of the other version that are reached first from a node, by edges of this one."""
    seen, waiting = {node_id}, list(targets[node_id])
    while waiting:
        node = waiting.pop(0)
        if node in seen:
            continue
        seen.add(node)
        if node in new.process.tasks:
            yield node
        else:
            waiting += targets[node]
