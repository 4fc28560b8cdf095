"""Nothing of another office is visible or can be guessed, and nobody does what is not theirs to do: on every route.

`python -m tests.access_matrix` prints what is held to the rules here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests import two_offices
from tests.access_matrix import Form, Row, content, forms, table, walk
from tests.two_offices import NOBODY, OTHER, OWN, World
from web import auth

MANAGERS, ANALYSTS, ADMINISTRATORS = (
    frozenset({"manager", "administrator"}),
    frozenset({"analyst", "administrator"}),
    frozenset({"administrator"}),
)

ONLY = {
    "administration": ADMINISTRATORS,
    "batches": MANAGERS,
    "board": MANAGERS,
    "digest": MANAGERS,
    "event_log": MANAGERS,
    "modeler": ANALYSTS,
    "reviewing": ANALYSTS,
    "statistics": MANAGERS,
    "traffic": MANAGERS,
    "versions": ANALYSTS,
    "personal.office": MANAGERS,
    "sops.add_missing_jabatan": ANALYSTS,
    "sops.discard": ANALYSTS,
    "sops.reinstate": ANALYSTS,
    "sops.retire": ANALYSTS,
}
"""By blueprint or endpoint: who alone is not refused."""

OPEN = frozenset({"api.document", "api.documentation", "api.problem_type", "camunda.webapps"})
"""What applications get without credentials: it tells nothing of anybody. What browsers get is `auth.PUBLIC`."""

DONE_BY_SOMEBODY = 20
"""Routes at least that the walk has really made do something: otherwise its forms are no longer those of the pages."""


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path, assets: Path, translations: Path
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("offices")
    with two_offices.world_in(folder, empty_sqlite, assets, translations) as made:
        yield made


@pytest.fixture(scope="module")
def known(world: World) -> dict[str, Form]:
    return forms(world)


@pytest.fixture(scope="module")
def rows(world: World, known: dict[str, Form]) -> list[Row]:
    return list(walk(world, known))


def test_the_matrix_has_every_route(rows: list[Row], world: World) -> None:
    lines = list(table(rows))
    print("", *lines, sep="\n")
    assert len(lines) == len(two_offices.rules(world.app)) + 1


def test_what_another_office_has_is_answered_as_what_there_is_not(rows: list[Row]) -> None:
    walked = [row for row in rows if row.other]
    assert len(walked) > 40
    differing = [
        (row.method, row.rule, role)
        for row in walked
        for role in row.other
        if row.other[role].said != row.missing[role].said or row.other[role].status < 300
    ]
    assert differing == []


def test_nothing_of_another_office_shows_anywhere(rows: list[Row]) -> None:
    assert [
        (row.method, row.rule, role)
        for row in rows
        for answers in (row.own, row.other, row.missing)
        for role, answer in answers.items()
        if answer.leaks
    ] == []


def test_nothing_of_another_office_is_changed(rows: list[Row]) -> None:
    changed = [(row.method, row.rule, role) for row in rows for role, one in row.other.items() if one.changed]
    assert changed == []


def test_nothing_done_in_one_office_changes_another(rows: list[Row], world: World) -> None:
    assert rows
    assert not world.crossed


def test_without_a_log_in_there_is_only_the_way_to_it(rows: list[Row]) -> None:
    inside = [row for row in rows if row.endpoint not in auth.PUBLIC | OPEN]
    got_in = [
        (row.method, row.rule, str(answer))
        for row in inside
        for answer in [answers[NOBODY] for answers in (row.own, row.other) if answers]
        if not (answer.status == 401 or (answer.status == 302 and answer.location.startswith(("/masuk", "…masuk"))))
    ]
    assert got_in == []


def test_who_is_refused_has_changed_nothing(rows: list[Row]) -> None:
    assert [
        (row.method, row.rule, role, answer.changed)
        for row in rows
        for role, answer in row.own.items()
        if answer.changed and (answer.status >= 400 or role == NOBODY)
    ] == []


def test_reading_changes_nothing(rows: list[Row]) -> None:
    assert [
        (row.rule, role) for row in rows for role, one in row.own.items() if row.method == "GET" and one.changed
    ] == []


def test_everything_is_refused_to_those_without_the_right(rows: list[Row]) -> None:
    wrong = [
        (row.method, row.rule, role, answer.status)
        for row in rows
        for role, answer in row.own.items()
        if role != NOBODY
        and (allowed := ONLY.get(row.endpoint, ONLY.get(row.endpoint.rpartition(".")[0]))) is not None
        and (answer.status == 403) is (role in allowed)
    ]
    assert wrong == []


def test_the_walk_does_what_pages_do(rows: list[Row]) -> None:
    done = {row.endpoint for row in rows if row.method != "GET" and any(one.changed for one in row.own.values())}
    assert len(done) >= DONE_BY_SOMEBODY, sorted(done)


def test_ids_of_another_office_in_the_fields_of_a_form_reach_nothing(world: World, known: dict[str, Form]) -> None:
    """Whatever stands in a form as a number is replaced by the id of each kind of thing that the other office has."""
    asked, wrong = 0, []
    theirs = sorted(set(world.other.ids.values()) - {world.own.ids["people"]})
    for endpoint, form in known.items():
        for place, (name, usual) in enumerate(form.fields):
            for one in theirs if re.fullmatch(r"\d+(:\d+)?", usual) else ():
                fields = list(form.fields)
                fields[place] = (name, re.sub(r"\d+", str(one), usual))
                answer = _sent(world, Form(form.method, form.action, fields))
                asked += 1
                world.changed()
                if world.crossed or answer.status_code >= 500 or OTHER in answer.get_data(as_text=True):
                    wrong.append((endpoint, name, one))
    assert asked > 50
    assert wrong == []


def _sent(world: World, form: Form) -> TestResponse:
    if form.method == "GET":
        return world.ask("GET", form.action, "administrator", query_string=form.data())
    return world.ask("POST", form.action, "administrator", data=form.data())


@pytest.mark.parametrize("with_token", ["none", "another person's", "made up"])
def test_whatever_does_something_needs_the_token_of_its_session(world: World, with_token: str) -> None:
    """A page of another site can send a browser's cookie along, and not what stands in our pages."""
    tokens = {"none": "", "another person's": world.csrf[OWN, "manager"], "made up": "x.y.z"}
    got_through = []
    for rule, method in two_offices.rules(world.app):
        if method == "GET":
            continue
        sent = content(rule, None)
        sent["headers"] = {**sent.get("headers", {}), "X-CSRFToken": tokens[with_token]}
        answer = world.ask(method, two_offices.path(rule, world.own), "administrator", **sent)
        foreign = rule.endpoint.rpartition(".")[0] in auth.WITH_CREDENTIALS
        if world.changed() or answer.status_code != (401 if foreign else 400):
            got_through.append((method, rule.rule, answer.status_code))
    assert got_through == []


def test_every_answer_has_the_headers_that_browsers_are_held_by(world: World) -> None:
    lacking = []
    for rule, method in two_offices.rules(world.app):
        for role in (NOBODY, "administrator"):
            answer = world.ask(method, two_offices.path(rule, world.own), role)
            world.changed()
            policy = answer.headers.get("Content-Security-Policy", "")
            held = "default-src 'none'" in policy and "unsafe-eval" not in policy and "script-src 'unsafe" not in policy
            fixed = {
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
                "Referrer-Policy": "same-origin",
                "Cross-Origin-Opener-Policy": "same-origin",
                "Cross-Origin-Resource-Policy": "same-origin",
                "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            }
            if not held or any(answer.headers.get(name) != value for name, value in fixed.items()):
                lacking.append((method, rule.rule, role))
            if b"Traceback" in answer.get_data() or answer.status_code >= 500:
                lacking.append((method, rule.rule, str(answer.status_code)))
    assert lacking == []
