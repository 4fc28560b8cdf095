"""Kantor: name, time zone, working hours, own days off and working days."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from engine.administration import office as acts
from engine.queries import administration
from web import edge, errors, forms
from web.administration import base
from web.administration.base import blueprint
from web.language import gettext as _


@blueprint.get("/kelola/kantor")
def office() -> str:
    """Kantor: as it is set."""
    return _page()


@blueprint.post("/kelola/kantor")
def describe() -> errors.Answer:
    """Simpan: name and time zone."""
    name, zone = forms.text("nama"), forms.text("zona")
    return base.act(lambda session, who, now: acts.describe(session, who, name, zone, now), _page, _saved)


@blueprint.post("/kelola/kantor/jam")
def hours() -> errors.Answer:
    """Simpan Jam Kerja: of a week and of Ramadan; empty where nobody works."""
    week = [forms.text(f"biasa{number}") for number in range(7)]
    ramadan = [forms.text(f"ramadan{number}") for number in range(7)]
    leave = forms.text("cuti") == "ya"
    return base.act(
        lambda session, who, now: acts.set_hours(session, who, week, ramadan, joint_leave=leave, now=now), _page, _saved
    )


@blueprint.post("/kelola/kantor/hari")
def add_day() -> errors.Answer:
    """Tambahkan: an own day off or working day."""
    working = forms.text("jenis") == "kerja"
    return base.act(
        lambda session, who, now: acts.add_day(session, who, base.wanted_day("tanggal"), working=working, now=now),
        _page,
        _saved,
    )


@blueprint.post("/kelola/kantor/hari/hapus")
def remove_day() -> errors.Answer:
    """Hapus: the day is as everywhere again."""
    return base.act(
        lambda session, who, now: acts.remove_day(session, who, base.wanted_day("tanggal"), now), _page, _saved
    )


def _saved(_done: object) -> Response:
    flash(_("Perubahan disimpan."), "success")
    return redirect(url_for("administration.office"))


def _page(refused: Refusal | None = None) -> str:
    with edge.reading() as (session, who, now):
        found = administration.office(session, who, now)
        today = who.calendar.day(now)
    zones = dict.fromkeys((*acts.ZONES, found.timezone))
    return render_template("admin_office.html", found=found, zones=zones, today=today, refused=refused)
