"""What the engine's members are called on the screen, and the icon and colour that go with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from flask import Flask

from engine.counting import counted
from engine.queries.dues import Due, DueState
from engine.states import Capacity, RunState, TaskState, Verb
from engine.stuck import Remedy
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

CAUSES = {
    "damaged": "exclamation-circle",
    "vacant": "person-badge",
    "absent": "calendar-event",
    "unclaimed": "hand-index-thumb",
    "idle": "hourglass-split",
    "returned": "arrow-return-left",
    "late": "clock",
    "other_sop": "diagram-3",
    "message": "send",
    "timer": "clock-history",
}
"""The icon of each cause of being stuck."""


class Badge(NamedTuple):
    """A status as it looks: always an icon and words, colour only helps."""

    css: str
    icon: str
    text: str


class Look(NamedTuple):
    """How a remedy is offered: its icon, its words, and the place where it is on the page of what can be done."""

    icon: str
    text: str
    place: str


def install(app: Flask) -> None:
    """Give templates the filters `badge`, `capacity`, `due_badge`, `remedy`, the tables of icons, and `counted`."""
    app.jinja_env.filters.update(badge=badge, capacity=capacity, due_badge=due_badge, remedy=remedy)
    app.jinja_env.globals.update(entries=ENTRIES, cause_icons=CAUSES, counted=counted)


def capacity(jabatan: str, capacity: Capacity | None) -> str:
    """`Camat`, `Plt. Camat`, `Plh. Camat`."""
    return CAPACITIES[capacity or Capacity.DEFINITIF] + jabatan


def badge(state: RunState | TaskState) -> Badge:
    """The state of a run or a task."""
    css, icon, text = _STATES[state]
    return Badge(css, icon, text())


def due_badge(due: Due | None) -> Badge:
    """How near a deadline is; None is a task without one."""
    css, icon, text = _DUES[due.state if due else None]
    return Badge(css, icon, text())


# The texts are called for one by one: a list has many rows, and to translate all of a table for each takes its time.
_Look = tuple[str, str, Callable[[], str]]

_STATES: dict[RunState | TaskState, _Look] = {
    RunState.RUNNING: ("state-claimed", "play-circle", lambda: _("Berjalan")),
    RunState.SUSPENDED: ("state-paused", "pause-circle", lambda: _("Ditangguhkan")),
    RunState.FINISHED: ("state-done", "check-circle", lambda: _("Selesai")),
    RunState.CANCELLED: ("state-paused", "x-circle", lambda: _("Dibatalkan")),
    TaskState.OPEN: ("state-open", "inbox", lambda: _("Menunggu")),
    TaskState.CLAIMED: ("state-claimed", "play-circle", lambda: _("Diproses")),
    TaskState.COMPLETED: ("state-done", "check-circle", lambda: _("Selesai")),
    TaskState.WITHDRAWN: ("state-paused", "x-circle", lambda: _("Ditarik")),
    TaskState.RETURNED: ("state-paused", "arrow-return-left", lambda: _("Dikembalikan")),
}

_DUES: dict[DueState | None, _Look] = {
    None: ("due-none", "clock", lambda: _("Tanpa batas waktu")),
    DueState.AMPLE: ("due-ok", "clock", lambda: _("Batas Waktu")),
    DueState.NEAR: ("due-near", "hourglass-split", lambda: _("Mendekati Batas")),
    DueState.OVER: ("due-over", "exclamation-triangle", lambda: _("Batas Waktu")),
}


_REMEDIES: dict[Remedy, _Look] = {
    Remedy.REMIND: ("bell", "ingatkan", lambda: _("Ingatkan")),
    Remedy.REASSIGN: ("arrow-left-right", "alihkan", lambda: _("Alihkan")),
    Remedy.SUBSTITUTE: ("people", "pengganti", lambda: _("Tunjuk pengganti")),
    Remedy.APPOINT: ("person-badge", "jabatan", lambda: _("Isi jabatan")),
    Remedy.OPEN_OTHER: ("diagram-3", "berkas-lain", lambda: _("Buka berkas itu")),
    Remedy.REPORT: ("question-circle", "laporkan", lambda: _("Laporkan")),
    Remedy.SUSPEND: ("pause-circle", "tangguhkan", lambda: _("Tangguhkan")),
    Remedy.RESUME: ("play-circle", "lanjutkan", lambda: _("Lanjutkan")),
    Remedy.CANCEL: ("x-circle", "batalkan", lambda: _("Batalkan")),
}


def remedy(name: Remedy) -> Look:
    """How a remedy is offered."""
    icon, place, text = _REMEDIES[name]
    return Look(icon, text(), place)
