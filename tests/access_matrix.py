"""Who gets where: every route, as everybody, for what the own office has and for what another one has.

    python -m tests.access_matrix

prints it as a table: HTTP statuses by role, those of the own office's things before the stroke and those of the other
office's behind it; `*` where something was done. `tests/web/test_access_walk.py` holds it to the rules.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests import two_offices
from tests.engine.media_files import PDF
from tests.two_offices import NOBODY, OTHER, OWN, ROLES, World
from tests.web.conftest import LETTER
from web import auth

CHANGING = re.compile(
    r'name="(?:csrf_token|orang|tertulis|kunci)" value="[^"]*"|"?csrf[_-]token"?(?::| content=) ?"[^"]*"',
)
"""What differs between two answers that say the same."""

PERSONAL = frozenset({"csrf_token", "orang"})
"""Fields of a form that are of the person who was shown it."""


@dataclass(frozen=True)
class Answer:
    """What came of a request; `body` and `location` without the address itself and without tokens."""

    status: int
    location: str
    body: str
    leaks: bool
    changed: frozenset[str]

    @property
    def said(self) -> tuple[int, str, str]:
        return self.status, self.location, self.body

    def __str__(self) -> str:
        return f"{self.status}{'*' if self.changed else ''}"


@dataclass(frozen=True)
class Row:
    """A route with what each role was answered; `other` and `missing` where its address has ids."""

    rule: str
    method: str
    endpoint: str
    own: Mapping[str, Answer]
    other: Mapping[str, Answer]
    missing: Mapping[str, Answer]


@dataclass
class Form:
    """A form of a page, filled as the page fills it, and where there is nothing with a word."""

    method: str
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def data(self) -> dict[str, Any]:
        """What Werkzeug's client sends."""
        data: dict[str, Any] = {}
        for name, value in self.fields:
            if name not in PERSONAL:
                data.setdefault(name, []).append(value)
        return data | {name: (io.BytesIO(PDF), "surat.pdf") for name in self.files}


class Forms(HTMLParser):
    """The forms of a page."""

    def __init__(self, page: str, address: str) -> None:
        super().__init__()
        self.address, self.found, self.select, self.area = address, list[Form](), "", ""
        self.inside: Form | None = None
        self.options: list[tuple[str, bool]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.inside = Form(known.get("method", "get").upper(), known.get("action") or self.address)
            self.found.append(self.inside)
        form = self.inside
        if form is None or not (known.get("name") or tag == "option"):
            return
        if tag == "input":
            self._input(form, known)
        elif tag == "button" and known.get("name"):
            form.fields.append((known["name"], known.get("value", "")))
        elif tag == "select":
            self.select, self.options = known["name"], []
        elif tag == "option":
            self.options.append((known.get("value", ""), "selected" in known))
        elif tag == "textarea":
            form.fields.append((known["name"], f"Catatan uji {OWN}"))

    def _input(self, form: Form, known: Mapping[str, str]) -> None:
        kind, name, value = known.get("type", "text"), known.get("name", ""), known.get("value", "")
        if kind == "file":
            form.files.append(name)
        elif kind in ("checkbox", "radio"):
            if "checked" in known or not any(one == name for one, _ in form.fields):
                form.fields.append((name, value or "on"))
        elif kind != "submit":
            form.fields.append(
                (name, value or {"date": "2027-05-03", "number": "3", "email": "a@b.id"}.get(kind, "Uji"))
            )

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        if tag == "select" and self.select:
            chosen = [value for value, selected in self.options if selected] or [
                value for value, _ in self.options if value
            ]
            if self.inside is not None and chosen:
                self.inside.fields.append((self.select, chosen[0]))
            self.select = ""


def forms(world: World) -> dict[str, Form]:
    """By endpoint the fullest form for it that any page of the own office shows to anybody, or an answer to a form."""
    found: dict[str, Form] = {}
    for rule, method in two_offices.rules(world.app):
        if method == "GET":
            for role in ROLES:
                address = two_offices.path(rule, world.own)
                _gather(world.app, found, address, world.ask("GET", address, role))
    for form in list(found.values()):
        if form.method != "GET":
            _gather(world.app, found, form.action, world.ask("POST", form.action, "administrator", data=form.data()))
            world.changed()
    return found


def _gather(app: Flask, found: dict[str, Form], address: str, answer: TestResponse) -> None:
    if answer.mimetype != "text/html":
        return
    for form in Forms(answer.text, address).found:
        endpoint = _endpoint(app, form)
        if endpoint and len(form.fields) >= len(found.get(endpoint, form).fields):
            found[endpoint] = form


def _endpoint(app: Flask, form: Form) -> str:
    try:
        return str(app.url_map.bind("localhost").match(urlsplit(form.action).path, method=form.method)[0])
    except HTTPException:
        return ""


def walk(world: World, known: Mapping[str, Form]) -> Iterator[Row]:
    """Every route as everybody, with the forms of the pages."""
    for rule, method in two_offices.rules(world.app):
        form = known.get(rule.endpoint) if method != "GET" else None
        roles = (NOBODY, *ROLES)
        own = {role: _answer(world, rule, method, role, two_offices.path(rule, world.own), form) for role in roles}
        other, missing = {}, {}
        if two_offices.path(rule, world.own) != two_offices.path(rule, world.other):
            theirs = two_offices.path(rule, world.other)
            nothing = two_offices.path(rule, world.own, missing=True)
            other = {role: _answer(world, rule, method, role, theirs, form) for role in roles}
            missing = {role: _answer(world, rule, method, role, nothing, form) for role in roles}
        yield Row(rule.rule, method, rule.endpoint, own, other, missing)


def _answer(world: World, rule: Rule, method: str, role: str, address: str, form: Form | None) -> Answer:
    sent = two_offices.with_credentials(rule, world, role)
    if method != "GET":
        more = content(rule, form)
        sent = {**sent, **more, "headers": {**sent.get("headers", {}), **more.get("headers", {})}}
    response = world.ask(method, address, role, **sent)
    body = (
        "" if (response.mimetype or "").startswith(("image/", "application/pdf")) else response.get_data(as_text=True)
    )
    return Answer(
        response.status_code,
        plain(response.headers.get("Location", ""), address),
        plain(body, address),
        OTHER in body or (role == NOBODY and OWN in body),
        frozenset(world.changed()),
    )


def content(rule: Rule, form: Form | None) -> dict[str, Any]:
    """What is sent to a route that does something: the form of a page, or what scripts and applications send."""
    blueprint = rule.endpoint.rpartition(".")[0]
    if rule.endpoint == "camunda.deploy":
        return {"data": {"deployment-name": "Uji", "surat.bpmn": (io.BytesIO(LETTER), "surat.bpmn")}}
    if blueprint == "modeler":
        return {"data": LETTER, "headers": {"If-Match": '"1"', "Content-Type": "application/xml"}}
    if form is not None:
        return {"data": form.data()}
    return {"json": {}} if blueprint in auth.WITH_CREDENTIALS else {"data": {}}


def plain(text: str, address: str) -> str:
    """A text without tokens and without the address that was asked for."""
    for one in (address, quote(address, safe=""), quote(address)):
        text = text.replace(one, "…")
    return CHANGING.sub("", unescape(text))


def table(rows: list[Row]) -> Iterator[str]:
    """The matrix in lines of text."""
    roles = (NOBODY, *ROLES)
    widest = max(len(row.rule) for row in rows)
    yield f"{'':{widest + 7}}" + "".join(f"{role:>21}" for role in roles)
    for row in rows:
        cells = [f"{row.own[role]!s:>5} | {str(row.other[role]) if row.other else '':<5}" for role in roles]
        yield f"{row.method:<6} {row.rule:<{widest}}" + "".join(f"{cell:>21}" for cell in cells)


def main() -> int:
    """Print the matrix."""
    with TemporaryDirectory() as folder:
        return pytest.main(["-q", "-s", "-n0", "-k", "matrix", "--basetemp", str(Path(folder, "t")), WALK])


WALK = "tests/web/test_access_walk.py"

if __name__ == "__main__":
    sys.exit(main())
