"""The way of notices to mailboxes: taken, sent while no transaction is open, and settled, each in its own transaction.

So a mail server that hangs never holds a lock. A notice that is taken is due again after LEASE; whoever dies while
sending has it sent once more: every mail is sent at least once, and its Message-ID lets mailboxes see that it is the
same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.mail import Mail
from engine.states import NoticeKind
from engine.tables import Definition, Notice, Office, Person, Run, Task, Version

FEW = 5
"""Notices taken at once: so many are sent again, at most, by a worker that dies."""

LEASE = timedelta(minutes=15)
"""When a notice is due again that was taken: longer than a few mails take to a server that hardly answers."""

ATTEMPTS = 12
"""After so many a notice is given up."""

LONGEST_WAIT = timedelta(hours=6)

STALE = timedelta(days=3)
"""A notice older than this is sent to nobody: it stands in the list on the screen."""

FAILURE_LIMIT = 500
"""Characters that are kept of why an attempt failed."""

HEADLINES = {
    NoticeKind.NEW: "Tugas baru",
    NoticeKind.RETURNED: "Dikembalikan kepada Anda",
    NoticeKind.NEAR: "Mendekati batas waktu",
    NoticeKind.OVER: "Terlambat",
    NoticeKind.REMINDER: "Pengingat",
}

EXPLAINED = {
    NoticeKind.NEW: "Ada tugas untuk jabatan Anda di %(office)s. Buka tugasnya untuk melihat dan mengerjakannya.",
    NoticeKind.RETURNED: "Berkas di %(office)s dikembalikan kepada Anda untuk diperbaiki; tugasnya di Tugas Saya.",
    NoticeKind.NEAR: "Batas waktu tugas di %(office)s ini sudah dekat. Mohon segera diselesaikan.",
    NoticeKind.OVER: "Tugas di %(office)s ini melewati batas waktunya. Mohon segera diselesaikan.",
    NoticeKind.REMINDER: "Anda diingatkan tentang tugas di %(office)s ini.",
}
"""What a mail begins with."""

GIVEN = {
    "given_by": "Tugas di %(office)s ini dilimpahkan kepada Anda. Tugasnya sudah di Tugas Saya.",
    "instead_of": "Tugas di %(office)s ini beralih kepada Anda sebagai pengganti. Tugasnya sudah di Tugas Saya.",
}
"""The same, for a task that somebody else had before: by the fact that tells it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice that was taken: its mail, which attempt this is, and until when it is the taker's alone."""

    notice_id: int
    attempt: int
    until: datetime
    mail: Mail


def due(session: Session) -> datetime | None:
    """When the next notice is to be sent; None where there is none."""
    return session.scalar(select(Notice.send_at).where(Notice.send_at.is_not(None)).order_by(Notice.send_at).limit(1))


def take(session: Session, now: datetime, base_url: str = "", limit: int = FEW) -> tuple[Letter, ...]:
    """Take at most `limit` notices that are to be sent by `now`, oldest first, with their mails.

    Other workers leave them alone for LEASE. Stale ones, and those whose person has no mailbox any more, are dropped.
    """
    found = session.execute(
        select(Notice, Person, Run.subject, Definition.title, Task.name, Task.due_at, Office)
        .join(Person, Person.id == Notice.person_id)
        .join(Office, Office.id == Person.office_id)
        .join(Run, Run.id == Notice.run_id)
        .join(Version, Version.id == Run.version_id)
        .join(Definition, Definition.id == Version.definition_id)
        .outerjoin(Task, Task.id == Notice.task_id)
        .where(Notice.send_at <= now)
        .order_by(Notice.send_at, Notice.id)
        .limit(limit)
        .with_for_update(of=Notice, skip_locked=True)
    ).all()
    letters = []
    for notice, person, subject, sop, step, due_at, office in found:
        if notice.at < now - STALE or not person.active or not person.email:
            notice.send_at = None
            continue
        notice.send_at, notice.attempts = now + LEASE, notice.attempts + 1
        told = _Told(notice, person, office, sop, subject, step, due_at)
        mail = Mail(person.email, _subject(told), _body(told, base_url), _key(notice))
        letters.append(Letter(notice.id, notice.attempts, notice.send_at, mail))
    session.flush()
    return tuple(letters)


def settle(session: Session, letter: Letter, failure: str, now: datetime) -> None:
    """Write down how an attempt ended: sent where `failure` is empty, else to be tried again later or given up.

    Nothing is written where the lease ran out and somebody else took the notice.
    """
    again = now + wait(letter.attempt) if failure and letter.attempt < ATTEMPTS else None
    session.execute(
        update(Notice)
        .where(Notice.id == letter.notice_id, Notice.attempts == letter.attempt, Notice.send_at == letter.until)
        .values(send_at=again, failure=failure[:FAILURE_LIMIT])
        .execution_options(synchronize_session=False)
    )


def wait(attempt: int) -> timedelta:
    """How long after a failed attempt, counted from 1, the next one is made: 1, 2, 4 ... minutes, at most 6 h."""
    return min(timedelta(minutes=2 ** (attempt - 1)), LONGEST_WAIT)


@dataclass(frozen=True, slots=True)
class _Told:
    """What a mail is made of."""

    notice: Notice
    person: Person
    office: Office
    sop: str
    subject: str
    step: str | None
    due_at: datetime | None


def _key(notice: Notice) -> str:
    return f"lajur.{notice.id}.{int(notice.at.timestamp())}"


def _subject(told: _Told) -> str:
    return f"[Lajur] {HEADLINES[told.notice.kind]}: {told.step or told.subject}"


def _body(told: _Told, base_url: str) -> str:
    facts = told.notice.facts
    lines = {
        "Langkah": told.step,
        "SOP": told.sop,
        "Perihal": told.subject,
        "Batas waktu": moment(told.due_at, told.office.timezone) if told.due_at else None,
        "Alasan": facts.get("reason"),
        "Dari": facts.get("given_by") or facts.get("by"),
        "Catatan": facts.get("note"),
        "Menggantikan": facts.get("instead_of"),
    }
    wide = max(len(name) for name in lines)
    text = [f"Yth. {told.person.name},", "", _explained(told), ""]
    text += [f"{name:<{wide}} : {_indented(str(what), wide + 3)}" for name, what in lines.items() if what]
    if base_url:
        page = f"tugas/{told.notice.task_id}" if told.notice.task_id else f"berkas/{told.notice.run_id}"
        text += ["", f"Buka: {base_url.rstrip('/')}/{page}"]
    text += [
        "",
        "E-mail ini dikirim otomatis oleh Lajur; balasannya tidak dibaca.",
        "Untuk berhenti menerimanya, kosongkan alamat e-mail Anda di halaman Pemberitahuan.",
    ]
    return "\n".join(text) + "\n"


def _explained(told: _Told) -> str:
    given = next((text for fact, text in GIVEN.items() if fact in told.notice.facts), None)
    return (given or EXPLAINED[told.notice.kind]) % {"office": told.office.name}


def _indented(text: str, width: int) -> str:
    return f"\n{' ' * width}".join(text.splitlines())


MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip

WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")


def moment(at: datetime, timezone: str) -> str:
    """`Senin, 23 November 2026, 09.00 WIB`."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{day(local.date())}, {local:%H.%M} {local.tzname()}"


def day(when: date) -> str:
    """`Senin, 23 November 2026`."""
    return f"{WEEKDAYS[when.weekday()]}, {when.day} {MONTHS[when.month - 1]} {when.year}"
