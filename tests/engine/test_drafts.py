"""What people enter: saved while they work, judged when they finish, shown again in the next round."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpmn.errors import Refusal
from bpmn.flow import Field, Flow
from engine import definitions, errors, forms, runs, tasks
from engine.database import Database
from engine.queries import work
from engine.states import Verb
from engine.tables import Task
from tests.engine.conftest import Office, diagram
from tests.engine.flows import approval
from tests.engine.people import finish, open_tasks

FIELDS = (
    Field("nomor", "Nomor surat", required=True),
    Field("lembar", "Jumlah lembar", "long"),
    Field("tanggal", "Tanggal surat", "date"),
    Field("sifat", "Sifat", "enum", options=(("biasa", "Biasa"), ("segera", "Segera"))),
    Field("rahasia", "Rahasia", "boolean"),
)


def with_fields() -> Flow:
    flow = approval()
    return replace(
        flow, nodes=tuple(replace(node, fields=FIELDS) if node.id == "langkah_1" else node for node in flow.nodes)
    )


@pytest.fixture
def run(database: Database, office: Office) -> int:
    with database.transaction() as session:
        return office.start(session, office.publish(session, with_fields()))


def saved(database: Database, run: int) -> Task:
    with database.reading() as session:
        (task,) = open_tasks(session, run)
        return task


def test_what_was_typed_is_kept_until_it_is_finished(database: Database, office: Office, run: int) -> None:
    task = saved(database, run).id
    with database.transaction() as session:
        who = office(session, "kasubag")
        tasks.claim(session, who, task, office.now)
        tasks.save(session, who, task, None, "Belum selesai", office.now, {"lembar": "dua"})
    kept = saved(database, run)
    assert (kept.note, kept.entries) == ("Belum selesai", {"lembar": "dua"})
    with database.transaction() as session, pytest.raises(errors.FieldWrong, match="Nomor surat"):
        tasks.complete(session, office(session, "kasubag"), task, None, "", office.now)
    with database.transaction() as session:
        who = office(session, "kasubag")
        tasks.save(session, who, task, None, "", office.now, {"nomor": "005/12", "lembar": "2", "rahasia": "ya"})
        assert tasks.complete(session, who, task, None, "", office.now) is Verb.COMPLETE
    with database.reading() as session:
        done = session.get_one(Task, task)
        assert done.entries == {"nomor": "005/12", "lembar": 2, "tanggal": None, "sifat": None, "rahasia": True}


def test_only_the_claimer_saves_and_only_what_the_form_has(database: Database, office: Office, run: int) -> None:
    task = saved(database, run).id
    with database.transaction() as session:
        tasks.claim(session, office(session, "kasubag"), task, office.now)
    refused: tuple[tuple[str, str | None, str, dict[str, str], type[Refusal]], ...] = (
        ("rekan", None, "", {}, errors.TaskAlreadyClaimed),
        ("kasubag", None, "", {"asing": "x"}, errors.FieldWrong),
        ("kasubag", None, "", {"nomor": "x" * 4001}, errors.TooLong),
        ("kasubag", None, "x" * 4001, {}, errors.TooLong),
        ("kasubag", "tidak_ada", "", {}, errors.ChoiceMissing),
    )
    for name, choice, note, fields, error in refused:
        with database.transaction() as session, pytest.raises(error):
            tasks.save(session, office(session, name), task, choice, note, office.now, fields)
    assert saved(database, run).entries == {}


def test_the_next_round_begins_with_what_was_entered_and_with_fresh_comments(
    database: Database, office: Office, run: int
) -> None:
    finish(database, office, run, "kasubag", note="Konsep pertama", fields={"nomor": "005/12", "lembar": "3"})
    finish(database, office, run, "sekretaris", "Dikembalikan", "Nomor salah")
    again = saved(database, run)
    assert again.entries == {"nomor": "005/12", "lembar": 3, "tanggal": None, "sifat": None, "rahasia": False}
    assert (again.note, again.choice, again.round) == ("", None, 2)
    finish(database, office, run, "kasubag")
    assert saved(database, run).note == ""


def test_a_saved_choice_is_not_a_made_one(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        run = office.start(session, surat)
    finish(database, office, run, "kasubag")
    task = saved(database, run).id
    with database.transaction() as session:
        who = office(session, "sekretaris")
        tasks.claim(session, who, task, office.now)
        onward, back = sorted(work.one(session, who, task, office.now).choices, key=lambda one: one.is_return)
        tasks.save(session, who, task, back.edge, "Nomor?", office.now)
        assert tasks.complete(session, who, task, onward.edge, "", office.now) is Verb.COMPLETE


@given(entered=st.dictionaries(st.sampled_from([field.id for field in FIELDS]), st.text(max_size=30)))
def test_a_form_is_refused_or_holds_every_field_by_its_type(entered: dict[str, str]) -> None:
    try:
        values = forms.final(FIELDS, entered)
    except (errors.FieldWrong, errors.TooLong):
        return
    assert set(values) == {field.id for field in FIELDS}
    kinds = {"nomor": str, "lembar": int | None, "tanggal": str | None, "sifat": str | None, "rahasia": bool}
    assert all(isinstance(values[name], kind) for name, kind in kinds.items())
    assert values["sifat"] in (None, "biasa", "segera")
    assert forms.final(FIELDS, values) == values


@pytest.mark.parametrize(
    ("field", "text"),
    [("lembar", "1,5"), ("lembar", "9" * 30), ("tanggal", "31/12/2026"), ("sifat", "kilat"), ("rahasia", "mungkin")],
)
def test_what_a_field_does_not_take_is_refused_by_its_label(field: str, text: str) -> None:
    label = next(one.label for one in FIELDS if one.id == field)
    with pytest.raises(errors.FieldWrong) as refused:
        forms.final(FIELDS, {"nomor": "1", field: text})
    assert refused.value.sentence.facts["field"] == label


def test_a_draft_of_a_diagram_keeps_its_fields(database: Database, office: Office) -> None:
    with database.transaction() as session:
        definition = office.publish(session, with_fields())
        run = office.start(session, definition)
        (task,) = open_tasks(session, run)
        xml, _ = definitions.xml(session, office(session, "analis"), definition)
        assert xml == diagram(with_fields())
        assert runs.own(session, office(session, "camat"), run).version_id
        assert task.entries == {}
