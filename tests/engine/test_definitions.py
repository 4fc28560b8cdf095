"""Drafts, versions and what stands in the way of publishing."""

from __future__ import annotations

import dataclasses

import pytest

from bpmn import parser
from bpmn.errors import DiagramRefused, NotBpmn
from engine import definitions, drafts, errors, offices
from engine.database import Database
from engine.queries import catalogue
from engine.queries import runs as run_queries
from engine.states import Right
from tests.engine.conftest import Office, diagram
from tests.engine.flows import approval


def test_a_published_version_never_changes_and_live_runs_keep_theirs(
    database: Database, office: Office, surat: int
) -> None:
    with database.transaction() as session:
        run = office.start(session, surat)
        who = office(session, "analis")
        first, revision = definitions.xml(session, who, surat)
        assert revision == 0
        flow = approval("Surat Keluar yang Baru")
        assert definitions.save_draft(session, who, surat, diagram(flow), 0, office.now)[0] == 1
        assert definitions.publish(session, who, surat, "Judul diperbaiki", office.now) == 2
    with database.reading() as session:
        page = catalogue.one(session, office(session, "analis"), surat)
        assert [version.number for version in page.versions] == [2, 1]
        assert (page.row.title, page.row.version, page.draft) == ("Surat Keluar yang Baru", 2, None)
        assert definitions.version_xml(session, office(session, "camat"), page.versions[1].id) == first
        assert run_queries.one(session, office(session, "camat"), run, office.now).version == 1


def test_a_draft_saved_by_two_analysts_is_not_overwritten(database: Database, office: Office, surat: int) -> None:
    xml = diagram(approval())
    with database.transaction() as session:
        definitions.save_draft(session, office(session, "analis"), surat, xml, 0, office.now)
    for stale in (0, 2):
        with database.transaction() as session, pytest.raises(errors.DraftConflict, match="Analis"):
            definitions.save_draft(session, office(session, "analis"), surat, xml, stale, office.now)


def test_a_draft_in_progress_may_break_rules_but_is_not_published(
    database: Database, office: Office, surat: int
) -> None:
    flow = approval()
    unnamed = dataclasses.replace(flow, nodes=tuple(dataclasses.replace(node, name="") for node in flow.nodes))
    with database.transaction() as session:
        who = office(session, "analis")
        revision, findings = definitions.save_draft(session, who, surat, diagram(unnamed), 0, office.now)
    assert revision == 1
    assert findings
    with database.transaction() as session, pytest.raises(DiagramRefused):
        definitions.publish(session, office(session, "analis"), surat, "Tanpa nama", office.now)


def test_code_and_foreign_elements_never_become_a_draft(database: Database, office: Office, surat: int) -> None:
    good = diagram(approval())
    script = good.replace(b"userTask", b"scriptTask")
    doctype = good.replace(b"?>", b'?><!DOCTYPE a [<!ENTITY b "c">]>', 1)
    for bad, error in ((script, DiagramRefused), (doctype, NotBpmn), (b"bukan XML", NotBpmn)):
        with database.transaction() as session, pytest.raises(error):
            definitions.save_draft(session, office(session, "analis"), surat, bad, 0, office.now)
        with database.transaction() as session, pytest.raises(error):
            definitions.add(session, office(session, "analis"), bad, office.now)
    with database.reading() as session:
        page = catalogue.one(session, office(session, "analis"), surat)
        assert page.draft is None
        assert len(catalogue.sops(session, office(session, "analis"))) == 1


def test_a_draft_of_another_process_is_refused(database: Database, office: Office, surat: int) -> None:
    other = dataclasses.replace(approval(), process_id="lain")
    with database.transaction() as session, pytest.raises(errors.Invalid, match="lain"):
        definitions.save_draft(session, office(session, "analis"), surat, diagram(other), 0, office.now)


def test_an_sop_is_not_added_twice(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session, pytest.raises(errors.SopExists):
        definitions.add(session, office(session, "analis"), diagram(approval()), office.now)


def test_a_lane_must_name_a_jabatan_of_the_office(database: Database, office: Office) -> None:
    flow = approval()
    lanes = tuple(dataclasses.replace(lane, name=lane.name.replace("Camat", "Lurah")) for lane in flow.lanes)
    with database.transaction() as session:
        who = office(session, "analis")
        definition = definitions.add(session, who, diagram(dataclasses.replace(flow, lanes=lanes)), office.now)
    with database.transaction() as session, pytest.raises(errors.LaneWithoutJabatan, match="Lurah"):
        definitions.publish(session, office(session, "analis"), definition, "Pertama", office.now)
    with database.transaction() as session:
        who = office(session, "analis")
        assert catalogue.one(session, who, definition).lanes_without_jabatan == ("Lurah",)
        assert definitions.add_missing_jabatan(session, who, definition) == ["Lurah"]
        assert definitions.publish(session, who, definition, "Pertama", office.now) == 1


def test_a_lane_may_be_an_alias_of_the_jabatan(database: Database, office: Office) -> None:
    flow = approval()
    lanes = tuple(dataclasses.replace(lane, name=lane.name.replace("Sekretaris", "SEKCAM")) for lane in flow.lanes)
    with database.transaction() as session:
        office.publish(session, dataclasses.replace(flow, lanes=lanes))


def test_publishing_needs_a_draft_and_a_note(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session, pytest.raises(errors.DraftMissing):
        definitions.publish(session, office(session, "analis"), surat, "Lagi", office.now)
    with database.transaction() as session:
        definitions.save_draft(session, office(session, "analis"), surat, diagram(approval()), 0, office.now)
    for note, error in ((" ", errors.Invalid), ("x" * 2001, errors.TooLong)):
        with database.transaction() as session, pytest.raises(error):
            definitions.publish(session, office(session, "analis"), surat, note, office.now)


def test_only_analysts_work_on_diagrams(database: Database, office: Office, surat: int) -> None:
    xml = diagram(approval())
    for act in (
        lambda session, who: definitions.add(session, who, xml, office.now),
        lambda session, who: definitions.save_draft(session, who, surat, xml, 0, office.now),
        lambda session, who: definitions.publish(session, who, surat, "Saya", office.now),
        lambda session, who: definitions.add_missing_jabatan(session, who, surat),
    ):
        with database.transaction() as session, pytest.raises(errors.NotAllowed):
            act(session, office(session, "camat"))


def test_an_unpublished_sop_is_for_analysts_and_cannot_be_started(database: Database, office: Office) -> None:
    with database.transaction() as session:
        definition = definitions.add(session, office(session, "analis"), diagram(approval()), office.now)
    with database.transaction() as session:
        assert catalogue.sops(session, office(session, "kasubag")) == ()
        with pytest.raises(errors.NotFound):
            catalogue.one(session, office(session, "kasubag"), definition)
        with pytest.raises(errors.NothingPublished):
            office.start(session, definition)


def test_another_office_sees_none_of_it(database: Database, office: Office, neighbour: Office, surat: int) -> None:
    with database.transaction() as session:
        version = catalogue.one(session, office(session, "analis"), surat).versions[0].id
        stranger = neighbour(session, "analis")
        for ask in (
            lambda: catalogue.one(session, stranger, surat),
            lambda: definitions.xml(session, stranger, surat),
            lambda: definitions.version_xml(session, stranger, version),
            lambda: definitions.publish(session, stranger, surat, "x", office.now),
        ):
            with pytest.raises(errors.NotFound):
                ask()
        assert definitions.add(session, stranger, diagram(approval()), office.now) != surat


def test_a_document_becomes_a_draft_for_each_of_its_sops(database: Database, office: Office) -> None:
    table = (
        "NAMA SOP\t: Pengarsipan Surat\nNOMOR SOP\t: 7/2026\n\n"
        "No\tKegiatan\tPelaksana\t\tMutu Baku\t\t\tKeterangan\n"
        "\t\tSekretaris\tCamat\tKelengkapan\tWaktu\tOutput\t\n"
        "1\tMenyerahkan surat kepada Camat\t\t\tSurat\t10 menit\tSurat\t\n"
        "2\tCamat menandatangani surat\t\t\tSurat\t1 hari\tSurat\t\n"
    )
    with database.transaction() as session:
        who = office(session, "analis")
        (definition,) = drafts.add_document(session, who, table.encode(), "sop.txt", office.now)
        xml, revision = definitions.xml(session, who, definition)
    assert revision == 1
    assert parser.parse(xml).name == "Pengarsipan Surat"
    assert [lane.name for lane in parser.parse(xml).lanes] == ["Sekretaris", "Camat"]


def test_logging_in_needs_the_right_password_of_an_active_person(database: Database, office: Office) -> None:
    with database.transaction() as session:
        offices.add_person(session, office.id, "Budi.S", "Budi", "kata sandi", frozenset({Right.MANAGER}))
        person = offices.log_in(session, " budi.s ", "kata sandi")
        assert offices.actor(session, person, office.now).may(Right.MANAGER)
        for username, password in (("budi.s", "salah"), ("siapa", "kata sandi"), ("", "")):
            with pytest.raises(errors.WrongCredentials):
                offices.log_in(session, username, password)
