"""Out of a deciding gateway every edge but the default has a condition; out of any other none has."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.flow import Flow
from bpmn.lint.finding import Found, between, called
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Edges without a condition where a decision is made, and a condition on the only way out."""
    for node in flow.nodes:
        if node.kind not in {"exclusiveGateway", "inclusiveGateway"}:
            continue
        ways = flow.outgoing(node.id)
        if len(ways) == 1 and ways[0].condition is not None and ways[0].id != node.default:
            yield (
                ways[0].id,
                sentence(
                    "Gerbang %(element)s hanya memiliki satu panah keluar, tetapi panah itu bersyarat; "
                    "hapus syaratnya atau tambahkan panah lain.",
                    element=called(node),
                ),
            )
        for edge in ways if len(ways) > 1 else ():
            if edge.condition is None and edge.id != node.default:
                yield (
                    edge.id,
                    sentence(
                        "Panah %(edge)s keluar dari gerbang %(element)s tanpa syarat; "
                        "tulis syaratnya, misalnya ${keputusan_6 == 'setuju'}, atau jadikan panah bawaan (default).",
                        edge=between(flow, edge),
                        element=called(node),
                    ),
                )
