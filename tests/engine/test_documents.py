"""Documents of runs: who may attach and take off what, and that row and bytes belong together."""

from __future__ import annotations

import io
import os
import time
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from engine import checking, documents, errors, media, offices, runs, tasks
from engine.database import Database, Session
from engine.documents import DocumentRow
from engine.offices import Actor
from engine.queries import catalogue, lists
from engine.states import Verb
from engine.store import Store
from engine.tables import Document, History, Run
from tests.conftest import NOW
from tests.engine.conftest import Office
from tests.engine.media_files import PDF, PNG


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "documents")


@pytest.fixture
def run(database: Database, office: Office, surat: int) -> int:
    with database.transaction() as session:
        return office.start(session, surat)


class Desk:
    """What people do with documents in these tests, each in a transaction of its own."""

    def __init__(self, database: Database, office: Office, store: Store) -> None:
        self.database, self.office, self.store = database, office, store

    def task(self, run: int, by: str = "kasubag") -> int:
        """The open task of a run, claimed."""
        with self.database.transaction() as session:
            who = self.office(session, by)
            task = next(row.id for row in lists.of_jabatan(session, who, self.office.now).rows if row.run_id == run)
            tasks.claim(session, who, task, self.office.now)
        return task

    def complete(self, task: int, by: str = "kasubag", choice: str | None = None) -> None:
        with self.database.transaction() as session:
            tasks.complete(session, self.office(session, by), task, choice, "", self.office.now)

    def attach(
        self, run: int, by: str = "kasubag", task: int | None = None, content: bytes = PDF, name: str = "surat.pdf"
    ) -> int:
        with self.database.transaction() as session:
            return attach(session, self.office(session, by), self.store, run, task, content, name)

    def detach(self, document: int, by: str = "kasubag") -> None:
        with self.database.transaction() as session:
            documents.detach(session, self.office(session, by), document, self.office.now)

    def rows(self, run: int, by: str = "camat") -> tuple[DocumentRow, ...]:
        with self.database.reading() as session:
            return documents.of_run(session, self.office(session, by), run)


def attach(
    session: Session,
    who: Actor,
    store: Store,
    run: int,
    task: int | None = None,
    content: bytes = PDF,
    name: str = "surat.pdf",
    title: str = " Konsep\x00 surat ",
) -> int:
    documents.check_place(session, who, run, task)
    files = [documents.keep(store, name, io.BytesIO(content))]
    return documents.attach(session, who, run, files, task_id=task, title=title, now=NOW)[0]


@pytest.fixture
def desk(database: Database, office: Office, store: Store) -> Desk:
    return Desk(database, office, store)


def left(store: Store) -> list[str]:
    return [path.name for path in store.folder.rglob("*") if path.is_file() and path.name != ".lock"]


def test_a_document_of_a_task_is_there_for_everybody_in_the_office(desk: Desk, run: int) -> None:
    task = desk.task(run)
    document = desk.attach(run, task=task, name="../Surat Keluar.PDF")
    (row,) = desk.rows(run)
    assert (row.id, row.run_id, row.title, row.filename) == (document, run, "Konsep surat", "Surat Keluar.PDF")
    assert (row.size, row.media_type) == (len(PDF), "application/pdf")
    assert (row.added_by, row.added_at, row.task, row.round) == ("Kasubag", NOW, "langkah_1", 1)
    with desk.database.reading() as session:
        found, path = documents.content(session, desk.office(session, "camat"), desk.store, document)
    assert (found, path.read_bytes()) == (row, PDF)


def test_attaching_and_detaching_are_history(desk: Desk, run: int) -> None:
    task = desk.task(run)
    desk.detach(desk.attach(run, task=task))
    with desk.database.reading() as session:
        acts = session.scalars(
            select(History).where(History.verb.in_([Verb.ATTACH, Verb.DETACH])).order_by(History.id)
        ).all()
        assert [(act.verb, act.task_id, act.jabatan_id) for act in acts] == [
            (verb, task, desk.office.jabatan["Kasubag Umum"]) for verb in (Verb.ATTACH, Verb.DETACH)
        ]
        assert [act.facts for act in acts] == [{"filename": "surat.pdf", "title": "Konsep surat"}] * 2


def test_only_the_claimer_attaches_to_a_task(desk: Desk, run: int) -> None:
    task = desk.task(run)
    for other in ("rekan", "manajer", "camat"):
        with pytest.raises(errors.NotYourTask):
            desk.attach(run, other, task)
    with desk.database.transaction() as session:
        tasks.release(session, desk.office(session, "kasubag"), task, NOW)
    with pytest.raises(errors.NotYourTask):
        desk.attach(run, task=task)
    assert left(desk.store) == []


def test_nothing_is_added_to_a_finished_task_or_to_the_task_of_another_run(desk: Desk, run: int, surat: int) -> None:
    task = desk.task(run)
    desk.complete(task)
    with pytest.raises(errors.TaskFinished):
        desk.attach(run, task=task)
    with desk.database.transaction() as session:
        other = desk.office.start(session, surat)
    with pytest.raises(errors.NotFound):
        desk.attach(other, task=task)


def test_a_document_comes_with_the_run_from_who_is_involved(desk: Desk, run: int) -> None:
    """The starter, the holders of the jabatan whose turn it is, and managers."""
    for by in ("kasubag", "rekan", "manajer"):
        desk.attach(run, by)
    for by in ("camat", "sekretaris", "analis"):
        with pytest.raises(errors.NotAllowed):
            desk.attach(run, by)
    desk.complete(desk.task(run))
    for by in ("kasubag", "sekretaris", "manajer"):
        desk.attach(run, by)
    for by in ("rekan", "camat"):
        with pytest.raises(errors.NotAllowed):
            desk.attach(run, by)
    rows = desk.rows(run)
    assert [row.added_by for row in rows] == ["Kasubag", "Rekan Kasubag", "Manajer", "Kasubag", "Sekretaris", "Manajer"]
    assert {(row.task, row.round) for row in rows} == {(None, None)}


def test_a_suspended_run_takes_documents_and_one_that_is_over_does_not(desk: Desk, run: int) -> None:
    with desk.database.transaction() as session:
        runs.suspend(session, desk.office(session, "manajer"), run, "Menunggu", NOW)
    document = desk.attach(run)
    with desk.database.transaction() as session:
        runs.cancel(session, desk.office(session, "manajer"), run, "Batal", NOW)
    for act in (lambda: desk.attach(run), lambda: desk.detach(document), lambda: desk.detach(document, "manajer")):
        with pytest.raises(errors.RunNotRunning):
            act()
    assert len(desk.rows(run)) == 1


def test_who_added_a_document_takes_it_off_until_the_task_is_finished(desk: Desk, run: int) -> None:
    task = desk.task(run)
    first, second = (desk.attach(run, task=task) for _ in range(2))
    for other in ("rekan", "camat"):
        with pytest.raises(errors.NotAllowed):
            desk.detach(first, other)
    desk.detach(first)
    assert [row.id for row in desk.rows(run)] == [second]
    desk.complete(task)
    with pytest.raises(errors.NotAllowed):
        desk.detach(second)
    desk.detach(second, "manajer")
    assert desk.rows(run) == ()


def test_a_document_of_the_run_is_taken_off_until_work_rests_on_it(desk: Desk, run: int) -> None:
    first, second = (desk.attach(run) for _ in range(2))
    desk.detach(first)
    desk.complete(desk.task(run))
    with pytest.raises(errors.NotAllowed):
        desk.detach(second)


def test_what_was_taken_off_is_kept_but_not_shown(desk: Desk, run: int) -> None:
    document = desk.attach(run)
    desk.detach(document)
    with pytest.raises(errors.NotFound):
        desk.detach(document)
    with desk.database.reading() as session:
        with pytest.raises(errors.NotFound):
            documents.content(session, desk.office(session, "kasubag"), desk.store, document)
        row = session.get_one(Document, document)
        assert row.removed_at == NOW
        assert desk.store.verify(row.sha256)


def test_another_office_sees_nothing(desk: Desk, neighbour: Office, run: int) -> None:
    document = desk.attach(run)
    with desk.database.transaction() as session:
        stranger = offices.actor(session, neighbour.people["manajer"], NOW)
        for act in (
            lambda: documents.of_run(session, stranger, run),
            lambda: documents.content(session, stranger, desk.store, document),
            lambda: documents.page(session, stranger, desk.store, document),
            lambda: documents.attach(session, stranger, run, [], task_id=None, title="", now=NOW),
            lambda: documents.detach(session, stranger, document, NOW),
            lambda: attach(session, stranger, desk.store, run),
        ):
            with pytest.raises(errors.NotFound):
                act()


def test_what_is_too_large_too_long_or_of_another_kind_is_refused(
    desk: Desk, run: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "LIMIT", 100)
    desk.attach(run, content=PDF.ljust(100))
    kept = left(desk.store)
    for content, refusal in (
        (PDF.ljust(101), errors.FileTooLarge),
        (b"", errors.FileRefused),
        (b"<html>", errors.FileRefused),
    ):
        with pytest.raises(refusal, match=r"surat\.pdf"):
            desk.attach(run, content=content)
    with desk.database.transaction() as session, pytest.raises(errors.TooLong):
        attach(session, desk.office(session, "kasubag"), desk.store, run, title="x" * 301)
    assert set(left(desk.store)) == {*kept, sha256(PDF).hexdigest()}  # for a day
    assert len(desk.rows(run)) == 1


def test_a_run_has_only_so_many_documents(desk: Desk, run: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where several people attach at the same moment."""
    locked = documents._locked

    def slowly(session: Session, run_id: int) -> Run:
        time.sleep(0.1)  # all of them have looked before the first has written
        return locked(session, run_id)

    monkeypatch.setattr(documents, "_locked", slowly)
    monkeypatch.setattr(documents, "MOST", 3)
    for _ in range(2):
        last = desk.attach(run)
    barrier = Barrier(4)

    def late() -> None:
        barrier.wait()
        with suppress(errors.Invalid):
            desk.attach(run)

    threads = [Thread(target=late) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(desk.rows(run)) == 3
    desk.detach(last)
    desk.attach(run)


def test_the_same_bytes_are_kept_once(desk: Desk, run: int, surat: int) -> None:
    with desk.database.transaction() as session:
        other = desk.office.start(session, surat)
    first, second = desk.attach(run, content=PNG, name="foto.jpg"), desk.attach(other, content=PNG)
    assert first != second
    assert len(left(desk.store)) == 1
    assert [row.filename for row in (*desk.rows(run), *desk.rows(other))] == ["foto.png", "surat.png"]


def test_a_crash_between_file_and_row_leaves_a_file_that_goes_after_a_day(desk: Desk, run: int) -> None:
    desk.attach(run, content=PNG)
    with suppress(RuntimeError), desk.database.transaction() as session:
        attach(session, desk.office(session, "kasubag"), desk.store, run)
        raise RuntimeError
    assert [row.media_type for row in desk.rows(run)] == ["image/png"]
    assert len(left(desk.store)) == 2
    now = datetime.now(UTC)  # the clock of the files
    later = now + timedelta(hours=25)
    with desk.database.reading() as session:
        assert list(checking.check_documents(session, desk.store, now, full=True)) == []
        assert documents.sweep(session, desk.store, now) == 0
        (damage,) = checking.check_documents(session, desk.store, later, full=True)
        assert "tidak disebut" in str(damage.what)
        assert documents.sweep(session, desk.store, later) == 1
        assert list(checking.check_documents(session, desk.store, later, full=True)) == []
    assert len(left(desk.store)) == 1


def test_a_file_that_was_swept_for_is_attached_again_in_time(desk: Desk, run: int) -> None:
    """A sweep that read the rows before the commit spares a file that was put again in between."""
    with suppress(RuntimeError), desk.database.transaction() as session:
        attach(session, desk.office(session, "kasubag"), desk.store, run)
        raise RuntimeError
    ((sha256, _),) = desk.store.files()
    os.utime(desk.store.path(sha256), (0, 0))

    def stale(_sha256: str) -> bool:
        desk.attach(run)
        return False

    assert desk.store.sweep(stale, datetime.now(UTC) - documents.ORPHANED_AFTER) == 0
    with desk.database.reading() as session:
        assert list(checking.check_documents(session, desk.store, datetime.now(UTC), full=True)) == []


def test_a_document_whose_bytes_are_lost_says_so(desk: Desk, run: int) -> None:
    document = desk.attach(run)
    ((sha256, _),) = desk.store.files()
    desk.store.path(sha256).unlink()
    with desk.database.reading() as session, pytest.raises(errors.NotFound, match=r"surat\.pdf"):
        documents.content(session, desk.office(session, "kasubag"), desk.store, document)


# -- files before they are attached -----------------------------------------------------------------------------------

NAMES = {
    "../../etc/passwd.pdf": "passwd.pdf",
    "surat\r\nX: y\x00.pdf": "surat X_ y.pdf",
    "surat\u202efdp.exe": "suratfdp.exe.pdf",
    "x" * 300 + ".pdf": "x" * 196 + ".pdf",
    "surat.pdf.exe": "surat.pdf.exe.pdf",
    "<img src=x onerror=alert(1)>.pdf": "_img src=x onerror=alert(1)_.pdf",
    "...": "dokumen.pdf",
}


@pytest.mark.parametrize("sent", NAMES, ids=range(len(NAMES)))
def test_a_hostile_name_is_kept_as_a_harmless_one(store: Store, sent: str) -> None:
    assert documents.keep(store, sent, io.BytesIO(PDF)).filename == NAMES[sent]


@pytest.mark.parametrize("sent", NAMES, ids=range(len(NAMES)))
def test_a_refusal_names_the_file_in_one_short_harmless_line(store: Store, sent: str) -> None:
    with pytest.raises(errors.FileRefused) as refused:
        documents.keep(store, sent, io.BytesIO(b"MZ\x90\x00\x03"))
    name = str(refused.value.sentence).split("“")[1].split("”")[0]
    assert name.isprintable()
    assert 0 < len(name) <= media.SHOWN
    assert not set(name) & set("<>/\\")


def test_what_is_no_pdf_though_it_is_called_one_is_told_so(store: Store) -> None:
    with pytest.raises(errors.FileRefused, match=r"Isi “surat\.pdf” bukan PDF"):
        documents.keep(store, "surat.pdf", io.BytesIO(b"Halo"))


def test_each_of_several_files_is_kept_or_refused_for_itself(store: Store) -> None:
    sent = [(f"{number}.pdf", io.BytesIO(content)) for number, content in enumerate((PDF, b"", PDF + b" ", b"<html>"))]
    kept, refused = documents.keep_each(store, sent)
    assert [file.filename for file in kept] == ["0.pdf", "2.pdf"]
    assert [type(why) for why in refused] == [errors.FileRefused] * 2
    assert len(left(store)) == 2


class Endless:
    """A stream of so many bytes that are nowhere in memory."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, count: int = -1) -> bytes:
        count = min(count, self.left)
        self.left -= count
        return b"\x89PNG\r\n\x1a\n".ljust(count, b"x") if count else b""


def test_a_large_file_passes_through_little_memory(store: Store) -> None:
    tracemalloc.start()
    kept = documents.keep(store, "foto.png", Endless(documents.LIMIT))  # type: ignore[arg-type]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept.size == documents.LIMIT
    assert peak < documents.LIMIT / 10


def test_files_are_attached_all_or_none(desk: Desk, run: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST", 2)
    files = [documents.keep(desk.store, f"{number}.pdf", io.BytesIO(PDF)) for number in range(3)]
    with pytest.raises(errors.Invalid, match="paling banyak 2"), desk.database.transaction() as session:
        documents.attach(session, desk.office(session, "kasubag"), run, files, task_id=None, title="", now=NOW)
    assert desk.rows(run) == ()
    with desk.database.transaction() as session:
        documents.attach(session, desk.office(session, "kasubag"), run, files[:2], task_id=None, title="", now=NOW)
    assert [row.filename for row in desk.rows(run)] == ["0.pdf", "1.pdf"]


# -- a run that begins with documents ---------------------------------------------------------------------------------


def test_a_run_begins_with_its_documents(desk: Desk, surat: int) -> None:
    files = [documents.keep(desk.store, f"{number}.pdf", io.BytesIO(PDF)) for number in range(2)]
    with desk.database.transaction() as session:
        who = desk.office(session, "kasubag")
        run = documents.start(session, who, surat, "Undangan", NOW, "470/1", files)
    assert [(row.filename, row.task, row.added_by) for row in desk.rows(run)] == [
        ("0.pdf", None, "Kasubag"),
        ("1.pdf", None, "Kasubag"),
    ]


def test_a_run_does_not_begin_without_one_of_its_documents(
    desk: Desk, surat: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MOST", 1)
    files = [documents.keep(desk.store, f"{number}.pdf", io.BytesIO(PDF)) for number in range(2)]
    with pytest.raises(errors.Invalid), desk.database.transaction() as session:
        documents.start(session, desk.office(session, "kasubag"), surat, "Undangan", NOW, "", files)
    with desk.database.reading() as session:
        assert session.scalars(select(Run)).all() == []


def test_what_would_keep_a_run_from_beginning_is_known_before(desk: Desk, neighbour: Office, surat: int) -> None:
    with desk.database.reading() as session:
        kasubag, camat = (desk.office(session, name) for name in ("kasubag", "camat"))
        runs.check_start(session, kasubag, surat, "Undangan", "470/1")
        with pytest.raises(errors.NotAllowed):
            runs.check_start(session, camat, surat, "Undangan", "")
        with pytest.raises(errors.NotFound):
            runs.check_start(session, neighbour(session, "kasubag"), surat, "Undangan", "")
        for subject, agenda in ((" ", ""), ("x" * 301, ""), ("Undangan", "x" * 61)):
            with pytest.raises(errors.Invalid):
                runs.check_start(session, kasubag, surat, subject, agenda)


def test_the_first_steps_say_whose_they_are_and_what_they_ask_for(desk: Desk, neighbour: Office, surat: int) -> None:
    with desk.database.reading() as session:
        (step,) = catalogue.first_steps(session, desk.office(session, "kasubag"), surat)
        assert (step.name, step.jabatan) == ("langkah_1", "Kasubag Umum")
        with pytest.raises(errors.NotFound):
            catalogue.first_steps(session, neighbour(session, "kasubag"), surat)
