"""Everything in a diagram can be reached from its start, and in a subprocess from the start inside it."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import graph
from bpmn.flow import Flow
from bpmn.lint.finding import Found, called
from bpmn.lint.scopes import first_of_each_way, next_to, scopes
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Where a way begins that no start event leads to; without any start there is nothing to say here.

    What only such a way leads to is not told of: it is mended with its beginning.
    """
    for scope, _ in scopes(flow):
        starts = [node.id for node in scope.nodes if node.kind == "startEvent"]
        if not starts:
            continue
        targets = next_to(scope)
        reached = graph.reachable(targets, starts)
        stray = {node: [onto for onto in led if onto not in reached] for node, led in targets.items()}
        for node_id in first_of_each_way(scope, {node: led for node, led in stray.items() if node not in reached}):
            yield (
                node_id,
                sentence(
                    "%(element)s tidak tercapai dari awal; sambungkan dengan panah dari langkah sebelumnya atau hapus.",
                    element=called(scope.node(node_id)),
                ),
            )
