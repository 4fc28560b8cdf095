"""What a request to an operation carries: whose token, parameters, body, and the key of what may be sent twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

import msgspec
from flask import request

from bpmn.errors import Refusal
from bpmn.wording import sentence
from engine import tokens
from engine.errors import WrongCredentials
from engine.tokens import Bearer
from web import edge
from web.api.problems import FieldError, Malformed, WrongMediaType

JSON = "application/json"

JSON_LIMIT = 256 * 1024
"""Bytes of a body of JSON."""

KEY = "Idempotency-Key"

KEY_PATTERN = "^[!-~]{1,64}$"
"""What a key may be: printable ASCII without spaces."""

_KEY = re.compile(r"[!-~]{1,64}")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,14})", re.ASCII)
_PLACE = re.compile(r" - at `(?P<place>[^`]*)`$")
_UNKNOWN = re.compile(r"unknown field `(?P<name>.*)`")
_TRUTHS = {"true": True, "false": False}

S = TypeVar("S", bound=msgspec.Struct)


class NoToken(WrongCredentials):
    """No bearer token came with the request."""

    def __init__(self) -> None:
        Refusal.__init__(self, sentence("Kirim token akses pada setiap permintaan: Authorization: Bearer lajur_…."))


def bearer() -> Bearer:
    """For whom the application acts. Raises NoToken, WrongToken."""
    kind, _, secret = request.headers.get("Authorization", "").strip().partition(" ")
    secret = secret.strip()
    if kind.lower() != "bearer" or not secret:
        raise NoToken
    here, now = edge.here(), edge.here().settings.clock()
    with here.database.reading() as session:
        found = tokens.actor_by_token(session, secret, now)
        unnoted = tokens.unnoted(session, secret, now)
    if unnoted:
        with here.database.transaction() as session:
            tokens.note_use(session, secret, now)
    return found


def key() -> str | None:
    """The key by which what is sent twice is done once; None where there is none. Raises Malformed."""
    given = request.headers.get(KEY)
    if given is not None and not _KEY.fullmatch(given):
        raise Malformed(FieldError(KEY, f"Expected `str` matching regex '{KEY_PATTERN}'"))
    return None if given is None else f"api:{given}"


def query(shape: type[S] | None) -> S | None:
    """The parameters of the address. Raises Malformed for one that is unknown, given twice, or not as it should be."""
    known = properties(shape) if shape else {}
    faults = [FieldError(name, "Unknown parameter") for name in request.args if name not in known]
    faults += [FieldError(name, "Given more than once") for name, given in request.args.lists() if len(given) > 1]
    if faults:
        raise Malformed(*faults)
    return converted(request.args, shape) if shape else None


def _value(schema: Mapping[str, Any], text: str) -> object:
    """A parameter as the value that its schema means; what is none stays a text, which is then refused as such."""
    if schema.get("type") == "integer" and _INTEGER.fullmatch(text):
        return int(text)
    if schema.get("type") == "boolean":
        return _TRUTHS.get(text, text)
    return text


def converted(values: Mapping[str, Any], shape: type[S]) -> S:
    """Values by name, those that are texts as their schemas mean them. Raises Malformed."""
    known = properties(shape)
    values = {name: _value(known.get(name, {}), text) for name, text in values.items()}
    try:
        return msgspec.convert(values, shape)
    except msgspec.ValidationError as wrong:
        raise Malformed(_fault(str(wrong), "")) from wrong


def json(shape: type[S]) -> S:
    """The body. Raises WrongMediaType, Malformed."""
    content = body(JSON, JSON_LIMIT)
    try:
        return msgspec.convert(_whole(msgspec.json.decode(content)), shape)
    except msgspec.ValidationError as wrong:
        raise Malformed(_fault(str(wrong), "$")) from wrong
    except (msgspec.DecodeError, UnicodeDecodeError) as garbled:
        raise Malformed(FieldError("$", str(garbled))) from garbled
    except RecursionError as deep:
        raise Malformed(FieldError("$", "Nested too deeply")) from deep


def _whole(sent: object) -> object:
    """What was sent, with 1.0 as 1: JSON knows one kind of number, and JSON Schema calls that an integer."""
    if not isinstance(sent, dict):
        return sent
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value for name, value in sent.items()
    }


def body(media_type: str, limit: int) -> bytes:
    """The bytes that were sent, of that media type and not more of them. Raises WrongMediaType, 413."""
    request.max_content_length = limit
    if request.mimetype != media_type:
        raise WrongMediaType(media_type)
    return request.get_data()


def nothing() -> None:
    """That no body was sent, but perhaps an empty object. Raises Malformed."""
    request.max_content_length = JSON_LIMIT
    if request.get_data().strip() not in {b"", b"{}"}:
        raise Malformed(FieldError("$", "This operation takes no body"))


@cache
def properties(shape: type[msgspec.Struct]) -> dict[str, dict[str, Any]]:
    """The schemas of a shape's fields, by name."""
    _, components = msgspec.json.schema_components([shape], ref_template="#/components/schemas/{name}")
    found: dict[str, dict[str, Any]] = components[shape.__name__]["properties"]
    return found


def _fault(message: str, root: str) -> FieldError:
    """What msgspec found, with the place where; a parameter is called by its name alone."""
    place = _PLACE.search(message)
    unknown = _UNKNOWN.search(message)
    where = place["place"] if place else "$"
    if unknown and not place:
        where = f"$.{unknown['name']}"
    return FieldError(where if root else where.removeprefix("$."), _PLACE.sub("", message))
