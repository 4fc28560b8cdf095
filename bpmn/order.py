"""What comes before what in a flow: its nodes in order of work, and the edges that lead back."""

from __future__ import annotations

from collections.abc import Mapping

from bpmn import graph
from bpmn.flow import Flow, Node, step_number

# -- the flow as a plain graph ----------------------------------------------------------------------------------------


def successors(flow: Flow) -> dict[str, list[str]]:
    """The flow as a plain graph: for each node the ids its edges lead to, and the events on its border.

    A subprocess leads to the start inside it, and the ends inside to what follows the subprocess, whatever else goes
    on in there; without a start or an end inside it is seen as a task.
    """
    targets = implied(flow)
    exits = exits_of(flow)
    for edge in flow.edges:
        for node_id in exits.get(edge.source, (edge.source,)):
            targets[node_id].append(edge.target)
    return targets


def onward(flow: Flow) -> dict[str, list[str]]:
    """The flow as a plain graph without its returns, and so without loops."""
    order, exits = in_order(flow), exits_of(flow)
    place = {node: index for index, node in enumerate(order)}
    back = returns_in(flow, order)
    targets = {node: [onto for onto in led if place[node] < place[onto]] for node, led in implied(flow).items()}
    for edge in flow.edges:
        if edge.id not in back:
            for node_id in exits.get(edge.source, (edge.source,)):
                targets[node_id].append(edge.target)
    return targets


def implied(flow: Flow) -> dict[str, list[str]]:
    """For each node what work reaches through it without an edge: the events on its border, the start inside it."""
    found: dict[str, list[str]] = {node.id: [] for node in flow.nodes}
    entered = exits_of(flow)
    for node in flow.nodes:
        if node.attached_to is not None:
            found[node.attached_to].append(node.id)
        elif node.kind == "startEvent" and node.parent in entered:
            found[node.parent or ""].append(node.id)
    return found


def exits_of(flow: Flow) -> dict[str, tuple[str, ...]]:
    """For each subprocess with a start and an end inside the ends, from which work goes on behind it."""
    inside: dict[str, list[Node]] = {node.id: [] for node in flow.nodes if node.kind == "subProcess"}
    for node in flow.nodes:
        if node.parent in inside:
            inside[node.parent or ""].append(node)
    return {
        subprocess: tuple(node.id for node in inner if node.kind == "endEvent")
        for subprocess, inner in inside.items()
        if {"startEvent", "endEvent"} <= {node.kind for node in inner}
    }


# -- what comes before what -------------------------------------------------------------------------------------------


_ROOT = ""


def in_order(flow: Flow) -> tuple[str, ...]:
    """Ids of all nodes in order of work: each after those that lead to it, returns left aside.

    A loop begins at the node that dominates it (every way in goes through it). Where several ways lead into a loop
    and none dominates, it begins at the step with the lowest number. What no start leads to comes first, because it
    may lead into the rest and the rest never leads to it.
    """
    targets = successors(flow)
    rank = _ranks(flow, targets)
    starts = [node.id for node in flow.nodes if node.kind == "startEvent" and node.parent is None]
    reached = graph.reachable(targets, starts)
    stray = {node: [target for target in onto if target not in reached] for node, onto in targets.items()}
    order: list[str] = []
    for part, beginnings in ((stray, _beginnings(stray, reached)), (targets, starts)):
        # The root, an id that no node has, leads to every beginning.
        placed = graph.in_order({_ROOT: beginnings, **part}, _ROOT, rank.__getitem__)
        order += [node for node in placed if node != _ROOT]
    return tuple(order)


def returns(flow: Flow) -> frozenset[str]:
    """Ids of the edges that lead back: both ends lie on one cycle, and the target does not come after the source.

    Every cycle holds at least one of them, and without them the flow has no cycle.
    """
    return returns_in(flow, in_order(flow))


def returns_in(flow: Flow, order: tuple[str, ...]) -> frozenset[str]:
    """The same, of a flow whose nodes in order of work are known."""
    place = {node: index for index, node in enumerate(order)}
    cycle = graph.components(successors(flow))
    exits = exits_of(flow)
    return frozenset(
        edge.id
        for edge in flow.edges
        if cycle[edge.source] == cycle[edge.target]
        and place[edge.target] <= max(place[node_id] for node_id in exits.get(edge.source, (edge.source,)))
    )


Rank = tuple[int, str, int, int]


def _ranks(flow: Flow, targets: Mapping[str, list[str]]) -> dict[str, Rank]:
    """For each node the number of the step it leads to, how far that is, and its own place in the file."""
    steps: dict[str, tuple[int, str, int]] = {}
    for node in flow.nodes:
        if (number := step_number(node)) is not None:
            steps[node.id] = (*number, 0)
    sources = graph.reversed_graph(targets)
    waiting = sorted(steps, key=steps.__getitem__)
    for node_id in waiting:
        for source in sources[node_id]:
            if source not in steps:
                step, suffix, distance = steps[node_id]
                steps[source] = (step, suffix, distance + 1)
                waiting.append(source)
    none = (10**9, "", 0)
    ranks: dict[str, Rank] = {_ROOT: (-1, "", 0, 0)}
    for place, node in enumerate(flow.nodes):
        ranks[node.id] = (*steps.get(node.id, none), place)
    return ranks


def _beginnings(stray: Mapping[str, list[str]], reached: set[str]) -> list[str]:
    """Where the part that no start reaches begins: nodes without a source, then the first node of each loop left."""
    sources = graph.reversed_graph(stray)
    found: list[str] = []
    known = set(reached)
    for candidates in ([node for node in stray if not sources[node]], stray):
        for node in candidates:
            if node not in known:
                found.append(node)
                known |= graph.reachable(stray, [node])
    return found
