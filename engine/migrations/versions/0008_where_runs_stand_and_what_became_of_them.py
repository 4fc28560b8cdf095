"""What managers look at: where live runs stand, from when they are stuck, what became of finished ones in a month."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("done_by", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["done_by"], ["people.id"], name=op.f("fk_batches_done_by")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_batches_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index(op.f("ix_batches_office_id_id"), "batches", ["office_id", "id"])

    op.create_table(
        "digests",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_digests_person_id")),
        sa.PrimaryKeyConstraint("person_id", "day", name=op.f("pk_digests")),
    )
    op.create_index(op.f("ix_digests_send_at"), "digests", ["send_at"])

    op.create_table(
        "flow_tallies",
        sa.Column("definition_id", sa.Integer(), nullable=False),
        sa.Column("edge_id", sa.String(length=200), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["definition_id"], ["definitions.id"], name=op.f("fk_flow_tallies_definition_id")),
        sa.PrimaryKeyConstraint("definition_id", "edge_id", "month", name=op.f("pk_flow_tallies")),
    )
    op.create_table(
        "run_tallies",
        sa.Column("definition_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("started", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Integer(), nullable=False),
        sa.Column("on_time", sa.Integer(), nullable=False),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("lead", sa.Integer(), nullable=False),
        sa.Column("led", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["definition_id"], ["definitions.id"], name=op.f("fk_run_tallies_definition_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_run_tallies_office_id")),
        sa.PrimaryKeyConstraint("definition_id", "month", name=op.f("pk_run_tallies")),
    )
    op.create_index(
        op.f("ix_run_tallies_office_id_month_definition_id"), "run_tallies", ["office_id", "month", "definition_id"]
    )

    op.create_table(
        "step_tallies",
        sa.Column("definition_id", sa.Integer(), nullable=False),
        sa.Column("node_id", sa.String(length=200), nullable=False),
        sa.Column("jabatan_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Integer(), nullable=False),
        sa.Column("timed", sa.Integer(), nullable=False),
        sa.Column("on_time", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("redone", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("working", sa.Integer(), nullable=False),
        sa.Column("waited", sa.JSON(), nullable=False),
        sa.Column("worked", sa.JSON(), nullable=False),
        sa.Column("taken", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["definition_id"], ["definitions.id"], name=op.f("fk_step_tallies_definition_id")),
        sa.ForeignKeyConstraint(["jabatan_id"], ["jabatan.id"], name=op.f("fk_step_tallies_jabatan_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_step_tallies_office_id")),
        sa.PrimaryKeyConstraint("definition_id", "node_id", "jabatan_id", "month", name=op.f("pk_step_tallies")),
    )
    op.create_index(
        op.f("ix_step_tallies_office_id_month_definition_id"), "step_tallies", ["office_id", "month", "definition_id"]
    )

    op.create_table(
        "causes",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_causes_office_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_causes_run_id")),
        sa.PrimaryKeyConstraint("run_id", "cause", name=op.f("pk_causes")),
    )
    op.create_index(op.f("ix_causes_office_id_cause_at_run_id"), "causes", ["office_id", "cause", "at", "run_id"])

    op.create_table(
        "positions",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("definition_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("order_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stuck_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["definition_id"], ["definitions.id"], name=op.f("fk_positions_definition_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_positions_office_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_positions_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_positions")),
    )
    op.create_index("ix_positions_by_stuck", "positions", ["office_id", "stuck_at"])
    op.create_index(
        "ix_positions_by_sop",
        "positions",
        ["office_id", "definition_id", "stuck_at", "order_at", "since", "suspended", "run_id"],
    )
    op.create_index(
        "ix_positions_by_deadline",
        "positions",
        ["office_id", "order_at", "run_id", "stuck_at", "definition_id", "suspended"],
    )
    op.create_index(
        "ix_positions_by_since",
        "positions",
        ["office_id", "since", "run_id", "stuck_at", "definition_id", "order_at", "suspended"],
    )

    op.add_column("people", sa.Column("digest", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.create_index("ix_runs_started", "runs", ["office_id", "started_at"])
    op.create_index(
        "ix_runs_ended",
        "runs",
        ["office_id", "finished_at", "state"],
        sqlite_where=sa.text("finished_at IS NOT NULL"),
        postgresql_where=sa.text("finished_at IS NOT NULL"),
    )

    op.add_column("offices", sa.Column("thresholds", sa.JSON(), server_default="{}", nullable=False))

    op.add_column("runs", sa.Column("damaged_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("runs", sa.Column("lead", sa.Integer(), nullable=True))
    op.add_column("runs", sa.Column("undo_flows", sa.JSON(), nullable=True))

    op.add_column("tasks", sa.Column("active_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tasks", sa.Column("waited", sa.Integer(), nullable=True))
    op.add_column("tasks", sa.Column("worked", sa.Integer(), nullable=True))
    op.create_index(
        "ix_tasks_returned",
        "tasks",
        ["definition_id", "finished_at", "id"],
        sqlite_where=sa.text("state = 'returned'"),
        postgresql_where=sa.text("state = 'returned'"),
    )
    op.create_index(
        "ix_tasks_unfinished_by_jabatan",
        "tasks",
        ["jabatan_id", "state", "order_at", "created_at", "run_id", "claimed_by", "reserved_for"],
        sqlite_where=sa.text("state IN ('open', 'claimed')"),
        postgresql_where=sa.text("state IN ('open', 'claimed')"),
    )
    op.create_index(
        "ix_tasks_unfinished_by_step",
        "tasks",
        ["definition_id", "node_id", "created_at", "run_id", "state"],
        sqlite_where=sa.text("state IN ('open', 'claimed')"),
        postgresql_where=sa.text("state IN ('open', 'claimed')"),
    )
