"""What the page of a task tells: papers, the step before, what changed since last time, who approved, who gets it."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, update

from bpmn.flow import PARALLEL, Edge, Field, Flow, Node
from engine import absences, definitions, documents, errors, migrating, reopening, runs, tasks
from engine.database import Database
from engine.queries import runs as run_queries
from engine.queries import work
from engine.queries.work import TaskPage
from engine.states import Capacity, RunState, TaskState, Verb
from engine.store import Store
from engine.tables import Holding, Task
from tests.engine.conftest import Office, diagram
from tests.engine.flows import Drawing, approval, parallel
from tests.engine.media_files import PDF

FORM = (
    Field("nomor", "Nomor surat"),
    Field("lembar", "Lembar", "long"),
    Field("tanggal", "Tanggal", "date"),
    Field("segera", "Segera", "boolean"),
    Field("sifat", "Sifat", "enum", options=(("b", "Biasa"), ("r", "Rahasia"))),
)


def letter() -> Flow:
    """The approval SOP: a form and papers on its first step, paraf on the second, tanda tangan on the third."""
    more: dict[str, dict[str, str]] = {
        "langkah_1": {"kelengkapan": "Surat permohonan, KTP", "output": "Konsep surat"},
        "langkah_2": {"kelengkapan": "DRAFT  surat.", "output": "Lembar koreksi", "pengesahan": "paraf"},
        "langkah_3": {"kelengkapan": "Konsep surat", "pengesahan": "tanda tangan"},
    }
    flow = approval()
    return dataclasses.replace(
        flow,
        nodes=tuple(
            dataclasses.replace(
                node,
                properties={**node.properties, **more.get(node.id, {})},
                fields=FORM if node.id == "langkah_1" else (),
            )
            for node in flow.nodes
        ),
    )


@dataclass
class Desk:
    """A run of an SOP, and what people do with it: each act in a transaction of its own, a minute after the last."""

    database: Database
    office: Office
    store: Store
    run: int = 0
    wait: timedelta = timedelta(minutes=1)

    def start(self, flow: Flow, by: str = "kasubag") -> Desk:
        with self.database.transaction() as session:
            self.run = self.office.start(session, self.office.publish(session, flow), by)
        return self

    def task(self, step: str) -> int:
        """The unfinished task of a step, or the last that was finished."""
        with self.database.reading() as session:
            found = session.execute(
                select(Task.id, Task.state)
                .where(Task.run_id == self.run, Task.node_id == step, Task.state != TaskState.WITHDRAWN)
                .order_by(Task.id.desc())
            ).all()
        unfinished = [one.id for one in found if one.state in (TaskState.OPEN, TaskState.CLAIMED)]
        return int([*unfinished, found[0].id][0])

    def do(
        self, who: str, step: str, choice: str | None = None, note: str = "", fields: Mapping[str, str] | None = None
    ) -> int:
        """Claim a step and finish it by the choice of that name; the task's id."""
        task = self.task(step)
        self.office = dataclasses.replace(self.office, now=self.office.now + self.wait)
        with self.database.transaction() as session:
            tasks.claim(session, self.office(session, who), task, self.office.now)
        with self.database.transaction() as session:
            choices = work.one(session, self.office(session, who), task, self.office.now).choices
            edge = next((one.edge for one in choices if one.name == choice), None)
            tasks.complete(session, self.office(session, who), task, edge, note, self.office.now, fields)
        return task

    def attach(self, who: str, title: str, step: str | None = None, name: str = "surat.pdf") -> int:
        task = self.task(step) if step else None
        with self.database.transaction() as session:
            actor = self.office(session, who)
            if task:
                tasks.claim(session, actor, task, self.office.now)
            kept = documents.keep(self.store, name, io.BytesIO(PDF))
            return documents.attach(session, actor, self.run, [kept], task_id=task, title=title, now=self.office.now)[0]

    def detach(self, who: str, document: int) -> None:
        with self.database.transaction() as session:
            documents.detach(session, self.office(session, who), document, self.office.now)

    def page(self, who: str, step: str) -> TaskPage:
        task = self.task(step)
        with self.database.reading() as session:
            return work.one(session, self.office(session, who), task, self.office.now)


@pytest.fixture(params=[timedelta(minutes=1), timedelta()], ids=["apart", "at once"])
def desk(request: pytest.FixtureRequest, database: Database, office: Office, tmp_path: Path) -> Desk:
    """A desk at which acts happen apart; and one at which all of them bear the same moment."""
    return Desk(database, office, Store(tmp_path / "documents"), wait=request.param)


BACK, ON = "Dikembalikan", "Setuju"


# -- papers -----------------------------------------------------------------------------------------------------------


def test_what_a_step_needs_is_shown_with_the_documents_of_earlier_steps(desk: Desk) -> None:
    desk.start(letter())
    scan = desk.attach("kasubag", "ktp")
    first = desk.page("kasubag", "langkah_1").papers
    assert [(need.name, [row.id for row in need.documents]) for need in first.needs] == [
        ("Surat permohonan", []),
        ("KTP", [scan]),
    ]
    assert [(slot.name, slot.documents) for slot in first.slots] == [("Konsep surat", ())]
    assert first.missing == ("Konsep surat",)

    draft = desk.attach("kasubag", "Konsep surat", "langkah_1")
    memo = desk.attach("kasubag", "", "langkah_1", "memo.pdf")
    assert [row.id for row in desk.page("kasubag", "langkah_1").papers.slots[0].documents] == [draft]
    assert desk.page("kasubag", "langkah_1").papers.missing == ()
    desk.do("kasubag", "langkah_1")
    second = desk.page("sekretaris", "langkah_2").papers
    assert [(need.name, [row.id for row in need.documents]) for need in second.needs] == [("DRAFT surat", [draft])]
    assert second.needs[0].documents[0].added_by == "Kasubag"
    assert [row.id for row in second.others] == [scan, memo]
    assert [row.id for row in second.all()] == [scan, draft, memo]


def test_a_step_done_again_shows_what_it_gave_in_the_round_before(desk: Desk) -> None:
    desk.start(letter())
    first = desk.attach("kasubag", "Konsep surat", "langkah_1")
    desk.do("kasubag", "langkah_1")
    desk.do("sekretaris", "langkah_2", BACK, "Salah")
    (slot,) = desk.page("kasubag", "langkah_1").papers.slots
    assert ([row.id for row in slot.earlier], [row.round for row in slot.earlier]) == ([first], [1])
    assert slot.documents == ()
    second = desk.attach("kasubag", "konsep surat", "langkah_1", "baru.pdf")
    (slot,) = desk.page("kasubag", "langkah_1").papers.slots
    assert [row.id for row in slot.documents] == [second]
    desk.do("kasubag", "langkah_1")
    (need,) = desk.page("sekretaris", "langkah_2").papers.needs
    assert [(row.id, row.round) for row in need.documents] == [(second, 2), (first, 1)]


def test_data_objects_of_the_diagram_are_papers_too(desk: Desk) -> None:
    flow = letter()
    drawn: dict[str, dict[str, Any]] = {
        "langkah_1": {"writes": ("Konsep surat", "Lampiran")},
        "langkah_2": {"reads": ("Lampiran", "konsep surat")},
    }
    desk.start(
        dataclasses.replace(
            flow, nodes=tuple(dataclasses.replace(node, **drawn.get(node.id, {})) for node in flow.nodes)
        )
    )
    assert [slot.name for slot in desk.page("kasubag", "langkah_1").papers.slots] == ["Konsep surat", "Lampiran"]
    given = desk.attach("kasubag", "Lampiran", "langkah_1")
    desk.do("kasubag", "langkah_1")
    needs = desk.page("sekretaris", "langkah_2").papers.needs
    assert [(need.name, [row.id for row in need.documents]) for need in needs] == [
        ("DRAFT surat", []),
        ("Lampiran", [given]),
    ]


# -- the step before --------------------------------------------------------------------------------------------------


def test_the_step_before_is_told_with_who_did_it_and_what_was_written(desk: Desk) -> None:
    desk.start(letter())
    assert desk.page("kasubag", "langkah_1").before == ()
    entered = {"nomor": "470/1", "lembar": "3", "tanggal": "2026-11-23", "segera": "ya", "sifat": "r"}
    desk.do("kasubag", "langkah_1", note="Mohon diperiksa", fields=entered)
    (before,) = desk.page("sekretaris", "langkah_2").before
    assert (before.step, before.person, before.jabatan, before.capacity) == (
        "langkah_1", "Kasubag", "Kasubag Umum", Capacity.DEFINITIF,
    )  # fmt: skip
    assert (before.note, before.decision, before.returned) == ("Mohon diperiksa", "", False)
    assert [(entry.label, entry.value) for entry in before.entries] == [
        ("Nomor surat", "470/1"),
        ("Lembar", 3),
        ("Tanggal", date(2026, 11, 23)),
        ("Segera", True),
        ("Sifat", "Rahasia"),
    ]
    desk.do("sekretaris", "langkah_2", ON, "Baik")
    (before,) = desk.page("camat", "langkah_3").before
    assert (before.step, before.decision, before.note) == ("langkah_2", ON, "Baik")


def test_of_a_step_that_was_done_again_the_last_time_counts(desk: Desk) -> None:
    desk.start(letter())
    desk.do("kasubag", "langkah_1", note="Pertama")
    desk.do("sekretaris", "langkah_2", BACK, "Salah")
    page = desk.page("kasubag", "langkah_1")
    assert [(one.step, one.returned, one.note) for one in page.before] == [("langkah_2", True, "Salah")]
    desk.do("kasubag", "langkah_1", note="Kedua")
    assert [one.note for one in desk.page("sekretaris", "langkah_2").before] == ["Kedua"]


def test_before_a_join_there_are_several(desk: Desk) -> None:
    desk.start(parallel(), by="camat")
    desk.do("camat", "langkah_1")
    assert [one.step for one in desk.page("sekretaris", "langkah_2").before] == ["langkah_1"]
    desk.do("kasubag", "langkah_3", note="Tiga")
    desk.do("sekretaris", "langkah_2", note="Dua")
    before = desk.page("camat", "langkah_4").before
    assert sorted((one.step, one.note) for one in before) == [("langkah_2", "Dua"), ("langkah_3", "Tiga")]


def test_of_two_ways_only_the_one_that_was_taken_is_before(desk: Desk) -> None:
    drawing = Drawing()
    first = drawing.step("mulai")
    gateway = drawing.node("gerbang_1", "exclusiveGateway")
    drawing.edge(first, gateway)
    ends = []
    for value in ("kiri", "kanan"):
        step = f"langkah_{value}"
        drawing.node(step, "userTask", "lajur_1")
        drawing.edge(gateway, step, value, f"${{keputusan_1 == '{value}'}}")
        ends.append(step)
    last = drawing.step(ends[0])
    drawing.edge(ends[1], last)
    drawing.edge(drawing.decision(last, back_to=first), last_end := drawing.node("sisa", "userTask", "lajur_1"))
    drawing.edges[-1] = dataclasses.replace(
        drawing.edges[-1], name=ON, condition=f"${{keputusan_{last.removeprefix('langkah_')} == 'setuju'}}"
    )
    desk.start(drawing.flow(last_end), by="camat")
    for way, other in (("kiri", BACK), ("kanan", ON)):
        desk.do("camat", first, way)
        assert [one.step for one in desk.page("camat", f"langkah_{way}").before] == [first]
        desk.do("camat", f"langkah_{way}")
        assert [one.step for one in desk.page("camat", last).before] == [f"langkah_{way}"]
        desk.do("camat", last, other, "Catatan")


def test_of_a_task_that_each_holder_does_all_parts_are_before(desk: Desk) -> None:
    flow = approval()
    nodes = tuple(dataclasses.replace(node, multi=PARALLEL) if node.id == "langkah_1" else node for node in flow.nodes)
    desk.start(dataclasses.replace(flow, nodes=nodes))
    for who in ("kasubag", "rekan"):
        with desk.database.transaction() as session:
            actor = desk.office(session, who)
            part = session.scalars(select(Task.id).where(Task.reserved_for == actor.id)).one()
            tasks.claim(session, actor, part, desk.office.now)
            tasks.complete(session, actor, part, None, f"Bagian {who}", desk.office.now)
    before = desk.page("sekretaris", "langkah_2").before
    assert [one.note for one in before] == ["Bagian kasubag", "Bagian rekan"]


# -- what changed -----------------------------------------------------------------------------------------------------


def test_a_reviewer_sees_what_was_mended_since_the_last_time(desk: Desk) -> None:
    desk.start(letter())
    old = desk.attach("kasubag", "Konsep surat", "langkah_1")
    kept = desk.attach("kasubag", "KTP")
    desk.do("kasubag", "langkah_1", fields={"nomor": "470/1", "sifat": "b", "lembar": "2"})
    assert desk.page("sekretaris", "langkah_2").changes is None
    desk.do("sekretaris", "langkah_2", BACK, "Nomor salah")
    new = desk.attach("kasubag", "Konsep surat", "langkah_1", "baru.pdf")
    slip = desk.attach("kasubag", "Konsep surat", "langkah_1", "keliru.pdf")
    desk.detach("manajer", old)
    desk.detach("kasubag", slip)
    desk.do(
        "kasubag", "langkah_1", note="Sudah", fields={"nomor": "470/2", "sifat": "r", "lembar": "2", "segera": "ya"}
    )
    with desk.database.transaction() as session:
        runs.comment(session, desk.office(session, "camat"), desk.run, "Segera ya", desk.office.now)
    own = desk.attach("sekretaris", "Lembar koreksi", "langkah_2")

    changes = desk.page("sekretaris", "langkah_2").changes
    assert changes is not None
    assert (changes.last.round, changes.last.returned, changes.last.note) == (1, True, "Nomor salah")
    assert [(entry.person, entry.facts["note"]) for entry in changes.notes] == [
        ("Kasubag", "Sudah"),
        ("Camat", "Segera ya"),
    ]
    assert [(field.label, field.before, field.after) for field in changes.fields] == [
        ("Nomor surat", "470/1", "470/2"),
        ("Segera", False, True),
        ("Sifat", "Biasa", "Rahasia"),
    ]
    assert [row.id for row in changes.added] == [new]
    assert [entry.facts["filename"] for entry in changes.removed] == ["surat.pdf"]
    assert {kept, own}.isdisjoint(row.id for row in changes.added)

    desk.do("sekretaris", "langkah_2", ON)
    with desk.database.transaction() as session:
        runs.comment(session, desk.office(session, "camat"), desk.run, "Terlambat", desk.office.now)
    later = desk.page("sekretaris", "langkah_2").changes
    assert later is not None
    assert [entry.facts["note"] for entry in later.notes] == ["Sudah", "Segera ya"]


def test_nothing_changed_is_told_as_well(desk: Desk) -> None:
    desk.start(letter())
    desk.do("kasubag", "langkah_1")
    desk.do("sekretaris", "langkah_2", BACK, "Nomor salah")
    desk.do("kasubag", "langkah_1")
    changes = desk.page("sekretaris", "langkah_2").changes
    assert changes is not None
    assert not changes


def test_who_must_mend_sees_the_reason_once_and_what_was_written_since(desk: Desk) -> None:
    desk.start(letter())
    desk.do("kasubag", "langkah_1", note="Mohon diperiksa")
    lost = desk.attach("sekretaris", "Lembar koreksi", "langkah_2")
    desk.do("sekretaris", "langkah_2", BACK, "Nomor salah")
    page = desk.page("kasubag", "langkah_1")
    assert page.returned is not None
    assert (page.returned.reason, page.returned.returned_by, page.returned.jabatan, page.returned.round) == (
        "Nomor salah", "Sekretaris", "Sekretaris", 2,
    )  # fmt: skip
    assert page.changes is not None
    assert page.changes.notes == ()
    assert [row.id for row in page.changes.added] == [lost]
    assert page.changes.last.note == "Mohon diperiksa"


def test_what_was_written_in_a_step_that_was_taken_back_is_told_as_it_is_now(desk: Desk) -> None:
    desk.start(letter())
    desk.do("kasubag", "langkah_1")
    desk.do("sekretaris", "langkah_2", BACK, "Salah")
    task = desk.do("kasubag", "langkah_1", note="Terlalu cepat")
    with desk.database.transaction() as session:
        reopening.reopen(session, desk.office(session, "kasubag"), task, "", desk.office.now)
    desk.do("kasubag", "langkah_1", note="Sudah benar")
    changes = desk.page("sekretaris", "langkah_2").changes
    assert changes is not None
    assert [entry.facts["note"] for entry in changes.notes] == ["Sudah benar"]


def test_a_form_that_was_sent_back_unfinished_is_shown_as_typed(desk: Desk) -> None:
    flow = letter()
    form = {"langkah_2": FORM}
    desk.start(
        dataclasses.replace(
            flow,
            nodes=tuple(dataclasses.replace(node, fields=form.get(node.id, node.fields)) for node in flow.nodes),
        )
    )
    desk.do("kasubag", "langkah_1")
    desk.do("sekretaris", "langkah_2", BACK, "Salah", {"tanggal": "2026-13-45", "lembar": "tiga", "sifat": "x"})
    (before,) = desk.page("kasubag", "langkah_1").before
    assert [(entry.label, entry.value) for entry in before.entries] == [
        ("Lembar", "tiga"),
        ("Tanggal", "2026-13-45"),
        ("Segera", False),
        ("Sifat", "x"),
    ]


# -- where it goes ----------------------------------------------------------------------------------------------------


def receiver(desk: Desk) -> str | None:
    """To whom the Sekretaris is told that a return goes; and it does go there."""
    page = desk.page("sekretaris", "langkah_2")
    (back,) = [choice.edge for choice in page.choices if choice.is_return]
    (target,) = page.targets[back]
    assert (target.step, target.jabatan) == ("langkah_1", "Kasubag Umum")
    desk.do("sekretaris", "langkah_2", BACK, "Salah")
    assert desk.page("sekretaris", "langkah_1").row.claimed_by == target.person
    return target.person


def test_a_return_goes_to_who_did_the_step(desk: Desk) -> None:
    desk.start(letter())
    desk.do("rekan", "langkah_1")
    assert receiver(desk) == "Rekan Kasubag"


def test_a_return_goes_to_the_substitute_of_who_is_away(desk: Desk) -> None:
    desk.start(letter())
    desk.do("rekan", "langkah_1")
    away(desk, "rekan", "camat")
    assert receiver(desk) == "Camat"


def test_a_return_goes_to_the_jabatan_where_its_doer_no_longer_holds_it(desk: Desk) -> None:
    desk.start(letter())
    desk.do("rekan", "langkah_1")
    with desk.database.transaction() as session:
        yesterday = desk.office.now.date() - timedelta(days=1)
        session.execute(update(Holding).where(Holding.person_id == desk.office.people["rekan"]).values(until=yesterday))
    assert receiver(desk) is None


def away(desk: Desk, who: str, instead: str) -> None:
    people, today = desk.office.people, desk.office.now.date()
    with desk.database.transaction() as session:
        absences.note(
            session,
            desk.office(session, "manajer"),
            people[who],
            today,
            today,
            people[instead],
            "Cuti",
            desk.office.now,
        )


def test_it_is_known_with_which_step_the_run_ends(desk: Desk) -> None:
    desk.start(letter())
    assert desk.page("kasubag", "langkah_1").ends == frozenset()
    desk.do("kasubag", "langkah_1")
    assert desk.page("sekretaris", "langkah_2").ends == frozenset()
    desk.do("sekretaris", "langkah_2", ON)
    assert desk.page("camat", "langkah_3").ends == {""}


def test_a_choice_that_leads_to_the_end_ends_the_run(desk: Desk) -> None:
    drawing = Drawing()
    first = drawing.step("mulai")
    desk.start(drawing.flow(drawing.decision(first, back_to=first)), by="camat")
    page = desk.page("camat", first)
    (onward,) = [choice.edge for choice in page.choices if not choice.is_return]
    assert page.ends == {onward}


def test_the_end_of_a_branch_is_not_the_end_of_the_run(desk: Desk) -> None:
    drawing = Drawing()
    fork = drawing.node("pisah", "parallelGateway")
    drawing.edge("mulai", fork)
    steps = [drawing.step(fork), drawing.step(fork)]
    flow = drawing.flow(steps[0])
    other = Node("usai", "endEvent", lane="lajur_1")
    desk.start(
        dataclasses.replace(flow, nodes=(*flow.nodes, other), edges=(*flow.edges, Edge("ke_usai", steps[1], other.id))),
        by="camat",
    )
    assert desk.page("camat", steps[0]).ends == frozenset()
    desk.do("camat", steps[0])
    assert desk.page("camat", steps[1]).ends == {""}


# -- paraf and tanda tangan -------------------------------------------------------------------------------------------


def recorded(desk: Desk) -> list[tuple[Verb, str, Capacity | None]]:
    with desk.database.reading() as session:
        page = run_queries.one(session, desk.office(session, "camat"), desk.run, desk.office.now)
    acts = {Verb.COMPLETE, Verb.RETURN, Verb.INITIAL, Verb.SIGN, Verb.FINISH}
    return [(entry.verb, entry.person, entry.capacity) for entry in page.history if entry.verb in acts]


def test_paraf_and_tanda_tangan_are_acts_of_their_own(desk: Desk) -> None:
    desk.start(letter())
    desk.do("kasubag", "langkah_1")
    page = desk.page("sekretaris", "langkah_2")
    assert (page.approval, page.capacity, page.approvals) == (Verb.INITIAL, Capacity.DEFINITIF, ())
    assert desk.page("kasubag", "langkah_2").capacity is None
    desk.do("sekretaris", "langkah_2", ON)
    page = desk.page("camat", "langkah_3")
    assert page.approval is Verb.SIGN
    assert [(one.verb, one.person, one.jabatan, one.step, one.round, one.past) for one in page.approvals] == [
        (Verb.INITIAL, "Sekretaris", "Sekretaris", "langkah_2", 1, False)
    ]
    desk.do("camat", "langkah_3")
    definitif = Capacity.DEFINITIF
    assert recorded(desk) == [
        (Verb.COMPLETE, "Kasubag", definitif),
        (Verb.COMPLETE, "Sekretaris", definitif),
        (Verb.INITIAL, "Sekretaris", definitif),
        (Verb.COMPLETE, "Camat", definitif),
        (Verb.SIGN, "Camat", definitif),
        (Verb.FINISH, "Camat", None),
    ]


def test_who_stands_in_signs_as_plh(desk: Desk) -> None:
    desk.start(letter())
    desk.do("kasubag", "langkah_1")
    desk.do("sekretaris", "langkah_2", ON)
    away(desk, "camat", "sekretaris")
    assert desk.page("sekretaris", "langkah_3").capacity is Capacity.PLH
    desk.do("sekretaris", "langkah_3")
    assert (Verb.SIGN, "Sekretaris", Capacity.PLH) in recorded(desk)


def test_who_returns_neither_initials_nor_signs_and_twice_sent_is_once_signed(desk: Desk) -> None:
    desk.start(letter())
    desk.do("kasubag", "langkah_1")
    desk.do("sekretaris", "langkah_2", BACK, "Salah")
    assert [verb for verb, *_ in recorded(desk)] == [Verb.COMPLETE, Verb.RETURN]
    desk.do("kasubag", "langkah_1")
    desk.do("sekretaris", "langkah_2", ON)
    task = desk.do("camat", "langkah_3")
    with desk.database.transaction() as session:
        tasks.complete(session, desk.office(session, "camat"), task, None, "", desk.office.now)
    assert [verb for verb, *_ in recorded(desk)].count(Verb.SIGN) == 1


def test_an_act_that_is_refused_leaves_no_signature(desk: Desk) -> None:
    desk.start(letter())
    desk.do("kasubag", "langkah_1")
    task = desk.task("langkah_2")
    with desk.database.transaction() as session, pytest.raises(errors.NotYourTask):
        tasks.complete(session, desk.office(session, "camat"), task, None, "", desk.office.now)
    assert Verb.INITIAL not in [verb for verb, *_ in recorded(desk)]


def test_a_paraf_of_an_earlier_round_stays_on_record_as_that(desk: Desk) -> None:
    flow = letter()
    drawn = dataclasses.replace(
        flow,
        nodes=(*flow.nodes, Node("gerbang_3", "exclusiveGateway", lane="lajur_1")),
        edges=(
            *(dataclasses.replace(edge, source="gerbang_3", name=ON, condition="${keputusan_3 == 'setuju'}")
              if edge.source == "langkah_3" else edge for edge in flow.edges),
            Edge("ke_gerbang", "langkah_3", "gerbang_3"),
            Edge("balik", "gerbang_3", "langkah_1", BACK, "${keputusan_3 == 'kembali'}"),
        ),
    )  # fmt: skip
    desk.start(drawn)
    desk.do("kasubag", "langkah_1")
    desk.do("sekretaris", "langkah_2", ON)
    desk.do("camat", "langkah_3", BACK, "Perbaiki")
    assert [(one.round, one.past) for one in desk.page("kasubag", "langkah_1").approvals] == [(1, True)]
    desk.do("kasubag", "langkah_1")
    desk.do("sekretaris", "langkah_2", ON)
    assert [(one.round, one.past) for one in desk.page("camat", "langkah_3").approvals] == [(1, True), (2, False)]


def test_a_paraf_that_was_taken_back_stays_on_record_as_that(desk: Desk) -> None:
    desk.start(letter())
    desk.do("kasubag", "langkah_1")
    task = desk.do("sekretaris", "langkah_2", ON)
    with desk.database.transaction() as session:
        reopening.reopen(session, desk.office(session, "sekretaris"), task, "", desk.office.now)
    (one,) = desk.page("sekretaris", "langkah_2").approvals
    assert (one.reopened, one.past) == (True, True)
    desk.do("sekretaris", "langkah_2", ON)
    assert [(one.reopened, one.past) for one in desk.page("camat", "langkah_3").approvals] == [
        (True, True),
        (False, False),
    ]


def test_each_holder_initials_the_own_part(desk: Desk) -> None:
    flow = letter()
    nodes = tuple(
        dataclasses.replace(node, multi=PARALLEL, properties={**node.properties, "pengesahan": "paraf"}, fields=())
        if node.id == "langkah_1"
        else node
        for node in flow.nodes
    )
    desk.start(dataclasses.replace(flow, nodes=nodes))
    for who in ("kasubag", "rekan"):
        with desk.database.transaction() as session:
            actor = desk.office(session, who)
            part = session.scalars(select(Task.id).where(Task.reserved_for == actor.id)).one()
            tasks.claim(session, actor, part, desk.office.now)
            tasks.complete(session, actor, part, None, "", desk.office.now)
    assert [one.person for one in desk.page("sekretaris", "langkah_2").approvals] == ["Kasubag", "Rekan Kasubag"]


# -- what it costs, and for whom --------------------------------------------------------------------------------------


def statements(desk: Desk, who: str, step: str) -> int:
    made: list[str] = []
    task = desk.task(step)
    with desk.database.reading() as session:
        actor = desk.office(session, who)

        def count(*call: object) -> None:
            made.append(str(call[2]))

        event.listen(desk.database.engine, "before_cursor_execute", count)
        work.one(session, actor, task, desk.office.now)
        event.remove(desk.database.engine, "before_cursor_execute", count)
    return len(made)


def test_a_page_asks_the_database_as_often_in_round_six_as_in_round_two(desk: Desk) -> None:
    desk.start(letter())
    counted = []
    for number in range(6):
        desk.attach("kasubag", "Konsep surat", "langkah_1", f"{number}.pdf")
        desk.do("kasubag", "langkah_1", note=f"Catatan {number}", fields={"nomor": str(number)})
        counted.append(statements(desk, "sekretaris", "langkah_2"))
        desk.do("sekretaris", "langkah_2", BACK, f"Salah {number}")
    assert len(set(counted)) == 1, counted


def test_a_task_of_another_office_is_not_there(desk: Desk, neighbour: Office) -> None:
    desk.start(letter())
    task = desk.task("langkah_1")
    with desk.database.reading() as session, pytest.raises(errors.NotFound):
        work.one(session, neighbour(session, "camat"), task, neighbour.now)


def test_a_finished_run_still_tells_it_all(desk: Desk) -> None:
    desk.start(letter())
    desk.do("kasubag", "langkah_1", note="Mohon")
    desk.do("sekretaris", "langkah_2", ON)
    desk.do("camat", "langkah_3")
    page = desk.page("camat", "langkah_3")
    assert [one.step for one in page.before] == ["langkah_2"]
    assert [one.verb for one in page.approvals] == [Verb.INITIAL, Verb.SIGN]
    with desk.database.reading() as session:
        run = run_queries.one(session, desk.office(session, "camat"), desk.run, desk.office.now)
    assert run.row.state is RunState.FINISHED


def test_a_step_that_the_version_no_longer_has_can_still_be_read(desk: Desk) -> None:
    desk.start(letter())
    done = desk.do("kasubag", "langkah_1", note="Mohon")
    flow = letter()
    renamed = {"langkah_1": "langkah_9"}
    newer = dataclasses.replace(
        flow,
        nodes=tuple(dataclasses.replace(node, id=renamed.get(node.id, node.id)) for node in flow.nodes),
        edges=tuple(
            dataclasses.replace(
                edge, source=renamed.get(edge.source, edge.source), target=renamed.get(edge.target, edge.target)
            )
            for edge in flow.edges
        ),
    )
    with desk.database.transaction() as session:
        analyst = desk.office(session, "analis")
        definition = session.scalars(select(Task.definition_id).where(Task.id == done)).one()
        definitions.save_draft(session, analyst, definition, diagram(newer), 0, desk.office.now)
        definitions.publish(session, analyst, definition, "Versi kedua", desk.office.now)
        migrating.move(session, analyst, definition, 2, [desk.run], {}, "", desk.office.now)
    page = desk.page("kasubag", "langkah_1")
    assert (page.text, page.note, page.choices, page.ends) == ("langkah_1", "Mohon", (), frozenset())
    assert desk.page("sekretaris", "langkah_2").before == ()
