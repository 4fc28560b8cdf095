"""`lajur demo`: offices with people and runs, served on this machine only, and started over by whoever wants to."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import platformdirs
from flask import Blueprint, Flask, current_app, flash, redirect, render_template, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from bpmn.wording import Sentence, sentence
from engine import errors, upgrading, worker
from engine.database import Database, Session
from engine.queries import inbox, people
from engine.queries.people import PersonRow
from engine.states import Right
from web import auth, create_app, demo_offices, language, logs, places, serving
from web.config import DemoPerson, Settings
from web.language import gettext as _
from web.serving import CannotServe

LOOPBACK = "127.0.0.1"
"""The only address a demo answers at: its passwords are known to everybody."""

HOSTS = ("localhost", LOOPBACK)
"""The names a browser may ask for it by; any other is a foreign site that points here."""

DATABASE, SECRET = "lajur.sqlite3", serving.SECRET

THREADS = 8

EXTENSION = "lajur_demo"

ADMINISTRATION = "/kelola"
"""Where administrators begin."""

blueprint = Blueprint(auth.DEMO, __name__)


class Restarting(errors.Conflict):
    """Somebody else has just asked for the same."""

    def __init__(self) -> None:
        super().__init__(sentence("Demo sedang dimulai lagi dari awal. Tunggu sebentar, lalu muat ulang halaman ini."))


@dataclass(frozen=True, slots=True)
class Role:
    """In whose shoes a visitor may see Lajur (`staff`, `analyst`, `manager`, `administrator`), and where to begin."""

    kind: str
    person: DemoPerson
    page: str


@dataclass
class Demo:
    """A demo that is running: its application, its database, and the folder of both."""

    app: Flask
    database: Database
    folder: Path
    lock: Lock = field(default_factory=Lock)
    ours: bool = False
    """Whether what is in the database was made by a demo, and not by `lajur simulate`: only that may be thrown away."""

    def restart(self) -> None:
        """Fill the database anew and log everybody out, while others go on. Raises Restarting, NotFound."""
        if not self.ours:
            raise errors.NotFound
        if not self.lock.acquire(blocking=False):
            raise Restarting
        try:
            _fill(self.database, self.folder, self.log_everybody_out)
            self.show()
        finally:
            self.lock.release()

    def log_everybody_out(self) -> None:
        """Sign cookies with another key from now on."""
        (self.folder / SECRET).unlink(missing_ok=True)
        self.app.secret_key = serving.secret(self.folder)

    def show(self) -> None:
        """Let the pages offer the people whom there are, and to start over what a demo has made itself."""
        with self.database.reading() as session:
            found = roles(session, datetime.now(UTC), administration=_has(self.app, ADMINISTRATION))
            self.ours = any(row.username == demo_offices.LAST for row in people.everybody(session, datetime.now(UTC)))
        self.app.jinja_env.globals.update(demo_roles=found, demo_restarts=self.ours)


def install(app: Flask, database: Database, folder: Path) -> None:
    """Put a demo's own pages into its application, and offer its people on each page."""
    running = app.extensions[EXTENSION] = Demo(app, database, folder)
    app.register_blueprint(blueprint)
    running.show()


@blueprint.get("/demo")
def question() -> str:
    """Whether the demo is really to be started over."""
    return render_template("demo.html")


@blueprint.post("/demo")
def restart() -> Response:
    """Start the demo over, and show its first page."""
    running: Demo = current_app.extensions[EXTENSION]
    running.restart()
    chosen = cookie.get(language.COOKIE)
    cookie.clear()
    if chosen is not None:
        cookie[language.COOKIE] = chosen
    flash(_("Demo telah dimulai dari awal. Semua data sudah seperti semula."), "success")
    return redirect(url_for("auth.form"))


def roles(session: Session, now: datetime, *, administration: bool) -> tuple[Role, ...]:
    """The people in whose shoes there is most to see: all of the office with most live runs, where it has them."""
    everybody = people.everybody(session, now)
    busiest = max(everybody, key=lambda row: _tasks(session, row), default=None)
    if busiest is None:
        return ()
    office = [row for row in everybody if row.who.office_id == busiest.who.office_id]
    manager = _with(Right.MANAGER, office) or _with(Right.MANAGER, everybody)
    analyst = _with(Right.ANALYST, [row for row in office if row is not manager]) or _with(Right.ANALYST, everybody)
    administrator = _with(Right.ADMINISTRATOR, office) if administration else None
    offered = (
        ("staff", busiest, "/tugas/jabatan"),
        ("analyst", analyst, "/sop"),
        ("manager", manager, "/papan"),
        ("administrator", administrator, ADMINISTRATION),
    )
    return tuple(Role(kind, _person(row), page) for kind, row, page in offered if row is not None)


def _tasks(session: Session, row: PersonRow) -> int:
    """How many tasks wait for somebody who has no right beside the jabatan held; -1 for others."""
    if row.who.rights:
        return -1
    counts = inbox.counts(session, row.who)
    return counts.jabatan + counts.mine


def _with(right: Right, rows: list[PersonRow] | tuple[PersonRow, ...]) -> PersonRow | None:
    """The one with a right, rather one who has fewer others."""
    found = [row for row in rows if right in row.who.rights]
    return min(found, key=lambda row: len(row.who.rights), default=None)


def _has(app: Flask, path: str) -> bool:
    return any(rule.rule.rstrip("/") == path for rule in app.url_map.iter_rules())


def default_folder() -> Path:
    """Where a demo keeps its data unless told otherwise."""
    return platformdirs.user_data_path("lajur", appauthor=False) / "demo"


def serve(port: int, folder: Path, fresh: bool, tell: Callable[[Sentence], None]) -> None:
    """Fill the folder's database the first time, tell what there is, and serve until interrupted."""
    logs.configure({logs.VARIABLE: "text"} | os.environ, level=logging.WARNING)
    with serving.listening(LOOPBACK, port) as listening:
        database = _prepare(folder, fresh, tell)
        visitors = _visitors(database)
        settings = Settings(
            secret_key=serving.secret(folder),
            documents=folder / places.DOCUMENTS,
            database_url=database.url.render_as_string(),
            secure_cookies=False,
            hosts=HOSTS,
            demo=True,
            demo_people=visitors,
            demo_password=demo_offices.PASSWORD,
        )
        app = create_app(database, settings)
        install(app, database, folder)
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
    with database.reading() as session:
        filled = bool(people.everybody(session, datetime.now(UTC)))
    if not filled:
        tell(sentence("Menyiapkan data demo: enam kantor dengan SOP-nya. Mohon tunggu sebentar."))
        _fill(database, folder, lambda: None)
    return database


def _fill(database: Database, folder: Path, before: Callable[[], None]) -> None:
    """Fill the database: elsewhere first, which takes some seconds, and then in one moment, `before` just before it."""
    with TemporaryDirectory(prefix="baru-", dir=folder) as elsewhere:
        file = Path(elsewhere, DATABASE)
        fresh = Database(f"sqlite:///{file}")
        try:
            upgrading.upgrade(fresh)
            demo_offices.fill(fresh, datetime.now(UTC))
        finally:
            fresh.dispose()
        before()
        database.replace(file)


def _visitors(database: Database) -> tuple[DemoPerson, ...]:
    with database.reading() as session:
        return tuple(_person(row) for row in people.everybody(session, datetime.now(UTC)))


def _person(row: PersonRow) -> DemoPerson:
    return DemoPerson(row.username, row.who.name, _roles(row), row.who.office)


def _roles(row: PersonRow) -> str:
    held = [held.name for held in row.who.held.values()]
    rights = [
        name
        for right, name in (
            (Right.ANALYST, "Analis SOP"),
            (Right.MANAGER, "Manajer"),
            (Right.ADMINISTRATOR, "Administrator"),
        )
        if right in row.who.rights
    ]
    return ", ".join([*held, *rights])


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
