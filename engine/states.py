"""The states of runs and tasks, the verbs of people, and the table of moves between them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RunState(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    """At least one task is open."""
    FINISHED = "finished"
    """The end of the diagram was reached."""


class TaskState(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    """Waits for a holder of its jabatan to claim it."""
    CLAIMED = "claimed"
    """One person works on it."""
    COMPLETED = "completed"
    """Finished, and the run went on."""
    RETURNED = "returned"
    """Finished by sending the run back."""


class Verb(StrEnum):
    """What people do; each is one row of the history at least."""

    START = "start"
    CLAIM = "claim"
    RELEASE = "release"
    COMPLETE = "complete"
    RETURN = "return"
    FINISH = "finish"
    """The run reached its end; recorded with the act that led there."""


class Capacity(StrEnum):
    """In what capacity a person holds a jabatan."""

    DEFINITIF = "definitif"
    PLT = "plt"
    """Pelaksana tugas: the jabatan is vacant."""
    PLH = "plh"
    """Pelaksana harian: the holder is away for a while."""


class Right(StrEnum):
    """What a person may do beyond the tasks of the own jabatan."""

    ANALYST = "analyst"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Move:
    """A task in `origin` goes by `verb` to `target`. `claimer_only`: its claimer may, not any holder of its jabatan."""

    origin: TaskState
    verb: Verb
    target: TaskState
    claimer_only: bool


MOVES = (
    Move(TaskState.OPEN, Verb.CLAIM, TaskState.CLAIMED, claimer_only=False),
    Move(TaskState.CLAIMED, Verb.RELEASE, TaskState.OPEN, claimer_only=True),
    Move(TaskState.CLAIMED, Verb.COMPLETE, TaskState.COMPLETED, claimer_only=True),
    Move(TaskState.CLAIMED, Verb.RETURN, TaskState.RETURNED, claimer_only=True),
)


def move(verb: Verb) -> Move:
    """The one move of tasks that `verb` makes; KeyError for a verb that moves no task."""
    return _BY_VERB[verb]


_BY_VERB = {move.verb: move for move in MOVES}
