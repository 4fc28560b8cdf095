"""People acting on runs, on every database: what lands, what is refused, and what then stands in the tables."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from bpmn.errors import Refusal
from engine import advancing, definitions, errors, offices, runs, spiff, tasks
from engine.database import Database
from engine.queries import inbox, lists, progress, returns, work
from engine.queries import runs as run_queries
from engine.queries.dues import DueState
from engine.queries.progress import Standing
from engine.states import Capacity, RunState, TaskState, Verb
from engine.tables import Holding, Run, Version
from tests.engine.conftest import SINCE, Office
from tests.engine.flows import approval, parallel


def open_task(session: Session, office: Office, who: str) -> int:
    """The one task that waits for a person or the person's jabatan."""
    actor = office(session, who)
    (row,) = *lists.mine(session, actor, office.now).rows, *lists.of_jabatan(session, actor, office.now).rows
    return row.id


def finish(database: Database, office: Office, who: str, choice: str | None = None, note: str = "") -> Verb:
    """Claim the one task that waits for somebody, and complete it by the choice of that name."""
    with database.transaction() as session:
        task = open_task(session, office, who)
        tasks.claim(session, office(session, who), task, office.now)
    with database.transaction() as session:
        choices = work.one(session, office(session, who), task, office.now).choices
        edge = next((one.edge for one in choices if one.name == choice), None)
        return tasks.complete(session, office(session, who), task, edge, note, office.now)


def test_a_run_with_one_return_from_start_to_end(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        run = office.start(session, surat)
    assert finish(database, office, "kasubag") is Verb.COMPLETE
    assert finish(database, office, "sekretaris", "Dikembalikan", "Nomor surat salah") is Verb.RETURN
    with database.reading() as session:
        task = work.one(session, office(session, "kasubag"), open_task(session, office, "kasubag"), office.now)
        assert task.row.came_back
        assert task.row.returns == 1
        assert task.returned is not None
        assert (task.returned.reason, task.returned.step, task.returned.round) == (
            "Nomor surat salah", "langkah_2", 2,
        )  # fmt: skip
    finish(database, office, "kasubag", note="Sudah diperbaiki")
    finish(database, office, "sekretaris", "Setuju")
    finish(database, office, "camat")
    with database.reading() as session:
        page = run_queries.one(session, office(session, "camat"), run, office.now)
        come = progress.of_run(session, office(session, "camat"), run)
    assert page.row.state is RunState.FINISHED
    assert page.row.round == 2
    assert page.row.waiting == ()
    assert [step.standing for step in come.steps] == [Standing.DONE] * 3
    assert list(come.returns.values()) == [1]
    assert [entry.verb for entry in page.history] == [
        Verb.START,
        *[Verb.CLAIM, Verb.COMPLETE],
        *[Verb.CLAIM, Verb.RETURN],
        Verb.COMPLETE,
        *[Verb.CLAIM, Verb.COMPLETE] * 2,
        Verb.FINISH,
    ]
    returned = page.history[4]
    assert (returned.person, returned.jabatan, returned.capacity) == ("Sekretaris", "Sekretaris", Capacity.DEFINITIF)
    assert returned.facts == {"choice": "Dikembalikan", "note": "Nomor surat salah", "round": 2, "to": ["langkah_1"]}


def test_returns_are_counted_by_arrow(database: Database, office: Office, neighbour: Office, surat: int) -> None:
    for _ in range(2):
        with database.transaction() as session:
            office.start(session, surat)
        finish(database, office, "kasubag")
        finish(database, office, "sekretaris", "Dikembalikan", "Nomor surat salah")
        finish(database, office, "kasubag")
        finish(database, office, "sekretaris", "Setuju")
        finish(database, office, "camat")
    with database.reading() as session:
        assert returns.counts(session, office(session, "camat"), surat) == {"alur_4": 2}
        assert returns.counts(session, neighbour(session, "camat"), surat) == {}


def test_work_sent_back_is_with_the_person_who_did_it(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        office.start(session, surat)
    finish(database, office, "rekan")
    finish(database, office, "sekretaris", "Dikembalikan", "Nomor surat salah")
    with database.reading() as session:
        (row,) = lists.mine(session, office(session, "rekan"), office.now).rows
        assert (row.mine, row.came_back) == (True, True)
        assert lists.of_jabatan(session, office(session, "kasubag"), office.now).rows == ()


def test_work_sent_back_is_with_the_jabatan_where_its_person_no_longer_holds_it(
    database: Database, office: Office, surat: int
) -> None:
    with database.transaction() as session:
        office.start(session, surat)
    finish(database, office, "rekan")
    with database.transaction() as session:
        yesterday = office.now.date() - timedelta(days=1)
        session.execute(update(Holding).where(Holding.person_id == office.people["rekan"]).values(until=yesterday))
    finish(database, office, "sekretaris", "Dikembalikan", "Nomor surat salah")
    with database.reading() as session:
        assert lists.mine(session, office(session, "rekan"), office.now).rows == ()
        (row,) = lists.of_jabatan(session, office(session, "kasubag"), office.now).rows
        assert row.came_back


def test_a_task_shows_what_the_sop_says_and_when_it_is_due(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        office.start(session, surat)
        task = work.one(session, office(session, "kasubag"), open_task(session, office, "kasubag"), office.now)
    assert (task.kelengkapan, task.output, task.waktu) == ("Konsep surat", "Konsep diketik", "2 jam")
    assert task.row.due is not None
    assert task.row.due.at == office.now + timedelta(hours=2)
    assert task.row.due.state is DueState.AMPLE
    late = office.now + timedelta(days=2)
    with database.reading() as session:
        due = lists.mine(session, office(session, "kasubag"), late)
        assert due.rows == ()
        (row,) = lists.of_jabatan(session, office(session, "kasubag"), late).rows
    assert row.due is not None
    assert (row.due.state, row.due.days) == (DueState.OVER, -2)


def test_only_holders_of_the_first_jabatan_start_a_run(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session, pytest.raises(errors.NotAllowed):
        office.start(session, surat, by="camat")
    with database.transaction() as session, pytest.raises(errors.Invalid):
        office.start(session, surat, subject="  ")
    with database.transaction() as session, pytest.raises(errors.TooLong):
        office.start(session, surat, subject="x" * 301)


def test_only_one_of_two_colleagues_gets_a_task(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        office.start(session, surat)
        task = open_task(session, office, "kasubag")
        tasks.claim(session, office(session, "kasubag"), task, office.now)
        tasks.claim(session, office(session, "kasubag"), task, office.now)
    with database.transaction() as session, pytest.raises(errors.TaskAlreadyClaimed, match="Kasubag"):
        tasks.claim(session, office(session, "rekan"), task, office.now)
    with database.transaction() as session, pytest.raises(errors.TaskAlreadyClaimed):
        tasks.complete(session, office(session, "rekan"), task, None, "", office.now)
    with database.transaction() as session:
        tasks.release(session, office(session, "kasubag"), task, office.now)
    with database.transaction() as session:
        tasks.claim(session, office(session, "rekan"), task, office.now)


def test_who_holds_no_jabatan_of_the_task_may_not_touch_it(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        office.start(session, surat)
        task = open_task(session, office, "kasubag")
    for act in (tasks.claim, tasks.release):
        with database.transaction() as session, pytest.raises(errors.NotYourTask):
            act(session, office(session, "camat"), task, office.now)
    with database.transaction() as session, pytest.raises(errors.NotYourTask):
        tasks.complete(session, office(session, "camat"), task, None, "", office.now)


def test_a_jabatan_is_held_from_its_first_to_its_last_day(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        plt = offices.add_person(session, office.id, "plt", "Pelaksana", "rahasia")
        offices.hold(session, plt, office.jabatan["Camat"], SINCE, office.now.date(), Capacity.PLT)
        today = offices.actor(session, plt, office.now)
        tomorrow = offices.actor(session, plt, office.now + timedelta(days=1))
        before = offices.actor(session, plt, datetime(2026, 1, 4, 16, 0, tzinfo=office.now.tzinfo))
    assert [held.capacity for held in today.held.values()] == [Capacity.PLT]
    assert not tomorrow.held
    assert not before.held


@pytest.mark.parametrize(("choice", "note", "error"), [
    (None, "", errors.ChoiceMissing),
    ("bukan-alur", "", errors.ChoiceMissing),
    ("Dikembalikan", " \n ", errors.ReasonMissing),
    ("Setuju", "x" * 4001, errors.TooLong),
])  # fmt: skip
def test_a_refused_completion_writes_nothing(
    database: Database, office: Office, surat: int, choice: str | None, note: str, error: type[Refusal]
) -> None:
    with database.transaction() as session:
        run = office.start(session, surat)
    finish(database, office, "kasubag")
    with database.transaction() as session:
        task = open_task(session, office, "sekretaris")
        tasks.claim(session, office(session, "sekretaris"), task, office.now)
    with database.reading() as session:
        before = run_queries.one(session, office(session, "camat"), run, office.now)
        edges = {one.name: one.edge for one in work.one(session, office(session, "camat"), task, office.now).choices}
    with database.transaction() as session, pytest.raises(error):
        tasks.complete(session, office(session, "sekretaris"), task, edges.get(str(choice), choice), note, office.now)
    with database.reading() as session:
        assert run_queries.one(session, office(session, "camat"), run, office.now) == before


def test_a_second_submit_answers_with_what_already_happened(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        run = office.start(session, surat)
        task = open_task(session, office, "kasubag")
        tasks.claim(session, office(session, "kasubag"), task, office.now)
    for _ in range(2):
        with database.transaction() as session:
            assert tasks.complete(session, office(session, "kasubag"), task, None, "", office.now) is Verb.COMPLETE
    with database.reading() as session:
        assert len(run_queries.one(session, office(session, "camat"), run, office.now).history) == 3
    with database.transaction() as session, pytest.raises(errors.TaskFinished):
        tasks.claim(session, office(session, "rekan"), task, office.now)


def test_both_branches_of_a_parallel_section_wait_at_once(database: Database, office: Office) -> None:
    with database.transaction() as session:
        definition = office.publish(session, parallel())
        run = office.start(session, definition, by="camat")
    finish(database, office, "camat")
    with database.reading() as session:
        waits = run_queries.one(session, office(session, "camat"), run, office.now)
    assert [task.name for task in waits.row.waiting] == ["langkah_2", "langkah_3"]
    finish(database, office, "sekretaris")
    with database.reading() as session:
        waits = run_queries.one(session, office(session, "camat"), run, office.now)
    assert [task.name for task in waits.row.waiting] == ["langkah_3"]
    finish(database, office, "kasubag")
    finish(database, office, "camat")
    with database.reading() as session:
        assert run_queries.one(session, office(session, "camat"), run, office.now).row.state is RunState.FINISHED


def test_no_office_sees_or_touches_what_another_has(
    database: Database, office: Office, neighbour: Office, surat: int
) -> None:
    with database.transaction() as session:
        run = office.start(session, surat)
        task = open_task(session, office, "kasubag")
    with database.transaction() as session:
        stranger = neighbour(session, "kasubag")
        assert lists.of_jabatan(session, stranger, office.now).rows == ()
        assert run_queries.all_of_office(session, stranger, office.now).rows == ()
        for ask in (
            lambda: work.one(session, stranger, task, office.now),
            lambda: run_queries.one(session, stranger, run, office.now),
            lambda: tasks.claim(session, stranger, task, office.now),
            lambda: tasks.release(session, stranger, task, office.now),
            lambda: tasks.complete(session, stranger, task, None, "", office.now),
            lambda: runs.start(session, stranger, surat, "Milik orang lain", office.now),
        ):
            with pytest.raises(errors.NotFound):
                ask()


def test_a_state_read_before_somebody_else_wrote_is_not_written(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        run_id = office.start(session, surat)
    with database.transaction() as session:
        run = session.get_one(Run, run_id)
        version = session.get_one(Version, run.version_id)
        session.expunge(run)
        run.revision -= 1
        process = definitions.process(session, version)
        who = office(session, "kasubag")
        with pytest.raises(errors.StaleRun):
            advancing.write(advancing.Act(session, who, run, version, process, office.now), spiff.start(process))


def test_lists_go_on_page_by_page(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        for number in range(55):
            office.start(session, surat, subject=f"Surat {number}")
    with database.reading() as session:
        who = office(session, "kasubag")
        first = lists.of_jabatan(session, who, office.now)
        assert len(first.rows) == 50
        assert first.next
        rest = lists.of_jabatan(session, who, office.now, lists.Wanted(after=first.next))
        assert [row.subject for row in rest.rows] == [f"Surat {number}" for number in range(50, 55)]
        assert rest.next == ""
        assert inbox.counts(session, who).jabatan == 55
        newest = run_queries.all_of_office(session, who, office.now)
        assert newest.rows[0].subject == "Surat 54"
        older = run_queries.all_of_office(session, who, office.now, before=newest.next)
        assert len(older.rows) == 5
        assert older.rows[0].waiting[0].state is TaskState.OPEN


def test_four_eyes_who_did_a_step_may_not_check_it(database: Database, office: Office) -> None:
    flow = approval()
    nodes = tuple(
        dataclasses.replace(node, lane="lajur_3", properties={**node.properties, "bukan_pelaksana": "1"})
        if node.id == "langkah_2"
        else node
        for node in flow.nodes
    )
    with database.transaction() as session:
        office.start(session, office.publish(session, dataclasses.replace(flow, nodes=nodes)))
    finish(database, office, "rekan")
    with database.transaction() as session:
        task = open_task(session, office, "rekan")
        with pytest.raises(errors.NotYourTask, match="orang lain"):
            tasks.claim(session, office(session, "rekan"), task, office.now)
        tasks.claim(session, office(session, "kasubag"), task, office.now)
        for give, by in ((tasks.hand_over, "kasubag"), (tasks.reassign, "manajer")):
            with pytest.raises(errors.NotYourTask, match="Rekan Kasubag sudah mengerjakan"):
                give(session, office(session, by), task, office.people["rekan"], "", office.now)


def test_a_step_for_definitif_officials_only(database: Database, office: Office) -> None:
    flow = approval()
    nodes = tuple(
        dataclasses.replace(node, properties={**node.properties, "hanya_definitif": "ya"})
        if node.id == "langkah_1"
        else node
        for node in flow.nodes
    )
    with database.transaction() as session:
        office.start(session, office.publish(session, dataclasses.replace(flow, nodes=nodes)))
        session.execute(
            update(Holding).where(Holding.person_id == office.people["rekan"]).values(capacity=Capacity.PLH)
        )
    with database.transaction() as session:
        task = open_task(session, office, "kasubag")
        with pytest.raises(errors.NotYourTask, match="definitif"):
            tasks.claim(session, office(session, "rekan"), task, office.now)
        tasks.claim(session, office(session, "kasubag"), task, office.now)
