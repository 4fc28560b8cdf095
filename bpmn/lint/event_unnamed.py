"""What is waited for has a name: by it the message or the signal is told apart from others."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.flow import MESSAGE, SIGNAL, Flow
from bpmn.lint.finding import Found, called
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Messages and signals without a name."""
    for node in flow.nodes:
        if node.event is not None and node.event.kind in {MESSAGE, SIGNAL} and not node.event.text:
            yield (
                node.id,
                sentence(
                    "Pesan atau sinyal yang ditunggu %(element)s tidak bernama; beri nama pada pengaturan pesan atau "
                    "sinyalnya, misalnya “Jawaban diterima”.",
                    element=called(node),
                ),
            )
