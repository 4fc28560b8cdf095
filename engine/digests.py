"""The morning's digest on its way: once on each working day of an office to each of its managers who has an address.

As with notices (`engine.outbox`) a digest is taken under a lease, made and sent while no transaction is open, and
settled. It tells how things are when it is made, so that a worker that was down in the morning sends it late on the
same day, and never that of a day before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engine import offices, outbox, workdays
from engine.counting import MOST, counted
from engine.mail import Mail
from engine.offices import Actor
from engine.outbox import ATTEMPTS, FAILURE_LIMIT, FEW, LEASE
from engine.queries import digest
from engine.queries.absences import AwayRow, Unattended
from engine.queries.digest import Figures, Stuck, Vacant
from engine.states import Right
from engine.tables import Digest, Office, Person
from engine.workdays import Calendar, calendar_from

LOOK = timedelta(minutes=1)
"""How often it is looked whether the day has begun in an office."""

KEPT = timedelta(days=30)
"""How long it is remembered that a digest was sent."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The digest of a person that was taken: which attempt this is, and until when it is the taker's alone."""

    person_id: int
    day: date
    address: str
    attempt: int
    until: datetime


def switch(session: Session, who: Actor, *, on: bool) -> None:
    """Send the digest to this manager from now on, or no longer."""
    who.require(Right.MANAGER)
    session.execute(
        update(Person).where(Person.id == who.id).values(digest=on).execution_options(synchronize_session=False)
    )


def begun(session: Session, now: datetime) -> list[tuple[int, date]]:
    """Who is still to be given a digest of today, and which day that is: in offices whose working day has begun."""
    days = _days(session, now)
    if not days:
        return []
    people = session.execute(
        select(Person.id, Person.office_id, Person.rights)
        .where(Person.office_id.in_(days), Person.active, Person.email != "", Person.digest)
        .order_by(Person.id)
    )
    managers = {one.id: days[one.office_id] for one in people if Right.MANAGER in one.rights}
    if not managers:
        return []
    given = session.execute(
        select(Digest.person_id, Digest.day).where(Digest.person_id.in_(managers), Digest.day >= min(days.values()))
    )
    done = {(person, day) for person, day in given}
    return [one for one in managers.items() if one not in done]


def plan(session: Session, now: datetime) -> int:
    """Write down who is to be sent the digest of today; how many. What is long past is forgotten."""
    # The people are locked, so that of two workers the second one finds what the first has written.
    people = [person for person, _day in begun(session, now)]
    session.execute(select(Person.id).where(Person.id.in_(people)).order_by(Person.id).with_for_update(key_share=True))
    wanted = begun(session, now)
    for person, day in wanted:
        session.add(Digest(person_id=person, day=day, attempts=0, send_at=now))
    if wanted:
        session.execute(delete(Digest).where(Digest.day < now.date() - KEPT))
    session.flush()
    return len(wanted)


def due(session: Session) -> datetime | None:
    """When the next digest is to be sent of those that were planned; None where there is none."""
    return session.scalar(select(Digest.send_at).where(Digest.send_at.is_not(None)).order_by(Digest.send_at).limit(1))


def take(session: Session, now: datetime) -> tuple[Taken, ...]:
    """A few digests that are to be sent by now; they are due again after LEASE, if nobody settles them before."""
    found = session.execute(
        select(Digest, Person, Office)
        .join(Person, Person.id == Digest.person_id)
        .join(Office, Office.id == Person.office_id)
        .where(Digest.send_at <= now)
        .order_by(Digest.send_at, Digest.person_id)
        .limit(FEW)
        .with_for_update(of=Digest, skip_locked=True)
    ).all()
    taken = []
    for row, person, office in found:
        today = Calendar(office.timezone).day(now)
        wanted = person.active and person.email and person.digest and Right.MANAGER in person.rights
        if row.day != today or not wanted:
            row.send_at = None
            continue
        row.send_at, row.attempts = now + LEASE, row.attempts + 1
        taken.append(Taken(person.id, row.day, person.email, row.attempts, row.send_at))
    session.flush()
    return tuple(taken)


def written(session: Session, taken: Taken, now: datetime, base_url: str = "") -> Mail:
    """The mail to one manager, with how things are now."""
    who = offices.actor(session, taken.person_id, now)
    found = digest.of_office(session, who, now)
    stuck = f"{counted(found.stuck)} berkas tertahan" if found.stuck else "tidak ada berkas tertahan"
    subject = f"[Lajur] Laporan pagi {outbox.day(taken.day)}: {stuck}"
    return Mail(taken.address, subject, _body(who, found, base_url), f"lajur.pagi.{who.id}.{taken.day:%Y%m%d}")


def settle(session: Session, taken: Taken, failure: str, now: datetime) -> None:
    """Write down how an attempt ended: sent where `failure` is empty, else to be tried again later or given up.

    Nothing is written where the lease ran out and somebody else took it.
    """
    again = now + outbox.wait(taken.attempt) if failure and taken.attempt < ATTEMPTS else None
    session.execute(
        update(Digest)
        .where(
            Digest.person_id == taken.person_id,
            Digest.day == taken.day,
            Digest.attempts == taken.attempt,
            Digest.send_at == taken.until,
        )
        .values(send_at=again, failure=failure[:FAILURE_LIMIT])
        .execution_options(synchronize_session=False)
    )


def _days(session: Session, now: datetime) -> dict[int, date]:
    """The offices in which today is a working day that has begun, each with which day that is there."""
    days = {}
    for office in session.execute(select(Office.id, Office.calendar, Office.timezone)):
        calendar = calendar_from(office.calendar, office.timezone)
        today = calendar.day(now)
        opens = workdays.opening(today, calendar)
        if opens is not None and opens <= now:
            days[office.id] = today
    return days


# -- its words --------------------------------------------------------------------------------------------------------


def _body(who: Actor, found: digest.Digest, base_url: str) -> str:
    """The mail's text: in Indonesian, as all mails are."""
    calendar = who.calendar
    at = outbox.moment(found.at, calendar.timezone)
    text = [f"Yth. {who.name},", "", f"Keadaan berkas di {found.office} pada {at}:", ""]
    text += _table(
        ("Berjalan", f"{counted(found.live)} berkas"),
        ("Tertahan", f"{counted(found.stuck)} berkas"),
        ("Lewat batas waktu", f"{counted(found.overdue)} berkas"),
        ("Ditangguhkan", f"{counted(found.suspended)} berkas"),
    )
    text += _happened(found.now, calendar)
    text += _list("Sebab tertahan", [(f"{title}: {counted(runs)} berkas",) for title, runs in found.causes])
    text += _list("Paling lama menunggu", [_stuck(one, calendar) for one in found.longest], of=found.stuck)
    text += _list("Tidak di tempat hari ini", [(_away(one),) for one in found.away])
    text += _list("Jabatan tanpa pejabat", [_waiting(one) for one in found.vacant])
    text += _list("Semua pejabatnya tidak di tempat, tanpa pengganti", [_waiting(one) for one in found.unattended])
    text += _list("Yang terjadi dengan sendirinya hari ini", [(_timer(one, calendar),) for one in found.timers])
    if base_url:
        base = base_url.rstrip("/")
        text += ["", f"Buka papan : {base}/papan", f"Cetak      : {base}/papan/pagi"]
    text += [
        "",
        "E-mail ini dikirim otomatis oleh Lajur setiap pagi hari kerja; balasannya tidak dibaca.",
        "Untuk berhenti menerimanya, matikan Laporan pagi di halaman Pemberitahuan.",
    ]
    return "\n".join(text) + "\n"


def _happened(figures: Figures, calendar: Calendar) -> list[str]:
    rows = (
        ("Berkas baru", f"{figures.started}"),
        ("Tuntas", f"{figures.finished}"),
        ("Dibatalkan", f"{figures.cancelled}"),
        ("Dikembalikan", f"{figures.returned} kali"),
    )
    return ["", f"Sejak {outbox.moment(figures.since, calendar.timezone)}:", *_table(*rows)]


def _table(*rows: tuple[str, str]) -> list[str]:
    wide = max(len(name) for name, _ in rows)
    return [f"{name:<{wide}} : {what}" for name, what in rows]


def _list(heading: str, items: Sequence[Sequence[str]], of: int = 0) -> list[str]:
    """A heading and under it the lines of each item, and how many more there are; nothing where there are none.

    `of` counts all there are, where these are only some.
    """
    shown = items[: digest.LONGEST]
    lines = [("- " if number == 0 else "  ") + line for item in shown for number, line in enumerate(item)]
    more = max(of, len(items)) - len(shown)
    rest = "  dan masih banyak lagi" if of > MOST else f"  dan {more} lagi"
    return ["", f"{heading}:", *lines, *([rest] if more else [])] if shown else []


def _stuck(one: Stuck, calendar: Calendar) -> list[str]:
    lines = [_line(f"{one.subject} ({one.agenda})" if one.agenda else one.subject), _line(one.sop)]
    if one.steps:
        lines.append(
            "Di tangan: " + "; ".join(f"{step.jabatan}, {step.person or 'belum diambil'}" for step in one.steps)
        )
    lines.append(f"Menunggu sejak {outbox.day(calendar.day(one.since))}")
    return [*lines, "Sebab: " + ", ".join(str(cause) for cause in one.causes)] if one.causes else lines


def _away(one: AwayRow) -> str:
    held = f" ({', '.join(one.jabatan)})" if one.jabatan else ""
    acting = f"digantikan {one.substitute} (Plh.)" if one.substitute else "tanpa pengganti"
    return f"{one.person}{held}, sampai {outbox.day(one.until)}, {acting}"


def _waiting(one: Vacant | Unattended) -> tuple[str]:
    return (f"{one.jabatan}: {one.tasks} tugas menunggu",)


def _timer(one: digest.Timer, calendar: Calendar) -> str:
    clock = f"{one.at.astimezone(ZoneInfo(calendar.timezone)):%H.%M}"
    return f"{clock} {_line(one.title)}" if one.run_id else f"{clock} {one.title} dimulai"


def _line(text: str) -> str:
    """A text that somebody typed, in one line."""
    return " ".join(text.split())
