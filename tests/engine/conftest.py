"""An office with people, and an SOP published in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from bpmn import layout, writer
from bpmn.flow import Flow
from engine import definitions, offices, runs
from engine.database import Database
from engine.offices import Actor
from engine.states import Right
from tests.engine.flows import LANES, approval

SINCE = date(2026, 1, 5)


def diagram(flow: Flow) -> bytes:
    return writer.write(flow, layout.place(flow))


@dataclass
class Office:
    """An office of tests: a person for each jabatan and an analyst, all by name."""

    id: int
    people: dict[str, int]
    jabatan: dict[str, int]
    now: datetime

    def __call__(self, session: Session, name: str) -> Actor:
        return offices.actor(session, self.people[name], self.now)

    def publish(self, session: Session, flow: Flow, note: str = "Versi pertama") -> int:
        """Publish a flow as a new definition; its id."""
        definition = definitions.add(session, self(session, "analis"), diagram(flow), self.now)
        definitions.publish(session, self(session, "analis"), definition, note, self.now)
        return definition

    def start(self, session: Session, definition: int, by: str = "kasubag", subject: str = "Undangan rapat") -> int:
        return runs.start(session, self(session, by), definition, subject, self.now)


def make_office(session: Session, name: str, now: datetime) -> Office:
    office_id = offices.add_office(session, name)
    short = name.rsplit(maxsplit=1)[-1].lower()
    people, jabatan = {}, {}
    for lane, person in zip(LANES, ("camat", "sekretaris", "kasubag"), strict=True):
        _, jabatan[lane.name] = offices.add_jabatan(session, office_id, lane.name)
        people[person] = offices.add_person(session, office_id, f"{person}.{short}", person.title(), "rahasia")
        offices.hold(session, people[person], jabatan[lane.name], SINCE)
    people["analis"] = offices.add_person(
        session, office_id, f"analis.{short}", "Analis", "rahasia", frozenset({Right.ANALYST})
    )
    people["manajer"] = offices.add_person(
        session, office_id, f"manajer.{short}", "Manajer", "rahasia", frozenset({Right.MANAGER})
    )
    people["rekan"] = offices.add_person(session, office_id, f"rekan.{short}", "Rekan Kasubag", "rahasia")
    offices.hold(session, people["rekan"], jabatan["Kasubag Umum"], SINCE)
    return Office(office_id, people, jabatan, now)


@pytest.fixture
def office(database: Database, now: datetime) -> Office:
    with database.transaction() as session:
        return make_office(session, "Kecamatan Sukamaju", now)


@pytest.fixture
def neighbour(database: Database, now: datetime) -> Office:
    with database.transaction() as session:
        return make_office(session, "Kecamatan Tetangga", now)


@pytest.fixture
def surat(database: Database, office: Office) -> int:
    """The approval SOP, published."""
    with database.transaction() as session:
        return office.publish(session, approval())
