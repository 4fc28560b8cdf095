"""A document that a task needs or yields has a name: by it people, and later steps, know which one is meant."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.flow import Flow
from bpmn.lint.finding import Found, called
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Tasks that need or yield a document without a name."""
    for task in flow.tasks():
        if "" in (*task.reads, *task.writes):
            yield (
                task.id,
                sentence(
                    "Objek data pada %(element)s tidak bernama; tulis nama dokumennya, misalnya “Konsep surat”.",
                    element=called(task),
                ),
            )
