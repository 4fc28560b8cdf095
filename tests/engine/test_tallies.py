"""What a month's work came to is counted with each act, and always what the tasks and runs of the office say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from bpmn.errors import Refusal
from bpmn.flow import Flow
from engine import checking, definitions, errors, migrating, reopening, reverting, runs, tallies, tasks
from engine.database import Database, Session
from engine.states import TaskState
from engine.tables import FlowTally, Run, RunTally, StepTally, Task
from tests.engine.conftest import Office, diagram
from tests.engine.flows import Drawing, approval, parallel
from tests.engine.people import finish, open_tasks, stored
from tests.engine.revisions import rename
from tests.engine.test_races import at_once
from tests.engine.token_game import TokenGame

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


# -- durations --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "rounded"),
    [(0, 0), (7, 7), (98, 98), (99, 99), (100, 100), (104, 100), (105, 110), (994, 990), (995, 1000), (12_499, 12_000)],
)
def test_durations_are_kept_to_two_digits(minutes: int, rounded: int) -> None:
    assert tallies.bucket(minutes) == rounded


@given(st.integers(0, 10**7))
def test_rounding_is_within_a_twentieth_and_does_it_once(minutes: int) -> None:
    rounded = tallies.bucket(minutes)
    assert abs(rounded - minutes) * 20 <= minutes
    assert tallies.bucket(rounded) == rounded


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_what_lasts_longer_is_not_rounded_to_less(one: int, other: int) -> None:
    shorter, longer = sorted((one, other))
    assert tallies.bucket(shorter) <= tallies.bucket(longer)


@given(st.lists(st.integers(0, 5000).map(tallies.bucket), min_size=1), st.sampled_from([0.1, 0.5, 0.9, 1.0]))
def test_a_percentile_of_merged_months_is_that_of_all(durations: list[int], share: float) -> None:
    half = len(durations) // 2
    months = [dict(Counter(map(str, part))) for part in (durations[:half], durations[half:])]
    found = tallies.percentile(tallies.merge(months), share)
    assert found is not None
    assert sum(lasted <= found for lasted in durations) >= share * len(durations) - 1e-6
    assert sum(lasted < found for lasted in durations) < share * len(durations)


def test_of_nothing_there_is_no_percentile() -> None:
    assert tallies.percentile({}, 0.5) is None


# -- what acts add ----------------------------------------------------------------------------------------------------


@dataclass
class Tallied:
    """The rows of all tables."""

    steps: dict[tuple[str, date], StepTally]
    runs: dict[date, RunTally]
    flows: dict[tuple[str, date], int]


def tallied(database: Database) -> Tallied:
    with database.reading() as session:
        return Tallied(
            {(row.node_id, row.month): row for row in session.scalars(select(StepTally))},
            {row.month: row for row in session.scalars(select(RunTally))},
            {(row.edge_id, row.month): row.passed for row in session.scalars(select(FlowTally)) if row.passed},
        )


def consistent(database: Database, office: Office) -> None:
    with database.reading() as session:
        assert tallies.differing(session, office.id) == []


@pytest.fixture
def run(database: Database, office: Office, surat: int) -> int:
    with database.transaction() as session:
        return office.start(session, surat)


def worked(database: Database, office: Office, run: int, who: str, minutes: int, choice: str = "") -> int:
    """The open task claimed now, and finished `minutes` later; its id."""
    with database.transaction() as session:
        (task,) = open_tasks(session, run)
        if task.claimed_by is None:
            tasks.claim(session, office(session, who), task.id, office.now)
    office.now += timedelta(minutes=minutes)
    with database.transaction() as session:
        edges = {"": None, "Setuju": "alur_5", "Dikembalikan": "alur_4"}
        tasks.complete(session, office(session, who), task.id, edges[choice], "Perbaiki lampiran", office.now)
    return task.id


def test_a_finished_step_is_counted_with_its_waiting_and_its_working(
    database: Database, office: Office, run: int
) -> None:
    office.now += timedelta(minutes=17)
    worked(database, office, run, "kasubag", 124)
    row = tallied(database).steps["langkah_1", NOVEMBER]
    assert (row.finished, row.timed, row.on_time, row.returned, row.redone) == (1, 1, 0, 0, 0)
    assert (row.waiting, row.working) == (17, 124)
    assert (row.waited, row.worked, row.taken) == ({"17": 1}, {"120": 1}, {"140": 1})
    assert row.jabatan_id == office.jabatan["Kasubag Umum"]
    with database.reading() as session:
        task = session.scalars(select(Task).where(Task.state == TaskState.COMPLETED)).one()
    assert (task.waited, task.worked) == (17, 124)


def test_only_working_time_counts(database: Database, office: Office, run: int) -> None:
    worked(database, office, run, "kasubag", 24 * 60)
    assert tallied(database).steps["langkah_1", NOVEMBER].working == 7 * 60 + 30


def test_a_return_counts_as_one_and_what_it_brings_back_as_redone(database: Database, office: Office, run: int) -> None:
    worked(database, office, run, "kasubag", 10)
    worked(database, office, run, "sekretaris", 10, "Dikembalikan")
    worked(database, office, run, "kasubag", 20)
    steps = tallied(database).steps
    assert (steps["langkah_2", NOVEMBER].finished, steps["langkah_2", NOVEMBER].returned) == (1, 1)
    first = steps["langkah_1", NOVEMBER]
    assert (first.finished, first.redone, first.waited) == (2, 1, {"0": 2})
    consistent(database, office)


def test_a_finished_run_is_counted_with_its_lead_and_its_returns(database: Database, office: Office, run: int) -> None:
    for who, choice in (("kasubag", ""), ("sekretaris", "Dikembalikan"), ("kasubag", ""), ("sekretaris", "Setuju")):
        worked(database, office, run, who, 30, choice)
    worked(database, office, run, "camat", 31)
    row = tallied(database).runs[NOVEMBER]
    assert (row.started, row.finished, row.cancelled, row.on_time, row.returns) == (1, 1, 0, 0, 1)
    assert (row.lead, row.led) == (151, {"150": 1})
    consistent(database, office)


def test_a_run_is_on_time_when_every_task_of_it_was(database: Database, office: Office, run: int) -> None:
    for who, choice in (("kasubag", ""), ("sekretaris", "Setuju"), ("camat", "")):
        worked(database, office, run, who, 30, choice)
    assert tallied(database).runs[NOVEMBER].on_time == 1


def test_each_act_counts_in_its_own_month_of_the_office(database: Database, office: Office, surat: int) -> None:
    office.now = datetime.fromisoformat("2026-11-30T23:50:00+07:00")
    with database.transaction() as session:
        run = office.start(session, surat)
    office.now = datetime.fromisoformat("2026-12-01T00:10:00+07:00")  # in UTC it is still November
    finish(database, office, run, "kasubag")
    found = tallied(database)
    assert set(found.steps) == {("langkah_1", DECEMBER)}
    assert set(found.runs) == {NOVEMBER}
    assert found.flows == {("alur_1", NOVEMBER): 1, ("alur_2", DECEMBER): 1}
    with database.transaction() as session:
        runs.cancel(session, office(session, "manajer"), run, "Batal", office.now)
    found = tallied(database)
    assert (found.runs[NOVEMBER].started, found.runs[DECEMBER].cancelled) == (1, 1)
    consistent(database, office)


def test_what_is_taken_back_was_not(database: Database, office: Office, run: int) -> None:
    worked(database, office, run, "kasubag", 10)
    before = tallied(database)
    task = worked(database, office, run, "sekretaris", 10, "Dikembalikan")
    with database.transaction() as session:
        reopening.reopen(session, office(session, "sekretaris"), task, "Keliru", office.now)
    after = tallied(database)
    assert after.flows == before.flows
    assert after.steps["langkah_2", NOVEMBER].finished == 0
    assert after.steps["langkah_2", NOVEMBER].taken == {}
    consistent(database, office)


def test_the_end_that_is_taken_back_was_none(database: Database, office: Office, run: int) -> None:
    for who, choice in (("kasubag", ""), ("sekretaris", "Setuju")):
        worked(database, office, run, who, 300, choice)
    last = worked(database, office, run, "camat", 10)
    office.now += timedelta(days=14)  # in another month
    with database.transaction() as session:
        reopening.reopen(session, office(session, "camat"), last, "Keliru", office.now)
    row = tallied(database).runs[NOVEMBER]
    assert (row.started, row.finished, row.on_time, row.lead, row.led) == (1, 0, 0, 0, {})
    with database.reading() as session:
        assert stored(session, run).lead is None
    consistent(database, office)
    worked(database, office, run, "camat", 5)
    assert tallied(database).runs[DECEMBER].finished == 1
    consistent(database, office)


def test_a_part_that_is_undone_adds_nothing(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        office.start(session, surat)
        undone = session.begin_nested()
        office.start(session, surat)
        with session.begin_nested():
            office.start(session, surat)
        undone.rollback()
        with session.begin_nested():
            office.start(session, surat)
    assert tallied(database).runs[NOVEMBER].started == 2
    consistent(database, office)


def test_a_flow_behind_a_task_of_each_holder_is_passed_once(database: Database, office: Office) -> None:
    drawing = Drawing()
    first = drawing.step("mulai", lane=3)
    drawing.nodes[-1] = replace(drawing.nodes[-1], multi="parallel")
    with database.transaction() as session:
        run = office.start(session, office.publish(session, drawing.flow(first)))
    finish(database, office, run, "kasubag")
    assert tallied(database).flows == {("alur_1", NOVEMBER): 1}
    last = finish(database, office, run, "rekan")
    assert tallied(database).flows == {("alur_1", NOVEMBER): 1, ("alur_2", NOVEMBER): 1}
    assert tallied(database).steps["langkah_1", NOVEMBER].finished == 2
    with database.transaction() as session:
        reopening.reopen(session, office(session, "rekan"), last, "Keliru", office.now)
    assert tallied(database).flows == {("alur_1", NOVEMBER): 1}
    consistent(database, office)


def test_a_called_run_counts_beside_its_caller(database: Database, office: Office) -> None:
    drawing = Drawing("Induk")
    call = drawing.another("panggil", "callActivity", drawing.step("mulai", lane=3), calls="surat_keluar")
    with database.transaction() as session:
        office.publish(session, parallel())
        caller = office.publish(session, replace(drawing.flow(call), process_id="induk"))
        run = office.start(session, caller)
    finish(database, office, run, "kasubag")
    with database.transaction() as session:
        runs.cancel(session, office(session, "manajer"), run, "Batal", office.now)
    with database.reading() as session:
        rows = session.scalars(select(RunTally)).all()
        assert [(row.started, row.finished, row.cancelled) for row in rows] == [(1, 0, 1)] * 2
    consistent(database, office)


def test_what_was_finished_goes_with_its_step_to_another_version(database: Database, office: Office, run: int) -> None:
    with database.reading() as session:
        surat = session.scalars(select(RunTally.definition_id)).one()
    worked(database, office, run, "kasubag", 10)
    with database.transaction() as session:
        analyst = office(session, "analis")
        newer = rename("langkah_1", "langkah_7")(approval())
        definitions.save_draft(session, analyst, surat, diagram(newer), 0, office.now)
        definitions.publish(session, analyst, surat, "Versi kedua", office.now)
        move = migrating.move(session, analyst, surat, 2, [run], {"langkah_1": "langkah_7"}, "", office.now)
    found = tallied(database).steps
    assert (found["langkah_1", NOVEMBER].finished, found["langkah_7", NOVEMBER].finished) == (0, 1)
    consistent(database, office)
    with database.transaction() as session:
        reverting.revert(session, office(session, "analis"), move, "", office.now)
    found = tallied(database).steps
    assert (found["langkah_1", NOVEMBER].finished, found["langkah_7", NOVEMBER].finished) == (1, 0)
    consistent(database, office)


# -- at the same moment -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attempt", range(5))
def test_what_many_finish_at_once_is_all_counted_and_nobody_waits_in_a_circle(
    database: Database, office: Office, attempt: int
) -> None:
    with database.transaction() as session:
        sops = [office.publish(session, replace(approval(), process_id=f"sop_{number}")) for number in range(2)]
        for sop in sops * 4:
            office.start(session, sop)
        waiting = session.execute(select(Task.id, Task.definition_id).order_by(Task.id)).all()
        for task, _ in waiting:
            tasks.claim(session, office(session, "kasubag"), task, office.now)
    first, second = ([task for task, of in waiting if of == sop] for sop in sops)

    def finishing(*both: int) -> Callable[[], None]:
        def act() -> None:
            with database.transaction() as session:
                for task in both:
                    tasks.complete(session, office(session, "kasubag"), task, None, "", office.now)

        return act

    pairs = zip(first, second, strict=True)
    acts = [finishing(*(pair if place % 2 else reversed(pair))) for place, pair in enumerate(pairs)]
    assert at_once(*acts) == [None] * 4
    with database.reading() as session:
        assert session.scalars(select(StepTally.finished)).all() == [4, 4]
        assert session.scalars(select(FlowTally.passed)).all() == [4] * 4
    consistent(database, office)


# -- all anew ---------------------------------------------------------------------------------------------------------


def forgotten(database: Database) -> None:
    """The database as an older release left it."""
    with database.transaction() as session:
        for table in (StepTally, RunTally, FlowTally):
            session.execute(delete(table))
        session.execute(update(Task).values(waited=None, worked=None))
        session.execute(update(Run).values(lead=None, undo_flows=None))


def test_runs_of_an_older_release_are_counted(database: Database, office: Office, neighbour: Office, run: int) -> None:
    for who, choice in (("kasubag", ""), ("sekretaris", "Setuju")):
        worked(database, office, run, who, 40, choice)
    last = worked(database, office, run, "camat", 10)
    before = tallied(database)
    forgotten(database)
    with database.transaction() as session:
        assert tallies.missing(session) == [office.id]
        tallies.rebuild(session, office.id)
        assert tallies.missing(session) == []
    after = tallied(database)
    assert facts(after.steps) == facts(before.steps)
    assert facts(after.runs) == facts(before.runs)
    assert after.flows == {}
    with database.transaction() as session:
        assert stored(session, run).lead == 90
        reopening.reopen(session, office(session, "camat"), last, "Keliru", office.now)
    assert tallied(database).flows == {}
    consistent(database, office)


def facts(rows: dict[Any, Any]) -> dict[Any, dict[str, Any]]:
    return {key: {column.name: getattr(row, column.name) for column in row.__table__.c} for key, row in rows.items()}


def test_check_names_the_month_whose_figures_are_wrong(database: Database, office: Office, run: int) -> None:
    worked(database, office, run, "kasubag", 10)
    with database.reading() as session:
        assert list(checking.check(session)) == []
    with database.transaction() as session:
        session.execute(update(StepTally).values(waiting=1000))
    with database.reading() as session:
        (damage,) = checking.check(session)
    assert "2026-11" in str(damage.what)
    assert "Surat Keluar" in str(damage.what)


# -- whatever people do -----------------------------------------------------------------------------------------------


def branching() -> Flow:
    """Step 1; 2 and 3 at once; 4, which may send back to 1, and the end."""
    drawing = Drawing()
    first = drawing.step("mulai", lane=3, waktu="2 jam")
    fork, join = drawing.node("pisah", "parallelGateway"), drawing.node("gabung", "parallelGateway")
    drawing.edge(first, fork)
    for lane in (2, 3):
        drawing.edge(drawing.step(fork, lane, waktu="1 hari"), join)
    return drawing.flow(drawing.decision(drawing.step(join, waktu="30 menit"), back_to=first))


@dataclass
class Followed:
    """A run as the rules of tokens have it, and how it stood before its last step."""

    game: TokenGame
    before: TokenGame | None = None
    task: int | None = None


@dataclass
class Crowd:
    """People who do anything on a few runs while weeks go by."""

    database: Database
    office: Office
    sop: int
    random: Random
    flow: Flow
    followed: dict[int, Followed] = field(default_factory=dict)

    def act(self) -> None:
        self.office.now += timedelta(minutes=self.random.choice([1, 20, 60, 600, 4000, 9000]))
        doing = self.random.choices(
            [self.start, self.work, self.take_back, self.claim, self.cancel, self.suspend, self.doomed],
            [2, 10, 4, 3, 1, 1, 1],
        )[0]
        try:
            doing()
        except Refusal:
            return

    def start(self) -> None:
        if len(self.followed) < 4:
            with self.database.transaction() as session:
                run = self.office.start(session, self.sop)
            self.followed[run] = Followed(TokenGame(self.flow))

    def picked(self, session: Session, *states: TaskState) -> Task:
        found = session.scalars(select(Task).where(Task.state.in_(states)).order_by(Task.id)).all()
        if not found:
            raise errors.NotFound
        return self.random.choice(found)

    def holder(self, task: Task) -> str:
        names = {self.office.people[name]: name for name in ("camat", "sekretaris", "kasubag", "rekan")}
        if task.claimed_by:
            return names[task.claimed_by]
        lanes = {self.office.jabatan[lane]: who for lane, who in (("Camat", "camat"), ("Sekretaris", "sekretaris"))}
        return lanes.get(task.jabatan_id, "rekan")

    def claim(self) -> None:
        with self.database.transaction() as session:
            task = self.picked(session, TaskState.OPEN)
            tasks.claim(session, self.office(session, self.holder(task)), task.id, self.office.now)

    def work(self) -> None:
        with self.database.transaction() as session:
            task = self.picked(session, TaskState.OPEN, TaskState.CLAIMED)
            who = self.office(session, self.holder(task))
            tasks.claim(session, who, task.id, self.office.now)
        decides = task.node_id == "langkah_4"
        value = self.random.choice(["setuju", "kembali"]) if decides else ""
        with self.database.transaction() as session:
            choices = [edge.id for edge in self.flow.edges if value and f"'{value}'" in (edge.condition or "")]
            edge = choices[0] if choices else None
            tasks.complete(session, who, task.id, edge, "Perbaiki", self.office.now)
        run = self.followed[task.run_id]
        run.before, run.task = deepcopy(run.game), task.id
        slot = next(slot for slot in run.game.slots() if slot[0].node == task.node_id)
        run.game.go_on(slot, {"keputusan_4": value} if decides else {})

    def take_back(self) -> None:
        known = [run for run in self.followed.values() if run.task]
        if not known:
            return
        run = self.random.choice(known)
        assert run.task is not None
        with self.database.transaction() as session:
            reopening.reopen(session, self.office(session, "manajer"), run.task, "Keliru", self.office.now)
        assert run.before is not None
        run.game, run.task = run.before, None

    def cancel(self) -> None:
        with self.database.transaction() as session:
            run = self.random.choice([*self.followed, 10_000])
            runs.cancel(session, self.office(session, "manajer"), run, "Batal", self.office.now)

    def suspend(self) -> None:
        with self.database.transaction() as session:
            for act in (runs.suspend, runs.resume):
                run = self.random.choice([*self.followed, 10_000])
                act(session, self.office(session, "manajer"), run, "Tunda", self.office.now)

    def doomed(self) -> None:
        """Something in a part of a transaction that is undone, and something beside it that is not."""
        with self.database.transaction() as session:
            try:
                with session.begin_nested():
                    self.office.start(session, self.sop)
                    raise errors.NotFound
            except errors.NotFound:
                return


@pytest.mark.parametrize("seed", range(5))
def test_whatever_people_do_the_figures_are_those_of_the_tasks_and_runs(
    database: Database, office: Office, seed: int
) -> None:
    flow = branching()
    with database.transaction() as session:
        sop = office.publish(session, flow)
    crowd = Crowd(database, office, sop, Random(seed), flow)
    for _ in range(45):
        crowd.act()
        consistent(database, office)
    passed = sum((run.game.passed for run in crowd.followed.values()), Counter[str]())
    found: Counter[str] = Counter()
    for (edge, _), times in tallied(database).flows.items():
        found[edge] += times
    assert found == passed
