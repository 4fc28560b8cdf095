"""Every lane says whose it is: its name is the jabatan."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.flow import Flow
from bpmn.lint.finding import Found
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Lanes without a name."""
    for lane in flow.lanes:
        if not lane.name.strip():
            yield (
                lane.id,
                sentence("Lajur %(lane)s tidak bernama; tulis jabatan pelaksananya sebagai nama lajur.", lane=lane.id),
            )
