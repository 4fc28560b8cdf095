"""The SOPs of an office: the list, and one with its versions and its draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from bpmn import amending, parser
from bpmn.flow import Node
from engine import definitions, errors, spiff
from engine.offices import Actor
from engine.states import Right, RunState
from engine.tables import Definition, Draft, Person, Run, Version

_saver = aliased(Person)


@dataclass(frozen=True, slots=True)
class SopRow:
    """An SOP as the list shows it. `version` is None until it is published; `live` counts its running runs.

    `retired`: it is no longer in force, so nobody starts runs of it.
    """

    id: int
    title: str
    number: str
    version: int | None
    has_draft: bool
    live: int
    may_start: bool
    retired: bool


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A published version."""

    id: int
    number: int
    note: str
    published_by: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class DraftRow:
    """The draft of an SOP: its revision, who saved it last, and what an analyst has yet to look at.

    `waiting` rows were guessed at and confirmed by nobody; `unseen`: it came from a document, and nobody has said yet
    to have looked at all of it.
    """

    revision: int
    saved_by: str
    saved_at: datetime
    waiting: int
    unseen: bool


@dataclass(frozen=True, slots=True)
class SopPage:
    """One SOP in full. `lanes_without_jabatan` stand in the way of publishing its draft."""

    row: SopRow
    versions: tuple[VersionRow, ...]
    draft: DraftRow | None
    lanes_without_jabatan: tuple[str, ...]
    may_edit: bool


@dataclass(frozen=True, slots=True)
class FirstStep:
    """A step with which runs of an SOP begin: whose it is, and what it asks for, in the words of the SOP."""

    name: str
    jabatan: str
    kelengkapan: str
    documents: tuple[str, ...]
    """Names of the diagram's documents that it needs."""


def sops(session: Session, who: Actor) -> tuple[SopRow, ...]:
    """The SOPs of the person's office by title; those without a version only for analysts."""
    query = _rows().where(Definition.office_id == who.office_id).order_by(Definition.title, Definition.id)
    if not who.may(Right.ANALYST):
        query = query.where(Definition.published.is_not(None))
    return tuple(_row(who, found) for found in session.execute(query))


def titles(session: Session, who: Actor) -> tuple[tuple[int, str], ...]:
    """Ids and titles of the office's published SOPs, by title."""
    found = session.execute(
        select(Definition.id, Definition.title)
        .where(Definition.office_id == who.office_id, Definition.published.is_not(None))
        .order_by(Definition.title, Definition.id)
    )
    return tuple((row.id, row.title) for row in found)


def one(session: Session, who: Actor, definition_id: int) -> SopPage:
    """One SOP of the person's office; NotFound otherwise, and where it is unpublished and the person no analyst."""
    found = session.execute(
        _rows().where(Definition.id == definition_id, Definition.office_id == who.office_id)
    ).one_or_none()
    if found is None or (found.published is None and not who.may(Right.ANALYST)):
        raise errors.NotFound
    may_edit = who.may(Right.ANALYST)
    missing = definitions.lanes_without_jabatan(session, who, definition_id) if may_edit else []
    return SopPage(
        row=_row(who, found),
        versions=_versions(session, definition_id),
        draft=_draft(session, definition_id) if may_edit else None,
        lanes_without_jabatan=tuple(missing),
        may_edit=may_edit,
    )


def first_steps(session: Session, who: Actor, definition_id: int) -> tuple[FirstStep, ...]:
    """The steps with which runs of the published version begin; none where nothing is published."""
    definition = definitions.own(session, who, definition_id)
    version = definitions.published(session, who.office_id, definition.process_id)
    if version is None:
        return ()
    process = definitions.process(session, version)
    begun = dict.fromkeys(task.node_id for task in spiff.start(process).waiting)
    return tuple(_first_step(process, process.tasks[node_id]) for node_id in begun)


def _first_step(process: spiff.Process, node: Node) -> FirstStep:
    return FirstStep(
        name=node.name,
        jabatan=process.flow.lane(node.lane).name if node.lane else "",
        kelengkapan=node.properties.get("kelengkapan", ""),
        documents=node.reads,
    )


def _rows() -> Select[*tuple[Any, ...]]:
    live = (
        select(func.count())
        .select_from(Run)
        .join(Version, Version.id == Run.version_id)
        .where(Version.definition_id == Definition.id, Run.state == RunState.RUNNING)
        .scalar_subquery()
    )
    return (
        select(
            Definition.id,
            Definition.title,
            Definition.number,
            Definition.published,
            Definition.retired_at,
            Draft.revision,
            live.label("live"),
            Version.starters,
        )
        .select_from(Definition)
        .outerjoin(Draft, Draft.definition_id == Definition.id)
        .outerjoin(Version, and_(Version.definition_id == Definition.id, Version.number == Definition.published))
    )


def _row(who: Actor, found: Any) -> SopRow:
    return SopRow(
        id=found.id,
        title=found.title,
        number=found.number,
        version=found.published,
        has_draft=found.revision is not None,
        live=found.live,
        may_start=found.retired_at is None and any(jabatan in who.held for jabatan in found.starters or ()),
        retired=found.retired_at is not None,
    )


def _versions(session: Session, definition_id: int) -> tuple[VersionRow, ...]:
    found = session.execute(
        select(Version.id, Version.number, Version.note, Person.name, Version.published_at)
        .join(Person, Person.id == Version.published_by)
        .where(Version.definition_id == definition_id)
        .order_by(Version.number.desc())
    )
    return tuple(VersionRow(*row) for row in found)


def _draft(session: Session, definition_id: int) -> DraftRow | None:
    found = session.execute(
        select(Draft.revision, _saver.name, Draft.saved_at, Draft.xml, Draft.unseen)
        .join(_saver, _saver.id == Draft.saved_by)
        .where(Draft.definition_id == definition_id)
    ).one_or_none()
    if found is None:
        return None
    waiting = len(amending.unseen(parser.parse(found.xml)))
    return DraftRow(found.revision, found.name, found.saved_at, waiting, found.unseen)
