"""Akun, and a password that somebody else set, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from engine import offices
from engine.administration import people
from engine.database import Database
from engine.states import Right
from engine.tables import Person
from tests.browser.conftest import act
from tests.browser.test_whole_way import assert_accessible, log_in, log_in_by_the_form
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.browser

NEW = "tujuh gajah menari"


def _person(database: Database, username: str) -> int:
    with database.reading() as session:
        return offices.called(session, username)


def test_somebody_changes_the_password_and_ends_another_log_in(page: Page, complaints: list[str]) -> None:
    log_in(page, "rina")
    page.context.clear_cookies()
    log_in_by_the_form(page, "rina")
    page.goto("/akun")
    expect(page.get_by_text("Peramban ini")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Keluarkan Semua Peramban Lain").click()
    expect(page.get_by_text("Semua peramban lain sudah dikeluarkan.")).to_be_visible()
    change = page.locator("form", has=page.get_by_role("heading", name="Ganti kata sandi"))
    for new in ("kecamatan sukamaju", NEW):
        change.get_by_label("Kata sandi Anda sekarang").fill(PASSWORD)
        change.get_by_label("Kata sandi baru", exact=True).fill(new)
        change.get_by_label("Ulangi kata sandi baru").fill(new)
        change.get_by_role("button", name="Ganti Kata Sandi").click()
        if new != NEW:
            expect(page.get_by_role("alert")).to_contain_text("mudah ditebak")
            assert_accessible(page)
            complaints.clear()  # of the status
    expect(page.get_by_text("Kata sandi diganti.")).to_be_visible()


def test_whoever_got_a_password_chooses_one_first(page: Page, sqlite: Database) -> None:
    with sqlite.transaction() as session:
        session.get_one(Person, offices.called(session, "analis")).rights = [Right.ADMINISTRATOR]
    password = act(sqlite, "analis", people.new_password, _person(sqlite, "rina")).password
    page.goto("/masuk?next=/berkas")
    page.get_by_label("Nama pengguna").fill("rina")
    page.get_by_label("Kata sandi", exact=True).fill(password)
    page.get_by_role("button", name="Masuk").click()
    expect(page.get_by_role("heading", name="Pilih kata sandi Anda sendiri")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Kata sandi baru", exact=True).fill(NEW)
    page.get_by_label("Ulangi kata sandi baru").fill(NEW)
    page.get_by_role("button", name="Simpan").click()
    expect(page).to_have_url(re.compile("/berkas$"))


def test_a_forgotten_password_leads_to_the_administrator(page: Page) -> None:
    page.goto("/masuk")
    page.get_by_role("link", name="Lupa kata sandi?").click()
    expect(page.get_by_text("Hubungi administrator kantor Anda")).to_be_visible()
    assert_accessible(page)
