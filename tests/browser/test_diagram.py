"""The diagram on a task's page: drawn when it is wanted, around the step one stands at; and handing over."""

from __future__ import annotations

import gzip
import re

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from engine import runs, tasks
from engine.database import Database
from tests.browser.conftest import PHONE, act
from tests.browser.test_whole_way import assert_accessible, log_in

pytestmark = pytest.mark.browser

LIGHT = 100_000
"""Bytes, gzipped, that a page may take at first."""


def start(page: Page, database: Database) -> None:
    """The page of the first task of a run, which Rina has claimed."""
    act(database, "rina", runs.start, 1, "Undangan rapat")
    act(database, "rina", tasks.claim, 1)
    log_in(page, "rina")
    page.goto("/tugas/1")
    expect(page.get_by_role("button", name="Selesaikan & Teruskan")).to_be_visible()


def narrow(page: Page) -> bool:
    return page.viewport_size == PHONE


def test_the_diagram_is_folded_on_a_phone_and_drawn_when_it_is_seen(page: Page, sqlite: Database) -> None:
    start(page, sqlite)
    fold = page.locator("details[data-fold-diagram]")
    assert fold.evaluate("e => e.open") is not narrow(page)
    expect(page.locator(".djs-container")).to_have_count(0)
    if narrow(page):
        fold.locator("> summary").click()
    fold.locator(".diagram").scroll_into_view_if_needed()
    note = page.locator(".lajur-active-note")
    expect(note).to_have_text("● Anda di sini")
    step = page.locator(".djs-shape[data-element-id='langkah_1']")
    expect(step).to_be_in_viewport()
    assert step.bounding_box()["width"] > 40  # type: ignore[index]
    fold.get_by_text("Daftar langkah").click()
    expect(fold.get_by_role("listitem").filter(has_text="Anda di sini")).to_be_visible()
    assert_accessible(page)


def test_the_first_load_of_a_task_is_light_and_does_not_jump(page: Page, sqlite: Database) -> None:
    start(page, sqlite)
    task = page.url
    got: dict[str, int] = {}

    def note(response: Response) -> None:
        got[response.url] = len(gzip.compress(response.body()))

    page.add_init_script(
        "window.jumped = 0;"
        "new PerformanceObserver(l => l.getEntries().forEach(e => { window.jumped += e.value; }))"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    page.on("response", note)
    page.goto(task, wait_until="networkidle")
    assert not [url for url in got if "viewer" in url]
    assert sum(got.values()) < LIGHT
    assert page.evaluate("window.jumped") < 0.02


def test_without_scripts_the_steps_can_be_read(page: Page, chromium: Browser, sqlite: Database) -> None:
    start(page, sqlite)
    context = chromium.new_context(
        storage_state=page.context.storage_state(), java_script_enabled=False, viewport=page.viewport_size
    )
    plain = context.new_page()
    plain.goto(page.url)
    plain.get_by_text("Daftar langkah").click()
    expect(plain.get_by_text("Menyusun konsep surat (Pengadministrasi Umum): Anda di sini")).to_be_visible()
    expect(plain.get_by_role("button", name="Limpahkan")).to_be_visible()
    context.close()


def test_a_task_is_handed_over_once_it_is_confirmed(page: Page, sqlite: Database) -> None:
    start(page, sqlite)
    page.get_by_label(re.compile("Dilimpahkan kepada")).select_option(label="Dedi Kurniawan")
    page.get_by_label(re.compile("Pesan untuk rekan")).fill("Saya diklat")
    page.get_by_role("button", name="Limpahkan").click()
    expect(page.get_by_role("dialog")).to_contain_text("bukan tanggung jawab Anda lagi")
    assert_accessible(page)
    page.get_by_role("button", name="Ya, lanjutkan").click()
    expect(page.get_by_role("status").first).to_contain_text("Tugas dilimpahkan kepada Dedi Kurniawan.")
