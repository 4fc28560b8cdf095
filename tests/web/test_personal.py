"""Stories of what is about oneself: being told, and being away."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select

from engine import counting, mail, worker
from engine.database import Database
from engine.mail import Mail
from engine.states import NoticeKind, Right
from engine.tables import Notice, Person, Run
from tests.web.conftest import PASSWORD, Browser, Kecamatan, logged_in, make_app
from web.config import Settings

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


def test_no_more_is_counted_than_a_page_tells(kecamatan: Kecamatan, log_in: LogIn, now: datetime) -> None:
    rina = log_in("rina")
    rina.post(f"/sop/{kecamatan.sop}/mulai", perihal="Undangan")
    with kecamatan.database.transaction() as session:
        told = {"person_id": kecamatan.people["rina"], "run_id": session.scalars(select(Run.id)).one(), "at": now}
        told |= {"kind": NoticeKind.NEW, "facts": {}}
        session.execute(insert(Notice), [told] * counting.MOST)
    page = rina.get("/tugas").text
    assert ("1000 pemberitahuan baru" in page, "1000+" in page) == (True, False)
    with kecamatan.database.transaction() as session:
        session.execute(insert(Notice), [told] * 5)
    page = rina.get("/tugas").text
    assert "1000+ pemberitahuan baru" in page
    assert page.count('<span class="count">1000+</span>') == 1


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


def make_manager(database: Database, person: int) -> None:
    with database.transaction() as session:
        session.get_one(Person, person).rights = [Right.MANAGER]


def test_a_manager_sees_who_is_away_and_what_waits(kecamatan: Kecamatan, log_in: LogIn, now: datetime) -> None:
    make_manager(kecamatan.database, kecamatan.people["siti"])
    rina, dedi, siti = log_in("rina"), log_in("dedi"), log_in("siti")
    assert "/tidak-di-tempat/kantor" not in rina.get("/tugas").text
    assert rina.get("/tidak-di-tempat/kantor").status_code == 403
    assert 'href="/tidak-di-tempat/kantor"' in siti.get("/tugas").text
    assert "Semua di tempat" in siti.get("/tidak-di-tempat/kantor").text
    run = rina.post(f"/sop/{kecamatan.sop}/mulai", perihal="Undangan").location
    days = {"sejak": now.date().isoformat(), "sampai": (now.date() + timedelta(days=2)).isoformat()}
    rina.post("/tidak-di-tempat", catatan="Diklat <3 hari>", **days)
    assert "sedang tidak di tempat" not in siti.get(run).text
    dedi.post("/tidak-di-tempat", **days)
    page = siti.get("/tidak-di-tempat/kantor").text
    assert "Pengadministrasi Umum: 1 tugas menunggu" in page
    assert "Diklat &lt;3 hari&gt;" in page
    assert "Rina Wulandari sedang tidak di tempat sampai Rabu, 25 November 2026, tanpa pengganti." in siti.get(run).text
    absence = re.findall(r"/tidak-di-tempat/(\d+)/akhiri", page)[0]
    answer = siti.post(f"/tidak-di-tempat/{absence}/akhiri", kembali_ke="/tidak-di-tempat/kantor")
    assert answer.location == "/tidak-di-tempat/kantor"
    assert "Pengadministrasi Umum: 1 tugas menunggu" not in siti.follow(answer)


def test_an_end_of_an_absence_leads_to_no_other_site(log_in: LogIn, now: datetime) -> None:
    rina = log_in("rina")
    rina.post("/tidak-di-tempat", sejak=now.date().isoformat(), sampai=now.date().isoformat())
    (absence,) = re.findall(r"/tidak-di-tempat/(\d+)/akhiri", rina.get("/tidak-di-tempat").text)
    assert rina.post(f"/tidak-di-tempat/{absence}/akhiri", kembali_ke="//evil.example").location == "/"


def test_an_address_is_kept_changed_and_emptied(log_in: LogIn) -> None:
    rina = log_in("rina")
    page = rina.follow(rina.post("/pemberitahuan/email", email=" rina@example.go.id ", sandi=PASSWORD))
    assert "Alamat e-mail disimpan." in page
    assert 'value="rina@example.go.id"' in page
    answer = rina.post("/pemberitahuan/email", email='"rina', sandi=PASSWORD)
    assert answer.status_code == 422
    assert 'value="&#34;rina"' in answer.text
    assert "bukan alamat e-mail" in answer.text
    assert 'value="rina@example.go.id"' in rina.get("/pemberitahuan").text
    assert "tidak lagi dikirim" in rina.follow(rina.post("/pemberitahuan/email", email=""))
    assert 'value="rina@example.go.id"' not in rina.get("/pemberitahuan").text


@pytest.mark.parametrize(("sends", "words"), [(False, "belum diatur untuk mengirim e-mail"), (True, "juga dikirim ke")])
def test_the_page_says_whether_mail_can_be_sent_at_all(
    kecamatan: Kecamatan, settings: Settings, sends: bool, words: str
) -> None:
    app = make_app(kecamatan.database, dataclasses.replace(settings, sends_mail=sends))
    rina = logged_in(app, "rina")
    assert words in rina.follow(rina.post("/pemberitahuan/email", email="rina@example.go.id", sandi=PASSWORD))


def test_the_four_kinds_are_told_on_the_page_and_by_mail(
    kecamatan: Kecamatan, settings: Settings, log_in: LogIn, now: datetime
) -> None:
    sent: list[Mail] = []
    jobs = worker.jobs(sent.append, "https://lajur.example.go.id")

    def work(at: datetime) -> None:
        while worker.sweep(kecamatan.database, jobs, at):
            pass

    rina, budi = log_in("rina"), log_in("budi")
    rina.post("/pemberitahuan/email", email="rina@example.go.id", sandi=PASSWORD)
    rina.post(f"/sop/{kecamatan.sop}/mulai", perihal="Undangan")
    work(now)
    rina.post("/tugas/1/ambil")
    rina.post("/tugas/1/selesai")
    budi.post("/tugas/2/ambil")
    budi.post("/tugas/2/selesai", keputusan="alur_kembali", catatan="Nomor keliru")
    work(now)
    work(now + timedelta(hours=22))
    work(now + timedelta(hours=26))
    page = log_in("rina").get("/pemberitahuan").text
    for words in (
        "Tugas ini untuk jabatan Anda.",
        "Budi Santoso mengembalikannya kepada Anda untuk diperbaiki.",
        "Nomor keliru",
        "Batas waktunya Selasa, 24 November 2026, 09.00 WIB.",
        "Batas waktunya sudah lewat: Selasa, 24 November 2026, 09.00 WIB.",
    ):
        assert words in page
    told = [(mail.subject, mail.body) for mail in sent]
    assert [subject.removeprefix("[Lajur] ").split(":")[0] for subject, _ in told] == [
        "Tugas baru", "Dikembalikan kepada Anda", "Mendekati batas waktu", "Terlambat",
    ]  # fmt: skip
    assert all("Buka: https://lajur.example.go.id/tugas/" in body for _, body in told)
    assert ": Budi Santoso\n" in told[1][1]
    assert mail.is_address(sent[0].to)
