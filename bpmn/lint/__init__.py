"""What a diagram must keep so that the engine may run it: one rule a file, listed here with its severity.

A rule is a module with `check(flow)`, which yields the id of an element and a sentence for each breach. Adding one is
a file, a line in RULES and its fixtures in tests/bpmn/fixtures/<rule>/. One rule looks at two versions, see `compare`.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from bpmn.errors import DiagramRefused
from bpmn.flow import Flow
from bpmn.lint import (
    boundary_joins_flow,
    boundary_misplaced,
    call_missing,
    condition_unreadable,
    deadlock,
    decision_variable_unset,
    document_unnamed,
    element_not_run,
    end_missing,
    event_unnamed,
    fake_join,
    field_unreadable,
    gateway_condition,
    ids_changed,
    implicit_split,
    inclusive_unbalanced,
    label_missing,
    lane_missing,
    lane_unnamed,
    loop_without_task,
    multi_decides,
    parallel_unbalanced,
    pengesahan_unknown,
    return_from_parallel,
    start_missing,
    task_outside_lane,
    timer_unreadable,
    too_large,
    unreachable,
    waktu_unreadable,
)
from bpmn.lint.finding import Finding, Severity
from bpmn.wording import sentence

__all__ = ["RULES", "Finding", "Severity", "compare", "lint", "refuse_elements", "refuse_errors"]

RULES: tuple[tuple[ModuleType, Severity], ...] = (
    (element_not_run, Severity.ERROR),
    (start_missing, Severity.ERROR),
    (end_missing, Severity.ERROR),
    (unreachable, Severity.ERROR),
    (lane_missing, Severity.ERROR),
    (lane_unnamed, Severity.ERROR),
    (task_outside_lane, Severity.ERROR),
    (label_missing, Severity.ERROR),
    (timer_unreadable, Severity.ERROR),
    (event_unnamed, Severity.ERROR),
    (boundary_misplaced, Severity.ERROR),
    (call_missing, Severity.ERROR),
    (field_unreadable, Severity.ERROR),
    (document_unnamed, Severity.ERROR),
    (pengesahan_unknown, Severity.ERROR),
    (implicit_split, Severity.ERROR),
    (gateway_condition, Severity.ERROR),
    (condition_unreadable, Severity.ERROR),
    (decision_variable_unset, Severity.ERROR),
    (multi_decides, Severity.ERROR),
    (loop_without_task, Severity.ERROR),
    (boundary_joins_flow, Severity.ERROR),
    (inclusive_unbalanced, Severity.ERROR),
    (return_from_parallel, Severity.ERROR),
    (fake_join, Severity.ERROR),
    (parallel_unbalanced, Severity.ERROR),
    (deadlock, Severity.ERROR),
    (waktu_unreadable, Severity.WARNING),
)
"""The rules, what matters most first. `too_large` comes before them all: of such a diagram nothing else is examined."""


def lint(flow: Flow) -> tuple[Finding, ...]:
    """Every finding, in the order of RULES and, within a rule, of the diagram."""
    oversized = _findings(too_large, Severity.ERROR, flow)
    return oversized or tuple(finding for rule, severity in RULES for finding in _findings(rule, severity, flow))


def compare(old: Flow, new: Flow) -> tuple[Finding, ...]:
    """What a newer version of a diagram breaks that an older one has promised: warnings, as an SOP may change."""
    return tuple(
        Finding("ids_changed", Severity.WARNING, element, message) for element, message in ids_changed.check(old, new)
    )


def refuse_errors(flow: Flow) -> None:
    """Raises DiagramRefused with the most important error, if there is any, and how many more there are."""
    _refuse([finding for finding in lint(flow) if finding.severity is Severity.ERROR])


def refuse_elements(flow: Flow) -> None:
    """Raises DiagramRefused for what even work in progress must not hold: too much, or elements that are never run."""
    _refuse(_findings(too_large, Severity.ERROR, flow) or _findings(element_not_run, Severity.ERROR, flow))


def _refuse(errors: Sequence[Finding]) -> None:
    if len(errors) == 1:
        raise DiagramRefused(errors[0].message)
    if errors:
        raise DiagramRefused(
            sentence("%(first)s (Masih ada %(count)s kesalahan lain.)", first=errors[0].message, count=len(errors) - 1)
        )


def _findings(rule: ModuleType, severity: Severity, flow: Flow) -> tuple[Finding, ...]:
    name = rule.__name__.rpartition(".")[2]
    return tuple(Finding(name, severity, element, message) for element, message in rule.check(flow))
