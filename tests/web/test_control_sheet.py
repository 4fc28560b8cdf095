"""Stories of the control sheet, the diagram on a task's page, and handing a task over."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, g

from engine import offices
from engine.sealing import Head
from tests.web.conftest import APPROVE, SEND_BACK, Browser, Kecamatan
from tests.web.test_tasks import SUBJECT, finish, waiting
from web import moments

LogIn = Callable[[str], Browser]


def words(page: str) -> str:
    """The text of a page, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


@pytest.fixture
def run(kecamatan: Kecamatan, log_in: LogIn) -> int:
    """A run that waits for its first step."""
    answer = log_in("rina").post(f"/sop/{kecamatan.sop}/mulai", perihal=SUBJECT)
    return int(answer.location.rpartition("/")[2])


@pytest.fixture
def returned(run: int, log_in: LogIn) -> int:
    """A run that was sent back once, for a reason with an angle bracket."""
    finish(log_in("rina"), run, catatan="Lengkap.")
    finish(log_in("budi"), run, keputusan=SEND_BACK, catatan="Nama <keliru>")
    return run


def test_a_sheet_is_reached_from_its_run_and_tells_the_whole_way(returned: int, log_in: LogIn) -> None:
    siti = log_in("siti")
    assert f'href="/berkas/{returned}/kendali"' in siti.get(f"/berkas/{returned}").text
    page = siti.get(f"/berkas/{returned}/kendali").text
    told = words(page)
    for part in (
        "Kecamatan Sukamaju Lembar Kendali Perihal Surat pengantar nikah a.n. Rina & Dedi",
        "Keadaan Berjalan",
        "Pengadministrasi Umum Rina Wulandari 23 Nov 2026 09.00",
        "Dikembalikan ke “Menyusun konsep surat” : Nama <keliru>",
        "Sedang dikerjakan Putaran 2",
        "Waktu menurut WIB.",
        "Dicetak oleh Siti Aminah, Senin, 23 November 2026, 09.00 WIB",
    ):
        assert part in told
    assert told.count("Tidak ada.") == 3
    assert "<keliru>" not in page


def test_an_acting_official_is_named_as_such_and_the_end_is_dated(run: int, log_in: LogIn) -> None:
    finish(log_in("rina"), run)
    finish(log_in("budi"), run, keputusan=APPROVE)
    finish(log_in("siti"), run)
    told = words(log_in("rina").get(f"/berkas/{run}/kendali").text)
    assert "Camat Siti Aminah (Plt. Camat) 23 Nov 2026 09.00" in told
    assert "Keadaan Tuntas, Senin, 23 November 2026, 09.00 WIB" in told


def test_a_sheet_of_another_office_is_not_there(returned: int, log_in: LogIn) -> None:
    assert log_in("asing").get(f"/berkas/{returned}/kendali").status_code == 404


@pytest.mark.parametrize(
    ("spent", "told"),
    [
        (timedelta(), "0 menit"),
        (timedelta(minutes=59, seconds=59), "59 menit"),
        (timedelta(hours=3), "3 jam"),
        (timedelta(hours=7, minutes=30), "1 hari"),
        (timedelta(hours=24, minutes=10), "3 hari 1 jam 40 menit"),
    ],
)
def test_working_time_is_told_in_working_days(app: Flask, spent: timedelta, told: str) -> None:
    with app.test_request_context():
        assert moments.worked(spent) == told


@pytest.mark.parametrize(("verb", "told"), [("initial", "Paraf elektronik"), ("sign", "Tanda tangan elektronik")])
def test_what_was_signed_in_lajur_stands_in_the_paraf_column(
    app: Flask, kecamatan: Kecamatan, now: Any, verb: str, told: str
) -> None:
    signed = SimpleNamespace(verb=verb, person="Siti Aminah", jabatan="Camat", capacity="plt", at=now)
    row = SimpleNamespace(
        number=1, step="Paraf", jabatan="Camat", person="Siti Aminah", capacity=None, state="completed", round=1,
        received=now, finished=now, spent=timedelta(), standard="", late=False, choice="", note="", returned_to=(),
        signatures=(signed,),
    )  # fmt: skip
    sheet = SimpleNamespace(
        run_id=1, subject="S", state="running", started_at=now, finished_at=None, rows=(row,), returns=(), documents=(),
        comments=(), events=(), seal=Head(12, "0123456789abcdef" * 4),
    )  # fmt: skip
    with app.test_request_context("/"):
        with kecamatan.database.reading() as session:
            g.who, g.now = offices.actor(session, kecamatan.people["siti"], now), now
        g.counts = SimpleNamespace(mine=0, unread=0)
        page = app.jinja_env.get_template("control_sheet.html")
        app.update_template_context(context := {"sheet": sheet})
        text = words(page.render(context))
        assert f"{told}: Siti Aminah (Plt. Camat), 23 Nov 2026 , 09.00" in text
        assert "Sidik riwayat: 0123 4567 89ab cdef (12 entri)" in text


# -- the diagram on a task's page -------------------------------------------------------------------------------------


def marks(page: str) -> list[dict[str, Any]]:
    found = re.search(r'data-marks="([^"]*)"', page)
    assert found
    marks: list[dict[str, Any]] = json.loads(unescape(found[1]))
    return marks


def test_a_task_says_where_in_the_diagram_one_is(returned: int, log_in: LogIn) -> None:
    rina = log_in("rina")
    page = rina.get(f"/tugas/{waiting(rina, returned)}").text
    assert {"element": "langkah_1", "kind": "active", "text": "Anda di sini", "focus": True} in marks(page)
    assert {"element": "alur_kembali", "kind": "return", "text": "1\N{MULTIPLICATION SIGN}"} in marks(page)
    assert "langkah_2" not in [mark["element"] for mark in marks(page)]
    told = words(page)
    assert "Menyusun konsep surat (Pengadministrasi Umum): Anda di sini" in told
    assert "Memeriksa konsep surat (Sekretaris Kecamatan): dikembalikan dari sini; mengembalikan 1 kali" in told
    assert "Menandatangani surat (Camat): belum" in told


def test_the_page_of_a_finished_task_marks_it_and_where_the_run_is_now(run: int, log_in: LogIn) -> None:
    rina = log_in("rina")
    task = waiting(rina, run)
    finish(rina, run)
    assert marks(rina.get(f"/tugas/{task}").text) == [
        {"element": "langkah_1", "kind": "done", "text": "Tugas ini", "focus": True},
        {"element": "langkah_2", "kind": "active"},
    ]


def test_a_task_page_loads_the_viewer_only_when_it_is_wanted(run: int, log_in: LogIn) -> None:
    page = log_in("rina").get(f"/tugas/{run}").text
    head = page[: page.index("</head>")]
    assert "viewer" not in head
    assert 'data-script="/static/built/viewer' in page


# -- handing over -----------------------------------------------------------------------------------------------------


def test_a_task_goes_to_a_colleague_with_a_message(kecamatan: Kecamatan, run: int, log_in: LogIn) -> None:
    rina, dedi = log_in("rina"), log_in("dedi")
    task = waiting(rina, run)
    assert "/limpahkan" not in rina.get(f"/tugas/{task}").text
    page = rina.follow(rina.post(f"/tugas/{task}/ambil"))
    assert ">Dedi Kurniawan</option>" in page
    assert ">Rina Wulandari</option>" not in page
    to = str(kecamatan.people["dedi"])
    went = rina.follow(rina.post(f"/tugas/{task}/limpahkan", kepada=to, pesan="Saya <diklat>"))
    assert "Tugas dilimpahkan kepada Dedi Kurniawan." in went
    page = dedi.get(f"/tugas/{task}").text
    assert "Selesaikan &amp; Teruskan" in page or "Selesaikan & Teruskan" in page
    assert "Saya &lt;diklat&gt;" in page
    told = words(rina.get(f"/berkas/{run}/kendali").text)
    assert "melimpahkan “Menyusun konsep surat” kepada Dedi Kurniawan: Saya <diklat>" in told


def test_a_refused_hand_over_keeps_what_was_chosen_and_typed(
    kecamatan: Kecamatan,
    run: int,
    log_in: LogIn,
) -> None:
    rina = log_in("rina")
    task = waiting(rina, run)
    rina.post(f"/tugas/{task}/ambil")
    to = str(kecamatan.people["dedi"])
    for sent, status in (
        ({"kepada": ""}, 422),
        ({"kepada": str(kecamatan.people["siti"])}, 403),
        ({"kepada": to, "pesan": "x" * 4001}, 422),
    ):
        answer = rina.post(f"/tugas/{task}/limpahkan", **{"pesan": "Mohon dilanjutkan", **sent})
        assert answer.status_code == status
        assert 'role="alert"' in answer.text
        assert sent.get("pesan", "Mohon dilanjutkan") in answer.text
    assert f'value="{to}" selected' in answer.text
    assert log_in("dedi").post(f"/tugas/{task}/limpahkan", kepada=to).status_code == 409


def test_where_there_is_nobody_else_it_says_so(run: int, log_in: LogIn) -> None:
    budi = log_in("budi")
    finish(log_in("rina"), run)
    task = waiting(budi, run)
    page = budi.follow(budi.post(f"/tugas/{task}/ambil"))
    assert "tidak ada pemegang jabatan Sekretaris Kecamatan lain" in page
    assert "/limpahkan" not in page
