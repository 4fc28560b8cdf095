"""What people are told without having asked: written down for each of them, on the screen and by e-mail.

`engine.queries.notices` reads them, `engine.outbox` takes them to the mailboxes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import JSON, case, insert, literal, null, select, update
from sqlalchemy.orm import Session

from bpmn.wording import sentence
from engine import errors, mail
from engine.offices import Actor
from engine.states import NoticeKind
from engine.tables import Instant, Notice, Person

ADDRESS_LIMIT = 200
"""Characters of an e-mail address."""


def give(
    session: Session,
    people: Collection[int],
    kind: NoticeKind,
    run_id: int,
    task_id: int | None,
    facts: Mapping[str, object],
    now: datetime,
) -> None:
    """Tell people something about a run, in one statement for all of them; empty facts are left out.

    Who has an e-mail address is sent it as well.
    """
    if not people:
        return
    told = {
        Notice.run_id: literal(run_id),
        Notice.task_id: literal(task_id, Notice.task_id.type),
        Notice.kind: literal(kind, Notice.kind.type),
        Notice.facts: literal({name: fact for name, fact in facts.items() if fact not in (None, "")}, JSON()),
        Notice.at: literal(now, Instant()),
        Notice.send_at: case((Person.email != "", literal(now, Instant())), else_=null()),
    }
    session.execute(
        insert(Notice).from_select(
            [Notice.person_id, *told],
            select(Person.id, *told.values()).where(Person.id.in_(people), Person.active).order_by(Person.id),
        )
    )


def read(session: Session, who: Actor, notice_id: int | None, now: datetime) -> None:
    """Mark a notice of one's own as read, or all with None; NotFound for a notice of somebody else."""
    mine = Notice.person_id == who.id
    if notice_id is not None:
        known = session.scalar(select(Notice.id).where(Notice.id == notice_id, mine))
        if known is None:
            raise errors.NotFound
        mine &= Notice.id == notice_id
    session.execute(
        update(Notice)
        .where(mine, Notice.read_at.is_(None))
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )


def send_to(session: Session, who: Actor, address: str) -> None:
    """Send one's notices to this e-mail address as well from now on; to none where it is empty.

    Raises Invalid for what is no address, TooLong.
    """
    address = address.strip()
    if len(address) > ADDRESS_LIMIT:
        raise errors.TooLong(sentence("Alamat e-mail"), ADDRESS_LIMIT)
    if address and not mail.is_address(address):
        raise errors.Invalid(
            sentence("“%(address)s” bukan alamat e-mail. Tulis seperti nama@example.go.id.", address=address)
        )
    session.execute(
        update(Person).where(Person.id == who.id).values(email=address).execution_options(synchronize_session=False)
    )
