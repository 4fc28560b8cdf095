"""The lists as one uses them all day: left and found again, refreshed under one's hands, worked from the keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from engine import runs, tasks
from engine.database import Database
from engine.tables import Definition
from tests.browser.conftest import WIDE, act, one_size
from tests.browser.test_whole_way import assert_accessible, end_session, log_in, log_in_by_the_form
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.browser

LIST = "/tugas/jabatan?urut=terlama"


def start(database: Database, count: int) -> None:
    with database.reading() as session:
        sop = session.scalars(select(Definition.id)).one()
    for number in range(1, count + 1):
        act(database, "rina", runs.start, sop, f"Undangan rapat {number}")


@pytest.fixture
def context(chromium: Browser, address: str) -> Iterator[BrowserContext]:
    """A browser in which refused requests are part of the story."""
    context = chromium.new_context(base_url=address, viewport=WIDE, locale="id-ID")
    context.set_default_timeout(15_000)
    yield context
    context.close()


def row(page: Page, task: int) -> Any:
    return page.locator(f"[data-row='tugas-{task}']")


def link(page: Page, task: int) -> Any:
    return row(page, task).locator(".task-title a")


# -- left and found again ---------------------------------------------------------------------------------------------


def test_a_list_is_found_again_as_one_left_it(page: Page, sqlite: Database) -> None:
    start(sqlite, 30)
    log_in(page, "rina")
    page.goto(LIST)
    row(page, 18).get_by_role("checkbox").check()
    link(page, 20).scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    assert place > 500
    back: tuple[Callable[[], Any], ...] = (
        page.get_by_role("link", name="Tugas", exact=True).last.click,
        page.go_back,
    )
    for come_back in back:
        link(page, 20).click()
        expect(page.get_by_role("button", name="Ambil Tugas")).to_be_visible()
        come_back()
        expect(page).to_have_url(re.compile(re.escape(LIST)))
        expect(link(page, 20)).to_be_focused()
        expect(row(page, 18).get_by_role("checkbox")).to_be_checked()
        expect(page.get_by_role("button", name="Ambil 1 tugas")).to_be_visible()
        assert abs(page.evaluate("scrollY") - place) < 5
    row(page, 20).get_by_role("button", name=re.compile("Ambil Tugas")).click()
    page.get_by_role("button", name="Selesaikan & Teruskan").click()
    expect(page).to_have_url(re.compile(re.escape(LIST)))
    expect(page.get_by_text("diteruskan ke")).to_be_in_viewport()
    expect(link(page, 21)).to_be_focused()
    expect(row(page, 18).get_by_role("checkbox")).to_be_checked()
    assert_accessible(page)


def test_all_of_a_page_are_ticked_at_once(page: Page, sqlite: Database) -> None:
    start(sqlite, 12)
    log_in(page, "rina")
    page.goto(LIST)
    page.get_by_label("Pilih semua di halaman ini").check()
    expect(page.get_by_role("button", name="Ambil 12 tugas")).to_be_visible()
    row(page, 12).get_by_role("checkbox").uncheck()
    button = page.get_by_role("button", name="Ambil 11 tugas")
    expect(button).to_be_in_viewport()
    page.evaluate("scrollTo(0, 0)")  # where the bar stands still and covers no row by half
    assert_accessible(page)
    button.click()
    expect(page.get_by_role("status").filter(has_text="sudah Anda ambil")).to_be_visible()
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.get_by_role("button", name="Ambil yang dipilih")).to_be_hidden()


def test_the_moment_of_a_deadline_is_there_for_fingers_and_keys(page: Page, sqlite: Database) -> None:
    start(sqlite, 2)
    log_in(page, "rina")
    page.goto(LIST)
    opener = row(page, 1).locator("summary")
    if opener.is_visible():
        opener.focus()
        page.keyboard.press("Enter")
    expect(row(page, 1).locator("time:visible").last).to_have_text(re.compile(r"\d{4}, \d\d\.\d\d WIB"))
    assert_accessible(page)


# -- refreshed --------------------------------------------------------------------------------------------------------


def test_a_list_refreshes_itself_and_takes_nothing_from_under_the_hands(page: Page, sqlite: Database) -> None:
    start(sqlite, 6)
    page.clock.install()
    log_in(page, "rina")
    page.goto(LIST)
    page.get_by_label(re.compile("Cari perihal")).fill("setengah kata")
    row(page, 3).get_by_role("checkbox").check()
    row(page, 5).get_by_role("checkbox").check()
    link(page, 2).focus()
    for task in (1, 2, 3):
        act(sqlite, "dedi", tasks.claim, task)
    act(sqlite, "rina", runs.start, 1, "Undangan mendadak")
    page.clock.fast_forward(61_000)
    expect(row(page, 7)).to_contain_text("Undangan mendadak")
    expect(page.get_by_role("status").filter(has_text="1 tugas baru")).to_be_visible()
    expect(row(page, 1)).to_have_count(0)
    for task in (2, 3):
        expect(row(page, task)).to_contain_text("Sudah diambil orang lain")
    expect(link(page, 2)).to_be_focused()
    expect(page.get_by_label(re.compile("Cari perihal"))).to_have_value("setengah kata")
    expect(row(page, 5).get_by_role("checkbox")).to_be_checked()
    expect(page.get_by_role("button", name="Ambil 1 tugas")).to_be_visible()
    expect(page.locator(".tabs [aria-current] .count")).to_have_text("4")
    expect(page).to_have_title(re.compile(r"^\(4\) "))
    assert_accessible(page)
    link(page, 4).focus()
    expect(row(page, 2)).to_have_count(0)
    page.clock.fast_forward(61_000)
    expect(row(page, 3)).to_have_count(0)


def test_an_empty_list_fills_itself_and_empties_again(page: Page, sqlite: Database) -> None:
    log_in(page, "rina")
    page.goto("/tugas/jabatan")
    expect(page.get_by_text("Tidak ada tugas yang menunggu")).to_be_visible()
    start(sqlite, 1)
    page.get_by_role("link", name="Perbarui").click()
    expect(row(page, 1)).to_be_visible()
    expect(page.get_by_role("search")).to_be_visible()
    act(sqlite, "dedi", tasks.claim, 1)
    page.get_by_role("link", name="Perbarui").click()
    expect(page.get_by_text("Tidak ada tugas yang menunggu")).to_be_visible()
    assert_accessible(page)


def test_a_refresh_that_meets_the_end_of_the_session_says_so_and_stops(context: BrowserContext) -> None:
    page = context.new_page()
    page.clock.install()
    log_in(page, "rina")
    page.goto("/tugas/jabatan")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/tugas" in request.url else None)
    end_session(page)
    page.clock.fast_forward(61_000)
    again = page.get_by_role("link", name="Masuk lagi")
    expect(again).to_be_visible()
    count = len(asked)
    page.clock.fast_forward(600_000)
    assert len(asked) == count
    again.click()
    expect(page).to_have_url(re.compile("/masuk.*next=.*jabatan"))


def test_a_refresh_shows_nobody_the_list_of_somebody_else(context: BrowserContext, sqlite: Database) -> None:
    start(sqlite, 1)
    page, other = context.new_page(), context.new_page()
    log_in(page, "rina")
    page.goto("/tugas/jabatan")
    end_session(page)
    log_in(other, "siti")
    page.get_by_role("link", name="Perbarui").click()
    expect(page.get_by_text("Orang lain kini masuk di peramban ini.")).to_be_visible()
    expect(row(page, 1)).to_be_visible()


def test_a_refresh_that_fails_says_so_and_is_tried_again_later(context: BrowserContext) -> None:
    page = context.new_page()
    page.clock.install()
    log_in(page, "rina")
    page.goto("/tugas/jabatan")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/tugas" in request.url else None)
    page.route("**/tugas/jabatan", lambda route: route.abort())
    page.clock.fast_forward(61_000)
    expect(page.get_by_text("Belum dapat diperbarui")).to_be_visible()
    page.clock.fast_forward(61_000)
    assert len(asked) == 1
    page.unroute_all()
    page.clock.fast_forward(61_000)
    expect(page.get_by_text("Belum dapat diperbarui")).to_be_hidden()


# -- from the keyboard ------------------------------------------------------------------------------------------------


@one_size
def test_the_keyboard_goes_through_a_list(page: Page, sqlite: Database) -> None:
    start(sqlite, 3)
    log_in(page, "rina")
    page.goto(LIST)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(link(page, 2)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(row(page, 2).get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("/")
    page.keyboard.type("jkx?/")
    expect(page.get_by_label(re.compile("Cari perihal"))).to_have_value("jkx?/")
    expect(row(page, 2).get_by_role("checkbox")).to_be_checked()
    link(page, 2).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/tugas/2"))


def test_the_shortcuts_can_be_turned_off_for_good(page: Page, sqlite: Database) -> None:
    start(sqlite, 2)
    log_in(page, "rina")
    page.goto(LIST)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Pintasan papan ketik")
    expect(dialog).to_be_visible()
    assert_accessible(page)
    dialog.get_by_label("Pakai pintasan ini").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("j")
    expect(link(page, 1)).not_to_be_focused()
    page.get_by_role("button", name="Pintasan papan ketik").click()
    expect(dialog.get_by_label("Pakai pintasan ini")).not_to_be_checked()


@one_size
def test_ctrl_enter_sends_a_form_with_one_way_on(page: Page, sqlite: Database) -> None:
    start(sqlite, 1)
    act(sqlite, "rina", tasks.claim, 1)
    log_in(page, "rina")
    page.goto("/tugas/1")
    page.get_by_label(re.compile("^Catatan")).fill("Siap")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("diteruskan ke")).to_be_visible()
    act(sqlite, "budi", tasks.claim, 2)
    end_session(page)
    log_in(page, "budi")
    page.goto("/tugas/2")
    page.get_by_text("Kembalikan untuk Perbaikan").first.click()
    page.get_by_label("Alasan Pengembalian").fill("Belum lengkap")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("Alasan Pengembalian")).to_have_value("Belum lengkap")
    expect(page).to_have_url(re.compile("/tugas/2$"))


# -- nothing typed is lost --------------------------------------------------------------------------------------------


def test_a_draft_outlives_the_session(context: BrowserContext, sqlite: Database) -> None:
    start(sqlite, 1)
    act(sqlite, "rina", tasks.claim, 1)
    page = context.new_page()
    log_in(page, "rina")
    page.goto("/tugas/1")
    end_session(page)
    page.get_by_label(re.compile("^Catatan")).fill("Ditulis setelah sesi berakhir")
    status = page.locator("[data-draft-status]")
    expect(status).to_contain_text("Sesi Anda telah berakhir")
    with context.expect_page() as opened:
        status.get_by_role("link").click()
    tab = opened.value
    tab.get_by_label("Nama pengguna").fill("rina")
    tab.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
    tab.get_by_role("button", name="Masuk").click()
    expect(tab).to_have_url(re.compile("/tugas$"))
    tab.close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(status).to_have_text("Draf tersimpan.")
    page.get_by_role("button", name="Selesaikan & Teruskan").click()
    expect(page.get_by_text("diteruskan ke")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_form_sent_past_the_end_of_the_session_is_sent_after_the_log_in(
    chromium: Browser, address: str, sqlite: Database, scripts: bool
) -> None:
    start(sqlite, 1)
    act(sqlite, "rina", tasks.claim, 1)
    context = chromium.new_context(base_url=address, java_script_enabled=scripts, viewport=WIDE, locale="id-ID")
    page = context.new_page()
    log_in(page, "rina")
    page.goto("/tugas/1?dari=/tugas?urut%3Dterbaru")
    page.get_by_label(re.compile("^Catatan")).fill("Sudah\ndiperiksa")
    end_session(page)
    page.get_by_role("button", name="Selesaikan & Teruskan").click()
    expect(page.get_by_role("alert")).to_contain_text("Yang Anda tulis tidak hilang")
    page.get_by_label("Nama pengguna").fill("rina")
    page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    expect(page.get_by_label("Catatan atau alasan")).to_have_value("Sudah\ndiperiksa")
    if scripts:
        assert_accessible(page)
    page.get_by_role("button", name="Kirim").click()
    expect(page).to_have_url(re.compile("urut=terbaru"))
    expect(page.get_by_text("diteruskan ke")).to_be_visible()
    context.close()


def test_lists_work_without_scripts(chromium: Browser, address: str, sqlite: Database) -> None:
    start(sqlite, 3)
    context = chromium.new_context(base_url=address, java_script_enabled=False, viewport=WIDE, locale="id-ID")
    page = context.new_page()
    log_in_by_the_form(page, "rina")
    page.goto(LIST)
    expect(page.get_by_text("Pilih semua di halaman ini")).to_be_hidden()
    expect(page.get_by_role("button", name="Pintasan papan ketik")).to_be_hidden()
    link(page, 2).click()
    page.get_by_role("link", name="Tugas", exact=True).last.click()
    expect(page).to_have_url(re.compile(re.escape(LIST)))
    row(page, 1).get_by_role("checkbox").check()
    page.get_by_role("button", name="Ambil yang dipilih").click()
    expect(page.get_by_text("sudah Anda ambil")).to_be_visible()
    row(page, 2).get_by_role("button", name=re.compile("Ambil Tugas")).click()
    page.get_by_role("button", name="Selesaikan & Teruskan").click()
    expect(page).to_have_url(re.compile(re.escape(LIST)))
    context.close()


@one_size
def test_two_clicks_finish_a_task_once(page: Page, sqlite: Database) -> None:
    start(sqlite, 1)
    act(sqlite, "rina", tasks.claim, 1)
    log_in(page, "rina")
    page.goto("/tugas/1")
    page.get_by_role("button", name="Selesaikan & Teruskan").dblclick()
    expect(page.get_by_text("diteruskan ke")).to_be_visible()
    page.goto("/tugas/selesai")
    expect(page.locator("[data-row]")).to_have_count(1)
