"""One run in full: the way it went, its rounds, and what each step waited and was worked on."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bpmn.flow import MESSAGE, PARALLEL, SEQUENTIAL, TIMER, Event, Flow
from engine import reopening, runs, tasks
from engine.database import Database
from engine.queries import progress
from engine.queries import runs as run_queries
from engine.queries.runs import RunPage
from engine.queries.timeline import Spell
from engine.states import Verb
from tests.engine.conftest import Office
from tests.engine.flows import Drawing, approval
from tests.engine.people import finish, open_tasks
from tests.engine.test_waits import bounded, fire

HOUR = timedelta(hours=1)


@pytest.fixture
def run(database: Database, office: Office, surat: int) -> int:
    with database.transaction() as session:
        return office.start(session, surat)


def page(database: Database, office: Office, run: int) -> RunPage:
    with database.reading() as session:
        return run_queries.one(session, office(session, "camat"), run, office.now)


def walked(database: Database, office: Office, run: int, flow: Flow) -> Counter[tuple[str, str]]:
    """The flows that the run went along, by their ends."""
    edges = {edge.id: (edge.source, edge.target) for edge in flow.edges}
    return Counter({edges[edge]: times for edge, times in page(database, office, run).progress.walked.items()})


def started(database: Database, office: Office, flow: Flow, by: str = "kasubag") -> int:
    with database.transaction() as session:
        return office.start(session, office.publish(session, flow), by=by)


FIRST, DECIDED = ("mulai", "langkah_1"), ("langkah_2", "gerbang_2")


def test_the_way_goes_along_what_was_done(database: Database, office: Office, run: int) -> None:
    assert walked(database, office, run, approval()) == {FIRST: 1}
    finish(database, office, run, "kasubag")
    finish(database, office, run, "sekretaris", "Dikembalikan")
    finish(database, office, run, "kasubag")
    finish(database, office, run, "sekretaris", "Setuju")
    assert walked(database, office, run, approval()) == {
        FIRST: 1,
        ("langkah_1", "langkah_2"): 2,
        DECIDED: 2,
        ("gerbang_2", "langkah_1"): 1,
        ("gerbang_2", "langkah_3"): 1,
    }
    come = page(database, office, run).progress
    assert [(step.node_id, step.times) for step in come.steps] == [("langkah_1", 2), ("langkah_2", 2), ("langkah_3", 0)]


def test_a_step_that_was_taken_back_led_nowhere(database: Database, office: Office, run: int) -> None:
    finish(database, office, run, "kasubag")
    task = finish(database, office, run, "sekretaris", "Dikembalikan")
    with database.transaction() as session:
        reopening.reopen(session, office(session, "sekretaris"), task, "", office.now)
    assert walked(database, office, run, approval()) == {FIRST: 1, ("langkah_1", "langkah_2"): 1}


@pytest.mark.parametrize("multi", [PARALLEL, SEQUENTIAL])
def test_what_each_holder_does_is_left_with_the_last_part(database: Database, office: Office, multi: str) -> None:
    drawing = Drawing()
    drawing.node("langkah_1", "userTask", "lajur_3", multi=multi)
    drawing.edge("mulai", "langkah_1")
    drawing.steps = 1
    flow = drawing.flow(drawing.step("langkah_1"))
    run = started(database, office, flow)
    finish(database, office, run, "kasubag")
    assert walked(database, office, run, flow) == {FIRST: 1}
    finish(database, office, run, "rekan")
    assert walked(database, office, run, flow) == {FIRST: 1, ("langkah_1", "langkah_2"): 1}


def test_what_happens_on_the_border_of_a_step_leads_on_beside_it(database: Database, office: Office) -> None:
    flow = bounded(Event(TIMER, "P1D", "timeDuration"), interrupting=False)
    run = started(database, office, flow)
    office.now += timedelta(days=2)
    assert fire(database, run, office.now)
    assert walked(database, office, run, flow) == {FIRST: 1, ("batas", "langkah_2"): 1}
    finish(database, office, run, "kasubag")
    assert walked(database, office, run, flow)["langkah_1", "langkah_3"] == 1


def test_of_events_with_one_name_that_one_is_meant_that_was_waited_for(database: Database, office: Office) -> None:
    drawing = Drawing()
    after = drawing.step("mulai", lane=3)
    for node in ("tunggu_1", "tunggu_2"):
        drawing.edge(after, drawing.node(node, "intermediateCatchEvent", "lajur_3", event=Event(MESSAGE, "Balasan")))
        after = drawing.step(node, lane=3)
    flow = drawing.flow(after)
    flow = replace(flow, nodes=tuple(replace(node, name="") if node.event else node for node in flow.nodes))
    run = started(database, office, flow)
    for _ in range(2):
        finish(database, office, run, "kasubag")
        with database.transaction() as session:
            runs.message(session, office(session, "manajer"), run, "Balasan", "", office.now)
    assert walked(database, office, run, flow) == Counter((edge.source, edge.target) for edge in flow.edges[:-1])


def test_rounds_begin_with_returns(database: Database, office: Office, run: int) -> None:
    assert [(one.number, one.began) for one in page(database, office, run).rounds] == [(1, None)]
    finish(database, office, run, "kasubag")
    finish(database, office, run, "sekretaris", "Dikembalikan", "Belum lengkap")
    finish(database, office, run, "kasubag")
    first, second = page(database, office, run).rounds
    done = [Verb.START, Verb.CLAIM, Verb.COMPLETE, Verb.CLAIM, Verb.RETURN]
    assert [entry.verb for entry in first.entries] == done
    assert [entry.verb for entry in second.entries] == [Verb.COMPLETE]
    assert second.began is first.entries[-1]
    assert second.began.facts["note"] == "Belum lengkap"


def test_a_return_that_was_taken_back_begins_no_round(database: Database, office: Office, run: int) -> None:
    finish(database, office, run, "kasubag")
    task = finish(database, office, run, "sekretaris", "Dikembalikan")
    with database.transaction() as session:
        runs.comment(session, office(session, "camat"), run, "Mengapa?", office.now)
    with database.transaction() as session:
        reopening.reopen(session, office(session, "sekretaris"), task, "", office.now)
    (only,) = page(database, office, run).rounds
    assert [entry.verb for entry in only.entries][-3:] == [Verb.RETURN, Verb.COMMENT, Verb.REOPEN]
    finish_claimed(database, office, task)
    assert [one.number for one in page(database, office, run).rounds] == [1, 2]


def finish_claimed(database: Database, office: Office, task: int) -> None:
    """The Sekretaris sends the run back once more."""
    back = next(edge.id for edge in approval().edges if edge.name == "Dikembalikan")
    with database.transaction() as session:
        tasks.complete(session, office(session, "sekretaris"), task, back, "Tetap belum lengkap", office.now)


def test_waiting_and_working_are_told_apart(database: Database, office: Office, run: int) -> None:
    with database.reading() as session:
        (task,) = open_tasks(session, run)
    office.now += HOUR
    found = page(database, office, run)
    assert found.spells == {task.id: Spell(HOUR, None)}
    assert found.spent == Spell(HOUR, timedelta())
    with database.transaction() as session:
        tasks.claim(session, office(session, "kasubag"), task.id, office.now)
    office.now += HOUR / 2
    assert page(database, office, run).spells == {task.id: Spell(HOUR, HOUR / 2)}
    with database.transaction() as session:
        tasks.complete(session, office(session, "kasubag"), task.id, None, "", office.now)
    office.now += timedelta(days=1)
    found = page(database, office, run)
    assert [entry.spell for entry in found.history] == [None] * 3
    assert [entry.spell for entry in found.rounds[0].entries] == [None, None, Spell(HOUR, HOUR / 2)]
    assert found.spent.working == HOUR / 2
    assert found.spent.waiting == HOUR + 7.5 * HOUR


def test_a_task_that_was_taken_back_and_done_again_has_its_spell_at_its_last_end(
    database: Database, office: Office, run: int
) -> None:
    task = finish(database, office, run, "kasubag")
    with database.transaction() as session:
        reopening.reopen(session, office(session, "kasubag"), task, "", office.now)
    office.now += HOUR
    with database.transaction() as session:
        tasks.complete(session, office(session, "kasubag"), task, None, "Lagi", office.now)
    (only,) = page(database, office, run).rounds
    ends = [entry.spell for entry in only.entries if entry.verb is Verb.COMPLETE]
    assert ends == [None, Spell(timedelta(), HOUR)]


def test_how_far_a_run_has_come_is_told_without_its_way_where_that_is_not_asked_for(
    database: Database, office: Office, run: int
) -> None:
    with database.reading() as session:
        assert progress.of_run(session, office(session, "camat"), run).walked == {}
