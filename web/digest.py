"""Laporan pagi: an office on one sheet, to be read in the morning and printed for the weekly meeting."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import counting, digests
from engine.queries import digest
from web import edge, forms
from web.language import gettext as _

MOST = 6
"""Rows of each list beside the runs that wait longest: so many that all of it stays on one sheet."""

blueprint = Blueprint("digest", __name__)


@blueprint.get("/papan/pagi")
def overview() -> str:
    """Laporan pagi; `?pekan=1` with the figures of the week."""
    week = request.args.get("pekan") == "1"
    with edge.reading() as (session, who, now):
        found = digest.of_office(session, who, now, week=week)
    return render_template("digest.html", digest=found, week=week, most=MOST, countless=counting.MOST)


@blueprint.post("/papan/pagi/kirim")
def switch() -> Response:
    """Kirim Laporan pagi ke e-mail saya, or no longer."""
    on = forms.text("kirim") == "ya"
    with edge.acting() as (session, who, _now):
        digests.switch(session, who, on=on)
    flash(_("Laporan pagi dikirim ke e-mail.") if on else _("Laporan pagi tidak lagi dikirim ke e-mail."), "success")
    return redirect(url_for("personal.told"))
