"""People acting on runs as they please, held against a simple model of what must come of it.

The model knows the process below as a few lines of Python, every reason for which an act may be refused, and what an
accepted act changes. Which of several reasons a person is told is the engine's to choose.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bpmn.errors import Refusal
from bpmn.flow import Flow
from engine import checking, errors, offices, runs, tasks
from engine.database import Database
from engine.offices import Actor
from engine.states import UNFINISHED, RunState, TaskState, Verb, run_move
from engine.tables import (
    Cause,
    FlowTally,
    History,
    Involvement,
    Position,
    Return,
    Run,
    RunTally,
    Seal,
    StepTally,
    Task,
    Word,
)
from tests.conftest import NOW
from tests.engine.conftest import SINCE, Office
from tests.engine.flows import Drawing
from tests.engine.people import erase

HOLDERS = {
    1: {"kasubag", "rekan"},
    2: {"sekretaris", "wakil"},
    3: {"camat"},
    4: {"kasubag", "rekan"},
    5: {"sekretaris", "wakil"},
}
"""For each step of the process who holds its jabatan."""

ONWARD = {1: {2}, 2: {3, 4}, 3: {5}, 4: {5}, 5: set[int]()}
"""The steps behind each step; the fifth waits for both the third and the fourth."""

BACK = {2: 1, 5: 2}
"""Where the steps that decide may send back to."""

PEOPLE = ("kasubag", "rekan", "sekretaris", "wakil", "camat", "manajer", "asing")
MANAGER, STRANGER = "manajer", "asing"
"""The one with that right; the manager of another office."""

RUNS, UNKNOWN = 3, 10_000
"""How many runs there are at most; the id of none of them, and of no task."""

NOTES = ("", "Nomor surat salah")

MANAGING = {Verb.SUSPEND: runs.suspend, Verb.RESUME: runs.resume, Verb.CANCEL: runs.cancel}

STEADY = settings(
    max_examples=100,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
"""The same examples every time."""


def mostly(random: Random) -> bool:
    return random.random() < 0.75


def manager(random: Random) -> str:
    return MANAGER if mostly(random) else random.choice(PEOPLE)


def process() -> Flow:
    """Step 1; 2, which may send back to 1; 3 and 4 at once; 5, which may send back to 2."""
    drawing = Drawing()
    first = drawing.step("mulai", lane=3)
    second = drawing.step(first, lane=2)
    fork, join = drawing.node("pisah", "parallelGateway"), drawing.node("gabung", "parallelGateway")
    drawing.approve(drawing.decision(second, back_to=first), fork)
    for lane in (1, 3):
        drawing.edge(drawing.step(fork, lane), join)
    last = drawing.step(join, lane=2)
    return drawing.flow(drawing.decision(last, back_to=second))


@dataclass
class ModelTask:
    """What the model holds of a task."""

    run: int
    step: int
    round: int
    state: TaskState = TaskState.OPEN
    claimer: str | None = None
    finished: tuple[str, str | None, str] | None = None
    """By whom and with what choice."""


@dataclass
class ModelRun:
    """What the model holds of a run."""

    state: RunState = RunState.RUNNING
    returns: int = 0
    history: int = 0
    arrived: set[int] = field(default_factory=set)
    """Which of the steps before the join are done."""
    doers: dict[int, str] = field(default_factory=dict)
    """Who did each step last."""


@dataclass(frozen=True)
class World:
    """The real thing: a database with the office and the process."""

    database: Database
    office: Office
    sop: int
    onward: dict[int, str]
    """For each step that decides its way on."""
    back: dict[int, str]
    """And its way back."""

    def actor(self, session: Session, who: str) -> Actor:
        return offices.actor(session, self.office.people[who], NOW)


Act = Callable[[Session, Actor], object]
Reasons = set[type[Refusal]]


class People(RuleBasedStateMachine):
    """Anybody does anything, sensible or not."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.runs: dict[int, ModelRun] = {}
        self.tasks: dict[int, ModelTask] = {}
        self.random = Random()
        """Of all choices but that of the rules; drawn one by one they are so alike that many things never happen."""
        self.last: tuple[str, int, str | None, str] | None = None

    def teardown(self) -> None:
        with self.world.database.transaction() as session:
            damages = list(checking.check(session))
            kept = (StepTally, RunTally, FlowTally, Cause, Position, History, Seal)
            erase(session, *kept, Task, Return, Involvement, Word, Run)
        assert damages == []  # also where runs stand, why they are stuck, and what the month came to

    # What people do.

    @initialize(random=st.randoms(use_true_random=True))
    def begin(self, random: Random) -> None:
        """A run that got somewhere already, with returns on its way; a new one; and what a manager does to them."""
        self.random = random
        self.begins("kasubag", "Undangan rapat")
        for _ in range(self.random.randint(0, 20)):
            ways = self.random.choice([self.world.onward, self.world.back])
            self.works(self.running(set(HOLDERS)), ways, NOTES[1])
        self.begins("kasubag", "Nota dinas")
        for _ in range(random.randint(0, 2)):
            self.manage()

    @precondition(lambda self: len(self.runs) < RUNS)
    @rule()
    def start(self) -> None:
        self.begins(self.random.choice(PEOPLE), self.random.choice(["Undangan rapat", "Nota dinas", " "]))

    @rule()
    def go_on(self) -> None:
        """What is to be done is done, so that runs get anywhere."""
        for _ in range(self.random.randint(1, 4)):
            self.works(self.running(set(HOLDERS)), self.world.onward, "")

    @rule()
    def send_back(self) -> None:
        """Somebody who may decide is not content, and may forget to say why."""
        for _ in range(2):  # claimed, and sent back
            self.works(self.running(set(BACK)), self.world.back, self.random.choice(NOTES))

    @rule()
    def claim(self) -> None:
        task = self.some_task()
        self.claims(self.somebody(task), task)

    @rule()
    def release(self) -> None:
        task = self.some_task()
        who = self.somebody(task)
        done = self.does(who, lambda session, actor: tasks.release(session, actor, task, NOW), self.not_own(who, task))
        if done:
            self.tasks[task].state, self.tasks[task].claimer = TaskState.OPEN, None
            self.runs[self.tasks[task].run].history += 1

    @rule()
    def complete(self) -> None:
        task = self.some_task()
        found = self.tasks.get(task)
        known = [self.world.onward.get(found.step), self.world.back.get(found.step)] if found else []
        anything = [None, "bukan_alur", *self.world.onward.values(), *self.world.back.values()]
        choice = self.random.choice(known if known and mostly(self.random) else anything)
        self.completes(self.somebody(task), task, choice, self.random.choice(NOTES))

    @precondition(lambda self: self.last is not None)
    @rule()
    def submit_again(self) -> None:
        """The last accepted completion is sent once more."""
        assert self.last is not None
        self.completes(*self.last)

    @rule()
    def hand_over(self) -> None:
        task = self.some_task()
        who, to = self.somebody(task), self.somebody(task)
        receiver = self.world.office.people[to]
        reasons = self.not_own(who, task) | self.not_for(to, task)
        self.gives(who, task, to, reasons, lambda s, actor: tasks.hand_over(s, actor, task, receiver, "", NOW))

    @rule()
    def reassign(self) -> None:
        task = self.some_task()
        who, to = manager(self.random), self.somebody(task)
        receiver = self.world.office.people[to]
        reasons = self.not_manager(who) | self.not_there(who, task) | self.not_for(to, task)
        self.gives(who, task, to, reasons, lambda s, actor: tasks.reassign(s, actor, task, receiver, "", NOW))

    @rule()
    def manage(self) -> None:
        """A run is held up, goes on, or is given up."""
        who, reason = manager(self.random), "Ada data baru" if mostly(self.random) else ""
        verb = self.random.choice([*[Verb.SUSPEND, Verb.RESUME] * 3, Verb.CANCEL])
        run = self.random.choice([*[*self.runs] * 3, UNKNOWN])
        reasons = self.not_manager(who)
        if run == UNKNOWN or who == STRANGER:
            reasons |= {errors.NotFound}
        elif self.runs[run].state not in run_move(verb).origins:
            reasons |= {errors.RunNotRunning}
        if verb is not Verb.RESUME and not reason:
            reasons |= {errors.Invalid}
        if self.does(who, lambda session, actor: MANAGING[verb](session, actor, run, reason, NOW), reasons):
            self.runs[run].state = run_move(verb).target or self.runs[run].state
            self.runs[run].history += 1
            if verb is Verb.CANCEL:
                self.withdraw(run)

    @rule()
    def comment(self) -> None:
        who, text = self.random.choice(PEOPLE), self.random.choice(["Mohon dipercepat", " "])
        run = self.random.choice([*self.runs, UNKNOWN])
        reasons: Reasons = {errors.NotFound} if who == STRANGER or run == UNKNOWN else set()
        if not text.strip():
            reasons.add(errors.Invalid)
        if self.does(who, lambda session, actor: runs.comment(session, actor, run, text, NOW), reasons):
            self.runs[run].history += 1

    # What must come of it.

    def begins(self, who: str, subject: str) -> None:
        reasons: Reasons = set() if who in HOLDERS[1] else {errors.NotAllowed}
        if who == STRANGER:
            reasons = {errors.NotFound}
        if not subject.strip():
            reasons.add(errors.Invalid)
        begun: list[int] = []
        if self.does(who, lambda s, actor: begun.append(runs.start(s, actor, self.world.sop, subject, NOW)), reasons):
            self.runs[begun[0]] = ModelRun(history=1)
            self.opens(begun[0], {1: None})

    def works(self, waiting: list[int], ways: dict[int, str], note: str) -> None:
        """One of these tasks, if there are any, is claimed, or finished where it is."""
        if waiting:
            task = self.random.choice(waiting)
            found = self.tasks[task]
            if found.claimer is None:
                self.claims(self.random.choice(sorted(HOLDERS[found.step])), task)
            else:
                self.completes(found.claimer, task, ways.get(found.step), note)
            self.the_tables_hold_what_the_model_holds()

    def claims(self, who: str, task: int) -> None:
        found = self.tasks.get(task)
        again = found is not None and found.state is TaskState.CLAIMED and found.claimer == who
        reasons = set() if again else self.not_there(who, task) | self.not_for(who, task, errors.NotYourTask)
        if found and found.state is TaskState.CLAIMED and not again:
            reasons.add(errors.TaskAlreadyClaimed)
        if self.does(who, lambda s, actor: tasks.claim(s, actor, task, NOW), _foreign(who, reasons)):
            assert found is not None
            found.state, found.claimer = TaskState.CLAIMED, who
            self.runs[found.run].history += not again

    def completes(self, who: str, task: int, choice: str | None, note: str) -> None:
        found = self.tasks.get(task)
        again = found is not None and found.finished == (who, choice, note)
        reasons = set() if again else self.not_own(who, task)
        if found and not again:
            reasons |= self.badly_decided(found.step, choice, note)
        verbs: list[Verb] = []
        done = self.does(who, lambda s, actor: verbs.append(tasks.complete(s, actor, task, choice, note, NOW)), reasons)
        if done:
            assert found is not None
            if not again:
                self.finish(found, who, choice, note)
                self.last = who, task, choice, note
            assert verbs == [Verb.RETURN if found.state is TaskState.RETURNED else Verb.COMPLETE]

    def finish(self, task: ModelTask, who: str, choice: str | None, note: str) -> None:
        """The run goes on, or back."""
        run = self.runs[task.run]
        task.finished = who, choice, note
        run.doers[task.step] = who
        run.history += 1
        if choice is not None and choice == self.world.back.get(task.step):
            task.state = TaskState.RETURNED
            run.returns += 1
            self.opens(task.run, {BACK[task.step]: run.doers[BACK[task.step]]})
            return
        task.state = TaskState.COMPLETED
        if task.step in (3, 4):
            run.arrived ^= {task.step}
            if run.arrived != {3, 4}:
                return
            run.arrived = set()
        if not ONWARD[task.step]:
            run.state = RunState.FINISHED
            run.history += 1
        self.opens(task.run, dict.fromkeys(ONWARD[task.step]))

    def opens(self, run: int, steps: dict[int, str | None]) -> None:
        """New tasks must be there for these steps, each claimed by the person named or by nobody; no others."""
        with self.world.database.reading() as session:
            new = session.execute(
                select(Task.id, Task.node_id).where(Task.run_id == run, Task.id.not_in(list(self.tasks)))
            ).all()
        assert sorted(node for _, node in new) == [f"langkah_{step}" for step in sorted(steps)]
        for task, node in new:
            step = int(node.removeprefix("langkah_"))
            state = TaskState.CLAIMED if steps[step] else TaskState.OPEN
            self.tasks[task] = ModelTask(run, step, self.runs[run].returns + 1, state, steps[step])

    def gives(self, who: str, task: int, to: str, reasons: Reasons, act: Act) -> None:
        if self.does(who, act, _foreign(who, reasons)):
            self.tasks[task].state, self.tasks[task].claimer = TaskState.CLAIMED, to
            self.runs[self.tasks[task].run].history += 1

    def withdraw(self, run: int) -> None:
        for task in self.tasks.values():
            if task.run == run and task.state in UNFINISHED:
                task.state = TaskState.WITHDRAWN

    def does(self, who: str, act: Act, reasons: Reasons) -> bool:
        """Whether the act was done; it must have been refused for one of the reasons, if there are any."""
        note(f"{who}: expected {[reason.__name__ for reason in reasons] or 'done'}")
        refused = None
        try:
            with self.world.database.transaction() as session:
                act(session, self.world.actor(session, who))
        except Refusal as refusal:
            refused = refusal
        assert refused is None or type(refused) in reasons, f"{refused!r} instead of {reasons or 'done'}"
        assert refused is not None or not reasons, f"done in spite of {reasons}"
        return refused is None

    # Why something is refused.

    def not_there(self, who: str, task: int) -> Reasons:
        """Nobody acts on what is another office's, held up, or over."""
        found = self.tasks.get(task)
        if found is None or who == STRANGER:
            return {errors.NotFound}
        reasons: Reasons = set()
        if self.runs[found.run].state in (RunState.SUSPENDED, RunState.CANCELLED):
            reasons.add(errors.RunNotRunning)
        if found.state not in UNFINISHED:
            reasons.add(errors.TaskFinished)
        return reasons

    def not_own(self, who: str, task: int) -> Reasons:
        """Only the claimer acts on a task."""
        found = self.tasks.get(task)
        reasons = self.not_there(who, task)
        if found and who != STRANGER and found.state in UNFINISHED and found.claimer != who:
            reasons |= {errors.TaskAlreadyClaimed if found.claimer else errors.NotYourTask}
        return reasons

    def not_for(self, who: str, task: int, reason: type[Refusal] = errors.NotAllowed) -> Reasons:
        """Only holders of its jabatan get a task."""
        found = self.tasks.get(task)
        return {reason} if found and who not in HOLDERS[found.step] else set()

    def not_manager(self, who: str) -> Reasons:
        return set() if who in (MANAGER, STRANGER) else {errors.NotAllowed}

    def badly_decided(self, step: int, choice: str | None, note: str) -> Reasons:
        if choice not in (self.world.onward.get(step), self.world.back.get(step)):
            return {errors.ChoiceMissing}
        return (
            {errors.ReasonMissing} if choice is not None and choice == self.world.back.get(step) and not note else set()
        )

    # What is drawn.

    def unfinished(self) -> list[int]:
        return [number for number, task in self.tasks.items() if task.state in UNFINISHED]

    def running(self, steps: set[int]) -> list[int]:
        """The unfinished tasks of these steps on which people can act."""
        unfinished = [(number, self.tasks[number]) for number in self.unfinished()]
        return [
            number
            for number, task in unfinished
            if task.step in steps and self.runs[task.run].state is RunState.RUNNING
        ]

    def some_task(self) -> int:
        """Mostly one that waits; or any, also one that is finished, or unknown."""
        waiting = self.unfinished()
        return self.random.choice(waiting if waiting and mostly(self.random) else [*self.tasks, UNKNOWN])

    def somebody(self, task: int) -> str:
        """Mostly somebody to whom the task matters."""
        found = self.tasks.get(task)
        if not found or not mostly(self.random):
            return self.random.choice(PEOPLE)
        claimer = [found.claimer] * 2 if found.claimer else []
        return self.random.choice([*sorted(HOLDERS[found.step]), *claimer])

    @invariant()
    def the_tables_hold_what_the_model_holds(self) -> None:
        people = self.world.office.people
        with self.world.database.reading() as session:
            found_tasks = session.execute(
                select(Task.id, Task.run_id, Task.node_id, Task.round, Task.state, Task.claimed_by, Task.finished_by)
            ).all()
            found_runs = session.execute(select(Run.id, Run.state, Run.round)).all()
            returns = dict(session.execute(select(Return.run_id, func.count()).group_by(Return.run_id)).all())
            rows = dict(session.execute(select(History.run_id, func.count()).group_by(History.run_id)).all())
        assert set(found_tasks) == {
            (
                number,
                task.run,
                f"langkah_{task.step}",
                task.round,
                task.state,
                people[task.claimer] if task.claimer else None,
                people[task.finished[0]] if task.finished else None,
            )
            for number, task in self.tasks.items()
        }
        assert set(found_runs) == {(number, run.state, run.returns + 1) for number, run in self.runs.items()}
        assert returns == {number: run.returns for number, run in self.runs.items() if run.returns}
        assert rows == {number: run.history for number, run in self.runs.items()}


def _foreign(who: str, reasons: Reasons) -> Reasons:
    """Strangers are told nothing but that there is no such thing."""
    return {errors.NotFound} if who == STRANGER else reasons


def test_people_get_from_the_engine_what_a_simple_model_says(
    sqlite: Database, office: Office, neighbour: Office
) -> None:
    with sqlite.transaction() as session:
        office.people["wakil"] = offices.add_person(session, office.id, "wakil", "Wakil", "rahasia")
        offices.hold(session, office.people["wakil"], office.jabatan["Sekretaris"], SINCE)
        office.people[STRANGER] = neighbour.people["manajer"]
        flow = process()
        sop = office.publish(session, flow)
    ways = {
        (int(edge.source.removeprefix("gerbang_")), edge.name): edge.id
        for edge in flow.edges
        if edge.source.startswith("gerbang_")
    }
    onward = {step: edge for (step, name), edge in ways.items() if name == "Setuju"}
    back = {step: edge for (step, name), edge in ways.items() if name == "Dikembalikan"}
    assert set(onward) == set(back) == set(BACK)

    class Here(People):
        world = World(sqlite, office, sop, onward, back)

    run_state_machine_as_test(Here, settings=STEADY)


@pytest.fixture
def database(sqlite: Database) -> Database:
    """One database is enough: what the model is about does not depend on the kind."""
    return sqlite
