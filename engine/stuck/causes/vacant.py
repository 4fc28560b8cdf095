"""A task for a jabatan that nobody holds."""

from __future__ import annotations

from bpmn.wording import sentence
from engine.stuck.facts import Facts, Today
from engine.stuck.rule import Found, Remedy, TodayRule, first


def find(facts: Facts, today: Today) -> Found | None:
    """Whoever has claimed it before cannot finish it, either."""
    return first(
        Found(
            task.created_at,
            sentence("Tidak ada yang memegang jabatan %(jabatan)s saat ini.", jabatan=task.jabatan),
            task.id,
        )
        for task in facts.tasks
        if task.jabatan_id in today.vacant
    )


RULE = TodayRule(
    name="vacant",
    title=sentence("Jabatan kosong"),
    find=find,
    remedies=(Remedy.APPOINT, Remedy.SUSPEND, Remedy.CANCEL),
    in_vain=frozenset({Remedy.REMIND, Remedy.REASSIGN}),
)
