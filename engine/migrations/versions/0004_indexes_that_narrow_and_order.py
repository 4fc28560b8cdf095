"""Lists among very many tasks: indexes that hold what a list is narrowed by, and of open work only what is open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NARROWING = ["run_id", "definition_id", "return_id"]


def upgrade() -> None:
    """Change the tables."""
    for columns in (
        "finished_by_finished_at_id",
        "jabatan_id_state_id",
        "jabatan_id_state_order_at_id",
        "jabatan_id_state_reserved_for",
    ):
        op.drop_index(op.f(f"ix_tasks_{columns}"), table_name="tasks")
    _index(
        "ix_tasks_open_by_deadline",
        "state = 'open'",
        ["jabatan_id", "order_at", "id", "state", "reserved_for", *_NARROWING],
    )
    _index(
        "ix_tasks_open_by_id", "state = 'open'", ["jabatan_id", "id", "state", "reserved_for", "order_at", *_NARROWING]
    )
    finished = ["finished_by", "finished_at", "id", "jabatan_id", "order_at", *_NARROWING]
    _index("ix_tasks_finished", "finished_by IS NOT NULL", finished)
    op.create_index(op.f("ix_runs_office_id_id"), "runs", ["office_id", "id"])


def _index(name: str, which: str, columns: list[str]) -> None:
    where = sa.text(which)
    op.create_index(name, "tasks", columns, sqlite_where=where, postgresql_where=where)
