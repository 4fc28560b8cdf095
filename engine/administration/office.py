"""An office: its name, time zone, working hours, and own days off and working days."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bpmn.wording import Sentence, sentence
from engine import errors, offices, stuck
from engine.administration import record
from engine.administration.record import Kind
from engine.offices import Actor
from engine.tables import Office
from engine.workdays import RAMADAN_WEEK, WEEK, Week, calendar_from

NAME_LIMIT = 200
"""Characters of the name of an office."""

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
"""Those of Indonesia: WIB, WITA, WIT."""

DAYS = (
    sentence("Senin"),
    sentence("Selasa"),
    sentence("Rabu"),
    sentence("Kamis"),
    sentence("Jumat"),
    sentence("Sabtu"),
    sentence("Minggu"),
)

FURTHEST = timedelta(days=3660)
"""So far from today an own day may lie."""

_SPAN = re.compile(r"(\d{1,2})[.:](\d{2})\s*(?:-|\N{EN DASH}|\N{EM DASH}|s\.?/?d\.?|sampai)\s*(\d{1,2})[.:](\d{2})")


def describe(session: Session, who: Actor, name: str, timezone: str, now: datetime) -> None:
    """Set name and time zone. Due dates that are set stay; what makes a run stuck is worked out anew.

    Raises Invalid, TooLong, Conflict for the name of another office.
    """
    office = record.own(session, who)
    name, timezone = checked_name(name), checked_zone(timezone)
    fields = [("name", office.name, name), ("timezone", office.timezone, timezone)]
    if all(old == new for _, old, new in fields):
        return
    moved = office.timezone != timezone
    try:
        with session.begin_nested():
            office.name, office.timezone = name, timezone
            session.flush()
    except IntegrityError as taken:
        raise errors.Conflict(sentence("Nama kantor ini sudah dipakai di Lajur ini.")) from taken
    record.note(session, who, office.id, Kind.OFFICE, name, fields, now)
    if moved:
        stuck.rebuild(session, office.id)


def set_hours(
    session: Session, who: Actor, week: Sequence[str], ramadan: Sequence[str], *, joint_leave: bool, now: datetime
) -> None:
    """Set the working hours, seven texts from Monday each ("07.30-12.00, 13.00-16.00"; empty where nobody works).

    Due dates that are set stay; what makes a run stuck is worked out anew. Raises Invalid that names the day.
    """
    office = record.own(session, who)
    before = calendar_from(office.calendar, office.timezone)
    settings: dict[str, Any] = {name: days for name, days in office.calendar.items() if name in ("closed", "opened")}
    for key, typed, usual in (("week", week, WEEK), ("ramadan", ramadan, RAMADAN_WEEK)):
        read = _week(typed)
        if read != _texts(usual):
            settings[key] = read
    if not joint_leave:
        settings["joint_leave"] = False
    after = calendar_from(settings, office.timezone)
    if not any(after.week) or not any(after.ramadan):
        raise errors.Invalid(sentence("Isi jam kerja setidaknya satu hari dalam sepekan."))
    fields: list[record.Field] = [("joint_leave", before.joint_leave, after.joint_leave)]
    for key, old, new in (("week", before.week, after.week), ("ramadan", before.ramadan, after.ramadan)):
        fields += [(f"{key}_{day}", shown(old[day]), shown(new[day])) for day in range(len(DAYS))]
    if settings == office.calendar or all(old == new for _, old, new in fields):
        return
    office.calendar = settings
    record.note(session, who, office.id, Kind.HOURS, office.name, fields, now)
    stuck.rebuild(session, office.id)


def add_day(session: Session, who: Actor, day: date, *, working: bool, now: datetime) -> None:
    """Make a day a day off of the office's own, or a working day although it would be free. Raises Invalid."""
    office = record.own(session, who)
    if abs(day - who.calendar.day(now)) > FURTHEST:
        raise errors.Invalid(sentence("Tanggal itu terlalu jauh; periksa tahunnya."))
    kind = "opened" if working else "closed"
    _set_days(session, who, office, day, {kind}, now)


def remove_day(session: Session, who: Actor, day: date, now: datetime) -> None:
    """Forget an own day off or working day: the day is again as the week and the national list have it."""
    _set_days(session, who, record.own(session, who), day, set(), now)


def _set_days(session: Session, who: Actor, office: Office, day: date, kinds: set[str], now: datetime) -> None:
    settings = dict(office.calendar)
    before = {kind for kind in ("closed", "opened") if day.isoformat() in settings.get(kind, ())}
    if before == kinds:
        return
    for kind in ("closed", "opened"):
        days = set(settings.pop(kind, ())) - {day.isoformat()} | ({day.isoformat()} if kind in kinds else set())
        if days:
            settings[kind] = sorted(days)
    office.calendar = settings
    record.note(session, who, office.id, Kind.DAY, day.isoformat(), [("day", before, kinds)], now)
    stuck.rebuild(session, office.id)


def add(session: Session, who: Actor | None, name: str, timezone: str, now: datetime) -> int:
    """A new office of the installation, by whoever runs it; its id. Raises Invalid, TooLong, Conflict."""
    name, timezone = checked_name(name), checked_zone(timezone)
    try:
        with session.begin_nested():
            office = offices.add_office(session, name, timezone)
    except IntegrityError as taken:
        raise errors.Conflict(sentence("Sudah ada kantor bernama “%(name)s” di Lajur ini.", name=name)) from taken
    record.note(session, who, office, Kind.FOUND, name, [("timezone", "", timezone)], now)
    return office


def is_new(session: Session) -> bool:
    """Whether the installation has no office yet."""
    return session.scalar(select(Office.id).limit(1)) is None


def lock_new(session: Session) -> None:
    """Keep two from founding the first office at once. Raises NotFound where there is one."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE offices IN SHARE ROW EXCLUSIVE MODE"))
    if not is_new(session):
        raise errors.NotFound


def checked_name(name: str) -> str:
    """The name of an office as it is kept. Raises Invalid, TooLong."""
    missing = sentence("Nama kantor wajib diisi, misalnya Kecamatan Sukamaju.")
    return record.line(sentence("Nama kantor"), name, NAME_LIMIT, missing)


def checked_zone(timezone: str) -> str:
    """The name of a time zone that there is. Raises Invalid."""
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise errors.Invalid(sentence("Pilih salah satu zona waktu yang tersedia.")) from unknown
    return timezone


def shown(spans: Sequence[tuple[time, time]]) -> str:
    """Working hours of a day as they are typed: `07.30-12.00, 13.00-16.00`; empty where nobody works."""
    return ", ".join(f"{opens:%H.%M}-{closes:%H.%M}" for opens, closes in spans)


def _texts(week: Week) -> list[list[str]]:
    return [[f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in day] for day in week]


def _week(typed: Sequence[str]) -> list[list[str]]:
    if len(typed) != len(DAYS):
        raise errors.Invalid(sentence("Isi jam kerja untuk ketujuh hari; kosongkan hari libur."))
    return [_spans(name, text) for name, text in zip(DAYS, typed, strict=True)]


def _spans(day: Sentence, typed: str) -> list[str]:
    """The hours of a day as JSON holds them. Raises Invalid for what is no hours, or not in order."""
    spans, ends = [], []
    for part in re.split(r"[,;]", typed) if typed.strip() else ():
        found = _SPAN.fullmatch(part.strip().lower())
        try:
            if found is None:
                raise ValueError(part)
            hours = [int(one) for one in found.groups()]
            opens, closes = time(hours[0], hours[1]), time(hours[2], hours[3])
        except ValueError as wrong:
            raise _unreadable(day) from wrong
        spans.append(f"{opens:%H:%M}-{closes:%H:%M}")
        ends += [opens, closes]
    if ends != sorted(set(ends)):
        raise _unreadable(day)
    return spans


def _unreadable(day: Sentence) -> errors.Invalid:
    return errors.Invalid(
        sentence(
            "Jam kerja hari %(day)s tidak dapat dibaca; tulis berurutan seperti 07.30-12.00, 13.00-16.00.", day=day
        )
    )
