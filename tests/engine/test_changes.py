"""Two versions beside each other: every row once, every text whole, and words, rows and marks that agree."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpmn.flow import Flow
from engine import definitions, errors
from engine.database import Database
from engine.queries import changes
from engine.queries.changes import Cell, Comparison, Kind, Pair
from engine.queries.changes import _marked as marked
from tests.engine.conftest import Office, diagram
from tests.engine.flows import approval
from tests.engine.revisions import Revision, change, insert, remove, rename, revised


def compared(database: Database, office: Office, flow: Flow) -> Comparison:
    """The approval SOP, published, and another flow as its draft."""
    with database.transaction() as session:
        analyst = office(session, "analis")
        definition = definitions.add(session, analyst, diagram(approval()), office.now)
        definitions.publish(session, analyst, definition, "Versi pertama", office.now)
        definitions.save_draft(session, analyst, definition, diagram(flow), 0, office.now)
    with database.reading() as session:
        return changes.compared(session, office(session, "analis"), definition, 1, None)


def text(cells: tuple[Cell, ...], field: str) -> str:
    return "".join(piece.text for cell in cells if cell.field == field for piece in cell.pieces)


def pair(found: Comparison, number: str) -> Pair:
    return next(pair for pair in found.pairs if number in {text(pair.old, "no"), text(pair.new, "no")})


@pytest.mark.parametrize(
    ("revision", "number", "kinds", "marks"),
    [
        (insert("langkah_9", "alur_2"), "9", (Kind.ADDED,), ((), (Kind.ADDED,))),
        (remove("langkah_3"), "3", (Kind.REMOVED,), ((Kind.REMOVED,), ())),
        (change("langkah_3", lane="lajur_2"), "3", (Kind.MOVED,), ((Kind.MOVED,), (Kind.MOVED,))),
        (change("langkah_3", documentation="Lain"), "3", (Kind.CHANGED,), ((Kind.CHANGED,), (Kind.CHANGED,))),
    ],
    ids=["added", "removed", "moved", "changed"],
)
def test_rows_and_marks_tell_the_same(
    database: Database,
    office: Office,
    revision: Revision,
    number: str,
    kinds: tuple[Kind, ...],
    marks: tuple[tuple[Kind, ...], tuple[Kind, ...]],
) -> None:
    found = compared(database, office, revised(approval(), revision))
    assert found.told
    assert pair(found, number).kinds == kinds
    for side, expected in zip(found.marks, marks, strict=True):
        assert [mark.kinds for mark in side if mark.element == f"langkah_{number}"] == ([expected] if expected else [])
    others = [one for one in found.pairs if one != pair(found, number)]
    assert [one.kinds for one in others] == [()] * len(others)


def test_a_step_under_a_new_id_is_one_row(database: Database, office: Office) -> None:
    found = compared(database, office, revised(approval(), rename("langkah_3", "langkah_33")))
    assert len([one for one in found.pairs if text(one.new, "no") == "3"]) == 1
    assert all(one.old and one.new for one in found.pairs)


def test_what_is_the_same_is_not_marked(database: Database, office: Office) -> None:
    found = compared(database, office, approval())
    assert found.told == ()
    assert {one.kinds for one in found.pairs} == {()}
    assert found.marks == ((), ())


@given(st.text("ab \n", max_size=40), st.text("ab \n", max_size=40))
def test_texts_stay_whole_and_differ_only_where_they_are_marked(old: str, new: str) -> None:
    before, after = marked(old, new)
    assert "".join(piece.text for piece in before) == old
    assert "".join(piece.text for piece in after) == new
    assert any(piece.differs for piece in (*before, *after)) == (old != new)
    same = ["".join(piece.text for piece in side if not piece.differs) for side in (before, after)]
    assert same[0] == same[1]


def test_a_very_long_text_is_marked_as_a_whole() -> None:
    before, after = marked("kata " * 2000, "kata " * 2001)
    assert [dataclasses.astuple(piece)[1] for piece in (*before, *after)] == [True, True]


def test_the_draft_is_for_analysts_and_nothing_for_others(
    database: Database, office: Office, neighbour: Office
) -> None:
    compared(database, office, approval())
    with database.reading() as session:
        with pytest.raises(errors.NotAllowed):
            changes.drawn(session, office(session, "camat"), 1, None)
        with pytest.raises(errors.NotFound):
            changes.drawn(session, neighbour(session, "analis"), 1, 1)
        with pytest.raises(errors.NotFound):
            changes.of_version(session, neighbour(session, "analis"), 1)
