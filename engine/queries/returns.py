"""How often each arrow of an SOP led back."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.offices import Actor
from engine.tables import Definition, Return, Run, Version


def counts(session: Session, who: Actor, definition_id: int) -> dict[str, int]:
    """For each flow of an SOP of the person's office the number of returns by it, over all its runs and versions."""
    found = session.execute(
        select(Return.edge_id, func.count())
        .join(Run, Run.id == Return.run_id)
        .join(Version, Version.id == Run.version_id)
        .join(Definition, Definition.id == Version.definition_id)
        .where(Definition.id == definition_id, Definition.office_id == who.office_id)
        .group_by(Return.edge_id)
    )
    return {edge: times for edge, times in found}  # noqa: C416 - rows are not pairs to a type checker
