"""The deadline calendar: working time of an office, as pure functions of aware moments.

The week is that of Perpres 21/2023: Monday to Friday from 07.30 local time, 37 h 30 min, with a break of 60 minutes,
Friday 90. National holidays come from the `holidays` package.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from bpmn.sop import Unit, Waktu

Span = tuple[time, time]

FULL_DAY: tuple[Span, ...] = ((time(7, 30), time(12, 0)), (time(13, 0), time(16, 0)))
FRIDAY: tuple[Span, ...] = ((time(7, 30), time(11, 30)), (time(13, 0), time(16, 30)))
WEEK: Mapping[int, tuple[Span, ...]] = {0: FULL_DAY, 1: FULL_DAY, 2: FULL_DAY, 3: FULL_DAY, 4: FRIDAY}

DAYS_OF = {Unit.HARI: 1, Unit.MINGGU: 5, Unit.BULAN: 22}
"""A unit in working days."""

HORIZON = timedelta(days=3660)
"""No deadline lies further away; a longer *waktu* is cut there."""

MOST = 1e6
"""An amount of any unit that reaches the horizon."""


@dataclass(frozen=True)
class Calendar:
    """Working hours for each weekday (0 is Monday) in a time zone, without the national holidays."""

    timezone: str
    week: Mapping[int, tuple[Span, ...]] = field(default_factory=lambda: WEEK)

    def day(self, moment: datetime) -> date:
        """The day that a moment falls on here."""
        return moment.astimezone(ZoneInfo(self.timezone)).date()

    def spans(self, day: date) -> tuple[Span, ...]:
        """The working hours of a day in local time; none on a day off."""
        if day in _national_holidays(day.year):
            return ()
        return self.week.get(day.weekday(), ())


@lru_cache(maxsize=64)
def _national_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("ID", years=year, categories=("public", "government")))


def due(start: datetime, waktu: Waktu | None, calendar: Calendar) -> datetime | None:
    """When work begun at `start` should be finished, in UTC; None where there is no readable *waktu*.

    Work of one day that begins at ten is due at ten of the next working day.
    """
    if waktu is None or waktu.amount is None or waktu.unit is None:
        return None
    amount = min(float(waktu.amount), MOST)
    if waktu.unit is Unit.JAM_KALENDER:
        return (start + min(timedelta(hours=amount), HORIZON)).astimezone(UTC)
    if waktu.unit is Unit.HARI_KALENDER:
        return (start + min(timedelta(days=amount), HORIZON)).astimezone(UTC)
    if waktu.unit in DAYS_OF:
        return add_days(start, amount * DAYS_OF[waktu.unit], calendar)
    return add(start, timedelta(hours=amount) if waktu.unit is Unit.JAM else timedelta(minutes=amount), calendar)


def add(start: datetime, work: timedelta, calendar: Calendar) -> datetime:
    """The moment at which `work` of working time after `start` is done, in UTC."""
    left = work
    end = start
    for begin, end in _stretches(start, start + HORIZON, calendar):
        if left <= end - begin:
            return begin + left
        left -= end - begin
    return end


def add_days(start: datetime, days: float, calendar: Calendar) -> datetime:
    """The same time of day `days` working days later, in UTC; a part of a day counts as that part of its hours."""
    zone = ZoneInfo(calendar.timezone)
    begin = next((begin for begin, _ in _stretches(start, start + HORIZON, calendar)), start)
    local = begin.astimezone(zone)
    day, whole = local.date(), min(int(days), HORIZON.days)
    for _ in range(whole):
        day = _next_working_day(day, calendar, limit=start + HORIZON)
    moment = _inside(datetime.combine(day, local.time(), zone), calendar)
    part = days - whole
    if part:
        hours = sum((_length(span) for span in calendar.spans(day)), timedelta())
        return add(moment, hours * part, calendar)
    return moment.astimezone(UTC)


def elapsed(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Working time between two moments; negative where `end` comes first."""
    if end < start:
        return -elapsed(end, start, calendar)
    return sum((stop - begin for begin, stop in _stretches(start, end, calendar)), timedelta())


def elapsed_days(start: datetime, end: datetime, calendar: Calendar) -> int:
    """Whole working days begun between two moments, counted by dates: from today to tomorrow is one."""
    first, last = calendar.day(start), calendar.day(end)
    if last < first:
        return -elapsed_days(end, start, calendar)
    last = min(last, first + HORIZON)
    return sum(1 for n in range((last - first).days) if calendar.spans(first + timedelta(days=n + 1)))


def _stretches(start: datetime, end: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """Stretches of working time between two moments, in order, in UTC."""
    zone = ZoneInfo(calendar.timezone)
    day, last = calendar.day(start), calendar.day(end)
    while day <= last:
        for opens, closes in calendar.spans(day):
            begin = max(datetime.combine(day, opens, zone).astimezone(UTC), start)
            stop = min(datetime.combine(day, closes, zone).astimezone(UTC), end)
            if begin < stop:
                yield begin.astimezone(UTC), stop.astimezone(UTC)
        day += timedelta(days=1)


def _next_working_day(day: date, calendar: Calendar, limit: datetime) -> date:
    while day < limit.date():
        day += timedelta(days=1)
        if calendar.spans(day):
            break
    return day


def _inside(moment: datetime, calendar: Calendar) -> datetime:
    """`moment` moved to the end of the stretch before it where it falls into a break or after closing time."""
    spans = calendar.spans(moment.date())
    if not spans or any(opens <= moment.time() <= closes for opens, closes in spans):
        return moment
    earlier = [closes for _, closes in spans if closes < moment.time()]
    return datetime.combine(moment.date(), max(earlier, default=spans[0][0]), moment.tzinfo)


def _length(span: Span) -> timedelta:
    opens, closes = span
    return timedelta(hours=closes.hour - opens.hour, minutes=closes.minute - opens.minute)
