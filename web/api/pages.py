"""The documentation: a page of ours, the OpenAPI document, and what each type of problem means. For everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import msgspec
from flask import Blueprint, render_template
from markupsafe import Markup, escape
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from web import local
from web.api import openapi
from web.api.asking import JSON
from web.api.operations import ROOT
from web.api.problems import KINDS, TYPES
from web.language import told

PUBLIC = ("documentation", "document", "problem_type")
"""The endpoints that need no token."""

Json = dict[str, Any]


class Row(NamedTuple):
    """A parameter, or a field of a schema; `names` are the schemas that its type names."""

    name: str
    place: str
    type: str
    required: bool
    description: str


class Answer(NamedTuple):
    """A status, what it means, and the schema of its body."""

    status: str
    description: str
    schema: str


class Entry(NamedTuple):
    """An operation as the page has it."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    scopes: list[str]
    parameters: list[Row]
    media_type: str
    body: str
    answers: list[Answer]


class Section(NamedTuple):
    """What one part of the API is about, and its operations."""

    name: str
    description: str
    entries: list[Entry]


class Shape(NamedTuple):
    """A schema: its fields, or the values it may have."""

    name: str
    description: str
    fields: list[Row]
    values: list[str]


def route(blueprint: Blueprint) -> None:
    """Give the documentation its addresses."""
    blueprint.add_url_rule(f"{ROOT}/", "documentation", documentation)
    blueprint.add_url_rule(f"{ROOT}/openapi.json", "document", document)
    blueprint.add_url_rule(f"{TYPES}<name>", "problem_type", problem_type)


def documentation() -> str:
    """The documentation as a page."""
    whole = _document()
    return render_template(
        "api.html",
        info=whole["info"],
        sections=list(_sections(whole)),
        shapes=[_shape(name, schema) for name, schema in whole["components"]["schemas"].items()],
        scopes=openapi.SCOPES,
        kinds=KINDS,
        types=TYPES,
        marked=_marked,
        linked=_linked,
        example=f"curl -H 'Authorization: Bearer lajur_…' '{local.whole('api.documentation')}tasks?view=claimable'",
    )


def document() -> Response:
    """The OpenAPI document."""
    return Response(msgspec.json.encode(_document()), mimetype=JSON)


def problem_type(name: str) -> Response:
    """What a type of problem means."""
    if name not in KINDS:
        raise NotFound
    kind = KINDS[name]
    found = openapi.ProblemType(TYPES + name, told(kind.title), kind.status, kind.meaning)
    return Response(msgspec.json.encode(found), mimetype=JSON)


def _marked(text: str) -> Markup:
    """A text of the document as HTML: what stands in backticks is code."""
    parts = (
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(text.split("`"))
    )
    return Markup("").join(parts)


def _linked(text: str) -> Markup:
    """The type of a value as HTML: what is the name of a schema leads to it."""
    schemas = _document()["components"]["schemas"]
    link = Markup('<a href="#schema-{0}">{0}</a>')
    parts = (link.format(part) if part in schemas else escape(part) for part in re.split(r"(\w+)", text))
    return Markup("").join(parts)


@cache
def _document() -> Json:
    return openapi.document()


def _sections(whole: Json) -> Iterator[Section]:
    for tag in whole["tags"]:
        entries = [
            _entry(method, path, told)
            for path, methods in whole["paths"].items()
            for method, told in methods.items()
            if tag["name"] in told["tags"]
        ]
        yield Section(tag["name"], tag["description"], entries)


def _entry(method: str, path: str, told: Json) -> Entry:
    content = told.get("requestBody", {}).get("content", {})
    media_type = next(iter(content), "")
    return Entry(
        id=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told["summary"],
        description=told.get("description", ""),
        scopes=[scope for need in told["security"] for scope in need.get("token", [])],
        parameters=[
            Row(one["name"], one["in"], _type(one["schema"]), one["required"], one.get("description", ""))
            for one in told.get("parameters", [])
        ],
        media_type=media_type,
        body=_named(content[media_type]["schema"]) if content else "",
        answers=[_answer(status, response) for status, response in told["responses"].items()],
    )


def _answer(status: str, response: Json) -> Answer:
    if "$ref" in response:
        return Answer(status, "", "Problem")
    schemas = [_named(content["schema"]) for content in response.get("content", {}).values()]
    return Answer(status, response["description"], next(iter(schemas), ""))


def _named(schema: Mapping[str, Any]) -> str:
    """The name of the schema that is referred to; "" where it is written out."""
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _shape(name: str, schema: Json) -> Shape:
    required = schema.get("required", [])
    taken = schema.get("additionalProperties") is False  # of what is given, everything is there
    fields = [
        Row(field, "", _type(one), taken and field in required, one.get("description", ""))
        for field, one in schema.get("properties", {}).items()
    ]
    return Shape(name, schema.get("description", ""), fields, [str(value) for value in schema.get("enum", [])])


def _type(schema: Mapping[str, Any]) -> str:
    """The type of a value in a few words, the names of schemas among them."""
    if "$ref" in schema:
        return _named(schema)
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{_type(schema['items'])}]"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"{{string: {_type(schema['additionalProperties'])}}}"
    kind = str(schema.get("format") or schema.get("type", ""))
    return kind + _bounds(schema)


def _bounds(schema: Mapping[str, Any]) -> str:
    found = []
    if "minimum" in schema or "maximum" in schema:
        found.append(f"{schema.get('minimum', '')}…{schema.get('maximum', '')}")
    if "maxLength" in schema:
        found.append(f"≤ {schema['maxLength']}")
    if "pattern" in schema:
        found.append(schema["pattern"])
    return f" ({', '.join(found)})" if found else ""
