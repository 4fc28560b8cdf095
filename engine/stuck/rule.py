"""What every cause of being stuck says of itself, and what it finds in a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bpmn.wording import Sentence
from engine.stuck.facts import Facts, Today


class Unit(StrEnum):
    """What a threshold counts."""

    WORKING_DAYS = "working_days"
    TIMES = "times"


@dataclass(frozen=True, slots=True)
class Threshold:
    """From how many on it is too much: what holds where an office has set nothing else, and the most it may set."""

    default: int
    most: int
    unit: Unit


class Remedy(StrEnum):
    """What a manager can do about a run that is stuck."""

    REMIND = "remind"
    REASSIGN = "reassign"
    SUBSTITUTE = "substitute"
    """Name somebody who acts for a person who is away."""
    APPOINT = "appoint"
    """Let somebody hold a jabatan that nobody holds: an administrator's task."""
    OPEN_OTHER = "open_other"
    """Look at the run that this one waits for."""
    REPORT = "report"
    """Tell whoever looks after the installation."""
    SUSPEND = "suspend"
    RESUME = "resume"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Found:
    """From `at` on a run is stuck by a cause, and `why`, whose facts may be moments, days, and names.

    `task_id` is the task that is in the way, `run_id` another run that is waited for, where there is one.
    """

    at: datetime
    why: Sentence
    task_id: int | None = None
    run_id: int | None = None


def first(found: Iterable[Found]) -> Found | None:
    """What is found from the earliest moment on; None where nothing is."""
    return min(found, key=lambda one: one.at, default=None)


@dataclass(frozen=True, slots=True)
class MomentRule:
    """A cause that sets in at a moment known beforehand, unless somebody acts before: it is stored with the run.

    `find` says from when on a live run is stuck by it, which may lie ahead; None where it will not be.
    """

    name: str
    """16 characters at most: it is stored."""
    title: Sentence
    find: Callable[[Facts], Found | None]
    remedies: tuple[Remedy, ...]
    """The most fitting first."""
    threshold: Threshold | None = None
    about: Sentence | None = None
    """What the threshold means, for whoever sets it."""
    in_vain: frozenset[Remedy] = frozenset()
    """What other causes would offer for a task, and does not help while this one holds."""


@dataclass(frozen=True, slots=True)
class TodayRule:
    """A cause that holds or not by who is there on a day: it is asked for when somebody looks, and never stored."""

    name: str
    title: Sentence
    find: Callable[[Facts, Today], Found | None]
    remedies: tuple[Remedy, ...]
    in_vain: frozenset[Remedy] = frozenset()


Rule = MomentRule | TodayRule
