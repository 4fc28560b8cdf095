"""By which causes a run is stuck at a moment, with what is to be told and done about each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bpmn.wording import Sentence
from engine.stuck.causes import RULES
from engine.stuck.facts import Facts, Today
from engine.stuck.rule import Found, MomentRule, Remedy, Rule


@dataclass(frozen=True, slots=True)
class Named:
    """A cause by which a run is stuck since `since`. `why` has moments and days among its facts, to be told as such.

    `task_id` is the task that is in the way, `run_id` another run that is waited for, where there is one.
    """

    name: str
    title: Sentence
    why: Sentence
    since: datetime
    remedies: tuple[Remedy, ...]
    task_id: int | None
    run_id: int | None


def named(facts: Facts, today: Today, now: datetime) -> tuple[Named, ...]:
    """The causes of a run, what explains most first; none for one that is suspended."""
    if facts.suspended:
        return ()
    return tuple(
        Named(rule.name, rule.title, found.why, found.at, _remedies(rule, found), found.task_id, found.run_id)
        for rule, found in _found(facts, today)
        if found.at <= now
    )


def _found(facts: Facts, today: Today) -> Iterator[tuple[Rule, Found]]:
    for rule in RULES:
        found = rule.find(facts) if isinstance(rule, MomentRule) else rule.find(facts, today)
        if found is not None:
            yield rule, found


def _remedies(rule: Rule, found: Found) -> tuple[Remedy, ...]:
    """Without what cannot be done: a task to give, a run to look at."""
    impossible = set()
    if found.task_id is None:
        impossible |= {Remedy.REMIND, Remedy.REASSIGN}
    if found.run_id is None:
        impossible.add(Remedy.OPEN_OTHER)
    return tuple(remedy for remedy in rule.remedies if remedy not in impossible)
