"""Access tokens: by what applications act for people, each token within scopes that its owner chose.

A token is a secret that is told once; only its hash is kept. It never gives more than its owner may do at the moment
of the act, and nothing at all once the owner is no longer active.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from bpmn.wording import sentence
from engine import errors, offices
from engine.offices import Actor
from engine.secret import hash_of, new_secret
from engine.states import Right
from engine.tables import Token

DEPLOY, PUBLISH, START = "deploy", "publish", "start"
"""Scopes: send diagrams as drafts, publish them at once (which includes sending), start runs."""

TASKS, RUNS, DEFINITIONS, MANAGE = "tasks", "runs", "definitions", "manage"
"""Scopes: see tasks and do the own ones; read runs and their documents, attach and comment; read SOPs; read the board
and the statistics."""

SCOPES = (DEPLOY, PUBLISH, START, TASKS, RUNS, DEFINITIONS, MANAGE)

RIGHTS = {DEPLOY: Right.ANALYST, PUBLISH: Right.ANALYST, MANAGE: Right.MANAGER}
"""Scopes that only somebody with a right can give, and the right."""

NAME_LIMIT = 100
"""Characters of a token's name."""

MOST = 20
"""Tokens that a person has at a time, those that are revoked or expired not counted."""

PREFIX = "lajur_"
"""Begins every secret, so that one that leaked is known for what it is."""

NOTED_EVERY = timedelta(minutes=1)
"""How often the use of a token is written down at most."""


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as its owner sees it."""

    id: int
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None
    live: bool
    """Whether it can be used now."""


class Bearer(NamedTuple):
    """For whom an application acts by a token, and within which scopes."""

    who: Actor
    scopes: frozenset[str]

    def require(self, scope: str) -> None:
        """Raise NotAllowed where the scope is not among those given."""
        if scope not in self.scopes:
            raise errors.ScopeMissing(scope)


def create(
    session: Session, who: Actor, name: str, scopes: Iterable[str], now: datetime, expires_at: datetime | None = None
) -> tuple[int, str]:
    """A new token of the person's own: its id, and its secret, which nobody can tell again.

    Raises Invalid for a missing name, unknown or no scopes, an end that is past, or beyond MOST; TooLong; NotAllowed
    for scopes that need a right that the person does not have.
    """
    name, wanted = " ".join(name.split()), frozenset(scopes)
    if not name:
        raise errors.Invalid(sentence("Nama token wajib diisi, misalnya nama aplikasi yang memakainya."))
    if len(name) > NAME_LIMIT:
        raise errors.TooLong(sentence("Nama token"), NAME_LIMIT)
    if not wanted or not wanted <= set(SCOPES):
        raise errors.Invalid(sentence("Pilih setidaknya satu izin untuk token ini."))
    for scope in sorted(wanted & RIGHTS.keys()):
        who.require(RIGHTS[scope])
    if expires_at is not None and expires_at <= now:
        raise errors.Invalid(sentence("Masa berlaku token harus berakhir setelah sekarang."))
    live = select(func.count(Token.id)).where(Token.person_id == who.id, Token.revoked_at.is_(None), _lasts(now))
    if session.scalars(live).one() >= MOST:
        raise errors.Invalid(sentence("Anda sudah mempunyai %(most)d token. Cabut yang tidak dipakai lagi.", most=MOST))
    secret = PREFIX + new_secret()
    scoped = wanted | {DEPLOY} if PUBLISH in wanted else wanted
    token = Token(
        person_id=who.id,
        name=name,
        sha256=hash_of(secret),
        scopes=[scope for scope in SCOPES if scope in scoped],
        created_at=now,
        expires_at=expires_at,
    )
    session.add(token)
    session.flush()
    return token.id, secret


def revoke(session: Session, who: Actor, token_id: int, now: datetime) -> None:
    """Make an own token worth nothing from now on; one that is revoked stays as it was. NotFound for others'."""
    token = session.scalar(select(Token).where(Token.id == token_id, Token.person_id == who.id).with_for_update())
    if token is None:
        raise errors.NotFound
    token.revoked_at = token.revoked_at or now
    session.flush()


def own(session: Session, who: Actor, now: datetime) -> tuple[TokenRow, ...]:
    """The person's tokens, newest first; those that are revoked or expired as well."""
    found = session.scalars(select(Token).where(Token.person_id == who.id).order_by(Token.id.desc()))
    return tuple(
        TokenRow(
            token.id,
            token.name,
            tuple(token.scopes),
            token.created_at,
            token.expires_at,
            token.used_at,
            token.revoked_at,
            live=token.revoked_at is None and (token.expires_at is None or token.expires_at > now),
        )
        for token in found
    )


def actor_by_token(session: Session, secret: str, now: datetime) -> Bearer:
    """Whose token this is, as the person is at `now`, and its scopes; only reads. Raises WrongToken."""
    token = session.scalar(
        select(Token).where(Token.sha256 == hash_of(secret), Token.revoked_at.is_(None), _lasts(now))
    )
    if token is None:
        raise errors.WrongToken
    try:
        return Bearer(offices.actor(session, token.person_id, now), frozenset(token.scopes))
    except errors.NotFound as gone:
        raise errors.WrongToken from gone


def unnoted(session: Session, secret: str, now: datetime) -> bool:
    """Whether it is time to write down again that the token is used; only reads."""
    return session.scalar(select(Token.id).where(Token.sha256 == hash_of(secret), _long_unused(now))) is not None


def note_use(session: Session, secret: str, now: datetime) -> None:
    """Write down that the token is used, unless that was done within NOTED_EVERY."""
    session.execute(
        update(Token)
        .where(Token.sha256 == hash_of(secret), _long_unused(now))
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )


def _lasts(now: datetime) -> ColumnElement[bool]:
    return or_(Token.expires_at.is_(None), Token.expires_at > now)


def _long_unused(now: datetime) -> ColumnElement[bool]:
    return or_(Token.used_at.is_(None), Token.used_at <= now - NOTED_EVERY)
