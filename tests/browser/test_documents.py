"""Documents in a real browser: dropped, sent, cut off, sent again, and looked at."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from engine import documents, runs
from engine.database import Database
from tests.browser.conftest import PHONE, act, one_size
from tests.browser.test_whole_way import assert_accessible, end_session, log_in, log_in_by_the_form

pytestmark = pytest.mark.browser


def pdf(*sheets: str) -> bytes:
    """A PDF with a line of text on each sheet, in a font that every reader has."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(sheets)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(sheets)}/MediaBox[0 0 595 842]>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, text in enumerate(sheets):
        drawn = f"BT /F1 32 Tf 60 760 Td ({text}) Tj ET"
        objects += [
            f"<</Type/Page/Parent 2 0 R/Resources<</Font<</F1 3 0 R>>>>/Contents {5 + 2 * number} 0 R>>",
            f"<</Length {len(drawn)}>>\nstream\n{drawn}\nendstream",
        ]
    made, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(made))
        made += f"{number} 0 obj\n{content}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    listed = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size}/Root 1 0 R>>\n"
    return made + f"{listed}startxref\n{len(made)}\n%%EOF\n".encode()


def png(width: int, height: int) -> bytes:
    """A picture of one colour."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">L", len(content)) + name + content + struct.pack(">L", zlib.crc32(name + content))

    rows = (b"\0" + b"\x0c\x5a\x64" * width) * height
    head = struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def payload(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def drop(page: Page, *files: FilePayload, onto: str = "[data-upload]") -> None:
    """Drop files as a person drags them there."""
    given = [{"name": file["name"], "content": list(file["buffer"])} for file in files]
    dropped = page.evaluate_handle(
        """given => {
            const dropped = new DataTransfer();
            for (const {name, content} of given) dropped.items.add(new File([new Uint8Array(content)], name));
            return dropped;
        }""",
        given,
    )
    page.dispatch_event(onto, "dragover", {"dataTransfer": dropped})
    page.dispatch_event(onto, "drop", {"dataTransfer": dropped})


@pytest.fixture
def run(page: Page, sqlite: Database) -> Page:
    """The page of a run that has just begun."""
    run = act(sqlite, "rina", runs.start, 1, "Undangan rapat")
    log_in(page, "rina")
    page.goto(f"/berkas/{run}")
    return page


def chosen(page: Page) -> Callable[[str], None]:
    """Expect the names of what is chosen, with commas between."""
    return lambda names: expect(page.locator(".upload-name")).to_have_text(names.split(",") if names else [])


def test_dropped_files_are_listed_looked_at_and_attached_without_leaving_the_page(run: Page) -> None:
    run.get_by_label("Catatan untuk semua").fill("Belum dikirim")
    drop(run, payload("surat.pdf", pdf("Surat")), payload("virus.exe", b"MZ"), payload("kosong.pdf", b""))
    assert_accessible(run)
    chosen(run)("surat.pdf,virus.exe,kosong.pdf")
    refused = run.locator(".upload-list .is-refused")
    expect(refused.nth(0)).to_contain_text("“virus.exe” tidak dapat dilampirkan karena jenisnya tidak diterima")
    expect(refused.nth(1)).to_contain_text("“kosong.pdf” kosong")
    run.get_by_role("button", name="Keluarkan kosong.pdf").click()
    expect(run.get_by_role("button", name="Keluarkan virus.exe")).to_be_focused()
    run.get_by_role("button", name="Lampirkan", exact=True).click()
    expect(run.locator(".document")).to_contain_text("surat.pdf")
    chosen(run)("virus.exe")
    expect(run.locator(".upload-status")).to_contain_text("1 dokumen terlampir. Yang ditandai merah")
    expect(run.get_by_label("Catatan untuk semua")).to_have_value("Belum dikirim")
    assert_accessible(run)


@one_size
def test_a_file_that_misses_the_box_does_not_replace_the_page(run: Page) -> None:
    drop(run, payload("surat.pdf", pdf("Surat")), onto="h1")
    chosen(run)("")
    expect(run).to_have_url(re.compile(r"/berkas/\d+$"))


@one_size
def test_limits_are_told_before_anything_is_sent_and_again_by_the_server(run: Page, complaints: list[str]) -> None:
    run.evaluate("document.querySelector('[data-upload]').dataset.each = 1000")
    field = run.get_by_label("Lampirkan dokumen")
    field.set_input_files([payload("besar.png", png(9, 9) + b"x" * 1000), payload("surat.pdf", b"Halo")])
    expect(run.locator(".upload-said")).to_have_count(1)
    expect(run.locator(".upload-said")).to_contain_text("“besar.png” terlalu besar: paling besar 20 MB")
    with run.expect_response(re.compile("/dokumen$")) as answered:
        run.get_by_role("button", name="Lampirkan", exact=True).click()
    assert answered.value.status == 422
    expect(run.locator(".upload-said").nth(1)).to_contain_text("Isi “surat.pdf” bukan PDF")
    expect(run.locator(".document")).to_have_count(0)
    provoked(complaints)


def provoked(complaints: list[str]) -> None:
    """Forget what Chromium said of requests that failed, which here they were to do."""
    assert [said for said in complaints if not said.startswith("Failed to load resource")] == []
    complaints.clear()


def test_an_upload_that_is_cut_off_is_sent_again_with_one_button(run: Page, complaints: list[str]) -> None:
    tries: list[str] = []

    def once(route: Route) -> None:
        tries.append(route.request.url)
        if len(tries) == 2:  # the second of two files
            route.abort("connectionreset")
        elif len(tries) == 3:  # arrives, but its answer does not
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    run.route(re.compile("/dokumen$"), once)
    run.get_by_label("Catatan untuk semua").fill("Belum dikirim")
    field = run.get_by_label("Lampirkan dokumen")
    field.set_input_files([payload("satu.pdf", pdf("Satu")), payload("dua.pdf", pdf("Dua"))])
    run.get_by_role("button", name="Lampirkan", exact=True).click()
    for _ in range(2):
        expect(run.locator(".upload-status")).to_contain_text("Sambungan terputus.")
        expect(run.locator(".upload-status")).to_contain_text("tetap terpilih")
        chosen(run)("dua.pdf")
        assert_accessible(run)
        run.get_by_role("button", name="Kirim lagi").click()
    expect(run.locator(".upload-status")).to_have_text("1 dokumen terlampir.")
    chosen(run)("")
    expect(run.locator(".document strong")).to_have_text(["satu.pdf", "dua.pdf"])
    expect(run.get_by_role("button", name="Lampirkan", exact=True)).to_be_visible()
    expect(run.get_by_label("Catatan untuk semua")).to_have_value("Belum dikirim")
    assert len(tries) == 4
    provoked(complaints)


@one_size
def test_a_session_that_ended_is_told_and_after_the_log_in_the_same_button_sends(
    run: Page, complaints: list[str]
) -> None:
    run.get_by_label("Lampirkan dokumen").set_input_files(payload("surat.pdf", pdf("Surat")))
    end_session(run)
    run.get_by_role("button", name="Lampirkan", exact=True).click()
    expect(run.locator(".upload-status")).to_contain_text("Sesi Anda telah berakhir")
    with run.context.expect_page() as opened:
        run.get_by_role("link", name="Masuk di tab baru").click()
    log_in_by_the_form(opened.value, "rina")
    opened.value.close()
    run.get_by_role("button", name="Kirim lagi").click()
    expect(run.locator(".document strong")).to_have_text("surat.pdf")
    provoked(complaints)


@one_size
def test_the_plain_form_works_without_scripts(run: Page) -> None:
    context = run.context.browser.new_context(  # type: ignore[union-attr]
        base_url=re.sub("/berkas.*", "", run.url), java_script_enabled=False, storage_state=run.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(run.url)
    plain.get_by_label("Lampirkan dokumen").set_input_files(
        [payload("surat.pdf", pdf("Surat")), payload("kosong.pdf", b"")]
    )
    plain.get_by_role("button", name="Lampirkan", exact=True).click()
    expect(plain.locator(".flash-success")).to_contain_text("1 dokumen terlampir.")
    expect(plain.locator(".flash-error")).to_contain_text("“kosong.pdf” kosong")
    plain.goto(plain.get_by_role("link", name=re.compile("Lihat surat.pdf")).get_attribute("href") or "")
    expect(plain.locator(".preview-note")).to_contain_text("unduh dokumennya")
    context.close()


def attached(page: Page, name: str, content: bytes) -> Page:
    """The preview of a document that is attached now, in the tab that it opens."""
    page.get_by_label("Lampirkan dokumen").set_input_files(payload(name, content))
    page.get_by_role("button", name="Lampirkan", exact=True).click()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name=re.compile(f"Lihat {name}")).click()
    return opened.value


def test_a_pdf_is_drawn_sheet_by_sheet_with_its_text(run: Page) -> None:
    shown = attached(run, "surat.pdf", pdf(*(f"Lembar {number}" for number in range(1, 13))))
    sheet = shown.get_by_role("group", name="Halaman 1 dari 12")
    expect(sheet.get_by_text("Lembar 1")).to_be_attached()
    drawn = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(of => of < 60)"
    assert sheet.locator("canvas").evaluate(drawn)
    assert_accessible(shown)
    shown.get_by_role("button", name="Halaman berikutnya").click()
    expect(shown.get_by_label("Halaman", exact=True)).to_have_value("2")
    shown.get_by_label("Halaman", exact=True).fill("12")
    shown.keyboard.press("Enter")
    expect(shown.get_by_role("group", name="Halaman 12 dari 12").get_by_text("Lembar 12")).to_be_in_viewport()
    expect(sheet.locator("canvas")).to_have_count(0)  # phones have little memory
    before = sheet.evaluate("sheet => sheet.clientWidth")
    shown.get_by_role("button", name="Perbesar").click()
    assert sheet.evaluate("sheet => sheet.clientWidth") > before
    expect(shown.get_by_role("group", name="Halaman 12 dari 12").locator("canvas")).to_be_attached()
    shown.get_by_role("button", name="Selebar layar").click()
    assert abs(sheet.evaluate("sheet => sheet.clientWidth") - before) <= 1
    assert_accessible(shown)


def test_a_pdf_that_is_damaged_says_so(run: Page) -> None:
    shown = attached(run, "surat.pdf", b"%PDF-1.7\nrusak")
    expect(shown.locator(".preview-note")).to_contain_text("PDF ini rusak")
    assert_accessible(shown)


def test_a_picture_is_shown_and_grows(run: Page) -> None:
    shown = attached(run, "foto.png", png(1600, 900))
    picture = shown.get_by_role("img", name="Isi gambar foto.png")
    expect(picture).to_have_js_property("naturalWidth", 1600)
    assert_accessible(shown)
    before = picture.evaluate("picture => picture.clientWidth")
    shown.get_by_role("button", name="Perbesar").click()
    assert picture.evaluate("picture => picture.clientWidth") > before
    assert_accessible(shown)
    with shown.expect_download() as saved:
        shown.get_by_role("link", name="Unduh").click()
    assert saved.value.suggested_filename == "foto.png"
    assert Path(saved.value.path()).read_bytes() == png(1600, 900)


def test_a_run_begins_with_what_was_dropped_on_its_form_and_keeps_it_when_refused(
    page: Page, complaints: list[str]
) -> None:
    log_in(page, "rina")
    page.goto("/sop")
    page.get_by_role("link", name=re.compile("Mulai Berkas")).first.click()
    page.get_by_label("Perihal").fill("Undangan rapat")
    drop(page, payload("surat.pdf", pdf("Surat")), payload("bukan.pdf", b"Halo"))
    assert_accessible(page)
    page.get_by_role("button", name="Mulai Berkas").click()
    expect(page.locator(".upload-status")).to_contain_text("Isi “bukan.pdf” bukan PDF")
    chosen(page)("surat.pdf,bukan.pdf")
    expect(page.get_by_label("Perihal")).to_have_value("Undangan rapat")
    page.get_by_role("button", name="Keluarkan bukan.pdf").click()
    page.get_by_role("button", name="Mulai Berkas").click()
    expect(page.locator(".document strong")).to_have_text("surat.pdf")
    expect(page.get_by_role("status").first).to_contain_text("Berkas dimulai.")
    assert_accessible(page)
    provoked(complaints)


@one_size
def test_the_camera_is_offered_where_one_touches(run: Page) -> None:
    expect(run.locator(".upload-camera")).to_have_count(0)
    browser = run.context.browser
    assert browser is not None
    context = browser.new_context(
        viewport={"width": PHONE["width"], "height": PHONE["height"]},
        has_touch=True,
        is_mobile=True,
        storage_state=run.context.storage_state(),
    )
    phone = context.new_page()
    phone.goto(run.url)
    camera = phone.locator(".upload-camera input")
    expect(camera).to_have_attribute("capture", "environment")
    expect(camera).to_have_attribute("accept", "image/*")
    camera.set_input_files(payload("foto.png", png(20, 20)))
    expect(phone.locator(".upload-name")).to_have_text("foto.png")
    phone.get_by_role("button", name="Lampirkan", exact=True).tap()
    expect(phone.locator(".document strong")).to_have_text("foto.png")
    assert_accessible(phone)
    context.close()


@one_size
def test_the_limits_are_in_the_words_of_the_form(run: Page) -> None:
    hint = run.locator("#dokumen-hint")
    expect(hint).to_contain_text("PDF, foto atau gambar, Word, Excel")
    expect(hint).to_contain_text(f"{documents.LIMIT // 1_000_000}\N{NO-BREAK SPACE}MB")
