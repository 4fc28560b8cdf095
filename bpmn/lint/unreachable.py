"""Everything in a diagram can be reached from its start."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import graph
from bpmn.flow import Flow, successors
from bpmn.lint.finding import Found, called
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Nodes that no path from a start event leads to; without any start there is nothing to say here."""
    starts = [node.id for node in flow.nodes if node.kind == "startEvent"]
    if not starts:
        return
    reached = graph.reachable(successors(flow), starts)
    for node in flow.nodes:
        if node.id not in reached:
            yield (
                node.id,
                sentence(
                    "%(element)s tidak tercapai dari awal; sambungkan dengan panah dari langkah sebelumnya atau hapus.",
                    element=called(node),
                ),
            )
