"""The history as a chain of hashes, which the database itself refuses to change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

REFUSED = "history is append-only"

# Entries of an older release have no hash until the upgrade has chained them.
SQLITE = (
    f"""CREATE TRIGGER history_keeps BEFORE UPDATE ON history WHEN OLD.hash <> ''
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
    f"""CREATE TRIGGER history_stays BEFORE DELETE ON history
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
    f"""CREATE TRIGGER seals_stay BEFORE DELETE ON seals
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
)
POSTGRESQL = (
    f"""CREATE FUNCTION lajur_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'restrict_violation'; END $$""",
    """CREATE TRIGGER history_keeps BEFORE UPDATE ON history FOR EACH ROW WHEN (OLD.hash <> '')
    EXECUTE FUNCTION lajur_append_only()""",
    """CREATE TRIGGER history_stays BEFORE DELETE ON history FOR EACH ROW
    EXECUTE FUNCTION lajur_append_only()""",
    """CREATE TRIGGER seals_stay BEFORE DELETE ON seals FOR EACH ROW
    EXECUTE FUNCTION lajur_append_only()""",
)


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "seals",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_seals_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_seals")),
    )
    op.add_column("history", sa.Column("hash", sa.String(length=64), server_default="", nullable=False))
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(sa.text(statement))
