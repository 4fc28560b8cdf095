"""Several processes on one PostgreSQL, as an office of some size runs them: no act is lost or done twice."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Lock, Thread
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from engine import runs
from engine.database import Database
from tests.browser.conftest import act
from tests.engine.test_mail import Server, server
from tests.web.conftest import APPROVE, PASSWORD, SEND_BACK, furnish
from tests.web.test_serving import port_of, started

__all__ = ["server"]

WEB, WORKERS = 3, 2

ACTS = 60
"""Acts that are acknowledged, at least; after a third of them a process is killed, after two one is told to stop."""

LIVE = 4
"""Runs at the same time: few enough that people meet in them."""

PATIENCE = 90
"""Seconds after which something is wrong."""

postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@dataclass
class Crowd:
    """What the people of an office were told was done, by the note that no other act carries; and the processes' ports.

    `unknown` are notes of acts whose answer never came, with the port of the process that was no more.
    """

    ports: list[int]
    done: set[str] = field(default_factory=set)
    unknown: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def over(self) -> bool:
        return len(self.done) >= ACTS or bool(self.faults)


class Died(Exception):
    """The process at a port that was asked is no more."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.port = port


@dataclass
class Visitor:
    """Somebody's browser, whose requests are answered by any of the processes."""

    crowd: Crowd
    random: Random
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def ask(self, path: str, **fields: str) -> tuple[int, str, str]:
        """Status, location and text of a page, or of what a form led to. Raises Died."""
        with self.crowd.lock:
            port = self.random.choice(self.crowd.ports)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({"csrf_token": self.token, **fields}) if fields else None
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
                connection.request("POST" if fields else "GET", path, body, headers)
                with connection.getresponse() as answer:
                    status, page = answer.status, answer.read().decode()
                    location = answer.getheader("Location") or ""
                    set_cookies = answer.headers.get_all("Set-Cookie") or []
        except (OSError, http.client.HTTPException) as died:
            with self.crowd.lock:
                self.crowd.ports[:] = [one for one in self.crowd.ports if one != port]
            raise Died(port) from died
        if status >= 500:
            self.crowd.faults.append(f"{status} {path}")
        self.cookies |= dict(one.split(";")[0].split("=", 1) for one in set_cookies)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        self.token = found[1] if found else self.token
        return status, location, page

    def log_in(self, username: str) -> None:
        self.ask("/masuk")
        status, _, _ = self.ask("/masuk", nama=username, sandi=PASSWORD)
        assert status == 302
        self.ask("/tugas")

    def work(self, username: str, sop: int) -> None:
        """Do what there is to do, until the crowd has done enough."""
        self.log_in(username)
        while not self.crowd.over():
            note = f"{self.random.getrandbits(64):x}"
            try:
                told = self.act(note, username, sop)
            except Died as died:
                with self.crowd.lock:
                    self.crowd.unknown[note] = died.port
                continue
            if told:
                with self.crowd.lock:
                    self.crowd.done.add(note)

    def act(self, note: str, username: str, sop: int) -> bool:
        """One act with a note; whether it was acknowledged."""
        mine = self.tasks("/tugas")
        if mine:
            way = {"budi": self.random.choice([APPROVE, APPROVE, SEND_BACK])}.get(username, "")
            fields = {"catatan": note} | ({"keputusan": way} if way else {})
            return self.ask(f"/tugas/{self.random.choice(mine)}/selesai", **fields)[0] == 302
        waiting = self.tasks("/tugas/jabatan")
        if waiting:
            self.ask(f"/tugas/{self.random.choice(waiting)}/ambil", x="")
            return False
        if username in {"rina", "dedi"} and len(self.found("/berkas", r'href="/berkas/(\d+)')) < LIVE + len(
            self.crowd.done
        ):
            return self.ask(f"/sop/{sop}/mulai", perihal=note)[0] == 302
        time.sleep(0.02)
        return False

    def tasks(self, path: str) -> list[str]:
        return self.found(path, r'href="/tugas/(\d+)')

    def found(self, path: str, what: str) -> list[str]:
        return sorted(set(re.findall(what, self.ask(path)[2])))


@pytest.fixture
def environment(database: Database) -> dict[str, str]:
    return {
        "LAJUR_DATABASE_URL": database.url.render_as_string(hide_password=False),
        "LAJUR_SECRET_KEY": "satu kunci untuk semua proses, rahasia",
        "LAJUR_LOG": "text",
    }


@contextmanager
def background(target: Callable[..., None], *arguments: object) -> Iterator[Thread]:
    thread = Thread(target=target, args=arguments)
    thread.start()
    yield thread
    thread.join()


@postgresql
def test_people_at_three_processes_lose_nothing_when_one_is_killed_and_one_is_stopped(
    database: Database, environment: dict[str, str], tmp_path: Path
) -> None:
    kecamatan = furnish(database, datetime.now(UTC))
    with ExitStack() as stack:
        options = ("--port", "0", "--http", "--no-worker", "--data", str(tmp_path))
        web = [stack.enter_context(started("serve", *options, environment=environment)) for _ in range(WEB)]
        workers = [
            stack.enter_context(started("worker", "--data", str(tmp_path), environment=environment))
            for _ in range(WORKERS)
        ]
        for process, _ in (*web, *workers):
            stack.enter_context(background(drain, process))  # a process whose output nobody reads would wait
        crowd = Crowd([port_of(said) for _, said in web])
        people = [name for name in ("rina", "dedi", "budi", "siti") for _ in range(2)]
        visitors = [Visitor(crowd, Random(number)) for number in range(len(people))]
        threads = [
            Thread(target=visitor.work, args=(name, kecamatan.sop))
            for visitor, name in zip(visitors, people, strict=True)
        ]
        for thread in threads:
            thread.start()
        until(lambda: len(crowd.done) >= ACTS // 3 or crowd.over())
        (killed, _), (stopped, said), *_rest = web
        killed.kill()
        workers[0][0].kill()
        until(lambda: len(crowd.done) >= 2 * ACTS // 3 or crowd.over())
        stopped.terminate()
        for thread in threads:
            thread.join(PATIENCE)
        for process, _ in (*web[1:], *workers[1:]):
            process.terminate()
        codes = [process.wait(30) for process, _ in (*web[1:], *workers[1:])]
    assert crowd.faults == []
    assert codes == [0] * (WEB + WORKERS - 2)
    assert len(crowd.ports) == WEB - 2, "people met processes that were no more, and went on with the last one"
    written = notes(database)
    assert not [note for note in crowd.done if written[note] != 1], "each act that was told of happened once"
    assert all(count == 1 for count in written.values())
    assert set(written) <= crowd.done | set(crowd.unknown)
    in_doubt = {note for note, port in crowd.unknown.items() if port == port_of(said)}
    assert not in_doubt & set(written), "what a process does that is told to stop, it answers"
    assert finished_twice(database) == []
    assert_whole(environment, tmp_path)


def notes(database: Database) -> Counter[str]:
    """The notes of all acts that the history tells of, each with how often."""
    with database.reading() as session:
        rows = session.scalars(
            text(
                "SELECT COALESCE(facts ->> 'note', facts ->> 'subject') FROM history"
                " WHERE verb IN ('start', 'complete', 'return')"
            )
        )
        return Counter(rows)


def finished_twice(database: Database) -> list[int]:
    with database.reading() as session:
        return list(
            session.scalars(
                text(
                    "SELECT task_id FROM history WHERE verb IN ('complete', 'return')"
                    " GROUP BY task_id HAVING count(*) > 1"
                )
            )
        )


def assert_whole(environment: dict[str, str], folder: Path) -> None:
    command = [sys.executable, "-m", "web.cli", "check", "--data", str(folder)]
    checked = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def drain(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    for _line in process.stdout:
        pass


def until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.02)


@postgresql
def test_what_a_killed_worker_had_taken_is_done_by_another_when_its_lease_is_over(
    database: Database, environment: dict[str, str], server: Server, tmp_path: Path
) -> None:
    furnish(database, datetime.now(UTC))
    with database.transaction() as session:
        session.execute(text("UPDATE people SET email = username || '@example.go.id'"))
    for number in range(3):
        act(database, "rina", runs.start, 1, f"Surat {number}")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE)
        mail = {
            "LAJUR_MAIL_FROM": "lajur@example.go.id",
            "LAJUR_SMTP_URL": f"smtp://127.0.0.1:{silent.getsockname()[1]}",
        }
        with started("worker", "--data", str(tmp_path), environment=environment | mail) as (first, _):
            connection, _ = silent.accept()  # so it has taken some, and waits for a server that says nothing
            first.kill()
            first.wait()
            connection.close()
    taken = leased(database)
    assert taken > 0
    with database.transaction() as session:  # as time passes
        session.execute(text("UPDATE notices SET send_at = now() - interval '1 second' WHERE send_at > now()"))
    mail["LAJUR_SMTP_URL"] = f"smtp://{server.url}"
    with started("worker", "--data", str(tmp_path), environment=environment | mail) as (second, _):
        with background(drain, second):
            until(lambda: leased(database) == 0 and bool(server.received))
            second.terminate()
        assert second.wait(30) == 0
    with database.reading() as session:
        told = session.scalar(text("SELECT count(*) FROM notices WHERE failure = ''"))
    assert len(server.received) == told
    assert len({re.search(rb"Message-ID: (.*)", content, re.IGNORECASE)[1] for *_, content in server.received}) == told  # type: ignore[index]


def leased(database: Database) -> int:
    """Notices that are still to be sent."""
    with database.reading() as session:
        return int(session.scalar(text("SELECT count(*) FROM notices WHERE send_at IS NOT NULL")) or 0)
