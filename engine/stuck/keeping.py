"""Where live runs stand and from when on they are stuck, stored with every act: `positions` and `causes`.

Whatever changes what a run waits for says so by `touch`, which `history.record` does for every act. What is to be
stored is then worked out once, last in the transaction, from what the tables hold by then. Positions are locked first
and by id: of two acts on one run the second reads what the first has left, and no two wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.database import Database
from engine.states import LIVE
from engine.stuck.causes import MOMENTS
from engine.stuck.facts import Facts
from engine.stuck.reading import read
from engine.tables import Cause, Position, Run, Table
from engine.workdays import NEVER

PART = 500
"""Runs worked out together."""

_TOUCHED = "lajur_touched"

# Built once: to build them anew takes as long as to ask the database.
_positions = Table.metadata.tables[Position.__tablename__]
_causes = Table.metadata.tables[Cause.__tablename__]
_LOCK = (
    select(_positions.c.run_id)
    .where(_positions.c.run_id.in_(bindparam("runs", expanding=True)))
    .order_by(_positions.c.run_id)
    .with_for_update()
)
_NO_POSITION = delete(_positions).where(_positions.c.run_id.in_(bindparam("runs", expanding=True)))
_NO_CAUSE = delete(_causes).where(_causes.c.run_id.in_(bindparam("runs", expanding=True)))


def _put(insert: Any, table: Any) -> Any:
    """A statement that inserts rows, or changes those that are there."""
    statement = insert(table)
    new = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=new)


_PUT = {
    name: (_put(insert, _positions), _put(insert, _causes))
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


def touch(session: Session, run_id: int) -> None:
    """Something about a run changed by what it waits for, or by whom: it is worked out anew before this commits."""
    session.info.setdefault(_TOUCHED, set()).add(run_id)


@event.listens_for(Session, "before_commit")
def settle(session: Session) -> None:
    """Store where the touched runs stand; nothing is done at the end of a savepoint. Six statements at most."""
    if session.in_nested_transaction():
        return
    touched = session.info.pop(_TOUCHED, None)
    if touched:
        session.flush()
        for part in _parts(sorted(touched)):
            _keep(session, part)


def rebuild(session: Session, office_id: int) -> int:
    """Work out anew where all live runs of an office stand, some at a time; how many there are."""
    last, count = 0, 0
    while part := session.scalars(
        select(Run.id)
        .where(Run.office_id == office_id, Run.state.in_(LIVE), Run.id > last)
        .order_by(Run.id)
        .limit(PART)
    ).all():
        _keep(session, part)
        last, count = part[-1], count + len(part)
    return count


def catch_up(database: Database) -> int:
    """Work out where those live runs stand of which that is not stored, as in databases of 0.2; how many there were.

    Some in a transaction. Their rows are locked against all acts: without a position there is nothing else to lock.
    """
    count = 0
    while True:
        with database.transaction() as session:
            stored = select(Position.run_id).where(Position.run_id == Run.id).exists()
            part = session.scalars(
                select(Run.id).where(Run.state.in_(LIVE), ~stored).order_by(Run.id).limit(PART).with_for_update()
            ).all()
            if not part:
                return count
            _keep(session, part)
            count += len(part)


def position(facts: Facts) -> dict[str, Any]:
    """The row of `positions` that a live run is to have."""
    return {
        "run_id": facts.run_id,
        "office_id": facts.office_id,
        "definition_id": facts.definition_id,
        "since": facts.since,
        "order_at": facts.order_at,
        "stuck_at": min(moments(facts).values(), default=NEVER),
        "suspended": facts.suspended,
        "round": facts.round,
    }


def moments(facts: Facts) -> dict[str, datetime]:
    """By the name of each cause that sets in at a moment that moment; none for a run that is suspended."""
    if facts.suspended:
        return {}
    found = ((rule.name, rule.find(facts)) for rule in MOMENTS)
    return {name: one.at for name, one in found if one is not None}


def _keep(session: Session, run_ids: Sequence[int]) -> None:
    connection = session.connection()
    runs = {"runs": list(run_ids)}
    kind = connection.dialect.name
    if kind != "sqlite":  # which has one writer
        connection.execute(_LOCK, runs)
    live = read(session, run_ids)
    over = set(run_ids) - {facts.run_id for facts in live}
    causes = [
        {"run_id": facts.run_id, "cause": name, "office_id": facts.office_id, "at": at}
        for facts in live
        for name, at in moments(facts).items()
    ]
    put_position, put_cause = _PUT[kind]
    if over:
        connection.execute(_NO_POSITION, {"runs": list(over)})
    if live:
        connection.execute(put_position, [position(facts) for facts in live])
    connection.execute(_NO_CAUSE, runs)
    if causes:
        connection.execute(put_cause, causes)


def _parts(run_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (run_ids[start : start + PART] for start in range(0, len(run_ids), PART))
