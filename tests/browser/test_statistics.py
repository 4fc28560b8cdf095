"""The pages of statistics on a desk and on a phone: accessible, light, printed in black; their files are downloaded."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from engine import offices, runs, tasks, workdays
from engine.database import Database
from engine.queries import work
from engine.states import Right
from engine.tables import Definition, Person
from tests.browser.screens import LIGHT, LONG, SCREENS, assert_all_accessible, logged_in, weight
from tests.browser.test_whole_way import assert_accessible, log_in
from tests.engine.people import open_tasks

pytestmark = pytest.mark.browser


@pytest.fixture
def sop(address: str, sqlite: Database) -> int:
    """An SOP of a long name, of which twelve runs came to their end, each sent back once for a long reason."""
    now = datetime.now(UTC)
    with sqlite.transaction() as session:
        people = {person.username: person for person in session.query(Person)}
        people["siti"].rights = [Right.MANAGER]
        definition = session.query(Definition).one()
        definition.title = LONG
        for number in range(12):
            rina, budi, siti = (offices.actor(session, people[name].id, now) for name in ("rina", "budi", "siti"))
            at = workdays.add(now - timedelta(days=40 + number), timedelta(minutes=1), rina.calendar)
            run = runs.start(session, rina, definition.id, f"{LONG} {number}", at)
            for turn, who in enumerate((rina, budi, rina, budi, siti)):
                (task,) = open_tasks(session, run)
                if task.claimed_by is None:
                    tasks.claim(session, who, task.id, at)
                choices = work.one(session, who, task.id, at).choices
                edge = next((one.edge for one in choices if one.is_return == (turn == 1)), None)
                at = workdays.add(at, timedelta(minutes=20 * (turn + number)), rina.calendar)
                tasks.complete(session, who, task.id, edge, LONG, at)
        return definition.id


def test_a_manager_reads_the_statistics_and_takes_a_table_along(page: Page, sop: int) -> None:
    log_in(page, "siti")
    page.goto("/statistik")
    assert_accessible(page)
    expect(page.get_by_role("img", name="Berkas per bulan")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("CSV.*Menurut SOP")).click()
    assert download.value.suggested_filename.startswith("statistik-kantor-sop-")
    page.get_by_role("link", name=LONG).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(LONG)
    assert_accessible(page)
    page.get_by_text("2 pengembalian sebelumnya").click()
    assert_accessible(page)
    page.get_by_label("Langkah milik").select_option("Camat")
    page.get_by_role("button", name="Tampilkan").click()
    expect(page.get_by_role("region", name="Menurut langkah").get_by_text("Menandatangani surat")).to_be_visible()
    expect(page.get_by_role("region", name="Menurut langkah").get_by_text("Memeriksa konsep surat")).to_have_count(0)
    assert_accessible(page)


@pytest.mark.parametrize("screen", SCREENS)
def test_they_are_accessible_on_every_screen(chromium: Browser, address: str, sop: int, screen: str) -> None:
    paths = ("/statistik", f"/statistik/sop/{sop}", "/statistik?dari_bulan=2024-01", "/statistik?sampai_bulan=2020-01")
    assert_all_accessible(chromium, address, screen, "siti", paths)


def test_on_paper_they_are_black_and_without_the_page_around_them(page: Page, sop: int) -> None:
    log_in(page, "siti")
    page.emulate_media(media="print", color_scheme="light")
    page.goto(f"/statistik/sop/{sop}")
    for part in (".topbar", ".statistics-period", ".statistics-head .page-actions"):
        expect(page.locator(part).first).to_be_hidden()
    fills = page.evaluate("[...document.querySelectorAll('.plot rect')].map(e => getComputedStyle(e).fill)")
    assert set(fills) == {"rgb(0, 0, 0)", "rgb(255, 255, 255)"}


def test_they_are_light_at_first(chromium: Browser, address: str, sop: int) -> None:
    state = logged_in(chromium, address, "siti")
    for path in ("/statistik", f"/statistik/sop/{sop}"):
        assert weight(chromium, address, state, path) < LIGHT, path
