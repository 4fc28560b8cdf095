"""SOPs as processes: drafts that analysts edit, and versions that run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer

from bpmn import amending, lint, parser
from bpmn.flow import Flow
from bpmn.wording import sentence
from engine import errors, offices, spiff, timers
from engine.offices import Actor
from engine.states import Right
from engine.tables import Definition, Draft, Person, Version

NOTE_LIMIT = 2000
"""Characters of the note of a version."""


def add(session: Session, who: Actor, xml: bytes, now: datetime) -> int:
    """A new definition with a first draft, from a whole diagram; its id.

    Raises NotBpmn or DiagramRefused for a diagram that could not run, SopExists where the office has its process id.
    """
    who.require(Right.ANALYST)
    flow = parser.parse(xml)
    lint.refuse_errors(flow)
    definition = Definition(
        office_id=who.office_id,
        process_id=flow.process_id,
        title=_title(flow),
        number=_number(flow),
        published=None,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(definition)
    except IntegrityError as taken:
        raise errors.SopExists(_title(flow)) from taken
    session.add(Draft(definition_id=definition.id, xml=xml, revision=1, saved_by=who.id, saved_at=now))
    session.flush()
    return definition.id


def save_draft(
    session: Session, who: Actor, definition_id: int, xml: bytes, revision: int, now: datetime
) -> tuple[int, tuple[lint.Finding, ...]]:
    """Keep an edited diagram; its new revision, and what the rules find in it.

    `revision` is that of the draft that was opened, 0 where there was none. Work in progress may break rules, but not
    the one that says which elements exist here: NotBpmn, DiagramRefused. DraftConflict where somebody saved in between.
    """
    who.require(Right.ANALYST)
    definition = own(session, who, definition_id, lock=True)  # a first draft has no row yet to lock
    flow = parser.parse(xml)
    _refuse_foreign(definition, flow)
    lint.refuse_elements(flow)
    draft = session.get(Draft, definition_id, populate_existing=True)
    if (draft.revision if draft else 0) != revision:
        raise errors.DraftConflict(name(session, draft.saved_by) if draft else "-")
    if draft is None:
        draft = Draft(definition_id=definition_id)
        session.add(draft)
    draft.xml, draft.revision, draft.saved_by, draft.saved_at = xml, revision + 1, who.id, now
    session.flush()
    return draft.revision, lint.lint(flow)


def publish(session: Session, who: Actor, definition_id: int, note: str, now: datetime) -> int:
    """Make the draft the version that new runs get; its number. The draft is used up, live runs keep their version.

    Raises DraftMissing, DiagramRefused where a rule is broken, UnseenGuesses and NotReviewed where an analyst
    has yet to look at what was inferred, LaneWithoutJabatan where a lane names no jabatan. A retired SOP is in force
    again.
    """
    who.require(Right.ANALYST)
    definition = own(session, who, definition_id, lock=True)
    draft = session.get(Draft, definition_id)
    if draft is None:
        raise errors.DraftMissing
    note = note.strip()
    if not note:
        raise errors.Invalid(sentence("Catatan versi wajib diisi: tuliskan apa yang berubah dan mengapa."))
    if len(note) > NOTE_LIMIT:
        raise errors.TooLong(sentence("Catatan versi"), NOTE_LIMIT)
    flow = parser.parse(draft.xml)
    lint.refuse_errors(flow)
    refuse_unseen(flow)
    if draft.unseen:
        raise errors.NotReviewed
    _check_calls(session, who.office_id, flow)
    process = spiff.prepare(flow)
    lanes = _jabatan_of_lanes(session, who.office_id, flow)
    number = 1 + (session.scalar(select(func.max(Version.number)).where(Version.definition_id == definition_id)) or 0)
    session.add(
        Version(
            definition_id=definition_id,
            number=number,
            xml=draft.xml,
            sha256=sha256(draft.xml).hexdigest(),
            lanes=lanes,
            starters=sorted({lanes[str(process.tasks[task.node_id].lane)] for task in spiff.start(process).waiting}),
            note=note,
            published_by=who.id,
            published_at=now,
        )
    )
    definition.published, definition.title, definition.number = number, _title(flow), _number(flow)
    definition.next_start, definition.retired_at = timers.next_start(flow, now, who.calendar), None
    session.delete(draft)
    session.flush()
    return number


def retire(session: Session, who: Actor, definition_id: int, now: datetime) -> None:
    """Take an SOP out of force: nobody starts runs of it any more, live ones go on. NothingPublished before that."""
    who.require(Right.ANALYST)
    definition = own(session, who, definition_id, lock=True)
    if definition.published is None:
        raise errors.NothingPublished
    definition.retired_at, definition.next_start = definition.retired_at or now, None


def reinstate(session: Session, who: Actor, definition_id: int, now: datetime) -> None:
    """Put a retired SOP into force again, in the version it had."""
    who.require(Right.ANALYST)
    definition = own(session, who, definition_id, lock=True)
    version = session.scalar(
        select(Version).where(Version.definition_id == definition_id, Version.number == definition.published)
    )
    if version is None:
        raise errors.NothingPublished
    definition.retired_at = None
    definition.next_start = timers.next_start(process(session, version).flow, now, who.calendar)


def published(session: Session, office_id: int, process_id: str) -> Version | None:
    """The version that new runs of an SOP of the office get, by the id of its process; None for a retired one."""
    return session.scalar(
        select(Version)
        .join(Definition, (Definition.id == Version.definition_id) & (Definition.published == Version.number))
        .where(Definition.office_id == office_id, Definition.process_id == process_id, Definition.retired_at.is_(None))
    )


def add_missing_jabatan(session: Session, who: Actor, definition_id: int) -> list[str]:
    """Make a jabatan of each lane of the draft that names none; their names."""
    who.require(Right.ANALYST)
    own(session, who, definition_id)
    names = lanes_without_jabatan(session, who, definition_id)
    for name in names:
        offices.add_jabatan(session, who.office_id, name)
    return names


def name_lanes(session: Session, who: Actor, definition_id: int, chosen: Mapping[str, int | None]) -> None:
    """Say what lanes of the draft mean that name no jabatan: the id of a jabatan of the office, or None for a new one.

    The name of the lane becomes another name of that jabatan. A lane that means a jabatan by now stays as it is.
    """
    who.require(Right.ANALYST)
    own(session, who, definition_id)
    for name in lanes_without_jabatan(session, who, definition_id):
        if name not in chosen:
            continue
        jabatan_id = chosen[name]
        if jabatan_id is None:
            offices.add_jabatan(session, who.office_id, name)
        else:
            offices.add_alias(session, who.office_id, name, jabatan_id)


def lanes_without_jabatan(session: Session, who: Actor, definition_id: int) -> list[str]:
    """Names of the lanes of the draft that name no jabatan of the office."""
    draft = session.get(Draft, definition_id)
    if draft is None:
        return []
    lanes = parser.parse(draft.xml).lanes
    names = dict.fromkeys(lane.name for lane in lanes if lane.name)
    return [name for name in names if offices.jabatan_for(session, who.office_id, name) is None]


def refuse_unseen(flow: Flow) -> None:
    """Raise UnseenGuesses where something was inferred that no analyst has confirmed or corrected."""
    if unseen := amending.unseen(flow):
        raise errors.UnseenGuesses(len(unseen), flow.node(unseen[0]).name)


def xml(session: Session, who: Actor, definition_id: int) -> tuple[bytes, int]:
    """The diagram to edit and its draft revision: the draft, else (revision 0) the published version."""
    who.require(Right.ANALYST)
    definition = own(session, who, definition_id)
    draft = session.get(Draft, definition_id)
    if draft is not None:
        return draft.xml, draft.revision
    version = session.scalars(
        select(Version)
        .where(Version.definition_id == definition_id, Version.number == definition.published)
        .options(undefer(Version.xml))
    ).one()
    return version.xml, 0


def version_xml(session: Session, who: Actor, version_id: int) -> bytes:
    """The diagram of a version of the office."""
    found = session.scalar(
        select(Version.xml)
        .join(Definition, Definition.id == Version.definition_id)
        .where(Version.id == version_id, Definition.office_id == who.office_id)
    )
    if found is None:
        raise errors.NotFound
    return found


def own(session: Session, who: Actor, definition_id: int, *, lock: bool = False) -> Definition:
    """A definition of the person's office, NotFound otherwise."""
    query = select(Definition).where(Definition.id == definition_id, Definition.office_id == who.office_id)
    definition = session.scalar(query.with_for_update() if lock else query)
    if definition is None:
        raise errors.NotFound
    return definition


def process(session: Session, version: Version) -> spiff.Process:
    """The version, ready to run."""
    return spiff.process(version.sha256, lambda: _xml_of(session, version.id))


def _xml_of(session: Session, version_id: int) -> bytes:
    return session.scalars(select(Version.xml).where(Version.id == version_id)).one()


def _jabatan_of_lanes(session: Session, office_id: int, flow: Flow) -> dict[str, int]:
    found = {lane.id: offices.jabatan_for(session, office_id, lane.name) for lane in flow.lanes}
    missing = [lane.name for lane in flow.lanes if found[lane.id] is None]
    if missing:
        raise errors.LaneWithoutJabatan(", ".join(f"“{name}”" for name in dict.fromkeys(missing)))
    return {lane: jabatan for lane, jabatan in found.items() if jabatan is not None}


def _check_calls(session: Session, office_id: int, flow: Flow) -> None:
    """Every SOP that is called is published, and none of them calls this one, not even by way of others."""
    seen: set[str] = set()
    todo = [node.calls for node in flow.nodes if node.calls]
    while todo:
        called = todo.pop()
        if called in seen:
            continue
        seen.add(called)
        if called == flow.process_id:
            raise errors.CallsItself(called)
        version = published(session, office_id, called)
        if version is None:
            raise errors.CalledSopMissing(called)
        todo += [node.calls for node in process(session, version).flow.nodes if node.calls]


def _refuse_foreign(definition: Definition, flow: Flow) -> None:
    if flow.process_id != definition.process_id:
        raise errors.Invalid(
            sentence(
                "Diagram ini milik proses “%(other)s”, bukan “%(own)s”."
                " Buka SOP yang sesuai, atau kembalikan id prosesnya.",
                other=flow.process_id,
                own=definition.process_id,
            )
        )


def _title(flow: Flow) -> str:
    return (flow.name or flow.pool or flow.process_id)[:300]


def _number(flow: Flow) -> str:
    return flow.properties.get("nomor", "")[:120]


def name(session: Session, person_id: int) -> str:
    """What somebody is called."""
    return session.scalars(select(Person.name).where(Person.id == person_id)).one()
