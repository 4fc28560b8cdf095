"""Many live runs go on by another version of their SOP: one act, which can be taken back as one.

Ids, due dates, claims and drafts stay. A claim goes where the new version gives the step to a jabatan that the person
does not hold. The runs are locked first and in the order of their ids, so that of two people who move the same runs,
or of one who moves a run and one who completes a task of it, one waits for the other. The locks let others refer to the
rows (`key_share`): whoever claims a task has its row before the history refers to the run, and would wait in a circle.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session, undefer

from bpmn.choices import Choice
from bpmn.wording import sentence
from engine import advancing, definitions, errors, history, offices, runs, spiff, tallies, versions
from engine.offices import Actor
from engine.states import LIVE, UNFINISHED, Right, TaskState, Verb
from engine.tables import MigratedRun, Migration, Person, Run, Task, Version, Waiting
from engine.versions import Passage, Side, Verdict

CHUNK = 500
"""So many rows are asked for in one statement."""


def move(
    session: Session,
    who: Actor,
    definition_id: int,
    to: int,
    run_ids: Collection[int],
    mapping: Mapping[str, str],
    note: str,
    now: datetime,
) -> int:
    """Let live runs of older versions go on by version number `to`; the id of the act. All of them are moved or none.

    An analyst's act, as it belongs to publishing. `mapping` gives for steps of the older versions the step of the new
    one at which they go on. Suspended runs stay suspended; what was done last can no longer be reopened. Raises
    NotFound, Invalid for a mapping to no step, TooLong, MoveRefused with the first run that cannot be moved and why.
    """
    who.require(Right.ANALYST)
    definitions.own(session, who, definition_id)
    target = versions.published(session, definition_id, to)
    note = runs.checked(note)
    if not run_ids:
        raise errors.Invalid(sentence("Pilih berkas yang akan dipindahkan."))
    for step in mapping.values():
        if step not in target.process.tasks:
            raise errors.Invalid(sentence("Versi %(to)d tidak memiliki langkah ber-id “%(step)s”.", to=to, step=step))
    locked = lock(session, who, sorted(set(run_ids)))
    if len(locked) != len(set(run_ids)):
        raise errors.NotFound
    passages = {
        version_id: Passage(old, target, mapping)
        for version_id, old in sides(session, {run.version_id for run in locked}, of=definition_id).items()
    }
    states = [_new_state(run, passages[run.version_id]) for run in locked]
    migration = Migration(
        definition_id=definition_id, to_version=target.version_id, note=note, moved_by=who.id, moved_at=now
    )
    session.add(migration)
    session.flush()
    act = Act(session, who, now, note)
    renamed = {was for passage in passages.values() for was in passage.renames()}
    tasks = lock_tasks(session, Task.run_id, [run.id for run in locked], _IS_OPEN | Task.node_id.in_(renamed))
    for run, state in zip(locked, states, strict=True):
        _move_one(act, run, passages[run.version_id], state, tasks.get(run.id, []), migration.id)
        sync_waits(act, run, target, mapping)
    session.flush()
    return migration.id


@dataclass(frozen=True, slots=True)
class Act:
    """Who moves runs, or takes a move back, when and why."""

    session: Session
    who: Actor
    now: datetime
    note: str
    holders: dict[int, list[int]] = field(default_factory=dict)
    """Those asked for so far, by jabatan."""
    names: dict[int, str] = field(default_factory=dict)
    """Those of people, in the same way."""

    def waits(self, run_id: int) -> Sequence[Waiting]:
        """What a run waits for beside people."""
        return self.session.scalars(select(Waiting).where(Waiting.run_id == run_id)).all()

    def may_hold(self, person_id: int, jabatan_id: int) -> bool:
        """Whether somebody holds a jabatan today."""
        if jabatan_id not in self.holders:
            today = self.who.calendar.day(self.now)
            self.holders[jabatan_id] = offices.holders(self.session, jabatan_id, today)
        return person_id in self.holders[jabatan_id]

    def name(self, person_id: int) -> str:
        """What somebody is called."""
        if person_id not in self.names:
            self.names[person_id] = self.session.get_one(Person, person_id).name
        return self.names[person_id]


# -- there ------------------------------------------------------------------------------------------------------------


def _new_state(run: Run, passage: Passage) -> bytes:
    """The state of a run in the version it is moved to. Raises MoveRefused."""
    if run.state not in LIVE:
        raise errors.MoveRefused(run.subject, sentence("Berkas itu sudah tidak berjalan."))
    if passage.old.number >= passage.new.number:
        raise errors.MoveRefused(run.subject, sentence("Berkas itu sudah memakai versi itu atau yang lebih baru."))
    judged = versions.DAMAGED if run.damage else passage.judge(run.state_of_engine)
    if judged.verdict is not Verdict.MOVES:
        raise errors.MoveRefused(run.subject, judged.reason or sentence("Keadaannya tidak dapat dibawa."))
    return passage.state(run.state_of_engine)


def _move_one(act: Act, run: Run, passage: Passage, state: bytes, tasks: Sequence[Task], migration_id: int) -> None:
    before, revision = run.state_of_engine, run.revision + 1
    run.version_id, run.state_of_engine, run.revision = passage.new.version_id, state, revision
    run.undo_task = run.undo_state = None
    changed = [was for task in tasks if (was := _move_task(act, task, passage))]
    act.session.add(
        MigratedRun(
            migration_id=migration_id,
            run_id=run.id,
            from_version=passage.old.version_id,
            before=before,
            changed=changed,
            revision=revision,
        )
    )
    record(act, Verb.MOVE, run, passage.old.number, passage.new.number)


def _move_task(act: Act, task: Task, passage: Passage) -> dict[str, Any]:
    """Let a task follow its step; what its row held before where that is different, with its id."""
    if task.state not in UNFINISHED:
        was = task.node_id
        before = _set(task, {"node_id": passage.renames().get(was, was)})
        tallies.renamed(act.session, act.who, task, was)
        return before
    node_id = passage.renamed(task.node_id)
    jabatan_id = passage.new.jabatan(node_id)
    values: dict[str, Any] = {
        "node_id": node_id,
        "name": passage.new.process.tasks[node_id].name[:300],
        "jabatan_id": jabatan_id,
        "choice": still_there(task.choice, passage.new.process.choices[node_id]),
    }
    if jabatan_id != task.jabatan_id and task.claimed_by and not act.may_hold(task.claimed_by, jabatan_id):
        release(act, task, task.claimed_by)
        values |= {"state": TaskState.OPEN, "claimed_by": None, "claimed_at": None}
        task.active_at = act.now
    return _set(task, values)


def _set(task: Task, values: Mapping[str, Any]) -> dict[str, Any]:
    """Change a row; what it held before in the columns that are different, with its id, or {} if none is."""
    before = {column: getattr(task, column) for column, value in values.items() if getattr(task, column) != value}
    for column in before:
        setattr(task, column, values[column])
    if "claimed_at" in before:
        before["claimed_at"] = before["claimed_at"].isoformat()
    return {"id": task.id, **before} if before else {}


def still_there(choice: str | None, choices: Sequence[Choice]) -> str | None:
    """A draft of a decision, if all the edges it names can still be chosen."""
    edges = {one.edge for one in choices}
    return choice if choice and edges.issuperset(choice.split()) else None


# -- both ways --------------------------------------------------------------------------------------------------------


_IS_OPEN = Task.state.in_(UNFINISHED)


def sides(session: Session, version_ids: Collection[int], of: int | None = None) -> dict[int, Side]:
    """Versions by id, ready to run. NotFound where one is not `of` this definition."""
    found = session.scalars(select(Version).where(Version.id.in_(version_ids))).all()
    if of is not None and any(version.definition_id != of for version in found):
        raise errors.NotFound
    return {version.id: versions.side(session, version) for version in found}


def lock(session: Session, who: Actor, run_ids: Sequence[int]) -> list[Run]:
    """The person's office's runs with their states, by id; nobody else writes them until this act has ended."""
    return [
        run
        for chunk in chunks(run_ids)
        for run in session.scalars(
            select(Run)
            .where(Run.id.in_(chunk), Run.office_id == who.office_id)
            .order_by(Run.id)
            .options(undefer(Run.state_of_engine))
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    ]


def lock_tasks(
    session: Session, column: InstrumentedAttribute[int], values: Sequence[int], *more: ColumnElement[bool]
) -> dict[int, list[Task]]:
    """By run the tasks with one of the values in a column, locked as the runs are: nobody claims one meanwhile."""
    found: dict[int, list[Task]] = {}
    for chunk in chunks(values):
        for task in session.scalars(
            select(Task)
            .where(column.in_(chunk), *more)
            .order_by(Task.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        ):
            found.setdefault(task.run_id, []).append(task)
    return found


def chunks(values: Sequence[int]) -> Iterator[Sequence[int]]:
    """The values in parts that fit into one statement."""
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


def record(act: Act, verb: Verb, run: Run, was: int, is_now: int) -> None:
    """Write down that a run went from one version to another, by their numbers."""
    facts: dict[str, Any] = {"from": was, "to": is_now, "note": act.note}
    history.record(act.session, act.who, verb, act.now, run_id=run.id, facts=facts)


def release(act: Act, task: Task, claimer: int) -> None:
    """Write down that a claim is gone, and whose it was: the step is of a jabatan that the person does not hold."""
    facts: dict[str, Any] = {"person": act.name(claimer)}
    history.record(act.session, act.who, Verb.RELEASE, act.now, run_id=task.run_id, task_id=task.id, facts=facts)


def sync_waits(act: Act, run: Run, side: Side, renamed: Mapping[str, str]) -> None:
    """Let what a run waits for beside people follow its element: ids and moments stay, what is new begins to wait."""
    if not side.process.events and not act.waits(run.id):
        return
    for wait in act.waits(run.id):
        wait.node_id = renamed.get(wait.node_id, wait.node_id)
    act.session.flush()
    version = act.session.get_one(Version, side.version_id)
    advanced = spiff.standing(side.process, run.state_of_engine)
    moved = advancing.Act(act.session, act.who, run, version, side.process, act.now)
    advancing.sync_waits(moved, advanced.events)
