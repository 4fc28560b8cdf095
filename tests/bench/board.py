"""What managers look at, with very many live runs and far more finished ones: the board, one diagram, months.

A finished run is a row, with its last task. What became of finished runs in a month is written as it is counted with
each act: the pages of months read nothing else, so these rows are what they have to cope with.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from flask.testing import FlaskClient
from sqlalchemy import delete, func, insert, select, update

from bpmn import parser
from engine import absences, offices, stuck, tallies
from engine.database import Database, Session
from engine.states import Right
from engine.tables import Definition, FlowTally, Holding, Jabatan, Person, Run, RunTally, StepTally, Version
from tests.bench import crowd, pages, scene
from tests.bench.crowd import SOPS, Crowd
from tests.bench.measure import Row, Size, in_turn, spread
from tests.conftest import NOW

TITLE = "What managers look at, in the server"

GOAL = 100
"""Milliseconds, of 95 in 100 requests."""

VACANT, AWAY, MANY = "Kasubag Keuangan", "Kasi Trantib", "Arsiparis"
"""Jabatan that nobody holds, whose holders are all away, and one of whose many holders is."""

MONTHS = 24
"""Of which there are tallies."""

BOARD = {
    "stuck": "",
    "all": "tampil=semua",
    "overdue": "tampil=lewat",
    "suspended": "tampil=ditangguhkan",
    "all by deadline": "tampil=semua&urut=tenggat",
    "all, newest": "tampil=semua&urut=terbaru",
    "an SOP": "sop={sop}",
    "a jabatan": "jabatan={jabatan}",
    "a person": "orang={busy}",
    "a person who holds nothing up": "orang={chief}&tampil=lewat&sebab=idle",
    "unclaimed": "sebab=unclaimed",
    "idle": "sebab=idle",
    "late": "sebab=late",
    "returned": "sebab=returned",
    "vacant": "sebab=vacant",
    "absent": "sebab=absent",
    "damaged": "sebab=damaged",
    "an SOP, a jabatan, late": "sop={sop}&jabatan={jabatan}&sebab=late",
    "searched for a rare word": "cari=adiwangsa&tampil=semua",
    "searched for a common word": "cari=surat",
    "searched for common words": "cari=surat+permohonan+siti+2026",
    "searched for words never together": "cari=pengelolaan+fasilitasi",
    "searched in vain": "cari=surat+kelurahanku",
    "by SOP": "kelompok=sop",
    "by jabatan": "kelompok=jabatan",
    "by person": "kelompok=orang",
    "by cause": "kelompok=sebab",
}

OTHERS = {
    "one diagram": "/papan/sop/{sop}",
    "one diagram by returns, 24 months": "/papan/sop/{sop}?warna=kembali&bulan=24",
    "Statistik": "/statistik",
    "Statistik, 24 months": "/statistik?dari=2025-01&sampai=2026-12",
    "Statistik of an SOP": "/statistik/sop/{sop}",
    "Statistik of an SOP, 24 months": "/statistik/sop/{sop}?dari=2025-01&sampai=2026-12",
    "Laporan Pagi": "/papan/pagi",
    "the page of a run": "/berkas/{run}",
}


def measure(size: Size) -> list[Row]:
    """The figures on each kind of database there is."""
    return [row for kind, office in scene.kinds() for row in of(kind, furnish(office, size), size)]


def furnish(office: scene.Scene, size: Size) -> Crowd:
    """So many live runs, ten times as many finished ones, and the tallies of two years; `busy` is a manager."""
    made = crowd.fill(office, size.rows, size.rows * 10, brief=True)
    stuck.catch_up(office.database)
    with office.database.transaction() as session:
        session.execute(update(Person).where(Person.id == made.busy).values(rights=[Right.MANAGER]))
        _leave(session, made.busy)
        tally(session, office.office.id, size.rows * 10)
    crowd.settle(office.database)
    return made


def _leave(session: Session, manager: int) -> None:
    """One jabatan nobody holds any more, all who hold another one are away, and so is one of many."""
    today = NOW.date()
    holders = {
        name: session.scalars(select(Holding).join(Jabatan).where(Jabatan.name == name)).all()
        for name in (VACANT, AWAY, MANY)
    }
    for holding in holders[VACANT]:
        holding.until = today - timedelta(days=1)
    who = offices.actor(session, manager, NOW)
    for holding in [*holders[AWAY], holders[MANY][-1]]:
        absences.note(session, who, holding.person_id, today, today + timedelta(days=5), None, "", NOW)


def of(kind: str, office: Crowd, size: Size) -> list[Row]:
    """The figures of an office."""
    database = office.scene.database
    browser = pages.browser(database, office.busy)
    somebody = Database(database.url.render_as_string(hide_password=False))
    paths = dict(_paths(office, browser))
    taken = in_turn({name: pages.page(browser, path, somebody) for name, path in paths.items()}, size.samples // 5)
    somebody.dispose()
    return [spread(f"{kind}: {name}", times, GOAL) for name, times in taken.items()]


def _paths(office: Crowd, browser: FlaskClient) -> Iterator[tuple[str, str]]:
    with office.scene.database.reading() as session:
        run = session.scalars(select(func.max(Run.id))).one()
    known = {"sop": office.sop, "jabatan": office.jabatan, "busy": office.busy, "chief": office.chief, "run": run}
    for name, words in BOARD.items():
        yield f"Papan, {name}", f"/papan?{words.format(**known)}"
    yield "Papan, stuck, deep", pages.deep(browser, "/papan")
    yield "Papan, all, deep", pages.deep(browser, "/papan?tampil=semua")
    for name, path in OTHERS.items():
        yield name, path.format(**known)


# -- months -----------------------------------------------------------------------------------------------------------


def tally(session: Session, office: int, finished: int) -> None:
    """What so many finished runs, of ten steps each, would have come to over the months."""
    random, months = Random(7), [_month(number) for number in range(MONTHS)]
    each = max(1, finished // (len(SOPS) * MONTHS))
    steps, flows = [], []
    sops = session.execute(
        select(Definition.id, Version.xml, Version.lanes)
        .join(Version, Version.definition_id == Definition.id)
        .where(Definition.office_id == office)
    ).all()
    for definition, xml, lanes in sops:
        flow = parser.parse(xml)
        for month in months:
            for node in flow.tasks():
                of_step = {"node_id": node.id, "jabatan_id": int(lanes[str(node.lane)]), "finished": each}
                steps.append(
                    {"definition_id": definition, "month": month, "office_id": office, **of_step, **_step(random, each)}
                )
            flows += [
                {"definition_id": definition, "edge_id": edge.id, "month": month, "passed": each, **_of_office(office)}
                for edge in flow.edges
            ]
    runs = [
        {"definition_id": sop.id, "month": month, "office_id": office, **_run(random, each)}
        for sop in sops
        for month in months
    ]
    for table, rows in ((StepTally, steps), (RunTally, runs), (FlowTally, flows)):
        session.execute(delete(table))
        session.execute(insert(table), rows)


def _of_office(office: int) -> dict[str, int]:
    return {"office_id": office} if "office_id" in FlowTally.__table__.c else {}


def _step(random: Random, each: int) -> dict[str, object]:
    waited, worked, taken = (_histogram(random, each) for _ in range(3))
    counts = {"timed": each, "on_time": each * 8 // 10, "returned": each // 20, "redone": each // 20}
    return {
        **counts,
        "waiting": _sum(waited),
        "working": _sum(worked),
        "waited": waited,
        "worked": worked,
        "taken": taken,
    }


def _run(random: Random, each: int) -> dict[str, object]:
    led = _histogram(random, each)
    counts = {"started": each, "finished": each, "cancelled": each // 50, "on_time": each // 2, "returns": each // 10}
    return {**counts, "lead": _sum(led), "led": led}


def _histogram(random: Random, each: int) -> dict[str, int]:
    """As wide as durations of some hours are spread."""
    return tallies.merge({str(tallies.bucket(int(random.lognormvariate(5, 1.2)))): 1} for _ in range(each))


def _sum(histogram: dict[str, int]) -> int:
    return sum(int(minutes) * count for minutes, count in histogram.items())


def _month(before: int) -> date:
    """The first day of the month so many months before NOW's."""
    year, month = divmod(NOW.year * 12 + NOW.month - 1 - before, 12)
    return date(year, month + 1, 1)
