"""A parallel section is entered at its split and left at its join: any other edge in or out multiplies the work.

The section of a split is what lies, returns left aside, between it and the first node that all its ways go through.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import graph
from bpmn.flow import Edge, Flow, Node, onward
from bpmn.lint.finding import Found, between, called
from bpmn.wording import sentence

_EXIT = ""


def check(flow: Flow) -> Iterator[Found]:
    """Edges into or out of a parallel section, and edges between its branches; each edge is named once."""
    ahead = {_EXIT: [], **{node_id: targets or [_EXIT] for node_id, targets in onward(flow).items()}}
    joins = graph.dominators(graph.reversed_graph(ahead), _EXIT)
    told: set[str] = set()
    for split in flow.nodes:
        if split.kind != "parallelGateway" or len(flow.outgoing(split.id)) < 2:
            continue
        branches = _branches(flow, split, ahead, joins.get(split.id, _EXIT))
        for edge in flow.edges:
            inside = edge.target == joins.get(split.id) and edge.source in branches
            if edge.id not in told and not inside and edge.source != split.id and _breaks(flow, edge, branches):
                told.add(edge.id)
                yield (
                    edge.id,
                    sentence(
                        "Panah %(edge)s menembus bagian paralel yang dimulai di %(split)s; "
                        "kembalikan hanya ke langkah dalam cabang yang sama atau setelah cabang-cabangnya digabung.",
                        edge=between(flow, edge),
                        split=called(split),
                    ),
                )


def _branches(flow: Flow, split: Node, ahead: dict[str, list[str]], join: str) -> dict[str, set[str]]:
    """For each node of the section the branches it lies on, by the edge each begins with."""
    cut = {**ahead, join: [], _EXIT: []}
    branches: dict[str, set[str]] = {}
    for edge in flow.outgoing(split.id):
        if edge.target != join:
            for node_id in graph.reachable(cut, [edge.target]) - {join, _EXIT}:
                branches.setdefault(node_id, set()).add(edge.id)
    return branches


def _breaks(flow: Flow, edge: Edge, branches: dict[str, set[str]]) -> bool:
    """Whether an edge changes branches, other than where a parallel gateway joins some of them early."""
    source, target = branches.get(edge.source, set()), branches.get(edge.target, set())
    early_join = bool(source) and source < target and flow.node(edge.target).kind == "parallelGateway"
    return source != target and not early_join
