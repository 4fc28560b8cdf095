"""The pages that staff keep open, in an office with far more work than any has: lists, a task, claiming, completing.

Measured in the server: from the request to the whole page. Before each of them somebody else writes, as happens all day
in an office; so no connection goes on with pages of the file that it has read before.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from flask.testing import FlaskClient

from engine import offices
from engine.database import Database
from engine.queries import lists
from engine.queries.lists import Wanted
from tests.bench import crowd, pages, scene
from tests.bench.crowd import Crowd
from tests.bench.measure import Row, Sample, Size, in_turn, seconds, spread
from tests.conftest import NOW

TITLE = "Pages among very many open and finished tasks, in the server"

PAGE_GOAL, ACT_GOAL = 50, 30
"""Milliseconds, of 95 in 100 requests."""

SEARCHES = {
    "a rare word": "adiwangsa",
    "a common word": "surat",
    "a word of all": "2026",
    "common words": "surat permohonan siti 2026",
    "words never together": "pengelolaan fasilitasi",
    "names": "siti rina mekarsari",
    "a letter": "p",
    "no hit": "surat kelurahanku",
}

NARROWED = {
    "an SOP": "sop={sop}",
    "an SOP of others": "sop={elsewhere}",
    "a jabatan": "jabatan={jabatan}",
    "overdue": "tenggat=lewat",
    "today": "tenggat=hari-ini",
    "this week": "tenggat=pekan-ini",
    "no deadline": "tenggat=tanpa",
    "returned": "kembali=ya",
    "an SOP, a jabatan, returned, overdue": "sop={sop}&jabatan={jabatan}&kembali=ya&tenggat=lewat",
    "newest": "urut=terbaru",
    "oldest": "urut=terlama",
    "oldest, returned, searched": "urut=terlama&kembali=ya&cari=surat+2026",
}
"""What an address may say; of those lists that have it."""

BOTH = ("an SOP", "an SOP of others")
"""What every list can be narrowed by."""

LISTS = {
    "Tugas Saya": ("/tugas", NARROWED),
    "Tugas Jabatan": ("/tugas/jabatan", NARROWED),
    "Menunggu": ("/tugas/menunggu", {name: NARROWED[name] for name in BOTH}),
    "Selesai": ("/tugas/selesai", NARROWED),
}

OTHERS = {
    "Berkas, running": "/berkas",
    "Berkas, finished": "/berkas?keadaan=selesai",
    "Berkas, all": "/berkas?keadaan=semua",
    "Berkas, all, deep": "/berkas?keadaan=semua&sebelum=50000",
    "Berkas, running, deep": "/berkas?sebelum=100000",
    "SOP": "/sop",
    "Pemberitahuan": "/pemberitahuan",
    "Saya tidak di tempat": "/tidak-di-tempat",
}


def measure(size: Size) -> list[Row]:
    """The figures on each kind of database there is."""
    return [
        row for kind, office in scene.kinds() for row in of(kind, crowd.fill(office, size.rows, size.rows * 10), size)
    ]


def of(kind: str, office: Crowd, size: Size) -> list[Row]:
    """The figures of an office."""
    busy, chief = (pages.browser(office.scene.database, person) for person in (office.busy, office.chief))
    seen = {name: (busy, path) for name, path in _pages(office, busy)}
    seen |= {f"the Camat's {name}": (chief, path) for name, path in _pages(office, chief) if name in _CHIEFS}
    somebody = Database(office.scene.database.url.render_as_string(hide_password=False))
    taken = in_turn({name: pages.page(*page, somebody) for name, page in seen.items()}, size.samples // 5)
    somebody.dispose()
    waiting = _claimable(office, size.samples)
    acts = in_turn(_acts(busy, iter(waiting)), min(size.samples, len(waiting) - 1))
    return [
        *(spread(f"{kind}: {name}", times, PAGE_GOAL) for name, times in taken.items()),
        *(spread(f"{kind}: {name}", times, ACT_GOAL) for name, times in acts.items()),
    ]


_CHIEFS = {"Selesai", "Selesai, deep", *(f"{name}, {words}" for name in ("Selesai", "Menunggu") for words in SEARCHES)}


def _pages(office: Crowd, browser: FlaskClient) -> Iterator[tuple[str, str]]:
    """Names and addresses."""
    known = {"sop": office.sop, "elsewhere": office.elsewhere, "jabatan": office.jabatan}
    for name, (path, narrowed) in LISTS.items():
        yield name, path
        yield f"{name}, deep", pages.deep(browser, path)
        for what, words in narrowed.items():
            yield f"{name}, {what}", f"{path}?{words.format(**known)}"
        for what, words in SEARCHES.items():
            yield f"{name}, {what}", f"{path}?cari={words.replace(' ', '+')}"
    yield from OTHERS.items()
    yield "the page of a task", f"/tugas/{_first(office)}"
    yield "the page of a task with a long history", f"/tugas/{office.long}"


def _first(office: Crowd) -> int:
    """The task that `busy` would do next."""
    with office.scene.database.reading() as session:
        return lists.mine(session, offices.actor(session, office.busy, NOW), NOW).rows[0].id


def _acts(browser: FlaskClient, waiting: Iterator[int]) -> dict[str, Sample]:
    """Claim a task of the list, then complete it."""
    claimed: list[int] = []

    def claim() -> float:
        claimed.append(next(waiting))
        return seconds(partial(_post, browser, f"/tugas/{claimed[-1]}/ambil"))

    def complete() -> float:
        if not claimed:
            claim()
        took = seconds(partial(_post, browser, f"/tugas/{claimed.pop()}/selesai"))
        browser.get("/sop")  # shows what was said, which would pile up in the cookie
        return took

    return {"claim a task": claim, "complete a task": complete}


def _claimable(office: Crowd, count: int) -> list[int]:
    """Ids of tasks that are open to `busy` and leave nothing to decide: more than `count`, if there are."""
    found: list[int] = []
    wanted = Wanted(definition=office.sop, jabatan=office.jabatan)
    with office.scene.database.reading() as session:
        who = offices.actor(session, office.busy, NOW)
        while len(found) <= count:
            page = lists.of_jabatan(session, who, NOW, wanted)
            found += [row.id for row in page.rows]
            if not page.next:
                break
            wanted = Wanted(definition=office.sop, jabatan=office.jabatan, after=page.next)
    return found


def _post(browser: FlaskClient, path: str) -> None:
    answer = browser.post(path, data={"catatan": "", "keputusan": ""})
    assert answer.status_code == 302, answer.text
