"""A task that nobody has claimed for too long."""

from __future__ import annotations

from bpmn.wording import sentence
from engine import workdays
from engine.stuck.facts import Facts
from engine.stuck.rule import Found, MomentRule, Remedy, Threshold, Unit, first


def find(facts: Facts) -> Found | None:
    """So many working days after the task came, or was given back."""
    return first(
        Found(
            workdays.add_days(task.quiet_since, facts.limits[RULE.name], facts.calendar),
            sentence(
                "Belum diambil sejak %(since)s oleh pemegang jabatan %(jabatan)s.",
                since=task.quiet_since,
                jabatan=task.jabatan,
            ),
            task.id,
        )
        for task in facts.tasks
        if not task.claimed
    )


RULE = MomentRule(
    name="unclaimed",
    title=sentence("Belum diambil"),
    find=find,
    remedies=(Remedy.REMIND, Remedy.REASSIGN, Remedy.SUSPEND, Remedy.CANCEL),
    threshold=Threshold(default=1, most=60, unit=Unit.WORKING_DAYS),
    about=sentence("Tugas yang belum diambil siapa pun selama sekian hari kerja."),
)
