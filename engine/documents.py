"""Documents of a run: files that people attach to it or to a task of it, for everybody in the office to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.orm import Session

from bpmn.errors import Refusal
from bpmn.wording import sentence
from engine import errors, history, media, runs
from engine.offices import Actor
from engine.states import LIVE, UNFINISHED, Right, TaskState, Verb
from engine.store import Store
from engine.tables import Document, Person, Run, Task

LIMIT = 20_000_000
"""Bytes of a document."""

MOST = 100
"""Documents of a run, those taken off its list not counted."""

TITLE_LIMIT = 300
"""Characters of a document's title."""

ORPHANED_AFTER = timedelta(days=1)
"""How long a file may be in the store without a row: so long at most does an upload take."""


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as screens show it; `task` and `round` are None where it came with the run and not with a task."""

    id: int
    run_id: int
    title: str
    filename: str
    sha256: str
    size: int
    media_type: str
    added_by: str
    added_at: datetime
    task: str | None
    round: int | None
    may_detach: bool = False
    """Whether the person who looks may take it off the list."""

    @property
    def is_pdf(self) -> bool:
        """Whether a page can draw it, sheet by sheet."""
        return self.media_type == media.PDF.media_type

    @property
    def is_picture(self) -> bool:
        """Whether a browser draws it by itself."""
        return self.media_type in media.PICTURES


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """A document to be looked at, with the subject of its run."""

    row: DocumentRow
    subject: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A file whose bytes are in the store, under a harmless name; a row is to name it within ORPHANED_AFTER."""

    filename: str
    sha256: str
    size: int
    media_type: str


def keep(store: Store, filename: str, content: IO[bytes]) -> Kept:
    """Put a file into the store, to be attached afterwards. To be called while no transaction is open: it takes time.

    Raises FileTooLarge beyond LIMIT, FileRefused; both name the file, and nothing of it is left behind.
    """
    try:
        with store.receive(content, LIMIT) as received:
            with received.file.open("rb") as file:
                kind = media.judge(file, filename)
            received.keep()
    except errors.FileTooLarge as beyond:
        raise errors.FileTooLarge(LIMIT, media.shown(filename)) from beyond
    return Kept(media.called(filename, kind), received.stored.sha256, received.stored.size, kind.media_type)


def keep_each(store: Store, files: Iterable[tuple[str, IO[bytes]]]) -> tuple[list[Kept], list[Refusal]]:
    """The same for several, by name and content, each for itself: what was kept, and why the others were not."""
    kept: list[Kept] = []
    refused: list[Refusal] = []
    for filename, content in files:
        try:
            kept.append(keep(store, filename, content))
        except (errors.FileTooLarge, errors.FileRefused) as why:
            refused.append(why)
    return kept, refused


def check_place(session: Session, who: Actor, run_id: int, task_id: int | None) -> None:
    """Raise what `attach` would of a person who may not attach there, so that nothing is stored in vain."""
    _place(session, who, run_id, task_id, 1)


def attach(
    session: Session,
    who: Actor,
    run_id: int,
    files: Sequence[Kept],
    *,
    task_id: int | None,
    title: str,
    now: datetime,
) -> tuple[int, ...]:
    """Attach files to a live run, with a task that the person has claimed or with the run itself; their ids.

    Without a task that is up to whoever started the run, holds a jabatan with an unfinished task in it, or manages.
    The bytes are in the store already (`keep`); should this fail, they are swept away some day.
    Raises NotFound, RunNotRunning, NotYourTask, TaskFinished, NotAllowed, Invalid beyond MOST, TooLong.
    """
    title = _title(title)
    _locked(session, runs.own(session, who, run_id).id)
    jabatan_id = _place(session, who, run_id, task_id, len(files))
    if task_id is not None:
        worked = update(Task).where(Task.id == task_id).values(active_at=now)
        session.execute(worked.execution_options(synchronize_session=False))
    return tuple(_add(session, who, file, run_id, task_id, jabatan_id, title, now) for file in files)


def start(
    session: Session, who: Actor, definition_id: int, subject: str, now: datetime, agenda: str, files: Sequence[Kept]
) -> int:
    """Begin a run (`runs.start`) that comes with documents; its id. Either it begins with all of them or not at all."""
    run_id = runs.start(session, who, definition_id, subject, now, agenda)
    if files:
        attach(session, who, run_id, files, task_id=None, title="", now=now)
    return run_id


def detach(session: Session, who: Actor, document_id: int, now: datetime) -> None:
    """Take a document off the list of its live run; the record and the bytes stay.

    Up to whoever added it, while the task it was attached with is unfinished (where it came with the run: while no task
    was finished since), and to managers. Raises NotFound, RunNotRunning, NotAllowed.
    """
    document = session.scalar(
        select(Document)
        .join(Run, Run.id == Document.run_id)
        .where(Document.id == document_id, Document.removed_at.is_(None), Run.office_id == who.office_id)
    )
    if document is None:
        raise errors.NotFound
    run = _locked(session, document.run_id)
    if run.state not in LIVE:
        raise errors.RunNotRunning(run.state)
    if not (who.may(Right.MANAGER) or (document.added_by == who.id and _may_go(session, document_id))):
        raise errors.NotAllowed(
            sentence("Dokumen ini hanya dapat dilepas oleh yang melampirkannya sebelum tugasnya selesai, atau manajer.")
        )
    removed = session.scalar(
        update(Document)
        .where(Document.id == document_id, Document.removed_at.is_(None))
        .values(removed_at=now)
        .returning(Document.id)
        .execution_options(synchronize_session=False)
    )
    if removed is None:
        raise errors.NotFound
    task = session.get(Task, document.task_id) if document.task_id is not None else None
    _record(session, who, Verb.DETACH, now, document, task.jabatan_id if task else None)


def of_run(session: Session, who: Actor, run_id: int) -> tuple[DocumentRow, ...]:
    """The documents of a run of the office, in the order in which they were attached."""
    run = runs.own(session, who, run_id)
    shown = session.execute(_rows().where(Document.run_id == run_id).order_by(Document.id)).all()
    if run.state not in LIVE or not shown:
        return tuple(DocumentRow(*row) for row in shown)
    own = Document.added_by == who.id
    mine = set(session.scalars(select(Document.id).where(Document.run_id == run_id, own, _nothing_rests_on())))
    return tuple(DocumentRow(*row, may_detach=who.may(Right.MANAGER) or row.id in mine) for row in shown)


def content(session: Session, who: Actor, store: Store, document_id: int) -> tuple[DocumentRow, Path]:
    """A document of the office, and the file with its bytes. Raises NotFound."""
    found = session.execute(
        _rows().join(Run, Run.id == Document.run_id).where(Document.id == document_id, Run.office_id == who.office_id)
    ).first()
    if found is None:
        raise errors.NotFound
    row = DocumentRow(*found)
    _require_bytes(store, row)
    return row, store.path(row.sha256)


def page(session: Session, who: Actor, store: Store, document_id: int) -> DocumentPage:
    """A document of the office to be looked at. Raises NotFound."""
    row, _path = content(session, who, store, document_id)
    return DocumentPage(row, runs.own(session, who, row.run_id).subject)


def _require_bytes(store: Store, row: DocumentRow) -> None:
    if not store.has(row.sha256):
        raise errors.NotFound(
            sentence("Isi dokumen “%(name)s” tidak ditemukan. Hubungi administrator kantor Anda.", name=row.filename)
        )


def sweep(session: Session, store: Store, now: datetime) -> int:
    """Remove from the store what no row names and nobody is about to name; how many files. Any session will do."""
    return store.sweep(lambda sha256: named(session, sha256), now - ORPHANED_AFTER)


def named(session: Session, sha256: str) -> bool:
    """Whether a row names these bytes, of a document taken off its list or not."""
    return session.scalar(select(Document.id).where(Document.sha256 == sha256).limit(1)) is not None


def _rows() -> Select[int, int, str, str, str, int, str, str, datetime, str | None, int | None]:
    return (
        select(
            Document.id,
            Document.run_id,
            Document.title,
            Document.filename,
            Document.sha256,
            Document.size,
            Document.media_type,
            Person.name,
            Document.added_at,
            Task.name,
            Task.round,
        )
        .join(Person, Person.id == Document.added_by)
        .outerjoin(Task, Task.id == Document.task_id)
        .where(Document.removed_at.is_(None))
    )


def _locked(session: Session, run_id: int) -> Run:
    """The run as it is now. Its row is locked, so that its documents can be counted and its tasks stay as they are."""
    return session.scalars(
        select(Run)
        .where(Run.id == run_id)
        .with_for_update(of=Run, key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def _add(
    session: Session,
    who: Actor,
    file: Kept,
    run_id: int,
    task_id: int | None,
    jabatan_id: int | None,
    title: str,
    now: datetime,
) -> int:
    document = Document(
        run_id=run_id,
        task_id=task_id,
        title=title,
        filename=file.filename,
        sha256=file.sha256,
        size=file.size,
        media_type=file.media_type,
        added_by=who.id,
        added_at=now,
    )
    session.add(document)
    _record(session, who, Verb.ATTACH, now, document, jabatan_id)
    return document.id


def _place(session: Session, who: Actor, run_id: int, task_id: int | None, more: int) -> int | None:
    """Raise unless the person may attach so many more documents there; the jabatan in which the person does."""
    run = runs.own(session, who, run_id)
    if run.state not in LIVE:
        raise errors.RunNotRunning(run.state)
    jabatan_id = _as_involved(session, who, run) if task_id is None else _as_claimer(session, who, run, task_id)
    attached = select(func.count()).where(Document.run_id == run_id, Document.removed_at.is_(None))
    if session.scalars(attached).one() + more > MOST:
        raise errors.Invalid(
            sentence("Satu berkas memuat paling banyak %(most)d dokumen; lepas dulu yang tidak diperlukan.", most=MOST)
        )
    return jabatan_id


def _as_claimer(session: Session, who: Actor, run: Run, task_id: int) -> int:
    task = session.scalar(
        select(Task).where(Task.id == task_id, Task.run_id == run.id).execution_options(populate_existing=True)
    )
    if task is None:
        raise errors.NotFound
    if task.state not in UNFINISHED:
        raise errors.TaskFinished
    if task.state is not TaskState.CLAIMED or task.claimed_by != who.id:
        raise errors.NotYourTask(sentence("Dokumen hanya dapat dilampirkan pada tugas yang sedang Anda kerjakan."))
    return task.jabatan_id


def _as_involved(session: Session, who: Actor, run: Run) -> int | None:
    jabatan_id = session.scalar(
        select(Task.jabatan_id)
        .where(Task.run_id == run.id, Task.state.in_(UNFINISHED), Task.jabatan_id.in_(who.held))
        .order_by(Task.id)
        .limit(1)
    )
    if jabatan_id is None and run.started_by != who.id and not who.may(Right.MANAGER):
        raise errors.NotAllowed(
            sentence(
                "Dokumen hanya dapat dilampirkan oleh yang memulai berkas ini, yang mendapat tugas di dalamnya,"
                " atau manajer."
            )
        )
    return jabatan_id


def _may_go(session: Session, document_id: int) -> bool:
    return session.scalar(select(Document.id).where(Document.id == document_id, _nothing_rests_on())) is not None


def _nothing_rests_on() -> ColumnElement[bool]:
    """That no work was finished since that may rest on a document: its task, or where it came with the run, any."""
    unfinished = select(Task.id).where(Task.id == Document.task_id, Task.state.in_(UNFINISHED)).exists()
    later = select(Task.id).where(Task.run_id == Document.run_id, Task.finished_at >= Document.added_at).exists()
    return or_(unfinished, and_(Document.task_id.is_(None), ~later))


def _title(text: str) -> str:
    """A title in one line, without what cannot be seen. TooLong beyond TITLE_LIMIT."""
    title = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    if len(title) > TITLE_LIMIT:
        raise errors.TooLong(sentence("Judul dokumen"), TITLE_LIMIT)
    return title


def _record(
    session: Session, who: Actor, verb: Verb, now: datetime, document: Document, jabatan_id: int | None
) -> None:
    facts = {"filename": document.filename, "title": document.title}
    history.record(
        session, who, verb, now, run_id=document.run_id, task_id=document.task_id, jabatan_id=jabatan_id, facts=facts
    )
    session.flush()
