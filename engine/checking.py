"""`lajur check`: whether what is stored can go on: every state loads, every open task of the tables waits in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from bpmn.wording import Sentence, sentence
from engine import definitions, spiff
from engine.states import LIVE, UNFINISHED
from engine.tables import Run, Task, Version


@dataclass(frozen=True, slots=True)
class Damage:
    """A run that cannot go on as it is stored, and why."""

    run_id: int
    what: Sentence


def check(session: Session) -> Iterator[Damage]:
    """All damage found in the live runs."""
    found = session.execute(
        select(Run, Version)
        .join(Version, Version.id == Run.version_id)
        .where(Run.state.in_(LIVE))
        .options(undefer(Run.state_of_engine))
        .order_by(Run.id)
        .execution_options(yield_per=500)
    )
    for run, version in found:
        what = _damage(session, run, version)
        if what is not None:
            yield Damage(run.id, what)


def _damage(session: Session, run: Run, version: Version) -> Sentence | None:
    try:
        waiting = {task.engine_id for task in spiff.waiting(definitions.process(session, version), run.state_of_engine)}
    except Exception as broken:  # whatever the bytes hold, the answer is that they do not load
        return sentence("Keadaan berkas tidak dapat dimuat (%(why)s).", why=type(broken).__name__)
    open_tasks = set(session.scalars(select(Task.engine_id).where(Task.run_id == run.id, Task.state.in_(UNFINISHED))))
    if waiting != open_tasks:
        return sentence("Tugas yang terbuka tidak sama dengan keadaan berkas.")
    return None
