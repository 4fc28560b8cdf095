"""The standard time (*waktu* of the mutu baku) of a step as working time, to compare with and to add up."""

from __future__ import annotations

from datetime import timedelta

from bpmn.sop import Unit, Waktu
from engine.workdays import DAYS_OF, DAYS_OF_WEEK, HORIZON, MOST, Calendar, Span

HOURS_OF_DAY = 24


def working_time(waktu: Waktu | None, calendar: Calendar) -> timedelta | None:
    """How much working time a *waktu* is at an office; None where there is none, or it cannot be read.

    A day counts as the average working day of the office's ordinary week: 7 hours 30 minutes by the regulation. Hours
    and days of the calendar count as the part of the week that is working time.
    """
    if waktu is None or waktu.amount is None or waktu.unit is None:
        return None
    hours = [sum((_length(span) for span in spans), timedelta()) for spans in calendar.week]
    week = sum(hours, timedelta())
    day = week / max(1, sum(bool(one) for one in hours))
    units = {
        Unit.MENIT: timedelta(minutes=1),
        Unit.JAM: timedelta(hours=1),
        Unit.JAM_KALENDER: week / DAYS_OF_WEEK / HOURS_OF_DAY,
        Unit.HARI_KALENDER: week / DAYS_OF_WEEK,
        **{unit: day * days for unit, days in DAYS_OF.items()},
    }
    seconds = units[waktu.unit].total_seconds() * min(float(waktu.amount), MOST)
    return min(timedelta(seconds=round(seconds)), HORIZON)


def _length(span: Span) -> timedelta:
    opens, closes = (timedelta(hours=end.hour, minutes=end.minute, seconds=end.second) for end in span)
    return closes - opens
