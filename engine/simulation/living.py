"""How people work: each takes what is due first, for about as long as the standard says, within working hours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from bpmn.choices import Choice
from bpmn.errors import Refusal
from engine import definitions, reopening, runs, tasks, workdays
from engine.database import Session
from engine.simulation import sops
from engine.simulation.agenda import Agenda
from engine.simulation.staff import Staff, Worker
from engine.states import UNFINISHED, RunState, TaskState
from engine.tables import Run, Task, Version
from engine.workdays import Calendar

REASONS = (
    "Data pendukung belum dilampirkan. Mohon dilengkapi.",
    "Masih ada angka yang tidak sesuai dengan dokumen sumber; mohon diperbaiki.",
    "Format laporan belum sesuai tata naskah dinas.",
    "Tanda tangan pemohon belum ada pada formulir.",
)

RETURNED, HANDED_OVER, RELEASED, TAKEN_BACK, CANCELLED = 0.16, 0.04, 0.01, 0.02, 0.02
"""How often a decision sends work back, a task is handed over, given back, taken back, and a run cancelled."""

MOST_ROUNDS = 3
"""Nothing is sent back more often by chance: who is, is planted."""

LONGEST = timedelta(hours=4)
"""Work on a step takes no longer by its standard: the rest of it is for waiting."""

NO_STANDARD = timedelta(hours=1)

LOOKS = (5, 90)
"""Minutes within which somebody sees that there is new work."""

REPLY_DAYS = (10, 40)
"""Hours of working time within which the kabupaten answers."""

MINUTE = timedelta(minutes=1)

# Built once: it is asked thousands of times.
_NEXT = (
    select(Task.id, Task.node_id, Run.version_id)
    .join(Run, Run.id == Task.run_id)
    .where(
        Task.jabatan_id.in_(bindparam("held", expanding=True)),
        or_(
            and_(Task.state == TaskState.CLAIMED, Task.claimed_by == bindparam("me")),
            and_(
                Task.state == TaskState.OPEN,
                or_(Task.reserved_for.is_(None), Task.reserved_for == bindparam("me")),
            ),
        ),
        Run.state == RunState.RUNNING,
        Run.id.not_in(bindparam("planned", expanding=True)),
    )
    .order_by(Task.order_at, Task.id)
    .limit(1)
)


@dataclass(slots=True)
class Office:
    """The office at work. `planned` are runs that nobody touches but who has planned them."""

    staff: Staff
    agenda: Agenda
    random: Random
    hurries: datetime
    """From when on people only clear what there is."""
    planned: set[int] = field(default_factory=set)

    @property
    def calendar(self) -> Calendar:
        """The office's."""
        return self.staff.calendar

    # -- what comes in ------------------------------------------------------------------------------------------------

    def arrive(self, process_id: str, number: int) -> Callable[[Session, datetime], None]:
        """The act by which a run of an SOP is started."""

        def act(session: Session, now: datetime) -> None:
            run = self.start(session, process_id, number, now)
            if run is not None:
                self.tell(session, run, now)
                if self.random.random() < CANCELLED:
                    self.agenda.put(
                        self.later(now, self.random.randint(60, 900)), lambda s, at: self.cancel(s, run, at)
                    )

        return act

    def start(self, session: Session, process_id: str, number: int, now: datetime) -> int | None:
        """Start a run by somebody who may; its id, None where nobody is there who may."""
        sop, day = self.staff.sops[process_id], self.calendar.day(now)
        subject = f"{sop.title} nomor {number}"
        for worker in self.staff.workers:
            if self.staff.jabatan[worker.jabatan] in sop.starters and not worker.is_away(day):
                who = self.staff.actor(session, worker.id, now)
                return runs.start(session, who, sop.definition, subject, now, f"{number:03d}/{now:%m/%Y}")
        return None

    def cancel(self, session: Session, run: int, now: datetime) -> None:
        """Let the manager give a run up, if it is still live and nobody else's."""
        state, parent = session.execute(select(Run.state, Run.parent_id).where(Run.id == run)).one()
        if state is RunState.RUNNING and parent is None:
            manager = self.staff.actor(session, self.staff.manager, now)
            runs.cancel(session, manager, run, "Permohonan dicabut oleh pemohon.", now)

    def clear(self, session: Session, now: datetime) -> None:
        """Give up what has not been finished in time."""
        left = select(Run.id).where(
            Run.office_id == self.staff.office,
            Run.state == RunState.RUNNING,
            Run.parent_id.is_(None),
            Run.id.not_in(self.planned),
        )
        for run in session.scalars(left).all():
            self.cancel(session, run, now)

    # -- who sees it --------------------------------------------------------------------------------------------------

    def later(self, now: datetime, minutes: float) -> datetime:
        """So many minutes of working time later."""
        return workdays.add(now, timedelta(seconds=max(round(minutes * 60), 1)), self.calendar)

    def tell(self, session: Session, run: int, now: datetime) -> None:
        """Let those who have something to do in a run look at it soon; and the kabupaten answer."""
        waiting = session.scalars(select(Task.jabatan_id).where(Task.run_id == run, Task.state.in_(UNFINISHED))).all()
        for jabatan in dict.fromkeys(waiting):
            for worker in self.staff.acting(jabatan, self.calendar.day(now)):
                self.look_later(worker, now, self.random.randint(*LOOKS))

    def look_later(self, worker: Worker, now: datetime, minutes: float) -> None:
        """Let somebody look for work, unless busy or about to look anyway."""
        if not worker.busy and not worker.looks:
            worker.looks = True
            self.agenda.put(self.later(now, minutes), lambda session, at: self.look(session, worker, at))

    def morning(self, session: Session, now: datetime) -> None:
        """Let everybody who is there and has nothing to do look for work."""
        for worker in self.staff.workers:
            self.look_later(worker, now, self.random.randint(1, 30))

    def look(self, session: Session, worker: Worker, now: datetime) -> None:
        """Take the work that is due first, if there is any."""
        worker.looks = False
        if worker.busy or worker.is_away(self.calendar.day(now)):
            return
        task = self._next(session, worker, now)
        if task is None:
            return
        try:
            tasks.claim(session, self.staff.actor(session, worker.id, now), task.id, now)
        except Refusal:  # a rule of the step keeps it from this person
            return
        worker.busy = True
        self.agenda.put(self.later(now, self._effort(session, worker, task)), self._finish(worker, task.id))

    def _next(self, session: Session, worker: Worker, now: datetime) -> Any:
        asked = {
            "held": list(self.staff.actor(session, worker.id, now).held),
            "me": worker.id,
            "planned": [*self.planned],
        }
        return session.execute(_NEXT, asked).one_or_none()

    def _effort(self, session: Session, worker: Worker, task: Any) -> float:
        """Minutes of working time that somebody takes for a task."""
        waktu = definitions.process(session, session.get_one(Version, task.version_id)).waktu[task.node_id]
        monday = datetime(2026, 11, 2, tzinfo=self.hurries.tzinfo)
        due = workdays.due(monday, waktu, self.calendar)
        standard = workdays.elapsed(monday, due, self.calendar) if due else NO_STANDARD
        return min(standard, LONGEST) / MINUTE * worker.pace * self.random.lognormvariate(-0.3, 0.5)

    # -- what comes of it ---------------------------------------------------------------------------------------------

    def _finish(self, worker: Worker, task_id: int) -> Callable[[Session, datetime], None]:
        def act(session: Session, now: datetime) -> None:
            worker.busy = False
            if not worker.is_away(self.calendar.day(now)):
                with suppress(Refusal):  # it is no longer that person's
                    self._work(session, worker, task_id, now)
            self.look_later(worker, now, 1)

        return act

    def _work(self, session: Session, worker: Worker, task_id: int, now: datetime) -> None:
        task = session.get_one(Task, task_id, populate_existing=True)
        who, chance = self.staff.actor(session, worker.id, now), self.random.random()
        colleagues = [other for other in self.staff.of(worker.jabatan) if other is not worker]
        if colleagues and now < self.hurries and chance < HANDED_OVER:
            tasks.hand_over(session, who, task_id, colleagues[0].id, "Mohon dilanjutkan.", now)
            self.look_later(colleagues[0], now, 10)
        elif now < self.hurries and chance > 1 - RELEASED:
            tasks.release(session, who, task_id, now)
        else:
            self._complete(session, worker, task, now)

    def _complete(self, session: Session, worker: Worker, task: Task, now: datetime) -> None:
        run, version = session.execute(
            select(Run, Version).join(Version, Version.id == Run.version_id).where(Run.id == task.run_id)
        ).one()
        choice = self._choice(definitions.process(session, version).choices[task.node_id], run.round, now)
        note = self.random.choice(REASONS) if choice is not None and choice.is_return else ""
        who = self.staff.actor(session, worker.id, now)
        tasks.complete(session, who, task.id, choice.edge if choice else None, note, now)
        if now < self.hurries and self.random.random() < TAKEN_BACK:
            with suppress(Refusal):  # another SOP was called, and is at work
                reopening.reopen(session, who, task.id, "Ada yang terlewat.", now)
                return
        self.tell(session, run.id, now)
        if choice is not None and choice.name == sops.NEEDS_REPLY:
            hours = self.random.randint(*REPLY_DAYS)
            self.agenda.put(self.later(now, hours * 60), lambda s, at: self._reply(s, run.id, at))
        elif choice is not None and choice.name == sops.NEEDS_PERMIT:
            for called in session.scalars(select(Run.id).where(Run.parent_id == run.id)).all():
                self.tell(session, called, now)

    def _choice(self, choices: Sequence[Choice], round_: int, now: datetime) -> Choice | None:
        """The way back now and then; of several ways on, mostly the first."""
        back = [choice for choice in choices if choice.is_return]
        on = [choice for choice in choices if not choice.is_return]
        if back and round_ < MOST_ROUNDS and now < self.hurries and self.random.random() < RETURNED:
            return self.random.choice(back)
        weights = [3, *[1] * (len(on) - 1)]
        return self.random.choices(on, weights[: len(on)])[0] if on else None

    def _reply(self, session: Session, run: int, now: datetime) -> None:
        with suppress(Refusal):  # given up in the meantime
            manager = self.staff.actor(session, self.staff.manager, now)
            runs.message(session, manager, run, sops.REPLY, "Surat jawaban diterima.", now)
            self.tell(session, run, now)
