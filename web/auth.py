"""Logging in and out, and the one guard in front of every page."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from engine import offices
from web import edge, errors, forms, language, local
from web.language import gettext as _

LIFETIME = timedelta(hours=12)
"""How long a session lives after its last request."""

PUBLIC = frozenset({"auth.form", "auth.log_in", "language.switch", "static"})
"""The endpoints that need no log-in; everything else does."""

blueprint = Blueprint("auth", __name__)


def install(app: Flask) -> None:
    """Guard every request. To be called before the check of CSRF tokens, which an ended session has lost."""
    app.before_request(require_log_in)
    app.register_error_handler(edge.SessionEnded, session_ended)


def require_log_in() -> None:
    """Raise SessionEnded unless somebody is logged in or the page is for everybody; an unknown address is a 404."""
    if request.endpoint is not None and request.endpoint not in PUBLIC and edge.PERSON not in cookie:
        raise edge.SessionEnded


def session_ended(_ended: Exception) -> errors.Answer:
    """To the log-in page, and from there back to where the person was."""
    _forget()
    if errors.wants_json():
        return {"message": _("Sesi Anda telah berakhir. Masuk lagi, lalu simpan pekerjaan Anda.")}, 401
    page = local.current()
    return redirect(url_for("auth.form", next=page if page != local.HOME else None))


@blueprint.get("/masuk")
def form() -> errors.Answer:
    """The log-in page; whoever is logged in goes on."""
    if edge.PERSON in cookie:
        return redirect(local.path(request.args.get("next", "")))
    return _page()


@blueprint.post("/masuk")
def log_in() -> errors.Answer:
    """Begin a session of its own, so that one planted beforehand is worth nothing."""
    try:
        with edge.here().database.reading() as session:
            person = offices.log_in(session, forms.text("nama"), forms.text("sandi"))
    except Refusal as refused:
        return _page(refused), errors.status(refused)
    _forget()
    cookie[edge.PERSON] = person
    cookie.permanent = True
    return redirect(local.path(forms.text("next")))


@blueprint.post("/keluar")
def log_out() -> Response:
    """End the session."""
    _forget()
    return redirect(url_for("auth.form"))


def _page(refused: Refusal | None = None) -> str:
    return render_template("log_in.html", refused=refused, next=request.values.get("next", ""))


def _forget() -> None:
    """Empty the session cookie of everything but the language."""
    chosen = cookie.get(language.COOKIE)
    cookie.clear()
    if chosen is not None:
        cookie[language.COOKIE] = chosen
