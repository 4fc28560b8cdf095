"""Orders: "Memerintahkan X" is done by X's superior, and X acts next."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bpmn.inference.view import Part, View
from bpmn.inference.vote import Vote, shared
from bpmn.wording import sentence

_UNNAMED = re.compile(
    r"^(?:memerintah(?:kan)?|perintah|menugaskan|menginstruksikan)\b|\bmendisposisi|\bmemberi(?:kan)? (?:arahan|"
    r"disposisi)"
)


def votes(view: View) -> Iterator[Vote]:
    """For the superiors of whoever is ordered, and for the ordered one at the next step."""
    for at, seen in enumerate(view.steps):
        ordered = seen.having(Part.ORDERED)
        for role in ordered:
            names = " / ".join(view.lanes[lane] for lane in role.lanes)
            superior = sentence("Langkah ini memerintah %(lane)s, jadi dilakukan oleh atasannya.", lane=names)
            above, nearest, others = _superiors(view, role.lanes)
            yield Vote(at, "order.superior", shared(above), superior)
            yield Vote(at, "order.nearest", shared(nearest), superior)
            yield Vote(at, "order.not_superior", shared(others), superior)
            yield Vote(at, "order.self", shared(role.lanes), superior)
            if at + 1 < len(view.steps):
                obeyed = sentence("Langkah %(no)s memerintahkannya kepada %(lane)s.", no=seen.step.no, lane=names)
                yield Vote(at + 1, "order.next", shared(role.lanes, role.strength), obeyed)
        if not ordered and _UNNAMED.search(seen.text):
            evidence = sentence("Langkah ini memberi perintah, yang dilakukan oleh pimpinan.")
            yield Vote(at, "order.unnamed", _by_height(view.height), evidence)


def _superiors(view: View, ordered: Sequence[int]) -> tuple[list[int], list[int], list[int]]:
    """The lanes above the one ordered, the nearest of them, and all others."""
    rank = max(view.ranks[lane] for lane in ordered)
    above = [lane for lane, other in enumerate(view.ranks) if other > rank]
    nearest = min((view.ranks[lane] for lane in above), default=None)
    others = [lane for lane, other in enumerate(view.ranks) if other <= rank and lane not in ordered]
    return above, [lane for lane in above if view.ranks[lane] == nearest], others


def _by_height(heights: Sequence[float | None]) -> Mapping[int, float]:
    return {lane: -0.5 if height is None else height - 0.5 for lane, height in enumerate(heights)}
