"""What administrators do: an office is set up and kept, and nobody is left without one who may."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bpmn.errors import Refusal
from engine import absences, errors, log_ins, offices, runs, tables, tasks, tokens, worker
from engine.administration import holdings, importing, installing, jabatan, leaving, office, people, sheets
from engine.administration.holdings import Term
from engine.administration.importing import Fate
from engine.administration.people import Entry
from engine.database import Database, Session
from engine.offices import Actor
from engine.queries import administration as seen
from engine.queries import lists
from engine.queries.administration import Gap, Held
from engine.states import Capacity, Right, TaskState
from engine.tables import AdminChange, Holding, JabatanAlias, Person, Task
from engine.workdays import add_days, calendar_from
from tests.engine.conftest import Office
from tests.engine.flows import approval

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


@pytest.fixture
def desa(database: Database, office: Office) -> Office:
    """The office of the tests, with an administrator."""
    with database.transaction() as session:
        office.people["admin"] = offices.add_person(
            session, office.id, "admin.sukamaju", "Admin", "rahasia", frozenset({Right.ADMINISTRATOR})
        )
    return office


def changed(session: Session) -> list[tuple[str, str]]:
    """What was written down, by kind and name."""
    return [(one.kind, one.about) for one in session.scalars(select(AdminChange).order_by(AdminChange.id))]


def refuses(act: Callable[[], object], kind: type[Refusal]) -> None:
    with pytest.raises(kind):
        act()


# -- who may ----------------------------------------------------------------------------------------------------------


def test_nobody_but_an_administrator_changes_or_sees_anything(database: Database, desa: Office) -> None:
    now = desa.now
    with database.transaction() as session:
        for name in ("manajer", "analis", "camat"):
            who = desa(session, name)
            person, camat = desa.people["rekan"], desa.jabatan["Camat"]
            for act in (
                lambda who=who: office.describe(session, who, "X", "Asia/Jakarta", now),
                lambda who=who: office.add_day(session, who, TODAY, working=False, now=now),
                lambda who=who: jabatan.add(session, who, "Staf Arsip", None, now),
                lambda who=who, camat=camat: jabatan.remove(session, who, camat, now),
                lambda who=who: people.add(session, who, Entry("A B", "ab"), now),
                lambda who=who, person=person: people.new_password(session, who, person, now),
                lambda who=who, person=person: leaving.leaving(session, who, person, now),
                lambda who=who, person=person: leaving.deactivate(session, who, person, {}, "", now),
                lambda who=who: importing.preview(session, who, b"nama;nama pengguna\n", now),
                lambda who=who: seen.checklist(session, who, now),
                lambda who=who: seen.people(session, who, now),
                lambda who=who: seen.changes(session, who),
                lambda who=who, camat=camat: seen.jabatan(session, who, camat, now),
            ):
                refuses(act, errors.NotAllowed)
        assert changed(session) == []


def test_nothing_of_another_office_is_found(database: Database, desa: Office, neighbour: Office) -> None:
    now, term = desa.now, Term(Capacity.DEFINITIF, TODAY)
    with database.transaction() as session:
        who = desa(session, "admin")
        person, camat = neighbour.people["rekan"], neighbour.jabatan["Camat"]
        held = session.scalars(select(Holding.id).where(Holding.person_id == person)).one()
        for act in (
            lambda: jabatan.change(session, who, camat, "Lurah", 55, now),
            lambda: jabatan.remove(session, who, camat, now),
            lambda: jabatan.add_alias(session, who, camat, "Pak Camat", now),
            lambda: holdings.begin(session, who, camat, desa.people["rekan"], term, now),
            lambda: holdings.begin(session, who, desa.jabatan["Camat"], person, term, now),
            lambda: holdings.change(session, who, held, term, now),
            lambda: holdings.remove(session, who, held, now),
            lambda: people.change(session, who, person, Entry("A B", "ab"), now),
            lambda: people.new_password(session, who, person, now),
            lambda: leaving.leaving(session, who, person, now),
            lambda: seen.jabatan(session, who, camat, now),
            lambda: seen.person(session, who, person, now),
        ):
            refuses(act, errors.NotFound)
        assert changed(session) == []


# -- the office -------------------------------------------------------------------------------------------------------


def test_hours_are_written_as_the_calendar_reads_them_and_written_down(database: Database, desa: Office) -> None:
    week = ["08.00\N{EN DASH}12.00, 13.00-16.00"] * 4 + ["08:00-11:30 ; 13.00 s.d. 16.30", "", ""]
    with database.transaction() as session:
        who = desa(session, "admin")
        usual = seen.office(session, who, desa.now)
        office.set_hours(session, who, week, usual.ramadan, joint_leave=False, now=desa.now)
        page = seen.office(session, who, desa.now)
        assert page.week[0] == "08.00-12.00, 13.00-16.00"
        assert page.week[4] == "08.00-11.30, 13.00-16.30"
        assert (page.ramadan, page.joint_leave) == (usual.ramadan, False)
        office.set_hours(session, who, usual.week, usual.ramadan, joint_leave=True, now=desa.now)
        assert session.get_one(tables.Office, desa.id).calendar == {}
        assert changed(session) == [("hours", "Kecamatan Sukamaju")] * 2
        first = session.scalars(select(AdminChange).order_by(AdminChange.id)).first()
        assert first is not None
        assert ["week_0", "07.30-12.00, 13.00-16.00", "08.00-12.00, 13.00-16.00"] in first.fields


@pytest.mark.parametrize("hours", ["13.00-12.00", "8-12", "25.00-26.00", "08.00-12.00, 11.00-13.00", "pagi", "-"])
def test_hours_that_cannot_be_are_refused(sqlite: Database, now: datetime, hours: str) -> None:
    who = alone(sqlite, now)
    with sqlite.transaction() as session:
        refuses(
            lambda: office.set_hours(session, who, [hours] + [""] * 6, [hours] * 7, joint_leave=True, now=now),
            errors.Invalid,
        )


def alone(database: Database, now: datetime) -> Actor:
    """The administrator of a new office, who is all of it."""
    with database.transaction() as session:
        installing.found(session, "Kecamatan Baru", "Asia/Jakarta", Entry("Admin", "admin"), "cukup panjang 1", now)
        return offices.actor(session, 1, now)


def test_own_days_off_and_working_days_move_deadlines(sqlite: Database, now: datetime) -> None:
    who = alone(sqlite, now)
    christmas, monday = date(2026, 12, 25), date(2026, 11, 30)
    with sqlite.transaction() as session:
        office.add_day(session, who, monday, working=False, now=now)
        office.add_day(session, who, christmas, working=True, now=now)
        office.add_day(session, who, date(2026, 11, 28), working=True, now=now)
        days = {one.day: (one.own, one.working) for one in seen.office(session, who, now).days}
        assert days[monday] == (True, False)
        assert days[christmas] == (True, True)
        calendar = offices.actor(session, who.id, now).calendar
        assert calendar.spans(christmas)
        assert not calendar.spans(monday)
        assert add_days(now, 5, calendar).date() == date(2026, 11, 28)
        office.remove_day(session, who, christmas, now)
        office.remove_day(session, who, christmas, now)
        assert not offices.actor(session, who.id, now).calendar.spans(christmas)
        assert [kind for kind, _ in changed(session)][2:] == ["day"] * 4


def test_an_own_working_day_on_a_weekend_has_the_hours_of_a_working_day() -> None:
    calendar = calendar_from({"opened": ["2026-11-28"]}, "Asia/Jakarta")
    assert calendar.spans(date(2026, 11, 28)) == calendar.spans(date(2026, 11, 23))
    assert calendar.spans(date(2026, 11, 29)) == ()


def test_a_time_zone_that_is_none_and_the_name_of_another_office_are_refused(
    database: Database, desa: Office, neighbour: Office
) -> None:
    with database.transaction() as session:
        who = desa(session, "admin")
        for zone in ("", "Mars/Olympus", "../etc/passwd", "a" * 5000):
            refuses(partial(office.describe, session, who, "X", zone, desa.now), errors.Invalid)
        refuses(lambda: office.describe(session, who, "Kecamatan Tetangga", "Asia/Jakarta", desa.now), errors.Conflict)
        office.describe(session, who, " Kecamatan  Maju ", "Asia/Jayapura", desa.now)
        assert offices.actor(session, who.id, desa.now).calendar.timezone == "Asia/Jayapura"
        assert changed(session) == [("office", "Kecamatan Maju")]


# -- jabatan ----------------------------------------------------------------------------------------------------------


def test_a_jabatan_is_not_added_twice_in_any_spelling(database: Database, desa: Office) -> None:
    with database.transaction() as session:
        who = desa(session, "admin")
        added = jabatan.add(session, who, "  Kasi   Pemerintahan ", None, desa.now)
        assert seen.jabatan(session, who, added, desa.now).row.rank == 50
        for name in ("kasi pemerintahan", "Kepala Seksi Pemerintahan", "CAMAT"):
            refuses(partial(jabatan.add, session, who, name, None, desa.now), errors.Conflict)
        for name in ("", "   ", "x" * 201):
            refuses(partial(jabatan.add, session, who, name, None, desa.now), errors.Invalid)


def test_a_renamed_jabatan_still_answers_to_its_old_name(database: Database, desa: Office) -> None:
    with database.transaction() as session:
        who, camat = desa(session, "admin"), desa.jabatan["Camat"]
        jabatan.change(session, who, camat, "Kepala Distrik", 80, desa.now)
        assert offices.jabatan_for(session, desa.id, "Camat") == camat
        assert [name for _, name in seen.jabatan(session, who, camat, desa.now).aliases] == ["camat"]
        alias = session.scalars(select(JabatanAlias.id)).one()
        jabatan.remove_alias(session, who, camat, alias, desa.now)
        assert offices.jabatan_for(session, desa.id, "Camat") is None


def test_a_jabatan_goes_only_where_nothing_refers_to_it(database: Database, desa: Office) -> None:
    with database.transaction() as session:
        who = desa(session, "admin")
        desa.publish(session, approval())
        for name in ("Camat", "Kasubag Umum"):
            assert seen.jabatan(session, who, desa.jabatan[name], desa.now).bound is not None
            refuses(partial(jabatan.remove, session, who, desa.jabatan[name], desa.now), errors.Conflict)
        for held in session.scalars(select(Holding).where(Holding.jabatan_id == desa.jabatan["Camat"])).all():
            holdings.remove(session, who, held.id, desa.now)
        refuses(lambda: jabatan.remove(session, who, desa.jabatan["Camat"], desa.now), errors.Conflict)  # a lane
        added = jabatan.add(session, who, "Arsiparis", None, desa.now)
        jabatan.add_alias(session, who, added, "Juru Arsip", desa.now)
        jabatan.remove(session, who, added, desa.now)
        assert offices.jabatan_for(session, desa.id, "Juru Arsip") is None


# -- people -----------------------------------------------------------------------------------------------------------


def test_somebody_new_logs_in_by_the_password_that_is_told_once(database: Database, desa: Office) -> None:
    with database.transaction() as session:
        issued = people.add(session, desa(session, "admin"), Entry("Rina W.", " RINA ", "rina@x.go.id"), desa.now)
        assert offices.log_in(session, "rina", issued.password) == issued.person_id
        assert not any(issued.password in str(one.fields) for one in session.scalars(select(AdminChange)))
        again = people.new_password(session, desa(session, "admin"), issued.person_id, desa.now)
        refuses(lambda: offices.log_in(session, "rina", issued.password), errors.WrongCredentials)
        assert offices.log_in(session, "rina", again.password) == issued.person_id
        assert changed(session) == [("person_add", "Rina W."), ("password", "Rina W.")]


@pytest.mark.parametrize("username", ["", "a", "camat.sukamaju", "dua kata", "é" * 3, "x" * 81, "a\x00b", "-a"])
def test_user_names_that_are_taken_or_cannot_be_are_refused(database: Database, desa: Office, username: str) -> None:
    with database.transaction() as session:
        refuses(lambda: people.add(session, desa(session, "admin"), Entry("A", username), desa.now), Refusal)


def test_the_last_administrator_stays_one(database: Database, desa: Office) -> None:
    with database.transaction() as session:
        who, admin = desa(session, "admin"), desa.people["admin"]
        entry = Entry("Admin", "admin.sukamaju")
        refuses(lambda: people.change(session, who, admin, entry, desa.now), errors.Conflict)
        refuses(lambda: leaving.deactivate(session, who, admin, {}, "", desa.now), errors.Conflict)
        second = people.add(session, who, Entry("Dua", "dua", rights=frozenset({Right.ADMINISTRATOR})), desa.now)
        people.change(session, who, admin, entry, desa.now)
        assert not offices.actor(session, admin, desa.now).rights
        other = offices.actor(session, second.person_id, desa.now)
        refuses(lambda: people.change(session, other, second.person_id, Entry("Dua", "dua"), desa.now), errors.Conflict)


def test_of_two_administrators_who_dismiss_each_other_at_once_one_stays(database: Database, desa: Office) -> None:
    with database.transaction() as session:
        added = people.add(
            session,
            desa(session, "admin"),
            Entry("Dua", "dua", rights=frozenset({Right.ADMINISTRATOR})),
            desa.now,
        )
        desa.people["dua"] = added.person_id
    ready = threading.Barrier(2)
    told: list[str] = []

    def dismiss(name: str, other: str, username: str) -> None:
        with database.reading() as session:
            who = desa(session, name)
        ready.wait(20)
        try:
            with database.transaction() as session:
                people.change(session, who, desa.people[other], Entry(other, username), desa.now)
            told.append("done")
        except errors.Conflict:
            told.append("refused")

    threads = [
        threading.Thread(target=dismiss, args=("admin", "dua", "dua")),
        threading.Thread(target=dismiss, args=("dua", "admin", "admin.sukamaju")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["done", "refused"]


# -- who holds what ---------------------------------------------------------------------------------------------------


def held(person: str, since: date, until: date | None, capacity: Capacity = Capacity.DEFINITIF) -> Held:
    return Held(since.toordinal(), 1, person, True, capacity, since, until)


def test_gaps_and_overlaps_are_told_by_their_days() -> None:
    first = held("A", date(2026, 1, 1), date(2026, 3, 2))
    second = held("B", date(2026, 3, 10), None)
    assert seen.gaps([first, second], TODAY) == (Gap(date(2026, 3, 3), date(2026, 3, 9)),)
    assert seen.gaps([first], TODAY) == (Gap(date(2026, 3, 3), None),)
    assert seen.gaps([], TODAY) == ()
    assert seen.overlaps([first, second]) == ()
    acting = held("C", date(2026, 3, 1), date(2026, 4, 1), Capacity.PLT)
    assert [
        (one.one, one.other, one.since, one.until, one.acting) for one in seen.overlaps([first, second, acting])
    ] == [
        ("A", "C", date(2026, 3, 1), date(2026, 3, 2), True),
        ("C", "B", date(2026, 3, 10), date(2026, 4, 1), True),
    ]
    instead = held("D", date(2026, 4, 1), date(2026, 4, 5), Capacity.PLH)
    assert seen.overlaps([second, instead]) == ()


def test_only_a_jabatan_of_one_head_is_warned_of_two_holders(database: Database, desa: Office) -> None:
    with database.transaction() as session:
        who = desa(session, "admin")
        holdings.begin(
            session, who, desa.jabatan["Camat"], desa.people["rekan"], Term(Capacity.DEFINITIF, TODAY), desa.now
        )
        rows = {row.name: row for row in seen.all_jabatan(session, who, desa.now)}
        assert [one.other for one in rows["Camat"].overlaps] == ["Rekan Kasubag"]
        jabatan.change(session, who, desa.jabatan["Camat"], "Camat", 10, desa.now)
        rows = {row.name: row for row in seen.all_jabatan(session, who, desa.now)}
        assert rows["Camat"].overlaps == ()


def claimed(session: Session, desa: Office, by: str = "kasubag") -> int:
    """A task that the Kasubag has claimed."""
    desa.start(session, desa.publish(session, approval()))
    task = lists.of_jabatan(session, desa(session, by), desa.now).rows[0].id
    tasks.claim(session, desa(session, by), task, desa.now)
    return task


def test_serah_terima_gives_the_tasks_to_the_successor(database: Database, desa: Office) -> None:
    with database.transaction() as session:
        task, who = claimed(session, desa), desa(session, "admin")
        holding = session.scalars(select(Holding.id).where(Holding.person_id == desa.people["kasubag"])).one()
        term = Term(Capacity.PLT, TODAY)
        handed = holdings.succeed(session, who, holding, desa.people["camat"], term, desa.now)
        assert handed.given == 1
        session.expire_all()
        assert session.get_one(Task, task).claimed_by == desa.people["camat"]
        assert not desa(session, "kasubag").held
        assert "Plt" in str(desa(session, "camat").held[desa.jabatan["Kasubag Umum"]].capacity).title()
        refuses(lambda: holdings.succeed(session, who, holding, desa.people["kasubag"], term, desa.now), Refusal)


def test_work_of_somebody_whose_holding_is_over_is_open_to_the_others(database: Database, desa: Office) -> None:
    with database.transaction() as session:
        task, who = claimed(session, desa), desa(session, "admin")
        holding = session.scalars(select(Holding.id).where(Holding.person_id == desa.people["kasubag"])).one()
        term = Term(Capacity.DEFINITIF, date(2026, 1, 5), TODAY - DAY)
        assert holdings.change(session, who, holding, term, desa.now).opened == 1
        session.expire_all()
        assert session.get_one(Task, task).state is TaskState.OPEN
        tasks.claim(session, desa(session, "rekan"), task, desa.now)


def test_when_a_holding_is_over_the_worker_opens_its_tasks_to_the_others(database: Database, desa: Office) -> None:
    with database.transaction() as session:
        task, who = claimed(session, desa), desa(session, "admin")
        holding = session.scalars(select(Holding.id).where(Holding.person_id == desa.people["kasubag"])).one()
        term = Term(Capacity.DEFINITIF, TODAY + DAY)
        assert holdings.succeed(session, who, holding, desa.people["camat"], term, desa.now).given == 0
        assert holdings.due(session, desa.now) is None
    tomorrow = desa.now + timedelta(hours=16)  # one in the morning there, and still the day before in UTC
    while worker.sweep(database, worker.jobs(), tomorrow):
        pass
    with database.transaction() as session:
        assert holdings.due(session, tomorrow) is None
        assert session.get_one(Task, task).state is TaskState.OPEN
        tasks.claim(session, offices.actor(session, desa.people["camat"], tomorrow), task, tomorrow)


# -- leaving ----------------------------------------------------------------------------------------------------------


def test_somebody_who_leaves_takes_nothing_along(database: Database, desa: Office) -> None:
    with database.transaction() as session:
        task, who, kasubag = claimed(session, desa), desa(session, "admin"), desa.people["kasubag"]
        secret = tokens.create(session, desa(session, "kasubag"), "Alat", ["start"], desa.now)[1]
        log_in = log_ins.begin(session, kasubag, "Peramban", "127.0.0.1", desa.now)
        absences.note(session, desa(session, "kasubag"), kasubag, TODAY + 2 * DAY, TODAY + 2 * DAY, None, "", desa.now)
        absences.note(
            session, desa(session, "camat"), desa.people["camat"], TODAY + DAY, TODAY + DAY, kasubag, "", desa.now
        )
        found = leaving.leaving(session, who, kasubag, desa.now)
        assert [(pile.tasks, [name for _, name in pile.receivers]) for pile in found.piles] == [(1, ["Rekan Kasubag"])]
        assert (len(found.holdings), len(found.absences), len(found.substituted), found.tokens) == (1, 1, 1, 1)
        refuses(lambda: leaving.deactivate(session, who, kasubag, {}, "old", desa.now), errors.OutcomeChanged)
        receivers = {desa.jabatan["Kasubag Umum"]: desa.people["rekan"]}
        assert leaving.deactivate(session, who, kasubag, receivers, found.mark, desa.now).given == 1
        session.expire_all()
        assert session.get_one(Task, task).claimed_by == desa.people["rekan"]
        refuses(lambda: offices.actor(session, kasubag, desa.now), errors.NotFound)
        refuses(lambda: tokens.actor_by_token(session, secret, desa.now), errors.WrongToken)
        assert [one.substitute for one in absences.own(session, desa(session, "camat"), desa.now)] == [None]
        refuses(lambda: leaving.leaving(session, who, kasubag, desa.now), errors.Conflict)
        issued = people.reactivate(session, who, kasubag, desa.now)
        refuses(lambda: log_ins.live(session, log_in, desa.now), errors.NotFound)
        assert offices.log_in(session, issued.username, issued.password) == kasubag
        assert not desa(session, "kasubag").held


def test_what_a_substitute_has_in_hand_for_somebody_who_leaves_is_handed_over_too(
    database: Database, desa: Office
) -> None:
    with database.transaction() as session:
        task, who, kasubag = claimed(session, desa), desa(session, "admin"), desa.people["kasubag"]
        absences.note(session, desa(session, "kasubag"), kasubag, TODAY, TODAY, desa.people["camat"], "", desa.now)
        session.expire_all()
        assert session.get_one(Task, task).claimed_by == desa.people["camat"]
        found = leaving.leaving(session, who, kasubag, desa.now)
        assert [pile.tasks for pile in found.piles] == [1]
        receivers = {desa.jabatan["Kasubag Umum"]: desa.people["rekan"]}
        assert leaving.deactivate(session, who, kasubag, receivers, found.mark, desa.now).given == 1
        session.expire_all()
        assert session.get_one(Task, task).claimed_by == desa.people["rekan"]


def test_without_a_receiver_the_tasks_are_open_again_suspended_ones_too(database: Database, desa: Office) -> None:
    with database.transaction() as session:
        task, who, kasubag = claimed(session, desa), desa(session, "admin"), desa.people["kasubag"]
        runs.suspend(session, desa(session, "manajer"), session.get_one(Task, task).run_id, "Menunggu", desa.now)
        found = leaving.leaving(session, who, kasubag, desa.now)
        receivers = {desa.jabatan["Kasubag Umum"]: desa.people["rekan"]}
        handed = leaving.deactivate(session, who, kasubag, receivers, found.mark, desa.now)
        assert (handed.given, handed.opened) == (0, 1)
        session.expire_all()
        assert session.get_one(Task, task).state is TaskState.OPEN


# -- a list of people -------------------------------------------------------------------------------------------------

LIST = """Jabatan;Nama Pengguna;NAMA;Status;Sejak;Sampai;Hak;Email;Golongan
Camat;siti;Siti Aminah;Plt.;01/10/2026;31 Desember 2026;manajer;siti@x.go.id;IV/a
Arsiparis;joko;Joko;;;;;;III/a

Kasubag Umum;rekan.sukamaju;;;;;;;
Kasubag Umum;rekan.sukamaju;Rekan Baru;;;;analis dan manajer;;
;salah;Salah;Plt.;;;;;
Camat;x;;;;;;;
Camat;budi.k;Budi;Kepala;;;;;
"""


def test_a_list_is_shown_row_by_row_and_nothing_is_written(database: Database, desa: Office) -> None:
    with database.transaction() as session:
        found = importing.preview(session, desa(session, "admin"), LIST.encode(), desa.now)
        assert [(row.number, row.fate) for row in found.rows] == [
            (2, Fate.NEW), (3, Fate.NEW), (5, Fate.SAME), (6, Fate.CHANGED),
            (7, Fate.REFUSED), (8, Fate.REFUSED), (9, Fate.REFUSED),
        ]  # fmt: skip
        assert found.made == ("Arsiparis",)
        assert found.unknown == ("golongan",)
        assert ("until", "", "2026-12-31") in found.rows[0].fields
        assert found.rows[3].fields == (("name", "Rekan Kasubag", "Rekan Baru"), ("rights", "", "analyst, manager"))
        assert changed(session) == []
        assert session.scalar(select(Person.id).where(Person.username == "siti")) is None


def test_what_was_shown_is_done_once(database: Database, desa: Office) -> None:
    with database.transaction() as session:
        shown = importing.preview(session, desa(session, "admin"), LIST.encode(), desa.now)
    with database.transaction() as session:
        who = desa(session, "admin")
        done = importing.apply(session, who, LIST.encode(), shown.mark, "k1", desa.now)
        assert (done.rows, [one.username for one in done.issued]) == (3, ["siti", "joko"])
        siti = offices.log_in(session, "siti", done.issued[0].password)
        assert offices.actor(session, siti, desa.now).held[desa.jabatan["Camat"]].capacity is Capacity.PLT
    with database.transaction() as session:
        who = desa(session, "admin")
        again = importing.apply(session, who, LIST.encode(), shown.mark, "k1", desa.now)
        assert (again.rows, again.issued) == (3, ())
        refuses(lambda: importing.apply(session, who, LIST.encode(), shown.mark, "k2", desa.now), errors.OutcomeChanged)
        assert {row.fate for row in importing.preview(session, who, LIST.encode(), desa.now).rows} == {
            Fate.SAME,
            Fate.REFUSED,
        }


def test_a_list_that_would_do_something_else_by_now_does_nothing(database: Database, desa: Office) -> None:
    with database.transaction() as session:
        shown = importing.preview(session, desa(session, "admin"), LIST.encode(), desa.now)
        people.add(session, desa(session, "admin"), Entry("Siti", "siti"), desa.now)
    with database.transaction() as session:
        before = len(changed(session))
    with pytest.raises(errors.OutcomeChanged), database.transaction() as session:
        importing.apply(session, desa(session, "admin"), LIST.encode(), shown.mark, None, desa.now)
    with database.transaction() as session:
        assert len(changed(session)) == before


def test_a_list_of_too_many_new_people_is_refused_as_a_whole(sqlite: Database, now: datetime) -> None:
    who = alone(sqlite, now)
    rows = "".join(f"Orang {number};orang{number}\n" for number in range(importing.MOST_NEW + 1))
    with sqlite.transaction() as session:
        refuses(lambda: importing.preview(session, who, f"nama;nama pengguna\n{rows}".encode(), now), errors.Invalid)
        assert session.scalars(select(Person.username)).all() == ["admin"]


def test_a_list_cannot_take_the_last_administrator_away(database: Database, desa: Office) -> None:
    content = b"nama pengguna,hak\nadmin.sukamaju,-\n"
    with database.transaction() as session:
        (row,) = importing.preview(session, desa(session, "admin"), content, desa.now).rows
        assert row.fate is Fate.REFUSED


@pytest.mark.parametrize(
    "content",
    [
        "nama;nama pengguna\nJosé;jose".encode("cp1252"),
        "\ufeffnama;nama pengguna\r\nJosé;jose\r\n".encode(),
        "sep=,\nnama,nama pengguna\nJosé,jose".encode(),
        "Nama\tUsername\nJosé\tjose".encode(),
        'nama pengguna;nama\njose;"José"'.encode(),
    ],
)
def test_lists_are_read_as_spreadsheets_save_them(content: bytes) -> None:
    (line,) = sheets.read(content).lines
    assert (line["nama"], line["nama pengguna"]) == ("José", "jose")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"nama\nRina",
        b"PK\x03\x04rest",
        b"nama;nama pengguna\x00",
        b"nama;nama;nama pengguna\n",
        b"x" * (sheets.LIMIT + 1),
        b"nama pengguna\n" + b"a\n" * (sheets.MOST + 1),
        b'nama pengguna\n"' + b"a" * 200_000,
    ],
)
def test_what_is_no_list_of_people_is_refused(content: bytes) -> None:
    refuses(lambda: sheets.read(content), errors.Invalid)


@pytest.mark.parametrize("text", ["05/01/2026", "5-1-2026", "5.1.2026", "2026-01-05", "5 Januari 2026", "5 jan 2026"])
def test_days_are_read_as_people_write_them(text: str) -> None:
    assert sheets.day(text) == date(2026, 1, 5)


def test_the_template_is_a_list() -> None:
    read = sheets.read(sheets.template().encode())
    assert (len(read.lines), read.unknown) == (2, ())


PIECES = [
    b";",
    b",",
    b"\n",
    b"nama",
    b"nama pengguna",
    b"jabatan",
    b"hak",
    b"sejak",
    b"rina",
    b"Camat",
    b'"',
    b"31/02/2026",
]


@given(st.binary(max_size=300) | st.lists(st.sampled_from(PIECES) | st.binary(max_size=4), max_size=40).map(b"".join))
def test_no_bytes_break_the_reading_of_a_list(content: bytes) -> None:
    with suppress(Refusal):
        read = sheets.read(content)
        for line in read.lines:
            for part in (sheets.day, sheets.capacity, sheets.rights):
                with suppress(Refusal):
                    part(line["sejak"])


def test_no_bytes_break_a_preview(sqlite: Database, now: datetime) -> None:
    who = alone(sqlite, now)
    head = b"nama;nama pengguna;jabatan;status;sejak;sampai;hak;surel\n"
    cells = st.sampled_from(
        ["", "a", "rina", "admin", "Camat", "Plt.", "01/01/2026", "0001-01-01", "9999-12-31", "-", "x@y.id",
         "%s", "\ud7ff", "é", "x" * 300, "a\tb", "\x1b", "\u2028"]
    )  # fmt: skip

    @given(st.lists(st.lists(cells, min_size=1, max_size=9).map(";".join), max_size=5).map("\n".join))
    def check(body: str) -> None:
        with sqlite.transaction() as session:
            importing.preview(session, who, head + body.encode(), now)

    check()
    with sqlite.reading() as session:
        assert session.scalars(select(Person.username)).all() == ["admin"]


# -- the installation -------------------------------------------------------------------------------------------------


def test_the_first_office_is_founded_once(database: Database, now: datetime) -> None:
    first = Entry("Siti Aminah", "siti")
    with database.transaction() as session:
        for weak in ("pendek", "siti aminah 123"):
            with pytest.raises(errors.WeakPassword):
                installing.found(session, "Kecamatan A", "Asia/Makassar", first, weak, now)
        assert office.is_new(session)
        installing.found(session, "Kecamatan A", "Asia/Makassar", first, "perahu kelapa hijau", now)
        person = offices.log_in(session, "siti", "perahu kelapa hijau")
        assert offices.actor(session, person, now).may(Right.ADMINISTRATOR)
        refuses(
            lambda: installing.found(session, "Kecamatan B", "Asia/Makassar", first, "perahu kelapa hijau", now),
            errors.NotFound,
        )
        assert changed(session) == [("found", "Kecamatan A"), ("person_add", "Siti Aminah")]


def test_further_offices_and_a_way_back_for_a_lost_administrator(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        installing.add_office(session, "Kecamatan A", "Asia/Jakarta", now)
        refuses(lambda: installing.add_office(session, "Kecamatan A", "Asia/Jakarta", now), errors.Conflict)
        entry = Entry("Joko", "joko", rights=frozenset({Right.ADMINISTRATOR}))
        refuses(lambda: installing.add_person(session, "Kecamatan B", entry, now), errors.NotFound)
        first = installing.add_person(session, "Kecamatan A", entry, now)
        again = installing.new_password(session, "joko", now)
        assert first.password != again.password
        assert offices.log_in(session, "joko", again.password) == first.person_id
        refuses(lambda: installing.new_password(session, "siapa", now), errors.NotFound)
