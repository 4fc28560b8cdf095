"""When the timers of a diagram fire, on the calendar of an office."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bpmn import timers
from bpmn.flow import TIMER, Event, Flow
from engine import workdays
from engine.workdays import Calendar


def due(event: Event, since: datetime, calendar: Calendar) -> datetime | None:
    """When a timer that began to wait at `since` fires, in UTC; None where nobody can tell, which lint refuses.

    Dates without a time zone are the office's local time; a length in the words of an SOP is working time.
    """
    timer = timers.read(event)
    if timer is None:
        return None
    if timer.working is not None:
        return workdays.due(since, timer.working, calendar)
    return _in_utc(timers.due(timer, _local(since, calendar)), calendar)


def next_start(flow: Flow, now: datetime, calendar: Calendar) -> datetime | None:
    """When the timer of a diagram's start begins a run next, after `now`; None where it has none, or it is past."""
    event = next((node.event for node in flow.nodes if node.kind == "startEvent" and node.parent is None), None)
    timer = timers.read(event) if event is not None and event.kind == TIMER else None
    if timer is None or timer.at is None:
        return None
    if timer.period is None:
        found: datetime | None = timer.at
    else:
        after = now if timer.at.tzinfo is not None else _local(now, calendar)
        found = timers.following(timer, after)
    moment = _in_utc(found, calendar) if found is not None else None
    return moment if moment is not None and moment > now else None


def _local(moment: datetime, calendar: Calendar) -> datetime:
    return moment.astimezone(ZoneInfo(calendar.timezone)).replace(tzinfo=None)


def _in_utc(moment: datetime, calendar: Calendar) -> datetime:
    here = moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(calendar.timezone))
    return here.astimezone(UTC)
