"""What finishing a task is recorded as is paraf or tanda tangan: another word would silently record nothing."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.flow import Flow, approval
from bpmn.lint.finding import Found, called
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Tasks with a `pengesahan` that is neither."""
    for task in flow.tasks():
        said = task.properties.get("pengesahan", "").strip()
        if said and not approval(task):
            yield (
                task.id,
                sentence(
                    "Pengesahan “%(said)s” pada %(element)s tidak dikenal; tulis “paraf” atau “tanda tangan”, atau "
                    "kosongkan.",
                    said=said,
                    element=called(task),
                ),
            )
