"""Who gets in: the password or a provider of single sign-on says who somebody is; passwords are changed and reset.

What takes long, which is to verify or make a hash, is done by the functions that only read, so that no lock is held.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bpmn.wording import sentence
from engine import errors, letters, log_ins, notices, offices, passwords, throttling
from engine.offices import Actor
from engine.states import LetterKind
from engine.tables import Identity, Office, Person


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who is let in.

    `must_change`: by a password that is good for nothing but choosing another. `rehashed`: what to keep of a password
    that was kept with less work.
    """

    person_id: int
    username: str
    must_change: bool
    rehashed: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """What a person sees of the own account; `providers` are the issuers by which it can be entered."""

    username: str
    email: str
    providers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """From where somebody does something: the browser in words, and the address."""

    browser: str
    address: str


# -- passwords --------------------------------------------------------------------------------------------------------


def check(session: Session, username: str, password: str) -> Known:
    """Whose user name and password these are; only reads. Raises WrongCredentials."""
    person = session.get_one(Person, offices.log_in(session, username, password))
    rehashed = passwords.hashed(password) if passwords.outdated(person.password_hash) else None
    return Known(person.id, person.username, person.must_change, rehashed)


def keep(session: Session, known: Known) -> None:
    """Keep the password of somebody who got in as strongly as new ones are kept."""
    if known.rehashed is not None:
        session.get_one(Person, known.person_id).password_hash = known.rehashed
        session.flush()


def confirm(session: Session, who: Actor, password: str) -> None:
    """Raise WrongPassword unless it is the person's own; only reads."""
    if not passwords.matches(session.get_one(Person, who.id).password_hash, password):
        raise errors.WrongPassword


def chosen(session: Session, person_id: int, password: str, again: str) -> str:
    """What to keep of a new password; only reads. Raises WeakPassword, Invalid where it was not typed twice alike."""
    person = session.get_one(Person, person_id)
    office = session.get_one(Office, person.office_id)
    passwords.require_good(password, (person.username, person.name, office.name))
    if password != again:
        raise errors.Invalid(sentence("Kedua kata sandi baru tidak sama. Ketik kata sandi yang sama dua kali."))
    if passwords.matches(person.password_hash, password):
        raise errors.WeakPassword(sentence("Kata sandi baru harus berbeda dari yang lama."))
    return passwords.hashed(password)


def change_password(session: Session, who: Actor, kept: str, log_in: int, place: Place, now: datetime) -> None:
    """Set the own password, by what `chosen` made of it, after `confirm`. All other log-ins end; a mail tells it."""
    _set(session, session.get_one(Person, who.id), kept, must_change=False)
    log_ins.end_all(session, who.id, but=log_in)
    _tell(session, who.id, LetterKind.CHANGED, place, now)


def give_one_time(session: Session, person: Person, kept: str, now: datetime) -> None:
    """Let somebody in by a password that somebody else knows, and that is good for nothing but choosing another one.

    `kept` is what is kept of it. All log-ins end; a mail tells it.
    """
    _set(session, person, kept, must_change=True)
    log_ins.end_all(session, person.id)
    letters.tell(session, person.id, LetterKind.CHANGED, {}, now)


def ask_reset(session: Session, called: str, now: datetime) -> None:
    """Send a link to a new password to whoever has this user name or e-mail address; the same for nobody.

    An address that several people have leads to nobody, and a user name to its owner, whoever took it as an address.
    """
    called = called.strip().lower()
    named = Person.username == called
    found = session.execute(
        select(Person.id, named.label("named"))
        .where(Person.active, Person.email != "", named | (func.lower(Person.email) == called))
        .order_by(case((named, 0), else_=1))
        .limit(2)
    ).all()
    certain = len(found) == 1 or (found and found[0].named)
    letters.ask_reset(session, found[0].id if certain else None, now)


def of_link(session: Session, secret: str, now: datetime) -> int:
    """The person to whom a link was sent; only reads. Raises LinkExpired."""
    return _or_expired(letters.whose(session, secret, now))


def reset_by_link(session: Session, secret: str, kept: str, place: Place, now: datetime) -> str:
    """Set the password by a link, which is used up; all log-ins end. The user name. Raises LinkExpired."""
    person = session.get_one(Person, _or_expired(letters.redeem(session, secret, now)))
    _set(session, person, kept, must_change=False)
    log_ins.end_all(session, person.id)
    _tell(session, person.id, LetterKind.CHANGED, place, now)
    return person.username


def _or_expired(person_id: int | None) -> int:
    if person_id is None:
        raise errors.LinkExpired
    return person_id


def _set(session: Session, person: Person, kept: str, *, must_change: bool) -> None:
    person.password_hash, person.must_change = kept, must_change
    throttling.pardon(session, person.username)
    letters.use_up(session, person.id)
    session.flush()


def _tell(session: Session, person_id: int, kind: LetterKind, place: Place, now: datetime, **more: str) -> None:
    letters.tell(session, person_id, kind, {"browser": place.browser, "address": place.address, **more}, now)


# -- the account ------------------------------------------------------------------------------------------------------


def account(session: Session, who: Actor) -> Account:
    """The person's own account."""
    person = session.get_one(Person, who.id)
    issuers = session.scalars(select(Identity.issuer).where(Identity.person_id == who.id).order_by(Identity.id))
    return Account(person.username, person.email, tuple(issuers))


def set_address(session: Session, who: Actor, address: str, place: Place, now: datetime) -> None:
    """Change the own e-mail address, after `confirm`; told to the one before. Raises Invalid, TooLong."""
    before = session.get_one(Person, who.id).email
    notices.send_to(session, who, address)
    letters.use_up(session, who.id)
    if before and before != address.strip():
        _tell(session, who.id, LetterKind.ADDRESS, place, now, to=before)


def new_browser(session: Session, person_id: int, place: Place, now: datetime) -> None:
    """Tell somebody by mail of a log-in by a browser in which the person never was."""
    _tell(session, person_id, LetterKind.NEW_BROWSER, place, now)


# -- single sign-on ---------------------------------------------------------------------------------------------------


def by_identity(
    session: Session, issuer: str, subject: str, email: str, provider: str, place: Place, now: datetime
) -> Known:
    """The active person whom a provider calls `subject`. Raises UnknownIdentity.

    The first time it is whoever has the e-mail address that the provider says to have verified (empty where it does
    not), if that is one person and nobody else there is that person yet. Then it is bound for good, whatever becomes
    of the address, and told by mail. Nobody is added.
    """
    person_id = _bound(session, issuer, subject)
    if person_id is None:
        person_id = _bind(session, issuer, subject, email, now)
        _tell(session, person_id, LetterKind.BOUND, place, now, provider=provider)
    person = session.get_one(Person, person_id)
    if not person.active:
        raise errors.UnknownIdentity
    return Known(person.id, person.username, must_change=False)


def unbind(session: Session, who: Actor) -> None:
    """Let nobody enter the own account by single sign-on any more."""
    for identity in session.scalars(select(Identity).where(Identity.person_id == who.id)):
        session.delete(identity)
    session.flush()


def _bind(session: Session, issuer: str, subject: str, email: str, now: datetime) -> int:
    person_id = _of_address(session, issuer, email.strip().lower())
    try:
        with session.begin_nested():
            session.add(Identity(issuer=issuer, subject=subject, person_id=person_id, bound_at=now))
    except IntegrityError as at_once:  # in another window, which has to be the same person
        if _bound(session, issuer, subject) != person_id:
            raise errors.UnknownIdentity from at_once
    return person_id


def _bound(session: Session, issuer: str, subject: str) -> int | None:
    same = (Identity.issuer == issuer, Identity.subject == subject)
    return session.scalar(select(Identity.person_id).where(*same))


def _of_address(session: Session, issuer: str, email: str) -> int:
    found = session.scalars(
        select(Person.id).where(Person.active, Person.email != "", func.lower(Person.email) == email).limit(2)
    ).all()
    if len(found) != 1 or not email:
        raise errors.UnknownIdentity
    taken = select(Identity.id).where(Identity.issuer == issuer, Identity.person_id == found[0])
    if session.scalar(taken) is not None:
        raise errors.UnknownIdentity
    return found[0]
