"""The event log: who may have it, which runs it holds, and what it says of their steps."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import event

from engine import errors, reopening, runs, tasks, xes
from engine.database import Database
from engine.queries import event_log
from engine.queries.event_log import Wanted
from tests.engine import event_logs
from tests.engine.conftest import Office, make_office
from tests.engine.event_logs import Case
from tests.engine.flows import approval
from tests.engine.people import finish, open_tasks

HOUR = timedelta(hours=1)

ALL = Wanted()

REASON = 'Lampiran "A" & <b>B</b> kurang\x0b;\nlengkapi.'


def logged(database: Database, office: Office, wanted: Wanted = ALL, who: str = "manajer") -> list[Case]:
    """The log of an office as somebody gets it, written and read back."""
    with database.reading() as session:
        actor = office(session, who)
    return event_logs.read(xes.written(event_log.traces(database.reading, actor, wanted)))


def at(office: Office, hours: float) -> Office:
    """The same office so many hours later."""
    return replace(office, now=office.now + hours * HOUR)


def start(database: Database, office: Office, sop: int, subject: str = "Undangan rapat") -> int:
    with database.transaction() as session:
        return office.start(session, sop, subject=subject)


def returned_once(database: Database, office: Office, sop: int) -> int:
    """A run that was sent back once and then went to its end, a step an hour; its id."""
    run = start(database, office, sop)
    steps = [("kasubag", None), ("sekretaris", "Dikembalikan"), ("kasubag", None), ("sekretaris", "Setuju")]
    for hour, (who, choice) in enumerate([*steps, ("camat", None)], start=1):
        finish(database, at(office, hour), run, who, choice, note=REASON if choice == "Dikembalikan" else "Catatan")
    return run


def names(cases: list[Case]) -> list[object]:
    return [case.run["concept:name"] for case in cases]


def test_a_run_is_a_trace_with_what_is_known_of_it(database: Database, office: Office, surat: int) -> None:
    run = returned_once(database, office, surat)
    (case,) = logged(database, office)
    assert case.run == {
        "concept:name": str(run),
        "subject": "Undangan rapat",
        "sop_id": surat,
        "sop": "Surat Keluar",
        "process_id": "surat_keluar",
        "version": 1,
        "state": "finished",
        "started": office.now,
        "finished": office.now + 5 * HOUR,
        "returns": 1,
    }
    assert str(case.run["started"]).endswith("+07:00")


def test_each_step_starts_and_completes(database: Database, office: Office, surat: int) -> None:
    returned_once(database, office, surat)
    (case,) = logged(database, office)
    assert case.steps("start") == case.steps() == ["langkah_1", "langkah_2", "langkah_1", "langkah_2", "langkah_3"]
    moments = [event["time:timestamp"] for event in case.events]
    assert moments == sorted(moments)  # type: ignore[type-var]
    assert [event["concept:instance"] for event in case.events[::2]] == [
        event["concept:instance"] for event in case.events[1::2]
    ]


def test_an_event_says_who_did_the_step_and_what_came_of_it(database: Database, office: Office, surat: int) -> None:
    returned_once(database, office, surat)
    (case,) = logged(database, office)
    ended = case.events[3]
    instance = ended.pop("concept:instance")
    assert ended == {
        "concept:name": "langkah_2",
        "lifecycle:transition": "complete",
        "time:timestamp": office.now + 2 * HOUR,
        "org:resource": "Sekretaris",
        "org:role": "Sekretaris",
        "node": "langkah_2",
        "round": 1,
        "offered": office.now + HOUR,
        "started": office.now + 2 * HOUR,
        "due": office.now + 25 * HOUR,
        "redone": False,
        "capacity": "definitif",
        "decision": "Dikembalikan",
        "returned": True,
        "reason": 'Lampiran "A" & <b>B</b> kurang;\nlengkapi.',
    }
    assert case.events[2]["concept:instance"] == instance
    assert [event["redone"] for event in case.events[4::2]] == [True, False, False]
    assert [event["round"] for event in case.events[4::2]] == [2, 2, 2]
    assert case.events[4]["started"] == case.events[4]["offered"] == office.now + 2 * HOUR


def test_of_a_live_run_there_is_what_was_begun(database: Database, office: Office, surat: int) -> None:
    waiting, worked_on = start(database, office, surat), start(database, office, surat)
    with database.transaction() as session:
        (task,) = open_tasks(session, worked_on)
        tasks.claim(session, office(session, "kasubag"), task.id, office.now)
    cases = logged(database, office)
    assert names(cases) == [str(waiting), str(worked_on)]
    assert [case.steps("start") for case in cases] == [[], ["langkah_1"]]
    assert [case.steps() for case in cases] == [[], []]
    assert [case.run["state"] for case in cases] == ["running", "running"]
    assert "finished" not in cases[0].run


def test_a_step_that_was_taken_back_counts_once(database: Database, office: Office, surat: int) -> None:
    run = start(database, office, surat)
    task = finish(database, office, run, "kasubag", note="Pertama")
    with database.transaction() as session:
        reopening.reopen(session, at(office, 1)(session, "kasubag"), task, "Keliru", office.now + HOUR)
    assert logged(database, office)[0].steps() == []
    finish(database, at(office, 2), run, "kasubag")
    (case,) = logged(database, office)
    assert case.steps() == ["langkah_1"]
    assert case.events[1]["started"] == office.now + HOUR
    assert case.events[1]["time:timestamp"] == office.now + 2 * HOUR


def test_steps_of_a_cancelled_run_that_were_taken_away_leave_nothing(
    database: Database, office: Office, surat: int
) -> None:
    run = start(database, office, surat)
    finish(database, office, run, "kasubag")
    with database.transaction() as session:
        (task,) = open_tasks(session, run)
        tasks.claim(session, office(session, "sekretaris"), task.id, office.now)
        runs.cancel(session, office(session, "manajer"), run, "Dicabut pemohon", office.now)
    (case,) = logged(database, office)
    assert case.steps("start") == case.steps() == ["langkah_1"]
    assert case.run["state"] == "cancelled"


def test_a_period_takes_the_runs_started_on_its_days(database: Database, office: Office, surat: int) -> None:
    early, late = -2.0 - 24, 15 - 0.25  # Monday is from two hours before to fifteen after `now`, in UTC
    ids = [start(database, at(office, hours), surat) for hours in (early, 0, late, late + 0.5)]
    monday = office.now.date()

    def found(since: date | None, until: date | None) -> list[object]:
        return names(logged(database, office, Wanted(since=since, until=until)))

    assert found(monday, monday) == [str(run) for run in ids[1:3]]
    assert found(None, monday) == [str(run) for run in ids[:3]]
    assert found(monday, None) == [str(run) for run in ids[1:]]


def test_a_log_may_be_of_one_sop_and_of_finished_runs(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        other = office.publish(session, replace(approval("Surat Masuk"), process_id="surat_masuk"))
    done, live, elsewhere = (
        returned_once(database, office, surat),
        *(start(database, office, sop) for sop in (surat, other)),
    )
    assert names(logged(database, office, Wanted(definition=surat))) == [str(done), str(live)]
    assert names(logged(database, office, Wanted(definition=other))) == [str(elsewhere)]
    assert names(logged(database, office, Wanted(finished=True))) == [str(done)]


def test_only_a_manager_gets_it_and_of_the_own_office(
    database: Database, office: Office, neighbour: Office, surat: int
) -> None:
    start(database, office, surat)
    assert logged(database, neighbour) == []
    for who in ("camat", "analis"):
        with pytest.raises(errors.NotAllowed):
            logged(database, office, who=who)
    with pytest.raises(errors.NotFound):
        logged(database, neighbour, Wanted(definition=surat))


def test_a_period_that_ends_before_it_begins_is_refused(database: Database, office: Office) -> None:
    with pytest.raises(errors.Invalid):
        logged(database, office, Wanted(since=date(2026, 11, 2), until=date(2026, 11, 1)))


def test_the_table_has_the_same_events(database: Database, office: Office, surat: int) -> None:
    returned_once(database, office, surat)
    with database.reading() as session:
        actor = office(session, "manajer")
    traces = list(event_log.traces(database.reading, actor, Wanted()))
    rows = list(csv.DictReader(StringIO("".join(xes.table(traces, event_log.RUN_KEYS, event_log.EVENT_KEYS)))))
    assert list(rows[0]) == [f"case:{key}" for key in event_log.RUN_KEYS] + list(event_log.EVENT_KEYS)
    (case,) = event_logs.read(xes.written(traces))
    assert [row["concept:name"] for row in rows] == [event["concept:name"] for event in case.events]
    assert [row["time:timestamp"] for row in rows] == [event["time:timestamp"].isoformat() for event in case.events]  # type: ignore[attr-defined]
    assert {row["case:subject"] for row in rows} == {"Undangan rapat"}
    assert rows[3]["reason"] == 'Lampiran "A" & <b>B</b> kurang;\nlengkapi.'
    assert rows[3]["returned"] == "true"
    assert rows[2]["reason"] == ""


@pytest.mark.parametrize("text", ["=1+1", "+62", "-", "@SUM(A1)", "\t=1"])
def test_a_spreadsheet_computes_nothing_of_the_table(text: str) -> None:
    trace = xes.Trace({"subject": text, "returns": -1}, ({"concept:name": "Langkah"},))
    (row,) = csv.DictReader(StringIO("".join(xes.table([trace], ["subject", "returns"], ["concept:name"]))))
    assert row == {"case:subject": f"'{text}", "case:returns": "-1", "concept:name": "Langkah"}


def test_an_empty_log_is_a_log(database: Database, office: Office) -> None:
    assert logged(database, office) == []


def test_it_is_read_in_batches_of_a_fixed_number_of_statements(
    database: Database, office: Office, surat: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        start(database, office, surat, f"Surat {number}")
    whole = logged(database, office)
    monkeypatch.setattr(event_log, "BATCH", 2)
    with database.reading() as session:
        who = office(session, "manajer")
        with told(database) as statements:
            found, last = event_log.batch(session, who, Wanted(), 0)
    assert len(statements) == 3
    assert (len(found), last) == (2, int(str(found[1].attributes["concept:name"])))
    assert logged(database, office) == whole


def test_it_goes_through_the_runs_once_in_their_order(sqlite: Database, now: datetime) -> None:
    with sqlite.transaction() as session:
        office = make_office(session, "Kecamatan Sukamaju", now)
        sop = office.publish(session, approval())
    wanted = Wanted(definition=sop, since=now.date(), until=now.date())
    with sqlite.reading() as session:
        who = office(session, "manajer")
        with told(sqlite) as statements:
            event_log.batch(session, who, wanted, 17)
        query, facts = statements[0]
        plan = [str(row[3]) for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", facts)]
    assert any("SEARCH runs USING INDEX ix_runs_office_id_id (office_id=? AND id>?)" in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan


@contextmanager
def told(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """The statements that are asked while the block runs, with what is asked for."""
    found: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, facts: object, *_more: object) -> None:
        found.append((statement, facts))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
