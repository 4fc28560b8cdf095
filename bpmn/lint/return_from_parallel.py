"""A parallel section is entered at its split and left at its join: any other edge in or out multiplies the work.

The section of a split is what lies, returns left aside, between it and the first node that all its ways go through.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import graph
from bpmn.flow import Edge, Flow, Node, onward, returns
from bpmn.lint.finding import Found, between, called
from bpmn.wording import sentence

_EXIT = ""


def check(flow: Flow) -> Iterator[Found]:
    """Edges into or out of a parallel section, and edges between its branches; each edge is named once.

    Where branches run together inside the section is for `fake_join`.
    """
    back = returns(flow)
    told: set[str] = set()
    for split, join, branches in sections(flow):
        for edge in flow.edges:
            inside = edge.target == join and edge.source in branches
            if edge.id not in told and not inside and edge.source != split.id and _breaks(edge, branches, back):
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


def sections(flow: Flow) -> Iterator[tuple[Node, str, dict[str, set[str]]]]:
    """Each parallel split with the id of the node its ways meet at, and the branches that each node between lies on.

    A branch is named by the edge it begins with; where the ways meet nowhere the id is "".
    """
    ahead = {_EXIT: [], **{node_id: targets or [_EXIT] for node_id, targets in onward(flow).items()}}
    joins = graph.dominators(graph.reversed_graph(ahead), _EXIT)
    for split in flow.nodes:
        if split.kind == "parallelGateway" and len(flow.outgoing(split.id)) > 1:
            join = joins.get(split.id, _EXIT)
            yield split, join, _branches(flow, split, ahead, join)


def _branches(flow: Flow, split: Node, ahead: dict[str, list[str]], join: str) -> dict[str, set[str]]:
    """For each node of the section the branches it lies on, by the edge each begins with."""
    cut = {**ahead, join: [], _EXIT: []}
    branches: dict[str, set[str]] = {}
    for edge in flow.outgoing(split.id):
        if edge.target != join:
            for node_id in graph.reachable(cut, [edge.target]) - {join, _EXIT}:
                branches.setdefault(node_id, set()).add(edge.id)
    return branches


def _breaks(edge: Edge, branches: dict[str, set[str]], back: frozenset[str]) -> bool:
    """Whether an edge changes branches, other than forward to where some of them run together early."""
    source, target = branches.get(edge.source, set()), branches.get(edge.target, set())
    run_together = bool(source) and source < target and edge.id not in back
    return source != target and not run_together
