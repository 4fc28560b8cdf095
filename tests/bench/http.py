"""Completing a task over HTTP, on connections kept alive, against a bare Flask view of the same transaction."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from flask import Flask, redirect, request
from waitress.server import create_server
from werkzeug.wrappers import Response

from engine import log_ins
from engine.database import Database
from tests.bench import bare, scene
from tests.bench.measure import Row, Size, counting, interleaved, seconds
from tests.bench.scene import Scene, Walk, Work
from tests.conftest import NOW
from tests.web.conftest import ASSETS
from web import create_app
from web.config import Settings
from web.edge import TOKEN

TITLE = "The same completion over HTTP (waitress, SQLite)"


class Client:
    """A browser on one connection. Once logged in it takes no more cookies: messages would pile up in them."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection("127.0.0.1", port)
        self.headers: dict[str, str] = {}
        self.keeps_cookies = True

    def get(self, path: str) -> str:
        self.connection.request("GET", path, headers=self.headers)
        return self._answer(200)

    def post(self, path: str, **fields: str) -> str:
        headers = {"Content-Type": "application/x-www-form-urlencoded", **self.headers}
        self.connection.request("POST", path, urlencode(fields), headers)
        return self._answer(302)

    def log_in(self, name: str) -> str:
        """Begin a session; its CSRF token."""
        self.post("/masuk", csrf_token=self.token("/masuk"), nama=name, sandi="rahasia")
        token = self.token("/tugas")
        self.keeps_cookies = False
        return token

    def token(self, path: str) -> str:
        """The CSRF token in a page."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(path))
        assert found
        return found[1]

    def _answer(self, status: int) -> str:
        answer = self.connection.getresponse()
        text = answer.read().decode()
        assert answer.status == status, (answer.status, text)
        cookie = answer.getheader("Set-Cookie")
        if cookie and self.keeps_cookies:
            self.headers["Cookie"] = cookie.partition(";")[0]
        return text


def measure(size: Size) -> list[Row]:
    """The figures on SQLite, each application served by a process of its own."""
    with scene.sqlite() as office:
        steps = bare.record(office)
        url = office.database.url.render_as_string()
        with _serving(application, url) as port, _serving(_bare_app, url, steps) as bare_port:
            return [*_compare(office, port, bare_port, size), _statements(office)]


def _compare(office: Scene, port: int, bare_port: int, size: Size) -> list[Row]:
    people = {person: _logged_in(port, name) for name, person in office.office.people.items()}
    plain_client = Client(bare_port)
    engine, plain = Walk(office), Walk(office)

    def complete() -> float:
        work = next(engine)
        client, token = people[work.person]
        return seconds(partial(client.post, _path(work), **_form(work), csrf_token=token))

    def transact() -> float:
        work = next(plain)
        return seconds(partial(plain_client.post, f"/{work.task}", person=str(work.person)))

    took = interleaved({"Lajur": complete, "bare": transact}, size.samples)
    return [
        Row("complete a task", took["Lajur"]),
        Row("the bare view", took["bare"]),
        Row("ratio", took["Lajur"] / took["bare"], "times", goal=2),
    ]


def _statements(office: Scene) -> Row:
    app = application(office.database)
    app.config["WTF_CSRF_ENABLED"] = False
    work = next(Walk(office))
    with app.test_client() as client:
        with office.database.transaction() as session, client.session_transaction() as cookie:
            cookie[TOKEN] = log_ins.begin(session, work.person, "", "", NOW)
        with counting(office.database) as counted:
            assert client.post(_path(work), data=_form(work)).status_code == 302
    return Row("SQL statements of the request", len(counted.statements), "")


def _path(work: Work) -> str:
    return f"/tugas/{work.task}/selesai"


def _form(work: Work) -> dict[str, str]:
    return {"keputusan": work.choice or "", "catatan": ""}


def _logged_in(port: int, name: str) -> tuple[Client, str]:
    """The browser of a person, and its token."""
    client = Client(port)
    return client, client.log_in(f"{name}.sukamaju")


def application(database: Database) -> Flask:
    """Lajur over a database, with the front end left out."""
    with TemporaryDirectory() as folder:  # a manifest as the build of the front end leaves it
        (Path(folder) / "manifest.json").write_text(json.dumps({name: name for name in ASSETS}), encoding="utf-8")
        settings = Settings("only here", "", secure_cookies=False, clock=lambda: NOW, assets=Path(folder))
        return create_app(database, settings)


def _bare_app(database: Database, steps: dict[str, bare.Step]) -> Flask:
    app = Flask("bare")

    @app.post("/<int:task>")
    def complete(task: int) -> Response:
        bare.transact(database, steps, Work(task, int(request.form["person"]), None))
        return redirect("/")

    return app


@contextmanager
def _serving(make: Callable[..., Flask], url: str, *more: object) -> Iterator[int]:
    """A process that serves an application over the database; its port on this machine."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, make, url, *more))
    process.start()
    try:
        yield here.recv()
    finally:
        process.kill()
        process.join()


def _serve(port: Connection, make: Callable[..., Flask], url: str, *more: object) -> None:
    with socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = create_server(make(Database(url), *more), sockets=[listening])
        port.send(listening.getsockname()[1])
        server.run()
