"""Moments, deadlines, lengths and sizes in words: in the time zone of the person's office, the language of the page."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from flask import Flask, g

from bpmn.sop import Unit, Waktu
from bpmn.wording import Sentence
from engine.queries.dues import Due, DueState
from web.language import gettext as _
from web.language import language, ngettext, told

DAY = timedelta(hours=7, minutes=30)
"""A working day: what is late by less is told in hours."""


def install(app: Flask) -> None:
    """Give templates the filters of this module, each by its name, but for `date` which is the short day."""
    app.jinja_env.filters.update(
        day=day,
        date=short_day,
        clock=clock,
        moment=moment,
        zone=zone,
        iso=iso,
        due=due,
        worked=worked,
        said=said,
        worked_roughly=worked_roughly,
        lasted=lasted,
        shortest=shortest,
        percent=percent,
        length_of_time=length_of_time,
        size=size,
    )


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


def short_day(at: datetime) -> str:
    """`23 Nov 2026`: the day of a moment here, for a narrow column."""
    return _formatted(at, "d MMM y")


def official_day(at: datetime) -> str:
    """`23 November 2026`: the day of a moment here as official papers have it, Indonesian in every language."""
    return format_date(_local(at).date(), "d MMMM y", locale="id")


def clock(at: datetime) -> str:
    """`09.00`: the time of day of a moment here."""
    return _formatted(at, _clock())


def moment(at: datetime) -> str:
    """`Senin, 23 November 2026, 09.00 WIB`."""
    return f"{_formatted(at, f'EEEE, d MMMM y, {_clock()}')} {zone(at)}"


def zone(at: datetime) -> str:
    """`WIB`: the name of the time zone here."""
    return _local(at).tzname() or ""


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


def worked(spent: timedelta) -> str:
    """Working time: `2 hari 3 jam 15 menit`, a day being DAY; what is less than a minute is left out."""
    days, rest = divmod(spent, DAY)
    hours, rest = divmod(rest, timedelta(hours=1))
    minutes = rest // timedelta(minutes=1)
    parts = [
        ngettext("%(num)s hari", "%(num)s hari", days) if days else "",
        ngettext("%(num)s jam", "%(num)s jam", hours) if hours else "",
        ngettext("%(num)s menit", "%(num)s menit", minutes) if minutes or not (days or hours) else "",
    ]
    return " ".join(part for part in parts if part)


def said(sentence: Sentence) -> str:
    """A sentence of the engine in the language of this page, moments and days among its facts as days here."""
    facts = {name: day(fact) if isinstance(fact, datetime | date) else fact for name, fact in sentence.facts.items()}
    return told(Sentence(sentence.template, facts))


def worked_roughly(spent: timedelta) -> str:
    """Working time as it is said: `12 hari kerja`, `3 jam kerja`; what is less than an hour as minutes."""
    if spent >= DAY:
        return ngettext("%(num)s hari kerja", "%(num)s hari kerja", spent // DAY)
    if spent >= timedelta(hours=1):
        return ngettext("%(num)s jam kerja", "%(num)s jam kerja", spent // timedelta(hours=1))
    return ngettext("%(num)s menit", "%(num)s menit", max(0, spent // timedelta(minutes=1)))


def lasted(spent: timedelta) -> str:
    """Working time by its two largest units: `2 hari kerja 3 jam`, `3 jam 20 menit`, `5 menit`."""
    days, rest = divmod(max(spent, timedelta()), DAY)
    hours, rest = divmod(rest, timedelta(hours=1))
    minutes = rest // timedelta(minutes=1)
    parts = [
        ngettext("%(num)s hari kerja", "%(num)s hari kerja", days) if days else "",
        ngettext("%(num)s jam", "%(num)s jam", hours) if hours else "",
        ngettext("%(num)s menit", "%(num)s menit", minutes) if (minutes and not days) or not (days or hours) else "",
    ]
    return " ".join(part for part in parts if part)


def shortest(spent: timedelta) -> str:
    """Working time in one unit, for a small place: `2,5 hari`, `3,1 jam`, `45 mnt`."""
    for worth, unit in ((DAY, _("hari")), (timedelta(hours=1), _("jam"))):
        if spent >= worth:
            return f"{format_decimal(round(spent / worth, 1), locale=language())} {unit}"
    return f"{max(0, spent // timedelta(minutes=1))} {_('mnt')}"


def percent(part: float) -> str:
    """`18%`: a part of one."""
    return str(format_percent(part, locale=language()))


def length_of_time(waktu: Waktu) -> str:
    """What a waktu means: `3 hari kerja`, `1,5 jam`; empty where it cannot be read."""
    if waktu.amount is None or waktu.unit is None:
        return ""
    words = {
        Unit.MENIT: _("menit"),
        Unit.JAM: _("jam kerja"),
        Unit.HARI: _("hari kerja"),
        Unit.MINGGU: _("minggu kerja"),
        Unit.BULAN: _("bulan kerja"),
        Unit.JAM_KALENDER: _("jam kalender"),
        Unit.HARI_KALENDER: _("hari kalender"),
    }
    return f"{format_decimal(waktu.amount.normalize(), locale=language())} {words[waktu.unit]}"


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
    return _written(_local(at).replace(tzinfo=None), pattern, language())


@lru_cache(maxsize=4096)
def _written(local: datetime, pattern: str, locale: str) -> str:
    """A local time, formatted. A list tells the same moments several times, and is shown again and again."""
    return format_datetime(local, pattern, locale=locale)


def _local(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(g.who.calendar.timezone))
