"""A parallel section is entered at its split and left at its join: any other edge in or out multiplies the work.

The ways of an inclusive gateway are such a section too.

The section of a split is what lies, returns left aside, between it and the first node that all its ways go through.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import graph
from bpmn.flow import Edge, Flow, Node
from bpmn.lint.finding import Found, between, called
from bpmn.lint.scopes import OUTSIDE, meetings, parts
from bpmn.order import onward, returns
from bpmn.wording import sentence

DIVIDING = frozenset({"parallelGateway", "inclusiveGateway"})
"""The gateways that let work go on in several ways at once."""


def check(flow: Flow) -> Iterator[Found]:
    """Edges into or out of a parallel section, and edges between its branches; each edge is named once.

    Where branches run together inside the section is for `fake_join`.
    """
    for part in parts(flow):
        back = returns(part)
        told: set[str] = set()
        for split, join, branches in sections(part):
            for edge in part.edges:
                inside = edge.target == join and edge.source in branches
                if edge.id not in told and not inside and edge.source != split.id and _breaks(edge, branches, back):
                    told.add(edge.id)
                    yield (
                        edge.id,
                        sentence(
                            "Panah %(edge)s menembus bagian paralel yang dimulai di %(split)s; kembalikan hanya ke "
                            "langkah dalam cabang yang sama atau setelah cabang-cabangnya digabung.",
                            edge=between(part, edge),
                            split=called(split),
                        ),
                    )


def sections(flow: Flow) -> Iterator[tuple[Node, str, dict[str, set[str]]]]:
    """Each split of a part with the id of the node its ways meet at, and the branches that each node between lies on.

    A branch is named by the edge it begins with; where the ways meet nowhere the id is "".
    """
    ahead = {OUTSIDE: [], **onward(flow)}
    joins = meetings(flow)
    for split in flow.nodes:
        if split.kind in DIVIDING and len(flow.outgoing(split.id)) > 1:
            join = joins[split.id]
            yield split, join, _branches(flow, split, ahead, join)


def _branches(flow: Flow, split: Node, ahead: dict[str, list[str]], join: str) -> dict[str, set[str]]:
    """For each node of the section the branches it lies on, by the edge each begins with."""
    cut = {**ahead, join: []}
    branches: dict[str, set[str]] = {}
    for edge in flow.outgoing(split.id):
        if edge.target != join:
            for node_id in graph.reachable(cut, [edge.target]) - {join}:
                branches.setdefault(node_id, set()).add(edge.id)
    return branches


def _breaks(edge: Edge, branches: dict[str, set[str]], back: frozenset[str]) -> bool:
    """Whether an edge changes branches, other than forward to where some of them run together early."""
    source, target = branches.get(edge.source, set()), branches.get(edge.target, set())
    run_together = bool(source) and source < target and edge.id not in back
    return source != target and not run_together
