"""Stories of the board: a manager sees what is stuck and why, does something about it, and it is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from engine import absences, checking, offices, runs, tasks
from engine.database import Database
from engine.states import UNFINISHED, Right, RunState
from engine.tables import Holding, Office, Person, Run, Task
from tests.conftest import NOW
from tests.web.conftest import Browser, Kecamatan

LogIn = Callable[[str], Browser]

DAY = timedelta(days=1)


@pytest.fixture
def siti(kecamatan: Kecamatan, log_in: LogIn) -> Browser:
    """The Camat, who is a manager."""
    with kecamatan.database.transaction() as session:
        session.get_one(Person, kecamatan.people["siti"]).rights = [Right.MANAGER]
    return log_in("siti")


def begun(kecamatan: Kecamatan, days: int = 6, subject: str = "Undangan <rapat>") -> int:
    """A run that Rina began some days ago, and has not gone on with; its id."""
    then = NOW - days * DAY
    with kecamatan.database.transaction() as session:
        rina = offices.actor(session, kecamatan.people["rina"], then)
        return runs.start(session, rina, kecamatan.sop, subject, then, "005/12")


def task_of(database: Database, run: int) -> Task:
    with database.reading() as session:
        return session.scalars(select(Task).where(Task.run_id == run, Task.state.in_(UNFINISHED))).one()


def state(database: Database, run: int) -> RunState:
    with database.reading() as session:
        assert list(checking.check(session)) == []
        return session.scalars(select(Run.state).where(Run.id == run)).one()


def test_a_manager_reminds_and_reassigns_what_nobody_has_claimed(kecamatan: Kecamatan, siti: Browser) -> None:
    assert "Tidak ada berkas yang sedang berjalan di kantor ini." in siti.get("/papan").text
    begun(kecamatan, days=0)
    page = siti.get("/papan").text
    assert "Tidak ada berkas yang tertahan" in page
    assert "1 berkas berjalan sebagaimana mestinya." in page
    run = begun(kecamatan)
    page = siti.get("/papan").text
    assert "Undangan &lt;rapat&gt;" in page
    assert "Belum diambil sejak Selasa, 17 November 2026 oleh pemegang jabatan Pengadministrasi Umum." in page
    assert "Menunggu 4 hari kerja" in page
    assert f"/papan/berkas/{run}?dari=/papan#ingatkan" in page
    task = task_of(kecamatan.database, run).id
    act = {"tugas": str(task), "dari": "/papan?urut=tenggat"}
    answer = siti.post(f"/papan/berkas/{run}/ingatkan", catatan="Mohon segera", **act)
    assert answer.location == "/papan?urut=tenggat"
    assert "Pengingat sudah dikirim." in siti.follow(answer)
    again = siti.post(f"/papan/berkas/{run}/ingatkan", catatan="Ayo <segera>", **act)
    assert again.status_code == 409
    assert "sudah diingatkan" in again.text
    assert "Ayo &lt;segera&gt;" in again.text
    refused = siti.post(f"/papan/berkas/{run}/alihkan", **act)
    assert (refused.status_code, "Pilih dahulu kepada siapa" in refused.text) == (422, True)
    given = siti.post(f"/papan/berkas/{run}/alihkan", kepada=str(kecamatan.people["dedi"]), **act)
    assert "Tugas sudah dialihkan." in siti.follow(given)
    assert task_of(kecamatan.database, run).claimed_by == kecamatan.people["dedi"]
    assert "Belum diambil sejak" not in siti.get("/papan").text


def test_a_substitute_is_named_from_the_board(kecamatan: Kecamatan, siti: Browser) -> None:
    run = begun(kecamatan, days=0)
    task = task_of(kecamatan.database, run).id
    with kecamatan.database.transaction() as session:
        rina = offices.actor(session, kecamatan.people["rina"], NOW)
        tasks.claim(session, rina, task, NOW)
        absences.note(session, rina, rina.id, NOW.date(), NOW.date() + DAY, None, "Diklat", NOW)
    page = siti.get("/papan").text
    assert "Rina Wulandari tidak di tempat sampai Selasa, 24 November 2026 dan tidak ada penggantinya." in page
    person = {"orang_pergi": str(kecamatan.people["rina"])}
    refused = siti.post(f"/papan/berkas/{run}/pengganti", **person)
    assert (refused.status_code, "Pilih dahulu siapa" in refused.text) == (422, True)
    named = siti.post(f"/papan/berkas/{run}/pengganti", pengganti=str(kecamatan.people["budi"]), **person)
    page = siti.follow(named)
    assert "Pengganti sudah ditunjuk" in page
    assert "Tidak ada berkas yang tertahan" in page
    assert task_of(kecamatan.database, run).claimed_by == kecamatan.people["budi"]


def test_what_is_suspended_goes_on_or_is_given_up(kecamatan: Kecamatan, siti: Browser) -> None:
    run = begun(kecamatan)
    refused = siti.post(f"/papan/berkas/{run}/tangguhkan", catatan=" ")
    assert refused.status_code == 422
    page = siti.follow(siti.post(f"/papan/berkas/{run}/tangguhkan", catatan="Menunggu data desa"))
    assert "Berkas ditangguhkan." in page
    assert "Tidak ada berkas yang tertahan" in page
    held = siti.get("/papan?tampil=ditangguhkan").text
    assert "Undangan &lt;rapat&gt;" in held
    assert "#lanjutkan" in held
    assert state(kecamatan.database, run) is RunState.SUSPENDED
    assert "Berkas dilanjutkan." in siti.follow(siti.post(f"/papan/berkas/{run}/lanjutkan"))
    assert "Berkas dibatalkan." in siti.follow(siti.post(f"/papan/berkas/{run}/batalkan", catatan="Tidak jadi"))
    assert state(kecamatan.database, run) is RunState.CANCELLED
    assert siti.get(f"/papan/berkas/{run}").status_code == 404
    assert siti.post(f"/papan/berkas/{run}/batalkan", catatan="Lagi").status_code == 404


def test_a_vacant_jabatan_is_named(kecamatan: Kecamatan, siti: Browser) -> None:
    run = begun(kecamatan, days=0)
    with kecamatan.database.transaction() as session:
        jabatan = kecamatan.jabatan["Pengadministrasi Umum"]
        session.execute(update(Holding).where(Holding.jabatan_id == jabatan).values(until=NOW.date() - DAY))
    assert "Tidak ada yang memegang jabatan Pengadministrasi Umum saat ini." in siti.get("/papan?sebab=vacant").text
    page = siti.get(f"/papan/berkas/{run}").text
    assert "Minta administrator kantor" in page
    assert "Kirim pengingat" not in page


def test_the_state_of_the_board_is_in_its_address(kecamatan: Kecamatan, siti: Browser) -> None:
    begun(kecamatan, subject="Undangan rapat")
    begun(kecamatan, subject="Laporan kinerja")
    rina, jabatan = kecamatan.people["rina"], kecamatan.jabatan["Pengadministrasi Umum"]
    for address, found in {
        "": ["Undangan rapat", "Laporan kinerja"],
        "?cari=laporan": ["Laporan kinerja"],
        f"?sop={kecamatan.sop}&jabatan={jabatan}&urut=tenggat": ["Undangan rapat", "Laporan kinerja"],
        f"?orang={rina}&tampil=semua": [],
        "?sebab=unclaimed&urut=terbaru": ["Undangan rapat", "Laporan kinerja"],
        "?sebab=damaged": [],
        "?sebab=apa&tampil=apa&urut=apa&kelompok=apa&sop=x&setelah=x": ["Undangan rapat", "Laporan kinerja"],
        "?tampil=lewat": ["Undangan rapat", "Laporan kinerja"],
    }.items():
        page = siti.get(f"/papan{address}").text
        assert [subject for subject in ("Undangan rapat", "Laporan kinerja") if f">{subject}</a>" in page] == found
    for group, link in {
        "sop": f"sop={kecamatan.sop}",
        "jabatan": f"jabatan={jabatan}",
        "sebab": "sebab=unclaimed",
    }.items():
        assert link in siti.get(f"/papan?kelompok={group}").text.replace("&amp;", "&")
    assert "Kelompokkan" in siti.get("/papan?kelompok=orang").text


def test_thresholds_are_set_on_a_page(kecamatan: Kecamatan, siti: Browser) -> None:
    begun(kecamatan, days=3)
    assert "Belum diambil sejak" in siti.get("/papan").text
    refused = siti.post("/papan/ambang", unclaimed="nol", idle="2", returned="3")
    assert (refused.status_code, 'value="nol"' in refused.text) == (422, True)
    assert "Ambang disimpan." in siti.follow(siti.post("/papan/ambang", unclaimed="5", idle="2", returned="3"))
    assert "Belum diambil sejak" not in siti.get("/papan").text
    with kecamatan.database.reading() as session:
        assert session.get_one(Office, kecamatan.office).thresholds == {"unclaimed": 5}


def test_only_managers_see_the_board_and_only_of_their_office(
    kecamatan: Kecamatan, log_in: LogIn, siti: Browser
) -> None:
    run = begun(kecamatan)
    rina, asing = log_in("rina"), log_in("asing")
    assert "/papan" not in rina.get("/tugas").text
    assert 'href="/papan"' in siti.get("/tugas").text
    pages = ["/papan", f"/papan/berkas/{run}", "/papan/ambang"]
    acts = [f"/papan/berkas/{run}/{act}" for act in ("ingatkan", "alihkan", "pengganti", "tangguhkan", "lanjutkan")]
    for path in pages:
        assert rina.get(path).status_code == 403
    for path in (*acts, "/papan/ambang", f"/papan/berkas/{run}/batalkan"):
        refused = rina.post(
            path, catatan="Alasan", tugas="1", kepada="1", orang_pergi="1", pengganti="2", unclaimed="9"
        )
        assert refused.status_code == 403
    with kecamatan.database.transaction() as session:
        session.get_one(Person, kecamatan.people["asing"]).rights = [Right.MANAGER]
    assert "Undangan" not in asing.get("/papan?tampil=semua").text
    assert asing.get(f"/papan/berkas/{run}").status_code == 404
    assert asing.post(f"/papan/berkas/{run}/batalkan", catatan="Alasan").status_code == 404
    assert state(kecamatan.database, run) is RunState.RUNNING
