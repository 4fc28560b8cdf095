"""Whether it stays as fast: after many returns, with many finished runs in the file; and the size of a state."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import CTE, ColumnElement, func, insert, literal, select, true
from sqlalchemy.orm import Session

from engine.tables import History, Run, Table, Task
from tests.bench import scene
from tests.bench.measure import Row, Size, interleaved, seconds
from tests.bench.scene import REDONE, STEPS, Scene, Walk

TITLE = "The same completion after many returns and among many runs (SQLite), and the size of a state"


def measure(size: Size) -> list[Row]:
    """The figures on SQLite."""
    with scene.sqlite() as office, scene.sqlite() as crowded:
        finished = crowded.at(STEPS)
        crowded.complete(crowded.claimed(finished))
        with crowded.database.transaction() as session:
            fill(session, finished, size.rows)
        return [*_after_returns(office, size), *_among_runs(office, crowded, size), *_states(office, size)]


def fill(session: Session, run: int, copies: int) -> int:
    """Copy a run with all its tasks and history so many times; the id before that of the first copy."""
    last = session.scalars(select(func.max(Run.id))).one()
    first_task, last_task = session.execute(
        select(func.min(Task.id), func.max(Task.id)).where(Task.run_id == run)
    ).one()
    numbers = _numbers(copies)
    number: ColumnElement[int] = numbers.c.number
    # Tasks of other runs may lie between those of the model; each copy gets a span that has room for all of them.
    moved = number * (last_task - first_task + 1)
    _copy(session, Run, Run.id == run, numbers, {"id": last + number})
    _copy(session, Task, Task.run_id == run, numbers, {"id": Task.id + moved, "run_id": last + number})
    _copy(
        session, History, History.run_id == run, numbers, {"task_id": History.task_id + moved, "run_id": last + number}
    )
    return int(last)


def _numbers(count: int) -> CTE:
    """The numbers from 1 to `count`."""
    numbers = select(literal(1).label("number")).cte("numbers", recursive=True)
    return numbers.union_all(select(numbers.c.number + 1).where(numbers.c.number < count))


def _copy(
    session: Session,
    table: type[Table],
    which: ColumnElement[bool],
    numbers: CTE,
    changed: dict[str, ColumnElement[Any]],
) -> None:
    columns = {column.name: column for column in table.__table__.columns if column.name != "id"} | changed
    copies = select(*columns.values()).select_from(table).join(numbers, true()).where(which)
    session.execute(insert(table).from_select(list(columns), copies))


def _after_returns(office: Scene, size: Size) -> list[Row]:
    old = office.returned(size.returns)

    def late() -> float:
        took = seconds(partial(office.complete, office.claimed(old)))
        office.send_back(old)
        return took

    def fresh() -> float:
        return seconds(partial(office.complete, office.claimed(office.at(REDONE))))

    took = interleaved({"late": late, "fresh": fresh}, size.samples)
    return [
        Row("in a new run", took["fresh"]),
        Row(f"after {size.returns} returns", took["late"]),
        Row("ratio", took["late"] / took["fresh"], "times", goal=1.2),
    ]


def _among_runs(office: Scene, crowded: Scene, size: Size) -> list[Row]:
    few, many = Walk(office), Walk(crowded)
    took = interleaved(
        {
            "few": lambda: seconds(partial(office.complete, next(few))),
            "many": lambda: seconds(partial(crowded.complete, next(many))),
        },
        size.samples,
    )
    return [
        Row("in a small file", took["few"]),
        Row(f"among {size.rows} finished runs", took["many"]),
        Row("ratio", took["many"] / took["few"], "times", goal=1.2),
    ]


def _states(office: Scene, size: Size) -> list[Row]:
    """The state at the step that is redone, which is where a return ends."""
    counts = [count for count in (0, 1, 10, 500) if count <= size.returns]
    return [
        Row(f"state after {count} returns", len(office.state(office.returned(count))) / 1000, "kB", goal=2)
        for count in counts
    ]
