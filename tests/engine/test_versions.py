"""A new version of an SOP and the runs under way: what it means for them, moving them, and taking that back."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, undefer

from bpmn.flow import PARALLEL, SEQUENTIAL, Flow
from engine import checking, definitions, errors, migrating, offices, reverting, runs, spiff, tasks, versions
from engine.database import Database
from engine.offices import Actor
from engine.states import UNFINISHED, RunState, TaskState, Verb
from engine.tables import History, Holding, MigratedRun, Return, Run, Task, Version
from engine.versions import Verdict
from tests.engine.conftest import SINCE, Office, diagram
from tests.engine.flows import Drawing, approval, parallel
from tests.engine.revisions import Revision, change, insert, remove, rename, revised
from tests.engine.test_races import at_once, claiming, completing

NEW_STEP = insert("langkah_9", "alur_2")
"""Between the first and the second step of the approval SOP."""


@dataclasses.dataclass
class Scene:
    """An office with a definition of which versions are published, one run or more, and short words for all acts."""

    database: Database
    office: Office
    definition: int

    def publish(self, flow: Flow) -> int:
        """A next version; its number."""
        with self.database.transaction() as session:
            analyst = self.office(session, "analis")
            definitions.save_draft(session, analyst, self.definition, diagram(flow), 0, self.office.now)
            return definitions.publish(session, analyst, self.definition, "Versi berikutnya", self.office.now)

    def start(self, subject: str = "Undangan rapat", by: str = "kasubag") -> int:
        with self.database.transaction() as session:
            return self.office.start(session, self.definition, by, subject)

    def task(self, run: int, node: str) -> Task:
        """The last task of a run at a step."""
        with self.database.reading() as session:
            found = session.scalars(
                select(Task).where(Task.run_id == run, Task.node_id == node).order_by(Task.id)
            ).all()
            return found[-1]

    def run(self, run: int) -> Run:
        with self.database.reading() as session:
            return session.scalars(
                select(Run).where(Run.id == run).options(undefer(Run.state_of_engine), undefer(Run.undo_state))
            ).one()

    def claim(self, run: int, node: str, by: str, **values: Any) -> int:
        """Claim a step's open task, with a draft."""
        with self.database.transaction() as session:
            task = self.task(run, node).id
            tasks.claim(session, self.office(session, by), task, self.office.now)
            if values:
                session.execute(update(Task).where(Task.id == task).values(**values))
        return task

    def finish(self, run: int, node: str, by: str, choice: str | None = None, note: str = "") -> None:
        """Claim a step's open task if nobody has, and complete it by the choice of that name."""
        self.complete(self.task(run, node), self.office.people[by], choice, note)

    def complete(self, task: Task, person: int, choice: str | None = None, note: str = "") -> None:
        """The same for a task, by default with the first choice that is no return."""
        with self.database.transaction() as session:
            tasks.claim(session, offices.actor(session, person, self.office.now), task.id, self.office.now)
        with self.database.transaction() as session:
            version = session.get_one(Version, session.get_one(Run, task.run_id).version_id)
            ways = definitions.process(session, version).choices[task.node_id]
            edges = [one.edge for one in ways if (one.name == choice if choice else not one.is_return)]
            who = offices.actor(session, person, self.office.now)
            tasks.complete(session, who, task.id, edges[0] if edges else None, note, self.office.now)

    def impact(self, to: int | None = None, mapping: Mapping[str, str] | None = None) -> versions.Impact:
        with self.database.reading() as session:
            return versions.impact(session, self.office(session, "analis"), self.definition, to, mapping)

    def move(self, *run_ids: int, to: int = 2, mapping: Mapping[str, str] | None = None, note: str = "SOP baru") -> int:
        with self.database.transaction() as session:
            moved = migrating.move(
                session,
                self.office(session, "analis"),
                self.definition,
                to,
                run_ids,
                mapping or {},
                note,
                self.office.now,
            )
        self.assert_sound()
        return moved

    def revert(self, migration: int, note: str = "Keliru") -> None:
        with self.database.transaction() as session:
            reverting.revert(session, self.office(session, "analis"), migration, note, self.office.now)
        self.assert_sound()

    def assert_sound(self) -> None:
        with self.database.reading() as session:
            assert list(checking.check(session)) == []

    def finish_all(self, run: int) -> list[str]:
        """Complete what is open until the run has ended, each by a holder of its jabatan; the steps in their order."""
        steps: list[str] = []
        while open_tasks := self.open_tasks(run):
            task = open_tasks[0]
            self.complete(task, task.claimed_by or task.reserved_for or self.holder(task))
            steps.append(task.node_id)
            assert len(steps) < 50
        assert self.run(run).state is RunState.FINISHED
        return steps

    def open_tasks(self, run: int) -> list[Task]:
        with self.database.reading() as session:
            found = select(Task).where(Task.run_id == run, Task.state.in_(UNFINISHED)).order_by(Task.id)
            return list(session.scalars(found))

    def holder(self, task: Task) -> int:
        with self.database.reading() as session:
            return offices.holders(session, task.jabatan_id, self.office.now.date())[0]

    def history(self, run: int) -> list[tuple[Verb, dict[str, Any]]]:
        with self.database.reading() as session:
            rows = session.scalars(select(History).where(History.run_id == run).order_by(History.id))
            return [(row.verb, row.facts) for row in rows]


@pytest.fixture
def scene(database: Database, office: Office, surat: int) -> Scene:
    return Scene(database, office, surat)


def other_scene(scene: Scene, flow: Flow) -> Scene:
    """The same office with another definition."""
    with scene.database.transaction() as session:
        definition = scene.office.publish(session, dataclasses.replace(flow, process_id="lain"))
    return Scene(scene.database, scene.office, definition)


def lain(flow: Flow) -> Flow:
    return dataclasses.replace(flow, process_id="lain")


# -- what a version changes, and what that means ----------------------------------------------------------------------


def test_a_draft_is_compared_with_the_published_version(scene: Scene) -> None:
    with scene.database.transaction() as session:
        analyst = scene.office(session, "analis")
        assert versions.changes(session, analyst, scene.definition) is None
        assert versions.described(session, analyst, scene.definition) == ()
        draft = diagram(revised(approval(), NEW_STEP))
        definitions.save_draft(session, analyst, scene.definition, draft, 0, scene.office.now)
        difference = versions.changes(session, analyst, scene.definition)
        assert difference is not None
        assert difference.added == ("langkah_9",)
        told = versions.described(session, analyst, scene.definition)
        assert [str(one) for one in told] == ["Langkah 9 “langkah_9” ditambahkan."]


def test_the_impact_lists_live_runs_of_older_versions_only(scene: Scene) -> None:
    old, done, suspended = scene.start("Lama"), scene.start("Selesai"), scene.start("Tunda")
    scene.finish_all(done)
    with scene.database.transaction() as session:
        runs.suspend(session, scene.office(session, "manajer"), suspended, "Menunggu", scene.office.now)
    assert scene.publish(revised(approval(), NEW_STEP)) == 2
    scene.start("Baru")
    impact = scene.impact(to=2)
    assert [(row.run_id, row.version, row.verdict) for row in impact.rows] == [
        (old, 1, Verdict.MOVES),
        (suspended, 1, Verdict.MOVES),
    ]
    assert [step.node_id for step in impact.rows[0].steps] == ["langkah_1"]


def test_the_impact_of_a_draft_is_that_of_the_version_it_becomes(scene: Scene) -> None:
    scene.start()
    new = revised(approval(), remove("langkah_1"))
    with scene.database.transaction() as session:
        analyst = scene.office(session, "analis")
        with pytest.raises(errors.DraftMissing):
            versions.impact(session, analyst, scene.definition)
        definitions.save_draft(session, analyst, scene.definition, diagram(new), 0, scene.office.now)
    draft = scene.impact()
    with scene.database.transaction() as session:
        definitions.publish(session, scene.office(session, "analis"), scene.definition, "Lagi", scene.office.now)
    assert draft.rows == scene.impact(to=2).rows
    assert draft.rows[0].verdict is Verdict.NEEDS_MAPPING


def test_a_run_at_a_removed_step_needs_a_mapping_and_suggestions_are_given(scene: Scene) -> None:
    run = scene.start()
    scene.publish(revised(approval(), rename("langkah_1", "langkah_1a"), change("langkah_1a", name="langkah_1")))
    (row,) = scene.impact(to=2).rows
    assert row.verdict is Verdict.NEEDS_MAPPING
    assert str(row.reason) == "Langkah yang sedang terbuka dihapus: “langkah_1”."
    (step,) = row.steps
    assert (step.removed, step.suggestions[0]) == (True, "langkah_1a")
    assert set(step.suggestions) == {"langkah_1a", "langkah_2"}
    (mapped,) = scene.impact(to=2, mapping={"langkah_1": "langkah_1a"}).of(Verdict.MOVES)
    assert mapped.run_id == run


def test_damaged_runs_stay(scene: Scene) -> None:
    marked, broken = scene.start(), scene.start()
    with scene.database.transaction() as session:
        session.execute(update(Run).where(Run.id == marked).values(damage="KeyError"))
        session.execute(update(Run).where(Run.id == broken).values(state_of_engine=b"{}"))
    scene.publish(revised(approval(), NEW_STEP))
    rows = scene.impact(to=2).rows
    assert [row.verdict for row in rows] == [Verdict.STAYS] * 2
    assert all("rusak" in str(row.reason) for row in rows)
    for run in (marked, broken):
        with pytest.raises(errors.MoveRefused, match="rusak"):
            scene.move(run)


def test_runs_that_stand_alike_are_judged_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with scene.database.transaction() as session:
        for number in range(200):
            scene.office.start(session, scene.definition, subject=f"Surat {number}")
    some = scene.start()
    scene.finish(some, "langkah_1", "kasubag")
    scene.publish(revised(approval(), NEW_STEP))
    judged: list[bytes] = []
    moved = spiff.moved

    def counted(old: spiff.Process, new: spiff.Process, stored: bytes, renamed: Mapping[str, str]) -> bytes:
        judged.append(stored)
        return moved(old, new, stored, renamed)

    monkeypatch.setattr(spiff, "moved", counted)
    assert len(scene.impact(to=2).of(Verdict.MOVES)) == 201
    assert len(judged) == 2


def test_only_analysts_of_the_office_see_and_move(scene: Scene, neighbour: Office) -> None:
    run = scene.start()
    scene.publish(revised(approval(), NEW_STEP))
    migration = scene.move(run)
    with scene.database.transaction() as session:
        for who, refused in (
            (scene.office(session, "manajer"), errors.NotAllowed),
            (neighbour(session, "analis"), errors.NotFound),
        ):
            for ask in asks(session, who, scene, run, migration):
                with pytest.raises(refused):
                    ask()


def asks(session: Session, who: Actor, scene: Scene, run: int, migration: int) -> list[Any]:
    now = scene.office.now
    return [
        lambda: versions.changes(session, who, scene.definition),
        lambda: versions.impact(session, who, scene.definition, 2),
        lambda: migrating.move(session, who, scene.definition, 2, [run], {}, "", now),
        lambda: reverting.revert(session, who, migration, "", now),
    ]


# -- moving -----------------------------------------------------------------------------------------------------------


def test_a_moved_run_goes_on_by_the_new_version(scene: Scene) -> None:
    run = scene.start()
    before, task = scene.run(run), scene.task(run, "langkah_1")
    scene.publish(revised(approval(), NEW_STEP, change("langkah_1", name="Mengetik konsep")))
    scene.move(run)
    after, moved = scene.run(run), scene.task(run, "langkah_1")
    assert (after.revision, after.state, after.round) == (before.revision + 1, RunState.RUNNING, 1)
    assert (moved.id, moved.engine_id, moved.due_at, moved.created_at) == (
        task.id, task.engine_id, task.due_at, task.created_at,
    )  # fmt: skip
    assert moved.name == "Mengetik konsep"
    assert scene.history(run)[-1] == (Verb.MOVE, {"from": 1, "to": 2, "note": "SOP baru"})
    assert scene.finish_all(run) == ["langkah_1", "langkah_9", "langkah_2", "langkah_3"]


def test_a_run_that_came_back_is_moved_with_its_return(scene: Scene) -> None:
    run = scene.start()
    for _ in range(3):
        scene.finish(run, "langkah_1", "rekan")
        scene.finish(run, "langkah_2", "sekretaris", "Dikembalikan", "Nomor salah")
    task = scene.task(run, "langkah_1")
    scene.publish(revised(approval(), NEW_STEP))
    scene.move(run)
    moved = scene.task(run, "langkah_1")
    assert (moved.return_id, moved.round, moved.claimed_by) == (task.return_id, 4, scene.office.people["rekan"])
    assert scene.run(run).round == 4
    scene.finish(run, "langkah_1", "rekan")
    scene.finish(run, "langkah_9", "sekretaris")
    scene.finish(run, "langkah_2", "sekretaris", "Dikembalikan", "Masih salah")
    assert scene.task(run, "langkah_1").claimed_by == scene.office.people["rekan"]
    assert scene.finish_all(run) == ["langkah_1", "langkah_9", "langkah_2", "langkah_3"]
    with scene.database.reading() as session:
        assert len(session.scalars(select(Return).where(Return.run_id == run)).all()) == 4


def test_a_claim_and_a_draft_are_kept(scene: Scene) -> None:
    run = scene.start()
    scene.claim(run, "langkah_1", "kasubag", note="Setengah jadi", entries={"nomor": "12"})
    before = scene.task(run, "langkah_1")
    scene.publish(revised(approval(), NEW_STEP))
    scene.move(run)
    after = scene.task(run, "langkah_1")
    kept = ("state", "claimed_by", "claimed_at", "note", "entries", "due_at")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert scene.finish_all(run)[0] == "langkah_1"


def test_a_draft_of_a_decision_is_kept_while_it_can_be_chosen(scene: Scene) -> None:
    flow = approval()
    back = next(edge.id for edge in flow.edges if edge.name == "Dikembalikan")
    kept, cleared = scene.start(), scene.start()
    for run in (kept, cleared):
        scene.finish(run, "langkah_1", "kasubag")
        scene.claim(run, "langkah_2", "sekretaris", choice=back)
    scene.publish(revised(flow, NEW_STEP))
    edges = tuple(dataclasses.replace(edge, id="kembali_2") if edge.id == back else edge for edge in flow.edges)
    scene.publish(dataclasses.replace(flow, edges=edges))
    scene.move(kept, to=2)
    migration = scene.move(cleared, to=3)
    assert scene.task(kept, "langkah_2").choice == back
    assert scene.task(cleared, "langkah_2").choice is None
    scene.revert(migration)
    assert scene.task(cleared, "langkah_2").choice == back


def test_a_run_in_a_parallel_section_is_moved_with_both_branches_and_with_one(scene: Scene) -> None:
    scene = other_scene(scene, parallel())
    both, one = scene.start(by="camat"), scene.start(by="camat")
    for run in (both, one):
        scene.finish(run, "langkah_1", "camat")
    scene.finish(one, "langkah_2", "sekretaris")
    last = next(edge.id for edge in parallel().edges if edge.source == "gabung")
    scene.publish(lain(revised(parallel(), insert("langkah_9", last))))
    scene.move(both, one)
    assert sorted(scene.finish_all(both)[:2]) == ["langkah_2", "langkah_3"]
    assert scene.finish_all(one) == ["langkah_3", "langkah_9", "langkah_4"]


def test_a_run_stays_where_a_new_branch_would_be_waited_for(scene: Scene) -> None:
    scene = other_scene(scene, parallel())
    run = scene.start(by="camat")
    scene.finish(run, "langkah_1", "camat")
    drawing = Drawing()
    fork = drawing.node("pisah", "parallelGateway")
    join = drawing.node("gabung", "parallelGateway")
    drawing.edge(drawing.step("mulai"), fork)
    for lane in (2, 3):
        drawing.edge(drawing.step(fork, lane), join)
    drawing.steps = 6
    drawing.edge(drawing.step(fork, 1), join)
    drawing.steps = 3
    scene.publish(lain(drawing.flow(drawing.step(join))))
    (row,) = scene.impact(to=2).rows
    assert row.verdict is Verdict.STAYS
    assert "cabang paralel" in str(row.reason)
    with pytest.raises(errors.MoveRefused, match=r"Undangan rapat.*cabang paralel"):
        scene.move(run)


@pytest.mark.parametrize("how", [PARALLEL, SEQUENTIAL])
def test_a_task_of_each_holder_is_moved_with_all_its_parts(scene: Scene, how: str) -> None:
    flow = revised(approval(), change("langkah_1", multi=how))
    scene = other_scene(scene, flow)
    run = scene.start()
    part = scene.open_tasks(run)[0]
    scene.complete(part, part.reserved_for or 0)
    scene.publish(lain(revised(flow, rename("langkah_1", "langkah_0"), NEW_STEP)))
    scene.move(run, mapping={"langkah_1": "langkah_0"})
    assert scene.finish_all(run) == ["langkah_0", "langkah_9", "langkah_2", "langkah_3"]


def test_a_run_stays_where_its_open_parts_would_no_longer_be_right(scene: Scene) -> None:
    scene = other_scene(scene, revised(approval(), change("langkah_1", multi=PARALLEL)))
    run = scene.start()
    scene.publish(lain(approval()))
    scene.publish(lain(revised(approval(), change("langkah_1", multi=PARALLEL, lane="lajur_2"))))
    for to in (2, 3):
        with pytest.raises(errors.MoveRefused, match="setiap pemegang jabatan"):
            scene.move(run, to=to)


def test_a_suspended_run_stays_suspended(scene: Scene) -> None:
    run = scene.start()
    with scene.database.transaction() as session:
        runs.suspend(session, scene.office(session, "manajer"), run, "Menunggu data", scene.office.now)
    scene.publish(revised(approval(), NEW_STEP))
    scene.move(run)
    assert scene.run(run).state is RunState.SUSPENDED
    with scene.database.transaction() as session:
        runs.resume(session, scene.office(session, "manajer"), run, "", scene.office.now)
    assert "langkah_9" in scene.finish_all(run)


def test_a_removed_step_goes_on_where_it_is_mapped(scene: Scene) -> None:
    run = scene.start()
    scene.finish(run, "langkah_1", "kasubag")
    scene.finish(run, "langkah_2", "sekretaris", "Setuju")
    scene.claim(run, "langkah_3", "camat")
    scene.publish(revised(approval(), rename("langkah_3", "langkah_4"), change("langkah_4", name="Menandatangani")))
    with pytest.raises(errors.MoveRefused, match="dihapus"):
        scene.move(run)
    with pytest.raises(errors.Invalid, match="langkah_7"):
        scene.move(run, mapping={"langkah_3": "langkah_7"})
    scene.move(run, mapping={"langkah_3": "langkah_4"})
    task = scene.task(run, "langkah_4")
    assert (task.name, task.state, task.claimed_by) == (
        "Menandatangani", TaskState.CLAIMED, scene.office.people["camat"],
    )  # fmt: skip
    assert scene.finish_all(run) == ["langkah_4"]


def test_who_did_a_step_is_known_under_its_new_id(scene: Scene) -> None:
    """By the rule of four eyes nobody who did step 1 may do step 2, and returned work goes to who did it."""
    run = scene.start()
    scene.finish(run, "langkah_1", "rekan")
    properties = {"langkah": "2", "bukan_pelaksana": "1"}
    new = revised(
        approval(), rename("langkah_1", "langkah_1a"), change("langkah_2", lane="lajur_3", properties=properties)
    )
    scene.publish(new)
    migration = scene.move(run, mapping={"langkah_1": "langkah_1a"})
    with pytest.raises(errors.NotYourTask, match="orang lain"):
        scene.claim(run, "langkah_2", "rekan")
    scene.revert(migration)
    assert scene.task(run, "langkah_1").finished_by == scene.office.people["rekan"]
    scene.move(run, mapping={"langkah_1": "langkah_1a"})
    scene.finish(run, "langkah_2", "kasubag", "Dikembalikan", "Kurang lengkap")
    assert scene.task(run, "langkah_1a").claimed_by == scene.office.people["rekan"]


def test_a_claim_follows_a_step_into_another_lane_if_its_person_holds_the_jabatan(scene: Scene) -> None:
    keeps, loses = scene.start("Tetap"), scene.start("Lepas")
    with scene.database.transaction() as session:
        offices.hold(session, scene.office.people["rekan"], scene.office.jabatan["Camat"], SINCE)
    scene.claim(keeps, "langkah_1", "rekan")
    scene.claim(loses, "langkah_1", "kasubag", note="Setengah jadi")
    scene.publish(revised(approval(), change("langkah_1", lane="lajur_1")))
    scene.move(keeps, loses)
    kept, lost = scene.task(keeps, "langkah_1"), scene.task(loses, "langkah_1")
    assert {kept.jabatan_id, lost.jabatan_id} == {scene.office.jabatan["Camat"]}
    assert (kept.state, kept.claimed_by) == (TaskState.CLAIMED, scene.office.people["rekan"])
    assert (lost.state, lost.claimed_by, lost.claimed_at, lost.note) == (TaskState.OPEN, None, None, "Setengah jadi")
    assert [verb for verb, _ in scene.history(keeps)][-1:] == [Verb.MOVE]
    assert scene.history(loses)[-2:] == [
        (Verb.RELEASE, {"person": "Kasubag"}),
        (Verb.MOVE, {"from": 1, "to": 2, "note": "SOP baru"}),
    ]
    scene.finish(loses, "langkah_1", "camat")
    assert scene.finish_all(keeps)[0] == "langkah_1"


def test_many_runs_are_moved_at_once_or_none(scene: Scene) -> None:
    good = [scene.start(f"Surat {number}") for number in range(20)]
    bad = scene.start("Surat ganjil")
    scene.finish(bad, "langkah_1", "kasubag")
    scene.publish(revised(approval(), rename("langkah_2", "langkah_5"), rename("gerbang_2", "gerbang_5")))
    before = [scene.run(run).state_of_engine for run in good]
    with pytest.raises(errors.MoveRefused, match="Surat ganjil"):
        scene.move(*good[:10], bad, *good[10:])
    assert [scene.run(run).state_of_engine for run in good] == before
    assert scene.impact(to=2).of(Verdict.MOVES) == scene.impact(to=2).rows[:20]
    scene.move(*good)
    assert {row.run_id for row in scene.impact(to=2).rows} == {bad}
    for run in good[::7]:
        scene.finish_all(run)


def test_runs_of_several_versions_are_moved_together(scene: Scene) -> None:
    first = scene.start()
    scene.publish(revised(approval(), NEW_STEP))
    second = scene.start()
    scene.finish(second, "langkah_1", "kasubag")
    third = revised(approval(), NEW_STEP, insert("langkah_10", "setelah_langkah_9"))
    scene.publish(third)
    scene.move(first, second, to=3)
    assert scene.finish_all(first)[:3] == ["langkah_1", "langkah_9", "langkah_10"]
    assert scene.finish_all(second)[:2] == ["langkah_9", "langkah_10"]


@pytest.mark.parametrize("what", ["finished", "newer", "unknown", "none", "no_version"])
def test_what_is_not_there_to_be_moved_is_refused(scene: Scene, what: str) -> None:
    run = scene.start()
    scene.publish(revised(approval(), NEW_STEP))
    newer = scene.start()
    if what == "finished":
        scene.finish_all(run)
    asked: dict[str, tuple[Collection[int], int, type[Exception]]] = {
        "finished": ([run], 2, errors.MoveRefused),
        "newer": ([newer], 2, errors.MoveRefused),
        "unknown": ([run, 10_000], 2, errors.NotFound),
        "none": ([], 2, errors.Invalid),
        "no_version": ([run], 9, errors.NotFound),
    }
    run_ids, to, refused = asked[what]
    with pytest.raises(refused):
        scene.move(*run_ids, to=to)


def test_what_was_done_last_cannot_be_reopened_after_a_move(scene: Scene) -> None:
    run = scene.start()
    with scene.database.transaction() as session:
        session.execute(update(Run).where(Run.id == run).values(undo_task=1, undo_state=b"{}"))
    scene.publish(revised(approval(), NEW_STEP))
    scene.move(run)
    assert (scene.run(run).undo_task, scene.run(run).undo_state) == (None, None)


# -- taking it back ---------------------------------------------------------------------------------------------------


def lane_changed(scene: Scene) -> tuple[int, int]:
    """A run whose claimed first step is moved to the Camat; the run and the move."""
    run = scene.start()
    scene.claim(run, "langkah_1", "kasubag")
    scene.publish(revised(approval(), change("langkah_1", lane="lajur_1", name="Menyusun")))
    return run, scene.move(run)


def test_a_move_is_taken_back_as_if_it_had_not_been(scene: Scene) -> None:
    run = scene.start()
    scene.claim(run, "langkah_1", "kasubag", note="Draf")
    before, state = scene.task(run, "langkah_1"), scene.run(run)
    scene.publish(revised(approval(), NEW_STEP, change("langkah_1", lane="lajur_1", name="Menyusun")))
    scene.revert(scene.move(run))
    after = scene.task(run, "langkah_1")
    for column in Task.__table__.columns:
        assert getattr(after, column.name) == getattr(before, column.name), column.name
    assert scene.run(run).state_of_engine == state.state_of_engine
    assert scene.run(run).revision == state.revision + 2
    assert scene.history(run)[-1] == (Verb.REVERT, {"from": 2, "to": 1, "note": "Keliru"})
    assert scene.finish_all(run) == ["langkah_1", "langkah_2", "langkah_3"]


def test_a_claim_made_since_is_kept_where_the_former_jabatan_allows_it(scene: Scene) -> None:
    run, migration = lane_changed(scene)
    with scene.database.transaction() as session:
        offices.hold(session, scene.office.people["rekan"], scene.office.jabatan["Camat"], SINCE)
    scene.claim(run, "langkah_1", "rekan", note="Baru")
    scene.revert(migration)
    task = scene.task(run, "langkah_1")
    assert (task.claimed_by, task.note, task.jabatan_id) == (
        scene.office.people["rekan"], "Baru", scene.office.jabatan["Kasubag Umum"],
    )  # fmt: skip


def test_a_claim_made_since_is_released_where_it_does_not(scene: Scene) -> None:
    run, migration = lane_changed(scene)
    scene.claim(run, "langkah_1", "camat")
    scene.revert(migration)
    task = scene.task(run, "langkah_1")
    assert (task.state, task.claimed_by, task.claimed_at) == (TaskState.OPEN, None, None)
    assert scene.history(run)[-2] == (Verb.RELEASE, {"person": "Camat"})
    assert scene.finish_all(run)[0] == "langkah_1"


def test_a_former_claim_does_not_come_back_to_somebody_who_left(scene: Scene) -> None:
    run, migration = lane_changed(scene)
    with scene.database.transaction() as session:
        yesterday = scene.office.now.date() - timedelta(days=1)
        session.execute(
            update(Holding).where(Holding.person_id == scene.office.people["kasubag"]).values(until=yesterday)
        )
    scene.revert(migration)
    assert scene.task(run, "langkah_1").state is TaskState.OPEN


def test_a_move_is_not_taken_back_once_a_run_went_on(scene: Scene) -> None:
    still, went_on = scene.start("Diam"), scene.start("Jalan")
    scene.publish(revised(approval(), NEW_STEP))
    migration = scene.move(still, went_on)
    scene.finish(went_on, "langkah_1", "kasubag")
    with pytest.raises(errors.MoveRefused, match=r"Jalan.*dikerjakan lagi"):
        scene.revert(migration)
    with scene.database.reading() as session:
        assert {session.get_one(Version, scene.run(run).version_id).number for run in (still, went_on)} == {2}


def test_a_finished_part_counts_as_going_on(scene: Scene) -> None:
    flow = revised(approval(), change("langkah_1", multi=PARALLEL))
    scene = other_scene(scene, flow)
    run = scene.start()
    scene.publish(lain(revised(flow, NEW_STEP)))
    migration = scene.move(run)
    part = scene.open_tasks(run)[0]
    scene.complete(part, part.reserved_for or 0)
    with pytest.raises(errors.MoveRefused, match="dikerjakan lagi"):
        scene.revert(migration)


def test_a_move_is_taken_back_once(scene: Scene) -> None:
    run = scene.start()
    scene.publish(revised(approval(), NEW_STEP))
    migration = scene.move(run)
    scene.revert(migration)
    with pytest.raises(errors.AlreadyReverted, match="Analis"):
        scene.revert(migration)
    again = scene.move(run)
    with scene.database.reading() as session:
        records = session.scalars(select(MigratedRun.migration_id).where(MigratedRun.run_id == run)).all()
    assert sorted(records) == [migration, again]
    with pytest.raises(errors.NotFound):
        scene.revert(10_000)


# -- races ------------------------------------------------------------------------------------------------------------


def moving_act(scene: Scene, *run_ids: int) -> Any:
    def act() -> str:
        with scene.database.transaction() as session:
            analyst = scene.office(session, "analis")
            migrating.move(session, analyst, scene.definition, 2, run_ids, MAPPING, "", scene.office.now)
        return "moved"

    return act


MAPPING = {"langkah_1": "langkah_1a"}
RENAMED: tuple[Revision, ...] = (NEW_STEP, rename("langkah_1", "langkah_1a"), change("langkah_1a", lane="lajur_1"))


@pytest.mark.parametrize("attempt", range(5))
def test_runs_are_moved_once_by_two_people_at_once(scene: Scene, attempt: int) -> None:
    run_ids = [scene.start(f"Surat {number}") for number in range(5)]
    scene.publish(revised(approval(), *RENAMED))
    results = at_once(moving_act(scene, *run_ids), moving_act(scene, *reversed(run_ids)))
    assert sorted(map(str, results))[-1] == "moved"
    assert sum(isinstance(result, errors.MoveRefused) for result in results) == 1
    scene.assert_sound()


@pytest.mark.parametrize("attempt", range(8))
def test_a_move_and_a_completion_at_once_happen_one_after_the_other(scene: Scene, attempt: int) -> None:
    run = scene.start()
    task = scene.claim(run, "langkah_1", "kasubag")
    scene.publish(revised(approval(), *RENAMED))
    moved, completed = at_once(moving_act(scene, run), completing(scene.database, scene.office, "kasubag", task))
    assert moved == "moved"
    if completed is Verb.COMPLETE:
        assert scene.finish_all(run) == ["langkah_2", "langkah_3"]
    else:
        assert isinstance(completed, errors.StaleRun | errors.NotYourTask)
        assert scene.finish_all(run) == ["langkah_1a", "langkah_9", "langkah_2", "langkah_3"]
    scene.assert_sound()


@pytest.mark.parametrize("attempt", range(8))
def test_a_move_and_a_claim_at_once_leave_no_claim_of_another_jabatan(scene: Scene, attempt: int) -> None:
    run = scene.start()
    task = scene.task(run, "langkah_1").id
    scene.publish(revised(approval(), *RENAMED))
    at_once(moving_act(scene, run), claiming(scene.database, scene.office, "kasubag", task))
    assert scene.task(run, "langkah_1a").claimed_by is None
    scene.assert_sound()


@pytest.mark.parametrize("attempt", range(5))
def test_a_revert_and_a_completion_at_once_lose_no_work(scene: Scene, attempt: int) -> None:
    run = scene.start()
    scene.publish(revised(approval(), NEW_STEP))
    migration = scene.move(run)
    task = scene.claim(run, "langkah_1", "kasubag")

    def revert() -> str:
        with scene.database.transaction() as session:
            reverting.revert(session, scene.office(session, "analis"), migration, "", scene.office.now)
        return "reverted"

    reverted, completed = at_once(revert, completing(scene.database, scene.office, "kasubag", task))
    if completed is Verb.COMPLETE and reverted != "reverted":
        assert isinstance(reverted, errors.MoveRefused)
        assert scene.finish_all(run)[0] == "langkah_9"
    elif completed is Verb.COMPLETE:
        assert scene.finish_all(run)[0] == "langkah_2"
    else:
        assert isinstance(completed, errors.StaleRun)
        assert scene.finish_all(run)[0] == "langkah_1"
    scene.assert_sound()
