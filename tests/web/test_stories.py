"""From each of the first users' documents to finished runs with one return on each return loop, through the web.

Before each person's turn Lajur is started anew, so nothing may live in a process.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date, datetime

import pytest
from lxml import html
from sqlalchemy import select

from bpmn import documents, library
from bpmn.library import Source
from bpmn.order import returns
from engine import offices
from engine.database import Database
from engine.queries import progress
from engine.queries import runs as run_queries
from engine.queries.progress import Progress, Standing
from engine.queries.runs import RunPage
from engine.spiff import processes
from engine.states import Right, RunState
from engine.tables import Jabatan
from tests.web.conftest import PASSWORD, Browser, logged_in, make_app, review
from web.config import Settings


@dataclass
class Office:
    """An office in which everybody uses Lajur through the browser."""

    database: Database
    settings: Settings
    now: datetime
    id: int

    def browser(self, username: str) -> Browser:
        """The person's browser, after a restart of Lajur."""
        processes._cache.clear()
        return logged_in(make_app(self.database, self.settings), username)

    def run(self, run_id: int) -> RunPage:
        """A run, as the analyst sees it."""
        with self.database.reading() as session:
            analyst = offices.actor(session, offices.log_in(session, "analis", PASSWORD), self.now)
            return run_queries.one(session, analyst, run_id, self.now)

    def progress(self, run_id: int) -> Progress:
        """How far it has come."""
        with self.database.reading() as session:
            analyst = offices.actor(session, offices.log_in(session, "analis", PASSWORD), self.now)
            return progress.of_run(session, analyst, run_id)

    def people(self) -> list[str]:
        """Somebody for each jabatan of the office; user names are those of the jabatan."""
        with self.database.transaction() as session:
            found = session.execute(select(Jabatan.id, Jabatan.name).where(Jabatan.office_id == self.id)).all()
            for jabatan, name in found:
                person = offices.add_person(session, self.id, name, f"Pemegang {name}", PASSWORD)
                offices.hold(session, person, jabatan, date(2026, 1, 1))
        return [name for _, name in found]


@pytest.fixture
def office(database: Database, settings: Settings, now: datetime) -> Office:
    with database.transaction() as session:
        made = offices.add_office(session, "Kecamatan Cerita")
        offices.add_person(session, made, "analis", "Analis", PASSWORD, frozenset({Right.ANALYST}))
    return Office(database, settings, now, made)


@pytest.mark.parametrize("source", library.sources(), ids=lambda source: source.office)
def test_a_document_becomes_finished_runs_with_one_return_on_each_loop(office: Office, source: Source) -> None:
    flows = {one.flow.name: one.flow for one in documents.translate(source.content)}
    analyst = office.browser("analis")
    upload = (io.BytesIO(source.content), "sop.txt")
    assert analyst.post("/sop/baru", dokumen=upload).status_code == 302
    sops = sorted({int(found) for found in re.findall(r'href="/sop/(\d+)"', analyst.get("/sop").text)})
    assert len(sops) == len(flows)
    for sop in sops:
        assert analyst.post(f"/sop/{sop}/jabatan").status_code == 302
        review(analyst, f"/sop/{sop}")
        assert analyst.post(f"/sop/{sop}/terbitkan", catatan="Versi pertama").status_code == 302
    people = office.people()
    for sop in sops:
        run = _start(office, people, sop)
        _to_the_end(office, run)
        page = office.run(run)
        flow = flows[page.row.sop]
        assert page.row.state is RunState.FINISHED
        come = office.progress(run)
        assert come.returns == dict.fromkeys(returns(flow), 1)
        assert page.row.round == 1 + len(returns(flow))
        assert {step.standing for step in come.steps} == {Standing.DONE}
        shown = office.browser("analis").get(f"/berkas/{run}")
        assert shown.status_code == 200
        assert shown.text.count("Mohon diperbaiki, putaran") >= len(returns(flow))


def _start(office: Office, people: list[str], sop: int) -> int:
    """Start a run as somebody who may; its id."""
    for person in people:
        browser = office.browser(person)
        if f"/sop/{sop}/mulai" in browser.get("/sop").text:
            answer = browser.post(f"/sop/{sop}/mulai", perihal=f"Berkas SOP {sop}")
            assert answer.status_code == 302, answer.text
            return int(answer.location.rpartition("/")[2])
    raise AssertionError("nobody may start it")


def _to_the_end(office: Office, run: int) -> None:
    """Let everybody finish what waits for them, sending it back once on each way back."""
    taken: set[str] = set()
    for _ in range(200):
        waiting = office.run(run).row.waiting
        if not waiting:
            return
        _work(office.browser(waiting[0].jabatan), taken)
    raise AssertionError("the run goes round")


def _work(browser: Browser, taken: set[str]) -> None:
    """Claim and finish the first task that waits for a person, by a way back that was not taken yet if there is one."""
    lists = browser.get("/tugas").text + browser.get("/tugas/jabatan").text
    found = re.search(r'href="/tugas/(\d+)["?]', lists)
    assert found
    task = f"/tugas/{found[1]}"
    assert browser.post(f"{task}/ambil").status_code == 302
    page = html.document_fromstring(browser.get(task).text)
    buttons = page.xpath("//form[contains(@action, '/selesai')]//button[@type='submit']")
    back = [one.get("value") for one in buttons if one.get("data-return") is not None and one.get("value") not in taken]
    onward = [one.get("value") for one in buttons if one.get("data-return") is None]
    taken.update(back[:1])
    note = f"Mohon diperbaiki, putaran {len(taken)}" if back else ""
    answer = browser.post(f"{task}/selesai", keputusan=(back or onward)[0] or "", catatan=note)
    assert answer.status_code == 302, answer.text
