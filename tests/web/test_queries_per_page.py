"""How many statements each page asks of the database: a fixed number, however much there is to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import event, select

from engine import absences, definitions, documents, notices, offices, runs, tasks
from engine.database import Database, Session
from engine.states import UNFINISHED, NoticeKind, Right
from engine.store import Store
from engine.tables import Person, Task
from tests.conftest import NOW
from tests.web.conftest import APPROVE, LETTER, SEND_BACK, Browser, Kecamatan

MANY = 30

PAGES = {
    "/tugas": 7,
    "/tugas?sop={sop}&jabatan={jabatan}&tenggat=pekan-ini&kembali=ya&urut=terbaru": 7,
    "/tugas?cari=undangan+rapat+005": 8,
    "/tugas/jabatan": 7,
    "/tugas/jabatan?cari=undangan+rapat+005": 8,
    "/tugas/menunggu": 8,
    "/tugas/menunggu?sop={sop}&cari=undangan+rapat+005": 9,
    "/tugas/selesai": 7,
    "/tugas/selesai?cari=undangan+rapat+005": 8,
    "/tugas/{task}": 17,
    "/berkas": 6,
    "/berkas?keadaan=semua": 6,
    "/berkas/{run}": 19,
    "/berkas/{run}/kendali": 9,
    "/sop": 5,
    "/sop/{sop}/mulai": 8,
    "/pemberitahuan": 6,
    "/tidak-di-tempat": 6,
}
"""What staff keep open, and how many statements each asks at most."""

BOARD = {
    "/papan": 15,
    "/papan?tampil=semua&kelompok=sop": 16,
    "/papan?kelompok=jabatan": 16,
    "/papan?kelompok=orang": 16,
    "/papan?kelompok=sebab": 16,
    "/papan?cari=undangan+rapat+005&sop={sop}&jabatan={jabatan}&sebab=returned": 17,
    "/papan/berkas/{run}": 12,
    "/papan/ambang": 5,
}
"""The same of what managers look at."""

ACTS = {"start": 27, "claim": 14, "complete": 23, "return": 26}
"""The same of acts. Where a form leads to is a page again, and not counted."""


@pytest.fixture
def world(kecamatan: Kecamatan, tmp_path: Path) -> World:
    return World(kecamatan, Store(tmp_path / "store"))


class World:
    """An office in which there is more and more of everything that a page shows."""

    def __init__(self, kecamatan: Kecamatan, store: Store) -> None:
        self.kecamatan, self.store = kecamatan, store
        self.database: Database = kecamatan.database
        self.run = self.started()
        self.days = 1

    def started(self) -> int:
        """A run that waits at its first step, which is Rina's; its id."""
        with self.database.transaction() as session:
            rina = self.who(session, "rina")
            return runs.start(session, rina, self.kecamatan.sop, "Undangan rapat", NOW, "005/12")

    def who(self, session: Session, name: str) -> offices.Actor:
        return offices.actor(session, self.kecamatan.people[name], NOW)

    def waiting(self, run: int) -> int:
        """The task that a run waits for."""
        with self.database.reading() as session:
            return session.scalars(select(Task.id).where(Task.run_id == run, Task.state.in_(UNFINISHED))).one()

    def claimed(self, run: int, name: str) -> int:
        task = self.waiting(run)
        with self.database.transaction() as session:
            tasks.claim(session, self.who(session, name), task, NOW)
        return task

    def done(self, run: int, name: str, choice: str | None = None) -> None:
        task = self.claimed(run, name)
        with self.database.transaction() as session:
            tasks.complete(session, self.who(session, name), task, choice, "Lampiran belum lengkap", NOW)

    def grow(self) -> None:
        """One more of everything."""
        self.started()
        self.claimed(self.started(), "rina")
        self.claimed(self.returned(self.started()), "rina")
        self.done(self.started(), "rina")
        finished = self.started()
        self.done(finished, "rina")
        self.done(finished, "budi", APPROVE)
        self.done(finished, "siti")
        self.attached()
        self.returned(self.run)
        self.told()
        self.another_sop()

    def returned(self, run: int) -> int:
        """The same run, sent back once more."""
        self.done(run, "rina")
        self.done(run, "budi", SEND_BACK)
        return run

    def attached(self) -> None:
        """Documents of the run and of its task, a comment, and something known beside it."""
        file = documents.keep(self.store, "surat.txt", BytesIO(b"Surat"))
        task = self.claimed(self.run, "rina")
        with self.database.transaction() as session:
            rina = self.who(session, "rina")
            for place in (None, task):
                documents.attach(session, rina, self.run, [file], task_id=place, title="", now=NOW)
            runs.comment(session, rina, self.run, "Sudah ditanyakan ke desa.", NOW)

    def told(self) -> None:
        """A notice, and an absence on a day of its own."""
        self.days += 1
        day = NOW.date() + timedelta(days=self.days)
        with self.database.transaction() as session:
            rina = self.who(session, "rina")
            notices.give(session, [rina.id], NoticeKind.NEW, self.run, self.waiting(self.run), {}, NOW)
            absences.note(session, rina, rina.id, day, day, self.kecamatan.people["dedi"], "", NOW)

    def another_sop(self) -> None:
        with self.database.transaction() as session:
            analyst = self.who(session, "analis")
            xml = LETTER.replace(b"surat_pengantar", f"surat_{self.days}".encode())
            definitions.publish(session, analyst, definitions.add(session, analyst, xml, NOW), "Pertama", NOW)

    def names(self) -> dict[str, int]:
        """What stands in the addresses of PAGES."""
        known = {"sop": self.kecamatan.sop, "jabatan": self.kecamatan.jabatan["Pengadministrasi Umum"]}
        return {**known, "run": self.run, "task": self.waiting(self.run)}


@contextmanager
def counting(database: Database) -> Iterator[list[str]]:
    """The statements of the block, without those that begin transactions."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def posted(world: World, browser: Browser, path: str, **fields: str) -> int:
    token = browser.token()
    with counting(world.database) as asked:
        answer = browser.client.post(path, data={"csrf_token": token, **fields})
    assert answer.status_code == 302, answer.text
    return len(asked)


def test_nothing_asks_more_where_there_is_more(world: World, log_in: Callable[[str], Browser]) -> None:
    """One test of all, because to make so much takes most of its time."""
    with world.database.transaction() as session:
        session.get_one(Person, world.kecamatan.people["siti"]).rights = [Right.MANAGER]
    rina, budi, siti = log_in("rina"), log_in("budi"), log_in("siti")

    def asked() -> dict[str, int]:
        counts = {}
        for browser, pages in ((rina, PAGES), (siti, BOARD)):
            for page in pages:
                with counting(world.database) as statements:
                    assert browser.get(page.format(**world.names())).status_code == 200
                counts[page] = len(statements)
        task = world.waiting(world.run)
        with world.database.transaction() as session:
            tasks.release(session, world.who(session, "rina"), task, NOW)
        counts["start"] = posted(world, rina, f"/sop/{world.kecamatan.sop}/mulai", perihal="Undangan", kunci=f"k{task}")
        counts["claim"] = posted(world, rina, f"/tugas/{task}/ambil")
        counts["complete"] = posted(world, rina, f"/tugas/{task}/selesai")
        task = world.claimed(world.run, "budi")
        reason = {"keputusan": SEND_BACK, "catatan": "Belum lengkap"}
        counts["return"] = posted(world, budi, f"/tugas/{task}/selesai", **reason)
        return counts

    for _ in range(5):  # from then on it was sent back too often, which is asked for as well
        world.grow()
    asked()  # what is read once a process is read now
    few = asked()
    for _ in range(MANY):
        world.grow()
    many = asked()
    assert many == few
    most = {**PAGES, **BOARD, **ACTS}
    assert {what: count for what, count in many.items() if count > most[what]} == {}
