"""Two people at the same moment, in real threads: exactly one wins, and nothing is written twice."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import pytest

from bpmn.errors import Refusal
from engine import definitions, errors, tasks
from engine.database import Database
from engine.queries import catalogue, inbox
from engine.queries import runs as run_queries
from engine.states import RunState, Verb
from tests.engine.conftest import Office, diagram
from tests.engine.flows import approval, parallel


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run every act in a thread of its own, all released together; what each returned or raised."""
    barrier = Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results[place] = act()
        except Refusal as refusal:
            results[place] = refusal

    threads = [Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def claiming(database: Database, office: Office, who: str, task: int) -> Callable[[], str]:
    def act() -> str:
        with database.transaction() as session:
            tasks.claim(session, office(session, who), task, office.now)
        return who

    return act


def completing(database: Database, office: Office, who: str, task: int) -> Callable[[], Verb]:
    def act() -> Verb:
        with database.transaction() as session:
            return tasks.complete(session, office(session, who), task, None, "", office.now)

    return act


@pytest.mark.parametrize("attempt", range(5))
def test_one_of_two_claims_wins(database: Database, office: Office, surat: int, attempt: int) -> None:
    with database.transaction() as session:
        office.start(session, surat)
        task = inbox.of_jabatan(session, office(session, "kasubag"), office.now).rows[0].id
    results = at_once(*(claiming(database, office, who, task) for who in ("kasubag", "rekan") * 2))
    winners = {result for result in results if isinstance(result, str)}
    assert len(winners) == 1
    assert all(isinstance(result, str | errors.TaskAlreadyClaimed) for result in results)


@pytest.mark.parametrize("attempt", range(5))
def test_a_completion_sent_four_times_happens_once(
    database: Database, office: Office, surat: int, attempt: int
) -> None:
    with database.transaction() as session:
        run = office.start(session, surat)
        task = inbox.of_jabatan(session, office(session, "kasubag"), office.now).rows[0].id
        tasks.claim(session, office(session, "kasubag"), task, office.now)
    results = at_once(*[completing(database, office, "kasubag", task)] * 4)
    assert Verb.COMPLETE in results
    assert all(result is Verb.COMPLETE or isinstance(result, errors.TaskFinished) for result in results)
    with database.reading() as session:
        page = run_queries.one(session, office(session, "camat"), run, office.now)
    assert [entry.verb for entry in page.history] == [Verb.START, Verb.CLAIM, Verb.COMPLETE]
    assert page.active == ("langkah_2",)


@pytest.mark.parametrize("attempt", range(5))
def test_two_branches_completed_at_once_both_succeed(database: Database, office: Office, attempt: int) -> None:
    with database.transaction() as session:
        run = office.start(session, office.publish(session, parallel()), by="camat")
        first = inbox.of_jabatan(session, office(session, "camat"), office.now).rows[0].id
        tasks.claim(session, office(session, "camat"), first, office.now)
        tasks.complete(session, office(session, "camat"), first, None, "", office.now)
        branches = []
        for who in ("sekretaris", "kasubag"):
            task = inbox.of_jabatan(session, office(session, who), office.now).rows[0].id
            tasks.claim(session, office(session, who), task, office.now)
            branches.append((who, task))
    assert at_once(*(completing(database, office, who, task) for who, task in branches)) == [Verb.COMPLETE] * 2
    with database.reading() as session:
        page = run_queries.one(session, office(session, "camat"), run, office.now)
    assert page.active == ("langkah_4",)
    assert page.row.state is RunState.RUNNING


def test_a_draft_is_published_once(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        definitions.save_draft(session, office(session, "analis"), surat, diagram(approval()), 0, office.now)

    def publish() -> int:
        with database.transaction() as session:
            return definitions.publish(session, office(session, "analis"), surat, "Versi kedua", office.now)

    results = at_once(publish, publish, publish)
    assert results.count(2) == 1
    assert sum(isinstance(result, errors.DraftMissing) for result in results) == 2
    with database.reading() as session:
        assert len(catalogue.one(session, office(session, "analis"), surat).versions) == 2
