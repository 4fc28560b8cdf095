"""Berkas: the runs of the office, and one with its diagram and its history."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for

from bpmn.errors import Refusal
from engine import documents
from engine import runs as acts
from engine.queries import absences, board, control_sheet, expected, runs
from engine.states import LIVE, Right, RunState
from web import edge, errors, forms, local, marks
from web.language import gettext as _

FILTERS = {"berjalan": RunState.RUNNING, "selesai": RunState.FINISHED, "semua": None}
"""What `?keadaan=` may say; the first is the default."""

blueprint = Blueprint("runs", __name__)


@blueprint.get("/berkas")
def all_of_office() -> str:
    """The runs of the office, newest first."""
    wanted = request.args.get("keadaan", "")
    wanted = wanted if wanted in FILTERS else next(iter(FILTERS))
    with edge.reading() as (session, who, now):
        page = runs.all_of_office(session, who, now, FILTERS[wanted], forms.key("sebelum"))
    return render_template("run_list.html", page=page, wanted=wanted, again=local.current())


@blueprint.get("/berkas/<id:run_id>")
def one(run_id: int) -> str:
    """One run: where it is, how it came there, who has to act."""
    return _page(run_id)


@blueprint.post("/berkas/<id:run_id>/catatan")
def comment(run_id: int) -> errors.Answer:
    """Tulis catatan, for everybody of the office to read."""
    try:
        with edge.acting() as (session, who, now):
            acts.comment(session, who, run_id, forms.text("catatan"), now)
    except Refusal as refused:
        return _page(run_id, refused), errors.status(refused)
    flash(_("Catatan tersimpan."), "success")
    return redirect(url_for("runs.one", run_id=run_id, dari=local.came_from() or None))


@blueprint.get("/berkas/<id:run_id>/kendali")
def sheet(run_id: int) -> str:
    """Lembar kendali: what was done by whom and when, for printing and filing."""
    with edge.reading() as (session, who, now):
        page = control_sheet.one(session, who, run_id, now)
    return render_template("control_sheet.html", sheet=page)


def _page(run_id: int, refused: Refusal | None = None) -> str:
    """The run's page; after a refused act with its sentence on top and what was typed kept."""
    with edge.reading() as (session, who, now):
        run = runs.one(session, who, run_id, now)
        attached = documents.of_run(session, who, run_id)
        finish = expected.of_run(session, who, run_id, now)
        missing = absences.missing(session, who, run_id, now)
        held = board.of_run(session, who, run_id, now) if who.may(Right.MANAGER) and run.row.state in LIVE else None
    return render_template(
        "run.html",
        run=run,
        progress=run.progress,
        marks=marks.of(run.progress),
        expected=finish,
        missing=missing,
        held=held,
        again=local.current(),
        attached=attached,
        refused=refused,
        typed=forms.text("catatan"),
    )
