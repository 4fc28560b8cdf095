"""A step keeps its id over all versions: live runs stand on ids, and history, statistics and files hang on them.

Unlike the other rules this one looks at two flows, and so only warns: an SOP may drop a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bpmn.flow import Flow, Node
from bpmn.lint.finding import Found, called
from bpmn.wording import sentence


def check(old: Flow, new: Flow) -> Iterator[Found]:
    """Tasks of the older flow that vanished, or whose step now has another id; by the newer id where there is one."""
    before, after = _by_id(old), _by_id(new)
    now_at = _places(new)
    for text, node_id in _places(old).items():
        moved = now_at.get(text)
        if moved is not None and moved != node_id:
            yield (
                moved,
                sentence(
                    "%(element)s dahulu ber-id %(id)s; kembalikan id itu, karena berkas yang sedang berjalan dan "
                    "riwayat mengenali langkah dari id-nya.",
                    element=called(after[moved]),
                    id=node_id,
                ),
            )
    known = set(_places(new))
    for node_id, node in before.items():
        if node_id not in after and _place(node) not in known:
            yield (
                node_id,
                sentence(
                    "%(element)s dari versi sebelumnya tidak ada lagi; bila langkahnya hanya berganti isi, pakai "
                    "kembali id itu, bila memang dihapus, pilih langkah lain bagi berkas yang masih berada di sana.",
                    element=called(node),
                ),
            )


def _by_id(flow: Flow) -> dict[str, Node]:
    return {node.id: node for node in flow.tasks()}


def _place(node: Node) -> str:
    """What tells a step apart whatever its id: the text of its row, or its number, and its label."""
    text = node.documentation.strip() or node.properties.get("langkah", "").strip()
    return " ".join(f"{text} | {node.name}".casefold().split()) if text else ""


def _places(flow: Flow) -> Mapping[str, str]:
    """The id of each step by its text; steps without a text, or with that of another, are left out."""
    found: dict[str, list[str]] = {}
    for node in flow.tasks():
        found.setdefault(_place(node), []).append(node.id)
    return {text: ids[0] for text, ids in found.items() if text and len(ids) == 1}
