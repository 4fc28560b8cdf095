"""Marks on diagrams, as `viewer.js` takes them: how far a run has come, and where all runs of an SOP stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.queries.progress import Progress, Standing
from engine.queries.traffic import Arrow, Step, Traffic
from web import moments
from web.language import gettext as _

TIMES = "\N{MULTIPLICATION SIGN}"

Mark = dict[str, Any]


def of(progress: Progress, here: str | None = None) -> list[Mark]:
    """The marks of a run; `here` is the step of the task whose page it is, in the middle of what is shown."""
    standing = {Standing.DONE: "done", Standing.ACTIVE: "active"}
    marks: list[Mark] = [
        {"element": edge, "kind": "walked", "text": f"{count}{TIMES}" if count > 1 else ""}
        for edge, count in progress.walked.items()
        if edge not in progress.returns
    ]
    marks += [
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


def of_traffic(page: Traffic, by_returns: bool, link: Callable[[str], str]) -> list[Mark]:
    """The marks of all runs of an SOP: heat by the share that is sent back, else by time; `link` leads from a step."""
    marks = [mark for arrow in page.arrows if arrow.passed for mark in (_of_arrow(arrow),)]
    busiest = max(page.steps, key=lambda step: step.waits.running, default=None)
    for step in page.steps:
        to = {"element": step.node_id, "href": link(step.node_id)}
        degree = step.returning if by_returns else step.slow
        figure = _sent_back(step) if by_returns else _took(step)
        kind = "flat" if degree is None else f"heat-{degree}"
        marks.append({**to, "kind": kind, "text": figure, "place": "top", "focus": step is busiest})
        if step.waits.running or step.waits.held:
            marks.append({**to, "kind": "tokens", "text": _tokens(step)})
    return marks


def _of_arrow(arrow: Arrow) -> Mark:
    return {
        "element": arrow.edge_id,
        "kind": "return" if arrow.is_return else "passed",
        "text": f"{arrow.passed}{TIMES}" if arrow.told else "",
    }


def _took(step: Step) -> str:
    """`3 jam / 2 jam`: the median and the standard."""
    if step.past.taken is None:
        return ""
    taken = moments.shortest(step.past.taken)
    return f"{taken} / {moments.shortest(step.standard)}" if step.standard else taken


def _sent_back(step: Step) -> str:
    return "" if step.past.returning is None else moments.percent(step.past.returning)


def _tokens(step: Step) -> str:
    """`12 (+2) 3,1 hari`: how many run, how many are suspended, and how old the eldest is."""
    waits = step.waits
    parts = [str(waits.running)]
    if waits.held:
        parts.append(f"(+{waits.held})")
    if waits.oldest is not None:
        parts.append(f"\N{MIDDLE DOT} {moments.shortest(waits.oldest)}")
    return " ".join(parts)
