"""Who acts, is ordered or is handed work anywhere in the SOP also does more of what nobody is named for."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.inference.view import Part, View
from bpmn.inference.vote import Vote
from bpmn.wording import sentence

_PARTS = (Part.SUBJECT, Part.RECIPIENT, Part.ORDERED)


def votes(view: View) -> Iterator[Vote]:
    """For the lanes named as acting, the more often the stronger, at each step that names nobody itself."""
    named = [lane for seen in view.steps for role in seen.having(*_PARTS) if role.single for lane in role.lanes]
    if not named:
        return
    strengths = {lane: named.count(lane) / (named.count(lane) + 1) for lane in dict.fromkeys(named)}
    evidence = sentence("Jabatan ini disebut sebagai pelaku di bagian lain prosedur ini.")
    for at, seen in enumerate(view.steps):
        if not seen.roles:
            yield Vote(at, "active", strengths, evidence)
