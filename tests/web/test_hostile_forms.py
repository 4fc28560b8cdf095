"""Whatever is sent to whatever route: never a fault, never half an act, and words for whoever sent it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests import access_matrix, two_offices
from tests.access_matrix import Form
from tests.two_offices import OTHER, ROLES, World

EXAMPLES = 400

HOSTILE = (
    *(
        "",
        " ",
        "\x00",
        "a\x00b",
        "\u202eterbalik\u2066",
        "\ufeff",
        "\U0001f600" * 50,
        "\ud7ff",
        "é" * 300,
        "x" * 20_000,
    ),
    *(
        "<script>alert(1)</script>",
        "%s%(x)s%n",
        "{0.__class__}",
        "{{ 7 * 7 }}",
        "'; DROP TABLE runs; --",
        "%",
        "_",
        "\\",
    ),
    *("\r\nBcc: x@example.org", "//evil.example/", "https://evil.example/", "javascript:alert(1)", "/\\evil.example"),
    *("0", "-1", "1.5", "1e309", "NaN", "٣", "²", "१२", "2147483647", "2147483648", "9223372036854775808", "9" * 400),
    *("2026-02-30", "0001-01-01", "9999-12-31", "26-1-1", "25:61", "../../etc/passwd"),
    *("null", "[]", "{}", "ya", "tidak", "1:1", "1:9999999999", ":", "1:x:y", "1 2"),
)
"""Long, empty, unseen, reversed, markup, formats, addresses, numbers and days that there are not."""

BODIES: tuple[tuple[str, bytes], ...] = (
    ("application/x-www-form-urlencoded", b"%ff=%fe&catatan=%c3%28&&&=;&" + b"a=1&" * 2000),
    ("application/x-www-form-urlencoded", b"%"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="catatan"\r\n\r\ntanpa akhir'),
    ("multipart/form-data", b"tanpa batas"),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a"; filename="\x00"\r\n\r\n\x00\r\n--x--',
    ),
    ("application/json", b'{"a": [[[[' + b"[" * 5000),
    ("application/json", b'"\\ud800"'),
    ("application/xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "' + b"b" * 1000 + b'">]><a>&b;&b;</a>'),
    ("text/plain; charset=utf-99", b"\xff\xfe"),
    ("", b"\x00" * 100),
)
"""Bodies that are not what their type says, or no type at all."""


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path, assets: Path, translations: Path
) -> Iterator[World]:
    with two_offices.world_in(tmp_path_factory.mktemp("offices"), empty_sqlite, assets, translations) as made:
        made.app.testing = False  # a fault is then an answer, as it is to people
        yield made


@pytest.fixture(scope="module")
def known(world: World) -> dict[str, Form]:
    return access_matrix.forms(world)


@pytest.fixture(scope="module")
def queries(world: World) -> list[str]:
    """All names that stand behind a question mark anywhere, and those of forms that ask."""
    names = {"setelah", "sebelum"}
    for rule, method in two_offices.rules(world.app):
        if method == "GET":
            page = world.ask("GET", two_offices.path(rule, world.own), "administrator")
            if page.mimetype == "text/html":
                for address in re.findall(r'href="([^"]*[?][^"]*)"', page.text):
                    names |= {name for name, _ in parse_qsl(urlsplit(address.replace("&amp;", "&")).query)}
                forms = access_matrix.Forms(page.text, "").found
                names |= {name for form in forms if form.method == "GET" for name, _ in form.fields}
    return sorted(names)


def held(world: World, answer: TestResponse, what: object) -> None:
    """The answer is no fault, tells why, shows nothing of the other office; and what was refused did nothing."""
    changed, text = world.changed(), answer.get_data()
    assert answer.status_code < 500, what
    assert not world.crossed, what
    assert not (changed and answer.status_code >= 400), (what, answer.status_code, changed)
    assert b"Traceback" not in text
    assert OTHER.encode() not in text, what
    target = answer.headers.get("Location", "/")
    assert target.startswith("/"), (what, target)
    assert not target.startswith(("//", "/\\")), (what, target)
    if answer.status_code >= 400 and answer.mimetype == "text/html":
        words = re.sub(rb"<[^>]*>", b" ", text.partition(b"<main")[2])
        assert len(words.split()) > 3, (what, answer.status_code)


def values(world: World) -> st.SearchStrategy[str]:
    ids = sorted({str(one) for known in (world.own, world.other) for one in known.ids.values()})
    text = st.text(st.characters(codec="utf-8"), max_size=40)
    return st.one_of(st.sampled_from(HOSTILE), st.sampled_from(ids), text)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_form_brings_it_down_or_gets_half_way(world: World, known: dict[str, Form], data: st.DataObject) -> None:
    routes = [(rule, method) for rule, method in two_offices.rules(world.app) if method != "GET"]
    rule, method = data.draw(st.sampled_from(routes), label="route")
    role = data.draw(st.sampled_from([*ROLES]), label="role")
    form = known.get(rule.endpoint, Form("POST", "", [("catatan", "x"), ("alasan", "x")]))
    fields = _fields(world, form, data)
    sent: dict[str, Any] = {"data": fields}
    if form.files and data.draw(st.sampled_from([True, False]), label="with files"):
        content = io.BytesIO(data.draw(st.binary(max_size=200)))
        file = (content, data.draw(st.sampled_from(HOSTILE)))
        sent["data"] = {**{name: fields.getlist(name) for name in fields}, form.files[0]: file}
    more = two_offices.with_credentials(rule, world, role)
    address = two_offices.path(rule, world.own)
    answer = world.ask(method, address, role, **sent, **more)
    held(world, answer, (method, address, role, fields))


def _fields(world: World, form: Form, data: st.DataObject) -> MultiDict[str, str]:
    """A form's fields as they are, other than they are, several times, not at all; and one that it does not have."""
    fields: MultiDict[str, str] = MultiDict()
    value: st.SearchStrategy[str] = values(world)
    for name, usual in form.fields:
        if name in access_matrix.PERSONAL:
            continue
        what = data.draw(st.sampled_from(["usual", "usual", "other", "other", "twice", "none"]), label=name)
        if what != "none":
            fields.add(name, usual if what == "usual" else data.draw(value, label=name))
        if what == "twice":
            fields.add(name, data.draw(value, label=name))
    fields.add(data.draw(st.sampled_from(["x", "isian.", "isian", "periksa.", "kunci", "dari", "tertulis"])), "1:2")
    return fields


@settings(
    max_examples=EXAMPLES // 2,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_address_brings_it_down(world: World, queries: list[str], data: st.DataObject) -> None:
    routes = [rule for rule, method in two_offices.rules(world.app) if method == "GET"]
    rule = data.draw(st.sampled_from(routes), label="route")
    role = data.draw(st.sampled_from(["staff", "administrator"]), label="role")
    asked = st.lists(st.tuples(st.sampled_from(queries), values(world)), min_size=1, max_size=4)
    query = "&".join(f"{name}={quote(value)}" for name, value in data.draw(asked, label="query"))
    address = f"{two_offices.path(rule, world.own)}?{query}"
    answer = world.ask("GET", address, role, **two_offices.with_credentials(rule, world, role))
    held(world, answer, address)


def test_a_body_that_is_not_what_it_says_is_refused_in_words(world: World) -> None:
    for rule, method in two_offices.rules(world.app):
        if method != "GET":
            for kind, body in BODIES:
                _malformed(world, rule, method, kind, body)


def _malformed(world: World, rule: Rule, method: str, kind: str, body: bytes) -> None:
    more = two_offices.with_credentials(rule, world, "administrator")
    address = two_offices.path(rule, world.own)
    answer = world.ask(method, address, "administrator", data=body, content_type=kind, **more)
    held(world, answer, (method, address, kind, body[:40]))
