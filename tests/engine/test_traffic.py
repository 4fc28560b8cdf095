"""All runs of an SOP on one diagram: what waits where, what was counted by months, which ways were gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bpmn.flow import TIMER, Event
from engine import definitions, errors, runs
from engine.database import Database
from engine.queries import traffic
from engine.queries.traffic import Past, Step, Traffic, Waits
from tests.engine import tallied
from tests.engine.conftest import Office, diagram, make_office
from tests.engine.flows import approval
from tests.engine.people import finish
from tests.engine.test_waits import caught

HOUR = timedelta(hours=1)


def of(database: Database, office: Office, sop: int, **wanted: Any) -> Traffic:
    with database.reading() as session:
        return traffic.of_sop(session, office(session, "manajer"), sop, office.now, **wanted)


def step(database: Database, office: Office, sop: int, node_id: str = "langkah_1", **wanted: Any) -> Step:
    return next(one for one in of(database, office, sop, **wanted).steps if one.node_id == node_id)


def started(database: Database, office: Office, sop: int) -> int:
    with database.transaction() as session:
        return office.start(session, sop)


def test_what_waits_is_counted_with_the_age_of_the_eldest(database: Database, office: Office, surat: int) -> None:
    finish(database, office, started(database, office, surat), "kasubag")
    for _ in range(2):
        started(database, office, surat)
        office.now += HOUR
    page = of(database, office, surat)
    assert [(one.node_id, one.jabatan, one.waits) for one in page.steps] == [
        ("langkah_1", "Kasubag Umum", Waits(2, 0, 2 * HOUR)),
        ("langkah_2", "Sekretaris", Waits(1, 0, 2 * HOUR)),
        ("langkah_3", "Camat", Waits()),
    ]
    assert (page.live, page.elsewhere) == (3, 0)


def test_suspended_runs_are_counted_apart_and_have_no_age(database: Database, office: Office, surat: int) -> None:
    first = started(database, office, surat)
    with database.transaction() as session:
        runs.suspend(session, office(session, "manajer"), first, "Menunggu", office.now)
    office.now += HOUR
    assert step(database, office, surat).waits == Waits(0, 1, None)
    started(database, office, surat)
    office.now += HOUR
    assert step(database, office, surat).waits == Waits(1, 1, HOUR)


def test_what_waits_for_a_moment_stands_on_the_diagram_as_well(database: Database, office: Office) -> None:
    with database.transaction() as session:
        sop = office.publish(session, caught(Event(TIMER, "P3D", "timeDuration")))
    for _ in range(2):
        finish(database, office, started(database, office, sop), "kasubag")
    office.now += HOUR
    page = of(database, office, sop)
    assert [one.node_id for one in page.steps] == ["langkah_1", "tunggu", "langkah_2"]
    assert page.steps[1].waits == Waits(2, 0, HOUR)
    assert page.steps[1].jabatan == ""


def test_steps_that_a_version_lacks_are_counted_elsewhere(database: Database, office: Office, surat: int) -> None:
    for _ in range(2):
        started(database, office, surat)
    renamed = approval()
    names = {"langkah_1": "langkah_baru"}
    renamed = replace(
        renamed,
        nodes=tuple(replace(node, id=names.get(node.id, node.id)) for node in renamed.nodes),
        edges=tuple(
            replace(edge, source=names.get(edge.source, edge.source), target=names.get(edge.target, edge.target))
            for edge in renamed.edges
        ),
    )
    with database.transaction() as session:
        analyst = office(session, "analis")
        definitions.save_draft(session, analyst, surat, diagram(renamed), 0, office.now)
        definitions.publish(session, analyst, surat, "Langkah pertama lain", office.now)
    started(database, office, surat)
    new, old = of(database, office, surat), of(database, office, surat, version=1)
    assert (new.shown.number, new.elsewhere, new.live) == (2, 2, 3)
    assert (old.shown.number, old.elsewhere) == (1, 1)
    assert [(version.number, version.live) for version in new.versions] == [(2, 1), (1, 2)]
    assert of(database, office, surat, version=9).shown.number == 2


def test_versions_without_live_runs_are_not_offered(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        analyst = office(session, "analis")
        definitions.save_draft(session, analyst, surat, diagram(approval("Surat Lain")), 0, office.now)
        definitions.publish(session, analyst, surat, "Judul", office.now)
    assert [version.number for version in of(database, office, surat).versions] == [2]
    assert [version.number for version in of(database, office, surat, version=1).versions] == [2, 1]


def test_the_past_is_put_together_from_months_and_jabatan(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        tallied.step(session, office, surat, "langkah_1", {"60": 3}, returned=1, on_time=2)
        tallied.step(session, office, surat, "langkah_1", {"90": 4}, jabatan="Sekretaris")
        tallied.step(session, office, surat, "langkah_1", {"300": 3}, date(2026, 6, 1), timed=3, on_time=0)
        tallied.step(session, office, surat, "langkah_1", {"999": 90}, date(2026, 5, 1))
    assert step(database, office, surat).past == Past(10, timedelta(), 90 * timedelta(minutes=1), 0.1, 0.6)
    assert step(database, office, surat, months=1).past.finished == 7
    assert step(database, office, surat, months=12).past.finished == 100


def test_of_little_there_is_a_number_only(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        tallied.step(session, office, surat, "langkah_1", {"60": traffic.LITTLE - 1})
    found = step(database, office, surat)
    assert found.past == Past(traffic.LITTLE - 1)
    assert (found.slow, found.returning) == (None, None)


@pytest.mark.parametrize(("minutes", "degree"), [(60, 0), (61, 1), (120, 1), (121, 2), (240, 2), (241, 3)])
def test_heat_is_the_median_against_the_standard(minutes: int, degree: int) -> None:
    past = Past(9, timedelta(), minutes * timedelta(minutes=1), 0.0, None)
    assert Step("a", "A", "Camat", Waits(), past, 2 * HOUR).slow == degree
    assert Step("a", "A", "Camat", Waits(), past, None).slow is None


@pytest.mark.parametrize(("share", "degree"), [(0.0, 0), (0.1, 1), (0.25, 2), (0.26, 3)])
def test_heat_is_the_share_that_was_sent_back(share: float, degree: int) -> None:
    past = Past(9, timedelta(), HOUR, share, None)
    assert Step("a", "A", "Camat", Waits(), past, 2 * HOUR).returning == degree


def test_arrows_tell_how_often_they_were_gone_and_between_which_steps(
    database: Database, office: Office, surat: int
) -> None:
    flow = approval()
    back = next(edge.id for edge in flow.edges if edge.name == "Dikembalikan")
    with database.transaction() as session:
        tallied.flow(session, surat, back, 3)
        tallied.flow(session, surat, back, 4, date(2026, 10, 1))
        tallied.flow(session, surat, back, 50, date(2025, 10, 1))
    arrows = {one.edge_id: one for one in of(database, office, surat).arrows}
    returned = arrows[back]
    assert (returned.sources, returned.targets) == (("langkah_2",), ("langkah_1",))
    assert (returned.passed, returned.is_return, returned.told) == (7, True, True)
    assert [one.name for one in arrows.values() if one.is_return] == ["Dikembalikan"]
    assert [(one.sources, one.targets) for one in arrows.values() if one.told] == [
        (("mulai",), ("langkah_1",)),
        (("langkah_1",), ("langkah_2",)),
        (("langkah_2",), ("langkah_1",)),
        (("langkah_2",), ("langkah_3",)),
        (("langkah_3",), ("selesai",)),
    ]


def test_behind_a_box_are_the_runs_there_who_waits_longest_first(
    database: Database, office: Office, surat: int
) -> None:
    first = started(database, office, surat)
    office.now += HOUR
    second = started(database, office, surat)
    with database.transaction() as session:
        runs.suspend(session, office(session, "manajer"), first, "Menunggu", office.now)
    finish(database, office, started(database, office, surat), "kasubag")
    with database.reading() as session:
        manager = office(session, "manajer")
        found = traffic.waiting_at(session, manager, surat, "langkah_1", office.now)
        assert traffic.waiting_at(session, manager, surat, "langkah_9", office.now) == ()
    assert [(one.run_id, one.held, one.spent) for one in found] == [(first, True, HOUR), (second, False, 0 * HOUR)]


def test_behind_an_event_are_the_runs_that_wait_for_it(database: Database, office: Office) -> None:
    with database.transaction() as session:
        sop = office.publish(session, caught(Event(TIMER, "P3D", "timeDuration")))
    run = started(database, office, sop)
    finish(database, office, run, "kasubag")
    with database.reading() as session:
        (found,) = traffic.waiting_at(session, office(session, "manajer"), sop, "tunggu", office.now)
    assert (found.run_id, found.person, found.spent) == (run, None, 0 * HOUR)


def test_it_is_for_managers_of_the_office(database: Database, office: Office, neighbour: Office, surat: int) -> None:
    with database.reading() as session:
        with pytest.raises(errors.NotAllowed):
            traffic.of_sop(session, office(session, "camat"), surat, office.now)
        with pytest.raises(errors.NotAllowed):
            traffic.waiting_at(session, office(session, "camat"), surat, "langkah_1", office.now)
        with pytest.raises(errors.NotFound):
            traffic.waiting_at(session, neighbour(session, "manajer"), surat, "langkah_1", office.now)
        with pytest.raises(errors.NotFound):
            traffic.of_sop(session, neighbour(session, "manajer"), surat, office.now)


def test_of_what_was_never_published_there_is_nothing(database: Database, office: Office) -> None:
    with database.transaction() as session:
        sop = definitions.add(session, office(session, "analis"), diagram(approval()), office.now)
    with pytest.raises(errors.NotFound):
        of(database, office, sop)


def test_sqlite_reads_what_waits_from_indexes_of_that_alone(sqlite: Database, now: datetime) -> None:
    """It plans without statistics, so the plans of an empty file are those of every other."""
    with sqlite.transaction() as session:
        office = make_office(session, "Kecamatan Sukamaju", now)
        sop = office.publish(session, caught(Event(TIMER, "P3D", "timeDuration")))
    with planned(sqlite) as plans:
        of(sqlite, office, sop)
    with planned(sqlite) as listed, sqlite.reading() as session:
        traffic.waiting_at(session, office(session, "manajer"), sop, "langkah_1", now)
    (steps,) = (found for statement, found in listed.items() if "FROM tasks" in statement)
    assert any("ix_tasks_unfinished_by_step (definition_id=? AND node_id=?)" in step for step in steps)
    assert not [step for step in steps if "TEMP B-TREE" in step]
    assert not [step for found in plans.values() for step in found if re.match("SCAN (tasks|runs|waits)", step)]
    (waits,) = (found for statement, found in plans.items() if "FROM tasks" in statement)
    assert "SEARCH tasks USING COVERING INDEX ix_tasks_unfinished_by_step (definition_id=?)" in waits
    assert not [step for step in waits if "TEMP B-TREE FOR GROUP" in step]
    (live,) = (found for statement, found in plans.items() if "FROM versions" in statement and "count" in statement)
    assert [step for step in live if "SEARCH runs USING COVERING INDEX ix_runs_version_id_state" in step]


@contextmanager
def planned(database: Database) -> Iterator[dict[str, list[str]]]:
    """How SQLite answers the statements of a block."""
    plans: dict[str, list[str]] = {}

    def explain(_connection: object, cursor: Any, statement: str, facts: Any, *_more: object) -> None:
        if statement.startswith("SELECT"):
            found = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", facts)
            plans[" ".join(statement.split())] = [row[3] for row in found]

    event.listen(database.engine, "before_cursor_execute", explain)
    try:
        yield plans
    finally:
        event.remove(database.engine, "before_cursor_execute", explain)
