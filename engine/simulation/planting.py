"""What the board has to find: runs that are led to where they are stuck, each by exactly the causes that are planted.

A plan is a generator. It yields how many hours of working time before the end its next act happens, and is given the
stage for it. In the end it says which runs it led where. What it does not want to be a cause it keeps clear of by far:
whatever is to be fresh is at most four hours old, whatever is old is so by days, and no deadline lies near the end.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from engine import definitions, errors, offices, runs, tasks, workdays
from engine.database import Database, Session
from engine.offices import Actor
from engine.simulation import sops, staff
from engine.simulation.agenda import before
from engine.simulation.living import REASONS, Office
from engine.states import UNFINISHED, Right
from engine.tables import Run, Task, Version

UNCLAIMED, IDLE, LATE, RETURNED, VACANT = "unclaimed", "idle", "late", "returned", "vacant"
ABSENT, TIMER, OTHER_SOP, MESSAGE, DAMAGED = "absent", "timer", "other_sop", "message", "damaged"

Causes = dict[int, frozenset[str]]

Plan = Generator[float, "Stage", Causes]

HOUR = timedelta(hours=1)

TIMES_RETURNED = 3
"""How often a run is sent back before that is a cause."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The moment of an act of a plan."""

    session: Session
    now: datetime
    office: Office
    number: int

    def start(self, process_id: str) -> int:
        """Start a run of an SOP."""
        run = self.office.start(self.session, process_id, self.number, self.now)
        if run is None:
            raise errors.NotFound
        self.office.planned.add(run)
        return run

    def called(self, run: int) -> int:
        """The run that a run has called."""
        found = self.session.scalars(select(Run.id).where(Run.parent_id == run)).one()
        self.office.planned.add(found)
        return found

    def claim(self, run: int, step: int) -> tuple[Actor, int]:
        """Let somebody take the task of a step, if nobody has; who has it, and its id."""
        task = self.session.execute(
            select(Task.id, Task.claimed_by, Task.jabatan_id).where(
                Task.run_id == run, Task.node_id == f"langkah_{step}", Task.state.in_(UNFINISHED)
            )
        ).one()
        today = self.office.calendar.day(self.now)
        person = task.claimed_by or offices.holders(self.session, task.jabatan_id, today)[0]
        who = offices.actor(self.session, person, self.now)
        tasks.claim(self.session, who, task.id, self.now)
        return who, task.id

    def save(self, run: int, step: int) -> None:
        """Let somebody write something to a task."""
        who, task = self.claim(run, step)
        tasks.save(self.session, who, task, None, "Masih menunggu data dari desa.", self.now)

    def hand_over(self, run: int, step: int) -> None:
        """Let whoever has the task of a step give it to somebody else of the same jabatan."""
        who, task = self.claim(run, step)
        people = self.office.staff
        (jabatan,) = (worker.jabatan for worker in people.workers if worker.id == who.id)
        colleague = next(worker.id for worker in people.of(jabatan) if worker.id != who.id)
        tasks.hand_over(self.session, who, task, colleague, "Mohon dilanjutkan.", self.now)

    def finish(self, run: int, step: int, decision: str = "") -> None:
        """Let somebody finish the task of a step."""
        who, task = self.claim(run, step)
        version = self.session.scalars(
            select(Version).join(Run, Run.version_id == Version.id).where(Run.id == run)
        ).one()
        choices = definitions.process(self.session, version).choices[f"langkah_{step}"]
        choice = next((one for one in choices if one.name == decision), None)
        note = REASONS[0] if decision == sops.BACK else ""
        tasks.complete(self.session, who, task, choice.edge if choice else None, note, self.now)

    def manager(self) -> Actor:
        """The manager of the office."""
        who = offices.actor(self.session, self.office.staff.manager, self.now)
        who.require(Right.MANAGER)
        return who

    def damage(self, run: int, step: int) -> None:
        """Let a fault of the disk ruin the state of a run, and somebody meet it a minute later."""
        who, task = self.claim(run, step)
        self.session.execute(update(Run).where(Run.id == run).values(state_of_engine=b"\x00"))

        def meet(database: Database, now: datetime) -> None:
            try:
                with database.transaction() as session:
                    tasks.complete(session, offices.actor(session, who.id, now), task, None, "", now)
            except errors.RunDamaged:
                pass

        self.office.agenda.send(self.now + timedelta(minutes=1), meet)


def plant(office: Office, into: Causes, first_number: int) -> int:
    """Put all plans down; how many there are. What each led where is in `into` once it is through."""
    plans = list(_plans(office))
    for number, plan in enumerate(plans, start=first_number):
        _go_on(office, plan, next(plan), number, into)
    return len(plans)


def _go_on(office: Office, plan: Plan, hours: float, number: int, into: Causes) -> None:
    def act(session: Session, now: datetime) -> None:
        try:
            again = plan.send(Stage(session, now, office, number))
        except StopIteration as done:
            into.update(done.value)
            return
        _go_on(office, plan, again, number, into)

    office.agenda.put(before(office.agenda.until, hours * HOUR, office.calendar), act)


def hours_since_yesterday(office: Office) -> float:
    """Hours of working time to the end from one hour before work ended on the last day before it."""
    calendar, until = office.calendar, office.agenda.until
    day = calendar.day(until)
    moment = before(until, timedelta(minutes=1), calendar)
    hours = 0.0
    while calendar.day(moment) >= day:
        hours += 0.5
        moment = before(until, hours * HOUR, calendar)
    return workdays.elapsed(moment, until, calendar) / HOUR + 1


# -- the plans --------------------------------------------------------------------------------------------------------


def _plans(office: Office) -> Iterator[Plan]:
    yesterday = hours_since_yesterday(office)
    for _ in range(2):
        yield from (_unclaimed(), _idle(), _late(), _returned(), _unclaimed_and_late(), _idle_and_late())
        yield from (_timer(), _message(), _other_sop(), _damaged(), _vacant(), _absent_holder())
    yield _returned_and_idle()
    yield _absent_claimer(yesterday)
    for _ in range(2):
        yield from (_fresh(), _taken(), _between(), _back_once(), _suspended())


def _unclaimed() -> Plan:
    """The second branch waits for three days; its standard is five."""
    run = (yield 30).start(sops.PERMIT)
    (yield 28).finish(run, 1)
    (yield 27).finish(run, 2)
    return {run: frozenset({UNCLAIMED})}


def _idle() -> Plan:
    run = (yield 31).start(sops.PERMIT)
    (yield 30).finish(run, 1)
    (yield 29).finish(run, 2)
    (yield 28).claim(run, 3)
    return {run: frozenset({IDLE})}


def _late() -> Plan:
    """Somebody is at it, but it should have been done days ago."""
    run = (yield 30).start(sops.PERMIT)
    (yield 29).claim(run, 1)
    (yield 15).save(run, 1)
    (yield 3).save(run, 1)
    return {run: frozenset({LATE})}


def _unclaimed_and_late() -> Plan:
    run = (yield 40).start(sops.PERMIT)
    return {run: frozenset({UNCLAIMED, LATE})}


def _idle_and_late() -> Plan:
    run = (yield 40).start(sops.PERMIT)
    (yield 38).claim(run, 1)
    return {run: frozenset({IDLE, LATE})}


def _sent_back(run: int, hours: float, times: int) -> Generator[float, Stage, None]:
    """A run goes to its decision and back so often; it comes back for the last time at `hours` before the end."""
    for round_ in range(times, 0, -1):
        begin = hours + 6 * (round_ - 1)
        for ahead, step in ((4, 1), (3, 2), (2, 3)):
            (yield begin + ahead).finish(run, step)
        (yield begin).finish(run, 4, sops.BACK)


def _returned() -> Plan:
    """It came back for the third time just now."""
    run = (yield 24).start(sops.PERMIT)
    yield from _sent_back(run, 2, TIMES_RETURNED)
    return {run: frozenset({RETURNED})}


def _returned_and_idle() -> Plan:
    run = (yield 60).start(sops.PERMIT)
    yield from _sent_back(run, 30, TIMES_RETURNED)
    return {run: frozenset({RETURNED, IDLE, LATE})}


def _timer() -> Plan:
    run = (yield 10).start(sops.COMPLAINT)
    (yield 8).finish(run, 1)
    return {run: frozenset({TIMER})}


def _message() -> Plan:
    run = (yield 64).start(sops.COMPLAINT)
    (yield 62).finish(run, 1)
    (yield 28).finish(run, 2, sops.NEEDS_REPLY)
    return {run: frozenset({MESSAGE})}


def _other_sop() -> Plan:
    """The other one is stuck as well, by itself."""
    run = (yield 64).start(sops.COMPLAINT)
    (yield 62).finish(run, 1)
    stage = yield 31
    stage.finish(run, 2, sops.NEEDS_PERMIT)
    called = stage.called(run)
    (yield 28).finish(called, 1)
    (yield 27).finish(called, 2)
    return {run: frozenset({OTHER_SOP}), called: frozenset({UNCLAIMED})}


def _damaged() -> Plan:
    run = (yield 3).start(sops.PERMIT)
    (yield 2).damage(run, 1)
    return {run: frozenset({DAMAGED})}


def _vacant() -> Plan:
    """The Kasi Pemerintahan has left, and nobody has come yet."""
    run = (yield 4).start(sops.GUIDANCE)
    (yield 3).finish(run, 1)
    return {run: frozenset({VACANT})}


def _absent_holder() -> Plan:
    """The Kasi Kesejahteraan Sosial, whom the work has just come to, is away (see `_absent_claimer`)."""
    run = (yield 2.5).start(sops.AID)
    (yield 1.5).finish(run, 1)
    return {run: frozenset({ABSENT})}


def _absent_claimer(yesterday: float) -> Plan:
    """The Kasi Kesejahteraan Sosial took it yesterday, and is away from today on; nobody stands in."""
    run = (yield yesterday + 2).start(sops.AID)
    (yield yesterday + 1.5).finish(run, 1)
    (yield yesterday + 1).claim(run, 2)
    stage = yield yesterday
    (holder,) = stage.office.staff.of(sops.WELFARE)
    today = stage.office.calendar.day(stage.office.agenda.until)
    people = stage.office.staff
    staff.away(stage.session, people, holder, today, today + timedelta(days=4), None, stage.now)
    return {run: frozenset({ABSENT})}


# -- and what is not stuck --------------------------------------------------------------------------------------------


def _fresh() -> Plan:
    return {(yield 3).start(sops.PERMIT): frozenset()}


def _taken() -> Plan:
    run = (yield 4).start(sops.PERMIT)
    (yield 2).claim(run, 1)
    (yield 1).hand_over(run, 1)
    return {run: frozenset()}


def _between() -> Plan:
    """One branch is done, the other has just been taken."""
    run = (yield 4).start(sops.PERMIT)
    (yield 3).finish(run, 1)
    (yield 2).finish(run, 2)
    (yield 1).claim(run, 3)
    return {run: frozenset()}


def _back_once() -> Plan:
    run = (yield 12).start(sops.PERMIT)
    yield from _sent_back(run, 1, 1)
    return {run: frozenset()}


def _suspended() -> Plan:
    """It would be stuck by two causes, were it not held."""
    run = (yield 40).start(sops.PERMIT)
    stage = yield 30
    runs.suspend(stage.session, stage.manager(), run, "Menunggu putusan pengadilan.", stage.now)
    return {run: frozenset()}
