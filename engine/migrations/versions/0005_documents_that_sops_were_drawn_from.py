"""The documents that SOPs were drawn from; SOPs that are no longer in force."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "sources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("definition_id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["definition_id"], ["definitions.id"], name=op.f("fk_sources_definition_id")),
        sa.ForeignKeyConstraint(["added_by"], ["people.id"], name=op.f("fk_sources_added_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
    )
    op.create_index(op.f("ix_sources_definition_id"), "sources", ["definition_id"])
    with op.batch_alter_table("definitions") as batch_op:
        batch_op.add_column(sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("drafts") as batch_op:
        batch_op.add_column(sa.Column("unseen", sa.Boolean(), server_default=sa.text("false"), nullable=False))
