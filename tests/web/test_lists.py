"""Stories of the task lists and of what is typed on a task's page: narrowed by address, many at once, drafts, forms."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask, url_for

from engine import definitions, offices, runs, tasks, words
from engine.queries import paging
from engine.states import Right
from engine.tables import Task
from tests.web.conftest import SEND_BACK, Browser, Kecamatan
from web import local

LogIn = Callable[[str], Browser]
ELEMENTS = Path(__file__).parents[1] / "bpmn" / "fixtures" / "elements"
SUBJECTS = ("Undangan rapat", "Laporan kinerja", "Undangan pelantikan")


@pytest.fixture
def started(kecamatan: Kecamatan, log_in: LogIn) -> list[int]:
    """The first tasks of three runs."""
    rina = log_in("rina")
    for subject in SUBJECTS:
        rina.post(f"/sop/{kecamatan.sop}/mulai", perihal=subject)
    return sorted({int(task) for task in re.findall(r'href="/tugas/(\d+)["?]', rina.get("/tugas/jabatan").text)})


def shown(browser: Browser, path: str) -> list[str]:
    page = browser.get(path)
    assert page.status_code == 200
    return [subject for subject in SUBJECTS if subject in page.text]


def test_an_address_is_a_saved_view(started: list[int], log_in: LogIn) -> None:
    rina = log_in("rina")
    assert shown(rina, "/tugas/jabatan?cari=undangan") == ["Undangan rapat", "Undangan pelantikan"]
    assert shown(rina, "/tugas/jabatan?cari=undangan+pel&urut=terbaru") == ["Undangan pelantikan"]
    assert shown(rina, "/tugas/jabatan?tenggat=lewat") == []
    assert shown(rina, "/tugas/jabatan?kembali=ya") == []
    page = rina.get("/tugas/jabatan?cari=%22%3E%3Cscript%3E&urut=terbaru").text
    assert "<script>" not in page.replace('<script type="module"', "")
    assert 'value="terbaru" selected' in page
    assert "Tidak ada yang cocok" in page


@pytest.mark.parametrize(
    "query",
    ["sop=x", "sop=99999999999", "jabatan=-1", "tenggat=kemarin", "urut=acak", "setelah=abc", "cari=" + "x" * 999],
)
def test_what_an_address_says_wrongly_is_not_asked_for(started: list[int], log_in: LogIn, query: str) -> None:
    for path in ("/tugas", "/tugas/jabatan", "/tugas/menunggu", "/tugas/selesai"):
        assert log_in("rina").get(f"{path}?{query}").status_code == 200


def test_many_are_claimed_and_released_and_the_list_is_as_it_was(started: list[int], log_in: LogIn) -> None:
    rina = log_in("rina")
    back = "/tugas/jabatan?cari=undangan"
    answer = rina.post("/tugas/ambil", tugas=[str(task) for task in started[:2]], kembali_ke=back)
    assert answer.location == back
    assert "Tugas yang dipilih sudah Anda ambil." in rina.follow(answer)
    assert len(shown(rina, "/tugas")) == 2
    went = rina.follow(rina.post("/tugas/ambil", tugas=[str(started[2]), "99999"], kembali_ke="/tugas"))
    assert "1 dari 2 tugas berhasil." in went
    went = rina.follow(rina.post("/tugas/lepas", tugas=[str(task) for task in started], kembali_ke="/tugas"))
    assert "Tugas yang dipilih sudah dilepas." in went
    assert shown(rina, "/tugas") == []
    assert rina.post("/tugas/ambil", kembali_ke="https://jahat.example/").location == "/"


def test_what_was_sent_on_is_in_menunggu_and_what_was_done_in_selesai(started: list[int], log_in: LogIn) -> None:
    rina = log_in("rina")
    rina.post(f"/tugas/{started[0]}/ambil")
    rina.post(f"/tugas/{started[0]}/selesai", catatan="Siap")
    assert shown(rina, "/tugas/menunggu") == [SUBJECTS[0]]
    assert "Menunggu Sekretaris Kecamatan: Memeriksa konsep surat" in rina.get("/tugas/menunggu").text
    assert shown(rina, "/tugas/selesai?cari=rapat") == [SUBJECTS[0]]
    assert shown(log_in("siti"), "/tugas/menunggu") == []


def test_a_draft_is_kept_by_its_button_and_by_the_page_itself(started: list[int], log_in: LogIn) -> None:
    rina, budi = log_in("rina"), log_in("budi")
    task = started[0]
    rina.post(f"/tugas/{task}/ambil")
    assert "Draf tersimpan." in rina.follow(rina.post(f"/tugas/{task}/simpan", catatan="Baru separuh"))
    assert ">Baru separuh</textarea>" in rina.get(f"/tugas/{task}").text
    script = {"data": {"csrf_token": rina.token(), "catatan": "Hampir"}, "headers": {"Accept": "application/json"}}
    answer = rina.client.post(f"/tugas/{task}/simpan", **script)
    assert (answer.status_code, answer.json) == (200, {"message": "Draf tersimpan."})
    assert ">Hampir</textarea>" in rina.get(f"/tugas/{task}").text
    script = {"data": {"csrf_token": budi.token(), "catatan": "x"}, "headers": {"Accept": "application/json"}}
    answer = budi.client.post(f"/tugas/{task}/simpan", **script)
    assert answer.status_code in (403, 409)
    assert answer.json is not None


def publish(kecamatan: Kecamatan, element: str, now: datetime) -> int:
    """An SOP of one of the elements, whose three jabatan are all held by Siti."""
    with kecamatan.database.transaction() as session:
        analyst = offices.add_person(
            session, kecamatan.office, "perancang", "Perancang", "rahasia", frozenset({Right.ANALYST})
        )
        who = offices.actor(session, analyst, now)
        sop = definitions.add(session, who, (ELEMENTS / f"{element}.bpmn").read_bytes(), now)
        definitions.add_missing_jabatan(session, who, sop)
        definitions.publish(session, who, sop, "Versi pertama", now)
        for name in ("Camat", "Sekretaris", "Kasubag Umum"):
            _, jabatan = offices.add_jabatan(session, kecamatan.office, name)
            offices.hold(session, kecamatan.people["siti"], jabatan, now.date())
        return sop


def begun(kecamatan: Kecamatan, siti: Browser, element: str, now: datetime) -> tuple[int, str]:
    """A run of the SOP of an element, and its first task, which Siti has claimed."""
    sop = publish(kecamatan, element, now)
    with kecamatan.database.transaction() as session:
        run = runs.start(session, offices.actor(session, kecamatan.people["siti"], now), sop, "Uji", now)
    (task,) = set(re.findall(r'href="/tugas/(\d+)["?]', siti.get(f"/berkas/{run}").text))
    siti.post(f"/tugas/{task}/ambil")
    return run, task


def test_a_form_is_filled_in_refused_with_what_was_typed_and_finished(
    kecamatan: Kecamatan, log_in: LogIn, now: datetime
) -> None:
    siti = log_in("siti")
    _, found = begun(kecamatan, siti, "form_fields", now)
    page = siti.get(f"/tugas/{found}").text
    names = re.findall(r'name="(isian\.\w+)"', page)
    assert len(names) >= 4
    answer = siti.post(f"/tugas/{found}/selesai", isian="ada", **dict.fromkeys(names, "Tulisan <asli>"))
    assert answer.status_code == 422
    assert "Tulisan &lt;asli&gt;" in answer.text
    good = {}
    for name in names:
        kind = re.search(rf'name="{re.escape(name)}" type="date"', page)
        number = re.search(rf'name="{re.escape(name)}" type="text" inputmode="numeric"', page)
        option = re.search(rf'<select[^>]*name="{re.escape(name)}".*?<option value="(\w+)"', page, re.DOTALL)
        good[name] = "2026-12-01" if kind else "3" if number else option[1] if option else "ya"
    assert siti.post(f"/tugas/{found}/selesai", isian="ada", **good).status_code == 302
    with kecamatan.database.reading() as session:
        assert session.get_one(Task, int(found)).entries


def test_several_ways_are_ticked(kecamatan: Kecamatan, log_in: LogIn, now: datetime) -> None:
    siti = log_in("siti")
    run, found = begun(kecamatan, siti, "inclusive_gateway", now)
    page = siti.get(f"/tugas/{found}").text
    ways = re.findall(r'type="checkbox" id="ke-\d+" name="keputusan" value="(\w+)"', page)
    assert len(ways) >= 2
    assert siti.post(f"/tugas/{found}/selesai", keputusan=ways).status_code == 302
    assert len(set(re.findall(r'href="/tugas/(\d+)["?]', siti.get(f"/berkas/{run}").text))) >= 2


def test_a_return_asks_for_no_form(kecamatan: Kecamatan, started: list[int], log_in: LogIn, now: datetime) -> None:
    with kecamatan.database.transaction() as session:
        rina = offices.actor(session, kecamatan.people["rina"], now)
        tasks.claim(session, rina, started[0], now)
        tasks.complete(session, rina, started[0], None, "", now)
    budi = log_in("budi")
    (task,) = set(re.findall(r'href="/tugas/(\d+)["?]', budi.get("/tugas/jabatan").text))
    budi.post(f"/tugas/{task}/ambil")
    assert budi.post(f"/tugas/{task}/selesai", keputusan=SEND_BACK, catatan="Perbaiki").status_code == 302


def test_a_run_is_started_once_with_its_agenda_number_and_found_by_it(kecamatan: Kecamatan, log_in: LogIn) -> None:
    rina = log_in("rina")
    start = f"/sop/{kecamatan.sop}/mulai"
    key = re.findall(r'name="kunci" value="([^"]+)"', rina.get(start).text)[0]
    sent = {"perihal": "Undangan rapat", "agenda": " 005/12/2026 ", "kunci": key}
    first, again = rina.post(start, **sent), rina.post(start, **sent)
    assert first.location == again.location
    assert rina.post(start, **{**sent, "perihal": "Lain"}).status_code == 409
    assert shown(rina, "/tugas/jabatan?cari=005+12") == ["Undangan rapat"]
    assert '<span class="nomor">005/12/2026</span>' in rina.get(first.location).text
    answer = rina.post(start, perihal="Rapat", agenda="9" * 61)
    assert answer.status_code == 422
    assert "9" * 61 in answer.text


# -- to a task, and back ----------------------------------------------------------------------------------------------

LIST = "/tugas/jabatan?cari=undangan&urut=terbaru"
FROM_LIST = "dari=/tugas/jabatan?cari%3Dundangan%26urut%3Dterbaru"


def test_a_task_leads_back_to_the_list_one_came_from(started: list[int], log_in: LogIn) -> None:
    rina = log_in("rina")
    assert f'href="/tugas/{started[0]}?{FROM_LIST}"' in rina.get(LIST).text
    assert f'<a href="{LIST.replace("&", "&amp;")}">Tugas</a>' in rina.get(f"/tugas/{started[0]}?{FROM_LIST}").text
    claimed = rina.post(f"/tugas/{started[0]}/ambil", dari=LIST)
    assert claimed.location == f"/tugas/{started[0]}?{FROM_LIST}"
    assert f'name="dari" value="{LIST.replace("&", "&amp;")}"' in rina.follow(claimed)
    assert rina.post(f"/tugas/{started[0]}/lepas", dari=LIST).location == LIST
    rina.post(f"/tugas/{started[0]}/ambil")
    done = rina.post(f"/tugas/{started[0]}/selesai", dari=LIST)
    assert done.location == LIST
    assert "diteruskan ke" in rina.follow(done)


def test_a_refused_finish_still_knows_the_list(started: list[int], log_in: LogIn) -> None:
    rina = log_in("rina")
    answer = rina.post(f"/tugas/{started[0]}/selesai", dari=LIST)
    assert answer.status_code == 403
    assert f'<a href="{LIST.replace("&", "&amp;")}">Tugas</a>' in answer.text


@pytest.mark.parametrize("path", ["https://jahat.example/", "//jahat.example", "/\\jahat.example", "javascript:x"])
def test_no_way_back_leads_to_another_site(started: list[int], log_in: LogIn, path: str) -> None:
    rina = log_in("rina")
    page = rina.get(f"/tugas/{started[0]}", query_string={"dari": path}).text
    assert f'href="{path}' not in page
    assert 'name="dari"' not in page
    assert rina.post(f"/tugas/{started[0]}/ambil", dari=path).location == f"/tugas/{started[0]}"
    assert rina.post(f"/tugas/{started[0]}/lepas", dari=path).location == "/tugas/jabatan"


# -- somebody was first -----------------------------------------------------------------------------------------------


def test_a_task_that_somebody_just_claimed_says_who_and_what_to_do(started: list[int], log_in: LogIn) -> None:
    log_in("dedi").post(f"/tugas/{started[0]}/ambil")
    answer = log_in("rina").post(f"/tugas/{started[0]}/ambil", dari=LIST)
    assert answer.status_code == 409
    assert "Tugas ini sudah diambil oleh Dedi Kurniawan. Pilih tugas lain dari daftar." in answer.text
    assert f'<a href="{LIST.replace("&", "&amp;")}">Tugas</a>' in answer.text


def test_a_finish_sent_twice_is_one_and_with_another_note_it_is_told(started: list[int], log_in: LogIn) -> None:
    rina = log_in("rina")
    finish = f"/tugas/{started[0]}/selesai"
    rina.post(f"/tugas/{started[0]}/ambil")
    assert rina.post(finish, catatan="Siap").status_code == 302
    assert rina.post(finish, catatan=" Siap\r\n").status_code == 302
    answer = rina.post(finish, catatan="Tulisan di tab lain")
    assert answer.status_code == 409
    assert "sudah tidak terbuka lagi" in answer.text
    assert "Yang Anda tulis belum terkirim" in answer.text
    assert re.search(r'action="/berkas/\d+/catatan".*Tulisan di tab lain</textarea>', answer.text, re.DOTALL)


def test_what_was_typed_for_a_cancelled_run_is_kept_and_can_be_sent_as_a_comment(
    kecamatan: Kecamatan, started: list[int], log_in: LogIn, now: datetime
) -> None:
    rina = log_in("rina")
    rina.post(f"/tugas/{started[0]}/ambil")
    run = manage(kecamatan, runs.cancel, started[0], now)
    answer = rina.post(f"/tugas/{started[0]}/selesai", catatan="Hampir selesai")
    assert answer.status_code == 409
    assert "Berkas ini sudah dibatalkan." in answer.text
    assert "Tugas ini ditarik" in answer.text
    assert "Hampir selesai</textarea>" in answer.text
    rina.post(f"/berkas/{run}/catatan", catatan="Hampir selesai")
    assert "Hampir selesai" in rina.get(f"/berkas/{run}").text


def test_what_was_typed_for_a_suspended_run_stays_in_its_form(
    kecamatan: Kecamatan, started: list[int], log_in: LogIn, now: datetime
) -> None:
    rina = log_in("rina")
    rina.post(f"/tugas/{started[0]}/ambil")
    manage(kecamatan, runs.suspend, started[0], now)
    answer = rina.post(f"/tugas/{started[0]}/selesai", catatan="Hampir selesai")
    assert answer.status_code == 409
    assert "sedang ditangguhkan" in answer.text
    assert "Hampir selesai</textarea>" in answer.text


def manage(kecamatan: Kecamatan, act: Callable[..., None], task: int, now: datetime) -> int:
    """What a manager does with the run of a task."""
    with kecamatan.database.transaction() as session:
        person = offices.add_person(
            session, kecamatan.office, "kepala", "Kepala", "rahasia sekali", frozenset({Right.MANAGER})
        )
        run = session.get_one(Task, task).run_id
        act(session, offices.actor(session, person, now), run, "Ada perubahan", now)
        return run


def test_a_list_tells_its_count_and_when_it_was_read(started: list[int], log_in: LogIn) -> None:
    rina = log_in("rina")
    page = rina.get("/tugas/jabatan").text
    assert "<title>(3) Tugas Jabatan" in page
    assert "Diperbarui 09.00" in page
    assert "<title>Tugas Saya" in rina.get("/tugas").text


def test_many_rows_come_page_by_page(kecamatan: Kecamatan, log_in: LogIn, now: datetime) -> None:
    with kecamatan.database.transaction() as session:
        who = offices.actor(session, kecamatan.people["rina"], now)
        for number in range(60):
            runs.start(session, who, kecamatan.sop, f"Berkas {number}", now)
    rina = log_in("rina")
    first = rina.get("/tugas/jabatan?cari=berkas").text
    assert first.count('data-row="tugas-') == 50
    more = re.search(r'rel="next" href="([^"]+)"', first)
    assert more
    address = more[1].replace("&amp;", "&")
    assert "cari=berkas" in address
    assert rina.get(address).text.count('data-row="tugas-') == 10


def test_a_search_through_very_much_says_that_it_was_broken_off(
    started: list[int], log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "FEW", 0)
    monkeypatch.setattr(paging, "REACH", 1)
    rina = log_in("rina")
    page = rina.get("/tugas/jabatan?cari=pelantikan").text
    assert "Belum ada yang cocok" in page
    while "Cari lebih jauh" in page:
        further = re.search(r'rel="next" href="([^"]+)"', page)
        assert further
        page = rina.get(further[1].replace("&amp;", "&")).text
    assert "Undangan pelantikan" in page


def test_the_addresses_of_rows_are_those_of_the_router(app: Flask) -> None:
    for root, again in (("", "/tugas?cari=2147483647&urut=terbaru"), ("/lajur", "/berkas")):
        with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": root}):
            address = local.numbered("tasks.one", "task_id", dari=again)
            for task in (1, 2**31 - 1):
                assert address(task) == url_for("tasks.one", task_id=task, dari=again)
