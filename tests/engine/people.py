"""What people of a test office do, in one call."""

from __future__ import annotations

from sqlalchemy import delete, select, text

from engine import tasks
from engine.database import Database, Session
from engine.queries import work
from engine.states import UNFINISHED, Verb
from engine.tables import Run, Table, Task
from tests.engine.conftest import Office


def open_tasks(session: Session, run: int) -> list[Task]:
    """The unfinished tasks of a run, as they are in the tables now."""
    found = session.scalars(
        select(Task)
        .where(Task.run_id == run, Task.state.in_(UNFINISHED))
        .order_by(Task.id)
        .execution_options(populate_existing=True)
    )
    return list(found)


def stored(session: Session, run: int) -> Run:
    """The row of a run as it is now."""
    return session.scalars(select(Run).where(Run.id == run).execution_options(populate_existing=True)).one()


def finish(
    database: Database,
    office: Office,
    run: int,
    who: str,
    choice: str | None = None,
    note: str = "Catatan",
    fields: dict[str, str] | None = None,
) -> int:
    """Claim the run's open task of somebody's jabatan and complete it by the choice of that name; the task's id."""
    with database.transaction() as session:
        actor = office(session, who)
        task = next(
            one.id
            for one in open_tasks(session, run)
            if one.jabatan_id in actor.held and one.claimed_by in (None, actor.id)
        )
        tasks.claim(session, actor, task, office.now)
    with database.transaction() as session:
        choices = work.one(session, office(session, who), task, office.now).choices
        edge = next((one.edge for one in choices if one.name == choice), None)
        verb = tasks.complete(session, office(session, who), task, edge, note, office.now, fields)
        assert verb is (Verb.RETURN if choice == "Dikembalikan" else Verb.COMPLETE)
    return task


def erase(session: Session, *tables: type[Table]) -> None:
    """Delete all rows of some tables, also of those whose rows the database keeps."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(text("SET LOCAL session_replication_role = replica"))
        kept = []
    else:
        kept = list(session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")))
    for trigger in kept:
        session.execute(text(f"DROP TRIGGER {trigger.name}"))
    for table in tables:
        session.execute(delete(table))
    for trigger in kept:
        session.execute(text(trigger.sql))
