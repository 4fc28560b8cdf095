"""What was typed survives the end of a session and a page that is too old, for the person who wrote it alone."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from engine.database import Database
from tests.web.conftest import PASSWORD, Browser, Kecamatan, furnish
from web import kept

LogIn = Callable[[str], Browser]
NOTE = 'Sudah diperiksa: <b>"lengkap"</b>'
HEADING = "Yang Anda tulis sebelum sesi berakhir"


@pytest.fixture
def kecamatan(sqlite: Database, now: object) -> Kecamatan:
    return furnish(sqlite, now)  # type: ignore[arg-type]


@pytest.fixture
def rina(kecamatan: Kecamatan, log_in: LogIn) -> Browser:
    """Rina, who has claimed the first task of a run."""
    browser = log_in("rina")
    browser.post(f"/sop/{kecamatan.sop}/mulai", perihal="Undangan rapat")
    browser.post("/tugas/1/ambil")
    return browser


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return html.unescape(found[1])


def end_session(browser: Browser) -> None:
    with browser.client.session_transaction() as cookie:
        cookie.clear()


def sent(browser: Browser, page: str, path: str, **fields: object) -> TestResponse:
    """The form of a page, sent as the browser would, with the token and the mark that it has."""
    data = {"csrf_token": hidden(page, "csrf_token"), "orang": hidden(page, "orang"), **fields}
    return browser.client.post(path, data=data, headers={"Referer": "http://localhost/tugas/1?dari=/tugas"})


def sent_too_late(browser: Browser, path: str = "/tugas/1/selesai", **fields: object) -> str:
    """The log-in page that answers a form whose session has ended."""
    page = browser.get("/tugas/1").text
    end_session(browser)
    answer = sent(browser, page, path, **(fields or {"catatan": NOTE}))
    assert answer.status_code == 401, answer.text
    return answer.text


def log_in_from(browser: Browser, page: str, username: str, **more: str) -> TestResponse:
    fields = {name: hidden(page, name) for name in ("csrf_token", "next", "tertulis")}
    return browser.client.post("/masuk", data={**fields, "nama": username, "sandi": PASSWORD, **more})


def test_a_note_typed_past_the_end_of_the_session_is_sent_after_the_log_in(rina: Browser) -> None:
    page = sent_too_late(rina)
    assert "Yang Anda tulis tidak hilang" in page
    assert "Sudah diperiksa" not in page
    answer = log_in_from(rina, page, "rina")
    assert answer.status_code == 200
    assert HEADING in answer.text
    assert html.escape(NOTE, quote=True).replace("&quot;", "&#34;") in answer.text
    assert 'action="/tugas/1/selesai"' in answer.text
    assert 'href="/tugas/1?dari=/tugas"' in answer.text
    done = sent(rina, answer.text, "/tugas/1/selesai", catatan=NOTE)
    assert done.status_code == 302
    assert "Sudah diperiksa" in rina.get("/berkas/1").text


def test_a_wrong_password_in_between_loses_nothing(rina: Browser) -> None:
    wrong = log_in_from(rina, sent_too_late(rina), "rina", sandi="salah")
    assert wrong.status_code == 401
    assert HEADING in log_in_from(rina, wrong.text, "rina").text


def test_somebody_else_who_logs_in_does_not_see_it(rina: Browser) -> None:
    answer = log_in_from(rina, sent_too_late(rina), "budi")
    assert (answer.status_code, answer.location) == (302, "/")
    page = rina.get("/tugas").text
    assert "bukan tulisan Anda" in page
    assert "Sudah diperiksa" not in page


@pytest.mark.parametrize("change", [lambda text: text[:-3] + "xyz", lambda text: "x" + text, lambda _: "[]"])
def test_what_was_tampered_with_is_not_opened(rina: Browser, change: Callable[[str], str]) -> None:
    page = sent_too_late(rina)
    answer = log_in_from(rina, page, "rina", tertulis=change(hidden(page, "tertulis")))
    assert answer.status_code == 302
    assert "tidak dibuka" in rina.follow(answer)


def test_a_mark_is_not_taken_for_what_was_kept(app: Flask, rina: Browser) -> None:
    page = sent_too_late(rina)
    with app.test_request_context():
        forged = kept.mark(1)
    assert log_in_from(rina, page, "rina", tertulis=forged).status_code == 302


def test_a_form_without_our_mark_is_not_kept(kecamatan: Kecamatan, app: Flask) -> None:
    """Another site can make a browser send a form, and Lajur does not put its words into anybody's hands."""
    with app.test_request_context():
        good = kept.mark(kecamatan.people["rina"])
    for mark in ("", "3", good + "x"):
        answer = app.test_client().post("/tugas/1/selesai", data={"catatan": NOTE, "orang": mark})
        assert (answer.status_code, answer.location) == (302, "/masuk")


def test_what_was_kept_is_sent_nowhere_else(app: Flask, rina: Browser) -> None:
    page = rina.get("/tugas/1").text
    end_session(rina)
    data = {"catatan": NOTE, "orang": hidden(page, "orang"), "next": "https://jahat.example/", "csrf_token": "x"}
    headers = {"Referer": "https://jahat.example/"}
    answer = rina.client.post("/tugas/1/selesai?x=//jahat.example", data=data, headers=headers)
    again = log_in_from(rina, answer.text, "rina").text
    assert 'action="/tugas/1/selesai?x=//jahat.example"' in again
    assert 'href="/"' in again
    assert "https://jahat.example" not in again
    with app.test_request_context("//jahat.example/tugas", method="POST", data=data):
        form = kept.sent()
    assert form is None


def test_passwords_and_tokens_are_not_kept(app: Flask, kecamatan: Kecamatan) -> None:
    with app.test_request_context():
        mark = kept.mark(kecamatan.people["rina"])
    data = {"orang": mark, "csrf_token": "rahasia", "sandi": "rahasia", "catatan": "Isi"}
    with app.test_request_context("/berkas/1/catatan", method="POST", data=data):
        form = kept.sent()
        assert form is not None
        assert form.fields == (("catatan", "Isi"),)
    with app.test_request_context("/masuk", method="POST", data=data):
        assert kept.sent() is None


def test_too_much_to_carry_is_told(rina: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "LIMIT", 100)
    page = sent_too_late(rina)
    assert "terlalu panjang untuk disimpan" in page
    assert 'name="tertulis"' not in page


def test_more_than_a_request_may_bring_leads_to_the_log_in(rina: Browser) -> None:
    page = rina.get("/tugas/1").text
    end_session(rina)
    assert sent(rina, page, "/tugas/1/selesai", catatan="x" * 6_000_000).location.startswith("/masuk")


def test_the_file_is_chosen_again_and_its_title_is_kept(rina: Browser) -> None:
    file = (BytesIO(b"Surat"), "surat.txt")
    page = sent_too_late(rina, "/berkas/1/dokumen", judul="Konsep surat", tugas="1", dokumen=file)
    again = log_in_from(rina, page, "rina").text
    assert 'value="Konsep surat"' in again
    assert 'type="file"' in again
    assert "tidak ikut tersimpan" in again
    assert hidden(again, "tugas") == "1"


def test_a_form_in_which_nothing_was_typed_leads_back_to_its_page(rina: Browser) -> None:
    page = rina.get("/tugas/1").text
    end_session(rina)
    assert sent(rina, page, "/tugas/1/lepas").location == "/masuk?next=/tugas/1?dari%3D/tugas"


def test_the_decision_that_will_be_sent_is_named(rina: Browser, log_in: LogIn) -> None:
    rina.post("/tugas/1/selesai", catatan="Siap")
    budi = log_in("budi")
    (task,) = re.findall(r"/tugas/(\d+)\?dari", budi.get("/tugas/jabatan").text)[:1]
    budi.post(f"/tugas/{task}/ambil")
    page = budi.get(f"/tugas/{task}").text
    end_session(budi)
    late = sent(budi, page, f"/tugas/{task}/selesai", catatan="Baik", keputusan="alur_setuju").text
    again = log_in_from(budi, late, "budi").text
    assert hidden(again, "keputusan") == "alur_setuju"
    assert "Keputusan yang dipilih: <strong>Setuju</strong>" in again


# -- the session lives, but the page is older than it -----------------------------------------------------------------


def test_a_page_of_an_earlier_session_is_shown_again_with_what_was_typed(rina: Browser) -> None:
    page = rina.get("/tugas/1").text
    end_session(rina)
    rina.client.post("/masuk", data={"csrf_token": rina.token(), "nama": "rina", "sandi": PASSWORD})
    answer = sent(rina, page, "/berkas/1/catatan", catatan=NOTE)
    assert answer.status_code == 400
    assert HEADING in answer.text
    assert sent(rina, answer.text, "/berkas/1/catatan", catatan=NOTE).status_code == 302


def test_a_page_of_another_person_asks_the_writer_to_log_in(rina: Browser) -> None:
    page = rina.get("/tugas/1").text
    end_session(rina)
    rina.client.post("/masuk", data={"csrf_token": rina.token(), "nama": "budi", "sandi": PASSWORD})
    answer = sent(rina, page, "/berkas/1/catatan", catatan=NOTE)
    assert answer.status_code == 400
    assert "Sudah diperiksa" not in answer.text
    assert "ditulis oleh orang lain" in answer.text
    assert HEADING in log_in_from(rina, answer.text, "rina").text


def test_a_log_in_page_that_is_too_old_is_shown_again(app: Flask) -> None:
    answer = app.test_client().post("/masuk", data={"csrf_token": "usang", "nama": "budi", "sandi": PASSWORD})
    assert answer.status_code == 400
    assert 'value="budi"' in answer.text
    assert PASSWORD not in answer.text


def test_a_script_gets_a_token_of_the_new_session(rina: Browser) -> None:
    json = {"Accept": "application/json"}
    new = rina.get("/sesi", headers=json).json
    assert new is not None
    data = {"csrf_token": new["csrf_token"], "catatan": "Baru separuh"}
    assert rina.client.post("/tugas/1/simpan", data=data, headers=json).status_code == 200
    end_session(rina)
    assert rina.get("/sesi", headers=json).status_code == 401


# -- a list that refreshes itself -------------------------------------------------------------------------------------


def test_a_refresh_does_not_keep_the_session_alive(rina: Browser) -> None:
    assert "Set-Cookie" in rina.get("/tugas").headers
    assert "Set-Cookie" not in rina.get("/tugas", headers={"Lajur-Refresh": "1"}).headers


def test_a_refresh_leaves_messages_to_the_page_that_shows_them(rina: Browser) -> None:
    rina.post("/tugas/1/simpan", catatan="Separuh")
    assert "Draf tersimpan." not in rina.get("/tugas", headers={"Lajur-Refresh": "1"}).text
    assert "Draf tersimpan." in rina.get("/tugas").text
