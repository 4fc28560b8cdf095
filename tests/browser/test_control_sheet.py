"""The control sheet as it is printed, and as it is read on a screen."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from engine import absences, offices, runs, tasks
from engine.database import Database
from engine.queries import work
from engine.states import Right
from engine.tables import Definition, Person
from tests.browser.conftest import one_size
from tests.browser.test_whole_way import assert_accessible, log_in
from tests.engine.people import open_tasks
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.browser

LONG = "Perbaiki nama dan tanggalnya. " * 100


@pytest.fixture
def run(address: str, sqlite: Database) -> int:
    """A run that was sent back 30 times, once for a reason that fills most of a page."""
    now = datetime.now(UTC)
    with sqlite.transaction() as session:
        people = {person.username: person.id for person in session.query(Person)}
        sop = session.query(Definition.id).scalar()
        rina, budi = (offices.actor(session, people[name], now) for name in ("rina", "budi"))
        run = runs.start(session, rina, sop, "Undangan " + "rapat " * 40, now, "005/12/2026")
        for number in range(30):
            for who in (rina, budi):
                task = open_tasks(session, run)[0]
                if task.claimed_by is None:
                    tasks.claim(session, who, task.id, now)
                back = next((one for one in work.one(session, who, task.id, now).choices if one.is_return), None)
                reason = LONG if number == 3 else f"Perbaikan {number}"
                tasks.complete(session, who, task.id, back.edge if back else None, reason, now)
        session.get_one(Person, people["siti"]).rights = [Right.MANAGER]
        today = rina.calendar.day(now)
        absences.note(session, rina, rina.id, today, today + timedelta(days=1), None, "Diklat", now)
    return run


def test_a_sheet_is_read_and_printed_without_the_page_around_it(page: Page, run: int) -> None:
    log_in(page, "budi")
    page.goto(f"/berkas/{run}")
    assert_accessible(page)
    page.get_by_role("link", name="Cetak Lembar Kendali").click()
    expect(page).to_have_url(re.compile(r"/kendali$"))
    expect(page.get_by_role("button", name="Cetak")).to_be_visible()
    assert_accessible(page)
    page.emulate_media(media="print", color_scheme="dark")
    for part in (".topbar", ".footer", ".sheet-tools", ".skip-link"):
        expect(page.locator(part)).to_be_hidden()
    colours = page.locator(".control-sheet").evaluate(
        "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    )
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert page.locator(".sheet-steps thead").evaluate("e => getComputedStyle(e).display") == "table-header-group"


@one_size  # paper has its own
@pytest.mark.parametrize("paper", [(210, 297), (215, 330)], ids=["A4", "F4"])
def test_nothing_of_a_long_sheet_is_lost_between_pages(page: Page, run: int, paper: tuple[int, int]) -> None:
    log_in(page, "budi")
    page.goto(f"/berkas/{run}/kendali")
    pdf = page.pdf(width=f"{paper[0]}mm", height=f"{paper[1]}mm")
    assert 5 < len(re.findall(rb"/Type /Page\b", pdf)) < 12
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 700, "height": 1000})  # about the width between the margins, in CSS pixels
    wide = page.evaluate(
        "[...document.querySelectorAll('.sheet-table')].every(t => t.offsetWidth <= t.parentElement.offsetWidth)"
    )
    cut = page.evaluate(
        "[...document.querySelectorAll('.sheet-table :is(td, th)')].filter(c => c.scrollWidth > c.clientWidth).length"
    )
    assert (wide, cut) == (True, 0)


def test_a_manager_sees_who_is_away_and_everybody_gives_an_address(page: Page, run: int) -> None:
    log_in(page, "siti")
    page.goto("/tidak-di-tempat/kantor")
    expect(page.get_by_text("1 tugas di tangannya menunggu tanpa pengganti.")).to_be_visible()
    assert_accessible(page)
    page.goto(f"/berkas/{run}")
    expect(page.get_by_text("Rina Wulandari sedang tidak di tempat sampai")).to_be_visible()
    page.goto("/pemberitahuan")
    page.get_by_label("Alamat e-mail Anda").fill("siti@example.go.id")
    page.get_by_label("Kata sandi Anda sekarang").fill(PASSWORD)
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_text("Alamat e-mail disimpan.")).to_be_visible()
    assert_accessible(page)
