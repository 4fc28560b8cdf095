"""The first start: whoever has the code from the terminal founds the first office; afterwards there is no such page."""

from __future__ import annotations

import hmac
from hashlib import sha256

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from bpmn.wording import Sentence, sentence
from engine import errors as facts
from engine.administration import installing, office
from engine.administration.people import Entry
from web import edge, errors, forms

blueprint = Blueprint("setup", __name__)

_SET_UP = "lajur_set_up"
"""Remembers, once it is so, that there is an office: there always will be."""

WRONG = sentence("Kode penyiapan ini tidak cocok. Salin lagi dari terminal tempat Lajur dijalankan.")


def code(secret_key: str) -> str:
    """The setup code: whoever cannot read the secret key, and did not start Lajur, cannot guess it.

    The same for all processes with this key, and after a restart.
    """
    return hmac.new(secret_key.encode(), b"lajur setup", sha256).hexdigest()[:20]


def install(app: Flask) -> None:
    """Lead whoever wants to log in to the first start while there is no office."""
    app.before_request(_lead)


def _lead() -> Response | None:
    if request.endpoint == "auth.form" and _is_new():
        return redirect(url_for("setup.form"))
    return None


@blueprint.get("/mulai")
def form() -> errors.Answer:
    """Siapkan Lajur: the office and its first administrator, for whoever has the code (`?kode=`)."""
    _require_new()
    given = request.args.get("kode", "")
    if not _fits(given):
        return _page(WRONG if given else None, ""), 403 if given else 200
    return _page(None, given)


@blueprint.post("/mulai")
def found() -> errors.Answer:
    """Buat Kantor."""
    _require_new()
    given = forms.text("kode")
    if not _fits(given):
        return _page(WRONG, ""), 403
    first = Entry(forms.text("nama"), forms.text("nama_pengguna"))
    try:
        if forms.text("sandi") != forms.text("sandi_lagi"):
            raise facts.Invalid(sentence("Kedua kata sandi tidak sama; ketik sekali lagi."))
        with edge.here().database.transaction() as session:
            now = edge.here().settings.clock()
            installing.found(session, forms.text("kantor"), forms.text("zona"), first, forms.text("sandi"), now)
    except facts.NotFound:
        raise
    except Refusal as refused:
        return _page(refused.sentence, given), errors.status(refused)
    return render_template("setup_done.html", username=first.username.strip().lower())


def _page(problem: Sentence | None, given: str) -> str:
    return render_template("setup.html", problem=problem, code=given, zones=office.ZONES)


def _require_new() -> None:
    if not _is_new():
        raise facts.NotFound


def _is_new() -> bool:
    if current_app.extensions.get(_SET_UP):
        return False
    with edge.here().database.reading() as session:
        current_app.extensions[_SET_UP] = not office.is_new(session)
    return not current_app.extensions[_SET_UP]


def _fits(given: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), code(str(current_app.secret_key)).encode())
