"""Newer versions of a flow, made by small changes at random."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from bpmn import graph
from bpmn.flow import TASKS, Edge, Flow, Node
from bpmn.order import successors
from tests.engine.flows import decisions


def changed(flow: Flow, random: Random) -> Flow:
    """The flow with one change: a step more, a step done beside another, or branches done one after another."""
    return random.choice([step_more, step_beside, one_after_another])(flow, random)


def step_more(flow: Flow, random: Random) -> Flow:
    """A new step on some edge, but not between a step that decides and its gateway; the edge now leads to it."""
    edge = random.choice([edge for edge in flow.edges if not decisions(flow, edge.source)])
    step = f"langkah_{len(flow.nodes)}0"
    parent = flow.node(edge.source).parent
    return replace(
        flow,
        nodes=(*flow.nodes, Node(step, "userTask", name=step, lane="lajur_1", parent=parent)),
        edges=(
            *(replace(each, target=step) if each is edge else each for each in flow.edges),
            Edge(f"dari_{step}", step, edge.target),
        ),
    )


def step_beside(flow: Flow, random: Random) -> Flow:
    """A new step to be done at the same time as an old one, between a split and a join of their own."""
    old = random.choice([node for node in flow.nodes if node.kind in TASKS and not decisions(flow, node.id)])
    step, merge, fork, join = (f"{name}_{len(flow.nodes)}0" for name in ("langkah", "masuk", "pisah", "gabung"))
    into = {edge.id: replace(edge, target=merge) for edge in flow.incoming(old.id)}
    out = {edge.id: replace(edge, source=join) for edge in flow.outgoing(old.id)}
    return replace(
        flow,
        nodes=(
            *flow.nodes,
            Node(step, "userTask", name=step, lane="lajur_1", parent=old.parent),
            Node(merge, "exclusiveGateway", parent=old.parent),
            Node(fork, "parallelGateway", parent=old.parent),
            Node(join, "parallelGateway", parent=old.parent),
        ),
        edges=(
            *({**into, **out}.get(edge.id, edge) for edge in flow.edges),
            *(
                Edge(f"dari_{one}_ke_{other}", one, other)
                for one, other in ((merge, fork), (fork, old.id), (fork, step), (old.id, join), (step, join))
            ),
        ),
    )


def one_after_another(flow: Flow, random: Random) -> Flow:
    """The branches of a parallel section in a row; the flow itself where it has no such section."""
    forks = [node.id for node in flow.nodes if node.kind == "parallelGateway" and len(flow.outgoing(node.id)) > 1]
    if not forks:
        return flow
    fork = random.choice(forks)
    names = {node.id for node in flow.nodes}
    join = f"gabung_{fork}" if f"gabung_{fork}" in names else fork.replace("pisah", "gabung")
    targets = {**successors(flow), join: []}
    begins = flow.outgoing(fork)
    ends = [
        [edge for edge in flow.incoming(join) if edge.source in graph.reachable(targets, [begin.target])]
        for begin in begins
    ]
    if any(len(end) != 1 for end in ends):
        return flow
    linked = {end.id: replace(end, target=begin.target) for (end,), begin in zip(ends, begins[1:], strict=False)}
    gone = {begin.id for begin in begins[1:]}
    return replace(flow, edges=tuple(linked.get(edge.id, edge) for edge in flow.edges if edge.id not in gone))
