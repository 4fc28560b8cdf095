"""Kelola: what is still missing, and Catatan perubahan."""

from __future__ import annotations

from flask import render_template

from engine.queries import administration
from web import edge, forms
from web.administration.base import blueprint


@blueprint.get("/kelola")
def checklist() -> str:
    """Kelola: how far the office is set up, and what comes next."""
    with edge.reading() as (session, who, now):
        found = administration.checklist(session, who, now)
    return render_template("admin_overview.html", found=found)


@blueprint.get("/kelola/catatan")
def changes() -> str:
    """Catatan perubahan: what administrators changed, newest first."""
    with edge.reading() as (session, who, _now):
        page = administration.changes(session, who, forms.key("sebelum"))
    return render_template("admin_changes.html", page=page)
