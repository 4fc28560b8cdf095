"""Marks on the diagram of a run, as `viewer.js` takes them: what is done, where it was sent back, where it stands."""

from __future__ import annotations

from typing import Any

from engine.queries.progress import Progress, Standing
from web.language import gettext as _

TIMES = "\N{MULTIPLICATION SIGN}"


def of(progress: Progress, here: str | None = None) -> list[dict[str, Any]]:
    """The marks of a run; `here` is the step of the task whose page it is, in the middle of what is shown."""
    standing = {Standing.DONE: "done", Standing.ACTIVE: "active"}
    marks: list[dict[str, Any]] = [
        {"element": edge, "kind": "return", "text": f"{count}{TIMES}"} for edge, count in progress.returns.items()
    ]
    for step in progress.steps:
        kind = standing.get(step.standing)
        if step.node_id == here:
            text = _("Anda di sini") if kind == "active" else _("Tugas ini")
            marks.append({"element": here, "kind": kind or "done", "text": text, "focus": True})
        elif kind:
            marks.append({"element": step.node_id, "kind": kind})
    return marks
