"""What people do, in process: complete against a bare transaction over the same rows; start, claim; statements."""

from __future__ import annotations

from functools import partial

from tests.bench import bare, scene
from tests.bench.measure import Row, Sample, Size, counting, interleaved, seconds
from tests.bench.scene import Scene, Walk, Work

TITLE = "Acts on a process of ten steps, in process, each a transaction"


def measure(size: Size) -> list[Row]:
    """The figures on each kind of database there is."""
    return [row for kind, office in scene.kinds() for row in _of(kind, office, size)]


def _of(kind: str, office: Scene, size: Size) -> list[Row]:
    steps = bare.record(office)
    engine, plain = Walk(office), Walk(office)

    def complete() -> float:
        return seconds(partial(office.complete, next(engine)))

    def transact() -> float:
        return seconds(partial(bare.transact, office.database, steps, next(plain)))

    took = interleaved({"complete": complete, "bare": transact, **_others(office)}, size.samples)
    with counting(office.database) as counted:
        next_work = next(engine)
        counted.statements.clear()
        counted.commits = 0
        office.complete(next_work)
    return [
        Row(f"{kind}: complete a task", took["complete"]),
        Row(f"{kind}: the bare transaction", took["bare"]),
        Row(f"{kind}: ratio", took["complete"] / took["bare"], "times", goal=2),
        Row(f"{kind}: SQL statements of a completion", len(counted.statements), "", goal=9),
        Row(f"{kind}: commits of a completion", counted.commits, "", goal=1),
        Row(f"{kind}: start a run", took["start"]),
        Row(f"{kind}: claim a task", took["claim"]),
    ]


def _others(office: Scene) -> dict[str, Sample]:
    waiting: list[Work] = []

    def start() -> float:
        return seconds(lambda: waiting.append(office.opened(office.start())))

    def claim() -> float:
        work = waiting.pop() if waiting else office.opened(office.start())
        return seconds(partial(office.claim, work))

    return {"start": start, "claim": claim}
