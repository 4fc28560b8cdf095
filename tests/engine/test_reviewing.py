"""From a document to a draft that an analyst has seen row by row, to a version, and to the next one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bpmn import library, parser
from bpmn.amending import Correction, CorrectionRefused
from bpmn.errors import NotAnSop
from engine import definitions, drafts, errors, offices, runs
from engine.database import Database, Session
from engine.queries import catalogue, reviews
from engine.states import Right
from tests.engine.conftest import Office, diagram
from tests.engine.flows import approval

GAMBUT, MASAMA = (
    next(source.content for source in library.sources() if source.office == office) for office in ("gambut", "masama")
)


def drawn(session: Session, office: Office, content: bytes = GAMBUT) -> tuple[int, ...]:
    return drafts.add_document(session, office(session, "analis"), content, "sop.txt", office.now)


def seen(session: Session, office: Office, sop: int) -> int:
    who = office(session, "analis")
    page = reviews.page(session, who, sop)
    said = [Correction(row.row.node_id, seen=True) for row in page.rows]
    revision = drafts.correct(session, who, sop, said, page.revision, office.now).revision
    drafts.confirm(session, who, sop, revision)
    return revision


def published(session: Session, office: Office, sop: int) -> None:
    who = office(session, "analis")
    seen(session, office, sop)
    definitions.add_missing_jabatan(session, who, sop)
    definitions.publish(session, who, sop, "Pertama", office.now)


def test_each_sop_of_a_document_is_reviewed_beside_its_own_rows(database: Database, office: Office) -> None:
    with database.transaction() as session:
        made = drawn(session, office, MASAMA)
        assert len(made) == 3
        first, second = (reviews.page(session, office(session, "analis"), sop) for sop in made[:2])
    assert first.source
    assert second.source
    assert second.source.begins > first.source.begins
    for page in (first, second):
        assert page.source
        for row in page.rows:
            assert row.line
            words = row.row.text.split()[0].casefold()
            assert words in page.source.lines[row.line - 1].casefold()


def test_what_waits_for_the_reviewer_comes_first_with_evidence(database: Database, office: Office) -> None:
    with database.transaction() as session:
        page = reviews.page(session, office(session, "analis"), drawn(session, office)[0])
    waits = [row.waits for row in page.rows]
    assert 0 < page.waiting < len(waits)
    assert waits == sorted(waits, reverse=True)
    for row in page.rows:
        assert row.performer
        assert 0 < row.performer.confidence <= 1
        assert row.performer.evidence
        assert str(reviews.certainty(row.performer)) in {"yakin", "cukup yakin", "ragu"}


def test_nothing_is_published_that_no_analyst_has_seen(database: Database, office: Office) -> None:
    with database.transaction() as session:
        sop = drawn(session, office)[0]
        definitions.add_missing_jabatan(session, office(session, "analis"), sop)
    with database.transaction() as session, pytest.raises(errors.UnseenGuesses):
        definitions.publish(session, office(session, "analis"), sop, "Pertama", office.now)
    with database.transaction() as session, pytest.raises(errors.UnseenGuesses):
        drafts.confirm(session, office(session, "analis"), sop, 1)
    with database.transaction() as session:
        who = office(session, "analis")
        said = [Correction(row.row.node_id, seen=True) for row in reviews.page(session, who, sop).rows if row.waits]
        drafts.correct(session, who, sop, said, 1, office.now)
        assert reviews.page(session, who, sop).unseen
        with pytest.raises(errors.NotReviewed):
            definitions.publish(session, who, sop, "Pertama", office.now)
        with pytest.raises(errors.DraftConflict):
            drafts.confirm(session, who, sop, 1)
    with database.transaction() as session:
        seen(session, office, sop)
        assert definitions.publish(session, office(session, "analis"), sop, "Pertama", office.now) == 1


def test_a_correction_is_kept_and_a_stale_one_is_not(database: Database, office: Office) -> None:
    with database.transaction() as session:
        sop = drawn(session, office)[0]
        who = office(session, "analis")
        page = reviews.page(session, who, sop)
        row = page.rows[0].row
        other = next(lane.id for lane in page.lanes if lane.id != row.lane)
        said = [Correction(row.node_id, "Menelaah surat", other, "2 hari", seen=True)]
        assert drafts.correct(session, who, sop, said, page.revision, office.now).revision == page.revision + 1
        after = next(one.row for one in reviews.page(session, who, sop).rows if one.row.node_id == row.node_id)
        assert (after.label, after.lane, after.waktu, after.doubts) == ("Menelaah surat", other, "2 hari", ())
    with database.transaction() as session, pytest.raises(errors.DraftConflict, match="Analis"):
        drafts.correct(session, office(session, "analis"), sop, said[:0], page.revision, office.now)
    with database.transaction() as session, pytest.raises(CorrectionRefused):
        drafts.correct(session, office(session, "analis"), sop, [Correction("entah", "X")], 2, office.now)


def test_a_correction_that_says_what_is_there_saves_nothing(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        who = office(session, "analis")
        page = reviews.page(session, who, surat)
        assert page.revision == 0
        assert page.source is None
        row = page.rows[0].row
        assert drafts.correct(session, who, surat, [Correction(row.node_id, row.label)], 0, office.now).revision == 0
        assert catalogue.one(session, who, surat).draft is None


def test_a_revised_document_changes_only_what_it_says_differently(database: Database, office: Office) -> None:
    with database.transaction() as session:
        sop = drawn(session, office)[0]
        published(session, office, sop)
        who = office(session, "analis")
        before = parser.parse(definitions.xml(session, who, sop)[0])
        changed = GAMBUT.replace(
            b"Memverifikasi surat permintaan data kinerja",
            b"Memverifikasi surat permintaan data kinerja dan lampirannya",
        )
        assert changed != GAMBUT
        revision = drafts.revise(session, who, sop, changed, "sop-revisi.txt", 0, office.now)
        after = parser.parse(definitions.xml(session, who, sop)[0])
        assert revision == 1
        assert [node.id for node in after.nodes] == [node.id for node in before.nodes]
        different = [one.id for one, other in zip(after.nodes, before.nodes, strict=True) if one != other]
        assert different == ["langkah_3", "gerbang_3"]  # what was confirmed of the row is to be looked at again
        assert after.node("langkah_3").documentation.endswith("dan lampirannya")
        source = drafts.source(session, who, sop)
        assert source
        assert source.filename == "sop-revisi.txt"


def test_a_revised_document_without_that_sop_is_refused(database: Database, office: Office) -> None:
    with database.transaction() as session:
        sop = drawn(session, office)[0]
    for content, error in ((MASAMA, errors.Invalid), (b"Bukan SOP", NotAnSop)):
        with database.transaction() as session, pytest.raises(error):
            drafts.revise(session, office(session, "analis"), sop, content, "lain.txt", 1, office.now, over_draft=True)
    with database.transaction() as session, pytest.raises(errors.DraftConflict):
        drafts.revise(session, office(session, "analis"), sop, GAMBUT, "sop.txt", 7, office.now, over_draft=True)
    with database.transaction() as session, pytest.raises(errors.DraftInTheWay):
        drafts.revise(session, office(session, "analis"), sop, GAMBUT, "sop.txt", 1, office.now)


def test_the_sops_of_one_document_are_reviewed_one_after_the_other(database: Database, office: Office) -> None:
    with database.transaction() as session:
        who = office(session, "analis")
        alone, made = drawn(session, office)[0], drawn(session, office, MASAMA)
        assert drafts.together(session, who, alone) == ()
        assert tuple(sop for sop, _ in drafts.together(session, who, made[1])) == made
        drafts.discard(session, who, made[0], 1)
        assert tuple(sop for sop, _ in drafts.together(session, who, made[1])) == made[1:]


def test_giving_up_a_revision_gives_up_its_document(database: Database, office: Office) -> None:
    with database.transaction() as session:
        sop = drawn(session, office)[0]
        published(session, office, sop)
        who, later = office(session, "analis"), office.now + timedelta(days=1)
        drafts.revise(session, who, sop, GAMBUT, "sop-revisi.txt", 0, later)
        assert drafts.discard(session, who, sop, 1)
        source = drafts.source(session, who, sop)
        assert source
        assert source.filename == "sop.txt"


def test_lanes_are_named_as_jabatan_that_are_there_or_new(
    database: Database, office: Office, neighbour: Office
) -> None:
    with database.transaction() as session:
        who, stranger = office(session, "analis"), neighbour(session, "analis")
        sop = drawn(session, office)[0]
        first, *others = definitions.lanes_without_jabatan(session, who, sop)
        camat = {name: key for key, name in offices.names(session, who.office_id)}["Camat"]
        foreign = offices.names(session, stranger.office_id)[0][0]
        with pytest.raises(errors.NotFound):
            definitions.name_lanes(session, who, sop, {first: foreign})
        with pytest.raises(errors.NotFound):
            definitions.name_lanes(session, stranger, sop, {first: foreign})
        with pytest.raises(errors.NotAllowed):
            definitions.name_lanes(session, office(session, "camat"), sop, {first: camat})
        definitions.name_lanes(session, who, sop, {first: camat, **dict.fromkeys(others)})
        assert definitions.lanes_without_jabatan(session, who, sop) == []
        assert offices.jabatan_for(session, who.office_id, first.upper()) == camat
        assert offices.jabatan_for(session, stranger.office_id, first) != camat


def test_a_draft_is_given_up_and_what_was_never_published_with_it(
    database: Database, office: Office, surat: int
) -> None:
    with database.transaction() as session:
        who = office(session, "analis")
        sop = drawn(session, office)[0]
        with pytest.raises(errors.DraftConflict):
            drafts.discard(session, who, sop, 7)
        assert not drafts.discard(session, who, sop, 1)
        with pytest.raises(errors.NotFound):
            catalogue.one(session, who, sop)
        definitions.save_draft(session, who, surat, diagram(approval("Lain")), 0, office.now)
        assert drafts.discard(session, who, surat, 1)
        assert catalogue.one(session, who, surat).draft is None
        with pytest.raises(errors.DraftMissing):
            drafts.discard(session, who, surat, 1)


def test_a_retired_sop_starts_no_runs_and_its_live_ones_go_on(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        run = office.start(session, surat)
        who = office(session, "analis")
        definitions.retire(session, who, surat, office.now)
        page = catalogue.one(session, office(session, "kasubag"), surat)
        assert page.row.retired
        assert not page.row.may_start
        with pytest.raises(errors.Retired):
            office.start(session, surat)
        runs.comment(session, office(session, "kasubag"), run, "Masih berjalan", office.now)
        definitions.reinstate(session, who, surat, office.now + timedelta(days=1))
        office.start(session, surat)


def test_only_analysts_of_the_office_see_and_change_drafts(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        other = offices.add_office(session, "Kecamatan Lain", "Asia/Jakarta")
        stranger_id = offices.add_person(
            session, other, "lain", "Orang Lain", "rahasia-sekali", frozenset({Right.ANALYST})
        )
        stranger = offices.actor(session, stranger_id, office.now)
        acts = (
            lambda who: reviews.page(session, who, surat),
            lambda who: drafts.correct(session, who, surat, [], 0, office.now),
            lambda who: drafts.revise(session, who, surat, GAMBUT, "sop.txt", 0, office.now),
            lambda who: drafts.discard(session, who, surat, 1),
            lambda who: drafts.confirm(session, who, surat, 1),
            lambda who: definitions.retire(session, who, surat, office.now),
            lambda who: definitions.reinstate(session, who, surat, office.now),
        )
        for act in acts:
            with pytest.raises(errors.NotFound):
                act(stranger)
            with pytest.raises(errors.NotAllowed):
                act(office(session, "camat"))
