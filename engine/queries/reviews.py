"""A draft as its reviewer sees it: every row with what was read and inferred, beside the document it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn import amending, inference, lint, parser, readers
from bpmn.amending import ReviewRow
from bpmn.errors import Refusal
from bpmn.flow import Flow, Lane
from bpmn.readers import text
from bpmn.sop import InferredStep, Problem, Sop
from bpmn.wording import Sentence, sentence
from engine import definitions, drafts
from engine.offices import Actor
from engine.tables import Draft, Person, Source


@dataclass(frozen=True, slots=True)
class Told:
    """What was inferred about a row: how sure that is (0 to 1), and why, one sentence each."""

    confidence: float
    evidence: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A row of the draft. `line` is where it stands in the document, counted from 1; None where it is not from it.

    `performer` and `decision` tell why the document was read like this; None where the draft says otherwise by now.
    """

    row: ReviewRow
    line: int | None
    performer: Told | None
    decision: Told | None

    @property
    def waits(self) -> bool:
        """Whether something was guessed that nobody has confirmed or corrected yet."""
        return bool(self.row.doubts)


@dataclass(frozen=True, slots=True)
class SourcePage:
    """The document of a draft: its lines as they stand, and what was not understood in it."""

    filename: str
    added_by: str
    added_at: datetime
    lines: tuple[str, ...]
    begins: int
    """The line of the first step of this SOP, counted from 1."""
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """A draft to be reviewed: what waits for the reviewer first, then the rest, both in order of work."""

    title: str
    revision: int
    """Of the draft; 0 where it is the published version as it is."""
    lanes: tuple[Lane, ...]
    rows: tuple[Reviewed, ...]
    names: dict[str, str]
    """The label of every step by its id, with its number."""
    findings: tuple[lint.Finding, ...]
    unseen: bool
    """Whether it came from a document, and nobody has said yet to have looked at all of it."""
    source: SourcePage | None

    @property
    def waiting(self) -> int:
        """How many rows wait for the reviewer."""
        return sum(row.waits for row in self.rows)


def page(session: Session, who: Actor, definition_id: int) -> ReviewPage:
    """The draft of an SOP of the person's office, or its published version; NotFound otherwise. For analysts."""
    xml, revision = definitions.xml(session, who, definition_id)
    flow = parser.parse(xml)
    source = drafts.source(session, who, definition_id)
    sop, problems = _read(source)
    steps = {} if sop is None else {step.step.no: step for step in inference.infer(sop).steps}
    rows = [_reviewed(flow, row, steps) for row in amending.review(flow)]
    return ReviewPage(
        title=flow.name or flow.pool,
        revision=revision,
        lanes=flow.lanes,
        rows=tuple(sorted(rows, key=lambda row: not row.waits)),
        names={row.row.node_id: f"{row.row.no}. {row.row.label}" if row.row.no else row.row.label for row in rows},
        findings=lint.lint(flow),
        unseen=bool(session.scalar(select(Draft.unseen).where(Draft.definition_id == definition_id))),
        source=None if source is None or sop is None else _source(session, source, sop, problems),
    )


def _read(source: Source | None) -> tuple[Sop | None, tuple[Problem, ...]]:
    """The SOP that a draft was drawn from. A later release may read the document in another way, or not at all."""
    if source is None:
        return None, ()
    try:
        document = readers.read(source.content, source.filename)
    except Refusal:
        return None, ()
    return (document.sops[source.part] if source.part < len(document.sops) else None), document.problems


def _source(session: Session, source: Source, sop: Sop, problems: tuple[Problem, ...]) -> SourcePage:
    name = session.scalars(select(Person.name).where(Person.id == source.added_by)).one()
    lines = tuple(" | ".join(line.cells) for line in text.lines(source.content))
    begins = min((step.row for step in sop.steps), default=1)
    return SourcePage(source.filename, name, source.added_at, lines, begins, problems)


def _reviewed(flow: Flow, row: ReviewRow, steps: dict[str, InferredStep]) -> Reviewed:
    inferred = steps.get(row.no)
    if inferred is None:
        return Reviewed(row, None, None, None)
    lane = next((lane.name for lane in flow.lanes if lane.id == row.lane), "")
    performer = decision = None
    acts = inferred.several.acts if inferred.several else ()
    if lane == inferred.performer.lane or lane in {act.lane for act in acts}:
        why = inferred.several.evidence if inferred.several and acts else inferred.performer.evidence
        performer = Told(inferred.performer.confidence, why)
    if inferred.decision is not None and row.returns_to is not None:
        decision = Told(inferred.decision.confidence, inferred.decision.evidence)
    return Reviewed(row, inferred.step.row, performer, decision)


def certainty(told: Told) -> Sentence:
    """How sure something is, in a word: the words of the review page and of its legend."""
    if told.confidence >= 0.9:
        return sentence("yakin")
    return sentence("cukup yakin") if told.confidence >= 0.7 else sentence("ragu")
