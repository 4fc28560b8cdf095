"""The statistics of a simulated half year equal those worked out from its exported event log, by plain code."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context
from math import ceil
from typing import Any

import pytest
from sqlalchemy import select

from engine import tallies, workdays
from engine.queries import event_log
from engine.queries.event_log import Wanted
from engine.tables import Jabatan, RunTally, StepTally
from engine.workdays import Calendar
from tests.engine import event_logs
from tests.engine.event_logs import Case, Known
from tests.simulated import HalfYear

MINUTE = timedelta(minutes=1)

TWO_DIGITS = Context(prec=2, rounding=ROUND_HALF_UP)

StepKey = tuple[object, object, object, date]
"""SOP, element of the diagram, name of the jabatan, month."""

RunKey = tuple[object, date]


@dataclass
class Counted:
    """What was counted under a key: sums, and how many lasted how long."""

    sums: Counter[str] = field(default_factory=Counter)
    lasted: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def told(self) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
        """What differs from nothing."""
        return dict(+self.sums), {name: dict(+histogram) for name, histogram in self.lasted.items() if +histogram}


def rounded(minutes: int) -> str:
    """To two significant digits, halves up."""
    return str(int(TWO_DIGITS.create_decimal(minutes)))


def month(moment: object) -> date:
    """Of a moment of the log, which has the time zone of the office."""
    assert isinstance(moment, datetime)
    return moment.date().replace(day=1)


@pytest.fixture(scope="module")
def cases(half_year: HalfYear) -> list[Case]:
    pieces = event_log.pieces(half_year.database.reading, half_year.manager, Wanted(), event_log.XES)
    return event_logs.read(pieces)


@pytest.fixture(scope="module")
def worked(half_year: HalfYear) -> Callable[[object, object], int]:
    """Whole minutes of working time between two moments."""
    calendar: Calendar = half_year.manager.calendar

    def between(start: object, end: object) -> int:
        assert isinstance(start, datetime)
        assert isinstance(end, datetime)
        return workdays.elapsed(start, end, calendar) // MINUTE

    return between


Worked = Callable[[object, object], int]


def finishes(cases: Iterable[Case]) -> Iterable[tuple[Case, Known]]:
    return ((case, event) for case in cases for event in case.events if event["lifecycle:transition"] == "complete")


def in_time(event: Known) -> bool:
    return "due" not in event or event["time:timestamp"] <= event["due"]  # type: ignore[operator]


def steps(cases: list[Case], worked: Worked) -> dict[StepKey, Counted]:
    """By step, jabatan and month."""
    found: dict[StepKey, Counted] = defaultdict(Counted)
    for case, event in finishes(cases):
        counted = found[case.run["sop_id"], event["node"], event["org:role"], month(event["time:timestamp"])]
        waiting = worked(event["offered"], event["started"])
        working = worked(event["started"], event["time:timestamp"])
        counted.sums.update(
            finished=1,
            timed="due" in event,
            on_time="due" in event and in_time(event),
            returned=event["returned"] is True,
            redone=event["redone"] is True,
            waiting=waiting,
            working=working,
        )
        for name, minutes in (("waited", waiting), ("worked", working), ("taken", waiting + working)):
            counted.lasted[name][rounded(minutes)] += 1
    return found


def runs(cases: list[Case], worked: Worked) -> dict[RunKey, Counted]:
    """By SOP and month."""
    found: dict[RunKey, Counted] = defaultdict(Counted)
    for case in cases:
        run = case.run
        found[run["sop_id"], month(run["started"])].sums["started"] += 1
        if run["state"] == "cancelled":
            found[run["sop_id"], month(run["finished"])].sums["cancelled"] += 1
        if run["state"] != "finished":
            continue
        lead = worked(run["started"], run["finished"])
        counted = found[run["sop_id"], month(run["finished"])]
        returns = sum(event["returned"] is True for _, event in finishes([case]))
        assert returns == run["returns"]
        on_time = all(in_time(event) for _, event in finishes([case]))
        counted.sums.update(finished=1, on_time=on_time, returns=returns, lead=lead)
        counted.lasted["led"][rounded(lead)] += 1
    return found


def told(found: dict[Any, Counted]) -> dict[Any, Any]:
    return {key: counted.told() for key, counted in found.items()}


def kept(row: Any, sums: Iterable[str], histograms: Iterable[str]) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """A row of the tallies in the same form."""
    return (
        {name: getattr(row, name) for name in sums if getattr(row, name)},
        {name: getattr(row, name) for name in histograms if getattr(row, name)},
    )


def test_steps_are_counted_as_in_the_log(half_year: HalfYear, cases: list[Case], worked: Worked) -> None:
    with half_year.database.reading() as session:
        rows = session.execute(select(StepTally, Jabatan.name).join(Jabatan, Jabatan.id == StepTally.jabatan_id)).all()
    sums = ("finished", "timed", "on_time", "returned", "redone", "waiting", "working")
    assert {
        (row.definition_id, row.node_id, jabatan, row.month): kept(row, sums, ("waited", "worked", "taken"))
        for row, jabatan in rows
        if row.finished
    } == told(steps(cases, worked))


def test_runs_are_counted_as_in_the_log(half_year: HalfYear, cases: list[Case], worked: Worked) -> None:
    with half_year.database.reading() as session:
        rows = session.scalars(select(RunTally)).all()
    sums = ("started", "finished", "cancelled", "on_time", "returns", "lead")
    assert {
        (row.definition_id, row.month): kept(row, sums, ("led",))
        for row in rows
        if row.started or row.finished or row.cancelled
    } == told(runs(cases, worked))


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_median_and_p90_of_merged_months_are_those_of_the_log(
    half_year: HalfYear, cases: list[Case], worked: Worked, share: float
) -> None:
    by_sop: dict[object, list[int]] = defaultdict(list)
    for case in cases:
        if case.run["state"] == "finished":
            by_sop[case.run["sop_id"]].append(int(rounded(worked(case.run["started"], case.run["finished"]))))
    with half_year.database.reading() as session:
        for sop, leads in by_sop.items():
            months = session.scalars(select(RunTally.led).where(RunTally.definition_id == sop)).all()
            nearest = sorted(leads)[max(ceil(len(leads) * share - 1e-9), 1) - 1]
            assert tallies.percentile(tallies.merge(months), share) == nearest


def test_the_half_year_has_something_of_everything(cases: list[Case], worked: Worked) -> None:
    """What equals is not nothing."""
    of_steps, of_runs = Counter[str](), Counter[str]()
    for counted in steps(cases, worked).values():
        of_steps += counted.sums
    for counted in runs(cases, worked).values():
        of_runs += counted.sums
    assert set(of_steps) == {"finished", "timed", "on_time", "returned", "redone", "waiting", "working"}
    assert set(of_runs) == {"started", "finished", "cancelled", "on_time", "returns", "lead"}
    assert of_steps["on_time"] < of_steps["timed"]
    assert of_runs["on_time"] < of_runs["finished"]
