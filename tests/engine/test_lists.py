"""The lists of a person's work: what stands in them, narrowed, searched, in an order, page by page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import offices, runs, tasks, words
from engine.database import Database
from engine.queries import inbox, lists
from engine.queries import runs as run_queries
from engine.queries.lists import DueIn, Order, Wanted
from engine.queries.paging import PAGE
from tests.engine.conftest import SINCE, Office
from tests.engine.flows import approval
from tests.engine.people import finish, open_tasks

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
    seen: list[int] = []
    after = ""
    while True:
        with database.reading() as session:
            wanted = Wanted(order=order, after=after)
            page = lists.of_jabatan(session, office(session, "kasubag"), office.now, wanted)
        seen += [row.id for row in page.rows]
        after = page.next
        if not after:
            break
    assert len(seen) == len(set(seen)) == PAGE * 2 + 3
    assert seen == sorted(seen, reverse=order is Order.NEWEST)


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
