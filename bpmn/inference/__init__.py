"""Who performs each step of an SOP, what is decided in it, where it returns and when it is done, with the evidence."""

from __future__ import annotations

from collections.abc import Sequence

from bpmn.inference import branches, labels, performers, returns, several, view
from bpmn.sop import Decision, InferredSop, InferredStep, Sop


def infer(sop: Sop) -> InferredSop:
    """An SOP with every step inferred: its short label, who performs it and how, what is decided and on what."""
    seen = view.of(sop)
    performing = performers.performers(seen)
    decisions: Sequence[Decision | None] = returns.decisions(seen, performing)
    manners = several.manners(seen, performing, decisions)
    conditions = branches.conditions(seen, manners, decisions)
    decisions = branches.returning(seen, decisions, conditions)
    steps = (
        InferredStep(step, labels.label(step.text, sop.lanes), performer, decision, manner, condition)
        for step, performer, decision, manner, condition in zip(
            sop.steps, performing, decisions, manners, conditions, strict=True
        )
    )
    return InferredSop(sop, tuple(steps))
