"""`lajur events`: the event log of an office as a file, by whoever runs the installation, in the name of a manager."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from bpmn.errors import Refusal
from bpmn.wording import sentence
from engine import offices, reaching
from engine.database import Database
from engine.queries import event_log
from engine.queries.event_log import CSV, XES, Wanted
from web.keeping import Tell, opened
from web.places import Place


class NotWritten(Refusal):
    """A file that is there already, or that cannot be written."""


def events(place: Place, target: Path, username: str, wanted: Wanted, tell: Tell) -> None:
    """Write the log of a manager's office into a new file: as CSV where its name ends so, else as XES.

    Raises NotWritten, with nothing left of the file, and what `event_log.require` raises.
    """
    if target.exists():
        raise NotWritten(sentence("%(file)s sudah ada; pilih nama lain.", file=target))
    with opened(place) as database, reaching.failures(database):
        try:
            _write(database, target, username, wanted)
        except OSError as failed:
            why = failed.strerror or failed
            raise NotWritten(sentence("%(file)s tidak dapat ditulis: %(why)s.", file=target, why=why)) from failed
    tell(sentence("Log kejadian ditulis ke %(file)s.", file=target))


def _write(database: Database, target: Path, username: str, wanted: Wanted) -> None:
    kind = CSV if target.suffix.lower() == f".{CSV}" else XES
    with database.reading() as session:
        who = offices.actor(session, offices.called(session, username), datetime.now(UTC))
        event_log.require(session, who, wanted)
    # Readable by its owner only until it is whole, and with a name by which nobody takes it for the log.
    with NamedTemporaryFile("w", dir=target.parent, prefix=".", encoding="utf-8", newline="", delete=False) as file:
        unfinished = Path(file.name)
        try:
            file.writelines(event_log.pieces(database.reading, who, wanted, kind))
            file.close()
            unfinished.replace(target)
        finally:
            with suppress(FileNotFoundError):
                unfinished.unlink()
