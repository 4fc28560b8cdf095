"""Real Chromium against Lajur served on a free port of this machine, with the built front end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright
from werkzeug.serving import make_server

from engine.database import Database
from tests.web.conftest import furnish
from web import create_app
from web.config import Settings

CHROMIUM = Path("/usr/bin/chromium")

expect.set_options(timeout=15_000)  # a machine may be busy

FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]

WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 375, "height": 760}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"needs Chromium at {CHROMIUM}: install the package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def address(sqlite: Database, tmp_path: Path) -> Iterator[str]:
    """Where an office with a published SOP of three steps is served."""
    furnish(sqlite, datetime.now(UTC))
    settings = Settings("only for tests", "", documents=tmp_path / "documents", secure_cookies=False)
    server = make_server("127.0.0.1", 0, create_app(sqlite, settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser says on its console, which must be nothing in the end; a test clears what it has provoked."""
    return []


@pytest.fixture(params=[WIDE, PHONE], ids=["wide", "phone"])
def page(request: pytest.FixtureRequest, chromium: Browser, address: str, complaints: list[str]) -> Iterator[Page]:
    """A page in Chromium; whatever it complains about on its console fails the test."""
    context = chromium.new_context(base_url=address, viewport=request.param, locale="id-ID")
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_default_timeout(15_000)
    yield page
    context.close()
    assert complaints == []
