from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpmn import timers
from bpmn.flow import MESSAGE, TIMER, Event
from bpmn.sop import Unit, Waktu
from bpmn.timers import Span, Timer

DAY = timedelta(days=1)


def date(text: str) -> Timer | None:
    return timers.read(Event(TIMER, text, "timeDate"))


def length(text: str) -> Timer | None:
    return timers.read(Event(TIMER, text, "timeDuration"))


def cycle(text: str) -> Timer | None:
    return timers.read(Event(TIMER, text, "timeCycle"))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2027-01-04T08:00:00", datetime(2027, 1, 4, 8)),
        ("2027-01-04 08:00", datetime(2027, 1, 4, 8)),
        ('"2027-01-04"', datetime(2027, 1, 4)),
        ("2027-01-04T08:00Z", datetime(2027, 1, 4, 8, tzinfo=UTC)),
        ("2027-01-04T15:00:00+07:00", datetime(2027, 1, 4, 8, tzinfo=UTC)),
    ],
)
def test_a_date_is_read(text: str, at: datetime) -> None:
    read = date(text)
    assert read == Timer(at=at)
    assert read is not None
    assert read.at is not None
    assert (read.at.tzinfo is None) == (at.tzinfo is None)
    assert timers.due(read, datetime(2020, 1, 1)) == at


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("P3D", Span(0, 3 * DAY)),
        ('"P3D"', Span(0, 3 * DAY)),
        (" 'PT4H30M' ", Span(0, timedelta(hours=4, minutes=30))),
        ("P1Y2M", Span(14, timedelta())),
        ("P2W", Span(0, 14 * DAY)),
        ("PT1,5S", Span(0, timedelta(seconds=1.5))),
    ],
)
def test_a_length_by_the_calendar_is_read_with_or_without_quotes(text: str, span: Span) -> None:
    assert length(text) == Timer(calendar=span)


def test_a_waktu_is_working_time() -> None:
    assert length("3 hari") == Timer(working=Waktu("3 hari", Decimal(3), Unit.HARI))
    assert length('"1 x 24 jam"') == Timer(working=Waktu("1 x 24 jam", Decimal(24), Unit.JAM_KALENDER))
    read = length("3 hari")
    assert read is not None
    with pytest.raises(ValueError, match="3 hari"):
        timers.due(read, datetime(2027, 1, 1))


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P0D", "P1", "-P1D", "P101Y", "P999999D", "${lama}", "sesuai jadwal", "P1DT", "2027-01-04"]
)
def test_what_is_no_length_is_not_read(text: str) -> None:
    assert length(text) is None


@pytest.mark.parametrize("text", ["", "P3D", "4 Januari 2027", "2027-13-01", "2027-02-30", "0001-01-01", "${tanggal}"])
def test_what_is_no_date_is_not_read(text: str) -> None:
    assert date(text) is None


@pytest.mark.parametrize(
    "text", ["", "R", "R/P1D", "R0/2027-01-01/P1D", "R3/2027-01-01/P0D", "R/2027-01-01/1 hari", "0 0 8 * * ?"]
)
def test_what_is_no_cycle_is_not_read(text: str) -> None:
    assert cycle(text) is None


def test_only_timers_are_read() -> None:
    assert timers.read(Event(MESSAGE, "P3D", "timeDuration")) is None
    assert timers.read(Event(TIMER, "P3D")) is None


def test_a_month_ends_where_it_is_too_short() -> None:
    read = length("P1M")
    assert read is not None
    assert timers.due(read, datetime(2027, 1, 31, 8)) == datetime(2027, 2, 28, 8)
    assert timers.due(read, datetime(2028, 1, 31, 8)) == datetime(2028, 2, 29, 8)
    assert timers.due(read, datetime(2027, 12, 31, 8)) == datetime(2028, 1, 31, 8)


def test_a_cycle_fires_at_its_start_and_then_every_period_as_often_as_it_says() -> None:
    read = cycle("R3/2027-01-31T08:00/P1M")
    assert read is not None
    assert read.repeats == 3
    fired = []
    moment: datetime | None = datetime(2027, 1, 1)
    while moment is not None and (moment := timers.following(read, moment)) is not None:
        fired.append(moment)
    assert fired == [datetime(2027, 1, 31, 8), datetime(2027, 2, 28, 8), datetime(2027, 3, 31, 8)]
    assert timers.due(read, datetime(2020, 1, 1)) == fired[0]


def test_a_cycle_without_a_number_never_stops() -> None:
    read = cycle("R/2027-01-01/P1D")
    assert read is not None
    assert read.repeats is None
    assert timers.following(read, datetime(2127, 6, 1, 12)) == datetime(2127, 6, 2)


MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2900, 1, 1))
SPANS = st.builds(Span, st.integers(0, 400), st.timedeltas(timedelta(), 1000 * DAY)).filter(
    lambda span: span.months > 0 or span.rest > timedelta(seconds=1)
)


@given(MOMENTS, SPANS, SPANS)
def test_later_is_later_and_keeps_the_order_of_moments_and_lengths(moment: datetime, one: Span, other: Span) -> None:
    assert timers.later(moment, one) > moment
    assert timers.later(moment + DAY, one) >= timers.later(moment, one)
    longer = Span(one.months + other.months, one.rest + other.rest)
    assert timers.later(moment, longer) > timers.later(moment, one) - DAY


@given(MOMENTS, SPANS, st.integers(0, 50), st.timedeltas(timedelta(), 400 * DAY))
def test_what_follows_is_the_next_of_the_times(at: datetime, period: Span, number: int, past: timedelta) -> None:
    after = timers.later(at, Span(period.months * number, period.rest * number)) + past
    if after.year > 9000:
        return
    found = timers.following(Timer(at=at, period=period), after)
    assert found is not None
    assert found > after
    times = [timers.later(at, Span(period.months * n, period.rest * n)) for n in range(number, number + 3)]
    assert found in times or found > times[-1]
    assert all(time <= after for time in times if time < found)


@given(st.text(max_size=30), st.sampled_from(["timeDate", "timeDuration", "timeCycle", ""]))
def test_any_text_is_read_or_not_but_nothing_else(text: str, form: str) -> None:
    read = timers.read(Event(TIMER, text, form))
    if read is not None and read.working is None:
        assert timers.due(read, datetime(2027, 1, 1)) >= datetime(2000, 1, 1)


@given(st.integers(0, 99), st.integers(0, 11), st.integers(0, 30), st.integers(0, 23))
def test_what_is_written_as_iso_8601_is_read_as_such(years: int, months: int, days: int, hours: int) -> None:
    read = length(f"P{years}Y{months}M{days}DT{hours}H")
    if years or months or days or hours:
        assert read == Timer(calendar=Span(12 * years + months, timedelta(days=days, hours=hours)))
    else:
        assert read is None
