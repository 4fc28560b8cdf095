"""Papan: where live runs are stuck, why, and what managers do about it. The state of the page is in its address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from bpmn.wording import sentence
from engine import absences, alerts, runs, tasks
from engine import errors as facts
from engine.database import Session
from engine.offices import Actor
from engine.queries import absences as absence_queries
from engine.queries import board, catalogue
from engine.queries.board import By, Only, Order, Wanted
from engine.stuck import BY_NAME, Remedy, thresholds
from web import edge, errors, forms, local
from web.language import gettext as _
from web.wanted import TEXT_LIMIT

blueprint = Blueprint("board", __name__)

ONLY = {"tertahan": Only.STUCK, "semua": Only.ALL, "lewat": Only.OVERDUE, "ditangguhkan": Only.SUSPENDED}
"""What `?tampil=` may say; the first is the default."""

ORDERS = {"terlama": Order.WAITING, "tenggat": Order.DUE, "terbaru": Order.NEWEST}
"""What `?urut=` may say; the first is the default."""

GROUPS = {"sop": By.SOP, "jabatan": By.JABATAN, "orang": By.PERSON, "sebab": By.CAUSE}
"""What `?kelompok=` may say, and the word by which the address then narrows the board to one of them."""


class View(NamedTuple):
    """What is wanted, and the words of the address that say it, without the page."""

    wanted: Wanted
    group: By | None
    words: dict[str, str]


@blueprint.get("/papan")
def overview() -> str:
    """Papan: what is stuck, or as the address says."""
    view = _view()
    with edge.reading() as (session, who, now):
        found = board.page(session, who, now, view.wanted, view.group)
        sops, people = catalogue.titles(session, who), board.people(session, who)
    return render_template(
        "board.html",
        page=found.page,
        counts=found.counts,
        groups=found.groups,
        view=view,
        sops=sops,
        people=people,
        again=local.current(),
    )


@blueprint.get("/papan/berkas/<id:run_id>")
def one(run_id: int) -> str:
    """One run of the board, with all that can be done about it."""
    return _page(run_id)


@blueprint.post("/papan/berkas/<id:run_id>/ingatkan")
def remind(run_id: int) -> errors.Answer:
    """Ingatkan: those who have one of its tasks, or may claim it."""

    def act(session: Session, who: Actor, now: datetime) -> None:
        alerts.remind(session, who, _task(session, who, run_id, now), forms.text("catatan"), now)

    return _done(run_id, act, _("Pengingat sudah dikirim."))


@blueprint.post("/papan/berkas/<id:run_id>/alihkan")
def reassign(run_id: int) -> errors.Answer:
    """Alihkan: one of its tasks to a holder of its jabatan."""
    to = next(iter(forms.keys("kepada")), None)

    def act(session: Session, who: Actor, now: datetime) -> None:
        if to is None:
            raise facts.Invalid(sentence("Pilih dahulu kepada siapa tugas ini dialihkan."))
        tasks.reassign(session, who, _task(session, who, run_id, now), to, forms.text("catatan"), now)

    return _done(run_id, act, _("Tugas sudah dialihkan."))


@blueprint.post("/papan/berkas/<id:run_id>/pengganti")
def appoint(run_id: int) -> errors.Answer:
    """Tunjuk pengganti: for somebody it waits for, who is away."""
    person, substitute = (next(iter(forms.keys(name)), None) for name in ("orang_pergi", "pengganti"))

    def act(session: Session, who: Actor, now: datetime) -> None:
        if person is None or substitute is None:
            raise facts.Invalid(sentence("Pilih dahulu siapa yang menggantikan."))
        absences.appoint(session, who, person, substitute, now)

    return _done(run_id, act, _("Pengganti sudah ditunjuk, dan pekerjaan yang menunggu beralih kepadanya."))


@blueprint.post("/papan/berkas/<id:run_id>/tangguhkan")
def suspend(run_id: int) -> errors.Answer:
    """Tangguhkan, with a reason."""
    return _done(
        run_id,
        lambda session, who, now: runs.suspend(session, who, run_id, forms.text("catatan"), now),
        _("Berkas ditangguhkan. Tugas dan batas waktunya menunggu sampai dilanjutkan."),
    )


@blueprint.post("/papan/berkas/<id:run_id>/lanjutkan")
def resume(run_id: int) -> errors.Answer:
    """Lanjutkan what was suspended."""
    return _done(
        run_id,
        lambda session, who, now: runs.resume(session, who, run_id, forms.text("catatan"), now),
        _("Berkas dilanjutkan."),
    )


@blueprint.post("/papan/berkas/<id:run_id>/batalkan")
def cancel(run_id: int) -> errors.Answer:
    """Batalkan, with a reason."""
    return _done(
        run_id,
        lambda session, who, now: runs.cancel(session, who, run_id, forms.text("catatan"), now),
        _("Berkas dibatalkan."),
    )


@blueprint.get("/papan/ambang")
def limits() -> str:
    """Ambang: from when on it is too long, or too often."""
    return _limits()


@blueprint.post("/papan/ambang")
def change_limits() -> errors.Answer:
    """Simpan ambang."""
    try:
        with edge.acting() as (session, who, now):
            values = {name: forms.text(name) for name in BY_NAME if name in request.form}
            thresholds.change(session, who, values, now)
    except Refusal as refused:
        return _limits(refused), errors.status(refused)
    flash(_("Ambang disimpan. Papan sudah dihitung ulang."), "success")
    return redirect(url_for("board.overview"))


def _view() -> View:
    """What the address asks for. What it says wrongly is not asked for."""
    asked = request.args.get
    text = " ".join(asked("cari", "").replace("\x00", "").split())[:TEXT_LIMIT]
    only, order, group = asked("tampil", ""), asked("urut", ""), asked("kelompok", "")
    cause = asked("sebab", "")
    words = {
        "cari": text,
        "sop": str(forms.key("sop") or ""),
        "jabatan": str(forms.key("jabatan") or ""),
        "orang": str(forms.key("orang") or ""),
        "sebab": cause if cause in BY_NAME else "",
        "tampil": only if only in list(ONLY)[1:] else "",
        "urut": order if order in list(ORDERS)[1:] else "",
        "kelompok": group if group in GROUPS else "",
    }
    wanted = Wanted(
        text=text,
        definition=forms.key("sop"),
        jabatan=forms.key("jabatan"),
        person=forms.key("orang"),
        cause=words["sebab"],
        only=ONLY.get(only, Only.STUCK),
        order=ORDERS.get(order, Order.WAITING),
        after=asked("setelah", ""),
    )
    return View(wanted, GROUPS.get(group), {name: word for name, word in words.items() if word})


def _task(session: Session, who: Actor, run_id: int, now: datetime) -> int:
    """The unfinished task of the run that the form names. Raises TaskFinished where it is none of them any more."""
    chosen = forms.keys("tugas")
    steps = [step.id for step in board.of_run(session, who, run_id, now).steps]
    task = next((one for one in chosen if one in steps), None)
    if task is None:
        raise facts.TaskFinished
    return task


def _done(run_id: int, act: Callable[[Session, Actor, datetime], None], said: str) -> errors.Answer:
    """Do it, and go back to the board as it was; where it was refused, say why on the run's page."""
    try:
        with edge.acting() as (session, who, now):
            act(session, who, now)
    except facts.NotFound:
        raise
    except Refusal as refused:
        return _page(run_id, refused), errors.status(refused)
    flash(said, "success")
    return _back()


def _back() -> Response:
    return redirect(local.came_from() or url_for("board.overview"))


def _page(run_id: int, refused: Refusal | None = None) -> str:
    """The run with its remedies; after a refused act with its sentence on top and what was typed kept."""
    with edge.reading() as (session, who, now):
        row = board.of_run(session, who, run_id, now)
        receivers = {
            step.id: [one for one in absence_queries.receivers(session, who, step.id, now) if one.id != step.person_id]
            for step in row.steps
            if Remedy.REASSIGN in row.remedies
        }
        people = absences.substitutes(session, who) if row.away else ()
    return render_template(
        "board_run.html",
        row=row,
        receivers=receivers,
        people=people,
        refused=refused,
        typed=forms.text("catatan"),
        again=local.came_from() or url_for("board.overview"),
    )


def _limits(refused: Refusal | None = None) -> str:
    with edge.reading() as (session, who, _now):
        settings = thresholds.of_office(session, who)
    typed = {setting.name: forms.text(setting.name) or str(setting.value) for setting in settings}
    return render_template("board_limits.html", settings=settings, typed=typed, refused=refused)
