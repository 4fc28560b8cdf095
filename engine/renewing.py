"""An installation brought to this release: a backup first, then its tables, then a look at whether all is whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bpmn.errors import Refusal
from bpmn.wording import Sentence, sentence
from engine import backup, checking, upgrading
from engine.backup import BackupRefused
from engine.database import Database
from engine.store import Store
from engine.upgrading import Form

BACKUPS = "backups"
"""The folder of these backups within the data folder."""


class NotUpgraded(Refusal):
    """The upgrade failed; its sentence says where the backup is and how to go back."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """Of which release the tables were, and the backup that was made before they were changed, if they were."""

    before: Form
    backup: Path | None = None
    missing: int = 0
    """How many documents are not in the backup, because the store had lost or damaged them before."""


def renew(database: Database, store: Store, backups: Path, now: datetime) -> Renewed:
    """Bring a database to this release, with a backup into a folder first where it is an older one's.

    Of several processes that ask at once one does it, and the others find it done. Raises CannotReach, BackupRefused
    (nothing was changed then), NotUpgraded.
    """
    with upgrading.refusing(database), upgrading.alone(database):
        before = upgrading.form(database)
        if before is not Form.OLDER:
            upgrading.upgrade_alone(database)  # makes what is missing, and refuses what is foreign
            return Renewed(before)
        target, missing = _back_up(database, store, backups, now)
        try:
            upgrading.upgrade_alone(database)
        except Exception as failed:
            raise NotUpgraded(_way_back(database, target)) from failed
        return Renewed(before, target, missing)


def damage(database: Database) -> Iterator[Sentence]:
    """What is not as it should be in a database, a sentence for each; documents are not looked at."""
    with database.reading() as session:
        for found in checking.check(session):
            facts = {"run": found.run_id, "what": found.what}
            yield found.what if found.run_id is None else sentence("Berkas %(run)d: %(what)s", **facts)


def _back_up(database: Database, store: Store, folder: Path, now: datetime) -> tuple[Path, int]:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as denied:
        raise BackupRefused(
            sentence("Cadangan tidak dapat dibuat: %(why)s.", why=denied.strerror or type(denied).__name__)
        ) from denied
    target = folder / f"lajur-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar"
    return target, len(backup.backup(database, store, target))


def _way_back(database: Database, target: Path) -> Sentence:
    facts = {"file": target, "url": database.url.render_as_string()}
    if database.url.get_backend_name() == "sqlite":
        return sentence(
            "Pemutakhiran gagal. Untuk kembali: pasang lagi rilis Lajur sebelumnya, pindahkan berkas basis data"
            " %(url)s ke tempat lain, lalu jalankan lajur restore %(file)s.",
            **facts,
        )
    return sentence(
        "Pemutakhiran gagal. Untuk kembali: pasang lagi rilis Lajur sebelumnya, buat basis data baru yang kosong"
        " sebagai pengganti %(url)s, lalu jalankan lajur restore %(file)s.",
        **facts,
    )
