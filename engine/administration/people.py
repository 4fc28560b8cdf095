"""The people of an office: added, changed, given rights and new one-time passwords, active again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bpmn.wording import sentence
from engine import errors, mail, passwords
from engine.administration import one_time, record
from engine.administration.one_time import Issued, OneTime
from engine.administration.record import Kind
from engine.offices import Actor
from engine.states import Right
from engine.tables import Person

NAME_LIMIT = 200
EMAIL_LIMIT = 200
"""Characters."""

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,79}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody as typed; the e-mail address may be empty."""

    name: str
    username: str
    email: str = ""
    rights: frozenset[Right] = frozenset()


def add(session: Session, who: Actor, entry: Entry, now: datetime, ready: Iterable[OneTime] = ()) -> Issued:
    """Somebody new, with a one-time password: the next of those that are `ready`, else a new one.

    Raises Invalid, TooLong, Conflict for a user name that is taken.
    """
    record.own(session, who)
    return create(session, who, who.office_id, entry, now, ready)


def create(
    session: Session,
    who: Actor | None,
    office_id: int,
    entry: Entry,
    now: datetime,
    ready: Iterable[OneTime] = (),
    chosen: str | None = None,
) -> Issued:
    """The same in any office, for whoever runs the installation. A password that was chosen is no one-time password."""
    entry = checked(entry)
    _require_untaken(session, entry.username, None)
    secret = next(one_time.several(ready)) if chosen is None else OneTime("", passwords.hashed(chosen))
    person = Person(
        office_id=office_id,
        username=entry.username,
        name=entry.name,
        email=entry.email,
        password_hash=secret.hash,
        must_change=chosen is None,
        rights=sorted(entry.rights),
        active=True,
    )
    try:
        with session.begin_nested():
            session.add(person)
    except IntegrityError as taken:  # by another office at the same moment
        raise _taken(entry.username) from taken
    fields = [("username", "", entry.username), ("email", "", entry.email), ("rights", "", entry.rights)]
    record.note(session, who, office_id, Kind.PERSON_ADD, entry.name, fields, now)
    return one_time.told(person, secret)


def change(session: Session, who: Actor, person_id: int, entry: Entry, now: datetime) -> bool:
    """Set name, user name, e-mail and rights; whether anything changed.

    Raises NotFound, Invalid, TooLong, Conflict for a user name that is taken or where no administrator would be left.
    """
    person, entry = own(session, who, person_id), checked(entry)
    fields: list[record.Field] = [
        ("name", person.name, entry.name),
        ("username", person.username, entry.username),
        ("email", person.email, entry.email),
        ("rights", person.rights, entry.rights),
    ]
    if all(record.words(old) == record.words(new) for _, old, new in fields):
        return False
    _require_untaken(session, entry.username, person_id)
    if Right.ADMINISTRATOR not in entry.rights:
        require_another_administrator(session, person)
    try:
        with session.begin_nested():
            person.name, person.username, person.email = entry.name, entry.username, entry.email
            person.rights = sorted(entry.rights)
            session.flush()
    except IntegrityError as taken:
        raise _taken(entry.username) from taken
    record.note(session, who, who.office_id, Kind.PERSON, entry.name, fields, now)
    return True


def new_password(session: Session, who: Actor, person_id: int, now: datetime) -> Issued:
    """Give somebody active of the office a one-time password in the place of the own one.

    Raises NotFound, Conflict, Invalid for oneself, who has to give the old password.
    """
    person = own(session, who, person_id)
    if person_id == who.id:
        raise errors.Invalid(sentence("Ganti kata sandi Anda sendiri di halaman Akun."))
    return replace_password(session, who, person, now)


def replace_password(session: Session, who: Actor | None, person: Person, now: datetime) -> Issued:
    """The same for anybody, for whoever runs the installation."""
    if not person.active:
        raise errors.Conflict(sentence("%(who)s sudah nonaktif; aktifkan dahulu.", who=person.name))
    issued = one_time.give(session, person, one_time.make(), now)
    record.note(session, who, person.office_id, Kind.PASSWORD, person.name, [], now)
    return issued


def reactivate(session: Session, who: Actor, person_id: int, now: datetime) -> Issued:
    """Let somebody log in again, by a one-time password; jabatan are not given back. Raises NotFound, Conflict."""
    person = own(session, who, person_id)
    if person.active:
        raise errors.Conflict(sentence("%(who)s sudah aktif.", who=person.name))
    person.active = True
    issued = one_time.give(session, person, one_time.make(), now)
    record.note(session, who, who.office_id, Kind.REACTIVATE, person.name, [], now)
    return issued


def own(session: Session, who: Actor, person_id: int) -> Person:
    """Somebody of the person's office, which is locked. Raises NotAllowed, NotFound."""
    record.own(session, who)
    person = session.get(Person, person_id, populate_existing=True)
    if person is None or person.office_id != who.office_id:
        raise errors.NotFound
    return person


def require_another_administrator(session: Session, person: Person) -> None:
    """Raise Conflict where an office would be left without an active administrator. Its row has to be locked."""
    if not person.active or Right.ADMINISTRATOR not in person.rights:
        return
    others = session.scalars(
        select(Person.rights).where(Person.office_id == person.office_id, Person.active, Person.id != person.id)
    )
    if not any(Right.ADMINISTRATOR in rights for rights in others):
        raise errors.Conflict(
            sentence(
                "%(who)s satu-satunya administrator kantor ini. Beri hak administrator kepada pegawai lain dahulu.",
                who=person.name,
            )
        )


def rights(person: Person) -> frozenset[Right]:
    """The rights of somebody."""
    return frozenset(Right(right) for right in person.rights)


def checked(entry: Entry) -> Entry:
    """An entry as it is kept. Raises Invalid, TooLong."""
    missing = sentence("Nama pegawai wajib diisi.")
    name = record.line(sentence("Nama pegawai"), entry.name, NAME_LIMIT, missing)
    username = entry.username.strip().lower()
    if not _USERNAME.fullmatch(username):
        raise errors.Invalid(
            sentence(
                "Nama pengguna harus 2 sampai 80 karakter: huruf, angka, titik, garis, atau @, tanpa spasi;"
                " misalnya NIP."
            )
        )
    email = entry.email.strip()
    if email and (len(email) > EMAIL_LIMIT or not mail.is_address(email)):
        raise errors.Invalid(sentence("“%(email)s” bukan alamat e-mail yang dapat dipakai.", email=email[:80]))
    return Entry(name, username, email, frozenset(entry.rights))


def _require_untaken(session: Session, username: str, itself: int | None) -> None:
    owner = session.scalar(select(Person.id).where(Person.username == username))
    if owner is not None and owner != itself:
        raise _taken(username)


def _taken(username: str) -> errors.Conflict:
    return errors.Conflict(sentence("Nama pengguna “%(name)s” sudah dipakai; pilih yang lain.", name=username))
