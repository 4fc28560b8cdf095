"""Every page that staff see, in light and dark, on a desk, a phone and the narrowest screen: accessible and whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from engine import documents, offices, runs, tasks
from engine.database import Database, Session
from engine.queries import work
from engine.store import Store
from engine.tables import Person, Task
from tests.browser.screens import LIGHT, LONG, SCREENS, assert_all_accessible, logged_in, weight
from tests.browser.test_documents import pdf, png

pytestmark = pytest.mark.browser

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
    assert_all_accessible(chromium, address, screen, "rina", (path.format(**found) for path in PATHS))


def test_no_page_is_heavy_at_first_on_a_phone(chromium: Browser, address: str, found: dict[str, int]) -> None:
    state = logged_in(chromium, address, "rina")
    for path in PATHS:
        if path != "/sop/1":  # nobody's daily page: it begins with a diagram, and the viewer comes with it
            assert weight(chromium, address, state, path.format(**found)) < LIGHT, path
