"""Versions of a flow as analysts make them: steps put in, taken out, renamed, given to another lane."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bpmn.flow import Edge, Flow, Node

Revision = Callable[[Flow], Flow]


def insert(step: str, edge_id: str, lane: str = "lajur_2", **fields: Any) -> Revision:
    """A new step on an edge: the edge leads to it, and a new edge from it to where the edge led."""

    def revise(flow: Flow) -> Flow:
        edge = next(edge for edge in flow.edges if edge.id == edge_id)
        number = step.removeprefix("langkah_")
        node = Node(step, "userTask", step, lane, **{"properties": {"langkah": number}, **fields})
        edges = [replace(one, target=step) if one.id == edge_id else one for one in flow.edges]
        return replace(flow, nodes=(*flow.nodes, node), edges=(*edges, Edge(f"setelah_{step}", step, edge.target)))

    return revise


def remove(step: str) -> Revision:
    """A step taken out: what led to it leads to what it led to."""

    def revise(flow: Flow) -> Flow:
        (out,) = flow.outgoing(step)
        edges = [replace(edge, target=out.target) if edge.target == step else edge for edge in flow.edges]
        return replace(
            flow,
            nodes=tuple(node for node in flow.nodes if node.id != step),
            edges=tuple(edge for edge in edges if edge.id != out.id),
        )

    return revise


def rename(old: str, new: str) -> Revision:
    """The same node under a new id."""

    def name(node_id: str) -> str:
        return new if node_id == old else node_id

    def revise(flow: Flow) -> Flow:
        return replace(
            flow,
            nodes=tuple(replace(node, id=name(node.id)) for node in flow.nodes),
            edges=tuple(replace(edge, source=name(edge.source), target=name(edge.target)) for edge in flow.edges),
        )

    return revise


def change(node_id: str, **fields: Any) -> Revision:
    """Other fields of a node."""

    def revise(flow: Flow) -> Flow:
        return replace(
            flow, nodes=tuple(replace(node, **fields) if node.id == node_id else node for node in flow.nodes)
        )

    return revise


def revised(flow: Flow, *revisions: Revision) -> Flow:
    """The flow after all of them."""
    for revise in revisions:
        flow = revise(flow)
    return flow
