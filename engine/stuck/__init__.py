"""Which live runs are stuck (*tertahan*), why, and what to do about it.

`causes/` holds the rules. Those of moments are stored with every act (`keeping`), so that a board of any size is a
range of an index; those of people are conditions of today (`attendance`).
"""

from __future__ import annotations

from engine.stuck.attendance import today
from engine.stuck.causes import BY_NAME, MOMENTS, RULES, TODAY
from engine.stuck.facts import Facts, TaskFacts, Today, WaitFacts
from engine.stuck.keeping import catch_up, moments, position, rebuild, settle, touch
from engine.stuck.naming import Named, named
from engine.stuck.reading import read
from engine.stuck.rule import Remedy, Rule, Threshold, Unit

__all__ = [
    "BY_NAME",
    "MOMENTS",
    "RULES",
    "TODAY",
    "Facts",
    "Named",
    "Remedy",
    "Rule",
    "TaskFacts",
    "Threshold",
    "Today",
    "Unit",
    "WaitFacts",
    "catch_up",
    "moments",
    "named",
    "position",
    "read",
    "rebuild",
    "settle",
    "today",
    "touch",
]
