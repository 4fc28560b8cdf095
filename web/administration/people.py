"""Pegawai: who logs in, with which rights; new one-time passwords; who leaves, and comes back."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from engine.administration import leaving as leave
from engine.administration import people as acts
from engine.administration.handing import Handed
from engine.administration.one_time import Issued
from engine.administration.people import Entry
from engine.queries import administration
from engine.states import Right
from web import edge, errors, forms
from web.administration import base
from web.administration.base import blueprint
from web.language import gettext as _
from web.language import ngettext


@blueprint.get("/kelola/pegawai")
def people() -> str:
    """Pegawai: those who are active, or with `?tampil=nonaktif` those who left; `?cari=` looks in their names."""
    sought, active = request.args.get("cari", "").replace("\x00", ""), request.args.get("tampil") != "nonaktif"
    with edge.reading() as (session, who, now):
        page = administration.people(session, who, now, sought, active=active, number=base.number("halaman"))
    return render_template("admin_people.html", page=page, sought=sought, active=active)


@blueprint.get("/kelola/pegawai/baru")
def new_person() -> str:
    """Tambah pegawai."""
    return _new()


@blueprint.post("/kelola/pegawai/baru")
def add_person() -> errors.Answer:
    """Tambah Pegawai: the page that answers is the only one that ever shows the password."""
    return base.act(lambda session, who, now: acts.add(session, who, _entry(), now), _new, _issued)


@blueprint.get("/kelola/pegawai/<id:person_id>")
def person(person_id: int) -> str:
    """One person: names, rights, jabatan."""
    return _page(person_id)


@blueprint.post("/kelola/pegawai/<id:person_id>")
def change_person(person_id: int) -> errors.Answer:
    """Simpan: names, e-mail, rights."""

    def saved(_done: object) -> Response:
        flash(_("Perubahan disimpan."), "success")
        return redirect(url_for("administration.person", person_id=person_id))

    return base.act(
        lambda session, who, now: acts.change(session, who, person_id, _entry(), now),
        lambda refused: _page(person_id, refused),
        saved,
    )


@blueprint.post("/kelola/pegawai/<id:person_id>/sandi")
def new_password(person_id: int) -> errors.Answer:
    """Buat Kata Sandi Sekali Pakai: in the place of the one that was lost."""
    return base.act(
        lambda session, who, now: acts.new_password(session, who, person_id, now),
        lambda refused: _page(person_id, refused),
        _issued,
    )


@blueprint.post("/kelola/pegawai/<id:person_id>/aktifkan")
def reactivate(person_id: int) -> errors.Answer:
    """Aktifkan kembali."""
    return base.act(
        lambda session, who, now: acts.reactivate(session, who, person_id, now),
        lambda refused: _page(person_id, refused),
        _issued,
    )


@blueprint.get("/kelola/pegawai/<id:person_id>/nonaktifkan")
def leaving(person_id: int) -> str:
    """Nonaktifkan: what ends, and to whom the tasks go."""
    return _leaving(person_id)


@blueprint.post("/kelola/pegawai/<id:person_id>/nonaktifkan")
def deactivate(person_id: int) -> errors.Answer:
    """Nonaktifkan: do what was shown."""
    pairs = (text.partition(":") for text in request.form.getlist("penerima"))
    receivers = {int(jabatan): int(one) for jabatan, _colon, one in pairs if _is_id(jabatan) and _is_id(one)}

    def gone(handed: Handed) -> Response:
        flash(_("Pegawai dinonaktifkan dan tidak dapat masuk lagi."), "success")
        if handed.given:
            flash(ngettext("%(num)s tugas diserahkan.", "%(num)s tugas diserahkan.", handed.given), "success")
        if handed.opened:
            flash(
                ngettext("%(num)s tugas kembali terbuka bagi pemangku jabatannya.",
                         "%(num)s tugas kembali terbuka bagi pemangku jabatannya.", handed.opened), "info",
            )  # fmt: skip
        return redirect(url_for("administration.person", person_id=person_id))

    return base.act(
        lambda session, who, now: leave.deactivate(session, who, person_id, receivers, forms.text("tampak"), now),
        lambda refused: _leaving(person_id, refused),
        gone,
    )


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= forms.MAX_ID


def _entry() -> Entry:
    wanted = request.form.getlist("hak")
    return Entry(
        forms.text("nama"),
        forms.text("nama_pengguna"),
        forms.text("email"),
        frozenset(right for right in Right if right in wanted),
    )


def _issued(issued: Issued) -> str:
    with edge.reading():  # for what stands at the head of every page
        return render_template("admin_passwords.html", issued=(issued,), rows=None)


def _new(refused: Refusal | None = None) -> str:
    with edge.reading() as (session, who, _now):
        administration.choices(session, who)
    return render_template("admin_person_new.html", rights=tuple(Right), refused=refused)


def _page(person_id: int, refused: Refusal | None = None) -> str:
    with edge.reading() as (session, who, now):
        found = administration.person(session, who, person_id, now)
    return render_template("admin_person.html", found=found, rights=tuple(Right), refused=refused)


def _leaving(person_id: int, refused: Refusal | None = None) -> str:
    with edge.reading() as (session, who, now):
        found = leave.leaving(session, who, person_id, now)
    return render_template("admin_leaving.html", found=found, refused=refused)
