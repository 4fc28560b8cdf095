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

_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)

FROM, TO = "dari_bulan", "sampai_bulan"


@blueprint.get("/statistik/log.xes")
def xes() -> Response:
    """The log of the runs started in some months, of one SOP or of all; `?selesai=ya` leaves out what is not finished.

    `?dari_bulan=2026-06&sampai_bulan=2026-11&sop=12`, as the pages of statistics have it.
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
        since=_day(FROM, last=False),
        until=_day(TO, last=True),
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


def _day(name: str, *, last: bool) -> date | None:
    """The first or last day of the month that the address names; Invalid for what is none.

    It is not passed over, as a page would: nobody sees on a file that it holds another period than was asked for.
    """
    asked = request.args.get(name, "")
    if not asked:
        return None
    found = _MONTH.fullmatch(asked)
    try:
        if found is None:
            raise ValueError(asked)
        year, month = int(found[1]), int(found[2])
        return date(year, month, monthrange(year, month)[1] if last else 1)
    except ValueError as wrong:
        raise Invalid(sentence("Bulan %(what)s tidak dapat dibaca; tulis seperti 2026-11.", what=asked)) from wrong
