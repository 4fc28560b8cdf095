"""`lajur demo`: the five first offices with people and runs, served on this machine only."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import platformdirs
import waitress

from bpmn.errors import Refusal
from bpmn.wording import Sentence, sentence
from engine.database import Database
from engine.queries import people
from engine.states import Right
from web import create_app, demo_offices
from web.config import DemoPerson, Settings

LOOPBACK = "127.0.0.1"
"""The only address a demo answers at: its passwords are known to everybody."""

HOSTS = ["localhost", LOOPBACK]
"""The names a browser may ask for it by; any other is a foreign site that points here."""

DATABASE, SECRET = "lajur.sqlite3", "secret"

THREADS = 8


class CannotServe(Refusal):
    """The port is taken, or the folder cannot hold the data."""


def default_folder() -> Path:
    """Where a demo keeps its data unless told otherwise."""
    return platformdirs.user_data_path("lajur", appauthor=False) / "demo"


def serve(port: int, folder: Path, fresh: bool, tell: Callable[[Sentence], None]) -> None:
    """Fill the folder's database the first time, tell what there is, and serve until interrupted."""
    with _listen(port) as listening:
        database = _prepare(folder, fresh, tell)
        visitors = _visitors(database)
        settings = Settings(
            secret_key=_secret(folder),
            database_url=database.url.render_as_string(),
            secure_cookies=False,
            demo=True,
            demo_people=visitors,
            demo_password=demo_offices.PASSWORD,
        )
        app = create_app(database, settings)
        app.config["TRUSTED_HOSTS"] = HOSTS
        _announce(listening.getsockname()[1], folder, visitors, tell)
        waitress.serve(app, sockets=[listening], threads=THREADS, _quiet=True)


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
        listening.listen()  # who comes before the server is ready waits, instead of being refused
    except OSError as taken:
        listening.close()
        raise CannotServe(
            sentence("Porta %(port)d sedang dipakai program lain; pilih porta lain dengan --port.", port=port)
        ) from taken
    return listening


def _prepare(folder: Path, fresh: bool, tell: Callable[[Sentence], None]) -> Database:
    """The demo's database, filled unless it was before."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if fresh:
            for file in (*folder.glob(f"{DATABASE}*"), folder / SECRET):
                file.unlink(missing_ok=True)
    except OSError as denied:
        raise CannotServe(
            sentence("Folder data %(folder)s tidak dapat ditulisi; pilih folder lain dengan --data.", folder=folder)
        ) from denied
    database = Database(f"sqlite:///{folder / DATABASE}")
    database.upgrade()
    now = datetime.now(UTC)
    with database.transaction() as session:
        if not people.everybody(session, now):
            tell(sentence("Menyiapkan data demo: lima kantor dan sebelas SOP. Mohon tunggu sebentar."))
            demo_offices.fill(session, now)
    return database


def _secret(folder: Path) -> str:
    """The key that signs the session cookies, kept so that a restart logs nobody out."""
    file = folder / SECRET
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32))
    return file.read_text()


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
