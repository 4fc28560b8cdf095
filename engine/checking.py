"""`lajur check`: whether what is stored can go on, and whether all of it is there.

Runs and documents are read a part at a time, so that any number of them can be checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, func, select, text
from sqlalchemy.orm import Session

from bpmn.wording import Sentence, sentence
from engine import definitions, documents, errors, sealing, spiff, stuck, tallies
from engine.states import LIVE, UNFINISHED
from engine.store import Store
from engine.tables import Cause, Definition, Document, Office, Position, Run, Task, Version, Waiting

PART = 500
"""Runs or documents looked at together."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What is not as it should be; of a run or of a document, by its id, where it is that of one."""

    what: Sentence
    run_id: int | None = None
    document_id: int | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """How much a check looks at."""

    runs: int
    documents: int


def counted(session: Session) -> Counted:
    """How many runs and documents there are to check."""
    numbers = [session.scalars(select(func.count()).select_from(table)).one() for table in (Run, Document)]
    return Counted(*numbers)


def check(session: Session) -> Iterator[Damage]:
    """All damage found in the database."""
    yield from _references(session)
    yield from _marked(session)
    yield from _live(session)
    yield from _ended(session)
    yield from _misplaced(session)
    yield from _tallies(session)
    yield from _histories(session)


def check_documents(session: Session, store: Store, now: datetime, *, full: bool) -> Iterator[Damage]:
    """All damage found in the store: files that are missing or too many and, if `full`, of other bytes than they had.

    Files without a row count as too many when they are older than `documents.ORPHANED_AFTER`.
    """
    yield from _files(session, store, full)
    for sha256, changed in store.files():
        if changed < now - documents.ORPHANED_AFTER and not documents.named(session, sha256):
            yield Damage(sentence("Isi dokumen %(sha256)s tidak disebut oleh dokumen mana pun.", sha256=sha256))


def _references(session: Session) -> Iterator[Damage]:
    """Rows that refer to a row that is not there. PostgreSQL lets no such row in; SQLite does where it is told to."""
    if session.get_bind().dialect.name != "sqlite":
        return
    for table, row, parent, _ in session.execute(text("PRAGMA foreign_key_check")):
        facts = {"table": table, "row": row, "parent": parent}
        yield Damage(sentence("Baris %(row)s tabel %(table)s menunjuk baris tabel %(parent)s yang tidak ada.", **facts))


def _marked(session: Session) -> Iterator[Damage]:
    """Runs whose state was found not to load by whoever wanted to go on with it."""
    last = 0
    while part := session.execute(
        select(Run.id, Run.damage).where(Run.id > last, Run.damage != "").order_by(Run.id).limit(PART)
    ).all():
        for run_id, why in part:
            yield Damage(sentence("Berkas ditandai rusak (%(why)s).", why=why), run_id)
        last = part[-1].id


def _live(session: Session) -> Iterator[Damage]:
    """Live runs whose state does not load, or does not wait for what the tables say that they wait for."""
    columns = select(Run.id, Run.state_of_engine, Version).join(Version, Version.id == Run.version_id)
    columns = columns.where(Run.state.in_(LIVE), Run.damage == "").order_by(Run.id).limit(PART)
    last = 0
    while part := session.execute(columns.where(Run.id > last)).all():
        runs = [row.id for row in part]
        last = runs[-1]
        tasks = _by_run(session, select(Task.run_id, Task.engine_id).where(Task.state.in_(UNFINISHED)), Task, runs)
        waits = _by_run(session, select(Waiting.run_id, Waiting.engine_id), Waiting, runs)
        for run_id, state, version in part:
            what = _damage(session, version, state, tasks[run_id], waits[run_id])
            if what is not None:
                yield Damage(what, run_id)


def _by_run(
    session: Session, rows: Select[int, str], table: type[Task | Waiting], runs: Sequence[int]
) -> Mapping[int, set[str]]:
    """Of rows of run and engine id, the engine ids of each of some runs."""
    found: dict[int, set[str]] = {run_id: set() for run_id in runs}
    for run_id, engine_id in session.execute(rows.where(table.run_id.in_(runs))):
        found[run_id].add(engine_id)
    return found


def _damage(session: Session, version: Version, state: bytes, tasks: set[str], waits: set[str]) -> Sentence | None:
    """Why a run cannot go on from its state, given the engine ids of its unfinished tasks and of its waits."""
    try:
        process = definitions.process(session, version)
        standing = spiff.standing(process, state)
    except Exception as broken:  # whatever the bytes hold, the answer is that they do not load
        return sentence(
            "Keadaan berkas tidak dapat dimuat (%(why)s).", why=getattr(broken, "why", type(broken).__name__)
        )
    if {task.engine_id for task in standing.waiting} != tasks:
        return sentence("Tugas yang terbuka tidak sama dengan keadaan berkas.")
    if {event.engine_id for event in standing.events} != waits:
        return sentence("Yang ditunggu berkas ini tidak sama dengan keadaannya.")
    return None


def _ended(session: Session) -> Iterator[Damage]:
    """Runs that are over although something of them is not."""
    over = select(Run.id).where(Run.state.not_in(LIVE))
    open_tasks = over.where(exists().where(Task.run_id == Run.id, Task.state.in_(UNFINISHED)))
    waits = over.where(exists().where(Waiting.run_id == Run.id))
    for run_id in session.scalars(open_tasks.order_by(Run.id)):
        yield Damage(sentence("Berkas sudah berakhir, tetapi masih ada tugasnya yang terbuka."), run_id)
    for run_id in session.scalars(waits.order_by(Run.id)):
        yield Damage(sentence("Berkas sudah berakhir, tetapi masih menunggu sesuatu."), run_id)


def _misplaced(session: Session) -> Iterator[Damage]:
    """Runs of which it is stored otherwise than they are where they stand, and from when on they are stuck."""
    last = 0
    while part := session.scalars(
        select(Run.id).where(Run.id > last, Run.state.in_(LIVE)).order_by(Run.id).limit(PART)
    ).all():
        last = part[-1]
        stored, causes = _stored(session, part)
        for facts in stuck.read(session, part):
            right = stored.get(facts.run_id) == stuck.position(facts)
            if not right or causes.get(facts.run_id, {}) != stuck.moments(facts):
                yield Damage(sentence("Papan tidak menunjukkan keadaan berkas yang sebenarnya."), facts.run_id)
    for table in (Position, Cause):
        over = select(table.run_id).join(Run, Run.id == table.run_id).where(Run.state.not_in(LIVE)).distinct()
        for run_id in session.scalars(over.order_by(table.run_id)):
            yield Damage(sentence("Berkas sudah berakhir, tetapi masih tercatat di papan."), run_id)


def _stored(
    session: Session, run_ids: Sequence[int]
) -> tuple[dict[int, dict[str, object]], dict[int, dict[str, datetime]]]:
    """The stored positions and causes of some runs, by run."""
    positions = {
        row["run_id"]: dict(row)
        for row in session.execute(select(*Position.__table__.c).where(Position.run_id.in_(run_ids))).mappings()
    }
    causes: dict[int, dict[str, datetime]] = {}
    for run_id, cause, at in session.execute(
        select(Cause.run_id, Cause.cause, Cause.at).where(Cause.run_id.in_(run_ids))
    ):
        causes.setdefault(run_id, {})[cause] = at
    return positions, causes


def _tallies(session: Session) -> Iterator[Damage]:
    """Months of SOPs of which statistics tell something else than the tasks and runs do."""
    titles = {row.id: row.title for row in session.execute(select(Definition.id, Definition.title))}
    for office_id in session.scalars(select(Office.id).order_by(Office.id)).all():
        for definition_id, month in tallies.differing(session, office_id):
            facts = {"sop": titles[definition_id], "month": f"{month:%Y-%m}"}
            yield Damage(sentence("Statistik SOP “%(sop)s” bulan %(month)s tidak sama dengan berkasnya.", **facts))


def _histories(session: Session) -> Iterator[Damage]:
    """Runs whose history was changed past Lajur."""
    for broken in sealing.broken(session):
        yield Damage(said(broken), broken.run_id)


def history(session: Session, run_id: int) -> tuple[sealing.Head, Damage | None]:
    """The head of a run's history, and what is wrong with it. NotFound without such a run."""
    if session.scalar(select(Run.id).where(Run.id == run_id)) is None:
        raise errors.NotFound
    broken = sealing.of_run(session, run_id)
    return sealing.head(session, run_id), Damage(said(broken), run_id) if broken else None


def said(broken: sealing.Broken) -> Sentence:
    """What is wrong with a history."""
    if broken.number is not None:
        return sentence(
            "Riwayat berkas ini diubah di luar Lajur: entri ke-%(number)d (baris %(row)d tabel history) diubah,"
            " disisipkan, atau didahului entri yang hilang.",
            number=broken.number,
            row=broken.row,
        )
    if broken.told is None:
        return sentence("Sidik riwayat berkas ini hilang; %(found)d entrinya masih ada.", found=broken.found)
    if broken.found < broken.told:
        facts = {"told": broken.told, "found": broken.found}
        return sentence("Entri terakhir riwayat berkas ini hilang: tinggal %(found)d dari %(told)d entri.", **facts)
    return sentence("Sidik riwayat berkas ini bukan yang ditulis Lajur.")


def _files(session: Session, store: Store, full: bool) -> Iterator[Damage]:
    columns = select(Document.id, Document.run_id, Document.filename, Document.sha256, Document.size)
    last = 0
    while part := session.execute(columns.where(Document.id > last).order_by(Document.id).limit(PART)).all():
        for document_id, run_id, filename, sha256, size in part:
            if not store.has(sha256):
                what = sentence("Isi dokumen “%(name)s” tidak ada.", name=filename)
                yield Damage(what, run_id, document_id)
            elif store.path(sha256).stat().st_size != size or (full and not store.verify(sha256)):
                what = sentence("Isi dokumen “%(name)s” berubah sejak dilampirkan.", name=filename)
                yield Damage(what, run_id, document_id)
        last = part[-1].id
