"""The SOP sheet through the browser: the page, its pictures and its PDF, of versions and of the draft."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest

from tests.web.conftest import LETTER, Browser, Kecamatan

LogIn = Callable[[str], Browser]

CHANGED = LETTER.replace(b'name="Camat"', b'name="Camat &lt;script&gt;"')


def pictures(page: str) -> list[str]:
    return [unescape(found) for found in re.findall(r'<img src="([^"]+)"', page)]


def pdf(page: str) -> str:
    found = re.search(r'href="([^"]+\.pdf[^"]*)"', page)
    assert found
    return unescape(found[1])


def test_everybody_of_the_office_sees_the_sheet_of_the_version_in_force(kecamatan: Kecamatan, log_in: LogIn) -> None:
    rina = log_in("rina")
    page = rina.get(f"/sop/{kecamatan.sop}/lembar").text
    assert "Versi 1, berlaku sejak 23 November 2026" in page
    assert "Menandatangani surat pengantar." in page
    assert "kembali ke langkah 1" in page
    assert len(pictures(page)) >= 2
    for address in pictures(page):
        answer = rina.get(address)
        assert answer.mimetype == "image/svg+xml"
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "berlaku sejak 23 November 2026" in answer.text


@pytest.mark.parametrize(("paper", "width"), [("A4", "841.9"), ("F4", "935.4")])
def test_the_pdf_has_the_paper_that_was_chosen(kecamatan: Kecamatan, log_in: LogIn, paper: str, width: str) -> None:
    rina = log_in("rina")
    page = rina.get(f"/sop/{kecamatan.sop}/lembar?kertas={paper}").text
    assert f'class="sop-sheet-page paper-{paper.lower()}"' in page
    answer = rina.get(pdf(page))
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="SOP-Surat-Pengantar-versi-1.pdf"'
    assert answer.data.startswith(b"%PDF-")
    assert width.encode() in answer.data


def test_the_sheet_of_a_draft_says_so_and_is_for_analysts(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst, rina, sop = log_in("analis"), log_in("rina"), f"/sop/{kecamatan.sop}"
    analyst.put(f"{sop}/draf", CHANGED, 0)
    page = analyst.get(f"{sop}/lembar?versi=draf").text
    assert "DRAF, belum berlaku" in page
    svg = analyst.get(pictures(page)[1])
    assert "<script" not in svg.text
    assert "<script>" not in page
    for address in (f"{sop}/lembar?versi=draf", *pictures(page), pdf(page)):
        assert analyst.get(address).status_code == 200, address
        assert rina.get(address).status_code == 403, address
    assert rina.get(f"{sop}/lembar").status_code == 200


def test_an_older_version_keeps_its_sheet(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst, sop = log_in("analis"), f"/sop/{kecamatan.sop}"
    analyst.put(f"{sop}/draf", LETTER.replace(b'value="2 jam"', b'value="3 jam"'), 0)
    analyst.post(f"{sop}/terbitkan", catatan="Lebih lama")
    assert "3 jam" in analyst.get(f"{sop}/lembar").text
    older = analyst.get(f"{sop}/lembar?versi=1").text
    assert "2 jam" in older
    assert "Versi 1, berlaku sejak 23 November 2026, sudah diganti versi 2" in older
    assert "sudah diganti" not in analyst.get(f"{sop}/lembar").text
    analyst.post(f"{sop}/cabut")
    assert "Versi 2, berlaku sejak 23 November 2026, sudah dicabut" in analyst.get(f"{sop}/lembar").text


def test_what_is_not_there_has_no_sheet(kecamatan: Kecamatan, log_in: LogIn) -> None:
    rina, stranger, sop = log_in("rina"), log_in("asing"), f"/sop/{kecamatan.sop}"
    page = rina.get(f"{sop}/lembar").text
    for address in (f"{sop}/lembar?versi=9", "/versi/1/lembar-0.svg", "/versi/1/lembar-99.svg", "/versi/9/lembar.pdf"):
        assert rina.get(address).status_code == 404, address
    for address in (f"{sop}/lembar", *pictures(page), pdf(page)):
        assert stranger.get(address).status_code == 404, address
