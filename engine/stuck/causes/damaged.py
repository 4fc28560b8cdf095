"""A run whose state does not load, so that nobody can go on with it."""

from __future__ import annotations

from bpmn.wording import sentence
from engine.stuck.facts import Facts
from engine.stuck.rule import Found, MomentRule, Remedy


def find(facts: Facts) -> Found | None:
    """From when that was found."""
    if not facts.damage:
        return None
    at = facts.damaged_at or facts.since
    return Found(at, sentence("Data berkas ini rusak dan tidak dapat dilanjutkan sejak %(since)s.", since=at))


RULE = MomentRule(
    name="damaged",
    title=sentence("Data rusak"),
    find=find,
    remedies=(Remedy.REPORT, Remedy.SUSPEND, Remedy.CANCEL),
    in_vain=frozenset({Remedy.REMIND, Remedy.REASSIGN, Remedy.SUBSTITUTE, Remedy.APPOINT}),
)
