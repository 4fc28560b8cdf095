"""What a person was told: the list, and how much of it is new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.offices import Actor
from engine.queries.paging import PAGE, Page, page
from engine.states import NoticeKind
from engine.tables import Definition, Notice, Person, Run, Task, Version


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """Something a person was told. `step` is None where it is about the run as a whole.

    `facts` may hold `reason` (why work came back), `by` and `note` (who returned it or reminds, and what for),
    `given_by` (who handed it over), `instead_of` (for whom the person steps in).
    """

    id: int
    kind: NoticeKind
    at: datetime
    is_read: bool
    run_id: int
    subject: str
    sop: str
    task_id: int | None
    step: str | None
    due_at: datetime | None
    facts: Mapping[str, Any]


def address(session: Session, who: Actor) -> str:
    """Where the person's notices are sent as well; empty where they are not."""
    return session.scalars(select(Person.email).where(Person.id == who.id)).one()


def mine(session: Session, who: Actor, before: int | None = None) -> Page[NoticeRow]:
    """The person's notices, newest first, in front of the notice `before`."""
    query = (
        select(Notice, Run.subject, Definition.title, Task.name, Task.due_at)
        .join(Run, Run.id == Notice.run_id)
        .join(Version, Version.id == Run.version_id)
        .join(Definition, Definition.id == Version.definition_id)
        .outerjoin(Task, Task.id == Notice.task_id)
        .where(Notice.person_id == who.id, Run.office_id == who.office_id)
        .order_by(Notice.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(Notice.id < before)
    rows = [
        NoticeRow(
            id=notice.id,
            kind=notice.kind,
            at=notice.at,
            is_read=notice.read_at is not None,
            run_id=notice.run_id,
            subject=subject,
            sop=sop,
            task_id=notice.task_id,
            step=step,
            due_at=due_at,
            facts=notice.facts,
        )
        for notice, subject, sop, step, due_at in session.execute(query)
    ]
    return page(rows, [row.id for row in rows])
