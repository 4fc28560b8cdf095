"""Versions of an SOP: two beside each other, publishing with what it means for live runs, and moves of such runs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from bpmn.errors import Refusal
from engine import releasing
from engine.queries import catalogue, changes, prospects
from engine.queries.changes import Kind, Mark
from engine.states import Right
from web import edge, errors, forms
from web.language import gettext as _
from web.language import ngettext

blueprint = Blueprint("versions", __name__)

DRAFT = "draf"
"""Stands for the draft where a version's number is asked for."""

STEP = "langkah."
"""Begins the names of the fields that say at which step runs go on."""


# -- beside each other ------------------------------------------------------------------------------------------------


@blueprint.get("/sop/<id:sop_id>/bandingkan")
def compare(sop_id: int) -> str:
    """Two versions in words, row by row, and on their diagrams."""
    with edge.reading() as (session, who, _now):
        who.require(Right.ANALYST)
        sop = catalogue.one(session, who, sop_id)
        old, new = _wanted(sop)
        found = changes.compared(session, who, sop_id, old, new)
    return render_template(
        "sop_compare.html",
        sop=sop,
        found=found,
        kinds=_kinds(),
        fields=_fields(),
        marks=[_marks(marks) for marks in found.marks],
        everything=request.args.get("baris") == "semua",
    )


def _wanted(sop: catalogue.SopPage) -> tuple[int | None, int | None]:
    """What to compare: as asked; else the version in force with the draft, or with the version before it."""
    numbers = [version.number for version in sop.versions]
    newest = None if sop.draft else (numbers[0] if numbers else None)
    behind = numbers[0] if sop.draft and numbers else (numbers[1] if len(numbers) > 1 else newest)
    return _which("lama", behind), _which("baru", newest)


def _which(name: str, otherwise: int | None) -> int | None:
    given = request.args.get(name, "")
    return None if given == DRAFT else forms.key(name) or otherwise


def _kinds() -> dict[Kind, str]:
    return {
        Kind.ADDED: _("Ditambahkan"),
        Kind.REMOVED: _("Dihapus"),
        Kind.CHANGED: _("Berubah"),
        Kind.MOVED: _("Berpindah"),
    }


def _fields() -> dict[str, str]:
    return {
        "no": _("Nomor"),
        "lane": _("Pelaksana"),
        "text": _("Kegiatan"),
        "kelengkapan": _("Kelengkapan"),
        "waktu": _("Waktu"),
        "output": _("Output"),
        "keterangan": _("Keterangan"),
    }


def _marks(marks: tuple[Mark, ...]) -> list[dict[str, Any]]:
    """Marks as the viewer's script reads them; the first one worth words is what it shows first."""
    names = _kinds()
    first = next((mark for mark in marks if mark.spoken), None)
    return [
        {
            "element": mark.element,
            "kind": mark.kinds[0].value,
            "text": ", ".join(names[kind] for kind in mark.kinds) if mark.spoken else "",
            "focus": mark is first,
        }
        for mark in marks
    ]


# -- publishing -------------------------------------------------------------------------------------------------------


@blueprint.get("/sop/<id:sop_id>/terbitkan")
def publish_form(sop_id: int) -> str:
    """What stands in the way of the draft, what it changes, and what it means for live runs; and the form."""
    return _publish_page(sop_id)


@blueprint.post("/sop/<id:sop_id>/terbitkan")
def publish(sop_id: int) -> errors.Answer:
    """Make the draft the version that new runs get, and move live runs where that was chosen: one act."""
    if request.form.get("aksi") == "hitung":
        return _publish_page(sop_id)
    moving = forms.text("berkas") == "pindahkan"
    try:
        with edge.acting() as (session, who, now):
            revision = forms.number("revisi") if "revisi" in request.form else None
            mapping = _mapping() if moving else None
            made = releasing.release(session, who, sop_id, forms.text("catatan"), revision, mapping, now)
    except Refusal as refused:
        return _publish_page(sop_id, refused), errors.status(refused)
    flash(_("Versi %(number)s berlaku mulai sekarang untuk berkas baru.", number=made.number), "success")
    if made.moves.migration_id is None:
        if moving:
            flash(_("Tidak ada berkas berjalan yang dapat dipindahkan."), "warning")
        return redirect(url_for("sops.one", sop_id=sop_id))
    _tell(made.moves)
    return redirect(url_for("versions.move", move_id=made.moves.migration_id))


def _publish_page(sop_id: int, refused: Refusal | None = None) -> str:
    with edge.reading() as (session, who, _now):
        who.require(Right.ANALYST)
        sop = catalogue.one(session, who, sop_id)
        page = prospects.publishing(session, who, sop_id, _mapping()) if sop.draft else None
    return render_template(
        "sop_publish.html",
        sop=sop,
        page=page,
        prospect=page.prospect if page else None,
        refused=refused,
        typed=forms.text("catatan"),
        moving=forms.text("berkas") == "pindahkan",
        mapping=_mapping(),
        every=url_for("versions.affected", sop_id=sop_id, draf=1, **_asked()),
    )


# -- later moves ------------------------------------------------------------------------------------------------------


@blueprint.get("/sop/<id:sop_id>/pindahkan")
def move_form(sop_id: int) -> str:
    """What the version in force means for the live runs of older ones; and the form that moves them."""
    return _move_page(sop_id)


@blueprint.post("/sop/<id:sop_id>/pindahkan")
def move_runs(sop_id: int) -> errors.Answer:
    """Move all live runs of older versions that can be moved."""
    if request.form.get("aksi") == "hitung":
        return _move_page(sop_id)
    try:
        with edge.acting() as (session, who, now):
            made = releasing.move(session, who, sop_id, _mapping(), forms.text("catatan"), now)
    except Refusal as refused:
        return _move_page(sop_id, refused), errors.status(refused)
    _tell(made)
    return redirect(url_for("versions.move", move_id=made.migration_id))


def _move_page(sop_id: int, refused: Refusal | None = None) -> str:
    with edge.reading() as (session, who, _now):
        who.require(Right.ANALYST)
        sop = catalogue.one(session, who, sop_id)
        prospect = prospects.moving(session, who, sop_id, _mapping())
    return render_template(
        "sop_move.html",
        sop=sop,
        prospect=prospect,
        refused=refused,
        typed=forms.text("catatan"),
        mapping=_mapping(),
        every=url_for("versions.affected", sop_id=sop_id, **_asked()),
    )


@blueprint.get("/sop/<id:sop_id>/berkas-lama")
def affected(sop_id: int) -> str:
    """All live runs of older versions, and what becomes of each."""
    with edge.reading() as (session, who, _now):
        who.require(Right.ANALYST)
        sop = catalogue.one(session, who, sop_id)
        draft = "draf" in request.args
        rows = prospects.affected(session, who, sop_id, _mapping(), forms.key("setelah"), draft=draft)
    further: dict[str, Any] = {**request.args.to_dict(), "setelah": rows.next}
    return render_template(
        "sop_affected.html",
        sop=sop,
        rows=rows,
        draft=draft,
        further=url_for("versions.affected", sop_id=sop_id, **further) if rows.next else None,
    )


@blueprint.get("/pindahan/<id:move_id>")
def move(move_id: int) -> str:
    """A move of runs: who, when, which, and the form that takes it back."""
    return _moved_page(move_id)


@blueprint.post("/pindahan/<id:move_id>/batal")
def take_back(move_id: int) -> errors.Answer:
    """Take a move back as a whole."""
    try:
        with edge.acting() as (session, who, now):
            releasing.take_back(session, who, move_id, forms.text("alasan"), now)
    except Refusal as refused:
        return _moved_page(move_id, refused), errors.status(refused)
    flash(_("Pemindahan dibatalkan: setiap berkas kembali ke versinya semula."), "success")
    return redirect(url_for("versions.move", move_id=move_id))


def _moved_page(move_id: int, refused: Refusal | None = None) -> str:
    with edge.reading() as (session, who, _now):
        page = prospects.one_move(session, who, move_id, forms.key("setelah"))
    return render_template("sop_moved.html", page=page, refused=refused, typed=forms.text("alasan"))


def _tell(made: releasing.Moves) -> None:
    flash(ngettext("%(num)s berkas dipindahkan.", "%(num)s berkas dipindahkan.", made.moved), "success")
    if made.left:
        flash(
            ngettext(
                "%(num)s berkas tetap memakai versi lamanya.", "%(num)s berkas tetap memakai versi lamanya.", made.left
            ),
            "warning",
        )


def _mapping() -> dict[str, str]:
    """At which step runs go on, for steps that are gone: of the form, or of the address."""
    given = request.form if request.method == "POST" else request.args
    return {
        name.removeprefix(STEP): value.replace("\x00", "")
        for name, value in given.items()
        if name.startswith(STEP) and value
    }


def _asked() -> dict[str, Any]:
    """The mapping for an address."""
    return {STEP + was: is_now for was, is_now in _mapping().items()}
