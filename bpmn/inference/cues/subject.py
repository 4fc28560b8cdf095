"""The sentence names its own subject: "Sekretaris memerintahkan ...", "... oleh Sekretaris"."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.inference.view import Part, View
from bpmn.inference.vote import Vote, shared
from bpmn.wording import sentence


def votes(view: View) -> Iterator[Vote]:
    """For the lane that the sentence says does it.

    This weighs more than a mark: where drawing and wording disagree, the box must stand in the lane its text names.
    """
    for at, seen in enumerate(view.steps):
        for role in seen.having(Part.SUBJECT):
            names = " / ".join(view.lanes[lane] for lane in role.lanes)
            evidence = sentence("Uraian kegiatan menyebut %(lane)s sebagai pelakunya.", lane=names)
            yield Vote(at, "subject", shared(role.lanes, role.strength), evidence)
