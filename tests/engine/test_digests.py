"""The morning's digest: what it says, and that each manager gets it once on each working day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import select, update

from bpmn.wording import Sentence
from engine import absences, counting, digests, errors, offices, outbox, runs, worker
from engine.database import Database
from engine.mail import Mail, Unreachable
from engine.queries import digest
from engine.states import Right, Wait
from engine.tables import Digest, Person, Waiting
from tests.engine import boards
from tests.engine.conftest import Office, make_office
from tests.engine.people import finish, open_tasks
from tests.engine.plans import Plans

OPENS = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
"""When work begins in Jakarta on the Monday of the tests: 07.30."""

FRIDAY = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


UNCLAIMED, LATE = Sentence("Belum diambil"), Sentence("Lewat batas waktu")


STUCK = boards.row(
    1, "Undangan\nrapat", "005/12", "Surat Keluar", [boards.step("Paraf nota", "Sekretaris")], [UNCLAIMED, LATE]
)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A board with one run that is stuck, of which there are twelve."""
    causes = ((UNCLAIMED, 3), (LATE, 9), (Sentence("Data rusak"), 0))
    boards.show(monkeypatch, [STUCK], boards.counts(48, 12, 5, 2, causes))


@pytest.fixture
def manager(database: Database, office: Office) -> int:
    """The manager, who has an address."""
    addressed(database, office.people["manajer"], "manajer@example.go.id")
    return office.people["manajer"]


def addressed(database: Database, person: int, address: str, **more: object) -> None:
    with database.transaction() as session:
        session.execute(update(Person).where(Person.id == person).values(email=address, **more))


class Post:
    """A mail server that keeps what it gets, or does what `fails` says."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.fails: Exception | None = None

    def __call__(self, mail: Mail) -> None:
        if self.fails is not None:
            raise self.fails
        self.mails.append(mail)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def work(post: Post) -> tuple[worker.Job, ...]:
    return worker.jobs(post, "https://lajur.example.go.id/", timers=())


def sweep(database: Database, work: tuple[worker.Job, ...], now: datetime) -> None:
    while worker.sweep(database, work, now):
        pass


def rows(database: Database) -> list[Digest]:
    with database.reading() as session:
        return list(session.scalars(select(Digest).order_by(Digest.day, Digest.person_id)))


# -- what it says -----------------------------------------------------------------------------------------------------


def of(database: Database, office: Office, now: datetime, *, week: bool = False) -> digest.Digest:
    with database.reading() as session:
        return digest.of_office(session, offices.actor(session, office.people["manajer"], now), now, week=week)


def started(database: Database, office: Office, surat: int, at: datetime) -> int:
    with database.transaction() as session:
        return runs.start(session, offices.actor(session, office.people["kasubag"], at), surat, "Surat", at)


def test_figures_are_those_since_the_last_working_day_began(database: Database, office: Office, surat: int) -> None:
    for at in (OPENS + HOUR, FRIDAY - HOUR, FRIDAY, FRIDAY + DAY):
        started(database, office, surat, at)
    found = of(database, office, office.now)
    assert (found.now.since, found.now.until) == (FRIDAY, office.now)
    assert (found.now.started, found.before.started) == (3, 1)
    assert found.before.since == FRIDAY - DAY


def test_figures_of_a_week_are_those_since_its_day_a_week_ago(database: Database, office: Office, surat: int) -> None:
    for days in (20, 10, 8, 6, 1):
        started(database, office, surat, office.now - DAY * days)
    found = of(database, office, office.now, week=True)
    assert found.now.since == OPENS - DAY * 7
    assert (found.now.started, found.before.started) == (2, 2)


def test_what_was_finished_cancelled_and_returned_is_counted_in_the_own_office(
    database: Database, office: Office, neighbour: Office, surat: int
) -> None:
    first, second = (started(database, office, surat, FRIDAY) for _ in range(2))
    finish(database, office, first, "kasubag")
    finish(database, office, first, "sekretaris", "Dikembalikan")
    with database.transaction() as session:
        runs.cancel(session, office(session, "manajer"), second, "Tidak jadi", office.now)
    found = of(database, office, office.now + HOUR)
    assert (found.now.finished, found.now.cancelled, found.now.returned) == (0, 1, 1)
    elsewhere = of(database, neighbour, office.now + HOUR)
    assert (elsewhere.now.started, elsewhere.now.cancelled, elsewhere.now.returned) == (0, 0, 0)
    assert of(database, office, office.now + DAY * 2).now.returned == 0


def test_who_is_away_which_jabatan_nobody_holds_and_what_fires_today(
    database: Database, office: Office, surat: int
) -> None:
    run = started(database, office, surat, FRIDAY)
    with database.transaction() as session:
        today = office.now.date()
        absences.note(
            session, office(session, "manajer"), office.people["rekan"], today, today + DAY, None, "", office.now
        )
        session.execute(update(Person).where(Person.id == office.people["camat"]).values(active=False))
        task = open_tasks(session, run)[0]
        task.jabatan_id = office.jabatan["Camat"]
        for number, due in enumerate((office.now + HOUR, office.now + DAY)):
            session.add(
                Waiting(
                    office_id=office.id, run_id=run, engine_id=f"{number:032}", node_id="tunggu", kind=Wait.TIMER,
                    name="", since=FRIDAY, due_at=due, next_due=due,
                )
            )  # fmt: skip
    found = of(database, office, office.now)
    assert [(one.person, one.substitute) for one in found.away] == [("Rekan Kasubag", None)]
    assert found.vacant == (digest.Vacant("Camat", 1),)
    assert found.timers == (digest.Timer(office.now + HOUR, run, "Surat"),)


def test_a_digest_is_for_managers(database: Database, office: Office) -> None:
    with database.reading() as session, pytest.raises(errors.NotAllowed):
        digest.of_office(session, office(session, "camat"), office.now)
    with database.transaction() as session, pytest.raises(errors.NotAllowed):
        digests.switch(session, office(session, "camat"), on=False)


def test_the_mail_says_all_there_is_to_know(
    database: Database, office: Office, manager: int, shown: None, post: Post, work: tuple[worker.Job, ...]
) -> None:
    with database.transaction() as session:
        day = office.now.date()
        person = office(session, "manajer")
        absences.note(session, person, office.people["rekan"], day, day, office.people["kasubag"], "", office.now)
    sweep(database, work, OPENS)
    (mail,) = post.mails
    assert mail.to == "manajer@example.go.id"
    assert mail.subject == "[Lajur] Laporan pagi Senin, 23 November 2026: 12 berkas tertahan"
    assert (
        mail.body
        == """Yth. Manajer,

Keadaan berkas di Kecamatan Sukamaju pada Senin, 23 November 2026, 07.30 WIB:

Berjalan          : 48 berkas
Tertahan          : 12 berkas
Lewat batas waktu : 5 berkas
Ditangguhkan      : 2 berkas

Sejak Jumat, 20 November 2026, 07.30 WIB:
Berkas baru  : 0
Tuntas       : 0
Dibatalkan   : 0
Dikembalikan : 0 kali

Sebab tertahan:
- Lewat batas waktu: 9 berkas
- Belum diambil: 3 berkas

Paling lama menunggu:
- Undangan rapat (005/12)
  Surat Keluar
  Di tangan: Sekretaris, belum diambil
  Menunggu sejak Jumat, 20 November 2026
  Sebab: Belum diambil, Lewat batas waktu
  dan 11 lagi

Tidak di tempat hari ini:
- Rekan Kasubag (Kasubag Umum), sampai Senin, 23 November 2026, digantikan Kasubag (Plh.)

Buka papan : https://lajur.example.go.id/papan
Cetak      : https://lajur.example.go.id/papan/pagi

E-mail ini dikirim otomatis oleh Lajur setiap pagi hari kerja; balasannya tidak dibaca.
Untuk berhenti menerimanya, matikan Laporan pagi di halaman Pemberitahuan.
"""
    )


def test_more_than_is_counted_is_told_as_such(
    database: Database, manager: int, post: Post, work: tuple[worker.Job, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    many = counting.MOST + 1
    boards.show(monkeypatch, [STUCK], boards.counts(many, many, many, many, [(LATE, many)]))
    sweep(database, work, OPENS)
    (mail,) = post.mails
    assert mail.subject.endswith(": 1000+ berkas tertahan")
    assert mail.body.count("1000+ berkas") == 5
    assert "  dan masih banyak lagi\n" in mail.body
    assert str(many) not in mail.body


def test_an_office_where_nothing_is_stuck_hears_so(
    database: Database, office: Office, manager: int, post: Post, work: tuple[worker.Job, ...]
) -> None:
    sweep(database, work, OPENS)
    assert post.mails[0].subject.endswith("tidak ada berkas tertahan")
    assert "Paling lama menunggu" not in post.mails[0].body


def test_nothing_of_it_goes_through_finished_tasks(sqlite: Database) -> None:
    with sqlite.transaction() as session:
        office = make_office(session, "Kecamatan Sukamaju", OPENS)
        offices.add_jabatan(session, office.id, "Arsiparis")  # which nobody holds
    plans = Plans(sqlite)
    with plans.kept(), sqlite.reading() as session:
        digest.of_office(session, office(session, "manajer"), OPENS)
    assert any("ix_tasks_unfinished_by_jabatan" in step for step in plans.steps)
    assert not any(step.startswith("SCAN tasks") for step in plans.steps)


# -- its way ----------------------------------------------------------------------------------------------------------


def test_it_is_sent_once_when_the_working_day_begins(
    database: Database, office: Office, manager: int, post: Post, work: tuple[worker.Job, ...]
) -> None:
    sweep(database, work, OPENS - HOUR)
    assert post.mails == []
    sweep(database, work, OPENS)
    sweep(database, work, OPENS + HOUR)
    sweep(database, worker.jobs(post, timers=()), OPENS + 2 * HOUR)  # a worker that has just begun
    assert len(post.mails) == 1
    sweep(database, work, OPENS + DAY)
    assert [mail.key[-8:] for mail in post.mails] == ["20261123", "20261124"]


def test_nothing_is_sent_on_days_off(
    database: Database, office: Office, manager: int, post: Post, work: tuple[worker.Job, ...]
) -> None:
    for day in (date(2026, 11, 21), date(2026, 11, 22), date(2026, 12, 25)):
        sweep(database, work, datetime(day.year, day.month, day.day, 5, tzinfo=UTC))
    assert post.mails == []


def test_each_office_begins_by_its_own_clock(
    database: Database, office: Office, post: Post, work: tuple[worker.Job, ...]
) -> None:
    with database.transaction() as session:
        there = offices.add_office(session, "Distrik Timur", "Asia/Jayapura")
        person = offices.add_person(session, there, "distrik", "Kepala Distrik", "x", frozenset({Right.MANAGER}))
        session.get_one(Person, person).email = "distrik@example.go.id"
    sweep(database, work, OPENS - 2 * HOUR)
    assert [mail.to for mail in post.mails] == ["distrik@example.go.id"]
    assert "07.30 WIT" in post.mails[0].body


def test_a_worker_that_was_down_sends_it_late_on_the_same_day_and_never_the_day_after(
    database: Database, office: Office, manager: int, post: Post, work: tuple[worker.Job, ...]
) -> None:
    sweep(database, work, OPENS + 7 * HOUR)
    assert len(post.mails) == 1
    with database.transaction() as session:
        session.add(Digest(person_id=manager, day=date(2026, 11, 24), attempts=0, send_at=OPENS + DAY))
    sweep(database, work, OPENS + 2 * DAY)
    assert [mail.key[-8:] for mail in post.mails] == ["20261123", "20261125"]
    assert [one.send_at for one in rows(database)] == [None, None, None]


@pytest.mark.parametrize("change", [{"email": ""}, {"active": False}, {"rights": []}, {"digest": False}])
def test_who_wants_none_or_may_not_have_it_gets_none(
    database: Database, office: Office, manager: int, post: Post, work: tuple[worker.Job, ...], change: dict[str, Any]
) -> None:
    with database.transaction() as session:
        digests.plan(session, OPENS)
        session.execute(update(Person).where(Person.id == manager).values(**change))
    sweep(database, work, OPENS)
    sweep(database, work, OPENS + DAY)
    assert post.mails == []
    assert all(one.send_at is None for one in rows(database))


def test_a_manager_switches_it_off_and_on(
    database: Database, office: Office, manager: int, post: Post, work: tuple[worker.Job, ...]
) -> None:
    for on, sent in ((False, 0), (True, 1)):
        with database.transaction() as session:
            digests.switch(session, office(session, "manajer"), on=on)
            assert digest.wanted(session, office(session, "manajer")) is on
        sweep(database, work, OPENS + HOUR * sent)
        assert len(post.mails) == sent


def test_a_failure_is_tried_again_later_and_given_up_with_the_day(
    database: Database, office: Office, manager: int, post: Post, work: tuple[worker.Job, ...]
) -> None:
    post.fails = RuntimeError("ditolak")
    sweep(database, work, OPENS)
    (row,) = rows(database)
    assert (row.attempts, row.send_at, row.failure) == (1, OPENS + timedelta(minutes=1), "RuntimeError: ditolak")
    sweep(database, work, OPENS + timedelta(minutes=1))
    assert rows(database)[0].send_at == OPENS + timedelta(minutes=3)
    post.fails = None
    sweep(database, work, OPENS + timedelta(minutes=3))
    assert len(post.mails) == 1
    assert rows(database)[0].send_at is None


def test_a_mail_server_that_is_away_is_waited_for(
    database: Database, office: Office, manager: int, post: Post, work: tuple[worker.Job, ...]
) -> None:
    post.fails = Unreachable("tidak menjawab")
    resting: worker.Resting = {}
    worker.sweep(database, work, OPENS, resting)
    assert resting == {"digests": OPENS + worker.LATER}
    assert rows(database)[0].failure == "tidak menjawab"


def test_what_a_dead_worker_took_is_sent_again_and_its_late_word_ignored(
    database: Database, office: Office, manager: int
) -> None:
    with database.transaction() as session:
        assert digests.plan(session, OPENS) == 1
        assert digests.plan(session, OPENS) == 0
        (lost,) = digests.take(session, OPENS)
        assert digests.take(session, OPENS) == ()
        (again,) = digests.take(session, OPENS + outbox.LEASE)
        assert (lost.attempt, again.attempt) == (1, 2)
        digests.settle(session, lost, "terlambat", OPENS + outbox.LEASE)
        assert digests.due(session) == again.until
        digests.settle(session, again, "", OPENS + outbox.LEASE)
        assert digests.due(session) is None


def test_nothing_is_held_while_a_mail_is_sent(database: Database, office: Office, manager: int, post: Post) -> None:
    def send(mail: Mail) -> None:
        with database.transaction() as session:  # would wait for a lock that is held
            session.execute(update(Person).where(Person.id == manager).values(name="Camat Baru"))
        post(mail)

    sweep(database, worker.jobs(send, timers=()), OPENS)
    assert len(post.mails) == 1


def test_what_is_long_past_is_forgotten(database: Database, office: Office, manager: int) -> None:
    with database.transaction() as session:
        session.add(Digest(person_id=manager, day=date(2026, 10, 1), attempts=1, send_at=None))
        session.flush()
        digests.plan(session, OPENS)
    assert [one.day for one in rows(database)] == [date(2026, 11, 23)]


def test_workers_at_the_same_time_send_it_once(database: Database, office: Office, manager: int, post: Post) -> None:
    ready = Barrier(3)

    def work() -> None:
        jobs = worker.jobs(post, timers=())
        ready.wait()
        sweep(database, jobs, OPENS)

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(post.mails) == 1
    assert [one.send_at for one in rows(database)] == [None]
