"""The last step of a run is taken back: everything stands as it stood before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from engine import checking, errors, offices, reopening, runs, tasks
from engine.database import Database
from engine.queries import runs as run_queries
from engine.states import RunState, TaskState, Verb
from engine.tables import Holding, Return, Task
from tests.engine.conftest import SINCE, Office
from tests.engine.flows import Drawing, parallel
from tests.engine.people import finish, open_tasks, stored


@pytest.fixture
def run(database: Database, office: Office, surat: int) -> int:
    with database.transaction() as session:
        return office.start(session, surat)


def reopen(database: Database, office: Office, who: str, task: int) -> None:
    with database.transaction() as session:
        reopening.reopen(session, office(session, who), task, "Keliru menekan", office.now)
    with database.reading() as session:
        assert list(checking.check(session)) == []


def standing(database: Database, run: int) -> list[tuple[str, TaskState, int | None]]:
    with database.reading() as session:
        return [(task.node_id, task.state, task.claimed_by) for task in open_tasks(session, run)]


def test_a_step_is_taken_back_by_its_doer_and_done_again(database: Database, office: Office, run: int) -> None:
    task = finish(database, office, run, "kasubag", note="Terlalu cepat")
    reopen(database, office, "kasubag", task)
    assert standing(database, run) == [("langkah_1", TaskState.CLAIMED, office.people["kasubag"])]
    with database.transaction() as session:
        assert session.get_one(Task, task).note == "Terlalu cepat"
        tasks.complete(session, office(session, "kasubag"), task, None, "Sudah benar", office.now)
    finish(database, office, run, "sekretaris", "Setuju")
    finish(database, office, run, "camat")
    with database.reading() as session:
        page = run_queries.one(session, office(session, "camat"), run, office.now)
    assert page.row.state is RunState.FINISHED
    assert [entry.verb for entry in page.history].count(Verb.REOPEN) == 1


def test_a_return_that_is_taken_back_was_none(database: Database, office: Office, run: int) -> None:
    finish(database, office, run, "kasubag")
    task = finish(database, office, run, "sekretaris", "Dikembalikan", "Salah berkas")
    reopen(database, office, "sekretaris", task)
    with database.reading() as session:
        assert stored(session, run).round == 1
        assert session.scalars(select(Return)).all() == []
    assert standing(database, run) == [("langkah_2", TaskState.CLAIMED, office.people["sekretaris"])]
    finish(database, office, run, "sekretaris", "Dikembalikan", "Memang salah")
    with database.reading() as session:
        assert stored(session, run).round == 2


def test_the_end_is_taken_back(database: Database, office: Office, run: int) -> None:
    finish(database, office, run, "kasubag")
    finish(database, office, run, "sekretaris", "Setuju")
    task = finish(database, office, run, "camat")
    reopen(database, office, "camat", task)
    with database.reading() as session:
        row = stored(session, run)
        assert (row.state, row.finished_at) == (RunState.RUNNING, None)
    finish(database, office, run, "camat")


def test_once_taken_up_only_a_manager_takes_back_and_once_finished_nobody(
    database: Database, office: Office, run: int
) -> None:
    first = finish(database, office, run, "kasubag")
    with database.transaction() as session:
        (task,) = open_tasks(session, run)
        tasks.claim(session, office(session, "sekretaris"), task.id, office.now + timedelta(minutes=1))
    with database.transaction() as session, pytest.raises(errors.TaskAlreadyClaimed, match="Sekretaris"):
        reopening.reopen(session, office(session, "kasubag"), first, "", office.now)
    reopen(database, office, "manajer", first)
    finish(database, office, run, "kasubag")
    finish(database, office, run, "sekretaris", "Setuju")
    for who in ("kasubag", "manajer"):
        with database.transaction() as session, pytest.raises(errors.NotTheLastStep):
            reopening.reopen(session, office(session, who), first, "", office.now)


def test_others_do_not_take_back(database: Database, office: Office, neighbour: Office, run: int) -> None:
    task = finish(database, office, run, "kasubag")
    for actor, error in ((office, errors.NotAllowed), (neighbour, errors.NotFound)):
        with database.transaction() as session, pytest.raises(error):
            reopening.reopen(session, actor(session, "camat"), task, "", office.now)


def test_the_task_is_with_the_jabatan_where_its_doer_left(database: Database, office: Office, run: int) -> None:
    task = finish(database, office, run, "rekan")
    with database.transaction() as session:
        left = update(Holding).where(Holding.person_id == office.people["rekan"])
        session.execute(left.values(until=office.now.date() - timedelta(days=1)))
    with database.transaction() as session, pytest.raises(errors.NotYourTask):
        reopening.reopen(session, office(session, "rekan"), task, "", office.now)
    reopen(database, office, "manajer", task)
    assert standing(database, run) == [("langkah_1", TaskState.OPEN, None)]


def test_a_branch_is_taken_back_while_the_other_waits(database: Database, office: Office) -> None:
    with database.transaction() as session:
        run = office.start(session, office.publish(session, parallel()), by="camat")
    finish(database, office, run, "camat")
    second = finish(database, office, run, "sekretaris")
    reopen(database, office, "sekretaris", second)
    assert [node for node, *_ in standing(database, run)] == ["langkah_2", "langkah_3"]
    finish(database, office, run, "kasubag")
    finish(database, office, run, "sekretaris")
    assert [node for node, *_ in standing(database, run)] == ["langkah_4"]


@pytest.mark.parametrize("multi", ["parallel", "sequential"])
def test_a_part_is_taken_back(database: Database, office: Office, multi: str) -> None:
    drawing = Drawing()
    first = drawing.node("langkah_1", "userTask", "lajur_3", properties={"langkah": "1"}, multi=multi)
    drawing.edge("mulai", first)
    drawing.steps = 1
    with database.transaction() as session:
        run = office.start(session, office.publish(session, drawing.flow(drawing.step(first))))
    part = finish(database, office, run, "kasubag")
    reopen(database, office, "kasubag", part)
    finish(database, office, run, "kasubag")
    finish(database, office, run, "rekan")
    assert [node for node, *_ in standing(database, run)] == ["langkah_2"]


def test_a_cancelled_or_suspended_run_stays_as_it_is(database: Database, office: Office, run: int) -> None:
    task = finish(database, office, run, "kasubag")
    acts: tuple[Callable[..., None], ...] = (runs.suspend, runs.cancel)
    for act in acts:
        with database.transaction() as session:
            act(session, office(session, "manajer"), run, "Tunggu", office.now)
        with database.transaction() as session, pytest.raises(errors.RunNotRunning):
            reopening.reopen(session, office(session, "kasubag"), task, "", office.now)


def test_a_second_holder_does_not_take_back_what_a_colleague_did(database: Database, office: Office, run: int) -> None:
    task = finish(database, office, run, "kasubag")
    with database.transaction() as session:
        other = offices.add_person(session, office.id, "baru", "Baru", "rahasia")
        offices.hold(session, other, office.jabatan["Kasubag Umum"], SINCE, date(2027, 1, 1))
        with pytest.raises(errors.NotAllowed):
            reopening.reopen(session, offices.actor(session, other, office.now), task, "", office.now)
