"""All runs of an SOP on one diagram, as a manager sees it; and what the page of one run says of its way and its end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from html import escape, unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete

from engine import offices, runs
from engine.states import Right
from engine.tables import FlowTally, StepTally
from tests.conftest import NOW
from tests.web.conftest import APPROVE, PASSWORD, SEND_BACK, Browser, Kecamatan
from tests.web.test_control_sheet import words
from tests.web.test_queries_per_page import counting
from tests.web.test_tasks import SUBJECT, finish
from web import moments
from web.marks import TIMES

LogIn = Callable[[str], Browser]

STEPS = {"langkah_1": "Pengadministrasi Umum", "langkah_2": "Sekretaris Kecamatan", "langkah_3": "Camat"}

STATEMENTS = 11
"""What the page asks at most."""


@pytest.fixture
def manager(kecamatan: Kecamatan, log_in: LogIn) -> Browser:
    """A browser of somebody who manages the office and holds no jabatan."""
    with kecamatan.database.transaction() as session:
        rights = frozenset({Right.MANAGER})
        offices.add_person(session, kecamatan.office, "manajer", "Maya Sari", PASSWORD, rights)
    return log_in("manajer")


@pytest.fixture
def run(kecamatan: Kecamatan, log_in: LogIn) -> int:
    """A run that waits for its first step."""
    answer = log_in("rina").post(f"/sop/{kecamatan.sop}/mulai", perihal=SUBJECT)
    return int(answer.location.rpartition("/")[2])


def remember(kecamatan: Kecamatan, returned: int = 0, **taken: dict[str, int]) -> None:
    """What this month's work came to: thirty hours at each step, but for those given."""
    with kecamatan.database.transaction() as session:
        session.execute(delete(FlowTally))  # what the runs of a test count by themselves
        for step, jabatan in STEPS.items():
            histogram = taken.get(step, {"60": 30})
            number = sum(histogram.values())
            figures = dict.fromkeys(("redone", "waiting", "working"), 0)
            session.add(
                StepTally(
                    definition_id=kecamatan.sop, node_id=step, jabatan_id=kecamatan.jabatan[jabatan],
                    month=date(2026, 11, 1), office_id=kecamatan.office, finished=number, timed=number,
                    on_time=number // 2, returned=returned if step == "langkah_2" else 0,
                    waited={"20": number}, worked=histogram, taken=histogram, **figures,
                )
            )  # fmt: skip
        for edge, passed in ((APPROVE, 1234), (SEND_BACK, 5)):
            session.add(FlowTally(definition_id=kecamatan.sop, edge_id=edge, month=date(2026, 11, 1), passed=passed))


def forget(kecamatan: Kecamatan) -> None:
    with kecamatan.database.transaction() as session:
        for table in (StepTally, FlowTally):
            session.execute(delete(table))


def marks(page: str) -> list[dict[str, Any]]:
    found = re.search(r'data-marks="([^"]*)"', page)
    assert found
    listed: list[dict[str, Any]] = json.loads(unescape(found[1]))
    return listed


def test_a_manager_sees_all_runs_on_one_diagram_and_the_same_as_a_table(
    kecamatan: Kecamatan, run: int, manager: Browser
) -> None:
    remember(kecamatan, returned=9)
    page = manager.get(f"/papan/sop/{kecamatan.sop}").text
    told = words(page)
    assert "1 berkas berjalan" in told
    assert "Menyusun konsep surat Pengadministrasi Umum 1 0 mnt 30 20 mnt 1 jam 1 hari 0% 50%" in told
    assert f'href="/papan?sop={kecamatan.sop}&amp;tampil=semua"' in page
    behind = f"/papan/sop/{kecamatan.sop}?warna=waktu&bulan=6&versi=1&langkah=langkah_1#di-langkah"
    assert f'href="{escape(behind)}"' in page
    found = marks(page)
    (tokens,) = (mark for mark in found if mark["kind"] == "tokens")
    assert (tokens["element"], tokens["text"]) == ("langkah_1", "1 \N{MIDDLE DOT} 0 mnt")
    assert tokens["href"] == behind
    assert next(mark for mark in found if mark["element"] == "langkah_1")["text"] == "1 jam / 1 hari"
    assert {mark["element"]: (mark["kind"], mark["text"]) for mark in found if mark["element"].startswith("alur")} == {
        APPROVE: ("passed", f"1234{TIMES}"),
        SEND_BACK: ("return", f"5{TIMES}"),
    }


def test_boxes_are_coloured_by_time_or_by_returns(kecamatan: Kecamatan, manager: Browser) -> None:
    remember(kecamatan, returned=9, langkah_1={"1000": 30})
    path = f"/papan/sop/{kecamatan.sop}"

    def heat(page: str) -> dict[str, str]:
        return {mark["element"]: mark["kind"] for mark in marks(page) if mark.get("place") == "top"}

    assert heat(manager.get(path).text)["langkah_1"] == "heat-3"
    by_returns = manager.get(f"{path}?warna=kembali").text
    assert heat(by_returns) == {"langkah_1": "heat-0", "langkah_2": "heat-3", "langkah_3": "heat-0"}
    assert '<span class="heat heat-3">30%</span>' in by_returns


def test_of_little_it_says_how_little_and_colours_nothing(kecamatan: Kecamatan, manager: Browser) -> None:
    remember(kecamatan, langkah_1={"60": 2}, langkah_2={"60": 2}, langkah_3={"60": 2})
    page = manager.get(f"/papan/sop/{kecamatan.sop}").text
    assert words(page).count("baru 2") == 9
    assert {mark["kind"] for mark in marks(page) if mark.get("place") == "top"} == {"flat"}


@pytest.mark.parametrize("words_", ["bulan=99&warna=biru&versi=7", "bulan=x", "versi=99999999999", "bulan=-1"])
def test_what_the_address_says_wrongly_is_not_asked_for(kecamatan: Kecamatan, manager: Browser, words_: str) -> None:
    path = f"/papan/sop/{kecamatan.sop}"
    wrong, right = manager.get(f"{path}?{words_}").text, manager.get(path).text
    assert words(wrong) == words(right)


def test_suspended_runs_are_told_apart(kecamatan: Kecamatan, run: int, manager: Browser) -> None:
    with kecamatan.database.transaction() as session:
        who = offices.actor(session, _id(kecamatan, "manajer"), NOW)
        runs.suspend(session, who, run, "Menunggu", NOW)
    page = manager.get(f"/papan/sop/{kecamatan.sop}").text
    assert "0 + 1 ditangguhkan" in words(page)
    assert [mark["text"] for mark in marks(page) if mark["kind"] == "tokens"] == ["0 (+1)"]


def _id(kecamatan: Kecamatan, username: str) -> int:
    with kecamatan.database.reading() as session:
        return offices.log_in(session, username, PASSWORD)


def test_behind_a_box_are_its_runs(kecamatan: Kecamatan, run: int, log_in: LogIn, manager: Browser) -> None:
    path = f"/papan/sop/{kecamatan.sop}?langkah=langkah_1"
    told = words(manager.get(path).text)
    assert f"Berkas pada langkah “Menyusun konsep surat” Yang paling lama menunggu lebih dahulu {COLUMNS}" in told
    assert f"{SUBJECT} belum diambil Senin, 23 November 2026, 09.00 WIB 0 menit" in told
    finish(log_in("rina"), run)
    assert "Tidak ada berkas yang menunggu di sini." in manager.get(path).text
    assert "Berkas pada langkah" not in manager.get(path.replace("langkah_1", "tidak_ada")).text


COLUMNS = "Perihal Di tangan Menunggu sejak Lamanya"


def test_only_managers_of_the_office_see_it(kecamatan: Kecamatan, log_in: LogIn, manager: Browser) -> None:
    path = f"/papan/sop/{kecamatan.sop}"
    assert log_in("rina").get(path).status_code == 403
    assert log_in("asing").get(path).status_code == 404
    assert manager.get("/papan/sop/999").status_code == 404
    assert path in manager.get(f"/sop/{kecamatan.sop}").text
    assert path not in log_in("rina").get(f"/sop/{kecamatan.sop}").text


def test_the_page_asks_no_more_where_more_waits(kecamatan: Kecamatan, log_in: LogIn, manager: Browser) -> None:
    path, rina = f"/papan/sop/{kecamatan.sop}", log_in("rina")
    counts = []
    for number in range(3):
        for _ in range(number * 5):
            assert rina.post(f"/sop/{kecamatan.sop}/mulai", perihal="Undangan").status_code == 302
        with counting(kecamatan.database) as asked:
            assert manager.get(path).status_code == 200
        counts.append(len(asked))
    assert counts[1:] == [counts[2]] * 2
    assert counts[2] <= STATEMENTS


# -- one run ----------------------------------------------------------------------------------------------------------


def test_a_run_shows_its_way_and_its_rounds(run: int, log_in: LogIn) -> None:
    rina = log_in("rina")
    page = rina.get(f"/berkas/{run}").text
    assert '<details class="round-fold"' not in page
    finish(rina, run)
    finish(log_in("budi"), run, keputusan=SEND_BACK, catatan="Nama keliru")
    finish(rina, run)
    page = rina.get(f"/berkas/{run}").text
    assert page.count('<details class="round-fold"') == 2
    assert page.index("<h3>Putaran 2</h3>") < page.index("<h3>Putaran 1</h3>")
    assert "Putaran 2 dikembalikan dari “Memeriksa konsep surat” oleh Budi Santoso" in words(page)
    walked = {mark["element"]: mark for mark in marks(page) if mark["kind"] in ("walked", "return")}
    assert walked[SEND_BACK]["kind"] == "return"
    assert sorted(mark["text"] for mark in walked.values()) == ["", "", f"1{TIMES}", f"2{TIMES}"]
    assert "Menyusun konsep surat (Pengadministrasi Umum): sudah selesai; dikerjakan 2 kali" in words(page)


def test_a_run_says_how_long_each_step_waited_and_was_worked_on(run: int, log_in: LogIn) -> None:
    rina = log_in("rina")
    assert "menunggu 0 menit" in words(rina.get(f"/berkas/{run}").text)
    finish(rina, run)
    assert "menunggu 0 menit, dikerjakan 0 menit" in words(rina.get(f"/berkas/{run}").text)


def test_a_run_says_when_it_may_be_finished_and_from_what_that_is_known(
    kecamatan: Kecamatan, run: int, log_in: LogIn
) -> None:
    rina = log_in("rina")
    told = words(rina.get(f"/berkas/{run}").text)
    assert "Perkiraan selesai Belum dapat diperkirakan. Langkah “Menandatangani surat” tidak memiliki mutu baku" in told
    remember(kecamatan, langkah_1={"60": 1})
    told = words(rina.get(f"/berkas/{run}").text)
    assert "Perkiraan selesai Selasa, 24 November 2026 Menurut mutu baku langkah yang tersisa" in told
    forget(kecamatan)
    remember(kecamatan)
    told = words(rina.get(f"/berkas/{run}").text)
    assert "Perkiraan selesai Senin, 23 November 2026, 12.00 WIB" in told
    assert "setiap langkah yang tersisa sudah diselesaikan sedikitnya 30 kali" in told


def test_a_spread_of_days_is_told(kecamatan: Kecamatan, run: int, log_in: LogIn) -> None:
    spread = {"60": 20, "2000": 20}
    remember(kecamatan, langkah_1=spread, langkah_2=spread, langkah_3=spread)
    assert "Delapan dari sepuluh berkas seperti ini selesai antara" in words(log_in("rina").get(f"/berkas/{run}").text)


def test_of_a_suspended_run_it_is_said_why_nothing_is_expected_and_of_a_finished_one_nothing(
    kecamatan: Kecamatan, run: int, log_in: LogIn, manager: Browser
) -> None:
    with kecamatan.database.transaction() as session:
        runs.suspend(session, offices.actor(session, _id(kecamatan, "manajer"), NOW), run, "Menunggu", NOW)
    rina = log_in("rina")
    told = words(rina.get(f"/berkas/{run}").text)
    assert "Belum dapat diperkirakan. Berkas ini sedang ditangguhkan." in told
    with kecamatan.database.transaction() as session:
        runs.cancel(session, offices.actor(session, _id(kecamatan, "manajer"), NOW), run, "Keliru", NOW)
    assert "Perkiraan selesai" not in rina.get(f"/berkas/{run}").text


@pytest.mark.parametrize(
    ("spent", "brief", "shortest"),
    [
        (timedelta(), "0 menit", "0 mnt"),
        (timedelta(minutes=45), "45 menit", "45 mnt"),
        (timedelta(hours=3, minutes=20), "3 jam 20 menit", "3,3 jam"),
        (timedelta(hours=7, minutes=30), "1 hari kerja", "1 hari"),
        (timedelta(hours=18, minutes=50), "2 hari kerja 3 jam", "2,5 hari"),
        (timedelta(minutes=-5), "0 menit", "0 mnt"),
    ],
)
def test_working_time_is_told_lasted(app: Flask, spent: timedelta, brief: str, shortest: str) -> None:
    with app.test_request_context():
        assert moments.lasted(spent) == brief
        assert moments.shortest(spent) == shortest
