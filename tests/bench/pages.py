"""Pages as somebody sees them who is logged in, and how long the server takes for them.

From the request to the whole page. Before each somebody else writes, as happens all day in an office; so no connection
goes on with pages of the file that it has read before.
"""

from __future__ import annotations

import re
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import update

from engine import log_ins
from engine.database import Database
from engine.tables import Office
from tests.bench import http
from tests.bench.measure import Sample, seconds
from tests.conftest import NOW
from web.edge import TOKEN

DEEP = 40
"""How many pages behind the first one a deep page lies, where there are so many."""


def browser(database: Database, person: int) -> FlaskClient:
    """The browser of somebody who is logged in."""
    app = http.application(database)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    with database.transaction() as session, client.session_transaction() as cookie:
        cookie[TOKEN] = log_ins.begin(session, person, "", "", NOW)
    return client


def deep(browser: FlaskClient, path: str) -> str:
    """The address of a page far behind."""
    for _ in range(DEEP):
        further = re.search(r'rel="next" href="([^"]+)"', browser.get(path).text)
        if further is None:
            break
        path = unescape(further[1])
    return path


def page(browser: FlaskClient, path: str, somebody: Database) -> Sample:
    """Seconds that a page takes, `somebody` having written before."""

    def read() -> None:
        assert browser.get(path).status_code == 200, path

    def sample() -> float:
        with somebody.transaction() as session:
            session.execute(update(Office).values(name=Office.name))
        return seconds(read)

    return sample
