"""Every loop goes through a task and through a deciding gateway: else it would spin, or never be left."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import graph
from bpmn.flow import TASKS, Flow
from bpmn.lint.finding import Found, called
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Loops of gateways alone, and loops that no exclusive gateway leads out of; one finding for each loop."""
    for node_id in _loops(flow, [node.id for node in flow.nodes if node.kind not in TASKS]):
        yield (
            node_id,
            sentence(
                "Putaran melalui %(element)s tidak melewati satu langkah pun, sehingga berputar tanpa henti; "
                "arahkan panah kembali ke sebuah langkah.",
                element=called(flow.node(node_id)),
            ),
        )
    for node_id in _loops(flow, [node.id for node in flow.nodes if node.kind != "exclusiveGateway"]):
        yield (
            node_id,
            sentence(
                "Putaran melalui %(element)s tidak melewati gerbang eksklusif, sehingga tidak dapat ditinggalkan; "
                "pasang gerbang eksklusif di dalamnya.",
                element=called(flow.node(node_id)),
            ),
        )


def _loops(flow: Flow, among: list[str]) -> list[str]:
    """The first node of each loop that stays among these nodes."""
    inside: dict[str, list[str]] = {node_id: [] for node_id in among}
    for edge in flow.edges:
        if edge.source in inside and edge.target in inside:
            inside[edge.source].append(edge.target)
    number, cyclic = graph.components(inside), graph.on_cycles(inside)
    first: dict[int, str] = {}
    for node_id in among:
        if node_id in cyclic:
            first.setdefault(number[node_id], node_id)
    return list(first.values())
