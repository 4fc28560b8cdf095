"""A diagram must not be larger than the engine can hold."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.flow import Flow
from bpmn.lint.finding import Found, called
from bpmn.lint.scopes import scopes
from bpmn.order import in_order, onward
from bpmn.wording import sentence

MAX_NODES = 300
MAX_EDGES = 1000
MAX_COPIES = 1000
"""What parallel sections in a row multiply to: 2^k after k of them with two branches. More is no SOP of an office."""
MAX_FIELDS = 50
"""Of one form."""


def check(flow: Flow) -> Iterator[Found]:
    """Nodes, edges, what parallel sections make of them, and the fields of each form."""
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
    else:
        for task in flow.tasks():
            if len(task.fields) > MAX_FIELDS:
                yield (
                    task.id,
                    sentence(
                        "Formulir pada %(element)s memuat %(count)s isian, lebih dari %(limit)s; pecah menjadi "
                        "beberapa langkah.",
                        element=called(task),
                        count=len(task.fields),
                        limit=MAX_FIELDS,
                    ),
                )


def _copies(flow: Flow) -> int:
    """The most tasks that the engine builds ahead at once: it looks ahead up to the next exclusive gateway.

    A subprocess counts with all that is built ahead in it.
    """
    inside: dict[str | None, int] = {}
    # What lies in a subprocess may be listed before it; so the innermost first.
    for scope, parent in sorted(scopes(flow), key=lambda one: -_depth(flow, one[1])):
        ahead = onward(scope)
        exclusive = {node.id for node in scope.nodes if node.kind == "exclusiveGateway"}
        copies: dict[str, int] = {}
        for node_id in reversed(in_order(scope)):
            behind = sum(1 if node_id in exclusive else copies[target] for target in ahead[node_id])
            copies[node_id] = 1 + inside.get(node_id, 0) + behind
        inside[parent] = max(copies.values(), default=0)
    return inside[None]


def _depth(flow: Flow, subprocess: str | None) -> int:
    depth = 0
    while subprocess is not None:
        subprocess, depth = flow.node(subprocess).parent, depth + 1
    return depth
