"""The states of runs and tasks, the verbs of people, and the table of moves between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bpmn import flow


class RunState(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    """At least one task is open."""
    SUSPENDED = "suspended"
    """Held by a manager: its tasks wait, and nobody can act on them."""
    FINISHED = "finished"
    """The end of the diagram was reached."""
    CANCELLED = "cancelled"
    """Given up by a manager, with a reason."""


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
    WITHDRAWN = "withdrawn"
    """Taken away unfinished, because its run was cancelled."""


class Verb(StrEnum):
    """What people do; each is one row of the history at least."""

    START = "start"
    CLAIM = "claim"
    RELEASE = "release"
    COMPLETE = "complete"
    RETURN = "return"
    INITIAL = "initial"
    """Finishing the task was a paraf; recorded with the act, in the capacity in which it was given."""
    SIGN = "sign"
    """The same for a tanda tangan."""
    REASSIGN = "reassign"
    """A manager gives a task to another holder of its jabatan."""
    HAND_OVER = "hand_over"
    """The claimer does."""
    COMMENT = "comment"
    SUSPEND = "suspend"
    RESUME = "resume"
    CANCEL = "cancel"
    SAVE = "save"
    """What was entered so far is kept; the task stays claimed."""
    ATTACH = "attach"
    DETACH = "detach"
    REOPEN = "reopen"
    """The last step is taken back: its task is claimed again by the person who finished it."""
    MOVE = "move"
    """The run goes on by another version of its SOP."""
    REVERT = "revert"
    """A move to another version is taken back."""
    FINISH = "finish"
    """The run reached its end; recorded with the act that led there."""
    FIRE = "fire"
    """The time of a timer came."""
    MESSAGE = "message"
    SIGNAL = "signal"
    SUBSTITUTE = "substitute"
    """A task went to the substitute of somebody who is away."""
    REMIND = "remind"
    """Somebody was told that a deadline is near."""
    OVERDUE = "overdue"


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


class Alert(StrEnum):
    """What people were last told about a task; the worker goes on from here."""

    NONE = "none"
    TOLD = "told"
    """That there is the task."""
    NEAR = "near"
    OVER = "over"


class NoticeKind(StrEnum):
    """What people are told without having asked."""

    NEW = "new"
    """There is a task for your jabatan."""
    RETURNED = "returned"
    """Work came back to you."""
    NEAR = "near"
    OVER = "over"
    REMINDER = "reminder"
    """A manager asks you to act."""


class LetterKind(StrEnum):
    """What mails about an account say."""

    RESET = "reset"
    """By this link a new password can be chosen."""
    CHANGED = "changed"
    """The password is another one now."""
    ADDRESS = "address"
    """Mails go to another address from now on: sent to the one before."""
    NEW_BROWSER = "new_browser"
    """Somebody logged in by a browser in which the person never did."""
    BOUND = "bound"
    """The account can be entered by single sign-on from now on."""


class Wait(StrEnum):
    """What a run waits for beside people."""

    TIMER = "timer"
    MESSAGE = "message"
    SIGNAL = "signal"
    CALL = "call"
    """The run of another SOP."""


class By(StrEnum):
    """Who may make a move."""

    HOLDER = "holder"
    """A holder of the task's jabatan; of a part that is reserved, the person it is reserved for."""
    CLAIMER = "claimer"
    """The person who claimed the task, while holding its jabatan."""
    DOER = "doer"
    """The person who finished the task, while holding its jabatan; or somebody with the right of a manager."""
    STARTER = "starter"
    """A holder of a jabatan that acts first."""
    INVOLVED = "involved"
    """Who started the run or holds a jabatan with an open task in it; or somebody with the right of a manager."""
    ANYBODY = "anybody"
    """Anybody of the office."""
    MANAGER = "manager"
    """Somebody with that right."""
    ANALYST = "analyst"
    """Somebody with that right."""
    CLOCK = "clock"
    """Nobody: the worker."""


@dataclass(frozen=True, slots=True)
class Move:
    """By `verb` a task goes from one of `origins` to `target`, its run being in one of `runs`; `by` says who may."""

    verb: Verb
    origins: frozenset[TaskState]
    target: TaskState
    by: By
    runs: frozenset[RunState] = frozenset({RunState.RUNNING})


@dataclass(frozen=True, slots=True)
class RunMove:
    """By `verb` a run goes from one of `origins` to `target`, or stays as it was where that is None."""

    verb: Verb
    origins: frozenset[RunState]
    target: RunState | None
    by: By


UNFINISHED = frozenset({TaskState.OPEN, TaskState.CLAIMED})
DONE = frozenset({TaskState.COMPLETED, TaskState.RETURNED})
LIVE = frozenset({RunState.RUNNING, RunState.SUSPENDED})

_OPEN, _CLAIMED = frozenset({TaskState.OPEN}), frozenset({TaskState.CLAIMED})
_RUNNING, _SUSPENDED = frozenset({RunState.RUNNING}), frozenset({RunState.SUSPENDED})

MOVES = (
    Move(Verb.CLAIM, _OPEN, TaskState.CLAIMED, By.HOLDER),
    Move(Verb.RELEASE, _CLAIMED, TaskState.OPEN, By.CLAIMER),
    Move(Verb.SAVE, _CLAIMED, TaskState.CLAIMED, By.CLAIMER),
    Move(Verb.COMPLETE, _CLAIMED, TaskState.COMPLETED, By.CLAIMER),
    Move(Verb.RETURN, _CLAIMED, TaskState.RETURNED, By.CLAIMER),
    Move(Verb.REOPEN, DONE, TaskState.CLAIMED, By.DOER, frozenset({RunState.RUNNING, RunState.FINISHED})),
    Move(Verb.HAND_OVER, _CLAIMED, TaskState.CLAIMED, By.CLAIMER),
    Move(Verb.REASSIGN, UNFINISHED, TaskState.CLAIMED, By.MANAGER),
)
"""What becomes of tasks. REOPEN takes back the last step only; where its doer no longer holds the jabatan, to OPEN."""

RUN_MOVES = (
    RunMove(Verb.START, frozenset(), RunState.RUNNING, By.STARTER),
    RunMove(Verb.SUSPEND, _RUNNING, RunState.SUSPENDED, By.MANAGER),
    RunMove(Verb.RESUME, _SUSPENDED, RunState.RUNNING, By.MANAGER),
    RunMove(Verb.CANCEL, LIVE, RunState.CANCELLED, By.MANAGER),
    RunMove(Verb.COMMENT, frozenset(RunState), None, By.ANYBODY),
    RunMove(Verb.ATTACH, LIVE, None, By.INVOLVED),
    RunMove(Verb.MESSAGE, _RUNNING, None, By.MANAGER),
    RunMove(Verb.SIGNAL, _RUNNING, None, By.MANAGER),
    RunMove(Verb.FIRE, _RUNNING, None, By.CLOCK),
    RunMove(Verb.MOVE, LIVE, None, By.ANALYST),
    RunMove(Verb.REVERT, LIVE, None, By.ANALYST),
)
"""What becomes of runs by acts on the run; COMPLETE, RETURN and the like take a run on to its FINISH as well."""


APPROVALS = {flow.PARAF: Verb.INITIAL, flow.TANDA_TANGAN: Verb.SIGN}
"""What `bpmn.flow.approval` says of a task, as the history has it."""


def move(verb: Verb) -> Move:
    """The one move of tasks that `verb` makes; KeyError for a verb that moves no task."""
    return _BY_VERB[verb]


def run_move(verb: Verb) -> RunMove:
    """The one move of runs that `verb` makes; KeyError for a verb that moves no run."""
    return _RUN_BY_VERB[verb]


def _verbs(moves: tuple[Move, ...] | tuple[RunMove, ...]) -> Iterator[Verb]:
    return (move.verb for move in moves)


_BY_VERB = dict(zip(_verbs(MOVES), MOVES, strict=True))
_RUN_BY_VERB = dict(zip(_verbs(RUN_MOVES), RUN_MOVES, strict=True))
