"""What a worker asks over and over: which of many waiting runs are due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import String, case, cast, insert, literal, select
from sqlalchemy.orm import Session

from engine.states import Wait
from engine.tables import Instant, Run, Waiting
from tests.bench import scene
from tests.bench.measure import Row, Size, milliseconds
from tests.bench.scale import fill
from tests.bench.scene import Scene
from tests.conftest import NOW

TITLE = "Timers that are due among many that wait"

DUE = 100
"""How many are due."""

Sweep = Callable[[Session, datetime], int]
"""Looks after what is due at a moment; how much that was."""


def measure(size: Size) -> list[Row]:
    """The figures on each kind of database there is."""
    return [row for kind, office in scene.kinds() for row in sweeps(kind, office, size, due)]


def due(session: Session, now: datetime) -> int:
    """Find the due ones."""
    found = select(Waiting).where(Waiting.next_due <= now).order_by(Waiting.next_due).limit(DUE)
    return len(session.scalars(found).all())


def sweeps(kind: str, office: Scene, size: Size, sweep: Sweep) -> list[Row]:
    """A sweep with DUE timers due, and one with none."""
    model = office.start()
    with office.database.transaction() as session:
        wait(session, model, size.rows)
    with office.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")

    def at(now: datetime) -> int:
        with office.database.reading() as session:
            return sweep(session, now)

    assert at(NOW) == DUE
    return [
        Row(f"{kind}: {DUE} of {size.rows} are due", milliseconds(partial(at, NOW), size.samples)),
        Row(f"{kind}: none is", milliseconds(partial(at, NOW - timedelta(days=365)), size.samples)),
    ]


def wait(session: Session, model: int, rows: int) -> None:
    """Copies of a run that wait for a moment each: for DUE of them it came, the others have years."""
    before = fill(session, model, rows)
    number = Run.id - before
    moment = case((number <= DUE, literal(NOW, Instant())), else_=literal(NOW + timedelta(days=1000), Instant()))
    waits = {
        "office_id": Run.office_id,
        "run_id": Run.id,
        "engine_id": cast(Run.id, String),
        "node_id": literal("jeda"),
        "kind": literal(Wait.TIMER, Waiting.kind.type),
        "name": literal(""),
        "since": Run.started_at,
        "due_at": moment,
        "next_due": moment,
    }
    session.execute(insert(Waiting).from_select(list(waits), select(*waits.values()).where(Run.id > before)))
