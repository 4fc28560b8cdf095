"""Moments, deadlines and sizes in words: in the time zone of the person's office, and the language of the page."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from flask import Flask, g

from engine.queries.dues import Due, DueState
from web.language import gettext as _
from web.language import language, ngettext

DAY = timedelta(hours=7, minutes=30)
"""A working day: what is late by less is told in hours."""


def install(app: Flask) -> None:
    """Give templates the filters `day`, `moment`, `iso`, `due` and `size`."""
    app.jinja_env.filters.update(day=day, moment=moment, iso=iso, due=due, size=size)


def size(count: int) -> str:
    """`15 B`, `1,2 kB`, `20 MB`."""
    for unit, worth in (("MB", 1_000_000), ("kB", 1_000)):
        if count >= worth:
            return f"{format_decimal(round(count / worth, 1), locale=language())}\N{NO-BREAK SPACE}{unit}"
    return f"{count}\N{NO-BREAK SPACE}B"


def day(at: datetime | date) -> str:
    """`Senin, 23 November 2026`: the day of a moment here, or a day as it is."""
    if isinstance(at, datetime):
        at = _local(at).date()
    return format_date(at, "EEEE, d MMMM y", locale=language())


def moment(at: datetime) -> str:
    """`Senin, 23 November 2026, 09.00 WIB`."""
    return f"{_formatted(at, f'EEEE, d MMMM y, {_clock()}')} {_local(at).tzname()}"


def iso(at: datetime) -> str:
    """For `<time datetime>`."""
    return _local(at).isoformat(timespec="minutes")


def due(due: Due) -> str:
    """How a deadline stands: `2 hari kerja lagi`, `Hari ini, 15.30`, `Terlambat 3 jam kerja`."""
    if due.state is DueState.OVER:
        return _late(due)
    if _local(due.at).date() == _local(g.now).date():
        return _("Hari ini, %(time)s", time=_formatted(due.at, _clock()))
    if due.days == 0:
        return day(due.at)
    return ngettext("%(num)s hari kerja lagi", "%(num)s hari kerja lagi", due.days)


def _late(due: Due) -> str:
    late = -due.left
    if late >= DAY:
        return ngettext("Terlambat %(num)s hari kerja", "Terlambat %(num)s hari kerja", max(1, -due.days))
    if late >= timedelta(hours=1):
        return ngettext("Terlambat %(num)s jam kerja", "Terlambat %(num)s jam kerja", late // timedelta(hours=1))
    return ngettext("Terlambat %(num)s menit", "Terlambat %(num)s menit", max(1, late // timedelta(minutes=1)))


def _clock() -> str:
    return "HH:mm" if language() == "en" else "HH.mm"


def _formatted(at: datetime, pattern: str) -> str:
    return format_datetime(_local(at), pattern, locale=language())


def _local(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(g.who.calendar.timezone))
