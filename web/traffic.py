"""Papan, one SOP: all its runs on one diagram, and the same figures as a table."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for

from engine.queries import traffic
from web import edge, forms, local, marks

COLOURS = ("waktu", "kembali")
"""What `?warna=` may say; the first is the default."""

blueprint = Blueprint("traffic", __name__)


@blueprint.get("/papan/sop/<id:sop_id>")
def of_sop(sop_id: int) -> str:
    """Where the runs of an SOP stand, how long its steps take or how often they send back, and the ways gone."""
    colour = request.args.get("warna", "")
    colour = colour if colour in COLOURS else COLOURS[0]
    months = forms.key("bulan")
    months = months if months in traffic.PERIODS else traffic.MONTHS
    with edge.reading() as (session, who, now):
        page = traffic.of_sop(session, who, sop_id, now, months, forms.key("versi"))
        chosen = next((step for step in page.steps if step.node_id == request.args.get("langkah")), None)
        waiters = traffic.waiting_at(session, who, sop_id, chosen.node_id, now) if chosen else ()
    came_from = local.came_from() or None

    def link(step: str) -> str:
        """This page with the runs behind a box."""
        return url_for(
            "traffic.of_sop",
            sop_id=sop_id,
            warna=colour,
            bulan=months,
            versi=page.shown.number,
            dari=came_from,
            langkah=step,
            _anchor="di-langkah",
        )

    return render_template(
        "traffic.html",
        page=page,
        colour=colour,
        periods=traffic.PERIODS,
        little=traffic.LITTLE,
        marks=marks.of_traffic(page, colour == "kembali", link),
        link=link,
        board="/papan?" + urlencode({"sop": sop_id, "tampil": "semua"}),
        chosen=chosen,
        waiters=waiters,
        again=local.current(),
    )
