"""What was counted by months, written down by hand: a past without the runs that it came of."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from engine.tables import FlowTally, StepTally
from tests.engine.conftest import Office

MONTH = date(2026, 11, 1)
"""The month in which tests happen."""


def step(
    session: Session,
    office: Office,
    definition: int,
    node_id: str,
    taken: dict[str, int],
    month: date = MONTH,
    jabatan: str = "Camat",
    **more: int,
) -> None:
    """Tasks of a step that took so long, none of them waited for, all with a deadline and in time unless told."""
    finished = sum(taken.values())
    figures = {"timed": finished, "on_time": finished, "returned": 0, "redone": 0, "waiting": 0, "working": 0, **more}
    session.add(
        StepTally(
            definition_id=definition,
            node_id=node_id,
            jabatan_id=office.jabatan[jabatan],
            month=month,
            office_id=office.id,
            finished=finished,
            waited={"0": finished},
            worked=taken,
            taken=taken,
            **figures,
        )
    )
    session.flush()


def flow(session: Session, definition: int, edge_id: str, passed: int, month: date = MONTH) -> None:
    """A flow that was gone along so often."""
    session.add(FlowTally(definition_id=definition, edge_id=edge_id, month=month, passed=passed))
    session.flush()
