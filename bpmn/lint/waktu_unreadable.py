"""The waktu of a task can be read, so that it has a due date."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import waktu
from bpmn.flow import Flow
from bpmn.lint.finding import Found, called
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Tasks with a waktu that is not a length of time; a task without any waktu simply has no due date."""
    for task in flow.tasks():
        read = waktu.read(task.properties.get("waktu", ""))
        if read is not None and read.unit is None:
            yield (
                task.id,
                sentence(
                    "Waktu “%(waktu)s” pada %(element)s tidak terbaca sehingga langkah itu tanpa tenggat; "
                    "tulis misalnya “30 menit” atau “3 hari”.",
                    waktu=read.text,
                    element=called(task),
                ),
            )
