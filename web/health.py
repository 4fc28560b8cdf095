"""`/healthz` and `/readyz`: for what watches over the process. Answered before the application sees the request.

So neither needs a log-in, sets a cookie, counts for a session, asks for a host name that we know, or fills the log.

    /healthz    200 as long as the process answers at all; touches nothing
    /readyz     200 if the database answers and its tables are this release's, else 503; one word why, no details
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine import reaching, upgrading
from engine.database import Database

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADERS = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
]

PATHS = frozenset({"/healthz", "/readyz"})

FINE = "ok"


class Answers:
    """An application that answers at these two addresses, and leaves all others to the one that it wraps."""

    def __init__(self, app: WSGIApplication, database: Database) -> None:
        self.app = app
        self.database = database

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        path = environ.get("PATH_INFO", "")
        if path not in PATHS:
            return self.app(environ, start)
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            start("405 Method Not Allowed", [*HEADERS, ("Allow", "GET, HEAD")])
            return [b""]
        said = FINE if path == "/healthz" else ready(self.database)
        body = f"{said}\n".encode()
        start(
            "200 OK" if said == FINE else "503 Service Unavailable",
            [*HEADERS, ("Content-Length", str(len(body)))],
        )
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]


def ready(database: Database) -> str:
    """`ok`, or a word for why pages cannot be shown: `database` if it does not answer, `schema` if it is not ours."""
    try:
        return FINE if upgrading.form(database) is upgrading.Form.CURRENT else "schema"
    except reaching.CannotReach:
        return "database"
