"""What watches over a running Lajur is told, what it logs, and what its environment tells it."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from bpmn.errors import Refusal
from engine import offices, tokens, upgrading
from engine.database import Database
from tests.web.conftest import Kecamatan, logged_in, make_app
from web import environment, logs, places, serving
from web.config import Settings


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged in JSON, put where a test can read it."""
    root, stream = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    root.handlers[:] = []
    logs.configure({logs.VARIABLE: "json"}, stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_health_is_told_to_anybody_by_any_name_without_a_cookie_or_a_line_in_the_log(
    app: Flask, log: io.StringIO
) -> None:
    app.config["TRUSTED_HOSTS"] = ["lajur.example.go.id"]
    for path in ("/healthz", "/readyz"):
        answer = app.test_client().get(path)
        assert (answer.status_code, answer.text) == (200, "ok\n")
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        assert app.test_client().head(path).text == ""
        assert app.test_client().post(path).status_code == 405
    assert lines(log) == []


def test_a_database_of_another_release_is_not_ready_but_the_process_lives(sqlite: Database, settings: Settings) -> None:
    client = make_app(sqlite, settings).test_client()
    with sqlite.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "schema\n")
    assert client.get("/healthz").status_code == 200


def test_a_database_that_is_away_is_told_without_its_address(settings: Settings) -> None:
    away = Database("postgresql+psycopg://lajur:rahasia@/lajur?host=/nonexistent")
    answer = make_app(away, settings).test_client().get("/readyz")
    assert (answer.status_code, answer.text) == (503, "database\n")


def test_a_request_is_one_line_without_what_was_typed(app: Flask, kecamatan: Kecamatan, log: io.StringIO) -> None:
    browser = logged_in(app, "rina")
    browser.get("/tugas?cari=rahasianegara", headers={logs.HEADER: "dari-proksi.7"})
    line = lines(log)[-1]
    assert line["logger"] == "lajur.request"
    assert (line["method"], line["route"], line["status"]) == ("GET", "/tugas", 200)
    assert (line["request"], line["person"]) == ("dari-proksi.7", kecamatan.people["rina"])
    assert line["ms"] >= 0
    assert {line["status"] for line in lines(log) if line.get("route") == "/masuk"} == {200, 302}
    assert "rahasia" not in log.getvalue()
    (entered,) = [line for line in lines(log) if line["logger"] == "lajur.security"]
    assert (entered["event"], entered["username"]) == ("log-in by password", "rina")


def test_a_request_of_an_application_is_told_with_its_person(
    app: Flask, kecamatan: Kecamatan, log: io.StringIO, now: datetime
) -> None:
    rina = kecamatan.people["rina"]
    with kecamatan.database.transaction() as session:
        _, secret = tokens.create(session, offices.actor(session, rina, now), "Alat", [tokens.TASKS], now)
    app.test_client().get("/api/v1/tasks?view=mine", headers={"Authorization": f"Bearer {secret}"})
    assert (lines(log)[-1]["route"], lines(log)[-1]["person"]) == ("/api/v1/tasks", rina)


@pytest.mark.parametrize("given", ["", "pendek", "a" * 65, "dua baris\nINFO palsu", "<script>alert(1)</script>"])
def test_an_id_that_could_do_harm_is_replaced_by_one_of_ours(app: Flask, given: str) -> None:
    with app.test_request_context(environ_overrides={"HTTP_X_REQUEST_ID": given}):
        assert re.fullmatch("[0-9a-f]{16}", logs.request_id())


def test_a_fault_is_logged_with_its_traceback_and_the_id_that_the_page_shows(app: Flask, log: io.StringIO) -> None:
    app.testing = False

    def fail() -> str:
        raise ZeroDivisionError

    app.view_functions["auth.form"] = fail
    answer = app.test_client().get("/masuk")
    assert answer.status_code == 500
    told = answer.headers[logs.HEADER]
    assert f"<code>{told}</code>" in answer.text
    (fault,) = [line for line in lines(log) if line["level"] == "ERROR"]
    assert fault["request"] == told
    assert "ZeroDivisionError" in fault["traceback"]
    asked = app.test_client().get("/masuk", headers={"Accept": "application/json"})
    assert asked.get_json()["request"] == asked.headers[logs.HEADER]


def test_values_of_a_statement_that_fails_are_not_in_its_traceback(sqlite: Database, log: io.StringIO) -> None:
    typed = "-".join("rahasia")  # for a traceback shows the lines of this file
    try:
        with sqlite.transaction() as session:
            session.execute(text("INSERT INTO offices (name, zone) VALUES (:name, 'x')"), {"name": typed})
    except Exception:
        logging.getLogger("lajur").exception("failed")
    (line,) = lines(log)
    assert "OperationalError" in line["traceback"]
    assert typed not in log.getvalue()


def test_a_line_of_text_stays_one_line() -> None:
    record = logging.LogRecord(
        "lajur.security", logging.WARNING, "", 0, "nama %s", ("x\n2026 INFO palsu\x1b[2J",), None
    )
    line = logs.Text().format(record)
    assert "\n" not in line
    assert "\x1b" not in line
    assert "lajur.security: nama x" in line


def test_the_form_of_the_log_is_that_of_where_it_goes_unless_said_otherwise() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    forms = []
    try:
        for variables, stream in (({}, io.StringIO()), ({}, Terminal()), ({logs.VARIABLE: " JSON"}, Terminal())):
            root.handlers[:] = []
            logs.configure(variables, stream)
            forms.append(type(root.handlers[0].formatter))
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    assert forms == [logs.Json, logs.Text, logs.Json]
    with pytest.raises(logs.UnknownForm, match="xml"):
        logs.configure({logs.VARIABLE: "xml"})


def test_a_setting_comes_from_its_variable_its_file_or_a_credential(tmp_path: Path) -> None:
    (tmp_path / "berkas").write_text("dari berkas\n")
    (tmp_path / "LAJUR_X").write_text("dari systemd")
    file, credentials = {"LAJUR_X_FILE": str(tmp_path / "berkas")}, {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert environment.value("LAJUR_X", {}) == ""
    assert environment.value("LAJUR_X", credentials | {"LAJUR_X": " di sini "}) == "di sini"
    assert environment.value("LAJUR_X", credentials | file) == "dari berkas"
    assert environment.value("LAJUR_X", credentials) == "dari systemd"
    assert environment.value("LAJUR_Y", credentials) == ""


@pytest.mark.parametrize(
    ("content", "says"), [(b" \n", "kosong"), (b"\xff\xfe", "bukan teks"), (b"x" * 70_000, "besar")]
)
def test_a_file_that_holds_no_setting_is_told_in_a_sentence(content: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "berkas").write_bytes(content)
    with pytest.raises(environment.BadSetting, match=says):
        environment.value("LAJUR_X", {"LAJUR_X_FILE": str(tmp_path / "berkas")})


def test_a_file_that_is_not_there_and_a_setting_given_twice_are_told(tmp_path: Path) -> None:
    with pytest.raises(environment.BadSetting, match="tidak dapat dibaca"):
        environment.value("LAJUR_X", {"LAJUR_X_FILE": str(tmp_path / "hilang")})
    with pytest.raises(environment.BadSetting, match="LAJUR_X_FILE"):
        environment.value("LAJUR_X", {"LAJUR_X_FILE": "a", "LAJUR_X": "b"})


@pytest.mark.parametrize("given", ["dua", "-1", "10", "1.5", "٣"])
def test_a_number_of_proxies_that_is_none_is_told(given: str, tmp_path: Path) -> None:
    with pytest.raises(environment.BadSetting, match="LAJUR_PROXIES"):
        serving.settings_from({"LAJUR_PROXIES": given}, places.place(tmp_path, {}), https=True)


def test_the_settings_of_an_office_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "kunci").write_text("k" * 40)
    variables = {
        "LAJUR_SECRET_KEY_FILE": str(tmp_path / "kunci"),
        "LAJUR_PROXIES": "2",
        "LAJUR_HOSTS": "lajur.example.go.id, localhost",
        "LAJUR_DATABASE_URL_FILE": str(tmp_path / "alamat"),
    }
    (tmp_path / "alamat").write_text("postgresql+psycopg://lajur@db/lajur\n")
    place = places.place(tmp_path / "data", variables)
    settings = serving.settings_from(variables, place, https=True)
    assert settings.secret_key == "k" * 40
    assert settings.proxies == 2
    assert settings.hosts == ("lajur.example.go.id", "localhost")
    assert settings.database_url == "postgresql+psycopg://lajur@db/lajur"
    assert not (tmp_path / "data" / serving.SECRET).exists()
    with pytest.raises(serving.CannotServe, match="terlalu pendek"):
        serving.settings_from({"LAJUR_SECRET_KEY": "pendek"}, place, https=True)


def test_what_a_proxy_says_counts_only_where_proxies_are_told_of(kecamatan: Kecamatan, settings: Settings) -> None:
    seen: list[tuple[str | None, str]] = []
    for proxies in (0, 1):
        app = make_app(kecamatan.database, replace(settings, proxies=proxies))

        def look() -> str:
            from flask import request  # noqa: PLC0415 - of the application that is made here

            seen.append((request.remote_addr, request.scheme))
            return ""

        app.view_functions["auth.form"] = look
        said = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7", "X-Forwarded-Proto": "https"}
        app.test_client().get("/masuk", headers=said)
    assert seen == [("127.0.0.1", "http"), ("203.0.113.7", "https")]


def test_only_names_that_were_set_are_answered(kecamatan: Kecamatan, settings: Settings) -> None:
    client = make_app(kecamatan.database, replace(settings, hosts=("lajur.example.go.id",))).test_client()
    assert client.get("/masuk", headers={"Host": "lajur.example.go.id"}).status_code == 200
    assert client.get("/masuk", headers={"Host": "jahat.example"}).status_code == 400


def test_only_a_database_of_this_release_may_be_used_by_a_worker(sqlite: Database, tmp_path: Path) -> None:
    upgrading.require(sqlite)
    found = {}
    for revision in ("0001", "9999"):
        with sqlite.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
        with pytest.raises(Refusal) as refused:
            upgrading.require(sqlite)
        found[revision] = str(refused.value.sentence)
    assert "lajur upgrade" in found["0001"]
    assert "lajur upgrade" not in found["9999"]
    empty = Database(f"sqlite:///{tmp_path / 'kosong.sqlite3'}")
    with pytest.raises(Refusal, match="belum berisi"):
        upgrading.require(empty)
    empty.dispose()
