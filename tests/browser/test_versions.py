"""From one version of an SOP to the next in a real browser: compared, published with its live runs, taken back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WIDE
from tests.browser.test_whole_way import assert_accessible, log_in, log_out
from tests.web import conftest
from tests.web.conftest import LETTER

pytestmark = pytest.mark.browser

CHANGED = LETTER.replace(b'name="Memeriksa konsep surat"', b'name="Meneliti konsep surat"').replace(
    b'value="2 jam"', b'value="3 jam"'
)

SHORTER = (Path(conftest.__file__).parent / "surat_pendek.bpmn").read_bytes()

SEEN = """() => [...document.querySelectorAll('.lajur-changed[data-element-id=langkah_2]')].filter((changed) => {
  const [one, frame] = [changed, changed.closest('.diagram-canvas')].map((element) => element.getBoundingClientRect());
  return one.left >= frame.left && one.right <= frame.right && one.top >= frame.top && one.bottom <= frame.bottom;
}).length"""
"""In how many of the two diagrams the changed step can be seen."""

SAVE = """async ([address, xml]) => {
  const headers = { 'X-CSRFToken': document.querySelector('[name=csrf_token]').value, 'If-Match': '"0"' };
  return (await fetch(address, { method: 'PUT', headers, body: xml })).status;
}"""


def start_two_runs(page: Page) -> None:
    log_in(page, "rina")
    for subject in ("Surat pertama", "Surat kedua"):
        page.goto("/sop/1/mulai")
        page.get_by_label("Perihal").fill(subject)
        page.get_by_role("button", name="Mulai Berkas").click()
        page.wait_for_url(re.compile(r"/berkas/\d+$"))
    log_out(page)


def test_a_revision_is_compared_published_with_its_live_runs_and_taken_back(page: Page) -> None:
    start_two_runs(page)
    log_in(page, "analis")
    page.goto("/sop/1")
    assert page.evaluate(SAVE, ["/sop/1/draf", CHANGED.decode()]) == 200
    page.goto("/sop/1")
    assert_accessible(page)

    page.get_by_role("link", name="Bandingkan dengan versi 1").click()
    expect(page.get_by_text("Waktu langkah 2")).to_be_visible()
    expect(page.locator(".lajur-changed[data-element-id=langkah_2]")).to_have_count(2)
    expect(page.locator(".diagram-note").get_by_text("Berubah").first).to_be_visible()
    page.locator(".diagram-canvas svg").first.focus()
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(f"({SEEN})() === 0")
    page.get_by_role("button", name="Perubahan berikutnya").click()
    page.wait_for_function(f"({SEEN})() === 2")
    expect(page.locator(".compare-rows ins").first).to_be_visible()
    assert_accessible(page)

    page.goto("/sop/1")
    page.get_by_role("link", name="Terbitkan").click()
    expect(page.get_by_text("2 berkas yang sedang berjalan memakai versi sebelumnya")).to_be_visible()
    page.get_by_label("Pindahkan yang bisa ke versi ini").check()
    page.get_by_label("Catatan versi").fill("Waktu pemeriksaan lebih lama")
    assert_accessible(page)
    page.get_by_role("button", name="Terbitkan", exact=True).click()
    expect(page.get_by_text("2 berkas dipindahkan.")).to_be_visible()
    assert_accessible(page)

    page.get_by_label("Alasan pembatalan").fill("Keliru")
    page.get_by_role("button", name="Batalkan Pemindahan").click()
    expect(page.get_by_text("Pemindahan dibatalkan:")).to_be_visible()
    expect(page.get_by_role("button", name="Batalkan Pemindahan")).to_have_count(0)
    page.goto("/sop/1")
    expect(page.get_by_text("2 berkas yang sedang berjalan masih memakai versi")).to_be_visible()


def test_runs_that_need_a_mapping_are_told_and_go_on_where_the_analyst_says(page: Page) -> None:
    start_two_runs(page)
    log_in(page, "rina")
    page.goto("/tugas/jabatan")
    page.locator("main a[href^='/tugas/']").filter(has_text="Menyusun").first.click()
    page.get_by_role("button", name="Ambil Tugas").first.click()
    page.get_by_role("button", name="Selesai").first.click()
    log_out(page)
    log_in(page, "analis")
    page.goto("/sop/1")
    assert page.evaluate(SAVE, ["/sop/1/draf", SHORTER.decode()]) == 200
    page.goto("/sop/1/terbitkan")
    expect(page.get_by_text("Perlu padanan langkah", exact=True)).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Pindahkan yang bisa ke versi ini").check()
    page.get_by_label("Memeriksa konsep surat").select_option("langkah_3")
    page.get_by_role("button", name="Hitung ulang akibatnya").click()
    expect(page.get_by_text("Dapat dipindahkan", exact=True)).to_have_count(2)
    expect(page.get_by_label("Pindahkan yang bisa ke versi ini")).to_be_checked()
    page.get_by_label("Catatan versi").fill("Tanpa pemeriksaan")
    page.get_by_role("button", name="Terbitkan", exact=True).click()
    expect(page.get_by_text("2 berkas dipindahkan.")).to_be_visible()


def test_whoever_moves_one_diagram_moves_the_other(page: Page) -> None:
    log_in(page, "analis")
    page.goto("/sop/1/bandingkan")
    drawn = page.locator(".compare-pair .diagram-canvas .viewport")
    expect(drawn).to_have_count(2)
    expect(page.locator(".compare-pair .diagram-buttons")).to_have_count(2)
    before = drawn.nth(1).get_attribute("transform")
    page.locator(".compare-pair .diagram-buttons button").first.click()
    expect(drawn.nth(1)).not_to_have_attribute("transform", str(before))
    one, other = (re.findall(r"-?[\d.]+", str(drawn.nth(side).get_attribute("transform"))) for side in (0, 1))
    assert [float(number) for number in one] == pytest.approx([float(number) for number in other], abs=0.01)


def test_the_sheet_is_a_page_that_prints_one_page_of_the_form_on_each_sheet_of_paper(page: Page) -> None:
    log_in(page, "rina")
    page.goto("/sop/1/lembar?kertas=F4")
    assert_accessible(page)
    page.locator(".sop-sheets img").last.scroll_into_view_if_needed()
    page.wait_for_function("[...document.querySelectorAll('.sop-sheets img')].every((one) => one.naturalWidth > 900)")
    if page.viewport_size != WIDE:
        expect(page.get_by_text("Menandatangani surat pengantar.")).to_be_visible()
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    sheets = re.findall(rb"/MediaBox \[0 0 (\d+)[.\d]* (\d+)", printed)
    assert sheets == [(b"935", b"609")] * page.locator(".sop-sheets img").count()
