"""The board: which live runs stand on it, narrowed, searched, in an order, page by page; and how many there are."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from engine import absences, errors, runs, stuck, tasks
from engine.database import Database
from engine.queries import board
from engine.queries.board import By, Group, Only, Order, Wanted
from tests.engine.conftest import Office, make_office
from tests.engine.flows import approval
from tests.engine.people import finish, open_tasks
from tests.engine.plans import Plans

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

SUBJECTS = ("Undangan rapat", "Laporan kinerja", "Undangan pelantikan", "Surat 005/12")


@pytest.fixture
def started(database: Database, office: Office, surat: int) -> list[int]:
    """A run of each subject, begun on Tuesday, Wednesday, Friday and today, a Monday."""
    made = []
    for days, subject in zip((6, 5, 3, 0), SUBJECTS, strict=True):
        with database.transaction() as session:
            then = replace(office, now=office.now - days * DAY)
            made.append(runs.start(session, then(session, "kasubag"), surat, subject, then.now))
    return made


def shown(database: Database, office: Office, **wanted: object) -> list[str]:
    with database.reading() as session:
        found = board.page(session, office(session, "manajer"), office.now, Wanted(**wanted))  # type: ignore[arg-type]
        return [row.subject for row in found.page.rows]


def counts(database: Database, office: Office) -> board.Counts:
    with database.reading() as session:
        return board.counts(session, office(session, "manajer"), office.now)


def groups(database: Database, office: Office, by: By) -> dict[str, Group]:
    with database.reading() as session:
        found = board.groups(session, office(session, "manajer"), office.now, by)
        return {str(group.title): group for group in found}


def test_what_waits_longest_stands_first(database: Database, office: Office, started: list[int]) -> None:
    assert shown(database, office) == [SUBJECTS[0], SUBJECTS[1], SUBJECTS[2]]
    assert shown(database, office, order=Order.NEWEST) == [SUBJECTS[2], SUBJECTS[1], SUBJECTS[0]]
    assert shown(database, office, only=Only.ALL) == list(SUBJECTS)
    finish(database, office, started[0], "kasubag")
    assert shown(database, office) == [SUBJECTS[1], SUBJECTS[2]]
    assert shown(database, office, only=Only.ALL, order=Order.DUE) == [
        SUBJECTS[1], SUBJECTS[2], SUBJECTS[3], SUBJECTS[0]
    ]  # fmt: skip


@pytest.mark.parametrize("few", [0, 500])
def test_the_board_is_narrowed_alike_however_many_runs_there_are(
    database: Database,
    office: Office,
    started: list[int],
    surat: int,
    few: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(board, "FEW", few)
    with database.transaction() as session:
        other = office.publish(session, replace(approval("Nota Dinas"), process_id="nota"))
        runs.start(session, office(session, "kasubag"), other, "Nota", office.now)
        (task,) = open_tasks(session, started[1])
        tasks.claim(session, office(session, "rekan"), task.id, office.now)
    finish(database, office, started[0], "kasubag")
    sekretaris, kasubag = office.jabatan["Sekretaris"], office.jabatan["Kasubag Umum"]
    everything = {"only": Only.ALL}
    assert shown(database, office, definition=other, **everything) == ["Nota"]
    assert shown(database, office, jabatan=sekretaris, **everything) == [SUBJECTS[0]]
    assert shown(database, office, jabatan=kasubag) == [SUBJECTS[1], SUBJECTS[2]]
    assert shown(database, office, person=office.people["rekan"], **everything) == [SUBJECTS[1]]
    assert shown(database, office, person=office.people["kasubag"], **everything) == []
    assert shown(database, office, cause="unclaimed") == [SUBJECTS[2]]
    assert shown(database, office, cause="late") == [SUBJECTS[1], SUBJECTS[2]]
    assert shown(database, office, cause="damaged") == []
    assert shown(database, office, only=Only.OVERDUE) == [SUBJECTS[1], SUBJECTS[2]]
    assert shown(database, office, text="undangan", **everything) == [SUBJECTS[2], SUBJECTS[0]]
    assert shown(database, office, text="undangan", jabatan=kasubag, cause="late") == [SUBJECTS[2]]
    with database.transaction() as session:
        runs.suspend(session, office(session, "manajer"), started[2], "Tunggu", office.now)
        day = office.now.date()
        for who in ("kasubag", "rekan"):
            absences.note(session, office(session, "manajer"), office.people[who], day, day, None, "", office.now)
    assert shown(database, office, only=Only.SUSPENDED) == [SUBJECTS[2]]
    assert shown(database, office, cause="absent") == [SUBJECTS[1], SUBJECTS[3], "Nota"]
    assert shown(database, office) == [SUBJECTS[1], SUBJECTS[3], "Nota"]
    assert shown(database, office, only=Only.OVERDUE) == [SUBJECTS[1]]


def test_the_numbers_are_those_of_the_rows(database: Database, office: Office, started: list[int]) -> None:
    with database.transaction() as session:
        runs.suspend(session, office(session, "manajer"), started[0], "Tunggu", office.now)
    found = counts(database, office)
    assert (found.live, found.stuck, found.overdue, found.suspended) == (4, 2, 2, 1)
    named = {cause.name: cause.runs for cause in found.causes}
    assert named == {**dict.fromkeys(stuck.BY_NAME, 0), "unclaimed": 2, "late": 2}
    assert [cause.name for cause in found.causes] == [rule.name for rule in stuck.RULES]


def test_runs_are_put_together(database: Database, office: Office, started: list[int], surat: int) -> None:
    with database.transaction() as session:
        (task,) = open_tasks(session, started[3])
        tasks.claim(session, office(session, "rekan"), task.id, office.now)
    finish(database, office, started[0], "kasubag")
    first = office.now - 5 * DAY
    assert groups(database, office, By.SOP) == {"Surat Keluar": Group(surat, "Surat Keluar", 4, 2, 2, first)}
    assert groups(database, office, By.JABATAN) == {
        "Kasubag Umum": Group(office.jabatan["Kasubag Umum"], "Kasubag Umum", 3, 2, 2, first),
        "Sekretaris": Group(office.jabatan["Sekretaris"], "Sekretaris", 1, 0, 0, office.now),
    }
    rekan = office.people["rekan"]
    assert groups(database, office, By.PERSON) == {"Rekan Kasubag": Group(rekan, "Rekan Kasubag", 1, 0, 0, office.now)}
    by_cause = groups(database, office, By.CAUSE)
    assert {group.key: (group.count, group.stuck) for group in by_cause.values()} == {
        "unclaimed": (2, 2), "late": (2, 2)
    }  # fmt: skip


def test_below_groups_there_are_fewer_runs_on_a_page(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    monkeypatch.setattr(board, "BESIDE", 2)
    with sqlite.transaction() as session:
        office = make_office(session, "Kecamatan Sukamaju", now)
        sop = office.publish(session, approval())
        for _ in range(3):
            office.start(session, sop)
    with sqlite.reading() as session:
        shown = board.page(session, office(session, "manajer"), now, Wanted(only=Only.ALL), By.SOP)
        rest = Wanted(only=Only.ALL, after=shown.page.next)
        further = board.page(session, office(session, "manajer"), now, rest, By.SOP)
    assert [len(one.page.rows) for one in (shown, further)] == [2, 1]


def test_pages_follow_one_another_in_every_order(database: Database, office: Office, started: list[int]) -> None:
    for order in Order:
        whole, after = [], ""
        while True:
            with database.reading() as session:
                wanted = Wanted(only=Only.ALL, order=order, after=after, size=2)
                found = board.page(session, office(session, "manajer"), office.now, wanted).page
            assert len(found.rows) <= 2
            whole += [row.id for row in found.rows]
            if not (after := found.next):
                break
        assert sorted(whole) == sorted(started)


def test_nothing_of_another_office_is_seen(
    database: Database, office: Office, neighbour: Office, started: list[int]
) -> None:
    assert shown(database, neighbour, only=Only.ALL) == []
    assert shown(database, neighbour, jabatan=office.jabatan["Kasubag Umum"], only=Only.ALL) == []
    assert shown(database, neighbour, cause="late") == []
    assert counts(database, neighbour).live == 0
    for by in By:
        assert groups(database, neighbour, by) == {}
    with database.reading() as session:
        manager = neighbour(session, "manajer")
        assert board.causes_of(session, manager, started, neighbour.now) == {}
        with pytest.raises(errors.NotFound):
            board.of_run(session, manager, started[0], neighbour.now)


@pytest.mark.parametrize("few", [0, 500])
def test_sqlite_finds_the_board_by_indexes(
    sqlite: Database, now: datetime, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It plans without statistics, so the plans of an empty file are those of every other."""
    monkeypatch.setattr(board, "FEW", few)
    plans = Plans(sqlite)
    with sqlite.transaction() as session:
        office = make_office(session, "Kecamatan Sukamaju", now)
        definition = office.publish(session, approval())
        office.start(session, definition)
        absences.note(
            session, office(session, "manajer"), office.people["camat"], now.date(), now.date(), None, "", now
        )
    narrowed = [
        Wanted(),
        Wanted(text="undangan rapat"),
        *(Wanted(only=only, order=order) for only in Only for order in Order),
        *(Wanted(cause=name) for name in stuck.BY_NAME),
        Wanted(definition=definition, jabatan=1, person=1, text="undangan", cause="late"),
    ]
    with plans.kept(), sqlite.reading() as session:
        manager = office(session, "manajer")
        for wanted in narrowed:
            board.page(session, manager, now + 3 * DAY if wanted.text else now, wanted)
        for by in By:
            board.groups(session, manager, now, by)
        board.of_run(session, manager, 1, now)
        board.causes_of(session, manager, range(1, 50), now)
    big = "tasks|runs|words|positions|causes|returns|waits"
    assert [step for step in plans.steps if re.match(rf"SCAN ({big})\b", step)] == []
    ordered = [step for step in plans.steps if re.search(r"ix_(positions_by|causes_office|tasks_unfinished)", step)]
    assert ordered
    assert [step for step in ordered if "COVERING" not in step] == []
    assert [step for step in plans.steps if "ix_runs_office_id_id" in step] == []
