"""Who is merely spoken of ("mengundang Camat", "data masing-masing Seksi") is seldom the one who does it."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.inference.view import Part, View
from bpmn.inference.vote import Vote, shared
from bpmn.wording import sentence


def votes(view: View) -> Iterator[Vote]:
    """Against lanes that the sentence names without giving them a part."""
    for at, seen in enumerate(view.steps):
        for role in seen.having(Part.NAMED):
            names = " / ".join(view.lanes[lane] for lane in role.lanes)
            evidence = sentence(
                "Uraian kegiatan membicarakan %(lane)s, jadi pelaksananya mungkin jabatan lain.", lane=names
            )
            yield Vote(at, "spoken_of", shared(role.lanes, role.strength), evidence)
