"""Whether a process grows with the runs that it has seen."""

from __future__ import annotations

from multiprocessing import get_context
from pathlib import Path

from engine import offices, runs, tasks
from tests.bench import scene
from tests.bench.measure import Row, Size
from tests.bench.scene import Scene
from tests.conftest import NOW

TITLE = "Memory of a process in which runs are started and taken a step on (SQLite)"

TOGETHER = 10
"""Runs in one transaction: waiting for the disk says nothing about memory."""


def measure(size: Size) -> list[Row]:
    """The memory of a process of its own."""
    with get_context("spawn").Pool(1) as pool:
        few, many = pool.apply(grown, (size.memory,))
    return [
        Row(f"after {size.memory[0]} runs", few, "MB"),
        Row(f"after {size.memory[1]} runs", many, "MB"),
        Row("ratio", many / few, "times", goal=1.1),
    ]


def grown(counts: tuple[int, int]) -> tuple[float, float]:
    """Megabytes of this process after so many runs, and after so many."""
    with scene.sqlite() as office:
        _advance(office, counts[0])
        few = resident()
        _advance(office, counts[1] - counts[0])
        return few, resident()


def resident() -> float:
    """Megabytes of memory that this process holds."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    raise OSError("no VmRSS")


def _advance(office: Scene, count: int) -> None:
    for _ in range(0, count, TOGETHER):
        with office.database.transaction() as session:
            who = offices.actor(session, office.office.people["camat"], NOW)
            started = [runs.start(session, who, office.sop, "Undangan rapat", NOW) for _ in range(TOGETHER)]
            for run in started:
                task = scene.waiting(session, run).id
                tasks.claim(session, who, task, NOW)
                tasks.complete(session, who, task, None, "", NOW)
