"""A move of runs to another version is taken back: all of it, or nothing where one of them went on since."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from bpmn.wording import sentence
from engine import errors, runs, tallies
from engine.migrating import Act, chunks, lock, lock_tasks, record, release, sides, still_there, sync_waits
from engine.offices import Actor
from engine.states import LIVE, UNFINISHED, Right, TaskState, Verb
from engine.tables import Definition, History, MigratedRun, Migration, Person, Run, Task
from engine.versions import Side


def revert(session: Session, who: Actor, migration_id: int, note: str, now: datetime) -> None:
    """Take back a move of runs as a whole, if none of them went on since: an analyst's act, possible once.

    Who claimed a task since keeps it if the step's former jabatan allows it, drafts stay. Raises NotFound,
    AlreadyReverted, TooLong, MoveRefused with the first run that went on.
    """
    who.require(Right.ANALYST)
    migration = own(session, who, migration_id, lock=True)
    if migration.reverted_by is not None:
        raise errors.AlreadyReverted(session.get_one(Person, migration.reverted_by).name)
    act = Act(session, who, now, runs.checked(note))
    records = session.scalars(
        select(MigratedRun).where(MigratedRun.migration_id == migration_id).order_by(MigratedRun.run_id)
    ).all()
    locked = lock(session, who, [one.run_id for one in records])
    _require_untouched(session, migration, records, locked)
    changed = {before["id"]: before for one in records for before in one.changed}
    tasks = lock_tasks(session, Task.id, sorted(changed))
    versions = sides(session, {migration.to_version, *(one.from_version for one in records)})
    for run, one in zip(locked, records, strict=True):
        new, old = versions[migration.to_version], versions[one.from_version]
        run.version_id, run.state_of_engine, run.revision = one.from_version, one.before, run.revision + 1
        run.undo_task = run.undo_state = None
        for task in tasks.get(run.id, []):
            _revert_task(act, task, changed[task.id], old)
        record(act, Verb.REVERT, run, new.number, old.number)
        sync_waits(act, run, old, {})
    migration.reverted_by, migration.reverted_at = who.id, now
    session.flush()


def own(session: Session, who: Actor, migration_id: int, *, lock: bool = False) -> Migration:
    """A move of runs of the person's office; NotFound otherwise."""
    query = (
        select(Migration)
        .join(Definition, Definition.id == Migration.definition_id)
        .where(Migration.id == migration_id, Definition.office_id == who.office_id)
    )
    locked = query.with_for_update(of=Migration).execution_options(populate_existing=True)
    migration = session.scalar(locked if lock else query)
    if migration is None:
        raise errors.NotFound
    return migration


def gone_on(session: Session, who: Actor, migration_id: int) -> frozenset[int]:
    """Ids of the runs of a move that went on since, so that it cannot be taken back; for the person's office only."""
    migration = own(session, who, migration_id)
    found = session.execute(
        select(MigratedRun, Run).join(Run, Run.id == MigratedRun.run_id).where(MigratedRun.migration_id == migration_id)
    ).all()
    worked = _worked_on(session, [run.id for _, run in found])
    return frozenset(run.id for one, run in found if _went_on(migration, one, run, worked))


def _require_untouched(
    session: Session, migration: Migration, records: Sequence[MigratedRun], locked: Sequence[Run]
) -> None:
    """Raise MoveRefused where something was finished, suspended or the like since."""
    worked = _worked_on(session, [run.id for run in locked])
    for run, one in zip(locked, records, strict=True):
        if _went_on(migration, one, run, worked):
            raise errors.MoveRefused(run.subject, sentence("Berkas itu sudah dikerjakan lagi sejak dipindahkan."))


def _went_on(migration: Migration, one: MigratedRun, run: Run, worked: Collection[int]) -> bool:
    return (
        run.state not in LIVE
        or run.version_id != migration.to_version
        or run.revision != one.revision
        or run.id in worked
    )


def _worked_on(session: Session, run_ids: Sequence[int]) -> set[int]:
    """Runs in which a part of a task was finished since they were moved last: that alone moves no run on."""
    later = aliased(History)
    found: set[int] = set()
    for chunk in chunks(run_ids):
        moved = (
            select(History.run_id, func.max(History.id).label("last"))
            .where(History.run_id.in_(chunk), History.verb == Verb.MOVE)
            .group_by(History.run_id)
            .subquery()
        )
        found.update(
            session.scalars(
                select(later.run_id)
                .join(moved, moved.c.run_id == later.run_id)
                .where(later.id > moved.c.last, later.verb.in_((Verb.COMPLETE, Verb.RETURN)))
            )
        )
    return found


def _revert_task(act: Act, task: Task, before: dict[str, Any], old: Side) -> None:
    """Give a task its step back; claim and choice are those of now where there are any, and they fit there."""
    is_now, task.node_id = task.node_id, before.get("node_id", task.node_id)
    tallies.renamed(act.session, act.who, task, is_now)
    if task.state not in UNFINISHED:
        return
    task.name = before.get("name", task.name)
    task.choice = still_there(task.choice, old.process.choices[task.node_id]) or before.get("choice")
    if "jabatan_id" not in before:
        return
    task.jabatan_id = before["jabatan_id"]
    if task.claimed_by is None and before.get("claimed_by"):
        task.claimed_by, task.claimed_at = before["claimed_by"], datetime.fromisoformat(before["claimed_at"])
        task.state = TaskState.CLAIMED
    if task.claimed_by and not act.may_hold(task.claimed_by, task.jabatan_id):
        release(act, task, task.claimed_by)
        task.state, task.claimed_by, task.claimed_at, task.active_at = TaskState.OPEN, None, None, act.now
