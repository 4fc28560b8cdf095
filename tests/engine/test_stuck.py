"""Why runs are stuck: each cause comes of acts and the clock, is named on the board, and goes with its remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update

from bpmn.flow import MESSAGE, SIGNAL, TIMER, Event
from engine import absences, alerts, checking, errors, offices, reopening, runs, stuck, tasks
from engine.database import Database, Session
from engine.queries import board
from engine.queries.board import BoardRow, Only, Wanted
from engine.states import NoticeKind
from engine.stuck import Remedy, thresholds
from engine.tables import Cause, Holding, Notice, Person, Position, Run
from tests.conftest import NOW
from tests.engine.conftest import Office
from tests.engine.flows import Drawing, approval
from tests.engine.people import finish, open_tasks
from tests.engine.test_waits import caught, fire

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def at(office: Office, after: timedelta) -> Office:
    return replace(office, now=office.now + after)


def rows(database: Database, office: Office, only: Only = Only.STUCK, **wanted: object) -> dict[int, BoardRow]:
    """The board at the office's moment; what is stored has to be what would be worked out anew."""
    with database.reading() as session:
        assert [found for found in checking.check(session) if "papan" in str(found.what).lower()] == []
        manager = office(session, "manajer")
        found = board.page(session, manager, office.now, Wanted(only=only, **wanted))  # type: ignore[arg-type]
        for cause in found.counts.causes:
            named = board.page(session, manager, office.now, Wanted(cause=cause.name)).page.rows
            assert len(named) == cause.runs
            assert all(cause.name in [one.name for one in row.causes] for row in named)
        return {row.id: row for row in found.page.rows}


def names(database: Database, office: Office, run: int) -> list[str]:
    """By which causes a run is stuck; whether it is on the board is as they say."""
    with database.reading() as session:
        causes = board.causes_of(session, office(session, "manajer"), [run], office.now)[run]
    found = [cause.name for cause in causes]
    assert (run in rows(database, office)) is bool(found)
    return found


def cause(database: Database, office: Office, run: int, name: str) -> tuple[str, tuple[Remedy, ...]]:
    """What is told about a run by a cause, and what can be done."""
    row = rows(database, office)[run]
    found = next(one for one in row.causes if one.name == name)
    assert set(found.remedies) <= set(row.remedies) or len(row.causes) > 1
    return str(found.why), found.remedies


def start(database: Database, office: Office, surat: int) -> tuple[int, int]:
    """A run, and its task."""
    with database.transaction() as session:
        run = office.start(session, surat)
        return run, open_tasks(session, run)[0].id


def claim(database: Database, office: Office, task: int, who: str = "kasubag") -> None:
    with database.transaction() as session:
        tasks.claim(session, office(session, who), task, office.now)


def test_a_run_that_goes_on_is_not_stuck(database: Database, office: Office, surat: int) -> None:
    run, task = start(database, office, surat)
    assert names(database, office, run) == []
    assert set(rows(database, office, Only.ALL)) == {run}
    claim(database, office, task)
    assert names(database, at(office, HOUR), run) == []
    for who, choice in (("kasubag", None), ("sekretaris", "Setuju"), ("camat", None)):
        finish(database, office, run, who, choice)
    assert rows(database, at(office, 30 * DAY), Only.ALL) == {}


def test_unclaimed_for_a_working_day(database: Database, office: Office) -> None:
    drawing = Drawing()
    with database.transaction() as session:
        surat = office.publish(session, drawing.flow(drawing.step("mulai", lane=3)))
    run, task = start(database, office, surat)
    assert names(database, at(office, DAY - HOUR), run) == []
    later = at(office, DAY)
    assert names(database, later, run) == ["unclaimed"]
    told, remedies = cause(database, later, run, "unclaimed")
    assert told == f"Belum diambil sejak {office.now} oleh pemegang jabatan Kasubag Umum."
    assert remedies[:2] == (Remedy.REMIND, Remedy.REASSIGN)
    with database.transaction() as session:
        alerts.remind(session, later(session, "manajer"), task, "Mohon segera", later.now)
    with database.reading() as session:
        assert set(session.scalars(select(Notice.kind))) == {NoticeKind.REMINDER}
    assert names(database, later, run) == ["unclaimed"]
    claim(database, later, task)
    assert names(database, later, run) == []


def test_what_is_given_back_waits_anew(database: Database, office: Office, surat: int) -> None:
    run, task = start(database, office, surat)
    claim(database, office, task)
    later = at(office, 2 * DAY)
    with database.transaction() as session:
        tasks.release(session, later(session, "kasubag"), task, later.now)
    assert names(database, later, run) == ["late"]
    assert names(database, at(later, DAY), run) == ["unclaimed", "late"]


def test_a_working_day_leaves_out_the_weekend(database: Database, office: Office) -> None:
    drawing = Drawing()
    friday = at(office, 4 * DAY)
    with database.transaction() as session:
        surat = office.publish(session, drawing.flow(drawing.step("mulai", lane=3)))
    run, _ = start(database, friday, surat)
    assert names(database, at(friday, 2 * DAY), run) == []
    assert names(database, at(friday, 3 * DAY), run) == ["unclaimed"]


def test_claimed_and_left_lying(database: Database, office: Office) -> None:
    drawing = Drawing()
    with database.transaction() as session:
        surat = office.publish(session, drawing.flow(drawing.step("mulai", lane=3)))
    run, task = start(database, office, surat)
    claim(database, office, task)
    later = at(office, 2 * DAY)
    assert names(database, at(later, -HOUR), run) == []
    assert names(database, later, run) == ["idle"]
    told, remedies = cause(database, later, run, "idle")
    assert told == f"Sudah diambil Kasubag, tetapi tidak dikerjakan sejak {office.now}."
    assert remedies[:2] == (Remedy.REMIND, Remedy.REASSIGN)
    with database.transaction() as session:
        tasks.save(session, later(session, "kasubag"), task, None, "Draf", later.now)
    assert names(database, later, run) == []
    much_later = at(later, 2 * DAY)
    assert names(database, much_later, run) == ["idle"]
    with database.transaction() as session:
        receiver = office.people["rekan"]
        tasks.reassign(session, much_later(session, "manajer"), task, receiver, "", much_later.now)
    assert names(database, much_later, run) == []


def test_behind_its_standard(database: Database, office: Office, surat: int) -> None:
    run, task = start(database, office, surat)
    claim(database, office, task)
    due = at(office, 2 * HOUR)
    assert names(database, at(due, -timedelta(minutes=1)), run) == []
    assert names(database, due, run) == ["late"]
    told, remedies = cause(database, due, run, "late")
    assert told == f"Langkah “langkah_1” melewati mutu bakunya pada {due.now}."
    assert remedies[0] is Remedy.REMIND
    row = rows(database, at(due, HOUR))[run]
    assert row.overdue == HOUR
    assert row.waited == 3 * HOUR
    assert set(rows(database, at(due, HOUR), Only.OVERDUE)) == {run}
    finish(database, due, run, "kasubag")
    assert names(database, due, run) == []


def test_returned_again_and_again(database: Database, office: Office, surat: int) -> None:
    run, _ = start(database, office, surat)
    for _ in range(2):
        finish(database, office, run, "kasubag")
        finish(database, office, run, "sekretaris", "Dikembalikan")
    assert names(database, office, run) == []
    finish(database, office, run, "kasubag")
    third = finish(database, office, run, "sekretaris", "Dikembalikan")
    assert names(database, office, run) == ["returned"]
    told, remedies = cause(database, office, run, "returned")
    assert told == "Sudah 3 kali dikembalikan; sekarang putaran ke-4."
    assert Remedy.CANCEL in remedies
    with database.transaction() as session:
        reopening.reopen(session, office(session, "manajer"), third, "Keliru", office.now)
    assert names(database, office, run) == []


def test_nobody_holds_the_jabatan(database: Database, office: Office, surat: int) -> None:
    run, _ = start(database, office, surat)
    finish(database, office, run, "kasubag")
    with database.transaction() as session:
        ended = update(Holding).where(Holding.person_id == office.people["sekretaris"])
        session.execute(ended.values(until=office.now.date() - DAY))
    assert names(database, office, run) == ["vacant"]
    told, remedies = cause(database, office, run, "vacant")
    assert told == "Tidak ada yang memegang jabatan Sekretaris saat ini."
    assert remedies[0] is Remedy.APPOINT
    assert rows(database, office)[run].remedies == (Remedy.APPOINT, Remedy.SUSPEND, Remedy.CANCEL)
    with database.transaction() as session:
        offices.hold(session, office.people["rekan"], office.jabatan["Sekretaris"], office.now.date())
    assert names(database, office, run) == []


def test_a_jabatan_whose_holder_left_is_vacant(database: Database, office: Office, surat: int) -> None:
    run, _ = start(database, office, surat)
    finish(database, office, run, "kasubag")
    with database.transaction() as session:
        session.execute(update(Person).where(Person.id == office.people["sekretaris"]).values(active=False))
    assert names(database, office, run) == ["vacant"]


def note(database: Database, office: Office, who: str, substitute: str | None = None, days: int = 2) -> int:
    with database.transaction() as session:
        first = office.now.date()
        instead = office.people[substitute] if substitute else None
        person = office.people[who]
        return absences.note(
            session, office(session, "manajer"), person, first, first + days * DAY, instead, "", office.now
        )


def test_who_has_the_task_is_away_without_a_substitute(database: Database, office: Office, surat: int) -> None:
    run, task = start(database, office, surat)
    claim(database, office, task)
    note(database, office, "kasubag")
    assert names(database, office, run) == ["absent"]
    told, remedies = cause(database, office, run, "absent")
    assert told == "Kasubag tidak di tempat sampai 2026-11-25 dan tidak ada penggantinya."
    assert remedies[:2] == (Remedy.SUBSTITUTE, Remedy.REASSIGN)
    away = rows(database, office)[run].away
    assert [(one.name, one.until) for one in away] == [("Kasubag", date(2026, 11, 25))]
    with database.transaction() as session:
        manager = office(session, "manajer")
        absences.appoint(session, manager, away[0].person_id, office.people["camat"], office.now)
    assert names(database, office, run) == []
    with database.reading() as session:
        assert [one.claimed_by for one in open_tasks(session, run)] == [office.people["camat"]]


def test_who_is_back_keeps_nobody_waiting(database: Database, office: Office, surat: int) -> None:
    run, task = start(database, office, surat)
    claim(database, office, task)
    note(database, office, "kasubag", days=0)
    assert names(database, office, run) == ["absent"]
    assert "absent" not in names(database, at(office, DAY), run)


def test_all_holders_are_away(database: Database, office: Office, surat: int) -> None:
    run, _ = start(database, office, surat)
    note(database, office, "kasubag")
    assert names(database, office, run) == []
    absence = note(database, office, "rekan")
    assert names(database, office, run) == ["absent"]
    told, _ = cause(database, office, run, "absent")
    assert told == "Semua pemegang jabatan Kasubag Umum tidak di tempat dan tidak ada penggantinya."
    assert {one.name for one in rows(database, office)[run].away} == {"Kasubag", "Rekan Kasubag"}
    with database.transaction() as session:
        absences.end(session, office(session, "manajer"), absence, office.now)
    assert names(database, office, run) == []


def test_a_substitute_who_is_away_as_well_acts_for_nobody(database: Database, office: Office, surat: int) -> None:
    run, _ = start(database, office, surat)
    finish(database, office, run, "kasubag")
    note(database, office, "sekretaris", "camat")
    assert names(database, office, run) == []
    note(database, office, "camat")
    assert names(database, office, run) == ["absent"]


def test_waiting_for_a_moment(database: Database, office: Office) -> None:
    with database.transaction() as session:
        sop = office.publish(session, caught(Event(TIMER, "P3D", "timeDuration")))
    run, _ = start(database, office, sop)
    finish(database, office, run, "kasubag")
    assert names(database, office, run) == ["timer"]
    told, remedies = cause(database, office, run, "timer")
    assert told == f"Menunggu sampai {office.now + 3 * DAY}, sesuai diagramnya."
    assert remedies == (Remedy.SUSPEND, Remedy.CANCEL)
    later = at(office, 3 * DAY)
    assert fire(database, run, later.now)
    assert names(database, later, run) == []


@pytest.mark.parametrize("kind", [MESSAGE, SIGNAL])
def test_waiting_for_news(database: Database, office: Office, kind: str) -> None:
    with database.transaction() as session:
        sop = office.publish(session, caught(Event(kind, "Jawaban Bupati")))
    run, _ = start(database, office, sop)
    finish(database, office, run, "kasubag")
    assert names(database, office, run) == ["message"]
    told, _ = cause(database, office, run, "message")
    assert told == f"Menunggu kabar “Jawaban Bupati” sejak {office.now}."
    with database.transaction() as session:
        manager = office(session, "manajer")
        if kind == MESSAGE:
            runs.message(session, manager, run, "Jawaban Bupati", "", office.now)
        else:
            runs.signal(session, manager, "Jawaban Bupati", "", office.now)
    assert names(database, office, run) == []


def test_waiting_for_another_sop(database: Database, office: Office) -> None:
    drawing = Drawing("Induk")
    call = drawing.node("panggil", "callActivity", "lajur_3", calls="anak")
    drawing.edge(drawing.step("mulai", lane=3), call)
    flow = drawing.flow(drawing.step(call, lane=2))
    other = Drawing("Anak")
    child = replace(other.flow(other.step("mulai", lane=1)), process_id="anak")
    with database.transaction() as session:
        office.publish(session, child)
        sop = office.publish(session, flow)
    run, _ = start(database, office, sop)
    finish(database, office, run, "kasubag")
    assert names(database, office, run) == ["other_sop"]
    told, remedies = cause(database, office, run, "other_sop")
    assert told == "Menunggu selesainya berkas SOP “Anak”."
    assert remedies[0] is Remedy.OPEN_OTHER
    with database.reading() as session:
        called = session.scalars(select(Run.id).where(Run.parent_id == run)).one()
    assert rows(database, office)[run].causes[0].run_id == called
    assert names(database, office, called) == []
    child_row = rows(database, office, Only.ALL)[called]
    assert (child_row.caller, Remedy.CANCEL in child_row.remedies) == (run, False)
    finish(database, office, called, "camat")
    assert names(database, office, run) == []


def test_damaged(database: Database, office: Office, surat: int) -> None:
    run, task = start(database, office, surat)
    claim(database, office, task)
    with database.transaction() as session:
        before = session.scalars(select(Run.state_of_engine).where(Run.id == run)).one()
        session.execute(update(Run).where(Run.id == run).values(state_of_engine=b"?"))
    found = at(office, HOUR)
    with pytest.raises(errors.RunDamaged), database.transaction() as session:
        tasks.complete(session, found(session, "kasubag"), task, None, "", found.now)
    assert names(database, found, run) == ["damaged"]
    told, remedies = cause(database, found, run, "damaged")
    assert told == f"Data berkas ini rusak dan tidak dapat dilanjutkan sejak {found.now}."
    assert remedies[0] is Remedy.REPORT
    with database.transaction() as session:
        session.execute(update(Run).where(Run.id == run).values(state_of_engine=before))
    finish(database, found, run, "kasubag")
    assert names(database, found, run) == []


def test_what_is_suspended_has_no_cause(database: Database, office: Office, surat: int) -> None:
    run, _ = start(database, office, surat)
    later = at(office, 3 * DAY)
    assert names(database, later, run) == ["unclaimed", "late"]
    with database.transaction() as session:
        runs.suspend(session, later(session, "manajer"), run, "Menunggu data", later.now)
    assert names(database, later, run) == []
    assert rows(database, later, Only.OVERDUE) == {}
    row = rows(database, later, Only.SUSPENDED)[run]
    assert row.remedies == (Remedy.RESUME, Remedy.CANCEL)
    with database.transaction() as session:
        runs.resume(session, later(session, "manajer"), run, "", later.now)
    assert names(database, later, run) == ["unclaimed", "late"]
    with database.transaction() as session:
        runs.cancel(session, later(session, "manajer"), run, "Tidak jadi", later.now)
    assert rows(database, later, Only.ALL) == {}


# -- thresholds -------------------------------------------------------------------------------------------------------


def change(database: Database, office: Office, **values: str) -> int:
    with database.transaction() as session:
        return thresholds.change(session, office(session, "manajer"), values, office.now)


def test_each_office_has_its_own_thresholds(database: Database, office: Office, neighbour: Office, surat: int) -> None:
    run, task = start(database, office, surat)
    with database.transaction() as session:
        other = neighbour.start(session, neighbour.publish(session, approval()))
    later = at(office, DAY)
    assert names(database, later, run) == ["unclaimed", "late"]
    assert change(database, later, unclaimed="3", idle="1", returned="3") == 1
    assert names(database, later, run) == ["late"]
    assert names(database, replace(neighbour, now=later.now), other) == ["unclaimed", "late"]
    claim(database, later, task)
    assert names(database, at(later, DAY), run) == ["idle", "late"]
    with database.reading() as session:
        settings = thresholds.of_office(session, office(session, "manajer"))
    assert {one.name: one.value for one in settings} == {"unclaimed": 3, "idle": 1, "returned": 3}
    assert change(database, later, unclaimed="3", idle="1") == 0


@pytest.mark.parametrize("typed", ["0", "-1", "61", "1,5", "", "satu", "²", "999999999999"])
def test_a_threshold_is_a_number_within_bounds(database: Database, office: Office, typed: str) -> None:
    with pytest.raises(errors.Invalid):
        change(database, office, unclaimed=typed)


def test_only_managers_set_thresholds_and_see_the_board(database: Database, office: Office) -> None:
    asked: tuple[Callable[[Session, offices.Actor], object], ...] = (
        lambda session, who: thresholds.change(session, who, {"idle": "3"}, NOW),
        thresholds.of_office,
        lambda session, who: board.page(session, who, NOW, Wanted()),
        lambda session, who: board.counts(session, who, NOW),
        lambda session, who: board.causes_of(session, who, [1], NOW),
        lambda session, who: board.of_run(session, who, 1, NOW),
        *(lambda session, who, by=by: board.groups(session, who, NOW, by) for by in board.By),
    )
    for ask in asked:
        with pytest.raises(errors.NotAllowed), database.reading() as session:
            ask(session, office(session, "camat"))


# -- what is stored ---------------------------------------------------------------------------------------------------


def test_what_an_earlier_release_left_is_caught_up_with(
    database: Database, office: Office, surat: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = [start(database, office, surat)[0] for _ in range(5)]
    with database.transaction() as session:
        stored = {row.run_id: row.stuck_at for row in session.scalars(select(Position))}
        for table in (Position, Cause):
            session.execute(delete(table))
    monkeypatch.setattr(stuck.keeping, "PART", 2)
    assert stuck.catch_up(database) == 5
    assert stuck.catch_up(database) == 0
    with database.reading() as session:
        assert {row.run_id: row.stuck_at for row in session.scalars(select(Position))} == stored
        assert list(checking.check(session)) == []
    assert set(stored) == set(started)


def test_what_is_stored_wrongly_is_found(database: Database, office: Office, surat: int) -> None:
    run, _ = start(database, office, surat)
    over, _ = start(database, office, surat)
    with database.transaction() as session:
        session.execute(update(Position).where(Position.run_id == run).values(since=office.now - DAY))
        runs.cancel(session, office(session, "manajer"), over, "Tidak jadi", office.now)
    with database.transaction() as session:
        session.add(Cause(run_id=over, cause="late", office_id=office.id, at=office.now))
    with database.reading() as session:
        assert {found.run_id for found in checking.check(session)} == {run, over}


def test_what_is_refused_changes_nothing_that_is_stored(database: Database, office: Office, surat: int) -> None:
    run, task = start(database, office, surat)
    with database.transaction() as session:
        refused = tasks.each(tasks.claim, session, office(session, "camat"), [task], office.now)
        assert refused[task] is not None
    assert names(database, office, run) == []


def test_every_cause_fits_its_column_and_names_a_remedy() -> None:
    for rule in stuck.RULES:
        assert len(rule.name) <= 16
        assert rule.remedies
    assert len(stuck.BY_NAME) == len(stuck.RULES)
