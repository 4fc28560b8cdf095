"""From everywhere in a diagram an end can be reached, and nothing follows an end; in each subprocess too."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import graph
from bpmn.flow import Flow
from bpmn.lint.finding import Found, called
from bpmn.lint.scopes import last_of_each_way, next_to, scopes
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """No end event, places where a way breaks off before any, and ends that lead on.

    What leads to such a place and to nothing else is not told of: it is mended with the place.
    """
    for scope, parent in scopes(flow):
        if any(node.kind == "endEvent" for node in scope.nodes):
            yield from _dead_ends(scope)
        elif parent is None:
            yield (
                flow.process_id,
                sentence("Diagram ini tidak memiliki akhir; tambahkan “Selesai” (end event) setelah langkah terakhir."),
            )
        else:
            yield (
                parent,
                sentence(
                    "Subproses %(element)s tidak memiliki akhir di dalamnya; tambahkan “Selesai” (end event) setelah "
                    "langkah terakhirnya.",
                    element=called(flow.node(parent)),
                ),
            )


def _dead_ends(scope: Flow) -> Iterator[Found]:
    ends = [node for node in scope.nodes if node.kind == "endEvent"]
    targets = next_to(scope)
    ending = graph.reachable(graph.reversed_graph(targets), [end.id for end in ends])
    for node_id in last_of_each_way(scope, {node: onto for node, onto in targets.items() if node not in ending}):
        yield (
            node_id,
            sentence(
                "Dari %(element)s tidak ada jalan ke akhir; sambungkan ke langkah berikutnya atau ke “Selesai”.",
                element=called(scope.node(node_id)),
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
