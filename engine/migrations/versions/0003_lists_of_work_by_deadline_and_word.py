"""Lists of work: by deadline, by SOP, by word; what a person sent on; nomor agenda."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables."""
    _make()
    _alter()
    _fill()
    with op.batch_alter_table("tasks") as batch_op:
        batch_op.alter_column("definition_id", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("order_at", existing_type=sa.DateTime(timezone=True), nullable=False)


def _fill() -> None:
    """What the new columns and tables say of the runs there are."""
    connection = op.get_bind()
    never = datetime(2200, 1, 1, tzinfo=None if connection.dialect.name == "sqlite" else UTC)
    tasks = sa.table("tasks", sa.column("due_at"), sa.column("order_at", sa.DateTime(timezone=True)))
    connection.execute(tasks.update().values(order_at=sa.func.coalesce(tasks.c.due_at, never)))
    op.execute(
        "UPDATE tasks SET definition_id = (SELECT versions.definition_id FROM runs"
        " JOIN versions ON versions.id = runs.version_id WHERE runs.id = tasks.run_id)"
    )
    op.execute(
        "INSERT INTO involvements (person_id, run_id, at)"
        " SELECT tasks.finished_by, tasks.run_id, max(tasks.finished_at) FROM tasks JOIN runs ON runs.id = tasks.run_id"
        " WHERE tasks.finished_by IS NOT NULL AND runs.state IN ('running', 'suspended')"
        " GROUP BY tasks.finished_by, tasks.run_id"
    )
    found = connection.execute(
        sa.text(
            "SELECT runs.id, runs.office_id, runs.state, runs.subject, definitions.title FROM runs"
            " JOIN versions ON versions.id = runs.version_id"
            " JOIN definitions ON definitions.id = versions.definition_id"
        )
    ).all()
    words = sa.table("words", *(sa.column(name) for name in ("run_id", "word", "office_id", "live")))
    for run in found:
        texts = re.findall(r"\w+", f"{run.subject} {run.title}".casefold())
        live = run.state in {"running", "suspended"}
        rows = [
            {"run_id": run.id, "word": word, "office_id": run.office_id, "live": live}
            for word in dict.fromkeys(text[:40] for text in texts)
        ]
        if rows:
            connection.execute(words.insert(), rows[:40])


def _make() -> None:
    op.create_table(
        "involvements",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_involvements_person_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_involvements_run_id")),
        sa.PrimaryKeyConstraint("person_id", "run_id", name=op.f("pk_involvements")),
    )
    with op.batch_alter_table("involvements", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_involvements_person_id_at_run_id"), ["person_id", "at", "run_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_involvements_run_id"), ["run_id"], unique=False)

    op.create_table(
        "words",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column(
            "word", sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_words_office_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_words_run_id")),
        sa.PrimaryKeyConstraint("run_id", "word", name=op.f("pk_words")),
    )
    with op.batch_alter_table("words", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_words_office_id_live_word_run_id"), ["office_id", "live", "word", "run_id"], unique=False
        )


def _alter() -> None:
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("agenda", sa.String(length=60), server_default="", nullable=False))

    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("definition_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("order_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_tasks_claimed_by_state_order_at_id"), ["claimed_by", "state", "order_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_tasks_finished_by_finished_at_id"), ["finished_by", "finished_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_tasks_jabatan_id_state_order_at_id"), ["jabatan_id", "state", "order_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_tasks_jabatan_id_state_reserved_for"), ["jabatan_id", "state", "reserved_for"], unique=False
        )
        batch_op.create_foreign_key(batch_op.f("fk_tasks_definition_id"), "definitions", ["definition_id"], ["id"])
