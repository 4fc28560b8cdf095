"""Why runs are stuck: one rule a file, listed here with what explains most first.

A rule is a module with a RULE, of moments or of today (`engine.stuck.rule`). Adding one is a file, a line in RULES and
its story in tests/engine/test_stuck.py.
"""

from __future__ import annotations

from engine.stuck.causes import (
    absent,
    damaged,
    idle,
    late,
    message,
    other_sop,
    returned,
    timer,
    unclaimed,
    vacant,
)
from engine.stuck.rule import MomentRule, Rule, TodayRule

__all__ = ["BY_NAME", "MOMENTS", "RULES", "TODAY"]

RULES: tuple[Rule, ...] = (
    damaged.RULE,
    vacant.RULE,
    absent.RULE,
    unclaimed.RULE,
    idle.RULE,
    returned.RULE,
    late.RULE,
    other_sop.RULE,
    message.RULE,
    timer.RULE,
)

MOMENTS = tuple(rule for rule in RULES if isinstance(rule, MomentRule))
TODAY = tuple(rule for rule in RULES if isinstance(rule, TodayRule))

BY_NAME = {rule.name: rule for rule in RULES}
