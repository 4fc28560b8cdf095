"""From a pasted document by keyboard to a draft that can be published; and what happens when two correct it."""

from __future__ import annotations

import gzip
import re

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, Response, expect

from bpmn import library
from tests.browser.conftest import PHONE, WIDE
from tests.browser.test_diagram import LIGHT
from tests.browser.test_whole_way import assert_accessible, log_in
from tests.web.conftest import LETTER

pytestmark = pytest.mark.browser

MASAMA = next(source.content.decode() for source in library.sources() if source.office == "masama")


def read(page: Page) -> None:
    """An analyst pastes a document of three SOPs."""
    log_in(page, "analis")
    page.goto("/sop/baru")
    page.get_by_label("Atau tempelkan isi dokumen").fill(MASAMA)
    assert_accessible(page)
    page.get_by_role("button", name="Baca Dokumen").click()
    expect(page.get_by_text("SOP 1 dari 3")).to_be_visible()


def row(page: Page, step: str) -> Locator:
    return page.locator(f"[data-review-row='langkah_{step}']")


def test_a_document_is_corrected_by_keyboard_until_nothing_waits(page: Page) -> None:
    read(page)
    expect(page.get_by_text("6 dari 9 langkah menunggu diperiksa.")).to_be_visible()
    if page.viewport_size == PHONE:
        page.locator("details[data-fold-diagram] > summary").click()
    page.locator("[data-diagram]").scroll_into_view_if_needed()
    expect(page.locator(".lajur-review-note")).to_have_count(6)
    assert_accessible(page)
    name = row(page, "2").get_by_label("Nama langkah")
    name.focus()
    page.keyboard.press("End")
    page.keyboard.type(" pegawai")
    page.keyboard.press("Tab")
    page.keyboard.type("Camat")
    page.keyboard.press("Control+Enter")
    expect(row(page, "3").get_by_label("Nama langkah")).to_be_focused()
    expect(page.get_by_text("5 dari 9 langkah menunggu diperiksa.")).to_be_visible()
    expect(row(page, "2").get_by_text("Sudah diperiksa")).to_be_visible()
    box = page.locator("[data-diagram] [data-element-id='langkah_2']")
    expect(box).to_contain_text("pegawai")
    expect(page.locator(".lajur-review-note")).to_have_count(5)
    for _ in range(5):
        page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Tidak ada langkah yang menunggu diperiksa.")).to_be_visible()
    done = page.get_by_role("button", name="Semua Sudah Saya Periksa")
    expect(done).to_be_focused()
    assert_accessible(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Draf dinyatakan sudah diperiksa seluruhnya.")).to_be_visible()
    page.go_back()
    page.reload()
    expect(row(page, "2").get_by_label("Nama langkah")).to_have_value(re.compile("pegawai$"))
    expect(row(page, "2").get_by_label("Jabatan").locator("option:checked")).to_have_text("Camat")


@pytest.mark.parametrize("page", [WIDE], ids=["wide"], indirect=True)  # on a phone they are not beside each other
def test_row_line_and_box_point_at_each_other(page: Page) -> None:
    read(page)
    expect(page.locator(".lajur-review-note").first).to_be_visible()
    page.locator("[data-element-id='langkah_1'] .djs-hit").first.click()
    expect(row(page, "1").get_by_label("Nama langkah")).to_be_focused()
    row(page, "5").get_by_label("Waktu").focus()
    line = page.locator(".review-lines li.is-chosen")
    expect(line).to_contain_text("melakukan koreksi")
    expect(line).to_be_in_viewport()
    expect(page.locator("[data-element-id='langkah_5'].lajur-chosen")).to_have_count(1)
    page.locator(".review-lines li[data-step='langkah_3'] a").click()
    expect(row(page, "3").get_by_label("Nama langkah")).to_be_focused()


def test_who_saves_second_is_told_and_keeps_what_was_typed(
    page: Page, chromium: Browser, complaints: list[str]
) -> None:
    read(page)
    context = chromium.new_context(storage_state=page.context.storage_state(), viewport=page.viewport_size)
    other = context.new_page()
    other.goto(page.url)
    row(other, "4").get_by_label("Waktu").fill("3 hari")
    with other.expect_response(lambda answer: answer.request.method == "POST"):
        row(other, "1").get_by_label("Waktu").focus()
    context.close()
    row(page, "4").get_by_label("Waktu").fill("2 hari")
    row(page, "1").get_by_label("Waktu").focus()
    expect(row(page, "4").get_by_role("alert")).to_contain_text("sudah disimpan oleh Ana Lestari")
    expect(row(page, "4").get_by_label("Waktu")).to_have_value("2 hari")
    complaints[:] = [one for one in complaints if "409" not in one]
    page.on("dialog", lambda dialog: dialog.accept())


def test_without_scripts_the_whole_form_is_saved_at_once(page: Page, chromium: Browser) -> None:
    read(page)
    context = chromium.new_context(
        storage_state=page.context.storage_state(),
        base_url=page.url,
        java_script_enabled=False,
        viewport=page.viewport_size,
    )
    plain = context.new_page()
    plain.goto(page.url)
    row(plain, "2").get_by_label("Waktu").fill("1 jam")
    row(plain, "2").get_by_label("Sudah saya periksa").check()
    plain.get_by_role("button", name="Simpan Koreksi").click()
    expect(plain.get_by_text("Masih ada 5 langkah yang menunggu diperiksa.")).to_be_visible()
    expect(row(plain, "2").get_by_label("Waktu")).to_have_value("1 jam")
    context.close()


def test_a_revised_document_shows_old_and_new_side_by_side_and_is_given_up(page: Page) -> None:
    log_in(page, "analis")
    page.goto("/sop")
    page.get_by_role("link", name="Surat Pengantar", exact=True).click()
    page.get_by_role("link", name="Perbarui dari Dokumen").click()
    assert_accessible(page)
    revised = LETTER.replace(b'name="Memeriksa konsep surat"', b'name="Meneliti konsep surat"')
    diagram: FilePayload = {"name": "surat.bpmn", "mimeType": "application/xml", "buffer": revised}
    page.get_by_label("Dokumen SOP").set_input_files(diagram)
    page.get_by_role("button", name="Baca Dokumen").click()
    changed = page.get_by_role("row").filter(has_text="Meneliti konsep surat")
    expect(changed.get_by_role("cell").first).to_contain_text("Memeriksa konsep surat")
    expect(page.get_by_text("2 langkah tidak berubah")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Batalkan Pembaruan").click()
    page.get_by_role("button", name="Ya, lanjutkan").click()
    expect(page.get_by_text("Draf dihapus.")).to_be_visible()


def test_the_first_load_of_a_review_is_light(page: Page) -> None:
    read(page)
    got: dict[str, int] = {}

    def note(response: Response) -> None:
        if "viewer" not in response.url and not response.url.endswith(".bpmn"):  # these come when they are seen
            got[response.url] = len(gzip.compress(response.body()))

    page.on("response", note)
    page.reload(wait_until="networkidle")
    assert sum(got.values()) < LIGHT
