"""An office with people, an SOP of three steps that is published, and browsers that are logged in.

The SOP: the Pengadministrasi drafts a letter, the Sekretaris approves it or sends it back, the Camat signs it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import TestResponse

from engine import definitions, offices
from engine.database import Database
from engine.states import Capacity, Right
from web import create_app
from web.config import HERE, Settings

PASSWORD = "kata sandi rahasia"
LETTER = (Path(__file__).parent / "surat.bpmn").read_bytes()
ASSETS = (
    "app.css",
    "app.js",
    "viewer.css",
    "viewer.js",
    "modeler.css",
    "modeler.js",
    "modeler-more.js",
    "pdf.js",
    "pdf-worker.js",
    "pdf-parts",
    "icons.svg",
    "mark.svg",
)

APPROVE, SEND_BACK = "alur_setuju", "alur_kembali"
"""The two ways out of the Sekretaris' decision."""


@dataclass(frozen=True)
class Kecamatan:
    """What the fixtures made: ids by name."""

    database: Database
    office: int
    people: dict[str, int]
    jabatan: dict[str, int]
    sop: int


class Browser:
    """Somebody's browser: sends the CSRF token of the page it saw last, and follows nothing by itself."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **more: object) -> TestResponse:
        return self.client.get(path, **more)

    def post(self, path: str, **fields: object) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token(), **fields})

    def put(self, path: str, body: bytes, revision: int) -> TestResponse:
        headers = {"X-CSRFToken": self.token(), "If-Match": f'"{revision}"', "Content-Type": "application/xml"}
        return self.client.put(path, data=body, headers=headers)

    def follow(self, response: TestResponse) -> str:
        """The text of the page that a form led to."""
        assert response.status_code == 302, response.text
        return self.get(response.location).text

    def token(self) -> str:
        page = self.get("/sop")
        if page.status_code == 302:
            page = self.get(page.location)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert found
        return found[1]


def review(analyst: Browser, sop: str) -> None:
    """Look through all rows of the draft of an SOP, by its address, and say so."""
    page = analyst.get(f"{sop}/tinjau").text
    found = re.search(r'name="revisi" value="(\d+)"', page)
    assert found
    boxes = re.findall(r'name="(periksa\.([^"]+))"', page)
    seen = {name: "ya" for name, _ in boxes}
    answer = analyst.post(f"{sop}/tinjau", revisi=found[1], langkah=[step for _, step in boxes], **seen)
    assert answer.status_code == 302, answer.text
    answer = analyst.post(f"{sop}/tinjau/selesai", revisi=str(int(found[1]) + bool(boxes)))
    assert answer.status_code == 302, answer.text


@pytest.fixture(scope="session")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A manifest as the build of the front end leaves it, so that tests need no build."""
    built = tmp_path_factory.mktemp("built")
    names = {name: name.replace(".", "-0123ABCD.") for name in ASSETS}
    (built / "manifest.json").write_text(json.dumps(names))
    return built


@pytest.fixture(scope="session")
def translations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue compiled from its source, so that no stale file is tested."""
    folder = tmp_path_factory.mktemp("translations")
    target = folder / "en" / "LC_MESSAGES" / "messages.mo"
    target.parent.mkdir(parents=True)
    with (HERE / "translations/en/LC_MESSAGES/messages.po").open("rb") as source, target.open("wb") as compiled:
        write_mo(compiled, read_po(source, locale="en"))
    return folder


@pytest.fixture
def settings(assets: Path, translations: Path, now: datetime, tmp_path: Path) -> Settings:
    return Settings(
        documents=tmp_path / "documents",
        secret_key="only for tests",
        database_url="",
        secure_cookies=False,
        clock=lambda: now,
        assets=assets,
        translations=translations,
    )


@pytest.fixture
def kecamatan(database: Database, now: datetime) -> Kecamatan:
    """The office on each kind of database."""
    return furnish(database, now)


@pytest.fixture
def app(kecamatan: Kecamatan, settings: Settings) -> Flask:
    return make_app(kecamatan.database, settings)


@pytest.fixture
def log_in(app: Flask) -> Callable[[str], Browser]:
    """A browser in which the person of that user name is logged in."""
    return lambda username: logged_in(app, username)


class Compiled(BytecodeCache):
    """Templates as they are compiled: every test makes an application, which would compile them all anew."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def make_app(database: Database, settings: Settings) -> Flask:
    app = create_app(database, settings)
    app.jinja_env.bytecode_cache = COMPILED
    app.testing = True
    return app


def logged_in(app: Flask, username: str) -> Browser:
    browser = Browser(app.test_client())
    answer = browser.post("/masuk", nama=username, sandi=PASSWORD)
    assert answer.status_code == 302, answer.text
    return browser


def furnish(database: Database, now: datetime) -> Kecamatan:
    """The office, its people and the published SOP; and another office with one analyst."""
    with database.transaction() as session:
        office = offices.add_office(session, "Kecamatan Sukamaju")
        jabatan = dict(offices.add_jabatan(session, office, name) for name in JABATAN)
        people = {}
        for username, (name, held, capacity, rights) in PEOPLE.items():
            people[username] = offices.add_person(session, office, username, name, PASSWORD, frozenset(rights))
            if held:
                offices.hold(session, people[username], jabatan[held], date(2026, 1, 1), capacity=capacity)
        analyst = offices.actor(session, people["analis"], now)
        sop = definitions.add(session, analyst, LETTER, now)
        definitions.publish(session, analyst, sop, "Versi pertama", now)
        elsewhere = offices.add_office(session, "Kecamatan Seberang", "Asia/Makassar")
        people["asing"] = offices.add_person(session, elsewhere, "asing", "Orang Lain", PASSWORD, frozenset(Right))
        _, there = offices.add_jabatan(session, elsewhere, "Camat")
        offices.hold(session, people["asing"], there, date(2026, 1, 1))
    return Kecamatan(database, office, people, jabatan, sop)


JABATAN = ("Pengadministrasi Umum", "Sekretaris Kecamatan", "Camat")

PEOPLE: dict[str, tuple[str, str, Capacity, set[Right]]] = {
    "rina": ("Rina Wulandari", "Pengadministrasi Umum", Capacity.DEFINITIF, set()),
    "dedi": ("Dedi Kurniawan", "Pengadministrasi Umum", Capacity.DEFINITIF, set()),
    "budi": ("Budi Santoso", "Sekretaris Kecamatan", Capacity.DEFINITIF, set()),
    "siti": ("Siti Aminah", "Camat", Capacity.PLT, set()),
    "analis": ("Ana Lestari", "", Capacity.DEFINITIF, {Right.ANALYST}),
}
