"""What a condition asks is always known: on every way to its gateway somebody has chosen it."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import expressions, graph
from bpmn.choices import choices
from bpmn.flow import GATEWAYS, Flow
from bpmn.lint.finding import Found, between
from bpmn.order import successors
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Conditions with a variable that no task sets, or that some way to the gateway leaves unset.

    Of a gateway with one way out `gateway_condition` tells: it decides nothing, so its condition is one too many.
    """
    setters: dict[str, set[str]] = {}
    for task in flow.tasks():
        for choice in choices(flow, task.id):
            setters.setdefault(choice.variable, set()).add(task.id)
    starts = [node.id for node in flow.nodes if node.kind == "startEvent" and node.parent is None]
    targets = successors(flow)
    broken_off = {node.id for node in flow.nodes if node.attached_to is not None}
    deciding = {node.id for node in flow.nodes if node.kind not in GATEWAYS or len(flow.outgoing(node.id)) > 1}
    for edge in flow.edges:
        if edge.source not in deciding:
            continue
        for variable in sorted(_variables(edge.condition)):
            past = {
                node: [target for target in onward if node not in setters.get(variable, ()) or target in broken_off]
                for node, onward in targets.items()
            }
            if edge.source in graph.reachable(past, starts):
                yield (
                    edge.id,
                    sentence(
                        "Syarat pada panah %(edge)s menanyakan “%(variable)s”, padahal belum tentu ada langkah "
                        "sebelumnya yang mengisinya; letakkan gerbang tepat setelah langkah yang memutuskan.",
                        edge=between(flow, edge),
                        variable=variable,
                    ),
                )


def _variables(condition: str | None) -> frozenset[str]:
    try:
        return expressions.compile_condition(condition).variables if condition else frozenset()
    except expressions.ConditionRefused:
        return frozenset()
