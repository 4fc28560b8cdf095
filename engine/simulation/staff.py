"""The people of the simulated office: what they hold, how fast they are, and when they are away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from bpmn import documents
from bpmn.errors import Refusal
from engine import absences, definitions, offices
from engine.database import Session
from engine.offices import Actor
from engine.simulation import sops
from engine.states import Right
from engine.tables import Person
from engine.workdays import Calendar

NAME = "Kecamatan Sungai Seribu (simulasi)"
TIMEZONE = "Asia/Makassar"

MANAGER = "manajer.simulasi"
"""The user name of its manager and analyst."""

PEOPLE = (
    "Ratna Dewi, S.STP., M.AP.", "Bambang Wijaya, S.Sos.", "Hasan Basri, S.E.", "Nur Aisyah, S.AP.", "Yanti Susanti",
    "Arif Rahman, S.IP.", "Kartini, S.Sos.", "Slamet Riyadi, S.H.", "Eka Putri, A.Md.", "Darmawan, S.E.",
    "Indah Permata, S.AP.", "Gunawan, S.Kom.", "Mardiana, S.E.", "Rudi Hartono, S.Sos.", "Laila Sari, A.Md.",
)  # fmt: skip
"""Invented."""

TWO = frozenset({sops.CLERK})
"""What two people hold."""

SLOW = {sops.SECRETARY: 1.8}
"""Whose work takes longer than the standard: the bottleneck of all statistics."""

BEFORE = timedelta(days=40)
"""For how long people have held their jabatan when it begins."""

LONGEST_AWAY = 4
"""Days."""

DAY = timedelta(days=1)


@dataclass(slots=True)
class Worker:
    """Somebody of the staff; `pace` multiplies how long work takes. `away` are days, with a substitute or None."""

    id: int
    jabatan: str
    pace: float
    busy: bool = False
    looks: bool = False
    """Whether the person is going to look for work."""
    away: list[tuple[date, date, int | None]] = field(default_factory=list)

    def is_away(self, day: date) -> bool:
        """Whether the person is away on a day."""
        return any(since <= day <= until for since, until, _ in self.away)


@dataclass(frozen=True, slots=True)
class Sop:
    """A published SOP: its definition and title, and the jabatan that act first."""

    definition: int
    title: str
    starters: frozenset[int]


@dataclass(slots=True)
class Staff:
    """The office: ids by name, and the people."""

    office: int
    manager: int
    workers: list[Worker]
    jabatan: dict[str, int]
    sops: dict[str, Sop]
    """By process id."""
    calendar: Calendar
    _actors: dict[tuple[int, date], Actor] = field(default_factory=dict)

    def of(self, jabatan: str) -> list[Worker]:
        """Who holds a jabatan."""
        return [worker for worker in self.workers if worker.jabatan == jabatan]

    def actor(self, session: Session, person: int, now: datetime) -> Actor:
        """The person as of the day; kept, as that changes only when an absence is noted."""
        key = (person, self.calendar.day(now))
        if key not in self._actors:
            self._actors[key] = offices.actor(session, person, now)
        return self._actors[key]

    def forget(self) -> None:
        """Ask anew who may do what."""
        self._actors.clear()

    def acting(self, jabatan: int, day: date) -> Iterator[Worker]:
        """Who does the work of a jabatan on a day: its holders, or those who stand in for them."""
        by_id = {worker.id: worker for worker in self.workers}
        for worker in self.workers:
            if self.jabatan[worker.jabatan] != jabatan:
                continue
            spells = [substitute for since, until, substitute in worker.away if since <= day <= until]
            if not spells:
                yield worker
            elif spells[0] is not None:
                yield by_id[spells[0]]


def found(session: Session, random: Random, begin: datetime, leaves: date, password: str) -> Staff:
    """Make the office with its SOPs and people; the Kasi Pemerintahan holds that jabatan until the day `leaves`."""
    office = offices.add_office(session, NAME, TIMEZONE)
    since = (begin - BEFORE).date()
    diagrams = sops.diagrams()
    lanes = [lane.name for diagram in diagrams for lane in documents.diagram(diagram).lanes]
    jabatan = dict(offices.add_jabatan(session, office, lane) for lane in dict.fromkeys(lanes))
    names = iter(PEOPLE)
    # One hash for all: to make one takes as long as dozens of acts, and everybody knows the password anyway.
    manager = offices.add_person(
        session, office, MANAGER, next(names), password, frozenset({Right.MANAGER, Right.ANALYST})
    )
    hashed = session.get_one(Person, manager).password_hash
    workers = []
    for name, jabatan_id in jabatan.items():
        for number in range(2 if name in TWO else 1):
            person = Person(
                office_id=office,
                username=f"{_slug(name)}{number + 1 if number else ''}.simulasi",
                name=next(names),
                password_hash=hashed,
                rights=[],
                active=True,
            )
            session.add(person)
            session.flush()
            offices.hold(session, person.id, jabatan_id, since, leaves if name == sops.VILLAGES else None)
            workers.append(Worker(person.id, name, SLOW.get(name, 1.0) * random.uniform(0.8, 1.2)))
    published = _published(session, diagrams, manager, begin - DAY)
    return Staff(office, manager, workers, jabatan, published, Calendar(TIMEZONE))


def note_absences(session: Session, random: Random, staff: Staff, worker: Worker, first: date, now: datetime) -> None:
    """Let somebody be away for a few days from `first` on, mostly with a substitute; not where that cannot be."""
    last = first + timedelta(days=random.randint(0, LONGEST_AWAY - 1))
    others = [other for other in staff.workers if other is not worker and not _meet(other, first, last)]
    others = [other for other in others if other.jabatan != sops.VILLAGES]
    substitute = random.choice(others).id if others and random.random() < 0.6 else None
    away(session, staff, worker, first, last, substitute, now)


def away(
    session: Session, staff: Staff, worker: Worker, first: date, last: date, substitute: int | None, now: datetime
) -> None:
    """Note somebody's own absence."""
    who = staff.actor(session, worker.id, now)
    try:
        with session.begin_nested():
            absences.note(session, who, worker.id, first, last, substitute, "Dinas luar", now)
    except Refusal:
        return
    worker.away.append((first, last, substitute))
    staff.forget()


def _meet(worker: Worker, first: date, last: date) -> bool:
    """Whether somebody is away, or stands in for somebody, within these days."""
    return any(since <= last and first <= until for since, until, _ in worker.away)


def _published(session: Session, diagrams: tuple[bytes, ...], analyst: int, now: datetime) -> dict[str, Sop]:
    who = offices.actor(session, analyst, now)
    published = {}
    for xml in diagrams:
        flow = documents.diagram(xml)
        definition = definitions.add(session, who, xml, now)
        definitions.publish(session, who, definition, "Versi pertama, ditinjau dari dokumen SOP.", now)
        version = definitions.published(session, who.office_id, flow.process_id)
        if version is not None:
            title = flow.name.capitalize() if flow.name.isupper() else flow.name
            published[flow.process_id] = Sop(definition, title, frozenset(version.starters))
    return published


def _slug(name: str) -> str:
    return re.sub(r"[^a-z]+", "-", name.lower()).strip("-")
