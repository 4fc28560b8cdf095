"""Stories of administrators: the first start, an office set up, people who come, change and leave."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from engine import offices
from engine.administration import holdings, people
from engine.administration.holdings import Term
from engine.administration.people import Entry
from engine.administration.record import Kind
from engine.database import Database
from engine.states import Capacity, Right
from engine.tables import Person
from tests.web.conftest import PASSWORD, Browser, Kecamatan, make_app
from tests.web.test_queries_per_page import counting
from web import serving, setup
from web.administration import words
from web.cli import main
from web.config import Settings

LogIn = Callable[[str], Browser]


@pytest.fixture
def admin(kecamatan: Kecamatan, log_in: LogIn) -> Browser:
    """The browser of somebody with the right of an administrator."""
    with kecamatan.database.transaction() as session:
        session.get_one(Person, kecamatan.people["analis"]).rights = [Right.ADMINISTRATOR]
    return log_in("analis")


PAGES = (
    "/kelola",
    "/kelola/kantor",
    "/kelola/jabatan",
    "/kelola/jabatan/1",
    "/kelola/jabatan/1/pemangku/1",
    "/kelola/pemangku",
    "/kelola/pegawai",
    "/kelola/pegawai/baru",
    "/kelola/pegawai/1",
    "/kelola/pegawai/1/nonaktifkan",
    "/kelola/pegawai/impor",
    "/kelola/pegawai/impor/contoh.csv",
    "/kelola/catatan",
)


def test_only_administrators_see_these_pages_and_the_way_to_them(admin: Browser, log_in: LogIn) -> None:
    budi = log_in("budi")
    assert 'href="/kelola"' in admin.get("/tugas").text
    assert 'href="/kelola"' not in budi.get("/tugas").text
    for path in PAGES:
        assert admin.get(path).status_code == 200, path
        assert budi.get(path).status_code == 403, path


def test_the_pages_of_administrators_are_shown_in_english_too(admin: Browser) -> None:
    admin.post("/bahasa", bahasa="en")
    for path in PAGES:
        assert admin.get(path).status_code == 200, path


def test_every_kind_of_change_has_its_words(app: Flask) -> None:
    with app.test_request_context():
        assert len({words.kind(kind) for kind in Kind}) == len(Kind)


def test_no_page_asks_more_where_there_are_more_people(admin: Browser, kecamatan: Kecamatan, now: datetime) -> None:
    def asked() -> dict[str, int]:
        counts = {}
        for path in ("/kelola", "/kelola/jabatan", "/kelola/pemangku", "/kelola/pegawai", "/kelola/catatan"):
            with counting(kecamatan.database) as statements:
                assert admin.get(path).status_code == 200
            counts[path] = len(statements)
        return counts

    few = asked()
    with kecamatan.database.transaction() as session:
        who = offices.actor(session, kecamatan.people["analis"], now)
        for number in range(60):
            made = people.add(session, who, Entry(f"Orang {number}", f"orang{number}"), now).person_id
            for jabatan in kecamatan.jabatan.values():
                holdings.begin(session, who, jabatan, made, Term(Capacity.DEFINITIF, now.date()), now)
    assert asked() == few
    assert max(few.values()) <= 8
    assert "Orang 59" in admin.get("/kelola/pegawai?halaman=2").text


# -- the office -------------------------------------------------------------------------------------------------------


def hours(page: str) -> dict[str, str]:
    """What the form of working hours holds."""
    found = re.findall(r'name="((?:biasa|ramadan)\d)"[^>]* value="([^"]*)"', page)
    assert len(found) == 14
    return dict(found)


def test_an_office_is_renamed_and_its_hours_and_days_set(admin: Browser) -> None:
    page = admin.follow(admin.post("/kelola/kantor", nama="Kecamatan <Maju>", zona="Asia/Makassar"))
    assert "Perubahan disimpan." in page
    assert "Kecamatan &lt;Maju&gt;" in page
    week = hours(page) | {"biasa4": "07.00-11.00"}
    page = admin.follow(admin.post("/kelola/kantor/jam", **week))
    assert hours(page)["biasa4"] == "07.00-11.00"
    assert "Cuti Bersama Hari Raya Natal" not in page
    page = admin.follow(admin.post("/kelola/kantor/hari", tanggal="2026-11-30", jenis="libur"))
    assert "Hari libur kantor ini" in page
    page = admin.follow(admin.post("/kelola/kantor/hari/hapus", tanggal="2026-11-30"))
    assert "Hari libur kantor ini" not in page
    log = unescape(admin.get("/kelola/catatan").text)
    for said in ("Kantor diubah", "Jam kerja hari Jumat", "07.00-11.00", "Cuti bersama libur", "30 November 2026"):
        assert said in log


def test_what_is_wrong_is_told_and_what_was_typed_kept(admin: Browser) -> None:
    week = hours(admin.get("/kelola/kantor").text) | {"biasa0": "pagi sampai sore"}
    answer = admin.post("/kelola/kantor/jam", **week)
    assert answer.status_code == 422
    assert "Jam kerja hari Senin tidak dapat dibaca" in answer.text
    assert 'value="pagi sampai sore"' in answer.text
    for path, form in (
        ("/kelola/kantor", {"nama": " ", "zona": "Asia/Jakarta"}),
        ("/kelola/kantor", {"nama": "X", "zona": "Mars"}),
        ("/kelola/kantor/hari", {"tanggal": "besok"}),
        ("/kelola/kantor/hari", {"tanggal": "9999-12-31"}),
        ("/kelola/kantor/hari", {}),
        ("/kelola/jabatan", {"nama": "Staf", "tingkat": "tinggi"}),
        ("/kelola/jabatan", {"nama": "Staf", "tingkat": "101"}),
        ("/kelola/jabatan/1/pemangku", {"pegawai": "1", "status": "raja", "sejak": "2026-11-23"}),
        ("/kelola/jabatan/1/pemangku", {"pegawai": "", "status": "plt", "sejak": "2026-11-23"}),
        ("/kelola/jabatan/1/pemangku", {"pegawai": "1", "status": "plt", "sejak": ""}),
        ("/kelola/pegawai/baru", {"nama": "A", "nama_pengguna": "dua kata"}),
        ("/kelola/pegawai/1", {"nama": "", "nama_pengguna": "rina"}),
        ("/kelola/pegawai/impor", {"tempelan": ""}),
        ("/kelola/pegawai/impor", {"tempelan": "halo"}),
    ):
        answer = admin.post(path, **form)
        assert answer.status_code == 422, (path, form)
        assert 'role="alert"' in answer.text, path


# -- jabatan ----------------------------------------------------------------------------------------------------------


def test_a_jabatan_is_added_named_otherwise_and_removed(admin: Browser) -> None:
    made = admin.post("/kelola/jabatan", nama="Kasi Trantib", tingkat="").location
    page = admin.follow(admin.post(f"{made}/nama-lain", lain="Kasi Ketertiban"))
    assert "kasi ketertiban" in page
    page = admin.follow(admin.post(made, nama="Kasi Ketenteraman", tingkat="51"))
    assert "kasi trantib" in page
    (alias, *_) = re.findall(r"/nama-lain/(\d+)/hapus", page)
    assert "Nama lain dihapus." in admin.follow(admin.post(f"{made}/nama-lain/{alias}/hapus"))
    assert "Jabatan dihapus." in admin.follow(admin.post(f"{made}/hapus"))
    assert admin.get(made).status_code == 404
    answer = admin.post("/kelola/jabatan/3/hapus")
    assert answer.status_code == 409
    assert "tidak dapat dihapus" in answer.text
    assert admin.post("/kelola/jabatan", nama="CAMAT", tingkat="").status_code == 409


def test_who_holds_what_is_a_table_with_its_gaps_and_overlaps(admin: Browser, kecamatan: Kecamatan) -> None:
    camat = f"/kelola/jabatan/{kecamatan.jabatan['Camat']}"
    begun = {"status": "definitif", "sejak": "2026-11-23", "sampai": ""}
    page = admin.follow(admin.post(f"{camat}/pemangku", pegawai=str(kecamatan.people["budi"]), **begun))
    assert "Plt. bersamaan dengan pejabat lain" in page
    (old,) = {int(one) for one in re.findall(r'<option value="(\d+)">Siti Aminah, sejak', page)}
    page = admin.follow(admin.post(f"{camat}/pemangku/{old}", status="plt", sejak="2026-01-01", sampai="2026-11-10"))
    assert "Kosong 11 November 2026 sampai 22 November 2026." in page
    assert "Kosong" not in admin.get("/kelola/pemangku").text
    page = admin.follow(admin.post(f"{camat}/pemangku/{old}/hapus"))
    assert "Catatan pemangku dihapus." in page
    assert "Kosong" not in page
    assert admin.get(f"{camat}/pemangku/{old}").status_code == 404


def test_serah_terima_hands_the_tasks_over_in_one_act(admin: Browser, kecamatan: Kecamatan, log_in: LogIn) -> None:
    rina = log_in("rina")
    rina.post(f"/sop/{kecamatan.sop}/mulai", perihal="Undangan")
    rina.post("/tugas/1/ambil")
    page = admin.follow(
        admin.post(
            "/kelola/jabatan/1/pemangku",
            pegawai=str(kecamatan.people["siti"]),
            pengganti_dari="1",
            status="definitif",
            sejak="2026-11-23",
        )
    )
    assert "1 tugas diserahkan kepada penerusnya." in page
    assert "Menyusun konsep surat" in log_in("siti").get("/tugas").text
    elsewhere = {"pegawai": "1", "pengganti_dari": "3", "status": "plt", "sejak": "2026-11-25"}
    assert admin.post("/kelola/jabatan/1/pemangku", **elsewhere).status_code == 404


# -- people -----------------------------------------------------------------------------------------------------------


def password(page: str) -> str:
    found = re.search(r"<code>([^<]+)</code>", page)
    assert found
    return found[1]


def test_somebody_new_gets_a_password_that_is_shown_once(admin: Browser, app: Flask) -> None:
    answer = admin.post("/kelola/pegawai/baru", nama="Joko <W>", nama_pengguna="joko", hak=["analyst"])
    assert answer.status_code == 200
    assert "Joko &lt;W&gt;" in answer.text
    secret = password(answer.text)
    logged = Browser(app.test_client())
    assert "Pilih kata sandi Anda sendiri" in logged.post("/masuk", nama="joko", sandi=secret).text
    for path in ("/kelola/catatan", "/kelola/pegawai", "/kelola/pegawai?cari=JOKO"):
        page = admin.get(path).text
        assert "Joko &lt;W&gt;" in page
        assert secret not in page
    assert "Joko" not in admin.get("/kelola/pegawai?cari=%25").text
    assert "Joko" not in admin.get("/kelola/pegawai?tampil=nonaktif&halaman=2").text


def test_rights_and_names_are_changed_and_a_lost_password_replaced(
    admin: Browser, app: Flask, kecamatan: Kecamatan
) -> None:
    path = f"/kelola/pegawai/{kecamatan.people['budi']}"
    admin.post(path, nama="Budi S.", nama_pengguna="budi.s", email="budi@x.go.id", hak=["manager"])
    page = admin.get(path).text
    assert 'value="budi@x.go.id"' in page
    secret = password(admin.post(f"{path}/sandi").text)
    assert Browser(app.test_client()).post("/masuk", nama="budi", sandi=PASSWORD).status_code == 401
    browser = Browser(app.test_client())
    page = browser.post("/masuk", nama="budi.s", sandi=secret).text
    assert "Pilih kata sandi Anda sendiri" in page
    chosen = {name: hidden(page, name) for name in ("csrf_token", "next")}
    browser.client.post("/akun/sandi", data={**chosen, "sandi_baru": FIRST["sandi"], "sandi_lagi": FIRST["sandi"]})
    assert browser.get("/papan").status_code == 200
    taken = admin.post(path, nama="Budi", nama_pengguna="asing")
    assert taken.status_code == 409
    assert 'value="asing"' in taken.text


def test_somebody_leaves_and_comes_back(admin: Browser, kecamatan: Kecamatan, log_in: LogIn) -> None:
    rina = log_in("rina")
    rina.post(f"/sop/{kecamatan.sop}/mulai", perihal="Undangan")
    rina.post("/tugas/1/ambil")
    path = f"/kelola/pegawai/{kecamatan.people['rina']}"
    page = admin.get(f"{path}/nonaktifkan").text
    mark = re.search(r'name="tampak" value="([^"]+)"', page)
    receiver = re.search(r'<option value="([\d:]+)" selected>Dedi Kurniawan', page)
    assert mark
    assert receiver
    assert admin.post(f"{path}/nonaktifkan", tampak="x").status_code == 409
    page = admin.follow(admin.post(f"{path}/nonaktifkan", tampak=mark[1], penerima=receiver[1]))
    assert "1 tugas diserahkan." in page
    assert rina.get("/tugas").status_code == 302
    assert "Menyusun konsep surat" in log_in("dedi").get("/tugas").text
    assert "Rina Wulandari" in admin.get("/kelola/pegawai?tampil=nonaktif").text
    assert "Rina Wulandari" not in admin.get("/kelola/pegawai").text
    assert password(admin.post(f"{path}/aktifkan").text)


def test_nobody_leaves_the_office_without_an_administrator(admin: Browser, kecamatan: Kecamatan) -> None:
    path = f"/kelola/pegawai/{kecamatan.people['analis']}"
    answer = admin.post(path, nama="Ana Lestari", nama_pengguna="analis")
    assert answer.status_code == 409
    assert "satu-satunya administrator" in answer.text
    assert admin.post(f"{path}/nonaktifkan", tampak="").status_code == 409


LIST = """nama;nama pengguna;jabatan;status;sejak;hak
Joko Susilo;joko;Arsiparis;Definitif;01/11/2026;
;budi;;;;manajer
;;;;;analis
"""


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return unescape(found[1])


def test_a_list_of_people_is_shown_and_then_applied_once(admin: Browser, app: Flask) -> None:
    page = admin.post("/kelola/pegawai/impor", berkas=(BytesIO(LIST.encode("cp1252")), "pegawai.csv")).text
    assert "Jabatan baru akan dibuat: Arsiparis" in page
    assert "Ditolak" in page
    assert "joko" not in admin.get("/kelola/pegawai").text
    form = {name: hidden(page, name) for name in ("daftar", "tampak", "kunci")}
    done = admin.post("/kelola/pegawai/impor/terapkan", **form)
    assert done.status_code == 200, done.text
    assert "2 baris diterapkan." in done.text
    logged = Browser(app.test_client()).post("/masuk", nama="joko", sandi=password(done.text))
    assert "Pilih kata sandi Anda sendiri" in logged.text
    again = admin.post("/kelola/pegawai/impor/terapkan", **form)
    assert "2 baris diterapkan." in again.text
    assert "<code>" not in again.text
    other = admin.post("/kelola/pegawai/impor/terapkan", **(form | {"kunci": "lain"}))
    assert other.status_code == 409
    assert "Keadaannya berubah sejak pratinjau" in other.text


def test_a_list_that_is_too_long_is_refused(admin: Browser) -> None:
    answer = admin.post("/kelola/pegawai/impor", tempelan="x" * 1_000_001)
    assert answer.status_code == 413


# -- the first start --------------------------------------------------------------------------------------------------

FIRST = {
    "kantor": "Kecamatan Baru",
    "zona": "Asia/Jayapura",
    "nama": "Siti Aminah",
    "nama_pengguna": "Siti",
    "sandi": "merpati di atas meja",
    "sandi_lagi": "merpati di atas meja",
}


def test_an_empty_lajur_leads_to_the_first_start_and_wants_its_code(sqlite: Database, settings: Settings) -> None:
    app = make_app(sqlite, settings)
    browser = Browser(app.test_client())
    assert browser.get("/").location == "/masuk"
    assert browser.get("/masuk").location == "/mulai"
    page = browser.get("/mulai").text
    assert "Kode penyiapan" in page
    assert "Nama kantor" not in page
    wrong = browser.get("/mulai?kode=salah")
    assert (wrong.status_code, "tidak cocok" in wrong.text) == (403, True)
    code = setup.code(settings.secret_key)
    page = browser.get(f"/mulai?kode={code}").text
    token = hidden(page, "csrf_token")

    def post(**fields: str) -> tuple[int, str]:
        answer = browser.client.post("/mulai", data={"csrf_token": token, "kode": code, **FIRST, **fields})
        return answer.status_code, answer.text

    assert post(kode="salah")[0] == 403
    assert post(kode="é")[0] == 403
    for fields in ({"sandi_lagi": "lain"}, {"sandi": "pendek", "sandi_lagi": "pendek"}, {"kantor": ""}, {"zona": "x"}):
        status, text = post(**fields)
        assert status == 422, fields
        assert 'value="Siti"' in text
        assert "merpati" not in text
    assert post()[0] == 200
    assert post()[0] == 404
    assert browser.get(f"/mulai?kode={code}").status_code == 404
    assert browser.get("/masuk").status_code == 200
    assert browser.post("/masuk", nama="siti", sandi=FIRST["sandi"], next="/kelola").location == "/kelola"
    page = browser.get("/kelola").text
    assert "Belum ada jabatan" in page
    assert "Belum ada SOP yang terbit" in page


def test_serve_tells_the_code_of_an_empty_lajur_only(sqlite: Database, settings: Settings) -> None:
    told: list[str] = []
    serving.lead(sqlite, settings, "http://127.0.0.1:8000", lambda sentence: told.append(str(sentence)))
    assert f"http://127.0.0.1:8000/mulai?kode={setup.code(settings.secret_key)}" in told[0]
    with sqlite.transaction() as session:
        offices.add_office(session, "Kecamatan Lama")
    serving.lead(sqlite, settings, "http://127.0.0.1:8000", lambda sentence: told.append(str(sentence)))
    assert len(told) == 1


# -- on the command line ----------------------------------------------------------------------------------------------


def test_offices_people_and_lost_passwords_on_the_command_line(sqlite: Database, tmp_path: Path) -> None:
    def lajur(*arguments: str) -> tuple[int, str]:
        runner = CliRunner(env={"LC_ALL": "C", "LAJUR_DATABASE": f"sqlite:///{sqlite.url.database}"})
        result = runner.invoke(main, [*arguments, "--data", str(tmp_path)])
        return result.exit_code, result.output

    assert lajur("office", "add", "Kecamatan Jauh", "--timezone", "Asia/Jayapura")[0] == 0
    assert lajur("office", "list") == (0, "Kecamatan Jauh\n")
    assert lajur("office", "add", "Kecamatan Jauh")[0] == 2
    code, said = lajur("person", "add", "joko", "--office", "Kecamatan Jauh", "--name", "Joko", "--administrator")
    assert code == 0
    first = said.strip().rsplit(" ", 1)[1]
    with sqlite.reading() as session:
        assert offices.log_in(session, "joko", first)
    code, said = lajur("person", "password", "joko")
    assert code == 0
    with sqlite.reading() as session:
        assert offices.log_in(session, "joko", said.strip().rsplit(" ", 1)[1])
    assert lajur("person", "password", "siapa")[0] == 2
    assert lajur("person", "add", "x", "--office", "Tidak Ada", "--name", "X")[0] == 2
