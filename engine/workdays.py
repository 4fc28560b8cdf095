"""The deadline calendar: working time of an office, as pure functions of aware moments.

Unless an office sets its own, the week is that of Perpres 21/2023: Monday to Friday from 07.30 local time, 37 h 30 min,
with a break of 60 minutes, Friday 90; in Ramadan 32 h 30 min from 08.00. National holidays and cuti bersama come from
the `holidays` package, the length of Ramadan from `hijridate`, its end from the national holiday.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import holidays
from hijridate import Gregorian, Hijri

from bpmn.sop import Unit, Waktu
from bpmn.wording import sentence
from engine.errors import Invalid

Span = tuple[time, time]

FULL_DAY: tuple[Span, ...] = ((time(7, 30), time(12, 0)), (time(13, 0), time(16, 0)))
FRIDAY: tuple[Span, ...] = ((time(7, 30), time(11, 30)), (time(13, 0), time(16, 30)))
RAMADAN_DAY: tuple[Span, ...] = ((time(8, 0), time(12, 0)), (time(12, 30), time(15, 0)))
RAMADAN_FRIDAY: tuple[Span, ...] = ((time(8, 0), time(11, 30)), (time(12, 30), time(15, 30)))

Week = tuple[tuple[Span, ...], ...]
"""The working hours of Monday to Sunday."""

WEEK: Week = (FULL_DAY, FULL_DAY, FULL_DAY, FULL_DAY, FRIDAY, (), ())
RAMADAN_WEEK: Week = (RAMADAN_DAY, RAMADAN_DAY, RAMADAN_DAY, RAMADAN_DAY, RAMADAN_FRIDAY, (), ())

DAYS_OF_WEEK = 7

DAYS_OF = {Unit.HARI: 1, Unit.MINGGU: 5, Unit.BULAN: 22}
"""A unit in working days."""

DAY = timedelta(days=1)

MINUTE = timedelta(minutes=1)

HORIZON = timedelta(days=3660)
"""No deadline lies further away; a longer *waktu* is cut there."""

NEVER = datetime(2200, 1, 1, tzinfo=UTC)
"""Where in a list by deadline stands what has none: behind all that have one."""

MOST = 1e6
"""An amount of any unit that reaches the horizon."""

LONGEST_REST = 60
"""Days among which every office that works at all has a working day."""

NEAR = 4
"""A deadline is near when less than one part in so many of the working time is left."""


@dataclass(frozen=True)
class Calendar:
    """The working hours of an office in its time zone; `closed` are its own days off beside the national holidays.

    Where the office works through cuti bersama, `joint_leave` is false. `opened` are its own working days: on them it
    works although the week or the national list has a day off.
    """

    timezone: str
    week: Week = WEEK
    ramadan: Week = RAMADAN_WEEK
    closed: frozenset[date] = frozenset()
    joint_leave: bool = True
    opened: frozenset[date] = frozenset()

    def day(self, moment: datetime) -> date:
        """The day that a moment falls on here."""
        return moment.astimezone(ZoneInfo(self.timezone)).date()

    def spans(self, day: date) -> tuple[Span, ...]:
        """The working hours of a day in local time; none on a day off.

        An own working day on which the week has no hours has those of the week's first working day.
        """
        week = self.ramadan if day in _ramadan(day.year) else self.week
        if day in self.opened:
            return week[day.weekday()] or next((hours for hours in week if hours), ())
        if day in self.closed or day in _national_holidays(day.year, joint_leave=self.joint_leave):
            return ()
        return week[day.weekday()]


@lru_cache(maxsize=128)
def _national_holidays(year: int, *, joint_leave: bool) -> frozenset[date]:
    categories = ("public", "government") if joint_leave else ("public",)
    return frozenset(holidays.country_holidays("ID", years=year, categories=categories))


def national_holidays(since: date, until: date, *, joint_leave: bool = True) -> dict[date, str]:
    """The national days off from a day to a day, both included, each with its Indonesian name."""
    names = holidays.country_holidays(
        "ID",
        years=range(since.year, until.year + 1),
        categories=("public", "government") if joint_leave else ("public",),
        language="id",
    )
    return {day: names[day] for day in sorted(names) if since <= day <= until}


@lru_cache(maxsize=64)
def _ramadan(year: int) -> frozenset[date]:
    """The days of Ramadan that fall into a year: to the eve of Idulfitri on the national list, 30 days at most.

    Where the sighting of the moon began it a day after the Umm al-Qura calendar has it, its first day is off by one.
    """
    names = holidays.country_holidays("ID", years=(year, year + 1), categories=("public",), language="en_US")
    days: set[date] = set()
    for eid in (day for day, name in names.items() if name.removesuffix(" (estimated)") == "Eid al-Fitr"):
        hijri = Gregorian(*eid.timetuple()[:3]).to_hijri()
        begins = Hijri(hijri.year, 9, 1).to_gregorian()
        days |= {day for before in range(1, 31) if (day := eid - timedelta(days=before)) >= begins}
    return frozenset(day for day in days if day.year == year)


def calendar_from(settings: Mapping[str, Any], timezone: str) -> Calendar:
    """An office's calendar from its settings, as JSON holds them; what is not set is as in the regulation.

    `{"week": [["07:30-12:00", "13:00-16:00"], ... seven days from Monday], "ramadan": likewise,
    "closed": ["2026-08-18"], "opened": ["2026-12-26"], "joint_leave": false}`. Raises Invalid that says what is wrong.
    """
    try:
        return Calendar(
            timezone,
            week=_week(settings["week"]) if "week" in settings else WEEK,
            ramadan=_week(settings["ramadan"]) if "ramadan" in settings else RAMADAN_WEEK,
            closed=frozenset(date.fromisoformat(day) for day in settings.get("closed", ())),
            joint_leave=bool(settings.get("joint_leave", True)),
            opened=frozenset(date.fromisoformat(day) for day in settings.get("opened", ())),
        )
    except (TypeError, ValueError) as wrong:
        raise Invalid(
            sentence("Jam kerja tidak dapat dibaca (%(what)s); tulis seperti 07:30-12:00, berurutan.", what=wrong)
        ) from wrong


def _week(days: Sequence[Sequence[str]]) -> Week:
    if len(days) != DAYS_OF_WEEK:
        raise ValueError(f"{len(days)} hari")
    return tuple(_spans(day) for day in days)


def _spans(day: Sequence[str]) -> tuple[Span, ...]:
    spans = []
    for text in day:
        opens, _, closes = text.partition("-")
        spans.append((time.fromisoformat(opens), time.fromisoformat(closes)))
    ends = [end for span in spans for end in span]
    if ends != sorted(set(ends)):
        raise ValueError(", ".join(day))
    return tuple(spans)


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


def standard(waktu: Waktu | None, calendar: Calendar) -> int | None:
    """A *waktu* in whole minutes of working time, to hold against what was measured; None where there is none readable.

    A working day is an average one of the office's week outside of Ramadan, and calendar time counts by the share of
    working time in that week. A deadline is exact, this is not: `due` knows which days they were.
    """
    if waktu is None or waktu.amount is None or waktu.unit is None:
        return None
    amount = min(float(waktu.amount), MOST)
    if waktu.unit in (Unit.MENIT, Unit.JAM):
        return round(amount * (60 if waktu.unit is Unit.JAM else 1))
    worked = [sum((_length(span) for span in day), timedelta()) for day in calendar.week if day]
    if not worked:
        return None
    if waktu.unit in DAYS_OF:
        return round(amount * DAYS_OF[waktu.unit] * (sum(worked, timedelta()) / len(worked) / MINUTE))
    lasts = timedelta(hours=amount) if waktu.unit is Unit.JAM_KALENDER else timedelta(days=amount)
    return round(lasts * (sum(worked, timedelta()) / (DAY * DAYS_OF_WEEK)) / MINUTE)


def _length(span: Span) -> timedelta:
    opens, closes = (timedelta(hours=at.hour, minutes=at.minute) for at in span)
    return closes - opens


def add(start: datetime, work: timedelta, calendar: Calendar) -> datetime:
    """The moment at which `work` of working time after `start` is done, in UTC."""
    left = work
    end = None
    for begin, end in _stretches(start, start + HORIZON, calendar):
        if left <= end - begin:
            return begin + left
        left -= end - begin
    return end or (start + HORIZON).astimezone(UTC)


def near(start: datetime, due: datetime, calendar: Calendar) -> datetime:
    """From when a deadline is near for work begun at `start`: after it, less than one part in NEAR of the time is left.

    In UTC; not after `due`. It falls into working time: not on an evening, but on the morning after it.
    """
    ample = add(start, elapsed(start, due, calendar) * (NEAR - 1) // NEAR, calendar)
    return min(next((begin for begin, _ in _stretches(ample, due, calendar)), due), due).astimezone(UTC)


def add_days(start: datetime, days: float, calendar: Calendar) -> datetime:
    """The same time of day `days` working days later, in UTC; a part of a day is that part of the hours up to the next.

    So more days never end earlier, however the hours of the days differ.
    """
    whole = int(days)
    moment = _whole_days(start, whole, calendar)
    if days == whole:
        return moment
    next_day = _whole_days(start, whole + 1, calendar)
    return add(moment, elapsed(moment, next_day, calendar) * (days - whole), calendar)


def _whole_days(start: datetime, days: int, calendar: Calendar) -> datetime:
    begin = next((begin for begin, _ in _stretches(start, start + HORIZON, calendar)), start)
    local = begin.astimezone(ZoneInfo(calendar.timezone))
    day = local.date()
    for _ in range(min(days, HORIZON.days)):
        day = _next_working_day(day, calendar, limit=start + HORIZON)
    return _inside(datetime.combine(day, local.time(), local.tzinfo), calendar).astimezone(UTC)


def elapsed(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Working time between two moments; negative where `end` comes first."""
    if end < start:
        return -elapsed(end, start, calendar)
    first, last = calendar.day(start), calendar.day(end)
    worked = sum((stop - begin for begin, stop in _within(first, start, end, calendar)), timedelta())
    if first == last:
        return worked
    worked += sum((stop - begin for begin, stop in _within(last, start, end, calendar)), timedelta())
    return worked + _between(first + DAY, last, calendar).time


def opening(day: date, calendar: Calendar) -> datetime | None:
    """When work begins on a day, in UTC; None on a day off."""
    return next((opens for opens, _ in _hours(day, calendar)), None)


def opening_before(day: date, calendar: Calendar) -> datetime:
    """When work began on the last working day before a day, in UTC; a day before it in an office that never works."""
    earlier = (opening(day - DAY * back, calendar) for back in range(1, LONGEST_REST))
    fallback = datetime.combine(day - DAY, time(), ZoneInfo(calendar.timezone)).astimezone(UTC)
    return next((opens for opens in earlier if opens is not None), fallback)


def elapsed_days(start: datetime, end: datetime, calendar: Calendar) -> int:
    """Whole working days begun between two moments, counted by dates: from today to tomorrow is one."""
    first, last = calendar.day(start), calendar.day(end)
    if last < first:
        return -elapsed_days(end, start, calendar)
    return _between(first + DAY, min(last, first + HORIZON) + DAY, calendar).days


class _Sum(NamedTuple):
    """Working time and working days of some days."""

    time: timedelta
    days: int


def _between(first: date, last: date, calendar: Calendar) -> _Sum:
    """The sum of the days from `first` on and before `last`, from sums of years: however many days that are."""
    worked, days = _before(last, calendar)
    for year in range(first.year, last.year):
        of_year = _sums(year, calendar)[-1]
        worked, days = worked + of_year.time, days + of_year.days
    without = _before(first, calendar)
    return _Sum(worked - without.time, days - without.days)


def _before(day: date, calendar: Calendar) -> _Sum:
    """The sum of the days of its year before a day."""
    return _sums(day.year, calendar)[day.timetuple().tm_yday - 1]


@lru_cache(maxsize=64)
def _sums(year: int, calendar: Calendar) -> tuple[_Sum, ...]:
    """The sums of a year before each of its days, and last that of the whole year."""
    sums = [_Sum(timedelta(), 0)]
    day = date(year, 1, 1)
    while day.year == year:
        hours = [stop - begin for begin, stop in _hours(day, calendar)]
        sums.append(_Sum(sum(hours, sums[-1].time), sums[-1].days + bool(hours)))
        day += DAY
    return tuple(sums)


def _hours(day: date, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """The working hours of a day, in UTC."""
    zone = ZoneInfo(calendar.timezone)
    for opens, closes in calendar.spans(day):
        yield datetime.combine(day, opens, zone).astimezone(UTC), datetime.combine(day, closes, zone).astimezone(UTC)


def _within(day: date, start: datetime, end: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """The working hours of a day that lie between two moments, in UTC."""
    for opens, closes in _hours(day, calendar):
        begin, stop = max(opens, start), min(closes, end)
        if begin < stop:
            yield begin.astimezone(UTC), stop.astimezone(UTC)


def _stretches(start: datetime, end: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """Stretches of working time between two moments, in order, in UTC."""
    day, last = calendar.day(start), calendar.day(end)
    while day <= last:
        yield from _within(day, start, end, calendar)
        day += DAY


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
