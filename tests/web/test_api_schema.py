"""Schemathesis against the API, by the document that the API tells of itself, as staff, analyst and manager.

Every check it has is on. What it sends is made from a fixed seed, so that a run that passes passes again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from schemathesis import Case, Response, openapi
from schemathesis.config import (
    ChecksConfig,
    GenerationConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.transport.wsgi import WSGITransport

from engine import offices, runs
from engine.database import Database
from engine.states import Right
from tests.web.conftest import Kecamatan, furnish, make_app
from tests.web.test_api import MANAGER, token
from web.config import Settings

EXAMPLES = {"rina": 15, "analis": 12, MANAGER: 8}
"""Who asks, and the requests that are made up for each operation beside those at the bounds of each parameter."""

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

OF_NETWORKS = ("max_redirects", "verify", "cert", "proxies")


@dataclass
class Report:
    """What was asked and answered: requests by status, checks by name, and what failed."""

    statuses: Counter[int] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def read(self, event: events.EngineEvent) -> None:
        if isinstance(event, events.ScenarioFinished):
            self._scenario(event.recorder)
        elif isinstance(event, events.NonFatalError):
            self.failures.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            raise event.exception

    def _scenario(self, recorder: ScenarioRecorder) -> None:
        for interaction in recorder.interactions.values():
            if interaction.response is not None:
                self.statuses[interaction.response.status_code] += 1
        for case, checks in recorder.checks.items():
            sent = recorder.cases[case].value
            for check in checks:
                self.checks[check.name] += 1
                if check.status is Status.FAILURE and check.failure_info is not None and not unsaid(sent, check.name):
                    asked = f"{sent.method} {sent.formatted_path} {sent.query} {sent.headers} {sent.body!r}"
                    failure = check.failure_info.failure
                    self.failures.append(f"{recorder.label} {check.name}: {asked}: {failure}"[:2000])

    def __str__(self) -> str:
        asked = ", ".join(f"{count} x {status}" for status, count in sorted(self.statuses.items()))
        checked = ", ".join(f"{count} x {name}" for name, count in sorted(self.checks.items()))
        return f"{sum(self.statuses.values())} requests ({asked}); checks: {checked}; failures: {len(self.failures)}"


def unsaid(case: Case[Any], check: str) -> bool:
    """Whether what is said to break the schema cannot be sent: of an empty list a form has no field at all."""
    if check != "negative_data_rejection" or case.media_type != "multipart/form-data":
        return False
    return isinstance(case.body, dict) and any(value in ([], {}) for value in case.body.values())


@pytest.fixture
def kecamatan(sqlite: Database, now: datetime) -> Kecamatan:
    """The office with some runs under way, and a manager."""
    made = furnish(sqlite, now)
    with sqlite.transaction() as session:
        rights = frozenset({Right.MANAGER})
        made.people[MANAGER] = offices.add_person(session, made.office, MANAGER, "Maya", "kata sandi lain", rights)
        rina = offices.actor(session, made.people["rina"], now)
        for number in range(3):
            runs.start(session, rina, made.sop, f"Surat {number}", now)
    return made


@pytest.fixture
def app(kecamatan: Kecamatan, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application, called without a network. To that schemathesis 4.32 hands on what only a network knows."""
    send = WSGITransport.send

    def without_network(self: WSGITransport, case: Case[Any], *, session: Any = None, **given: Any) -> Response:
        kept = {name: value for name, value in given.items() if name not in OF_NETWORKS}
        return send(self, case, session=session, **kept)

    monkeypatch.setattr(WSGITransport, "send", without_network)
    app = make_app(kecamatan.database, settings)
    monkeypatch.setattr(app, "wsgi_app", closing(app.wsgi_app))
    return app


def closing(app: WSGIApplication) -> WSGIApplication:
    """The application as a server calls it: schemathesis leaves files open."""

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        answer = app(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            getattr(answer, "close", lambda: None)()

    return call


@pytest.mark.parametrize("username", EXAMPLES)
def test_schemathesis_finds_nothing(app: Flask, kecamatan: Kecamatan, now: datetime, username: str) -> None:
    report = Report()
    schema = openapi.from_wsgi(
        "/api/v1/openapi.json", app, config=configured(token(kecamatan, now, username), username)
    )
    for event in from_schema(schema).execute():
        report.read(event)
    print(f"{username}: {report}")
    assert report.failures == []
    assert len(report.checks) == 14
    assert report.statuses[200] + report.statuses[201] > 200


def configured(secret: str, username: str) -> SchemathesisConfig:
    """All checks and all phases. What the engine refuses, 422, is no fault of the document: it knows no SOP."""
    accepted = PositiveDataAcceptanceConfig(expected_statuses=["2xx", "401", "403", "404", "409", "422"])
    generation = GenerationConfig(max_examples=EXAMPLES[username], deterministic=True, no_shrink=True, database="none")
    project = ProjectConfig(
        headers={"Authorization": f"Bearer {secret}"},
        workers=1,
        checks=ChecksConfig(positive_data_acceptance=accepted),
        generation=generation,
    )
    return SchemathesisConfig(seed=1, projects=ProjectsConfig(default=project))
