"""What a parallel gateway divides, a parallel gateway joins; else later steps run twice, or a join waits for ever."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import graph
from bpmn.flow import Flow
from bpmn.lint.finding import Found, called
from bpmn.lint.scopes import divisions, meetings, parts
from bpmn.order import onward
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Splits whose ways meet elsewhere than in a parallel gateway, and joins whose ways do not come from one.

    In a subprocess they have to meet; in the process each may also come to an end of its own.
    """
    parents = {node.id: node.parent for node in flow.nodes}
    for part in parts(flow):
        meets, divides = meetings(part), divisions(part)
        kinds = {node.id: node.kind for node in part.nodes}
        ahead = onward(part)
        sources = graph.reversed_graph(ahead)
        for node in part.nodes:
            if node.kind != "parallelGateway":
                continue
            meeting = meets[node.id]
            if len(ahead[node.id]) > 1 and not meeting and parents[node.id] is not None:
                yield (
                    node.id,
                    sentence(
                        "Cabang-cabang dari %(element)s tidak bertemu lagi di dalam subprosesnya; gabungkan dengan "
                        "gerbang paralel sebelum akhir subproses.",
                        element=called(node),
                    ),
                )
            if len(ahead[node.id]) > 1 and meeting and kinds[meeting] != "parallelGateway":
                yield (
                    node.id,
                    sentence(
                        "Cabang-cabang dari %(element)s bertemu di %(meeting)s, sehingga langkah sesudahnya dikerjakan "
                        "berkali-kali; gabungkan cabang-cabang itu dengan gerbang paralel.",
                        element=called(node),
                        meeting=called(flow.node(meeting)),
                    ),
                )
            if len(sources[node.id]) > 1 and kinds.get(divides[node.id]) != "parallelGateway":
                yield (
                    node.id,
                    sentence(
                        "%(element)s menunggu beberapa cabang, tetapi cabang itu tidak dimulai dari gerbang paralel, "
                        "sehingga berkas tertahan selamanya; ganti dengan gerbang eksklusif.",
                        element=called(node),
                    ),
                )
