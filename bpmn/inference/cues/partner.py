"""Work done together: "bersama X", "rapat X dengan Y" names X among those who do it."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.inference.view import Part, View
from bpmn.inference.vote import Vote, shared
from bpmn.wording import sentence


def partners(view: View, at: int) -> tuple[int, ...]:
    """The lanes (indices) that the step says take part in it."""
    return tuple(dict.fromkeys(lane for role in view.steps[at].having(Part.PARTNER) for lane in role.lanes[:1]))


def votes(view: View) -> Iterator[Vote]:
    """For all who meet, where they are named; else against the partner, as another leads the work and he may go on."""
    for at, seen in enumerate(view.steps):
        lanes = partners(view, at)
        if lanes:
            names = ", ".join(view.lanes[lane] for lane in lanes)
            evidence = sentence("Langkah ini dikerjakan bersama %(lanes)s.", lanes=names)
            meeting = len(lanes) > 1 or seen.text.startswith("rapat")
            # Who is named first leads the meeting.
            strengths = shared(lanes) | ({lanes[0]: 1.2} if meeting else {})
            yield Vote(at, "partner.meeting" if meeting else "partner.with", strengths, evidence)
            if at + 1 < len(view.steps) and len(lanes) == 1:
                joined = sentence("%(lanes)s sudah terlibat pada langkah sebelumnya.", lanes=names)
                yield Vote(at + 1, "partner.next", shared(lanes), joined)
