"""Stories of what people bring to a run beside finishing tasks: documents, comments, and a step taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from werkzeug.test import TestResponse

from engine import documents
from tests.web.conftest import SEND_BACK, Browser, Kecamatan

LogIn = Callable[[str], Browser]
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def run(kecamatan: Kecamatan, log_in: LogIn) -> int:
    answer = log_in("rina").post(f"/sop/{kecamatan.sop}/mulai", perihal="Undangan rapat")
    return int(answer.location.rpartition("/")[2])


def waiting(browser: Browser, run: int) -> int:
    (task,) = set(re.findall(r'href="/tugas/(\d+)"', browser.get(f"/berkas/{run}").text))
    return int(task)


def send(browser: Browser, run: int, *files: tuple[bytes, str], **fields: str) -> TestResponse:
    sent = [(BytesIO(content), name) for content, name in files]
    return browser.post(f"/berkas/{run}/dokumen", dokumen=sent, kembali_ke=f"/berkas/{run}", **fields)


def test_documents_are_attached_saved_and_taken_off_the_list(run: int, log_in: LogIn) -> None:
    rina, budi = log_in("rina"), log_in("budi")
    task = waiting(rina, run)
    rina.post(f"/tugas/{task}/ambil")
    went = rina.follow(send(rina, run, (PDF, "../surat.pdf"), (b"Catatan", "catatan.txt"), tugas=str(task)))
    assert "Dokumen terlampir." in went
    page = budi.get(f"/berkas/{run}").text
    assert "surat.pdf" in page
    assert "melampirkan “surat.pdf”" in page
    first = re.findall(r'href="(/dokumen/\d+)"', page)[0]
    with budi.get(first) as file:
        assert (file.data, file.mimetype) == (PDF, "application/pdf")
        assert file.headers["Content-Disposition"].startswith("attachment; filename=surat.pdf")
        assert file.headers["X-Content-Type-Options"] == "nosniff"
        assert file.headers["Cache-Control"] == "no-store"
    back = f"/berkas/{run}"
    assert f'action="{first}/hapus"' in rina.get(back).text
    assert f'action="{first}/hapus"' not in page
    assert f"{len(PDF)}\N{NO-BREAK SPACE}B" in page
    assert "hanya" in budi.follow(budi.post(f"{first}/hapus", kembali_ke=back)).lower()
    assert "Lampiran dihapus dari daftar." in rina.follow(rina.post(f"{first}/hapus", kembali_ke=back))
    assert re.findall(r'href="(/dokumen/\d+)"', budi.get(back).text)[0] != first


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "kosong.pdf"), (b"MZ\x90\x00\x03", "surat.exe"), (b"<html><script>alert(1)</script>", "surat.html")],
)
def test_what_is_no_document_is_refused_in_a_sentence(run: int, log_in: LogIn, content: bytes, name: str) -> None:
    rina = log_in("rina")
    page = rina.follow(send(rina, run, (PDF, "baik.pdf"), (content, name)))
    assert 'class="flash flash-error"' in page
    assert "/dokumen/" not in re.sub(r'action="[^"]*"', "", page)


def test_too_much_is_refused_and_nothing_chosen_is_told(
    run: int, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "LIMIT", 50_000)
    monkeypatch.setattr("web.documents.REQUEST_LIMIT", 100_000)
    rina = log_in("rina")
    answer = send(rina, run, (PDF + b"x" * 150_000, "besar.pdf"))
    assert answer.status_code == 413
    assert "terlalu besar" in answer.text
    page = rina.follow(send(rina, run, (PDF + b"x" * 60_000, "besar.pdf")))
    assert 'class="flash flash-error"' in page
    assert "Pilih dokumen" in rina.follow(send(rina, run))


def test_documents_are_of_the_office(run: int, kecamatan: Kecamatan, log_in: LogIn) -> None:
    rina = log_in("rina")
    send(rina, run, (PDF, "surat.pdf"))
    (document,) = re.findall(r'href="(/dokumen/\d+)"', rina.get(f"/berkas/{run}").text)
    with rina.get(document) as file:
        assert file.status_code == 200
    assert rina.get("/dokumen/999").status_code == 404
    assert rina.post("/dokumen/999/hapus").status_code == 404


def test_a_comment_is_for_all(run: int, log_in: LogIn) -> None:
    siti, rina = log_in("siti"), log_in("rina")
    assert "Catatan tersimpan." in siti.follow(siti.post(f"/berkas/{run}/catatan", catatan="Mohon <segera>."))
    assert "Mohon &lt;segera&gt;." in rina.get(f"/berkas/{run}").text
    answer = siti.post(f"/berkas/{run}/catatan", catatan="x" * 4001)
    assert answer.status_code == 422
    assert "x" * 4001 in answer.text
    assert siti.post("/berkas/999/catatan", catatan="x").status_code == 404


def test_the_last_step_is_taken_back_and_later_ones_are_not(run: int, log_in: LogIn) -> None:
    rina, budi = log_in("rina"), log_in("budi")
    task = waiting(rina, run)
    rina.post(f"/tugas/{task}/ambil")
    rina.post(f"/tugas/{task}/selesai", catatan="Terlalu cepat")
    assert "Buka Kembali" in rina.get(f"/tugas/{task}").text
    assert "Buka Kembali" not in budi.get(f"/tugas/{task}").text
    went = rina.follow(rina.post(f"/tugas/{task}/buka"))
    assert "Langkah dibuka kembali." in went
    assert ">Terlalu cepat</textarea>" in went
    rina.post(f"/tugas/{task}/selesai", catatan="Lengkap")
    second = waiting(budi, run)
    budi.post(f"/tugas/{second}/ambil")
    budi.post(f"/tugas/{second}/selesai", keputusan=SEND_BACK, catatan="Perbaiki")
    answer = rina.post(f"/tugas/{task}/buka")
    assert answer.status_code == 409
    assert "tidak dapat dibuka lagi" in answer.text
