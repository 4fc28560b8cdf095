"""The jabatan of an office: added, renamed, ranked, known by other names, removed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bpmn import jabatan as positions
from bpmn.wording import Sentence, sentence
from engine import errors, offices
from engine.administration import record
from engine.administration.record import Kind
from engine.offices import Actor
from engine.tables import Definition, History, Holding, Jabatan, JabatanAlias, StepTally, Task, Version

HIGHEST = 100
"""The greatest rank."""


def add(session: Session, who: Actor, name: str, rank: int | None, now: datetime) -> int:
    """A new jabatan; without a rank it has the one that its name tells. Its id. Raises Invalid, TooLong, Conflict."""
    record.own(session, who)
    name = _checked(name)
    _require_new(session, who.office_id, name, None)
    jabatan = Jabatan(office_id=who.office_id, name=name, rank=positions.rank(name) if rank is None else _rank(rank))
    try:
        with session.begin_nested():
            session.add(jabatan)
    except IntegrityError as taken:  # made by an analyst who published at the same moment
        raise _exists(name) from taken
    record.note(session, who, who.office_id, Kind.JABATAN_ADD, name, [("rank", "", jabatan.rank)], now)
    return jabatan.id


def change(session: Session, who: Actor, jabatan_id: int, name: str, rank: int, now: datetime) -> None:
    """Set name and rank. The old name goes on meaning it, so that diagrams that have it still find it.

    Raises NotFound, Invalid, TooLong, Conflict for the name of another.
    """
    jabatan = own(session, who, jabatan_id)
    name, rank = _checked(name), _rank(rank)
    old = jabatan.name
    fields: list[record.Field] = [("name", old, name), ("rank", jabatan.rank, rank)]
    if all(before == after for _, before, after in fields):
        return
    _require_new(session, who.office_id, name, jabatan_id)
    try:
        with session.begin_nested():
            jabatan.name, jabatan.rank = name, rank
            session.flush()
    except IntegrityError as taken:
        raise _exists(name) from taken
    if folded(old) != folded(name):
        offices.add_alias(session, who.office_id, old, jabatan_id)
    record.note(session, who, who.office_id, Kind.JABATAN, name, fields, now)


def remove(session: Session, who: Actor, jabatan_id: int, now: datetime) -> None:
    """Remove a jabatan that nothing refers to, with its other names. Raises NotFound, Conflict that says what does."""
    jabatan = own(session, who, jabatan_id)
    why = bound(session, who, jabatan_id)
    if why is not None:
        raise errors.Conflict(why)
    for alias in session.scalars(select(JabatanAlias).where(JabatanAlias.jabatan_id == jabatan_id)):
        session.delete(alias)
    session.flush()
    session.delete(jabatan)
    record.note(session, who, who.office_id, Kind.JABATAN_REMOVE, jabatan.name, [], now)


def bound(session: Session, who: Actor, jabatan_id: int) -> Sentence | None:
    """Why a jabatan of the office cannot be removed; None where it can."""
    holders = session.scalars(select(func.count()).where(Holding.jabatan_id == jabatan_id)).one()
    if holders:
        return sentence(
            "Jabatan ini tidak dapat dihapus karena tercatat %(count)d kali dipangku pegawai.", count=holders
        )
    for lanes, starters, title in session.execute(
        select(Version.lanes, Version.starters, Definition.title)
        .join(Definition, Definition.id == Version.definition_id)
        .where(Definition.office_id == who.office_id)
        .order_by(Definition.id)
    ):
        if jabatan_id in lanes.values() or jabatan_id in starters:
            return sentence("Jabatan ini tidak dapat dihapus karena menjadi lajur pada SOP “%(sop)s”.", sop=title)
    for table in (Task, History, StepTally):
        if session.scalar(select(table.jabatan_id).where(table.jabatan_id == jabatan_id).limit(1)) is not None:
            return sentence("Jabatan ini tidak dapat dihapus karena ada tugas atau riwayat berkas atas namanya.")
    return None


def add_alias(session: Session, who: Actor, jabatan_id: int, name: str, now: datetime) -> None:
    """Let another name mean a jabatan. Raises NotFound, Invalid, TooLong, Conflict where it means another one."""
    jabatan = own(session, who, jabatan_id)
    name = _checked(name)
    if folded(name) == folded(jabatan.name):
        raise errors.Invalid(sentence("Nama lain harus berbeda dari nama jabatannya."))
    _require_unused(session, who.office_id, name, jabatan_id)
    offices.add_alias(session, who.office_id, name, jabatan_id)
    record.note(session, who, who.office_id, Kind.JABATAN, jabatan.name, [("alias", "", name)], now)


def remove_alias(session: Session, who: Actor, jabatan_id: int, alias_id: int, now: datetime) -> None:
    """Take another name away from a jabatan. Raises NotFound."""
    jabatan = own(session, who, jabatan_id)
    alias = session.get(JabatanAlias, alias_id)
    if alias is None or alias.jabatan_id != jabatan_id:
        raise errors.NotFound
    name = alias.name
    session.delete(alias)
    record.note(session, who, who.office_id, Kind.JABATAN, jabatan.name, [("alias", name, "")], now)


def own(session: Session, who: Actor, jabatan_id: int) -> Jabatan:
    """A jabatan of the person's office, which is locked. Raises NotAllowed, NotFound."""
    record.own(session, who)
    jabatan = session.get(Jabatan, jabatan_id)
    if jabatan is None or jabatan.office_id != who.office_id:
        raise errors.NotFound
    return jabatan


def folded(name: str) -> str:
    """A name as names are compared: without regard to capitals and blanks."""
    return " ".join(name.casefold().split())


def _require_new(session: Session, office_id: int, name: str, itself: int | None) -> None:
    """Raise Conflict where the name, or another spelling of it, is that of another jabatan."""
    _require_unused(session, office_id, name, itself)
    for jabatan_id, own_name in offices.names(session, office_id):
        if jabatan_id != itself and positions.same(own_name, name):
            raise errors.Conflict(
                sentence(
                    "“%(name)s” adalah penulisan lain dari jabatan “%(own)s”, yang sudah ada."
                    " Tambahkan sebagai nama lain jabatan itu.",
                    name=name,
                    own=own_name,
                )
            )


def _require_unused(session: Session, office_id: int, name: str, itself: int | None) -> None:
    """Raise Conflict where another jabatan has this very name, or it as another name."""
    for jabatan_id, own_name in offices.names(session, office_id):
        if jabatan_id != itself and folded(own_name) == folded(name):
            raise _exists(own_name)
    owner = session.scalar(
        select(Jabatan)
        .join(JabatanAlias, JabatanAlias.jabatan_id == Jabatan.id)
        .where(JabatanAlias.office_id == office_id, JabatanAlias.name == folded(name))
    )
    if owner is not None and owner.id != itself:
        raise errors.Conflict(
            sentence("“%(name)s” sudah menjadi nama lain jabatan “%(own)s”.", name=name, own=owner.name)
        )


def _exists(name: str) -> errors.Conflict:
    return errors.Conflict(sentence("Jabatan “%(name)s” sudah ada.", name=name))


def _checked(name: str) -> str:
    missing = sentence("Nama jabatan wajib diisi, misalnya Sekretaris Kecamatan.")
    return record.line(sentence("Nama jabatan"), name, offices.NAME_LIMIT, missing)


def _rank(rank: int) -> int:
    if not 0 <= rank <= HIGHEST:
        raise errors.Invalid(sentence("Tingkat jabatan harus bilangan bulat dari 0 sampai %(most)d.", most=HIGHEST))
    return rank
