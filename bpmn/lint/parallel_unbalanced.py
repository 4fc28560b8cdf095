"""What a parallel gateway divides, a parallel gateway joins; else later steps run twice, or a join waits for ever."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import graph
from bpmn.flow import Flow, in_order, onward
from bpmn.lint.finding import Found, called
from bpmn.wording import sentence

_OUTSIDE = ""


def check(flow: Flow) -> Iterator[Found]:
    """Splits whose ways meet elsewhere than in a parallel gateway, and joins whose ways do not come from one."""
    ahead = onward(flow)
    kinds = {node.id: node.kind for node in flow.nodes}
    meets = graph.dominators(
        graph.reversed_graph({_OUTSIDE: [], **{node: targets or [_OUTSIDE] for node, targets in ahead.items()}}),
        _OUTSIDE,
    )
    sources = graph.reversed_graph(ahead)
    divides = graph.dominators({_OUTSIDE: [node for node in in_order(flow) if not sources[node]], **ahead}, _OUTSIDE)
    for node in flow.nodes:
        if node.kind != "parallelGateway":
            continue
        meeting = meets.get(node.id, _OUTSIDE)
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
        division = divides.get(node.id, _OUTSIDE)
        if len(sources[node.id]) > 1 and kinds.get(division) != "parallelGateway":
            yield (
                node.id,
                sentence(
                    "%(element)s menunggu beberapa cabang, tetapi cabang itu tidak dimulai dari gerbang paralel, "
                    "sehingga berkas tertahan selamanya; ganti dengan gerbang eksklusif.",
                    element=called(node),
                ),
            )
