"""What managers are told of some months: from the tallies alone, for their office alone, and nothing of too few."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from bpmn.sop import Unit, Waktu
from engine import definitions, errors, reopening, runs, tasks, workdays
from engine.database import Database
from engine.queries import statistics
from engine.queries.statistics import OfSop, Overview, Period
from engine.workdays import Calendar
from tests.engine.conftest import Office, diagram
from tests.engine.flows import approval
from tests.engine.people import open_tasks
from tests.engine.plans import Plans
from tests.engine.revisions import remove

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
BOTH = Period(NOVEMBER, DECEMBER)

WAYS = {"sekretaris": {"setuju": "alur_5", "kembali": "alur_4"}}


def step(database: Database, office: Office, run: int, who: str, minutes: int, way: str = "setuju") -> int:
    """The run's task claimed after `minutes`, and finished after as many again; its id."""
    office.now += timedelta(minutes=minutes)
    with database.transaction() as session:
        (task,) = open_tasks(session, run)
        if task.claimed_by is None:
            tasks.claim(session, office(session, who), task.id, office.now)
    office.now += timedelta(minutes=minutes)
    with database.transaction() as session:
        edge = WAYS.get(who, {}).get(way)
        tasks.complete(session, office(session, who), task.id, edge, f"Perbaiki {run}", office.now)
    return task.id


def whole(database: Database, office: Office, sop: int, minutes: int = 10, returns: int = 0) -> int:
    """A run from its start to its end, begun in the morning."""
    office.now = workdays.add(office.now, timedelta(), office_calendar())
    with database.transaction() as session:
        run = office.start(session, sop)
    for _ in range(returns):
        step(database, office, run, "kasubag", minutes)
        step(database, office, run, "sekretaris", minutes, "kembali")
    for who in ("kasubag", "sekretaris", "camat"):
        step(database, office, run, who, minutes)
    return run


def office_calendar() -> Calendar:
    return Calendar("Asia/Jakarta")


def overview(database: Database, office: Office, over: Period = BOTH) -> Overview:
    with database.reading() as session:
        return statistics.overview(session, office(session, "manajer"), over)


def of_sop(database: Database, office: Office, sop: int, jabatan: int | None = None, over: Period = BOTH) -> OfSop:
    with database.reading() as session:
        return statistics.of_sop(session, office(session, "manajer"), sop, over, jabatan)


def test_an_office_is_told_by_sop_by_jabatan_and_by_month(database: Database, office: Office, surat: int) -> None:
    whole(database, office, surat, returns=1)
    with database.transaction() as session:
        given_up = office.start(session, surat)
        runs.cancel(session, office(session, "manajer"), given_up, "Batal", office.now)
        office.start(session, surat)
    office.now = datetime.fromisoformat("2026-12-01T09:00:00+07:00")
    whole(database, office, surat)
    found = overview(database, office)
    assert (found.total.started, found.total.finished, found.total.cancelled, found.live) == (4, 2, 1, 1)
    assert (found.total.returns, found.total.on_time) == (1, 2)
    (row,) = found.sops
    assert (row.title, row.live, row.runs) == ("Surat Keluar", 1, found.total)
    assert [(row.month, row.runs.started, row.runs.finished) for row in found.months] == [
        (NOVEMBER, 3, 1),
        (DECEMBER, 1, 1),
    ]
    assert {row.name: row.tasks.finished for row in found.jabatan} == {"Camat": 2, "Sekretaris": 3, "Kasubag Umum": 3}
    kasubag = next(row.tasks for row in found.jabatan if row.name == "Kasubag Umum")
    assert (kasubag.waiting, kasubag.working, kasubag.redone) == (20, 40, 1)


def test_a_period_narrows_and_live_runs_are_those_of_now(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        office.start(session, surat)
    office.now = datetime.fromisoformat("2026-12-01T09:00:00+07:00")
    whole(database, office, surat)
    november = overview(database, office, Period(NOVEMBER, NOVEMBER))
    assert (november.total.started, november.total.finished, november.live) == (1, 0, 1)
    assert november.jabatan == ()
    december = overview(database, office, Period(DECEMBER, DECEMBER))
    assert (december.total.started, december.total.finished, december.live) == (1, 1, 1)


def test_steps_stand_in_the_order_of_the_diagram_with_their_standards(
    database: Database, office: Office, surat: int
) -> None:
    for _ in range(5):
        whole(database, office, surat)
    office.now = datetime.fromisoformat("2026-11-24T08:00:00+07:00")
    whole(database, office, surat, minutes=20, returns=1)
    found = of_sop(database, office, surat)
    assert [(row.name, row.jabatan, row.standard) for row in found.steps] == [
        ("langkah_1", "Kasubag Umum", 120),
        ("langkah_2", "Sekretaris", 450),
        ("langkah_3", "Camat", 30),
    ]
    first, second, third = found.steps
    assert (first.tasks.finished, second.tasks.finished, third.tasks.finished) == (7, 7, 6)
    assert (second.tasks.returned, first.tasks.redone) == (1, 1)
    assert (second.waited.median, second.worked.median, second.taken.median) == (10, 10, 20)
    assert (third.tasks.timed, third.tasks.on_time) == (6, 5)


def test_of_too_few_it_is_told_how_many_there_are(database: Database, office: Office, surat: int) -> None:
    for _ in range(statistics.ENOUGH - 1):
        whole(database, office, surat)
    lead = overview(database, office).total.lead
    assert (lead.count, lead.median, lead.p90) == (4, None, None)
    whole(database, office, surat)
    lead = overview(database, office).total.lead
    assert (lead.count, lead.median, lead.p90) == (5, 60, None)


def test_percentiles_are_those_of_all_months_together() -> None:
    months = [{"10": 4, "100": 1}, {"20": 3, "900": 2}]
    found = statistics.spread(months)
    assert (found.count, found.median, found.p90) == (10, 20, 900)


def test_reasons_are_the_newest_of_the_period_and_none_that_was_taken_back(
    database: Database, office: Office, surat: int
) -> None:
    first = whole(database, office, surat, returns=1)
    with database.transaction() as session:
        run = office.start(session, surat)
    step(database, office, run, "kasubag", 5)
    back = step(database, office, run, "sekretaris", 5, "kembali")
    assert [row.run_id for row in of_sop(database, office, surat).reasons] == [run, first]
    with database.transaction() as session:
        reopening.reopen(session, office(session, "sekretaris"), back, "Keliru", office.now)
    (row,) = of_sop(database, office, surat).reasons
    assert (row.run_id, row.step, row.reason, row.person) == (first, "langkah_2", f"Perbaiki {first}", "Sekretaris")
    assert of_sop(database, office, surat, over=Period(DECEMBER, DECEMBER)).reasons == ()


def test_steps_and_reasons_are_narrowed_to_a_jabatan(database: Database, office: Office, surat: int) -> None:
    whole(database, office, surat, returns=1)
    found = of_sop(database, office, surat, office.jabatan["Kasubag Umum"])
    assert [row.name for row in found.steps] == ["langkah_1"]
    assert found.reasons == ()
    assert len(found.jabatan) == 3


def test_a_step_that_is_no_longer_there_keeps_its_name_and_stands_last(
    database: Database, office: Office, surat: int
) -> None:
    whole(database, office, surat)
    with database.transaction() as session:
        analyst = office(session, "analis")
        definitions.save_draft(session, analyst, surat, diagram(remove("langkah_1")(approval())), 0, office.now)
        definitions.publish(session, analyst, surat, "Tanpa langkah pertama", office.now)
    found = of_sop(database, office, surat)
    assert [(row.name, row.standard) for row in found.steps] == [
        ("langkah_2", 450),
        ("langkah_3", 30),
        ("langkah_1", None),
    ]


def test_only_managers_see_them_and_only_of_their_office(
    database: Database, office: Office, neighbour: Office, surat: int
) -> None:
    whole(database, office, surat, returns=1)
    assert overview(database, neighbour).sops == ()
    with database.reading() as session:
        with pytest.raises(errors.NotFound):
            statistics.of_sop(session, neighbour(session, "manajer"), surat, BOTH)
        for who in ("camat", "analis"):
            with pytest.raises(errors.NotAllowed):
                statistics.overview(session, office(session, who), BOTH)
            with pytest.raises(errors.NotAllowed):
                statistics.of_sop(session, office(session, who), surat, BOTH)


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (None, None, ("2026-06", "2026-11")),
        (date(2026, 2, 17), None, ("2026-02", "2026-11")),
        (None, date(2026, 3, 1), ("2025-10", "2026-03")),
        (date(2026, 5, 1), date(2026, 3, 1), ("2026-03", "2026-03")),
        (date(2027, 5, 1), date(2028, 3, 1), ("2026-11", "2026-11")),
        (date(1999, 1, 1), None, ("2023-12", "2026-11")),
    ],
)
def test_a_period_is_of_whole_months_none_to_come_and_not_too_many(
    database: Database, office: Office, first: date | None, last: date | None, months: tuple[str, str]
) -> None:
    with database.reading() as session:
        found = statistics.period(office(session, "manajer"), office.now, first, last)
    assert (f"{found.first:%Y-%m}", f"{found.last:%Y-%m}") == months
    assert len(found.months) <= statistics.MOST
    assert (found.months[0], found.months[-1]) == (found.first, found.last)


@pytest.mark.parametrize(
    ("amount", "unit", "minutes"),
    [
        ("45", Unit.MENIT, 45),
        ("1.5", Unit.JAM, 90),
        ("2", Unit.HARI, 900),
        ("1", Unit.MINGGU, 2250),
        ("7", Unit.HARI_KALENDER, 2250),
        ("168", Unit.JAM_KALENDER, 2250),
    ],
)
def test_a_waktu_is_a_standard_in_minutes_of_working_time(amount: str, unit: Unit, minutes: int) -> None:
    assert workdays.standard(Waktu("", Decimal(amount), unit), office_calendar()) == minutes


def test_without_a_readable_waktu_there_is_no_standard() -> None:
    assert workdays.standard(Waktu("sesuai jadwal", None, None), office_calendar()) is None
    assert workdays.standard(None, office_calendar()) is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_is_read_that_grows_with_what_is_over(database: Database, office: Office, surat: int) -> None:
    plans = Plans(database)
    with plans.kept():
        overview(database, office)
        of_sop(database, office, surat, office.jabatan["Kasubag Umum"])
    assert [one for one in plans.of("FROM tasks") if "ix_tasks_returned" in one]
    assert not [one for one in plans.steps if one.startswith("SCAN") and not one.startswith("SCAN definitions")]
    assert not [one for one in plans.of("FROM tasks") if "TEMP B-TREE" in one]
