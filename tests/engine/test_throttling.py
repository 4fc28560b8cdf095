"""Who guesses is slowed down; an office behind one address, and whoever has been in before, is not."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from engine import throttling
from engine.database import Database
from engine.errors import TooManyAttempts
from engine.tables import Throttle
from engine.throttling import FREE, FREE_ACCOUNTS, FREE_KNOWN, LONGEST, MEMORY, Ticket
from tests.engine.test_races import at_once

OFFICE, OUTSIDE = "203.0.113.7", "198.51.100.9"
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def attempt(
    database: Database, now: datetime, username: str = "budi", address: str = OUTSIDE, known: str = "", *, right: bool
) -> Ticket:
    with database.transaction() as session:
        ticket = throttling.enter(session, username, address, known, now)
    if right:
        with database.transaction() as session:
            throttling.succeeded(session, ticket, now)
    return ticket


def fail(database: Database, now: datetime, times: int, **more: str) -> None:
    for _ in range(times):
        attempt(database, now, right=False, **more)


@given(st.integers(0, 10_000), st.integers(1, 50))
def test_a_wait_doubles_from_none_to_the_longest(failures: int, free: int) -> None:
    assert throttling.wait(min(failures, free - 1), free) == timedelta(0)
    assert throttling.wait(free, free) == throttling.FIRST
    assert throttling.wait(failures, free) <= throttling.wait(failures + 1, free) <= LONGEST
    assert throttling.wait(free + 10_000, free) == LONGEST


def test_after_a_few_failures_strangers_wait_and_are_told_how_long(database: Database, now: datetime) -> None:
    fail(database, now, FREE)
    with pytest.raises(TooManyAttempts) as told:
        attempt(database, now, right=True)
    assert told.value.seconds == throttling.FIRST.total_seconds()
    assert "10 detik" in str(told.value.sentence)
    attempt(database, now + throttling.FIRST, right=True)


def test_whoever_guesses_all_day_gets_hardly_any_guesses(sqlite: Database, now: datetime) -> None:
    at, guesses = now, 0
    while at < now + DAY:
        try:
            attempt(sqlite, at, right=False)
            guesses += 1
        except TooManyAttempts as waits:
            at += waits.seconds * SECOND
    assert guesses < FREE + 10 + DAY / LONGEST


def test_many_guesses_at_once_get_no_further_than_one_after_the_other(database: Database, now: datetime) -> None:
    results = at_once(*[lambda: attempt(database, now, right=False)] * (3 * FREE))
    assert sum(isinstance(one, Ticket) for one in results) == FREE
    assert sum(isinstance(one, TooManyAttempts) for one in results) == 2 * FREE


def test_who_began_a_little_earlier_than_the_one_before_does_not_wait(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        ticket = throttling.enter(session, "camat", OFFICE, "", now)
    with database.transaction() as session:
        throttling.enter(session, "camat", OFFICE, "", now - SECOND / 200)
        throttling.succeeded(session, ticket, now)
        throttling.enter(session, "camat", OFFICE, "", now - SECOND / 200)


def test_strangers_do_not_keep_the_owner_out_of_a_browser_that_is_known(database: Database, now: datetime) -> None:
    with suppress(TooManyAttempts):
        fail(database, now, 3 * FREE)
    attempt(database, now, known="milik-budi", right=True)
    attempt(database, now, known="milik-budi", address=OFFICE, right=True)
    with pytest.raises(TooManyAttempts):
        attempt(database, now, right=True)


def test_a_browser_that_is_known_becomes_a_stranger_by_many_failures(database: Database, now: datetime) -> None:
    fail(database, now, FREE_KNOWN + FREE, known="milik-budi")
    with pytest.raises(TooManyAttempts):
        attempt(database, now, known="milik-budi", right=True)
    attempt(database, now, known="lain", right=True)


def test_an_office_behind_one_address_is_not_kept_out_by_those_who_mistype(database: Database, now: datetime) -> None:
    for number in range(FREE_ACCOUNTS - 1):
        attempt(database, now, username=f"pegawai{number}", address=OFFICE, right=False)
    for number in range(FREE_ACCOUNTS - 1):
        attempt(database, now, username=f"pegawai{number}", address=OFFICE, right=True)
    fail(database, now, FREE, username="salah", address=OFFICE)
    attempt(database, now, address=OFFICE, right=True)


def test_one_address_that_tries_many_accounts_waits_but_not_in_browsers_that_are_known(
    database: Database, now: datetime
) -> None:
    for number in range(FREE_ACCOUNTS):
        attempt(database, now, username=f"pegawai{number}", right=False)
    with pytest.raises(TooManyAttempts):
        attempt(database, now, right=True)
    attempt(database, now, known="milik-budi", right=True)
    attempt(database, now, address=OFFICE, right=True)


def test_the_whole_network_of_an_ipv6_address_is_one(database: Database, now: datetime) -> None:
    for number in range(FREE_ACCOUNTS):
        attempt(database, now, username=f"pegawai{number}", address=f"2001:db8:1:2::{number:x}", right=False)
    with pytest.raises(TooManyAttempts):
        attempt(database, now, address="2001:db8:1:2:ffff::1", right=True)
    attempt(database, now, address="2001:db8:1:3::1", right=True)


def test_names_that_nobody_has_are_treated_alike(database: Database, now: datetime) -> None:
    fail(database, now, FREE, username="tidak ada \udcff \x00")
    with pytest.raises(TooManyAttempts):
        attempt(database, now, username=" TIDAK ADA \udcff \x00", right=False)


def test_a_new_password_ends_the_waiting(database: Database, now: datetime) -> None:
    fail(database, now, FREE)
    with database.transaction() as session:
        throttling.pardon(session, "Budi")
    attempt(database, now, right=True)


def test_failures_are_forgotten_after_a_day_and_the_worker_drops_them(database: Database, now: datetime) -> None:
    fail(database, now, FREE)
    later = now + MEMORY
    fail(database, later, FREE - 1)
    attempt(database, later, right=True)
    with database.transaction() as session:
        assert throttling.due(session) == later + MEMORY
        assert throttling.forget(session, later + MEMORY) == 2
        assert session.scalars(select(Throttle)).all() == []
