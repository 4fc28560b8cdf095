"""`lajur office` and `lajur person`: further offices, and a way back in for a lost administrator."""

from __future__ import annotations

from datetime import UTC, datetime

from bpmn.wording import sentence
from engine import reaching
from engine.administration import installing
from engine.administration.one_time import Issued
from engine.administration.people import Entry
from web.keeping import Tell, opened
from web.places import Place


def add_office(place: Place, name: str, timezone: str, tell: Tell) -> None:
    """A further office. Raises `Refusal`s."""
    with opened(place) as database, reaching.failures(database), database.transaction() as session:
        installing.add_office(session, name, timezone, datetime.now(UTC))
    tell(sentence("Kantor “%(name)s” ditambahkan.", name=" ".join(name.split())))


def list_offices(place: Place, tell: Tell) -> None:
    """The names of all offices, a line for each. Raises `Refusal`s."""
    with opened(place) as database, database.reading() as session:
        for name in installing.offices(session):
            tell(sentence("%(name)s", name=name))


def add_person(place: Place, office: str, entry: Entry, tell: Tell) -> None:
    """Somebody new in an office, with a one-time password that is told here only. Raises `Refusal`s."""
    with opened(place) as database, reaching.failures(database), database.transaction() as session:
        issued = installing.add_person(session, office, entry, datetime.now(UTC))
    _tell(issued, tell)


def new_password(place: Place, username: str, tell: Tell) -> None:
    """A one-time password for somebody who has lost the own one. Raises `Refusal`s."""
    with opened(place) as database, reaching.failures(database), database.transaction() as session:
        issued = installing.new_password(session, username, datetime.now(UTC))
    _tell(issued, tell)


def _tell(issued: Issued, tell: Tell) -> None:
    tell(
        sentence(
            "Kata sandi sekali pakai untuk %(name)s (%(username)s): %(password)s",
            name=issued.name,
            username=issued.username,
            password=issued.password,
        )
    )
