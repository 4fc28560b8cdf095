"""`lajur demo`: what it fills, that it keeps it, and that it stays on this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from bpmn import documents, library
from engine import offices
from engine.database import Database
from engine.queries import catalogue, people
from engine.queries import runs as run_queries
from engine.queries.dues import DueState
from engine.states import Right, RunState
from tests.web.conftest import Browser, Kecamatan, make_app
from web import demo, demo_offices, serving
from web.config import Settings

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
"""A Saturday: a demo must look right on a day off, too."""


@pytest.fixture(scope="module")
def demo_file(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo's database, filled once for all tests: that takes seconds."""
    file = tmp_path_factory.mktemp("demo") / "lajur.sqlite3"
    shutil.copy(empty_sqlite, file)
    database = Database(f"sqlite:///{file}")
    demo_offices.fill(database, NOW)
    database.dispose()
    return file


@pytest.fixture
def filled(sqlite: Database, demo_file: Path) -> Database:
    sqlite.replace(demo_file)
    return sqlite


def test_five_offices_with_eleven_sops_and_runs_in_all_conditions(filled: Database) -> None:
    with filled.reading() as session:
        everybody = people.everybody(session, NOW)
        found = {row.who.office_id: row.who for row in everybody if "simulasi" not in row.who.office}
        assert len(found) == 5
        assert sum(len(catalogue.sops(session, who)) for who in found.values()) == 11
        for who in found.values():
            runs = run_queries.all_of_office(session, who, NOW).rows
            states = [run.state for run in runs]
            waiting = [task for run in runs for task in run.waiting]
            assert RunState.FINISHED in states
            assert any(task.due and task.due.state is DueState.OVER for task in waiting)
            assert any(task.claimed_by for task in waiting)
            assert any(run.round == 3 and run.waiting for run in runs), "returned twice and still under way"
            assert any(run.round == 1 and (NOW - run.started_at).total_seconds() < 3600 for run in runs)


def test_nothing_has_happened_in_the_future(filled: Database) -> None:
    with filled.reading() as session:
        for row in people.everybody(session, NOW):
            page = run_queries.all_of_office(session, row.who, NOW)
            for run in page.rows:
                assert run.started_at <= NOW
                assert all(task.since <= NOW for task in run.waiting)


def test_every_jabatan_is_held_by_somebody_of_its_own(filled: Database) -> None:
    with filled.reading() as session:
        everybody = people.everybody(session, NOW)
    assert len({row.username for row in everybody}) == len(everybody)
    everybody = tuple(row for row in everybody if "simulasi" not in row.who.office)
    assert all(len(row.who.held) == 1 or Right.ANALYST in row.who.rights for row in everybody)
    held = {jabatan for row in everybody for jabatan in row.who.held}
    lanes = {
        (source.office, lane.name)
        for source in library.sources()
        for one in documents.translate(source.content)
        for lane in one.flow.lanes
    }
    assert len(held) <= len(lanes)


@contextmanager
def started(folder: Path, *options: str) -> Iterator[tuple[str, str]]:
    """A demo in a process of its own: what it said, and its address."""
    command = [sys.executable, "-u", "-m", "web.cli", "demo", "--port", "0", "--data", str(folder), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "http://" in line:
                break
        assert "http://" in said, said
        try:
            yield said, line.split("http://")[1].split()[0]
        finally:
            process.terminate()


def _get(address: str, **headers: str) -> int:
    for _ in range(50):
        try:
            with urllib.request.urlopen(urllib.request.Request(f"http://{address}/masuk", headers=headers)) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as answer:
            return answer.code
        except OSError:
            time.sleep(0.1)
    raise AssertionError("no answer")


def test_a_demo_keeps_its_data_starts_over_when_asked_and_stays_on_loopback(demo_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    shutil.copy(demo_file, folder / demo.DATABASE)
    with started(folder) as (said, address):
        assert "Menyiapkan" not in said
        assert address.startswith("127.0.0.1:")
        assert str(folder) in said
        assert "camat.gambut" in said
        assert _get(address) == 200
        assert _get(address, Host="lajur.example") == 400
        with pytest.raises(OSError, match="refused"), socket.socket() as other:
            other.connect(("127.0.0.2", int(address.split(":")[1])))
    secret = (folder / demo.SECRET).read_text()
    assert (folder / demo.SECRET).stat().st_mode & 0o077 == 0
    assert serving.secret(folder) == secret
    with started(folder, "--fresh") as (said, _):
        assert "Menyiapkan" in said
        assert "camat.gambut" in said
        assert (folder / demo.SECRET).read_text() != secret


def test_a_taken_port_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = subprocess.run(
            [sys.executable, "-m", "web.cli", "demo", "--port", port, "--data", str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert result.returncode == 2
    assert port in result.stderr


@pytest.fixture
def running(
    filled: Database, settings: Settings, tmp_path: Path, demo_file: Path, monkeypatch: pytest.MonkeyPatch
) -> Flask:
    """A demo's application, with the pages that only a demo has; to fill it anew takes no time."""
    monkeypatch.setattr(demo_offices, "fill", lambda database, _now: database.replace(demo_file))
    asked = replace(settings, demo=True, demo_password=demo_offices.PASSWORD, clock=lambda: NOW)
    app = make_app(filled, asked)
    demo.install(app, filled, tmp_path)
    app.secret_key = serving.secret(tmp_path)
    return app


def offered(app: Flask) -> dict[str, demo.Role]:
    roles: tuple[demo.Role, ...] = app.jinja_env.globals["demo_roles"]  # type: ignore[assignment]
    return {role.kind: role for role in roles}


def press(browser: Browser, role: demo.Role) -> TestResponse:
    """Press the button of a role."""
    fields = {"nama": role.person.username, "sandi": demo_offices.PASSWORD, "next": role.page}
    return browser.post("/masuk", **fields)


def test_a_demo_in_use_one_click_into_each_pair_of_shoes_and_back_to_the_beginning(running: Flask) -> None:
    one, other = Browser(running.test_client()), Browser(running.test_client())
    first = one.get("/masuk").text
    roles = offered(running)
    assert list(roles)[:3] == ["staff", "analyst", "manager"]
    assert len({role.person.office for role in roles.values()}) == 1, "each sees what the others did"
    assert "Mulai demo dari awal" in first
    pages = {}
    for kind, role in roles.items():
        assert press(one, role).location == role.page
        pages[kind] = one.get(role.page)
        assert pages[kind].status_code == 200
        assert "Ganti peran" in pages[kind].text
    assert "Belum ada tugas" not in pages["staff"].text
    assert "Tertahan" in pages["manager"].text

    press(other, roles["analyst"])
    office = roles["staff"].person.office
    secret, database = running.secret_key, running.extensions[demo.EXTENSION].database
    assert "Ya, mulai dari awal" in one.get("/demo").text
    before = ids(database, office)
    answer = one.post("/demo")
    assert answer.location == "/masuk"
    assert "Demo telah dimulai dari awal" in one.get("/masuk").text
    assert other.get("/sop").location.startswith("/masuk")
    assert running.secret_key != secret
    assert ids(database, office) == before
    assert press(other, offered(running)["manager"]).status_code == 302
    assert other.get("/papan").status_code == 200


def ids(database: Database, office: str) -> tuple[str, ...]:
    with database.reading() as session:
        return tuple(row.username for row in people.everybody(session, NOW) if row.who.office == office)


def test_whoever_asks_while_a_demo_is_started_over_is_told_to_wait(running: Flask) -> None:
    browser = Browser(running.test_client())
    with running.extensions[demo.EXTENSION].lock:
        answer = browser.post("/demo")
    assert answer.status_code == 409
    assert "Tunggu sebentar" in answer.text


def test_what_no_demo_made_cannot_be_thrown_away(kecamatan: Kecamatan, settings: Settings, tmp_path: Path) -> None:
    app = make_app(kecamatan.database, replace(settings, demo=True))
    demo.install(app, kecamatan.database, tmp_path)
    browser = Browser(app.test_client())
    assert "Mulai demo dari awal" not in browser.get("/masuk").text
    assert browser.post("/demo").status_code == 404


def test_without_a_demo_there_are_neither_roles_nor_an_end_of_everything(
    kecamatan: Kecamatan, settings: Settings
) -> None:
    app = make_app(kecamatan.database, settings)
    browser = Browser(app.test_client())
    assert "Ganti peran" not in browser.get("/masuk").text
    assert browser.get("/demo").status_code == 404
    assert browser.post("/demo").status_code == 404


def test_a_database_is_replaced_while_others_read_and_write(
    sqlite: Database, empty_sqlite: Path, tmp_path: Path
) -> None:
    fresh = tmp_path / "baru.sqlite3"
    shutil.copy(empty_sqlite, fresh)
    other = Database(f"sqlite:///{fresh}")
    with other.transaction() as session:
        offices.add_office(session, "Baru")
    other.dispose()
    with sqlite.transaction() as session:
        offices.add_office(session, "Lama")
    stop, failed, seen = Event(), [], set()

    def work() -> None:
        try:
            while not stop.is_set():
                with sqlite.transaction() as session:
                    session.execute(text("UPDATE offices SET calendar = calendar"))
                with sqlite.reading() as session:
                    names = session.scalars(text("SELECT name FROM offices")).all()
                    assert names == session.scalars(text("SELECT name FROM offices")).all()
                    seen.add(tuple(names))
        except Exception as broken:
            failed.append(broken)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    sqlite.replace(fresh)
    while ("Baru",) not in seen and not failed:
        Event().wait(0.01)
    stop.set()
    for thread in threads:
        thread.join()
    assert failed == []
    assert seen <= {("Lama",), ("Baru",)}
