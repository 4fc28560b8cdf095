"""A diagram has lanes: without them nobody could be found to do a task."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.flow import Flow
from bpmn.lint.finding import Found
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """A diagram without any lane."""
    if not flow.lanes:
        yield (
            flow.process_id,
            sentence("Diagram ini tidak memiliki lajur; gambar satu lajur untuk setiap jabatan pelaksana."),
        )
