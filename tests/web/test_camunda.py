"""Camunda Modeler on a desktop: requests as it sends them, and answers as it reads them.

The bodies are written out here as the modeler's `FormData` leaves Chromium; see web/README.md for where that stands.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from engine import definitions, offices, tokens
from engine.database import Database
from engine.states import Right
from engine.tables import Definition, Draft, Person, Run, Token, Version
from tests.web.conftest import LETTER, PASSWORD, Browser, Kecamatan, furnish

BOUNDARY = "----WebKitFormBoundaryq8GxvLwVnB0RkQ4p"
REST = "/engine-rest"
MODELERS = Path(__file__).parents[1] / "bpmn" / "modelers"
NEW = LETTER.replace(b"surat_pengantar", b"surat_tugas")
CHANGED = LETTER.replace(b'Menyusun konsep surat"', b'Menulis konsep surat"')
SCRIPT = LETTER.replace(b"bpmn:userTask", b"bpmn:scriptTask")


@pytest.fixture
def kecamatan(sqlite: Database, now: datetime) -> Kecamatan:
    return furnish(sqlite, now)


class Desk:
    """A Camunda Modeler whose requests carry these credentials."""

    def __init__(self, client: FlaskClient, authorization: str | None) -> None:
        self.client = client
        self.headers = {"Accept": "application/json"}
        if authorization is not None:
            self.headers["Authorization"] = authorization

    def get(self, path: str) -> TestResponse:
        return self.client.get(REST + path, headers=self.headers)

    def send(self, body: bytes, content_type: str = f"multipart/form-data; boundary={BOUNDARY}") -> TestResponse:
        return self.client.post(
            f"{REST}/deployment/create", data=body, headers={**self.headers, "Content-Type": content_type}
        )

    def deploy(self, xml: bytes, name: str = "Surat pengantar", file: str = "surat.bpmn") -> TestResponse:
        return self.send(form(name, {file: xml}))

    def start(self, definition: str, **body: object) -> TestResponse:
        return self.client.post(
            f"{REST}/process-definition/{definition}/start",
            data=json.dumps({"businessKey": None, "variables": None, **body}),
            headers={**self.headers, "Content-Type": "application/json"},
        )


def form(name: str, files: dict[str, bytes]) -> bytes:
    """The body of a deployment."""
    fields = {"deployment-name": name, "deployment-source": "Camunda Modeler", "enable-duplicate-filtering": "true"}
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in fields.items()
    ]
    for file, content in files.items():
        head = f'Content-Disposition: form-data; name="{file}"; filename="{file}"\r\nContent-Type: text/xml\r\n\r\n'
        parts.append(f"--{BOUNDARY}\r\n{head}".encode() + content + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def basic(username: str, password: str = PASSWORD) -> str:
    return "Basic " + b64encode(f"{username}:{password}".encode()).decode()


@pytest.fixture
def desk(app: Flask) -> Callable[[str], Desk]:
    """The desk of somebody who gives user name and password."""
    return lambda username: Desk(app.test_client(), basic(username))


@pytest.fixture
def with_token(app: Flask, kecamatan: Kecamatan, now: datetime) -> Callable[..., Desk]:
    """The desk of somebody with a new token of these scopes."""

    def make(username: str, *scopes: str) -> Desk:
        with kecamatan.database.transaction() as session:
            who = offices.actor(session, kecamatan.people[username], now)
            _, secret = tokens.create(session, who, "Meja", scopes, now)
        return Desk(app.test_client(), f"Bearer {secret}")

    return make


def only(deployed: TestResponse) -> dict[str, Any]:
    """The one process definition of a deployment."""
    assert deployed.status_code == 200, deployed.text
    (found,) = deployed.get_json()["deployedProcessDefinitions"].values()
    return dict(found)


def stored(database: Database, process: str = "surat_pengantar") -> tuple[bytes | None, list[bytes]]:
    """The draft of an SOP and its versions, oldest first."""
    with database.reading() as session:
        sop = session.scalars(select(Definition.id).where(Definition.process_id == process)).one_or_none()
        draft = session.scalar(select(Draft.xml).where(Draft.definition_id == sop))
        versions = session.scalars(select(Version.xml).where(Version.definition_id == sop).order_by(Version.number))
        return draft, list(versions)


# -- who may come in --------------------------------------------------------------------------------------------------


def test_the_modeler_finds_out_that_it_has_to_log_in(app: Flask) -> None:
    answer = Desk(app.test_client(), None).get("/deployment?maxResults=0")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Lajur"'
    assert "token akses" in answer.get_json()["message"]


@pytest.mark.parametrize(
    "authorization",
    [
        basic("analis", "salah"),
        basic("siapa"),
        basic("an\x00alis", "x"),
        "Basic",
        "Basic %%%",
        "Basic " + b64encode(b"\xff\xfe").decode(),
        "Bearer",
        "Bearer lajur_salah",
        "Bearer \xff\xff",
        "Digest x",
        "",
    ],
)
def test_wrong_credentials_are_told(app: Flask, authorization: str) -> None:
    for answer in (
        Desk(app.test_client(), authorization).get("/version"),
        Desk(app.test_client(), authorization).deploy(NEW),
    ):
        assert answer.status_code == 401
        assert answer.get_json()["type"] == "AuthorizationException"


def test_user_name_and_password_or_a_token_let_in(desk: Callable[[str], Desk], with_token: Callable[..., Desk]) -> None:
    for one in (desk("analis"), with_token("rina", "start")):
        answer = one.get("/deployment?maxResults=0")
        assert (answer.status_code, answer.get_json()) == (200, [])
        assert set(one.get("/version").get_json()) == {"version"}


def test_a_password_with_an_accent_is_understood_as_the_modeler_sends_it(
    app: Flask, kecamatan: Kecamatan, now: datetime
) -> None:
    with kecamatan.database.transaction() as session:
        offices.add_person(session, kecamatan.office, "eka", "Eka", "café", frozenset())
    for encoding in ("latin-1", "utf-8"):
        authorization = "Basic " + b64encode("eka:café".encode(encoding)).decode()
        assert Desk(app.test_client(), authorization).get("/version").status_code == 200


def test_the_session_cookie_counts_for_nothing(log_in: Callable[[str], Browser], kecamatan: Kecamatan) -> None:
    desk = Desk(log_in("analis").client, None)
    assert desk.get("/deployment?maxResults=0").status_code == 401
    assert desk.deploy(NEW).status_code == 401
    assert stored(kecamatan.database, "surat_tugas") == (None, [])


def test_no_page_of_another_site_may_read_an_answer(desk: Callable[[str], Desk]) -> None:
    one = desk("analis")
    one.headers["Origin"] = "https://elsewhere.example"
    assert not [name for name, _ in one.get("/version").headers if name.lower().startswith("access-control")]


def test_the_use_of_a_token_is_noted(with_token: Callable[..., Desk], kecamatan: Kecamatan, now: datetime) -> None:
    with_token("analis", "deploy").get("/version")
    with kecamatan.database.reading() as session:
        assert session.scalars(select(Token.used_at)).one() == now


def test_the_token_of_somebody_who_left_lets_nobody_in(with_token: Callable[..., Desk], kecamatan: Kecamatan) -> None:
    desk = with_token("analis", "deploy")
    with kecamatan.database.transaction() as session:
        session.execute(update(Person).values(active=False))
    assert desk.deploy(NEW).status_code == 401


def test_only_analysts_deploy_and_only_with_the_scope(
    desk: Callable[[str], Desk], with_token: Callable[..., Desk], kecamatan: Kecamatan
) -> None:
    for one in (desk("rina"), with_token("analis", "start")):
        answer = one.deploy(NEW)
        assert answer.status_code == 403
        assert answer.get_json()["message"]
    assert stored(kecamatan.database, "surat_tugas") == (None, [])


# -- deploying --------------------------------------------------------------------------------------------------------


def test_what_an_analyst_sends_is_a_draft_to_the_byte(desk: Callable[[str], Desk], kecamatan: Kecamatan) -> None:
    odd = CHANGED.replace(b"\n", b"\r\n") + b"<!-- \xc3\xa9 -->\r\n\r\n"
    answer = desk("analis").deploy(odd)
    assert stored(kecamatan.database) == (odd, [LETTER])
    deployed = answer.get_json()
    assert deployed["name"] == "Surat pengantar"
    assert deployed["source"] == "Camunda Modeler"
    assert deployed["deploymentTime"] == "2026-11-23T09:00:00.000+0700"
    found = only(answer)
    assert found["id"] == f"surat_pengantar:draf:{kecamatan.sop}"
    assert (found["key"], found["name"], found["version"]) == ("surat_pengantar", "Surat Pengantar", None)
    assert (found["resource"], found["deploymentId"]) == ("surat.bpmn", deployed["id"])


@pytest.mark.parametrize("file", sorted(MODELERS.glob("*.bpmn")), ids=lambda file: file.stem)
def test_what_modelers_write_is_kept(desk: Callable[[str], Desk], kecamatan: Kecamatan, file: Path) -> None:
    xml = file.read_bytes()
    key = only(desk("analis").deploy(xml, file=file.name))["key"]
    assert stored(kecamatan.database, key) == (xml, [])


def test_a_new_process_id_is_a_new_sop(desk: Callable[[str], Desk], kecamatan: Kecamatan) -> None:
    assert only(desk("analis").deploy(NEW))["key"] == "surat_tugas"
    assert stored(kecamatan.database, "surat_tugas") == (NEW, [])


def test_a_token_that_says_so_publishes_at_once(with_token: Callable[..., Desk], kecamatan: Kecamatan) -> None:
    desk = with_token("analis", "publish")
    found = only(desk.deploy(CHANGED, "Istilah diperbaiki"))
    assert (found["id"], found["version"]) == (f"surat_pengantar:2:{kecamatan.sop}", 2)
    assert stored(kecamatan.database) == (None, [LETTER, CHANGED])
    with kecamatan.database.reading() as session:
        assert session.scalars(select(Version.note).where(Version.number == 2)).one() == "Istilah diperbaiki"


def test_the_same_bytes_again_change_nothing(
    desk: Callable[[str], Desk], with_token: Callable[..., Desk], kecamatan: Kecamatan
) -> None:
    publisher = with_token("analis", "publish")
    for one in (desk("analis"), publisher):
        assert only(one.deploy(LETTER))["id"] == f"surat_pengantar:1:{kecamatan.sop}"
    drafts = [only(desk("analis").deploy(CHANGED)) for _ in range(2)]
    assert drafts[0] == drafts[1]
    with kecamatan.database.reading() as session:
        assert session.get_one(Draft, kecamatan.sop).revision == 1
    versions = [only(publisher.deploy(CHANGED)) for _ in range(2)]
    assert versions[0] == versions[1]
    assert stored(kecamatan.database) == (None, [LETTER, CHANGED])


def test_the_draft_of_somebody_else_is_not_replaced(
    desk: Callable[[str], Desk], kecamatan: Kecamatan, now: datetime
) -> None:
    with kecamatan.database.transaction() as session:
        other = offices.add_person(session, kecamatan.office, "ari", "Ari", PASSWORD, frozenset({Right.ANALYST}))
        definitions.save_draft(session, offices.actor(session, other, now), kecamatan.sop, CHANGED, 0, now)
    answer = desk("analis").deploy(CHANGED + b"\n")
    assert answer.status_code == 409
    assert "draf yang disimpan oleh Ari" in answer.get_json()["message"]
    assert stored(kecamatan.database)[0] == CHANGED


def test_several_diagrams_are_deployed_together_or_not_at_all(
    desk: Callable[[str], Desk], kecamatan: Kecamatan
) -> None:
    one = desk("analis")
    answer = one.send(form("Dua", {"a.bpmn": NEW, "b.bpmn": SCRIPT}))
    assert answer.status_code == 400
    assert not answer.get_json()["details"].get("a.bpmn", {}).get("errors")
    assert answer.get_json()["details"]["b.bpmn"]["errors"]
    assert stored(kecamatan.database, "surat_tugas") == (None, [])
    answer = one.send(form("Dua", {"a.bpmn": NEW, "b.bpmn": CHANGED}))
    assert len(answer.get_json()["deployedProcessDefinitions"]) == 2


def test_another_office_has_its_own_sop_of_the_same_process(desk: Callable[[str], Desk], kecamatan: Kecamatan) -> None:
    found = only(desk("asing").deploy(CHANGED))
    assert found["id"] != f"surat_pengantar:draf:{kecamatan.sop}"
    with kecamatan.database.reading() as session:
        assert session.get(Draft, kecamatan.sop) is None


def test_what_keeps_it_from_being_published_is_told_and_nothing_is_kept(
    with_token: Callable[..., Desk], kecamatan: Kecamatan
) -> None:
    answer = with_token("analis", "publish").deploy(CHANGED.replace(b'name="Camat"', b'name="Lurah"'))
    assert answer.status_code == 422
    assert "“Lurah”" in answer.get_json()["message"]
    nameless = with_token("analis", "publish").deploy(CHANGED, "")
    assert "Catatan versi wajib diisi" in nameless.get_json()["message"]
    assert stored(kecamatan.database) == (None, [LETTER])


def test_the_modeler_is_told_where_people_look(app: Flask) -> None:
    answer = app.test_client().get("/.well-known/camunda-automation-platform/webapps")
    assert answer.get_json()["cockpitUrl"] == "http://localhost/sop#"


def test_the_rest_of_the_api_is_not_there(desk: Callable[[str], Desk]) -> None:
    for path in ("", "/", "/task", "/process-definition", "/deployment/create"):
        answer = desk("analis").get(path)
        assert answer.status_code in {404, 405}, path
        assert answer.get_json()["message"]


def test_a_fault_of_ours_is_told_without_details(
    app: Flask, desk: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    app.testing = False

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("engine.deploying.deploy", broken)
    answer = desk("analis").deploy(NEW)
    assert answer.status_code == 500
    assert "Terjadi gangguan" in answer.get_json()["message"]
    assert "secret detail" not in answer.text


# -- what is refused --------------------------------------------------------------------------------------------------


def test_each_finding_is_told_with_its_element_and_line(desk: Callable[[str], Desk], kecamatan: Kecamatan) -> None:
    answer = desk("analis").deploy(SCRIPT)
    told = answer.get_json()
    assert (answer.status_code, told["type"]) == (400, "ParseException")
    assert told["message"].startswith("ENGINE-09005 Could not parse BPMN process.")
    errors = told["details"]["surat.bpmn"]["errors"]
    first = errors[0]
    assert first["mainBpmnElementId"] == "langkah_1"
    assert first["bpmnElementIds"] == ["langkah_1"]
    assert SCRIPT.splitlines()[first["line"] - 1].strip().startswith(b'<bpmn:scriptTask id="langkah_1"')
    assert "tugas skrip" in first["message"]
    assert all(f"* surat.bpmn | {error['line']}: {error['message']}" in told["message"] for error in errors)
    assert stored(kecamatan.database)[0] is None


def oversized() -> bytes:
    tasks = b"".join(b'<bpmn:userTask id="t%d" name="x" />' % number for number in range(10_000))
    return LETTER.replace(b"</bpmn:process>", tasks + b"</bpmn:process>")


CALLS = re.sub(rb"\$\{[^}]*\}", b'${__import__("os").system("id")}', LETTER, count=1)


@pytest.mark.parametrize(
    ("xml", "element", "reason"),
    [
        (SCRIPT, "langkah_1", "tugas skrip"),
        (LETTER.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1), None, "DOCTYPE"),
        (oversized(), "surat_pengantar", "lebih dari 300"),
        (LETTER.replace(b'id="langkah_2"', b'id="langkah_1"', 1), "langkah_1", "dua kali"),
        (
            LETTER.replace(b"</bpmn:process>", b'</bpmn:process><bpmn:process id="p2" isExecutable="true" />'),
            None,
            "2 proses",
        ),
        (
            LETTER.replace(LETTER[LETTER.index(b"<bpmn:laneSet") : LETTER.index(b"</bpmn:laneSet>") + 15], b""),
            "surat_pengantar",
            "lajur",
        ),
        (LETTER.replace(b"UTF-8", b"UTF-16", 1), None, "UTF-16"),
        (LETTER.decode().encode("utf-16"), None, "UTF-8"),
        (LETTER[:2000], None, "baris"),
        (b"", None, "XML"),
        (b"PK\x03\x04 zip", None, "XML"),
        (b'{"type": "form"}', None, "XML"),
        (b"<decisions/>", None, "bukan BPMN"),
        (b"x" * 2_000_001, None, "2 MB"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else value,
)
def test_a_diagram_that_cannot_be_run_is_refused_with_the_reason(
    desk: Callable[[str], Desk], kecamatan: Kecamatan, xml: bytes, element: str | None, reason: str
) -> None:
    answer = desk("analis").deploy(xml)
    assert answer.status_code == 400, answer.text
    errors = answer.get_json()["details"]["surat.bpmn"]["errors"]
    assert any(error["mainBpmnElementId"] == element and reason in error["message"] for error in errors), errors
    assert all(error["line"] >= 1 for error in errors)
    assert stored(kecamatan.database) == (None, [LETTER])


def test_an_expression_that_calls_something_is_refused_by_the_element_that_has_it(desk: Callable[[str], Desk]) -> None:
    assert CALLS != LETTER
    (error, *_) = desk("analis").deploy(CALLS).get_json()["details"]["surat.bpmn"]["errors"]
    assert error["mainBpmnElementId"] == "alur_setuju"


def test_fifty_megabytes_are_too_much(desk: Callable[[str], Desk]) -> None:
    answer = desk("analis").deploy(b" " * 50_000_000)
    assert answer.status_code == 413
    assert "paling besar 5 MB" in answer.get_json()["message"]


def test_a_deployment_without_a_diagram_is_told(desk: Callable[[str], Desk]) -> None:
    one = desk("analis")
    for answer in (
        one.send(form("Kosong", {})),
        one.send(b"{}", "application/json"),
        one.send(b"deployment-name=x", "application/x-www-form-urlencoded"),
        one.send(b"", "multipart/form-data"),
    ):
        assert answer.status_code == 422
        assert "Tidak ada diagram" in answer.get_json()["message"]


PIECES = st.sampled_from(
    [
        b"--" + BOUNDARY.encode(),
        b"--",
        b"\r\n",
        b"\n",
        b'Content-Disposition: form-data; name="a.bpmn"; filename="a.bpmn"',
        b'Content-Disposition: form-data; name="deployment-name"',
        b"Content-Disposition: form-data; filename*=UTF-16''%ff%00",
        b"Content-Type: text/xml; charset=nonsense",
        b"Content-Type: text/xml; charset=utf-16",
        b"Content-Transfer-Encoding: base64",
        NEW,
        SCRIPT[:3000],
        b"\x00\xff\xd8",
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES | st.binary(max_size=40), max_size=20).map(b"".join))
def test_no_garbage_is_a_fault(with_token: Callable[..., Desk], shared: list[Desk], body: bytes) -> None:
    if not shared:
        shared.append(with_token("analis", "deploy"))
    answer = shared[0].send(body)
    assert answer.status_code in {200, 400, 409, 413, 422}, answer.text
    assert isinstance(answer.get_json(), dict)


@pytest.fixture
def shared() -> list[Desk]:
    """Kept from one example to the next."""
    return []


# -- starting ---------------------------------------------------------------------------------------------------------


def test_a_run_is_started_with_its_nomor_agenda(
    desk: Callable[[str], Desk], with_token: Callable[..., Desk], kecamatan: Kecamatan
) -> None:
    published = only(with_token("analis", "publish").deploy(LETTER))["id"]
    answer = desk("rina").start(published, businessKey="005/123")
    assert answer.status_code == 200, answer.text
    started = answer.get_json()
    assert (started["definitionId"], started["businessKey"], started["ended"]) == (published, "005/123", False)
    with kecamatan.database.reading() as session:
        run = session.get_one(Run, int(started["id"]))
        assert (run.subject, run.agenda, run.started_by) == ("Surat Pengantar", "005/123", kecamatan.people["rina"])


def test_a_run_may_be_told_its_subject(with_token: Callable[..., Desk], kecamatan: Kecamatan) -> None:
    desk = with_token("rina", "start")
    one = f"surat_pengantar:1:{kecamatan.sop}"
    started = desk.start(one, variables={"perihal": {"value": "Surat SKCK", "type": "String"}})
    assert started.status_code == 200, started.text
    with kecamatan.database.reading() as session:
        assert session.scalars(select(Run.subject)).one() == "Surat SKCK"
    wrong: tuple[object, ...] = ({"lain": {"value": "x"}}, [], "x", {"perihal": {"value": 1}}, {"perihal": None})
    for variables in wrong:
        answer = desk.start(one, variables=variables)
        assert answer.status_code == 422, variables
        assert "perihal" in answer.get_json()["message"]


def test_a_draft_cannot_be_started(desk: Callable[[str], Desk]) -> None:
    one = desk("analis")
    answer = one.start(only(one.deploy(CHANGED))["id"])
    assert answer.status_code == 409
    assert "masih draf" in answer.get_json()["message"]


def test_a_version_that_was_replaced_cannot_be_started(
    desk: Callable[[str], Desk], with_token: Callable[..., Desk], kecamatan: Kecamatan
) -> None:
    only(with_token("analis", "publish").deploy(CHANGED))
    answer = desk("rina").start(f"surat_pengantar:1:{kecamatan.sop}")
    assert answer.status_code == 409
    assert "yang berlaku versi 2" in answer.get_json()["message"]


def test_only_who_acts_first_starts_and_only_with_the_scope(
    desk: Callable[[str], Desk], with_token: Callable[..., Desk], kecamatan: Kecamatan
) -> None:
    one = f"surat_pengantar:1:{kecamatan.sop}"
    assert desk("siti").start(one).status_code == 403
    assert with_token("analis", "deploy").start(one).status_code == 403
    assert desk("asing").start(one).status_code == 404


@pytest.mark.parametrize(
    "definition", ["1", "x:1:0", "x:y:1", "x:draf:99999999999", "x:1:\N{SUPERSCRIPT TWO}", "::", "%00"]
)
def test_an_id_that_no_deployment_gave_is_not_found(desk: Callable[[str], Desk], definition: str) -> None:
    answer = desk("rina").start(definition)
    assert answer.status_code == 404
    assert answer.get_json()["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"businessKey": "\\ud800\\u0000"}', b"\xff"])
def test_a_start_without_a_body_of_sense_starts_without_a_nomor_agenda(
    desk: Callable[[str], Desk], kecamatan: Kecamatan, body: bytes
) -> None:
    one = desk("rina")
    answer = one.client.post(
        f"{REST}/process-definition/surat_pengantar:1:{kecamatan.sop}/start",
        data=body,
        headers={**one.headers, "Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.get_json()["businessKey"]) == (200, None)


def test_a_business_key_that_is_no_nomor_agenda_is_told(desk: Callable[[str], Desk], kecamatan: Kecamatan) -> None:
    for key in ("x" * 61, 5, ["x"]):
        assert desk("rina").start(f"x:1:{kecamatan.sop}", businessKey=key).status_code == 422


# -- the page of tokens -----------------------------------------------------------------------------------------------


def secret_of(page: str) -> str:
    start = page.index(tokens.PREFIX)
    return page[start : page.index('"', start)]


def test_somebody_makes_a_token_uses_it_and_revokes_it(app: Flask, log_in: Callable[[str], Browser]) -> None:
    analyst = log_in("analis")
    page = analyst.post("/token", nama="Modeler <kantor>", izin=["deploy", "start"], masa="30").text
    assert 'value="http://localhost/engine-rest"' in page
    desk = Desk(app.test_client(), f"Bearer {secret_of(page)}")
    assert only(desk.deploy(NEW))
    listed = analyst.get("/token").text
    assert "Modeler &lt;kantor&gt;" in listed
    assert "Terakhir dipakai" in listed
    assert tokens.PREFIX not in listed
    assert "Token dicabut." in analyst.follow(analyst.post("/token/1/cabut"))
    assert desk.deploy(NEW).status_code == 401


def test_a_token_is_made_for_as_long_as_was_chosen(
    log_in: Callable[[str], Browser], kecamatan: Kecamatan, now: datetime
) -> None:
    rina = log_in("rina")
    for days in ("30", "tetap"):
        rina.post("/token", nama="Aplikasi", izin="start", masa=days)
    with kecamatan.database.reading() as session:
        ends = session.scalars(select(Token.expires_at).order_by(Token.id)).all()
    assert ends == [now + timedelta(days=30), None]


def test_what_is_wrong_with_a_token_is_told_and_what_was_typed_kept(log_in: Callable[[str], Browser]) -> None:
    rina = log_in("rina")
    answer = rina.post("/token", nama="Aplikasi", masa="365")
    assert answer.status_code == 422
    assert "setidaknya satu izin" in answer.text
    assert 'value="Aplikasi"' in answer.text
    assert '<option value="365" selected>' in answer.text
    assert "Menerbitkan langsung" not in answer.text
    assert rina.post("/token", nama="Aplikasi", izin="publish").status_code == 403


def test_nobody_revokes_the_token_of_somebody_else(log_in: Callable[[str], Browser]) -> None:
    log_in("analis").post("/token", nama="Meja", izin="deploy")
    assert log_in("rina").post("/token/1/cabut").status_code == 404
    assert "Meja" not in log_in("rina").get("/token").text
