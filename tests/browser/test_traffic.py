"""All runs of an SOP on one diagram in a real browser: figures on the boxes, and a click that leads on."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from engine import offices, runs, tasks
from engine.database import Database, Session
from engine.states import Right
from engine.tables import FlowTally, Jabatan, Office, Person, StepTally, Task
from tests.browser.conftest import PHONE
from tests.browser.screens import LIGHT, SCREENS, assert_all_accessible, logged_in, weight
from tests.browser.test_whole_way import assert_accessible, log_in
from tests.web.conftest import APPROVE, PASSWORD, SEND_BACK

pytestmark = pytest.mark.browser

PATH = "/papan/sop/1"


@pytest.fixture
def filled(sqlite: Database, address: str) -> str:
    """Where an office is served of which a manager looks at some runs, and at what this month came to."""
    now = datetime.now(UTC)
    with sqlite.transaction() as session:
        office = session.scalars(select(Office.id).order_by(Office.id)).first() or 0
        offices.add_person(session, office, "manajer", "Maya Sari", PASSWORD, frozenset({Right.MANAGER}))
        rina = offices.actor(session, session.scalars(select(Person.id).where(Person.username == "rina")).one(), now)
        for number in range(3):
            runs.start(session, rina, 1, f"Undangan rapat {number}", now)
        month = rina.calendar.day(now).replace(day=1)
        jabatan = session.scalars(select(Jabatan.id).where(Jabatan.office_id == office).order_by(Jabatan.id)).all()
        for step, minutes, who in zip(("langkah_1", "langkah_2", "langkah_3"), (900, 60, 30), jabatan, strict=True):
            _count(session, office, step, {str(minutes): 40}, who, month)
        for edge, passed in ((APPROVE, 35), (SEND_BACK, 5)):
            session.add(FlowTally(definition_id=1, edge_id=edge, month=month, passed=passed))
    return address


def _count(session: Session, office: int, step: str, taken: dict[str, int], jabatan: int, month: date) -> None:
    number = sum(taken.values())
    figures = dict.fromkeys(("redone", "returned", "waiting", "working"), 0)
    session.add(
        StepTally(
            definition_id=1, node_id=step, jabatan_id=jabatan, month=month, office_id=office, finished=number,
            timed=number, on_time=number, waited={"10": number}, worked=taken, taken=taken, **figures,
        )
    )  # fmt: skip


def test_boxes_and_arrows_carry_their_figures_and_a_click_leads_to_the_board(filled: str, page: Page) -> None:
    log_in(page, "manajer")
    page.goto(PATH)
    fold = page.locator("details[data-fold-diagram]")
    if page.viewport_size == PHONE:  # the table comes first there
        expect(page.get_by_role("heading", name="Langkah")).to_be_visible()
        expect(page.locator(".djs-container")).to_have_count(0)
        fold.locator("> summary").click()
    fold.locator(".diagram").scroll_into_view_if_needed()
    expect(page.locator(".lajur-tokens-note")).to_have_text(re.compile(r"^● 3 · "))
    expect(page.locator(".lajur-heat-2-note")).to_have_text("2 hari / 1 hari")
    expect(page.locator(".lajur-passed-note").filter(has_text="35")).to_have_count(1)
    expect(page.locator(".lajur-returned-note")).to_have_text(re.compile("5"))
    page.locator(".djs-shape[data-element-id='langkah_1']").click(position={"x": 20, "y": 40})
    expect(page).to_have_url(re.compile("langkah=langkah_1"))
    expect(page.get_by_role("heading", name="Berkas pada langkah “Menyusun konsep surat”")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Undangan rapat"))).to_have_count(3)
    assert_accessible(page)


@pytest.mark.parametrize("screen", SCREENS)
def test_it_is_accessible_and_no_wider_than_the_screen(chromium: Browser, filled: str, screen: str) -> None:
    assert_all_accessible(chromium, filled, screen, "manajer", (PATH, f"{PATH}?warna=kembali"))


def test_it_is_light_at_first_on_a_phone_and_whole_without_scripts(chromium: Browser, filled: str) -> None:
    state = logged_in(chromium, filled, "manajer")
    assert weight(chromium, filled, state, PATH) < LIGHT
    plain = chromium.new_context(base_url=filled, storage_state=state, java_script_enabled=False, locale="id-ID")
    page = plain.new_page()
    page.goto(PATH)
    page.get_by_label("Warna kotak menurut").select_option("kembali")
    page.get_by_role("button", name="Tampilkan").click()
    expect(page).to_have_url(re.compile("warna=kembali&bulan=6"))
    row = page.get_by_role("row").filter(has_text="Menyusun konsep surat").first
    expect(row.get_by_role("link")).to_have_text("3")
    plain.close()


def test_earlier_rounds_are_folded_and_open_with_a_click(filled: str, page: Page, sqlite: Database) -> None:
    _send_back(sqlite)
    log_in(page, "rina")
    page.goto("/berkas/1")
    old = page.locator("details.round-fold").filter(has_text="Putaran 1")
    expect(old.get_by_text("memulai berkas")).to_be_hidden()
    old.locator("summary").click()
    expect(old.get_by_text("memulai berkas")).to_be_visible()
    page.locator(".diagram").scroll_into_view_if_needed()
    expect(page.locator(".djs-connection.lajur-walked").first).to_be_attached()
    assert_accessible(page)


def _send_back(sqlite: Database) -> None:
    now = datetime.now(UTC)
    for username, choice in (("rina", None), ("budi", SEND_BACK)):
        with sqlite.transaction() as session:
            person = session.scalars(select(Person.id).where(Person.username == username)).one()
            who = offices.actor(session, person, now)
            task = session.scalars(select(Task.id).where(Task.run_id == 1, Task.finished_at.is_(None))).one()
            tasks.claim(session, who, task, now)
            tasks.complete(session, who, task, choice, "Nama keliru", now)
