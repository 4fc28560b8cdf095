"""A run that waits for news from elsewhere, and for nobody of the office."""

from __future__ import annotations

from bpmn.wording import sentence
from engine.states import Wait
from engine.stuck.facts import Facts
from engine.stuck.rule import Found, MomentRule, Remedy, first


def find(facts: Facts) -> Found | None:
    """From when it began to wait, for a message or a signal."""
    return first(
        Found(wait.since, sentence("Menunggu kabar “%(name)s” sejak %(since)s.", name=wait.name, since=wait.since))
        for wait in facts.waits
        if wait.kind in (Wait.MESSAGE, Wait.SIGNAL)
    )


RULE = MomentRule(name="message", title=sentence("Menunggu kabar"), find=find, remedies=(Remedy.SUSPEND, Remedy.CANCEL))
