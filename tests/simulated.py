"""Half a year of an office that was simulated, for tests that look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine import offices
from engine.database import Database
from engine.offices import Actor
from engine.simulation import Simulated, simulate
from engine.tables import Definition

RUNS = 130
"""Of which some forty are planted."""


@dataclass(frozen=True)
class HalfYear:
    """The database, and what came of the simulation."""

    database: Database
    simulated: Simulated

    @property
    def manager(self) -> Actor:
        """The manager of the office, at its end."""
        with self.database.reading() as session:
            return offices.actor(session, self.simulated.manager, self.simulated.until)

    def sop(self, process_id: str) -> int:
        """The definition of an SOP, by its process id."""
        with self.database.reading() as session:
            return session.scalars(select(Definition.id).where(Definition.process_id == process_id)).one()


def live(database: Database, until: datetime) -> HalfYear:
    """Let the office live in a database that has its tables."""
    return HalfYear(database, simulate(database, until, "rahasia", runs=RUNS))
