"""Laporan pagi on the screen, and whether it comes by e-mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from bpmn.wording import Sentence
from engine import absences, counting, offices, runs
from engine.states import Right
from engine.tables import Person
from tests.engine import boards
from tests.web.conftest import PASSWORD, Browser, Kecamatan

LogIn = Callable[[str], Browser]


@pytest.fixture
def siti(kecamatan: Kecamatan, log_in: LogIn, now: datetime) -> Browser:
    """A manager, of an office with a run and somebody who is away."""
    with kecamatan.database.transaction() as session:
        session.get_one(Person, kecamatan.people["siti"]).rights = [Right.MANAGER]
        rina = offices.actor(session, kecamatan.people["rina"], now)
        runs.start(session, rina, kecamatan.sop, "Undangan", now)
        absences.note(session, rina, rina.id, now.date(), now.date(), None, "Sakit", now)
    return log_in("siti")


def test_the_sheet_tells_of_today_and_of_the_last_working_day(siti: Browser) -> None:
    page = siti.get("/papan/pagi").text
    assert "<h1>Laporan Pagi</h1>" in page
    assert "Senin, 23 November 2026, 09.00 WIB" in page
    assert "Sejak 20 Nov 2026" in page
    assert "<strong>Rina Wulandari</strong> (Pengadministrasi Umum), tanpa pengganti" in page
    week = siti.get("/papan/pagi?pekan=1").text
    assert "<h1>Laporan Pekanan</h1>" in week
    assert "Sejak 16 Nov 2026" in week


def test_more_than_is_counted_is_told_as_such(siti: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    late, many = Sentence("Lewat batas waktu"), counting.MOST + 1
    row = boards.row(1, "Undangan", "", "Surat", [boards.step("Paraf", "Camat")], [late])
    boards.show(monkeypatch, [row], boards.counts(many, many, many, many, [(late, many)]))
    page = siti.get("/papan/pagi").text
    assert page.count("1000+") == 5
    assert "dan masih banyak lagi." in page
    assert str(many) not in page


def test_the_sheet_is_for_managers(siti: Browser, log_in: LogIn) -> None:
    rina = log_in("rina")
    assert rina.get("/papan/pagi").status_code == 403
    assert rina.post("/papan/pagi/kirim", kirim="ya").status_code == 403
    assert "Laporan pagi" not in rina.get("/pemberitahuan").text


def test_a_manager_switches_the_mail_off_and_on(siti: Browser) -> None:
    siti.post("/pemberitahuan/email", email="siti@example.go.id", sandi=PASSWORD)
    assert "Dikirim ke siti@example.go.id." in siti.get("/pemberitahuan").text
    page = siti.follow(siti.post("/papan/pagi/kirim", kirim="tidak"))
    assert "Laporan pagi tidak lagi dikirim ke e-mail." in page
    assert "Tidak dikirim ke e-mail Anda." in page
    page = siti.follow(siti.post("/papan/pagi/kirim", kirim="ya"))
    assert "Laporan pagi dikirim ke e-mail." in page
    assert "Jangan kirim Laporan pagi" in page
