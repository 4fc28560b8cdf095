"""From everywhere in a diagram an end can be reached, and nothing follows an end."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import graph
from bpmn.flow import Flow, successors
from bpmn.lint.finding import Found, called
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """No end event, nodes from which none can be reached, and ends that lead on."""
    ends = [node for node in flow.nodes if node.kind == "endEvent"]
    if not ends:
        yield (
            flow.process_id,
            sentence("Diagram ini tidak memiliki akhir; tambahkan end event setelah langkah terakhir."),
        )
        return
    ending = graph.reachable(graph.reversed_graph(successors(flow)), [end.id for end in ends])
    for node in flow.nodes:
        if node.id not in ending:
            yield (
                node.id,
                sentence(
                    "Dari %(element)s tidak ada jalan ke akhir; sambungkan ke langkah berikutnya atau ke end event.",
                    element=called(node),
                ),
            )
    for end in ends:
        if flow.outgoing(end.id):
            yield (
                end.id,
                sentence(
                    "Ada panah yang keluar dari akhir %(element)s; hapus panah itu atau ganti akhirnya dengan langkah.",
                    element=called(end),
                ),
            )
