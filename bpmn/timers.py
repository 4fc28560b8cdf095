"""When a timer of a diagram fires: a date, a length of time, or at a start a cycle.

Lengths are ISO 8601 (`P3D`, `PT4H`, `P1M`: by the calendar, around the clock) or a waktu as in the column of an SOP
("3 hari": working time, which only an office's calendar can tell). A cycle is `R[n]/<start>/<period>`: at its start,
and then every period; n says how often in all. As Camunda wants them, texts may stand in quotes.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta

from bpmn import waktu
from bpmn.flow import TIMER, Event
from bpmn.sop import Waktu

MAX_YEARS = 100
"""A longer period is a mistake."""

_YEARS = range(2000, 3000)
"""The years a date may lie in: what is added to it stays a date."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_LENGTH = re.compile(
    r"P(?:(?P<years>\d{1,6})Y)?(?:(?P<months>\d{1,6})M)?(?:(?P<weeks>\d{1,6})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,7})H)?(?:(?P<minutes>\d{1,8})M)?(?:(?P<seconds>\d{1,9}(?:[.,]\d{1,6})?)S)?)?",
    re.ASCII,
)
_CYCLE = re.compile(r"R(?P<times>\d{0,4})/(?P<start>[^/]+)/(?P<period>[^/]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time by the calendar: whole months, and what is as long in every month."""

    months: int
    rest: timedelta


@dataclass(frozen=True, slots=True)
class Timer:
    """What a timer says. Of a date `at`; of a length `calendar` or `working`; of a cycle `at`, `period`, `repeats`."""

    at: datetime | None = None
    """When it fires, of a cycle first; without a time zone it is the office's local time."""
    calendar: Span | None = None
    """How long after its beginning it fires, by the calendar."""
    working: Waktu | None = None
    """The same as a waktu, whose unit says whether it is working time."""
    period: Span | None = None
    """How long after each time it fires again."""
    repeats: int | None = None
    """How many times it fires in all; None for ever."""


def read(event: Event) -> Timer | None:
    """What the timer says; None where it cannot be read, or the event is no timer."""
    readers = {"timeDate": _date, "timeDuration": _length, "timeCycle": _cycle}
    reader = readers.get(event.form) if event.kind == TIMER else None
    return reader(_unquoted(event.text)) if reader is not None else None


def due(timer: Timer, start_local: datetime) -> datetime:
    """When a timer that begins at `start_local` fires, of a cycle first.

    Raises ValueError for one in working time, which the calendar of an office has to count.
    """
    if timer.at is not None:
        return timer.at
    if timer.calendar is None:
        raise ValueError(timer)
    return later(start_local, timer.calendar)


def following(timer: Timer, after: datetime) -> datetime | None:
    """The first time after a moment (exclusive) at which a cycle fires; None where it has fired for the last time.

    `after` has a time zone if the cycle's own start has one, else none. Times are counted from the start, so that a
    month's end stays a month's end.
    """
    if timer.at is None or timer.period is None:
        raise ValueError(timer)
    number = max(0, _before(timer.at, timer.period, after))
    while (found := later(timer.at, _times(timer.period, number))) <= after:
        number += 1
    return found if timer.repeats is None or number < timer.repeats else None


def later(moment: datetime, span: Span) -> datetime:
    """The moment so much later; where a month is too short, its last day."""
    month = moment.year * 12 + moment.month - 1 + span.months
    year, month = divmod(month, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day) + span.rest


def _before(at: datetime, period: Span, after: datetime) -> int:
    """A number of periods after which it is surely not later than `after` yet."""
    longest = timedelta(days=31 * period.months) + period.rest
    return (after - at) // longest - 1


def _times(span: Span, number: int) -> Span:
    return Span(span.months * number, span.rest * number)


# -- texts ------------------------------------------------------------------------------------------------------------


def _unquoted(text: str) -> str:
    text = text.strip()
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1].strip() if quoted else text


def _date(text: str) -> Timer | None:
    at = _moment(text)
    return Timer(at=at) if at is not None else None


def _moment(text: str) -> datetime | None:
    """The moment; a date alone is its first minute."""
    if not _DATE.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.year in _YEARS else None


def _length(text: str) -> Timer | None:
    calendar = _span(text)
    if calendar is not None:
        return Timer(calendar=calendar)
    working = waktu.read(text)
    return Timer(working=working) if working is not None and working.unit is not None else None


def _span(text: str) -> Span | None:
    """The length of an ISO 8601 duration; None for anything else, for none at all, and for more than MAX_YEARS."""
    found = _LENGTH.fullmatch(text)
    if found is None:
        return None
    parts = {name: float((number or "0").replace(",", ".")) for name, number in found.groupdict().items()}
    months = int(12 * parts.pop("years") + parts.pop("months"))
    rest = timedelta(**parts)
    if not (months or rest) or months / 12 + rest / timedelta(days=365) > MAX_YEARS:
        return None
    return Span(months, rest)


def _cycle(text: str) -> Timer | None:
    found = _CYCLE.fullmatch(text)
    if found is None:
        return None
    at, period = _moment(found["start"].strip()), _span(found["period"].strip())
    repeats = int(found["times"]) if found["times"] else None
    if at is None or period is None or repeats == 0:
        return None
    return Timer(at=at, period=period, repeats=repeats)
