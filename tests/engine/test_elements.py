"""Every element that Lajur runs, as a modeler writes it: published, and played to its end in an office."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from bpmn.choices import may_choose_none
from engine import checking, definitions, offices, runs, tasks
from engine.database import Database, Session
from engine.states import LIVE, RunState, Wait
from engine.tables import Definition, Run, Task, Version, Waiting
from tests.engine.conftest import Office
from tests.engine.people import open_tasks, stored

FOLDER = Path(__file__).parents[1] / "bpmn" / "fixtures" / "elements"
ELEMENTS = sorted(file.stem for file in FOLDER.glob("*.bpmn"))
LATER = timedelta(days=400)
MOST = 200


def publish(session: Session, office: Office, name: str) -> int:
    who = office(session, "analis")
    definition = definitions.add(session, who, (FOLDER / f"{name}.bpmn").read_bytes(), office.now)
    definitions.publish(session, who, definition, "Versi pertama", office.now)
    return definition


def begin(session: Session, office: Office, definition: int) -> int:
    if session.get_one(Definition, definition).next_start is not None:
        return runs.start_due(session, definition, office.now + LATER) or 0
    version = session.scalars(select(Version).where(Version.definition_id == definition)).one()
    by = next(
        name for name in ("camat", "sekretaris", "kasubag") if office(session, name).held.keys() & version.starters
    )
    return office.start(session, definition, by)


def step(session: Session, office: Office, random: Random) -> bool:
    """One thing that can happen next to any live run, chosen at random; False where nothing can."""
    live = session.scalars(select(Run.id).where(Run.state.in_(LIVE))).all()
    waits = session.scalars(select(Waiting).where(Waiting.kind != Wait.CALL)).all()
    todo: list[Task | Waiting] = [*(task for run in live for task in open_tasks(session, run)), *waits]
    if not todo:
        return False
    one = random.choice(todo)
    if isinstance(one, Task):
        finish(session, office, one, random)
    elif one.kind is Wait.TIMER:
        assert one.due_at is not None
        assert runs.fire(session, one.id, office.now + LATER * 10)
    elif one.kind is Wait.MESSAGE:
        runs.message(session, office(session, "manajer"), one.run_id, one.name, "", office.now)
    else:
        runs.signal(session, office(session, "manajer"), one.name, "", office.now)
    return True


def finish(session: Session, office: Office, task: Task, random: Random) -> None:
    holders = offices.holders(session, task.jabatan_id, office.now.date())
    person = task.claimed_by or task.reserved_for or random.choice(holders)
    who = offices.actor(session, person, office.now)
    version = session.scalars(
        select(Version).join(Run, Run.version_id == Version.id).where(Run.id == task.run_id)
    ).one()
    process = definitions.process(session, version)
    choices = process.choices[task.node_id]
    chosen = [one for one in choices if not one.alone and random.random() < 0.5] or list(choices)
    picked = chosen if choices and not choices[0].alone else random.sample(chosen, min(1, len(chosen)))
    assert choices or not may_choose_none(process.flow, task.node_id)
    filled = {"long": "3", "date": "2026-12-01", "boolean": "ya"}
    fields = {
        field.id: field.options[0][0] if field.options else filled.get(field.type, "Isi")
        for field in process.tasks[task.node_id].fields
    }
    tasks.claim(session, who, task.id, office.now)
    tasks.complete(session, who, task.id, " ".join(one.edge for one in picked) or None, "Catatan", office.now, fields)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ELEMENTS)
def test_every_element_runs_to_its_end(sqlite: Database, now: object, name: str, seed: int, office: Office) -> None:
    random = Random(seed)
    with sqlite.transaction() as session:
        if name == "call_activity":
            publish(session, office, "user_task")
        run = begin(session, office, publish(session, office, name))
    for _ in range(MOST):
        with sqlite.transaction() as session:
            if not step(session, office, random):
                break
        with sqlite.reading() as session:
            assert list(checking.check(session)) == []
    with sqlite.reading() as session:
        assert stored(session, run).state is RunState.FINISHED
        assert session.scalars(select(Waiting)).all() == []


@pytest.fixture
def database(sqlite: Database) -> Database:
    """One kind is enough: what the acts do on both is for their own tests."""
    return sqlite


def test_the_readme_lists_every_fixture() -> None:
    readme = (Path(__file__).parents[2] / "engine" / "README.md").read_text(encoding="utf-8")
    assert [name for name in ELEMENTS if f"`{name}`" not in readme] == []
