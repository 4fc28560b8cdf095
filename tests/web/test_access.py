"""Who gets in, where the browser is sent, and what every answer carries."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from io import BytesIO

import pytest
from flask import Flask
from werkzeug.routing import Rule

from engine.database import Database
from engine.tables import Person
from tests.web.conftest import PASSWORD, Browser, Kecamatan, furnish, logged_in, make_app
from web import auth, create_app, local
from web.api import pages
from web.assets import AssetsMissing
from web.config import DemoPerson, Settings

LogIn = Callable[[str], Browser]


@pytest.fixture
def kecamatan(sqlite: Database, now: datetime) -> Kecamatan:
    return furnish(sqlite, now)


def test_the_front_page_is_the_task_list_of_whoever_logged_in(log_in: LogIn) -> None:
    budi = log_in("budi")
    assert budi.get("/").location == "/tugas"
    page = budi.get("/tugas").text
    assert "Budi Santoso" in page
    assert "Sekretaris Kecamatan" in page


def test_an_acting_official_is_shown_as_such(log_in: LogIn) -> None:
    assert "<span>Plt. Camat</span>" in log_in("siti").get("/tugas").text


def test_the_user_name_may_be_typed_in_capitals(app: Flask) -> None:
    assert Browser(app.test_client()).post("/masuk", nama=" BUDI ", sandi=PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("username", "password"), [("budi", "salah"), ("siapa", PASSWORD), ("", ""), ("bu\x00di", "x")]
)
def test_a_wrong_name_and_a_wrong_password_are_told_alike(app: Flask, username: str, password: str) -> None:
    answer = Browser(app.test_client()).post("/masuk", nama=username, sandi=password)
    assert answer.status_code == 401
    assert "Nama pengguna atau kata sandi salah." in answer.text


def test_the_typed_name_is_kept_and_the_password_is_not(app: Flask) -> None:
    page = Browser(app.test_client()).post("/masuk", nama='<b>"budi', sandi="rahasia sekali").text
    assert 'value="&lt;b&gt;&#34;budi"' in page
    assert "rahasia sekali" not in page


def test_a_session_planted_before_the_log_in_is_thrown_away(app: Flask) -> None:
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["planted"] = "yes"
        cookie["bahasa"] = "en"
    Browser(client).post("/masuk", nama="budi", sandi=PASSWORD)
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["bahasa"] == "en"
        assert cookie.permanent


def test_logging_out_ends_the_session(log_in: LogIn) -> None:
    budi = log_in("budi")
    assert budi.post("/keluar").location == "/masuk"
    assert budi.get("/tugas").location == "/masuk?next=/tugas"


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(app: Flask) -> None:
    cookie = app.test_client().get("/masuk").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_session_cookie_is_bound_to_https_where_there_is_https(kecamatan: Kecamatan, settings: Settings) -> None:
    app = make_app(kecamatan.database, dataclasses.replace(settings, secure_cookies=True))
    answer = app.test_client().get("/masuk", base_url="https://localhost")
    assert answer.headers["Set-Cookie"].startswith("__Host-lajur=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in answer.headers


def test_somebody_who_left_is_logged_out(app: Flask, kecamatan: Kecamatan, log_in: LogIn) -> None:
    budi = log_in("budi")
    with kecamatan.database.transaction() as session:
        session.get_one(Person, kecamatan.people["budi"]).active = False
    assert budi.get("/berkas").location == "/masuk?next=/berkas"
    assert budi.get("/tugas").location == "/masuk?next=/tugas"


# -- every route ------------------------------------------------------------------------------------------------------


OPEN = {"camunda.webapps", *(f"api.{name}" for name in pages.PUBLIC)}
"""What applications need no credentials for: where things are, and the documentation."""


def address(rule: Rule) -> str:
    path = rule.rule
    for argument in rule.arguments:
        path = path.replace(f"<id:{argument}>", "1").replace(f"<path:{argument}>", "x").replace(f"<{argument}>", "x")
    return path


def of_applications(rule: Rule) -> bool:
    """Whether it is for those who send credentials and no cookie: see test_camunda.py and test_api.py."""
    return rule.endpoint.partition(".")[0] in auth.WITH_CREDENTIALS


def test_every_route_needs_a_log_in_unless_listed(app: Flask) -> None:
    client = app.test_client()
    guarded = 0
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = client.open(address(rule), method=method)
            if rule.endpoint in auth.PUBLIC:
                assert answer.status_code != 302, rule
                continue
            guarded += 1
            if rule.endpoint in OPEN:
                assert answer.status_code in {200, 404}
            elif of_applications(rule):
                assert answer.status_code == 401
            elif method == "PUT":
                assert answer.status_code == 401
                assert "Masuk lagi" in answer.get_json()["message"]
            else:
                assert (answer.status_code, answer.location.split("?")[0]) == (302, "/masuk"), rule
    assert guarded > 15


def test_what_is_public_exists(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} >= auth.PUBLIC


def test_every_route_that_changes_something_wants_a_csrf_token(app: Flask, log_in: LogIn) -> None:
    budi = log_in("budi")
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) & {"POST", "PUT", "DELETE", "PATCH"}:
            answer = budi.client.open(address(rule), method=method)
            if of_applications(rule):
                assert answer.status_code == 401, rule
                continue
            assert answer.status_code == 400, rule
            told = answer.get_json()["message"] if method == "PUT" else answer.text
            assert "muat ulang halamannya" in told


def test_nothing_of_another_office_is_found(kecamatan: Kecamatan, app: Flask, log_in: LogIn) -> None:
    rina = log_in("rina")
    rina.post(f"/sop/{kecamatan.sop}/mulai", perihal="Surat pengantar SKCK")
    rina.post("/berkas/1/dokumen", dokumen=(BytesIO(b"Surat"), "surat.txt"))
    rina.post("/token", nama="Surat", izin="start")
    stranger = log_in("asing")
    walked = set()
    for rule in app.url_map.iter_rules():
        if not rule.arguments or rule.endpoint in auth.PUBLIC or of_applications(rule):
            continue
        path = address(rule)
        with rina.get(path) as own:
            assert own.status_code in {200, 403, 405}, rule
        if rule.methods and "GET" in rule.methods:
            answer = stranger.get(path)
        elif rule.methods and "PUT" in rule.methods:
            answer = stranger.put(path, b"<x/>", 0)
        else:
            answer = stranger.post(path, catatan="x", perihal="x")
        assert answer.status_code == 404, rule
        assert "Surat" not in answer.text
        walked.add(rule.endpoint)
    assert len(walked) >= 12


# -- where one is sent ------------------------------------------------------------------------------------------------


def test_after_the_log_in_one_goes_on_where_one_was(app: Flask) -> None:
    browser = Browser(app.test_client())
    sent = browser.get("/berkas?keadaan=semua")
    assert sent.location == "/masuk?next=/berkas?keadaan%3Dsemua"
    page = browser.get(sent.location).text
    assert 'name="next" value="/berkas?keadaan=semua"' in page
    answer = browser.post("/masuk", nama="budi", sandi=PASSWORD, next="/berkas?keadaan=semua")
    assert answer.location == "/berkas?keadaan=semua"
    assert browser.get("/masuk?next=/sop").location == "/sop"


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(app: Flask) -> None:
    client = app.test_client()
    here = client.post("/tugas/1/selesai", headers={"Referer": "http://localhost/tugas/1"})
    assert here.location == "/masuk?next=/tugas/1"
    elsewhere = client.post("/tugas/1/selesai", headers={"Referer": "http://evil.example/tugas/1"})
    assert elsewhere.location == "/masuk"


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "tugas",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "/x\\y",
        "/\x7f/evil.example",
    ],
)
def test_no_address_leads_to_another_site(app: Flask, wanted: str) -> None:
    assert local.path(wanted) == "/"
    assert Browser(app.test_client()).post("/masuk", nama="budi", sandi=PASSWORD, next=wanted).location == "/"


def test_a_path_of_this_site_is_kept() -> None:
    assert local.path("/tugas/5?x=1&y=a//b") == "/tugas/5?x=1&y=a//b"


# -- what every answer carries ----------------------------------------------------------------------------------------

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def test_every_answer_says_what_may_be_loaded(app: Flask, log_in: LogIn) -> None:
    budi = log_in("budi")
    for path in (
        "/masuk",
        "/tugas",
        "/berkas",
        "/sop",
        "/sop/1",
        "/versi/1.bpmn",
        "/tidak-ada",
        "/static/tidak-ada.css",
    ):
        headers = budi.get(path).headers
        assert headers["Content-Security-Policy"] == POLICY, path
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_only_the_modeler_may_style_elements(log_in: LogIn) -> None:
    answer = log_in("analis").get("/sop/1/ubah")
    assert answer.headers["Content-Security-Policy"] == POLICY + "; style-src-attr 'unsafe-inline'"


def test_pages_are_not_kept_by_browsers_and_built_files_are_kept_for_ever(app: Flask, log_in: LogIn) -> None:
    budi = log_in("budi")
    for path in ("/tugas", "/sop/1", "/versi/1.bpmn", "/tidak-ada"):
        assert budi.get(path).headers["Cache-Control"] == "no-store", path
    assert budi.get("/static/built/tidak-ada-0123ABCD.css").headers["Cache-Control"] == "no-cache"


def test_built_files_are_kept_for_ever(app: Flask, settings: Settings) -> None:
    app.static_folder = str(settings.assets.parent)
    (settings.assets.parent / "built").mkdir(exist_ok=True)
    (settings.assets.parent / "built" / "app-0123ABCD.css").write_text("")
    answer = app.test_client().get("/static/built/app-0123ABCD.css")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    answer.close()


# -- what goes wrong --------------------------------------------------------------------------------------------------


def test_an_unknown_page_says_so_and_leads_home(app: Flask, log_in: LogIn) -> None:
    for browser in (log_in("budi"), Browser(app.test_client())):
        answer = browser.get("/tidak-ada")
        assert answer.status_code == 404
        assert "Halaman ini tidak ada" in answer.text
        assert 'href="/"' in answer.text


@pytest.mark.parametrize(
    "path", ["/tugas/0", "/tugas/-1", "/tugas/2147483648", "/tugas/99999999999999999999", "/berkas/x"]
)
def test_an_id_that_no_database_holds_is_no_page(log_in: LogIn, path: str) -> None:
    assert log_in("budi").get(path).status_code == 404


@pytest.mark.parametrize("key", ["", "x", "-1", "99999999999999999999", "1e9", "\N{SUPERSCRIPT TWO}", "1' OR 1=1"])
def test_a_page_key_that_is_none_is_the_first_page(log_in: LogIn, key: str) -> None:
    budi = log_in("budi")
    for path, name in (("/tugas", "setelah"), ("/tugas/jabatan", "setelah"), ("/berkas", "sebelum")):
        assert budi.get(path, query_string={name: key}).status_code == 200


def test_a_foreign_host_name_is_refused_where_the_names_are_known(app: Flask) -> None:
    app.config["TRUSTED_HOSTS"] = ["localhost"]
    assert app.test_client().get("/masuk").status_code == 200
    assert app.test_client().get("/masuk", headers={"Host": "evil.example"}).status_code == 400


def test_the_wrong_method_is_told(log_in: LogIn) -> None:
    answer = log_in("budi").get("/keluar")
    assert answer.status_code == 405
    assert "Mulai lagi dari halaman depan" in answer.text


def test_what_is_too_large_is_refused_with_the_limit(log_in: LogIn) -> None:
    analyst = log_in("analis")
    answer = analyst.client.post("/sop/baru", data={"catatan": "x" * (5 * 1024 * 1024 + 1)})
    assert answer.status_code == 413
    assert "paling besar 5 MB" in answer.text
    told = analyst.put("/sop/1/draf", b"x" * (5 * 1024 * 1024 + 1), 1)
    assert told.status_code == 413
    assert "paling besar 5 MB" in told.get_json()["message"]


def test_a_fault_of_ours_shows_a_page_and_no_details(
    app: Flask, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    budi = log_in("budi")
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("engine.queries.lists.mine", broken)
    answer = budi.get("/tugas")
    assert answer.status_code == 500
    assert "Terjadi gangguan" in answer.text
    assert "secret detail" not in answer.text


# -- the installation -------------------------------------------------------------------------------------------------


def test_without_a_built_front_end_lajur_says_how_to_build_it(sqlite: Database, settings: Settings) -> None:
    with pytest.raises(AssetsMissing, match=r"Run: python web/frontend/hatch_build\.py"):
        create_app(sqlite, dataclasses.replace(settings, assets=settings.assets / "nowhere"))


def test_a_demo_says_so_and_lists_its_people(kecamatan: Kecamatan, settings: Settings) -> None:
    people = (DemoPerson("siti", "Siti Aminah", "Plt. Camat", "Kecamatan Sukamaju"),)
    demo = dataclasses.replace(settings, demo=True, demo_people=people, demo_password=PASSWORD)
    app = make_app(kecamatan.database, demo)
    page = app.test_client().get("/masuk").text
    assert "Demo:" in page
    assert "Masuk sebagai Siti Aminah" in page
    assert "Demo:" in logged_in(app, "siti").get("/tugas").text


def test_only_a_demo_lists_people(app: Flask) -> None:
    page = app.test_client().get("/masuk").text
    assert "Demo:" not in page
    assert "Masuk sebagai" not in page


# -- what is too much, and what is never told ------------------------------------------------------------------------


def test_a_form_of_very_many_fields_is_not_read(app: Flask) -> None:
    body = b"a&" * 1_000_000
    answer = app.test_client().post("/masuk", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert "terlalu besar" in answer.text


def test_an_upload_of_very_many_parts_is_not_read(app: Flask) -> None:
    fields = {f"isian.{number}": "x" for number in range(1100)}
    answer = app.test_client().post("/masuk", data=fields, content_type="multipart/form-data")
    assert answer.status_code == 413


def test_a_fault_is_told_without_what_it_was_also_where_the_environment_asks_for_debugging(
    kecamatan: Kecamatan, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    app = make_app(kecamatan.database, settings)
    app.testing = False

    def fault() -> str:
        raise ZeroDivisionError

    app.view_functions["runs.all_of_office"] = fault
    answer = logged_in(app, "budi").get("/berkas")
    assert not app.debug
    assert answer.status_code == 500
    assert "Terjadi gangguan pada Lajur" in answer.text
    assert "ZeroDivisionError" not in answer.text


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "https://evil.example",
        "evil.example",
        "/a\r\nX: y",
        "",
        "\n/a",
    ],
)
def test_no_form_leads_to_another_site(log_in: LogIn, wanted: str) -> None:
    assert log_in("budi").post("/bahasa", bahasa="en", next=wanted).location == local.HOME
