"""`lajur backup`, `lajur restore`, `lajur check`: looking after an installation's data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bpmn.wording import Sentence, sentence
from engine import backup as backups
from engine import checking, reaching, renewing, upgrading
from engine.database import Database
from web.places import Place

Tell = Callable[[Sentence], None]


def backup(place: Place, target: Path, tell: Tell) -> bool:
    """Copy all data into a new file; whether nothing was missing. Raises `Refusal`s."""
    with opened(place, older=True) as database:
        missing = backups.backup(database, place.store(), target)
    tell(sentence("Cadangan ditulis ke %(file)s.", file=target))
    if missing:
        tell(
            sentence(
                "%(count)d dokumen tidak ikut karena isinya hilang atau rusak; lihat lajur check.", count=len(missing)
            )
        )
    return not missing


def restore(place: Place, source: Path, tell: Tell) -> None:
    """Fill an empty installation from a backup. Raises `Refusal`s."""
    database = place.database()
    try:
        with reaching.failures(database):
            backups.restore(source, database, place.store())
            with database.reading() as session:
                counted = checking.counted(session)
    finally:
        database.dispose()
    tell(
        sentence(
            "%(runs)d berkas dan %(documents)d dokumen dipulihkan dari %(file)s.",
            runs=counted.runs,
            documents=counted.documents,
            file=source,
        )
    )


def check(place: Place, full: bool, tell: Tell) -> bool:
    """Tell all damage there is, a line for each, and how much was looked at; whether there was none."""
    found = 0
    with opened(place) as database, database.reading() as session:
        counted = checking.counted(session)
        for damage in checking.check(session):
            found += 1
            tell(_line(damage))
        for damage in checking.check_documents(session, place.store(), datetime.now(UTC), full=full):
            found += 1
            tell(_line(damage))
    facts = {"runs": counted.runs, "documents": counted.documents, "found": found}
    if found:
        tell(sentence("%(runs)d berkas dan %(documents)d dokumen diperiksa, %(found)d kerusakan ditemukan.", **facts))
    else:
        tell(sentence("%(runs)d berkas dan %(documents)d dokumen diperiksa, tidak ada kerusakan.", **facts))
    return not found


def check_run(place: Place, run_id: int, tell: Tell) -> bool:
    """Tell the seal of a run's history, to be held against a printed sheet, and whether it is whole."""
    with opened(place) as database, database.reading() as session:
        head, damage = checking.history(session, run_id)
    facts = {"run": run_id, "seal": head.short or "-", "number": head.number}
    tell(sentence("Sidik riwayat berkas %(run)d: %(seal)s (%(number)d entri).", **facts))
    tell(_line(damage) if damage else sentence("Riwayat berkas %(run)d utuh.", run=run_id))
    return damage is None


def _line(damage: checking.Damage) -> Sentence:
    if damage.document_id is not None:
        facts = {"document": damage.document_id, "run": damage.run_id, "what": damage.what}
        return sentence("Dokumen %(document)d pada berkas %(run)d: %(what)s", **facts)
    if damage.run_id is not None:
        return sentence("Berkas %(run)d: %(what)s", run=damage.run_id, what=damage.what)
    return damage.what


def upgrade(place: Place, tell: Tell) -> bool:
    """Bring the data to this release, after a backup into the data folder; whether all is whole. Raises `Refusal`s."""
    place.require()
    database = place.database()
    try:
        reaching.require(database)
        renew(place, database, tell)
        return not _told(database, tell)
    finally:
        database.dispose()


def renew(place: Place, database: Database, tell: Tell) -> None:
    """Bring the tables to this release's form, and tell what was done, if anything was. Raises `Refusal`s."""
    done = renewing.renew(database, place.store(), place.folder / renewing.BACKUPS, datetime.now(UTC))
    if done.backup is None:
        return
    tell(sentence("Cadangan ditulis ke %(file)s.", file=done.backup))
    if done.missing:
        tell(
            sentence(
                "%(count)d dokumen tidak ikut karena isinya hilang atau rusak; lihat lajur check.", count=done.missing
            )
        )
    tell(sentence("Basis data telah dimutakhirkan ke rilis ini."))


def _told(database: Database, tell: Tell) -> int:
    """Tell the damage that there is in the database; how much."""
    found = 0
    with reaching.failures(database):
        for line in renewing.damage(database):
            found += 1
            tell(line)
    if not found:
        tell(sentence("Basis data sesuai dengan rilis ini, dan tidak ada kerusakan."))
    return found


@contextmanager
def opened(place: Place, *, older: bool = False) -> Iterator[Database]:
    """The database that is there, in this release's form or, if `older`, an older one's; what fails is a refusal."""
    place.require()
    database = place.database()
    try:
        with reaching.failures(database):
            reaching.require(database)
            if not older or upgrading.form(database) is not upgrading.Form.OLDER:
                upgrading.require(database)
            yield database
    finally:
        database.dispose()
