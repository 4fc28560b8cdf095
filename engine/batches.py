"""Acts of a manager on many runs at once (*tindakan*): tried, then done, and kept as one.

What will happen is found out by doing it and taking it back, so `trial` and `run` cannot differ. Each run has its
savepoint: what is refused of one does not keep the others. The history of each run has its entry as if the act had been
done on it alone, and names the act on many.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from bpmn.errors import Refusal
from bpmn.wording import Sentence, sentence
from engine import alerts, errors, runs, submissions, tasks
from engine.offices import Actor
from engine.states import UNFINISHED, Right, RunState, TaskState, Verb
from engine.tables import Batch, Definition, Holding, Jabatan, Person, Run, Task, Version

LIMIT = 200
"""Runs that one act takes at most."""

TASKS = frozenset({Verb.REMIND, Verb.REASSIGN, Verb.HAND_OVER})
"""What is done with the tasks that runs wait for; the rest is done with the runs themselves."""

REASONED = frozenset({Verb.SUSPEND, Verb.CANCEL})
"""What needs a reason."""

_TO_COME = "…"
"""Stands for the reason while nothing is done yet."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a manager wants: REMIND, REASSIGN, HAND_OVER, SUSPEND, RESUME or CANCEL, and of which runs.

    `receivers` are people by the jabatan of the tasks that they are given. `leaver` is the person all of whose tasks in
    these runs are handed over.
    """

    verb: Verb
    runs: tuple[int, ...]
    note: str = ""
    receivers: Mapping[int, int] = field(default_factory=dict)
    leaver: int | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody who is reminded or given a task; `mail`: whether there is an address to send it to as well."""

    name: str
    mail: bool


@dataclass(frozen=True, slots=True)
class Part:
    """What becomes of one task that a run waits for; where `step` is None, of the run itself.

    `holder` had it before, `people` are told of it or given it. `refused` says why nothing becomes of it.
    """

    task_id: int | None
    step: str | None
    jabatan: str | None
    holder: str | None
    people: tuple[Reached, ...]
    refused: Sentence | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a run; `called` are the runs of other SOPs that are given up with it."""

    run_id: int
    subject: str
    agenda: str
    sop: str
    parts: tuple[Part, ...]
    called: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether anything becomes of it."""
        return any(part.refused is None for part in self.parts)

    @property
    def mark(self) -> str:
        """Short and the same for the same outcome: by it one sees whether something else would happen by now."""
        told = [[*_kept(part).values()] for part in self.parts]
        return sha256(json.dumps([told, self.called], default=str).encode()).hexdigest()[:12]


def trial(session: Session, who: Actor, wish: Wish, now: datetime) -> tuple[Outcome, ...]:
    """What `run` would do now, in the order chosen; nothing is written. A reason may still be missing.

    Raises NotAllowed, NotFound for runs and people of other offices, Invalid for none or more than LIMIT.
    """
    who.require(Right.MANAGER)
    _check(wish)
    tried = session.begin_nested()
    try:
        return _Doing(session, who, replace(wish, note=wish.note.strip() or _TO_COME), now).all()
    finally:
        tried.rollback()
        session.expire_all()


def run(session: Session, who: Actor, wish: Wish, shown: Mapping[int, str], key: str | None, now: datetime) -> int:
    """Do it with each run as far as it can be done; the id of the act. Sent twice with the same key, it is done once.

    `shown` are the marks of what was shown before, by run. Raises what `trial` does, OutcomeChanged where something
    else would happen by now, Invalid for a missing reason and where nothing can be done, TooLong.
    """
    who.require(Right.MANAGER)
    _check(wish)
    note = _noted(wish)
    asked = f"batch {wish.verb} {wish.runs} {sorted(wish.receivers.items())} {wish.leaver} {note}"
    return submissions.once(session, who, key, asked, lambda: _run(session, who, wish, note, shown, now), now)


def _run(session: Session, who: Actor, wish: Wish, note: str, shown: Mapping[int, str], now: datetime) -> int:
    batch = Batch(
        office_id=who.office_id,
        verb=wish.verb,
        note=note,
        done_by=who.id,
        done_at=now,
        done=0,
        refused=0,
        outcome=[],
    )
    session.add(batch)
    session.flush()
    outcomes = _Doing(session, replace(who, batch=batch.id), replace(wish, note=note), now).all()
    if any(shown.get(one.run_id) != one.mark for one in outcomes):
        raise errors.OutcomeChanged
    batch.done = sum(one.done for one in outcomes)
    batch.refused = len(outcomes) - batch.done
    if not batch.done:
        raise errors.Invalid(sentence("Tidak ada satu pun berkas yang dapat dikenai tindakan ini."))
    batch.outcome = [
        {"run": one.run_id, "parts": [_kept(part) for part in one.parts], "called": list(one.called)}
        for one in outcomes
    ]
    session.flush()
    return batch.id


def parts(kept: Collection[Mapping[str, Any]]) -> tuple[Part, ...]:
    """The parts of an outcome as they were kept."""
    return tuple(
        Part(
            task_id=one["task"],
            step=one["step"],
            jabatan=one["jabatan"],
            holder=one["holder"],
            people=tuple(Reached(name, mail) for name, mail in one["people"]),
            refused=Sentence(*one["refused"]) if one["refused"] else None,
        )
        for one in kept
    )


def _kept(part: Part) -> dict[str, Any]:
    """A part as JSON holds it. What fills a sentence is kept as words."""
    refused = part.refused
    return {
        "task": part.task_id,
        "step": part.step,
        "jabatan": part.jabatan,
        "holder": part.holder,
        "people": [[one.name, one.mail] for one in part.people],
        "refused": refused and [refused.template, {name: _plain(fact) for name, fact in refused.facts.items()}],
    }


def _plain(fact: object) -> object:
    return fact if isinstance(fact, int | float) else str(fact)


def _check(wish: Wish) -> None:
    if not wish.runs:
        raise errors.Invalid(sentence("Pilih satu berkas atau lebih terlebih dahulu."))
    if len(wish.runs) > LIMIT:
        raise errors.Invalid(sentence("Pilih paling banyak %(limit)d berkas sekaligus.", limit=LIMIT))


def _noted(wish: Wish) -> str:
    """The note as it is kept. Invalid for a missing reason, TooLong."""
    note = runs.checked(wish.note)
    if wish.verb is Verb.REMIND and len(note) > alerts.NOTE_LIMIT:
        raise errors.TooLong(sentence("Catatan"), alerts.NOTE_LIMIT)
    if wish.verb in REASONED and not note:
        raise errors.Invalid(sentence("Tuliskan alasannya terlebih dahulu; alasan ini tercatat pada setiap berkas."))
    return note


# -- what is chosen ---------------------------------------------------------------------------------------------------

_claimer = aliased(Person)


def waiting(session: Session, who: Actor, wish: Wish) -> dict[int, list[Any]]:
    """The unfinished tasks that a wish is about, by run: of the leaver where there is one, else all.

    Each with `id`, `run_id`, `name`, `jabatan_id`, `jabatan`, `claimed_by`, `claimer`.
    """
    query = (
        select(
            Task.id,
            Task.run_id,
            Task.name,
            Task.jabatan_id,
            Jabatan.name.label("jabatan"),
            Task.claimed_by,
            _claimer.name.label("claimer"),
        )
        .join(Run, Run.id == Task.run_id)
        .join(Jabatan, Jabatan.id == Task.jabatan_id)
        .outerjoin(_claimer, _claimer.id == Task.claimed_by)
        .where(Task.run_id.in_(wish.runs), Run.office_id == who.office_id, Task.state.in_(UNFINISHED))
        .order_by(Task.id)
    )
    if wish.leaver is not None:
        query = query.where(or_(Task.claimed_by == wish.leaver, Task.reserved_for == wish.leaver))
    found: dict[int, list[Any]] = {}
    for task in session.execute(query):
        found.setdefault(task.run_id, []).append(task)
    return found


def runs_of(session: Session, who: Actor, person_id: int) -> list[int]:
    """Ids of the runs that wait for this person: for a task that the person has claimed or alone may claim."""
    claimed = select(Task.run_id).where(Task.claimed_by == person_id, Task.state == TaskState.CLAIMED)
    reserved = (
        select(Task.run_id)
        .join(Holding, and_(Holding.jabatan_id == Task.jabatan_id, Holding.person_id == Task.reserved_for))
        .where(Holding.person_id == person_id, Task.state == TaskState.OPEN)
    )
    of_office = select(Run.id).where(Run.id.in_(claimed.union(reserved)), Run.office_id == who.office_id)
    return list(session.scalars(of_office.order_by(Run.id)))


# -- and what is done with it -----------------------------------------------------------------------------------------


class _Doing:
    """One act on many: what was asked for, and what is looked up once for all runs."""

    def __init__(self, session: Session, who: Actor, wish: Wish, now: datetime) -> None:
        self.session, self.who, self.wish, self.now = session, who, wish, now
        self.waiting = waiting(session, who, wish) if wish.verb in TASKS else {}
        self.people: dict[int, Reached | None] = {}

    def all(self) -> tuple[Outcome, ...]:
        """Do it: by their ids, so that of two such acts none waits for the other in a circle."""
        known = self._runs()
        done = {run_id: self._one(known[run_id]) for run_id in sorted(known)}
        return tuple(done[run_id] for run_id in dict.fromkeys(self.wish.runs))

    def _runs(self) -> dict[int, Any]:
        found = self.session.execute(
            select(Run.id, Run.subject, Run.agenda, Run.state, Definition.title)
            .join(Version, Version.id == Run.version_id)
            .join(Definition, Definition.id == Version.definition_id)
            .where(Run.id.in_(self.wish.runs), Run.office_id == self.who.office_id)
        )
        known: dict[int, Any] = {run.id: run for run in found.all()}
        if len(known) < len(set(self.wish.runs)):
            raise errors.NotFound
        return known

    def _one(self, run: Any) -> Outcome:
        parts = self._parts(run)
        called = tuple(self._called(run.id)) if self.wish.verb is Verb.CANCEL and parts[0].refused is None else ()
        return Outcome(run.id, run.subject, run.agenda, run.title, parts, called)

    def _parts(self, run: Any) -> tuple[Part, ...]:
        if self.wish.verb not in TASKS:
            _, refused = self._tried(lambda: self._move(run.id))
            return (Part(None, None, None, None, (), refused),)
        act = self._remind if self.wish.verb is Verb.REMIND else self._reassign
        parts = tuple(self._part(task, act) for task in self.waiting.get(run.id, ()))
        return parts or (Part(None, None, None, None, (), _nobody(run.state)),)

    def _part(self, task: Any, act: Callable[[Any], tuple[Reached, ...]]) -> Part:
        people, refused = self._tried(lambda: act(task))
        return Part(task.id, task.name, task.jabatan, task.claimer, people, refused)

    def _tried(self, act: Callable[[], tuple[Reached, ...]]) -> tuple[tuple[Reached, ...], Sentence | None]:
        """Whom an act reached, or why it was refused; then nothing is left of it."""
        try:
            with self.session.begin_nested():
                return act(), None
        except Refusal as refused:
            return (), refused.sentence

    def _move(self, run_id: int) -> tuple[Reached, ...]:
        move = {Verb.SUSPEND: runs.suspend, Verb.RESUME: runs.resume, Verb.CANCEL: runs.cancel}[self.wish.verb]
        move(self.session, self.who, run_id, self.wish.note, self.now)
        return ()

    def _remind(self, task: Any) -> tuple[Reached, ...]:
        people = self._reached(alerts.remind(self.session, self.who, task.id, self.wish.note, self.now))
        if not people:
            raise errors.Conflict(
                sentence(
                    "Tidak ada pegawai aktif yang dapat diingatkan tentang tugas jabatan %(jabatan)s ini.",
                    jabatan=task.jabatan,
                )
            )
        return people

    def _reassign(self, task: Any) -> tuple[Reached, ...]:
        to = self.wish.receivers.get(task.jabatan_id)
        if to is None:
            raise errors.Invalid(
                sentence("Belum dipilih siapa yang menerima tugas jabatan %(jabatan)s.", jabatan=task.jabatan)
            )
        if to == task.claimed_by:
            raise errors.Conflict(sentence("Tugas ini sudah di tangan %(who)s.", who=task.claimer))
        tasks.reassign(self.session, self.who, task.id, to, self.wish.note, self.now)
        return self._reached([to])

    def _reached(self, ids: Collection[int]) -> tuple[Reached, ...]:
        """Those of these people who are active, as they are told."""
        unknown = [one for one in ids if one not in self.people]
        if unknown:
            self.people |= dict.fromkeys(unknown)
            found = self.session.execute(
                select(Person.id, Person.name, Person.email).where(Person.id.in_(unknown), Person.active)
            )
            self.people |= {one.id: Reached(one.name, bool(one.email)) for one in found}
        return tuple(person for one in ids if (person := self.people[one]) is not None)

    def _called(self, run_id: int) -> Iterator[str]:
        """The subjects of the runs that were given up with a run that called them, outermost first."""
        found = self.session.execute(
            select(Run.id, Run.subject)
            .where(Run.parent_id == run_id, Run.state == RunState.CANCELLED, Run.finished_at == self.now)
            .order_by(Run.id)
        ).all()
        for called in found:
            yield called.subject
            yield from self._called(called.id)


def _nobody(state: RunState) -> Sentence:
    """Why nothing is done with the tasks of a run that has none."""
    if state is not RunState.RUNNING:
        return errors.RunNotRunning(state).sentence
    return sentence("Berkas ini sedang tidak menunggu tugas siapa pun.")
