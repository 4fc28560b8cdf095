"""The event log as a download and as a file that `lajur events` writes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask, render_template

from engine import offices, runs
from engine.database import Database
from engine.states import Right
from tests.conftest import NOW
from tests.engine import event_logs
from tests.web.conftest import PASSWORD, Browser, Kecamatan, furnish
from web import places
from web.cli import main

LogIn = Callable[[str], Browser]

MANAGER = "manajer"


def staffed(database: Database) -> Kecamatan:
    """The office, with a manager, and a run that was started today."""
    kecamatan = furnish(database, NOW)
    with database.transaction() as session:
        offices.add_person(session, kecamatan.office, MANAGER, "Dewi", PASSWORD, frozenset({Right.MANAGER}))
        runs.start(session, offices.actor(session, kecamatan.people["rina"], NOW), kecamatan.sop, "Undangan", NOW)
    return kecamatan


@pytest.fixture
def kecamatan(database: Database) -> Kecamatan:
    return staffed(database)


def test_a_manager_downloads_the_log(log_in: LogIn) -> None:
    answer = log_in(MANAGER).get("/statistik/log.xes")
    assert answer.mimetype == "application/xml"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="lajur-2026-11-23.xes"'
    (case,) = event_logs.read([answer.text])
    assert case.run["subject"] == "Undangan"


def test_and_as_a_table(log_in: LogIn) -> None:
    answer = log_in(MANAGER).get("/statistik/log.csv")
    assert answer.mimetype == "text/csv"
    assert answer.text.startswith("case:concept:name,")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("dari_bulan=2026-11&sampai_bulan=2026-11", 1),
        ("sampai_bulan=2026-10", 0),
        ("dari_bulan=2026-12", 0),
        ("sop={sop}", 1),
        ("selesai=ya", 0),
        ("dari_bulan=&sampai_bulan=&sop=", 1),
    ],
)
def test_the_address_says_which_runs(log_in: LogIn, kecamatan: Kecamatan, asked: str, found: int) -> None:
    answer = log_in(MANAGER).get(f"/statistik/log.xes?{asked.format(sop=kecamatan.sop)}")
    assert len(event_logs.read([answer.text])) == found


@pytest.mark.parametrize(
    "wrong",
    ["dari_bulan=kemarin", "dari_bulan=2026-13", "sampai_bulan=0000-01", "dari_bulan=2026-11&sampai_bulan=2026-10"],
)
def test_a_period_that_cannot_be_read_is_told_and_nothing_sent(log_in: LogIn, wrong: str) -> None:
    answer = log_in(MANAGER).get(f"/statistik/log.xes?{wrong}")
    assert answer.status_code == 422
    assert answer.mimetype == "text/html"


def test_a_page_of_statistics_leads_to_the_log_of_what_it_shows(
    app: Flask, log_in: LogIn, kecamatan: Kecamatan
) -> None:
    with app.test_request_context(f"/sop/{kecamatan.sop}"):
        text = render_template("event_log_button.html", words={"dari_bulan": "2026-11", "sampai_bulan": "2026-12"})
    links = [unescape(link) for link in re.findall(r'<a [^>]*href="([^"]+)"', text)]
    asked = f"?sop={kecamatan.sop}&dari_bulan=2026-11&sampai_bulan=2026-12"
    assert links == [f"/statistik/log.xes{asked}", f"/statistik/log.csv{asked}"]
    assert "Undangan" in log_in(MANAGER).get(links[0]).text


def test_nobody_else_gets_it(kecamatan: Kecamatan, log_in: LogIn) -> None:
    assert log_in("budi").get("/statistik/log.xes").status_code == 403
    assert log_in("asing").get(f"/statistik/log.xes?sop={kecamatan.sop}").status_code == 404
    assert log_in(MANAGER).get("/statistik/log.xes?sop=999999").status_code == 404


# -- lajur events -----------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, empty_sqlite: Path) -> Path:
    """A data folder with the office."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(empty_sqlite, data / places.DATABASE)
    database = Database(f"sqlite:///{data / places.DATABASE}")
    staffed(database)
    database.dispose()
    return data


def lajur(folder: Path, *arguments: object, username: str = MANAGER) -> Result:
    command = ["events", *map(str, arguments), "--as", username, "--data", str(folder)]
    return CliRunner(env={"LC_ALL": "C", places.VARIABLE: ""}).invoke(main, command)


def test_the_command_writes_the_log_of_the_managers_office(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "log.xes"
    result = lajur(folder, target)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"Log kejadian ditulis ke {target}.\n"
    assert len(event_logs.read([target.read_text(encoding="utf-8")])) == 1


def test_the_command_writes_a_table_where_the_name_ends_so(folder: Path, tmp_path: Path) -> None:
    assert lajur(folder, tmp_path / "log.CSV", "--since", "2026-11-23", "--until", "2026-11-23").exit_code == 0
    assert (tmp_path / "log.CSV").read_bytes().startswith(b"case:concept:name,")


@pytest.mark.parametrize(
    ("options", "found"),
    [([], 1), (["--finished"], 0), (["--until", f"{date(2026, 11, 22)}"], 0), (["--sop", "1"], 1)],
)
def test_the_command_takes_what_the_page_takes(folder: Path, tmp_path: Path, options: list[str], found: int) -> None:
    assert lajur(folder, tmp_path / "log.xes", *options).exit_code == 0
    assert len(event_logs.read([(tmp_path / "log.xes").read_text(encoding="utf-8")])) == found


def test_the_command_leaves_nothing_where_it_is_refused(folder: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    for username in ("budi", "siapa"):
        assert lajur(folder, tmp_path / "log.xes", username=username).exit_code == 2
    assert lajur(folder, tmp_path / "tidak ada" / "log.xes").exit_code == 2
    assert sorted(tmp_path.iterdir()) == before
    (tmp_path / "log.xes").write_text("milik orang")
    assert "sudah ada" in lajur(folder, tmp_path / "log.xes").stderr
    assert (tmp_path / "log.xes").read_text() == "milik orang"
