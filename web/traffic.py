"""Papan, one SOP: all its runs on one diagram, and the same figures as a table."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, render_template, request

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
    again = local.current()

    def link(step: str = "") -> str:
        """The board with the runs of the SOP, or those at a step."""
        return "/papan?" + urlencode({"sop": sop_id, **({"langkah": step} if step else {}), "dari": again})

    return render_template(
        "traffic.html",
        page=page,
        colour=colour,
        periods=traffic.PERIODS,
        little=traffic.LITTLE,
        marks=marks.of_traffic(page, colour == "kembali", link),
        link=link,
    )
