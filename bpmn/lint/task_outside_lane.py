"""Every task lies in a lane, the jabatan that does it."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.flow import Flow
from bpmn.lint.finding import Found, called
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Tasks in no lane; a diagram without any lane is for `lane_missing`."""
    for node in flow.tasks() if flow.lanes else ():
        if node.lane is None:
            yield (
                node.id,
                sentence(
                    "%(element)s berada di luar lajur; pindahkan ke lajur jabatan yang mengerjakannya.",
                    element=called(node),
                ),
            )
