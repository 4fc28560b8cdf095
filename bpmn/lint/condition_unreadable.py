"""Every condition is in the language of `bpmn.expressions`."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import expressions
from bpmn.flow import Flow
from bpmn.lint.finding import Found, between
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Conditions that cannot be read, with the reason."""
    for edge in flow.edges:
        if edge.condition is None:
            continue
        try:
            expressions.compile_condition(edge.condition)
        except expressions.ConditionRefused as refused:
            yield (
                edge.id,
                sentence("Pada panah %(edge)s: %(reason)s", edge=between(flow, edge), reason=refused.sentence),
            )
