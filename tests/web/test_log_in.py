"""Log-in, the account of whoever is logged in, a forgotten password, and what is slowed down."""

from __future__ import annotations

import dataclasses
import logging
import re
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from engine import offices, worker
from engine.administration import people
from engine.database import Database
from engine.mail import Mail
from engine.states import Right
from engine.tables import Letter, LogIn, Person
from engine.throttling import FREE
from tests.web.conftest import PASSWORD, Browser, Kecamatan, furnish, make_app
from tests.web.test_sessions import end_session, hidden, sent
from web.config import Settings

LogIn_ = Callable[[str], Browser]
NEW = "tujuh gajah menari"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"


@pytest.fixture
def kecamatan(sqlite: Database, now: datetime) -> Kecamatan:
    return furnish(sqlite, now)


def tried(client: FlaskClient, username: str, password: str, times: int = 1) -> list[int]:
    browser = Browser(client)
    return [browser.post("/masuk", nama=username, sandi=password).status_code for _ in range(times)]


def row(kecamatan: Kecamatan, username: str) -> Person:
    with kecamatan.database.reading() as session:
        return session.get_one(Person, kecamatan.people[username])


def change(kecamatan: Kecamatan, username: str, **values: object) -> None:
    with kecamatan.database.transaction() as session:
        session.execute(update(Person).where(Person.username == username).values(**values))


# -- the session ------------------------------------------------------------------------------------------------------


def test_the_cookie_has_no_person_in_it_but_a_token_that_the_database_does_not_have(
    kecamatan: Kecamatan, log_in: LogIn_
) -> None:
    with log_in("budi").client.session_transaction() as cookie:
        known = {str(value) for key, value in cookie.items() if key != "csrf_token"}
    with kecamatan.database.reading() as session:
        (kept,) = session.scalars(select(LogIn))
        assert str(kept.person_id) not in known
        assert kept.sha256 not in known


def test_a_cookie_that_was_copied_is_worth_nothing_after_the_log_out(app: Flask, log_in: LogIn_) -> None:
    budi = log_in("budi")
    with budi.client.session_transaction() as cookie:
        copied = dict(cookie)
    budi.post("/keluar")
    thief = app.test_client()
    with thief.session_transaction() as cookie:
        cookie.update(copied)
    assert thief.get("/tugas").location == "/masuk?next=/tugas"


def test_a_session_ends_when_nothing_was_done_and_lives_on_by_what_is_done(
    kecamatan: Kecamatan, settings: Settings, now: datetime
) -> None:
    at = [now]
    app = make_app(kecamatan.database, dataclasses.replace(settings, clock=lambda: at[0]))
    budi = Browser(app.test_client())
    budi.post("/masuk", nama="budi", sandi=PASSWORD)
    at[0] = now + timedelta(hours=11)
    assert budi.get("/tugas", headers={"Lajur-Refresh": "1"}).status_code == 200
    assert seen(kecamatan) == now
    assert budi.get("/tugas").status_code == 200
    assert seen(kecamatan) == at[0]
    at[0] = now + timedelta(hours=22)
    assert budi.get("/tugas").status_code == 200
    at[0] = now + timedelta(hours=35)
    assert budi.get("/tugas").location == "/masuk?next=/tugas"


def seen(kecamatan: Kecamatan) -> datetime:
    with kecamatan.database.reading() as session:
        return session.scalars(select(LogIn.seen_at)).one()


def test_logging_in_again_in_the_same_browser_leaves_one_session(kecamatan: Kecamatan, app: Flask) -> None:
    client = app.test_client()
    assert tried(client, "budi", PASSWORD, 3) == [302, 302, 302]
    with kecamatan.database.reading() as session:
        assert len(session.scalars(select(LogIn)).all()) == 1


# -- the account ------------------------------------------------------------------------------------------------------


def on(app: Flask, username: str, agent: str) -> Browser:
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = agent
    browser = Browser(client)
    assert browser.post("/masuk", nama=username, sandi=PASSWORD).status_code == 302
    return browser


def test_people_see_where_they_are_logged_in_and_end_one_or_all_others(app: Flask) -> None:
    office, phone, other = on(app, "budi", FIREFOX), on(app, "budi", PHONE), on(app, "budi", "")
    page = office.get("/akun").text
    assert page.index("Firefox, Windows") < page.index("Chrome, Android")
    assert page.count("Peramban ini") == 1
    ends = re.findall(r'action="(/akun/sesi/\d+/akhiri)"', page)
    assert len(ends) == 2
    assert "sudah dikeluarkan" in office.follow(office.post(ends[0]))
    assert sorted(one.get("/tugas").status_code for one in (phone, other)) == [200, 302]
    office.post("/akun/sesi/akhiri")
    assert [one.get("/tugas").status_code for one in (office, phone, other)] == [200, 302, 302]


def test_nobody_ends_the_session_of_somebody_else(app: Flask, log_in: LogIn_) -> None:
    budi, rina = log_in("budi"), log_in("rina")
    for number in (2, 99):
        assert budi.post(f"/akun/sesi/{number}/akhiri").status_code == 404
    assert rina.get("/tugas").status_code == 200


def test_a_password_is_changed_by_who_knows_the_old_one(kecamatan: Kecamatan, app: Flask, log_in: LogIn_) -> None:
    budi, elsewhere = log_in("budi"), log_in("budi")
    new = {"sandi_baru": NEW, "sandi_lagi": NEW}
    wrong = budi.post("/akun/sandi", sandi="salah", **new)
    assert wrong.status_code == 422
    assert "sekarang tidak benar" in wrong.text
    for weak in ("budi", "kecamatan sukamaju", "budi santoso 1"):
        answer = budi.post("/akun/sandi", sandi=PASSWORD, sandi_baru=weak, sandi_lagi=weak)
        assert answer.status_code == 422
        assert f'name="sandi_baru" value="{weak}"' not in answer.text
    assert budi.post("/akun/sandi", sandi=PASSWORD, sandi_baru=NEW, sandi_lagi="lain").status_code == 422
    assert "Kata sandi diganti." in budi.follow(budi.post("/akun/sandi", sandi=PASSWORD, **new))
    assert elsewhere.get("/tugas").status_code == 302
    assert tried(app.test_client(), "budi", PASSWORD) == [401]
    assert tried(app.test_client(), "budi", NEW) == [302]


def test_an_address_is_changed_by_who_knows_the_password(kecamatan: Kecamatan, log_in: LogIn_) -> None:
    budi = log_in("budi")
    for page in ("/akun/email", "/pemberitahuan/email"):
        assert budi.post(page, email="penyusup@example.go.id", sandi="").status_code == 422
        assert row(kecamatan, "budi").email == ""
    wrong = budi.post("/akun/email", email="bukan alamat", sandi=PASSWORD)
    assert wrong.status_code == 422
    assert 'value="bukan alamat"' in wrong.text
    assert 'value="budi@example.go.id"' in budi.follow(
        budi.post("/akun/email", email="budi@example.go.id", sandi=PASSWORD)
    )


# -- a password that somebody else set --------------------------------------------------------------------------------


@pytest.fixture
def one_time(kecamatan: Kecamatan, now: datetime) -> str:
    """The password that an administrator gave Rina."""
    change(kecamatan, "analis", rights=[Right.ADMINISTRATOR])
    with kecamatan.database.transaction() as session:
        analyst = offices.actor(session, kecamatan.people["analis"], now)
        return people.new_password(session, analyst, kecamatan.people["rina"], now).password


def test_whoever_got_a_password_chooses_one_before_anything_else(app: Flask, one_time: str) -> None:
    rina = Browser(app.test_client())
    page = rina.post("/masuk", nama="rina", sandi=one_time, next="/berkas")
    assert "Pilih kata sandi Anda sendiri" in page.text
    assert rina.get("/tugas?urut=terbaru").location == "/akun/sandi?next=/tugas?urut%3Dterbaru"
    assert rina.get("/akun").location == "/akun/sandi?next=/akun"
    assert rina.get("/sesi", headers={"Accept": "application/json"}).status_code == 200
    assert rina.client.get("/tugas", headers={"Accept": "application/json"}).status_code == 403
    form = {"csrf_token": hidden(page.text, "csrf_token"), "next": hidden(page.text, "next")}
    weak = rina.client.post("/akun/sandi", data={**form, "sandi_baru": one_time, "sandi_lagi": one_time})
    assert weak.status_code == 422
    done = rina.client.post("/akun/sandi", data={**form, "sandi_baru": NEW, "sandi_lagi": NEW})
    assert (done.status_code, done.location) == (302, "/berkas")
    assert rina.get("/akun/sandi").location == "/akun"
    assert tried(app.test_client(), "rina", one_time) == [401]


def test_what_was_typed_before_is_there_after_the_password_was_chosen(
    kecamatan: Kecamatan, app: Flask, log_in: LogIn_, now: datetime
) -> None:
    rina = log_in("rina")
    rina.post(f"/sop/{kecamatan.sop}/mulai", perihal="Undangan rapat")
    rina.post("/tugas/1/ambil")
    page = rina.get("/tugas/1").text
    change(kecamatan, "analis", rights=[Right.ADMINISTRATOR])
    with kecamatan.database.transaction() as session:
        analyst = offices.actor(session, kecamatan.people["analis"], now)
        password = people.new_password(session, analyst, kecamatan.people["rina"], now).password
    late = sent(rina, page, "/tugas/1/selesai", catatan="Sudah lengkap")
    assert late.status_code == 401
    fields = {name: hidden(late.text, name) for name in ("csrf_token", "next", "tertulis")}
    chosen = rina.client.post("/masuk", data={**fields, "nama": "rina", "sandi": password}).text
    fields = {name: hidden(chosen, name) for name in ("csrf_token", "next", "tertulis")}
    again = rina.client.post("/akun/sandi", data={**fields, "sandi_baru": NEW, "sandi_lagi": NEW})
    assert "Yang Anda tulis sebelum sesi berakhir" in again.text
    assert "Sudah lengkap" in again.text


def test_such_a_password_lets_no_application_in(app: Flask, one_time: str) -> None:
    headers = {"Authorization": f"Basic {b64encode(f'rina:{one_time}'.encode()).decode()}"}
    answer = app.test_client().get("/engine-rest/deployment", headers=headers)
    assert answer.status_code == 403
    assert "harus diganti dahulu" in answer.get_json()["message"]


# -- a forgotten password ---------------------------------------------------------------------------------------------


@pytest.fixture
def mailing(kecamatan: Kecamatan, settings: Settings) -> Flask:
    """An application that sends mail; Rina has an address."""
    change(kecamatan, "rina", email="rina@example.go.id")
    return make_app(kecamatan.database, dataclasses.replace(settings, resets_by_mail=True))


def test_a_forgotten_password_is_replaced_by_a_link(mailing: Flask, kecamatan: Kecamatan, now: datetime) -> None:
    rina = Browser(mailing.test_client())
    assert 'href="/lupa-sandi"' in rina.get("/masuk").text
    known = rina.post("/lupa-sandi", nama="rina").text
    unknown = rina.post("/lupa-sandi", nama="tidak ada").text
    assert without_tokens(known) == without_tokens(unknown)
    mails: list[Mail] = []
    while worker.sweep(kecamatan.database, worker.jobs(mails.append, "http://localhost"), now):
        pass
    (link,) = re.findall(r"http://localhost(/sandi-baru/\S+)", mails[0].body)
    assert rina.get(link).status_code == 200
    assert rina.post(link, sandi_baru="pendek", sandi_lagi="pendek").status_code == 422
    answer = rina.post(link, sandi_baru=NEW, sandi_lagi=NEW)
    assert "Kata sandi baru disimpan." in rina.follow(answer)
    for again in (rina.get(link), rina.post(link, sandi_baru=NEW, sandi_lagi=NEW), rina.get("/sandi-baru/x")):
        assert again.status_code == 410
        assert "sudah dipakai" in again.text
    assert tried(mailing.test_client(), "rina", NEW) == [302]


def without_tokens(page: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page)


def test_where_no_mail_is_sent_the_page_says_whom_to_ask(app: Flask, kecamatan: Kecamatan) -> None:
    browser = Browser(app.test_client())
    for page in (browser.get("/lupa-sandi"), browser.post("/lupa-sandi", nama="rina")):
        assert "Hubungi administrator" in page.text
    with kecamatan.database.reading() as session:
        assert session.scalars(select(Letter)).all() == []


# -- who guesses ------------------------------------------------------------------------------------------------------


def test_who_guesses_is_told_when_to_come_again_and_a_right_password_does_not_help(app: Flask) -> None:
    stranger = app.test_client()
    assert tried(stranger, "budi", "salah", FREE + 1) == [401] * FREE + [429]
    answer = Browser(stranger).post("/masuk", nama="budi", sandi=PASSWORD)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "10"
    assert "Tunggu 10 detik" in answer.text
    assert 'value="budi"' in answer.text
    assert tried(app.test_client(), "rina", PASSWORD) == [302]


def test_the_owner_gets_in_where_the_owner_was_before(app: Flask, log_in: LogIn_) -> None:
    budi = log_in("budi")
    budi.post("/keluar")
    tried(app.test_client(), "budi", "salah", FREE + 1)
    assert tried(app.test_client(), "budi", PASSWORD) == [429]
    assert tried(budi.client, "budi", PASSWORD) == [302]
    end_session(budi)
    assert tried(budi.client, "budi", PASSWORD) == [302]


def test_the_mark_of_a_browser_is_for_its_account_and_cannot_be_made(app: Flask, log_in: LogIn_) -> None:
    rina = log_in("rina")
    rina.post("/keluar")
    tried(app.test_client(), "budi", "salah", FREE)
    assert tried(rina.client, "budi", PASSWORD) == [429]
    forger = app.test_client()
    forger.set_cookie("lajur-peramban", '{"x":"y"}.xyz')
    assert tried(forger, "budi", PASSWORD) == [429]


def test_the_mark_is_kept_from_scripts_and_other_sites(app: Flask) -> None:
    client = app.test_client()
    answer = Browser(client).post("/masuk", nama="budi", sandi=PASSWORD)
    (mark,) = (one for one in answer.headers.getlist("Set-Cookie") if one.startswith("lajur-peramban="))
    assert "HttpOnly" in mark
    assert "SameSite=Lax" in mark


def test_the_password_of_somebody_logged_in_is_not_guessed_either(app: Flask, log_in: LogIn_) -> None:
    budi = log_in("budi")
    new = {"sandi_baru": NEW, "sandi_lagi": NEW}
    codes = [budi.post("/akun/sandi", sandi=f"salah {n}", **new).status_code for n in range(20)]
    assert 429 in codes
    assert codes[-1] == 429


def test_applications_with_a_password_are_slowed_down_alike(app: Flask) -> None:
    headers = {"Authorization": f"Basic {b64encode(b'analis:salah').decode()}"}
    answers = [app.test_client().get("/engine-rest/deployment", headers=headers) for _ in range(FREE + 1)]
    assert [one.status_code for one in answers] == [401] * FREE + [429]
    assert answers[-1].headers["Retry-After"] == "10"


# -- what is told -----------------------------------------------------------------------------------------------------


def test_what_concerns_who_gets_in_is_in_the_log_without_secrets(
    app: Flask, log_in: LogIn_, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "lajur.security")
    tried(app.test_client(), "budi\nlog-in by password", "sangat rahasia")
    budi = log_in("budi")
    budi.post("/akun/sandi", sandi=PASSWORD, sandi_baru=NEW, sandi_lagi=NEW)
    budi.post("/keluar")
    told = [record.getMessage() for record in caplog.records if record.name == "lajur.security"]
    events = [re.findall(r"event='([^']+)'", line)[0] for line in told]
    assert events == ["log-in failed", "log-in by password", "password changed", "log-out"]
    assert all("address='127.0.0.1'" in line and "\n" not in line for line in told)
    assert not any(secret in line for line in told for secret in (PASSWORD, NEW, "sangat rahasia"))


def test_a_log_in_by_a_new_browser_is_told_by_mail_once(kecamatan: Kecamatan, mailing: Flask, now: datetime) -> None:
    client = mailing.test_client()
    tried(client, "rina", PASSWORD, 2)
    mails: list[Mail] = []
    while worker.sweep(kecamatan.database, worker.jobs(mails.append, "http://localhost"), now):
        pass
    assert [mail.subject for mail in mails] == ["[Lajur] Masuk dari peramban baru"]
