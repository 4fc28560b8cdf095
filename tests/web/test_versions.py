"""Versions through the browser: compared, published with what it means for live runs, moved and taken back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.web.conftest import LETTER, Browser, Kecamatan

LogIn = Callable[[str], Browser]

CHANGED = LETTER.replace(b'name="Memeriksa konsep surat"', b'name="Meneliti konsep surat"').replace(
    b'value="2 jam"', b'value="3 jam"'
)
"""The second step has another name, and more time."""

SHORTER = (Path(__file__).parent / "surat_pendek.bpmn").read_bytes()
"""The Sekretaris is no longer asked: from the first step to the signature, and nothing is sent back."""


def save(browser: Browser, kecamatan: Kecamatan, xml: bytes = CHANGED) -> str:
    """A draft; the address of its SOP."""
    sop = f"/sop/{kecamatan.sop}"
    answer = browser.put(f"{sop}/draf", xml, 0)
    assert answer.status_code == 200, answer.text
    return sop


def start(browser: Browser, kecamatan: Kecamatan, *subjects: str) -> list[int]:
    """Runs that wait at the first step."""
    made = [browser.post(f"/sop/{kecamatan.sop}/mulai", perihal=subject).location for subject in subjects]
    return [int(location.rpartition("/")[2]) for location in made]


def finish_first(browser: Browser, run: int) -> None:
    """Do the step that waits, without a decision."""
    task = re.search(r'href="/tugas/(\d+)["?]', browser.get(f"/berkas/{run}").text)
    assert task
    browser.post(f"/tugas/{task[1]}/ambil")
    answer = browser.post(f"/tugas/{task[1]}/selesai")
    assert answer.status_code == 302, answer.text


def version_of(browser: Browser, run: int) -> str:
    """The number of the version a run has."""
    found = re.search(r"<dt>Versi</dt><dd>(\d+)</dd>", browser.get(f"/berkas/{run}/kendali").text)
    assert found
    return found[1]


def marks(page: str) -> list[Any]:
    """What is marked on the two diagrams."""
    return [json.loads(unescape(found)) for found in re.findall(r'data-marks="([^"]+)"', page)]


# -- beside each other ------------------------------------------------------------------------------------------------


def test_a_draft_is_compared_in_words_rows_and_marks(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst = log_in("analis")
    sop = save(analyst, kecamatan)
    page = analyst.get(f"{sop}/bandingkan?lama=1&baru=draf").text
    assert "Waktu langkah 2" in page
    assert "<del>2</del>" in page
    assert "<ins>3</ins>" in page
    changed = {"element": "langkah_2", "kind": "changed", "text": "Berubah", "focus": True}
    assert marks(page) == [[changed], [changed]]
    assert "Menandatangani surat pengantar" not in page
    assert "Menandatangani surat pengantar" in analyst.get(f"{sop}/bandingkan?lama=1&baru=draf&baris=semua").text
    assert analyst.get(f"{sop}/bandingkan").text.count("selected") == 2


def test_what_is_gone_stands_where_it_stood(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst = log_in("analis")
    sop = save(analyst, kecamatan, SHORTER)
    page = analyst.get(f"{sop}/bandingkan").text
    assert "Langkah 2 “Memeriksa konsep surat” dihapus." in page
    old, new = ({mark["element"]: mark["kind"] for mark in side} for side in marks(page))
    assert old["langkah_2"] == old["gerbang_2"] == old["lajur_2"] == old["alur_kembali"] == "removed"
    assert new == {"alur_2": "changed"}
    assert '<p class="compare-none">Tidak ada</p>' in page


def test_an_sop_with_one_version_is_the_same_as_itself(kecamatan: Kecamatan, log_in: LogIn) -> None:
    page = log_in("analis").get(f"/sop/{kecamatan.sop}/bandingkan").text
    assert "Tidak ada yang berbeda" in page
    assert "Semua baris sama." in page


@pytest.mark.parametrize("query", ["lama=7&baru=1", "lama=1&baru=draf", "lama=1&baru=999999"])
def test_what_is_not_there_cannot_be_compared(kecamatan: Kecamatan, log_in: LogIn, query: str) -> None:
    assert log_in("analis").get(f"/sop/{kecamatan.sop}/bandingkan?{query}").status_code == 404


# -- publishing with live runs ----------------------------------------------------------------------------------------


def test_the_impact_is_told_before_publishing(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst, rina = log_in("analis"), log_in("rina")
    first, second = start(rina, kecamatan, "Surat pertama", "Surat kedua")
    finish_first(rina, second)
    sop = save(analyst, kecamatan, SHORTER)
    page = analyst.get(f"{sop}/terbitkan").text
    assert "2 berkas yang sedang berjalan memakai versi sebelumnya" in page
    assert "Dapat dipindahkan" in page
    assert "Langkah yang sedang terbuka dihapus: “Memeriksa konsep surat”." in page
    assert "dari versi sebelumnya tidak ada lagi" in page
    assert 'name="langkah.langkah_2"' in page
    assert page.index("Surat kedua") < page.index("Surat pertama")
    again = analyst.post(f"{sop}/terbitkan", aksi="hitung", berkas="pindahkan", **{"langkah.langkah_2": "langkah_3"})
    assert "Perlu padanan langkah" not in again.text
    assert '<option value="langkah_3" selected>' in again.text
    assert 'value="pindahkan" id="pindahkan" checked' in again.text
    assert version_of(analyst, first) == "1"


def test_publishing_leaves_live_runs_alone_unless_asked(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst, rina = log_in("analis"), log_in("rina")
    (run,) = start(rina, kecamatan, "Surat pertama")
    sop = save(analyst, kecamatan)
    answer = analyst.post(f"{sop}/terbitkan", catatan="Waktu lebih lama", berkas="biarkan", revisi="1")
    assert answer.location == sop
    assert version_of(analyst, run) == "1"
    page = analyst.get(sop).text
    assert "1 berkas yang sedang berjalan masih memakai versi sebelum yang berlaku." in page


def test_a_version_is_published_and_runs_are_moved_in_one_act(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst, rina = log_in("analis"), log_in("rina")
    first, second = start(rina, kecamatan, "Surat pertama", "Surat kedua")
    finish_first(rina, second)
    sop = save(analyst, kecamatan, SHORTER)
    answer = analyst.post(f"{sop}/terbitkan", catatan="Dipersingkat", berkas="pindahkan", revisi="1")
    assert answer.location.startswith("/pindahan/")
    page = analyst.follow(answer)
    assert "Versi 2 berlaku mulai sekarang" in page
    assert "1 berkas dipindahkan." in page
    assert "1 berkas tetap memakai versi lamanya." in page
    assert (version_of(analyst, first), version_of(analyst, second)) == ("2", "1")


def test_a_mapping_takes_the_others_along(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst, rina = log_in("analis"), log_in("rina")
    (run,) = start(rina, kecamatan, "Surat pertama")
    finish_first(rina, run)
    sop = save(analyst, kecamatan, SHORTER)
    mapping = {"langkah.langkah_2": "langkah_3"}
    page = analyst.follow(analyst.post(f"{sop}/terbitkan", catatan="Dipersingkat", berkas="pindahkan", **mapping))
    assert "1 berkas dipindahkan." in page
    assert version_of(analyst, run) == "2"
    assert "Menandatangani surat" in log_in("siti").get(f"/berkas/{run}").text


def test_where_runs_cannot_be_moved_as_told_nothing_is_published(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst, rina = log_in("analis"), log_in("rina")
    start(rina, kecamatan, "Surat pertama")
    sop = save(analyst, kecamatan, SHORTER)
    mapping = {"langkah.langkah_2": "tidak_ada"}
    answer = analyst.post(f"{sop}/terbitkan", catatan="Dipersingkat", berkas="pindahkan", **mapping)
    assert answer.status_code == 422
    assert ">Dipersingkat</textarea>" in answer.text
    assert "Berlaku: versi 1" in analyst.get(sop).text


def test_a_draft_that_somebody_saved_meanwhile_is_not_published(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst = log_in("analis")
    sop = save(analyst, kecamatan)
    analyst.put(f"{sop}/draf", SHORTER, 1)
    answer = analyst.post(f"{sop}/terbitkan", catatan="Waktu lebih lama", revisi="1")
    assert answer.status_code == 409
    assert "Berlaku: versi 1" in analyst.get(sop).text


def test_a_broken_draft_tells_what_to_mend(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst = log_in("analis")
    sop = save(analyst, kecamatan, LETTER.replace(b'name="Camat"', b'name=""'))
    page = analyst.get(f"{sop}/terbitkan").text
    assert "Harus diperbaiki" in page
    assert "Tidak ada yang menghalangi" not in page
    assert "baru dapat diterbitkan setelah" in page
    assert analyst.post(f"{sop}/terbitkan", catatan="Apa saja").status_code == 422


def test_without_a_draft_there_is_nothing_to_publish(kecamatan: Kecamatan, log_in: LogIn) -> None:
    page = log_in("analis").get(f"/sop/{kecamatan.sop}/terbitkan")
    assert page.status_code == 200
    assert "Tidak ada draf" in page.text


# -- later moves ------------------------------------------------------------------------------------------------------


def moved(analyst: Browser, rina: Browser, kecamatan: Kecamatan, *subjects: str) -> tuple[str, list[int]]:
    """A move of runs after publishing: its address, and the runs."""
    made = start(rina, kecamatan, *subjects)
    sop = save(analyst, kecamatan)
    analyst.post(f"{sop}/terbitkan", catatan="Waktu lebih lama")
    answer = analyst.post(f"{sop}/pindahkan", catatan="Agar semua sama")
    assert answer.status_code == 302, answer.text
    return answer.location, made


def test_runs_of_an_older_version_are_moved_later(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst, rina = log_in("analis"), log_in("rina")
    address, made = moved(analyst, rina, kecamatan, "Surat pertama", "Surat kedua")
    assert [version_of(analyst, run) for run in made] == ["2", "2"]
    page = analyst.get(address).text
    assert "Agar semua sama" in page
    assert "Surat kedua" in page
    assert "Ana Lestari" in page
    sop = analyst.get(f"/sop/{kecamatan.sop}").text
    assert address in sop
    assert "masih memakai versi" not in sop
    assert "Tidak ada berkas yang memakai versi lama" in analyst.get(f"/sop/{kecamatan.sop}/pindahkan").text


def test_a_move_wants_a_reason_and_runs(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst, rina = log_in("analis"), log_in("rina")
    sop = f"/sop/{kecamatan.sop}"
    assert "Tidak ada berkas yang dapat dipindahkan" in analyst.post(f"{sop}/pindahkan", catatan="Agar sama").text
    start(rina, kecamatan, "Surat pertama")
    save(analyst, kecamatan)
    analyst.post(f"{sop}/terbitkan", catatan="Waktu lebih lama")
    answer = analyst.post(f"{sop}/pindahkan", catatan=" ")
    assert answer.status_code == 422
    assert "Tuliskan mengapa berkas dipindahkan." in answer.text


def test_a_move_is_taken_back_as_a_whole(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst, rina = log_in("analis"), log_in("rina")
    address, made = moved(analyst, rina, kecamatan, "Surat pertama", "Surat kedua")
    assert analyst.post(f"{address}/batal", alasan="").status_code == 422
    page = analyst.follow(analyst.post(f"{address}/batal", alasan="Keliru <b>"))
    assert "Pemindahan dibatalkan" in page
    assert "Keliru &lt;b&gt;" in page
    assert "Batalkan Pemindahan" not in page
    assert [version_of(analyst, run) for run in made] == ["1", "1"]
    again = analyst.post(f"{address}/batal", alasan="Lagi")
    assert again.status_code == 409
    assert "sudah dibatalkan oleh Ana Lestari" in again.text


def test_a_move_is_not_taken_back_where_a_run_went_on(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst, rina = log_in("analis"), log_in("rina")
    address, made = moved(analyst, rina, kecamatan, "Surat pertama", "Surat kedua")
    finish_first(rina, made[1])
    page = analyst.get(address).text
    assert "tidak dapat dibatalkan lagi" in page
    assert page.count("Sudah dikerjakan lagi") == 1
    answer = analyst.post(f"{address}/batal", alasan="Keliru")
    assert answer.status_code == 409
    assert "sudah dikerjakan lagi sejak dipindahkan" in answer.text


def test_all_runs_are_listed_page_by_page(kecamatan: Kecamatan, log_in: LogIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.queries.prospects.PAGE", 2)
    monkeypatch.setattr("engine.queries.prospects.FIRST", 1)
    monkeypatch.setattr("engine.queries.paging.page.__defaults__", (2,))
    analyst, rina = log_in("analis"), log_in("rina")
    start(rina, kecamatan, "Surat A", "Surat B", "Surat C")
    sop = save(analyst, kecamatan)
    assert "Lihat semua 3 berkas" in analyst.get(f"{sop}/terbitkan").text
    first = analyst.get(f"{sop}/berkas-lama?draf=1&langkah.x=y").text
    assert "Surat B" in first
    assert "Surat C" not in first
    onward = re.search(r'rel="next" href="([^"]+)"', first)
    assert onward
    assert "langkah.x=y" in onward[1]
    second = analyst.get(onward[1].replace("&amp;", "&")).text
    assert "Surat C" in second
    assert "Surat B" not in second
    assert 'rel="next"' not in second


# -- who may ----------------------------------------------------------------------------------------------------------


def test_only_analysts_of_the_office_compare_publish_and_move(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst, rina, stranger = log_in("analis"), log_in("rina"), log_in("asing")
    address, _ = moved(analyst, rina, kecamatan, "Surat pertama")
    sop = save(analyst, kecamatan, LETTER)
    for path in (f"{sop}/bandingkan", f"{sop}/terbitkan", f"{sop}/pindahkan", f"{sop}/berkas-lama", address):
        assert rina.get(path).status_code == 403, path
        assert stranger.get(path).status_code == 404, path
    for path in (f"{sop}/terbitkan", f"{sop}/pindahkan", f"{address}/batal"):
        assert rina.post(path, catatan="x", alasan="x").status_code == 403, path
        assert stranger.post(path, catatan="x", alasan="x").status_code == 404, path
