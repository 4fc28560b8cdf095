"""A task that somebody has claimed and then left lying."""

from __future__ import annotations

from bpmn.wording import sentence
from engine import workdays
from engine.stuck.facts import Facts
from engine.stuck.rule import Found, MomentRule, Remedy, Threshold, Unit, first


def find(facts: Facts) -> Found | None:
    """So many working days after it was claimed, or after what was last saved or attached."""
    return first(
        Found(
            workdays.add_days(task.quiet_since, facts.limits[RULE.name], facts.calendar),
            sentence(
                "Sudah diambil %(person)s, tetapi tidak dikerjakan sejak %(since)s.",
                person=task.person,
                since=task.quiet_since,
            ),
            task.id,
        )
        for task in facts.tasks
        if task.claimed
    )


RULE = MomentRule(
    name="idle",
    title=sentence("Diambil, tidak dikerjakan"),
    find=find,
    remedies=(Remedy.REMIND, Remedy.REASSIGN, Remedy.SUSPEND, Remedy.CANCEL),
    threshold=Threshold(default=2, most=60, unit=Unit.WORKING_DAYS),
    about=sentence(
        "Tugas yang sudah diambil, tetapi selama sekian hari kerja tidak ada yang disimpan atau dilampirkan."
    ),
)
