"""SOPs through the browser: uploaded, drawn, published, and started."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from engine.offices import actor
from engine.queries import catalogue
from tests.conftest import NOW
from tests.web.conftest import LETTER, Browser, Kecamatan, review

LogIn = Callable[[str], Browser]

OTHER = LETTER.replace(b'"surat_pengantar"', b'"surat_lain"').replace(b'name="Surat Pengantar"', b'name="Surat Lain"')
"""The same diagram as an SOP of its own."""

DOCUMENT = """\
SOP PENGELOLAAN SURAT MASUK
NOMOR SOP : 470/9/2026
NAMA SOP : Pengelolaan Surat Masuk
No\tKegiatan\tPelaksana\t\t\tMutu Baku\t\t\tKeterangan
\t\tPengadministrasi Umum\tSekretaris Kecamatan\tCamat\tKelengkapan\tWaktu\tOutput\t
1\tMenerima dan mencatat surat masuk\t[ ]\t\t\tSurat\t10 menit\tSurat tercatat\t
2\tMemeriksa surat masuk\t\t[ ]\t\tSurat tercatat\t1 jam\tSurat terperiksa\t
3\tMemberikan disposisi\t\t\t[ ]\tSurat terperiksa\t1 hari\tDisposisi\t
"""


def send(browser: Browser, content: bytes, name: str = "dokumen.txt") -> TestResponse:
    return browser.post("/sop/baru", dokumen=(io.BytesIO(content), name))


def titles(kecamatan: Kecamatan) -> list[str]:
    """The SOPs of the office."""
    with kecamatan.database.reading() as session:
        return [row.title for row in catalogue.sops(session, actor(session, kecamatan.people["analis"], NOW))]


# -- new ones ---------------------------------------------------------------------------------------------------------


def test_a_document_becomes_a_draft_that_only_analysts_see(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst = log_in("analis")
    answer = send(analyst, DOCUMENT.encode())
    assert answer.location.endswith("/tinjau")
    assert "1 SOP dibaca sebagai draf" in analyst.follow(answer)
    sop = answer.location.removesuffix("/tinjau")
    page = analyst.get(sop).text
    assert "Pengelolaan Surat Masuk" in page
    assert "Diagram draf" in page
    assert "belum pernah diterbitkan" in page
    rina = log_in("rina")
    assert "Pengelolaan Surat Masuk" not in rina.get("/sop").text
    assert rina.get(sop).status_code == 404
    assert rina.get(answer.location).status_code == 403


def test_a_document_becomes_a_version_that_runs(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst, rina = log_in("analis"), log_in("rina")
    sop = send(analyst, DOCUMENT.encode()).location.removesuffix("/tinjau")
    review(analyst, sop)
    published = analyst.follow(analyst.post(f"{sop}/terbitkan", catatan="Sesuai dokumen"))
    assert "Versi 1 berlaku mulai sekarang" in published
    page = rina.follow(rina.post(f"{sop}/mulai", perihal="Surat undangan"))
    assert "Berkas dimulai." in page


def test_a_diagram_from_another_modeler_becomes_a_draft(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst = log_in("analis")
    answer = send(analyst, OTHER, "diagram.bpmn")
    assert "Surat Lain" in analyst.follow(answer)
    assert titles(kecamatan) == ["Surat Lain", "Surat Pengantar"]


SCRIPT = OTHER.replace(b'<bpmn:userTask id="langkah_3"', b'<bpmn:scriptTask id="langkah_3"').replace(
    b"</bpmn:userTask>\n    <bpmn:endEvent", b"</bpmn:scriptTask>\n    <bpmn:endEvent"
)

BAD = {
    "empty": (b"", 422),
    "binary": (bytes(range(256)) * 20, 422),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 200, 422),
    "no table": (b"Surat undangan rapat hari Senin.\n", 422),
    "a cut table": (DOCUMENT[: DOCUMENT.index("Memberikan disposisi") + 4].encode(), 422),
    "not BPMN": (b"<?xml version='1.0'?><html/>", 422),
    "half a file": (OTHER[: len(OTHER) // 2], 422),
    "a script task": (SCRIPT, 422),
    "a DOCTYPE": (OTHER.replace(b"<bpmn:definitions", b'<!DOCTYPE x [<!ENTITY a "b">]><bpmn:definitions', 1), 422),
    "one that is there": (LETTER, 409),
}


@pytest.mark.parametrize("what", BAD)
def test_what_cannot_run_is_refused_with_a_sentence_and_nothing_is_kept(
    kecamatan: Kecamatan, log_in: LogIn, what: str
) -> None:
    content, status = BAD[what]
    answer = send(log_in("analis"), content)
    assert answer.status_code == status, answer.text
    assert 'role="alert"' in answer.text
    assert 'type="file"' in answer.text
    assert titles(kecamatan) == ["Surat Pengantar"]


def test_an_upload_without_a_file_is_told(log_in: LogIn) -> None:
    analyst = log_in("analis")
    for answer in (analyst.post("/sop/baru"), send(analyst, b"x", "")):
        assert answer.status_code == 422
        assert "Pilih dokumen yang akan diunggah" in answer.text


def test_only_analysts_add_and_draw(kecamatan: Kecamatan, log_in: LogIn) -> None:
    rina, sop = log_in("rina"), f"/sop/{kecamatan.sop}"
    assert "SOP Baru" not in rina.get("/sop").text
    assert "Ubah Diagram" not in rina.get(sop).text
    for path in ("/sop/baru", f"{sop}/ubah", f"{sop}/draf.bpmn"):
        answer = rina.get(path)
        assert answer.status_code == 403, path
        assert "Anda tidak berwenang" in answer.text
    assert send(rina, OTHER).status_code == 403
    assert rina.post(f"{sop}/terbitkan", catatan="x").status_code == 403
    assert rina.post(f"{sop}/jabatan").status_code == 403
    saved = rina.put(f"{sop}/draf", LETTER, 0)
    assert saved.status_code == 403
    assert "tidak berwenang" in saved.get_json()["message"]


# -- the modeler ------------------------------------------------------------------------------------------------------


def test_the_modeler_opens_the_published_version_and_saves_a_draft(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst, sop = log_in("analis"), f"/sop/{kecamatan.sop}"
    page = analyst.get(f"{sop}/ubah").text
    assert analyst.get(f"{sop}/draf").get_json()["revision"] == 0
    assert "data-saved" not in page
    assert "sesuai jadwal" in page  # what the rules find in it
    assert analyst.get(f"{sop}/draf.bpmn").data == LETTER

    changed = LETTER.replace(b'Memeriksa konsep surat"', b'Meneliti konsep surat"')
    answer = analyst.put(f"{sop}/draf", changed, 0)
    assert answer.status_code == 200
    assert answer.get_json()["revision"] == 1
    assert {finding["severity"] for finding in answer.get_json()["findings"]} == {"warning"}
    page = analyst.get(f"{sop}/ubah").text
    assert analyst.get(f"{sop}/draf").get_json()["revision"] == 1
    assert "data-saved" in page
    assert analyst.get(f"{sop}/draf.bpmn").data == changed


def test_who_saves_second_is_told_and_loses_nothing_of_the_first(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst, path = log_in("analis"), f"/sop/{kecamatan.sop}/draf"
    first = LETTER.replace(b'Menyusun konsep surat"', b'Mengetik konsep surat"')
    assert analyst.put(path, first, 0).status_code == 200
    second = analyst.put(path, LETTER, 0)
    assert second.status_code == 409
    assert "sudah disimpan oleh Ana Lestari" in second.get_json()["message"]
    assert analyst.get(f"{path}.bpmn").data == first


@pytest.mark.parametrize(
    "body", [b"", b"x", b"<html/>", LETTER[:2000], OTHER], ids=["none", "text", "html", "cut", "other"]
)
def test_a_draft_that_is_no_diagram_of_this_sop_is_refused(kecamatan: Kecamatan, log_in: LogIn, body: bytes) -> None:
    analyst, path = log_in("analis"), f"/sop/{kecamatan.sop}/draf"
    answer = analyst.put(path, body, 0)
    assert answer.status_code == 422
    assert answer.get_json()["message"]
    assert analyst.get(f"{path}.bpmn").data == LETTER


def test_saving_without_a_revision_is_refused(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst = log_in("analis")
    for revision in ("", "*", '"x"', '"-1"'):
        headers = {"X-CSRFToken": analyst.token(), "If-Match": revision}
        answer = analyst.client.put(f"/sop/{kecamatan.sop}/draf", data=LETTER, headers=headers)
        assert answer.status_code == 422, revision


def test_a_diagram_is_saved_by_browsers_and_never_shown_as_a_page(kecamatan: Kecamatan, log_in: LogIn) -> None:
    for answer in (log_in("rina").get("/versi/1.bpmn"), log_in("analis").get(f"/sop/{kecamatan.sop}/draf.bpmn")):
        assert answer.data == LETTER
        assert answer.mimetype == "application/xml"
        assert answer.headers["Content-Disposition"].startswith("attachment; ")


# -- publishing -------------------------------------------------------------------------------------------------------


def test_a_version_wants_a_note(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst, sop = log_in("analis"), f"/sop/{kecamatan.sop}"
    analyst.put(f"{sop}/draf", LETTER, 0)
    answer = analyst.post(f"{sop}/terbitkan", catatan=" ")
    assert answer.status_code == 422
    assert "Catatan versi wajib diisi" in answer.text
    long = analyst.post(f"{sop}/terbitkan", catatan="panjang " * 300)
    assert long.status_code == 422
    assert "panjang panjang" in long.text
    page = analyst.follow(analyst.post(f"{sop}/terbitkan", catatan="Perbaikan <b>"))
    assert "Versi 2 berlaku mulai sekarang" in page
    assert "Perbaikan &lt;b&gt;" in analyst.get(sop).text


def test_there_must_be_something_to_publish(kecamatan: Kecamatan, log_in: LogIn) -> None:
    answer = log_in("analis").post(f"/sop/{kecamatan.sop}/terbitkan", catatan="Lagi")
    assert answer.status_code == 409
    assert "Tidak ada draf" in answer.text


def test_a_lane_without_jabatan_stands_in_the_way_until_it_has_one(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst = log_in("analis")
    lane = OTHER.replace(b'name="Camat"', b'name="Kepala Seksi Pelayanan"')
    sop = send(analyst, lane).location
    assert "<li>Kepala Seksi Pelayanan</li>" in analyst.get(sop).text
    answer = analyst.post(f"{sop}/terbitkan", catatan="Versi pertama")
    assert answer.status_code == 422
    assert "Lajur “Kepala Seksi Pelayanan” belum dikenal" in answer.text
    assert ">Versi pertama</textarea>" in answer.text
    added = analyst.follow(analyst.post(f"{sop}/jabatan"))
    assert "Jabatan ditambahkan: Kepala Seksi Pelayanan." in added
    assert "Tambahkan Jabatan" not in added
    assert analyst.post(f"{sop}/terbitkan", catatan="Versi pertama").status_code == 302


# -- giving up a draft, and going out of force ------------------------------------------------------------------------


def test_a_draft_tells_what_waits_for_the_reviewer(log_in: LogIn) -> None:
    analyst = log_in("analis")
    page = analyst.get(send(analyst, DOCUMENT.encode()).location.removesuffix("/tinjau")).text
    assert "Belum selesai ditinjau" in page
    assert "1 langkah menunggu Anda periksa" in page


def test_a_draft_is_given_up(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst, sop = log_in("analis"), f"/sop/{kecamatan.sop}"
    analyst.put(f"{sop}/draf", LETTER.replace(b"Menyusun konsep", b"Mengetik konsep"), 0)
    assert "Hapus Draf" in analyst.get(sop).text
    assert analyst.post(f"{sop}/draf/hapus", revisi="7").status_code == 409
    page = analyst.follow(analyst.post(f"{sop}/draf/hapus", revisi="1"))
    assert "Draf dihapus." in page
    assert "Hapus Draf" not in page
    assert analyst.get(f"{sop}/draf.bpmn").data == LETTER
    assert analyst.post(f"{sop}/draf/hapus", revisi="1").status_code == 409


def test_an_sop_that_was_never_published_goes_with_its_draft(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst = log_in("analis")
    sop = send(analyst, OTHER).location
    assert "ikut dihapus" in analyst.follow(analyst.post(f"{sop}/draf/hapus", revisi="1"))
    assert titles(kecamatan) == ["Surat Pengantar"]
    assert analyst.get(sop).status_code == 404


def test_a_retired_sop_starts_nothing_until_it_is_in_force_again(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst, rina, sop = log_in("analis"), log_in("rina"), f"/sop/{kecamatan.sop}"
    page = analyst.follow(analyst.post(f"{sop}/cabut"))
    assert "SOP ini tidak berlaku lagi" in page
    assert "Tidak berlaku" in rina.get("/sop").text
    assert "Mulai Berkas</a>" not in rina.get(sop).text
    assert rina.post(f"{sop}/mulai", perihal="Surat").status_code == 409
    assert "berlaku kembali" in analyst.follow(analyst.post(f"{sop}/berlakukan"))
    assert rina.post(f"{sop}/mulai", perihal="Surat").status_code == 302


def test_only_analysts_discard_retire_and_reinstate(kecamatan: Kecamatan, log_in: LogIn) -> None:
    sop = f"/sop/{kecamatan.sop}"
    for path in ("draf/hapus", "cabut", "berlakukan"):
        assert log_in("rina").post(f"{sop}/{path}").status_code == 403, path
        assert log_in("asing").post(f"{sop}/{path}").status_code == 404, path


# -- starting ---------------------------------------------------------------------------------------------------------


def test_only_who_does_the_first_step_starts_a_run(kecamatan: Kecamatan, log_in: LogIn) -> None:
    siti, path = log_in("siti"), f"/sop/{kecamatan.sop}/mulai"
    assert "Anda tidak dapat memulai berkas SOP ini" in siti.get(path).text
    answer = siti.post(path, perihal="Surat")
    assert answer.status_code == 403
    assert "hanya dapat dimulai oleh" in answer.text
    assert path in log_in("rina").get("/sop").text


def test_a_run_wants_a_subject_and_keeps_what_was_typed(kecamatan: Kecamatan, log_in: LogIn) -> None:
    rina, path = log_in("rina"), f"/sop/{kecamatan.sop}/mulai"
    none = rina.post(path, perihal="  ")
    assert none.status_code == 422
    assert "Perihal berkas wajib diisi." in none.text
    long = rina.post(path, perihal='"panjang" ' * 40)
    assert long.status_code == 422
    assert "paling banyak 300 karakter" in long.text
    assert "&#34;panjang&#34; &#34;panjang&#34;" in long.text


def test_an_unpublished_sop_starts_nothing(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst = log_in("analis")
    sop = send(analyst, OTHER).location
    answer = analyst.post(f"{sop}/mulai", perihal="Surat")
    assert answer.status_code == 409
    assert "belum diterbitkan" in answer.text


def test_an_office_without_sops_is_told_what_to_do(log_in: LogIn) -> None:
    page = log_in("asing").get("/sop").text
    assert "Belum ada SOP" in page
    assert "Unggah dokumen SOP" in page
