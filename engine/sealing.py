"""The history of a run as a chain of hashes: so that it shows where somebody changed it past Lajur.

The hash of an entry is that of the hash before it with what the entry says. `seals` has how many entries a run has and
the hash of the last. Entries are written when the transaction ends: of two acts on one run the second then waits for
the first one's seal, and entries have ids in the order of their chain. Seals are locked before all else that waits for
that end (`stuck`, `tallies`), and by the ids of their runs, so that no two acts wait for each other in a circle.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Row, String, Text, bindparam, cast, event, insert, select, tuple_, type_coerce, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import ending
from engine.database import Database
from engine.states import Verb
from engine.tables import History, Run, Seal, Table

PART = 500
"""Runs looked at together."""

ENTRIES = 2000
"""Entries of the history looked at together."""

_PENDING = "history"

# Built once: to build them anew takes as long as to ask the database.
_history = Table.metadata.tables[History.__tablename__]
_seals = Table.metadata.tables[Seal.__tablename__]
_LOCK = (
    select(_seals.c.run_id, _seals.c.number, _seals.c.hash)
    .where(_seals.c.run_id.in_(bindparam("runs", expanding=True)))
    .order_by(_seals.c.run_id)
    .with_for_update()
)
_APPEND = insert(_history)
_CHAIN = update(_history).where(_history.c.id == bindparam("entry"))


def _put(kind: Any) -> Any:
    statement = kind(_seals)
    new = {"number": statement.excluded.number, "hash": statement.excluded.hash}
    return statement.on_conflict_do_update(index_elements=["run_id"], set_=new)


_PUT = {"sqlite": _put(sqlite.insert), "postgresql": _put(postgresql.insert)}


class Head(NamedTuple):
    """Where the chain of a run ends: how many entries it has, and the hash of the last; empty before the first."""

    number: int
    hash: str

    @property
    def short(self) -> str:
        """The first 16 digits in fours, for people to read and compare."""
        return " ".join(self.hash[start : start + 4] for start in range(0, 16, 4))


NOTHING = Head(0, "")


@dataclass(frozen=True, slots=True)
class Broken:
    """A history that is not as Lajur wrote it: the first wrong entry, counted from 1, and the id of its row.

    Without an entry it is whole as far as it goes, and `found` of the `told` entries are there.
    """

    run_id: int
    number: int | None
    row: int | None
    told: int | None
    found: int


# -- the chain --------------------------------------------------------------------------------------------------------


def digest(before: str, entry: Any) -> str:
    """The hash of an entry (`run_id`, `task_id`, `at`, `verb`, …, `facts`) behind the hash before it, as hex.

    Moments are microseconds since 1970 and facts may be JSON text; so it is the same of what is written and of what
    either kind of database gives back. What cannot be read, because somebody damaged it, is taken as it is.
    """
    said = [entry[name] for name in ("run_id", "task_id", "verb", "person_id", "jabatan_id", "capacity")]
    facts = {"at": _microseconds(entry["at"]), "facts": _parsed(entry["facts"]), "said": said}
    written = json.dumps(facts, sort_keys=True, separators=(",", ":"), default=repr)
    return hashlib.sha256(f"{before}{written}".encode()).hexdigest()


def _microseconds(moment: object) -> object:
    try:
        aware = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    except ValueError:
        return moment
    if not isinstance(aware, datetime):
        return moment
    since = (aware if aware.tzinfo else aware.replace(tzinfo=UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _parsed(facts: object) -> object:
    try:
        return json.loads(facts) if isinstance(facts, str) else facts
    except (ValueError, RecursionError):
        return facts


# -- written with every act -------------------------------------------------------------------------------------------


def append(session: Session, entry: Mapping[str, Any]) -> None:
    """An entry of the history, written when the transaction ends: until then nobody reads it, also not the act."""
    facts = json.loads(json.dumps(entry["facts"]))  # as it is read again: keys are texts, tuples are lists
    ending.leave(session, _PENDING, {**entry, "facts": facts})


@event.listens_for(Session, "before_commit", insert=True)
def settle(session: Session) -> None:
    """Write the entries of a transaction that is about to end, and their runs' seals: three statements."""
    entries = ending.take(session, _PENDING)
    if not entries:
        return
    session.flush()
    connection = session.connection()
    heads = _heads(session, entries)
    for entry in entries:
        number, before = heads[entry["run_id"]]
        entry["hash"] = digest(before, entry)
        heads[entry["run_id"]] = Head(number + 1, entry["hash"])
    connection.execute(_APPEND, entries)
    connection.execute(_PUT[connection.dialect.name], _rows(heads))


def _heads(session: Session, entries: Sequence[Mapping[str, Any]]) -> dict[int, Head]:
    """The heads of the runs of some entries, locked against other acts; a run that begins is nobody else's yet."""
    begun = {entry["run_id"] for entry in entries if entry["verb"] is Verb.START}
    heads = dict.fromkeys(begun, NOTHING)
    others = sorted({entry["run_id"] for entry in entries} - begun)
    if others:
        locked = session.connection().execute(_LOCK, {"runs": others})
        heads |= {row.run_id: Head(row.number, row.hash) for row in locked}
    missing = [run_id for run_id in others if run_id not in heads]
    if missing:  # no upgrade has chained them
        heads |= _chained(session, missing)
    return heads


def _rows(heads: Mapping[int, Head]) -> list[dict[str, Any]]:
    return [{"run_id": run_id, **head._asdict()} for run_id, head in sorted(heads.items())]


def head(session: Session, run_id: int) -> Head:
    """Where the chain of a run ends."""
    found = session.execute(select(Seal.number, Seal.hash).where(Seal.run_id == run_id)).one_or_none()
    return Head(*found) if found else NOTHING


# -- of older releases ------------------------------------------------------------------------------------------------


def catch_up(database: Database) -> int:
    """Chain the history that an older release wrote, some runs in a transaction; how many runs there were.

    The newest first: so the oldest run tells whether anything is left to do. Entries that have a hash keep it.
    """
    count, done = 0, None
    while True:
        with database.transaction() as session:
            part = _unsealed(session, done)
            if not part:
                return count
            heads = _chained(session, part)
            session.connection().execute(insert(_seals), _rows(heads))
            count, done = count + len(part), part[0]


def _unsealed(session: Session, done: int | None) -> Sequence[int]:
    """Some of the newest runs without a seal, in order; older ones than `done`, so that none is looked at twice."""
    sealed = select(Seal.run_id).where(Seal.run_id == Run.id).exists()
    oldest = session.execute(select(Run.id, sealed).order_by(Run.id).limit(1)).one_or_none()
    if oldest is None or oldest[1]:
        return ()
    newest = select(Run.id).where(~sealed).order_by(Run.id.desc()).limit(PART)
    if done is not None:
        newest = newest.where(Run.id < done)
    return sorted(session.scalars(newest.with_for_update(of=Run, key_share=True)))


def _chained(session: Session, run_ids: Sequence[int]) -> dict[int, Head]:
    """The heads of runs without a seal, once each of their entries has a hash."""
    heads = dict.fromkeys(run_ids, NOTHING)
    for page in _pages(session, run_ids):
        hashes = []
        for entry in page:
            number, before = heads[entry.run_id]
            own = entry.hash or digest(before, entry._mapping)
            heads[entry.run_id] = Head(number + 1, own)
            if not entry.hash:
                hashes.append({"entry": entry.id, "hash": own})
        if hashes:
            session.connection().execute(_CHAIN, hashes)
    return heads


# -- checked ----------------------------------------------------------------------------------------------------------


def broken(session: Session) -> Iterator[Broken]:
    """All runs whose history is not as Lajur wrote it; some at a time, whatever their number or length."""
    last = 0
    seals = select(Run.id, Seal.number, Seal.hash).outerjoin(Seal, Seal.run_id == Run.id).order_by(Run.id).limit(PART)
    while part := session.execute(seals.where(Run.id > last)).all():
        last = part[-1].id
        yield from _broken(
            session, {run.id: Head(run.number, run.hash) if run.number is not None else None for run in part}
        )


def of_run(session: Session, run_id: int) -> Broken | None:
    """What is wrong with the history of one run."""
    found = session.execute(select(Seal.number, Seal.hash).where(Seal.run_id == run_id)).one_or_none()
    return next(_broken(session, {run_id: Head(*found) if found else None}), None)


def _broken(session: Session, seals: Mapping[int, Head | None]) -> Iterator[Broken]:
    entries = (entry for page in _pages(session, list(seals)) for entry in page)
    told = dict(seals)
    for run_id, of_one in groupby(entries, key=lambda entry: entry.run_id):
        wrong = _first_wrong(run_id, of_one, told.pop(run_id))
        if wrong is not None:
            yield wrong
    for run_id, seal in told.items():
        if seal is None or seal.number:
            yield Broken(run_id, None, None, seal.number if seal else None, 0)


def _first_wrong(run_id: int, entries: Iterable[Row[Any]], seal: Head | None) -> Broken | None:
    """The first entry whose hash is not that of what it says and of all before, or that the seal does not count."""
    head, told = NOTHING, seal.number if seal else None
    for entry in entries:
        number = head.number + 1
        uncounted = told is not None and number > told
        if uncounted or entry.hash != digest(head.hash, entry._mapping):
            return Broken(run_id, number, entry.id, told, number)
        head = Head(number, entry.hash)
    return None if head == seal else Broken(run_id, None, None, told, head.number)


_ENTRY = select(
    *(_history.c.id, _history.c.run_id, _history.c.task_id, _history.c.person_id, _history.c.jabatan_id),
    # As they are stored, so that what somebody damaged is found, and does not fail.
    type_coerce(_history.c.at, String).label("at"),
    type_coerce(_history.c.verb, String).label("verb"),
    type_coerce(_history.c.capacity, String).label("capacity"),
    cast(_history.c.facts, Text).label("facts"),
    _history.c.hash,
).order_by(_history.c.run_id, _history.c.id)


def _pages(session: Session, run_ids: Sequence[int]) -> Iterator[Sequence[Row[Any]]]:
    """The entries of some runs, by run and in their order, a bounded number at a time."""
    query = _ENTRY.where(_history.c.run_id.in_(run_ids)).limit(ENTRIES)
    after = (0, 0)
    while page := session.connection().execute(query.where(tuple_(_history.c.run_id, _history.c.id) > after)).all():
        yield page
        after = (page[-1].run_id, page[-1].id)
