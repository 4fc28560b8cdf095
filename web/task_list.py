"""Tugas: the task list, and the page on which a task is claimed and finished."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from bpmn.wording import sentence
from engine import errors as facts
from engine import reopening, tasks
from engine.database import Session
from engine.offices import Actor
from engine.queries import absences, catalogue, inbox, lists, progress, work
from engine.queries import runs as run_queries
from engine.queries.inbox import Outcome, TaskRow
from engine.queries.lists import Wanted
from engine.queries.paging import KeyedPage
from engine.states import Verb
from web import edge, errors, forms, local, marks, wanted
from web.language import gettext as _
from web.language import told

blueprint = Blueprint("tasks", __name__)


@blueprint.get("/")
def home() -> Response:
    """The front page is the task list."""
    return redirect(url_for("tasks.mine"))


@blueprint.get("/tugas")
def mine() -> str:
    """Tugas Saya: what the person has claimed."""
    return _list(lists.mine)


@blueprint.get("/tugas/jabatan")
def of_jabatan() -> str:
    """Tugas Jabatan: what waits for somebody to claim it."""
    return _list(lists.of_jabatan)


@blueprint.get("/tugas/selesai")
def finished() -> str:
    """Selesai: what the person has finished."""
    return _list(lists.finished)


@blueprint.get("/tugas/menunggu")
def waiting() -> str:
    """Menunggu: runs that the person has sent on and that are now with others."""
    view = wanted.view()
    with edge.reading() as (session, who, now):
        page = run_queries.sent_on(session, who, now, view.wanted.text, view.wanted.definition, view.wanted.after)
        sops = catalogue.titles(session, who)
    return render_template("task_list.html", page=page, view=view, sops=sops, again=local.current())


def _list(query: Callable[[Session, Actor, datetime, Wanted], KeyedPage[TaskRow]]) -> str:
    view = wanted.view()
    with edge.reading() as (session, who, now):
        page = query(session, who, now, view.wanted)
        sops = catalogue.titles(session, who)
    return render_template("task_list.html", page=page, view=view, sops=sops, again=local.current())


@blueprint.post("/tugas/ambil")
def claim_many() -> Response:
    """Ambil beberapa tugas sekaligus: those that can still be claimed are, of the others it is told why not."""
    with edge.acting() as (session, who, now):
        refused = tasks.each(tasks.claim, session, who, forms.keys("tugas"), now)
    return _told_of_many(refused, _("Tugas yang dipilih sudah Anda ambil."))


@blueprint.post("/tugas/lepas")
def release_many() -> Response:
    """Lepas beberapa tugas sekaligus."""
    with edge.acting() as (session, who, now):
        refused = tasks.each(tasks.release, session, who, forms.keys("tugas"), now)
    return _told_of_many(refused, _("Tugas yang dipilih sudah dilepas."))


def _told_of_many(refused: dict[int, Refusal | None], done: str) -> Response:
    """Back to the list, as it was, with what came of each."""
    reasons = dict.fromkeys(told(why.sentence) for why in refused.values() if why is not None)
    if not refused:
        flash(_("Pilih satu tugas atau lebih terlebih dahulu."), "warning")
    elif not reasons:
        flash(done, "success")
    else:
        count = sum(1 for why in refused.values() if why is None)
        flash(_("%(done)d dari %(all)d tugas berhasil.", done=count, all=len(refused)), "warning")
    for reason in reasons:
        flash(reason, "error")
    return redirect(local.path(forms.text("kembali_ke")))


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
    return redirect(url_for("tasks.one", task_id=task_id, dari=local.came_from() or None))


@blueprint.post("/tugas/<id:task_id>/lepas")
def release(task_id: int) -> errors.Answer:
    """Lepas Tugas."""
    try:
        with edge.acting() as (session, who, now):
            tasks.release(session, who, task_id, now)
    except Refusal as refused:
        return _page(task_id, refused), errors.status(refused)
    flash(_("Tugas dilepas. Pemegang jabatan yang sama dapat mengambilnya."), "success")
    return redirect(local.came_from() or url_for("tasks.of_jabatan"))


@blueprint.post("/tugas/<id:task_id>/limpahkan")
def hand_over(task_id: int) -> errors.Answer:
    """Limpahkan: to another holder of the jabatan."""
    to = next(iter(forms.keys("kepada")), None)
    try:
        if to is None:
            raise facts.Invalid(sentence("Pilih dahulu kepada siapa tugas ini dilimpahkan."))
        with edge.acting() as (session, who, now):
            tasks.hand_over(session, who, task_id, to, forms.text("pesan"), now)
            name = work.one(session, who, task_id, now).row.claimed_by
    except Refusal as refused:
        return _page(task_id, refused), errors.status(refused)
    flash(_("Tugas dilimpahkan kepada %(name)s.", name=name), "success")
    return redirect(url_for("tasks.mine"))


@blueprint.post("/tugas/<id:task_id>/buka")
def reopen(task_id: int) -> errors.Answer:
    """Buka Kembali: the last step is taken back."""
    try:
        with edge.acting() as (session, who, now):
            reopening.reopen(session, who, task_id, forms.text("catatan"), now)
    except Refusal as refused:
        return _page(task_id, refused), errors.status(refused)
    flash(_("Langkah dibuka kembali. Yang Anda tulis masih ada."), "success")
    return redirect(url_for("tasks.one", task_id=task_id, dari=local.came_from() or None))


@blueprint.post("/tugas/<id:task_id>/simpan")
def save(task_id: int) -> errors.Answer:
    """Simpan Draf: by the button, or by the page itself while one types."""
    try:
        with edge.acting() as (session, who, now):
            choice, note = forms.chosen("keputusan"), forms.text("catatan")
            tasks.save(session, who, task_id, choice, note, now, forms.fields())
    except Refusal as refused:
        if errors.wants_json():
            raise
        return _page(task_id, refused), errors.status(refused)
    if errors.wants_json():
        return {"message": _("Draf tersimpan.")}
    flash(_("Draf tersimpan."), "success")
    return redirect(url_for("tasks.one", task_id=task_id, dari=local.came_from() or None))


@blueprint.post("/tugas/<id:task_id>/selesai")
def complete(task_id: int) -> errors.Answer:
    """Selesaikan & Teruskan, or Kembalikan: which of them the chosen way decides."""
    try:
        with edge.acting() as (session, who, now):
            choice, note = forms.chosen("keputusan"), forms.text("catatan")
            verb = tasks.complete(session, who, task_id, choice, note, now, forms.fields())
            outcome = inbox.outcome(session, who, task_id)
    except Refusal as refused:
        return _page(task_id, refused), errors.status(refused)
    flash(_outcome(verb, outcome), "success")
    return redirect(local.came_from() or url_for("tasks.mine"))


def _page(task_id: int, refused: Refusal | None = None) -> str:
    """The task's page; after a refused act with its sentence on top and what was typed kept."""
    with edge.reading() as (session, who, now):
        task = work.one(session, who, task_id, now)
        come = progress.of_run(session, who, task.row.run_id)
        receivers = absences.receivers(session, who, task_id, now) if task.row.mine else ()
    return render_template(
        "task.html",
        task=task,
        attached=task.papers.others,
        progress=come,
        marks=marks.of(come, task.node_id),
        receivers=receivers,
        round=task.row.returns + 1,
        refused=refused,
        onward=[choice for choice in task.choices if not choice.is_return],
        back=[choice for choice in task.choices if choice.is_return],
        chosen=forms.chosen("keputusan"),
        typed=forms.text("catatan") or task.note,
        entered={**task.entries, **(forms.fields() or {})} if refused else task.entries,
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
