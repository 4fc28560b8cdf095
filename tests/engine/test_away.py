"""Who is away, as managers and those who wait see it; and to whom a task can be handed over."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import update

from engine import absences as acts
from engine import errors, tasks
from engine.database import Database
from engine.queries import absences
from engine.queries import notices as notice_queries
from engine.queries.absences import Missing, Unattended
from engine.states import Alert, Capacity, NoticeKind
from engine.tables import Holding, Task
from tests.engine.conftest import Office
from tests.engine.flows import approval
from tests.engine.people import open_tasks
from tests.engine.test_absences import TODAY, away, claimed

DAY = timedelta(days=1)


def of_office(database: Database, office: Office, who: str = "manajer") -> absences.OfficeAway:
    with database.reading() as session:
        return absences.of_office(session, office(session, who), office.now)


def test_a_manager_sees_who_is_away_today_and_soon(database: Database, office: Office, neighbour: Office) -> None:
    with database.transaction() as session:
        away(session, office, "kasubag", "rekan")
        away(session, office, "camat", None, first=20, last=25)
        away(session, office, "sekretaris", None, first=40, last=41)
        away(session, neighbour, "camat", None)
    page = of_office(database, office)
    assert [(row.person, row.substitute, row.jabatan) for row in page.today] == [
        ("Kasubag", "Rekan Kasubag", ("Kasubag Umum",))
    ]
    assert [(row.person, row.substitute, row.since) for row in page.soon] == [("Camat", None, TODAY + 20 * DAY)]
    assert page.unattended == ()


def test_only_managers_see_it(database: Database, office: Office) -> None:
    with pytest.raises(errors.NotAllowed):
        of_office(database, office, "camat")


def test_tasks_that_wait_without_a_substitute_are_counted(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        claimed(session, office, surat)
        office.start(session, surat)
        away(session, office, "kasubag", None)
    page = of_office(database, office)
    assert [row.tasks for row in page.today] == [1]
    assert page.unattended == ()  # a colleague can take the open one
    with database.transaction() as session:
        away(session, office, "rekan", None)
    assert of_office(database, office).unattended == (Unattended("Kasubag Umum", 1),)


def test_with_a_substitute_nothing_waits_unless_that_one_is_away_too(
    database: Database, office: Office, surat: int
) -> None:
    with database.transaction() as session:
        office.start(session, surat)
        away(session, office, "kasubag", "camat")
        away(session, office, "rekan", "camat")
    assert of_office(database, office).unattended == ()
    with database.transaction() as session:
        away(session, office, "camat", None, first=1, last=1)
    page = of_office(database, office)
    assert [row.substitute_away for row in (*page.today, *page.soon)] == [True, True, False]
    tomorrow = dataclasses.replace(office, now=office.now + DAY)
    assert of_office(database, tomorrow).unattended == (Unattended("Kasubag Umum", 1),)


# -- beside who is waited for -----------------------------------------------------------------------------------------


def missing(database: Database, office: Office, run: int) -> list[tuple[Missing, ...]]:
    with database.reading() as session:
        return list(absences.missing(session, office(session, "camat"), run, office.now).values())


def test_a_run_that_waits_for_people_who_are_away_says_so(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        run = office.start(session, surat)
        away(session, office, "kasubag", "sekretaris")
    assert missing(database, office, run) == []  # the other holder is there
    with database.transaction() as session:
        away(session, office, "rekan", None, last=4)
    assert missing(database, office, run) == [
        (Missing("Kasubag", TODAY + 2 * DAY, "Sekretaris"), Missing("Rekan Kasubag", TODAY + 4 * DAY, None))
    ]


def test_a_claimed_task_waits_for_its_claimer_only(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        run = session.get_one(Task, claimed(session, office, surat)).run_id
        away(session, office, "rekan", None)
    assert missing(database, office, run) == []
    with database.transaction() as session:
        away(session, office, "kasubag", None)
    assert missing(database, office, run) == [(Missing("Kasubag", TODAY + 2 * DAY, None),)]


# -- handing over -----------------------------------------------------------------------------------------------------


def receivers(database: Database, office: Office, task: int, who: str = "kasubag") -> list[tuple[str, Capacity]]:
    with database.reading() as session:
        found = absences.receivers(session, office(session, who), task, office.now)
        return [(one.name, one.capacity) for one in found]


def test_a_task_can_go_to_others_who_act_for_its_jabatan_today(
    database: Database, office: Office, neighbour: Office, surat: int
) -> None:
    with database.transaction() as session:
        task = claimed(session, office, surat)
    assert receivers(database, office, task) == [("Rekan Kasubag", Capacity.DEFINITIF)]
    with database.transaction() as session:
        absence = away(session, office, "rekan", None)
    assert receivers(database, office, task) == []
    with database.transaction() as session:
        acts.end(session, office(session, "manajer"), absence, office.now)
        away(session, office, "rekan", "camat")
    assert receivers(database, office, task) == [("Camat", Capacity.PLH)]
    with pytest.raises(errors.NotFound):
        receivers(database, neighbour, task)


def test_whom_a_rule_keeps_from_a_task_it_is_not_offered(database: Database, office: Office) -> None:
    flow = approval()
    rule = {"langkah_1": {"hanya_definitif": "ya"}}
    nodes = tuple(
        dataclasses.replace(node, properties={**node.properties, **rule.get(node.id, {})}) for node in flow.nodes
    )
    with database.transaction() as session:
        task = claimed(session, office, office.publish(session, dataclasses.replace(flow, nodes=nodes)))
    assert receivers(database, office, task) == [("Rekan Kasubag", Capacity.DEFINITIF)]
    with database.transaction() as session:
        session.execute(
            update(Holding).where(Holding.person_id == office.people["rekan"]).values(capacity=Capacity.PLT)
        )
    assert receivers(database, office, task) == []


def test_who_did_the_step_that_is_checked_here_is_not_offered_it(database: Database, office: Office) -> None:
    flow = approval()
    nodes = tuple(
        dataclasses.replace(node, lane="lajur_3", properties={**node.properties, "bukan_pelaksana": "1"})
        if node.id == "langkah_2"
        else node
        for node in flow.nodes
    )
    with database.transaction() as session:
        run = office.start(session, office.publish(session, dataclasses.replace(flow, nodes=nodes)))
        who, first = office(session, "rekan"), open_tasks(session, run)[0].id
        tasks.claim(session, who, first, office.now)
        tasks.complete(session, who, first, None, "", office.now)
        second = open_tasks(session, run)[0].id
        tasks.claim(session, office(session, "kasubag"), second, office.now)
    assert receivers(database, office, second) == []


def test_who_is_given_a_task_is_told_by_whom_and_what_for(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        task = claimed(session, office, surat)
        session.execute(update(Task).values(alert=Alert.TOLD))
        tasks.hand_over(session, office(session, "kasubag"), task, office.people["rekan"], "Saya diklat", office.now)
        (row,) = notice_queries.mine(session, office(session, "rekan")).rows
    assert (row.kind, row.task_id) == (NoticeKind.NEW, task)
    assert row.facts == {"given_by": "Kasubag", "note": "Saya diklat"}
