"""Clocks, medians, statement counts and tables: what every part of the bench uses."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

from sqlalchemy import event

from engine.database import Database

Sample = Callable[[], float]
"""Seconds that one act took; what the act needs is made before its clock starts."""


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of a table; where there is a goal, at most that. With a `p50` the figure is the 95th percentile."""

    name: str
    value: float
    unit: str = "ms"
    goal: float | None = None
    p50: float | None = None


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: samples of each figure, returns of one run, rows that fill a database, runs in memory."""

    samples: int
    returns: int
    rows: int
    memory: tuple[int, int]


FULL = Size(samples=300, returns=500, rows=100_000, memory=(1_000, 10_000))
QUICK = Size(samples=30, returns=20, rows=1_000, memory=(50, 200))


@dataclass
class Counted:
    """What went to a database: statements, without those that begin and end transactions, and commits."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0


def machine() -> str:
    """The computer on which this was measured."""
    cpu = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            cpu = next((line.partition(": ")[2].strip() for line in lines if line.startswith("model name")), cpu)
    return f"{cpu}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def seconds(act: Callable[[], object]) -> float:
    """How long one call takes."""
    start = perf_counter()
    act()
    return perf_counter() - start


def milliseconds(act: Callable[[], object], runs: int = 200) -> float:
    """The median of many calls."""
    return median(seconds(act) for _ in range(runs)) * 1000


def interleaved(samples: Mapping[str, Sample], runs: int) -> dict[str, float]:
    """Medians in milliseconds of things to compare, sampled in turn so that noise hits all of them alike."""
    return {name: median(times) * 1000 for name, times in in_turn(samples, runs).items()}


def in_turn(samples: Mapping[str, Sample], runs: int) -> dict[str, list[float]]:
    """Seconds of so many samples of each thing, one of each in turn."""
    taken: dict[str, list[float]] = {name: [] for name in samples}
    order = list(samples)
    for _ in range(runs):
        for name in order:
            taken[name].append(samples[name]())
        order.append(order.pop(0))
    return taken


def spread(name: str, taken: Sequence[float], goal: float | None = None) -> Row:
    """The 50th and 95th percentile of samples, in milliseconds; the goal is of the latter."""
    ordered = sorted(taken)
    p95 = ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]
    return Row(name, p95 * 1000, goal=goal, p50=median(ordered) * 1000)


@contextmanager
def counting(database: Database) -> Iterator[Counted]:
    """Count what goes to a database while the block runs."""
    counted = Counted()

    def statement(_connection: object, _cursor: object, text: str, *_more: object) -> None:
        if not text.startswith("BEGIN"):
            counted.statements.append(text)

    def commit(_connection: object) -> None:
        counted.commits += 1

    event.listen(database.engine, "before_cursor_execute", statement)
    event.listen(database.engine, "commit", commit)
    try:
        yield counted
    finally:
        event.remove(database.engine, "before_cursor_execute", statement)
        event.remove(database.engine, "commit", commit)


def table(title: str, rows: list[Row]) -> str:
    """The figures under a title, each with its goal."""
    width = max(len(row.name) for row in rows)
    return "\n".join([f"\n{title}", *(f"  {row.name:<{width}}  {_figure(row)}" for row in rows)])


def _figure(row: Row) -> str:
    figure = f"{row.value:10.2f} {row.unit:<5}"
    if row.p50 is not None:
        figure = f"p50 {row.p50:8.2f}  p95 {figure.lstrip():>14}"
    if row.goal is None:
        return figure.rstrip()
    return f"{figure} goal {row.goal:g}{'' if row.value <= row.goal else ', MISSED'}"
