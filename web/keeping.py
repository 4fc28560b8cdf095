"""`lajur backup`, `lajur restore`, `lajur check`: looking after an installation's data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bpmn.wording import Sentence, sentence
from engine import backup as backups
from engine import checking, reaching, upgrading
from engine.database import Database
from web.places import Place

Tell = Callable[[Sentence], None]


def backup(place: Place, target: Path, tell: Tell) -> bool:
    """Copy all data into a new file; whether nothing was missing. Raises `Refusal`s."""
    with opened(place) as database:
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


@contextmanager
def opened(place: Place) -> Iterator[Database]:
    """The database that is there, in this release's form; what fails in it is a refusal."""
    place.require()
    database = place.database()
    try:
        with reaching.failures(database):
            reaching.require(database)
            upgrading.reach(database)
            yield database
    finally:
        database.dispose()
