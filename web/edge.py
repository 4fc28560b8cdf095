"""The edge between HTTP and the engine: the only place of the web where transactions begin and end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from flask import Flask, Response, current_app, g, request
from flask import session as cookie

from bpmn.wording import sentence
from engine import errors, log_ins, offices
from engine.database import Database, Session
from engine.offices import Actor
from engine.queries import inbox
from engine.store import Store
from web import forms
from web.config import Settings

TOKEN = "masuk"  # noqa: S105 - the name of a key
"""Key of the session cookie: the token of the log-in, by which the server finds whose it is."""

BEFORE_CHANGE = frozenset({"account.first_password", "account.change_password", "auth.token"})
"""The endpoints for somebody who has to choose a password before anything else."""


class SessionEnded(Exception):
    """Nobody is logged in here any more, or the person who was is no longer active."""


class MustChange(Exception):
    """Whoever is logged in has to choose a password first."""


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
    app.after_request(_note)


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
        yield _act_as(session, person_id)


@contextmanager
def reading_as(person_id: int) -> Iterator[Act]:
    """The same for reading: all of it from one moment; nothing is written."""
    with here().database.reading() as session:
        yield _act_as(session, person_id)


@contextmanager
def reading() -> Iterator[Act]:
    """A page's reading, all of it from one moment; nothing is written."""
    with here().database.reading() as session:
        act = _act(session)
        g.counts = inbox.counts(session, act.who)
        yield act


def person() -> int | None:
    """The id of whoever is logged in in this browser; None where nobody is."""
    if TOKEN not in cookie:
        return None
    with here().database.reading() as session:
        try:
            return log_ins.live(session, cookie[TOKEN], here().settings.clock()).person_id
        except errors.NotFound:
            return None


def _act_as(session: Session, person_id: int) -> Act:
    g.now = here().settings.clock()
    g.who = offices.actor(session, person_id, g.now)
    return Act(session, g.who, g.now)


def _act(session: Session) -> Act:
    now = here().settings.clock()
    if TOKEN not in cookie:
        raise SessionEnded
    try:
        g.log_in = log_ins.live(session, cookie[TOKEN], now)
        g.who = offices.actor(session, g.log_in.person_id, now)
    except errors.NotFound as gone:
        raise SessionEnded from gone
    if g.log_in.must_change and request.endpoint not in BEFORE_CHANGE:
        raise MustChange
    g.now = now
    return Act(session, g.who, now)


def _note(response: Response) -> Response:
    """Write down now and then that somebody is at work; a page that refreshes itself is nobody."""
    if "now" in g and "log_in" in g and log_ins.is_unnoted(g.log_in, g.now) and not forms.refreshing():
        with here().database.transaction() as session:
            log_ins.note(session, g.log_in, g.now)
    return response
