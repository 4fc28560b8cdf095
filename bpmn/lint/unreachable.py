"""Everything in a diagram can be reached from its start, and in a subprocess from the start inside it."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import graph
from bpmn.flow import Flow
from bpmn.lint.finding import Found, called
from bpmn.lint.scopes import next_to, scopes
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Nodes that no path from a start event leads to; without any start there is nothing to say here."""
    for scope, _ in scopes(flow):
        starts = [node.id for node in scope.nodes if node.kind == "startEvent"]
        reached = graph.reachable(next_to(scope), starts)
        for node in scope.nodes:
            if starts and node.id not in reached:
                yield (
                    node.id,
                    sentence(
                        "%(element)s tidak tercapai dari awal; sambungkan dengan panah dari langkah sebelumnya atau "
                        "hapus.",
                        element=called(node),
                    ),
                )
