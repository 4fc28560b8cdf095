"""What is about the person who looks: Pemberitahuan, and Saya tidak di tempat."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from bpmn.wording import sentence
from engine import absences, access, notices
from engine import errors as facts
from engine.queries import absences as absence_queries
from engine.queries import digest
from engine.queries import notices as notice_queries
from web import edge, entering, errors, forms, local
from web.language import gettext as _

blueprint = Blueprint("personal", __name__)


@blueprint.get("/pemberitahuan")
def told() -> str:
    """Pemberitahuan: what the person was told, newest first."""
    return _notices()


def _notices(refused: Refusal | None = None) -> str:
    with edge.reading() as (session, who, _now):
        page = notice_queries.mine(session, who, forms.key("sebelum"))
        address = notice_queries.address(session, who)
        wanted = digest.wanted(session, who)
    typed = forms.text("email") if refused else address
    return render_template(
        "notices.html", page=page, address=address, typed=typed, refused=refused, digest_wanted=wanted
    )


@blueprint.post("/pemberitahuan/email")
def send_to() -> errors.Answer:
    """Kirim juga ke e-mail: to this address, or to none."""
    try:
        if forms.text("email").strip():  # by which a new password can be had
            entering.confirm(forms.text("sandi"))
        with edge.acting() as (session, who, now):
            access.set_address(session, who, forms.text("email"), entering.place(), now)
    except Refusal as refused:
        return _notices(refused), errors.status(refused), errors.headers(refused)
    if forms.text("email").strip():
        flash(_("Alamat e-mail disimpan."), "success")
    else:
        flash(_("Pemberitahuan tidak lagi dikirim ke e-mail."), "success")
    return redirect(url_for("personal.told"))


@blueprint.post("/pemberitahuan/dibaca")
def read() -> Response:
    """Tandai semua dibaca."""
    with edge.acting() as (session, who, now):
        notices.read(session, who, None, now)
    return redirect(url_for("personal.told"))


@blueprint.get("/tidak-di-tempat")
def away() -> str:
    """Saya tidak di tempat: own absences."""
    return _page()


@blueprint.get("/tidak-di-tempat/kantor")
def office() -> str:
    """Siapa yang tidak di tempat: for managers."""
    with edge.reading() as (session, who, now):
        away = absence_queries.of_office(session, who, now)
    return render_template("office_away.html", away=away)


@blueprint.post("/tidak-di-tempat")
def note() -> errors.Answer:
    """Catat ketidakhadiran, with who steps in."""
    try:
        since, until = _day("sejak"), _day("sampai")
        with edge.acting() as (session, who, now):
            substitute = next(iter(forms.keys("pengganti")), None)
            absences.note(session, who, who.id, since, until, substitute, forms.text("catatan"), now)
    except Refusal as refused:
        return _page(refused), errors.status(refused)
    flash(_("Ketidakhadiran dicatat."), "success")
    return redirect(url_for("personal.away"))


@blueprint.post("/tidak-di-tempat/<id:absence_id>/akhiri")
def end(absence_id: int) -> errors.Answer:
    """Saya sudah kembali."""
    try:
        with edge.acting() as (session, who, now):
            absences.end(session, who, absence_id, now)
    except facts.NotFound:
        raise
    except Refusal as refused:
        return _page(refused), errors.status(refused)
    flash(_("Ketidakhadiran diakhiri. Pekerjaan yang dititipkan kembali kepada pemiliknya."), "success")
    return redirect(local.path(request.form.get("kembali_ke", url_for("personal.away"))))


def _page(refused: Refusal | None = None) -> str:
    with edge.reading() as (session, who, now):
        own = absences.own(session, who, now)
        people = [one for one in absences.substitutes(session, who) if one[0] != who.id]
        today = who.calendar.day(now)
    return render_template("away.html", own=own, people=people, today=today, refused=refused)


def _day(name: str) -> date:
    try:
        return date.fromisoformat(forms.text(name))
    except ValueError as wrong:
        raise facts.Invalid(sentence("Isi tanggal mulai dan tanggal selesai, misalnya 2026-11-23.")) from wrong
