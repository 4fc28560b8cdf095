"""An event on a border sits on something that is worked at, nothing leads to it, and one way leads on from it."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.flow import TASKS, Flow
from bpmn.lint.finding import Found, called
from bpmn.wording import sentence

HOSTS = TASKS | {"callActivity", "subProcess"}


def check(flow: Flow) -> Iterator[Found]:
    """Events on other borders or on none, and those with an edge in, or not exactly one edge out."""
    for node in flow.nodes:
        if node.kind != "boundaryEvent":
            continue
        if node.attached_to is None or flow.node(node.attached_to).kind not in HOSTS:
            yield (
                node.id,
                sentence(
                    "%(element)s harus menempel pada tugas, subproses atau SOP yang dipanggil; pindahkan ke sana.",
                    element=called(node),
                ),
            )
        if flow.incoming(node.id):
            yield (
                node.id,
                sentence(
                    "Ada panah yang masuk ke %(element)s, padahal kejadian di tepi kotak timbul sendiri; hapus panah "
                    "itu.",
                    element=called(node),
                ),
            )
        if len(flow.outgoing(node.id)) != 1:
            yield (
                node.id,
                sentence(
                    "Dari %(element)s harus keluar tepat satu panah; tarik satu panah ke langkah yang dikerjakan bila "
                    "kejadian itu timbul.",
                    element=called(node),
                ),
            )
