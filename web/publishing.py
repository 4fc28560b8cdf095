"""`lajur publish`: diagrams from files into an installation, by whoever runs it, in the name of an analyst."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bpmn.lint import Severity
from bpmn.wording import Sentence, sentence
from engine import deploying, offices, reaching
from engine.database import Database
from engine.deploying import Deployed, Problem
from engine.errors import NotFound
from engine.offices import Actor
from web.keeping import Tell, opened
from web.places import Place


@dataclass(frozen=True, slots=True)
class Order:
    """In whose name, and how; `office` is where the person has to be, if it is told."""

    username: str
    office: str | None
    note: str
    publish: bool


def publish(place: Place, files: Iterable[Path], order: Order, tell: Tell) -> bool:
    """Publish all the diagrams or none, and tell every problem, a line for each; whether they could be published.

    Raises `Refusal`s.
    """
    diagrams = {file: file.read_bytes() for file in files}
    problems = {file: deploying.examine(xml) for file, xml in diagrams.items()}
    for file, found in problems.items():
        for problem in found:
            tell(_line(file, problem))
    if any(problem.severity is Severity.ERROR for found in problems.values() for problem in found):
        return False
    with opened(place) as database:
        made = _deploy(database, diagrams, order)
    for file, deployed in made.items():
        tell(_outcome(file, deployed))
    return True


def _deploy(database: Database, diagrams: dict[Path, bytes], order: Order) -> dict[Path, Deployed]:
    now = datetime.now(UTC)
    with reaching.failures(database), database.transaction() as session:
        who = offices.actor(session, offices.called(session, order.username), now)
        _check_office(who, order)
        return {
            file: deploying.deploy(session, who, xml, order.note, now, publish=order.publish)
            for file, xml in diagrams.items()
        }


def _check_office(who: Actor, order: Order) -> None:
    if order.office is not None and order.office.casefold() != who.office.casefold():
        raise NotFound(
            sentence(
                "Pengguna “%(name)s” bukan dari %(office)s, melainkan dari %(own)s.",
                name=order.username,
                office=order.office,
                own=who.office,
            )
        )


def _line(file: Path, problem: Problem) -> Sentence:
    """As compilers tell it, so that editors find the place: the file, its line, the element and what is wrong."""
    place = {"file": file, "line": problem.line, "element": problem.element, "message": problem.message}
    if not problem.element:
        return sentence("%(file)s:%(line)s: %(message)s", **place)
    if problem.severity is Severity.WARNING:
        return sentence("%(file)s:%(line)s: %(element)s: peringatan: %(message)s", **place)
    return sentence("%(file)s:%(line)s: %(element)s: %(message)s", **place)


def _outcome(file: Path, deployed: Deployed) -> Sentence:
    facts = {"file": file, "title": deployed.title, "version": deployed.version}
    if not deployed.changed:
        return sentence("%(file)s: tidak ada yang berubah pada SOP “%(title)s”.", **facts)
    if deployed.version is None:
        return sentence("%(file)s: disimpan sebagai draf SOP “%(title)s”.", **facts)
    return sentence("%(file)s: versi %(version)s SOP “%(title)s” diterbitkan.", **facts)
