"""The simulated half year: seeded, within working hours, true to the rules; and `lajur simulate`."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Row, func, select

from engine import checking, workdays
from engine.database import Database
from engine.queries import event_log
from engine.queries.event_log import Wanted
from engine.simulation import planting, simulate
from engine.simulation.staff import MANAGER
from engine.states import LIVE, RunState, Verb
from engine.tables import Absence, Definition, History, Run, Version
from tests.conftest import NOW
from tests.simulated import HalfYear
from web import places
from web.cli import main

CAUSES = {
    *(planting.UNCLAIMED, planting.IDLE, planting.LATE, planting.RETURNED, planting.VACANT),
    *(planting.ABSENT, planting.TIMER, planting.OTHER_SOP, planting.MESSAGE, planting.DAMAGED),
}

BY_PEOPLE = {Verb.START, Verb.CLAIM, Verb.COMPLETE, Verb.RETURN, Verb.HAND_OVER, Verb.RELEASE, Verb.REOPEN}


def history(half_year: HalfYear) -> list[Row[tuple[Verb, datetime]]]:
    with half_year.database.reading() as session:
        return list(session.execute(select(History.verb, History.at).where(History.person_id.is_not(None))))


def test_every_live_run_is_told_with_its_causes(half_year: HalfYear) -> None:
    with half_year.database.reading() as session:
        live = set(session.scalars(select(Run.id).where(Run.state.in_(LIVE))))
    assert set(half_year.simulated.planted) == live


def test_each_cause_is_planted_alone_and_there_is_what_is_not_stuck(half_year: HalfYear) -> None:
    planted = Counter(half_year.simulated.planted.values())
    assert set().union(*planted) == CAUSES
    assert all(planted[frozenset({cause})] >= 2 for cause in CAUSES)
    assert planted[frozenset()] >= 10


def test_people_act_in_working_hours_only(half_year: HalfYear) -> None:
    calendar = half_year.manager.calendar
    minute = timedelta(minutes=2)
    acts = [act for act in history(half_year) if act.verb in BY_PEOPLE]
    assert len(acts) > 1000
    assert not [act for act in acts if not workdays.elapsed(act.at - minute, act.at + minute, calendar)]


def test_nothing_happens_before_it_begins_or_after_it_ends(half_year: HalfYear) -> None:
    moments = [act.at for act in history(half_year)]
    assert max(moments) <= NOW
    assert min(moments) >= NOW - timedelta(days=184)
    assert {moment.month for moment in moments} == {5, 6, 7, 8, 9, 10, 11}


def test_everything_that_people_do_is_done(half_year: HalfYear) -> None:
    done = {act.verb for act in history(half_year)}
    assert done >= BY_PEOPLE
    with half_year.database.reading() as session:
        assert set(session.scalars(select(History.verb).distinct())) >= {Verb.FIRE, Verb.OVERDUE, Verb.SUBSTITUTE}
        absences = session.execute(select(Absence.substitute_id)).scalars().all()
        states = Counter(session.scalars(select(Run.state)))
        used = session.scalar(
            select(func.count(Version.definition_id.distinct())).join(Run, Run.version_id == Version.id)
        )
        assert used == session.scalar(select(func.count()).select_from(Definition))
    assert None in absences
    assert any(absences)
    assert states[RunState.FINISHED] > states[RunState.RUNNING] > states[RunState.CANCELLED] > 0


def test_what_is_stored_is_whole_but_for_what_was_damaged(half_year: HalfYear) -> None:
    with half_year.database.reading() as session:
        found = {damage.run_id for damage in checking.check(session)}
    assert found == {run for run, causes in half_year.simulated.planted.items() if planting.DAMAGED in causes}


@pytest.fixture
def empty(tmp_path: Path, empty_sqlite: Path) -> Iterator[list[Database]]:
    """Three empty databases."""
    files = [shutil.copy(empty_sqlite, tmp_path / f"{number}.sqlite3") for number in range(3)]
    databases = [Database(f"sqlite:///{file}") for file in files]
    yield databases
    for database in databases:
        database.dispose()


def test_the_same_seed_makes_the_same_half_year(empty: list[Database]) -> None:
    logs = []
    for seed, database in zip((7, 7, 8), empty, strict=True):
        half_year = HalfYear(database, simulate(database, NOW, "rahasia", months=1.5, seed=seed, runs=60))
        logs.append("".join(event_log.pieces(database.reading, half_year.manager, Wanted(), event_log.CSV)))
    assert logs[0] == logs[1] != logs[2]


# -- lajur simulate ---------------------------------------------------------------------------------------------------


def lajur(folder: Path, *arguments: object) -> Result:
    command = ["simulate", "--data", str(folder), *map(str, arguments)]
    return CliRunner(env={"LC_ALL": "C", places.VARIABLE: "sqlite:////tidak/ada"}).invoke(main, command)


def test_the_command_fills_a_new_folder_and_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "baru"
    result = lajur(folder, "--months", 2, "--runs", 50, "--seed", 3)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert "  2 berkas: damaged" in lines
    assert MANAGER in lines[-1]
    database = Database(f"sqlite:///{folder / places.DATABASE}")
    with database.reading() as session:
        begun = session.scalars(select(Run.started_at)).all()
    assert len(begun) >= 50
    assert timedelta(days=30) < max(begun) - min(begun) < timedelta(days=61)
    database.dispose()
    again = lajur(folder)
    assert again.exit_code == 2
    assert "sudah ada data" in again.stderr
