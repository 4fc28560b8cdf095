"""A run begins at exactly one start event, and so does the work in each subprocess."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.flow import Flow, Node
from bpmn.lint.finding import Found, called
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """No start event, every start event after the first, and starts that something leads to; in each subprocess too.

    A subprocess begins when work comes to it: its start waits for nothing.
    """
    starts = [node for node in flow.nodes if node.kind == "startEvent"]
    outer = [start for start in starts if start.parent is None]
    if not outer:
        yield flow.process_id, sentence("Diagram ini tidak memiliki awal; tambahkan satu “Mulai” (start event).")
    for start in outer[1:]:
        yield (
            start.id,
            sentence(
                "Diagram ini memiliki lebih dari satu awal; hapus %(element)s atau satukan dengan %(first)s.",
                element=called(start),
                first=called(outer[0]),
            ),
        )
    for node in flow.nodes:
        if node.kind == "subProcess":
            yield from _inside(node, [start for start in starts if start.parent == node.id])
    for start in starts:
        if flow.incoming(start.id):
            yield (
                start.id,
                sentence(
                    "Ada panah yang masuk ke awal %(element)s; arahkan panah itu ke langkah pertama.",
                    element=called(start),
                ),
            )


def _inside(subprocess: Node, starts: list[Node]) -> Iterator[Found]:
    if len(starts) != 1:
        yield (
            subprocess.id,
            sentence(
                "Subproses %(element)s harus memiliki tepat satu awal di dalamnya, sekarang %(count)s; tambahkan atau "
                "hapus “Mulai” (start event).",
                element=called(subprocess),
                count=len(starts),
            ),
        )
    for start in starts:
        if start.event is not None:
            yield (
                start.id,
                sentence(
                    "Awal %(element)s di dalam subproses %(subprocess)s tidak boleh menunggu apa pun; ganti dengan "
                    "“Mulai” biasa.",
                    element=called(start),
                    subprocess=called(subprocess),
                ),
            )
