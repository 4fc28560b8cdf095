"""Akun: the own password, e-mail address, and where one is logged in."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from engine import access, log_ins
from web import auth, edge, entering, errors, forms, kept
from web.language import gettext as _

blueprint = Blueprint("account", __name__)


@blueprint.get("/akun")
def own() -> str:
    """Akun."""
    return _page()


@blueprint.get("/akun/sandi")
def first_password() -> errors.Answer:
    """The page for somebody who logged in with a password that somebody else had set."""
    with edge.reading():
        must_change = g.log_in.must_change
    return _first() if must_change else redirect(url_for("account.own"))


@blueprint.post("/akun/sandi")
def change_password() -> errors.Answer:
    """Ganti kata sandi: the old one is asked for, unless it was set by somebody else and just used."""
    with edge.reading():
        first = g.log_in.must_change
    try:
        person = _change(first)
    except Refusal as refused:
        page = _first(refused) if first else _page(refused, "sandi")
        return page, errors.status(refused), errors.headers(refused)
    entering.tell("password changed", person=person)
    flash(_("Kata sandi diganti. Peramban lain sudah dikeluarkan."), "success")
    return auth.onward(person) if first else redirect(url_for("account.own"))


def _change(first: bool) -> int:
    if not first:
        entering.confirm(forms.text("sandi"))
    with edge.reading() as (session, who, _now):
        chosen = access.chosen(session, who.id, forms.text("sandi_baru"), forms.text("sandi_lagi"))
    with edge.acting() as (session, who, now):
        access.change_password(session, who, chosen, g.log_in.id, entering.place(), now)
    return who.id


@blueprint.post("/akun/email")
def set_address() -> errors.Answer:
    """Simpan alamat: by it a new password can be had, so the password is asked for."""
    try:
        entering.confirm(forms.text("sandi"))
        with edge.acting() as (session, who, now):
            access.set_address(session, who, forms.text("email"), entering.place(), now)
    except Refusal as refused:
        return _page(refused, "email"), errors.status(refused), errors.headers(refused)
    entering.tell("address changed", person=who.id)
    flash(_("Alamat e-mail disimpan."), "success")
    return redirect(url_for("account.own"))


@blueprint.post("/akun/sesi/<id:log_in_id>/akhiri")
def end(log_in_id: int) -> Response:
    """Keluarkan peramban ini."""
    with edge.acting() as (session, who, _now):
        log_ins.end(session, who, log_in_id)
    entering.tell("log-in ended", person=who.id)
    flash(_("Peramban itu sudah dikeluarkan."), "success")
    return redirect(url_for("account.own"))


@blueprint.post("/akun/sesi/akhiri")
def end_others() -> Response:
    """Keluarkan semua peramban lain."""
    with edge.acting() as (session, who, _now):
        log_ins.end_all(session, who.id, but=g.log_in.id)
    entering.tell("other log-ins ended", person=who.id)
    flash(_("Semua peramban lain sudah dikeluarkan."), "success")
    return redirect(url_for("account.own"))


@blueprint.post("/akun/putuskan")
def unbind() -> Response:
    """Putuskan: no single sign-on into this account any more."""
    with edge.acting() as (session, who, _now):
        access.unbind(session, who)
    entering.tell("single sign-on unbound", person=who.id)
    flash(_("Akun Anda tidak lagi dihubungkan."), "success")
    return redirect(url_for("account.own"))


def _page(refused: Refusal | None = None, part: str = "") -> str:
    with edge.reading() as (session, who, now):
        account = access.account(session, who)
        rows = log_ins.own(session, who, g.log_in.id, now)
    typed = forms.text("email") if part == "email" else account.email
    return render_template("account.html", account=account, rows=rows, refused=refused, part=part, typed=typed)


def _first(refused: Refusal | None = None) -> str:
    return render_template(
        "first_password.html", refused=refused, next=forms.wanted("next"), sealed=forms.text(kept.KEPT)
    )
