"""What a request carries, read once and safely: texts, uploads, ids in addresses."""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any, NamedTuple

import flask
from flask import Flask, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.routing import IntegerConverter

from bpmn.wording import sentence
from engine import errors

MAX_ID = 2**31 - 1
"""The largest id that every database takes."""


MOST_FIELDS = 10_000
"""Fields of a form; the largest of ours is that of an act on some hundred runs."""


class Id(IntegerConverter):
    """`<id:task_id>` in an address; what no database could hold is no address."""

    def __init__(self, map: object) -> None:  # noqa: A002 - werkzeug's name
        super().__init__(map, min=1, max=MAX_ID)  # type: ignore[arg-type]


class Json(DefaultJSONProvider):
    """JSON as Flask reads it; what is nested deeper than Python goes is no JSON, rather than a fault."""

    def loads(self, s: str | bytes, **more: Any) -> Any:
        """Raises ValueError."""
        try:
            return super().loads(s, **more)
        except RecursionError as deep:
            raise ValueError("nested too deep") from deep


class Fields(FormDataParser):
    """Forms as Werkzeug reads them, which bounds their bytes; of the fields it counts those of uploads alone."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        """Raises RequestEntityTooLarge beyond MOST_FIELDS, which some megabytes of `a&` would take seconds to read."""
        if mimetype == "application/x-www-form-urlencoded":
            read = stream.read()
            if read.count(b"&") >= MOST_FIELDS:
                raise RequestEntityTooLarge
            stream = BytesIO(read)
        return super().parse(stream, mimetype, content_length, options)


class Request(flask.Request):
    """A request whose forms are bounded."""

    form_data_parser_class = Fields


class Upload(NamedTuple):
    """A file that was sent: its bytes, and its name on the sender's machine."""

    content: bytes
    name: str


class Sent(NamedTuple):
    """One of the files that were sent: its name on the sender's machine, and its bytes to be read."""

    name: str
    content: IO[bytes]


def install(app: Flask) -> None:
    """Make `<id:...>` known to routes, `refreshing()` to templates, and bound what forms and JSON may be."""
    app.url_map.converters["id"] = Id
    app.json = Json(app)
    app.request_class = Request
    app.jinja_env.globals["refreshing"] = refreshing


def refreshing() -> bool:
    """Whether a page that is open asks by itself for what is new: nobody need be sitting in front of it."""
    return request.headers.get("Lajur-Refresh") == "1"


def text(name: str) -> str:
    """A field of the form as typed; empty where it is missing. Characters that PostgreSQL cannot hold are left out."""
    return request.form.get(name, "").replace("\x00", "")


def wanted(name: str) -> str:
    """A field of the form, or else of the address."""
    return request.values.get(name, "").replace("\x00", "")


def chosen(name: str) -> str | None:
    """What was chosen among buttons or ticked, with spaces between several; None where there was nothing to choose."""
    return " ".join(one.replace("\x00", "") for one in request.form.getlist(name)) or None


FIELD = "isian."
"""Begins the names of the fields of a task's own form."""


def fields() -> dict[str, str] | None:
    """What was entered into a task's own form, by the ids of its fields; None where the page had no such form."""
    if "isian" not in request.form:
        return None
    return {name.removeprefix(FIELD): text(name) for name in request.form if name.startswith(FIELD)}


def key(name: str) -> int | None:
    """The key of a page (`?setelah=17`); None for the first page, and for what is no key."""
    given = request.args.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 11 and int(given) <= MAX_ID else None


def keys(name: str) -> list[int]:
    """The ids that were ticked, each once; what is no id is left out."""
    given = dict.fromkeys(request.form.getlist(name))
    return [int(one) for one in given if one.isascii() and one.isdigit() and len(one) < 11 and int(one) <= MAX_ID]


def uploads(name: str) -> list[Sent]:
    """The files of an upload field that takes several; none of them is read yet."""
    return [
        Sent(file.filename.replace("\x00", ""), file.stream) for file in request.files.getlist(name) if file.filename
    ]


def number(name: str) -> int:
    """A hidden number of the form, such as a revision; -1, which is none, where it is missing or no number."""
    given = request.form.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 11 else -1


def document(name: str, pasted: str) -> Upload:
    """The file of an upload field, else the text of a field. Raises Invalid where there is neither."""
    sent = request.files.get(name)
    typed = text(pasted)
    if (sent is None or not sent.filename) and typed.strip():
        return Upload(typed.encode(), "")
    if sent is None or not sent.filename:
        raise errors.Invalid(sentence("Pilih dokumen yang akan diunggah, atau tempelkan isinya."))
    return Upload(sent.read(), sent.filename.replace("\x00", ""))
