"""A flow in the parts whose tokens have nothing to do with each other: what may wait for what stays within one part.

The process, each subprocess (a box seen from outside: it is left once, when all work inside is done), and what follows
each event that starts work beside that of its host. Ways that only stop everything are left out: nothing waits after
them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bpmn import graph
from bpmn.flow import TERMINATE, Flow, Node
from bpmn.order import in_order, onward

OUTSIDE = ""
"""Where ways meet that meet nowhere in a part, and where those come from that have nothing in common."""


def scopes(flow: Flow) -> Iterator[tuple[Flow, str | None]]:
    """The process as it stands without the inside of its subprocesses, and the inside of each, with its id."""
    parents = [None, *(node.id for node in flow.nodes if node.kind == "subProcess")]
    for parent in parents:
        inside = {node.id for node in flow.nodes if node.parent == parent}
        scope = replace(
            flow,
            nodes=tuple(replace(node, parent=None) for node in flow.nodes if node.id in inside),
            edges=tuple(edge for edge in flow.edges if edge.source in inside and edge.target in inside),
        )
        yield scope, parent


def next_to(scope: Flow) -> dict[str, list[str]]:
    """For each node of a scope what its edges lead to, and the events on its border."""
    targets: dict[str, list[str]] = {node.id: [] for node in scope.nodes}
    for edge in scope.edges:
        targets[edge.source].append(edge.target)
    for node in scope.nodes:
        if node.attached_to is not None:
            targets[node.attached_to].append(node.id)
    return targets


def last_of_each_way(scope: Flow, targets: graph.Successors[str]) -> list[str]:
    """Where the ways through a part of a scope, given with all that each node leads to, come to nothing further.

    In the order of the diagram. Of a circle that is never left the last node in order of work.
    """
    return _outermost(scope, targets, tuple(reversed(in_order(scope)))) if targets else []


def first_of_each_way(scope: Flow, targets: graph.Successors[str]) -> list[str]:
    """Where the ways through a part of a scope begin; of a circle that nothing leads to, the first in order of work."""
    return _outermost(scope, graph.reversed_graph(targets), in_order(scope)) if targets else []


def _outermost(scope: Flow, targets: graph.Successors[str], order: Sequence[str]) -> list[str]:
    """One node of each circle, or single node, that leads to no other: that which comes first in the given order."""
    circle = graph.components(targets)
    going_on = {circle[node] for node, onto in targets.items() for target in onto if circle[target] != circle[node]}
    found: dict[int, str] = {}
    for node in order:
        if node in circle and circle[node] not in going_on:
            found.setdefault(circle[node], node)
    return [node.id for node in scope.nodes if node.id in found.values()]


def parts(flow: Flow) -> Iterator[Flow]:
    """Each scope without what events start beside it, and each of these with its event for a start."""
    for scope, _ in scopes(flow):
        beside = [node.id for node in scope.nodes if is_beside(node)]
        if not beside:
            yield _going_on(scope)
            continue
        reached = followed(scope)
        extra = set().union(*(reached[event] for event in beside)) - reached[None]
        yield _going_on(_only(scope, {node.id for node in scope.nodes} - extra))
        for event in beside:
            started = {node.id: replace(node, kind="startEvent", attached_to=None) for node in scope.nodes}
            part = _only(scope, set(reached[event]))
            nodes = tuple(started[event] if node.id == event else node for node in part.nodes)
            yield _going_on(replace(part, nodes=nodes))


def meetings(part: Flow) -> dict[str, str]:
    """For each node the first one that all ways from it go through, returns left aside, or OUTSIDE."""
    ahead = {node: targets or [OUTSIDE] for node, targets in onward(part).items()}
    found = graph.dominators(graph.reversed_graph({OUTSIDE: [], **ahead}), OUTSIDE)
    return {node: found.get(node, OUTSIDE) for node in ahead}


def divisions(part: Flow) -> dict[str, str]:
    """For each node the last one that all ways to it go through, returns left aside, or OUTSIDE."""
    ahead = onward(part)
    sources = graph.reversed_graph(ahead)
    found = graph.dominators({OUTSIDE: [node for node in in_order(part) if not sources[node]], **ahead}, OUTSIDE)
    return {node: found.get(node, OUTSIDE) for node in ahead}


def is_beside(node: Node) -> bool:
    """Whether the node is an event that starts work beside that of the node on whose border it sits."""
    return node.attached_to is not None and not node.interrupting


def followed(scope: Flow) -> dict[str | None, set[str]]:
    """What work comes to from each event that starts some beside its host, and from the starts (None)."""
    beside = {node.id for node in scope.nodes if is_beside(node)}
    targets: dict[str, list[str]] = {
        node: [onto for onto in led if onto not in beside] for node, led in next_to(scope).items()
    }
    starts = [node.id for node in scope.nodes if node.kind == "startEvent"]
    found: dict[str | None, set[str]] = {None: graph.reachable(targets, starts)}
    for event in beside:
        found[event] = graph.reachable(targets, [event])
    return found


def _only(flow: Flow, kept: set[str]) -> Flow:
    """The flow with these nodes and the edges between them; an event whose host is left out sits on nothing."""
    nodes = [node for node in flow.nodes if node.id in kept]
    return replace(
        flow,
        nodes=tuple(
            node if node.attached_to in kept or node.attached_to is None else replace(node, attached_to=None)
            for node in nodes
        ),
        edges=tuple(edge for edge in flow.edges if edge.source in kept and edge.target in kept),
    )


def _going_on(flow: Flow) -> Flow:
    """The flow without the ways that lead to nothing but an end that stops everything, if there is any other end."""
    ends = [node for node in flow.nodes if node.kind == "endEvent"]
    stops = [node.id for node in ends if node.event is not None and node.event.kind == TERMINATE]
    others = [node.id for node in ends if node.id not in stops]
    if not stops or not others:
        return flow
    sources = graph.reversed_graph(next_to(flow))
    going_on = graph.reachable(sources, others)
    stopping = graph.reachable(sources, stops) - going_on
    return _only(flow, {node.id for node in flow.nodes} - stopping)
