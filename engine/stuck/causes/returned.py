"""A run that was sent back again and again."""

from __future__ import annotations

from bpmn.wording import sentence
from engine.stuck.facts import Facts
from engine.stuck.rule import Found, MomentRule, Remedy, Threshold, Unit


def find(facts: Facts) -> Found | None:
    """From the return on that was one too many."""
    if facts.returned_at is None:
        return None
    why = sentence(
        "Sudah %(times)d kali dikembalikan; sekarang putaran ke-%(round)d.", times=facts.round - 1, round=facts.round
    )
    return Found(facts.returned_at, why, facts.tasks[0].id if facts.tasks else None)


RULE = MomentRule(
    name="returned",
    title=sentence("Berulang kali dikembalikan"),
    find=find,
    remedies=(Remedy.REMIND, Remedy.REASSIGN, Remedy.SUSPEND, Remedy.CANCEL),
    threshold=Threshold(default=3, most=99, unit=Unit.TIMES),
    about=sentence("Berkas yang sudah dikembalikan sekian kali atau lebih."),
)
