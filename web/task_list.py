"""Tugas: the task list, and the page on which a task is claimed and finished."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from engine import tasks
from engine.queries import inbox
from engine.queries.inbox import Outcome
from engine.states import Verb
from web import edge, errors, forms
from web.language import gettext as _

blueprint = Blueprint("tasks", __name__)


@blueprint.get("/")
def home() -> Response:
    """The front page is the task list."""
    return redirect(url_for("tasks.mine"))


@blueprint.get("/tugas")
def mine() -> str:
    """Tugas Saya: what the person has claimed."""
    with edge.reading() as (session, who, now):
        page = inbox.mine(session, who, now, forms.key("setelah") or 0)
    return render_template("task_list.html", page=page)


@blueprint.get("/tugas/jabatan")
def of_jabatan() -> str:
    """Tugas Jabatan: what waits for somebody to claim it."""
    with edge.reading() as (session, who, now):
        page = inbox.of_jabatan(session, who, now, forms.key("setelah") or 0)
    return render_template("task_list.html", page=page)


@blueprint.get("/tugas/<id:task_id>")
def one(task_id: int) -> str:
    """One task: what to do, with what, until when, and the buttons that finish it."""
    return _page(task_id)


@blueprint.post("/tugas/<id:task_id>/ambil")
def claim(task_id: int) -> errors.Answer:
    """Ambil Tugas."""
    try:
        with edge.acting() as (session, who, now):
            tasks.claim(session, who, task_id, now)
    except Refusal as refused:
        return _page(task_id, refused), errors.status(refused)
    return redirect(url_for("tasks.one", task_id=task_id))


@blueprint.post("/tugas/<id:task_id>/lepas")
def release(task_id: int) -> errors.Answer:
    """Lepas Tugas."""
    try:
        with edge.acting() as (session, who, now):
            tasks.release(session, who, task_id, now)
    except Refusal as refused:
        return _page(task_id, refused), errors.status(refused)
    flash(_("Tugas dilepas. Pemegang jabatan yang sama dapat mengambilnya."), "success")
    return redirect(url_for("tasks.of_jabatan"))


@blueprint.post("/tugas/<id:task_id>/selesai")
def complete(task_id: int) -> errors.Answer:
    """Selesaikan & Teruskan, or Kembalikan: which of them the chosen way decides."""
    try:
        with edge.acting() as (session, who, now):
            verb = tasks.complete(session, who, task_id, forms.chosen("keputusan"), forms.text("catatan"), now)
            outcome = inbox.outcome(session, who, task_id)
    except Refusal as refused:
        return _page(task_id, refused), errors.status(refused)
    flash(_outcome(verb, outcome), "success")
    return redirect(url_for("tasks.mine"))


def _page(task_id: int, refused: Refusal | None = None) -> str:
    """The task's page; after a refused act with its sentence on top and what was typed kept."""
    with edge.reading() as (session, who, now):
        task = inbox.task(session, who, task_id, now)
    return render_template(
        "task.html",
        task=task,
        round=task.row.returns + 1,
        refused=refused,
        onward=[choice for choice in task.choices if not choice.is_return],
        back=[choice for choice in task.choices if choice.is_return],
        chosen=forms.chosen("keputusan"),
        typed=forms.text("catatan"),
    )


def _outcome(verb: Verb, done: Outcome) -> str:
    """What the person is told after finishing a task: what happened, and where the run is now."""
    where = ", ".join(f"“{task.step}” ({task.jabatan})" for task in done.waiting)
    if verb is Verb.RETURN:
        return _("Berkas “%(subject)s” dikembalikan. Sekarang di: %(where)s.", subject=done.subject, where=where)
    if done.finished:
        return _("Tugas “%(task)s” selesai. Berkas “%(subject)s” telah tuntas.", task=done.name, subject=done.subject)
    if not done.waiting:
        return _(
            "Tugas “%(task)s” selesai. Berkas “%(subject)s” kini menunggu waktu atau hal lain menurut diagramnya.",
            task=done.name,
            subject=done.subject,
        )
    return _(
        "Tugas “%(task)s” selesai. Berkas “%(subject)s” diteruskan ke: %(where)s.",
        task=done.name,
        subject=done.subject,
        where=where,
    )
