"""Runs migrations on the connection that `Database.upgrade()` hands in."""

from __future__ import annotations

from typing import Literal

from alembic import context
from sqlalchemy import Enum

from engine.tables import Instant, Table


def render(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write columns of our own types as what they are in the database: a migration never imports the tables."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Table.metadata,
    render_as_batch=True,  # SQLite cannot alter a table in place
    compare_type=True,
    render_item=render,
)
with context.begin_transaction():
    context.run_migrations()
