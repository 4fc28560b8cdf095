"""An office with far more work than any office has: what the lists of work are measured on.

A run of each SOP is taken through by the engine; all others are copies of what that left behind at each step, with
subjects, people and moments of their own. So every open task can be claimed and completed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select, text

from bpmn.flow import Flow
from engine import offices, runs, sealing, tasks, words
from engine.database import Database, Session
from engine.states import NoticeKind, RunState, TaskState, Verb
from engine.tables import (
    Definition,
    History,
    Involvement,
    Notice,
    Return,
    Run,
    Table,
    Task,
    Version,
    Word,
)
from engine.workdays import NEVER
from tests.bench.scene import DECIDED, REDONE, STEPS, Scene, ten_steps, waiting
from tests.conftest import NOW
from tests.engine.conftest import SINCE

STAFF = ("Pengadministrasi Umum", "Pengolah Data", "Bendahara", "Arsiparis", "Operator Layanan")
HEADS = ("Kasubag Umum", "Kasubag Keuangan", "Kasi Pemerintahan", "Kasi Pelayanan", "Kasi Trantib")
CHIEFS = ("Sekretaris", "Camat")

SOPS = (
    "Pengelolaan Surat Masuk", "Pengelolaan Surat Keluar", "Pelayanan Surat Keterangan Usaha",
    "Pelayanan Pengantar Nikah", "Pencairan Anggaran Kegiatan", "Penyusunan Laporan Kinerja",
    "Pelayanan Kartu Keluarga", "Fasilitasi Sengketa Tanah", "Pengadaan Barang dan Jasa",
    "Pembinaan Pemerintahan Desa", "Izin Keramaian", "Kenaikan Gaji Berkala",
)  # fmt: skip

OPENINGS = ("Permohonan", "Undangan", "Laporan", "Usulan", "Pemberitahuan", "Rekomendasi", "Pengantar", "Tindak lanjut")
MATTERS = (
    "rapat koordinasi", "surat keterangan usaha", "pencairan dana desa", "kartu keluarga baru", "izin keramaian",
    "pengantar nikah", "sengketa batas tanah", "kegiatan posyandu", "perbaikan jalan lingkungan", "bantuan sosial",
    "musyawarah perencanaan pembangunan", "cuti tahunan", "kenaikan gaji berkala", "pengadaan alat tulis kantor",
    "laporan pertanggungjawaban", "pemasangan jaringan air", "surat keterangan tidak mampu", "rekomendasi penelitian",
)  # fmt: skip
VILLAGES = (
    "Sukamaju", "Mekarsari", "Sidomulyo", "Karangrejo", "Wonosari", "Tanjungsari", "Cibodas", "Rawalumbu", "Pasirjaya",
    "Banjaran", "Kertajaya", "Margahayu", "Purwodadi", "Sumberagung", "Tegalsari", "Bojongsari", "Cikaret",
    "Lemahabang",
)  # fmt: skip
NAMES = ("Ahmad", "Siti", "Budi", "Rina", "Dewi", "Agus", "Joko", "Wati", "Hendra", "Lestari", "Yusuf", "Kartika")

BATCH = 2_000
"""Runs that are under way at the same time, so that the tasks of one do not lie side by side in the file."""

LIVE, DONE = timedelta(days=60), timedelta(days=700)
"""How long ago runs were started at most that are live, and that are finished."""

BEFORE = (30, 18, 14, 10, 8, 6, 5, 4, 3, 2)
"""How likely it is that a live run has so many steps behind it: none, one, and on."""

RETURNS = 20
"""How often the run with much history was sent back."""

UNREAD = 10_000
"""Notices that the busy person has not read."""

ORDER = (Run, Return, Task, History, Involvement, Word, Notice)
"""Tables in the order in which they may be filled."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """The office. `busy` holds the jabatan with the most work and one more; `chief` has finished far more than anybody.

    `long` is a task that `busy` has claimed, of a run with much history.
    """

    scene: Scene
    busy: int
    chief: int
    jabatan: int
    """One of those that `busy` holds."""
    sop: int
    """One in which it acts."""
    elsewhere: int
    """An SOP in which `busy` has nothing to do."""
    long: int


class _Stage(NamedTuple):
    """What a run left behind when it came to a step: the task that waits there, and the state."""

    engine_id: str
    node_id: str
    name: str
    jabatan_id: int
    state: bytes


@dataclass(frozen=True, slots=True)
class _Model:
    """An SOP, and the stages of a run of it."""

    definition: int
    version: int
    title: str
    stages: tuple[_Stage, ...]


class _Act(NamedTuple):
    """A step that a run has come to: in which round, and whether a return brought it back."""

    stage: int
    round: int
    back: bool


@dataclass
class _Rows:
    """Rows to write, and the ids given so far."""

    of: dict[type[Table], list[dict[str, Any]]] = field(default_factory=lambda: {table: [] for table in ORDER})
    last: dict[type[Table], int] = field(default_factory=dict)

    def add(self, table: type[Table], **values: Any) -> int:
        """A row with the next id of its table; the id."""
        number = self.last.get(table, 0)
        if table in self.last:
            number = values["id"] = self.last[table] = number + 1
        self.of[table].append(values)
        return number


@dataclass(frozen=True)
class _Filling:
    """What the copies are made from and with. `brief`: of a finished run no more is written than its last task."""

    office: int
    models: tuple[_Model, ...]
    holders: dict[int, list[int]]
    random: Random
    rows: _Rows
    brief: bool = False


def fill(scene: Scene, live: int, finished: int, *, brief: bool = False) -> Crowd:
    """Put so many live runs, each with an open task, and about so many finished tasks into the office of a scene.

    If `brief`, so many finished runs instead, of which only the last task is there.
    """
    with scene.database.transaction() as session:
        jabatan = _jabatan(session, scene.office.id)
        holders = _people(session, scene, jabatan)
        sops = {title: _publish(session, scene, number, title) for number, title in enumerate(SOPS)}
    models = tuple(_walked(scene, holders, sop) for sop in sops.values())
    busy = holders[jabatan[STAFF[0]]][0]
    with scene.database.engine.begin() as connection:
        filling = _Filling(scene.office.id, models, holders, Random(5), _started(connection), brief)
        for batch in _batches(filling.random, live, finished * STEPS if brief else finished):
            _write_runs(filling, batch)
            _flush(connection, filling.rows)
        _notices(filling, busy)
        _flush(connection, filling.rows)
    settle(scene.database)
    return Crowd(
        scene=scene,
        busy=busy,
        chief=holders[jabatan["Camat"]][0],
        jabatan=jabatan[STAFF[0]],
        sop=sops[SOPS[0]],
        elsewhere=sops[SOPS[2]],
        long=_long(scene, sops[SOPS[0]], holders, busy),
    )


def settle(database: Database) -> None:
    """What happens by itself where rows come one by one, over years."""
    sealing.catch_up(database)
    if database.url.get_backend_name() == "sqlite":
        with closing(database.engine.raw_connection()) as raw:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in (Run, Return, Task, History, Notice):
            sequence = func.pg_get_serial_sequence(table.__tablename__, "id")
            connection.execute(select(func.setval(sequence, select(func.max(table.id)).scalar_subquery())))
        connection.execute(text("VACUUM ANALYZE"))


# -- the office -------------------------------------------------------------------------------------------------------


def _jabatan(session: Session, office: int) -> dict[str, int]:
    return {name: offices.add_jabatan(session, office, name)[1] for name in (*STAFF, *HEADS, *CHIEFS)}


def _people(session: Session, scene: Scene, jabatan: dict[str, int]) -> dict[int, list[int]]:
    """Who holds each jabatan: six for one of staff, two for one of heads. The first person holds two."""
    people = iter(
        offices.add_person(session, scene.office.id, f"pegawai.{number}", f"{NAMES[number % 12]} {number}", "rahasia")
        for number in range(100)
    )
    holders: dict[int, list[int]] = {}
    for name, jabatan_id in jabatan.items():
        count = 6 if name in STAFF else 2 if name in HEADS else 1
        holders[jabatan_id] = [next(people) for _ in range(count)]
        for person in holders[jabatan_id]:
            offices.hold(session, person, jabatan_id, SINCE)
    busy = holders[jabatan[STAFF[0]]][0]
    offices.hold(session, busy, jabatan[HEADS[0]], SINCE)
    holders[jabatan[HEADS[0]]].append(busy)
    return holders


def _publish(session: Session, scene: Scene, number: int, title: str) -> int:
    """The process of ten steps, for other jabatan."""
    flow: Flow = ten_steps()
    names = (STAFF[number % 5], HEADS[number % 5], CHIEFS[number % 2])
    lanes = tuple(replace(lane, name=name) for lane, name in zip(flow.lanes, names, strict=True))
    return scene.office.publish(session, replace(flow, process_id=f"sop_{number}", name=title, pool=title, lanes=lanes))


def _walked(scene: Scene, holders: dict[int, list[int]], sop: int) -> _Model:
    """The stages of a run that goes through without a return."""
    with scene.database.transaction() as session:
        definition = session.get_one(Definition, sop)
        version = session.scalars(select(Version).where(Version.definition_id == sop)).one()
        first = next(iter(version.starters))
        run = runs.start(session, offices.actor(session, holders[first][0], NOW), sop, "Contoh", NOW)
        stages = []
        for step in range(1, STEPS + 1):
            task = waiting(session, run)
            state = session.scalars(select(Run.state_of_engine).where(Run.id == run)).one()
            stages.append(_Stage(task.engine_id, task.node_id, task.name, task.jabatan_id, state))
            who = offices.actor(session, holders[task.jabatan_id][0], NOW)
            tasks.claim(session, who, task.id, NOW)
            tasks.complete(session, who, task.id, scene.approve if step == DECIDED else None, "", NOW)
        return _Model(sop, version.id, definition.title, tuple(stages))


def _long(scene: Scene, sop: int, holders: dict[int, list[int]], busy: int) -> int:
    """A run that was sent back again and again, and now waits for `busy`; its task."""
    with scene.database.transaction() as session:
        who = offices.actor(session, busy, NOW)
        run = runs.start(session, who, sop, "Permohonan yang lama sekali", NOW, "005/77/2026")
        for _ in range(1, REDONE):
            _done(session, holders, waiting(session, run), None)
        for _ in range(RETURNS):
            _done(session, holders, waiting(session, run), None)
            _done(session, holders, waiting(session, run), scene.back)
        task = waiting(session, run)
        if task.claimed_by is not None:
            tasks.release(session, offices.actor(session, task.claimed_by, NOW), task.id, NOW)
        tasks.claim(session, who, task.id, NOW)
        return task.id


def _done(session: Session, holders: dict[int, list[int]], task: Task, choice: str | None) -> None:
    who = offices.actor(session, task.claimed_by or holders[task.jabatan_id][-1], NOW)
    tasks.claim(session, who, task.id, NOW)
    tasks.complete(session, who, task.id, choice, "Lampiran belum lengkap" if choice else "", NOW)


# -- its runs ---------------------------------------------------------------------------------------------------------


class _Plan(NamedTuple):
    """A run to be: when it was started, and whether it still lives."""

    started: datetime
    live: bool


def _batches(random: Random, live: int, finished: int) -> Iterator[list[_Plan]]:
    """All runs in the order in which they are started. Of those of the last days most live."""
    behind = sum(steps * weight for steps, weight in enumerate(BEFORE)) / sum(BEFORE)
    over = max(1, round((finished - live * behind) / STEPS))
    recent = [True] * live + [False] * (over // 5)
    random.shuffle(recent)
    early = over - over // 5
    plans = [_Plan(NOW - DONE + (DONE - LIVE) * number / early, live=False) for number in range(early)]
    plans += [_Plan(NOW - LIVE * (1 - number / len(recent)), one) for number, one in enumerate(recent)]
    return (plans[at : at + BATCH] for at in range(0, len(plans), BATCH))


def _write_runs(filling: _Filling, plans: Sequence[_Plan]) -> None:
    copies = [_Copy(filling, plan) for plan in plans]
    for copy in copies:
        copy.begin()
    for number in range(max(len(copy.acts) for copy in copies)):
        for copy in copies:
            copy.come_to(number)


class _Copy:
    """A run like the model's."""

    def __init__(self, filling: _Filling, plan: _Plan) -> None:
        random = filling.random
        self.filling, self.plan, self.random = filling, plan, random
        self.model = random.choice(filling.models)
        self.brief = filling.brief and not plan.live
        self.acts = [_Act(STEPS - 1, 1, back=False)] if self.brief else _acts(random, live=plan.live)
        self.pace = min(timedelta(days=1), (NOW - plan.started) / (len(self.acts) + 1)) * random.uniform(0.5, 1)
        self.people: dict[int, datetime] = {}
        self.returned: int | None = None

    def begin(self) -> None:
        """Its row, its words, and that it was started."""
        rows, last = self.filling.rows, self.acts[-1]
        subject = _subject(self.random)
        agenda = f"{self.random.randint(1, 900):03d}/{self.random.randint(1, 4000)}/{self.plan.started.year}"
        starter = self.random.choice(self.filling.holders[self.model.stages[0].jabatan_id])
        end = None if self.plan.live else self.moment(len(self.acts))
        self.id = rows.add(
            Run,
            office_id=self.filling.office,
            version_id=self.model.version,
            subject=subject,
            agenda=agenda,
            state=RunState.RUNNING if self.plan.live else RunState.FINISHED,
            round=last.round,
            revision=len(self.acts),
            state_of_engine=self.model.stages[last.stage].state,
            started_by=starter,
            started_at=self.plan.started,
            finished_at=end,
        )
        for word in [] if self.brief else words.cut(f"{subject} {agenda} {self.model.title}"):
            rows.add(Word, run_id=self.id, word=word, office_id=self.filling.office, live=self.plan.live)
        self.tell(None, Verb.START, starter, self.plan.started, subject=subject, agenda=agenda)

    def moment(self, number: int) -> datetime:
        """When it came to an act."""
        return self.plan.started + self.pace * number

    def come_to(self, number: int) -> None:
        """A task of it: finished, or the one that waits, which is sometimes claimed."""
        if number >= len(self.acts):
            return
        act, waits = self.acts[number], self.plan.live and number == len(self.acts) - 1
        sends_back = number + 1 < len(self.acts) and self.acts[number + 1].back
        stage = self.model.stages[act.stage]
        person = self.random.choice(self.filling.holders[stage.jabatan_id])
        created, end = self.moment(number), self.moment(number + 1)
        due = None if self.random.random() < 0.1 else created + timedelta(hours=self.random.randint(4, 240))
        claimed = not waits or self.random.random() < 0.25
        task = self.filling.rows.add(
            Task,
            run_id=self.id,
            definition_id=self.model.definition,
            engine_id=stage.engine_id if waits else f"{number}-{stage.engine_id}"[:32],
            node_id=stage.node_id,
            name=stage.name,
            jabatan_id=stage.jabatan_id,
            state=_state(waits=waits, claimed=claimed, sends_back=sends_back),
            round=act.round,
            return_id=self.returned if act.back else None,
            created_at=created,
            due_at=due,
            order_at=due or NEVER,
            claimed_by=person if claimed else None,
            claimed_at=created if claimed else None,
            finished_by=None if waits else person,
            finished_at=None if waits else end,
            note="",
        )
        if claimed:
            self.tell(task, Verb.CLAIM, person, created)
        if not waits:
            self.finish(task, stage, person, end, sends_back=sends_back)
        if waits or number == len(self.acts) - 1:
            self.involve()

    def finish(self, task: int, stage: _Stage, person: int, end: datetime, *, sends_back: bool) -> None:
        """What a finished task leaves beside its row."""
        self.people[person] = end
        self.tell(task, Verb.RETURN if sends_back else Verb.COMPLETE, person, end)
        if sends_back:
            self.returned = self.filling.rows.add(
                Return,
                run_id=self.id,
                edge_id="kembali",
                from_node=stage.node_id,
                to_nodes=[self.model.stages[REDONE - 1].node_id],
                reason="Lampiran belum lengkap",
                round=2,
                returned_by=person,
                returned_at=end,
            )

    def involve(self) -> None:
        """Who waits for it, while it lives."""
        if self.plan.live:
            for person, at in self.people.items():
                self.filling.rows.add(Involvement, person_id=person, run_id=self.id, at=at)

    def tell(self, task: int | None, verb: Verb, person: int, at: datetime, **facts: object) -> None:
        """What happened."""
        if self.brief:
            return
        self.filling.rows.add(History, run_id=self.id, task_id=task, at=at, verb=verb, person_id=person, facts=facts)


def _acts(random: Random, *, live: bool) -> list[_Act]:
    """The steps that a run has come to; of some, with a return from the step that decides."""
    reached = random.choices(range(STEPS), BEFORE)[0] if live else STEPS - 1
    onward = [_Act(stage, 1, back=False) for stage in range(reached + 1)]
    if random.random() >= 0.06:
        return onward
    first = [_Act(stage, 1, back=False) for stage in range(DECIDED)]
    reached = max(REDONE - 1, reached if reached >= DECIDED else 0)
    again = [_Act(stage, 2, back=stage == REDONE - 1) for stage in range(REDONE - 1, reached + 1)]
    return first + again


def _state(*, waits: bool, claimed: bool, sends_back: bool) -> TaskState:
    if waits:
        return TaskState.CLAIMED if claimed else TaskState.OPEN
    return TaskState.RETURNED if sends_back else TaskState.COMPLETED


def _subject(random: Random) -> str:
    """Such as "Permohonan pengantar nikah Siti Lestari Desa Mekarsari RT 3"; a few have a word of their own."""
    opening = random.choices(OPENINGS, (8, 6, 5, 3, 3, 2, 2, 1))[0]
    name = f"{random.choice(NAMES)} {random.choice(NAMES)}"
    rare = " Adiwangsa" if random.random() < 0.0003 else ""
    return f"{opening} {random.choice(MATTERS)} {name} Desa {random.choice(VILLAGES)} RT {random.randint(1, 30)}{rare}"


def _notices(filling: _Filling, person: int) -> None:
    last = filling.rows.last[Run]
    for number in range(min(UNREAD, last)):
        at = NOW - timedelta(minutes=number)
        filling.rows.add(Notice, person_id=person, run_id=last - number, kind=NoticeKind.NEW, facts={}, at=at)


# -- written ----------------------------------------------------------------------------------------------------------


def _started(connection: Connection) -> _Rows:
    """Rows that go on behind the ids there are."""
    numbered = (Run, Return, Task, History, Notice)
    return _Rows(last={table: connection.scalar(select(func.max(table.id))) or 0 for table in numbered})


def _flush(connection: Connection, rows: _Rows) -> None:
    for table in ORDER:
        if rows.of[table]:
            write = _copy if connection.dialect.name == "postgresql" else _insert
            write(connection, table, rows.of[table])
            rows.of[table].clear()


def _insert(connection: Connection, table: type[Table], rows: list[dict[str, Any]]) -> None:
    connection.execute(insert(table), rows)


def _copy(connection: Connection, table: type[Table], rows: list[dict[str, Any]]) -> None:
    """By COPY, which takes less time."""
    raw: Any = connection.connection.dbapi_connection
    with raw.cursor().copy(f"COPY {table.__tablename__} ({', '.join(rows[0])}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([_plain(value) for value in row.values()])


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return json.dumps(value) if isinstance(value, dict | list) else value
