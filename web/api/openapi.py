"""The OpenAPI 3.1 document, made from the operations: their routes, signatures, docstrings and shapes."""

from __future__ import annotations

import inspect
import re
from importlib.metadata import version as installed
from typing import Any, TypeGuard

import msgspec

from engine import tokens
from web.api import board, definitions, documents, person, runs, statistics, tasks
from web.api.asking import JSON, KEY, KEY_PATTERN, properties
from web.api.operations import OPERATIONS, ROOT, Operation
from web.api.problems import KINDS, MEDIA_TYPE, TYPES, Problem

Json = dict[str, Any]

MODULES = (person, tasks, runs, documents, definitions, board, statistics)
"""What the API is about, in the order in which it is told."""

SCOPES = {
    tokens.DEPLOY: "Send diagrams as drafts; the owner is an analyst.",
    tokens.PUBLISH: "Publish diagrams; the owner is an analyst.",
    tokens.START: "Start runs.",
    tokens.TASKS: "Read tasks, and do those of the owner.",
    tokens.RUNS: "Read runs and their documents, attach documents, comment.",
    tokens.DEFINITIONS: "Read SOPs and their diagrams.",
    tokens.MANAGE: "Read the board and the statistics; the owner is a manager.",
}

ABOUT = """\
Every request carries an access token, made by its owner in Lajur under “Token akses”:
`Authorization: Bearer lajur_…`. It gives the scopes that it was made for, and never more than its owner may do. Nothing
of another office is ever found.

Moments are ISO 8601 in UTC, durations minutes of working time. A list is read page by page: `next` of a page is the
cursor `after` of the one behind it, and the header `Link` is its address. What is sent with a POST may be sent again
with the same `Idempotency-Key`, within 7 days: it is done once, and answered as before. What goes wrong is told as a
problem (RFC 9457), in the language of `Accept-Language`, `id` or `en`."""

_REF = "#/components/schemas/{name}"


def document() -> Json:
    """All of it."""
    paths: Json = {}
    for operation in OPERATIONS:
        paths.setdefault(ROOT + operation.path, {})[operation.method.lower()] = _operation(operation)
    for path, told in PUBLIC.items():
        paths[path] = {"get": told}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Lajur", "version": installed("lajur"), "summary": "SOPs that run", "description": ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": _tag(module), "description": _sentence(module.__doc__)} for module in MODULES]
        + [{"name": "documentation", "description": "The documentation itself; it needs no token."}],
        "paths": paths,
        "components": {"schemas": _schemas(), "responses": _problems(), "securitySchemes": {"token": _SECURITY}},
    }


_SECURITY = {
    "type": "http",
    "scheme": "bearer",
    "description": "An access token. Its scopes: " + " ".join(f"`{name}`: {told}" for name, told in SCOPES.items()),
}

PUBLIC: dict[str, Json] = {
    f"{ROOT}/": {
        "operationId": "read_documentation",
        "tags": ["documentation"],
        "summary": "Read the documentation as a page.",
        "security": [],
        "responses": {"200": {"description": "The page.", "content": {"text/html": {"schema": {"type": "string"}}}}},
    },
    f"{ROOT}/openapi.json": {
        "operationId": "read_openapi",
        "tags": ["documentation"],
        "summary": "Read this document.",
        "security": [],
        "responses": {"200": {"description": "The document.", "content": {JSON: {"schema": {"type": "object"}}}}},
    },
    TYPES + "{name}": {
        "operationId": "read_problem_type",
        "tags": ["documentation"],
        "summary": "Read what a type of problem means.",
        "security": [],
        "parameters": [
            {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "enum": list(KINDS)}}
        ],
        "responses": {
            "200": {
                "description": "Its status, title and meaning.",
                "content": {JSON: {"schema": {"$ref": _REF.format(name="ProblemType")}}},
            },
            "404": {"$ref": "#/components/responses/404"},
        },
    },
}
"""What needs no token."""


def _operation(operation: Operation) -> Json:
    summary, _, description = inspect.cleandoc(operation.function.__doc__ or "").partition("\n")
    told: Json = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": summary,
        "description": " ".join(description.split()),
        "parameters": _parameters(operation),
        "responses": _responses(operation),
        "security": [{"token": [operation.scope] if operation.scope else []}],
    }
    body = _body(operation)
    if body is not None:
        told["requestBody"] = {"required": True, "content": body}
    return told


def _tag(module: object) -> str:
    return str(getattr(module, "__name__", "")).rpartition(".")[2]


def _sentence(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())


def _parameters(operation: Operation) -> list[Json]:
    found = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
        }
        for name in operation.ids
    ]
    if operation.query is not None:
        required = _required(operation.query)
        for name, schema in properties(operation.query).items():
            bare = {key: value for key, value in schema.items() if key != "description"}
            told: Json = {"name": name, "in": "query", "required": name in required, "schema": bare}
            if "description" in schema:
                told["description"] = schema["description"]
            found.append(told)
    if operation.writes:
        found.append(
            {
                "name": KEY,
                "in": "header",
                "required": False,
                "schema": {"type": "string", "pattern": KEY_PATTERN},
                "description": "Chosen by the application: the same request with the same key is done once.",
            }
        )
    return found


def _required(shape: type[msgspec.Struct]) -> list[str]:
    _, components = msgspec.json.schema_components([shape])
    required: list[str] = components[shape.__name__].get("required", [])
    return required


def _body(operation: Operation) -> Json | None:
    if operation.body is not None:
        return {JSON: {"schema": {"$ref": _REF.format(name=operation.body.__name__)}}}
    if operation.takes == documents.FORM:
        return {documents.FORM: {"schema": {"$ref": _REF.format(name=documents.DocumentForm.__name__)}}}
    if operation.takes != JSON:
        return {operation.takes: {"schema": {"type": "string", "contentMediaType": operation.takes}}}
    return None


def _responses(operation: Operation) -> Json:
    told: Json = {str(operation.status): _success(operation)}
    for status in _statuses(operation):
        told[str(status)] = {"$ref": f"#/components/responses/{status}"}
    return told


def _success(operation: Operation) -> Json:
    if operation.gives != JSON:
        content = {operation.gives: {"schema": {"type": "string", "format": "binary"}}}
        if operation.gives == documents.BINARY:
            content = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
        return {"description": "The file.", "content": content}
    given = operation.hints["return"]
    if given is type(None):
        return {"description": "It is done."}
    told: Json = {
        "description": _sentence(given.__doc__),
        "content": {JSON: {"schema": {"$ref": _REF.format(name=given.__name__)}}},
    }
    headers: Json = {}
    if operation.location:
        headers["Location"] = {"description": "Its address.", "schema": {"type": "string"}}
    if "next" in given.__struct_fields__:
        headers["Link"] = {"description": 'The page behind it, `rel="next"`.', "schema": {"type": "string"}}
    if headers:
        told["headers"] = headers
    return told


def _statuses(operation: Operation) -> list[int]:
    """With which problems it may answer."""
    found = {400, 401, 403}
    if operation.ids or operation.writes:
        found.add(404)
    if operation.writes:
        found |= {409, 413, 422}
    if _body(operation) is not None:
        found.add(415)
    return sorted(found)


def _problems() -> Json:
    """By status; a status has one kind of problem or several."""
    told: Json = {}
    for name, kind in KINDS.items():
        status = str(kind.status)
        before = f"{told[status]['description']} " if status in told else ""
        described = f"{before}`{TYPES}{name}`: {kind.meaning}"
        schema = {"$ref": _REF.format(name="Problem")}
        told[status] = {"description": described, "content": {MEDIA_TYPE: {"schema": schema}}}
    return told


def _schemas() -> Json:
    """Of all that is taken and given as JSON."""
    found: list[type[msgspec.Struct]] = [Problem, ProblemType, documents.DocumentForm]
    queries = [operation.query for operation in OPERATIONS if operation.query is not None]
    for operation in OPERATIONS:
        given = operation.hints["return"]
        found += [shape for shape in (operation.body, given) if _is_shape(shape)]
    # Of parameters, those that are enumerations are named as well.
    _, components = msgspec.json.schema_components(list(dict.fromkeys([*found, *queries])), ref_template=_REF)
    for query in queries:
        components.pop(query.__name__, None)
    for schema in components.values():
        if "description" in schema:
            schema["description"] = " ".join(re.sub(r"\s+", " ", schema["description"]).split())
    return dict(sorted(components.items()))


def _is_shape(shape: object) -> TypeGuard[type[msgspec.Struct]]:
    return isinstance(shape, type) and issubclass(shape, msgspec.Struct)


class ProblemType(msgspec.Struct, frozen=True):
    """What a type of problem means."""

    type: str
    title: str
    status: int
    meaning: str
