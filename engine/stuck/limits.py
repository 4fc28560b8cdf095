"""The thresholds in force in an office, from its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.stuck.causes import MOMENTS

WITH_ONE = tuple((rule, rule.threshold) for rule in MOMENTS if rule.threshold is not None)
"""The causes that have a threshold."""


def limits(settings: Mapping[str, Any]) -> dict[str, int]:
    """By the name of the cause the threshold in force, given what an office has set."""
    return {rule.name: int(settings.get(rule.name, threshold.default)) for rule, threshold in WITH_ONE}
