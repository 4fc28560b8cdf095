"""`lajur demo`: the five first offices with people and runs, served on this machine only."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import platformdirs

from bpmn.wording import Sentence, sentence
from engine import upgrading, worker
from engine.database import Database
from engine.queries import people
from engine.states import Right
from web import create_app, demo_offices, places, serving
from web.config import DemoPerson, Settings
from web.serving import CannotServe

LOOPBACK = "127.0.0.1"
"""The only address a demo answers at: its passwords are known to everybody."""

HOSTS = ["localhost", LOOPBACK]
"""The names a browser may ask for it by; any other is a foreign site that points here."""

DATABASE, SECRET = "lajur.sqlite3", serving.SECRET

THREADS = 8


def default_folder() -> Path:
    """Where a demo keeps its data unless told otherwise."""
    return platformdirs.user_data_path("lajur", appauthor=False) / "demo"


def serve(port: int, folder: Path, fresh: bool, tell: Callable[[Sentence], None]) -> None:
    """Fill the folder's database the first time, tell what there is, and serve until interrupted."""
    with serving.listening(LOOPBACK, port) as listening:
        database = _prepare(folder, fresh, tell)
        visitors = _visitors(database)
        settings = Settings(
            secret_key=serving.secret(folder),
            documents=folder / places.DOCUMENTS,
            database_url=database.url.render_as_string(),
            secure_cookies=False,
            demo=True,
            demo_people=visitors,
            demo_password=demo_offices.PASSWORD,
        )
        app = create_app(database, settings)
        app.config["TRUSTED_HOSTS"] = HOSTS
        _announce(listening.getsockname()[1], folder, visitors, tell)
        with serving.working(database, worker.jobs()):
            serving.answer(app, listening, THREADS, lambda: None)
        database.dispose()


def _prepare(folder: Path, fresh: bool, tell: Callable[[Sentence], None]) -> Database:
    """The demo's database, filled unless it was before."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if fresh:
            for file in (*folder.glob(f"{DATABASE}*"), folder / SECRET):
                file.unlink(missing_ok=True)
            shutil.rmtree(folder / places.DOCUMENTS, ignore_errors=True)
    except OSError as denied:
        raise CannotServe(
            sentence("Folder data %(folder)s tidak dapat ditulisi; pilih folder lain dengan --data.", folder=folder)
        ) from denied
    database = Database(f"sqlite:///{folder / DATABASE}")
    upgrading.upgrade(database)
    now = datetime.now(UTC)
    with database.transaction() as session:
        if not people.everybody(session, now):
            tell(sentence("Menyiapkan data demo: lima kantor dan sebelas SOP. Mohon tunggu sebentar."))
            demo_offices.fill(session, now)
    return database


def _visitors(database: Database) -> tuple[DemoPerson, ...]:
    with database.reading() as session:
        return tuple(
            DemoPerson(row.username, row.who.name, _roles(row), row.who.office)
            for row in people.everybody(session, datetime.now(UTC))
        )


def _roles(row: people.PersonRow) -> str:
    held = [held.name for held in row.who.held.values()]
    return ", ".join([*held, *(["Analis SOP"] if Right.ANALYST in row.who.rights else [])])


def _announce(port: int, folder: Path, visitors: tuple[DemoPerson, ...], tell: Callable[[Sentence], None]) -> None:
    tell(sentence("Ini demo: hanya dapat dibuka dari komputer ini, dan kata sandinya diketahui semua orang."))
    tell(sentence("Data disimpan di %(folder)s (mulai dari awal dengan --fresh).", folder=folder.resolve()))
    tell(sentence("Masuk dengan salah satu nama berikut, kata sandi “%(password)s”:", password=demo_offices.PASSWORD))
    width = max(len(person.username) for person in visitors)
    for office, staff in groupby(visitors, key=lambda person: person.office):
        tell(Sentence("%(office)s", {"office": office}))
        for person in staff:
            tell(Sentence("  %(who)s  %(roles)s", {"who": person.username.ljust(width), "roles": person.roles}))
    tell(sentence("Buka http://%(address)s — hentikan dengan Ctrl+C.", address=f"{LOOPBACK}:{port}"))
