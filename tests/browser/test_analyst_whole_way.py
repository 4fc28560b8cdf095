"""The whole way of an SOP as one story: read from a document, reviewed, published, run, revised, moved, taken back."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.conftest import WIDE
from tests.browser.test_reviewing import row
from tests.browser.test_whole_way import assert_accessible, log_in, log_out

pytestmark = pytest.mark.browser


class Step(NamedTuple):
    """A row of the table of an SOP, without its number."""

    text: str
    needs: str
    waktu: str
    yields: str


RECEIVE = Step("Menerima dan mencatat permohonan surat keterangan", "Permohonan", "10 menit", "Permohonan tercatat")
DRAFT = Step("Menyusun konsep surat keterangan", "Permohonan tercatat", "1 jam", "Konsep surat")
CHECK = Step("Memeriksa konsep surat keterangan", "Konsep surat", "30 menit", "Konsep yang diparaf")
SIGN = Step("Menandatangani surat keterangan", "Konsep yang diparaf", "1 hari", "Surat keterangan")
HAND_OVER = Step("Menyerahkan surat keterangan kepada pemohon", "Surat keterangan", "10 menit", "Tanda terima")


def sop(*steps: Step) -> str:
    """An SOP of this office with these steps, as its text is copied out of a PDF: without its symbols."""
    return "\n".join(
        (
            "KECAMATAN SUKAMAJU",
            "NOMOR SOP\t: 12/2026",
            "NAMA SOP\t: Pelayanan Surat Keterangan",
            "",
            "No\tKegiatan\tPelaksana\t\t\tMutu Baku\t\t\tKeterangan",
            "\t\tPengadministrasi Umum\tSekretaris Kecamatan\tCamat\tKelengkapan\tWaktu\tOutput\t",
            *(
                f"{number}\t{step.text}\t\t\t\t{step.needs}\t{step.waktu}\t{step.yields}\t"
                for number, step in enumerate(steps, 1)
            ),
        )
    )


FIRST = sop(RECEIVE, DRAFT, CHECK, SIGN, HAND_OVER)
REVISED = sop(RECEIVE, CHECK, SIGN._replace(waktu="4 jam"), HAND_OVER)
"""Nobody drafts any more, and signing takes half a day."""

USAHA, DOMISILI = "Keterangan usaha Pak Joko", "Keterangan domisili Bu Wati"
"""What the two runs are about."""


@pytest.mark.parametrize("page", [WIDE], ids=["wide"], indirect=True)  # the keyboard of a shared PC
def test_an_sop_goes_from_a_document_through_a_revision_with_its_live_runs(page: Page) -> None:
    log_in(page, "analis")
    import_document(page)
    review_by_keyboard(page)
    publish_first(page)
    log_out(page)

    log_in(page, "rina")
    start(page, USAHA)
    start(page, DOMISILI)
    finish_task(page, USAHA)
    log_out(page)

    log_in(page, "analis")
    revise(page)
    review_revision(page)
    compare(page)
    publish_and_move(page)
    take_back(page)
    log_out(page)

    log_in(page, "rina")
    still_where_it_was(page)


def import_document(page: Page) -> None:
    page.goto("/sop")
    page.get_by_role("link", name="SOP Baru").click()
    assert_accessible(page)
    page.get_by_label("Atau tempelkan isi dokumen").fill(FIRST)
    page.get_by_role("button", name="Baca Dokumen").click()
    expect(page.get_by_text("1 SOP dibaca sebagai draf.")).to_be_visible()
    expect(page.get_by_text("2 dari 5 langkah menunggu diperiksa.")).to_be_visible()
    expect(page.locator(".lajur-review-note")).to_have_count(2)
    assert_accessible(page)


def review_by_keyboard(page: Page) -> None:
    """The check sends back, to the step where the request is noted down; the Camat only signs."""
    back = row(page, "3").get_by_label("Dikembalikan ke")
    back.focus()
    page.keyboard.press("ArrowUp")
    expect(chosen(back)).to_have_text(re.compile("Mencatat permohonan"))
    page.keyboard.press("Control+Enter")
    expect(row(page, "4").get_by_label("Nama langkah")).to_be_focused()
    expect(row(page, "3").get_by_text("Sudah diperiksa")).to_be_visible()
    for _ in range(3):
        page.keyboard.press("Tab")
    back = row(page, "4").get_by_label("Dikembalikan ke")
    expect(back).to_be_focused()
    page.keyboard.press("Home")
    expect(chosen(back)).to_have_text("tidak dikembalikan")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Tidak ada langkah yang menunggu diperiksa.")).to_be_visible()
    expect(page.locator("[data-diagram] [data-element-id='gerbang_3']").first).to_be_visible()
    expect(page.locator("[data-diagram] [data-element-id='gerbang_4']")).to_have_count(0)
    assert_accessible(page)
    expect(page.get_by_role("button", name="Semua Sudah Saya Periksa")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Draf dinyatakan sudah diperiksa seluruhnya.")).to_be_visible()
    assert_accessible(page)


def publish_first(page: Page) -> None:
    page.get_by_role("link", name="Terbitkan…").click()
    expect(page.get_by_text("Tidak ada yang menghalangi penerbitan draf ini.")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Catatan versi").fill("Versi pertama dari SOP tercetak")
    page.get_by_role("button", name="Terbitkan", exact=True).click()
    expect(page.get_by_text("Versi 1", exact=True)).to_be_visible()
    expect(page.get_by_text("Versi pertama dari SOP tercetak")).to_be_visible()
    assert_accessible(page)


def start(page: Page, subject: str) -> None:
    """Whoever is logged in starts a run and does its first step."""
    page.goto("/sop")
    page.get_by_role("link", name="Mulai Berkas: Pelayanan Surat Keterangan").click()
    page.get_by_label("Perihal").fill(subject)
    assert_accessible(page)
    page.get_by_role("button", name="Mulai Berkas").click()
    page.wait_for_url(re.compile(r"/berkas/\d+$"))
    assert_accessible(page)
    finish_task(page, subject)


def finish_task(page: Page, subject: str) -> None:
    page.goto("/tugas/jabatan")
    page.locator(".task-item").filter(has_text=subject).locator(".task-title a").click()
    page.get_by_role("button", name="Ambil Tugas").first.click()
    page.get_by_role("button", name="Selesaikan & Teruskan").click()
    page.wait_for_url(re.compile("/tugas"))
    expect(page.get_by_role("status").first).to_be_visible()


def revise(page: Page) -> None:
    """The difference of rows and boxes: one step is gone, one takes less time, the rest keeps its place."""
    page.goto("/sop")
    page.get_by_role("link", name="Pelayanan Surat Keterangan", exact=True).click()
    page.get_by_role("link", name="Perbarui dari Dokumen").click()
    assert_accessible(page)
    file: FilePayload = {"name": "sop-revisi.txt", "mimeType": "text/plain", "buffer": REVISED.encode()}
    page.get_by_label("Dokumen SOP").set_input_files(file)
    page.get_by_role("button", name="Baca Dokumen").click()
    expect(page.get_by_text("Menurut dokumen sop-revisi.txt. 1 langkah tidak berubah")).to_be_visible()
    expect(page.get_by_text("2 langkah hanya berganti nomor.")).to_be_visible()
    gone = page.get_by_role("row").filter(has_text="Menyusun konsep surat keterangan")
    expect(gone).to_contain_text("Dihapus")
    shorter = page.get_by_role("row").filter(has_text="4 jam")
    expect(shorter).to_contain_text("1 hari")
    expect(page.get_by_role("region", name="Pada diagram")).to_contain_text("Menyusun konsep surat keterangan")
    assert_accessible(page)


def review_revision(page: Page) -> None:
    """What the document does not say of the step that changed is guessed anew, so it is corrected anew."""
    page.get_by_role("link", name="Tinjau 1 langkah yang menunggu").click()
    expect(page.locator(".lajur-review-note")).to_have_count(1)
    assert_accessible(page)
    back = row(page, "4").get_by_label("Dikembalikan ke")
    expect(chosen(back)).to_have_text("2. Memeriksa konsep surat keterangan")
    back.focus()
    page.keyboard.press("Home")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Semua Sudah Saya Periksa")).to_be_focused()
    expect(page.locator("[data-diagram] [data-element-id='gerbang_4']")).to_have_count(0)
    assert_accessible(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Draf dinyatakan sudah diperiksa seluruhnya.")).to_be_visible()


def compare(page: Page) -> None:
    page.get_by_role("link", name="Bandingkan dengan versi 1").click()
    expect(page.get_by_text("Waktu langkah 3")).to_be_visible()
    expect(page.locator(".lajur-removed[data-element-id=langkah_2]")).to_have_count(1)
    expect(page.locator(".lajur-changed[data-element-id=langkah_4]")).to_have_count(2)
    assert_accessible(page)


def publish_and_move(page: Page) -> None:
    """One run is at a step that stays, the other at the one that is gone: the analyst says where it goes on."""
    page.get_by_role("navigation", name="Jejak halaman").get_by_role("link", name="Pelayanan").click()
    page.get_by_role("link", name="Terbitkan…").click()
    expect(page.get_by_text("2 berkas yang sedang berjalan memakai versi sebelumnya")).to_be_visible()
    expect(run(page, USAHA)).to_contain_text("Dapat dipindahkan")
    expect(run(page, DOMISILI)).to_contain_text("Perlu padanan langkah")
    assert_accessible(page)
    page.get_by_label("Pindahkan yang bisa ke versi ini").check()
    page.get_by_label("Menyusun konsep surat keterangan").select_option(label="2. Memeriksa konsep surat keterangan")
    page.get_by_role("button", name="Hitung ulang akibatnya").click()
    expect(run(page, DOMISILI)).to_contain_text("Dapat dipindahkan")
    expect(run(page, DOMISILI)).to_contain_text("dilanjutkan di “2. Memeriksa konsep surat keterangan”")
    assert_accessible(page)
    page.get_by_label("Catatan versi").fill("Konsep dibuat otomatis; penandatanganan paling lama 4 jam")
    page.get_by_role("button", name="Terbitkan", exact=True).click()
    expect(page.get_by_role("heading", name="2 berkas dipindahkan ke versi 2")).to_be_visible()
    expect(run(page, USAHA)).to_contain_text("Belum dikerjakan lagi")
    assert_accessible(page)


def take_back(page: Page) -> None:
    page.get_by_label("Alasan pembatalan").fill("Kantor belum siap")
    page.get_by_role("button", name="Batalkan Pemindahan").click()
    expect(page.get_by_text("Pemindahan dibatalkan:")).to_be_visible()
    expect(run(page, DOMISILI)).to_contain_text("Dikembalikan ke versinya")
    assert_accessible(page)
    page.get_by_role("link", name="Pelayanan Surat Keterangan").click()
    expect(page.get_by_text("2 berkas yang sedang berjalan masih memakai versi")).to_be_visible()
    assert_accessible(page)


def still_where_it_was(page: Page) -> None:
    """The run whose step is gone in version 2 waits at it again."""
    page.goto("/tugas/jabatan")
    page.locator(".task-item").filter(has_text=DOMISILI).locator(".task-title a").click()
    expect(page.get_by_role("heading", name="Menyusun konsep surat keterangan").first).to_be_visible()
    assert_accessible(page)


def run(page: Page, subject: str) -> Locator:
    return page.get_by_role("row").filter(has_text=subject)


def chosen(options: Locator) -> Locator:
    return options.locator("option:checked")
