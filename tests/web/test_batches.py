"""Stories of acts on many: chosen on the board, shown, done, and found again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select

from engine import offices, runs, tasks
from engine.database import Database
from engine.states import Right, RunState, TaskState
from engine.tables import Batch, Person, Run, Task
from tests.web.conftest import Browser, Kecamatan
from tests.web.test_queries_per_page import counting

LogIn = Callable[[str], Browser]

BOARD = "/papan?sebab=idle"


@pytest.fixture
def letters(kecamatan: Kecamatan, now: datetime) -> list[int]:
    """Three runs at their first step, the first of which Rina has; and Siti may manage."""
    with kecamatan.database.transaction() as session:
        session.get_one(Person, kecamatan.people["siti"]).rights = [Right.MANAGER]
        rina = offices.actor(session, kecamatan.people["rina"], now)
        found = [runs.start(session, rina, kecamatan.sop, f"Surat <{number}>", now) for number in range(3)]
        task = session.scalars(select(Task.id).where(Task.run_id == found[0])).one()
        tasks.claim(session, rina, task, now)
    return found


def hidden(page: str) -> dict[str, list[str]]:
    """What the form of a preview sends along, its ticks and selects as they are."""
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", page):
        name = re.search(r'name="(\w+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and value and name[1] not in ("csrf_token", "orang", "cari"):
            fields.setdefault(name[1], []).append(value[1])
    fields["penerima"] = re.findall(r'<option value="([^"]*)" selected>', page)
    return fields


def preview(browser: Browser, act: str, ids: list[int], **more: object) -> str:
    answer = browser.post("/papan/tindakan", tindakan=act, berkas=ids, kembali_ke=BOARD, **more)
    assert answer.status_code == 200, answer.text
    return answer.text


def states(database: Database) -> list[RunState]:
    with database.reading() as session:
        return list(session.scalars(select(Run.state).order_by(Run.id)))


def test_a_manager_reminds_many_and_sees_before_and_after_whom(
    kecamatan: Kecamatan, log_in: LogIn, letters: list[int]
) -> None:
    siti = log_in("siti")
    page = preview(siti, "ingatkan", letters)
    assert "Ingatkan: 3 berkas" in page
    assert "diingatkan Rina Wulandari (belum ada alamat e-mail)." in page
    assert "Dedi Kurniawan" in page
    assert "Surat &lt;0&gt;" in page
    went = siti.post("/papan/tindakan/jalankan", **hidden(page) | {"catatan": ["Mohon segera <ini>"]})
    done = siti.follow(went)
    assert "Tindakan selesai dijalankan." in done
    assert "Mohon segera &lt;ini&gt;" in done
    assert "diingatkan Rina Wulandari" in done
    assert f'href="{BOARD}"' in done
    assert "Mohon segera" in log_in("rina").get("/pemberitahuan").text
    listed = siti.get("/papan/tindakan").text
    assert "Ingatkan" in listed
    assert "Siti Aminah" in listed
    page = preview(siti, "ingatkan", letters)
    assert page.count("sudah diingatkan dalam satu jam terakhir") == 3
    assert "Ingatkan yang dicentang" not in page


def test_what_is_unticked_stays_as_it_was(kecamatan: Kecamatan, log_in: LogIn, letters: list[int]) -> None:
    siti = log_in("siti")
    fields = hidden(preview(siti, "tangguhkan", letters)) | {"catatan": ["Menunggu anggaran"]}
    fields["berkas"] = [str(one) for one in letters[:2]]
    done = siti.follow(siti.post("/papan/tindakan/jalankan", **fields))
    assert "Tangguhkan: 2 berkas" in done
    assert states(kecamatan.database) == [RunState.SUSPENDED, RunState.SUSPENDED, RunState.RUNNING]
    assert "Lanjutkan semuanya" in done
    again = {"tindakan": "lanjutkan", "kembali_ke": "/papan", "berkas": letters[:2]}
    page = siti.post("/papan/tindakan", **again).text
    assert "Lanjutkan: 2 berkas" in page
    siti.post("/papan/tindakan/jalankan", **hidden(page))
    assert states(kecamatan.database) == [RunState.RUNNING] * 3
    assert "Lanjutkan semuanya" not in siti.get("/papan/tindakan/1").text


def test_without_a_reason_nothing_happens_and_what_was_chosen_is_kept(
    kecamatan: Kecamatan, log_in: LogIn, letters: list[int]
) -> None:
    siti = log_in("siti")
    page = preview(siti, "batalkan", letters)
    answer = siti.post("/papan/tindakan/jalankan", **hidden(page) | {"catatan": [" "]})
    assert answer.status_code == 422
    assert "Tuliskan alasannya terlebih dahulu" in answer.text
    assert 'role="alert"' in answer.text
    assert hidden(answer.text)["berkas"] == [str(one) for one in letters]
    assert states(kecamatan.database) == [RunState.RUNNING] * 3


def test_what_changed_in_between_is_marked_and_not_done(
    kecamatan: Kecamatan, log_in: LogIn, letters: list[int], now: datetime
) -> None:
    siti = log_in("siti")
    page = preview(siti, "ingatkan", letters)
    with kecamatan.database.transaction() as session:
        dedi = offices.actor(session, kecamatan.people["dedi"], now)
        tasks.claim(session, dedi, session.scalars(select(Task.id).where(Task.run_id == letters[1])).one(), now)
    answer = siti.post("/papan/tindakan/jalankan", **hidden(page) | {"catatan": ["Mohon"]})
    assert answer.status_code == 409
    assert "Keadaannya berubah sejak pratinjau" in answer.text
    assert answer.text.count("Berubah sejak pratinjau") == 1
    assert ">Mohon</textarea>" in answer.text
    assert siti.post("/papan/tindakan/jalankan", **hidden(answer.text)).status_code == 302


def test_a_double_click_does_it_once(kecamatan: Kecamatan, log_in: LogIn, letters: list[int]) -> None:
    siti = log_in("siti")
    fields = hidden(preview(siti, "tangguhkan", letters)) | {"catatan": ["Menunggu"]}
    first = siti.post("/papan/tindakan/jalankan", **fields)
    second = siti.post("/papan/tindakan/jalankan", **fields)
    assert first.location == second.location
    with kecamatan.database.reading() as session:
        assert len(session.scalars(select(Batch.id)).all()) == 1


def test_tasks_are_given_to_whom_the_manager_chooses(kecamatan: Kecamatan, log_in: LogIn, letters: list[int]) -> None:
    siti = log_in("siti")
    page = preview(siti, "alihkan", letters)
    assert page.count("Belum dipilih siapa yang menerima") == 3
    jabatan, dedi = kecamatan.jabatan["Pengadministrasi Umum"], kecamatan.people["dedi"]
    chosen = hidden(page) | {"penerima": [f"{jabatan}:{dedi}"]}
    page = siti.post("/papan/tindakan/jalankan", **chosen).text
    assert "Pratinjau diperbarui menurut penerima yang Anda pilih" in page
    assert "dari Rina Wulandari kepada Dedi Kurniawan" in page
    assert "yang belum diambil: kepada Dedi Kurniawan" in page
    assert siti.post("/papan/tindakan/jalankan", **hidden(page)).status_code == 302
    with kecamatan.database.reading() as session:
        assert set(session.scalars(select(Task.claimed_by))) == {dedi}


def test_the_only_one_who_can_receive_is_chosen_at_once(
    kecamatan: Kecamatan, log_in: LogIn, letters: list[int]
) -> None:
    page = preview(log_in("siti"), "alihkan", letters[:1])
    assert "dari Rina Wulandari kepada Dedi Kurniawan" in page


def test_all_tasks_of_somebody_who_leaves_are_handed_over(
    kecamatan: Kecamatan, log_in: LogIn, letters: list[int]
) -> None:
    siti = log_in("siti")
    went = siti.post("/papan/tindakan", tindakan="limpahkan", berkas=letters, kembali_ke=BOARD)
    assert went.location == f"/papan/tindakan/limpahkan?dari={kecamatan.people['rina']}"
    page = siti.get(went.location).text
    assert "Penerima 1 tugas jabatan Pengadministrasi Umum" in page
    fields = hidden(page) | {"catatan": ["Pindah ke kabupaten"]}
    page = siti.post("/papan/tindakan", **fields).text
    assert "dari Rina Wulandari kepada Dedi Kurniawan" in page
    done = siti.follow(siti.post("/papan/tindakan/jalankan", **hidden(page) | {"catatan": ["Pindah"]}))
    assert "Limpahkan: 1 berkas" in done
    with kecamatan.database.reading() as session:
        claimed = session.scalars(select(Task).where(Task.state == TaskState.CLAIMED)).one()
        assert claimed.claimed_by == kecamatan.people["dedi"]
    page = siti.get(f"/papan/tindakan/limpahkan?dari={kecamatan.people['rina']}").text
    assert "Tidak ada tugas di tangannya." in page
    assert siti.get("/papan/tindakan/limpahkan").status_code == 200


def test_nothing_chosen_leads_back_to_the_board_with_a_word(
    kecamatan: Kecamatan, log_in: LogIn, letters: list[int]
) -> None:
    siti = log_in("siti")
    answer = siti.post("/papan/tindakan", tindakan="ingatkan", kembali_ke="/berkas")
    assert answer.location == "/berkas"
    assert "Pilih satu berkas atau lebih terlebih dahulu." in siti.follow(answer)
    assert siti.post("/papan/tindakan", tindakan="hapus", berkas=letters).status_code == 400
    assert siti.post("/papan/tindakan", tindakan="ingatkan", kembali_ke="//jahat").location == "/"


def test_acts_on_many_are_for_managers(kecamatan: Kecamatan, log_in: LogIn, letters: list[int]) -> None:
    rina, siti = log_in("rina"), log_in("siti")
    fields = hidden(preview(siti, "tangguhkan", letters)) | {"catatan": ["Menunggu"]}
    assert siti.post("/papan/tindakan/jalankan", **fields).status_code == 302
    for path in ("/papan/tindakan", "/papan/tindakan/1", "/papan/tindakan/limpahkan"):
        assert rina.get(path).status_code == 403
    assert rina.post("/papan/tindakan", tindakan="ingatkan", berkas=letters).status_code == 403
    assert rina.post("/papan/tindakan/jalankan", **fields).status_code == 403
    assert siti.get("/papan/tindakan/99").status_code == 404
    assert siti.post("/papan/tindakan", tindakan="ingatkan", berkas=[9999]).status_code == 404


def test_where_there_are_no_acts_yet_the_list_says_how_to_begin(log_in: LogIn, letters: list[int]) -> None:
    assert "Belum ada tindakan" in log_in("siti").get("/papan/tindakan").text


def test_no_page_asks_more_where_more_was_done(kecamatan: Kecamatan, log_in: LogIn, letters: list[int]) -> None:
    siti = log_in("siti")
    asked = []
    for ids in (letters[:1], letters[1:]):
        went = siti.post("/papan/tindakan/jalankan", **hidden(preview(siti, "ingatkan", ids)))
        siti.get(went.location)  # tells that it is done
        counts = []
        for path in ("/papan/tindakan", "/papan/tindakan/1" if ids == letters[:1] else "/papan/tindakan/2"):
            with counting(kecamatan.database) as statements:
                assert siti.get(path).status_code == 200
            counts.append(len(statements))
        asked.append(counts)
    assert asked[0] == asked[1]
    assert max(asked[0]) <= 6
