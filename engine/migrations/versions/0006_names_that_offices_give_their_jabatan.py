"""Other names of the jabatan of an office, as the lanes of its documents spell them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "jabatan_aliases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("jabatan_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_jabatan_aliases_office_id")),
        sa.ForeignKeyConstraint(["jabatan_id"], ["jabatan.id"], name=op.f("fk_jabatan_aliases_jabatan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jabatan_aliases")),
        sa.UniqueConstraint("office_id", "name", name=op.f("uq_jabatan_aliases_office_id_name")),
    )
    op.create_index(op.f("ix_jabatan_aliases_jabatan_id"), "jabatan_aliases", ["jabatan_id"])
