"""What the modeler's script asks of the server: what is kept, what is wrong so far, and to save."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.test import TestResponse

from tests.web.conftest import LETTER, Browser, Kecamatan

LogIn = Callable[[str], Browser]


def check(browser: Browser, sop: int, xml: bytes) -> TestResponse:
    headers = {"X-CSRFToken": browser.token(), "Accept": "application/json", "Content-Type": "application/xml"}
    return browser.client.post(f"/sop/{sop}/periksa", data=xml, headers=headers)


def test_a_diagram_is_checked_without_being_kept(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst = log_in("analis")
    answer = check(analyst, kecamatan.sop, LETTER.replace(b'value="2 jam"', b'value="kapan-kapan"'))
    (finding,) = [one for one in answer.get_json()["findings"] if one["element"] == "langkah_2"]
    assert finding["severity"] == "warning"
    assert "kapan-kapan" in finding["message"]
    assert analyst.get(f"/sop/{kecamatan.sop}/draf.bpmn").data == LETTER


def test_a_lane_that_names_no_jabatan_of_the_office_is_told(kecamatan: Kecamatan, log_in: LogIn) -> None:
    answer = check(log_in("analis"), kecamatan.sop, LETTER.replace(b'name="Camat"', b'name="Juru Tulis"'))
    (finding,) = [one for one in answer.get_json()["findings"] if one["element"] == "lajur_3"]
    assert finding["message"].startswith("Lajur “Juru Tulis” bukan nama jabatan di kantor ini")


def test_what_cannot_be_read_is_told_in_a_sentence(kecamatan: Kecamatan, log_in: LogIn) -> None:
    answer = check(log_in("analis"), kecamatan.sop, b"<html/>")
    assert answer.status_code == 422
    assert answer.get_json()["message"]


def test_who_saved_what_when_is_told(kecamatan: Kecamatan, log_in: LogIn) -> None:
    analyst = log_in("analis")
    path = f"/sop/{kecamatan.sop}/draf"
    untouched = analyst.get(path).get_json()
    assert (untouched["revision"], untouched["saved_by"], untouched["saved_at"]) == (0, None, None)
    changed = LETTER.replace(b"2 jam", b"3 jam")
    assert analyst.put(path, changed, 0).get_json()["revision"] == 1
    kept = analyst.get(path).get_json()
    assert (kept["revision"], kept["saved_by"]) == (1, "Ana Lestari")
    assert kept["saved_at"]
    assert kept["xml"].encode() == changed


def test_only_analysts_of_the_office_draw(kecamatan: Kecamatan, log_in: LogIn) -> None:
    for username, status in (("rina", 403), ("asing", 404)):
        browser = log_in(username)
        assert check(browser, kecamatan.sop, LETTER).status_code == status
        assert browser.get(f"/sop/{kecamatan.sop}/draf").status_code == status
        assert browser.get(f"/sop/{kecamatan.sop}/ubah").status_code == status
