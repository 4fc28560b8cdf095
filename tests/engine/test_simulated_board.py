"""At the end of a simulated half year the board names each planted cause, and no other."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from engine import offices
from engine.database import Database
from engine.queries import board
from engine.queries.board import Only, Wanted
from engine.simulation import Simulated, simulate
from tests.simulated import HalfYear

ENDS = (
    datetime(2026, 11, 21, 14, 30, tzinfo=UTC),  # on a Saturday night
    datetime(2026, 3, 4, 6, 30, tzinfo=UTC),  # in Ramadan, in the afternoon
    datetime(2026, 9, 8, 23, 40, tzinfo=UTC),  # before work begins
)


def named(database: Database, simulated: Simulated) -> dict[int, set[str]]:
    """The causes that the board names for each live run."""
    with database.reading() as session:
        who = offices.actor(session, simulated.manager, simulated.until)
        found = board.causes_of(session, who, list(simulated.planted), simulated.until)
    return {run: {cause.name for cause in causes} for run, causes in found.items()}


def listed(database: Database, simulated: Simulated, wanted: Wanted) -> set[int]:
    """The runs on all pages of the board."""
    found: set[int] = set()
    after = ""
    while True:
        with database.reading() as session:
            who = offices.actor(session, simulated.manager, simulated.until)
            page = board.page(session, who, simulated.until, _behind(wanted, after)).page
        found |= {row.id for row in page.rows}
        after = page.next
        if not after:
            return found


def _behind(wanted: Wanted, after: str) -> Wanted:
    return Wanted(cause=wanted.cause, only=wanted.only, after=after)


def test_the_board_names_each_planted_cause_and_no_other(half_year: HalfYear) -> None:
    assert named(half_year.database, half_year.simulated) == half_year.simulated.planted


def test_it_lists_under_each_cause_the_runs_that_were_planted(half_year: HalfYear) -> None:
    planted = half_year.simulated.planted
    for cause in sorted(set().union(*planted.values())):
        expected = {run for run, causes in planted.items() if cause in causes}
        assert listed(half_year.database, half_year.simulated, Wanted(cause=cause)) == expected, cause


def test_it_lists_as_stuck_what_was_planted_and_counts_it(half_year: HalfYear) -> None:
    planted = half_year.simulated.planted
    stuck = {run for run, causes in planted.items() if causes}
    assert listed(half_year.database, half_year.simulated, Wanted()) == stuck
    assert listed(half_year.database, half_year.simulated, Wanted(only=Only.ALL)) == set(planted)
    with half_year.database.reading() as session:
        counts = board.counts(session, half_year.manager, half_year.simulated.until)
    assert (counts.live, counts.stuck) == (len(planted), len(stuck))
    assert {count.name: count.runs for count in counts.causes if count.runs} == Counter(
        cause for causes in planted.values() for cause in causes
    )


@pytest.mark.parametrize("until", ENDS, ids=lambda until: f"{until:%a %d %b %H.%M}")
def test_whenever_it_is_looked_at(sqlite: Database, until: datetime) -> None:
    simulated = simulate(sqlite, until, "rahasia", months=1.5, seed=2, runs=0)
    assert named(sqlite, simulated) == simulated.planted
