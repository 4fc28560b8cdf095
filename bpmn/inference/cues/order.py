"""Orders: "Memerintahkan X" is done by X's superior, and X acts next."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bpmn.inference.view import Part, View
from bpmn.inference.vote import Vote, shared
from bpmn.wording import sentence

_NEXT = 2.4
_SELF = -2.5
_SUPERIOR = 0.9
_NEAREST = 0.5
_NOT_SUPERIOR = -1.5
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
            yield Vote(at, _superiors(view, role.lanes), superior)
            if at + 1 < len(view.steps):
                obeyed = sentence("Langkah %(no)s memerintahkannya kepada %(lane)s.", no=seen.step.no, lane=names)
                yield Vote(at + 1, shared(role.lanes, _NEXT * role.strength), obeyed)
        if not ordered and _UNNAMED.search(seen.text):
            evidence = sentence("Langkah ini memberi perintah, yang dilakukan oleh pimpinan.")
            yield Vote(at, _by_height(view.height), evidence)


def _superiors(view: View, ordered: Sequence[int]) -> Mapping[int, float]:
    rank = max(view.ranks[lane] for lane in ordered)
    nearest = min((other for other in view.ranks if other > rank), default=None)
    weights = {lane: _SUPERIOR if other > rank else _NOT_SUPERIOR for lane, other in enumerate(view.ranks)}
    weights |= {lane: _SUPERIOR + _NEAREST for lane, other in enumerate(view.ranks) if other == nearest}
    return weights | shared(ordered, _SELF)


def _by_height(heights: Sequence[float | None]) -> Mapping[int, float]:
    return {lane: -1.0 if height is None else 1.8 * height - 1.0 for lane, height in enumerate(heights)}
