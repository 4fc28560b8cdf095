"""Branches of a parallel section run together in a parallel gateway only: anything else is no join, and runs twice.

Where all branches meet is for `parallel_unbalanced`; this is about some of them, earlier.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.flow import Flow
from bpmn.lint.finding import Found, called
from bpmn.lint.return_from_parallel import DIVIDING, sections
from bpmn.lint.scopes import parts
from bpmn.order import returns
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Tasks, exclusive gateways and ends that are entered from several branches of one section; each is named once."""
    for part in parts(flow):
        yield from _entered_twice(part)


def _entered_twice(flow: Flow) -> Iterator[Found]:
    back = returns(flow)
    told: set[str] = set()
    for split, _, branches in sections(flow):
        for node in flow.nodes:
            if node.id in told or node.kind in DIVIDING or node.id not in branches:
                continue
            forward = [edge for edge in flow.incoming(node.id) if edge.id not in back]
            entered = [{edge.id} if edge.source == split.id else branches.get(edge.source, set()) for edge in forward]
            if any(entry and entry < branches[node.id] for entry in entered):
                told.add(node.id)
                yield (
                    node.id,
                    sentence(
                        "Beberapa cabang paralel dari %(split)s masuk ke %(element)s tanpa digabung, sehingga langkah "
                        "itu dan sesudahnya dikerjakan berkali-kali; gabungkan cabang-cabang itu dengan gerbang "
                        "paralel sebelumnya.",
                        split=called(split),
                        element=called(node),
                    ),
                )
