"""The same thing sent twice is done once."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from engine import errors, submissions
from engine.database import Database
from engine.submissions import KEPT
from engine.tables import Run, Submission
from tests.engine.conftest import Office


def start(database: Database, office: Office, surat: int, key: str | None, subject: str = "Undangan") -> int:
    with database.transaction() as session:
        return submissions.once(
            session,
            office(session, "kasubag"),
            key,
            f"start {surat} {subject}",
            lambda: office.start(session, surat, subject=subject),
            office.now,
        )


def count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Run)) or 0


def test_a_run_sent_twice_with_a_key_is_started_once(database: Database, office: Office, surat: int) -> None:
    first = start(database, office, surat, "a")
    assert start(database, office, surat, "a") == first
    assert start(database, office, surat, "b") != first
    assert start(database, office, surat, None) != start(database, office, surat, None)
    assert count(database) == 4


def test_a_key_does_not_stand_for_something_else(database: Database, office: Office, surat: int) -> None:
    start(database, office, surat, "a")
    with pytest.raises(errors.KeyUsed):
        start(database, office, surat, "a", subject="Lain")
    with pytest.raises(errors.TooLong):
        start(database, office, surat, "a" * 81)
    assert count(database) == 1


def test_what_was_refused_can_be_sent_again(database: Database, office: Office, surat: int) -> None:
    with pytest.raises(errors.Invalid):
        start(database, office, surat, "a", subject=" ")
    assert start(database, office, surat, "a")


def test_answers_are_forgotten_after_a_week(database: Database, office: Office, surat: int) -> None:
    start(database, office, surat, "a")
    with database.transaction() as session:
        assert submissions.forget(session, office.now + KEPT / 2) == 0
        assert submissions.forget(session, office.now + KEPT) == 1
        assert session.scalar(select(func.count()).select_from(Submission)) == 0
