"""SOPs from documents: read into drafts, reviewed row by row beside the document, brought up to date with a new one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from bpmn import amending, lint
from bpmn.amending import Correction, ReviewRow
from bpmn.errors import Refusal
from bpmn.flow import Flow
from engine import definitions, drafts
from engine.errors import NotFound
from engine.queries import catalogue, reviews
from engine.states import Right
from web import edge, errors, forms
from web.language import gettext as _
from web.language import ngettext, told

blueprint = Blueprint("reviewing", __name__)


# -- from a document --------------------------------------------------------------------------------------------------


@blueprint.get("/sop/baru")
def new() -> str:
    """The form for a new SOP."""
    with edge.reading() as (_session, who, _now):
        who.require(Right.ANALYST)
    return render_template("sop_new.html", refused=None, typed="")


@blueprint.post("/sop/baru")
def add() -> errors.Answer:
    """Read an SOP document or a BPMN file into drafts, and go on to the review of the first."""
    try:
        with edge.acting() as (session, who, now):
            who.require(Right.ANALYST)
            document = forms.document("dokumen", "teks")
            made = drafts.add_document(session, who, document.content, document.name, now)
            read = drafts.source(session, who, made[0]) is not None
    except Refusal as refused:
        with edge.reading():
            return render_template("sop_new.html", refused=refused, typed=forms.text("teks")), errors.status(refused)
    if not read:
        flash(_("Diagram disimpan sebagai draf. Periksa, lalu terbitkan."), "success")
        return redirect(url_for("sops.one", sop_id=made[0]))
    flash(
        ngettext(
            "%(num)s SOP dibaca sebagai draf. Periksa setiap langkahnya, lalu terbitkan.",
            "%(num)s SOP dibaca sebagai draf. Periksa setiap langkahnya, lalu terbitkan.",
            len(made),
        ),
        "success",
    )
    return redirect(url_for("reviewing.page", sop_id=made[0]))


# -- reviewed ---------------------------------------------------------------------------------------------------------


@blueprint.get("/sop/<id:sop_id>/tinjau")
def page(sop_id: int) -> str:
    """The draft row by row, beside its diagram and its document."""
    return _page(sop_id)


@blueprint.post("/sop/<id:sop_id>/tinjau")
def correct(sop_id: int) -> errors.Answer:
    """Keep what was corrected: all rows of the form, or those that a script sent when one left them."""
    try:
        with edge.acting() as (session, who, now):
            saved = drafts.correct(session, who, sop_id, _corrections(), forms.number("revisi"), now)
    except Refusal as refused:
        if errors.wants_json():
            raise
        return _page(sop_id, refused), errors.status(refused)
    if errors.wants_json():
        return _answer(saved)
    waiting = len(amending.unseen(saved.flow))
    flash(
        ngettext(
            "Koreksi disimpan. Masih ada %(num)s langkah yang menunggu diperiksa.",
            "Koreksi disimpan. Masih ada %(num)s langkah yang menunggu diperiksa.",
            waiting,
        )
        if waiting
        else _("Koreksi disimpan. Tidak ada lagi langkah yang menunggu diperiksa."),
        "success",
    )
    return redirect(url_for("reviewing.page", sop_id=sop_id))


@blueprint.post("/sop/<id:sop_id>/tinjau/selesai")
def confirm(sop_id: int) -> errors.Answer:
    """Say that an analyst has looked at all of it, and go on to publishing."""
    try:
        with edge.acting() as (session, who, _now):
            drafts.confirm(session, who, sop_id, forms.number("revisi"))
    except Refusal as refused:
        return _page(sop_id, refused), errors.status(refused)
    flash(_("Draf dinyatakan sudah diperiksa seluruhnya. Terbitkan agar berlaku."), "success")
    return redirect(url_for("sops.one", sop_id=sop_id, _anchor="terbitkan"))


@blueprint.post("/sop/<id:sop_id>/lajur")
def name_lanes(sop_id: int) -> errors.Answer:
    """Say which jabatan the lanes mean that name none: one that is there, or a new one."""
    chosen = dict(zip(request.form.getlist("lajur"), request.form.getlist("jabatan"), strict=False))
    known = {name: _jabatan(value) for name, value in chosen.items() if value}
    try:
        with edge.acting() as (session, who, _now):
            definitions.name_lanes(session, who, sop_id, known)
    except Refusal as refused:
        return _page(sop_id, refused), errors.status(refused)
    flash(_("Jabatan untuk lajur disimpan."), "success")
    return redirect(url_for("reviewing.page", sop_id=sop_id, _anchor="lajur"))


@blueprint.get("/sop/<id:sop_id>/dokumen.txt")
def document(sop_id: int) -> Response:
    """The document that the SOP was last read from, as it was sent."""
    with edge.reading() as (session, who, _now):
        who.require(Right.ANALYST)
        source = drafts.source(session, who, sop_id)
        if source is None:
            raise NotFound
        content = source.content
    named = {"Content-Disposition": f'attachment; filename="dokumen-sop-{sop_id}.txt"'}
    return Response(content, mimetype="text/plain", headers=named)


# -- revised ----------------------------------------------------------------------------------------------------------


@blueprint.get("/sop/<id:sop_id>/revisi")
def revise_form(sop_id: int) -> str:
    """The form for a revised document of an SOP."""
    return _revise_form(sop_id)


@blueprint.post("/sop/<id:sop_id>/revisi")
def revise(sop_id: int) -> errors.Answer:
    """Bring the SOP up to date with a revised document, and show what that changed.

    What a draft was that was never published is known only now, so the answer itself shows the difference.
    """
    try:
        with edge.acting() as (session, who, now):
            who.require(Right.ANALYST)
            sent = forms.document("dokumen", "teks")
            former = reviews.former(session, who, sop_id)
            drafts.revise(
                session,
                who,
                sop_id,
                sent.content,
                sent.name,
                forms.number("revisi"),
                now,
                over_draft=forms.chosen("timpa") is not None,
            )
    except Refusal as refused:
        return _revise_form(sop_id, refused), errors.status(refused)
    flash(_("Dokumen baru dibaca. Periksa apa yang berubah."), "success")
    return redirect(url_for("reviewing.revised", sop_id=sop_id)) if former is None else _revised(sop_id, former)


@blueprint.get("/sop/<id:sop_id>/revisi/hasil")
def revised(sop_id: int) -> errors.Answer:
    """What the draft changes of the published version, row by row and in words."""
    return _revised(sop_id)


def _revised(sop_id: int, former: Flow | None = None) -> errors.Answer:
    with edge.reading() as (session, who, _now):
        difference = reviews.revision(session, who, sop_id, former)
    if difference is None:
        return redirect(url_for("reviewing.page", sop_id=sop_id))
    return render_template("sop_revised.html", sop_id=sop_id, page=difference, of_draft=former is not None)


# -- pages ------------------------------------------------------------------------------------------------------------


def _page(sop_id: int, refused: Refusal | None = None) -> str:
    with edge.reading() as (session, who, _now):
        found = reviews.page(session, who, sop_id)
        together = drafts.together(session, who, sop_id)
    place = next((at for at, (one, _title) in enumerate(together) if one == sop_id), 0)
    return render_template(
        "sop_review.html",
        sop_id=sop_id,
        page=found,
        refused=refused,
        together=together,
        place=place,
        typed=request.form if refused else {},
        certainty=reviews.certainty,
        marks=[_mark(element) for row in found.rows if row.waits for element in row.row.elements[:1]],
        rows_of={element: row.row for row in found.rows for element in row.row.elements},
        rows_at={row.line: row.row for row in found.rows if row.line},
        lanes={lane.id: lane.name for lane in found.lanes},
        back_to=_options(found.names),
    )


def _options(names: Mapping[str, str]) -> Callable[[ReviewRow, str], Markup]:
    """What fills the list of steps that a row may return to: there are as many lists as steps, so each is one piece."""
    made = {step: Markup('<option value="{}">{}</option>').format(step, name) for step, name in names.items()}
    chosen = Markup('<option value="{}" selected>{}</option>')

    def options(row: ReviewRow, back: str) -> Markup:
        return Markup().join(
            chosen.format(step, names[step]) if step == back else made[step] for step in row.may_return_to
        )

    return options


def _revise_form(sop_id: int, refused: Refusal | None = None) -> str:
    with edge.reading() as (session, who, _now):
        who.require(Right.ANALYST)
        sop = catalogue.one(session, who, sop_id)
        _xml, revision = definitions.xml(session, who, sop_id)
    return render_template("sop_revise.html", sop=sop, revision=revision, refused=refused, typed=forms.text("teks"))


def _corrections() -> list[Correction]:
    """What the form says of each of its rows, which are named by the ids of their steps."""
    return [
        Correction(
            node_id,
            label=_given(f"nama.{node_id}"),
            lane=_given(f"lajur.{node_id}"),
            waktu=_given(f"waktu.{node_id}"),
            returns_to=_given(f"kembali.{node_id}"),
            seen=f"periksa.{node_id}" in request.form,
        )
        for node_id in dict.fromkeys(request.form.getlist("langkah"))
    ]


def _given(name: str) -> str | None:
    return forms.text(name) if name in request.form else None


def _answer(saved: drafts.Corrected) -> dict[str, Any]:
    """A corrected draft as the script of the page reads it."""
    rows = amending.review(saved.flow)
    return {
        "revision": saved.revision,
        "waiting": [row.node_id for row in rows if row.doubts],
        "names": reviews.names(list(rows)),
        "labels": {row.node_id: row.label for row in rows},
        "marks": [_mark(row.elements[0]) for row in rows if row.doubts],
        "elements": {row.node_id: row.elements for row in rows},
        "findings": _findings(saved.flow, saved.findings),
    }


def _findings(flow: Flow, findings: tuple[lint.Finding, ...]) -> list[dict[str, Any]]:
    steps = {element: row.node_id for row in amending.review(flow) for element in row.elements}
    return [
        {"severity": one.severity, "message": told(one.message), "element": one.element, "step": steps.get(one.element)}
        for one in findings
    ]


def _mark(element: str) -> dict[str, str]:
    return {"element": element, "kind": "review", "text": _("Periksa")}


def _jabatan(value: str) -> int | None:
    """The id that was chosen; None for a new jabatan. What is no id is that of no jabatan."""
    if value == "baru":
        return None
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0
