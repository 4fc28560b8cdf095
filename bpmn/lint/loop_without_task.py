"""Every loop goes through a task and through a deciding gateway: else it would spin, or never be left."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import graph
from bpmn.flow import Flow
from bpmn.lint.finding import Found, called
from bpmn.order import successors
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Loops of gateways alone, and loops that no exclusive gateway leads out of; one finding for each loop.

    A loop through an event on a border is left when the work there is done, and waits for the event; but a date that
    has passed is not waited for.
    """
    for node_id in _loops(_by_itself(flow)):
        yield (
            node_id,
            sentence(
                "Putaran melalui %(element)s tidak melewati satu langkah pun, sehingga berputar tanpa henti; "
                "arahkan panah kembali ke sebuah langkah.",
                element=called(flow.node(node_id)),
            ),
        )
    for node_id in _loops(_undecided(flow)):
        yield (
            node_id,
            sentence(
                "Putaran melalui %(element)s tidak melewati gerbang eksklusif, sehingga tidak dapat ditinggalkan; "
                "pasang gerbang eksklusif di dalamnya.",
                element=called(flow.node(node_id)),
            ),
        )


def _by_itself(flow: Flow) -> dict[str, list[str]]:
    """Where work can go on without that anybody does anything."""
    dated = {node.id for node in flow.nodes if node.event is not None and node.event.form == "timeDate"}
    borders = {node.id for node in flow.nodes if node.attached_to is not None}
    tasks = {node.id for node in flow.tasks()}
    found = {}
    for node, targets in successors(flow).items():
        going_on = targets if node not in tasks else [target for target in targets if target in borders]
        found[node] = [] if node in borders - dated else going_on
    return found


def _undecided(flow: Flow) -> dict[str, list[str]]:
    """The edges between all but exclusive gateways."""
    found: dict[str, list[str]] = {node.id: [] for node in flow.nodes if node.kind != "exclusiveGateway"}
    for edge in flow.edges:
        if edge.source in found and edge.target in found:
            found[edge.source].append(edge.target)
    return found


def _loops(targets: dict[str, list[str]]) -> list[str]:
    """The first node of each loop."""
    number, cyclic = graph.components(targets), graph.on_cycles(targets)
    first: dict[int, str] = {}
    for node_id in targets:
        if node_id in cyclic:
            first.setdefault(number[node_id], node_id)
    return list(first.values())
