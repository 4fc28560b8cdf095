"""People at the same moment, in real threads and real processes: one wins, and nothing is written twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Barrier, Thread

import pytest

from bpmn.errors import Refusal
from engine import checking, definitions, errors, migrating, offices, runs, tasks
from engine.database import Database
from engine.queries import catalogue, lists
from engine.queries import runs as run_queries
from engine.states import Right, RunState, Verb
from tests.engine.conftest import SINCE, Office, diagram
from tests.engine.flows import approval, parallel
from tests.engine.processes import Attempt, Racers, Refused, racers

RACES = 5
"""How often processes race in a test: who wins, and by how much, differs."""


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
        task = lists.of_jabatan(session, office(session, "kasubag"), office.now).rows[0].id
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
        task = lists.of_jabatan(session, office(session, "kasubag"), office.now).rows[0].id
        tasks.claim(session, office(session, "kasubag"), task, office.now)
    results = at_once(*[completing(database, office, "kasubag", task)] * 4)
    assert Verb.COMPLETE in results
    assert all(result is Verb.COMPLETE or isinstance(result, errors.TaskFinished) for result in results)
    with database.reading() as session:
        page = run_queries.one(session, office(session, "camat"), run, office.now)
    assert [entry.verb for entry in page.history] == [Verb.START, Verb.CLAIM, Verb.COMPLETE]
    assert [task.name for task in page.row.waiting] == ["langkah_2"]


def two_branches(database: Database, office: Office, sop: int) -> tuple[int, list[tuple[str, int]]]:
    """A run of the parallel SOP, and for each of its two branches who claimed which task."""
    with database.transaction() as session:
        run = office.start(session, sop, by="camat")
        first = lists.of_jabatan(session, office(session, "camat"), office.now).rows[0].id
        tasks.claim(session, office(session, "camat"), first, office.now)
        tasks.complete(session, office(session, "camat"), first, None, "", office.now)
        branches = []
        for who in ("sekretaris", "kasubag"):
            task = lists.of_jabatan(session, office(session, who), office.now).rows[0].id
            tasks.claim(session, office(session, who), task, office.now)
            branches.append((who, task))
    return run, branches


@pytest.mark.parametrize("attempt", range(5))
def test_two_branches_completed_at_once_both_succeed(database: Database, office: Office, attempt: int) -> None:
    with database.transaction() as session:
        sop = office.publish(session, parallel())
    run, branches = two_branches(database, office, sop)
    assert at_once(*(completing(database, office, who, task) for who, task in branches)) == [Verb.COMPLETE] * 2
    with database.reading() as session:
        page = run_queries.one(session, office(session, "camat"), run, office.now)
    assert [task.name for task in page.row.waiting] == ["langkah_4"]
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


@pytest.mark.parametrize("attempt", range(10))
def test_a_release_and_a_completion_at_once_do_not_wait_in_a_circle(
    database: Database, office: Office, surat: int, attempt: int
) -> None:
    with database.transaction() as session:
        office.start(session, surat)
        task = lists.of_jabatan(session, office(session, "kasubag"), office.now).rows[0].id
        tasks.claim(session, office(session, "kasubag"), task, office.now)

    def release() -> str:
        with database.transaction() as session:
            tasks.release(session, office(session, "kasubag"), task, office.now)
        return "released"

    released, completed = at_once(release, completing(database, office, "kasubag", task))
    assert (released == "released") != (completed is Verb.COMPLETE)


@pytest.fixture(scope="module")
def processes() -> Iterator[Racers]:
    """Three processes; a test hands each of them an act."""
    with racers(3) as three:
        yield three


@pytest.fixture
def url(database: Database) -> str:
    """The address under which other processes find the database."""
    return database.url.render_as_string(hide_password=False)


def claimed_by(database: Database, office: Office, sop: int, who: str) -> tuple[int, int]:
    """A new run, and its first task, claimed."""
    with database.transaction() as session:
        run = office.start(session, sop)
        task = lists.of_jabatan(session, office(session, who), office.now).rows[0].id
        tasks.claim(session, office(session, who), task, office.now)
    return run, task


def test_one_of_three_processes_claims_and_the_others_are_told_who(
    database: Database, office: Office, surat: int, processes: Racers, url: str
) -> None:
    with database.transaction() as session:
        office.people["staf"] = offices.add_person(session, office.id, "staf", "Staf Kasubag", "rahasia")
        offices.hold(session, office.people["staf"], office.jabatan["Kasubag Umum"], SINCE)
    for _ in range(RACES):
        with database.transaction() as session:
            run = office.start(session, surat)
            task = lists.of_jabatan(session, office(session, "kasubag"), office.now).rows[0].id
        people = [office.people[who] for who in ("kasubag", "rekan", "staf")]
        results = processes.at_once(*(Attempt(url, person, tasks.claim, (task,)) for person in people))
        (winner,) = (person for person, result in zip(people, results, strict=True) if result is None)
        with database.transaction() as session:
            name = offices.actor(session, winner, office.now).name
            page = run_queries.one(session, office(session, "camat"), run, office.now)
        told = Refused(errors.TaskAlreadyClaimed, str(errors.TaskAlreadyClaimed(name).sentence))
        assert sorted(map(str, results)) == sorted(map(str, [None, told, told]))
        assert [(entry.verb, entry.person) for entry in page.history[1:]] == [(Verb.CLAIM, name)]


def test_a_completion_sent_by_three_processes_happens_once_and_all_are_answered(
    database: Database, office: Office, surat: int, processes: Racers, url: str
) -> None:
    for _ in range(RACES):
        run, task = claimed_by(database, office, surat, "kasubag")
        submit = Attempt(url, office.people["kasubag"], tasks.complete, (task, None, ""))
        assert processes.at_once(submit, submit, submit) == [Verb.COMPLETE] * 3
        with database.reading() as session:
            page = run_queries.one(session, office(session, "camat"), run, office.now)
        assert [entry.verb for entry in page.history] == [Verb.START, Verb.CLAIM, Verb.COMPLETE]
        assert [task.name for task in page.row.waiting] == ["langkah_2"]


def test_two_processes_complete_two_branches_and_the_join_goes_on_once(
    database: Database, office: Office, processes: Racers, url: str
) -> None:
    with database.transaction() as session:
        sop = office.publish(session, parallel())
    for _ in range(RACES):
        run, branches = two_branches(database, office, sop)
        attempts = [Attempt(url, office.people[who], tasks.complete, (task, None, "")) for who, task in branches]
        assert processes.at_once(*attempts) == [Verb.COMPLETE] * 2
        with database.transaction() as session:
            page = run_queries.one(session, office(session, "camat"), run, office.now)
            assert [task.name for task in page.row.waiting] == ["langkah_4"]
            runs.cancel(session, office(session, "manajer"), run, "Selesai diuji", office.now)


def two_analysts(database: Database, office: Office) -> list[int]:
    with database.transaction() as session:
        rights = frozenset({Right.ANALYST})
        second = offices.add_person(session, office.id, "analis.kedua", "Analis Kedua", "rahasia", rights)
    return [office.people["analis"], second]


def test_a_draft_is_published_by_one_of_two_processes(
    database: Database, office: Office, surat: int, processes: Racers, url: str
) -> None:
    analysts = two_analysts(database, office)
    for number in range(2, 2 + RACES):
        with database.transaction() as session:
            definitions.save_draft(session, office(session, "analis"), surat, diagram(approval()), 0, office.now)
        results = processes.at_once(
            *(Attempt(url, person, definitions.publish, (surat, "Versi baru")) for person in analysts)
        )
        assert results.count(number) == 1
        assert [result.fact for result in results if isinstance(result, Refused)] == [errors.DraftMissing]
    with database.reading() as session:
        versions = catalogue.one(session, office(session, "analis"), surat).versions
    assert sorted(version.number for version in versions) == list(range(1, 2 + RACES))


def test_one_of_two_processes_saves_a_draft_and_the_other_is_told_who_did(
    database: Database, office: Office, surat: int, processes: Racers, url: str
) -> None:
    analysts = two_analysts(database, office)
    edited = {person: diagram(approval(f"Surat Keluar {person}")) for person in analysts}
    for revision in range(RACES):
        results = processes.at_once(
            *(Attempt(url, who, definitions.save_draft, (surat, edited[who], revision)) for who in analysts)
        )
        (winner,) = (who for who, result in zip(analysts, results, strict=True) if isinstance(result, tuple))
        (refused,) = (result for result in results if isinstance(result, Refused))
        with database.reading() as session:
            who = offices.actor(session, winner, office.now)
            assert definitions.xml(session, who, surat) == (edited[winner], revision + 1)
        assert refused.fact is errors.DraftConflict
        assert who.name in refused.sentence


def test_one_of_two_processes_moves_a_run_while_it_is_completed(
    database: Database, office: Office, surat: int, processes: Racers, url: str
) -> None:
    for number in range(2, 2 + RACES):
        run, task = claimed_by(database, office, surat, "kasubag")
        with database.transaction() as session:
            who = office(session, "analis")
            definitions.save_draft(session, who, surat, diagram(approval(f"Versi {number}")), 0, office.now)
            definitions.publish(session, who, surat, "Versi baru", office.now)
        analyst = office.people["analis"]
        move = Attempt(url, analyst, migrating.move, (surat, number, (run,), {}, "Pindah"))
        complete = Attempt(url, office.people["kasubag"], tasks.complete, (task, None, ""))
        *moves, completed = processes.at_once(move, move, complete)
        assert [isinstance(one, Refused) for one in moves].count(True) == 1
        assert completed is Verb.COMPLETE or (isinstance(completed, Refused) and completed.fact is errors.StaleRun)
        with database.reading() as session:
            assert list(checking.check(session)) == []
            page = run_queries.one(session, office(session, "camat"), run, office.now)
        assert page.version == number
        assert [entry.verb for entry in page.history].count(Verb.MOVE) == 1
        assert [one.name for one in page.row.waiting] == ["langkah_2" if completed is Verb.COMPLETE else "langkah_1"]


def test_a_task_taken_away_while_it_is_finished_is_one_or_the_other(
    database: Database, office: Office, surat: int, processes: Racers, url: str
) -> None:
    for _ in range(RACES):
        run, task = claimed_by(database, office, surat, "kasubag")
        finish = Attempt(url, office.people["kasubag"], tasks.complete, (task, None, ""))
        take = Attempt(url, office.people["manajer"], tasks.reassign, (task, office.people["rekan"], ""))
        finished, taken = processes.at_once(finish, take)
        with database.reading() as session:
            page = run_queries.one(session, office(session, "camat"), run, office.now)
        if finished is Verb.COMPLETE:
            assert isinstance(taken, Refused)
            assert taken.fact is errors.TaskFinished
        else:
            assert taken is None
            assert isinstance(finished, Refused)
            assert finished.fact is errors.TaskAlreadyClaimed
            assert "Rekan Kasubag" in finished.sentence
        last = Verb.COMPLETE if finished is Verb.COMPLETE else Verb.REASSIGN
        assert [entry.verb for entry in page.history] == [Verb.START, Verb.CLAIM, last]
