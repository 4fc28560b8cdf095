"""Drafts that come from documents: read, corrected row by row, brought up to date with a revised document, given up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, undefer

from bpmn import amending, documents, lint, parser, revising
from bpmn.amending import Correction
from bpmn.documents import Translated
from bpmn.flow import Flow
from bpmn.wording import sentence
from engine import definitions, errors
from engine.offices import Actor
from engine.states import Right
from engine.tables import Definition, Draft, Source, Version

FILENAME_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Corrected:
    """A draft after a correction: its new revision, what it says, and what the rules find in it."""

    revision: int
    flow: Flow
    findings: tuple[lint.Finding, ...]


def add_document(session: Session, who: Actor, content: bytes, name: str, now: datetime) -> tuple[int, ...]:
    """New definitions with first drafts, from an SOP document (one for each SOP in it) or a diagram; their ids.

    Raises what `documents.read` and `definitions.add` raise; the caller's transaction then keeps none of them.
    """
    who.require(Right.ANALYST)
    if documents.is_diagram(content, name):
        return (definitions.add(session, who, content, now),)
    made = []
    for part, one in enumerate(documents.translate(content, name)):
        made.append(definitions.add(session, who, one.xml, now))
        _keep(session, who, made[-1], content, name, part, now)
    return tuple(made)


def correct(
    session: Session, who: Actor, definition_id: int, corrections: Iterable[Correction], revision: int, now: datetime
) -> Corrected:
    """Correct the draft row by row. `revision` is that of the draft that was looked at.

    Nothing is saved where the draft says all of it already. Raises CorrectionRefused, DraftConflict where somebody
    saved in between.
    """
    xml, current = definitions.xml(session, who, definition_id)
    if current != revision:
        raise _conflict(session, definition_id)
    flow = parser.parse(xml)
    made = amending.corrected(xml, _different(flow, corrections))
    if made == xml:
        return Corrected(revision, flow, lint.lint(flow))
    saved, findings = definitions.save_draft(session, who, definition_id, made, revision, now)
    return Corrected(saved, parser.parse(made), findings)


def confirm(session: Session, who: Actor, definition_id: int, revision: int) -> None:
    """An analyst has looked at the whole draft. DraftMissing, DraftConflict, UnseenGuesses where doubts are left."""
    draft = _own(session, who, definition_id, revision)
    definitions.refuse_unseen(parser.parse(draft.xml))
    draft.unseen = False


def revise(
    session: Session,
    who: Actor,
    definition_id: int,
    content: bytes,
    name: str,
    revision: int,
    now: datetime,
    *,
    over_draft: bool = False,
) -> int:
    """Bring the SOP up to date with a revised document or diagram; the revision of its draft then.

    What did not change keeps id, place and name. Of a document with several SOPs the one of the same number and title
    is taken, or of the same title; Invalid where there is none. DraftInTheWay where there is a draft and it was not
    said that it may be changed, as what it was does not come back; DraftConflict where somebody saved in between.
    """
    xml, current = definitions.xml(session, who, definition_id)
    if current and not over_draft:
        raise errors.DraftInTheWay
    if documents.is_diagram(content, name):
        return definitions.save_draft(session, who, definition_id, content, revision, now)[0]
    part, found = _same(definitions.own(session, who, definition_id), documents.translate(content, name))
    made = revising.over(xml, replace(found.flow, process_id=parser.parse(xml).process_id))
    lint.refuse_errors(parser.parse(made))
    saved, _ = definitions.save_draft(session, who, definition_id, made, revision, now)
    _keep(session, who, definition_id, content, name, part, now)
    return saved


def discard(session: Session, who: Actor, definition_id: int, revision: int) -> bool:
    """Give up the draft; whether the SOP is still there. One that was never published goes with its draft.

    Raises DraftMissing, DraftConflict where somebody saved since that revision.
    """
    draft = _own(session, who, definition_id, revision)
    session.delete(draft)
    session.flush()
    definition = definitions.own(session, who, definition_id)
    if definition.published is not None:
        since = select(func.max(Version.published_at)).where(Version.definition_id == definition_id).scalar_subquery()
        session.execute(delete(Source).where(Source.definition_id == definition_id, Source.added_at > since))
        return True
    session.execute(delete(Source).where(Source.definition_id == definition_id))
    session.delete(definition)
    session.flush()
    return False


def source(session: Session, who: Actor, definition_id: int) -> Source | None:
    """The document that a definition of the person's office was last drawn from, with its content."""
    definitions.own(session, who, definition_id)
    newest = select(func.max(Source.id)).where(Source.definition_id == definition_id).scalar_subquery()
    return session.scalar(select(Source).where(Source.id == newest).options(undefer(Source.content)))


def together(session: Session, who: Actor, definition_id: int) -> tuple[tuple[int, str], ...]:
    """Ids and titles of the SOPs that were read from the same document at once and still have a draft, in its order.

    None of them where the SOP has no draft, or is alone.
    """
    own = source(session, who, definition_id)
    if own is None:
        return ()
    found = session.execute(
        select(Definition.id, Definition.title)
        .join(Source, Source.definition_id == Definition.id)
        .join(Draft, Draft.definition_id == Definition.id)
        .where(
            Definition.office_id == who.office_id,
            Source.added_by == own.added_by,
            Source.added_at == own.added_at,
            Source.filename == own.filename,
            func.length(Source.content) == len(own.content),
        )
        .order_by(Source.part)
    )
    rows = tuple((row.id, row.title) for row in found)
    return rows if len(rows) > 1 and definition_id in dict(rows) else ()


def _different(flow: Flow, corrections: Iterable[Correction]) -> list[Correction]:
    """The corrections without what the flow says already: to compare is cheap, to amend is not."""
    corrections = list(corrections)
    rows = {row.node_id: row for row in amending.review(flow)} if corrections else {}
    return [_new(rows[one.node_id], one) if one.node_id in rows else one for one in corrections]


def _new(row: amending.ReviewRow, said: Correction) -> Correction:
    return Correction(
        said.node_id,
        None if said.label == row.label else said.label,
        None if said.lane == row.lane else said.lane,
        None if said.waktu == row.waktu else said.waktu,
        None if said.returns_to == (row.returns_to or "") else said.returns_to,
        said.seen and bool(row.doubts),
    )


def _conflict(session: Session, definition_id: int) -> errors.DraftConflict:
    draft = session.get(Draft, definition_id)
    return errors.DraftConflict(definitions.name(session, draft.saved_by) if draft else "-")


def _own(session: Session, who: Actor, definition_id: int, revision: int) -> Draft:
    """The draft of that revision, locked."""
    who.require(Right.ANALYST)
    definitions.own(session, who, definition_id, lock=True)
    draft = session.get(Draft, definition_id, populate_existing=True)
    if draft is None:
        raise errors.DraftMissing
    if draft.revision != revision:
        raise errors.DraftConflict(definitions.name(session, draft.saved_by))
    return draft


def _keep(
    session: Session, who: Actor, definition_id: int, content: bytes, name: str, part: int, now: datetime
) -> None:
    """Note the document that a draft was just drawn from: somebody has to look at it now."""
    session.add(
        Source(
            definition_id=definition_id,
            filename=name[:FILENAME_LIMIT],
            content=content,
            part=part,
            added_by=who.id,
            added_at=now,
        )
    )
    session.get_one(Draft, definition_id).unseen = True
    session.flush()


def _same(definition: Definition, found: tuple[Translated, ...]) -> tuple[int, Translated]:
    """The SOP of a document that is this one, and its place."""
    title = definition.title.casefold()
    for same in (
        [one for one in found if one.flow.process_id == definition.process_id],
        [one for one in found if one.flow.name.casefold() == title],
        found if len(found) == 1 else (),
    ):
        if len(same) == 1:
            return found.index(same[0]), same[0]
    raise errors.Invalid(
        sentence(
            "Dokumen itu memuat %(count)d SOP, tetapi tidak satu pun berjudul “%(title)s”."
            " Unggah dokumen yang memuat SOP itu.",
            count=len(found),
            title=definition.title,
        )
    )
