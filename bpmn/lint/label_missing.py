"""Every task has a name for the task list, and every choice one for its button."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.choices import choices
from bpmn.flow import Flow
from bpmn.lint.finding import Found, called
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Tasks without a name, and edges without a name that are buttons of a task."""
    unnamed = {edge.id for edge in flow.edges if not edge.name.strip()}
    for task in flow.tasks():
        if not task.name.strip():
            yield (
                task.id,
                sentence("Langkah %(id)s tidak bernama; tulis singkat apa yang dikerjakan.", id=task.id),
            )
        for choice in choices(flow, task.id):
            if choice.edge in unnamed:
                unnamed.discard(choice.edge)
                yield (
                    choice.edge,
                    sentence(
                        "Pilihan %(id)s setelah %(element)s tidak bernama; "
                        "beri nama panahnya, misalnya “Setuju”, karena nama itu menjadi tombol.",
                        id=choice.edge,
                        element=called(task),
                    ),
                )
