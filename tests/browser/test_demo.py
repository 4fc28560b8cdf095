"""A demo's first page: one click into each pair of shoes, others from every page, and the question before the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from engine import runs
from engine.database import Database
from engine.queries import people
from tests.browser.conftest import act
from tests.browser.test_whole_way import assert_accessible
from tests.web.conftest import COMPILED, PASSWORD, furnish
from web import create_app, demo
from web.config import DemoPerson, Settings

pytestmark = pytest.mark.browser


@pytest.fixture
def address(sqlite: Database, tmp_path: Path) -> Iterator[str]:
    """Where a demo is served, of an office that is quickly made."""
    now = datetime.now(UTC)
    furnish(sqlite, now)
    act(sqlite, "rina", runs.start, 1, "Surat undangan")
    with sqlite.reading() as session:
        visitors = tuple(
            DemoPerson(row.username, row.who.name, "", row.who.office) for row in people.everybody(session, now)
        )
    asked = Settings(
        "only for tests", "", secure_cookies=False, demo=True, demo_people=visitors, demo_password=PASSWORD
    )
    app = create_app(sqlite, asked)
    app.jinja_env.bytecode_cache = COMPILED
    demo.install(app, sqlite, tmp_path)
    app.jinja_env.globals["demo_restarts"] = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_visitor_steps_into_shoes_and_out_of_them(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto("/masuk")
    assert_accessible(page)
    page.get_by_role("button", name="Staf: kerjakan tugas").click()
    expect(page).to_have_url("/tugas/jabatan")
    page.get_by_text("Ganti peran").click()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Analis: gambar SOP")).to_be_hidden()
    page.get_by_text("Ganti peran").click()
    page.get_by_role("button", name="Analis: gambar SOP").click()
    expect(page).to_have_url("/sop")
    page.get_by_text("Ganti peran").click()
    page.get_by_role("link", name="Mulai demo dari awal").click()
    expect(page.get_by_role("heading", name="Mulai demo dari awal?")).to_be_visible()
    assert_accessible(page)
