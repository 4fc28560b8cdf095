"""People from a list: what it would change is found out by doing it and taking it back, then done in one transaction.

A row is a person, and a jabatan that the person holds; somebody with two jabatan has two rows. An empty cell changes
nothing. A row that is refused keeps no other row back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from itertools import repeat

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn.errors import Refusal
from bpmn.wording import Sentence, sentence
from engine import errors, offices, submissions
from engine.administration import holdings, jabatan, people, record, sheets
from engine.administration.holdings import Term
from engine.administration.one_time import Issued, OneTime
from engine.administration.people import Entry
from engine.administration.record import Kind
from engine.administration.sheets import Line, Sheet
from engine.offices import Actor
from engine.states import Capacity
from engine.tables import Jabatan, Person

MOST_NEW = 250
"""New people of one list: to hash the password of each takes a good part of a tenth of a second."""

_UNMADE = OneTime("", "!")
"""Stands for a password while nothing is done yet; no password has this hash."""


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Row:
    """What becomes of a row: `fields` tell what changes from what to what; `refused` why nothing does."""

    number: int
    name: str
    username: str
    fate: Fate
    fields: tuple[tuple[str, str, str], ...] = ()
    refused: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a list changes, row by row; `made` are jabatan that the office does not have yet."""

    rows: tuple[Row, ...]
    made: tuple[str, ...]
    unknown: tuple[str, ...]
    mark: str
    people: int
    """How many people are new; somebody new may have several rows."""

    def count(self, fate: Fate) -> int:
        """How many rows have this fate."""
        return sum(row.fate == fate for row in self.rows)


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done: so many rows, and the one-time passwords of new people; none where it was done before."""

    rows: int
    issued: tuple[Issued, ...]


def preview(session: Session, who: Actor, content: bytes, now: datetime) -> Preview:
    """What `apply` would do now; nothing is written. Raises NotAllowed, Invalid for what is no list of people."""
    record.own(session, who)
    sheet = sheets.read(content)
    tried = session.begin_nested()
    try:
        return _Doing(session, who, now, repeat(_UNMADE)).all(sheet)
    finally:
        tried.rollback()
        session.expire_all()


def apply(
    session: Session,
    who: Actor,
    content: bytes,
    shown: str,
    key: str | None,
    now: datetime,
    ready: Iterable[OneTime] = (),
) -> Applied:
    """Do what was shown. Sent twice with the same key, it is done once.

    `shown` is the mark of the preview: OutcomeChanged where something else would happen by now. `ready` are one-time
    passwords made before the transaction began. Raises what `preview` does, Invalid where there is nothing to do.
    """
    record.own(session, who)
    sheet = sheets.read(content)
    doing = _Doing(session, who, now, ready)

    def act() -> int:
        done = doing.all(sheet)
        if done.mark != shown:
            raise errors.OutcomeChanged
        count = done.count(Fate.NEW) + done.count(Fate.CHANGED)
        if not count:
            raise errors.Invalid(sentence("Tidak ada yang perlu diubah menurut daftar ini."))
        fields: list[record.Field] = [("new", "", done.count(Fate.NEW)), ("changed", "", done.count(Fate.CHANGED))]
        record.note(session, who, who.office_id, Kind.IMPORT, "", fields, now)
        return count

    asked = f"import {sha256(content).hexdigest()} {shown}"
    return Applied(submissions.once(session, who, key, asked, act, now), tuple(doing.issued))


class _Doing:
    """One pass over a list."""

    def __init__(self, session: Session, who: Actor, now: datetime, ready: Iterable[OneTime]) -> None:
        self.session, self.who, self.now, self.ready = session, who, now, iter(ready)
        self.issued: list[Issued] = []
        self.made: dict[str, None] = {}

    def all(self, sheet: Sheet) -> Preview:
        """Do each row as far as it can be done. Raises Invalid for more than MOST_NEW new people."""
        rows = tuple(self._row(line) for line in sheet.lines)
        if len(self.issued) > MOST_NEW:
            raise errors.Invalid(
                sentence("Paling banyak %(most)d pegawai baru sekaligus; bagi daftarnya.", most=MOST_NEW)
            )
        made = tuple(self.made)
        mark = sha256(repr((rows, made)).encode("utf-8", "replace")).hexdigest()[:24]
        return Preview(rows, made, sheet.unknown, mark, len(self.issued))

    def _row(self, line: Line) -> Row:
        issued, made = len(self.issued), dict(self.made)
        username = line["nama pengguna"].lower()
        try:
            with self.session.begin_nested():
                return self._done(line, username)
        except Refusal as refused:
            del self.issued[issued:]
            self.made = made
            return Row(line.number, line["nama"], username, Fate.REFUSED, refused=refused.sentence)

    def _done(self, line: Line, username: str) -> Row:
        person = self.session.scalar(
            select(Person).where(Person.username == username, Person.office_id == self.who.office_id)
        )
        if person is None:
            fate, fields = Fate.NEW, self._add(line, username)
            person_id, name = self.issued[-1].person_id, self.issued[-1].name
        else:
            fate, fields = Fate.CHANGED, self._change(line, person)
            person_id, name = person.id, person.name
        fields += self._hold(line, person_id)
        if not fields:
            fate = Fate.SAME
        return Row(line.number, name, username, fate, tuple(fields))

    def _add(self, line: Line, username: str) -> list[tuple[str, str, str]]:
        entry = Entry(line["nama"], username, line["surel"], sheets.rights(line["hak"]) or frozenset())
        self.issued.append(people.create(self.session, self.who, self.who.office_id, entry, self.now, self.ready))
        told = (("email", entry.email), ("rights", record.words(entry.rights)))
        return [("username", "", username), *((name, "", text) for name, text in told if text)]

    def _change(self, line: Line, person: Person) -> list[tuple[str, str, str]]:
        if not person.active:
            raise errors.Conflict(sentence("%(who)s sudah nonaktif; aktifkan dahulu.", who=person.name))
        wanted = sheets.rights(line["hak"])
        rights = people.rights(person) if wanted is None else wanted
        entry = people.checked(
            Entry(line["nama"] or person.name, person.username, line["surel"] or person.email, rights)
        )
        before = {"name": person.name, "email": person.email, "rights": record.words(person.rights)}
        after = {"name": entry.name, "email": entry.email, "rights": record.words(entry.rights)}
        people.change(self.session, self.who, person.id, entry, self.now)
        return [(name, before[name], after[name]) for name in before if before[name] != after[name]]

    def _hold(self, line: Line, person_id: int) -> list[tuple[str, str, str]]:
        """The jabatan of a row: begun, changed, or as it was."""
        capacity = sheets.capacity(line["status"])
        since, until = sheets.day(line["sejak"]), sheets.day(line["sampai"])
        if not line["jabatan"]:
            if capacity or since or until:
                raise errors.Invalid(sentence("Kolom jabatan belum diisi."))
            return []
        jabatan_id, name = self._jabatan(line["jabatan"])
        today = self.who.calendar.day(self.now)
        wanted = Term(capacity or Capacity.DEFINITIF, since or today, until)
        held = holdings.overlapping(self.session, person_id, jabatan_id, wanted, None)
        if held is None:
            holdings.begin(self.session, self.who, jabatan_id, person_id, wanted, self.now)
            return [("jabatan", "", name), *_told(None, wanted)]
        before = Term(held.capacity, held.since, held.until)
        after = Term(capacity or held.capacity, since or held.since, until or held.until)
        if before == after:
            return []
        holdings.change(self.session, self.who, held.id, after, self.now)
        return [("jabatan", name, name), *_told(before, after)]

    def _jabatan(self, name: str) -> tuple[int, str]:
        known = offices.jabatan_for(self.session, self.who.office_id, " ".join(name.split()))
        if known is None:
            known = jabatan.add(self.session, self.who, name, None, self.now)
            self.made[self.session.get_one(Jabatan, known).name] = None
        return known, self.session.get_one(Jabatan, known).name


def _told(before: Term | None, after: Term) -> list[tuple[str, str, str]]:
    """What changes of a term, in words."""
    names = ("capacity", "since", "until")
    old = (before.capacity, before.since, before.until) if before else (None, None, None)
    new = (after.capacity, after.since, after.until)
    told = [(name, record.words(one), record.words(other)) for name, one, other in zip(names, old, new, strict=True)]
    return [one for one in told if one[1] != one[2]]
