"""Only what the engine runs may stand in a diagram; `bpmn/README.md` lists it.

Tasks for people, also once by each holder of the jabatan (`Node.multi`); exclusive, parallel and inclusive gateways;
start, end and terminate; timers, messages and signals that are waited for; subprocesses, and calls of other SOPs.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.flow import GATEWAYS, HOLDERS, TASKS, Flow
from bpmn.lint.finding import Found, called
from bpmn.wording import sentence

CATCHING = frozenset({"intermediateCatchEvent", "boundaryEvent"})
RUN = TASKS | GATEWAYS | CATCHING | {"startEvent", "endEvent", "callActivity", "subProcess"}


def check(flow: Flow) -> Iterator[Found]:
    """Nodes of other kinds, and nodes with something inside that changes how they run."""
    for node in flow.nodes:
        if node.kind == "scriptTask":
            yield (
                node.id,
                sentence(
                    "%(element)s adalah tugas skrip, padahal Lajur tidak pernah menjalankan kode dari diagram; "
                    "ganti dengan “Langkah pegawai” (user task).",
                    element=called(node),
                ),
            )
        elif node.kind not in RUN:
            yield (
                node.id,
                sentence(
                    "%(element)s adalah elemen %(kind)s, yang belum dijalankan Lajur; "
                    "ganti dengan tugas, gerbang eksklusif atau gerbang paralel.",
                    element=called(node),
                    kind=node.kind,
                ),
            )
        elif "multiInstanceLoopCharacteristics" in node.markers:
            yield (
                node.id,
                sentence(
                    "%(element)s diulang dengan cara yang belum dijalankan Lajur; Lajur menjalankan tugas yang "
                    "dikerjakan satu kali oleh setiap pemegang jabatan: isi Collection dengan %(holders)s dan "
                    "kosongkan isian pengulangan lainnya, atau hapus penanda pengulangannya.",
                    element=called(node),
                    holders=HOLDERS,
                ),
            )
        elif node.markers:
            yield (
                node.id,
                sentence(
                    "%(element)s memakai %(marker)s, yang belum dijalankan Lajur; hapus bagian itu dari elemennya.",
                    element=called(node),
                    marker=", ".join(node.markers),
                ),
            )
        elif node.kind in CATCHING and node.event is None:
            yield (
                node.id,
                sentence(
                    "%(element)s tidak mengatakan apa yang ditunggu; jadikan timer, pesan atau sinyal.",
                    element=called(node),
                ),
            )
