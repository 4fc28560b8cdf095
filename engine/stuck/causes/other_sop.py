"""A run that waits for the run of another SOP, and for nobody."""

from __future__ import annotations

from bpmn.wording import sentence
from engine.states import Wait
from engine.stuck.facts import Facts
from engine.stuck.rule import Found, MomentRule, Remedy, first


def find(facts: Facts) -> Found | None:
    """From when it began to wait; what keeps the other run is that one's own matter."""
    return first(
        Found(
            wait.since,
            sentence("Menunggu selesainya berkas SOP “%(sop)s”.", sop=wait.called or wait.name),
            run_id=wait.called_id,
        )
        for wait in facts.waits
        if wait.kind is Wait.CALL
    )


RULE = MomentRule(
    name="other_sop",
    title=sentence("Menunggu SOP lain"),
    find=find,
    remedies=(Remedy.OPEN_OTHER, Remedy.SUSPEND, Remedy.CANCEL),
)
