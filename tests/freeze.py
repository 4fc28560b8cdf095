"""`python -m tests.freeze`: a database of this release with runs in all conditions, as SQL for later releases to load.

Run once before a release; `tests/engine/test_frozen_runs.py` then holds every later release to it.
"""

from __future__ import annotations

import sqlite3
from importlib.metadata import version
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from bpmn import library
from engine import definitions, errors, offices, runs, tasks
from engine.database import Database, Session
from engine.offices import Actor
from engine.queries import lists, work
from engine.states import Capacity, Right, RunState
from tests.conftest import NOW
from tests.engine.conftest import SINCE, diagram
from tests.engine.flows import approval, parallel

FOLDER = Path(__file__).parent / "frozen_runs"

OFFICE = "muara_papalik"
"""Office of the library whose diagrams are frozen: returns, and jabatan of five kinds."""

ELEMENTS = Path(__file__).parent / "bpmn" / "fixtures" / "elements"
WAITING = ("boundary_timer_non_interrupting", "message_catch", "embedded_subprocess", "multi_parallel")
"""Diagrams whose runs wait for more than people, or stand in more than one place."""

SEED = 7


def main() -> None:
    """Write the database of this release, refusing to change what was frozen before."""
    target = FOLDER / f"{version('lajur')}.sql"
    if target.exists():
        raise SystemExit(f"{target.name} is frozen already")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "frozen.sqlite3"
        database = Database(f"sqlite:///{file}")
        database.upgrade()
        with database.transaction() as session:
            fill(session)
        database.dispose()
        with sqlite3.connect(file) as frozen:
            target.write_text("\n".join(frozen.iterdump()) + "\n", encoding="utf-8")
    print(f"{target.name}: {target.stat().st_size} bytes")


def fill(session: Session) -> None:
    """An office whose every jabatan is held by two people, its SOPs, and runs left at random moments."""
    random = Random(SEED)
    office = offices.add_office(session, "Kecamatan Beku")
    analyst = offices.add_person(session, office, "analis", "Analis", "rahasia", frozenset(Right))
    published = [one.content for one in library.diagrams() if one.office == OFFICE]
    elements = [(ELEMENTS / f"{name}.bpmn").read_bytes() for name in WAITING]
    flows = [approval(), parallel()]
    sops = [*published, *elements, *(diagram(flow) for flow in flows)]
    held: dict[int, list[int]] = {}
    made = []
    for number, xml in enumerate(sops, start=1):
        who = offices.actor(session, analyst, NOW)
        renamed = xml.replace(b"surat_keluar", f"surat_keluar_{number}".encode())
        definition = definitions.add(session, who, renamed, NOW)
        for name in definitions.lanes_without_jabatan(session, who, definition):
            _, jabatan = offices.add_jabatan(session, office, name)
            for person in range(2):
                username = f"pegawai{jabatan}{'ab'[person]}"
                person_id = offices.add_person(session, office, username, username.title(), "rahasia")
                offices.hold(session, person_id, jabatan, SINCE, capacity=list(Capacity)[person])
                held.setdefault(jabatan, []).append(person_id)
        definitions.publish(session, who, definition, "Versi pertama", NOW)
        made.append(definition)
    people = [person for persons in held.values() for person in persons]
    for definition in made:
        for acts in (0, 3, 7, 12, 40):
            run = _play(session, definition, people, acts, random)
            if acts == 12 and runs.own(session, offices.actor(session, analyst, NOW), run).state is RunState.RUNNING:
                runs.suspend(session, offices.actor(session, analyst, NOW), run, "Menunggu arahan", NOW)


def _play(session: Session, definition: int, people: list[int], acts: int, random: Random) -> int:
    """A run that somebody may start, gone on by so many random acts; its id."""
    actors = [offices.actor(session, person, NOW) for person in people]
    run = next(run for run in (_started(session, who, definition) for who in actors) if run)
    for _ in range(acts):
        open_tasks = [
            (who, task.id) for who in actors for task in lists.of_jabatan(session, who, NOW).rows if task.run_id == run
        ]
        claimed = [
            (who, task.id) for who in actors for task in lists.mine(session, who, NOW).rows if task.run_id == run
        ]
        if claimed and (not open_tasks or random.random() < 0.8):
            who, task = random.choice(claimed)
            ways = work.one(session, who, task, NOW).choices
            way = random.choice(ways) if ways else None
            tasks.complete(session, who, task, way.edge if way else None, "Catatan", NOW)
        elif open_tasks:
            who, task = random.choice(open_tasks)
            tasks.claim(session, who, task, NOW)
    return run


def _started(session: Session, who: Actor, definition: int) -> int | None:
    try:
        return runs.start(session, who, definition, "Berkas yang dibekukan", NOW)
    except errors.NotAllowed:
        return None


if __name__ == "__main__":
    main()
