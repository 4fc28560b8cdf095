"""Staff and an analyst at work, in a real browser."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Page, expect

from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.browser

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def log_in(page: Page, username: str) -> None:
    """Log in without looking at a page: the browser has the session, and stays at the page it shows."""
    requests = page.context.request
    token = re.search(r'name="csrf_token" value="([^"]+)"', requests.get("/masuk").text())
    assert token
    form = {"csrf_token": token[1], "nama": username, "sandi": PASSWORD}
    assert requests.post("/masuk", form=form, max_redirects=0).status == 302


def log_in_by_the_form(page: Page, username: str) -> None:
    page.goto("/masuk")
    page.get_by_label("Nama pengguna").fill(username)
    page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    expect(page).to_have_url(re.compile("/tugas$"))


def log_out(page: Page) -> None:
    page.locator(".usermenu summary").click()
    page.get_by_role("button", name="Keluar").click()
    expect(page).to_have_url(re.compile("/masuk$"))


def end_session(page: Page) -> None:
    """The browser loses its session, once no answer is under way that would bring it back."""
    page.wait_for_load_state("networkidle")
    page.context.clear_cookies()


AT_REST = """() => !document.querySelector("[aria-busy=true]") && document.getAnimations().every(
    moving => moving.playState !== "running" || moving.effect.getTiming().iterations === Infinity)"""


def assert_accessible(page: Page) -> None:
    """No violation of WCAG 2.2 AA that axe can see, and nothing wider than the screen."""
    page.evaluate("scrollTo(0, 0)")  # what lies half under the top bar is no small target
    page.wait_for_function(AT_REST)  # a button that is sending is pale, and says so by aria-busy
    found = Axe().run(page, options={"runOnly": WCAG, "resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def claim_first_task(page: Page) -> None:
    open_first_task(page, "/tugas/jabatan")
    page.get_by_role("button", name="Ambil Tugas").first.click()
    assert_accessible(page)


def open_first_task(page: Page, tasks: str) -> None:
    page.goto(tasks)
    assert_accessible(page)
    page.locator(".task-title a").first.click()
    assert_accessible(page)


def test_three_people_take_a_run_by_two_returns_to_its_end(page: Page) -> None:
    page.goto("/masuk")
    assert_accessible(page)
    log_in_by_the_form(page, "rina")
    assert_accessible(page)
    page.goto("/sop")
    assert_accessible(page)
    page.get_by_role("link", name=re.compile("Mulai Berkas")).first.click()
    page.get_by_label("Perihal").fill("Undangan rapat koordinasi")
    assert_accessible(page)
    page.get_by_role("button", name="Mulai Berkas").click()
    claim_first_task(page)
    draft: FilePayload = {"name": "konsep.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF\n"}
    page.get_by_label("Dokumen untuk “Konsep surat pengantar”").set_input_files(draft)
    page.get_by_role("button", name="Lampirkan: Konsep surat pengantar").click()
    expect(page.locator("#keluaran-1-daftar")).to_contain_text("konsep.pdf")
    assert_accessible(page)
    page.get_by_role("button", name="Selesaikan & Teruskan").click()
    log_out(page)

    log_in_by_the_form(page, "budi")
    claim_first_task(page)
    expect(page.locator(".papers").first.get_by_role("link", name="Unduh konsep.pdf")).to_be_visible()
    page.get_by_text("Kembalikan untuk Perbaikan").first.click()
    page.get_by_label("Alasan Pengembalian").fill("Tanggal rapat belum diisi")
    assert_accessible(page)
    page.locator("button[data-return]").click()
    expect(page.get_by_role("status").first).to_contain_text("dikembalikan")
    log_out(page)

    mend(page, "Tanggal rapat belum diisi", "Tanggal sudah diisi")

    log_in(page, "budi")
    claim_first_task(page)
    expect(page.locator(".changes")).to_contain_text("Tanggal sudah diisi")
    page.get_by_text("Kembalikan untuk Perbaikan").first.click()
    expect(page.locator(".return-body")).to_contain_text("putaran 3")
    page.get_by_label("Alasan Pengembalian").fill("Tempat rapat belum diisi")
    page.locator("button[data-return]").click()
    log_out(page)

    mend(page, "Tempat rapat belum diisi", "Tempat sudah diisi")

    log_in(page, "budi")
    claim_first_task(page)
    expect(page.locator(".changes")).to_contain_text("Tempat sudah diisi")
    assert_accessible(page)
    page.get_by_role("button", name="Setuju").click()
    log_out(page)
    finish(page)


def finish(page: Page) -> None:
    """Siti signs; all that happened is on the run's page and on its control sheet."""
    log_in(page, "siti")
    claim_first_task(page)
    page.get_by_role("button", name="Selesaikan & Teruskan").click()
    expect(page.locator("dialog")).to_contain_text("“Undangan rapat koordinasi” tuntas sesudahnya.")
    page.get_by_role("button", name="Ya, lanjutkan").click()
    expect(page.get_by_role("status").first).to_contain_text("telah tuntas")
    page.goto("/berkas?keadaan=selesai")
    page.get_by_role("link", name=re.compile("Undangan rapat koordinasi")).first.click()
    expect(page.locator("[data-diagram] .djs-container svg").first).to_be_visible()
    for fold in page.locator(".round-fold").all():
        if fold.get_attribute("open") is None:
            fold.locator("summary").click()
    for reason in ("Tanggal rapat belum diisi", "Tempat rapat belum diisi"):
        expect(page.get_by_text(reason).first).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Cetak Lembar Kendali").click()
    expect(page.get_by_role("heading", name="Lembar Kendali")).to_be_visible()
    assert_accessible(page)


def mend(page: Page, reason: str, note: str) -> None:
    """Rina finds why her work came back, and sends it on again."""
    log_in(page, "rina")
    open_first_task(page, "/tugas")
    expect(page.locator(".callout-return")).to_contain_text(reason)
    page.get_by_label(re.compile("^Catatan")).fill(note)
    page.get_by_role("button", name="Selesaikan & Teruskan").click()
    log_out(page)


def test_lists_are_narrowed_and_what_is_typed_is_kept(page: Page) -> None:
    log_in(page, "rina")
    for subject in ("Undangan rapat", "Laporan kinerja", "Undangan pelantikan"):
        page.goto("/sop")
        page.get_by_role("link", name=re.compile("Mulai Berkas")).first.click()
        page.get_by_label("Perihal").fill(subject)
        page.get_by_role("button", name="Mulai Berkas").click()
    page.goto("/tugas/jabatan")
    page.get_by_label(re.compile("Cari perihal")).fill("undangan")
    page.get_by_text("Saringan dan urutan").click()
    assert_accessible(page)
    page.get_by_label("Urutan").select_option("terbaru")
    page.get_by_role("button", name="Tampilkan").click()
    expect(page.locator(".task-subject")).to_have_text(["Undangan pelantikan", "Undangan rapat"])
    assert_accessible(page)
    for tick in page.get_by_role("checkbox", name=re.compile("Pilih: ")).all():
        tick.check()
    page.get_by_role("button", name="Ambil 2 tugas").click()
    expect(page.get_by_role("status").first).to_contain_text("sudah Anda ambil")
    expect(page).to_have_url(re.compile("urut=terbaru"))
    open_first_task(page, "/tugas?cari=rapat")
    page.get_by_label(re.compile("^Catatan")).fill("Baru separuh")
    expect(page.locator("[data-draft-status]")).to_have_text("Draf tersimpan.")
    page.reload()
    expect(page.get_by_label(re.compile("^Catatan"))).to_have_value("Baru separuh")
    surat: FilePayload = {"name": "surat.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF\n"}
    page.get_by_label("Lampirkan dokumen").set_input_files(surat)
    page.get_by_role("button", name="Lampirkan", exact=True).click()
    expect(page.get_by_role("link", name="Unduh surat.pdf")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Selesaikan & Teruskan").click()
    for path in ("/tugas/menunggu", "/tugas/selesai", "/tugas?cari=tidakada", "/pemberitahuan", "/tidak-di-tempat"):
        page.goto(path)
        assert_accessible(page)


def test_an_analyst_edits_a_diagram_and_publishes_it(page: Page) -> None:
    log_in(page, "analis")
    page.goto("/sop")
    page.locator("main a[href^='/sop/']").filter(has_not_text="Baru").first.click()
    expect(page.locator("[data-diagram] .djs-container svg").first).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Ubah Diagram").click()
    shape = page.locator("[data-modeler] .djs-shape[data-element-id='langkah_1']")
    expect(shape).to_be_visible()
    shape.dblclick()
    editor = page.locator(".djs-direct-editing-content")
    editor.fill("Menyusun konsep undangan")
    page.keyboard.press("Escape") if not editor.is_visible() else page.locator(".djs-container > svg").click(
        position={"x": 5, "y": 5}
    )
    page.get_by_role("button", name="Simpan").click()
    expect(page.locator("[data-status]")).to_contain_text("Tersimpan")
    page.get_by_role("button", name="Terbitkan").click()
    page.get_by_label("Catatan versi").fill("Nama langkah pertama diperjelas")
    assert_accessible(page)
    page.get_by_role("button", name="Terbitkan", exact=True).click()
    expect(page.get_by_text("Nama langkah pertama diperjelas").first).to_be_visible()
    page.goto(page.url)
    expect(page.locator("[data-diagram]").get_by_text("Menyusun konsep").first).to_be_visible()
