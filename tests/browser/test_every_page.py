"""Every page that staff see, in light and dark, on a desk, a phone and the narrowest screen: accessible and whole."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Response, ViewportSize

from engine import documents, offices, runs, tasks
from engine.database import Database, Session
from engine.queries import work
from engine.store import Store
from engine.tables import Person, Task
from tests.browser.conftest import PHONE, WIDE
from tests.browser.test_documents import pdf, png
from tests.browser.test_whole_way import assert_accessible, log_in

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]

LIGHT = 100_000
"""Bytes, gzipped, that a page of staff may take at first."""

LONG = (
    "Permohonan rekomendasi penyelenggaraan kegiatan peringatan hari ulang tahun kemerdekaan tingkat kecamatan beserta"
    " lampiran susunan kepanitiaan, rencana anggaran biaya, dan surat-pernyataan-tanggung-jawab-mutlak-bermeterai"
)

SCREENS: dict[str, tuple[ViewportSize, Scheme]] = {
    "desk light": (WIDE, "light"),
    "desk dark": (WIDE, "dark"),
    "phone dark": (PHONE, "dark"),
    "narrow light": ({"width": 320, "height": 640}, "light"),
}

PATHS = (
    "/tugas",
    "/tugas/jabatan?cari=permohonan&urut=terbaru",
    "/tugas/menunggu",
    "/tugas/selesai",
    "/tugas?cari=tidakada",
    "/tugas/{task}",
    "/berkas",
    "/berkas/{run}",
    "/berkas/{run}/kendali",
    "/dokumen/{picture}/lihat",
    "/pemberitahuan",
    "/akun",
    "/tidak-di-tempat",
    "/sop",
    "/sop/1",
    "/sop/1/mulai",
    "/token",
    "/api/v1/",
    "/tidak/ada",
)


@pytest.fixture
def found(address: str, sqlite: Database, tmp_path: Path) -> dict[str, int]:
    """A run that came back to Rina, with documents, a draft and long names; others wait in her lists."""
    now = datetime.now(UTC)
    store = Store(tmp_path / "documents")
    with sqlite.transaction() as session:
        rina, budi = (_actor(session, name, now) for name in ("rina", "budi"))
        run, *_others = [runs.start(session, rina, 1, f"{LONG} {number}", now, f"005/{number}") for number in range(60)]
        first = _open(session, run)
        tasks.claim(session, rina, first, now)
        kept = [documents.keep(store, "foto-kegiatan.png", BytesIO(png(40, 30)))]
        kept.append(documents.keep(store, LONG[:120] + ".pdf", BytesIO(pdf("Satu"))))
        picture, _ = documents.attach(session, rina, run, kept, task_id=first, title="", now=now)
        tasks.complete(session, rina, first, None, "Mohon diperiksa. " * 20, now)
        second = _open(session, run)
        tasks.claim(session, budi, second, now)
        back = next(one for one in work.one(session, budi, second, now).choices if one.is_return)
        tasks.complete(session, budi, second, back.edge, LONG, now + timedelta(minutes=1))
        runs.comment(session, budi, run, LONG, now)
        return {"run": run, "task": _open(session, run), "picture": picture}


def _actor(session: Session, username: str, now: datetime) -> offices.Actor:
    person = session.query(Person).filter_by(username=username).one()
    return offices.actor(session, person.id, now)


def _open(session: Session, run: int) -> int:
    found = session.query(Task.id).filter(Task.run_id == run, Task.finished_at.is_(None)).order_by(Task.id.desc())
    return int(found.limit(1).one()[0])


@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_is_accessible_and_no_wider_than_the_screen(
    chromium: Browser, address: str, found: dict[str, int], screen: str
) -> None:
    size, scheme = SCREENS[screen]
    context = chromium.new_context(base_url=address, viewport=size, color_scheme=scheme, locale="id-ID")
    page = context.new_page()
    page.set_default_timeout(15_000)
    log_in(page, "rina")
    for path in PATHS:
        page.goto(path.format(**found))
        page.wait_for_load_state("networkidle")
        assert_accessible(page)
    context.close()


def test_no_page_is_heavy_at_first_on_a_phone(chromium: Browser, address: str, found: dict[str, int]) -> None:
    context = chromium.new_context(base_url=address, viewport=PHONE, locale="id-ID")
    page = context.new_page()
    log_in(page, "rina")
    state = context.storage_state()
    context.close()
    for path in PATHS:
        if path == "/sop/1":  # nobody's daily page: it begins with a diagram, and the viewer comes with it
            continue
        fresh = chromium.new_context(base_url=address, viewport=PHONE, storage_state=state, locale="id-ID")
        assert _weight(fresh.new_page(), path.format(**found)) < LIGHT, path
        fresh.close()


def _weight(page: Page, path: str) -> int:
    """The bytes of all that a page asks for before anybody touches it, without the document it shows."""
    got: dict[str, int] = {}

    def note(response: Response) -> None:
        if not re.search(r"/dokumen/\d+$", response.url):
            got[response.url] = len(gzip.compress(response.body()))

    page.on("response", note)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    return sum(got.values())
