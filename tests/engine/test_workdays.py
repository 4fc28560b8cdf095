"""Working time: Monday to Friday, breaks, holidays, and what adding up means."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn.sop import Unit, Waktu
from engine import workdays
from engine.errors import Invalid
from engine.queries import dues
from engine.queries.dues import DueState
from engine.workdays import Calendar, add, calendar_from, due, elapsed, elapsed_days, near

JAKARTA = Calendar("Asia/Jakarta")
ZONE = ZoneInfo("Asia/Jakarta")

moments = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
lengths = st.timedeltas(timedelta(minutes=1), timedelta(hours=200))

works = st.timedeltas(timedelta(microseconds=1), timedelta(hours=150))
units = st.sampled_from([Unit.MENIT, Unit.JAM, Unit.HARI, Unit.MINGGU, Unit.BULAN])
waktus = st.builds(lambda amount, unit: waktu(str(amount), unit), st.decimals("0.1", 12, places=2), units)
calendar_waktus = st.builds(
    lambda amount, unit: waktu(str(amount), unit),
    st.decimals("0.1", 12, places=2),
    st.sampled_from([Unit.JAM_KALENDER, Unit.HARI_KALENDER]),
)
MICROSECOND = timedelta(microseconds=1)

ends = st.lists(st.integers(0, 24 * 12 - 1), unique=True, min_size=2, max_size=6).map(sorted)
days = ends.map(
    lambda ends: [
        f"{opens // 12:02}:{opens % 12 * 5:02}-{closes // 12:02}:{closes % 12 * 5:02}"
        for opens, closes in zip(ends[::2], ends[1::2], strict=False)
    ]
)
weeks = st.tuples(*[days] * 5, *[st.just([]) | days] * 2)
"""Working weeks of any hours, in steps of five minutes, with or without work on Saturdays and Sundays."""

own = st.fixed_dictionaries(
    {},
    optional={
        "week": weeks,
        "ramadan": weeks,
        "joint_leave": st.booleans(),
        "closed": st.lists(st.dates(date(2024, 1, 1), date(2027, 12, 31)).map(str), max_size=8),
    },
)
zones = st.sampled_from(["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"])
calendars = st.builds(calendar_from, own, zones)
"""Of the regulation, or of an office of its own; in each zone of the country; the moments fall into Ramadan, too."""


def within_hours(calendar: Calendar, moment: datetime) -> bool:
    local = moment.astimezone(ZoneInfo(calendar.timezone))
    return any(opens <= local.time() <= closes for opens, closes in calendar.spans(local.date()))


def at(day: int, hour: int, minute: int = 0, month: int = 11, second: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, second, tzinfo=ZONE)


def waktu(amount: str, unit: Unit) -> Waktu:
    return Waktu(f"{amount} {unit}", Decimal(amount), unit)


@pytest.mark.parametrize(("start", "length", "end"), [
    (at(23, 9), waktu("30", Unit.MENIT), at(23, 9, 30)),
    (at(23, 11, 30), waktu("1", Unit.JAM), at(23, 13, 30)),
    (at(23, 15, 30), waktu("1", Unit.JAM), at(24, 8)),
    (at(27, 16), waktu("1", Unit.JAM), at(30, 8)),
    (at(28, 10), waktu("1", Unit.HARI), datetime(2026, 12, 1, 7, 30, tzinfo=ZONE)),
    (at(23, 9), waktu("1", Unit.MINGGU), at(30, 9)),
    (at(23, 9), waktu("1", Unit.HARI_KALENDER), at(24, 9)),
    (at(27, 15), waktu("24", Unit.JAM_KALENDER), at(28, 15)),
    (at(26, 11, 45), waktu("1", Unit.HARI), at(27, 11, 30)),
    (at(23, 7, 30), waktu("0.5", Unit.HARI), at(23, 11, 15)),
    (at(14, 9, month=8), waktu("1", Unit.HARI), at(18, 9, month=8)),
])  # fmt: skip
def test_a_deadline_falls_into_working_time(start: datetime, length: Waktu, end: datetime) -> None:
    assert due(start, length, JAKARTA) == end


def test_what_cannot_be_read_has_no_deadline() -> None:
    assert due(at(23, 9), None, JAKARTA) is None
    assert due(at(23, 9), Waktu("sesuai jadwal", None, None), JAKARTA) is None


def test_an_absurd_length_ends_at_the_horizon() -> None:
    for unit in Unit:
        end = due(at(23, 9), waktu("1e12", unit), JAKARTA)
        assert end is not None
        assert end.year < 2040


def test_the_time_zone_is_the_offices() -> None:
    assert due(at(23, 7, 30), waktu("1", Unit.JAM), Calendar("Asia/Jayapura")) == at(23, 8, 30)
    assert due(at(23, 15), waktu("1", Unit.JAM), Calendar("Asia/Jayapura")) == at(24, 6, 30)


@given(moments, lengths)
def test_a_deadline_is_never_outside_working_time(start: datetime, work: timedelta) -> None:
    end = add(start, work, JAKARTA).astimezone(ZONE)
    assert any(
        opens <= end.time().replace(second=0, microsecond=0) <= closes for opens, closes in JAKARTA.spans(end.date())
    )


@given(moments, lengths)
def test_the_working_time_to_a_deadline_is_what_was_added(start: datetime, work: timedelta) -> None:
    assert elapsed(start, add(start, work, JAKARTA), JAKARTA) == work


@given(moments, lengths, lengths)
def test_adding_twice_is_adding_the_sum(start: datetime, one: timedelta, other: timedelta) -> None:
    assert add(add(start, one, JAKARTA), other, JAKARTA) == add(start, one + other, JAKARTA)


@given(moments, moments)
def test_elapsed_time_turns_with_its_ends(one: datetime, other: datetime) -> None:
    assert elapsed(one, other, JAKARTA) == -elapsed(other, one, JAKARTA)
    assert elapsed_days(one, other, JAKARTA) == -elapsed_days(other, one, JAKARTA)


@given(calendars, moments, moments)
def test_elapsed_time_is_that_of_every_day_between(calendar: Calendar, one: datetime, other: datetime) -> None:
    first, last = min(one, other), max(one, other)
    stretches = list(workdays._stretches(first, last, calendar))
    assert elapsed(first, last, calendar) == sum((end - begin for begin, end in stretches), timedelta())
    days = (calendar.day(last) - calendar.day(first)).days
    later = [calendar.day(first) + timedelta(days=number + 1) for number in range(days)]
    assert elapsed_days(first, last, calendar) == sum(1 for day in later if calendar.spans(day))


def test_days_are_counted_by_working_dates() -> None:
    assert elapsed_days(at(27, 16), at(30, 8), JAKARTA) == 1
    assert elapsed_days(at(23, 8), at(23, 16), JAKARTA) == 0
    assert JAKARTA.spans(date(2026, 12, 25)) == ()


def test_the_hours_of_the_regulation_add_up() -> None:
    monday, ramadan = date(2026, 11, 23), date(2026, 2, 23)
    for first, hours in ((monday, 37.5), (ramadan, 32.5)):
        start = datetime(first.year, first.month, first.day, tzinfo=ZONE)
        assert elapsed(start, start + timedelta(days=7), JAKARTA) == timedelta(hours=hours)


@pytest.mark.parametrize(("first", "last"), [
    (date(2025, 3, 1), date(2025, 3, 30)),
    (date(2026, 2, 19), date(2026, 3, 20)),
])  # fmt: skip
def test_ramadan_ends_on_the_eve_of_idulfitri(first: date, last: date) -> None:
    in_ramadan = workdays._ramadan(first.year)
    assert (min(in_ramadan), max(in_ramadan)) == (first, last)


@given(calendars, moments, works, works)
def test_a_later_start_or_more_work_never_ends_earlier(
    calendar: Calendar, start: datetime, one: timedelta, other: timedelta
) -> None:
    assert add(start, one, calendar) <= add(start, one + other, calendar)
    assert add(start, one, calendar) <= add(start + other, one, calendar)


@given(calendars, moments, works, works)
def test_work_adds_up_in_every_calendar(calendar: Calendar, start: datetime, one: timedelta, other: timedelta) -> None:
    end = add(start, one, calendar)
    assert add(end, other, calendar) == add(start, one + other, calendar)
    assert elapsed(start, end, calendar) == one
    assert within_hours(calendar, end)


@given(calendars, moments, moments, moments)
def test_elapsed_time_adds_up_and_is_never_more_than_the_clock_shows(
    calendar: Calendar, one: datetime, two: datetime, three: datetime
) -> None:
    assert elapsed(one, two, calendar) + elapsed(two, three, calendar) == elapsed(one, three, calendar)
    assert abs(elapsed(one, two, calendar)) <= abs(two - one)


@given(calendars, moments, waktus)
def test_every_deadline_in_working_units_falls_into_working_time(
    calendar: Calendar, start: datetime, length: Waktu
) -> None:
    end = due(start, length, calendar)
    assert end is not None
    assert end > start
    assert within_hours(calendar, end)


@settings(max_examples=300)
@given(calendars, moments, works, waktus, st.decimals(0, 5, places=2))
def test_deadlines_keep_the_order_of_their_starts_and_lengths(
    calendar: Calendar, start: datetime, later: timedelta, length: Waktu, more: Decimal
) -> None:
    assert length.amount is not None
    end, end_of_later = due(start, length, calendar), due(start + later, length, calendar)
    end_of_longer = due(start, dataclasses.replace(length, amount=length.amount + more), calendar)
    assert end is not None
    assert end_of_later is not None
    assert end_of_longer is not None
    assert end <= end_of_later
    assert end <= end_of_longer


@given(calendars, moments, waktus | calendar_waktus)
def test_a_deadline_is_near_from_one_moment_on(calendar: Calendar, start: datetime, length: Waktu) -> None:
    end = due(start, length, calendar)
    assert end is not None
    turn = near(start, end, calendar)
    assert start <= turn <= end
    for moment in (start, start + (turn - start) / 2, turn - MICROSECOND):
        if moment >= start:
            assert state_at(moment, start, end, calendar) is DueState.AMPLE
    for moment in (turn + MICROSECOND, turn + (end - turn) / 2 + MICROSECOND, end):
        if turn < moment <= end:
            assert state_at(moment, start, end, calendar) is DueState.NEAR


def state_at(now: datetime, start: datetime, end: datetime, calendar: Calendar) -> DueState:
    judged = dues.judge(end, start, now, calendar)
    assert judged is not None
    return judged.state


@pytest.mark.parametrize(("start", "end", "turn"), [
    (at(23, 8), at(23, 12), at(23, 11)),
    (at(23, 9), at(24, 9), at(23, 15, 37, second=30)),
    (at(23, 14), at(24, 8, 10), at(24, 7, 30)),
    (at(28, 9), at(29, 9), at(29, 9)),
])  # fmt: skip
def test_near_is_when_a_quarter_of_the_working_time_is_left(start: datetime, end: datetime, turn: datetime) -> None:
    assert near(start, end, JAKARTA) == turn


def test_a_part_of_a_day_never_outlasts_the_day() -> None:
    short_tuesdays = [["06:00-18:00"], ["08:00-10:00"], *[["08:00-16:00"]] * 3, [], []]
    calendar = calendar_from({"week": short_tuesdays}, "Asia/Jakarta")
    assert due(at(23, 17), waktu("0.9", Unit.HARI), calendar) <= due(at(23, 17), waktu("1", Unit.HARI), calendar)  # type: ignore[operator]


def test_an_office_that_never_works_has_its_deadlines_at_the_horizon() -> None:
    never = calendar_from({"week": [[]] * 7, "ramadan": [[]] * 7}, "Asia/Jakarta")
    for unit in (Unit.MENIT, Unit.JAM, Unit.HARI):
        end = due(at(23, 9), waktu("1", unit), never)
        assert end is not None
        assert end.year > 2035


def test_an_office_sets_its_own_hours_and_days_off() -> None:
    six_days = [["08:00-14:00"]] * 6 + [[]]
    own = calendar_from({"week": six_days, "closed": ["2026-11-24"], "joint_leave": False}, "Asia/Makassar")
    assert own.spans(date(2026, 11, 28)) == ((time(8), time(14)),)
    assert own.spans(date(2026, 11, 24)) == own.spans(date(2026, 11, 29)) == ()
    assert own.spans(date(2026, 12, 24)) != ()
    assert own.spans(date(2026, 12, 25)) == ()
    assert calendar_from({}, "Asia/Jakarta") == JAKARTA


@pytest.mark.parametrize("wrong", [
    {"week": [["08:00-14:00"]]},
    {"week": [["14:00-08:00"]] * 7},
    {"week": [["08:00-12:00", "11:00-14:00"]] * 7},
    {"week": [["pagi-sore"]] * 7},
    {"week": 5},
    {"closed": ["kemarin"]},
])  # fmt: skip
def test_hours_that_cannot_be_read_are_refused_in_a_sentence(wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid, match="Jam kerja"):
        calendar_from(wrong, "Asia/Jakarta")
