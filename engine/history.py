"""The append-only record of what was done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from engine import sealing, stuck
from engine.offices import SYSTEM, Actor
from engine.states import Verb

_BESIDE = frozenset({Verb.COMMENT, Verb.DETACH, Verb.REMIND, Verb.OVERDUE, Verb.INITIAL, Verb.SIGN})
"""What changes nothing of what a run waits for, or comes with what does."""


def record(
    session: Session,
    who: Actor,
    verb: Verb,
    now: datetime,
    *,
    run_id: int,
    task_id: int | None = None,
    jabatan_id: int | None = None,
    facts: Mapping[str, object] | None = None,
    **more: object,
) -> None:
    """Write down an act, with the jabatan it was done in and in what capacity; empty facts are left out.

    It is written when the act's transaction ends, as the next one in the chain of its run (`sealing`). Where the run
    then stands is worked out at that moment, too (`stuck.touch`).
    """
    if verb not in _BESIDE:
        stuck.touch(session, run_id)
    held = who.held.get(jabatan_id) if jabatan_id is not None else None
    known = {**(facts or {}), **more, "batch": who.batch}
    entry = {
        "run_id": run_id,
        "task_id": task_id,
        "at": now,
        "verb": verb,
        "person_id": who.id if who.id != SYSTEM else None,
        "jabatan_id": jabatan_id,
        "capacity": held.capacity if held else None,
        "facts": {name: fact for name, fact in known.items() if fact not in (None, "")},
    }
    sealing.append(session, entry)
