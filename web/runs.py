"""Berkas: the runs of the office, and one with its diagram and its history."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from engine.queries import runs
from engine.queries.runs import RunPage
from engine.states import RunState
from web import edge, forms

FILTERS = {"berjalan": RunState.RUNNING, "selesai": RunState.FINISHED, "semua": None}
"""What `?keadaan=` may say; the first is the default."""

TIMES = "\N{NO-BREAK SPACE}\N{MULTIPLICATION SIGN}"

blueprint = Blueprint("runs", __name__)


@blueprint.get("/berkas")
def all_of_office() -> str:
    """The runs of the office, newest first."""
    wanted = request.args.get("keadaan", "")
    wanted = wanted if wanted in FILTERS else next(iter(FILTERS))
    with edge.reading() as (session, who, now):
        page = runs.all_of_office(session, who, now, FILTERS[wanted], forms.key("sebelum"))
    return render_template("run_list.html", page=page, wanted=wanted)


@blueprint.get("/berkas/<id:run_id>")
def one(run_id: int) -> str:
    """One run: where it is, how it came there, who has to act."""
    with edge.reading() as (session, who, now):
        run = runs.one(session, who, run_id, now)
    return render_template("run.html", run=run, marks=_marks(run))


def _marks(run: RunPage) -> list[dict[str, Any]]:
    """The tokens for the diagram: what is done, where the run was sent back, where it stands."""
    done = [{"element": element, "kind": "done"} for element in run.done]
    returns = [
        {"element": edge, "kind": "return", "text": f"{count}\N{MULTIPLICATION SIGN}"}
        for edge, count in run.returns.items()
    ]
    return [*done, *returns, *({"element": element, "kind": "active"} for element in run.active)]
