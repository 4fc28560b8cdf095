"""SOP: the list, one SOP with its versions, publishing its draft, and starting a run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from secrets import token_urlsafe

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from engine import definitions, documents, drafts, runs, submissions
from engine.database import Session
from engine.errors import KeyUsed
from engine.offices import Actor
from engine.queries import catalogue, prospects
from engine.states import Right
from web import edge, errors, forms
from web.language import gettext as _

blueprint = Blueprint("sops", __name__)


@blueprint.get("/sop")
def all_of_office() -> str:
    """The SOPs of the office by title."""
    with edge.reading() as (session, who, _now):
        sops = catalogue.sops(session, who)
    return render_template("sop_list.html", sops=sops, may_add=who.may(Right.ANALYST))


@blueprint.get("/sop/<id:sop_id>")
def one(sop_id: int) -> str:
    """One SOP: its diagram, its versions, and for analysts its draft."""
    return _page(sop_id)


@blueprint.post("/sop/<id:sop_id>/jabatan")
def add_missing_jabatan(sop_id: int) -> errors.Answer:
    """Make a jabatan of each lane that names none."""
    try:
        with edge.acting() as (session, who, _now):
            names = definitions.add_missing_jabatan(session, who, sop_id)
    except Refusal as refused:
        return _page(sop_id, refused), errors.status(refused)
    flash(_("Jabatan ditambahkan: %(names)s.", names=", ".join(names) or "-"), "success")
    return redirect(url_for("sops.one", sop_id=sop_id))


@blueprint.post("/sop/<id:sop_id>/draf/hapus")
def discard(sop_id: int) -> errors.Answer:
    """Give the draft up; an SOP that was never published goes with it."""
    try:
        with edge.acting() as (session, who, _now):
            stays = drafts.discard(session, who, sop_id, forms.number("revisi"))
    except Refusal as refused:
        return _page(sop_id, refused), errors.status(refused)
    flash(
        _("Draf dihapus.") if stays else _("Draf dihapus. SOP ini belum pernah diterbitkan, jadi ikut dihapus."),
        "success",
    )
    return redirect(url_for("sops.one", sop_id=sop_id) if stays else url_for("sops.all_of_office"))


@blueprint.post("/sop/<id:sop_id>/cabut")
def retire(sop_id: int) -> errors.Answer:
    """Take the SOP out of force."""
    return _change_force(
        sop_id, definitions.retire, _("SOP ini tidak berlaku lagi. Berkas yang berjalan tetap diselesaikan.")
    )


@blueprint.post("/sop/<id:sop_id>/berlakukan")
def reinstate(sop_id: int) -> errors.Answer:
    """Put a retired SOP into force again."""
    return _change_force(sop_id, definitions.reinstate, _("SOP ini berlaku kembali."))


def _change_force(sop_id: int, act: Callable[[Session, Actor, int, datetime], None], done: str) -> errors.Answer:
    try:
        with edge.acting() as (session, who, now):
            act(session, who, sop_id, now)
    except Refusal as refused:
        return _page(sop_id, refused), errors.status(refused)
    flash(done, "success")
    return redirect(url_for("sops.one", sop_id=sop_id))


@blueprint.get("/sop/<id:sop_id>/mulai")
def start_form(sop_id: int) -> str:
    """The form that starts a run."""
    return _start_page(sop_id)


@blueprint.post("/sop/<id:sop_id>/mulai")
def start(sop_id: int) -> errors.Answer:
    """Mulai Berkas, with its first documents: all of it or nothing."""
    try:
        run_id = _start(sop_id, forms.text("perihal"), forms.text("agenda"))
    except Refusal as refused:
        if errors.wants_json():
            raise
        return _start_page(sop_id, refused), errors.status(refused)
    flash(_("Berkas dimulai. Kerjakan langkah pertamanya di bawah ini."), "success")
    started = url_for("runs.one", run_id=run_id)
    return {"location": started} if errors.wants_json() else redirect(started)


def _start(sop_id: int, subject: str, agenda: str) -> int:
    """The id of the run. The bytes of its documents are stored before the transaction begins."""
    with edge.reading() as (session, who, _now):
        runs.check_start(session, who, sop_id, subject, agenda)
    kept = [documents.keep(edge.store(), sent.name, sent.content) for sent in forms.uploads("dokumen")]
    with edge.acting() as (session, who, now):
        return submissions.once(
            session,
            who,
            forms.chosen("kunci"),
            " ".join(["mulai", str(sop_id), subject, agenda, *(file.sha256 for file in kept)]),
            lambda: documents.start(session, who, sop_id, subject, now, agenda, kept),
            now,
        )


@blueprint.get("/versi/<id:version_id>.bpmn")
def version(version_id: int) -> Response:
    """The diagram of a version, for the viewer and for saving."""
    with edge.reading() as (session, who, _now):
        xml = definitions.version_xml(session, who, version_id)
    return diagram(xml, f"versi-{version_id}.bpmn")


def diagram(xml: bytes, name: str) -> Response:
    """A BPMN file as an answer that a browser saves and never shows as a page."""
    return Response(xml, mimetype="application/xml", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _page(sop_id: int, refused: Refusal | None = None) -> str:
    with edge.reading() as (session, who, _now):
        sop = catalogue.one(session, who, sop_id)
        moves = prospects.moves(session, who, sop_id) if sop.may_edit else ()
        older = prospects.older_runs(session, who, sop_id) if sop.may_edit else 0
    return render_template(
        "sop.html",
        sop=sop,
        moves=moves,
        older=older,
        published=next((version for version in sop.versions if version.number == sop.row.version), None),
        refused=refused,
    )


def _start_page(sop_id: int, refused: Refusal | None = None) -> str:
    with edge.reading() as (session, who, _now):
        sop = catalogue.one(session, who, sop_id)
        first = catalogue.first_steps(session, who, sop_id)
    return render_template(
        "sop_start.html",
        sop=sop,
        first=first,
        refused=refused,
        typed=forms.text("perihal"),
        typed_agenda=forms.text("agenda"),
        key=_key(refused),
        chosen=forms.uploads("dokumen"),
    )


def _key(refused: Refusal | None) -> str:
    """The key of the form: the same form sent twice starts one run, also where it was refused in between."""
    return token_urlsafe(16) if isinstance(refused, KeyUsed) else forms.chosen("kunci") or token_urlsafe(16)
