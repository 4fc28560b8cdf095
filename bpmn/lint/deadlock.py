"""A run never waits for what cannot come any more."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.flow import Flow
from bpmn.lint import tokens
from bpmn.lint.finding import Found, called
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """The first join at which a run can wait for ever."""
    found = tokens.outcome(flow).stuck
    if found is not None:
        yield (
            found,
            sentence(
                "Berkas dapat tertahan selamanya di %(element)s, karena tidak setiap jalan mengisi semua panah "
                "masuknya; satukan jalan-jalan dari satu cabang dengan gerbang eksklusif, lalu arahkan cabang itu ke "
                "sana.",
                element=called(flow.node(found)),
            ),
        )
