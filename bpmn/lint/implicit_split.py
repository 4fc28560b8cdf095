"""Only gateways divide the way: of several edges out of a task, or of conditions there, the engine makes no choice."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.flow import GATEWAYS, Flow
from bpmn.lint.finding import Found, between, called
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Several edges out of a node that is no gateway, and conditions on edges out of other than deciding gateways."""
    kinds = {node.id: node.kind for node in flow.nodes}
    for node in flow.nodes:
        if node.kind not in GATEWAYS and len(flow.outgoing(node.id)) > 1:
            yield (
                node.id,
                sentence(
                    "Dari %(element)s keluar beberapa panah; "
                    "pasang gerbang setelahnya dan tarik panah-panah itu dari gerbang.",
                    element=called(node),
                ),
            )
    for edge in flow.edges:
        if edge.condition is not None and kinds[edge.source] not in {"exclusiveGateway", "inclusiveGateway"}:
            yield (
                edge.id,
                sentence(
                    "Syarat pada panah %(edge)s tidak berlaku karena panah itu tidak keluar dari gerbang eksklusif; "
                    "hapus syaratnya atau pasang gerbang eksklusif.",
                    edge=between(flow, edge),
                ),
            )
