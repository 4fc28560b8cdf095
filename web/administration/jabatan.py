"""Jabatan, and Pemangku jabatan: who holds them from when to when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from bpmn.wording import sentence
from engine import errors as facts
from engine.administration import holdings
from engine.administration import jabatan as acts
from engine.administration.handing import Handed
from engine.database import Session
from engine.offices import Actor
from engine.queries import administration
from engine.states import Capacity
from web import edge, errors, forms
from web.administration import base
from web.administration.base import blueprint
from web.language import gettext as _
from web.language import ngettext


@blueprint.get("/kelola/jabatan")
def all_jabatan() -> str:
    """Jabatan: the highest first, and a form for another one."""
    return _list()


@blueprint.get("/kelola/pemangku")
def holders() -> str:
    """Pemangku jabatan: who holds each today, and what is odd about it."""
    with edge.reading() as (session, who, now):
        rows = administration.all_jabatan(session, who, now)
    return render_template("admin_holders.html", rows=rows)


@blueprint.post("/kelola/jabatan")
def add() -> errors.Answer:
    """Tambahkan: a jabatan."""
    return base.act(
        lambda session, who, now: acts.add(session, who, forms.text("nama"), _rank(), now),
        _list,
        lambda made: _back(made, _("Jabatan ditambahkan.")),
    )


@blueprint.get("/kelola/jabatan/<id:jabatan_id>")
def jabatan(jabatan_id: int) -> str:
    """One jabatan: names, rank, and who held it and will."""
    return _page(jabatan_id)


@blueprint.post("/kelola/jabatan/<id:jabatan_id>")
def change(jabatan_id: int) -> errors.Answer:
    """Simpan: name and rank."""
    return base.act(
        lambda session, who, now: acts.change(session, who, jabatan_id, forms.text("nama"), _wanted_rank(), now),
        _again(jabatan_id),
        lambda _done: _back(jabatan_id, _("Perubahan disimpan.")),
    )


@blueprint.post("/kelola/jabatan/<id:jabatan_id>/hapus")
def remove(jabatan_id: int) -> errors.Answer:
    """Hapus jabatan: where nothing refers to it."""

    def gone(_done: object) -> Response:
        flash(_("Jabatan dihapus."), "success")
        return redirect(url_for("administration.all_jabatan"))

    return base.act(lambda session, who, now: acts.remove(session, who, jabatan_id, now), _again(jabatan_id), gone)


@blueprint.post("/kelola/jabatan/<id:jabatan_id>/nama-lain")
def add_alias(jabatan_id: int) -> errors.Answer:
    """Tambahkan: another name by which diagrams call it."""
    return base.act(
        lambda session, who, now: acts.add_alias(session, who, jabatan_id, forms.text("lain"), now),
        _again(jabatan_id),
        lambda _done: _back(jabatan_id, _("Nama lain ditambahkan.")),
    )


@blueprint.post("/kelola/jabatan/<id:jabatan_id>/nama-lain/<id:alias_id>/hapus")
def remove_alias(jabatan_id: int, alias_id: int) -> errors.Answer:
    """Hapus: the other name means nothing any more."""
    return base.act(
        lambda session, who, now: acts.remove_alias(session, who, jabatan_id, alias_id, now),
        _again(jabatan_id),
        lambda _done: _back(jabatan_id, _("Nama lain dihapus.")),
    )


@blueprint.post("/kelola/jabatan/<id:jabatan_id>/pemangku")
def begin(jabatan_id: int) -> errors.Answer:
    """Tetapkan: somebody holds it from a day on; in the place of another one (serah terima) where one is named."""

    def deed(session: Session, who: Actor, now: datetime) -> Handed:
        ends = forms.number("pengganti_dari")
        if ends > 0:
            holding, _person, held = holdings.own(session, who, min(ends, forms.MAX_ID))
            if held.id != jabatan_id:
                raise facts.NotFound
            return holdings.succeed(session, who, holding.id, base.person(), base.term(), now)
        holdings.begin(session, who, jabatan_id, base.person(), base.term(), now)
        return Handed()

    return base.act(
        deed, _again(jabatan_id), lambda handed: _back(jabatan_id, _("Pemangku jabatan ditetapkan."), handed)
    )


@blueprint.get("/kelola/jabatan/<id:jabatan_id>/pemangku/<id:holding_id>")
def holding(jabatan_id: int, holding_id: int) -> str:
    """One holding, to be changed, ended or struck out."""
    return _holding(jabatan_id, holding_id)


@blueprint.post("/kelola/jabatan/<id:jabatan_id>/pemangku/<id:holding_id>")
def change_holding(jabatan_id: int, holding_id: int) -> errors.Answer:
    """Simpan: capacity and days."""
    return base.act(
        lambda session, who, now: holdings.change(session, who, holding_id, base.term(), now),
        lambda refused: _holding(jabatan_id, holding_id, refused),
        lambda handed: _back(jabatan_id, _("Perubahan disimpan."), handed),
    )


@blueprint.post("/kelola/jabatan/<id:jabatan_id>/pemangku/<id:holding_id>/hapus")
def remove_holding(jabatan_id: int, holding_id: int) -> errors.Answer:
    """Hapus: it was noted by mistake."""
    return base.act(
        lambda session, who, now: holdings.remove(session, who, holding_id, now),
        lambda refused: _holding(jabatan_id, holding_id, refused),
        lambda handed: _back(jabatan_id, _("Catatan pemangku dihapus."), handed),
    )


def _back(jabatan_id: int, told: str, handed: Handed | None = None) -> Response:
    flash(told, "success")
    if handed and handed.given:
        flash(
            ngettext("%(num)s tugas diserahkan kepada penerusnya.", "%(num)s tugas diserahkan kepada penerusnya.",
                     handed.given), "success",
        )  # fmt: skip
    if handed and handed.opened:
        flash(
            ngettext("%(num)s tugas kembali terbuka bagi semua pemangku jabatan ini.",
                     "%(num)s tugas kembali terbuka bagi semua pemangku jabatan ini.", handed.opened), "info",
        )  # fmt: skip
    return redirect(url_for("administration.jabatan", jabatan_id=jabatan_id))


def _again(jabatan_id: int) -> Callable[[Refusal], str]:
    return lambda refused: _page(jabatan_id, refused)


def _list(refused: Refusal | None = None) -> str:
    with edge.reading() as (session, who, now):
        rows = administration.all_jabatan(session, who, now)
    return render_template("admin_jabatan_list.html", rows=rows, refused=refused, highest=acts.HIGHEST)


def _page(jabatan_id: int, refused: Refusal | None = None) -> str:
    with edge.reading() as (session, who, now):
        found = administration.jabatan(session, who, jabatan_id, now)
        people = administration.choices(session, who)
        today = who.calendar.day(now)
    return render_template(
        "admin_jabatan.html",
        found=found,
        people=people,
        today=today,
        highest=acts.HIGHEST,
        capacities=tuple(Capacity),
        refused=refused,
    )


def _holding(jabatan_id: int, holding_id: int, refused: Refusal | None = None) -> str:
    with edge.reading() as (session, who, now):
        found = administration.jabatan(session, who, jabatan_id, now)
        today = who.calendar.day(now)
    held = next((one for one in found.holdings if one.id == holding_id), None)
    if held is None:
        raise facts.NotFound
    return render_template(
        "admin_holding.html", found=found, held=held, today=today, capacities=tuple(Capacity), refused=refused
    )


def _rank() -> int | None:
    """The rank as typed; None where it is left to the name."""
    return _wanted_rank() if forms.text("tingkat").strip() else None


def _wanted_rank() -> int:
    typed = forms.text("tingkat").strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) < 6):
        raise facts.Invalid(sentence("Tingkat jabatan harus bilangan bulat dari 0 sampai %(most)d.", most=acts.HIGHEST))
    return int(typed)
