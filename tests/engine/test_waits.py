"""What else than people a run waits for: moments, messages, signals, the runs of other SOPs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bpmn.flow import MESSAGE, SIGNAL, TERMINATE, TIMER, Event, Flow
from engine import checking, definitions, errors, runs, tasks
from engine.database import Database, Session
from engine.queries import runs as run_queries
from engine.states import RunState, TaskState, Verb, Wait
from engine.tables import Definition, Run, Task, Waiting
from tests.engine.conftest import Office, diagram
from tests.engine.flows import Drawing, approval
from tests.engine.people import finish, open_tasks, stored


def caught(event: Event) -> Flow:
    """Step 1, then a catch event, then step 2."""
    drawing = Drawing()
    first = drawing.step("mulai", lane=3)
    wait = drawing.node("tunggu", "intermediateCatchEvent", "lajur_3", event=event)
    drawing.edge(first, wait)
    return drawing.flow(drawing.step(wait, lane=2))


def bounded(event: Event, *, interrupting: bool) -> Flow:
    """Step 1 of the Kasubag with an event on its border that leads to step 2 of the Sekretaris; then step 3."""
    drawing = Drawing()
    first = drawing.step("mulai", lane=3, waktu="1 hari")
    drawing.node("batas", "boundaryEvent", "lajur_3", event=event, attached_to=first, interrupting=interrupting)
    aside = drawing.step("batas", lane=2)
    drawing.edge(aside, drawing.node("selesai_lain", "endEvent", "lajur_2"))
    return drawing.flow(drawing.step(first, lane=1))


def start(database: Database, office: Office, flow: Flow) -> int:
    with database.transaction() as session:
        return office.start(session, office.publish(session, flow))


def steps(database: Database, run: int) -> list[str]:
    with database.reading() as session:
        assert list(checking.check(session)) == []
        return [task.node_id for task in open_tasks(session, run)]


def waits(session: Session, run: int) -> list[Waiting]:
    return list(session.scalars(select(Waiting).where(Waiting.run_id == run).order_by(Waiting.id)))


def fire(database: Database, run: int, now: datetime) -> bool:
    with database.transaction() as session:
        (wait,) = waits(session, run)
        return runs.fire(session, wait.id, now)


@pytest.mark.parametrize(
    ("text", "form", "after"),
    [
        ("P3D", "timeDuration", timedelta(days=3)),
        ('"PT90M"', "timeDuration", timedelta(minutes=90)),
        ("1 hari", "timeDuration", timedelta(days=1)),
        ("2026-11-25T09:00", "timeDate", timedelta(days=2)),
    ],
)
def test_a_run_goes_on_when_a_timer_is_due(
    database: Database, office: Office, text: str, form: str, after: timedelta
) -> None:
    run = start(database, office, caught(Event(TIMER, text, form)))
    finish(database, office, run, "kasubag")
    assert steps(database, run) == []
    with database.reading() as session:
        (wait,) = waits(session, run)
        assert (wait.kind, wait.due_at, wait.next_due) == (Wait.TIMER, office.now + after, office.now + after)
    assert not fire(database, run, office.now + after - timedelta(seconds=1))
    assert fire(database, run, office.now + after)
    assert steps(database, run) == ["langkah_2"]
    with database.reading() as session:
        assert waits(session, run) == []
        last = run_queries.one(session, office(session, "camat"), run, office.now).history[-1]
        assert (last.verb, last.facts["event"]) == (Verb.FIRE, "tunggu")


def test_an_interrupting_timer_takes_the_task_away(database: Database, office: Office) -> None:
    run = start(database, office, bounded(Event(TIMER, "PT8H", "timeDuration"), interrupting=True))
    with database.transaction() as session:
        (task,) = open_tasks(session, run)
        tasks.claim(session, office(session, "kasubag"), task.id, office.now)
    assert fire(database, run, office.now + timedelta(hours=8))
    assert steps(database, run) == ["langkah_2"]
    with database.transaction() as session:
        assert session.get_one(Task, task.id).state is TaskState.WITHDRAWN
        with pytest.raises(errors.TaskFinished):
            tasks.complete(session, office(session, "kasubag"), task.id, None, "", office.now)
    finish(database, office, run, "sekretaris")
    with database.reading() as session:
        assert stored(session, run).state is RunState.FINISHED


def test_a_timer_that_does_not_interrupt_leaves_the_task_with_its_claimer(database: Database, office: Office) -> None:
    run = start(database, office, bounded(Event(TIMER, "PT8H", "timeDuration"), interrupting=False))
    with database.transaction() as session:
        (task,) = open_tasks(session, run)
        tasks.claim(session, office(session, "kasubag"), task.id, office.now)
    assert fire(database, run, office.now + timedelta(hours=8))
    assert steps(database, run) == ["langkah_1", "langkah_2"]
    with database.reading() as session:
        assert session.get_one(Task, task.id).claimed_by == office.people["kasubag"]
    for who in ("sekretaris", "kasubag", "camat"):
        finish(database, office, run, who)
    with database.reading() as session:
        assert stored(session, run).state is RunState.FINISHED


def test_a_task_that_is_finished_in_time_ends_its_timer(database: Database, office: Office) -> None:
    run = start(database, office, bounded(Event(TIMER, "PT8H", "timeDuration"), interrupting=True))
    with database.reading() as session:
        (wait,) = waits(session, run)
    finish(database, office, run, "kasubag")
    with database.transaction() as session:
        assert waits(session, run) == []
        assert not runs.fire(session, wait.id, office.now + timedelta(days=9))
    assert steps(database, run) == ["langkah_3"]


def test_a_suspended_run_waits_until_it_is_resumed(database: Database, office: Office) -> None:
    run = start(database, office, bounded(Event(TIMER, "PT8H", "timeDuration"), interrupting=True))
    late = office.now + timedelta(days=2)
    with database.transaction() as session:
        runs.suspend(session, office(session, "manajer"), run, "Tunggu", office.now)
        assert [wait.next_due for wait in waits(session, run)] == [None]
    assert not fire(database, run, late)
    with database.transaction() as session:
        runs.resume(session, office(session, "manajer"), run, "", office.now)
    assert fire(database, run, late)
    assert steps(database, run) == ["langkah_2"]


def test_a_message_is_for_one_run(database: Database, office: Office, neighbour: Office) -> None:
    flow = caught(Event(MESSAGE, "Jawaban Bupati"))
    run = start(database, office, flow)
    finish(database, office, run, "kasubag")
    with database.transaction() as session:
        manager = office(session, "manajer")
        for wrong in ("Jawaban Camat", ""):
            with pytest.raises(errors.NothingWaits):
                runs.message(session, manager, run, wrong, "", office.now)
        with pytest.raises(errors.NotFound):
            runs.message(session, neighbour(session, "manajer"), run, "Jawaban Bupati", "", office.now)
        with pytest.raises(errors.NotAllowed):
            runs.message(session, office(session, "kasubag"), run, "Jawaban Bupati", "", office.now)
        runs.message(session, manager, run, "Jawaban Bupati", "Surat 005", office.now)
    assert steps(database, run) == ["langkah_2"]
    with database.transaction() as session, pytest.raises(errors.NothingWaits):
        runs.message(session, office(session, "manajer"), run, "Jawaban Bupati", "", office.now)


def test_a_signal_is_for_all_runs_of_the_office_that_run(database: Database, office: Office, neighbour: Office) -> None:
    flow = bounded(Event(SIGNAL, "Anggaran disahkan"), interrupting=True)
    with database.transaction() as session:
        definition = office.publish(session, flow)
        mine = [office.start(session, definition) for _ in range(3)]
        theirs = neighbour.start(session, neighbour.publish(session, flow))
        runs.suspend(session, office(session, "manajer"), mine[0], "Tunggu", office.now)
        assert runs.signal(session, office(session, "manajer"), "Anggaran disahkan", "", office.now) == 2
    assert [steps(database, run) for run in (*mine, theirs)] == [
        ["langkah_1"],
        ["langkah_2"],
        ["langkah_2"],
        ["langkah_1"],
    ]
    with database.transaction() as session, pytest.raises(errors.NothingWaits):
        runs.signal(session, office(session, "manajer"), "Anggaran disahkan", "", office.now)


# -- another SOP ------------------------------------------------------------------------------------------------------


def calling(called: str = "surat_keluar", process_id: str = "induk") -> Flow:
    """Step 1, then another SOP, then step 2."""
    drawing = Drawing("Induk")
    first = drawing.step("mulai", lane=3)
    call = drawing.node("panggil", "callActivity", "lajur_3", calls=called)
    drawing.edge(first, call)
    return replace(drawing.flow(drawing.step(call, lane=1)), process_id=process_id)


@pytest.fixture
def caller(database: Database, office: Office, surat: int) -> int:
    """A run that waits for one of the approval SOP."""
    run = start(database, office, calling())
    finish(database, office, run, "kasubag")
    return run


def called_by(database: Database, run: int) -> Run:
    with database.reading() as session:
        return session.scalars(select(Run).where(Run.parent_id == run)).one()


def test_a_run_waits_for_the_run_that_it_calls(database: Database, office: Office, caller: int) -> None:
    called = called_by(database, caller).id
    assert steps(database, caller) == []
    assert steps(database, called) == ["langkah_1"]
    finish(database, office, called, "kasubag")
    finish(database, office, called, "sekretaris", "Dikembalikan", "Salah")
    finish(database, office, called, "kasubag")
    finish(database, office, called, "sekretaris", "Setuju")
    finish(database, office, called, "camat")
    assert steps(database, caller) == ["langkah_2"]
    with database.reading() as session:
        assert stored(session, called).state is RunState.FINISHED
    finish(database, office, caller, "camat")


def test_what_is_called_is_cancelled_with_its_caller_and_not_alone(
    database: Database, office: Office, caller: int
) -> None:
    called = called_by(database, caller).id
    with database.transaction() as session, pytest.raises(errors.NotAllowed, match="induk"):
        runs.cancel(session, office(session, "manajer"), called, "Batal", office.now)
    with database.transaction() as session:
        runs.cancel(session, office(session, "manajer"), caller, "Batal", office.now)
        assert {stored(session, run).state for run in (caller, called)} == {RunState.CANCELLED}
        assert open_tasks(session, called) == []
        assert waits(session, caller) == []


def test_a_suspended_caller_goes_on_where_the_call_has_ended(database: Database, office: Office, caller: int) -> None:
    with database.transaction() as session:
        runs.suspend(session, office(session, "manajer"), caller, "Tunggu", office.now)
    called = called_by(database, caller).id
    finish(database, office, called, "kasubag")
    finish(database, office, called, "sekretaris", "Setuju")
    finish(database, office, called, "camat")
    with database.transaction() as session:
        assert stored(session, caller).state is RunState.SUSPENDED
        runs.resume(session, office(session, "manajer"), caller, "", office.now)
    finish(database, office, caller, "camat")


def test_an_sop_is_not_published_that_calls_nothing_or_itself(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session, pytest.raises(errors.CalledSopMissing, match="tidak_ada"):
        office.publish(session, calling("tidak_ada"))
    with database.transaction() as session:
        first = office.publish(session, calling("surat_keluar", "pertama"))
        office.publish(session, calling("pertama", "kedua"))
    with database.transaction() as session:
        analyst = office(session, "analis")
        definitions.save_draft(session, analyst, first, diagram(calling("kedua", "pertama")), 0, office.now)
        with pytest.raises(errors.CallsItself):
            definitions.publish(session, analyst, first, "Melingkar", office.now)


# -- ends and starts --------------------------------------------------------------------------------------------------


def test_a_terminate_end_ends_the_whole_run(database: Database, office: Office) -> None:
    drawing = Drawing()
    first = drawing.step("mulai", lane=3)
    fork = drawing.node("pisah", "parallelGateway", "lajur_3")
    drawing.edge(first, fork)
    drawing.edge(drawing.step(fork, lane=2), drawing.node("henti", "endEvent", "lajur_2", event=Event(TERMINATE)))
    run = start(database, office, drawing.flow(drawing.step(fork, lane=1)))
    finish(database, office, run, "kasubag")
    assert steps(database, run) == ["langkah_2", "langkah_3"]
    finish(database, office, run, "sekretaris")
    with database.reading() as session:
        assert stored(session, run).state is RunState.FINISHED
        assert open_tasks(session, run) == []


@pytest.mark.parametrize(
    ("event", "first", "second"),
    [
        (Event(TIMER, "2026-12-01T08:00", "timeDate"), datetime.fromisoformat("2026-12-01T01:00+00:00"), None),
        (
            Event(TIMER, "R/2026-12-01T08:00/P1M", "timeCycle"),
            datetime.fromisoformat("2026-12-01T01:00+00:00"),
            datetime.fromisoformat("2027-01-01T01:00+00:00"),
        ),
    ],
)
def test_a_run_starts_by_date(
    database: Database, office: Office, event: Event, first: datetime, second: datetime | None
) -> None:
    flow = approval()
    nodes = tuple(replace(node, event=event) if node.kind == "startEvent" else node for node in flow.nodes)
    with database.transaction() as session:
        definition = office.publish(session, replace(flow, nodes=nodes))
        assert session.get_one(Definition, definition).next_start == first
        assert runs.start_due(session, definition, first - timedelta(seconds=1)) is None
        run = runs.start_due(session, definition, first)
        assert run is not None
        assert session.get_one(Definition, definition).next_start == second
        assert runs.start_due(session, definition, first) is None
    with database.reading() as session:
        page = run_queries.one(session, office(session, "camat"), run, first)
        assert (page.row.subject, page.row.started_by, page.history[0].person) == ("Surat Keluar", "Lajur", "Lajur")
    finish(database, office, run, "kasubag")
