"""The half year itself: who comes when, what is planted, and the worker that goes through it every morning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from engine import workdays, worker
from engine.database import Database, Session
from engine.simulation import planting, sops, staff
from engine.simulation.agenda import Act, Agenda, before
from engine.simulation.living import Office
from engine.simulation.staff import Worker
from engine.states import LIVE
from engine.tables import Run
from engine.workdays import Calendar

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

MONTH = timedelta(days=30.5)

CLOSES = {sops.COMPLAINT: 130, sops.PERMIT: 60, sops.GUIDANCE: 75, sops.AID: 75}
"""Hours of working time before the end from which on nothing new comes but what is planted; of the others HURRIES."""

HURRIES, CLEARED, LEAVES = 45, 7, 30
"""The same from which on people only clear what there is; when all of that is done or given up; when somebody left."""

QUIET = timedelta(days=22)
"""For how long before the end nobody is away unless that is planted."""

SWEEPS = (timedelta(minutes=5), timedelta(hours=5))
"""When after the beginning of a day the worker does what time asks for."""

WEIGHTS = {sops.PERMIT: 5, sops.COMPLAINT: 3, sops.GUIDANCE: 1, sops.AID: 1}
"""How much of an SOP comes in; of each of the library's, 2."""

BUSY_DAYS = 10
"""Of a month are the first ones, when twice as much comes in as later."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came of it: ids of the office and its manager, and when it ended."""

    office: int
    manager: int
    until: datetime
    planted: Mapping[int, frozenset[str]]
    """Of every run that is live at the end the causes by which it is stuck, by their names; empty where it is not."""


def simulate(
    database: Database, until: datetime, password: str, months: float = 6, seed: int = 1, runs: int = 200
) -> Simulated:
    """Let an office work for some months up to a moment, on `runs` runs or a few less; the database has its tables.

    Those that are planted are among them. Everybody has the same password.
    """
    random, agenda = Random(seed), Agenda(until)
    calendar = Calendar(staff.TIMEZONE)
    begin = until - months * MONTH
    leaves = calendar.day(before(until, LEAVES * HOUR, calendar))
    with database.transaction() as session:
        people = staff.found(session, random, begin, leaves, password)
    office = Office(people, agenda, random, before(until, HURRIES * HOUR, calendar))
    planted: dict[int, frozenset[str]] = {}
    count = planting.plant(office, planted, first_number=runs)
    _sweep_daily(office, begin)
    _let_be_away(office, begin)
    _let_arrive(office, begin, max(runs - count, 0))
    agenda.put(before(until, CLEARED * HOUR, calendar), office.clear)
    agenda.run(database)
    with database.reading() as session:
        live = session.scalars(select(Run.id).where(Run.office_id == people.office, Run.state.in_(LIVE))).all()
    return Simulated(people.office, people.manager, until, {run: planted[run] for run in live})


def _sweep_daily(office: Office, begin: datetime) -> None:
    jobs = worker.jobs()

    def sweep(database: Database, now: datetime) -> None:
        while worker.sweep(database, jobs, now):
            pass

    moment = workdays.add(begin, timedelta(), office.calendar)
    while moment < office.agenda.until:
        for after in SWEEPS:
            office.agenda.send(moment + after, sweep)
        office.agenda.put(moment + SWEEPS[0], office.morning)
        moment = _next_opening(moment, office.calendar)


def _next_opening(moment: datetime, calendar: Calendar) -> datetime:
    """When the next working day begins."""
    midnight = moment
    day = calendar.day(moment)
    while calendar.day(midnight) == day:
        midnight += HOUR
    return workdays.add(midnight.replace(minute=0, second=0, microsecond=0), timedelta(minutes=1), calendar)


def _let_be_away(office: Office, begin: datetime) -> None:
    last = office.agenda.until - QUIET
    for someone in office.staff.workers:
        for _ in range(office.random.randint(1, 3)):
            day = begin + office.random.random() * (last - begin)
            if day < last:
                office.agenda.put(workdays.add(day, timedelta(), office.calendar), _goes_away(office, someone))


def _goes_away(office: Office, someone: Worker) -> Act:
    def act(session: Session, now: datetime) -> None:
        first = office.calendar.day(now) + office.random.randint(0, 2) * DAY
        staff.note_absences(session, office.random, office.staff, someone, first, now)

    return act


def _let_arrive(office: Office, begin: datetime, count: int) -> None:
    """Runs at random moments of working time, more of them early in a month, numbered as they come."""
    process_ids = list(office.staff.sops)
    weights = [WEIGHTS.get(process_id, 2) for process_id in process_ids]
    arrivals = []
    for process_id in office.random.choices(process_ids, weights, k=count):
        closes = before(office.agenda.until, CLOSES.get(process_id, HURRIES) * HOUR, office.calendar)
        arrivals.append((_arrival(office, begin, max(closes, begin + DAY)), process_id))
    for number, (moment, process_id) in enumerate(sorted(arrivals), start=1):
        office.agenda.put(moment, office.arrive(process_id, number))


def _arrival(office: Office, begin: datetime, closes: datetime) -> datetime:
    while True:
        moment = begin + office.random.random() * (closes - begin)
        if office.calendar.day(moment).day <= BUSY_DAYS or office.random.random() < 0.5:
            return workdays.add(moment, timedelta(minutes=1), office.calendar)
