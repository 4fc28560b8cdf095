"""A run that waits for a moment, and for nobody."""

from __future__ import annotations

from bpmn.wording import sentence
from engine.states import Wait
from engine.stuck.facts import Facts, WaitFacts
from engine.stuck.rule import Found, MomentRule, Remedy, first


def find(facts: Facts) -> Found | None:
    """From when it began to wait."""
    return first(_found(wait) for wait in facts.waits if wait.kind is Wait.TIMER)


def _found(wait: WaitFacts) -> Found:
    if wait.due_at is None:
        return Found(wait.since, sentence("Menunggu waktu yang ditentukan diagramnya."))
    return Found(wait.since, sentence("Menunggu sampai %(moment)s, sesuai diagramnya.", moment=wait.due_at))


RULE = MomentRule(name="timer", title=sentence("Menunggu waktu"), find=find, remedies=(Remedy.SUSPEND, Remedy.CANCEL))
