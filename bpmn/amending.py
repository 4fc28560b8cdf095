"""A reviewer's corrections of a diagram, row by row: who performs a step, where it returns, its label, its waktu.

What was guessed stays marked (`perlu_tinjauan`, and `dasar` for why) until somebody has seen the row; then the
marks go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bpmn import diagram_reader, grafting, layout, writer
from bpmn.choices import Choice, choices
from bpmn.errors import Refusal
from bpmn.flow import Edge, Flow, Node, row_text
from bpmn.layout import Diagram
from bpmn.order import in_order
from bpmn.revising.keeping import kept
from bpmn.wording import Sentence, sentence

REVIEW, EVIDENCE = "perlu_tinjauan", "dasar"
"""The properties of what was guessed: what about it, and the evidence, one sentence a line."""

LABEL_LIMIT, WAKTU_LIMIT = 200, 100
"""Characters."""


class CorrectionRefused(Refusal):
    """A correction that the diagram cannot take."""

    def __init__(self, why: Sentence) -> None:
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something about a row that was guessed: `pelaksana`, `pengembalian` or `percabangan`, and the evidence."""

    about: tuple[str, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A step as a reviewer sees it, with what can be corrected. `returns_to` is None where it sends nothing back.

    `may_return_to` are the steps before it, in order of work; empty where its ways are too many for a table
    (`complicated`), which are changed on the diagram.
    """

    node_id: str
    no: str
    text: str
    label: str
    lane: str | None
    waktu: str
    returns_to: str | None
    may_return_to: tuple[str, ...]
    complicated: bool
    doubts: tuple[Doubt, ...]
    elements: tuple[str, ...]
    """The ids of the step and of the gateway that belongs to it: what the doubts are marked on."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a reviewer says of a step; None leaves it as it is. `returns_to` is "" where it sends nothing back."""

    node_id: str
    label: str | None = None
    lane: str | None = None
    waktu: str | None = None
    returns_to: str | None = None
    seen: bool = False


def review(flow: Flow) -> tuple[ReviewRow, ...]:
    """Every step of the flow in order of work."""
    order = in_order(flow)
    tasks = {node.id: node for node in flow.tasks()}
    steps = [node_id for node_id in order if node_id in tasks]
    return tuple(_row(flow, tasks[node_id], steps[:place]) for place, node_id in enumerate(steps))


def unseen(flow: Flow) -> tuple[str, ...]:
    """Ids of the steps of which something was guessed that nobody has confirmed or corrected yet, in order of work."""
    return tuple(row.node_id for row in review(flow) if row.doubts)


def amended(flow: Flow, corrections: Iterable[Correction]) -> Flow:
    """The flow as corrected. Raises CorrectionRefused for a step, lane or target that is not there, or too long."""
    for correction in corrections:
        flow = _amended(flow, correction)
    return flow


def corrected(xml: bytes, corrections: Iterable[Correction]) -> bytes:
    """The same from file to file. Raises NotBpmn, CorrectionRefused."""
    flow, drawn = diagram_reader.drawn(xml)
    made = amended(flow, corrections)
    return xml if made == flow else grafting.graft(xml, writer.write(made, drawn_anew(flow, drawn, made)))


def drawn_anew(old: Flow, drawn: Diagram, flow: Flow) -> Diagram:
    """The drawing of the corrected flow: everything keeps a place that people gave it; else all is laid out anew."""
    if _looks(old) == _looks(flow) and drawn.nodes.keys() >= {node.id for node in flow.nodes}:
        return drawn
    if drawn == layout.place(old):
        return layout.place(flow)
    return layout.complete(flow, kept(old, drawn, flow))


def _looks(flow: Flow) -> Flow:
    """The flow without what does not show in its drawing."""
    return replace(flow, nodes=tuple(replace(node, properties={}) for node in flow.nodes))


# -- rows -------------------------------------------------------------------------------------------------------------


def _row(flow: Flow, node: Node, before: Sequence[str]) -> ReviewRow:
    gateway = _gateway(flow, node)
    back = [choice for choice in choices(flow, node.id) if choice.is_return]
    complicated = not _simple(flow, node, gateway, back)
    return ReviewRow(
        node_id=node.id,
        no=node.properties.get("langkah", ""),
        text=row_text(node),
        label=node.name,
        lane=node.lane,
        waktu=node.properties.get("waktu", ""),
        returns_to=back[0].targets[0] if back and back[0].targets else None,
        may_return_to=() if complicated else tuple(before),
        complicated=complicated,
        doubts=tuple(doubt for one in (node, gateway) if one is not None and (doubt := _doubt(one))),
        elements=(node.id, *([gateway.id] if gateway is not None else [])),
    )


def _gateway(flow: Flow, node: Node) -> Node | None:
    """The gateway that belongs to a step: the exclusive one right after it, and after nothing else."""
    ways = flow.outgoing(node.id)
    if len(ways) != 1:
        return None
    following = flow.node(ways[0].target)
    own = following.kind == "exclusiveGateway" and len(flow.incoming(following.id)) == 1
    return following if own else None


def _simple(flow: Flow, node: Node, gateway: Node | None, back: Sequence[Choice]) -> bool:
    """Whether a table can say where the step returns: to one step at most, by an arrow of its own."""
    if node.multi or len(flow.outgoing(node.id)) != 1:
        return False
    if gateway is None:
        return True
    ways = {way.id: way for way in flow.outgoing(gateway.id)}
    if len({choice.variable for choice in choices(flow, node.id)}) != 1:
        return False
    return len(back) <= 1 and all(ways[choice.edge].target in choice.targets for choice in back)


def _doubt(node: Node) -> Doubt | None:
    about = tuple(part.strip() for part in node.properties.get(REVIEW, "").split(",") if part.strip())
    evidence = tuple(line for line in node.properties.get(EVIDENCE, "").splitlines() if line.strip())
    return Doubt(about, evidence) if about else None


# -- corrections ------------------------------------------------------------------------------------------------------


def _amended(flow: Flow, correction: Correction) -> Flow:
    node = next((one for one in flow.tasks() if one.id == correction.node_id), None)
    if node is None:
        raise CorrectionRefused(sentence("Langkah itu tidak ada lagi pada diagram. Muat ulang halaman ini."))
    gateway = _gateway(flow, node)
    if correction.returns_to is not None:
        flow = _returning(flow, node, correction.returns_to)
        gateway = _gateway(flow, flow.node(node.id))
    changed = {node.id: _corrected(flow, flow.node(node.id), correction)}
    if gateway is not None:
        own = replace(flow.node(gateway.id), lane=changed[node.id].lane)
        changed[gateway.id] = _confirmed(own) if correction.seen else own
    return replace(flow, nodes=tuple(changed.get(one.id, one) for one in flow.nodes))


def _corrected(flow: Flow, node: Node, correction: Correction) -> Node:
    properties = dict(node.properties)
    label, lane = node.name, node.lane
    if correction.label is not None:
        label = _short(" ".join(correction.label.split()), LABEL_LIMIT, sentence("Nama langkah"))
        if not label:
            raise CorrectionRefused(sentence("Nama langkah tidak boleh kosong."))
    if correction.lane is not None:
        if correction.lane not in {one.id for one in flow.lanes}:
            raise CorrectionRefused(sentence("Lajur itu tidak ada pada diagram. Muat ulang halaman ini."))
        lane = correction.lane
    if correction.waktu is not None:
        waktu = _short(" ".join(correction.waktu.split()), WAKTU_LIMIT, sentence("Waktu"))
        properties = {**properties, "waktu": waktu} if waktu else _without(properties, "waktu")
    made = replace(node, name=label, lane=lane, properties=properties)
    return _confirmed(made) if correction.seen else made


def _confirmed(node: Node) -> Node:
    return replace(node, properties=_without(node.properties, REVIEW, EVIDENCE))


def _without(properties: Mapping[str, str], *keys: str) -> dict[str, str]:
    return {key: text for key, text in properties.items() if key not in keys}


def _short(text: str, limit: int, what: Sentence) -> str:
    if len(text) > limit:
        raise CorrectionRefused(
            sentence("%(what)s terlalu panjang: paling banyak %(limit)s karakter.", what=what, limit=limit)
        )
    return text


# -- returns ----------------------------------------------------------------------------------------------------------


def _returning(flow: Flow, node: Node, target: str) -> Flow:
    """The flow in which the step sends back to `target`; to nobody where that is ""."""
    row = next(row for row in review(flow) if row.node_id == node.id)
    if target == (row.returns_to or ""):
        return flow
    if row.complicated:
        raise CorrectionRefused(
            sentence("Jalan keluar “%(step)s” hanya dapat diubah pada diagramnya.", step=node.name or node.id)
        )
    if target and target not in row.may_return_to:
        raise CorrectionRefused(sentence("Pengembalian hanya dapat menuju langkah sebelum langkah itu sendiri."))
    gateway = _gateway(flow, node)
    back = next((choice.edge for choice in choices(flow, node.id) if choice.is_return), None)
    if not target:
        return _without_return(flow, node, gateway, back)
    if back is not None:
        edges = (replace(edge, target=target) if edge.id == back else edge for edge in flow.edges)
        return replace(flow, edges=tuple(edges))
    return _with_return(flow, node, gateway, target)


def _with_return(flow: Flow, node: Node, gateway: Node | None, target: str) -> Flow:
    names = _Names(flow)
    key = node.id.removeprefix("langkah_")
    if gateway is not None:
        variable = choices(flow, node.id)[0].variable
        back = Edge(names.fresh(f"kembali_{key}"), gateway.id, target, "Dikembalikan", f"${{{variable} == 'kembali'}}")
        return replace(flow, edges=(*flow.edges, back))
    (way,) = flow.outgoing(node.id)
    variable = names.fresh_variable(f"keputusan_{key}")
    made = Node(names.fresh(f"gerbang_{key}"), "exclusiveGateway", "Disetujui?", node.lane, parent=node.parent)
    onward = Edge(names.fresh(f"setuju_{key}"), made.id, way.target, "Setuju", f"${{{variable} == 'setuju'}}")
    back = Edge(names.fresh(f"kembali_{key}"), made.id, target, "Dikembalikan", f"${{{variable} == 'kembali'}}")
    at = flow.nodes.index(node) + 1
    edges: list[Edge] = []
    for edge in flow.edges:
        edges += [replace(edge, target=made.id), onward, back] if edge.id == way.id else [edge]
    return replace(flow, nodes=(*flow.nodes[:at], made, *flow.nodes[at:]), edges=tuple(edges))


def _without_return(flow: Flow, node: Node, gateway: Node | None, back: str | None) -> Flow:
    edges = [edge for edge in flow.edges if edge.id != back]
    onward = [edge for edge in edges if gateway is not None and edge.source == gateway.id]
    if gateway is None or len(onward) != 1:
        return replace(flow, edges=tuple(edges))
    # With one way left there is nothing to decide.
    edges = [
        replace(edge, target=onward[0].target) if edge.source == node.id else edge
        for edge in edges
        if edge.id != onward[0].id
    ]
    return replace(flow, nodes=tuple(one for one in flow.nodes if one.id != gateway.id), edges=tuple(edges))


class _Names:
    """Ids and variables that nothing in the flow has."""

    def __init__(self, flow: Flow) -> None:
        self._taken = {
            flow.process_id,
            *(element.id for part in (flow.lanes, flow.nodes, flow.edges) for element in part),
        }
        self._conditions = " ".join(edge.condition or "" for edge in flow.edges)

    def fresh(self, wished: str) -> str:
        """The id, or one like it."""
        while wished in self._taken:
            wished += "_baru"
        self._taken.add(wished)
        return wished

    def fresh_variable(self, wished: str) -> str:
        """The variable, or one like it."""
        while wished in self._conditions:
            wished += "_baru"
        return wished
