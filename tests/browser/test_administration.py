"""An administrator in a real browser: from an empty Lajur to an office whose staff work."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from engine import definitions, offices
from engine.database import Database
from tests.browser.test_whole_way import assert_accessible, log_out
from tests.web.conftest import COMPILED, LETTER
from web import create_app, setup
from web.config import Settings

pytestmark = pytest.mark.browser

KEY = "only for tests"

PEOPLE = """nama;nama pengguna;jabatan;status;sejak;hak
Rina Wulandari;rina;Pengadministrasi Umum;Definitif;01/01/2026;
Budi Santoso;budi;Sekretaris Kecamatan;;01/01/2026;
Ana Lestari;ana;;;;analis, administrator
Salah Tulis;salah;Camat;Kepala;;
"""


@pytest.fixture
def address(sqlite: Database, tmp_path: Path) -> Iterator[str]:
    """Where a Lajur without any office is served."""
    app = create_app(sqlite, Settings(KEY, "", documents=tmp_path / "documents", secure_cookies=False))
    app.jinja_env.bytecode_cache = COMPILED
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_from_an_empty_lajur_to_a_member_of_staff_who_starts_a_run(page: Page, sqlite: Database) -> None:
    page.goto("/")
    expect(page.get_by_label("Kode penyiapan")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Kode penyiapan").fill(setup.code(KEY))
    page.get_by_role("button", name="Lanjutkan").click()
    found_the_office(page)
    set_the_office_up(page)
    passwords = import_people(page)
    holders_and_jabatan(page)
    publish(sqlite)
    page.goto("/kelola")
    expect(page.get_by_text("1 SOP sudah terbit.")).to_be_visible()
    assert_accessible(page)
    log_out(page)
    log_in(page, "rina", passwords["rina"])
    page.get_by_label("Kata sandi baru", exact=True).fill("kelapa di tepi sawah")
    page.get_by_label("Ulangi kata sandi baru").fill("kelapa di tepi sawah")
    page.get_by_role("button", name="Simpan").click()
    page.goto("/sop")
    page.get_by_role("link", name=re.compile("Mulai Berkas")).first.click()
    page.get_by_label("Perihal").fill("Surat pengantar")
    page.get_by_role("button", name="Mulai Berkas").click()
    expect(page).to_have_url(re.compile(r"/berkas/\d+$"))


def found_the_office(page: Page) -> None:
    expect(page.get_by_label("Nama kantor")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Nama kantor").fill("Kecamatan Sukamaju")
    page.get_by_label("Nama lengkap Anda").fill("Siti Aminah")
    page.get_by_label("Nama pengguna").fill("siti")
    page.get_by_label("Kata sandi", exact=True).fill("merpati di atas meja")
    page.get_by_label("Kata sandi sekali lagi").fill("merpati di atas meja")
    page.get_by_role("button", name="Buat Kantor").click()
    expect(page.get_by_role("heading", name="Kantor dibuat")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Masuk").click()
    log_in(page, "siti", "merpati di atas meja", there=True)
    expect(page).to_have_url(re.compile("/kelola$"))
    assert_accessible(page)


def log_in(page: Page, username: str, password: str, *, there: bool = False) -> None:
    if not there:
        page.goto("/masuk")
    page.get_by_label("Nama pengguna").fill(username)
    page.get_by_label("Kata sandi", exact=True).fill(password)
    page.get_by_role("button", name="Masuk").click()


def set_the_office_up(page: Page) -> None:
    page.get_by_role("link", name="Kantor", exact=True).click()
    assert_accessible(page)
    page.get_by_role("group", name="Sepanjang tahun").get_by_label("Jumat").fill("07.30-11.30")
    page.get_by_role("button", name="Simpan Jam Kerja").click()
    expect(page.get_by_role("status").filter(has_text="Perubahan disimpan.")).to_be_visible()
    expect(page.get_by_role("group", name="Sepanjang tahun").get_by_label("Jumat")).to_have_value("07.30-11.30")


def import_people(page: Page) -> dict[str, str]:
    """The one-time passwords of those on the list, by user name."""
    page.goto("/kelola/pegawai")
    assert_accessible(page)
    page.get_by_role("link", name="Impor daftar").click()
    assert_accessible(page)
    page.get_by_label("Atau tempelkan isinya").fill(PEOPLE)
    page.get_by_role("button", name="Lihat pratinjau").click()
    expect(page.get_by_role("heading", name="Pratinjau daftar pegawai")).to_be_visible()
    expect(page.get_by_text("Status “Kepala” tidak dikenal")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Terapkan").click()
    expect(page.get_by_text("3 baris diterapkan.")).to_be_visible()
    assert_accessible(page)
    names = page.locator("td[data-label='Nama pengguna']").all_inner_texts()
    return dict(zip(names, page.locator("td code").all_inner_texts(), strict=True))


def holders_and_jabatan(page: Page) -> None:
    page.goto("/kelola/jabatan")
    assert_accessible(page)
    page.get_by_label("Nama jabatan").fill("Camat")
    page.get_by_role("button", name="Tambahkan").click()
    expect(page.get_by_role("heading", name="Camat", level=1)).to_be_visible()
    page.get_by_label("Pegawai", exact=False).first.select_option(label="Siti Aminah")
    page.get_by_label("Status").select_option(label="Plt.")
    page.get_by_role("button", name="Tetapkan").click()
    expect(page.get_by_role("cell", name="Plt.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Ubah masa jabatan Siti Aminah").click()
    assert_accessible(page)
    page.goto("/kelola/pemangku")
    expect(page.get_by_text("Siti Aminah (Plt. Camat)")).to_be_visible()
    assert_accessible(page)
    page.goto("/kelola/pegawai?cari=budi")
    page.get_by_role("link", name="Budi Santoso").click()
    assert_accessible(page)
    page.get_by_role("link", name="Nonaktifkan").click()
    assert_accessible(page)
    page.goto("/kelola/pegawai/baru")
    assert_accessible(page)
    page.goto("/kelola/catatan")
    expect(page.get_by_text("Kantor dibuat")).to_be_visible()
    assert_accessible(page)


def publish(database: Database) -> None:
    """What the analyst does, which is for other tests."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        analyst = offices.actor(session, offices.called(session, "ana"), now)
        definitions.publish(session, analyst, definitions.add(session, analyst, LETTER, now), "Pertama", now)
