"""Stories of what people bring to a run beside finishing tasks: documents, comments, and a step taken back."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import Event, Thread
from typing import IO, Any

import pytest
from flask import Flask
from waitress import wasyncore
from waitress.server import create_server
from werkzeug.test import TestResponse

from engine import documents, submissions
from engine.store import Received, Store
from tests.conftest import NOW
from tests.engine import media_files
from tests.web.conftest import SEND_BACK, Browser, Kecamatan
from web.config import Settings

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


def send_by_script(browser: Browser, path: str, *files: tuple[bytes, str], **fields: str) -> TestResponse:
    sent = [(BytesIO(content), name) for content, name in files]
    form = {"csrf_token": browser.token(), "dokumen": sent, **fields}
    return browser.client.post(path, data=form, headers={"Accept": "application/json"})


def shown(browser: Browser, run: int) -> list[str]:
    """Addresses of the documents on a run's page, the first attached first."""
    return re.findall(r'href="(/dokumen/\d+)"', browser.get(f"/berkas/{run}").text)


def test_documents_are_attached_saved_and_taken_off_the_list(run: int, log_in: LogIn) -> None:
    rina, budi = log_in("rina"), log_in("budi")
    task = waiting(rina, run)
    rina.post(f"/tugas/{task}/ambil")
    went = rina.follow(send(rina, run, (PDF, "../surat.pdf"), (b"Catatan", "catatan.txt"), tugas=str(task)))
    assert "2 dokumen terlampir." in went
    page = budi.get(f"/berkas/{run}").text
    assert "surat.pdf" in page
    assert "melampirkan “surat.pdf”" in page
    first, second = shown(budi, run)
    with budi.get(first) as file:
        assert (file.data, file.mimetype) == (PDF, "application/pdf")
        assert file.headers["Content-Disposition"].startswith("attachment; filename=surat.pdf")
        assert file.headers["X-Content-Type-Options"] == "nosniff"
        assert file.headers["Cache-Control"] == "no-store"
    back = f"/berkas/{run}"
    assert f'action="{first}/hapus"' in rina.get(back).text
    assert f'action="{first}/hapus"' not in page
    assert f"PDF, {len(PDF)}\N{NO-BREAK SPACE}B" in page
    assert "hanya" in budi.follow(budi.post(f"{first}/hapus", kembali_ke=back)).lower()
    assert "Lampiran dihapus dari daftar." in rina.follow(rina.post(f"{first}/hapus", kembali_ke=back))
    assert shown(budi, run) == [second]


REFUSED = [
    (b"", "kosong.pdf", "“kosong.pdf” kosong"),
    (b"MZ\x90\x00\x03", "surat.pdf.exe", "“surat.pdf.exe” tidak dapat dilampirkan karena jenisnya"),
    (b"<html><script>alert(1)</script>", "surat.html", "“surat.html” tidak dapat dilampirkan karena jenisnya"),
    (b"Halo", "bukan.pdf", "Isi “bukan.pdf” bukan PDF"),
    (b"MZ\x90\x00\x03", "a\u202efdp.<b>exe", "“afdp._b_exe” tidak dapat"),
    (b"MZ", "x" * 300 + ".exe", "xxxxx.exe” tidak dapat"),
    (b"MZ\x90\x00\x03", "../..", "“dokumen” tidak dapat"),
]


@pytest.mark.parametrize(("content", "name", "told"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_document_is_refused_by_name_and_the_others_are_attached(
    run: int, log_in: LogIn, content: bytes, name: str, told: str
) -> None:
    rina = log_in("rina")
    page = rina.follow(send(rina, run, (PDF, "baik.pdf"), (content, name)))
    assert "1 dokumen terlampir." in page
    assert told in page
    assert len(shown(rina, run)) == 1
    answer = send_by_script(rina, f"/berkas/{run}/dokumen", (content, name))
    assert answer.status_code == 422
    assert told in answer.get_json()["message"]
    assert len(shown(rina, run)) == 1


def test_too_much_is_refused_and_nothing_chosen_is_told(
    run: int, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "LIMIT", 50_000)
    monkeypatch.setattr("web.documents.REQUEST_LIMIT", 100_000)
    rina = log_in("rina")
    answer = send(rina, run, (PDF + b"x" * 150_000, "besar.pdf"))
    assert answer.status_code == 413
    assert "terlalu besar" in answer.text
    assert "“besar.pdf” terlalu besar" in rina.follow(send(rina, run, (PDF + b"x" * 60_000, "besar.pdf")))
    assert send_by_script(rina, f"/berkas/{run}/dokumen", (PDF + b"x" * 60_000, "besar.pdf")).status_code == 413
    assert "Pilih dokumen" in rina.follow(send(rina, run))


def test_a_script_is_told_what_came_of_it(run: int, log_in: LogIn) -> None:
    rina, budi, path = log_in("rina"), log_in("budi"), f"/berkas/{run}/dokumen"
    answer = send_by_script(rina, path, (PDF, "surat.pdf"), (b"", "kosong.pdf"))
    assert (answer.status_code, answer.get_json()["message"]) == (200, "1 dokumen terlampir.")
    assert ["kosong.pdf" in told for told in answer.get_json()["refused"]] == [True]
    answer = send_by_script(budi, path, (PDF, "surat.pdf"))
    assert answer.status_code == 403
    assert "hanya dapat dilampirkan" in answer.get_json()["message"]
    assert len(shown(rina, run)) == 1
    assert "terlampir" not in rina.get(f"/berkas/{run}").text


def test_what_was_sent_twice_because_the_answer_was_lost_is_attached_once(run: int, log_in: LogIn) -> None:
    rina, path = log_in("rina"), f"/berkas/{run}/dokumen"
    for _ in range(2):
        answer = send_by_script(rina, path, (PDF, "surat.pdf"), kunci="satu")
        assert (answer.status_code, answer.get_json()["message"]) == (200, "1 dokumen terlampir.")
    assert len(shown(rina, run)) == 1
    assert send_by_script(rina, path, (PDF + b" ", "surat.pdf"), kunci="satu").status_code == 409
    assert send_by_script(rina, path, (PDF, "surat.pdf"), kunci="dua").status_code == 200
    assert len(shown(rina, run)) == 2


def test_a_document_arrives_while_others_write(
    run: int, kecamatan: Kecamatan, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No transaction is open while its bytes are stored: on SQLite another act would wait for it in vain."""
    receive, written = Store.receive, []

    @contextmanager
    def slowly(self: Store, stream: IO[bytes], limit: int) -> Iterator[Received]:
        with receive(self, stream, limit) as received:
            with kecamatan.database.transaction() as session:
                written.append(submissions.forget(session, NOW))
            yield received

    monkeypatch.setattr(Store, "receive", slowly)
    rina = log_in("rina")
    send(rina, run, (PDF, "surat.pdf"))
    rina.post(f"/sop/{kecamatan.sop}/mulai", perihal="Undangan", dokumen=(BytesIO(PDF), "surat.pdf"))
    assert written == [0, 0]
    assert len(shown(rina, run)) == 1


def test_nothing_is_stored_for_somebody_who_may_not_attach(run: int, log_in: LogIn, settings: Settings) -> None:
    assert "hanya dapat" in (budi := log_in("budi")).follow(send(budi, run, (PDF, "surat.pdf")))
    assert log_in("asing").post(f"/berkas/{run}/dokumen", dokumen=(BytesIO(PDF), "surat.pdf")).status_code == 404
    assert settings.documents is not None
    assert not settings.documents.exists()


# -- cut off ----------------------------------------------------------------------------------------------------------


def cut(body: bytes, run: int, length: int) -> bytes:
    """The request of an upload, as bytes on the wire, with its cookie to be filled in."""
    return (
        f"POST /berkas/{run}/dokumen HTTP/1.1\r\nHost: localhost\r\nCookie: COOKIE\r\nAccept: application/json\r\n"
        f"Content-Type: multipart/form-data; boundary=batas\r\nContent-Length: {length}\r\n\r\n"
    ).encode() + body


def form(token: str) -> bytes:
    """A whole form with a document."""
    return (
        f'--batas\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
        '--batas\r\nContent-Disposition: form-data; name="dokumen"; filename="surat.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    ).encode() + b"%s\r\n--batas--\r\n" % PDF


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """Where the application is served as `lajur serve` does it."""
    server: Any = create_server(app, host="127.0.0.1", port=0, threads=2)
    stopped = Event()

    def turn() -> None:
        while not stopped.is_set():
            wasyncore.loop(0.05, map=server._map, count=1)

    thread = Thread(target=turn)
    thread.start()
    yield server.effective_port
    stopped.set()
    thread.join()
    server.task_dispatcher.shutdown()
    wasyncore.close_all(server._map)


def talk(port: int, request: bytes) -> bytes:
    """What the server says to a request, after which nothing more is sent."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as talking:
        talking.sendall(request)
        talking.shutdown(socket.SHUT_WR)
        said = b""
        while more := talking.recv(65536):
            said += more
            if b"\r\n\r\n" in said and b"Content-Length: " in said:
                head, _, body = said.partition(b"\r\n\r\n")
                if len(body) >= int(re.findall(rb"Content-Length: (\d+)", head)[0]):
                    break
        return said


@pytest.mark.filterwarnings("ignore:.*SpooledTemporaryFile")  # Werkzeug forgets what it had read of half a form
def test_an_upload_that_is_cut_off_leaves_nothing_and_the_next_one_arrives(
    run: int, port: int, log_in: LogIn, settings: Settings
) -> None:
    rina = log_in("rina")
    whole = form(rina.token())
    cookie = rina.client.get_cookie("lajur")
    assert cookie is not None

    def upload(body: bytes, length: int) -> bytes:
        return talk(port, cut(body, run, length).replace(b"COOKIE", f"lajur={cookie.value}".encode()))

    for part in (whole[:40], whole[:-30], whole[:-4]):
        assert upload(part, len(whole)) == b""  # the connection ended before the request did
        answer = upload(part, len(part))  # the request is whole, the form in it is not
        assert answer.startswith(b"HTTP/1.1 400 "), answer
        assert b"Kiriman terputus sebelum semuanya sampai" in answer
        assert b"Content-Type: application/json" in answer
    assert settings.documents is not None
    assert not settings.documents.exists()
    assert shown(rina, run) == []
    assert upload(whole, len(whole)).startswith(b"HTTP/1.1 200 ")
    assert len(shown(rina, run)) == 1


# -- looked at --------------------------------------------------------------------------------------------------------

PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


@pytest.mark.parametrize("media_type", media_files.TAKEN)
def test_no_document_is_ever_a_page_of_ours(run: int, log_in: LogIn, media_type: str) -> None:
    """PDFs are drawn by a script of ours, pictures by `<img>`; whatever is asked for by itself is only to be saved."""
    rina = log_in("rina")
    send(rina, run, (media_files.TAKEN[media_type], "<script>.svg.html.txt"))
    (address,) = shown(rina, run)
    with rina.get(address, headers={"Accept": "text/html"}) as file:
        assert file.status_code == 200
        assert file.mimetype == media_type
        assert file.headers["Content-Disposition"].startswith("attachment;")
        assert file.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert file.headers["X-Content-Type-Options"] == "nosniff"
    page = rina.get(f"{address}/lihat")
    assert page.status_code == 200
    assert "<iframe" not in page.text
    assert "<object" not in page.text
    assert "<embed" not in page.text
    assert ("data-pdf=" in page.text) == (media_type == "application/pdf")
    assert (f'<img class="preview-picture" src="{address}"' in page.text) == (media_type in PICTURES)
    seen = f'href="{address}/lihat"' in rina.get(f"/berkas/{run}").text
    assert seen == (media_type == "application/pdf" or media_type in PICTURES)


@pytest.mark.parametrize("name", [name for name, content in media_files.REFUSED.items() if len(content) < 100_000])
def test_what_a_browser_would_run_is_never_attached(run: int, log_in: LogIn, name: str) -> None:
    rina = log_in("rina")
    for filename in ("a.pdf", "a.png", "a.txt", "a.svg", "a.html"):
        send(rina, run, (media_files.REFUSED[name], filename))
    assert shown(rina, run) == []


def test_a_part_of_a_document_may_be_asked_for(run: int, log_in: LogIn) -> None:
    rina = log_in("rina")
    send(rina, run, (PDF, "surat.pdf"))
    (address,) = shown(rina, run)
    with rina.get(address, headers={"Range": "bytes=0-4"}) as part:
        assert (part.status_code, part.data) == (206, b"%PDF-")
        assert part.headers["Content-Range"] == f"bytes 0-4/{len(PDF)}"
        assert part.headers["Content-Disposition"].startswith("attachment;")
    with rina.get(address) as whole:
        assert whole.headers["Accept-Ranges"] == "bytes"


def test_a_page_shows_whose_document_it_is_and_leads_back(run: int, log_in: LogIn) -> None:
    rina = log_in("rina")
    task = waiting(rina, run)
    rina.post(f"/tugas/{task}/ambil")
    send(rina, run, (PDF, "surat.pdf"), tugas=str(task), judul="Konsep <surat>")
    (address,) = shown(rina, run)
    page = log_in("siti").get(f"{address}/lihat").text
    for part in ("Konsep &lt;surat&gt;", "surat.pdf", "Rina Wulandari", "Undangan rapat", f'href="/berkas/{run}"'):
        assert part in page
    assert log_in("asing").get(f"{address}/lihat").status_code == 404


def test_a_form_under_a_refused_act_leads_back_to_its_page(run: int, log_in: LogIn) -> None:
    rina = log_in("rina")
    task = waiting(rina, run)
    rina.post(f"/tugas/{task}/ambil")
    refused = rina.post(f"/tugas/{task}/selesai", catatan="x" * 4001)
    assert refused.status_code == 422
    assert f'name="kembali_ke" value="/tugas/{task}"' in refused.text


# -- a run that begins with documents ---------------------------------------------------------------------------------


def runs_of(browser: Browser) -> int:
    return browser.get("/berkas").text.count("Surat Camat")


def test_a_run_begins_with_its_first_documents(kecamatan: Kecamatan, log_in: LogIn) -> None:
    rina = log_in("rina")
    files = [(BytesIO(PDF), "surat.pdf"), (BytesIO(b"Daftar hadir"), "daftar.txt")]
    answer = rina.post(f"/sop/{kecamatan.sop}/mulai", perihal="Surat Camat", agenda="470/1", dokumen=files)
    page = rina.follow(answer)
    assert "Berkas dimulai." in page
    assert len(re.findall(r'href="/dokumen/\d+"', page)) == 2


def test_a_run_begins_without_documents(kecamatan: Kecamatan, log_in: LogIn) -> None:
    rina = log_in("rina")
    answer = rina.post(f"/sop/{kecamatan.sop}/mulai", perihal="Surat Camat", dokumen=(BytesIO(b""), ""))
    assert "Belum ada dokumen" not in rina.follow(answer)
    assert shown(rina, int(answer.location.rpartition("/")[2])) == []


def test_a_run_does_not_begin_where_a_document_is_refused_and_what_was_typed_is_kept(
    kecamatan: Kecamatan, log_in: LogIn
) -> None:
    rina, path = log_in("rina"), f"/sop/{kecamatan.sop}/mulai"

    def start(content: bytes) -> TestResponse:
        files = [(BytesIO(PDF), "surat.pdf"), (BytesIO(content), "foto.pdf")]
        return rina.post(path, perihal="Surat Camat", agenda="470/1", kunci="satu", dokumen=files)

    answer = start(b"")
    assert answer.status_code == 422
    assert "“foto.pdf” kosong" in answer.text
    assert 'name="perihal" value="Surat Camat"' in answer.text
    assert 'name="agenda" value="470/1"' in answer.text
    assert 'name="kunci" value="satu"' in answer.text
    assert "Pilih dokumennya sekali lagi" in answer.text
    assert runs_of(rina) == 0
    started = start(PDF)
    assert start(PDF).location == started.location
    assert runs_of(rina) == 1
    assert len(shown(rina, int(started.location.rpartition("/")[2]))) == 2
    other = start(PDF + b" ")  # the key of a run that is there, with other documents
    assert other.status_code == 409
    assert 'name="kunci" value="satu"' not in other.text


def test_a_script_that_starts_a_run_is_told_where_it_is(kecamatan: Kecamatan, log_in: LogIn) -> None:
    rina, path = log_in("rina"), f"/sop/{kecamatan.sop}/mulai"
    refused = send_by_script(rina, path, (b"MZ", "virus.exe"), perihal="Surat Camat")
    assert refused.status_code == 422
    assert "virus.exe" in refused.get_json()["message"]
    assert "Perihal" in send_by_script(rina, path, (PDF, "surat.pdf"), perihal=" ").get_json()["message"]
    assert runs_of(rina) == 0
    started = send_by_script(rina, path, (PDF, "surat.pdf"), perihal="Surat Camat").get_json()["location"]
    assert "Berkas dimulai." in rina.get(started).text
    assert runs_of(rina) == 1


def test_the_start_page_says_who_gets_the_first_step_and_what_it_asks_for(kecamatan: Kecamatan, log_in: LogIn) -> None:
    page = log_in("rina").get(f"/sop/{kecamatan.sop}/mulai").text
    assert "Masuk ke Tugas Jabatan Pengadministrasi Umum" in page
    assert "Kelengkapan yang diminta:" in page
    assert "paling besar 20\N{NO-BREAK SPACE}MB untuk satu dokumen" in page
    assert 'type="file"' not in log_in("siti").get(f"/sop/{kecamatan.sop}/mulai").text
    assert f"/sop/{kecamatan.sop}/mulai" not in log_in("siti").get("/sop").text


# -- what else people bring -------------------------------------------------------------------------------------------


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
