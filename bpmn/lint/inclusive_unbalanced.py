"""What an inclusive gateway divides, one inclusive gateway joins, and it joins nothing else.

Only so can be told at the join how many ways were taken: what was not chosen is not waited for.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.flow import Flow, Node
from bpmn.lint.finding import Found, called
from bpmn.lint.scopes import divisions, meetings, parts
from bpmn.order import returns
from bpmn.wording import Sentence, sentence


def check(flow: Flow) -> Iterator[Found]:
    """Inclusive gateways that are no pair of a split and a join, or that a return enters or leaves."""
    for part in parts(flow):
        if any(node.kind == "inclusiveGateway" for node in part.nodes):
            for node, message in _unpaired(part):
                yield node.id, message


def _unpaired(part: Flow) -> Iterator[tuple[Node, Sentence]]:
    meets, divides, back = meetings(part), divisions(part), returns(part)
    kinds = {node.id: node.kind for node in part.nodes}
    for node in part.nodes:
        into, out = part.incoming(node.id), part.outgoing(node.id)
        if node.kind != "inclusiveGateway":
            continue
        meeting, division = meets[node.id], divides[node.id]
        if len(into) > 1 and len(out) > 1:
            yield (
                node,
                sentence(
                    "%(element)s menggabung dan membagi sekaligus; pakai satu gerbang inklusif untuk menggabung dan "
                    "satu lagi untuk membagi, atau gerbang eksklusif di depannya untuk pengembalian.",
                    element=called(node),
                ),
            )
        elif len(out) > 1 and not (kinds.get(meeting) == "inclusiveGateway" and divides[meeting] == node.id):
            yield (
                node,
                sentence(
                    "Jalan-jalan dari %(element)s tidak bertemu di satu gerbang inklusif; gabungkan semuanya, juga "
                    "jalan bawaannya, dengan satu gerbang inklusif.",
                    element=called(node),
                ),
            )
        elif len(into) > 1 and not (kinds.get(division) == "inclusiveGateway" and meets[division] == node.id):
            yield (
                node,
                sentence(
                    "%(element)s menggabung jalan yang tidak semuanya dibagi oleh satu gerbang inklusif; ganti dengan "
                    "gerbang yang jenisnya sama dengan gerbang yang membaginya.",
                    element=called(node),
                ),
            )
        elif len(into) + len(out) > 2 and any(edge.id in back for edge in (*into, *out)):
            yield (
                node,
                sentence(
                    "Pengembalian tidak boleh masuk ke atau keluar dari %(element)s; kembalikan dari gerbang eksklusif "
                    "ke sebuah langkah.",
                    element=called(node),
                ),
            )
