"""A diagram must not be larger than the engine can hold."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.flow import Flow, in_order, onward
from bpmn.lint.finding import Found
from bpmn.wording import sentence

MAX_NODES = 300
MAX_EDGES = 1000
MAX_COPIES = 1000
"""SpiffWorkflow 3.2 copies everything behind a parallel section once for each branch: 2^k after k sections in a row."""


def check(flow: Flow) -> Iterator[Found]:
    """Nodes, edges, and what parallel sections make of them."""
    if len(flow.nodes) > MAX_NODES or len(flow.edges) > MAX_EDGES:
        yield (
            flow.process_id,
            sentence(
                "Diagram ini memuat %(count)s elemen, lebih dari %(limit)s; pecah menjadi beberapa SOP.",
                count=len(flow.nodes),
                limit=MAX_NODES,
            ),
        )
    elif _copies(flow) > MAX_COPIES:
        yield (
            flow.process_id,
            sentence(
                "Bagian paralel dalam diagram ini terlalu banyak berturut-turut; pecah menjadi beberapa SOP "
                "atau jadikan sebagian berurutan."
            ),
        )


def _copies(flow: Flow) -> int:
    """The most tasks that the engine builds ahead at once: it looks ahead up to the next exclusive gateway."""
    ahead = onward(flow)
    exclusive = {node.id for node in flow.nodes if node.kind == "exclusiveGateway"}
    copies: dict[str, int] = {}
    for node_id in reversed(in_order(flow)):
        copies[node_id] = 1 + sum(1 if node_id in exclusive else copies[target] for target in ahead[node_id])
    return max(copies.values(), default=0)
