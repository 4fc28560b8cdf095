"""Copies of all data in one file: a tar of an SQLite database with the same tables, and of the store's documents.

    lajur.sqlite3, documents/ab/abcdef..., selesai.json

So a backup of PostgreSQL can be restored into an embedded file and the other way round, and `tar -xf` alone makes a
data folder of it. `selesai.json` comes last: a backup without it was cut off. Backups of earlier releases are the
SQLite file alone.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from alembic.util import CommandError
from sqlalchemy import Connection, DateTime, MetaData, Table, func, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from bpmn.errors import Refusal
from bpmn.wording import sentence
from engine import reaching, tables, upgrading
from engine.database import Database, Session, revisions
from engine.store import Store, sync
from engine.tables import Document, Instant, Office

ROWS = 1000
"""Rows copied at a time."""

FORM = 1
"""Number of this form of backups."""

DATABASE, LAST = "lajur.sqlite3", "selesai.json"

_DOCUMENT = re.compile(r"documents/([0-9a-f]{2})/(\1[0-9a-f]{62})")


class BackupRefused(Refusal):
    """A backup that would overwrite something or cannot be written, or a file that is no whole backup of Lajur."""


def backup(database: Database, store: Store, target: Path) -> tuple[str, ...]:
    """Copy everything as it is at one moment, while it is in use, into a new file.

    Tables of an older release are copied in its form. The result is the hashes of the documents that are not in it,
    because the store had lost or damaged them before. BackupRefused if the file exists or cannot be written; nothing is
    then left of it.
    """
    if target.exists():
        raise BackupRefused(sentence("%(file)s sudah ada; pilih nama lain untuk cadangan ini.", file=target))
    try:
        with TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as folder:
            copied, unfinished = Path(folder, DATABASE), Path(folder, "tar")
            _copy_out(database, copied)
            missing = _pack(copied, store, unfinished)
            unfinished.replace(target)
        sync(target.parent)
    except (OSError, DBAPIError) as failed:
        raise BackupRefused(sentence("Cadangan tidak dapat dibuat: %(why)s.", why=_said(failed))) from failed
    return missing


def _copy_out(database: Database, copied: Path) -> None:
    """Copy the tables in the form that they have: an older release's stay so, and that release can read the copy."""
    copied.touch(mode=0o600)
    revision = database.revision() or revisions()[0]
    with _opened(copied) as copy:
        copy.upgrade(revision)
        known = tables.Table.metadata if revision == revisions()[0] else _reflected(copy)
        with database.reading() as reading, copy.transaction() as writing:
            _copy(reading.connection(), writing.connection(), known)


def _reflected(copy: Database) -> MetaData:
    """The tables of an older release, as its migrations make them; of its columns only moments need a type of ours."""
    known = MetaData()
    with copy.reading() as reading:
        known.reflect(reading.connection(), only=lambda name, _: name != "alembic_version")
    for table in known.sorted_tables:
        for column in table.columns:
            generic = column.type.as_generic()
            column.type = Instant() if isinstance(generic, DateTime) else generic
    return known


@contextmanager
def _opened(copied: Path) -> Iterator[Database]:
    copy = Database(f"sqlite:///{copied}")
    try:
        yield copy
    finally:
        copy.dispose()  # the last connection to close puts everything into the one file


def _pack(copied: Path, store: Store, target: Path) -> tuple[str, ...]:
    """Write the tar: the database first, then the documents that it names. They were all written before it."""
    missing, documents = [], 0
    digest = _sha256(copied)
    target.touch(mode=0o600)
    with target.open("wb") as file, _opened(copied) as copy:
        with tarfile.open(fileobj=file, mode="w") as archive:
            _add(archive, DATABASE, copied)
            for sha256 in _named(copy):
                if store.verify(sha256):
                    _add(archive, f"documents/{sha256[:2]}/{sha256}", store.path(sha256))
                    documents += 1
                else:
                    missing.append(sha256)
            last = {"form": FORM, "database": digest, "documents": documents, "missing": missing}
            _add_bytes(archive, LAST, json.dumps(last).encode())
        os.fsync(file.fileno())
    return tuple(missing)


def _named(copy: Database) -> Iterator[str]:
    """The hashes of all documents that a copied database names, also of those taken off their run's list."""
    hashes = select(Document.sha256).distinct().order_by(Document.sha256)
    with copy.reading() as reading:
        if not inspect(reading.connection()).has_table(Document.__tablename__):  # a release before there were any
            return
        yield from reading.scalars(hashes.execution_options(yield_per=ROWS))


def _add(archive: tarfile.TarFile, name: str, path: Path) -> None:
    with path.open("rb") as file:
        known = os.fstat(file.fileno())
        _add_file(archive, name, file, known.st_size, known.st_mtime)


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    _add_file(archive, name, io.BytesIO(content), len(content), 0)


def _add_file(archive: tarfile.TarFile, name: str, file: IO[bytes], size: int, mtime: float) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, int(mtime), 0o600
    archive.addfile(info, file)
    _forget(archive)


def _forget(archive: tarfile.TarFile) -> None:
    """Let go of the members so far: a tar of any number of documents needs no memory for them."""
    archive.members.clear()  # type: ignore[attr-defined] # from Python 3.13 on there is an option for it


def restore(source: Path, database: Database, store: Store) -> None:
    """Fill an empty database, and the store, from a backup.

    BackupRefused where the database holds anything, or the file is no backup or not whole. The database is then as it
    was; documents that are in the store by then are swept away some day. What else the store holds stays there.
    """
    _require_empty(database)
    with TemporaryDirectory() as folder, _refusing(source):
        copied = Path(folder, DATABASE)  # the backup itself is not brought to this release, a copy of it is
        missing = _take(source, copied) if _is_sqlite(source) else _unpack(source, copied, store)
        with _opened(copied) as copy:
            _require_whole(source, copy)
            if any(sha256 not in missing and not store.has(sha256) for sha256 in _named(copy)):
                raise _damaged(source)
            upgrading.reach(database)
            _fill(database, copy)


@contextmanager
def _refusing(source: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError) as broken:
        raise _damaged(source) from broken
    except CommandError as newer:
        raise BackupRefused(sentence("%(file)s dibuat oleh rilis Lajur yang lebih baru.", file=source)) from newer
    except (OSError, DBAPIError) as failed:
        raise BackupRefused(
            sentence("%(file)s tidak dapat dipulihkan: %(why)s.", file=source, why=_said(failed))
        ) from failed


def _damaged(source: Path) -> BackupRefused:
    return BackupRefused(sentence("Cadangan %(file)s rusak atau terpotong, sehingga tidak dipulihkan.", file=source))


def _foreign(source: Path) -> BackupRefused:
    return BackupRefused(sentence("%(file)s bukan cadangan Lajur.", file=source))


def _said(failed: OSError | DBAPIError) -> str:
    return reaching.said(failed) if isinstance(failed, DBAPIError) else failed.strerror or type(failed).__name__


def _require_empty(database: Database) -> None:
    with reaching.failures(database), database.reading() as reading:
        if inspect(reading.connection()).has_table(Office.__tablename__):
            _refuse_filled(reading)


def _refuse_filled(session: Session) -> None:
    if session.scalar(select(func.count()).select_from(Office)):
        raise BackupRefused(sentence("Basis data tujuan sudah berisi; pulihkan cadangan ke basis data yang kosong."))


def _is_sqlite(source: Path) -> bool:
    with source.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"


def _take(source: Path, copied: Path) -> frozenset[str]:
    """Copy a backup of an earlier release, which knew no documents."""
    log = source.with_name(f"{source.name}-wal")
    if log.exists() and log.stat().st_size:
        raise BackupRefused(
            sentence(
                "%(file)s adalah basis data yang sedang dipakai; buat dulu cadangannya dengan lajur backup.",
                file=source,
            )
        )
    shutil.copyfile(source, copied)
    return frozenset()


def _unpack(source: Path, copied: Path, store: Store) -> frozenset[str]:
    """Take the database and the documents out of a backup; the hashes of the documents that it says it lacks.

    Nothing goes where the file says: only names that a backup has are known, and each document goes by its hash.
    """
    if not tarfile.is_tarfile(source):
        raise _foreign(source)
    with tarfile.open(source, "r:") as archive:
        first = archive.next()
        if first is None or first.name != DATABASE:
            raise _foreign(source)
        with copied.open("wb") as writing:
            shutil.copyfileobj(_content(archive, first), writing)
        documents = 0
        while (member := _next(archive)).name != LAST:
            _take_document(archive, member, store)
            documents += 1
        last = json.loads(_content(archive, member).read())
    if last["form"] != FORM or last["documents"] != documents or last["database"] != _sha256(copied):
        raise _damaged(source)
    return frozenset(last["missing"])


def _take_document(archive: tarfile.TarFile, member: tarfile.TarInfo, store: Store) -> None:
    named = _DOCUMENT.fullmatch(member.name)
    if named is None or store.put(_content(archive, member), member.size).sha256 != named[2]:
        raise tarfile.ReadError("not a document under its hash")


def _next(archive: tarfile.TarFile) -> tarfile.TarInfo:
    _forget(archive)
    member = archive.next()
    if member is None:
        raise EOFError
    return member


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = archive.extractfile(member) if member.type == tarfile.REGTYPE else None
    if content is None:
        raise tarfile.ReadError("not a file")
    return content


def _require_whole(source: Path, copy: Database) -> None:
    """Raise unless a copied database is one of Lajur's without damage; bring it to this release's form."""
    with copy.reading() as reading:
        if "alembic_version" not in inspect(reading.connection()).get_table_names():
            raise _foreign(source)
        if reading.scalars(text("PRAGMA integrity_check")).all() != ["ok"]:
            raise _damaged(source)
    upgrading.upgrade(copy)


def _fill(database: Database, copy: Database) -> None:
    with copy.reading() as reading, database.transaction() as writing:
        _refuse_filled(writing)
        _copy(reading.connection(), writing.connection(), tables.Table.metadata)


def _copy(reading: Connection, writing: Connection, known: MetaData) -> None:
    for table in known.sorted_tables:
        rows = reading.execution_options(yield_per=ROWS).execute(select(table).order_by(*table.primary_key)).mappings()
        for part in rows.partitions(ROWS):
            writing.execute(insert(table), [dict(row) for row in part])
        _go_on_counting(writing, table)


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Let PostgreSQL's sequence of ids begin behind what was copied; SQLite counts by itself."""
    if connection.dialect.name != "postgresql" or "id" not in table.c:
        return
    sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table.name})
    highest = connection.scalar(select(func.max(table.c.id)))
    if sequence and highest:
        connection.execute(text("SELECT setval(CAST(:sequence AS regclass), :highest)"), locals())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
