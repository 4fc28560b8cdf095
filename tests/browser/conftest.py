"""Real Chromium against Lajur served on a free port of this machine, with the built front end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright
from sqlalchemy import select
from werkzeug.serving import make_server

from engine import offices
from engine.database import Database
from engine.tables import Person
from tests.web.conftest import COMPILED, furnish
from web import create_app
from web.config import Settings

CHROMIUM = Path("/usr/bin/chromium")

expect.set_options(timeout=15_000)  # a machine may be busy

WITHOUT = [
    # As Playwright has them. Chromium goes by the last list that it is given, so that ours must name them again.
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
    # The list below the address bar: every window loads two pages for it, a third of the work of a short test.
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
]
"""Features of Chromium that tests do without."""

FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    f"--disable-features={','.join(WITHOUT)}",
]

WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 375, "height": 760}

one_size = pytest.mark.parametrize("page", [WIDE], ids=["wide"], indirect=True)
"""For a test of what the size of the screen has no part in. All others run at both sizes."""


def act(database: Database, username: str, deed: Callable[..., Any], *arguments: object) -> Any:
    """What somebody does in another browser, or did before."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        person = session.scalars(select(Person.id).where(Person.username == username)).one()
        return deed(session, offices.actor(session, person, now), *arguments, now)


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
    app = create_app(sqlite, settings)
    app.jinja_env.bytecode_cache = COMPILED
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})  # how soon it shuts down
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
