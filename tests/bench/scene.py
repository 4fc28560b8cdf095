"""An office with a process of ten steps, and people who take its runs from step to step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from bpmn.flow import Flow
from engine import offices, runs, tasks
from engine.database import Database, Session
from engine.states import UNFINISHED, Verb
from engine.tables import Run, Task
from tests.conftest import NOW, POSTGRESQL
from tests.engine.conftest import Office, make_office
from tests.engine.flows import Drawing

STEPS = 10

DECIDED, REDONE = 5, 4
"""The step that decides, and the one it sends back to."""

PERSON_OF_LANE = ("camat", "sekretaris", "kasubag")


class Work(NamedTuple):
    """A claimed task: who may complete it, and how."""

    task: int
    person: int
    choice: str | None


@dataclass(frozen=True)
class Scene:
    """A database with the office and its published process."""

    database: Database
    office: Office
    sop: int
    doers: dict[int, int]
    """For each jabatan the person who acts."""
    approve: str
    """The flow by which the deciding step goes on."""
    back: str
    """The one by which it sends back."""

    def start(self) -> int:
        """A new run; its id."""
        with self.database.transaction() as session:
            who = offices.actor(session, self.office.people["camat"], NOW)
            return runs.start(session, who, self.sop, "Undangan rapat", NOW)

    def at(self, step: int) -> int:
        """A new run that came to a step; its id."""
        run = self.start()
        for _ in range(1, step):
            self.complete(self.claimed(run))
        return run

    def opened(self, run: int) -> Work:
        """The task that waits in a run."""
        with self.database.reading() as session:
            task = waiting(session, run)
            choice = self.approve if task.node_id == f"langkah_{DECIDED}" else None
            return Work(task.id, self.doers[task.jabatan_id], choice)

    def claim(self, work: Work) -> None:
        """Claim a task."""
        with self.database.transaction() as session:
            tasks.claim(session, offices.actor(session, work.person, NOW), work.task, NOW)

    def claimed(self, run: int) -> Work:
        """The task that waits in a run, claimed."""
        work = self.opened(run)
        self.claim(work)
        return work

    def complete(self, work: Work, note: str = "") -> Verb:
        """Complete a claimed task in a transaction of its own: the act that is measured."""
        with self.database.transaction() as session:
            who = offices.actor(session, work.person, NOW)
            return tasks.complete(session, who, work.task, work.choice, note, NOW)

    def send_back(self, run: int) -> None:
        """Return a run that waits at the deciding step."""
        self.complete(self.claimed(run)._replace(choice=self.back), "Nomor surat salah")

    def returned(self, times: int) -> int:
        """A new run that waits at the step to redo after so many returns; its id."""
        run = self.at(REDONE)
        for _ in range(times):
            self.complete(self.claimed(run))
            self.send_back(run)
        return run

    def state(self, run: int) -> bytes:
        """The stored state of a run."""
        with self.database.reading() as session:
            return session.scalars(select(Run.state_of_engine).where(Run.id == run)).one()


class Walk:
    """Claimed tasks without end: steps 1 to 9 of a run, then of a new one. Each must be completed before the next."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.step = STEPS
        self.run = 0

    def __next__(self) -> Work:
        if self.step == STEPS:
            self.step, self.run = 1, self.scene.start()
        work = self.scene.claimed(self.run)
        self.step += 1
        return work


def waiting(session: Session, run: int) -> Task:
    """The one task that waits in a run."""
    return session.scalars(select(Task).where(Task.run_id == run, Task.state.in_(UNFINISHED))).one()


def ten_steps() -> Flow:
    """Steps in turn by three jabatan; the fifth decides, and may send back to the fourth."""
    drawing = Drawing("Surat Keluar")
    after = "mulai"
    for step in range(1, STEPS + 1):
        lane = (step - 1) % 3 + 1
        if step == DECIDED + 1:
            drawing.steps += 1
            node = f"langkah_{step}"
            drawing.node(node, "userTask", f"lajur_{lane}", properties={"langkah": str(step), "waktu": "1 hari"})
            drawing.approve(after, node)
            after = node
        else:
            after = drawing.step(after, lane, waktu="1 hari")
        if step == DECIDED:
            after = drawing.decision(after, back_to=f"langkah_{REDONE}")
    return drawing.flow(after)


def furnish(database: Database) -> Scene:
    """The office in a new database."""
    database.upgrade()
    flow = ten_steps()
    with database.transaction() as session:
        office = make_office(session, "Kecamatan Sukamaju", NOW)
        sop = office.publish(session, flow)
        doers = {
            office.jabatan[lane.name]: office.people[person]
            for lane, person in zip(flow.lanes, PERSON_OF_LANE, strict=True)
        }
    onward, back = (next(edge.id for edge in flow.edges if edge.name == name) for name in ("Setuju", "Dikembalikan"))
    return Scene(database, office, sop, doers, onward, back)


@contextmanager
def sqlite() -> Iterator[Scene]:
    """The office in an SQLite file."""
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        yield furnish(database)
        database.dispose()


@contextmanager
def postgresql(url: str) -> Iterator[Scene]:
    """The office in a PostgreSQL database of its own."""
    server, name = Database(url), "lajur_bench"
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
        database = Database(make_url(url).set(database=name).render_as_string(hide_password=False))
        yield furnish(database)
        database.dispose()
        connection.execute(text(f"DROP DATABASE {name}"))
    server.dispose()


def kinds() -> Iterator[tuple[str, Scene]]:
    """The office on SQLite, then on PostgreSQL if LAJUR_TEST_POSTGRESQL names a server."""
    with sqlite() as scene:
        yield "SQLite", scene
    if POSTGRESQL is not None:
        with postgresql(POSTGRESQL) as scene:
            yield "PostgreSQL", scene
