"""What a demo shows: five offices with their SOPs, a person for each jabatan, and runs in different conditions.

A sixth has two months of work behind it, so that its manager has something to look at.

Everything is done by the use cases that the pages call, at moments of the past weeks: what people could have done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle, groupby

from bpmn import documents, library
from bpmn.choices import Choice
from bpmn.flow import Flow
from engine import definitions, offices, runs, tasks, workdays
from engine.database import Database, Session
from engine.offices import Actor
from engine.queries import catalogue, work
from engine.queries import runs as run_queries
from engine.simulation import simulate
from engine.states import Right

PASSWORD = "demo"  # noqa: S105 - known to everybody, which is why a demo is bound to loopback

NAMES = (
    "Ahmad Rizal, S.STP., M.Si.", "Siti Rahmawati, S.Sos.", "Budi Santoso, S.E.", "Nurul Hidayah, S.IP.",
    "Hendra Gunawan, A.Md.", "Dewi Lestari, S.AP.", "Muhammad Yusuf, S.Kom.", "Rina Marlina, S.E.",
    "Agus Setiawan, S.Sos.", "Fitriani, A.Md.", "Joko Prasetyo, S.AP.", "Sri Wahyuni, S.E.",
    "Andi Saputra, S.IP.", "Maria Ulfah, S.Kom.", "Rahmat Hidayat, S.T.", "Lina Kusuma, S.AP.",
    "Taufik Akbar, S.H.", "Yuliana Sari, S.Sos.", "Dedi Kurniawan, S.E.", "Wulan Anggraini, A.Md.",
)  # fmt: skip
"""Invented; dealt out in turn."""

TIMEZONES = {"kebasen": "Asia/Jakarta", "muara_papalik": "Asia/Jakarta"}
"""Kecamatan on Java and Sumatra; the others lie in the zone of Central Indonesia."""

REASONS = (
    "Data triwulan sebelumnya belum dilampirkan. Mohon dilengkapi.",
    "Masih ada angka yang tidak sesuai dengan dokumen pendukung; mohon diperbaiki.",
)


SINCE = timedelta(days=200)
"""How long everybody has held the jabatan."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How far a run has come: begun so many days ago, so many tasks finished since, so often returned, one claimed."""

    subject: str
    days_ago: int
    finished: int
    returns: int = 0
    claimed: bool = False


TO_THE_END = 1000

JUST_STARTED = Condition("triwulan IV tahun 2026", days_ago=0, finished=0)
WAITING = Condition("bulan berjalan", days_ago=1, finished=1, claimed=True)
OVERDUE = Condition("triwulan III tahun 2026", days_ago=28, finished=2)
RETURNED_TWICE = Condition("semester I tahun 2026", days_ago=6, finished=9, returns=2)
FINISHED = Condition("triwulan II tahun 2026", days_ago=45, finished=TO_THE_END, returns=1)

CONDITIONS = (
    (JUST_STARTED, WAITING, OVERDUE, RETURNED_TWICE, FINISHED),
    (WAITING, RETURNED_TWICE, FINISHED),
    (OVERDUE, JUST_STARTED),
)
"""For the first SOP of an office, the second, and the third."""

PACE = (25, 70, 40, 110)
"""Minutes of working time that people take for a task, in turn."""


LAST = "admin.simulasi"
"""Who is added last: with that name there is all that a demo has."""

MONTHS, SEED, RUNS = 2, 1, 60
"""Of the office that has worked already."""


def fill(database: Database, now: datetime) -> None:
    """Fill an empty database with all that a demo shows."""
    with database.transaction() as session:
        fill_offices(session, now)
    simulated = simulate(database, now, PASSWORD, MONTHS, SEED, RUNS)
    with database.transaction() as session:
        for username, name, right in (
            ("analis.simulasi", "Laras Widyastuti, S.Kom.", Right.ANALYST),
            (LAST, "Bambang Hermawan, S.T.", Right.ADMINISTRATOR),
        ):
            offices.add_person_like(session, simulated.manager, simulated.office, username, name, frozenset({right}))


def fill_offices(session: Session, now: datetime) -> None:
    """Make the offices of the library, their people, SOPs and runs."""
    newcomers = Newcomers(cycle(NAMES))
    for folder, diagrams in groupby(library.diagrams(), key=lambda diagram: diagram.office):
        sops = tuple(Sop(documents.diagram(diagram.content), diagram.content) for diagram in diagrams)
        holders = _office(session, folder, sops, newcomers, now)
        for sop, conditions in zip(sops, CONDITIONS, strict=False):
            definition = holders.definitions[sop.flow.process_id]
            for condition in conditions:
                _play(session, holders, definition, _subject(sop.flow, condition), condition, now)


@dataclass(frozen=True, slots=True)
class Sop:
    """A reviewed diagram of the library, and its bytes."""

    flow: Flow
    xml: bytes


@dataclass(frozen=True, slots=True)
class Staff:
    """The people of an office by what they hold, and its definitions by process id."""

    holders: dict[str, list[int]]
    definitions: dict[str, int]


@dataclass(slots=True)
class Newcomers:
    """People with invented names and the password of all, hashed for the first one only: that takes long."""

    names: Iterator[str]
    first: int | None = None

    def add(self, session: Session, office: int, username: str, rights: frozenset[Right] = frozenset()) -> int:
        """The next one, by id."""
        name = next(self.names)
        if self.first is not None:
            return offices.add_person_like(session, self.first, office, username, name, rights)
        self.first = offices.add_person(session, office, username, name, PASSWORD, rights)
        return self.first


def _office(session: Session, folder: str, sops: tuple[Sop, ...], newcomers: Newcomers, now: datetime) -> Staff:
    office = offices.add_office(session, sops[0].flow.properties["kantor"], TIMEZONES.get(folder, "Asia/Makassar"))
    place = folder.replace("_", "")
    holders: dict[str, list[int]] = {}
    shared = {sop.flow.lane(node.lane).name for sop in sops for node in sop.flow.nodes if node.multi and node.lane}
    for lane in dict.fromkeys(lane.name for sop in sops for lane in sop.flow.lanes):
        name, jabatan_id = offices.add_jabatan(session, office, lane)
        slug = re.sub(r"[^a-z]+", "-", name.lower()).strip("-")
        for number in () if name in holders else (1, 2) if lane in shared else (1,):
            username = f"{slug}{number if number > 1 else ''}.{place}"
            person = newcomers.add(session, office, username)
            offices.hold(session, person, jabatan_id, (now - SINCE).date())
            holders.setdefault(name, []).append(person)
    both = frozenset({Right.ANALYST, Right.MANAGER})
    analyst = newcomers.add(session, office, f"analis.{place}", both)
    who = offices.actor(session, analyst, now - SINCE)
    published: dict[str, int] = {}
    for sop in sops:
        definition = definitions.add(session, who, sop.xml, now - SINCE)
        definitions.publish(session, who, definition, "Versi pertama, ditinjau dari dokumen SOP.", now - SINCE)
        published[sop.flow.process_id] = definition
    return Staff(holders, published)


def _subject(flow: Flow, condition: Condition) -> str:
    title = flow.name
    return f"{title.capitalize() if title.isupper() else title} {condition.subject}"


def _play(session: Session, staff: Staff, definition: int, subject: str, condition: Condition, now: datetime) -> None:
    """Start a run and let its people work on it until the condition is reached."""
    people = [person for holders in staff.holders.values() for person in holders]
    anyone = offices.actor(session, people[0], now)
    begun = now - timedelta(minutes=10) if not condition.days_ago else now - timedelta(days=condition.days_ago)
    # On a day off the next working time lies ahead, and nothing has happened there yet.
    moment = min(workdays.add(begun, timedelta(minutes=5), anyone.calendar), now) if condition.days_ago else begun
    starter = next(person for person in people if _may_start(session, person, definition, now))
    run = runs.start(session, offices.actor(session, starter, moment), definition, subject, moment)
    finished, returns = 0, 0
    for minutes in cycle(PACE):
        waiting = run_queries.one(session, anyone, run, moment).row.waiting
        if not waiting:
            break
        row = waiting[0]
        who = _claimer(session, staff.holders[row.jabatan], row.id, moment)
        if finished == condition.finished:
            if condition.claimed:
                tasks.claim(session, who, row.id, min(moment, now))
            break
        tasks.claim(session, who, row.id, moment)
        moment = min(workdays.add(moment, timedelta(minutes=minutes), who.calendar), now)
        choice = _choice(work.one(session, who, row.id, moment).choices, back=returns < condition.returns)
        back = choice is not None and choice.is_return
        note = REASONS[returns % len(REASONS)] if back else ""
        tasks.complete(session, who, row.id, choice.edge if choice else None, note, moment)
        finished, returns = finished + 1, returns + back


def _claimer(session: Session, holders: list[int], task: int, moment: datetime) -> Actor:
    """Which of the holders of a jabatan may claim a task, or has it: a part of one may be reserved for another."""
    actors = [offices.actor(session, person, moment) for person in holders]
    pages = [(who, work.one(session, who, task, moment)) for who in actors]
    return next(who for who, page in pages if page.may_claim or page.row.mine)


def _may_start(session: Session, person: int, definition: int, now: datetime) -> bool:
    return catalogue.one(session, offices.actor(session, person, now), definition).row.may_start


def _choice(choices: tuple[Choice, ...], *, back: bool) -> Choice | None:
    """The return where one is due and the diagram has one, else the first way on."""
    for choice in choices:
        if choice.is_return == back:
            return choice
    return next((choice for choice in choices if not choice.is_return), None)
