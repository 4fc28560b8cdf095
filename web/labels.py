"""What the engine's members are called on the screen, and the icon and colour that go with them."""

from __future__ import annotations

from typing import NamedTuple

from flask import Flask

from engine.queries.dues import Due, DueState
from engine.states import Capacity, RunState, TaskState, Verb
from web.language import gettext as _

CAPACITIES = {Capacity.DEFINITIF: "", Capacity.PLT: "Plt. ", Capacity.PLH: "Plh. "}

ENTRIES = {
    Verb.START: ("play-circle", ""),
    Verb.CLAIM: ("hand-index-thumb", ""),
    Verb.RELEASE: ("box-arrow-left", ""),
    Verb.COMPLETE: ("check2", "is-done"),
    Verb.RETURN: ("arrow-return-left", "is-return"),
    Verb.INITIAL: ("pencil", "is-done"),
    Verb.SIGN: ("pen", "is-done"),
    Verb.REASSIGN: ("person-badge", ""),
    Verb.HAND_OVER: ("person-badge", ""),
    Verb.COMMENT: ("journal-text", ""),
    Verb.SUSPEND: ("pause-circle", ""),
    Verb.RESUME: ("play-circle", ""),
    Verb.CANCEL: ("x-circle", ""),
    Verb.FINISH: ("flag", "is-done"),
    Verb.SAVE: ("save", ""),
    Verb.ATTACH: ("paperclip", ""),
    Verb.DETACH: ("trash", ""),
    Verb.REOPEN: ("arrow-counterclockwise", ""),
    Verb.MOVE: ("diagram-3", ""),
    Verb.REVERT: ("arrow-counterclockwise", ""),
    Verb.FIRE: ("clock-history", ""),
    Verb.MESSAGE: ("send", ""),
    Verb.SIGNAL: ("bell", ""),
    Verb.SUBSTITUTE: ("person-badge", ""),
    Verb.REMIND: ("bell", ""),
    Verb.OVERDUE: ("exclamation-triangle", "is-return"),
}
"""Icon and class of an act in a timeline."""


class Badge(NamedTuple):
    """A status as it looks: always an icon and words, colour only helps."""

    css: str
    icon: str
    text: str


def install(app: Flask) -> None:
    """Give templates the filters `badge`, `capacity`, `due_badge` and the table `entries`."""
    app.jinja_env.filters.update(badge=badge, capacity=capacity, due_badge=due_badge)
    app.jinja_env.globals["entries"] = ENTRIES


def capacity(jabatan: str, capacity: Capacity | None) -> str:
    """`Camat`, `Plt. Camat`, `Plh. Camat`."""
    return CAPACITIES[capacity or Capacity.DEFINITIF] + jabatan


def badge(state: RunState | TaskState) -> Badge:
    """The state of a run or a task."""
    badges = {
        RunState.RUNNING: Badge("state-claimed", "play-circle", _("Berjalan")),
        RunState.SUSPENDED: Badge("state-paused", "pause-circle", _("Ditangguhkan")),
        RunState.FINISHED: Badge("state-done", "check-circle", _("Selesai")),
        RunState.CANCELLED: Badge("state-paused", "x-circle", _("Dibatalkan")),
        TaskState.OPEN: Badge("state-open", "inbox", _("Menunggu")),
        TaskState.CLAIMED: Badge("state-claimed", "play-circle", _("Diproses")),
        TaskState.COMPLETED: Badge("state-done", "check-circle", _("Selesai")),
        TaskState.WITHDRAWN: Badge("state-paused", "x-circle", _("Ditarik")),
        TaskState.RETURNED: Badge("state-paused", "arrow-return-left", _("Dikembalikan")),
    }
    return badges[state]


def due_badge(due: Due | None) -> Badge:
    """How near a deadline is; None is a task without one."""
    if due is None:
        return Badge("due-none", "clock", _("Tanpa batas waktu"))
    badges = {
        DueState.AMPLE: Badge("due-ok", "clock", _("Batas Waktu")),
        DueState.NEAR: Badge("due-near", "hourglass-split", _("Mendekati Batas")),
        DueState.OVER: Badge("due-over", "exclamation-triangle", _("Batas Waktu")),
    }
    return badges[due.state]
