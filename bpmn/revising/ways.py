"""What people drew between and beside the steps of a document: nodes of their own, and the edges that lead to them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bpmn.flow import Edge, Flow, Node

OURS = re.compile(r"(langkah|gerbang|alir|setuju|kembali|ya|tidak|cabang|gabung)_")
"""What ids begin with that the translator gives."""


def with_own_ways(
    old: Flow, edges: Iterable[Edge], unchanged: frozenset[str], present: set[str]
) -> tuple[list[Edge], list[str]]:
    """The edges, and the nodes people drew that they lead through; `present` are the nodes that are there anyway.

    An edge from an unchanged step goes the way that people drew through nodes of their own; an event on the border of
    a step that is still there stays, if its way still leads somewhere; a subprocess stays with all that is in it.
    """
    own = _own(old, present)
    made, drawn_in = _through(old, edges, unchanged, own)
    for event in old.nodes:
        if event.id in own and event.attached_to in present | set(drawn_in):
            way = _beside(old, event, own, present | set(drawn_in))
            made += [edge for edge in way if edge.id not in {one.id for one in made}]
            drawn_in += [one for one in dict.fromkeys(_ends(event, way)) if one in own and one not in drawn_in]
    inner = [node.id for node in old.nodes if _within(old, node) & set(drawn_in)]
    made += [edge for edge in old.edges if edge.source in inner]
    return made, [*drawn_in, *inner]


def _own(old: Flow, present: set[str]) -> set[str]:
    """The nodes that people drew; of a subprocess only the box, and only if nothing in it has gone elsewhere."""
    emptied = set().union(*(_within(old, node) for node in old.nodes if node.id in present))
    return {
        node.id
        for node in old.nodes
        if node.id not in present | emptied
        and node.parent is None
        and not OURS.match(node.id)
        and "langkah" not in node.properties
    }


def _within(flow: Flow, node: Node) -> set[str]:
    """The subprocesses that a node lies in."""
    found: set[str] = set()
    while node.parent is not None:
        found.add(node.parent)
        node = flow.node(node.parent)
    return found


# -- between steps ----------------------------------------------------------------------------------------------------


def _through(
    old: Flow, edges: Iterable[Edge], unchanged: frozenset[str], own: set[str]
) -> tuple[list[Edge], list[str]]:
    known = {edge.id: edge for edge in old.edges}
    made: list[Edge] = []
    added: dict[str, None] = {}
    for edge in edges:
        former = known.get(edge.id)
        straight = former is not None and (former.source, former.target) == (edge.source, edge.target)
        way = [] if straight or edge.source not in unchanged else _way(old, edge, own - added.keys())
        made += way or [edge]
        added.update(dict.fromkeys(step.target for step in way[:-1]))
    return made, list(added)


def _way(old: Flow, edge: Edge, through: set[str]) -> list[Edge]:
    """The edges of the shortest way in `old` between the ends of an edge that touches only nodes in `through`."""
    came: dict[str, Edge] = {}
    waiting = [edge.source]
    for place in waiting:
        for step in old.outgoing(place):
            if step.target == edge.target and place != edge.source:
                way = [step]
                while way[0].source != edge.source:
                    way.insert(0, came[way[0].source])
                return way
            if step.target in through and step.target not in came:
                came[step.target] = step
                waiting.append(step.target)
    return []


# -- beside steps -----------------------------------------------------------------------------------------------------


def _beside(old: Flow, event: Node, own: set[str], present: set[str]) -> list[Edge]:
    """The edges that lead on from an event, through nodes of people's own, to nodes that are there."""
    way: list[Edge] = []
    seen = {event.id}
    waiting = [event.id]
    for place in waiting:
        for edge in old.outgoing(place):
            if edge.target in own | present:
                way.append(edge)
            if edge.target in own - present and edge.target not in seen:
                seen.add(edge.target)
                waiting.append(edge.target)
    return way


def _ends(event: Node, way: Iterable[Edge]) -> list[str]:
    """The nodes of a way from an event; none where it leads nowhere any more."""
    targets = [edge.target for edge in way]
    return [event.id, *targets] if targets else []
