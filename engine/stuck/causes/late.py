"""A task that took longer than its standard (*mutu baku*) gives it."""

from __future__ import annotations

from bpmn.wording import sentence
from engine.stuck.facts import Facts
from engine.stuck.rule import Found, MomentRule, Remedy, first


def find(facts: Facts) -> Found | None:
    """From its deadline on."""
    return first(
        Found(
            task.due_at,
            sentence("Langkah “%(step)s” melewati mutu bakunya pada %(due)s.", step=task.name, due=task.due_at),
            task.id,
        )
        for task in facts.tasks
        if task.due_at is not None
    )


RULE = MomentRule(
    name="late",
    title=sentence("Lewat batas waktu"),
    find=find,
    remedies=(Remedy.REMIND, Remedy.REASSIGN, Remedy.SUSPEND, Remedy.CANCEL),
)
