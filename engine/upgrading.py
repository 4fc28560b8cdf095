"""A database of an older release, brought to this one's form."""

from __future__ import annotations

from alembic.util import CommandError

from bpmn.wording import sentence
from engine import sealing, stuck, tallies
from engine.database import Database
from engine.reaching import CannotReach, failures


def upgrade(database: Database) -> None:
    """Bring the tables to this release's form, and fill those that are kept with every act and were not there before.

    On an empty database, make them. Where nothing is missing, this asks a few questions and changes nothing.
    """
    database.upgrade()
    sealing.catch_up(database)
    stuck.catch_up(database)
    with database.transaction() as session:
        tallies.catch_up(session)


def reach(database: Database) -> None:
    """The same for a database by an address that somebody typed. CannotReach where it is not possible."""
    with failures(database):
        try:
            upgrade(database)
        except CommandError as foreign:
            raise CannotReach(
                sentence(
                    "Basis data %(url)s bukan dari rilis Lajur ini atau yang lebih lama.",
                    url=database.url.render_as_string(),
                )
            ) from foreign
