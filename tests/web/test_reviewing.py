"""From a document to a reviewed draft, and from a revised document to the next one, through the browser."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from bpmn import library
from engine import offices
from engine.offices import actor
from engine.queries import reviews
from tests.conftest import NOW
from tests.web.conftest import LETTER, Browser, Kecamatan
from tests.web.test_sops import DOCUMENT, OTHER, SCRIPT, send, titles

LogIn = Callable[[str], Browser]

GAMBUT, MASAMA = (
    next(source.content for source in library.sources() if source.office == office) for office in ("gambut", "masama")
)


@pytest.fixture
def analyst(log_in: LogIn) -> Browser:
    return log_in("analis")


def added(analyst: Browser, content: bytes = GAMBUT) -> str:
    """The address of the first SOP of a document."""
    answer = send(analyst, content)
    assert answer.status_code == 302, answer.text
    return str(answer.location.removesuffix("/tinjau"))


def text_of(answer: TestResponse | str) -> str:
    page = answer if isinstance(answer, str) else answer.text
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def page_of(kecamatan: Kecamatan, sop: str) -> reviews.ReviewPage:
    with kecamatan.database.reading() as session:
        who = actor(session, kecamatan.people["analis"], NOW)
        return reviews.page(session, who, int(sop.rpartition("/")[2]))


def script(analyst: Browser, path: str, **fields: Any) -> TestResponse:
    """A row as the script of the page sends it."""
    form = {"csrf_token": analyst.token(), **fields}
    return analyst.client.post(path, data=form, headers={"Accept": "application/json"})


# -- documents --------------------------------------------------------------------------------------------------------


def test_a_pasted_document_is_read_like_a_file(kecamatan: Kecamatan, analyst: Browser) -> None:
    answer = analyst.post("/sop/baru", teks=DOCUMENT)
    assert "1 SOP dibaca sebagai draf" in analyst.follow(answer)
    assert "Teks yang ditempel" in analyst.get(answer.location).text
    assert "Pengelolaan Surat Masuk" in titles(kecamatan)


def test_a_pasted_document_that_is_refused_is_not_lost(kecamatan: Kecamatan, analyst: Browser) -> None:
    answer = analyst.post("/sop/baru", teks="Surat <undangan> rapat\nhari Senin")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "Surat &lt;undangan&gt; rapat\nhari Senin</textarea>" in answer.text
    assert titles(kecamatan) == ["Surat Pengantar"]


def test_each_sop_of_a_document_leads_to_the_next(kecamatan: Kecamatan, analyst: Browser) -> None:
    answer = send(analyst, MASAMA)
    page = analyst.follow(answer)
    assert "3 SOP dibaca sebagai draf" in page
    assert "SOP 1 dari 3" in page
    assert 'rel="prev"' not in page
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following
    second = analyst.get(following[1]).text
    assert "SOP 2 dari 3" in second
    assert answer.location in second
    assert len(titles(kecamatan)) == 4


LARGE = OTHER.replace(
    b"</bpmn:process>",
    b"".join(b'<bpmn:userTask id="l%d" name="L"/>' % number for number in range(10_000)) + b"</bpmn:process>",
)
BAD = {
    "a script task": (SCRIPT, "Memeriksa konsep surat|Menandatangani|langkah_3"),
    "a DOCTYPE": (OTHER.replace(b"<bpmn:definitions", b"<!DOCTYPE x><bpmn:definitions", 1), "DOCTYPE"),
    "duplicate ids": (OTHER.replace(b'<bpmn:userTask id="langkah_2"', b'<bpmn:userTask id="langkah_3"'), "langkah_3"),
    "two processes": (
        OTHER.replace(b"</bpmn:process>", b'</bpmn:process><bpmn:process id="dua" isExecutable="true"/>', 1),
        "proses",
    ),
    "no lanes": (re.sub(rb"<bpmn:laneSet.*?</bpmn:laneSet>", b"", OTHER, flags=re.DOTALL), "lajur"),
    "10,000 elements": (LARGE, "10006 elemen"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_diagram_that_cannot_run_is_refused_by_its_reason(kecamatan: Kecamatan, analyst: Browser, what: str) -> None:
    content, reason = BAD[what]
    answer = send(analyst, content, "diagram.bpmn")
    assert answer.status_code == 422, answer.text
    alert = re.search(r'role="alert".*?</div>', answer.text, re.DOTALL)
    assert alert
    assert re.search(reason, text_of(alert[0])), text_of(alert[0])
    assert titles(kecamatan) == ["Surat Pengantar"]


def test_fifty_megabytes_are_refused_by_their_size(analyst: Browser) -> None:
    said = {"CONTENT_LENGTH": str(50 * 1024 * 1024)}  # what a browser says first, before it sends them
    form = {"csrf_token": analyst.token(), "dokumen": (io.BytesIO(b"x"), "besar.txt")}
    answer = analyst.client.post("/sop/baru", data=form, environ_overrides=said)
    assert answer.status_code == 413
    assert "paling besar 5 MB" in answer.text


# -- the review -------------------------------------------------------------------------------------------------------


def test_the_review_shows_rows_beside_the_lines_they_come_from(kecamatan: Kecamatan, analyst: Browser) -> None:
    sop = added(analyst)
    page = analyst.get(f"{sop}/tinjau").text
    shown = text_of(page)
    assert "1 dari 8 langkah menunggu diperiksa." in shown
    assert "Langkah 4 mengembalikan pekerjaan kepada Sekretaris." in shown
    for row in page_of(kecamatan, sop).rows:
        assert row.line
        assert f'id="baris-{row.row.node_id}"' in page
        assert f'<li id="dok-{row.line}" value="{row.line}" data-step="{row.row.node_id}">' in page
    first = re.search(r'data-review-row="([^"]+)"', page)
    assert first
    assert first[1] == "langkah_3"
    assert "&#34;review&#34;" in page  # a mark on the diagram
    assert analyst.get(f"{sop}/dokumen.txt").data == GAMBUT


def test_the_whole_form_is_saved_by_one_button(kecamatan: Kecamatan, analyst: Browser) -> None:
    sop = added(analyst)
    rows = {
        "langkah": ["langkah_1", "langkah_3"],
        "nama.langkah_1": "Merumuskan jadwal",
        "waktu.langkah_1": "2 hari",
        "kembali.langkah_3": "langkah_1",
        "periksa.langkah_3": "ya",
    }
    page = analyst.follow(analyst.post(f"{sop}/tinjau", revisi="1", **rows))
    assert "Tidak ada lagi langkah yang menunggu diperiksa." in page
    after = {row.row.node_id: row.row for row in page_of(kecamatan, sop).rows}
    assert (after["langkah_1"].label, after["langkah_1"].waktu) == ("Merumuskan jadwal", "2 hari")
    assert after["langkah_3"].returns_to == "langkah_1"


def test_a_script_saves_one_row_and_hears_what_became_of_it(kecamatan: Kecamatan, analyst: Browser) -> None:
    sop = added(analyst)
    said = {"langkah": "langkah_3", "nama.langkah_3": "Memverifikasi surat", "periksa.langkah_3": "ya"}
    answer = script(analyst, f"{sop}/tinjau", revisi="1", **said)
    assert answer.status_code == 200
    told = answer.get_json()
    assert told["revision"] == 2
    assert told["waiting"] == told["marks"] == []
    assert told["names"]["langkah_3"] == "3. Memverifikasi surat"
    again = script(analyst, f"{sop}/tinjau", revisi="2", **said)
    assert again.get_json()["revision"] == 2


def test_who_saves_second_is_told_by_whom_and_keeps_what_was_typed(analyst: Browser) -> None:
    sop = added(analyst)
    first = {"langkah": "langkah_1", "nama.langkah_1": "Merumuskan jadwal"}
    assert script(analyst, f"{sop}/tinjau", revisi="1", **first).status_code == 200
    second = {"langkah": "langkah_1", "nama.langkah_1": "Menyusun jadwal"}
    told = script(analyst, f"{sop}/tinjau", revisi="1", **second)
    assert told.status_code == 409
    assert "Ana Lestari" in told.get_json()["message"]
    page = analyst.post(f"{sop}/tinjau", revisi="1", **second)
    assert page.status_code == 409
    assert "Ana Lestari" in page.text
    assert 'value="Menyusun jadwal"' in page.text
    assert "Yang tersimpan: Merumuskan jadwal" in text_of(page)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"nama.langkah_2": " "}, "tidak boleh kosong"),
        ({"lajur.langkah_2": "lane_asing"}, "Lajur itu tidak ada"),
        ({"kembali.langkah_2": "langkah_5"}, "sebelum langkah itu"),
        ({"waktu.langkah_2": "x" * 101}, "paling banyak 100"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(analyst: Browser, said: dict[str, str], reason: str) -> None:
    sop = added(analyst)
    answer = script(analyst, f"{sop}/tinjau", revisi="1", langkah="langkah_2", **said)
    assert answer.status_code in {400, 422}
    assert reason in answer.get_json()["message"]


def test_all_has_to_be_looked_at_before_it_is_published(analyst: Browser) -> None:
    sop = added(analyst)
    analyst.post(f"{sop}/jabatan")
    assert analyst.post(f"{sop}/terbitkan", catatan="Pertama").status_code == 409
    early = analyst.post(f"{sop}/tinjau/selesai", revisi="1")
    assert early.status_code == 409
    assert "belum ditinjau" in early.text
    analyst.post(f"{sop}/tinjau", revisi="1", langkah="langkah_3", **{"periksa.langkah_3": "ya"})
    done = analyst.post(f"{sop}/tinjau/selesai", revisi="2")
    assert done.location.endswith(f"{sop}#terbitkan")
    assert "dapat diterbitkan" in analyst.get(f"{sop}/tinjau").text
    assert analyst.post(f"{sop}/terbitkan", catatan="Pertama").status_code == 302


def test_lanes_that_nobody_knows_are_mapped_or_made_jabatan(kecamatan: Kecamatan, analyst: Browser) -> None:
    sop = added(analyst)
    page = analyst.get(f"{sop}/tinjau").text
    lanes = re.findall(r'name="lajur" value="([^"]+)"', page)
    assert "Kasubbag Renkeua" in lanes
    assert "Camat" not in lanes
    chosen = {"Kasubbag Renkeua": "baru", "Pelaksana": str(kecamatan.jabatan["Pengadministrasi Umum"])}
    answer = analyst.post(f"{sop}/lajur", lajur=list(chosen), jabatan=list(chosen.values()))
    left = analyst.follow(answer)
    for lane in chosen:
        assert f'name="lajur" value="{lane}"' not in left
    with kecamatan.database.reading() as session:
        known = {lane: offices.jabatan_for(session, kecamatan.office, lane) for lane in chosen}
    assert known["Pelaksana"] == kecamatan.jabatan["Pengadministrasi Umum"]
    assert known["Kasubbag Renkeua"] not in {None, *kecamatan.jabatan.values()}
    assert analyst.post(f"{sop}/lajur", lajur="Kasi/ Kasubbag", jabatan="99999").status_code == 404


# -- the next document ------------------------------------------------------------------------------------------------


def published(analyst: Browser) -> str:
    sop = added(analyst)
    analyst.post(f"{sop}/jabatan")
    analyst.post(f"{sop}/tinjau", revisi="1", langkah="langkah_3", **{"periksa.langkah_3": "ya"})
    analyst.post(f"{sop}/tinjau/selesai", revisi="2")
    assert analyst.post(f"{sop}/terbitkan", catatan="Pertama").status_code == 302
    return sop


CHANGED = GAMBUT.replace(b"surat permintaan data kinerja\t", b"surat permintaan data kinerja dan lampirannya\t", 1)


def test_a_revised_document_shows_what_changed_and_can_be_given_up(analyst: Browser) -> None:
    assert CHANGED != GAMBUT
    sop = published(analyst)
    before = analyst.get(f"{sop}/draf.bpmn").data
    answer = analyst.post(f"{sop}/revisi", revisi="0", dokumen=(io.BytesIO(CHANGED), "revisi.txt"))
    page = analyst.follow(answer)
    shown = text_of(page)
    assert "dan lampirannya" in shown
    assert "7 langkah tidak berubah" in shown
    assert page.count('data-label="Semula"') == 1
    review = analyst.get(f"{sop}/tinjau").text
    assert re.findall(r'data-review-row="([^"]+)"', review)[0] == "langkah_3"
    assert "Berubah dari versi yang berlaku" in review
    assert analyst.post(f"{sop}/draf/hapus", revisi="1").location.endswith(sop)
    assert analyst.get(f"{sop}/draf.bpmn").data == before


def test_a_draft_is_not_revised_over_unless_that_is_said(analyst: Browser) -> None:
    sop = added(analyst)
    page = analyst.get(f"{sop}/revisi").text
    assert 'name="timpa"' in page
    refused = analyst.post(f"{sop}/revisi", revisi="1", teks="NAMA SOP : Apa saja")
    assert refused.status_code == 409
    assert "belum diterbitkan" in refused.text
    assert "NAMA SOP : Apa saja</textarea>" in refused.text
    answer = analyst.post(f"{sop}/revisi", revisi="1", teks=CHANGED.decode(), timpa="ya")
    assert answer.status_code == 200


def test_only_analysts_of_the_office_review(kecamatan: Kecamatan, log_in: LogIn) -> None:
    sop = f"/sop/{kecamatan.sop}"
    for username, status in (("rina", 403), ("asing", 404)):
        browser = log_in(username)
        for path in ("tinjau", "revisi", "revisi/hasil", "dokumen.txt"):
            assert browser.get(f"{sop}/{path}").status_code == status, (username, path)
        for path in ("tinjau", "tinjau/selesai", "lajur", "revisi", "draf/hapus"):
            answer = browser.post(f"{sop}/{path}", revisi="0", teks=LETTER.decode())
            assert answer.status_code == status, (username, path)


def test_a_draft_that_was_never_published_shows_once_what_the_revised_document_changes(analyst: Browser) -> None:
    sop = added(analyst)
    answer = analyst.post(f"{sop}/revisi", revisi="1", teks=CHANGED.decode(), timpa="ya")
    assert answer.status_code == 200
    shown = text_of(answer.text)
    assert "Yang berubah dari draf sebelumnya" in shown
    assert "7 langkah tidak berubah" in shown
    assert "dan lampirannya" in shown
    assert "Batalkan Pembaruan" not in shown
    assert analyst.get(f"{sop}/revisi/hasil").location.endswith(f"{sop}/tinjau")


def test_a_step_that_has_but_another_number_is_told_apart_from_one_that_changed(analyst: Browser) -> None:
    sop = published(analyst)
    without_second = re.sub(r"^2\t.*\n", "", GAMBUT.decode(), flags=re.MULTILINE)
    renumbered = re.sub(r"^([3-8])\t", lambda found: f"{int(found[1]) - 1}\t", without_second, flags=re.MULTILINE)
    page = analyst.follow(analyst.post(f"{sop}/revisi", revisi="0", teks=renumbered))
    row = next(row for row in page.split("<tr>") if "Melakukan penomoran" in row)
    assert "Nomornya saja" in row
    assert re.findall(r"<(?:del|ins)>.*?</(?:del|ins)>", row) == ["<del>5</del>", "<ins>4</ins>"]
    assert "langkah hanya berganti nomor." in text_of(page)
