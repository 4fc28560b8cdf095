"""Acts on many and the morning's digest in Chromium: without scripts, on every screen, and on one sheet of paper."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from bpmn.wording import Sentence
from engine import absences, counting, offices, runs, tasks
from engine.database import Database
from engine.states import Right
from engine.tables import Person, Task, Waiting
from tests.browser.screens import LONG, SCREENS, assert_all_accessible
from tests.browser.test_whole_way import assert_accessible, log_in
from tests.engine import boards

pytestmark = pytest.mark.browser


@pytest.fixture
def letters(address: str, sqlite: Database) -> list[int]:
    """Runs with long names at their first step, half of them Rina's; Siti manages."""
    now = datetime.now(UTC)
    with sqlite.transaction() as session:
        people = {person.username: person for person in session.query(Person)}
        people["siti"].rights = [Right.MANAGER]
        rina = offices.actor(session, people["rina"].id, now)
        found = [runs.start(session, rina, 1, f"{LONG} {number}", now, f"005/{number}") for number in range(12)]
        for run in found[::2]:
            tasks.claim(session, rina, session.query(Task.id).filter_by(run_id=run).scalar(), now)
        runs.suspend(session, offices.actor(session, people["siti"].id, now), found[-1], LONG, now)
        return found


def choose(page: Page, act: str, letters: list[int]) -> None:
    """What the board sends: its rows are not of this test."""
    page.goto("/pemberitahuan")
    page.evaluate(
        """([act, ids]) => {
          const form = document.createElement('form');
          form.method = 'post';
          form.action = '/papan/tindakan';
          const token = document.querySelector('[name=csrf_token]').value;
          const fields = [['csrf_token', token], ['tindakan', act], ['kembali_ke', '/berkas']];
          for (const [name, value] of [...fields, ...ids.map((id) => ['berkas', id])]) {
            const field = document.createElement('input');
            Object.assign(field, { type: 'hidden', name, value });
            form.append(field);
          }
          document.body.append(form);
          form.submit();
        }""",
        [act, letters],
    )
    page.wait_for_url("**/papan/tindakan")


def test_a_manager_gives_tasks_to_another_after_looking(page: Page, letters: list[int], sqlite: Database) -> None:
    log_in(page, "siti")
    choose(page, "alihkan", letters)
    expect(page.get_by_text("Belum dipilih siapa yang menerima").first).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Penerima 11 tugas jabatan Pengadministrasi Umum").or_(
        page.get_by_label(re.compile("Penerima 12 tugas"))
    ).select_option(label="Dedi Kurniawan")
    page.get_by_role("button", name="Perbarui pratinjau").click()
    expect(page.get_by_text("dari Rina Wulandari kepada Dedi Kurniawan").first).to_be_visible()
    expect(page.get_by_text("sedang ditangguhkan")).to_be_visible()
    page.get_by_role("checkbox").first.uncheck()
    page.get_by_role("button", name="Alihkan yang dicentang").click()
    expect(page.get_by_text("Tindakan selesai dijalankan.")).to_be_visible()
    expect(page.get_by_role("heading", name="Alihkan: 10 berkas")).to_be_visible()
    assert_accessible(page)
    page.goto("/papan/tindakan")
    assert_accessible(page)
    page.get_by_role("link", name="Limpahkan tugas pegawai").click()
    page.get_by_label("Tugas siapa").select_option(index=1)
    page.get_by_role("button", name="Lihat tugasnya").click()
    expect(page.get_by_role("button", name="Lihat pratinjau")).to_be_visible()
    assert_accessible(page)


def test_it_works_without_scripts(chromium: Browser, address: str, letters: list[int]) -> None:
    context = chromium.new_context(base_url=address, java_script_enabled=False, locale="id-ID")
    page = context.new_page()
    log_in(page, "siti")
    page.goto("/papan/tindakan/limpahkan")
    page.get_by_label("Tugas siapa").select_option(index=1)
    page.get_by_role("button", name="Lihat tugasnya").click()
    page.get_by_role("button", name="Lihat pratinjau").click()
    page.get_by_role("button", name="Limpahkan yang dicentang").click()
    expect(page.get_by_text("Tindakan selesai dijalankan.")).to_be_visible()
    context.close()


# -- the digest -------------------------------------------------------------------------------------------------------


CAUSES = tuple(
    (Sentence(title), 10_000 - number)
    for number, title in enumerate(
        (
            "Belum diambil",
            "Diambil, tidak dikerjakan",
            "Lewat batas waktu",
            "Berulang kali dikembalikan",
            "Jabatan kosong",
            "Tidak di tempat, tanpa pengganti",
            "Menunggu waktu",
            "Menunggu SOP lain",
            "Menunggu kabar",
            "Data rusak",
        )
    )
)


@pytest.fixture
def much(letters: list[int], sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """More of everything than fits on a sheet, all with long names."""
    now = datetime.now(UTC)
    steps = [boards.step(LONG, f"Kepala Seksi {LONG}", f"Nama Panjang {LONG}")] * 3
    titles = [title for title, _ in CAUSES]
    long = (timedelta(days=90), timedelta(days=9))
    rows = [boards.row(run, LONG, "005/12345/KEC/2026", LONG, steps, titles, *long) for run in letters]
    boards.show(monkeypatch, rows, boards.counts(counting.MOST + 1, 678, 456, 234, CAUSES))
    with sqlite.transaction() as session:
        manager = offices.actor(session, session.query(Person.id).filter_by(username="siti").scalar(), now)
        today = manager.calendar.day(now)
        for number in range(15):
            person = offices.add_person(session, manager.office_id, f"p{number}", f"{LONG[:150]} {number}", "x")
            _, jabatan = offices.add_jabatan(session, manager.office_id, f"{LONG[:140]} {number}")
            offices.hold(session, person, jabatan, today)
            absences.note(session, manager, person, today, today, None, "", now)
            _, vacant = offices.add_jabatan(session, manager.office_id, f"Kosong {LONG[:140]} {number}")
            session.query(Task).filter_by(run_id=letters[number % 12]).first().jabatan_id = vacant  # type: ignore[union-attr]
            session.add(
                Waiting(
                    office_id=manager.office_id, run_id=letters[0], engine_id=f"{number:032}", node_id="w",
                    kind="timer", name="", since=now, due_at=now, next_due=now,
                )
            )  # fmt: skip


def test_the_digest_is_one_sheet_however_much_there_is(page: Page, much: None) -> None:
    log_in(page, "siti")
    for path in ("/papan/pagi", "/papan/pagi?pekan=1"):
        page.goto(path)
        expect(page.locator(".digest-longest tbody tr")).to_have_count(10)
        expect(page.get_by_text("dan 668 lagi.")).to_be_visible()
        pdf = page.pdf(format="A4")
        assert len(re.findall(rb"/Type /Page\b", pdf)) == 1
    page.emulate_media(media="print", color_scheme="dark")
    for part in (".topbar", ".footer", ".sheet-tools"):
        expect(page.locator(part).first).to_be_hidden()


@pytest.mark.parametrize("screen", SCREENS)
def test_the_digest_is_read_on_every_screen(chromium: Browser, address: str, much: None, screen: str) -> None:
    assert_all_accessible(chromium, address, screen, "siti", ("/papan/pagi", "/pemberitahuan"))


def test_an_empty_digest_is_one_sheet_too(page: Page, letters: list[int]) -> None:
    log_in(page, "siti")
    page.goto("/papan/pagi")
    assert_accessible(page)
    assert len(re.findall(rb"/Type /Page\b", page.pdf(format="A4"))) == 1
