"""A run whose state does not load is marked with the cause, and everything else goes on."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from engine import checking, errors, runs, tasks
from engine.database import Database
from engine.queries import runs as run_queries
from engine.states import RunState
from engine.tables import Run
from tests.engine.conftest import Office
from tests.engine.people import finish, open_tasks, stored

DAMAGES = (b"", b"\xff\xfe", b"{}", b"[]", b'{"form": 99}', b'{"form": 1, "last": 0, "completed": false, "tasks": []}')


@pytest.mark.parametrize("damage", DAMAGES, ids=repr)
def test_a_damaged_run_is_marked_and_others_go_on(
    database: Database, office: Office, surat: int, damage: bytes
) -> None:
    with database.transaction() as session:
        run, other = office.start(session, surat), office.start(session, surat)
        (task,) = open_tasks(session, run)
        tasks.claim(session, office(session, "kasubag"), task.id, office.now)
        before = stored(session, run).state_of_engine
        session.execute(update(Run).where(Run.id == run).values(state_of_engine=damage))
    with pytest.raises(errors.RunDamaged), database.transaction() as session:
        tasks.complete(session, office(session, "kasubag"), task.id, None, "Selesai", office.now)
    with database.reading() as session:
        row = stored(session, run)
        assert row.damage
        assert row.state is RunState.RUNNING
        assert [one.id for one in open_tasks(session, run)] == [task.id]
        assert [found.run_id for found in checking.check(session)] == [run]
        assert run_queries.one(session, office(session, "camat"), run, office.now).row.waiting
    finish(database, office, other, "kasubag")
    with database.transaction() as session:
        session.execute(update(Run).where(Run.id == run).values(state_of_engine=before))
    finish(database, office, run, "kasubag")
    with database.reading() as session:
        assert stored(session, run).damage == ""


def test_a_damaged_run_can_be_cancelled(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        run = office.start(session, surat)
        session.execute(update(Run).where(Run.id == run).values(state_of_engine=b"?"))
        runs.cancel(session, office(session, "manajer"), run, "Rusak", office.now)
        assert stored(session, run).state is RunState.CANCELLED
