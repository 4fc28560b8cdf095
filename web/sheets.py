"""The SOP as its official form: a page that prints, its pictures, and the PDF; all made from the diagram."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from bpmn import parser, printed
from bpmn.printed.rows import rows
from engine.errors import NotFound
from engine.queries import catalogue, changes
from engine.queries.changes import Drawn
from engine.states import Right
from web import edge, forms, headers
from web.moments import official_day

blueprint = Blueprint("sheets", __name__)

DRAFT = "draf"


@blueprint.get("/sop/<id:sop_id>/lembar")
def page(sop_id: int) -> str:
    """The form of a version, by default the one in force, or of the draft (`?versi=draf`)."""
    with edge.reading() as (session, who, _now):
        sop = catalogue.one(session, who, sop_id)
        draft = request.args.get("versi") == DRAFT or (sop.row.version is None and "versi" not in request.args)
        drawn = changes.drawn(session, who, sop_id, None if draft else forms.key("versi") or sop.row.version or 0)
    flow = parser.parse(drawn.xml)
    paper = _paper()
    made = _pages(drawn.xml, paper, foot(drawn))
    return render_template(
        "sop_sheet.html",
        sop=sop,
        drawn=drawn,
        foot=foot(drawn),
        paper=paper,
        papers=tuple(printed.PAPERS),
        pictures=[_address("picture", sop_id, drawn, number, paper) for number in range(1, len(made) + 1)],
        pdf=_address("pdf", sop_id, drawn, None, paper),
        rows=rows(flow),
        lanes=[lane.name for lane in flow.lanes],
        identity=flow.properties,
    )


@blueprint.get("/versi/<id:version_id>/lembar-<id:number>.svg")
def picture(version_id: int, number: int) -> Response:
    """A page of the form of a version."""
    with edge.reading() as (session, who, _now):
        drawn = changes.of_version(session, who, version_id)
    return _picture(drawn, number)


@blueprint.get("/sop/<id:sop_id>/draf/lembar-<id:number>.svg")
def draft_picture(sop_id: int, number: int) -> Response:
    """A page of the form of the draft."""
    return _picture(_draft(sop_id), number)


@blueprint.get("/versi/<id:version_id>/lembar.pdf")
def pdf(version_id: int) -> Response:
    """The form of a version as a PDF file."""
    with edge.reading() as (session, who, _now):
        drawn = changes.of_version(session, who, version_id)
    return _pdf(drawn)


@blueprint.get("/sop/<id:sop_id>/draf/lembar.pdf")
def draft_pdf(sop_id: int) -> Response:
    """The form of the draft as a PDF file."""
    return _pdf(_draft(sop_id))


def foot(drawn: Drawn) -> str:
    """What stands at the foot of every page: Indonesian, as is the form."""
    if drawn.number is None:
        return "DRAF, belum berlaku"
    version = f"Versi {drawn.number}, berlaku sejak {official_day(drawn.since)}"
    if drawn.in_force is None:
        return f"{version}, sudah dicabut"
    return version if drawn.in_force == drawn.number else f"{version}, sudah diganti versi {drawn.in_force}"


def _draft(sop_id: int) -> Drawn:
    with edge.reading() as (session, who, _now):
        who.require(Right.ANALYST)
        return changes.drawn(session, who, sop_id, None)


def _address(what: str, sop_id: int, drawn: Drawn, number: int | None, paper: str) -> str:
    more: dict[str, Any] = {} if number is None else {"number": number}
    if drawn.version_id is None:
        return url_for(f"sheets.draft_{what}", sop_id=sop_id, kertas=paper, revisi=int(drawn.since.timestamp()), **more)
    return url_for(f"sheets.{what}", version_id=drawn.version_id, kertas=paper, **more)


def _paper() -> str:
    wanted = request.args.get("kertas", "")
    return wanted if wanted in printed.PAPERS else printed.A4.name


def _picture(drawn: Drawn, number: int) -> Response:
    made = _pages(drawn.xml, _paper(), foot(drawn))
    if number > len(made):
        raise NotFound
    headers.lock()
    return Response(printed.svg(made[number - 1]), mimetype="image/svg+xml")


def _pdf(drawn: Drawn) -> Response:
    made = _pages(drawn.xml, _paper(), foot(drawn))
    flow = parser.parse(drawn.xml)
    title = f"SOP {flow.name or flow.pool}"
    which = DRAFT if drawn.number is None else f"versi-{drawn.number}"
    name = f"{re.sub(r'[^A-Za-z0-9]+', '-', title).strip('-')[:80]}-{which}.pdf"
    content = printed.pdf(made, title)
    headers.lock()
    return Response(
        content, mimetype="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@lru_cache(maxsize=64)
def _pages(xml: bytes, paper: str, foot: str) -> tuple[printed.Page, ...]:
    """The pages, kept: each picture of a page is a request of its own, and a version never changes."""
    return printed.pages(parser.parse(xml), printed.PAPERS[paper], foot)
