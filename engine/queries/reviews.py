"""A draft as its reviewer sees it: every row with what was read and inferred, beside the document it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn import amending, comparing, describing, inference, lint, parser, readers
from bpmn.amending import ReviewRow
from bpmn.errors import Refusal
from bpmn.flow import Flow, Lane
from bpmn.readers import text
from bpmn.sop import InferredStep, Problem, Sop
from bpmn.wording import Sentence, sentence
from engine import definitions, drafts, offices
from engine.offices import Actor
from engine.tables import Draft, Person, Source, Version

BEFORE, AFTER = 60, 12
"""Lines of a document that are shown before the first step of an SOP and after its last one."""


@dataclass(frozen=True, slots=True)
class Told:
    """What was inferred about a row: how sure that is (0 to 1), and why, one sentence each."""

    confidence: float
    evidence: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A row of the draft. `line` is where it stands in the document, counted from 1; None where it is not from it.

    `performer` and `decision` tell why the document was read like this; None where the draft says otherwise by now.
    `changed`: it is new, or another than in the published version.
    """

    row: ReviewRow
    line: int | None
    performer: Told | None
    decision: Told | None
    changed: bool = False

    @property
    def waits(self) -> bool:
        """Whether something was guessed that nobody has confirmed or corrected yet."""
        return bool(self.row.doubts)


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of the document, counted from 1; `step` is the id of the step whose row it belongs to, if any."""

    number: int
    text: str
    step: str | None


@dataclass(frozen=True, slots=True)
class SourcePage:
    """The document of a draft: its lines as they stand, and what was not understood in it."""

    filename: str
    added_by: str
    added_at: datetime
    lines: tuple[str, ...]
    begins: int
    """The line of the first step of this SOP, counted from 1."""
    shown: tuple[SourceLine, ...]
    """The lines around the steps of this SOP: a document may be far longer than a page."""
    problems: tuple[Problem, ...]
    """Those in the lines that are shown, and those of the whole document."""


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """A draft to be reviewed: what waits for the reviewer first, then what changed, then the rest, in order of work."""

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
    unknown_lanes: tuple[str, ...]
    """Names of lanes that mean no jabatan of the office yet."""
    jabatan: tuple[tuple[int, str], ...]
    """Ids and names of the jabatan of the office, where there are such lanes."""
    published: bool

    @property
    def waiting(self) -> int:
        """How many rows wait for the reviewer."""
        return sum(row.waits for row in self.rows)


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that the draft changes: as published and as it is now; None where it was not, or is not any more."""

    before: ReviewRow | None
    after: ReviewRow | None
    lanes: tuple[str, str]
    """Names of its lanes before and after; empty where there is none."""
    returns: tuple[str, str]
    """The steps it returned to before and after; empty where there is none."""

    @property
    def renumbered(self) -> bool:
        """Whether it says what it said, under another number: a row before it came or went."""
        before, after = self.before, self.after
        if before is None or after is None or before.node_id != after.node_id or self.lanes[0] != self.lanes[1]:
            return False
        return before.no != after.no and _says(before)[1:] == _says(after)[1:]


@dataclass(frozen=True, slots=True)
class RevisionPage:
    """What a revised document changes of the published version, or of a draft that was never published."""

    title: str
    revision: int
    rows: tuple[RowChange, ...]
    sentences: tuple[Sentence, ...]
    """The changes of the diagram in words."""
    kept: int
    """How many rows are as they were, with their boxes and places."""
    waiting: int
    filename: str

    @property
    def renumbered(self) -> int:
        """How many rows have but another number."""
        return sum(change.renumbered for change in self.rows)


def page(session: Session, who: Actor, definition_id: int) -> ReviewPage:
    """The draft of an SOP of the person's office, or its published version; NotFound otherwise. For analysts."""
    xml, revision = definitions.xml(session, who, definition_id)
    flow = parser.parse(xml)
    source = drafts.source(session, who, definition_id)
    read = _read(source)
    steps = {} if read is None else {step.step.no: step for step in inference.infer(read[1]).steps}
    published = _published(session, who, definition_id)
    changed = _changed(published, flow) if published and revision else frozenset()
    rows = [_reviewed(flow, row, steps, row.node_id in changed) for row in amending.review(flow)]
    unknown = definitions.lanes_without_jabatan(session, who, definition_id)
    return ReviewPage(
        title=flow.name or flow.pool,
        revision=revision,
        lanes=flow.lanes,
        rows=tuple(sorted(rows, key=lambda row: (not row.waits, not row.changed))),
        names=names([row.row for row in rows]),
        findings=lint.lint(flow),
        unseen=bool(session.scalar(select(Draft.unseen).where(Draft.definition_id == definition_id))),
        source=None if source is None or read is None else _source(session, source, *read, rows),
        unknown_lanes=tuple(unknown),
        jabatan=tuple(offices.names(session, who.office_id)) if unknown else (),
        published=published is not None,
    )


def names(rows: list[ReviewRow]) -> dict[str, str]:
    """The label of every step by its id, with its number."""
    return {row.node_id: f"{row.no}. {row.label}" if row.no else row.label for row in rows}


def former(session: Session, who: Actor, definition_id: int) -> Flow | None:
    """The draft as it is before it is revised, where there is no published version to compare with. For analysts."""
    xml, _ = definitions.xml(session, who, definition_id)
    return None if definitions.own(session, who, definition_id).published is not None else parser.parse(xml)


def revision(session: Session, who: Actor, definition_id: int, before: Flow | None = None) -> RevisionPage | None:
    """What the draft changes of the published version, row by row, or of `before`.

    None where there is no draft, or nothing to compare it with.
    """
    xml, number = definitions.xml(session, who, definition_id)
    before = before or _published(session, who, definition_id)
    if not number or before is None:
        return None
    after = parser.parse(xml)
    source = drafts.source(session, who, definition_id)
    changes = tuple(_row_changes(before, after))
    return RevisionPage(
        title=after.name or after.pool,
        revision=number,
        rows=changes,
        sentences=describing.described(comparing.compare(before, after), before, after),
        kept=len(amending.review(after)) - sum(change.after is not None for change in changes),
        waiting=len(amending.unseen(after)),
        filename=source.filename if source else "",
    )


def _published(session: Session, who: Actor, definition_id: int) -> Flow | None:
    definition = definitions.own(session, who, definition_id)
    version = session.scalar(
        select(Version).where(Version.definition_id == definition_id, Version.number == definition.published)
    )
    return None if version is None else definitions.process(session, version).flow


def _changed(before: Flow, after: Flow) -> frozenset[str]:
    return frozenset(change.after.node_id for change in _row_changes(before, after) if change.after)


def _row_changes(before: Flow, after: Flow) -> Iterator[RowChange]:
    """The rows that are not as they were, in order of work; at the end those that are gone.

    A row is the same where its step is. A step that is gone and a new one of the same number are one row as well.
    """
    was, now = amending.review(before), amending.review(after)
    known = {row.node_id for row in now}
    steps, called = {row.node_id: row for row in was}, (names(list(was)), names(list(now)))
    gone = {row.no: row for row in reversed(was) if row.no and row.node_id not in known}
    for row in now:
        old = steps.pop(row.node_id, None) or gone.pop(row.no, None)
        change = RowChange(
            old, row, (_lane(before, old), _lane(after, row)), (_back(called[0], old), _back(called[1], row))
        )
        if old is None or old.node_id != row.node_id or change.lanes[0] != change.lanes[1] or _says(old) != _says(row):
            yield change
        if old is not None:
            steps.pop(old.node_id, None)
    for old in steps.values():
        yield RowChange(old, None, (_lane(before, old), ""), (_back(called[0], old), ""))


def _back(called: Mapping[str, str], row: ReviewRow | None) -> str:
    return "" if row is None or row.returns_to is None else called.get(row.returns_to, row.returns_to)


def _says(row: ReviewRow) -> tuple[object, ...]:
    return row.no, row.text, row.label, row.waktu, row.returns_to


def _lane(flow: Flow, row: ReviewRow | None) -> str:
    return next((lane.name for lane in flow.lanes if row is not None and lane.id == row.lane), "")


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a document says by the readers of this release, and its lines as they stand."""

    sops: tuple[Sop, ...]
    problems: tuple[Problem, ...]
    lines: tuple[str, ...]


@lru_cache(maxsize=4)
def _reading(content: bytes, filename: str) -> _Reading | None:
    """A later release may not read a document any more. Kept, as one looks at a draft again and again."""
    try:
        document = readers.read(content, filename)
    except Refusal:
        return None
    return _Reading(document.sops, document.problems, tuple(" | ".join(line.cells) for line in text.lines(content)))


def _read(source: Source | None) -> tuple[_Reading, Sop] | None:
    """The document that a draft was drawn from, and the SOP in it."""
    reading = None if source is None else _reading(source.content, source.filename)
    if source is None or reading is None or source.part >= len(reading.sops):
        return None
    return reading, reading.sops[source.part]


def _source(session: Session, source: Source, reading: _Reading, sop: Sop, rows: list[Reviewed]) -> SourcePage:
    name = session.scalars(select(Person.name).where(Person.id == source.added_by)).one()
    lines = reading.lines
    begins = min((step.row for step in sop.steps), default=1)
    ends = max((step.row for step in sop.steps), default=1)
    shown = range(max(1, begins - BEFORE), min(len(lines), ends + AFTER) + 1)
    return SourcePage(
        source.filename,
        name,
        source.added_at,
        lines,
        begins,
        tuple(_lines(lines, shown, {row.line: row.row.node_id for row in rows if row.line}, ends)),
        tuple(problem for problem in reading.problems if problem.row is None or problem.row in shown),
    )


def _lines(lines: tuple[str, ...], shown: range, steps: Mapping[int, str], ends: int) -> Iterator[SourceLine]:
    """What follows a row up to an empty line or the next row goes on with it; what follows the last one may not."""
    step = None
    for number in shown:
        if number in steps:
            step = steps[number]
        elif number > ends or not lines[number - 1].strip(" |"):
            step = None
        yield SourceLine(number, lines[number - 1], step)


def _reviewed(flow: Flow, row: ReviewRow, steps: dict[str, InferredStep], changed: bool) -> Reviewed:
    inferred = steps.get(row.no)
    if inferred is None:
        return Reviewed(row, None, None, None, changed)
    lane = next((lane.name for lane in flow.lanes if lane.id == row.lane), "")
    performer = decision = None
    acts = inferred.several.acts if inferred.several else ()
    if lane == inferred.performer.lane or lane in {act.lane for act in acts}:
        why = inferred.several.evidence if inferred.several and acts else inferred.performer.evidence
        performer = Told(inferred.performer.confidence, why)
    if inferred.decision is not None and row.returns_to is not None:
        decision = Told(inferred.decision.confidence, inferred.decision.evidence)
    return Reviewed(row, inferred.step.row, performer, decision, changed)


def certainty(told: Told) -> Sentence:
    """How sure something is, in a word: the words of the review page and of its legend."""
    if told.confidence >= 0.9:
        return sentence("yakin")
    return sentence("cukup yakin") if told.confidence >= 0.7 else sentence("ragu")
