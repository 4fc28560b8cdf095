"""The modeler: the page on which analysts draw, and the addresses it reads, checks and saves the draft by."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from bpmn import lint
from bpmn.wording import sentence
from engine import definitions
from engine.errors import Invalid
from engine.queries import catalogue, drawing
from engine.states import Right
from web import edge, errors, headers
from web.language import told
from web.sops import diagram

blueprint = Blueprint("modeler", __name__)


@blueprint.get("/sop/<id:sop_id>/ubah")
def page(sop_id: int) -> str:
    """The page with the modeler."""
    with edge.reading() as (session, who, _now):
        who.require(Right.ANALYST)
        sop = catalogue.one(session, who, sop_id)
        xml, _revision = definitions.xml(session, who, sop_id)
        findings = drawing.findings(session, who, xml)
        jabatan = drawing.jabatan(session, who)
    headers.allow_style_attributes()
    return render_template("modeler.html", sop=sop, findings=_told(findings), jabatan=jabatan)


@blueprint.get("/sop/<id:sop_id>/draf.bpmn")
def draft(sop_id: int) -> Response:
    """The diagram to edit: the draft, or the published version where there is none."""
    with edge.reading() as (session, who, _now):
        xml, _revision = definitions.xml(session, who, sop_id)
    return diagram(xml, f"draf-{sop_id}.bpmn")


@blueprint.get("/sop/<id:sop_id>/draf")
def stored(sop_id: int) -> dict[str, Any]:
    """The same with its revision, and who saved it when: what a modeler that comes second compares its own with."""
    with edge.reading() as (session, who, _now):
        found = drawing.stored(session, who, sop_id)
    return {
        "xml": found.xml.decode("utf-8-sig"),
        "revision": found.revision,
        "saved_by": found.saved_by,
        "saved_at": found.saved_at.isoformat() if found.saved_at else None,
    }


@blueprint.put("/sop/<id:sop_id>/draf")
def save(sop_id: int) -> errors.Answer:
    """Keep what was drawn, if nobody else saved since it was opened."""
    with edge.acting() as (session, who, now):
        revision, _findings = definitions.save_draft(session, who, sop_id, request.get_data(), _opened(), now)
        findings = drawing.findings(session, who, request.get_data())
    return {"revision": revision, "findings": _told(findings)}


@blueprint.post("/sop/<id:sop_id>/periksa")
def check(sop_id: int) -> errors.Answer:
    """What the rules find in what was drawn so far. Nothing is kept."""
    with edge.reading() as (session, who, _now):
        definitions.own(session, who, sop_id)
        findings = drawing.findings(session, who, request.get_data())
    return {"findings": _told(findings)}


def _opened() -> int:
    """The revision that was opened, from `If-Match`."""
    for revision in request.if_match:
        if revision.isascii() and revision.isdigit():
            return int(revision)
    raise Invalid(sentence("Permintaan simpan tidak lengkap. Muat ulang halaman ini."))


def _told(findings: tuple[lint.Finding, ...]) -> list[dict[str, Any]]:
    """Findings as the modeler's script reads them."""
    return [
        {"element": finding.element, "severity": finding.severity, "message": told(finding.message)}
        for finding in findings
    ]
