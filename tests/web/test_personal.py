"""Stories of what is about oneself: being told, and being away."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from engine import worker
from tests.web.conftest import Browser, Kecamatan

LogIn = Callable[[str], Browser]


def test_people_are_told_of_new_tasks_and_read_it(kecamatan: Kecamatan, log_in: LogIn, now: datetime) -> None:
    rina = log_in("rina")
    assert "Tidak ada pemberitahuan" in rina.get("/pemberitahuan").text
    rina.post(f"/sop/{kecamatan.sop}/mulai", perihal="Undangan <rapat>")
    while worker.sweep(kecamatan.database, worker.jobs(), now):
        pass
    page = rina.get("/pemberitahuan").text
    assert "Tugas baru: Menyusun konsep surat" in page
    assert "Undangan &lt;rapat&gt;" in page
    assert "1 pemberitahuan baru" in page
    page = rina.follow(rina.post("/pemberitahuan/dibaca"))
    assert "pemberitahuan baru" not in page
    assert "Tugas baru: " in page
    assert "Tugas baru: " not in log_in("siti").get("/pemberitahuan").text


def test_somebody_who_is_away_has_a_substitute(kecamatan: Kecamatan, log_in: LogIn, now: datetime) -> None:
    rina, budi = log_in("rina"), log_in("budi")
    assert "Menyusun konsep surat" not in budi.get("/tugas/jabatan").text
    days = {"sejak": now.date().isoformat(), "sampai": (now.date() + timedelta(days=2)).isoformat()}
    rina.post(f"/sop/{kecamatan.sop}/mulai", perihal="Undangan")
    went = rina.follow(
        rina.post("/tidak-di-tempat", pengganti=str(kecamatan.people["budi"]), catatan="Diklat <3 hari>", **days)
    )
    assert "Ketidakhadiran dicatat." in went
    assert "(Plh.)" in went
    assert "Diklat &lt;3 hari&gt;" in went
    assert "Menyusun konsep surat" in budi.get("/tugas/jabatan").text
    (absence,) = re.findall(r"/tidak-di-tempat/(\d+)/akhiri", went)
    assert budi.post(f"/tidak-di-tempat/{absence}/akhiri").status_code == 403
    assert "Ketidakhadiran diakhiri." in rina.follow(rina.post(f"/tidak-di-tempat/{absence}/akhiri"))
    assert "Menyusun konsep surat" not in budi.get("/tugas/jabatan").text


def test_what_is_wrong_with_an_absence_is_told_and_what_was_typed_kept(kecamatan: Kecamatan, log_in: LogIn) -> None:
    rina = log_in("rina")
    for sent in (
        {"sejak": "besok", "sampai": "lusa"},
        {"sejak": "2026-11-25", "sampai": "2026-11-24"},
        {"sejak": "2026-11-24", "sampai": "2026-11-25", "pengganti": "99999"},
        {"sejak": "2026-11-24", "sampai": "2026-11-25", "pengganti": str(kecamatan.people["rina"])},
    ):
        answer = rina.post("/tidak-di-tempat", catatan="Cuti", **sent)
        assert answer.status_code in (404, 409, 422), sent
        if answer.status_code != 404:
            assert ">Cuti</textarea>" in answer.text
            assert 'role="alert"' in answer.text
    assert rina.post("/tidak-di-tempat/999/akhiri").status_code == 404
