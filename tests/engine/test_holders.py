"""A task that each holder of its jabatan does: all at once, or one after another."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import update

from bpmn.flow import PARALLEL, SEQUENTIAL, Flow
from engine import errors, tasks
from engine.database import Database
from engine.queries import lists, work
from engine.queries import runs as run_queries
from engine.states import RunState, Verb
from engine.tables import Holding
from tests.engine.conftest import Office
from tests.engine.flows import Drawing, approval
from tests.engine.test_races import at_once, completing


def by_all_holders(how: str) -> Flow:
    """The approval SOP, its first step done by each Kasubag: there are two, `kasubag` and `rekan`."""
    flow = approval()
    nodes = tuple(dataclasses.replace(node, multi=how) if node.id == "langkah_1" else node for node in flow.nodes)
    return dataclasses.replace(flow, nodes=nodes)


def claimable(database: Database, office: Office, who: str) -> list[int]:
    with database.reading() as session:
        return [row.id for row in lists.of_jabatan(session, office(session, who), office.now).rows]


def finish(database: Database, office: Office, who: str, task: int) -> None:
    with database.transaction() as session:
        tasks.claim(session, office(session, who), task, office.now)
        assert tasks.complete(session, office(session, who), task, None, "", office.now) is Verb.COMPLETE


def active(database: Database, office: Office, run: int) -> tuple[str, ...]:
    with database.reading() as session:
        waits = run_queries.one(session, office(session, "camat"), run, office.now).row.waiting
    return tuple(dict.fromkeys(task.name for task in waits))


def start(database: Database, office: Office, how: str) -> int:
    with database.transaction() as session:
        return office.start(session, office.publish(session, by_all_holders(how)))


def test_in_parallel_each_holder_has_a_part_and_the_last_one_moves_the_run(database: Database, office: Office) -> None:
    run = start(database, office, PARALLEL)
    (mine,) = claimable(database, office, "kasubag")
    (theirs,) = claimable(database, office, "rekan")
    assert mine != theirs
    with database.transaction() as session, pytest.raises(errors.NotYourTask):
        tasks.claim(session, office(session, "rekan"), mine, office.now)
    finish(database, office, "rekan", theirs)
    assert active(database, office, run) == ("langkah_1",)
    finish(database, office, "kasubag", mine)
    assert active(database, office, run) == ("langkah_2",)


def test_in_sequence_the_next_holder_follows(database: Database, office: Office) -> None:
    run = start(database, office, SEQUENTIAL)
    (first,) = claimable(database, office, "kasubag")
    assert claimable(database, office, "rekan") == []
    finish(database, office, "kasubag", first)
    assert active(database, office, run) == ("langkah_1",)
    assert claimable(database, office, "kasubag") == []
    (second,) = claimable(database, office, "rekan")
    finish(database, office, "rekan", second)
    assert active(database, office, run) == ("langkah_2",)


def test_two_last_parts_completed_at_once_move_the_run_once(database: Database, office: Office) -> None:
    run = start(database, office, PARALLEL)
    parts = []
    for who in ("kasubag", "rekan"):
        (task,) = claimable(database, office, who)
        with database.transaction() as session:
            tasks.claim(session, office(session, who), task, office.now)
        parts.append((who, task))
    assert at_once(*(completing(database, office, who, task) for who, task in parts)) == [Verb.COMPLETE] * 2
    assert active(database, office, run) == ("langkah_2",)


def test_a_return_brings_back_a_part_for_each_holder_of_then(database: Database, office: Office) -> None:
    run = start(database, office, PARALLEL)
    for who in ("kasubag", "rekan"):
        finish(database, office, who, claimable(database, office, who)[0])
    with database.transaction() as session:
        yesterday = office.now.date() - timedelta(days=1)
        session.execute(update(Holding).where(Holding.person_id == office.people["rekan"]).values(until=yesterday))
    (task,) = claimable(database, office, "sekretaris")
    with database.transaction() as session:
        actor = office(session, "sekretaris")
        tasks.claim(session, actor, task, office.now)
        back = next(one for one in work.one(session, actor, task, office.now).choices if one.is_return)
        tasks.complete(session, actor, task, back.edge, "Belum lengkap", office.now)
    assert claimable(database, office, "rekan") == []
    (again,) = claimable(database, office, "kasubag")
    finish(database, office, "kasubag", again)
    assert active(database, office, run) == ("langkah_2",)


def test_a_jabatan_without_holders_leaves_one_part_for_whoever_comes(database: Database, office: Office) -> None:
    with database.transaction() as session:
        definition = office.publish(session, by_all_holders(PARALLEL))
        office.start(session, definition)
        session.execute(
            update(Holding)
            .where(Holding.person_id.in_((office.people["kasubag"], office.people["rekan"])))
            .values(until=office.now.date() - timedelta(days=1))
        )
        flow_back = office.start(session, office.publish(session, _second_step_by_all()), by="camat")
        task = lists.of_jabatan(session, office(session, "camat"), office.now).rows[0].id
        tasks.claim(session, office(session, "camat"), task, office.now)
        tasks.complete(session, office(session, "camat"), task, None, "", office.now)
        session.execute(update(Holding).where(Holding.person_id == office.people["rekan"]).values(until=None))
    only = claimable(database, office, "rekan")[-1]
    finish(database, office, "rekan", only)
    with database.reading() as session:
        page = run_queries.one(session, office(session, "camat"), flow_back, office.now)
    assert page.row.state is RunState.FINISHED


def _second_step_by_all() -> Flow:
    drawing = Drawing("Edaran")
    first = drawing.step("mulai", lane=1)
    second = drawing.step(first, lane=3)
    flow = drawing.flow(second)
    nodes = tuple(dataclasses.replace(node, multi=PARALLEL) if node.id == second else node for node in flow.nodes)
    return dataclasses.replace(flow, process_id="edaran", nodes=nodes)
