"""The worker: several of them share the work, one fault does not stop the rest, and a day off takes no lock."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Event, Lock, Thread

import pytest
from sqlalchemy import event, func, insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine import absences, outbox, submissions, tasks, worker
from engine.database import Database
from engine.mail import Mail, Unreachable
from engine.states import Alert, NoticeKind, TaskState, Wait
from engine.tables import Definition, Holding, Notice, Person, Run, Submission, Task, Waiting
from engine.worker import Job
from tests.engine.conftest import Office
from tests.engine.test_alerts import begin, give, told
from tests.engine.test_races import at_once

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

ALL = worker.jobs(timers=())


@pytest.fixture
def made(database: Database, office: Office, surat: int) -> list[int]:
    """Tasks that are to be told about."""
    with database.transaction() as session:
        return [begin(session, office, surat) for _ in range(30)]


def waiting(session: Session, office: Office, surat: int, dues: list[timedelta]) -> list[int]:
    """Timers of a run, due so long after now; their ids."""
    run = office.start(session, surat)
    waits = [
        Waiting(
            office_id=office.id,
            run_id=run,
            engine_id=f"timer-{place}",
            node_id="tunggu",
            kind=Wait.TIMER,
            name="",
            since=office.now,
            due_at=office.now + due,
            next_due=office.now + due,
        )
        for place, due in enumerate(dues)
    ]
    session.add_all(waits)
    session.flush()
    return [wait.id for wait in waits]


def next_due(database: Database) -> list[datetime | None]:
    with database.reading() as session:
        return list(session.scalars(select(Waiting.next_due).order_by(Waiting.id)))


def timers(fire: Callable[[Session, int, datetime], object]) -> Job:
    return worker.each("timers", Waiting.id, Waiting.next_due, fire, lock=Run)


def fired(session: Session, wait: int, now: datetime) -> None:
    session.execute(update(Waiting).where(Waiting.id == wait).values(next_due=None, name="fired"))


def test_a_sweep_does_all_there_is_and_then_nothing(database: Database, office: Office, surat: int) -> None:
    sent: list[Mail] = []
    with database.transaction() as session:
        session.execute(update(Person).where(Person.id == office.people["kasubag"]).values(email="k@example.go.id"))
        task = begin(session, office, surat)
        other = begin(session, office, surat)
        tasks.claim(session, office(session, "rekan"), other, office.now)
        day = date(2026, 11, 24)
        absences.note(
            session,
            office(session, "manajer"),
            office.people["rekan"],
            day,
            day,
            office.people["camat"],
            "",
            office.now,
        )
        session.add(Submission(person_id=office.people["camat"], key="k", act="a", answer=1, at=office.now))
    work = worker.jobs(sent.append, timers=())
    assert worker.sweep(database, work, office.now)
    assert worker.sweep(database, work, office.now), "the mail of what was told in the first"
    assert not worker.sweep(database, work, office.now)
    assert [mail.to for mail in sent] == ["k@example.go.id"]
    assert worker.sweep(database, work, office.now + timedelta(days=1))
    with database.reading() as session:
        assert session.get_one(Task, other).claimed_by == office.people["camat"]
        assert session.get_one(Task, task).alert is Alert.OVER
        assert session.scalars(select(Submission.id)).all() != []
    while worker.sweep(database, work, office.now + submissions.KEPT):
        pass
    with database.reading() as session:
        assert session.scalars(select(Submission.id)).all() == []


def test_without_a_mail_server_notices_stay_and_nobody_tries(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        session.execute(update(Person).values(email="k@example.go.id"))
        give(session, office, begin(session, office, surat), "kasubag")
        session.execute(update(Task).values(alert_at=None))
    assert not worker.sweep(database, ALL, office.now)
    with database.reading() as session:
        assert outbox.due(session) == office.now


def test_every_timer_fires_when_it_is_due_the_oldest_first(database: Database, office: Office, surat: int) -> None:
    seen: list[int] = []

    def fire(session: Session, wait: int, now: datetime) -> None:
        seen.append(wait)
        fired(session, wait, now)

    with database.transaction() as session:
        late, soon, early = waiting(session, office, surat, [-MINUTE, MINUTE, -HOUR])
    assert worker.sweep(database, (timers(fire),), office.now)
    assert seen == [early, late]
    assert not worker.sweep(database, (timers(fire),), office.now)
    assert next_due(database) == [None, office.now + MINUTE, None]
    assert soon not in seen


def test_a_timer_that_fails_is_put_off_and_the_others_fire(
    database: Database, office: Office, surat: int, caplog: pytest.LogCaptureFixture
) -> None:
    with database.transaction() as session:
        bad, _ = waiting(session, office, surat, [-HOUR, -MINUTE])

    def fire(session: Session, wait: int, now: datetime) -> None:
        fired(session, wait, now)
        if wait == bad:
            raise ValueError("diagram rusak")

    assert worker.sweep(database, (timers(fire),), office.now)
    assert next_due(database) == [office.now + worker.LATER, None]
    with database.reading() as session:
        assert session.get_one(Waiting, bad).name == "", "what it had done is undone"
    assert "diagram rusak" in caplog.text
    assert not worker.sweep(database, (timers(fire),), office.now)


def test_a_timer_that_forgets_to_move_on_is_put_off(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        waiting(session, office, surat, [-HOUR])
    assert worker.sweep(database, (timers(lambda session, wait, now: None),), office.now)
    assert next_due(database) == [office.now + worker.LATER]


def test_a_timer_may_set_itself_again_or_go(database: Database, office: Office, surat: int) -> None:
    def again(session: Session, wait: int, now: datetime) -> None:
        session.execute(update(Waiting).where(Waiting.id == wait).values(next_due=now - MINUTE))

    def gone(session: Session, wait: int, now: datetime) -> None:
        session.delete(session.get_one(Waiting, wait))

    with database.transaction() as session:
        waiting(session, office, surat, [-HOUR])
    assert worker.sweep(database, (timers(again),), office.now)
    assert next_due(database) == [office.now - MINUTE]
    assert worker.sweep(database, (timers(gone),), office.now)
    assert next_due(database) == []


def test_runs_that_a_timer_starts_are_found_alike(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        session.execute(update(Definition).values(next_start=office.now))

    def start(session: Session, definition: int, now: datetime) -> None:
        session.execute(update(Definition).where(Definition.id == definition).values(next_start=now + HOUR))

    starts = worker.each("starts", Definition.id, Definition.next_start, start)
    assert worker.sweep(database, (starts,), office.now)
    assert not worker.sweep(database, (starts,), office.now)


def test_a_job_that_fails_rests_and_the_others_go_on(
    database: Database, office: Office, made: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[datetime] = []

    def broken(database: Database, now: datetime) -> int:
        calls.append(now)
        raise ValueError("rusak")

    work = (Job("broken", lambda session, now: now, broken), worker.ALERTS)
    resting: worker.Resting = {}
    for after in (0 * MINUTE, MINUTE, worker.LATER):
        worker.sweep(database, work, office.now + after, resting)
    assert calls == [office.now, office.now + worker.LATER]
    assert len(told(database, office)) == 2 * len(made)
    assert "rusak" in caplog.text


def test_after_a_deadlock_a_job_is_soon_tried_again(database: Database, office: Office) -> None:
    def deadlocked(database: Database, now: datetime) -> int:
        raise OperationalError("UPDATE", {}, Exception("deadlock"))

    resting: worker.Resting = {}
    assert not worker.sweep(database, (Job("j", lambda session, now: now, deadlocked),), office.now, resting)
    assert resting == {"j": office.now + worker.SOON}


@pytest.fixture
def letters(database: Database, office: Office, surat: int) -> None:
    """Seven notices to be sent."""
    with database.transaction() as session:
        session.execute(update(Person).where(Person.id == office.people["kasubag"]).values(email="k@example.go.id"))
        task = begin(session, office, surat)
        session.execute(update(Task).values(alert_at=None))
        for _ in range(7):
            give(session, office, task, "kasubag")


def test_one_mail_that_is_refused_does_not_stop_the_others(database: Database, office: Office, letters: None) -> None:
    sent: list[Mail] = []

    def send(mail: Mail) -> None:
        if not sent and not failed:
            failed.append(mail)
            raise ValueError("alamat salah")
        sent.append(mail)

    failed: list[Mail] = []
    work = worker.jobs(send, timers=())
    while worker.sweep(database, work, office.now):
        pass
    assert (len(sent), len(failed)) == (6, 1)
    with database.reading() as session:
        assert outbox.due(session) == office.now + MINUTE
        assert session.scalars(select(Notice.failure).where(Notice.failure != "")).all() == ["ValueError: alamat salah"]


def test_a_server_that_is_away_is_asked_once_and_left_alone(database: Database, office: Office, letters: None) -> None:
    tries: list[Mail] = []

    def send(mail: Mail) -> None:
        tries.append(mail)
        raise Unreachable("ConnectionRefusedError")

    resting: worker.Resting = {}
    work = worker.jobs(send, timers=())
    while worker.sweep(database, work, office.now, resting):
        pass
    assert len(tries) == 1
    assert resting == {"mails": office.now + worker.LATER}
    with database.reading() as session:
        waits = session.execute(select(Notice.send_at, Notice.attempts).order_by(Notice.id)).all()
    assert waits == [(office.now + MINUTE, 1)] * outbox.FEW + [(office.now, 0)] * 2


def test_no_transaction_is_open_while_a_mail_is_sent(database: Database, office: Office, letters: None) -> None:
    def send(mail: Mail) -> None:
        with database.transaction() as session:
            session.execute(update(Notice).values(read_at=office.now))

    assert worker.sweep(database, worker.jobs(send, timers=()), office.now)


def test_where_nothing_is_due_nothing_is_locked(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        begin(session, office, surat)
        waiting(session, office, surat, [HOUR])
        session.execute(update(Task).values(alert_at=office.now + HOUR))
    statements: list[str] = []
    listener = lambda *call: statements.append(call[2])  # noqa: E731
    event.listen(database.engine, "before_cursor_execute", listener)
    assert not worker.sweep(database, worker.jobs(print, timers=(timers(fired),)), office.now)
    event.remove(database.engine, "before_cursor_execute", listener)
    assert [one for one in statements if not one.startswith(("SELECT", "BEGIN"))] == []
    assert "BEGIN IMMEDIATE" not in statements
    assert len(statements) < 18


def test_workers_in_threads_tell_everything_once(database: Database, office: Office, made: list[int]) -> None:
    def work() -> None:
        for after in (0 * HOUR, 1.6 * HOUR, 3 * HOUR):
            now = office.now + after
            while worker.sweep(database, ALL, now) or _left(database, now):
                pass

    assert at_once(*[work] * 4) == [None] * 4
    with database.reading() as session:
        counts = session.execute(
            select(Notice.task_id, Notice.person_id, Notice.kind, func.count()).group_by(
                Notice.task_id, Notice.person_id, Notice.kind
            )
        ).all()
    assert {count for *_, count in counts} == {1}
    kinds = [kind for _, _, kind, _ in counts]
    assert kinds.count(NoticeKind.OVER) == 3 * len(made)
    assert kinds.count(NoticeKind.NEW) == 2 * len(made)
    assert {task for task, *_ in counts} == set(made)


def _left(database: Database, now: datetime) -> bool:
    with database.reading() as session:
        return any((job.due(session, now) or now + HOUR) <= now for job in ALL)


def test_workers_in_threads_fire_every_timer_once(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        ids = [wait for _ in range(5) for wait in waiting(session, office, surat, [-MINUTE] * 4)]
    seen: list[int] = []
    lock = Lock()

    def fire(session: Session, wait: int, now: datetime) -> None:
        fired(session, wait, now)
        session.flush()
        with lock:
            seen.append(wait)

    def work() -> None:
        while any(due is not None for due in next_due(database)):
            worker.sweep(database, (timers(fire),), office.now)

    assert at_once(*[work] * 4) == [None] * 4
    assert sorted(seen) == ids


def test_people_and_workers_do_not_stand_in_each_others_way(
    database: Database, office: Office, made: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever completes a task locks run and task; the worker writes about both."""
    moments = [office.now, office.now + 1.6 * HOUR, office.now + 3 * HOUR]

    def act(who: str, own: list[int]) -> Callable[[], None]:
        def acting() -> None:
            for task in own:
                with database.transaction() as session:
                    tasks.claim(session, office(session, who), task, office.now)
                with database.transaction() as session:
                    tasks.complete(session, office(session, who), task, None, "", office.now)

        return acting

    def work() -> None:
        for _ in range(10):
            for now in moments:
                worker.sweep(database, (worker.ABSENCES, worker.ALERTS), now, resting)

    resting: worker.Resting = {}
    results = at_once(act("kasubag", made[::2]), act("rekan", made[1::2]), work, work)
    assert results == [None] * 4
    assert resting == {}
    assert "could be told" not in caplog.text
    with database.reading() as session:
        assert set(session.scalars(select(Task.state).where(Task.id.in_(made)))) == {TaskState.COMPLETED}


def running(
    database: Database, work: tuple[Job, ...], clock: Callable[[], datetime], interval: float
) -> tuple[Event, Thread]:
    stop = Event()
    thread = Thread(target=worker.run, args=(database, work, stop, clock, interval))
    thread.start()
    return stop, thread


def until(so: Callable[[], bool]) -> None:
    for _ in range(1500):
        if so():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come to that")


def test_it_runs_until_told_to_stop_and_then_stops_at_once(database: Database, office: Office, made: list[int]) -> None:
    stop, thread = running(database, ALL, lambda: office.now, interval=600)
    until(lambda: len(told(database, office)) == 2 * len(made))
    before = time.monotonic()
    stop.set()
    thread.join()
    assert time.monotonic() - before < 1


def test_it_wakes_when_the_next_thing_is_due(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        begin(session, office, surat)
        session.execute(update(Task).values(alert_at=office.now + timedelta(milliseconds=300)))
    began = datetime.now(UTC)
    stop, thread = running(database, ALL, lambda: office.now + (datetime.now(UTC) - began), interval=600)
    until(lambda: len(told(database, office)) == 2)
    stop.set()
    thread.join()
    assert datetime.now(UTC) - began >= timedelta(milliseconds=300)


def test_it_never_spins_on_what_it_cannot_do(database: Database, office: Office) -> None:
    looks: list[datetime] = []

    def due(session: Session, now: datetime) -> datetime:
        looks.append(now)
        return now

    stop, thread = running(database, (Job("busy", due, lambda database, now: 0),), lambda: office.now, interval=600)
    time.sleep(0.5)
    stop.set()
    thread.join()
    assert 2 <= len(looks) <= 8


def test_it_outlives_a_database_that_is_away(
    database: Database,
    office: Office,
    made: list[int],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    reading = database.reading

    def away() -> object:
        raise OperationalError("SELECT", {}, Exception("server closed the connection"))

    monkeypatch.setattr(database, "reading", away)
    stop, thread = running(database, ALL, lambda: office.now, interval=0.05)
    until(lambda: "server closed the connection" in caplog.text)
    monkeypatch.setattr(database, "reading", reading)
    until(lambda: len(told(database, office)) == 2 * len(made))
    stop.set()
    thread.join()


def test_workers_in_processes_tell_everything_once_and_stop_when_told(
    database: Database, office: Office, surat: int
) -> None:
    with database.transaction() as session:
        session.execute(update(Holding).values(since=date(2020, 1, 1)))
        made = [office.start(session, surat) for _ in range(200)]
        now = datetime.now(UTC)
        session.execute(update(Task).values(near_at=now + 200 * HOUR, due_at=now + 400 * HOUR))
        for place, task in enumerate(session.scalars(select(Task))):
            task.alert_at = now + place * timedelta(milliseconds=100)  # so that whoever is there looks all the time
    environment = os.environ | {
        "LAJUR_DATABASE": database.url.render_as_string(hide_password=False),
        "LAJUR_LOG": "text",
    }
    command = [sys.executable, "-u", "-m", "web.cli", "worker"]
    processes = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline(), "it says that it runs"
        with database.transaction() as session:  # the rest for all of them at once
            now = datetime.now(UTC) + timedelta(seconds=0.5)
            session.execute(update(Task).where(Task.alert == Alert.NONE).values(alert_at=now))
        until(lambda: len(told(database, office)) >= 2 * len(made))
    finally:
        for process in processes:
            process.terminate()
        said = [process.communicate(timeout=30)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said
    expected = sorted((person, NoticeKind.NEW) for person in ("kasubag", "rekan") for _ in made)
    assert sorted(told(database, office)) == expected
    assert sum(int(line.rsplit(": ", 1)[1]) for one in said for line in one.splitlines() if "alerts: " in line) == 200
    assert not any("Traceback" in one for one in said), said


def test_old_submissions_are_forgotten_in_small_steps(database: Database, office: Office) -> None:
    with database.transaction() as session:
        rows = [
            {"person_id": office.people["camat"], "key": str(n), "act": "a", "answer": 1, "at": office.now - n * HOUR}
            for n in range(300)
        ]
        session.execute(insert(Submission), rows)
    steps = 0
    while worker.sweep(database, worker.TIDY, office.now):
        steps += 1
    with database.reading() as session:
        assert session.scalars(select(func.count()).select_from(Submission)).one() == 7 * 24
    assert steps == 2
