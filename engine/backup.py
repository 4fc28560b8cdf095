"""Copies of a whole database in one file, whatever kind it is of: an SQLite database with the same tables.

So a backup of PostgreSQL can be restored into an embedded file and the other way round, and be looked at by itself.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Table, func, insert, inspect, select, text

from bpmn.errors import Refusal
from bpmn.wording import sentence
from engine import tables
from engine.database import Database

ROWS = 1000
"""Rows copied at a time."""


class BackupRefused(Refusal):
    """A backup that would overwrite something, or a file that is no backup of this release."""


def backup(database: Database, target: Path) -> None:
    """Copy the database as it is at one moment, while it is in use, into a new file. BackupRefused if it exists."""
    if target.exists():
        raise BackupRefused(sentence("%(file)s sudah ada; pilih nama lain untuk cadangan ini.", file=target))
    unfinished = target.with_name(f"{target.name}.part")
    unfinished.unlink(missing_ok=True)
    copy = Database(f"sqlite:///{unfinished}")
    try:
        copy.upgrade()
        with database.reading() as reading, copy.transaction() as writing:
            _copy(reading.connection(), writing.connection())
    finally:
        copy.dispose()  # the last connection to close puts everything into the one file
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(target)


def restore(source: Path, database: Database) -> None:
    """Fill an empty database from a backup; BackupRefused where it holds anything, or the file is no backup."""
    if not _is_sqlite(source):
        raise BackupRefused(sentence("%(file)s bukan cadangan Lajur.", file=source))
    database.upgrade()
    with TemporaryDirectory() as folder:  # the backup itself is not brought to this release, a copy of it is
        copied = shutil.copy(source, folder)
        copy = Database(f"sqlite:///{copied}")
        try:
            if "alembic_version" not in inspect(copy.engine).get_table_names():
                raise BackupRefused(sentence("%(file)s bukan cadangan Lajur.", file=source))
            copy.upgrade()
            _fill(database, copy)
        finally:
            copy.dispose()


def _fill(database: Database, copy: Database) -> None:
    with copy.reading() as reading, database.transaction() as writing:
        if writing.scalar(select(func.count()).select_from(tables.Office)):
            raise BackupRefused(
                sentence("Basis data tujuan sudah berisi; pulihkan cadangan ke basis data yang kosong.")
            )
        _copy(reading.connection(), writing.connection())


def _is_sqlite(file: Path) -> bool:
    if not file.is_file():
        return False
    with file.open("rb") as opened:
        return opened.read(16).startswith(b"SQLite format 3")


def _copy(reading: Connection, writing: Connection) -> None:
    for table in tables.Table.metadata.sorted_tables:
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
