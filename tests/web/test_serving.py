"""`lajur serve` and `lajur worker` as an office runs them: in processes of their own, told to stop by a signal."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from engine import errors, offices
from engine.database import Database
from web import places, serving


@contextmanager
def started(*arguments: str, environment: dict[str, str] | None = None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A command in a process of its own, and what it said first."""
    command = [sys.executable, "-u", "-m", "web.cli", *arguments]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={name: value for name, value in os.environ.items() if name != "LAJUR_DATABASE"} | (environment or {}),
    ) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "berjalan" in line:
                break
        try:
            yield process, said
        finally:
            process.kill()


def port_of(said: str) -> int:
    return int(said.rsplit("http://", maxsplit=1)[-1].split(maxsplit=1)[0].rstrip(".").rsplit(":", 1)[1])


def first_page(said: str) -> str:
    """Where an empty Lajur says to begin, with its code."""
    return "/mulai" + said.split("/mulai")[1].split(maxsplit=1)[0]


def get(port: int, path: str) -> tuple[int, str, bytes]:
    """Status, cookie and body of a page."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("GET", path)
        with connection.getresponse() as answer:
            return answer.status, answer.getheader("Set-Cookie") or "", answer.read()


def test_serve_makes_the_database_leads_to_the_first_start_and_stops_when_told(tmp_path: Path) -> None:
    folder = tmp_path / "kantor"
    with started("serve", "--port", "0", "--data", str(folder)) as (process, said):
        assert str(folder) in said
        status, cookie, _ = get(port_of(said), first_page(said))
        assert status == 200
        assert "Secure" in cookie
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert not [file for file in folder.iterdir() if file.stat().st_mode & 0o077]
    key = serving.secret(folder)
    with started("serve", "--port", "0", "--data", str(folder), "--http", "--no-worker") as (process, said):
        assert "tanpa enkripsi" in said
        status, cookie, _ = get(port_of(said), first_page(said))
        assert (status, "Secure" in cookie) == (200, False)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert serving.secret(folder) == key


def test_serve_does_the_worker_s_work(tmp_path: Path) -> None:
    database = places.place(tmp_path).database()
    database.upgrade()
    now = datetime.now(UTC)
    with database.transaction() as session:
        office = offices.add_office(session, "Kecamatan Sukamaju")
        person = offices.add_person(session, office, "camat", "Camat", "rahasia")
    old_submission(database, person, now - timedelta(days=8))
    with started("serve", "--port", "0", "--data", str(tmp_path)) as (process, said):
        for _ in range(300):
            if not kept(database):
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        rest = process.communicate(timeout=20)[0]
    assert "submissions forgotten: 1" in said + rest
    database.dispose()


def kept(database: Database) -> int:
    with database.engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM submissions").scalar_one())


def old_submission(database: Database, person: int, at: datetime) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO submissions (person_id, key, act, answer, at) VALUES (?, 'k', 'a', '1', ?)",
            (person, at.replace(tzinfo=None).isoformat(" ")),
        )


def test_a_worker_stops_when_told(tmp_path: Path) -> None:
    places.place(tmp_path).database().upgrade()
    for number in (signal.SIGTERM, signal.SIGINT):
        with started("worker", "--data", str(tmp_path)) as (process, _):
            process.send_signal(number)
            assert process.wait(20) == 0
            assert process.stdout is not None
            assert "Traceback" not in process.stdout.read()


@pytest.mark.parametrize(("variables", "says"), [
    ({"LAJUR_SMTP_URL": "smtp://surel.example.go.id"}, "LAJUR_MAIL_FROM"),
    ({"LAJUR_SMTP_URL": "surel", "LAJUR_MAIL_FROM": "a@b.id"}, "smtp://"),
    ({"LAJUR_SMTP_URL": "smtp://surel.example.go.id", "LAJUR_MAIL_FROM": "Lajur"}, "Lajur"),
])  # fmt: skip
def test_mail_settings_that_cannot_be_are_said_in_a_sentence(
    variables: dict[str, str], says: str, tmp_path: Path
) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "web.cli", "worker", "--data", str(tmp_path)],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_mails_go_out_only_where_there_is_a_server() -> None:
    def names(**variables: str) -> list[str]:
        return [job.name for job in serving.jobs_from(variables)]

    assert "mails" not in names()
    assert "mails" in names(LAJUR_SMTP_URL="smtp://surel.example.go.id", LAJUR_MAIL_FROM="Lajur <lajur@example.go.id>")
    with pytest.raises(errors.Invalid):
        names(LAJUR_SMTP_URL="surel", LAJUR_MAIL_FROM="lajur@example.go.id")


def test_a_taken_port_and_an_unknown_host_are_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with (
            pytest.raises(serving.CannotServe, match="Porta"),
            serving.listening("127.0.0.1", taken.getsockname()[1]),
        ):
            pass
    with pytest.raises(serving.CannotServe), serving.listening("203.0.113.1", 0):
        pass


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "berkas").write_text("")
    with pytest.raises(serving.CannotServe, match="berkas"):
        serving.prepare(tmp_path / "berkas" / "data")


def test_of_two_processes_that_make_the_key_at_once_both_have_the_same(tmp_path: Path) -> None:
    keys: list[str] = []
    threads = [Thread(target=lambda: keys.append(serving.secret(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len({*keys}) == 1
    assert len(keys[0]) == 64
    assert [file.name for file in tmp_path.iterdir()] == [serving.SECRET]


SLOW = """
import sys
import time
from flask import Flask
from web import serving

app = Flask(__name__)

@app.get("/lambat")
def slow():
    print("mulai", flush=True)
    sys.stdin.readline()
    return "x" * 500_000

@app.get("/terus")
def endless():
    print("mulai", flush=True)
    time.sleep(60)
    return ""

with serving.listening("127.0.0.1", 0) as sock:
    serving.answer(app, sock, 2, lambda: print(sock.getsockname()[1], flush=True))
"""


@contextmanager
def slow_server() -> Iterator[tuple[subprocess.Popen[str], int]]:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", SLOW], stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


def refuses(port: int) -> bool:
    """Whether nobody listens there any more, before long."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            return True
        except OSError:
            pass  # the socket was closed while this connection waited to be taken
        time.sleep(0.05)
    return False


def test_a_request_under_way_is_answered_in_full_and_nothing_new_is_taken() -> None:
    with slow_server() as (process, port):
        bodies: list[bytes] = []
        asking = Thread(target=lambda: bodies.append(get(port, "/lambat")[2]))
        asking.start()
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert refuses(port)
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        asking.join()
        assert process.wait(20) == 0
    assert [len(body) for body in bodies] == [500_000]


def test_a_second_signal_ends_what_is_under_way() -> None:
    with slow_server() as (process, port), socket.create_connection(("127.0.0.1", port)) as asking:
        asking.sendall(b"GET /terus HTTP/1.1\r\nHost: x\r\n\r\n")
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert refuses(port)  # so the first signal has arrived; two at once would be one
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


BUSY = """
import sys
from pathlib import Path
from engine import upgrading, worker
from engine.worker import Job
from web import places, serving

def work(database, now):
    print("mulai", flush=True)
    sys.stdin.readline()
    print("selesai", flush=True)
    return 1

place = places.place(Path(sys.argv[1]), {})
upgrading.upgrade(place.database())
serving.jobs_from = lambda *_: (Job("sibuk", lambda session, now: now, work),)
serving.work(place, lambda told: None)
print("berhenti", flush=True)
"""


@contextmanager
def busy_worker(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A worker in the middle of a job, which ends by a line on its input."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", BUSY, str(folder)], stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "mulai\n"
            yield process
        finally:
            process.kill()


def test_a_worker_finishes_the_job_that_it_is_at_and_begins_no_other(tmp_path: Path) -> None:
    with busy_worker(tmp_path) as process:
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.3)
        assert process.communicate("\n", timeout=20)[0] == "selesai\nberhenti\n"
        assert process.returncode == 0


def test_a_second_signal_ends_the_job_that_a_worker_is_at(tmp_path: Path) -> None:
    with busy_worker(tmp_path) as process:
        until = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < until:
            process.send_signal(signal.SIGTERM)
            time.sleep(0.1)  # two at once would be one
        assert process.stdout is not None
        assert "selesai" not in process.stdout.read()


def test_behind_a_proxy_a_form_is_of_the_site_that_the_browser_sees(tmp_path: Path) -> None:
    """Which needs that the server lets through what the proxy says: a form of https must come from the same https."""
    options = ("serve", "--port", "0", "--no-worker", "--data", str(tmp_path))
    database = places.place(tmp_path).database()
    database.upgrade()
    with database.transaction() as session:
        offices.add_office(session, "Kecamatan Sukamaju")
    database.dispose()
    with started(*options, environment={"LAJUR_PROXIES": "1", "LAJUR_HOSTS": "lajur.example.go.id"}) as (_, said):
        port, seen = port_of(said), {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "lajur.example.go.id"}
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
            connection.request("GET", "/masuk", headers=seen)
            with connection.getresponse() as page:
                assert page.getheader("Server") is None
                cookie = (page.getheader("Set-Cookie") or "").split(";")[0]
                token = page.read().decode().split('name="csrf_token" value="')[1].split('"')[0]
            body = f"csrf_token={token}&nama=x&sandi=y"
            form = seen | {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
            for referrer, status in (("https://lajur.example.go.id/masuk", 401), ("https://jahat.example/", 400)):
                connection.request("POST", "/masuk", body, form | {"Referer": referrer})
                with connection.getresponse() as answer:
                    answer.read()
                    assert answer.status == status
        assert get(port, "/masuk")[0] == 400
        assert get(port, "/readyz")[0] == 200


def test_an_idle_connection_does_not_keep_the_server() -> None:
    with slow_server() as (process, port), socket.create_connection(("127.0.0.1", port)):
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
