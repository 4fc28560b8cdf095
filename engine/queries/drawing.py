"""What the modeler asks while somebody draws: what is wrong so far, which jabatan there are, who saved meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn import lint, parser
from bpmn.flow import Flow
from bpmn.lint import Finding, Severity
from bpmn.wording import sentence
from engine import definitions, offices
from engine.offices import Actor
from engine.states import Right
from engine.tables import Draft, Jabatan, Person


@dataclass(frozen=True, slots=True)
class Stored:
    """The diagram that is kept, all of it read at one moment. Of a published version, revision 0, nobody is told."""

    xml: bytes
    revision: int
    saved_by: str | None
    saved_at: datetime | None


def stored(session: Session, who: Actor, definition_id: int) -> Stored:
    """What whoever opens the SOP in the modeler now gets. Raises NotFound for one of another office."""
    xml, revision = definitions.xml(session, who, definition_id)
    saved = session.execute(
        select(Person.name, Draft.saved_at)
        .join(Draft, Draft.saved_by == Person.id)
        .where(Draft.definition_id == definition_id)
    ).one_or_none()
    return Stored(xml, revision, saved.name if saved else None, saved.saved_at if saved else None)


def findings(session: Session, who: Actor, xml: bytes) -> tuple[Finding, ...]:
    """What the rules find in a diagram, saved or not, and its lanes that stand in the way of publishing it.

    Raises NotBpmn for what cannot be read at all.
    """
    who.require(Right.ANALYST)
    flow = parser.parse(xml)
    return (*lint.lint(flow), *_lanes_without_jabatan(session, who, flow))


def jabatan(session: Session, who: Actor) -> tuple[str, ...]:
    """The names of the office's jabatan, which lanes are called by."""
    who.require(Right.ANALYST)
    return tuple(session.scalars(select(Jabatan.name).where(Jabatan.office_id == who.office_id).order_by(Jabatan.name)))


def _lanes_without_jabatan(session: Session, who: Actor, flow: Flow) -> list[Finding]:
    return [
        Finding(
            "lane_without_jabatan",
            Severity.WARNING,
            lane.id,
            sentence(
                "Lajur “%(lane)s” bukan nama jabatan di kantor ini; pilih jabatannya, atau tambahkan jabatan itu "
                "sebelum menerbitkan.",
                lane=lane.name,
            ),
        )
        for lane in flow.lanes
        if lane.name.strip() and offices.jabatan_for(session, who.office_id, lane.name) is None
    ]
