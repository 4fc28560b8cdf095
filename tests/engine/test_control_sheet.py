"""The control sheet of a run, how far it has come in its diagram, and who is away: what the queries tell."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import event

from engine import absences, documents, errors, reopening, runs, tasks
from engine.database import Database
from engine.queries import control_sheet, progress
from engine.queries.control_sheet import ControlSheet, SheetRow
from engine.queries.progress import Standing
from engine.states import Capacity, RunState, TaskState, Verb
from engine.store import Store
from tests.engine.conftest import Office
from tests.engine.people import finish, open_tasks

HOUR = timedelta(hours=1)


@pytest.fixture
def run(database: Database, office: Office, surat: int) -> int:
    with database.transaction() as session:
        return runs.start(session, office(session, "kasubag"), surat, "Undangan rapat", office.now, agenda="005/12")


def later(office: Office, hours: float) -> Office:
    """The same office so many hours on."""
    return Office(office.id, office.people, office.jabatan, office.now + hours * HOUR)


def sheet(database: Database, office: Office, run: int) -> ControlSheet:
    with database.reading() as session:
        return control_sheet.one(session, office(session, "camat"), run, office.now)


def told(row: SheetRow) -> tuple[str, str | None, TaskState, int]:
    return row.step, row.person, row.state, row.round


def test_a_sheet_says_what_run_it_is_about(database: Database, office: Office, run: int) -> None:
    page = sheet(database, office, run)
    assert (page.run_id, page.office, page.subject, page.agenda) == (
        run,
        "Kecamatan Sukamaju",
        "Undangan rapat",
        "005/12",
    )
    assert (page.sop, page.number, page.version, page.round) == ("Surat Keluar", "01/2026", 1, 1)
    assert (page.state, page.started_by, page.started_at) == (RunState.RUNNING, "Kasubag", office.now)
    assert (page.returns, page.documents, page.comments, page.events) == ((), (), (), ())


def test_every_task_of_every_round_has_a_row_in_order(database: Database, office: Office, run: int) -> None:
    finish(database, later(office, 1), run, "kasubag", note="Lengkap")
    finish(database, later(office, 2), run, "sekretaris", "Dikembalikan", note="Tanggal keliru")
    page = sheet(database, later(office, 2), run)
    assert [told(row) for row in page.rows] == [
        ("langkah_1", "Kasubag", TaskState.COMPLETED, 1),
        ("langkah_2", "Sekretaris", TaskState.RETURNED, 1),
        ("langkah_1", "Kasubag", TaskState.CLAIMED, 2),
    ]
    first, second, third = page.rows
    assert [row.number for row in page.rows] == [1, 2, 3]
    assert (first.jabatan, first.capacity, first.note, first.standard) == (
        "Kasubag Umum", Capacity.DEFINITIF, "Lengkap", "2 jam",
    )  # fmt: skip
    assert (second.choice, second.note, second.returned_to) == ("Dikembalikan", "Tanggal keliru", ("langkah_1",))
    assert (third.finished, third.note, third.choice) == (None, "", "")
    (back,) = page.returns
    assert (back.round, back.step, back.to, back.person, back.reason) == (
        2, "langkah_2", ("langkah_1",), "Sekretaris", "Tanggal keliru",
    )  # fmt: skip
    assert page.round == 2


def test_how_long_it_took_is_working_time_and_lateness_is_of_the_deadline(
    database: Database, office: Office, run: int
) -> None:
    # From nine to two with a break of an hour, for a step of two hours.
    finish(database, later(office, 5), run, "kasubag")
    first, second = sheet(database, later(office, 29), run).rows
    assert (first.spent, first.late) == (4 * HOUR, True)
    # A step of one day, from two on Monday to two on Tuesday, is still on time.
    assert (second.spent, second.late, second.finished) == (7.5 * HOUR, False, None)
    assert sheet(database, later(office, 30), run).rows[1].late


def test_who_acts_for_somebody_is_named_in_that_capacity(database: Database, office: Office, run: int) -> None:
    with database.transaction() as session:
        absences.note(
            session, office(session, "sekretaris"), office.people["sekretaris"], date(2026, 11, 23),
            date(2026, 11, 24), office.people["camat"], "", office.now,
        )  # fmt: skip
    finish(database, office, run, "kasubag")
    finish(database, office, run, "camat", "Setuju")
    row = sheet(database, office, run).rows[1]
    assert (row.person, row.jabatan, row.capacity) == ("Camat", "Sekretaris", Capacity.PLH)


def test_a_claim_that_was_handed_over_has_the_name_of_who_has_it(database: Database, office: Office, run: int) -> None:
    with database.transaction() as session:
        who, task = office(session, "kasubag"), open_tasks(session, run)[0].id
        tasks.claim(session, who, task, office.now)
        tasks.hand_over(session, who, task, office.people["rekan"], "Saya diklat", office.now)
    page = sheet(database, office, run)
    assert [told(row) for row in page.rows] == [("langkah_1", "Rekan Kasubag", TaskState.CLAIMED, 1)]
    assert page.rows[0].capacity is None
    assert [(entry.verb, entry.person, entry.facts["person"]) for entry in page.events] == [
        (Verb.HAND_OVER, "Kasubag", "Rekan Kasubag")
    ]


def test_a_return_that_was_taken_back_is_not_listed(database: Database, office: Office, run: int) -> None:
    finish(database, office, run, "kasubag")
    task = finish(database, office, run, "sekretaris", "Dikembalikan", note="Keliru saya")
    with database.transaction() as session:
        reopening.reopen(session, office(session, "sekretaris"), task, "", office.now)
    page = sheet(database, office, run)
    assert (page.returns, page.round) == ((), 1)
    assert [row.state for row in page.rows] == [TaskState.COMPLETED, TaskState.CLAIMED, TaskState.WITHDRAWN]
    assert (page.rows[1].note, page.rows[1].choice, page.rows[2].spent) == ("", "", None)
    finish(database, office, run, "sekretaris", "Dikembalikan", note="Sungguh keliru")
    assert [row.reason for row in sheet(database, office, run).returns] == ["Sungguh keliru"]


def test_documents_comments_and_what_managers_did_are_listed(
    database: Database, office: Office, run: int, tmp_path: Path
) -> None:
    with database.transaction() as session:
        who, manager = office(session, "kasubag"), office(session, "manajer")
        for name in ("permohonan", "keliru"):
            content = io.BytesIO(b"%PDF-1.7\n" + name.encode() + b"\n%%EOF\n")
            kept = documents.keep(Store(tmp_path), f"{name}.pdf", content)
            (document,) = documents.attach(session, who, run, [kept], task_id=None, title="", now=office.now)
        documents.detach(session, manager, document, office.now + HOUR)
        runs.comment(session, who, run, "Mohon segera", office.now)
        runs.suspend(session, manager, run, "Menunggu kabar", office.now)
        runs.cancel(session, manager, run, "Tidak jadi", office.now + HOUR)
    page = sheet(database, office, run)
    assert [(one.filename, one.added_by, one.removed_at, one.removed_by) for one in page.documents] == [
        ("permohonan.pdf", "Kasubag", None, None),
        ("keliru.pdf", "Kasubag", office.now + HOUR, "Manajer"),
    ]
    assert [entry.facts["note"] for entry in page.comments] == ["Mohon segera"]
    assert [entry.verb for entry in page.events] == [Verb.SUSPEND, Verb.CANCEL]
    assert (page.state, page.finished_at) == (RunState.CANCELLED, office.now + HOUR)
    assert [row.state for row in page.rows] == [TaskState.WITHDRAWN]


def test_what_was_initialled_or_signed_stands_beside_its_task() -> None:
    def act(task_id: int | None, verb: str, person: str) -> Any:
        entry = SimpleNamespace(verb=verb, person=person, jabatan="Camat", capacity=Capacity.PLT, at=None)
        return SimpleNamespace(task_id=task_id, entry=entry)

    acts = [act(7, "initial", "Ani"), act(8, "sign", "Budi"), act(7, "sign", "Citra"), act(8, "complete", "Budi")]
    signed = control_sheet.signatures(cast("Any", acts))
    assert {task: [(one.verb, one.person) for one in them] for task, them in signed.items()} == {
        7: [("initial", "Ani"), ("sign", "Citra")],
        8: [("sign", "Budi")],
    }


def test_another_office_sees_nothing(database: Database, neighbour: Office, run: int) -> None:
    with database.reading() as session:
        stranger = neighbour(session, "camat")
        with pytest.raises(errors.NotFound):
            control_sheet.one(session, stranger, run, neighbour.now)
        with pytest.raises(errors.NotFound):
            progress.of_run(session, stranger, run)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What the database is asked in the block."""
    asked: list[str] = []

    def note(*call: Any) -> None:
        asked.append(call[2])

    event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine, "before_cursor_execute", note)


def test_a_long_run_takes_as_many_statements_as_a_short_one(database: Database, office: Office, run: int) -> None:
    counts = []
    for returns in (0, 3):
        for _ in range(returns):
            finish(database, office, run, "kasubag")
            finish(database, office, run, "sekretaris", "Dikembalikan")
        with database.reading() as session:
            who = office(session, "camat")
            with statements(database) as asked:
                control_sheet.one(session, who, run, office.now)
                progress.of_run(session, who, run)
        counts.append(len([one for one in asked if one.startswith("SELECT")]))
    assert counts[0] == counts[1] <= 8


# -- how far a run has come -------------------------------------------------------------------------------------------


def standings(database: Database, office: Office, run: int) -> list[tuple[Standing, int]]:
    with database.reading() as session:
        return [(step.standing, step.returns) for step in progress.of_run(session, office(session, "camat"), run).steps]


def test_steps_are_ahead_then_active_then_done(database: Database, office: Office, run: int) -> None:
    ahead, active, done = (Standing.AHEAD, 0), (Standing.ACTIVE, 0), (Standing.DONE, 0)
    assert standings(database, office, run) == [active, ahead, ahead]
    finish(database, office, run, "kasubag")
    assert standings(database, office, run) == [done, active, ahead]
    finish(database, office, run, "sekretaris", "Setuju")
    finish(database, office, run, "camat")
    assert standings(database, office, run) == [done, done, done]


def test_a_step_that_sent_the_run_back_is_to_be_done_again(database: Database, office: Office, run: int) -> None:
    for times in (1, 2):
        finish(database, office, run, "kasubag")
        finish(database, office, run, "sekretaris", "Dikembalikan")
        assert standings(database, office, run) == [
            (Standing.ACTIVE, 0), (Standing.RETURNED, times), (Standing.AHEAD, 0),
        ]  # fmt: skip
    finish(database, office, run, "kasubag")
    assert standings(database, office, run)[1] == (Standing.ACTIVE, 2)
    with database.reading() as session:
        come = progress.of_run(session, office(session, "camat"), run)
    assert list(come.returns.values()) == [2]
    assert (come.steps[0].name, come.steps[0].jabatan) == ("langkah_1", "Kasubag Umum")


def test_a_step_that_was_withdrawn_lies_ahead_again(database: Database, office: Office, run: int) -> None:
    task = finish(database, office, run, "kasubag")
    with database.transaction() as session:
        reopening.reopen(session, office(session, "kasubag"), task, "", office.now)
    assert [standing for standing, _ in standings(database, office, run)] == [
        Standing.ACTIVE, Standing.AHEAD, Standing.AHEAD,
    ]  # fmt: skip
