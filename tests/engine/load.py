"""A load of acts on a database, until its process is killed; what was acknowledged is in a log that outlives it.

An act is acknowledged once its transaction has ended: only then would a person see the next page.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from threading import Event, Thread

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn.errors import Refusal
from engine import offices, runs, tasks
from engine.database import Database
from engine.offices import Actor
from engine.queries import work
from engine.states import UNFINISHED, RunState, TaskState, Verb
from engine.tables import Definition, Run, Task
from tests.conftest import NOW

LIVE_RUNS = 8
"""Runs at the same time: few enough that people meet in them."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An act that somebody was told was done. `token` is a note that no other act carries; empty without one."""

    verb: Verb
    person: int
    run: int
    task: int | None
    token: str = ""


def live(url: str, log: Path, life: int, teams: Sequence[Sequence[int]]) -> None:
    """Act in a thread for each team of people, until one of them fails. Nobody is in two teams."""
    database, failed = Database(url), Event()
    target = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for number, team in enumerate(teams):
        random = Random(f"{life} {number}")
        Thread(target=_work, args=(database, target, random, team, failed), daemon=True).start()
    failed.wait()


def acknowledged(log: Path) -> list[Acknowledged]:
    """What the log holds. Its last line may have been cut off by the kill, and then was told to nobody."""
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True) if log.exists() else []
    whole = [json.loads(line) for line in lines if line.endswith("\n")]
    return [Acknowledged(**one | {"verb": Verb(one["verb"])}) for one in whole]


def _work(database: Database, target: int, random: Random, team: Sequence[int], failed: Event) -> None:
    try:
        while True:
            if done := _try(database, random, random.choice(team)):
                os.write(target, json.dumps(asdict(done)).encode() + b"\n")
                os.fsync(target)
    finally:
        failed.set()


def _try(database: Database, random: Random, person: int) -> Acknowledged | None:
    """One act in its transaction; None where there was nothing to do, or somebody else was first."""
    try:
        with database.transaction() as session:
            return _act(session, random, offices.actor(session, person, NOW))
    except Refusal:
        return None


def _act(session: Session, random: Random, who: Actor) -> Acknowledged | None:
    """Something that the person may do now."""
    live = session.scalars(select(Run.id).where(Run.state == RunState.RUNNING)).all()
    if len(live) < LIVE_RUNS:
        return _start(session, random, who)
    own = (Task.claimed_by == who.id) | (Task.claimed_by.is_(None) & Task.jabatan_id.in_(list(who.held)))
    waiting = session.scalars(select(Task).where(Task.run_id.in_(live), Task.state.in_(UNFINISHED), own)).all()
    return _on_task(session, random, who, random.choice(waiting)) if waiting else None


def _start(session: Session, random: Random, who: Actor) -> Acknowledged:
    sop = random.choice(session.scalars(select(Definition.id)).all())
    token = _token(random)
    return Acknowledged(Verb.START, who.id, runs.start(session, who, sop, token, NOW), None, token)


def _on_task(session: Session, random: Random, who: Actor, task: Task) -> Acknowledged:
    if task.state is TaskState.OPEN:
        tasks.claim(session, who, task.id, NOW)
        return Acknowledged(Verb.CLAIM, who.id, task.run_id, task.id)
    if random.random() < 0.1:
        tasks.release(session, who, task.id, NOW)
        return Acknowledged(Verb.RELEASE, who.id, task.run_id, task.id)
    choices = work.one(session, who, task.id, NOW).choices
    token = _token(random)
    choice = random.choice(choices).edge if choices else None
    verb = tasks.complete(session, who, task.id, choice, token, NOW)
    return Acknowledged(verb, who.id, task.run_id, task.id, token)


def _token(random: Random) -> str:
    return f"{random.getrandbits(64):x}"
