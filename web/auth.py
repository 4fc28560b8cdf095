"""Logging in and out, and the one guard in front of every page."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_wtf.csrf import CSRFError, generate_csrf
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from bpmn.wording import Sentence, sentence
from engine import offices
from engine.database import Session
from engine.errors import NotFound
from engine.offices import Actor
from engine.queries import work
from web import edge, errors, forms, kept, language, local
from web.kept import Kept
from web.language import gettext as _
from web.language import told

LIFETIME = timedelta(hours=12)
"""How long a session lives after its last request."""

PUBLIC = frozenset({"auth.form", "auth.log_in", "language.switch", "static"})
"""The endpoints that need no log-in; everything else does."""

WITH_CREDENTIALS = frozenset({"camunda"})
"""The blueprints for applications, whose every request carries credentials, and which look at no cookie."""

PATH_OF_TASK = re.compile(r"/tugas/(\d{1,9})/")
"""The address of what is done with one task."""

blueprint = Blueprint("auth", __name__)


STALE = sentence("Halaman ini sudah terlalu lama terbuka. Kembali, muat ulang halamannya, lalu kirim lagi.")
SENT_BACK = sentence("Sesi Anda telah berakhir. Yang Anda tulis tidak hilang: masuk lagi, lalu kirim.")
OF_ANOTHER = sentence(
    "Yang baru dikirim ditulis oleh orang lain dari yang sekarang masuk di peramban ini."
    " Masuk sebagai penulisnya untuk melanjutkan; yang ditulis tidak hilang."
)
TOO_LONG = sentence(
    "Sesi Anda telah berakhir, dan yang Anda tulis terlalu panjang untuk disimpan di sini."
    " Kembali ke halaman tadi dengan tombol Kembali pada peramban dan salin tulisan Anda sebelum masuk lagi."
)


class Sessions(SecureCookieSessionInterface):
    """Sessions that live on by what people do, and not by a page that refreshes itself."""

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Whether the cookie, and so the end of the session, is set anew."""
        return session.modified or (super().should_set_cookie(app, session) and not forms.refreshing())


def install(app: Flask) -> None:
    """Guard every request. To be called before the check of CSRF tokens, which an ended session has lost."""
    app.session_interface = Sessions()
    app.before_request(require_log_in)
    app.register_error_handler(edge.SessionEnded, session_ended)
    app.register_error_handler(CSRFError, stale_form)


def require_log_in() -> None:
    """Raise SessionEnded unless somebody is logged in or the page is for everybody; an unknown address is a 404."""
    if request.endpoint is None or request.endpoint in PUBLIC or request.blueprint in WITH_CREDENTIALS:
        return
    if edge.PERSON not in cookie:
        raise edge.SessionEnded


def session_ended(_ended: Exception) -> errors.Answer:
    """To the log-in page, with what was typed, and from there back to where the person was."""
    _forget()
    if errors.wants_json():
        return {"message": _("Sesi Anda telah berakhir. Masuk lagi, lalu simpan pekerjaan Anda.")}, 401
    page, form = local.current(), kept.sent()
    if form is not None and form.is_work:
        return _page(SENT_BACK, form, page), 401
    return redirect(url_for("auth.form", next=page if page != local.HOME else None))


def stale_form(_error: CSRFError) -> errors.Answer:
    """A form whose token is not of this session: shown again to the person who wrote it, with what was typed."""
    if request.endpoint == "auth.log_in" and not errors.wants_json():
        return _page(STALE), 400
    form = None if errors.wants_json() else kept.sent()
    if form is None or not form.is_work:
        return errors.answer(400, told(STALE))
    if form.person != cookie.get(edge.PERSON):
        return _page(OF_ANOTHER, form, local.HOME), 400
    return _again(form), 400


@blueprint.get("/sesi")
def token() -> errors.Answer:
    """Who is logged in, and a token for the forms of a page that outlived its session: for our scripts."""
    with edge.reading() as (_session, who, _now):
        return {"person": who.id, "csrf_token": generate_csrf()}


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
        return _page(refused.sentence), errors.status(refused)
    _forget()
    cookie[edge.PERSON] = person
    cookie.permanent = True
    written = forms.text(kept.KEPT)
    form = kept.opened(written) if written else None
    if form is not None and form.person == person:
        return _again(form)
    if written:
        flash(
            _("Yang ditulis sebelum Anda masuk bukan tulisan Anda, atau sudah terlalu lama, dan tidak dibuka."), "info"
        )
    return redirect(local.HOME if form else local.path(forms.text("next")))


@blueprint.post("/keluar")
def log_out() -> Response:
    """End the session."""
    _forget()
    return redirect(url_for("auth.form"))


def _page(problem: Sentence | None = None, form: Kept | None = None, page: str | None = None) -> str:
    """The log-in page, with what was typed into a form before, or into the page that is shown again."""
    sealed = kept.sealed(form) if form else forms.text(kept.KEPT)
    if form is not None and not sealed:
        problem = TOO_LONG
    wrong = problem is not None and form is None
    going = request.values.get("next", "") if page is None else page
    return render_template("log_in.html", problem=problem, wrong=wrong, sealed=sealed, next=going)


def _again(form: Kept) -> str:
    """What the person typed, in a form that sends it where it was sent to, with a token of this session."""
    with edge.reading() as (session, who, now):
        choices = _choices(session, who, form, now)
    return render_template("kept.html", form=form, labels=_labels(), choices=choices)


def _choices(session: Session, who: Actor, form: Kept, now: datetime) -> list[str]:
    """The names of the decisions that a form of a task sends; a decision without a name is none to speak of."""
    match = PATH_OF_TASK.match(form.path)
    wanted = {flow for name, text in form.fields if name == "keputusan" for flow in text.split()}
    if match is None or not wanted:
        return []
    try:
        task = work.one(session, who, int(match[1]), now)
    except NotFound:
        return []
    return [choice.name for choice in task.choices if choice.edge in wanted and choice.name]


def _labels() -> dict[str, str]:
    """What the fields of our forms are called; a field of a task's own form is called by its id."""
    return {
        "catatan": _("Catatan atau alasan"),
        "perihal": _("Perihal"),
        "agenda": _("Nomor Agenda"),
        "judul": _("Judul dokumen"),
        "sejak": _("Mulai tanggal"),
        "sampai": _("Sampai tanggal"),
    }


def _forget() -> None:
    """Empty the session cookie of everything but the language."""
    chosen = cookie.get(language.COOKIE)
    cookie.clear()
    if chosen is not None:
        cookie[language.COOKIE] = chosen
