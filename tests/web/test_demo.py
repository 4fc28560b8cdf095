"""`lajur demo`: what it fills, that it keeps it, and that it stays on this machine."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bpmn import documents, library
from engine.database import Database
from engine.queries import catalogue, people
from engine.queries import runs as run_queries
from engine.queries.dues import DueState
from engine.states import Right, RunState
from web import demo, demo_offices

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
"""A Saturday: a demo must look right on a day off, too."""


@pytest.fixture
def filled(sqlite: Database) -> Database:
    with sqlite.transaction() as session:
        demo_offices.fill(session, NOW)
    return sqlite


def test_five_offices_with_eleven_sops_and_runs_in_all_conditions(filled: Database) -> None:
    with filled.reading() as session:
        everybody = people.everybody(session, NOW)
        offices = {row.who.office_id: row.who for row in everybody}
        assert len(offices) == 5
        assert sum(len(catalogue.sops(session, who)) for who in offices.values()) == 11
        for who in offices.values():
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
    assert all(len(row.who.held) == 1 or Right.ANALYST in row.who.rights for row in everybody)
    held = {jabatan for row in everybody for jabatan in row.who.held}
    assert len({row.username for row in everybody}) == len(everybody)
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


def test_a_demo_keeps_its_data_starts_over_when_asked_and_stays_on_loopback(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    with started(folder) as (said, address):
        assert address.startswith("127.0.0.1:")
        assert str(folder) in said
        assert "camat.gambut" in said
        assert _get(address) == 200
        assert _get(address, Host="lajur.example") == 400
        with pytest.raises(OSError, match="refused"), socket.socket() as other:
            other.connect(("127.0.0.2", int(address.split(":")[1])))
    secret = (folder / demo.SECRET).read_text()
    assert (folder / demo.SECRET).stat().st_mode & 0o077 == 0
    with started(folder) as (said, _):
        assert "Menyiapkan" not in said
        assert (folder / demo.SECRET).read_text() == secret
    with started(folder, "--fresh") as (said, _):
        assert "Menyiapkan" in said
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
