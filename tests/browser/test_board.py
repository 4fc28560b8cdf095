"""The board in a browser: by hand and without scripts, on every screen, in light and dark."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from engine import absences, offices, runs, tasks
from engine.database import Database
from engine.states import Right
from engine.tables import Person, Task
from tests.browser.screens import LIGHT, LONG, SCREENS, assert_all_accessible, logged_in, weight
from tests.browser.test_whole_way import log_in

pytestmark = pytest.mark.browser

DAY = timedelta(days=1)

PATHS = (
    "/papan",
    "/papan?tampil=semua&kelompok=jabatan",
    "/papan?kelompok=sebab&sebab=unclaimed",
    "/papan?cari=tidakada",
    "/papan?tampil=ditangguhkan",
    "/papan/berkas/{run}",
    "/papan/ambang",
)


@pytest.fixture
def found(address: str, sqlite: Database) -> dict[str, int]:
    """Many runs that wait since long, one of them for somebody who is away; Budi manages."""
    now = datetime.now(UTC)
    then = now - 30 * DAY
    with sqlite.transaction() as session:
        people = {person.username: person for person in session.query(Person)}
        people["budi"].rights = [Right.MANAGER]
        session.flush()
        rina = offices.actor(session, people["rina"].id, then)
        started = [runs.start(session, rina, 1, f"{LONG} {number}", then, f"005/{number}") for number in range(60)]
        task = session.query(Task).filter_by(run_id=started[0]).one()
        tasks.claim(session, rina, task.id, then)
        rina = offices.actor(session, rina.id, now)
        today = rina.calendar.day(now)
        absences.note(session, rina, rina.id, today, today + DAY, None, "Diklat", now)
    return {"run": started[0]}


@pytest.mark.parametrize("screen", SCREENS)
def test_the_board_is_accessible_and_no_wider_than_the_screen(
    chromium: Browser, address: str, found: dict[str, int], screen: str
) -> None:
    assert_all_accessible(chromium, address, screen, "budi", (path.format(**found) for path in PATHS))


def test_the_board_is_light_at_first_on_a_phone(chromium: Browser, address: str, found: dict[str, int]) -> None:
    assert weight(chromium, address, logged_in(chromium, address, "budi"), "/papan") < LIGHT


def test_a_manager_names_a_substitute_and_reminds(page: Page, found: dict[str, int]) -> None:
    log_in(page, "budi")
    page.goto("/tugas")
    page.get_by_role("link", name="Papan", exact=True).click()
    expect(page.get_by_role("heading", name="Papan", exact=True)).to_be_visible()
    row = page.locator(f"[data-row='berkas-{found['run']}']")
    expect(row).to_contain_text("Rina Wulandari tidak di tempat")
    row.get_by_role("link", name="Tunjuk pengganti").click()
    page.get_by_label("Pengganti (Plh.) untuk Rina Wulandari").select_option(label="Siti Aminah")
    page.get_by_role("button", name="Tunjuk pengganti").click()
    expect(page.get_by_text("Pengganti sudah ditunjuk")).to_be_visible()
    expect(row).not_to_contain_text("tidak di tempat")
    page.locator("[data-row] .board-acts").last.get_by_role("link", name="Ingatkan").click()
    page.get_by_label("Pesan (boleh kosong)").fill("Mohon segera")
    page.get_by_role("button", name="Kirim pengingat").click()
    expect(page.get_by_text("Pengingat sudah dikirim.")).to_be_visible()


def test_the_board_works_without_scripts(chromium: Browser, address: str, found: dict[str, int]) -> None:
    context = chromium.new_context(base_url=address, java_script_enabled=False, locale="id-ID")
    page = context.new_page()
    page.set_default_timeout(15_000)
    log_in(page, "budi")
    page.goto("/papan")
    page.get_by_role("link", name="Tidak di tempat, tanpa pengganti").click()
    expect(page.locator("[data-row]")).to_have_count(1)
    page.locator("[data-row]").get_by_role("link", name="Tangguhkan").click()
    page.locator("#tangguhkan").get_by_label("Alasan").fill("Menunggu Rina")
    page.get_by_role("button", name="Tangguhkan berkas").click()
    expect(page.get_by_text("Berkas ditangguhkan.")).to_be_visible()
    page.get_by_role("link", name="1 Ditangguhkan").click()
    expect(page.locator("[data-row]")).to_have_count(1)
    context.close()


def test_the_board_refreshes_itself(page: Page, found: dict[str, int], sqlite: Database) -> None:
    log_in(page, "budi")
    page.goto("/papan?sebab=absent")
    expect(page.locator("[data-row]")).to_have_count(1)
    now = datetime.now(UTC)
    with sqlite.transaction() as session:
        budi = offices.actor(session, session.query(Person).filter_by(username="budi").one().id, now)
        runs.suspend(session, budi, found["run"], "Tunggu", now)
    page.locator("[data-refresh-now]").click()
    expect(page.get_by_text("Tidak ada yang cocok")).to_be_visible()
    expect(page.locator("[data-live='numbers']")).to_contain_text("1 Ditangguhkan")
