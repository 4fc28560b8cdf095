"""The lists of a person's work: what stands in them, narrowed, searched, in an order, page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from engine import offices, runs, tasks, words
from engine.database import Database
from engine.queries import inbox, lists, paging
from engine.queries import runs as run_queries
from engine.queries.inbox import TaskRow
from engine.queries.lists import DueIn, Order, Wanted
from engine.queries.paging import PAGE, KeyedPage
from engine.states import RunState
from tests.engine.conftest import SINCE, Office, make_office
from tests.engine.flows import approval
from tests.engine.people import finish, open_tasks
from tests.engine.plans import Plans

SUBJECTS = ("Undangan rapat koordinasi", "Laporan kinerja", "Undangan pelantikan", "Surat 005/12 tentang rapat")


@pytest.fixture
def started(database: Database, office: Office, surat: int) -> list[int]:
    """A run of each subject: on Tuesday, Wednesday, Thursday, and today, a Monday."""
    made = []
    with database.transaction() as session:
        for days, subject in zip((6, 5, 4, 0), SUBJECTS, strict=True):
            now = office.now - timedelta(days=days)
            made.append(runs.start(session, office(session, "kasubag"), surat, subject, now))
    return made


def subjects(database: Database, office: Office, who: str = "kasubag", **wanted: object) -> list[str]:
    with database.reading() as session:
        page = lists.of_jabatan(session, office(session, who), office.now, Wanted(**wanted))  # type: ignore[arg-type]
        return [row.subject for row in page.rows]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("rapat", [0, 3]),
        ("RAPAT und", [0]),
        ("005", [3]),
        ("undang", [0, 2]),
        ("surat keluar", [0, 1, 2, 3]),
        ("tidak ada", []),
        ("%", [0, 1, 2, 3]),
        ("_rapat", []),
    ],
)
def test_a_search_finds_runs_by_the_beginnings_of_words(
    database: Database, office: Office, started: list[int], text: str, found: list[int]
) -> None:
    assert subjects(database, office, text=text) == [SUBJECTS[number] for number in found]


def bound(monkeypatch: pytest.MonkeyPatch, few: int, many: int) -> None:
    """What counts as few runs, and as so many that they are not put together; nothing is known from before."""
    monkeypatch.setattr(words, "FEW", few)
    monkeypatch.setattr(words, "MANY", many)
    monkeypatch.setattr(words, "MANY_LIVE", many)
    monkeypatch.setattr(words, "_known", WeakKeyDictionary())


def test_what_very_many_have_is_counted_once_an_hour(
    database: Database, office: Office, started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    bound(monkeypatch, 0, 1)
    clock = [1000.0]
    monkeypatch.setattr(words, "monotonic", lambda: clock[0])
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    def counted(text: str) -> list[str]:
        seen.clear()
        assert subjects(database, office, text=text) == [SUBJECTS[0], SUBJECTS[3]][: 1 if " " in text else 2]
        return [statement for statement in seen if statement.startswith("SELECT (SELECT count")]

    event.listen(database.engine, "before_cursor_execute", note)
    asked = [len(counted(text)) for text in ("rapat", "rapat", "und rapat", "und rapat")]
    clock[0] += words.KNOWN
    asked.append(len(counted("rapat")))
    event.remove(database.engine, "before_cursor_execute", note)
    assert asked == [1, 0, 1, 0, 1]


@pytest.mark.parametrize(("few", "many"), [(0, 2), (0, 1), (0, 0), (1, 3)])
@pytest.mark.parametrize(
    ("text", "found"), [("rapat", [0, 3]), ("und rapat", [0]), ("surat undangan", [0, 2]), ("rapat pelantikan", [])]
)
def test_a_search_finds_the_same_however_many_runs_have_its_words(
    database: Database,
    office: Office,
    started: list[int],
    monkeypatch: pytest.MonkeyPatch,
    few: int,
    many: int,
    text: str,
    found: list[int],
) -> None:
    bound(monkeypatch, few, many)
    assert subjects(database, office, text=text) == [SUBJECTS[number] for number in found]
    assert subjects(database, office, who="sekretaris", text=text) == []
    for run in started:
        finish(database, office, run, "kasubag")
    with database.reading() as session:
        kasubag = office(session, "kasubag")
        done = lists.finished(session, kasubag, office.now, Wanted(text=text))
        sent = run_queries.sent_on(session, kasubag, office.now, text)
    expected = sorted(SUBJECTS[number] for number in found)
    assert sorted(row.subject for row in done.rows) == expected
    assert sorted(row.subject for row in sent.rows) == expected


@pytest.mark.parametrize("few", [0, 500])
@pytest.mark.parametrize("many", [0, 20_000])
def test_sqlite_finds_every_list_by_an_index(
    sqlite: Database, now: datetime, monkeypatch: pytest.MonkeyPatch, few: int, many: int
) -> None:
    """It plans without statistics, so the plans of an empty file are those of every other."""
    bound(monkeypatch, few, many)
    plans = Plans(sqlite)
    with sqlite.transaction() as session:
        office = make_office(session, "Kecamatan Sukamaju", now)
        definition = office.publish(session, approval())
        for _ in range(2):
            office.start(session, definition)
    for run in (1, 2):
        finish(sqlite, office, run, "kasubag")
    with sqlite.transaction() as session:
        office.start(session, definition)
    everything = Wanted(definition=definition, jabatan=office.jabatan["Kasubag Umum"], returned=True, due=DueIn.WEEK)
    with plans.kept(), sqlite.reading() as session:
        kasubag = office(session, "kasubag")
        for wanted in (Wanted(), everything, *(Wanted(text="undangan rapat", order=order) for order in Order)):
            for query in (lists.mine, lists.of_jabatan, lists.finished):
                query(session, kasubag, now, wanted)
            run_queries.sent_on(session, kasubag, now, wanted.text, wanted.definition)
        for state in (None, RunState.RUNNING):
            run_queries.all_of_office(session, kasubag, now, state)
        inbox.counts(session, kasubag)
        inbox.by_ids(session, kasubag, range(PAGE), now)
        inbox.of_runs(session, kasubag, range(PAGE), now)
    big = "tasks|runs|words|involvements|history"
    assert not [step for step in plans.steps if re.match(rf"SCAN ({big})\b", step)]
    rows_of_ids = [step for step in plans.of("FROM tasks JOIN runs") if "SEARCH runs" in step]
    assert set(rows_of_ids) == {"SEARCH runs USING INTEGER PRIMARY KEY (rowid=?)"}
    narrowed = [step for step in plans.steps if re.search(r"ix_tasks_(open_|finished)", step)]
    assert narrowed
    assert all("COVERING" in step for step in narrowed)


def test_orders(database: Database, office: Office, started: list[int]) -> None:
    assert subjects(database, office) == list(SUBJECTS)
    assert subjects(database, office, order=Order.OLDEST) == list(SUBJECTS)
    assert subjects(database, office, order=Order.NEWEST) == list(reversed(SUBJECTS))


def test_lists_are_narrowed_by_sop_due_and_return(database: Database, office: Office, started: list[int]) -> None:
    with database.transaction() as session:
        other = replace(approval("Lain"), process_id="lain")
        flow = replace(other, nodes=tuple(replace(node, properties={}) for node in other.nodes))
        definition = office.publish(session, flow)
        office.start(session, definition, subject="Tanpa batas")
    assert subjects(database, office, definition=definition) == ["Tanpa batas"]
    assert subjects(database, office, due=DueIn.NONE) == ["Tanpa batas"]
    assert subjects(database, office)[-1] == "Tanpa batas"
    assert subjects(database, office, due=DueIn.OVER) == list(SUBJECTS[:3])
    assert "Tanpa batas" not in subjects(database, office, due=DueIn.WEEK)
    assert subjects(database, office, returned=True) == []
    finish(database, office, started[0], "rekan")
    finish(database, office, started[0], "sekretaris", "Dikembalikan", "Salah")
    with database.reading() as session:
        page = lists.mine(session, office(session, "rekan"), office.now, Wanted(returned=True))
        assert [row.subject for row in page.rows] == [SUBJECTS[0]]


def test_what_was_sent_on_is_waited_for_until_it_ends(
    database: Database, office: Office, neighbour: Office, started: list[int]
) -> None:
    run = started[1]
    for who, choice in (("kasubag", None), ("sekretaris", "Setuju"), ("camat", None)):
        with database.reading() as session:
            kasubag = office(session, "kasubag")
            found = run_queries.sent_on(session, kasubag, office.now)
            assert [row.id for row in found.rows] == ([run] if who != "kasubag" else [])
            assert inbox.counts(session, kasubag).waiting == len(found.rows)
            assert run_queries.sent_on(session, neighbour(session, "kasubag"), office.now).rows == ()
        finish(database, office, run, who, choice)
    with database.reading() as session:
        kasubag = office(session, "kasubag")
        assert run_queries.sent_on(session, kasubag, office.now).rows == ()
        assert [row.run_id for row in lists.finished(session, kasubag, office.now).rows] == [run]
        assert lists.finished(session, kasubag, office.now, Wanted(text="kinerja")).rows
        assert not lists.finished(session, kasubag, office.now, Wanted(text="undangan")).rows


@pytest.mark.parametrize("order", list(Order))
def test_pages_go_on_where_the_last_one_ended(database: Database, office: Office, surat: int, order: Order) -> None:
    with database.transaction() as session:
        other = office.publish(session, replace(approval("Lain"), process_id="lain"))
        _, second = offices.add_jabatan(session, office.id, "Kasubag Keuangan")
        offices.hold(session, office.people["kasubag"], second, SINCE)
        for number in range(PAGE * 2 + 3):
            office.start(session, surat if number % 2 else other, subject=f"Surat {number}")
    seen = [row.id for page in _pages(database, office, Wanted(order=order)) for row in page.rows]
    assert len(seen) == len(set(seen)) == PAGE * 2 + 3
    assert seen == sorted(seen, reverse=order is Order.NEWEST)


@pytest.mark.parametrize("order", list(Order))
def test_a_long_search_is_broken_off_and_goes_on_without_missing_any(
    database: Database, office: Office, surat: int, monkeypatch: pytest.MonkeyPatch, order: Order
) -> None:
    monkeypatch.setattr(words, "FEW", 1)
    monkeypatch.setattr(paging, "REACH", 8)
    with database.transaction() as session:
        _, second = offices.add_jabatan(session, office.id, "Kasubag Keuangan")
        offices.hold(session, office.people["kasubag"], second, SINCE)
        started = [office.start(session, surat, subject=_subject(number)) for number in range(40)]
    pages = list(_pages(database, office, Wanted(text="undangan rapat", order=order)))
    found = [row for page in pages for row in page.rows]
    expected = [run for number, run in enumerate(started) if _subject(number) == "Undangan rapat"]
    assert [row.run_id for row in found] == sorted(expected, reverse=order is Order.NEWEST)
    assert [page.broken_off for page in pages] == [True] * (len(pages) - 1) + [False]
    assert any(page.rows == () for page in pages)


def test_a_long_search_of_what_was_sent_on_goes_on_too(
    database: Database, office: Office, started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "FEW", 0)
    monkeypatch.setattr(paging, "REACH", 2)
    for run in started:
        finish(database, office, run, "kasubag")
    with database.reading() as session:
        kasubag = office(session, "kasubag")
        first = run_queries.sent_on(session, kasubag, office.now, "undangan rapat")
        second = run_queries.sent_on(session, kasubag, office.now, "undangan rapat", after=first.next)
    assert (first.rows, first.broken_off) == ((), True)
    assert ([row.id for row in second.rows], second.broken_off) == ([started[0]], False)


def _subject(number: int) -> str:
    return "Undangan rapat" if number in {3, 17, 18, 31} else "Undangan" if number % 2 else "Rapat"


def _pages(database: Database, office: Office, wanted: Wanted) -> Iterator[KeyedPage[TaskRow]]:
    while True:
        with database.reading() as session:
            page = lists.of_jabatan(session, office(session, "kasubag"), office.now, wanted)
        yield page
        if not page.next:
            return
        wanted = replace(wanted, after=page.next)


@pytest.mark.parametrize("after", ["x", "1.2.3", "9" * 30, "-1.5", "1.99999999999", "\N{FULLWIDTH DIGIT ONE}"])
def test_a_key_that_is_none_is_the_first_page(
    database: Database, office: Office, started: list[int], after: str
) -> None:
    assert subjects(database, office, after=after) == list(SUBJECTS)


@given(st.text(max_size=200))
def test_a_text_is_cut_into_words_that_find_it(text: str) -> None:
    found = words.cut(text)
    assert words.cut(" ".join(found)) == found
    assert all(0 < len(word) <= words.LENGTH for word in found)


def test_several_are_claimed_as_far_as_they_can_be(database: Database, office: Office, started: list[int]) -> None:
    with database.transaction() as session:
        ids = [task.id for run in started for task in open_tasks(session, run)]
        tasks.claim(session, office(session, "rekan"), ids[1], office.now)
        refused = tasks.each(tasks.claim, session, office(session, "kasubag"), [*ids, 9999], office.now)
    assert [why is None for why in refused.values()] == [True, False, True, True, False]
    with database.reading() as session:
        assert inbox.counts(session, office(session, "kasubag")).mine == 3
