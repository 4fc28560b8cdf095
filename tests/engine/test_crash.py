"""`kill -9` at random moments of a load: what was acknowledged is there, and nothing is there by half."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from time import monotonic, sleep

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import checking, offices
from engine.database import Database
from engine.states import RunState, TaskState, Verb, move
from engine.tables import History, Return, Run, Task
from tests.engine import load
from tests.engine.conftest import SINCE, Office
from tests.engine.flows import parallel
from tests.engine.load import Acknowledged
from tests.engine.processes import context

ACTS = 1000
"""Acknowledged acts in all lives together, at least."""

LIVES = 12
"""Lives, and so kills, at least."""

TEAMS = 3
"""Threads that act, each for people of its own."""

PATIENCE = 60
"""Seconds that a life may take to do its share."""


def test_no_kill_loses_an_acknowledged_act_or_leaves_half_of_one(
    database: Database, office: Office, surat: int, tmp_path: Path
) -> None:
    with database.transaction() as session:
        office.publish(session, replace(parallel(), process_id="rapat"))
        teams = [_team(session, office, number) for number in range(TEAMS)]
    database.dispose()  # whoever opens the file next must find its own way after a crash
    lives = _live_and_die(database, teams, tmp_path / "acknowledged")
    acts = load.acknowledged(tmp_path / "acknowledged")
    assert len(acts) >= ACTS
    with database.reading() as session:
        assert _damage(session) == []
        written = _acts_of_history(session)
        lost = Counter(acts) - written
        assert not lost
        assert (written - Counter(acts)).total() <= lives * TEAMS, "an act at most was under way in each thread"
        assert list(_halves(session)) == []


def _team(session: Session, office: Office, number: int) -> list[int]:
    """A person for each jabatan."""
    team = []
    for name, jabatan in office.jabatan.items():
        person = offices.add_person(session, office.id, f"{jabatan}.{number}", f"{name} {number}", "rahasia")
        offices.hold(session, person, jabatan, SINCE)
        team.append(person)
    return team


def _live_and_die(database: Database, teams: list[list[int]], log: Path) -> int:
    """Life after life on the same database, each killed at a moment that nothing announces; how many there were."""
    random = Random(4)
    url = database.url.render_as_string(hide_password=False)
    lives = done = 0
    while done < ACTS or lives < LIVES:
        life = context.Process(target=load.live, args=(url, log, lives, teams))
        life.start()
        try:
            done = _wait(life, log, done + random.randint(ACTS // LIVES // 2, 2 * ACTS // LIVES))
            sleep(random.random() / 50)
        finally:
            life.kill()
            life.join()
        lives += 1
    return lives


def _wait(life: BaseProcess, log: Path, acts: int) -> int:
    """Wait until the log has so many lines; how many it has."""
    begun = monotonic()
    while True:
        lines = log.read_bytes().count(b"\n") if log.exists() else 0
        if lines >= acts:
            return lines
        assert life.is_alive(), "it fell over by itself"
        assert monotonic() - begun < PATIENCE, "nobody acts any more"
        sleep(0.005)


def _damage(session: Session) -> list[object]:
    return list(checking.check(session))


def _acts_of_history(session: Session) -> Counter[Acknowledged]:
    """Every act that the history tells of, as the load would have acknowledged it."""
    found = session.scalars(select(History).where(History.verb != Verb.FINISH)).all()
    return Counter(
        Acknowledged(
            one.verb,
            one.person_id or 0,
            one.run_id,
            one.task_id,
            one.facts.get("subject" if one.verb is Verb.START else "note", ""),
        )
        for one in found
    )


def _halves(session: Session) -> Iterator[str]:
    """Where the tables do not hold what the history, told again from the start, leads to."""
    of_run, of_task = defaultdict(list), defaultdict(list)
    for row in session.scalars(select(History).order_by(History.id)):
        of_run[row.run_id].append(row.verb)
        of_task[row.task_id].append(row)
    returns = Counter(session.scalars(select(Return.run_id)))
    for run in session.scalars(select(Run)):
        verbs = Counter(of_run[run.id])
        told = (verbs[Verb.START], verbs[Verb.RETURN], verbs[Verb.RETURN] + 1, verbs[Verb.FINISH])
        if told != (1, returns[run.id], run.round, int(run.state is RunState.FINISHED)):
            yield f"run {run.id}: {verbs}"
    for task in session.scalars(select(Task)):
        if _told(of_task[task.id], task) != (task.state, task.claimed_by, task.finished_by):
            yield f"task {task.id}: {[row.verb for row in of_task[task.id]]}"


def _told(rows: list[History], task: Task) -> tuple[TaskState, int | None, int | None] | None:
    """State, claimer and finisher of a task after what its history tells; None where it tells the impossible."""
    came_claimed = task.return_id is not None and not (rows and rows[0].verb is Verb.CLAIM)
    state = TaskState.CLAIMED if came_claimed else TaskState.OPEN
    claimer, finisher = task.claimed_by if came_claimed else None, None
    for row in rows:
        if state not in move(row.verb).origins:
            return None
        state = move(row.verb).target
        if row.verb in (Verb.CLAIM, Verb.RELEASE):
            claimer = row.person_id if row.verb is Verb.CLAIM else None
        else:
            finisher = row.person_id
    return state, claimer, finisher
