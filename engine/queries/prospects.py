"""What a version means for the live runs of older ones, as a page shows it; and the moves that were made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from bpmn import amending, lint, parser
from bpmn.flow import Flow
from bpmn.wording import Sentence
from engine import definitions, errors, reverting, versions
from engine.offices import Actor
from engine.queries.paging import PAGE, Page, page
from engine.states import LIVE, Right, Verb
from engine.tables import Definition, Draft, History, MigratedRun, Migration, Person, Run, Version
from engine.versions import Impact, RunImpact, Verdict

_taker = aliased(Person)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a version: its id, and what it is called with its number."""

    node_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Gone:
    """A step at which `runs` live runs stand and that the other version lacks; `suggested` are steps to go on at."""

    step: Step
    runs: int
    suggested: tuple[Step, ...]
    others: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Prospect:
    """What becomes of the live runs of older versions under a mapping: how many of each verdict, and the first few.

    Rows that do not move come first. `gone` are the steps that a mapping is wanted for, whatever the mapping says.
    """

    moves: int
    needs_mapping: int
    stays: int
    gone: tuple[Gone, ...]
    rows: tuple[RunImpact, ...]

    @property
    def runs(self) -> int:
        """All of them."""
        return self.moves + self.needs_mapping + self.stays


@dataclass(frozen=True, slots=True)
class PublishPage:
    """A draft on its way to become a version: what stands in the way, what it changes, what it means for live runs.

    `waiting` rows were guessed at and seen by nobody; `prospect` is None where the diagram breaks a rule.
    """

    revision: int
    findings: tuple[lint.Finding, ...]
    waiting: int
    unseen: bool
    lanes_without_jabatan: tuple[str, ...]
    told: tuple[Sentence, ...]
    prospect: Prospect | None

    @property
    def ready(self) -> bool:
        """Whether nothing stands in the way."""
        return self.prospect is not None and not (self.waiting or self.unseen or self.lanes_without_jabatan)


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A move of `runs` runs to version number `to`, and who took it back, if somebody did."""

    id: int
    to: int
    note: str
    moved_by: str
    moved_at: datetime
    runs: int
    reverted_by: str | None
    reverted_at: datetime | None


@dataclass(frozen=True, slots=True)
class MovedRun:
    """A run that was moved, from which version; `gone_on` where it was worked on since, so that it cannot go back."""

    run_id: int
    subject: str
    version: int
    gone_on: bool


@dataclass(frozen=True, slots=True)
class MovePage:
    """A move with its runs; `reason` is why it was taken back, "" where it was not."""

    definition_id: int
    title: str
    move: MoveRow
    runs: Page[MovedRun]
    gone_on: int
    """How many of all its runs went on since; 0 once it was taken back."""
    reason: str

    @property
    def may_be_taken_back(self) -> bool:
        """Whether nothing was done since that would be lost."""
        return self.move.reverted_by is None and not self.gone_on


# -- before -----------------------------------------------------------------------------------------------------------


def publishing(session: Session, who: Actor, definition_id: int, mapping: Mapping[str, str]) -> PublishPage:
    """The draft of an SOP of the person's office, and what it would mean. DraftMissing."""
    who.require(Right.ANALYST)
    published = definitions.own(session, who, definition_id).published
    draft = session.get(Draft, definition_id)
    if draft is None:
        raise errors.DraftMissing
    flow = parser.parse(draft.xml)
    findings = lint.lint(flow)
    if published is not None:
        findings += lint.compare(versions.published(session, definition_id, published).process.flow, flow)
    broken = any(finding.severity == lint.Severity.ERROR for finding in findings)
    return PublishPage(
        draft.revision,
        findings,
        len(amending.unseen(flow)),
        draft.unseen,
        tuple(definitions.lanes_without_jabatan(session, who, definition_id)),
        versions.described(session, who, definition_id),
        None if broken else _prospect(session, who, definition_id, None, flow, mapping),
    )


def moving(session: Session, who: Actor, definition_id: int, mapping: Mapping[str, str]) -> Prospect:
    """What the version in force would mean for the live runs of older ones. NothingPublished."""
    to = _in_force(session, who, definition_id)
    flow = versions.published(session, definition_id, to).process.flow
    return _prospect(session, who, definition_id, to, flow, mapping)


def affected(
    session: Session, who: Actor, definition_id: int, mapping: Mapping[str, str], after: int | None, *, draft: bool
) -> Page[RunImpact]:
    """All live runs of older versions and what becomes of each: by the draft, or by the version in force."""
    to = None if draft else _in_force(session, who, definition_id)
    impact = versions.impact(session, who, definition_id, to, mapping)
    rows = [row for row in impact.rows if after is None or row.run_id > after][: PAGE + 1]
    return page(rows, [row.run_id for row in rows])


def _in_force(session: Session, who: Actor, definition_id: int) -> int:
    who.require(Right.ANALYST)
    published = definitions.own(session, who, definition_id).published
    if published is None:
        raise errors.NothingPublished
    return published


FIRST = 12
"""Runs that are shown at once."""


def _prospect(
    session: Session, who: Actor, definition_id: int, to: int | None, flow: Flow, mapping: Mapping[str, str]
) -> Prospect:
    plain = versions.impact(session, who, definition_id, to)
    impact = versions.impact(session, who, definition_id, to, mapping) if mapping else plain
    shown = sorted(impact.rows, key=lambda row: row.verdict is Verdict.MOVES)
    return Prospect(
        moves=len(impact.of(Verdict.MOVES)),
        needs_mapping=len(impact.of(Verdict.NEEDS_MAPPING)),
        stays=len(impact.of(Verdict.STAYS)),
        gone=_gone(plain, flow),
        rows=tuple(shown[:FIRST]),
    )


def _gone(impact: Impact, flow: Flow) -> tuple[Gone, ...]:
    steps = {node.id: Step(node.id, _called(node.name, node.properties)) for node in flow.tasks()}
    names: dict[str, str] = {}
    runs: dict[str, int] = {}
    suggested: dict[str, dict[str, None]] = {}
    for row in impact.rows:
        for open_step in row.steps:
            if open_step.removed:
                names[open_step.node_id] = open_step.name
                runs[open_step.node_id] = runs.get(open_step.node_id, 0) + 1
                suggested.setdefault(open_step.node_id, {}).update(dict.fromkeys(open_step.suggestions))
    return tuple(
        Gone(
            Step(node_id, name),
            runs[node_id],
            tuple(steps[one] for one in suggested[node_id] if one in steps),
            tuple(step for one, step in steps.items() if one not in suggested[node_id]),
        )
        for node_id, name in names.items()
    )


def _called(name: str, properties: Mapping[str, str]) -> str:
    number = properties.get("langkah", "").strip()
    return f"{number}. {name}" if number else name


# -- afterwards -------------------------------------------------------------------------------------------------------


def moves(session: Session, who: Actor, definition_id: int) -> tuple[MoveRow, ...]:
    """The moves of runs of an SOP of the person's office, the last one first. For analysts."""
    who.require(Right.ANALYST)
    definitions.own(session, who, definition_id)
    found = session.execute(
        _moves().where(Migration.definition_id == definition_id).order_by(Migration.id.desc()).limit(PAGE)
    )
    return tuple(MoveRow(*row) for row in found)


def older_runs(session: Session, who: Actor, definition_id: int) -> int:
    """How many live runs of an SOP have a version older than the one in force."""
    return session.execute(
        select(func.count())
        .select_from(Run)
        .join(Version, Version.id == Run.version_id)
        .join(Definition, Definition.id == Version.definition_id)
        .where(
            Definition.id == definition_id,
            Definition.office_id == who.office_id,
            Version.number < Definition.published,
            Run.state.in_(LIVE),
        )
    ).scalar_one()


def one_move(session: Session, who: Actor, migration_id: int, after: int | None) -> MovePage:
    """A move of the person's office with a page of its runs; NotFound otherwise. For analysts."""
    who.require(Right.ANALYST)
    found = session.execute(
        _moves()
        .add_columns(Definition.id, Definition.title)
        .join(Definition, Definition.id == Migration.definition_id)
        .where(Migration.id == migration_id, Definition.office_id == who.office_id)
    ).one_or_none()
    if found is None:
        raise errors.NotFound
    *row, definition_id, title = found
    move = MoveRow(*row)
    gone_on = frozenset[int]() if move.reverted_by else reverting.gone_on(session, who, migration_id)
    return MovePage(
        definition_id,
        title,
        move,
        _moved_runs(session, migration_id, gone_on, after),
        len(gone_on),
        _reason(session, migration_id, move.reverted_at),
    )


def _moves() -> Select[Any]:
    runs = (
        select(func.count())
        .select_from(MigratedRun)
        .where(MigratedRun.migration_id == Migration.id)
        .correlate(Migration)
        .scalar_subquery()
    )
    return (
        select(
            Migration.id,
            Version.number,
            Migration.note,
            Person.name,
            Migration.moved_at,
            runs,
            _taker.name,
            Migration.reverted_at,
        )
        .join(Version, Version.id == Migration.to_version)
        .join(Person, Person.id == Migration.moved_by)
        .outerjoin(_taker, _taker.id == Migration.reverted_by)
    )


def _moved_runs(session: Session, migration_id: int, gone_on: Iterable[int], after: int | None) -> Page[MovedRun]:
    found = session.execute(
        select(Run.id, Run.subject, Version.number)
        .join(MigratedRun, MigratedRun.run_id == Run.id)
        .join(Version, Version.id == MigratedRun.from_version)
        .where(MigratedRun.migration_id == migration_id, Run.id > (after or 0))
        .order_by(Run.id)
        .limit(PAGE + 1)
    )
    worked = frozenset(gone_on)
    rows = [MovedRun(row.id, row.subject, row.number, row.id in worked) for row in found]
    return page(rows, [row.run_id for row in rows])


def _reason(session: Session, migration_id: int, at: datetime | None) -> str:
    """Why a move was taken back: every run's history has it."""
    if at is None:
        return ""
    facts = session.scalar(
        select(History.facts)
        .join(MigratedRun, MigratedRun.run_id == History.run_id)
        .where(MigratedRun.migration_id == migration_id, History.verb == Verb.REVERT, History.at == at)
        .limit(1)
    )
    return str((facts or {}).get("note", ""))
