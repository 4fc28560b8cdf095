"""It can be told when a timer fires."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import timers
from bpmn.flow import TIMER, Flow
from bpmn.lint.finding import Found, called
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Starts that are not at a date or in a cycle, and other timers that are no length of time and no date."""
    for node in flow.nodes:
        event = node.event
        if event is None or event.kind != TIMER:
            continue
        starts = node.kind == "startEvent"
        allowed = {"timeDate", "timeCycle"} if starts else {"timeDate", "timeDuration"}
        if event.form in allowed and timers.read(event) is not None:
            continue
        if starts:
            yield (
                node.id,
                sentence(
                    "Waktu “%(text)s” pada awal %(element)s tidak terbaca; pilih “Tanggal dan jam” (Date) dan "
                    "tulis seperti 2027-01-04T08:00, atau “Berulang” (Cycle) dan tulis tanggal pertama serta jaraknya "
                    "seperti R/2027-01-04T08:00/P1M.",
                    text=event.text,
                    element=called(node),
                ),
            )
        else:
            yield (
                node.id,
                sentence(
                    "Waktu “%(text)s” pada %(element)s tidak terbaca; pilih “Lama” (Duration) dan tulis seperti "
                    "“3 hari” atau P3D, atau “Tanggal dan jam” (Date) dan tulis seperti 2027-01-04T08:00.",
                    text=event.text,
                    element=called(node),
                ),
            )
