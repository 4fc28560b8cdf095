"""The event log of the office's runs as a file, for tools of process mining."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from flask import Blueprint, request
from werkzeug.wrappers import Response

from bpmn.wording import sentence
from engine.errors import Invalid
from engine.queries import event_log
from engine.queries.event_log import CSV, XES, Wanted
from web import edge, forms

blueprint = Blueprint("event_log", __name__)

TYPES = {XES: "application/xml", CSV: "text/csv"}

_PERIOD = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?", re.ASCII)


@blueprint.get("/statistik/log.xes")
def xes() -> Response:
    """The log of the runs started in a period (`?dari=2026-06&sampai=2026-11`), of one SOP (`?sop=`) or all.

    A period is of days or of whole months; `?selesai=ya` leaves out what is not finished.
    """
    return _download(XES)


@blueprint.get("/statistik/log.csv")
def table() -> Response:
    """The same events as a table."""
    return _download(CSV)


def _download(kind: str) -> Response:
    """The log that the address asks for, sent while it is read."""
    wanted = Wanted(
        definition=forms.key("sop"),
        since=_day("dari", first=True),
        until=_day("sampai", first=False),
        finished=request.args.get("selesai") == "ya",
    )
    with edge.reading() as (session, who, now):
        event_log.require(session, who, wanted)
    name = f"lajur-{who.calendar.day(now):%Y-%m-%d}.{kind}"
    return Response(
        event_log.pieces(edge.here().database.reading, who, wanted, kind),
        mimetype=TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _day(name: str, *, first: bool) -> date | None:
    """The day that the address names, or the first or last one of the month; Invalid for anything else."""
    asked = request.args.get(name, "")
    if not asked:
        return None
    found = _PERIOD.fullmatch(asked)
    try:
        if found is None:
            raise ValueError(asked)
        year, month = int(found[1]), int(found[2])
        return date(year, month, int(found[3]) if found[3] else 1 if first else monthrange(year, month)[1])
    except ValueError as wrong:
        raise Invalid(sentence("Tanggal %(what)s tidak dapat dibaca; tulis seperti 2026-11-23.", what=asked)) from wrong
