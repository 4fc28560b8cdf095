"""Definitions (SOPs): the list, one, its versions with diagrams and findings; diagrams sent as drafts or versions."""

from __future__ import annotations

from typing import Annotated

from flask import Response
from msgspec import Meta

from bpmn.lint import Severity
from engine import definitions, deploying, tokens
from engine.definitions import NOTE_LIMIT
from engine.deploying import Problem
from engine.queries import catalogue
from engine.queries.catalogue import DraftRow, SopRow, VersionRow
from engine.states import Right
from web.api import asking, shapes
from web.api.operations import get, post
from web.api.problems import FieldError, Unfit
from web.api.shapes import Given, Id, Moment, Paged, Taken
from web.edge import Act
from web.language import told

XML = "application/xml"

XML_LIMIT = 5 * 1024 * 1024
"""Bytes of a diagram."""


class Definition(Given, frozen=True):
    """An SOP. `version` is null until it is published; `live` counts its running runs.

    `may_start`: the token's owner may start a run of it. `retired`: it is no longer in force.
    """

    id: Id
    title: str
    number: str
    version: int | None
    has_draft: bool
    live: int
    may_start: bool
    retired: bool


class DefinitionList(Given, frozen=True):
    """A page of SOPs."""

    items: tuple[Definition, ...]
    next: str | None


class Version(Given, frozen=True):
    """A published version; `number` counts those of its SOP."""

    id: Id
    number: int
    note: str
    published_by: str
    published_at: Moment


class VersionList(Given, frozen=True):
    """A page of versions, the newest first."""

    items: tuple[Version, ...]
    next: str | None


class Draft(Given, frozen=True):
    """What is not published yet; for analysts. `waiting` rows were guessed at and confirmed by nobody."""

    revision: int
    saved_by: str
    saved_at: Moment
    waiting: int
    unseen: bool


class DefinitionDetail(Given, frozen=True):
    """One SOP. `lanes_without_jabatan` stand in the way of publishing its draft."""

    definition: Definition
    draft: Draft | None
    lanes_without_jabatan: tuple[str, ...]
    may_edit: bool


class Finding(Given, frozen=True):
    """Something wrong in a diagram: where, how bad, and what to do about it."""

    line: int
    element: str
    severity: Severity
    message: str


class FindingList(Given, frozen=True):
    """All findings of a diagram, at most as many as it has elements and rules."""

    items: tuple[Finding, ...]


class VersionQuery(Taken, frozen=True):
    """What changed and why, for everybody to read."""

    note: Annotated[str, Meta(min_length=1, max_length=NOTE_LIMIT, description="What changed, and why.")]


class Deployed(Given, frozen=True):
    """Where a diagram is now: a draft (`version` is null), or the version that new runs get.

    `changed`: not where the same bytes were there already.
    """

    definition_id: Id
    process_id: str
    title: str
    version: int | None
    at: Moment
    changed: bool


@get("/definitions", tokens.DEFINITIONS)
def list_definitions(act: Act, query: Paged) -> DefinitionList:
    """List the SOPs of the office by title.

    Those that were never published are shown to analysts only.
    """
    rows, following = shapes.cut(catalogue.sops(act.session, act.who), lambda row: row.id, query)
    return DefinitionList(items=tuple(map(_definition, rows)), next=following)


@get("/definitions/{definition_id}", tokens.DEFINITIONS)
def get_definition(act: Act, definition_id: int) -> DefinitionDetail:
    """Read one SOP, for analysts with its draft."""
    found = catalogue.one(act.session, act.who, definition_id)
    return DefinitionDetail(
        definition=_definition(found.row),
        draft=_draft(found.draft),
        lanes_without_jabatan=found.lanes_without_jabatan,
        may_edit=found.may_edit,
    )


@get("/definitions/{definition_id}/versions", tokens.DEFINITIONS)
def list_versions(act: Act, definition_id: int, query: Paged) -> VersionList:
    """List the versions of an SOP, the newest first."""
    found = catalogue.one(act.session, act.who, definition_id).versions
    rows, following = shapes.cut(found, lambda row: row.id, query)
    return VersionList(items=tuple(map(_version, rows)), next=following)


@get("/versions/{version_id}/bpmn", tokens.DEFINITIONS, gives=XML)
def get_diagram(act: Act, version_id: int) -> Response:
    """Download the diagram of a version, as BPMN 2.0."""
    xml = definitions.version_xml(act.session, act.who, version_id)
    headers = {"Content-Disposition": f'attachment; filename="versi-{version_id}.bpmn"'}
    return Response(xml, mimetype=XML, headers=headers)


@get("/versions/{version_id}/findings", tokens.DEFINITIONS)
def list_findings(act: Act, version_id: int) -> FindingList:
    """Read what the rules find in the diagram of a version."""
    found = deploying.examine(definitions.version_xml(act.session, act.who, version_id))
    return FindingList(items=tuple(map(_finding, found)))


@post("/drafts", tokens.DEPLOY, takes=XML)
def send_draft(act: Act) -> Deployed:
    """Make a diagram the draft of the SOP whose process id it has, or of a new one.

    For analysts. Where somebody else works on a draft of that SOP, it is not replaced.
    """
    return _deploy(act, "", publish=False)


@post("/versions", tokens.PUBLISH, takes=XML)
def publish_version(act: Act, query: VersionQuery) -> Deployed:
    """Publish a diagram as the next version of the SOP whose process id it has, or as the first of a new one.

    For analysts. Runs that live go on by the version they have.
    """
    return _deploy(act, shapes.clean(query.note), publish=True)


def _deploy(act: Act, note: str, *, publish: bool) -> Deployed:
    act.who.require(Right.ANALYST)
    xml = asking.body(XML, XML_LIMIT)
    wrong = [problem for problem in deploying.examine(xml) if problem.severity is Severity.ERROR]
    if wrong:
        raise Unfit(*(FieldError(problem.element, told(problem.message), problem.line) for problem in wrong))
    made = deploying.deploy(act.session, act.who, xml, note, act.now, publish=publish)
    return Deployed(
        definition_id=made.definition_id,
        process_id=made.process_id,
        title=made.title,
        version=made.version,
        at=shapes.moment(made.at),
        changed=made.changed,
    )


def _definition(row: SopRow) -> Definition:
    return Definition(
        id=row.id,
        title=row.title,
        number=row.number,
        version=row.version,
        has_draft=row.has_draft,
        live=row.live,
        may_start=row.may_start,
        retired=row.retired,
    )


def _version(row: VersionRow) -> Version:
    return Version(
        id=row.id,
        number=row.number,
        note=row.note,
        published_by=row.published_by,
        published_at=shapes.moment(row.published_at),
    )


def _draft(row: DraftRow | None) -> Draft | None:
    if row is None:
        return None
    return Draft(
        revision=row.revision,
        saved_by=row.saved_by,
        saved_at=shapes.moment(row.saved_at),
        waiting=row.waiting,
        unseen=row.unseen,
    )


def _finding(found: Problem) -> Finding:
    return Finding(line=found.line, element=found.element, severity=found.severity, message=told(found.message))
