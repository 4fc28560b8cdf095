"""From everywhere in a diagram an end can be reached, and nothing follows an end; in each subprocess too."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import graph
from bpmn.flow import Flow
from bpmn.lint.finding import Found, called
from bpmn.lint.scopes import next_to, scopes
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """No end event, nodes from which none can be reached, and ends that lead on."""
    for scope, parent in scopes(flow):
        if any(node.kind == "endEvent" for node in scope.nodes):
            yield from _dead_ends(scope)
        elif parent is None:
            yield (
                flow.process_id,
                sentence("Diagram ini tidak memiliki akhir; tambahkan end event setelah langkah terakhir."),
            )
        else:
            yield (
                parent,
                sentence(
                    "Subproses %(element)s tidak memiliki akhir di dalamnya; tambahkan end event setelah langkah "
                    "terakhirnya.",
                    element=called(flow.node(parent)),
                ),
            )


def _dead_ends(scope: Flow) -> Iterator[Found]:
    ends = [node for node in scope.nodes if node.kind == "endEvent"]
    ending = graph.reachable(graph.reversed_graph(next_to(scope)), [end.id for end in ends])
    for node in scope.nodes:
        if node.id not in ending:
            yield (
                node.id,
                sentence(
                    "Dari %(element)s tidak ada jalan ke akhir; sambungkan ke langkah berikutnya atau ke end event.",
                    element=called(node),
                ),
            )
    for end in ends:
        if scope.outgoing(end.id):
            yield (
                end.id,
                sentence(
                    "Ada panah yang keluar dari akhir %(element)s; hapus panah itu atau ganti akhirnya dengan langkah.",
                    element=called(end),
                ),
            )
