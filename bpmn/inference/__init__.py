"""Who performs each step of an SOP, what is decided in it and where it returns, each with its evidence."""

from __future__ import annotations

from bpmn.inference import labels, performers, returns, view
from bpmn.sop import InferredSop, InferredStep, Sop


def infer(sop: Sop) -> InferredSop:
    """An SOP with every step inferred: its short label, who performs it, and the decision taken in it, if any."""
    seen = view.of(sop)
    performing = performers.performers(seen)
    decisions = returns.decisions(seen, performing)
    steps = (
        InferredStep(step, labels.label(step.text, sop.lanes), performer, decision)
        for step, performer, decision in zip(sop.steps, performing, decisions, strict=True)
    )
    return InferredSop(sop, tuple(steps))
