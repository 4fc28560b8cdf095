"""Somebody is away: who may act, where work goes, and how it comes back."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from bpmn.errors import Refusal
from bpmn.flow import PARALLEL, Flow
from engine import absences, errors, offices, tasks
from engine.database import Database
from engine.queries import lists
from engine.queries import runs as run_queries
from engine.states import Alert, Capacity, NoticeKind, TaskState, Verb
from engine.tables import Absence, History, Notice, Person, Task
from engine.tables import Office as OfficeTable
from tests.engine.conftest import SINCE, Office
from tests.engine.flows import approval

DAY = timedelta(days=1)
TODAY = date(2026, 11, 23)


def away(
    session: Session, office: Office, who: str, instead: str | None, first: int = 0, last: int = 2, by: str = "manajer"
) -> int:
    """Note an absence, its first and last day counted from today; its id."""
    substitute = office.people[instead] if instead else None
    person = office.people[who]
    return absences.note(
        session, office(session, by), person, TODAY + first * DAY, TODAY + last * DAY, substitute, "Cuti", office.now
    )


def claimed(session: Session, office: Office, surat: int, who: str = "kasubag") -> int:
    """A task of the Kasubag, claimed."""
    run = office.start(session, surat)
    task = session.scalars(select(Task.id).where(Task.run_id == run)).one()
    tasks.claim(session, office(session, who), task, office.now)
    return task


def later(office: Office, days: int) -> Office:
    return dataclasses.replace(office, now=office.now + days * DAY)


def test_the_substitute_holds_the_jabatan_as_plh_on_each_of_the_days(database: Database, office: Office) -> None:
    with database.transaction() as session:
        away(session, office, "camat", "sekretaris", first=1, last=2)
    camat = office.jabatan["Camat"]
    for days, holds in ((0, False), (1, True), (2, True), (3, False)):
        with database.reading() as session:
            who = later(office, days)(session, "sekretaris")
            assert (camat in who.held) is holds
            assert who.held[office.jabatan["Sekretaris"]].capacity is Capacity.DEFINITIF
            if holds:
                assert who.held[camat] == offices.Held(camat, "Camat", Capacity.PLH, "Camat")


def test_the_days_are_those_of_the_offices_time_zone(database: Database, office: Office) -> None:
    with database.transaction() as session:
        session.execute(update(OfficeTable).values(timezone="Asia/Jayapura"))
        away(session, office, "camat", "sekretaris", first=1, last=1)
    for at, holds in (
        (datetime(2026, 11, 23, 14, 59), False),
        (datetime(2026, 11, 23, 15, 0), True),
        (datetime(2026, 11, 24, 14, 59), True),
        (datetime(2026, 11, 24, 15, 0), False),
    ):
        moment = at.replace(tzinfo=office.now.tzinfo)
        with database.reading() as session:
            assert (absences.due(session, moment) is not None) is holds
            who = offices.actor(session, office.people["sekretaris"], moment)
            assert (office.jabatan["Camat"] in who.held) is holds


def test_what_a_substitute_holds_anyway_is_held_as_before(database: Database, office: Office) -> None:
    with database.transaction() as session:
        away(session, office, "kasubag", "rekan")
        held = office(session, "rekan").held[office.jabatan["Kasubag Umum"]]
    assert (held.capacity, held.on_behalf) == (Capacity.DEFINITIF, None)


def test_who_a_person_is_takes_one_statement(database: Database, office: Office) -> None:
    with database.transaction() as session:
        away(session, office, "camat", "sekretaris")
        away(session, office, "kasubag", "sekretaris")
    statements = []
    with database.reading() as session:
        session.connection()
        event.listen(database.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
        held = office(session, "sekretaris").held
    assert len([one for one in statements if one.startswith("SELECT")]) == 1
    assert set(held) == set(office.jabatan.values())


def test_in_the_place_of_who_is_away_stands_the_substitute_or_nobody_else(database: Database, office: Office) -> None:
    kasubag = office.jabatan["Kasubag Umum"]
    people = office.people
    with database.transaction() as session:
        assert offices.holders(session, kasubag, TODAY) == [people["kasubag"], people["rekan"]]
        away(session, office, "kasubag", "camat")
        away(session, office, "rekan", None)
        away(session, office, "sekretaris", "manajer", first=1)
        assert offices.holders(session, kasubag, TODAY) == [people["camat"], people["rekan"]]
        assert offices.stand_in(session, people["kasubag"], TODAY) == people["camat"]
        assert offices.stand_in(session, people["rekan"], TODAY) == people["rekan"]
        assert offices.stand_in(session, people["sekretaris"], TODAY) == people["sekretaris"]
        assert offices.stand_in(session, people["kasubag"], TODAY + 3 * DAY) == people["kasubag"]


def test_one_person_for_two_is_named_once(database: Database, office: Office) -> None:
    with database.transaction() as session:
        away(session, office, "kasubag", "rekan")
        assert offices.holders(session, office.jabatan["Kasubag Umum"], TODAY) == [office.people["rekan"]]


def test_a_substitute_who_left_stands_in_for_nobody(database: Database, office: Office) -> None:
    with database.transaction() as session:
        away(session, office, "camat", "sekretaris")
        session.execute(update(Person).where(Person.id == office.people["sekretaris"]).values(active=False))
        assert offices.holders(session, office.jabatan["Camat"], TODAY) == [office.people["camat"]]
        assert offices.stand_in(session, office.people["camat"], TODAY) == office.people["camat"]


def test_substitutes_of_substitutes_do_not_step_in(database: Database, office: Office) -> None:
    with database.transaction() as session:
        away(session, office, "camat", "sekretaris")
        away(session, office, "sekretaris", "kasubag")
        assert set(office(session, "kasubag").held) == {office.jabatan["Kasubag Umum"], office.jabatan["Sekretaris"]}
        assert offices.holders(session, office.jabatan["Camat"], TODAY) == [office.people["sekretaris"]]


@pytest.mark.parametrize(("who", "instead", "first", "last", "by", "error"), [
    ("camat", "sekretaris", 2, 1, "manajer", errors.Invalid),
    ("camat", "sekretaris", -3, -1, "manajer", errors.Invalid),
    ("camat", "sekretaris", 0, 366, "manajer", errors.Invalid),
    ("camat", "camat", 0, 1, "manajer", errors.Invalid),
    ("camat", "sekretaris", 0, 1, "kasubag", errors.NotAllowed),
    ("rekan", "sekretaris", 4, 9, "rekan", errors.Conflict),
    ("camat", "rekan", 0, 3, "manajer", errors.Conflict),
    ("camat", "asing", 0, 1, "manajer", errors.NotFound),
    ("asing", "sekretaris", 0, 1, "manajer", errors.NotFound),
    ("camat", "pergi", 0, 1, "manajer", errors.NotFound),
])  # fmt: skip
def test_an_absence_that_cannot_be_is_refused(
    database: Database, office: Office, neighbour: Office, who: str, instead: str, first: int, last: int, by: str,
    error: type[Refusal],
) -> None:  # fmt: skip
    office.people["asing"] = neighbour.people["camat"]
    with database.transaction() as session:
        office.people["pergi"] = offices.add_person(session, office.id, "pergi", "Sudah Pergi", "rahasia")
        session.execute(update(Person).where(Person.id == office.people["pergi"]).values(active=False))
        away(session, office, "rekan", None, first=3, last=5)
    with database.transaction() as session, pytest.raises(error):
        away(session, office, who, instead, first, last, by)


def test_everybody_sees_own_absences_whoever_noted_them(database: Database, office: Office) -> None:
    with database.transaction() as session:
        away(session, office, "camat", "sekretaris", first=-40, last=1)
        away(session, office, "rekan", None, first=3, last=5, by="rekan")
        (mine,) = absences.own(session, office(session, "rekan"), office.now)
        assert (mine.person, mine.substitute, mine.noted_by, mine.may_end) == (
            "Rekan Kasubag",
            None,
            "Rekan Kasubag",
            True,
        )
        (noted,) = absences.own(session, office(session, "camat"), office.now)
        assert (noted.person, noted.substitute, noted.noted_by) == ("Camat", "Sekretaris", "Manajer")
        after = later(office, 33)
        assert absences.own(session, after(session, "camat"), after.now) == ()


def test_offices_do_not_see_each_others_absences(database: Database, office: Office, neighbour: Office) -> None:
    with database.transaction() as session:
        absence = away(session, office, "camat", None)
        assert absences.own(session, neighbour(session, "camat"), office.now) == ()
        with pytest.raises(errors.NotFound):
            absences.end(session, neighbour(session, "manajer"), absence, office.now)


def test_claimed_work_goes_to_the_substitute_at_once_where_the_absence_has_begun(
    database: Database, office: Office, surat: int
) -> None:
    with database.transaction() as session:
        task = claimed(session, office, surat)
        away(session, office, "kasubag", "camat", by="kasubag")
    with database.transaction() as session:
        row = session.get_one(Task, task)
        assert (row.state, row.claimed_by, row.claimed_at) == (TaskState.CLAIMED, office.people["camat"], office.now)
        entry = run_queries.one(session, office(session, "camat"), row.run_id, office.now).history[-1]
        assert (entry.verb, entry.person, dict(entry.facts)) == (
            Verb.SUBSTITUTE, "Kasubag", {"person": "Camat", "instead_of": "Kasubag"}
        )  # fmt: skip
        tasks.complete(session, office(session, "camat"), task, None, "", office.now)
    with database.reading() as session:
        entry = run_queries.one(session, office(session, "camat"), row.run_id, office.now).history[-1]
        assert (entry.verb, entry.person, entry.capacity) == (Verb.COMPLETE, "Camat", Capacity.PLH)


def test_the_worker_moves_work_on_the_first_day_once(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        task = claimed(session, office, surat)
        away(session, office, "kasubag", "camat", first=1)
        assert absences.sweep(session, office.now) == 0
        assert session.get_one(Task, task).claimed_by == office.people["kasubag"]
    with database.transaction() as session:
        tomorrow = office.now + DAY
        assert absences.due(session, tomorrow) == tomorrow
        assert absences.sweep(session, tomorrow) == 1
        assert absences.sweep(session, tomorrow) == 0
        assert absences.due(session, tomorrow) is None
    with database.reading() as session:
        row = session.get_one(Task, task)
        assert (row.claimed_by, row.claimed_at) == (office.people["camat"], tomorrow)
        entry = run_queries.one(session, office(session, "camat"), row.run_id, office.now).history[-1]
        assert (entry.verb, entry.person, entry.capacity) == (Verb.SUBSTITUTE, "Lajur", None)
        assert session.scalars(select(History.person_id).where(History.verb == Verb.SUBSTITUTE)).all() == [None]


def test_an_absence_without_substitute_moves_nothing(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        task = claimed(session, office, surat)
        away(session, office, "kasubag", None)
        assert absences.due(session, office.now) is None
        assert session.get_one(Task, task).claimed_by == office.people["kasubag"]


def by_rule(**properties: str) -> Flow:
    """The approval SOP with a rule on its first step."""
    flow = approval()
    nodes = tuple(
        dataclasses.replace(node, properties={**node.properties, **properties}) if node.id == "langkah_1" else node
        for node in flow.nodes
    )
    return dataclasses.replace(flow, nodes=nodes)


def test_what_a_rule_keeps_from_the_substitute_is_open_again(database: Database, office: Office) -> None:
    with database.transaction() as session:
        task = claimed(session, office, office.publish(session, by_rule(hanya_definitif="ya")))
        away(session, office, "kasubag", "camat")
    with database.transaction() as session:
        row = session.get_one(Task, task)
        assert (row.state, row.claimed_by, row.claimed_at) == (TaskState.OPEN, None, None)
        facts = session.scalars(select(History.facts).where(History.verb == Verb.SUBSTITUTE)).one()
        assert facts == {"instead_of": "Kasubag"}
        tasks.claim(session, office(session, "rekan"), task, office.now)


def by_all(**properties: str) -> Flow:
    flow = by_rule(**properties)
    nodes = tuple(dataclasses.replace(node, multi=PARALLEL) if node.id == "langkah_1" else node for node in flow.nodes)
    return dataclasses.replace(flow, nodes=nodes)


def test_a_reserved_part_is_reserved_for_the_substitute(database: Database, office: Office) -> None:
    with database.transaction() as session:
        office.start(session, office.publish(session, by_all()))
        away(session, office, "kasubag", "camat")
        (mine,) = lists.of_jabatan(session, office(session, "camat"), office.now).rows
        tasks.claim(session, office(session, "camat"), mine.id, office.now)
        assert lists.of_jabatan(session, office(session, "kasubag"), office.now).rows == ()
    with database.reading() as session:
        assert len(session.scalars(select(History.id).where(History.verb == Verb.SUBSTITUTE)).all()) == 1


def test_a_reserved_part_stays_where_a_rule_keeps_it_from_the_substitute(database: Database, office: Office) -> None:
    with database.transaction() as session:
        office.start(session, office.publish(session, by_all(hanya_definitif="ya")))
        (part,) = lists.of_jabatan(session, office(session, "kasubag"), office.now).rows
        tasks.claim(session, office(session, "kasubag"), part.id, office.now)
        away(session, office, "kasubag", "camat")
        row = session.get_one(Task, part.id, populate_existing=True)
        assert (row.state, row.reserved_for) == (TaskState.OPEN, office.people["kasubag"])


def test_work_comes_back_when_the_absence_is_over(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        task = claimed(session, office, surat)
        office.start(session, office.publish(session, dataclasses.replace(by_all(), process_id="edaran")))
        (part,) = lists.of_jabatan(session, office(session, "kasubag"), office.now).rows
        away(session, office, "kasubag", "camat", last=1)
    back = later(office, 2)
    with database.transaction() as session:
        assert absences.sweep(session, back.now) == 1
        assert absences.sweep(session, back.now) == 0
        assert absences.due(session, back.now) is None
    with database.transaction() as session:
        assert session.get_one(Task, task).claimed_by == office.people["kasubag"]
        assert session.get_one(Task, part.id).reserved_for == office.people["kasubag"]
        tasks.complete(session, back(session, "kasubag"), task, None, "", back.now)


def test_the_substitute_keeps_own_work_when_the_absence_is_over(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        task = claimed(session, office, surat, who="rekan")
        away(session, office, "kasubag", "rekan", last=1)
        assert absences.sweep(session, office.now + 2 * DAY) == 1
        assert session.get_one(Task, task, populate_existing=True).claimed_by == office.people["rekan"]


def test_who_is_back_earlier_has_the_work_again(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        task = claimed(session, office, surat)
        absence = away(session, office, "kasubag", "camat", last=9)
    back = later(office, 3)
    with database.transaction() as session:
        with pytest.raises(errors.NotAllowed):
            absences.end(session, back(session, "camat"), absence, back.now)
        absences.end(session, back(session, "kasubag"), absence, back.now)
        assert session.get_one(Absence, absence).until == TODAY + 2 * DAY
        assert session.get_one(Task, task, populate_existing=True).claimed_by == office.people["kasubag"]
        assert office.jabatan["Kasubag Umum"] not in back(session, "camat").held
        with pytest.raises(errors.Conflict):
            absences.end(session, back(session, "kasubag"), absence, back.now)
        assert absences.due(session, back.now) is None


@pytest.mark.parametrize("first", [0, 1])
def test_an_absence_ended_before_a_whole_day_of_it_is_forgotten(database: Database, office: Office, first: int) -> None:
    with database.transaction() as session:
        absence = away(session, office, "kasubag", "camat", first=first)
        absences.end(session, office(session, "manajer"), absence, office.now)
        assert session.get(Absence, absence) is None
        assert office.jabatan["Kasubag Umum"] not in office(session, "camat").held


def test_of_work_already_told_the_substitute_is_told(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        told, untold = claimed(session, office, surat), claimed(session, office, surat)
        session.execute(update(Task).where(Task.id == told).values(alert=Alert.NEAR))
        away(session, office, "kasubag", "camat")
        notice = session.scalars(select(Notice)).one()
    assert (notice.task_id, notice.person_id, notice.kind) == (told, office.people["camat"], NoticeKind.NEW)
    assert notice.facts == {"instead_of": "Kasubag"}
    assert untold != told


def test_one_absence_that_cannot_be_followed_does_not_stop_the_others(
    database: Database, office: Office, surat: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with database.transaction() as session:
        task, stays = claimed(session, office, surat), claimed(session, office, surat, who="rekan")
        away(session, office, "rekan", "sekretaris", first=1)
        away(session, office, "kasubag", "camat", first=1)
    follow = absences._follow

    def broken(session: Session, absence: Absence, *more: object, over: bool) -> None:
        follow(session, absence, *more, over=over)  # type: ignore[arg-type]
        if absence.person_id == office.people["rekan"]:
            raise ValueError("rusak")

    monkeypatch.setattr(absences, "_follow", broken)
    with database.transaction() as session:
        while absences.sweep(session, office.now + DAY):
            pass
    with database.reading() as session:
        assert session.get_one(Task, task).claimed_by == office.people["camat"]
        assert session.get_one(Task, stays).claimed_by == office.people["rekan"]
    assert "could not be moved" in caplog.text


def test_a_holding_that_ended_is_not_handed_on(database: Database, office: Office) -> None:
    with database.transaction() as session:
        _, plh = offices.add_jabatan(session, office.id, "Kasi Trantib")
        offices.hold(session, office.people["camat"], plh, SINCE, until=TODAY - DAY)
        away(session, office, "camat", "sekretaris")
        assert plh not in office(session, "sekretaris").held
