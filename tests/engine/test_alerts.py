"""What people are told about tasks, when, and how it gets to their mailboxes."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import absences, alerts, errors, notices, outbox, runs, tasks, workdays
from engine.database import Database
from engine.queries import inbox, lists, work
from engine.queries import notices as notice_queries
from engine.queries.paging import PAGE
from engine.states import Alert, NoticeKind, TaskState, Verb
from engine.tables import History, Notice, Person, Run, Task
from engine.tables import Office as OfficeTable
from tests.engine.conftest import Office
from tests.engine.test_absences import by_all

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def task(database: Database, office: Office, surat: int) -> int:
    """The first task of a run, for the two Kasubag, due in two hours; as every new task is written."""
    with database.transaction() as session:
        return begin(session, office, surat)


def begin(session: Session, office: Office, definition: int) -> int:
    run = office.start(session, definition)
    task = session.scalars(select(Task).where(Task.run_id == run).order_by(Task.id)).first()
    assert task is not None
    arm(session, office)
    return task.id


def arm(session: Session, office: Office) -> None:
    """Let all tasks of which nothing was told be told about from when they were made."""
    for task in session.scalars(select(Task).where(Task.alert == Alert.NONE)):
        assert task.due_at is not None
        task.near_at = workdays.near(task.created_at, task.due_at, office(session, "camat").calendar)
        task.alert_at = task.created_at
    session.flush()


def sweep(database: Database, now: datetime, limit: int = 100) -> int:
    with database.transaction() as session:
        return alerts.sweep(session, now, limit)


def told(database: Database, office: Office) -> list[tuple[str, NoticeKind]]:
    """Who was told what so far, in order."""
    names = {person: name for name, person in office.people.items()}
    with database.reading() as session:
        found = session.execute(select(Notice.person_id, Notice.kind).order_by(Notice.id))
        return [(names[person], kind) for person, kind in found]


def standing(database: Database, task: int) -> tuple[Alert, datetime | None]:
    with database.reading() as session:
        row = session.get_one(Task, task)
        return row.alert, row.alert_at


NEAR_AFTER = 1.5 * HOUR
DUE_AFTER = 2 * HOUR


def test_a_task_is_told_to_its_jabatan_then_that_it_is_near_then_that_it_is_over(
    database: Database, office: Office, task: int
) -> None:
    due_at = office.now + DUE_AFTER
    assert sweep(database, office.now - MINUTE) == 0
    assert sweep(database, office.now) == 1
    expected = [("kasubag", NoticeKind.NEW), ("rekan", NoticeKind.NEW)]
    assert told(database, office) == expected
    assert standing(database, task) == (Alert.TOLD, office.now + NEAR_AFTER)
    assert sweep(database, office.now + NEAR_AFTER - MINUTE) == 0
    assert sweep(database, office.now + NEAR_AFTER) == 1
    expected += [("kasubag", NoticeKind.NEAR), ("rekan", NoticeKind.NEAR)]
    assert told(database, office) == expected
    assert standing(database, task) == (Alert.NEAR, due_at)
    assert sweep(database, due_at) == 1
    expected += [("kasubag", NoticeKind.OVER), ("manajer", NoticeKind.OVER), ("rekan", NoticeKind.OVER)]
    assert told(database, office) == expected
    assert standing(database, task) == (Alert.OVER, None)
    assert sweep(database, due_at + 100 * HOUR) == 0
    with database.reading() as session:
        kept = session.execute(select(History.verb, History.person_id).order_by(History.id)).all()
    assert kept[1:] == [(Verb.REMIND, None), (Verb.OVERDUE, None)]


def test_only_who_claimed_it_is_told_and_the_managers_when_it_is_over(
    database: Database, office: Office, task: int
) -> None:
    with database.transaction() as session:
        tasks.claim(session, office(session, "rekan"), task, office.now)
    for after in (0 * HOUR, NEAR_AFTER, DUE_AFTER):
        assert sweep(database, office.now + after) == 1
    assert told(database, office) == [
        ("rekan", NoticeKind.NEW), ("rekan", NoticeKind.NEAR), ("manajer", NoticeKind.OVER), ("rekan", NoticeKind.OVER)
    ]  # fmt: skip


@pytest.mark.parametrize(("after", "kind", "alert", "verbs"), [
    (NEAR_AFTER + MINUTE, NoticeKind.NEAR, Alert.NEAR, [Verb.REMIND]),
    (50 * HOUR, NoticeKind.OVER, Alert.OVER, [Verb.OVERDUE]),
])  # fmt: skip
def test_a_worker_that_was_away_tells_only_the_latest(
    database: Database, office: Office, task: int, after: timedelta, kind: NoticeKind, alert: Alert, verbs: list[Verb]
) -> None:
    assert sweep(database, office.now + after) == 1
    assert {told_kind for _, told_kind in told(database, office)} == {kind}
    assert standing(database, task)[0] is alert
    with database.reading() as session:
        assert session.scalars(select(History.verb).order_by(History.id)).all()[1:] == verbs


def test_a_task_without_deadline_is_told_once(database: Database, office: Office, task: int) -> None:
    with database.transaction() as session:
        session.execute(update(Task).values(due_at=None, near_at=None))
    assert sweep(database, office.now) == 1
    assert standing(database, task) == (Alert.TOLD, None)


def test_a_reserved_part_is_told_to_its_person(database: Database, office: Office) -> None:
    with database.transaction() as session:
        office.start(session, office.publish(session, by_all()))
        arm(session, office)
    assert sweep(database, office.now) == 2
    assert told(database, office) == [("kasubag", NoticeKind.NEW), ("rekan", NoticeKind.NEW)]
    with database.reading() as session:
        rows = session.execute(select(Notice.person_id, Task.reserved_for).join(Task, Task.id == Notice.task_id)).all()
    assert all(person == reserved for person, reserved in rows)


def send_back(session: Session, office: Office, task: int) -> int:
    """Let the Kasubag finish the first step and the Sekretaris send it back; the id of the task that came back."""
    tasks.claim(session, office(session, "kasubag"), task, office.now)
    tasks.complete(session, office(session, "kasubag"), task, None, "", office.now)
    who = office(session, "sekretaris")
    (second,) = lists.of_jabatan(session, who, office.now).rows
    tasks.claim(session, who, second.id, office.now)
    back = next(one for one in work.one(session, who, second.id, office.now).choices if one.is_return)
    session.execute(update(Task).values(alert=Alert.OVER, alert_at=None))
    tasks.complete(session, who, second.id, back.edge, "Nomor surat keliru", office.now)
    arm(session, office)
    return session.scalars(select(Task.id).where(Task.state.in_((TaskState.OPEN, TaskState.CLAIMED)))).one()


def test_work_that_came_back_to_somebody_says_why(database: Database, office: Office, task: int) -> None:
    with database.transaction() as session:
        send_back(session, office, task)
    assert sweep(database, office.now) == 1
    with database.reading() as session:
        (row,) = notice_queries.mine(session, office(session, "kasubag")).rows
    assert (row.kind, row.facts) == (NoticeKind.RETURNED, {"reason": "Nomor surat keliru", "by": "Sekretaris"})
    assert told(database, office) == [("kasubag", NoticeKind.RETURNED)]


def test_work_that_came_back_to_the_jabatan_is_new_to_who_takes_it(
    database: Database, office: Office, task: int
) -> None:
    with database.transaction() as session:
        back = send_back(session, office, task)
        tasks.release(session, office(session, "kasubag"), back, office.now)
        tasks.claim(session, office(session, "rekan"), back, office.now + MINUTE)
    assert sweep(database, office.now + MINUTE) == 1
    assert told(database, office) == [("rekan", NoticeKind.NEW)]
    with database.reading() as session:
        assert session.scalars(select(Notice.facts)).one() == {"reason": "Nomor surat keliru", "by": "Sekretaris"}


def test_substitutes_are_told_instead_of_who_is_away(database: Database, office: Office, task: int) -> None:
    with database.transaction() as session:
        day = date(2026, 11, 23)
        absences.note(
            session,
            office(session, "manajer"),
            office.people["kasubag"],
            day,
            day,
            office.people["camat"],
            "",
            office.now,
        )
    assert sweep(database, office.now) == 1
    assert told(database, office) == [("camat", NoticeKind.NEW), ("rekan", NoticeKind.NEW)]


def test_of_a_finished_task_nothing_is_told(database: Database, office: Office, task: int) -> None:
    with database.transaction() as session:
        tasks.claim(session, office(session, "kasubag"), task, office.now)
        tasks.complete(session, office(session, "kasubag"), task, None, "", office.now)
    assert sweep(database, office.now) == 1
    assert told(database, office) == [("sekretaris", NoticeKind.NEW)]  # of the next one
    assert standing(database, task) == (Alert.NONE, None)


@pytest.mark.parametrize(("before", "alert", "after", "kinds"), [
    (None, Alert.NONE, 0 * HOUR, {NoticeKind.NEW}),
    (0 * HOUR, Alert.TOLD, MINUTE, set()),
    (0 * HOUR, Alert.TOLD, NEAR_AFTER, {NoticeKind.NEAR}),
    (NEAR_AFTER, Alert.NEAR, DUE_AFTER, {NoticeKind.OVER}),
    (NEAR_AFTER, Alert.NEAR, DUE_AFTER - MINUTE, set()),
    (DUE_AFTER, Alert.OVER, DUE_AFTER + HOUR, set()),
])  # fmt: skip
def test_a_suspended_run_is_quiet_and_told_about_when_it_goes_on(
    database: Database, office: Office, task: int, before: timedelta | None, alert: Alert, after: timedelta,
    kinds: set[NoticeKind],
) -> None:  # fmt: skip
    if before is not None:
        sweep(database, office.now + before)
    with database.transaction() as session:
        run = session.get_one(Task, task).run_id
        runs.suspend(session, office(session, "manajer"), run, "Menunggu data", office.now)
    already = len(told(database, office))
    sweep(database, office.now + 50 * HOUR)
    assert standing(database, task) == (alert, None)
    assert len(told(database, office)) == already
    with database.transaction() as session:
        runs.resume(session, office(session, "manajer"), run, "", office.now + after)
        alerts.resume(session, run, office.now + after)
    sweep(database, office.now + after)
    assert {kind for _, kind in told(database, office)[already:]} == kinds


def test_no_more_than_asked_and_the_oldest_first(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        made = [begin(session, office, surat) for _ in range(3)]
        session.execute(update(Task).where(Task.id == made[0]).values(alert_at=office.now + MINUTE))
    assert sweep(database, office.now + HOUR, limit=2) == 2
    assert [standing(database, one)[0] for one in made] == [Alert.NONE, Alert.TOLD, Alert.TOLD]
    with database.reading() as session:
        assert alerts.due(session) == office.now + MINUTE


def test_a_task_about_which_nothing_can_be_told_does_not_stop_the_others(
    database: Database, office: Office, neighbour: Office, task: int, caplog: pytest.LogCaptureFixture
) -> None:
    with database.transaction() as session:
        other = begin(session, neighbour, neighbour.publish(session, by_all()))
        session.execute(update(OfficeTable).where(OfficeTable.id == office.id).values(calendar={"week": 5}))
    assert sweep(database, office.now) == 3
    assert standing(database, task) == (Alert.NONE, office.now + alerts.LATER)
    assert standing(database, other)[0] is Alert.TOLD
    assert f"task {task}" in caplog.text


def test_a_manager_reminds_once_an_hour(database: Database, office: Office, task: int) -> None:
    with database.transaction() as session:
        manager = office(session, "manajer")
        with pytest.raises(errors.NotAllowed):
            alerts.remind(session, office(session, "camat"), task, "", office.now)
        with pytest.raises(errors.TooLong):
            alerts.remind(session, manager, task, "x" * 1001, office.now)
        alerts.remind(session, manager, task, " Ditunggu Bupati ", office.now)
    with database.transaction() as session:
        with pytest.raises(errors.Conflict, match="satu jam"):
            alerts.remind(session, manager, task, "", office.now + 59 * MINUTE)
        tasks.claim(session, office(session, "rekan"), task, office.now)
        alerts.remind(session, manager, task, "", office.now + HOUR)
        reminded = [NoticeKind.REMINDER] * 3
    assert told(database, office) == list(zip(("kasubag", "rekan", "rekan"), reminded, strict=True))
    with database.reading() as session:
        facts = session.scalars(select(Notice.facts).order_by(Notice.id)).all()
        assert (facts[0], facts[2]) == ({"by": "Manajer", "note": "Ditunggu Bupati"}, {"by": "Manajer"})
        assert session.scalars(
            select(History.facts).where(History.verb == Verb.REMIND).order_by(History.id)
        ).first() == {"note": "Ditunggu Bupati"}


def test_what_lajur_told_by_itself_does_not_stop_a_manager(database: Database, office: Office, task: int) -> None:
    sweep(database, office.now + NEAR_AFTER)
    with database.transaction() as session:
        alerts.remind(session, office(session, "manajer"), task, "", office.now + NEAR_AFTER)


def test_only_unfinished_tasks_of_running_runs_of_the_office_are_reminded_of(
    database: Database, office: Office, neighbour: Office, surat: int, task: int
) -> None:
    with database.transaction() as session:
        suspended = begin(session, office, surat)
        run = session.get_one(Task, suspended).run_id
        manager = office(session, "manajer")
        runs.suspend(session, manager, run, "Menunggu data", office.now)
        with pytest.raises(errors.RunNotRunning):
            alerts.remind(session, manager, suspended, "", office.now)
        with pytest.raises(errors.NotFound):
            alerts.remind(session, neighbour(session, "manajer"), task, "", office.now)
        tasks.claim(session, office(session, "kasubag"), task, office.now)
        tasks.complete(session, office(session, "kasubag"), task, None, "", office.now)
        with pytest.raises(errors.TaskFinished):
            alerts.remind(session, manager, task, "", office.now)


def give(session: Session, office: Office, task: int, *people: str, **facts: object) -> None:
    run = session.get_one(Task, task).run_id
    ids = [office.people[person] for person in people]
    notices.give(session, ids, NoticeKind.NEW, run, task, facts, office.now)


def test_notices_are_the_persons_own_newest_first_by_pages(database: Database, office: Office, task: int) -> None:
    with database.transaction() as session:
        for number in range(PAGE + 2):
            give(session, office, task, "kasubag", "rekan", number=number, empty="", none=None)
    with database.transaction() as session:
        who = office(session, "kasubag")
        first = notice_queries.mine(session, who)
        rest = notice_queries.mine(session, who, first.next)
        assert [row.facts["number"] for row in (*first.rows, *rest.rows)] == list(range(PAGE + 1, -1, -1))
        assert first.rows[0].facts == {"number": PAGE + 1}
        assert (first.rows[0].subject, first.rows[0].step, first.rows[0].is_read) == (
            "Undangan rapat", "langkah_1", False
        )  # fmt: skip
        assert (len(first.rows), rest.next) == (PAGE, None)
        assert inbox.counts(session, who).unread == PAGE + 2
        assert notice_queries.mine(session, office(session, "camat")).rows == ()


def test_one_is_read_or_all_and_nobody_elses(database: Database, office: Office, task: int) -> None:
    with database.transaction() as session:
        for _ in range(3):
            give(session, office, task, "kasubag", "rekan")
        who, other = office(session, "kasubag"), office(session, "rekan")
        one = notice_queries.mine(session, who).rows[0].id
        with pytest.raises(errors.NotFound):
            notices.read(session, other, one, office.now)
        notices.read(session, who, one, office.now)
        assert (inbox.counts(session, who).unread, inbox.counts(session, other).unread) == (2, 3)
        notices.read(session, who, one, office.now + HOUR)
        assert session.get_one(Notice, one, populate_existing=True).read_at == office.now
        notices.read(session, who, None, office.now)
        assert (inbox.counts(session, who).unread, inbox.counts(session, other).unread) == (0, 3)


def test_only_who_is_active_is_told_and_only_who_has_an_address_is_sent_it(
    database: Database, office: Office, task: int
) -> None:
    with database.transaction() as session:
        session.execute(update(Person).where(Person.id == office.people["rekan"]).values(email="rekan@example.go.id"))
        session.execute(update(Person).where(Person.id == office.people["camat"]).values(active=False))
        give(session, office, task, "kasubag", "rekan", "camat")
        give(session, office, task)
        found = session.execute(select(Notice.person_id, Notice.send_at, Notice.attempts).order_by(Notice.id)).all()
    assert found == [(office.people["kasubag"], None, 0), (office.people["rekan"], office.now, 0)]


def test_an_own_address_is_checked_and_kept_until_it_is_emptied(
    database: Database, office: Office, neighbour: Office
) -> None:
    with database.transaction() as session:
        who = office(session, "kasubag")
        notices.send_to(session, who, " kasubag@example.go.id ")
        assert notice_queries.address(session, who) == "kasubag@example.go.id"
        for wrong in ("kasubag", "a@b@c", "Kasubag <a@example.go.id>", "a@example.go.id\nBcc: b@example.go.id", "@b"):
            with pytest.raises(errors.Invalid, match="bukan alamat e-mail"):
                notices.send_to(session, who, wrong)
        with pytest.raises(errors.TooLong):
            notices.send_to(session, who, f"{'a' * 60}@{'b' * notices.ADDRESS_LIMIT}.id")
        assert notice_queries.address(session, who) == "kasubag@example.go.id"
        assert notice_queries.address(session, office(session, "rekan")) == ""
        assert notice_queries.address(session, neighbour(session, "kasubag")) == ""
        notices.send_to(session, who, "  ")
        assert notice_queries.address(session, who) == ""


@pytest.fixture
def addressed(database: Database, office: Office, task: int) -> None:
    """The Kasubag has an address."""
    with database.transaction() as session:
        session.execute(
            update(Person).where(Person.id == office.people["kasubag"]).values(email="kasubag@example.go.id")
        )


def test_a_mail_says_all_there_is_to_know(database: Database, office: Office, task: int, addressed: None) -> None:
    with database.transaction() as session:
        session.execute(update(Run).values(subject="Undangan\nrapat"))
        give(session, office, task, "kasubag", reason="Nomor keliru.\nTanggal juga.")
        (letter,) = outbox.take(session, office.now, "https://lajur.example.go.id/")
    mail = letter.mail
    assert (mail.to, mail.subject) == ("kasubag@example.go.id", "[Lajur] Tugas baru: langkah_1")
    assert (
        mail.body
        == f"""Yth. Kasubag,

Ada tugas untuk jabatan Anda di Kecamatan Sukamaju. Buka tugasnya untuk melihat dan mengerjakannya.

Langkah      : langkah_1
SOP          : Surat Keluar
Perihal      : Undangan
               rapat
Batas waktu  : Senin, 23 November 2026, 11.00 WIB
Alasan       : Nomor keliru.
               Tanggal juga.

Buka: https://lajur.example.go.id/tugas/{task}

E-mail ini dikirim otomatis oleh Lajur; balasannya tidak dibaca.
Untuk berhenti menerimanya, kosongkan alamat e-mail Anda di halaman Pemberitahuan.
"""
    )


@pytest.mark.parametrize(
    ("fact", "words"),
    [("given_by", "dilimpahkan kepada Anda. Tugasnya sudah di Tugas Saya."), ("instead_of", "sebagai pengganti.")],
)
def test_a_mail_about_work_that_was_given_says_so(
    database: Database, office: Office, task: int, addressed: None, fact: str, words: str
) -> None:
    with database.transaction() as session:
        give(session, office, task, "kasubag", **{fact: "Rekan Kasubag"})
        (letter,) = outbox.take(session, office.now)
    assert words in letter.mail.body
    assert ": Rekan Kasubag\n" in letter.mail.body


def test_every_kind_of_notice_has_a_headline_and_a_sentence() -> None:
    assert set(outbox.HEADLINES) == set(outbox.EXPLAINED) == set(NoticeKind)


def test_a_notice_is_taken_once_and_gone_when_it_was_sent(
    database: Database, office: Office, task: int, addressed: None
) -> None:
    with database.transaction() as session:
        give(session, office, task, "kasubag", "rekan")
        (letter,) = outbox.take(session, office.now)
        assert "Buka:" not in letter.mail.body
        assert outbox.take(session, office.now) == ()
        assert outbox.due(session) == office.now + outbox.LEASE
        outbox.settle(session, letter, "", office.now)
        assert outbox.due(session) is None


def test_what_a_dead_worker_took_is_sent_again_and_its_late_word_ignored(
    database: Database, office: Office, task: int, addressed: None
) -> None:
    with database.transaction() as session:
        give(session, office, task, "kasubag")
        (lost,) = outbox.take(session, office.now)
        (again,) = outbox.take(session, office.now + outbox.LEASE)
        assert (again.mail.key, again.attempt) == (lost.mail.key, 2)
        outbox.settle(session, lost, "terlambat", office.now + outbox.LEASE)
        assert outbox.due(session) == again.until


def test_failures_are_tried_again_later_and_later_and_given_up(
    database: Database, office: Office, task: int, addressed: None
) -> None:
    waits, now = [], office.now
    with database.transaction() as session:
        give(session, office, task, "kasubag")
        while letters := outbox.take(session, now):
            outbox.settle(session, letters[0], "ditolak " + "x" * 1000, now)
            at = outbox.due(session)
            if at is not None:
                waits.append((at - now) / MINUTE)
                now = at
        row = session.scalars(select(Notice).execution_options(populate_existing=True)).one()
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    assert (row.attempts, row.send_at, len(row.failure)) == (12, None, 500)
    assert now - office.now < outbox.STALE


@pytest.mark.parametrize("change", [{"email": ""}, {"active": False}])
def test_who_has_no_mailbox_any_more_is_sent_nothing(
    database: Database, office: Office, task: int, addressed: None, change: dict[str, object]
) -> None:
    with database.transaction() as session:
        give(session, office, task, "kasubag")
        session.execute(update(Person).where(Person.id == office.people["kasubag"]).values(change))
        assert outbox.take(session, office.now) == ()
        assert outbox.due(session) is None


def test_stale_notices_are_not_sent_when_mail_is_set_up_late(
    database: Database, office: Office, task: int, addressed: None
) -> None:
    with database.transaction() as session:
        give(session, office, task, "kasubag")
        assert outbox.take(session, office.now + outbox.STALE + MINUTE) == ()
        assert outbox.due(session) is None


def test_few_are_taken_at_once(database: Database, office: Office, task: int, addressed: None) -> None:
    with database.transaction() as session:
        for _ in range(outbox.FEW + 2):
            give(session, office, task, "kasubag")
    with database.transaction() as session:
        assert len(outbox.take(session, office.now)) == outbox.FEW
        assert len(outbox.take(session, office.now)) == 2


def test_the_time_in_a_mail_is_that_of_the_office(
    database: Database, office: Office, task: int, addressed: None
) -> None:
    with database.transaction() as session:
        session.execute(update(OfficeTable).values(timezone="Asia/Jayapura"))
        give(session, office, task, "kasubag")
        (letter,) = outbox.take(session, office.now)
    assert "Senin, 23 November 2026, 13.00 WIT\n" in letter.mail.body
