"""Stories of tasks: claimed, released, finished and returned through the browser."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask

from engine import definitions, offices, runs, tasks
from engine.queries.paging import PAGE
from tests.engine.media_files import PDF
from tests.web.conftest import APPROVE, LETTER, SEND_BACK, Browser, Kecamatan, logged_in, make_app
from web.config import Settings

LogIn = Callable[[str], Browser]

SUBJECT = "Surat pengantar nikah a.n. Rina & Dedi"
REASON = "Nama orang tua belum sesuai.\nLampirkan kartu keluarga <asli>."


@pytest.fixture
def run(kecamatan: Kecamatan, log_in: LogIn) -> int:
    """A run that waits for its first step."""
    answer = log_in("rina").post(f"/sop/{kecamatan.sop}/mulai", perihal=SUBJECT)
    return int(answer.location.rpartition("/")[2])


def waiting(browser: Browser, run: int) -> int:
    """The task that a run waits for."""
    found = re.findall(r'href="/tugas/(\d+)"', browser.get(f"/berkas/{run}").text)
    assert len(found) == 1
    return int(found[0])


def finish(browser: Browser, run: int, **fields: str) -> str:
    """Claim and finish the task that a run waits for; the page that follows."""
    task = waiting(browser, run)
    browser.follow(browser.post(f"/tugas/{task}/ambil"))
    return browser.follow(browser.post(f"/tugas/{task}/selesai", **fields))


def test_a_run_goes_from_its_first_step_to_its_end(run: int, log_in: LogIn) -> None:
    rina, budi, siti = log_in("rina"), log_in("budi"), log_in("siti")
    assert "Tidak ada tugas" in rina.get("/tugas").text
    assert "Ambil Tugas: Menyusun konsep surat" in rina.get("/tugas/jabatan").text

    went = finish(rina, run, catatan="Lengkap.")
    assert "Tugas “Menyusun konsep surat” selesai." in went
    assert "diteruskan ke: “Memeriksa konsep surat” (Sekretaris Kecamatan)" in went

    went = finish(budi, run, keputusan=APPROVE)
    assert "diteruskan ke: “Menandatangani surat” (Camat)" in went

    went = finish(siti, run)
    assert "telah tuntas" in went
    page = siti.get(f"/berkas/{run}").text
    assert "Berkas tuntas" in page
    assert "<strong>Siti Aminah</strong> (Plt. Camat) menyelesaikan “Menandatangani surat”" in page
    assert "dengan keputusan “Setuju”" in page
    assert SUBJECT.replace("&", "&amp;") in siti.get("/berkas?keadaan=selesai").text
    assert "Tidak ada berkas" in siti.get("/berkas").text


def test_a_task_shows_what_is_to_be_done(run: int, log_in: LogIn) -> None:
    page = log_in("rina").get(f"/tugas/{run}").text
    for words in (
        "Menyusun konsep surat pengantar sesuai permohonan",
        '<span class="paper-name" lang="id">Surat permohonan</span>',
        '<span class="paper-name" lang="id">KTP</span>',
        "belum ada dokumen",
        "1 hari kerja lagi",
        "Konsep surat pengantar",
        "Rina Wulandari",
        "Selasa, 24 November 2026, 09.00 WIB",
    ):
        assert words in page


def test_a_task_without_a_readable_waktu_has_no_deadline(run: int, log_in: LogIn) -> None:
    finish(log_in("rina"), run)
    finish(log_in("budi"), run, keputusan=APPROVE)
    assert "Tanpa batas waktu" in log_in("siti").get("/tugas/jabatan").text


def test_a_claimed_task_moves_to_ones_own_list_and_back(run: int, log_in: LogIn) -> None:
    rina, dedi = log_in("rina"), log_in("dedi")
    task = waiting(rina, run)
    page = rina.follow(rina.post(f"/tugas/{task}/ambil"))
    assert "Selesaikan & Teruskan" in page
    assert SUBJECT.replace("&", "&amp;") in rina.get("/tugas").text
    assert "Tidak ada tugas yang menunggu" in dedi.get("/tugas/jabatan").text
    assert "Tugas dilepas." in rina.follow(rina.post(f"/tugas/{task}/lepas"))
    assert "Ambil Tugas" in dedi.get(f"/tugas/{task}").text


def test_the_second_to_claim_is_told_who_was_first(run: int, log_in: LogIn) -> None:
    rina, dedi = log_in("rina"), log_in("dedi")
    task = waiting(rina, run)
    rina.post(f"/tugas/{task}/ambil")
    answer = dedi.post(f"/tugas/{task}/ambil")
    assert answer.status_code == 409
    assert "Tugas ini sudah diambil oleh Rina Wulandari." in answer.text
    assert "Tugas ini sedang dikerjakan oleh Rina Wulandari." in answer.text


def test_claiming_twice_is_claiming_once(run: int, log_in: LogIn) -> None:
    rina = log_in("rina")
    task = waiting(rina, run)
    assert [rina.post(f"/tugas/{task}/ambil").status_code for _ in range(2)] == [302, 302]
    assert rina.get(f"/tugas/{task}").text.count("mengambil tugas") == 1


@pytest.mark.parametrize("act", ["ambil", "lepas", "selesai"])
def test_a_task_of_another_jabatan_can_be_seen_and_not_touched(run: int, log_in: LogIn, act: str) -> None:
    budi = log_in("budi")
    page = budi.get(f"/tugas/{run}").text
    assert "Tugas ini menunggu Pengadministrasi Umum." in page
    assert "/ambil" not in page
    assert budi.post(f"/tugas/{run}/{act}").status_code == 403


def test_what_was_not_claimed_is_not_finished(run: int, log_in: LogIn) -> None:
    answer = log_in("rina").post(f"/tugas/{run}/selesai", catatan="Sudah saya ketik")
    assert answer.status_code == 403
    assert "Ambil tugas ini terlebih dahulu" in answer.text


def test_a_return_without_a_reason_is_refused_and_everything_stays(run: int, log_in: LogIn) -> None:
    budi = log_in("budi")
    finish(log_in("rina"), run)
    task = waiting(budi, run)
    budi.post(f"/tugas/{task}/ambil")
    answer = budi.post(f"/tugas/{task}/selesai", keputusan=SEND_BACK, catatan="  \n ")
    assert answer.status_code == 422
    assert "Alasan pengembalian wajib diisi" in answer.text
    assert '<details class="return" open>' in answer.text
    assert waiting(budi, run) == task


def test_what_was_typed_stays_in_the_form_that_was_refused(run: int, log_in: LogIn) -> None:
    budi = log_in("budi")
    finish(log_in("rina"), run)
    task = waiting(budi, run)
    budi.post(f"/tugas/{task}/ambil")
    long = "</textarea>" + "x" * 4000
    reason = budi.post(f"/tugas/{task}/selesai", keputusan=SEND_BACK, catatan=long)
    note = budi.post(f"/tugas/{task}/selesai", keputusan=APPROVE, catatan=long)
    unknown = budi.post(f"/tugas/{task}/selesai", keputusan="alur_lain", catatan="catatan saya")
    none = budi.post(f"/tugas/{task}/selesai", catatan="catatan saya")
    assert [answer.status_code for answer in (reason, note, unknown, none)] == [422] * 4
    assert "paling banyak 4000 karakter" in reason.text
    kept = re.escape("&lt;/textarea&gt;xxxx")
    assert re.search(rf'id="alasan"[^>]*aria-invalid="true"[^>]*>{kept}', reason.text)
    assert re.search(rf'id="catatan"[^>]*>{kept}', note.text)
    for answer in (unknown, none):
        assert "Pilih salah satu keputusan" in answer.text
        assert re.search(r'id="catatan"[^>]*>catatan saya<', answer.text)


def test_a_return_comes_back_with_its_reason_on_top(run: int, log_in: LogIn) -> None:
    rina, budi = log_in("rina"), log_in("budi")
    finish(rina, run)
    task = waiting(budi, run)
    page = budi.follow(budi.post(f"/tugas/{task}/ambil"))
    assert "Kembali ke: Menyusun konsep surat (Pengadministrasi Umum: Rina Wulandari); memulai putaran 2." in page
    went = budi.follow(budi.post(f"/tugas/{task}/selesai", keputusan=SEND_BACK, catatan=REASON))
    assert "dikembalikan. Sekarang di: “Menyusun konsep surat” (Pengadministrasi Umum)" in went

    assert "Dikembalikan untuk diperbaiki" in rina.get("/tugas").text
    page = rina.get(f"/tugas/{waiting(rina, run)}").text
    assert "Dikembalikan untuk diperbaiki (putaran 2)" in page
    assert "Lampirkan kartu keluarga &lt;asli&gt;." in page
    assert "Budi Santoso (Sekretaris Kecamatan), dari langkah “Memeriksa konsep surat”" in page
    assert page.index("Nama orang tua") < page.index("Apa yang dikerjakan")

    page = rina.get(f"/berkas/{run}").text
    assert "Dikembalikan 1 kali" in page
    assert "&#34;element&#34;: &#34;alur_kembali&#34;, &#34;kind&#34;: &#34;return&#34;" in page
    assert "{&#34;element&#34;: &#34;langkah_1&#34;, &#34;kind&#34;: &#34;active&#34;}" in page


def test_sending_a_form_twice_finishes_once(run: int, log_in: LogIn) -> None:
    rina = log_in("rina")
    task = waiting(rina, run)
    rina.post(f"/tugas/{task}/ambil")
    first, second = (rina.post(f"/tugas/{task}/selesai", catatan="Selesai.") for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    page = rina.get(f"/berkas/{run}").text
    assert page.count("menyelesaikan “Menyusun konsep surat”") == 1


def test_a_finished_task_can_be_read_and_leads_to_its_run(run: int, log_in: LogIn) -> None:
    rina, dedi = log_in("rina"), log_in("dedi")
    task = waiting(rina, run)
    finish(rina, run)
    assert "Tugas ini sudah selesai." in rina.get(f"/tugas/{task}").text
    answer = dedi.post(f"/tugas/{task}/ambil")
    assert answer.status_code == 409
    assert "sudah tidak terbuka lagi" in answer.text


def test_characters_that_no_database_keeps_are_left_out(run: int, log_in: LogIn) -> None:
    rina = log_in("rina")
    finish(rina, run, catatan="Leng\x00kap \N{PARTY POPPER}")
    assert "Lengkap \N{PARTY POPPER}" in rina.get(f"/berkas/{run}").text


def test_lists_go_on_where_the_page_before_ended(kecamatan: Kecamatan, log_in: LogIn, now: datetime) -> None:
    rina = log_in("rina")
    with kecamatan.database.transaction() as session:
        who = offices.actor(session, kecamatan.people["rina"], now)
        for number in range(PAGE + 1):
            run = runs.start(session, who, kecamatan.sop, f"Surat nomor {number}.", now)
        del run
    first = rina.get("/tugas/jabatan").text
    assert f"Surat nomor {PAGE}." not in first
    onward = re.search(r'rel="next" href="([^"]+)"', first)
    assert onward
    last = rina.get(onward[1]).text
    assert f"Surat nomor {PAGE}." in last
    assert 'rel="next"' not in last

    newest = rina.get("/berkas").text
    assert "Surat nomor 0." not in newest
    onward = re.search(r'rel="next" href="([^"]+)"', newest)
    assert onward
    oldest = rina.get(onward[1].replace("&amp;", "&")).text
    assert "Surat nomor 0." in oldest
    assert "Surat nomor 1." not in oldest


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(hours=1), "1 hari kerja lagi"),
        (timedelta(days=1) - timedelta(hours=1), "Hari ini, 09.00"),
        (timedelta(days=1, minutes=5), "Terlambat 5 menit"),
        (timedelta(days=1, hours=2), "Terlambat 2 jam kerja"),
        (timedelta(days=3), "Terlambat 2 hari kerja"),
    ],
)
def test_a_deadline_is_told_in_working_time(
    kecamatan: Kecamatan, settings: Settings, run: int, now: datetime, passed: timedelta, words: str
) -> None:
    later = make_app(kecamatan.database, dataclasses.replace(settings, clock=lambda: now + passed))
    assert words in logged_in(later, "rina").get("/tugas/jabatan").text


def test_a_task_that_is_stolen_while_it_is_done_is_told(
    app: Flask, kecamatan: Kecamatan, run: int, log_in: LogIn, now: datetime
) -> None:
    rina = log_in("rina")
    task = waiting(rina, run)
    rina.post(f"/tugas/{task}/ambil")
    with kecamatan.database.transaction() as session:
        tasks.release(session, offices.actor(session, kecamatan.people["rina"], now), task, now)
        tasks.claim(session, offices.actor(session, kecamatan.people["dedi"], now), task, now)
    answer = rina.post(f"/tugas/{task}/selesai", catatan="Pekerjaan saya")
    assert answer.status_code == 409
    assert "Tugas ini sudah diambil oleh Dedi Kurniawan." in answer.text


# -- what the page tells of the work ----------------------------------------------------------------------------------


def hand_in(browser: Browser, run: int, task: int, name: str, **fields: str) -> None:
    """Attach a file as the form on the page does."""
    answer = browser.client.post(
        f"/berkas/{run}/dokumen",
        data={"csrf_token": browser.token(), "tugas": str(task), "dokumen": (BytesIO(PDF), name), **fields},
    )
    assert answer.status_code == 302, answer.text


def test_an_output_has_its_own_place_and_is_found_by_the_next_step(run: int, log_in: LogIn) -> None:
    rina, budi = log_in("rina"), log_in("budi")
    task = waiting(rina, run)
    page = rina.follow(rina.post(f"/tugas/{task}/ambil"))
    assert '<input type="hidden" name="judul" value="Konsep surat pengantar">' in page
    assert f'name="kembali_ke" value="/tugas/{task}#keluaran-1"' in page
    assert "Belum ada dokumen untuk: Konsep surat pengantar. Tugas tetap dapat diselesaikan." in page
    hand_in(rina, run, task, "konsep.pdf", judul="Konsep surat pengantar")
    hand_in(rina, run, task, "memo.pdf")
    page = rina.get(f"/tugas/{task}").text
    assert "Belum ada dokumen untuk" not in page
    assert page.count("> konsep.pdf</span></a>") == 1
    rina.post(f"/tugas/{task}/selesai")

    page = budi.get(f"/tugas/{waiting(budi, run)}").text
    needed = page[page.index("Kelengkapan") : page.index("Output")]
    assert "> konsep.pdf</span></a>" in needed
    assert "Rina Wulandari, " in needed
    assert "> memo.pdf</span></a>" not in needed
    others = page[page.index("Dokumen lain dalam berkas ini") :]
    assert "> memo.pdf</span></a>" in others
    assert "konsep.pdf</a>" not in others[: others.index("Riwayat")]
    assert 'name="judul"' not in page


def test_the_standard_time_is_told_with_what_it_means(run: int, log_in: LogIn) -> None:
    rina, budi, siti = log_in("rina"), log_in("budi"), log_in("siti")
    page = rina.get(f"/tugas/{waiting(rina, run)}").text
    assert '<span lang="id">1 hari</span> (1 hari kerja); batas <time' in page
    finish(rina, run)
    finish(budi, run, keputusan=APPROVE)
    page = siti.get(f"/tugas/{waiting(siti, run)}").text
    assert '<span lang="id">sesuai jadwal</span>; tidak ada batas waktu yang pasti' in page


def test_the_step_before_is_told(run: int, log_in: LogIn) -> None:
    rina, budi, siti = log_in("rina"), log_in("budi"), log_in("siti")
    assert "Langkah sebelumnya" not in rina.get(f"/tugas/{waiting(rina, run)}").text
    finish(rina, run, catatan="Mohon <segera>.")
    page = budi.get(f"/tugas/{waiting(budi, run)}").text
    assert "<strong>Rina Wulandari</strong> (Pengadministrasi Umum): Menyusun konsep surat" in page
    assert page.index("Langkah sebelumnya") < page.index("Mohon &lt;segera&gt;.") < page.index("Kelengkapan")
    finish(budi, run, keputusan=APPROVE)
    assert "Memeriksa konsep surat, keputusan “Setuju”" in siti.get(f"/tugas/{waiting(siti, run)}").text


def test_a_reviewer_is_told_what_was_mended(run: int, log_in: LogIn) -> None:
    rina, budi = log_in("rina"), log_in("budi")
    finish(rina, run)
    finish(budi, run, keputusan=SEND_BACK, catatan=REASON)
    task = waiting(rina, run)
    page = rina.get(f"/tugas/{task}").text
    assert page.count("Nama orang tua belum sesuai.") == 2, "on top and in the history, and not among the changes"
    hand_in(rina, run, task, "kk.pdf", judul="Kartu keluarga")
    rina.post(f"/tugas/{task}/selesai", catatan="Kartu keluarga terlampir.")

    page = budi.get(f"/tugas/{waiting(budi, run)}").text
    changed = page[page.index("Yang berubah sejak putaran 1") : page.index("Apa yang dikerjakan")]
    for words in ("Nama orang tua belum sesuai.", "Kartu keluarga terlampir.", "Kartu keluarga</a>"):
        assert words in changed
    assert page.count("Kartu keluarga terlampir.") == 2, "among the changes and in the history, not once more"
    finish(budi, run, keputusan=SEND_BACK, catatan="Masih salah")
    finish(rina, run)
    assert "tidak ada catatan, isian, atau dokumen yang berubah" in budi.get(f"/tugas/{waiting(budi, run)}").text


@pytest.fixture
def signed(kecamatan: Kecamatan, now: datetime) -> None:
    """The SOP says that the Sekretaris initials and the Camat signs."""
    xml = LETTER
    for step, said in ((b"2", b"paraf"), (b"3", b"tanda tangan")):
        mark = b'<camunda:property name="langkah" value="%b" />' % step
        xml = xml.replace(mark, mark + b'<camunda:property name="pengesahan" value="%b" />' % said)
    with kecamatan.database.transaction() as session:
        analyst = offices.actor(session, kecamatan.people["analis"], now)
        definitions.save_draft(session, analyst, kecamatan.sop, xml, 0, now)
        definitions.publish(session, analyst, kecamatan.sop, "Dengan paraf", now)


def test_paraf_and_tanda_tangan_are_given_by_buttons_that_say_so(
    signed: None, kecamatan: Kecamatan, log_in: LogIn
) -> None:
    rina, budi, siti = log_in("rina"), log_in("budi"), log_in("siti")
    run = int(rina.post(f"/sop/{kecamatan.sop}/mulai", perihal=SUBJECT).location.rpartition("/")[2])
    finish(rina, run)
    task = waiting(budi, run)
    page = budi.follow(budi.post(f"/tugas/{task}/ambil"))
    assert "Setuju, dengan paraf" in page
    assert "Tercatat sebagai paraf Anda selaku Sekretaris Kecamatan." in page
    assert "Paraf dan tanda tangan</h3>" not in page
    finish(budi, run, keputusan=APPROVE)

    task = waiting(siti, run)
    page = siti.follow(siti.post(f"/tugas/{task}/ambil"))
    assert "Tanda Tangani & Teruskan" in page
    assert "Tercatat sebagai tanda tangan Anda selaku Plt. Camat." in page
    assert 'data-confirm="Tanda tangani selaku Plt. Camat? Tercatat atas nama Anda, dan berkas ini tuntas."' in page
    assert "<strong>Paraf</strong>: <strong>Budi Santoso</strong> (Sekretaris Kecamatan)" in page
    finish(siti, run)
    history = siti.get(f"/berkas/{run}").text
    assert "<strong>Budi Santoso</strong> (Sekretaris Kecamatan) membubuhkan paraf pada langkah" in history
    assert "<strong>Siti Aminah</strong> (Plt. Camat) membubuhkan tanda tangan pada langkah" in history


def test_only_the_end_and_a_signature_are_asked_about(run: int, log_in: LogIn) -> None:
    rina, budi, siti = log_in("rina"), log_in("budi"), log_in("siti")
    for browser, fields, asks in ((rina, {}, 0), (budi, {"keputusan": APPROVE}, 0), (siti, {}, 1)):
        task = waiting(browser, run)
        page = browser.follow(browser.post(f"/tugas/{task}/ambil"))
        forms = "".join(re.findall(r'<form class="decision".*?</form>', page, re.DOTALL))
        assert forms.count("data-confirm") == asks
        browser.post(f"/tugas/{task}/selesai", **fields)
