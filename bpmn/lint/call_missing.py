"""A call says which SOP it calls, and not its own. Whether the SOP exists only an office knows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpmn.flow import Flow
from bpmn.lint.finding import Found, called
from bpmn.wording import sentence

_ID = re.compile(r"[^\W\d][\w.\-]*")


def check(flow: Flow) -> Iterator[Found]:
    """Calls of no process, of an expression, and of the process itself."""
    for node in flow.nodes:
        if node.kind != "callActivity":
            continue
        if not _ID.fullmatch(node.calls):
            yield (
                node.id,
                sentence(
                    "%(element)s tidak menyebut SOP yang dipanggil; isi Called element dengan id proses SOP itu.",
                    element=called(node),
                ),
            )
        elif node.calls == flow.process_id:
            yield (
                node.id,
                sentence(
                    "%(element)s memanggil SOP-nya sendiri sehingga tidak pernah selesai; panggil SOP lain atau "
                    "kembalikan dengan panah.",
                    element=called(node),
                ),
            )
