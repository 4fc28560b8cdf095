"""A task that each holder of a jabatan does decides nothing: their answers could differ."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.choices import choices
from bpmn.flow import Flow
from bpmn.lint.finding import Found, called
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Tasks of several holders with buttons of their own."""
    for task in flow.tasks():
        if task.multi and choices(flow, task.id):
            yield (
                task.id,
                sentence(
                    "%(element)s dikerjakan oleh setiap pemegang jabatan, sehingga tidak jelas siapa yang memutuskan "
                    "di gerbang sesudahnya; tambahkan satu langkah di antaranya untuk memutuskan, atau hapus penanda "
                    "pengulangan tugas itu.",
                    element=called(task),
                ),
            )
