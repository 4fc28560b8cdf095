"""Old and new flow -> one flow: the document decides what is done by whom, people keep what they said beside it.

Where the text of a row did not change, its translation did not change either: a difference is a person's doing, and
stays (the name of a box or a button, a task of another kind, a guess that was confirmed, paraf or tanda tangan). Where
the text changed, the document wins. Mutu baku always comes from the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from bpmn.flow import TASKS, Edge, Flow, Lane, Node
from bpmn.revising.matching import Match
from bpmn.revising.naming import Names
from bpmn.revising.ways import OURS, with_own_ways

USED = "id_dihapus"
"""Property of the process: ids of steps that are gone, one a line. They are never given again."""

_FROM_DOCUMENT = frozenset(
    {"langkah", "waktu", "kelengkapan", "output", "keterangan", "penanggung_jawab", "pelaksana"}
    | {"pengesahan", "perlu_tinjauan", "dasar"}
)
_DOUBTS = ("perlu_tinjauan", "dasar")

Element = TypeVar("Element", Node, Edge)


def merge(old: Flow, new: Flow, found: Match) -> Flow:
    """The flow of `new` with the ids of `old` for what is matched, and with what people put into `old`."""
    names = Names(old, new, found, _lines(old.properties.get(USED, "")))
    before = {node.id: node for node in old.nodes}
    unchanged = _unchanged(old, new, found)
    nodes = [_node(before.get(found.get(node.id, "")), node, names, unchanged) for node in new.nodes]
    edges = _edges(old, new, names, unchanged, before)
    edges, drawn_in = with_own_ways(old, edges, unchanged, {node.id for node in nodes})
    nodes += [before[node] for node in drawn_in]
    lanes = [Lane(names.of(lane.id), lane.name) for lane in new.lanes]
    known = {lane.id for lane in lanes}
    nodes = [node if node.lane in known or node.lane is None else replace(node, lane=None) for node in nodes]
    out = {edge.id: edge.source for edge in edges}
    nodes = [node if out.get(node.default or "") == node.id else replace(node, default=None) for node in nodes]
    return Flow(
        process_id=old.process_id,
        name=new.name,
        pool=new.pool,
        lanes=tuple(lanes),
        nodes=_in_old_order(nodes, [node.id for node in old.nodes]),
        edges=_in_old_order(edges, [edge.id for edge in old.edges]),
        properties=_identity(old, new, {node.id for node in nodes}),
    )


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]


def _identity(old: Flow, new: Flow, present: set[str]) -> dict[str, str]:
    """The identity block of the document, and the ids that are gone."""
    gone = [*_lines(old.properties.get(USED, "")), *(node.id for node in old.tasks() if node.id not in present)]
    return {**new.properties, **({USED: "\n".join(gone)} if gone else {})}


def _unchanged(old: Flow, new: Flow, found: Match) -> frozenset[str]:
    """Ids, in `old`, of the nodes whose row has the same text; a gateway goes with the step it follows."""
    texts = {node.id: node.documentation for node in old.nodes}
    same = {
        found[node.id]
        for node in new.nodes
        if node.id in found and (node.kind not in TASKS or texts[found[node.id]] == node.documentation)
    }
    changed = {found[node.id] for node in new.nodes if node.id in found} - same
    return frozenset(
        node for node in same if not any(edge.source in changed for edge in old.incoming(node)) or _is_task(old, node)
    )


def _is_task(flow: Flow, node_id: str) -> bool:
    return flow.node(node_id).kind in TASKS


# -- nodes --------------------------------------------------------------------------------------------------


def _node(before: Node | None, node: Node, names: Names, unchanged: frozenset[str]) -> Node:
    lane = names.of(node.lane) if node.lane is not None else None
    default = names.of_edge(node.default) if node.default is not None else None
    attached = names.of(node.attached_to) if node.attached_to is not None else None
    moved = replace(node, id=names.of(node.id), lane=lane, default=default, attached_to=attached)
    if before is None:
        return moved
    # No document has forms or data objects: they are always a person's.
    moved = replace(moved, fields=before.fields, reads=before.reads, writes=before.writes)
    if before.id not in unchanged:
        return replace(moved, properties=_properties(before, node, confirmed=False))
    confirmed = "perlu_tinjauan" in node.properties and "perlu_tinjauan" not in before.properties
    return replace(
        moved,
        kind=before.kind,
        name=before.name,
        lane=before.lane if confirmed or node.kind not in TASKS else lane,
        properties={**_properties(before, node, confirmed=confirmed), **_approval(before)},
        default=before.default,
        markers=before.markers,
        multi=before.multi,
        event=before.event,
        calls=before.calls,
    )


def _properties(before: Node, node: Node, *, confirmed: bool) -> dict[str, str]:
    """The row's cells from the document, what people added beside them, and no doubt that they have settled."""
    wanted = {key: text for key, text in node.properties.items() if not (confirmed and key in _DOUBTS)}
    made = {
        key: wanted.get(key, text)
        for key, text in before.properties.items()
        if key in wanted or key not in _FROM_DOCUMENT
    }
    return {**made, **{key: text for key, text in wanted.items() if key not in made}}


def _approval(before: Node) -> dict[str, str]:
    """What an analyst said, or left, about paraf and tanda tangan in a row that did not change."""
    return {key: text for key, text in before.properties.items() if key == "pengesahan"}


# -- edges ------------------------------------------------------------------------------------------------------------


def _edges(old: Flow, new: Flow, names: Names, unchanged: frozenset[str], before: Mapping[str, Node]) -> list[Edge]:
    known = {edge.id: edge for edge in old.edges}
    made: list[Edge] = []
    for edge in new.edges:
        moved = replace(
            edge,
            id=names.of_edge(edge.id),
            source=names.of(edge.source),
            target=names.of(edge.target),
            condition=names.renamed(edge.condition),
        )
        former = known.get(moved.id)
        if former is not None and former.source == moved.source and moved.source in unchanged:
            moved = replace(moved, name=former.name, condition=former.condition)
            if _settled(before.get(former.source), new, edge.source) and former.target in names.given:
                moved = replace(moved, target=former.target)
        made.append(moved)
    present = {edge.id for edge in made}
    made += [
        edge
        for edge in old.edges
        if edge.id not in present
        and not OURS.match(edge.id)
        and edge.source in unchanged
        and edge.target in names.given
        and before[edge.source].kind == "exclusiveGateway"
    ]
    return made


def _settled(gateway: Node | None, new: Flow, new_id: str) -> bool:
    """Whether a person has confirmed, or corrected, where a gateway leads to."""
    return (
        gateway is not None
        and "perlu_tinjauan" not in gateway.properties
        and "perlu_tinjauan" in new.node(new_id).properties
    )


# -- order ------------------------------------------------------------------------------------------------------------


def _in_old_order(elements: Sequence[Element], order: Iterable[str]) -> tuple[Element, ...]:
    """The elements in their old order, each new one after the one it follows in `elements`."""
    by_id = {element.id: element for element in elements}
    placed = [found for found in order if found in by_id]
    known = set(placed)
    previous: str | None = None
    for element in elements:
        if element.id not in known:
            placed.insert(0 if previous is None else placed.index(previous) + 1, element.id)
        previous = element.id
    return tuple(by_id[found] for found in placed)
