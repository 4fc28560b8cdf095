"""A task that waits only for people who are away, and nobody acts for them."""

from __future__ import annotations

from bpmn.wording import Sentence, sentence
from engine.stuck.facts import Facts, TaskFacts, Today
from engine.stuck.rule import Found, Remedy, TodayRule, first


def find(facts: Facts, today: Today) -> Found | None:
    """Of a task that somebody has, or that is one person's part, that person; else all holders of its jabatan."""
    return first(Found(task.created_at, why, task.id) for task in facts.tasks if (why := _why(task, today)) is not None)


def _why(task: TaskFacts, today: Today) -> Sentence | None:
    waited_for = task.person_id or task.reserved_for
    if waited_for is not None and waited_for in today.alone:
        return sentence(
            "%(person)s tidak di tempat sampai %(until)s dan tidak ada penggantinya.",
            person=today.names[waited_for],
            until=today.alone[waited_for],
        )
    if waited_for is None and task.jabatan_id in today.unattended:
        return sentence(
            "Semua pemegang jabatan %(jabatan)s tidak di tempat dan tidak ada penggantinya.", jabatan=task.jabatan
        )
    return None


RULE = TodayRule(
    name="absent",
    title=sentence("Tidak di tempat, tanpa pengganti"),
    find=find,
    remedies=(Remedy.SUBSTITUTE, Remedy.REASSIGN, Remedy.SUSPEND, Remedy.CANCEL),
    in_vain=frozenset({Remedy.REMIND}),
)
