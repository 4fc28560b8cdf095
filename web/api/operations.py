"""An operation: a function with a route and scopes, whose signature and docstring are also its documentation.

The function takes `act` (a session, who asks, and when: one transaction) or, where it opens transactions itself,
`bearer` and perhaps `key`; then the ids in its path by their names, `query` and `body` as shapes. What it returns is a
shape as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar, get_type_hints
from urllib.parse import urlencode

import msgspec
from flask import Blueprint, request
from werkzeug.wrappers import Response

from engine import submissions
from engine.tokens import Bearer
from web import edge
from web.api import asking

ROOT = "/api/v1"

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Operation:
    """What the code says of an operation. `takes` and `gives` are media types other than JSON, with their schemas."""

    method: str
    path: str
    """Below ROOT, ids in braces."""
    scope: str | None
    """What a token needs; None where any will do."""
    function: Callable[..., Any]
    status: int
    takes: str
    gives: str
    location: str
    """Where what was made is, with a place for its id; "" where nothing is made."""

    @property
    def name(self) -> str:
        """Its id."""
        return self.function.__name__

    @property
    def tag(self) -> str:
        """What it is about: the module it is written in."""
        return self.function.__module__.rpartition(".")[2]

    @property
    def hints(self) -> dict[str, Any]:
        """The types of what it takes, and of what it returns."""
        return _hints(self.function)

    @property
    def ids(self) -> list[str]:
        """The names of the ids in its path."""
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]

    @property
    def query(self) -> type[msgspec.Struct] | None:
        """The shape of its parameters."""
        return self.hints.get("query")

    @property
    def body(self) -> type[msgspec.Struct] | None:
        """The shape of its body, where that is JSON."""
        return self.hints.get("body")

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.method == "POST"


@cache
def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    return get_type_hints(function, include_extras=True)


OPERATIONS: list[Operation] = []
"""All of them, in the order in which they are written."""


def get(path: str, scope: str | None = None, gives: str = asking.JSON) -> Callable[[Function], Function]:
    """The function answers `GET path`."""
    return _operation("GET", path, scope, 200, asking.JSON, gives, "")


def post(
    path: str, scope: str | None = None, status: int = 200, takes: str = asking.JSON, location: str = ""
) -> Callable[[Function], Function]:
    """The function answers `POST path`, with 204 where it returns nothing."""
    return _operation("POST", path, scope, status, takes, asking.JSON, location)


def _operation(
    method: str, path: str, scope: str | None, status: int, takes: str, gives: str, location: str
) -> Callable[[Function], Function]:
    def add(function: Function) -> Function:
        OPERATIONS.append(Operation(method, path, scope, function, status, takes, gives, location))
        return function

    return add


def route(blueprint: Blueprint) -> None:
    """Give every operation its address.

    Those of one path are one rule: of two, Werkzeug tells an id that is none as a method that is not allowed.
    """
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in OPERATIONS:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    for path, methods in by_path.items():
        rule = ROOT + path.replace("{", "<id:").replace("}", ">")
        blueprint.add_url_rule(rule, "_".join(one.name for one in methods.values()), _view(methods), methods=[*methods])


def _view(methods: dict[str, Operation]) -> Callable[..., Response]:
    def view(**ids: int) -> Response:
        operation = methods["GET" if request.method == "HEAD" else request.method]
        bearer = asking.bearer()
        if operation.scope is not None:
            bearer.require(operation.scope)
        if operation.writes:
            return _written(operation, bearer, ids)
        return _read(operation, bearer, ids)

    view.__doc__ = " ".join(operation.function.__doc__ or "" for operation in methods.values())
    return view


def _read(operation: Operation, bearer: Bearer, ids: dict[str, int]) -> Response:
    given = _given(operation, ids)
    if "bearer" in operation.hints:
        found = operation.function(bearer, **given)
    else:
        with edge.reading_as(bearer.who.id) as act:
            found = operation.function(act, **given)
    return found if isinstance(found, Response) else _answer(operation, _encoded(found))


def _written(operation: Operation, bearer: Bearer, ids: dict[str, int]) -> Response:
    key, given = asking.key(), _given(operation, ids)
    if "bearer" in operation.hints:
        return _answer(operation, _encoded(operation.function(bearer, **given, key=key)))
    asked = f"{request.full_path} {sha256(request.get_data()).hexdigest()}"
    with edge.acting_as(bearer.who.id) as act:
        done = submissions.once(
            act.session, act.who, key, asked, lambda: _encoded(operation.function(act, **given)), act.now
        )
    return _answer(operation, done)


def _given(operation: Operation, ids: dict[str, int]) -> dict[str, Any]:
    given: dict[str, Any] = dict(ids)
    query = asking.query(operation.query)
    if query is not None:
        given["query"] = query
    if operation.body is not None:
        given["body"] = asking.json(operation.body)
    elif operation.writes and operation.takes == asking.JSON:
        asking.nothing()
    return given


def _encoded(found: msgspec.Struct | None) -> str:
    return "" if found is None else msgspec.json.encode(found).decode()


def _answer(operation: Operation, text: str) -> Response:
    """The answer, also one that was given before: with where the thing is that was made, and the page that follows."""
    if not text:
        return Response(status=204)
    response = Response(text, status=operation.status, mimetype=asking.JSON)
    told = msgspec.json.decode(text) if operation.location or operation.query else {}
    if operation.location:
        response.headers["Location"] = ROOT + operation.location.format(id=told["id"])
    if not operation.writes and told.get("next"):
        following = urlencode({**request.args, "after": told["next"]})
        response.headers["Link"] = f'<{request.path}?{following}>; rel="next"'
    return response
