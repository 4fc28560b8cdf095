"""The edge between HTTP and the engine: the only place of the web where transactions begin and end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from flask import Flask, current_app, g
from flask import session as cookie

from bpmn.wording import sentence
from engine import errors, offices
from engine.database import Database, Session
from engine.offices import Actor
from engine.queries import inbox, notices
from engine.store import Store
from web.config import Settings

PERSON = "person"
"""Key of the session cookie: the id of the person who logged in."""


class SessionEnded(Exception):
    """Nobody is logged in, or the person who was is no longer active."""


@dataclass(frozen=True, slots=True)
class Edge:
    """What the application was made with."""

    database: Database
    settings: Settings


class Act(NamedTuple):
    """What a view works with: a session for use cases and queries, who asks, and when."""

    session: Session
    who: Actor
    now: datetime


def install(app: Flask, database: Database, settings: Settings) -> None:
    """Keep the database and the settings with the application."""
    app.extensions["lajur"] = Edge(database, settings)


def here() -> Edge:
    """The edge of the application that answers this request."""
    edge: Edge = current_app.extensions["lajur"]
    return edge


def store() -> Store:
    """Where the bytes of documents are. Raises Invalid where an installation has no place for them."""
    folder = here().settings.documents
    if folder is None:
        raise errors.Invalid(sentence("Tempat menyimpan dokumen belum diatur di Lajur ini."))
    return Store(folder)


@contextmanager
def acting() -> Iterator[Act]:
    """One act in one transaction: all of it lands when the block ends, nothing when it raises."""
    with here().database.transaction() as session:
        yield _act(session)


@contextmanager
def acting_as(person_id: int) -> Iterator[Act]:
    """The same for somebody who is known by what came with the request itself, and not by the cookie."""
    with here().database.transaction() as session:
        now = here().settings.clock()
        yield Act(session, offices.actor(session, person_id, now), now)


@contextmanager
def reading() -> Iterator[Act]:
    """A page's reading, all of it from one moment; nothing is written."""
    with here().database.reading() as session:
        act = _act(session)
        g.counts = inbox.counts(session, act.who)
        g.unread = notices.unread(session, act.who)
        yield act


def _act(session: Session) -> Act:
    now = here().settings.clock()
    if PERSON not in cookie:
        raise SessionEnded
    try:
        g.who = offices.actor(session, cookie[PERSON], now)
    except errors.NotFound as gone:
        raise SessionEnded from gone
    g.now = now
    return Act(session, g.who, now)
