"""What is logged, one line for each event: JSON for what collects logs, text for a terminal.

Every line says when, how grave, from where and what; one that belongs to a request also which, by an id that the
answer carries as well, and for whom. Never in a line: query strings, bodies, headers, values of SQL statements.

    {"time": "2026-11-23T02:00:00.123Z", "level": "INFO", "logger": "lajur.request", "message": "GET /sop",
     "request": "5f0c...", "person": 7, "method": "GET", "route": "/sop", "status": 200, "ms": 41}
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import IO, Any

from flask import Flask, Response, g, has_request_context, request

from bpmn.errors import Refusal
from bpmn.wording import sentence

VARIABLE = "LAJUR_LOG"
"""The environment variable that says `json` or `text`; without it, text at a terminal and JSON elsewhere."""

HEADER = "X-Request-ID"

FACTS = ("method", "route", "status", "ms")
"""What the line of a request has beside those of every line. Another event may bring its own as `facts`."""

_KNOWN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

requests = logging.getLogger("lajur.request")


class UnknownForm(Refusal):
    """LAJUR_LOG says neither `json` nor `text`."""


class Context(logging.Filter):
    """Puts on each record the request's id and the person's, where there are any."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through."""
        record.request = request_id() if has_request_context() else None
        who = g.get("who") if has_request_context() else None
        record.person = who.id if who is not None else None
        return True


class Json(logging.Formatter):
    """A line of JSON for each event; a traceback is a text in it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line = {
            "time": _moment(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **{
                name: value
                for name in ("request", "person", *FACTS)
                if (value := getattr(record, name, None)) is not None
            },
            **{name: value for name, value in getattr(record, "facts", {}).items() if value not in (None, "")},
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class Text(logging.Formatter):
    """A line for a person to read; what would begin another line, or move the cursor, is written as its code."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and below it the traceback if there is one."""
        message = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", record.getMessage())
        facts = [
            f"{name}={value}"
            for name in ("status", "ms", "person", "request")
            if (value := getattr(record, name, None))
        ]
        line = " ".join([_moment(record), record.levelname, f"{record.name}: {message}", *facts])
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def configure(environment: Mapping[str, str], stream: IO[str] = sys.stderr, level: int = logging.INFO) -> None:
    """Log to a stream, from a level on, in the form that the environment asks for. Raises UnknownForm."""
    form = environment.get(VARIABLE, "").strip().lower() or ("text" if stream.isatty() else "json")
    if form not in {"json", "text"}:
        raise UnknownForm(sentence("LAJUR_LOG harus “json” atau “text”, bukan “%(given)s”.", given=form))
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Json() if form == "json" else Text())
    handler.addFilter(Context())
    logging.basicConfig(level=level, handlers=[handler], force=True)


def install(app: Flask) -> None:
    """Give every request an id, tell it in the answer, and log a line when it is answered."""

    @app.before_request
    def begin() -> None:
        g.begun = time.monotonic()

    @app.after_request
    def end(response: Response) -> Response:
        response.headers[HEADER] = request_id()
        _log(response.status_code)
        return response

    app.jinja_env.globals["request_id"] = request_id


def request_id() -> str:
    """The id of this request: the one that a proxy gave it, if it is of a harmless form, else one of ours."""
    if "request_id" not in g:
        given = request.headers.get(HEADER, "")
        g.request_id = given if _KNOWN_ID.fullmatch(given) else secrets.token_hex(8)
    return str(g.request_id)


def _log(status: int) -> None:
    route = request.url_rule.rule if request.url_rule else "-"
    begun = g.get("begun")
    facts: dict[str, Any] = {
        "method": request.method if request.url_rule else "-",
        "route": route,
        "status": status,
        "ms": round((time.monotonic() - begun) * 1000) if begun is not None else None,
    }
    level = logging.DEBUG if request.endpoint == "static" and status < 400 else logging.INFO
    requests.log(level, "%s %s", facts["method"], route, extra=facts)


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
