"""How somebody gets in, by whatever way: attempts are counted, the log is told, and a log-in begins."""

from __future__ import annotations

import logging

from flask import g
from flask import session as cookie

from engine import access, log_ins, throttling
from engine.access import Known, Place
from engine.errors import TooManyAttempts, WrongCredentials, WrongPassword
from engine.throttling import Ticket
from web import browsers, edge, language

log = logging.getLogger("lajur.security")
"""What concerns who gets in: `event` with person, user name as typed and address. Never a password or a token."""


def tell(event: str, *, person: int | None = None, username: str = "", level: int = logging.INFO) -> None:
    """Write an event to the log of security."""
    facts = {"event": event, "person": person, "username": username[:80], "address": browsers.address()}
    told = " ".join(f"{name}={fact!r}" for name, fact in facts.items() if fact not in (None, ""))
    log.log(level, "%s", told, extra={"facts": facts})


def place() -> Place:
    """From where this request comes."""
    return Place(browsers.words(), browsers.address())


def checked(username: str, password: str) -> Known:
    """Whose user name and password these are. Raises WrongCredentials, TooManyAttempts."""
    ticket = _enter(username)
    try:
        with edge.here().database.reading() as session:
            known = access.check(session, username, password)
    except WrongCredentials:
        tell("log-in failed", username=username, level=logging.WARNING)
        raise
    with edge.here().database.transaction() as session:
        throttling.succeeded(session, ticket, edge.here().settings.clock())
        access.keep(session, known)
    return known


def confirm(password: str) -> None:
    """Raise WrongPassword unless it is that of whoever is logged in; TooManyAttempts."""
    with edge.reading() as (session, who, now):
        username = access.account(session, who).username
    ticket = _enter(username)
    try:
        with edge.here().database.reading() as session:
            access.confirm(session, who, password)
    except WrongPassword:
        tell("password not confirmed", person=who.id, level=logging.WARNING)
        raise
    with edge.here().database.transaction() as session:
        throttling.succeeded(session, ticket, now)


def begin(who: Known, way: str) -> None:
    """Log somebody in, in this browser: a session of its own, so that one planted beforehand is worth nothing."""
    now = edge.here().settings.clock()
    known = browsers.known(who.username)
    with edge.here().database.transaction() as session:
        if edge.TOKEN in cookie:
            log_ins.end_token(session, cookie[edge.TOKEN])
        token = log_ins.begin(session, who.person_id, browsers.words(), browsers.address(), now)
        if not known:
            access.new_browser(session, who.person_id, place(), now)
    forget()
    cookie[edge.TOKEN] = token
    cookie.permanent = True
    browsers.remember(who.username)
    tell(f"log-in by {way}", person=who.person_id, username=who.username)


def end() -> None:
    """Log out in this browser."""
    with edge.here().database.transaction() as session:
        log_ins.end_token(session, cookie.get(edge.TOKEN, ""))
    forget()


def forget() -> None:
    """Empty the session cookie of everything but the language."""
    chosen = cookie.get(language.COOKIE)
    cookie.clear()
    g.pop("csrf_token", None)  # of the session that was
    if chosen is not None:
        cookie[language.COOKIE] = chosen


def _enter(username: str) -> Ticket:
    try:
        with edge.here().database.transaction() as session:
            now = edge.here().settings.clock()
            return throttling.enter(session, username, browsers.address(), browsers.known(username), now)
    except TooManyAttempts:
        tell("attempt not taken", username=username, level=logging.WARNING)
        raise
