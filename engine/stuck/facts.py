"""What a live run waits for, as the rules of `engine.stuck.causes` look at it: frozen values, read by `reading`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from engine.states import Wait
from engine.workdays import NEVER, Calendar


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """An unfinished task; `person` has claimed it, or is None."""

    id: int
    node_id: str
    name: str
    jabatan_id: int
    jabatan: str
    person_id: int | None
    person: str | None
    reserved_for: int | None
    created_at: datetime
    claimed_at: datetime | None
    active_at: datetime | None
    due_at: datetime | None
    order_at: datetime

    @property
    def claimed(self) -> bool:
        """Whether somebody works on it, so that nobody else is waited for."""
        return self.person_id is not None

    @property
    def quiet_since(self) -> datetime:
        """Since when nobody has done anything with it."""
        return max(at for at in (self.created_at, self.claimed_at, self.active_at) if at is not None)


@dataclass(frozen=True, slots=True)
class WaitFacts:
    """Something other than a person that is waited for; of a call the run that was called, and its SOP."""

    node_id: str
    kind: Wait
    name: str
    since: datetime
    due_at: datetime | None
    called_id: int | None = None
    called: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """A live run. `waits` is empty where a person is waited for: what else it waits for then keeps it from nothing."""

    run_id: int
    office_id: int
    definition_id: int
    calendar: Calendar
    limits: Mapping[str, int]
    """The thresholds of its office, see `thresholds`."""
    suspended: bool
    round: int
    returned_at: datetime | None
    """When it was sent back once too often by these thresholds; None where it was not."""
    damage: str
    damaged_at: datetime | None
    started_at: datetime
    tasks: tuple[TaskFacts, ...]
    """The unfinished ones, oldest first."""
    waits: tuple[WaitFacts, ...]

    @property
    def since(self) -> datetime:
        """Since when it waits where it stands."""
        moments = [task.created_at for task in self.tasks] or [wait.since for wait in self.waits]
        return min(moments, default=self.started_at)

    @property
    def order_at(self) -> datetime:
        """The earliest deadline of its unfinished tasks; NEVER where none has one."""
        return min((task.order_at for task in self.tasks), default=NEVER)


@dataclass(frozen=True, slots=True)
class Today:
    """Who of an office is there on a day, as far as it keeps somebody waiting; read by `attendance`.

    `vacant`: the jabatan that nobody holds. `unattended`: those with holders who are all away, each with these people,
    and nobody acts for any of them. `alone`: the people who are away and for whom nobody acts, each with the last day
    of it.
    """

    vacant: frozenset[int]
    unattended: Mapping[int, tuple[int, ...]]
    alone: Mapping[int, date]
    names: Mapping[int, str]
    """What the people of `alone` are called."""
