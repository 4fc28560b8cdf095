"""What completing a task is compared with: an ordinary SQLAlchemy transaction over the same rows, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from engine.database import Database
from engine.states import TaskState, Verb
from engine.tables import History, Holding, Involvement, Office, Person, Run, Task, Version
from tests.bench.scene import STEPS, Scene, Work, waiting
from tests.conftest import NOW


@dataclass(frozen=True, slots=True)
class Step:
    """What a completion by the engine left behind: the next task, and the state of the run."""

    node_id: str
    name: str
    jabatan_id: int
    state: bytes


def record(scene: Scene) -> dict[str, Step]:
    """For each step of the process, by its element, what its completion wrote."""
    steps: dict[str, Step] = {}
    run = scene.start()
    for _ in range(1, STEPS):
        before = _next(scene, run)
        scene.complete(scene.claimed(run))
        after = _next(scene, run)
        steps[before.node_id] = Step(after.node_id, after.name, after.jabatan_id, scene.state(run))
    return steps


def _next(scene: Scene, run: int) -> Task:
    with scene.database.reading() as session:
        return waiting(session, run)


def transact(database: Database, steps: dict[str, Step], work: Work) -> None:
    """The transaction."""
    with database.transaction() as session:
        complete(session, steps, work.person, work.task)


def complete(session: Session, steps: dict[str, Step], person_id: int, task_id: int) -> None:
    """Read person, task and run; write the task, the run, the next task and the history."""
    (person, _, held), *_ = session.execute(
        select(Person, Office, Holding)
        .join(Office, Office.id == Person.office_id)
        .outerjoin(Holding, Holding.person_id == Person.id)
        .where(Person.id == person_id)
    ).all()
    task = session.scalars(select(Task).where(Task.id == task_id)).one()
    run, version = session.execute(
        select(Run, Version)
        .join(Version, Version.id == Run.version_id)
        .where(Run.id == task.run_id)
        .options(undefer(Run.state_of_engine))
        .with_for_update(of=Run, key_share=True)
    ).one()
    assert version.lanes
    done = steps[task.node_id]
    task.state, task.finished_by, task.finished_at = TaskState.COMPLETED, person.id, NOW
    run.undo_task, run.undo_state = task.id, run.state_of_engine
    run.state_of_engine, run.revision = done.state, run.revision + 1
    session.merge(Involvement(person_id=person.id, run_id=run.id, at=NOW))
    session.add(
        Task(
            run_id=run.id,
            definition_id=version.definition_id,
            engine_id=uuid4().hex,
            node_id=done.node_id,
            name=done.name,
            jabatan_id=done.jabatan_id,
            state=TaskState.OPEN,
            round=run.round,
            created_at=NOW,
            due_at=NOW,
            order_at=NOW,
            near_at=NOW,
            alert_at=NOW,
            note="",
        )
    )
    session.add(
        History(
            run_id=run.id,
            task_id=task.id,
            at=NOW,
            verb=Verb.COMPLETE,
            person_id=person.id,
            jabatan_id=task.jabatan_id,
            capacity=held.capacity,
            facts={},
        )
    )
