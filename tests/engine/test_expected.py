"""When a run is expected to be finished: from the standards, from history, or why nobody can tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import update

from bpmn import graph
from bpmn.flow import MESSAGE, TIMER, Event, Flow
from bpmn.sop import Unit, Waktu
from bpmn.waktu import read
from engine import errors, runs, workdays
from engine.database import Database
from engine.queries import expected
from engine.queries.expected import ENOUGH, Basis, Expected, Unforeseeable
from engine.queries.standards import working_time
from engine.tables import Run
from tests.engine import tallied
from tests.engine.conftest import Office
from tests.engine.flows import Drawing, approval, parallel, random_flow
from tests.engine.people import finish
from tests.engine.test_waits import caught

STEPS = ("langkah_1", "langkah_2", "langkah_3")
HOUR = timedelta(hours=1)


@pytest.fixture
def run(database: Database, office: Office, surat: int) -> int:
    with database.transaction() as session:
        return office.start(session, surat)


def of(database: Database, office: Office, run: int) -> Expected | Unforeseeable | None:
    with database.reading() as session:
        return expected.of_run(session, office(session, "camat"), run, office.now)


def foreseen(database: Database, office: Office, run: int) -> Expected:
    found = of(database, office, run)
    assert isinstance(found, Expected), found
    return found


def after(office: Office, work: timedelta) -> object:
    """When so much working time after now has passed."""
    return workdays.add(office.now, work, workdays.Calendar("Asia/Jakarta"))


def remember(database: Database, office: Office, surat: int, times: int = ENOUGH, **taken: dict[str, int]) -> None:
    """A past in which each step took an hour, but for those given."""
    with database.transaction() as session:
        for step in STEPS:
            tallied.step(session, office, surat, step, taken.get(step, {"60": times}))


def test_without_history_each_step_takes_its_standard(database: Database, office: Office, run: int) -> None:
    found = foreseen(database, office, run)
    assert found == Expected(after(office, 10 * HOUR), None, None, Basis.STANDARD, 0, overdue=False)  # type: ignore[arg-type]


def test_what_was_spent_at_the_present_step_is_taken_off_until_it_is_overdue(
    database: Database, office: Office, run: int
) -> None:
    before = foreseen(database, office, run)
    office.now += HOUR
    assert foreseen(database, office, run).at == before.at
    office.now += 4 * HOUR
    late = foreseen(database, office, run)
    assert (late.at, late.overdue) == (after(office, 8 * HOUR), True)


def test_a_finished_step_no_longer_counts(database: Database, office: Office, run: int) -> None:
    finish(database, office, run, "kasubag")
    assert foreseen(database, office, run).at == workdays.add(
        workdays.due(office.now, read("1 hari"), workdays.Calendar("Asia/Jakarta")) or office.now,
        HOUR / 2,
        workdays.Calendar("Asia/Jakarta"),
    )


def test_history_counts_once_each_remaining_step_was_finished_often_enough(
    database: Database, office: Office, run: int, surat: int
) -> None:
    remember(database, office, surat, langkah_2={"60": ENOUGH - 1})
    assert foreseen(database, office, run).basis is Basis.STANDARD
    with database.transaction() as session:
        tallied.step(session, office, surat, "langkah_2", {"60": 1}, date(2026, 1, 1))
    found = foreseen(database, office, run)
    at = after(office, 3 * HOUR)
    assert found == Expected(at, at, at, Basis.HISTORY, ENOUGH, overdue=False)  # type: ignore[arg-type]


def test_what_is_older_than_the_period_is_forgotten(database: Database, office: Office, run: int, surat: int) -> None:
    with database.transaction() as session:
        for step in STEPS:
            tallied.step(session, office, surat, step, {"60": 100}, date(2025, 11, 1))
    assert foreseen(database, office, run).basis is Basis.STANDARD


def test_history_has_a_spread_and_says_the_same_every_time(
    database: Database, office: Office, run: int, surat: int
) -> None:
    taken = {str(minutes): 10 for minutes in range(10, 100)}
    remember(database, office, surat, langkah_1=taken, langkah_2=taken, langkah_3=taken)
    found = foreseen(database, office, run)
    assert found.early is not None
    assert found.late is not None
    assert found.early < found.at < found.late
    # The sum of three durations that are even from 10 to 99 minutes: 163 in the middle, 103 to 224 for eight of ten.
    calendar = workdays.Calendar("Asia/Jakarta")
    told = [workdays.elapsed(office.now, at, calendar) / timedelta(minutes=1) for at in (found.early, found.late)]
    assert told == pytest.approx([103, 224], abs=15)
    assert foreseen(database, office, run) == found


def test_who_has_taken_long_already_is_held_against_those_who_took_longer(
    database: Database, office: Office, run: int, surat: int
) -> None:
    remember(database, office, surat, langkah_1={"10": 80, "180": 20})
    office.now += HOUR
    found = foreseen(database, office, run)
    assert (found.at, found.overdue) == (after(office, 4 * HOUR), False)
    office.now += 5 * HOUR
    found = foreseen(database, office, run)
    assert (found.at, found.overdue) == (after(office, 2 * HOUR), True)


def test_of_branches_at_the_same_time_the_longest_counts(database: Database, office: Office) -> None:
    with database.transaction() as session:
        definition = office.publish(session, parallel())
        for step, minutes in (("langkah_1", 10), ("langkah_2", 120), ("langkah_3", 30), ("langkah_4", 5)):
            tallied.step(session, office, definition, step, {str(minutes): ENOUGH})
        run = office.start(session, definition, by="camat")
    assert foreseen(database, office, run).at == after(office, timedelta(minutes=135))


def two_ways() -> Flow:
    """Step 1 decides: straight to step 3, or by way of step 2, which takes days."""
    drawing = Drawing()
    first = drawing.step("mulai", lane=3, waktu="1 jam")
    gateway = drawing.node("gerbang_1", "exclusiveGateway")
    drawing.edge(first, gateway)
    second = drawing.step(gateway, lane=2, waktu="2 jam")
    drawing.edges[-1] = replace(drawing.edges[-1], name="Lengkapi", condition="${keputusan_1 == 'lengkapi'}")
    last = drawing.step(second, lane=1, waktu="1 jam")
    drawing.edge(gateway, last, "Lanjut", "${keputusan_1 == 'lanjut'}")
    return drawing.flow(last)


def test_a_decision_goes_the_way_that_was_taken_most_often(database: Database, office: Office) -> None:
    flow = two_ways()
    ways = {edge.target: edge.id for edge in flow.outgoing("gerbang_1")}
    with database.transaction() as session:
        definition = office.publish(session, flow)
        run = office.start(session, definition)
    assert foreseen(database, office, run).at == after(office, 4 * HOUR)
    with database.transaction() as session:
        tallied.flow(session, definition, ways["langkah_3"], 7)
        tallied.flow(session, definition, ways["langkah_2"], 3)
    assert foreseen(database, office, run).at == after(office, 2 * HOUR)


def test_a_step_without_standard_and_history_cannot_be_foreseen(database: Database, office: Office) -> None:
    flow = approval()
    bare = replace(flow, nodes=tuple(replace(n, properties={}) if n.id == "langkah_3" else n for n in flow.nodes))
    with database.transaction() as session:
        definition = office.publish(session, bare)
        run = office.start(session, definition)
    found = of(database, office, run)
    assert isinstance(found, Unforeseeable)
    assert "mutu baku" in str(found.why)
    with database.transaction() as session:
        tallied.step(session, office, definition, "langkah_3", {"60": ENOUGH})
    assert foreseen(database, office, run).at == after(office, timedelta(hours=10, minutes=30))


def test_a_timer_on_the_way_takes_its_time_and_a_message_cannot_be_foreseen(database: Database, office: Office) -> None:
    def timed(event: Event) -> Flow:
        flow = replace(caught(event), process_id=event.kind)
        return replace(flow, nodes=tuple(replace(n, properties={**n.properties, "waktu": "1 jam"}) for n in flow.nodes))

    with database.transaction() as session:
        by_timer = office.start(session, office.publish(session, timed(Event(TIMER, "3 jam", "timeDuration"))))
        by_message = office.start(session, office.publish(session, timed(Event(MESSAGE, "Balasan"))))
    assert foreseen(database, office, by_timer).at == after(office, 5 * HOUR)
    finish(database, office, by_timer, "kasubag")
    office.now += HOUR
    assert foreseen(database, office, by_timer).at == after(office, 3 * HOUR)
    found = of(database, office, by_message)
    assert isinstance(found, Unforeseeable)
    assert "tunggu" in str(found.why)


def _suspend(database: Database, office: Office, run: int) -> None:
    with database.transaction() as session:
        runs.suspend(session, office(session, "manajer"), run, "Menunggu", office.now)


def _damage(database: Database, office: Office, run: int) -> None:
    with database.transaction() as session:
        session.execute(update(Run).values(damage="rusak"))


@pytest.mark.parametrize("held", [_suspend, _damage])
def test_of_a_run_that_is_held_it_is_said_why(
    database: Database, office: Office, run: int, held: Callable[[Database, Office, int], None]
) -> None:
    held(database, office, run)
    assert isinstance(of(database, office, run), Unforeseeable)


def test_of_a_run_that_is_over_nothing_is_expected(database: Database, office: Office, run: int) -> None:
    with database.transaction() as session:
        runs.cancel(session, office(session, "manajer"), run, "Keliru", office.now)
    assert of(database, office, run) is None


def test_of_another_office_there_is_nothing(database: Database, neighbour: Office, run: int) -> None:
    with database.reading() as session, pytest.raises(errors.NotFound):
        expected.of_run(session, neighbour(session, "camat"), run, neighbour.now)


@pytest.mark.parametrize("seed", range(60))
def test_the_way_onward_has_no_loop_and_leads_to_an_end(seed: int) -> None:
    random = Random(seed)
    flow = random_flow(random, stopping=seed % 4 == 0)
    ways = expected.ways_onward(flow, {edge.id: random.randint(0, 3) for edge in flow.edges})
    assert graph.on_cycles(ways) == set()
    ends = {node.id for node in flow.nodes if node.kind == "endEvent" and node.parent is None}
    assert graph.reachable(ways, ["mulai"]) & ends


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("30 menit", timedelta(minutes=30)),
        ("2 jam", 2 * HOUR),
        ("1 hari", 7.5 * HOUR),
        ("1,5 hari", 11.25 * HOUR),
        ("1 minggu", 37.5 * HOUR),
        ("1 bulan", 165 * HOUR),
        ("segera", None),
    ],
)
def test_a_standard_is_so_much_working_time(text: str, told: timedelta | None) -> None:
    assert working_time(read(text), workdays.Calendar("Asia/Jakarta")) == told


def test_days_of_the_calendar_count_as_what_is_worked_in_them() -> None:
    calendar = workdays.Calendar("Asia/Jakarta")
    week = Waktu("7 hari kalender", read("7 hari").amount, Unit.HARI_KALENDER)  # type: ignore[union-attr]
    assert working_time(week, calendar) == 37.5 * HOUR
    assert working_time(None, calendar) is None
