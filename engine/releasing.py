"""A version comes into force together with what becomes of the live runs of older ones, and later moves of such runs.

What cannot be moved stays as it is: a run that has to end by its version is no reason to keep others from the new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bpmn.wording import sentence
from engine import definitions, errors, migrating, reverting, versions
from engine.offices import Actor
from engine.states import Right
from engine.tables import Draft
from engine.versions import Verdict


@dataclass(frozen=True, slots=True)
class Moves:
    """What a move did: the id of the act, None where no run could be moved; how many were, and how many were left."""

    migration_id: int | None
    moved: int
    left: int


NOBODY = Moves(None, 0, 0)


@dataclass(frozen=True, slots=True)
class Released:
    """A version that came into force, by its number, and what was moved to it."""

    number: int
    moves: Moves


def release(
    session: Session,
    who: Actor,
    definition_id: int,
    note: str,
    revision: int | None,
    mapping: Mapping[str, str] | None,
    now: datetime,
) -> Released:
    """Publish the draft; with a mapping, be it an empty one, move all live runs that can be moved to it as well.

    `revision` is that of the draft that was looked at; None where nobody looks. Raises what `definitions.publish` and
    `migrating.move` raise, DraftConflict where somebody saved since that revision; then nothing is published.
    """
    who.require(Right.ANALYST)
    definitions.own(session, who, definition_id, lock=True)
    draft = session.get(Draft, definition_id, populate_existing=True)
    if draft is not None and revision is not None and draft.revision != revision:
        raise errors.DraftConflict(definitions.name(session, draft.saved_by))
    number = definitions.publish(session, who, definition_id, note, now)
    if mapping is None:
        return Released(number, NOBODY)
    return Released(number, _move(session, who, definition_id, number, mapping, note, now))


def move(
    session: Session, who: Actor, definition_id: int, mapping: Mapping[str, str], note: str, now: datetime
) -> Moves:
    """Move all live runs of older versions that can be moved to the one in force. NothingPublished, Invalid, TooLong.

    Invalid too where no run can be moved, or nothing is said about why.
    """
    who.require(Right.ANALYST)
    definition = definitions.own(session, who, definition_id)
    if definition.published is None:
        raise errors.NothingPublished
    if not note.strip():
        raise errors.Invalid(sentence("Tuliskan mengapa berkas dipindahkan."))
    made = _move(session, who, definition_id, definition.published, mapping, note, now)
    if made.migration_id is None:
        raise errors.Invalid(sentence("Tidak ada berkas yang dapat dipindahkan."))
    return made


def take_back(session: Session, who: Actor, migration_id: int, reason: str, now: datetime) -> None:
    """Take back a move as a whole, and say why. Invalid without a reason; raises what `reverting.revert` raises."""
    who.require(Right.ANALYST)
    reverting.own(session, who, migration_id)
    if not reason.strip():
        raise errors.Invalid(sentence("Tuliskan mengapa pemindahan ini dibatalkan."))
    reverting.revert(session, who, migration_id, reason, now)


def _move(
    session: Session, who: Actor, definition_id: int, to: int, mapping: Mapping[str, str], note: str, now: datetime
) -> Moves:
    impact = versions.impact(session, who, definition_id, to, mapping)
    able = [row.run_id for row in impact.of(Verdict.MOVES)]
    if not able:
        return Moves(None, 0, len(impact.rows))
    migration_id = migrating.move(session, who, definition_id, to, able, mapping, note, now)
    return Moves(migration_id, len(able), len(impact.rows) - len(able))
