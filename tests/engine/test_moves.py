"""The tables of moves, walked: every verb from every state by every kind of person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bpmn.errors import Refusal
from bpmn.flow import MESSAGE, SIGNAL, Edge, Event, Flow, Node
from engine import definitions, documents, errors, migrating, offices, reopening, reverting, runs, sealing, tasks
from engine.database import Database
from engine.offices import Actor
from engine.queries import lists, work
from engine.queries import runs as run_queries
from engine.states import DONE, MOVES, RUN_MOVES, UNFINISHED, By, Move, RunMove, RunState, TaskState, Verb, run_move
from engine.store import Store
from engine.tables import History, MigratedRun, Run, Task, Version
from tests.engine.conftest import SINCE, Office, diagram
from tests.engine.flows import approval
from tests.engine.people import finish

CLAIMER, COLLEAGUE, MANAGER, OUTSIDER, STRANGER = "sekretaris", "wakil", "manajer", "camat", "asing"

ANALYST, STARTER = "analis", "kasubag"

MAY = {
    By.HOLDER: {CLAIMER, COLLEAGUE},
    By.CLAIMER: {CLAIMER},
    By.DOER: {CLAIMER, MANAGER},
    By.MANAGER: {MANAGER},
    By.INVOLVED: {CLAIMER, COLLEAGUE, STARTER, MANAGER},
    By.ANYBODY: {CLAIMER, COLLEAGUE, STARTER, OUTSIDER, MANAGER, ANALYST},
    By.ANALYST: {ANALYST},
}
"""Of the people of the scene: who may make a move, the task being claimed by CLAIMER."""

TaskAct = Callable[[Session, Actor, Task, Office, str], object]

TASK_ACTS: dict[Verb, TaskAct] = {
    Verb.CLAIM: lambda session, who, task, office, back: tasks.claim(session, who, task.id, office.now),
    Verb.RELEASE: lambda session, who, task, office, back: tasks.release(session, who, task.id, office.now),
    Verb.SAVE: lambda session, who, task, office, back: tasks.save(session, who, task.id, None, "Konsep", office.now),
    Verb.REOPEN: lambda session, who, task, office, back: reopening.reopen(session, who, task.id, "Keliru", office.now),
    Verb.COMPLETE: lambda session, who, task, office, back: tasks.complete(
        session, who, task.id, _onward(back), "", office.now
    ),
    Verb.RETURN: lambda session, who, task, office, back: tasks.complete(
        session, who, task.id, back, "Perbaiki", office.now
    ),
    Verb.HAND_OVER: lambda session, who, task, office, back: tasks.hand_over(
        session, who, task.id, office.people[COLLEAGUE], "", office.now
    ),
    Verb.REASSIGN: lambda session, who, task, office, back: tasks.reassign(
        session, who, task.id, office.people[COLLEAGUE], "", office.now
    ),
}

RUN_ACTS: dict[Verb, Callable[[Session, Actor, int, Office], object]] = {
    Verb.SUSPEND: lambda session, who, run, office: runs.suspend(session, who, run, "Menunggu data", office.now),
    Verb.RESUME: lambda session, who, run, office: runs.resume(session, who, run, "", office.now),
    Verb.CANCEL: lambda session, who, run, office: runs.cancel(session, who, run, "Tidak jadi", office.now),
    Verb.COMMENT: lambda session, who, run, office: runs.comment(session, who, run, "Mohon dicek", office.now),
}

ELSEWHERE = {Verb.START, Verb.FIRE, Verb.MESSAGE, Verb.SIGNAL, Verb.MOVE, Verb.REVERT, Verb.ATTACH}
"""Acts on runs that need another scene, see the end of this file."""

_ONWARD: dict[str, str] = {}


def _onward(back: str) -> str:
    return _ONWARD[back]


@pytest.fixture
def scene(sqlite: Database, office: Office, neighbour: Office, surat: int) -> tuple[Office, int, str]:
    """An office with a second Sekretaris; a run whose decision waits; the flow that sends it back."""
    with sqlite.transaction() as session:
        office.people[COLLEAGUE] = offices.add_person(session, office.id, "wakil", "Wakil", "rahasia")
        offices.hold(session, office.people[COLLEAGUE], office.jabatan["Sekretaris"], SINCE)
        office.people[STRANGER] = neighbour.people["sekretaris"]
        run = office.start(session, surat)
        first = session.scalars(select(Task.id).where(Task.run_id == run)).one()
        tasks.claim(session, office(session, "kasubag"), first, office.now)
        tasks.complete(session, office(session, "kasubag"), first, None, "", office.now)
        task = session.scalars(select(Task.id).where(Task.run_id == run, Task.state == TaskState.OPEN)).one()
        choices = work.one(session, office(session, CLAIMER), task, office.now).choices
        back, onward = sorted(choices, key=lambda choice: not choice.is_return)
        _ONWARD[back.edge] = onward.edge
    return office, task, back.edge


@pytest.fixture
def database(sqlite: Database) -> Database:
    """One database is enough: that acts settle races on both kinds is for the other tests."""
    return sqlite


@pytest.mark.parametrize(("move", "who"), list(product(MOVES, (CLAIMER, COLLEAGUE, MANAGER, OUTSIDER, STRANGER))))
def test_moves_of_tasks(sqlite: Database, scene: tuple[Office, int, str], move: Move, who: str) -> None:
    office, task_id, back = scene
    for state, run_state in product(TaskState, RunState):
        with sqlite.transaction() as session:
            session.execute(
                update(Task)
                .where(Task.id == task_id)
                .values(
                    state=state,
                    claimed_by=None if state is TaskState.OPEN else office.people[CLAIMER],
                    finished_by=office.people[CLAIMER] if state in DONE else None,
                    finished_at=office.now + timedelta(hours=1) if state in DONE else None,
                )
            )
            session.execute(update(Run).values(state=run_state, undo_task=task_id, undo_state=Run.state_of_engine))
        before = _written(sqlite)
        allowed = state in move.origins and run_state in move.runs and who in MAY[move.by]
        try:
            with sqlite.transaction() as session:
                task = session.get_one(Task, task_id)
                TASK_ACTS[move.verb](session, office(session, who), task, office, back)
                session.expire_all()
                reached = session.get_one(Task, task_id).state
                done = _written_in(session) != before
                raise _Undo
        except Refusal:
            assert not allowed, (state, run_state)
            assert _written(sqlite) == before
        except _Undo:
            again = move.verb is Verb.CLAIM and state is TaskState.CLAIMED and who == CLAIMER
            assert allowed == done, (state, run_state)
            assert done or again
            assert reached is (move.target if done else state)


@pytest.mark.parametrize(
    ("move", "who"),
    [
        (move, who)
        for move in RUN_MOVES
        if move.verb not in ELSEWHERE
        for who in (CLAIMER, COLLEAGUE, STARTER, OUTSIDER, MANAGER, ANALYST, STRANGER)
    ],
)
def test_moves_of_runs(sqlite: Database, scene: tuple[Office, int, str], move: RunMove, who: str) -> None:
    office, task_id, _ = scene
    for state in RunState:
        with sqlite.transaction() as session:
            run = session.get_one(Task, task_id).run_id
            session.execute(update(Run).values(state=state))
        allowed = state in move.origins and who in MAY[move.by]
        try:
            with sqlite.transaction() as session:
                RUN_ACTS[move.verb](session, office(session, who), run, office)
                session.expire_all()
                assert session.get_one(Run, run).state is (move.target or state)
                raise _Undo
        except Refusal:
            assert not allowed, state
        except _Undo:
            assert allowed, state


class _Undo(Exception):
    """Raised inside a transaction that has been looked at."""


def _written(database: Database) -> int | None:
    with database.reading() as session:
        return _written_in(session)


def _written_in(session: Session) -> int | None:
    sealing.settle(session)
    return session.scalar(select(func.count()).select_from(History))


def test_a_cancelled_run_takes_its_tasks_away_and_says_why(sqlite: Database, scene: tuple[Office, int, str]) -> None:
    office, task_id, _ = scene
    with sqlite.transaction() as session:
        run = session.get_one(Task, task_id).run_id
        runs.cancel(session, office(session, MANAGER), run, "Kegiatan dibatalkan", office.now)
    with sqlite.transaction() as session:
        assert lists.of_jabatan(session, office(session, CLAIMER), office.now).rows == ()
        page = run_queries.one(session, office(session, "camat"), run, office.now)
        assert (page.row.state, page.row.waiting) == (RunState.CANCELLED, ())
        assert (page.history[-1].verb, page.history[-1].facts) == (Verb.CANCEL, {"note": "Kegiatan dibatalkan"})
        with pytest.raises(errors.RunNotRunning, match="dibatalkan"):
            tasks.claim(session, office(session, CLAIMER), task_id, office.now)


def test_a_suspended_run_goes_on_where_it_was(sqlite: Database, scene: tuple[Office, int, str]) -> None:
    office, task_id, back = scene
    with sqlite.transaction() as session:
        run = session.get_one(Task, task_id).run_id
        tasks.claim(session, office(session, CLAIMER), task_id, office.now)
        runs.suspend(session, office(session, MANAGER), run, "Menunggu data", office.now)
    with sqlite.transaction() as session, pytest.raises(errors.RunNotRunning, match="ditangguhkan"):
        tasks.complete(session, office(session, CLAIMER), task_id, back, "Perbaiki", office.now)
    with sqlite.transaction() as session:
        runs.resume(session, office(session, MANAGER), run, "", office.now)
        assert tasks.complete(session, office(session, CLAIMER), task_id, back, "Perbaiki", office.now) is Verb.RETURN


def test_a_task_is_given_only_to_holders_of_its_jabatan(sqlite: Database, scene: tuple[Office, int, str]) -> None:
    office, task_id, _ = scene
    for to in (office.people["camat"], office.people[STRANGER], 10_000):
        with sqlite.transaction() as session, pytest.raises(errors.NotAllowed):
            tasks.reassign(session, office(session, MANAGER), task_id, to, "", office.now)


def test_comments_are_for_the_office(sqlite: Database, scene: tuple[Office, int, str]) -> None:
    office, task_id, _ = scene
    with sqlite.transaction() as session:
        run = session.get_one(Task, task_id).run_id
        runs.comment(session, office(session, OUTSIDER), run, " Mohon dipercepat. ", office.now)
    with sqlite.transaction() as session:
        page = run_queries.one(session, office(session, "camat"), run, office.now)
        assert (page.history[-1].verb, page.history[-1].facts["note"]) == (Verb.COMMENT, "Mohon dipercepat.")
        with pytest.raises(errors.NotFound):
            runs.comment(session, office(session, STRANGER), run, "Halo", office.now)
        for text, error in (("  ", errors.Invalid), ("x" * 4001, errors.TooLong)):
            with pytest.raises(error):
                runs.comment(session, office(session, OUTSIDER), run, text, office.now)


def test_unfinished_tasks_are_those_that_can_move() -> None:
    assert {origin for move in MOVES for origin in move.origins} == UNFINISHED | DONE
    assert [move.verb for move in MOVES if move.origins & DONE] == [Verb.REOPEN]


def test_every_verb_is_a_move_or_comes_with_one() -> None:
    moves = {move.verb for move in (*MOVES, *RUN_MOVES)}
    told = {Verb.FINISH, Verb.INITIAL, Verb.SIGN, Verb.SUBSTITUTE, Verb.REMIND, Verb.OVERDUE, Verb.DETACH}
    assert moves | told == set(Verb)
    assert not moves & told


# -- acts on runs that need a scene of their own ----------------------------------------------------------------------


def _attach(session: Session, who: Actor, run: int, office: Office, store: Store) -> None:
    files = [documents.keep(store, "a.txt", BytesIO(b"Isi"))]
    documents.attach(session, who, run, files, task_id=None, title="", now=office.now)


def _move_on(session: Session, who: Actor, run: int, office: Office, _store: Store) -> None:
    definition = session.scalars(select(Version.definition_id).join(Run).where(Run.id == run)).one()
    migrating.move(session, who, definition, 2, [run], {}, "", office.now)


def _revert(session: Session, who: Actor, run: int, office: Office, _store: Store) -> None:
    migration = session.scalars(select(MigratedRun.migration_id).where(MigratedRun.run_id == run)).one()
    reverting.revert(session, who, migration, "", office.now)


SCENES: dict[Verb, Callable[[Session, Actor, int, Office, Store], object]] = {
    Verb.ATTACH: _attach,
    Verb.MESSAGE: lambda session, who, run, office, store: runs.message(session, who, run, "Kabar", "", office.now),
    Verb.SIGNAL: lambda session, who, run, office, store: runs.signal(session, who, "Isyarat", "", office.now),
    Verb.MOVE: _move_on,
    Verb.REVERT: _revert,
}


def _waiting_for_news() -> Flow:
    """The approval, with a message and a signal on its second step that change nothing of it."""
    flow = approval()
    events = [
        Node("pesan", "boundaryEvent", lane="lajur_2", event=Event(MESSAGE, "Kabar"), attached_to="langkah_2"),
        Node("isyarat", "boundaryEvent", lane="lajur_2", event=Event(SIGNAL, "Isyarat"), attached_to="langkah_2"),
    ]
    events = [replace(event, name=event.id, interrupting=False) for event in events]
    ends = [Node(f"usai_{event.id}", "endEvent", lane="lajur_2") for event in events]
    ways = [Edge(f"dari_{event.id}", event.id, end.id) for event, end in zip(events, ends, strict=True)]
    return replace(flow, nodes=(*flow.nodes, *events, *ends), edges=(*flow.edges, *ways))


@pytest.mark.parametrize("who", [CLAIMER, COLLEAGUE, STARTER, OUTSIDER, MANAGER, ANALYST, STRANGER])
@pytest.mark.parametrize("verb", list(SCENES))
def test_moves_of_runs_in_scenes_of_their_own(
    sqlite: Database, office: Office, neighbour: Office, tmp_path: Path, verb: Verb, who: str
) -> None:
    store, allowed_move = Store(tmp_path / "documents"), run_move(verb)
    with sqlite.transaction() as session:
        office.people[COLLEAGUE] = offices.add_person(session, office.id, "wakil", "Wakil", "rahasia")
        offices.hold(session, office.people[COLLEAGUE], office.jabatan["Sekretaris"], SINCE)
        office.people[STRANGER] = neighbour.people["sekretaris"]
        sop = office.publish(session, _waiting_for_news())
        run = office.start(session, sop)
    finish(sqlite, office, run, "kasubag")
    with sqlite.transaction() as session:
        analyst = office(session, ANALYST)
        definitions.save_draft(session, analyst, sop, diagram(_waiting_for_news()), 0, office.now)
        definitions.publish(session, analyst, sop, "Versi baru", office.now)
        if verb is Verb.REVERT:
            _move_on(session, analyst, run, office, store)
    for state in RunState:
        with sqlite.transaction() as session:
            session.execute(update(Run).values(state=state))
        allowed = state in allowed_move.origins and who in MAY[allowed_move.by]
        before = _written(sqlite)
        try:
            with sqlite.transaction() as session:
                SCENES[verb](session, office(session, who), run, office, store)
                session.expire_all()
                assert session.get_one(Run, run).state is state
                assert (_written_in(session) or 0) > (before or 0)
                raise _Undo
        except Refusal:
            assert not allowed, state
            assert _written(sqlite) == before
        except _Undo:
            assert allowed, state


@pytest.mark.parametrize("who", [CLAIMER, STARTER, OUTSIDER, MANAGER, ANALYST, STRANGER])
def test_who_starts_a_run(sqlite: Database, office: Office, neighbour: Office, surat: int, who: str) -> None:
    office.people[STRANGER] = neighbour.people["sekretaris"]
    with sqlite.transaction() as session:
        try:
            assert office.start(session, surat, by=who)
            assert who == STARTER
        except Refusal:
            assert who != STARTER


def test_every_act_on_runs_is_walked() -> None:
    assert {move.verb for move in RUN_MOVES} == {*RUN_ACTS, *SCENES, Verb.START, Verb.FIRE}
    assert run_move(Verb.FIRE).by is By.CLOCK  # no person can: only the worker calls it
