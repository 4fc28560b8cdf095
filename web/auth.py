"""Logging in and out, a forgotten password, and the one guard in front of every page."""

from __future__ import annotations

import re
from datetime import datetime

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_wtf.csrf import CSRFError, generate_csrf
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from bpmn.wording import Sentence, sentence
from engine import access, log_ins, passwords
from engine.database import Session
from engine.errors import Invalid, NotFound
from engine.offices import Actor
from engine.queries import work
from web import edge, entering, errors, forms, kept, local
from web.kept import Kept
from web.language import gettext as _
from web.language import told

LIFETIME = log_ins.IDLE
"""How long the session cookie lives after the last request."""

PUBLIC = frozenset(
    {"auth.form", "auth.log_in", "auth.forgotten", "auth.ask_reset", "auth.by_link", "auth.reset"}
    | {"single_sign_on.begin", "single_sign_on.back", "single_sign_on.end", "setup.form", "setup.found"}
    | {"language.switch", "static"}
)
"""The endpoints that need no log-in; everything else does."""

DEMO = "demo"
"""The blueprint of a demo's own pages, which need none either; no other installation has it."""

WITH_CREDENTIALS = frozenset({"camunda", "api"})
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
    """Guard every request. To be called before the check of CSRF tokens, which an ended session has lost.

    Templates get `password_lengths`: the shortest and the longest that may be chosen.
    """
    app.jinja_env.globals["password_lengths"] = (passwords.SHORTEST, passwords.LONGEST)
    app.session_interface = Sessions()
    app.before_request(require_log_in)
    app.register_error_handler(edge.SessionEnded, session_ended)
    app.register_error_handler(edge.MustChange, must_change)
    app.register_error_handler(CSRFError, stale_form)


def require_log_in() -> None:
    """Raise SessionEnded unless somebody was logged in or the page is for everybody; an unknown address is a 404."""
    if request.endpoint is None or request.endpoint in PUBLIC or request.blueprint in WITH_CREDENTIALS | {DEMO}:
        return
    if edge.TOKEN not in cookie:
        raise edge.SessionEnded


def session_ended(_ended: Exception) -> errors.Answer:
    """To the log-in page, with what was typed, and from there back to where the person was."""
    entering.forget()
    if errors.wants_json():
        return {"message": _("Sesi Anda telah berakhir. Masuk lagi, lalu simpan pekerjaan Anda.")}, 401
    going, form = local.current(), kept.sent()
    if form is not None and form.is_work:
        return page(SENT_BACK, form, going), 401
    return redirect(url_for("auth.form", next=going if going != local.HOME else None))


def must_change(_must: Exception) -> errors.Answer:
    """To the page on which a password is chosen, before anything else."""
    if errors.wants_json():
        return {"message": _("Pilih dahulu kata sandi Anda sendiri. Muat ulang halaman ini.")}, 403
    going = local.current()
    return redirect(url_for("account.first_password", next=going if going != local.HOME else None))


def stale_form(_error: CSRFError) -> errors.Answer:
    """A form whose token is not of this session: shown again to the person who wrote it, with what was typed."""
    if request.endpoint == "auth.log_in" and not errors.wants_json():
        return page(STALE), 400
    form = None if errors.wants_json() else kept.sent()
    if form is None or not form.is_work:
        return errors.answer(400, told(STALE))
    if form.person != edge.person():
        return page(OF_ANOTHER, form, local.HOME), 400
    return _again(form), 400


@blueprint.get("/sesi")
def token() -> errors.Answer:
    """Who is logged in, and a token for the forms of a page that outlived its session: for our scripts."""
    with edge.reading() as (_session, who, _now):
        return {"person": who.id, "csrf_token": generate_csrf()}


@blueprint.get("/masuk")
def form() -> errors.Answer:
    """The log-in page; whoever is logged in goes on."""
    if edge.person() is not None:
        return redirect(local.path(request.args.get("next", "")))
    return page()


@blueprint.post("/masuk")
def log_in() -> errors.Answer:
    """Masuk, by user name and password."""
    try:
        known = entering.checked(forms.text("nama"), forms.text("sandi"))
    except Refusal as refused:
        return page(refused.sentence), errors.status(refused), errors.headers(refused)
    entering.begin(known, "password")
    if known.must_change:
        return render_template("first_password.html", next=forms.text("next"), sealed=forms.text(kept.KEPT))
    return onward(known.person_id)


def onward(person: int) -> errors.Answer:
    """From the log-in to what the person typed before, or to the page that was wanted."""
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
    entering.tell("log-out", person=edge.person())
    entering.end()
    return redirect(url_for("auth.form", keluar="ya" if edge.here().settings.single_sign_on else None))


# -- a forgotten password ---------------------------------------------------------------------------------------------


@blueprint.get("/lupa-sandi")
def forgotten() -> str:
    """Lupa kata sandi."""
    return render_template("forgotten.html", asked=False)


@blueprint.post("/lupa-sandi")
def ask_reset() -> errors.Answer:
    """Send a link, if there is such an account; the answer is the same where there is none."""
    if not edge.here().settings.resets_by_mail:
        return render_template("forgotten.html", asked=False)
    called = forms.text("nama")
    entering.tell("new password asked for", username=called)
    with edge.here().database.transaction() as session:
        access.ask_reset(session, called, edge.here().settings.clock())
    return render_template("forgotten.html", asked=True)


@blueprint.get("/sandi-baru/<secret>")
def by_link(secret: str) -> errors.Answer:
    """The page on which a new password is chosen, by a link from a mail."""
    with edge.here().database.reading() as session:
        access.of_link(session, secret, edge.here().settings.clock())
    return render_template("new_password.html", secret=secret)


@blueprint.post("/sandi-baru/<secret>")
def reset(secret: str) -> errors.Answer:
    """Pilih kata sandi baru: the link is used up, and one logs in with the new password."""
    here, now = edge.here(), edge.here().settings.clock()
    try:
        with here.database.reading() as session:
            person = access.of_link(session, secret, now)
            chosen = access.chosen(session, person, forms.text("sandi_baru"), forms.text("sandi_lagi"))
    except Invalid as refused:
        return render_template("new_password.html", secret=secret, refused=refused), errors.status(refused)
    with here.database.transaction() as session:
        access.reset_by_link(session, secret, chosen, entering.place(), now)
    entering.tell("password changed by link", person=person)
    entering.forget()
    flash(_("Kata sandi baru disimpan. Masuk dengan kata sandi itu."), "success")
    return redirect(url_for("auth.form"))


def page(problem: Sentence | None = None, form: Kept | None = None, onto: str | None = None) -> str:
    """The log-in page, with what was typed into a form before, or into the page that is shown again."""
    sealed = kept.sealed(form) if form else forms.text(kept.KEPT)
    if form is not None and not sealed:
        problem = TOO_LONG
    wrong = problem is not None and form is None
    going = request.values.get("next", "") if onto is None else onto
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
        "nama": _("Nama"),
        "nama_pengguna": _("Nama pengguna"),
        "email": _("E-mail"),
        "zona": _("Zona waktu"),
        "tingkat": _("Tingkat"),
        "lain": _("Nama lain"),
        "status": _("Status"),
        "hak": _("Hak"),
        "tanggal": _("Tanggal"),
        "jenis": _("Jenis"),
        "tempelan": _("Isi daftar"),
    }
