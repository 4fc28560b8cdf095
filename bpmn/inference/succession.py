"""What one step's performer says of the next one's: work stays, is examined upwards and ordered downwards."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from bpmn.inference.view import Part, View
from bpmn.wording import Sentence, sentence

_EXAMINES = re.compile(
    r"\b(?:memeriksa|meng?koreksi|mem?verifikasi|memvalidasi|meneliti|mengecek|mereviu|mereview|menyetujui\w*|menge?sahkan|memaraf\w*|"
    r"menanda\s?tangani\w*)\b"
)
_ORDERS = re.compile(r"\b(?:memerintah(?:kan)?|menugaskan|menginstruksikan)\b")
_HANDS_ON = re.compile(r"\b(?:meneruskan|di\s?teruskan|menyerahkan|di\s?serahkan|menyampaikannya|melaporkan)\b")


class _Between(Enum):
    """What lies between two steps; the value: the weight of staying, going up, going down in rank, going across."""

    NOTHING = (0.5, 0.0, 0.0, 0.0)
    HANDED_ON = (-1.5, 0.0, 0.0, 0.0)
    EXAMINED = (-1.0, 0.3, -0.3, 0.0)
    EXAMINED_AGAIN = (-0.9, 0.9, -0.9, -0.9)
    ORDERED = (-1.2, -1.2, 0.8, -0.4)


def weights(view: View) -> list[list[list[float]]]:
    """For each step but the first the weight of every pair of lanes: that of the step before, its own."""
    return [_matrix(view, _between(view, at)) if at else [] for at in range(len(view.steps))]


def reason(view: View, at: int, before: int, lane: int) -> Sentence | None:
    """Why going from one lane to another at step `at` is likely; None if it is not."""
    between = _between(view, at)
    if _weight(view, between, before, lane) < 0.5:
        return None
    if between is _Between.NOTHING:
        return sentence(
            "Langkah sebelumnya dikerjakan %(lane)s dan tidak diserahkan kepada jabatan lain.", lane=view.lanes[lane]
        )
    if between is _Between.ORDERED:
        return sentence(
            "%(before)s memberi perintah kepada bawahannya pada langkah sebelumnya.", before=view.lanes[before]
        )
    return sentence(
        "Pemeriksaan berjenjang naik dari %(before)s ke %(lane)s.", before=view.lanes[before], lane=view.lanes[lane]
    )


def _between(view: View, at: int) -> _Between:
    earlier, later = view.steps[at - 1], view.steps[at]
    if _ORDERS.search(earlier.text) and not earlier.having(Part.ORDERED):
        return _Between.ORDERED
    if _EXAMINES.search(later.done):
        return _Between.EXAMINED_AGAIN if _EXAMINES.search(earlier.done) else _Between.EXAMINED
    named = [role for role in earlier.having(Part.RECIPIENT, Part.ORDERED) if role.single]
    if named or later.text.startswith("menerima") or _HANDS_ON.search(earlier.done):
        return _Between.HANDED_ON
    return _Between.NOTHING


def _matrix(view: View, between: _Between) -> list[list[float]]:
    lanes = range(len(view.lanes))
    return [[_weight(view, between, before, lane) for lane in lanes] for before in lanes]


def _weight(view: View, between: _Between, before: int, lane: int) -> float:
    stay, up, down, across = between.value
    if before == lane:
        return stay
    heights: Sequence[float | None] = view.height
    low, high = heights[before], heights[lane]
    if low is None or high is None:
        return across
    return up if high > low else down if high < low else across
