"""Diagrams that come from outside, from a modeler on a desktop or from the command line, by the id of their process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from bpmn import lint, parser
from bpmn.errors import NotBpmn
from bpmn.lint import Severity
from bpmn.wording import Sentence
from engine import definitions, errors
from engine.offices import Actor
from engine.states import Right
from engine.tables import Definition, Draft, Version


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a diagram: its line counted from 1, and the element's id, empty where it is the whole file."""

    line: int
    element: str
    severity: Severity
    message: Sentence


@dataclass(frozen=True, slots=True)
class Deployed:
    """Where a diagram is now: a draft, or the version that new runs get."""

    definition_id: int
    process_id: str
    title: str
    version: int | None
    """Its number; None for a draft."""
    at: datetime
    """When it was published, or saved as a draft."""
    changed: bool
    """Whether anything was written; not where the same bytes were there already."""


def examine(xml: bytes) -> tuple[Problem, ...]:
    """Everything that is wrong in a diagram; it cannot be deployed where one of it is an error."""
    try:
        flow = parser.parse(xml)
        lines = parser.lines(xml)
    except NotBpmn as refused:
        facts = refused.sentence.facts
        return (Problem(int(str(facts.get("line", 1))), str(facts.get("id", "")), Severity.ERROR, refused.sentence),)
    return tuple(
        Problem(lines.get(found.element, 1), found.element, found.severity, found.message) for found in lint.lint(flow)
    )


def deploy(session: Session, who: Actor, xml: bytes, note: str, now: datetime, *, publish: bool) -> Deployed:
    """Make a diagram the draft of the SOP whose process id it has, or of a new one; `publish` it with that note.

    The same bytes again change nothing. Unlike a draft that is saved in the browser it must be whole. Raises NotBpmn,
    DiagramRefused, DraftOfAnother where somebody else works on a draft, and what `definitions.publish` raises.
    """
    who.require(Right.ANALYST)
    flow = parser.parse(xml)
    lint.refuse_errors(flow)
    definition = session.scalar(
        select(Definition)
        .where(Definition.office_id == who.office_id, Definition.process_id == flow.process_id)
        .with_for_update()
    )
    if definition is None:
        definition = definitions.own(session, who, definitions.add(session, who, xml, now))
        changed = True
    else:
        changed = _save(session, who, definition, xml, now)
    draft = session.get(Draft, definition.id)
    if draft is not None and not publish:
        return _deployed(definition, None, draft.saved_at, changed=changed)
    if draft is not None:
        definitions.publish(session, who, definition.id, note, now)
        changed = True
    return _deployed(definition, definition.published, _published(session, definition).published_at, changed=changed)


def require_in_force(session: Session, who: Actor, definition_id: int, version: int | None) -> str:
    """Raise unless that version of the SOP is the one that new runs get, as a draft (None) never is; the SOP's title.

    NotFound, VersionNotInForce.
    """
    definition = definitions.own(session, who, definition_id)
    if version is None or definition.published != version:
        raise errors.VersionNotInForce(version, definition.published)
    return definition.title


def _save(session: Session, who: Actor, definition: Definition, xml: bytes, now: datetime) -> bool:
    """Save the draft of a definition that is there; whether these were not the bytes it has."""
    draft = session.get(Draft, definition.id, populate_existing=True)
    if xml == (draft.xml if draft else _published(session, definition).xml):
        return False
    if draft is not None and draft.saved_by != who.id:
        raise errors.DraftOfAnother(definition.title, definitions.name(session, draft.saved_by))
    definitions.save_draft(session, who, definition.id, xml, draft.revision if draft else 0, now)
    return True


def _published(session: Session, definition: Definition) -> Version:
    return session.scalars(
        select(Version)
        .where(Version.definition_id == definition.id, Version.number == definition.published)
        .options(undefer(Version.xml))
    ).one()


def _deployed(definition: Definition, version: int | None, at: datetime, *, changed: bool) -> Deployed:
    return Deployed(definition.id, definition.process_id, definition.title, version, at, changed)
