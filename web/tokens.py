"""Token akses: by what applications act for the person, made and revoked by the person alone."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for

from bpmn.errors import Refusal
from engine import tokens
from web import edge, errors, forms, local
from web.language import gettext as _

LASTING = (30, 90, 365)
"""Days that a token may be made for; any other choice is one without an end."""

blueprint = Blueprint("tokens", __name__)


@blueprint.get("/token")
def mine() -> str:
    """The person's tokens, and the form for a new one."""
    return _page()


@blueprint.post("/token")
def create() -> errors.Answer:
    """Buat Token: the page that answers is the only one that ever shows the secret."""
    days = forms.text("masa")
    try:
        with edge.acting() as (session, who, now):
            ends = now + timedelta(days=int(days)) if days in map(str, LASTING) else None
            _id, secret = tokens.create(session, who, forms.text("nama"), request.form.getlist("izin"), now, ends)
    except Refusal as refused:
        return _page(refused), errors.status(refused)
    return _page(secret=secret)


@blueprint.post("/token/<id:token_id>/cabut")
def revoke(token_id: int) -> errors.Answer:
    """Cabut."""
    with edge.acting() as (session, who, now):
        tokens.revoke(session, who, token_id, now)
    flash(_("Token dicabut. Aplikasi yang memakainya tidak dapat masuk lagi."), "success")
    return redirect(url_for("tokens.mine"))


def _page(refused: Refusal | None = None, secret: str = "") -> str:
    with edge.reading() as (session, who, now):
        own = tokens.own(session, who, now)
        scopes = [scope for scope in tokens.SCOPES if scope not in tokens.RIGHTS or who.may(tokens.RIGHTS[scope])]
    return render_template(
        "tokens.html",
        own=own,
        scopes=scopes,
        names=_names(),
        lasting=LASTING,
        secret=secret,
        api=local.whole("api.documentation").rstrip("/"),
        address=local.whole("camunda.other").rstrip("/"),
        refused=refused,
    )


def _names() -> dict[str, str]:
    """What the scopes are called."""
    return {
        tokens.DEPLOY: _("Mengirim diagram menjadi draf"),
        tokens.PUBLISH: _("Menerbitkan langsung diagram yang dikirim"),
        tokens.START: _("Memulai berkas"),
        tokens.TASKS: _("Membaca tugas, dan mengerjakan tugas Anda"),
        tokens.RUNS: _("Membaca berkas dengan dokumennya, melampirkan dokumen, dan menulis catatan"),
        tokens.DEFINITIONS: _("Membaca SOP dengan diagramnya"),
        tokens.MANAGE: _("Membaca Papan dan Statistik"),
    }
