"""A run begins at exactly one start event."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.flow import Flow
from bpmn.lint.finding import Found, called
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """No start event, every start event after the first, and starts that something leads to."""
    starts = [node for node in flow.nodes if node.kind == "startEvent"]
    if not starts:
        yield flow.process_id, sentence("Diagram ini tidak memiliki awal; tambahkan satu start event.")
    for start in starts[1:]:
        yield (
            start.id,
            sentence(
                "Diagram ini memiliki lebih dari satu awal; hapus %(element)s atau satukan dengan %(first)s.",
                element=called(start),
                first=called(starts[0]),
            ),
        )
    for start in starts:
        if flow.incoming(start.id):
            yield (
                start.id,
                sentence(
                    "Ada panah yang masuk ke awal %(element)s; arahkan panah itu ke langkah pertama.",
                    element=called(start),
                ),
            )
