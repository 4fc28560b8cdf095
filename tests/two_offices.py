"""Two offices with something of everything in each, and browsers of their people: for walks over all routes.

Everything that the other office wrote bears its name, so that any of it is known wherever it shows.
"""

from __future__ import annotations

import io
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Select, event, select
from sqlalchemy import Table as Core
from sqlalchemy.dialects import sqlite
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from engine import absences, batches, definitions, documents, log_ins, migrating, notices, offices, runs, tasks, tokens
from engine.database import Database, Session
from engine.offices import Actor
from engine.queries import lists
from engine.states import NoticeKind, Right, Verb
from engine.store import Store
from engine.tables import Source, Table
from tests.conftest import NOW
from tests.engine.media_files import PDF
from tests.web.conftest import LETTER, PASSWORD, logged_in, make_app
from web import auth
from web.config import Settings

OWN, OTHER = "Sukamaju", "Zubrowka"
"""By these names everything of the two offices is known."""

NOBODY = "nobody"

ROLES: Mapping[str, tuple[str, frozenset[Right]]] = {
    "staff": ("Pengadministrasi Umum", frozenset()),
    "without the jabatan": ("Arsiparis", frozenset()),
    "analyst": ("", frozenset({Right.ANALYST})),
    "manager": ("", frozenset({Right.MANAGER})),
    "administrator": ("", frozenset({Right.ADMINISTRATOR})),
}
"""What each person who walks holds, and may."""

TABLE_OF = {
    "sop": "definitions",
    "move": "migrations",
    "person": "people",
    "jabatan": "jabatan",
    "batch": "batches",
    "alias": "jabatan_aliases",
}
"""The table of `<id:..._id>` in an address, where it is not that name with an s."""

FIXED = {"number": "1", "name": "not-found", "rest": "x", "filename": "app.js", "secret": "x" * 20}
"""What stands in an address for what is no row of a table."""

MISSING = 1_999_999_999
"""An id that nothing has."""

KEPT_BY_EACH_REQUEST = frozenset({"log_ins", "throttles"})
"""Tables that note who was here when: they may change where nothing is done."""

NOTED = {"used_at"}
"""And columns."""


@dataclass(frozen=True)
class Known:
    """An office: its people by role, tokens by role, and an id for each kind of thing."""

    name: str
    id: int
    people: Mapping[str, int]
    secrets: Mapping[str, str]
    ids: Mapping[str, int]


@dataclass
class World:
    """Two offices in one SQLite file, which is put back to what it was after whatever was done in it."""

    app: Flask
    database: Database
    own: Known
    other: Known
    cookies: Mapping[tuple[str, str], str]
    csrf: Mapping[tuple[str, str], str]
    pristine: sqlite3.Connection
    observer: sqlite3.Connection
    version: int = 0
    before: Mapping[str, str] = field(default_factory=dict)
    theirs: str = ""
    crossed: bool = False
    """Whether anything of the other office was ever found changed."""

    def ask(self, method: str, path: str, role: str, office: str = OWN, **more: Any) -> TestResponse:
        """A request of somebody in that role, with the token that forms need; given headers come before those."""
        headers = {"Accept": "text/html", **more.pop("headers", {})}
        if role != NOBODY:
            headers.setdefault("Cookie", self.cookies[office, role])
            if method != "GET":
                headers.setdefault("X-CSRFToken", self.csrf[office, role])
        return self.app.test_client(use_cookies=False).open(path, method=method, headers=headers, buffered=True, **more)

    def changed(self) -> set[str]:
        """The tables that hold something else than at first; the database is then put back."""
        (version,) = self.observer.execute("PRAGMA data_version").fetchone()
        if version == self.version:
            return set()
        now = digests(self.observer)
        self.crossed |= self.of_other() != self.theirs
        found = {name for name in now if now[name] != self.before.get(name)}
        self.restore()
        return found - KEPT_BY_EACH_REQUEST

    def of_other(self) -> str:
        """A hash of all rows of the other office."""
        rows = [self.observer.execute(query).fetchall() for query in _queries(self.other.id)]
        return sha256(repr(rows).encode()).hexdigest()

    def restore(self) -> None:
        """Put back what was there at first."""
        self.database.dispose()
        with closing(sqlite3.connect(str(self.database.url.database))) as target:
            self.pristine.backup(target)
        (self.version,) = self.observer.execute("PRAGMA data_version").fetchone()


def digests(connection: sqlite3.Connection) -> dict[str, str]:
    """A hash of each table's rows."""
    found = {}
    for table in Table.metadata.sorted_tables:
        columns = ", ".join(f'"{column.name}"' for column in table.c if column.name not in NOTED)
        rows = connection.execute(f'SELECT {columns} FROM "{table.name}"').fetchall()  # noqa: S608
        found[table.name] = sha256(repr(rows).encode()).hexdigest()
    return found


@contextmanager
def world_in(folder: Path, empty: Path, assets: Path, translations: Path) -> Iterator[World]:
    """The two offices in a folder, from an empty database."""
    shutil.copy(empty, folder / "lajur.sqlite3")
    database = Database(f"sqlite:///{folder / 'lajur.sqlite3'}")
    event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    settings = Settings(
        documents=folder / "documents",
        secret_key="only for tests",
        database_url="",
        secure_cookies=False,
        clock=lambda: NOW,
        assets=assets,
        translations=translations,
    )
    with furnished(make_app(database, settings), database, Store(folder / "documents"), NOW) as made:
        yield made
    database.dispose()


@contextmanager
def furnished(app: Flask, database: Database, store: Store, now: datetime) -> Iterator[World]:
    """The two offices, with everybody logged in."""
    known = {name: _office(database, store, name, now) for name in (OWN, OTHER)}
    cookies, csrf = {}, {}
    for name in known:
        for role in ROLES:
            browser = logged_in(app, username(role, name))
            csrf[name, role] = browser.token()
            cookie = browser.client.get_cookie(app.config["SESSION_COOKIE_NAME"])
            assert cookie is not None
            cookies[name, role] = f"{cookie.key}={cookie.value}"
    path = str(database.url.database)
    database.dispose()
    pristine = sqlite3.connect(":memory:")
    with closing(sqlite3.connect(path)) as source:
        source.backup(pristine)
    with closing(pristine), closing(sqlite3.connect(path)) as observer:
        world = World(app, database, known[OWN], known[OTHER], cookies, csrf, pristine, observer)
        world.before = digests(observer)
        world.theirs = world.of_other()
        (world.version,) = observer.execute("PRAGMA data_version").fetchone()
        yield world


def username(role: str, office: str) -> str:
    return f"{role.split(maxsplit=1)[0]}.{office}".lower()


# -- an office --------------------------------------------------------------------------------------------------------


def _office(database: Database, store: Store, name: str, now: datetime) -> Known:
    with database.transaction() as session:
        office = offices.add_office(session, f"Kecamatan {name}")
        people = _people(session, office, name)
    with database.transaction() as session:
        _work(session, people, store, name, now)
    with database.transaction() as session:
        secrets = {role: _token(session, offices.actor(session, people[role], now), name, now) for role in ROLES}
    with database.reading() as session:
        ids = {table.name: _any(session, table, office) for table in Table.metadata.sorted_tables}
    return Known(name, office, people, secrets, {table: one for table, one in ids.items() if one is not None})


def _people(session: Session, office: int, name: str) -> dict[str, int]:
    people = {}
    more = {"secretary": ("Sekretaris Kecamatan", frozenset[Right]()), "head": ("Camat", frozenset[Right]())}
    for role, (held, rights) in {**ROLES, **more}.items():
        people[role] = offices.add_person(
            session, office, username(role, name), f"{role.title()} {name}", PASSWORD, rights
        )
        if held:
            _, jabatan = offices.add_jabatan(session, office, f"{held} {name}" if held == "Arsiparis" else held)
            offices.hold(session, people[role], jabatan, date(2026, 1, 1))
    offices.add_alias(session, office, f"Arsip {name}", jabatan)
    return people


def _work(session: Session, people: Mapping[str, int], store: Store, name: str, now: datetime) -> None:
    """SOP, runs, a document, an absence, an act on many, a move, notices: each by its use case."""
    staff, analyst, manager = (offices.actor(session, people[role], now) for role in ("staff", "analyst", "manager"))
    diagram = LETTER.replace(b"Kecamatan Sukamaju", f"Kecamatan {name}".encode())
    diagram = diagram.replace(b'name="Surat Pengantar"', f'name="Surat Pengantar {name}"'.encode())
    sop = definitions.add(session, analyst, diagram, now)
    definitions.publish(session, analyst, sop, f"Versi pertama {name}", now)
    first, second, third = (runs.start(session, staff, sop, f"Perihal {place} {name}", now) for place in range(3))
    work = {row.run_id: row.id for row in lists.of_jabatan(session, staff, now).rows}
    for run in (first, second):
        tasks.claim(session, staff, work[run], now)
    tasks.complete(session, staff, work[second], None, f"Catatan {name}", now)
    kept = documents.keep(store, f"surat {name}.pdf", io.BytesIO(PDF + name.encode()))
    documents.attach(session, staff, first, [kept], task_id=work[first], title="", now=now)
    runs.comment(session, staff, first, f"Komentar {name}", now)
    edited = diagram.replace(b"Memeriksa konsep surat", f"Meneliti konsep surat {name}".encode())
    definitions.save_draft(session, analyst, sop, edited, 0, now)
    definitions.publish(session, analyst, sop, f"Versi kedua {name}", now)
    migrating.move(session, analyst, sop, 2, [third], {}, f"Pindah {name}", now)
    definitions.save_draft(session, analyst, sop, diagram, 0, now)
    session.add(
        Source(
            definition_id=sop, filename=f"sop {name}.txt", content=f"SOP {name}".encode(), part=0, added_by=analyst.id,
            added_at=now,
        )
    )  # fmt: skip
    wish = batches.Wish(verb=Verb.SUSPEND, runs=(third,), note=f"Tunggu {name}")
    shown = {one.run_id: one.mark for one in batches.trial(session, manager, wish, now)}
    batches.run(session, manager, wish, shown, None, now)
    for role in ROLES:
        log_ins.begin(session, people[role], f"Peramban {name}", "127.0.0.1", now)
        notices.give(session, [people[role]], NoticeKind.NEW, first, work[first], {}, now)
        who = offices.actor(session, people[role], now)
        absences.note(session, who, who.id, date(2027, 3, 1), date(2027, 3, 2), None, f"Cuti {name}", now)


def _token(session: Session, who: Actor, name: str, now: datetime) -> str:
    """A token with all that the person may give."""
    scopes = [scope for scope in tokens.SCOPES if scope not in tokens.RIGHTS or who.may(tokens.RIGHTS[scope])]
    return tokens.create(session, who, f"Aplikasi {name}", scopes, now)[1]


# -- its ids ----------------------------------------------------------------------------------------------------------


def _any(session: Session, table: Core, office: int) -> int | None:
    """The first row of a table that belongs to an office; None of tables that have no ids, or no rows of it."""
    if "id" not in table.c:
        return None
    query = _of_office(select(table.c.id), table, office)
    return session.scalar(query.order_by(table.c.id).limit(1)) if query is not None else None


def _of_office(query: Select[Any], table: Core, office: int) -> Select[Any] | None:
    """The rows of a table that belong to an office, along keys that are never empty; None where none leads there."""
    if table.name == "offices":
        return query.where(table.c.id == office)
    if "office_id" in table.c:
        return query.where(table.c.office_id == office)
    for key in sorted(table.foreign_keys, key=lambda key: (key.parent.nullable, key.parent.name != "person_id")):
        parent = key.column.table
        if parent is not table:
            return _of_office(query.join(parent, key.column == key.parent), parent, office)
    return None


@cache
def _queries(office: int) -> tuple[str, ...]:
    """For each table what asks for its rows of an office."""
    found = []
    for table in Table.metadata.sorted_tables:
        columns = [column for column in table.c if column.name not in NOTED]
        query = _of_office(select(*columns), table, office) if table.name not in KEPT_BY_EACH_REQUEST else None
        if query is not None:
            found.append(str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})))
    return tuple(found)


def path(rule: Rule, known: Known, *, missing: bool = False) -> str:
    """The address of a rule for what an office has; or, of its ids, for one that nothing has."""
    values = {name: _value(rule, name, known, missing) for name in rule.arguments}
    built = rule.build(values, append_unknown=False)
    assert built is not None, f"{rule.rule} takes something else than {values}"
    return built[1]


def _value(rule: Rule, name: str, known: Known, missing: bool) -> Any:
    if name == "definition":  # as Camunda writes it: process, version, id
        return f"surat_pengantar:2:{MISSING if missing else known.ids['versions']}"
    if name in FIXED:
        return FIXED[name]
    stem = name.removesuffix("_id")
    table = TABLE_OF.get(stem, f"{stem}s")
    assert table in Table.metadata.tables, (
        f"{rule.rule}: nothing says what <{name}> is."
        " Name its table in tests.two_offices.TABLE_OF, or a value in FIXED."
    )
    assert table in known.ids, (
        f"{rule.rule}: the offices of tests.two_offices have no row in {table}. Make one in each, in _work()."
    )
    return MISSING if missing else known.ids[table]


def with_credentials(rule: Rule, world: World, role: str) -> dict[str, Any]:
    """What a request of an application carries beside what a browser does: a token of that role."""
    blueprint = rule.endpoint.rpartition(".")[0]
    if blueprint not in auth.WITH_CREDENTIALS or role == NOBODY:
        return {}
    return {"headers": {"Authorization": f"Bearer {world.own.secrets[role]}"}}


def rules(app: Flask) -> list[tuple[Rule, str]]:
    """Every route with every method that it takes; not the files that are the same for everybody."""
    found = [
        (rule, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    return sorted(found, key=lambda one: (one[0].rule, one[1]))
