"""The REST API: work done by it alone, what it refuses and how, and what nobody of another office may see."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any

import openapi_spec_validator
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import TestResponse

from engine import offices, runs, tokens
from engine.database import Database
from engine.states import Right
from engine.tables import Person
from tests.web.conftest import APPROVE, LETTER, SEND_BACK, Browser, Kecamatan, furnish, make_app
from web.api.operations import OPERATIONS
from web.config import Settings

API = "/api/v1"
MANAGER = "manajer"
CHANGED = LETTER.replace(b'Menyusun konsep surat"', b'Menulis konsep surat"')
NEW = LETTER.replace(b"surat_pengantar", b"surat_tugas")


@pytest.fixture
def kecamatan(sqlite: Database, now: datetime) -> Kecamatan:
    made = furnish(sqlite, now)
    with sqlite.transaction() as session:
        rights = frozenset({Right.MANAGER})
        made.people[MANAGER] = offices.add_person(session, made.office, MANAGER, "Maya", "kata sandi lain", rights)
    return made


def token(kecamatan: Kecamatan, now: datetime, username: str, *scopes: str) -> str:
    """A token of somebody, with these scopes, or all that the person can give."""
    with kecamatan.database.transaction() as session:
        who = offices.actor(session, kecamatan.people[username], now)
        able = [one for one in tokens.SCOPES if one not in tokens.RIGHTS or who.may(tokens.RIGHTS[one])]
        return tokens.create(session, who, "Uji", scopes or able, now)[1]


class Client:
    """An application that acts for somebody."""

    def __init__(self, client: FlaskClient, secret: str) -> None:
        self.client, self.headers = client, {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(API + path, headers={**self.headers, **headers})

    def read(self, path: str) -> Any:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def post(self, path: str, body: object = None, key: str | None = None, **headers: str) -> TestResponse:
        sent = dict(self.headers, **headers) | ({"Idempotency-Key": key} if key is not None else {})
        if body is None:
            return self.client.post(API + path, headers=sent)
        return self.client.post(API + path, data=json.dumps(body), content_type="application/json", headers=sent)

    def do(self, path: str, body: object = None, key: str | None = None) -> Any:
        answer = self.post(path, body, key)
        assert answer.status_code in {200, 201}, answer.text
        return answer.get_json()

    def send(self, path: str, xml: bytes, content_type: str = "application/xml") -> TestResponse:
        return self.client.post(API + path, data=xml, content_type=content_type, headers=self.headers)

    def attach(self, run: int, content: bytes, name: str, key: str = "", **fields: object) -> TestResponse:
        data = {"file": (BytesIO(content), name), **fields}
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post(f"{API}/runs/{run}/documents", data=data, headers=headers)

    def pages(self, path: str) -> list[Any]:
        """The items of all pages, by the addresses that the pages name."""
        found: list[Any] = []
        following: str | None = API + path
        while following:
            answer = self.client.get(following, headers=self.headers)
            assert answer.status_code == 200, answer.text
            found += answer.get_json()["items"]
            link = answer.headers.get("Link")
            following = link.partition("<")[2].partition(">")[0] if link else None
        return found


Of = Callable[..., Client]


@pytest.fixture
def of(app: Flask, kecamatan: Kecamatan, now: datetime) -> Of:
    """The application of somebody, with a token of all scopes or of these."""
    return lambda username, *scopes: Client(app.test_client(), token(kecamatan, now, username, *scopes))


def start(rina: Client, kecamatan: Kecamatan, subject: str = "Surat pengantar SKCK") -> int:
    run: int = rina.do("/runs", {"definition_id": kecamatan.sop, "subject": subject, "agenda": "005/12"})["id"]
    return run


def problem(answer: TestResponse, status: int, name: str) -> Any:
    told = answer.get_json()
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert (told["status"], told["type"]) == (status, f"{API}/problems/{name}")
    assert told["title"]
    assert told["detail"]
    assert told["instance"] == answer.request.path
    return told


# -- work -------------------------------------------------------------------------------------------------------------


def test_three_people_take_a_run_through_two_returns_to_its_end(of: Of, kecamatan: Kecamatan) -> None:
    rina, budi, siti = of("rina"), of("budi"), of("siti")
    run = start(rina, kecamatan)
    for reason in ("Alamat salah", "Tanggal salah"):
        (task,) = rina.pages("/tasks?view=mine") or rina.pages("/tasks?view=claimable")
        rina.do(f"/tasks/{task['id']}/claim")
        assert rina.do(f"/tasks/{task['id']}/complete", {"note": "Sudah"})["waiting"][0]["step"]
        (task,) = budi.pages("/tasks?view=claimable")
        budi.do(f"/tasks/{task['id']}/claim")
        outcome = budi.do(f"/tasks/{task['id']}/return", {"reason": reason})
        assert (outcome["verb"], outcome["finished"]) == ("return", False)
        (task,) = rina.pages("/tasks?view=mine")
        assert (task["came_back"], task["returns"]) == (True, 1 if reason == "Alamat salah" else 2)
        assert rina.read(f"/tasks/{task['id']}")["returned"]["reason"] == reason
    rina.do(f"/tasks/{task['id']}/complete", {})
    (task,) = budi.pages("/tasks?view=claimable")
    budi.do(f"/tasks/{task['id']}/claim")
    assert {choice["id"] for choice in budi.read(f"/tasks/{task['id']}")["choices"]} == {APPROVE, SEND_BACK}
    budi.do(f"/tasks/{task['id']}/complete", {"choices": [APPROVE]})
    assert [one["id"] for one in budi.pages("/waiting")] == [run]
    (task,) = siti.pages("/tasks?view=claimable")
    siti.do(f"/tasks/{task['id']}/claim")
    assert siti.do(f"/tasks/{task['id']}/complete", {})["finished"] is True
    detail = siti.read(f"/runs/{run}")
    assert (detail["run"]["state"], detail["run"]["round"], detail["run"]["waiting"]) == ("finished", 3, [])
    history = siti.pages(f"/runs/{run}/history?limit=4")
    assert [one["note"] for one in history if one["verb"] == "return"] == ["Alamat salah", "Tanggal salah"]
    assert [one["verb"] for one in history][:2] == ["start", "claim"]
    assert history[-1]["verb"] == "finish"
    assert len(siti.pages("/tasks?view=done")) == 1


def test_a_task_is_given_back_and_somebody_else_takes_it(of: Of, kecamatan: Kecamatan) -> None:
    rina, dedi = of("rina"), of("dedi")
    start(rina, kecamatan)
    (task,) = dedi.pages("/tasks?view=claimable")
    assert rina.do(f"/tasks/{task['id']}/claim")["mine"] is True
    told = problem(dedi.post(f"/tasks/{task['id']}/claim"), 409, "conflict")
    assert told["detail"] == "Tugas ini sudah diambil oleh Rina Wulandari."
    assert rina.do(f"/tasks/{task['id']}/release")["state"] == "open"
    assert dedi.do(f"/tasks/{task['id']}/claim")["claimed_by"] == "Dedi Kurniawan"


def test_a_return_needs_a_way_back(of: Of, kecamatan: Kecamatan) -> None:
    rina = of("rina")
    start(rina, kecamatan)
    (task,) = rina.pages("/tasks?view=claimable")
    rina.do(f"/tasks/{task['id']}/claim")
    problem(rina.post(f"/tasks/{task['id']}/return", {"reason": "Salah"}), 422, "refused")
    rina.do(f"/tasks/{task['id']}/complete", {})
    budi = of("budi")
    (task,) = budi.pages("/tasks?view=claimable")
    budi.do(f"/tasks/{task['id']}/claim")
    forward = budi.post(f"/tasks/{task['id']}/return", {"reason": "Salah", "choice": APPROVE})
    problem(forward, 422, "refused")
    assert budi.do(f"/tasks/{task['id']}/return", {"reason": "Salah", "choice": SEND_BACK})["verb"] == "return"


def test_documents_come_back_as_they_were_attached(of: Of, kecamatan: Kecamatan) -> None:
    rina = of("rina")
    run = start(rina, kecamatan)
    made = rina.attach(run, b"Surat dari warga", "surat.txt", title="Surat permohonan")
    assert made.status_code == 201, made.text
    assert made.headers["Location"] == f"{API}/documents/{made.get_json()['id']}"
    assert [one["title"] for one in rina.pages(f"/runs/{run}/documents")] == ["Surat permohonan"]
    with rina.get(f"/documents/{made.get_json()['id']}") as file:
        assert file.data == b"Surat dari warga"
        assert file.headers["Content-Security-Policy"].startswith("sandbox")
    problem(rina.attach(run, b"MZ\x90\x00", "virus.exe"), 422, "refused")
    problem(rina.attach(run, b"Surat", "surat.txt", judul="Surat"), 400, "malformed")
    problem(rina.attach(run, b"Surat", "surat.txt", task_id="x"), 400, "malformed")
    problem(rina.post(f"/runs/{run}/documents", {}), 415, "unsupported-media-type")


def test_a_comment_is_in_the_history(of: Of, kecamatan: Kecamatan) -> None:
    rina = of("rina")
    run = start(rina, kecamatan)
    assert rina.post(f"/runs/{run}/comments", {"text": "Warga menunggu\x00"}).status_code == 204
    assert rina.pages(f"/runs/{run}/history")[-1]["note"] == "Warga menunggu"


def test_an_analyst_sends_drafts_and_publishes(of: Of, kecamatan: Kecamatan) -> None:
    analyst = of("analis")
    draft = analyst.send("/drafts", CHANGED).get_json()
    assert (draft["definition_id"], draft["version"], draft["changed"]) == (kecamatan.sop, None, True)
    assert analyst.read(f"/definitions/{kecamatan.sop}")["draft"]["saved_by"] == "Ana Lestari"
    version = analyst.send("/versions?note=Kata%20lain", CHANGED)
    assert version.get_json()["version"] == 2, version.text
    versions = analyst.pages(f"/definitions/{kecamatan.sop}/versions?limit=1")
    assert [(one["number"], one["note"]) for one in versions] == [(2, "Kata lain"), (1, "Versi pertama")]
    assert analyst.get(f"/versions/{versions[0]['id']}/bpmn").data == CHANGED
    (finding,) = analyst.read(f"/versions/{versions[0]['id']}/findings")["items"]
    assert (finding["severity"], finding["element"]) == ("warning", "langkah_3")
    problem(analyst.send("/versions", NEW), 400, "malformed")
    told = problem(analyst.send("/drafts", LETTER.replace(b"bpmn:userTask", b"bpmn:scriptTask")), 422, "refused")
    assert {"field", "detail", "line"} <= told["errors"][0].keys()


def test_a_manager_reads_board_and_statistics(of: Of, kecamatan: Kecamatan) -> None:
    start(of("rina"), kecamatan)
    manager = of(MANAGER)
    (run,) = manager.pages("/board?only=all")
    assert [step["jabatan"] for step in run["steps"]] == ["Pengadministrasi Umum"]
    assert manager.read("/board/counts")["live"] == 1
    found = manager.read("/statistics?first=2026-10&last=2026-11")
    assert [(month["month"], month["runs"]["started"]) for month in found["months"]] == [("2026-10", 0), ("2026-11", 1)]
    problem(manager.get("/board?cause=malas"), 400, "malformed")


def test_a_token_tells_whose_it_is(of: Of) -> None:
    me = of("siti", "tasks").read("/me")
    assert (me["name"], me["scopes"], me["held"][0]["capacity"]) == ("Siti Aminah", ["tasks"], "plt")


# -- who may ----------------------------------------------------------------------------------------------------------


def test_what_a_token_was_not_made_for_is_refused_and_named(of: Of, kecamatan: Kecamatan) -> None:
    answer = of("rina", "tasks").post("/runs", {"definition_id": kecamatan.sop, "subject": "Surat"})
    assert "“start”" in problem(answer, 403, "scope-missing")["detail"]
    assert 'scope="start"' in answer.headers["WWW-Authenticate"]


def test_a_token_gives_no_more_than_its_owner_may_do_now(of: Of, kecamatan: Kecamatan) -> None:
    manager, analyst = of(MANAGER), of("analis")
    with kecamatan.database.transaction() as session:
        for username in (MANAGER, "analis"):
            session.get_one(Person, kecamatan.people[username]).rights = []
    problem(manager.get("/board"), 403, "not-allowed")
    problem(manager.get("/statistics"), 403, "not-allowed")
    problem(analyst.send("/versions?note=x", CHANGED), 403, "not-allowed")
    problem(analyst.send("/drafts", CHANGED), 403, "not-allowed")


@pytest.mark.parametrize("scheme", ["", "Bearer", "Bearer salah", "Basic YnVkaTp4", "bearer lajur_\xff"])
def test_without_a_token_every_operation_is_refused(app: Flask, scheme: str) -> None:
    client = Client(app.test_client(), "")
    client.headers = {"Authorization": scheme}
    for operation in OPERATIONS:
        path = operation.path.replace("{", "").replace("}", "")
        path = "/".join("1" if part.endswith("_id") else part for part in path.split("/"))
        answer = client.post(path) if operation.writes else client.get(path)
        problem(answer, 401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_cookie_of_a_browser_counts_for_nothing(log_in: Callable[[str], Browser], of: Of) -> None:
    assert log_in("rina").get(f"{API}/tasks").status_code == 401
    answer = of("rina").get("/tasks")
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_can_be_read_can_be_asked_for_its_headers(of: Of) -> None:
    rina = of("rina")
    answer = rina.client.head(f"{API}/tasks", headers=rina.headers)
    assert (answer.status_code, answer.data) == (200, b"")


def test_nothing_of_another_office_is_found_by_any_operation(
    of: Of, kecamatan: Kecamatan, app: Flask, now: datetime
) -> None:
    rina = of("rina")
    run = start(rina, kecamatan)
    (task,) = rina.pages("/tasks?view=claimable")
    document = rina.attach(run, b"Surat", "surat.txt").get_json()["id"]
    version = of("analis").pages(f"/definitions/{kecamatan.sop}/versions")[0]["id"]
    ids = {"task_id": task["id"], "run_id": run, "document_id": document, "definition_id": kecamatan.sop}
    ids["version_id"] = version
    stranger = of("asing")
    bodies: dict[str, object] = {
        "complete_task": {},
        "return_task": {"reason": "x"},
        "comment_on_run": {"text": "x"},
    }
    walked = 0
    for operation in OPERATIONS:
        if not operation.ids:
            continue
        path = operation.path.format(**ids)
        if operation.name == "attach_document":
            answer = stranger.attach(run, b"Surat", "surat.txt")
        elif operation.writes:
            answer = stranger.post(path, bodies.get(operation.name))
        else:
            answer = stranger.get(path)
        problem(answer, 404, "not-found")
        walked += 1
    assert walked == 15
    problem(stranger.post("/runs", {"definition_id": kecamatan.sop, "subject": "x"}), 404, "not-found")
    for path in ("/tasks?view=claimable", "/runs", "/waiting", "/definitions", "/board?only=all"):
        assert stranger.pages(path) == []


def test_the_page_of_tokens_offers_the_scopes_that_the_person_can_give(log_in: Callable[[str], Browser]) -> None:
    analyst, staff = log_in("analis"), log_in("rina")
    assert 'value="publish"' in analyst.get("/token").text
    assert not {'value="publish"', 'value="manage"'} & set(re.findall(r'value="\w+"', staff.get("/token").text))
    assert "bertindak atas nama Anda" in staff.post("/token", nama="Uji", izin="tasks").text
    assert staff.post("/token", nama="Uji", izin="manage").status_code == 403


# -- the same sent again ----------------------------------------------------------------------------------------------


def test_a_request_with_the_same_key_is_done_once_and_answered_alike(of: Of, kecamatan: Kecamatan) -> None:
    rina = of("rina")
    body = {"definition_id": kecamatan.sop, "subject": "Surat"}
    first, second = (rina.post("/runs", body, key="a-1") for _ in range(2))
    assert (first.status_code, first.data, first.headers["Location"]) == (201, second.data, second.headers["Location"])
    assert len(rina.pages("/runs")) == 1
    other = rina.post("/runs", body | {"subject": "Lain"}, key="a-1")
    problem(other, 422, "key-reused")
    run = first.get_json()["id"]
    made = [rina.attach(run, b"Surat", "surat.txt", key="a-2").get_json() for _ in range(2)]
    assert made[0] == made[1]
    problem(rina.attach(run, b"Lain", "surat.txt", key="a-2"), 422, "key-reused")
    assert len(rina.pages(f"/runs/{run}/documents")) == 1
    for _ in range(2):
        assert rina.post(f"/runs/{run}/comments", {"text": "Sekali"}, key="a-3").status_code == 204
    assert sum(one["verb"] == "comment" for one in rina.pages(f"/runs/{run}/history")) == 1


def test_what_was_refused_may_be_sent_again_with_its_key(of: Of, kecamatan: Kecamatan) -> None:
    rina, dedi = of("rina"), of("dedi")
    start(rina, kecamatan)
    (task,) = rina.pages("/tasks?view=claimable")
    dedi.do(f"/tasks/{task['id']}/claim")
    problem(rina.post(f"/tasks/{task['id']}/claim", key="b"), 409, "conflict")
    dedi.do(f"/tasks/{task['id']}/release")
    assert rina.do(f"/tasks/{task['id']}/claim", key="b")["mine"] is True


@pytest.mark.parametrize("key", ["", "x" * 65, "dua kata", "é"])
def test_a_key_has_a_form(of: Of, kecamatan: Kecamatan, key: str) -> None:
    answer = of("rina").post("/runs", {"definition_id": kecamatan.sop, "subject": "Surat"}, key=key)
    assert problem(answer, 400, "malformed")["errors"][0]["field"] == "Idempotency-Key"


# -- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/tasks?view=claimable&limit=2",
        "/tasks?view=claimable&order=newest&limit=3",
        "/tasks?view=claimable&text=surat&limit=2",
        "/runs?limit=2",
        "/runs?state=running&limit=3",
        "/board?only=all&limit=2",
        "/board?only=all&order=due&limit=3",
    ],
)
def test_cursors_walk_through_everything_once(of: Of, kecamatan: Kecamatan, now: datetime, path: str) -> None:
    with kecamatan.database.transaction() as session:
        rina = offices.actor(session, kecamatan.people["rina"], now)
        made = [runs.start(session, rina, kecamatan.sop, f"Surat {number}", now) for number in range(7)]
    found = of(MANAGER if "board" in path else "rina").pages(path)
    assert sorted(one.get("run_id", one["id"]) for one in found) == made


# -- what is malformed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/tasks?halaman=2", "halaman"),
        ("/tasks?limit=0", "limit"),
        ("/tasks?limit=101", "limit"),
        ("/tasks?limit=1&limit=2", "limit"),
        ("/tasks?limit=%D9%A1", "limit"),
        ("/tasks?limit=null", "limit"),
        ("/tasks?returned=ya", "returned"),
        ("/tasks?view=semua", "view"),
        ("/tasks?definition=99999999999", "definition"),
        ("/tasks?after=x", "after"),
        ("/runs/1?x=1", "x"),
        ("/me?x=1", "x"),
        ("/statistics?first=2026-13", "first"),
    ],
)
def test_a_parameter_that_is_not_as_documented_is_named(of: Of, path: str, field: str) -> None:
    secret = MANAGER if "statistics" in path else "rina"
    assert problem(of(secret).get(path), 400, "malformed")["errors"][0]["field"] == field


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"definition_id": 1}', "$"),
        (b'{"definition_id": "1", "subject": "x"}', "$.definition_id"),
        (b'{"definition_id": 1, "subject": ""}', "$.subject"),
        (b'{"definition_id": 1, "subject": "x", "lain": 1}', "$.lain"),
        (b'{"definition_id": 1, "subject": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "$"),
        (b"[" * 100_000, "$"),
        (b"{", "$"),
        (b"", "$"),
        (b'{"definition_id": 1, "subject": "\xff"}', "$"),
    ],
)
def test_a_body_that_is_not_as_documented_is_refused(of: Of, body: bytes, field: str) -> None:
    answer = of("rina").send("/runs", body, "application/json")
    assert problem(answer, 400, "malformed")["errors"][0]["field"] == field


def test_bodies_are_bounded_and_of_the_type_that_is_documented(of: Of) -> None:
    rina = of("rina")
    told = problem(rina.send("/runs", b" " * 300_000, "application/json"), 413, "too-large")
    assert told["detail"] == "Isinya terlalu besar: paling besar 256 kB."
    problem(rina.send("/tasks/1/claim", b" " * 300_000, "application/json"), 413, "too-large")
    problem(rina.send("/tasks/1/claim", b'{"a": 1}', "application/json"), 400, "malformed")
    problem(rina.send("/runs", b"{}", "text/plain"), 415, "unsupported-media-type")
    problem(of("analis").send("/drafts", LETTER, "text/plain"), 415, "unsupported-media-type")
    problem(of("analis").send("/drafts", b" " * 6_000_000), 413, "too-large")


# -- everything else under /api ---------------------------------------------------------------------------------------


def test_what_there_is_not_and_methods_that_are_not_taken_are_problems(of: Of) -> None:
    rina = of("rina")
    for path in ("/tugas", "/tasks/0", "/tasks/2147483648", "/tasks/x", "/problems/x"):
        problem(rina.get(path), 404, "not-found")
    problem(rina.client.get("/api/v2/tasks"), 404, "not-found")
    answer = rina.client.delete(f"{API}/tasks", headers=rina.headers)
    problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_a_fault_is_a_problem_that_tells_nothing_of_the_inside(
    kecamatan: Kecamatan, settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(kecamatan.database, settings)
    app.testing = False

    def fail(*_given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("engine.tasks.claim", fail)
    answer = Client(app.test_client(), token(kecamatan, now, "rina")).post("/tasks/1/claim")
    problem(answer, 500, "fault")
    assert "Zero" not in answer.text


def test_a_problem_is_told_in_the_language_that_is_asked_for(of: Of) -> None:
    english = of("rina").get("/tasks/99", **{"Accept-Language": "en-GB,en;q=0.9"}).get_json()
    indonesian = of("rina").get("/tasks/99", **{"Accept-Language": "de"}).get_json()
    assert english["detail"] != indonesian["detail"]
    assert "tidak ditemukan" in indonesian["detail"]


def test_the_document_is_valid_openapi_and_leaves_no_address_out(app: Flask) -> None:
    document = app.test_client().get(f"{API}/openapi.json").get_json()
    openapi_spec_validator.validate(document, cls=OpenAPIV31SpecValidator)
    told = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    rules = {
        (method, re.sub(r"<(?:id:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert told == rules
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    assert all(one["summary"].endswith(".") for one in operations)
    assert len({one["operationId"] for one in operations}) == len(operations)


def test_every_type_of_problem_is_an_address(app: Flask) -> None:
    found = app.test_client().get(f"{API}/problems/key-reused").get_json()
    assert (found["status"], found["type"]) == (422, f"{API}/problems/key-reused")
