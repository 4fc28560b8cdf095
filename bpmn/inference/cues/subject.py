"""The sentence names its own subject: "Sekretaris memerintahkan ...", "... oleh Sekretaris"."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.inference.view import Part, View
from bpmn.inference.vote import Vote, shared
from bpmn.wording import sentence

# More than a mark: where drawing and wording disagree, the box must stand in the lane its own text names.
_WEIGHT = 7.0


def votes(view: View) -> Iterator[Vote]:
    """For the lane that the sentence says does it."""
    for at, seen in enumerate(view.steps):
        for role in seen.having(Part.SUBJECT):
            names = " / ".join(view.lanes[lane] for lane in role.lanes)
            evidence = sentence("Uraian kegiatan menyebut %(lane)s sebagai pelakunya.", lane=names)
            yield Vote(at, shared(role.lanes, _WEIGHT * role.strength), evidence)
