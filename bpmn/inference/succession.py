"""What one step's performer says of the next one's: work stays, is examined upwards and ordered downwards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from bpmn.inference import verbs
from bpmn.inference.view import Part, View
from bpmn.inference.weights import WEIGHTS
from bpmn.wording import Sentence, sentence

Rules = tuple[tuple[str, float], ...]
"""Rules (keys of `WEIGHTS`) that hold for a pair of lanes, and how strongly."""


_SMALL = frozenset({"dan", "yang", "untuk", "dari", "ke", "kepada", "di", "dengan", "serta", "pada", "masing-masing"})
_DONE_BEFORE = re.compile(r"\b(?:telah|sudah)\s+di\s?\w+")


class _Between(StrEnum):
    """What lies between two steps; with `stay`, `up`, `down` (in rank), `across` the name of a rule."""

    NOTHING = "nothing"
    HANDED_ON = "handed_on"
    EXAMINED = "examined"
    EXAMINED_AGAIN = "examined_again"
    ORDERED = "ordered"


def weights(view: View) -> list[list[list[float]]]:
    """For each step but the first the weight of every pair of lanes: that of the step before, its own."""
    return [
        [[sum(WEIGHTS[rule] * strength for rule, strength in pair) for pair in row] for row in matrix]
        for matrix in rules(view)
    ]


def _likeness(view: View, at: int) -> float:
    """How much two steps in a row speak of the same things: the share of the later one's words, without its verb."""
    earlier, later = (set(view.steps[place].text.split()[1:]) - _SMALL for place in (at - 1, at))
    return len(earlier & later) / (len(later) or 1)


def rules(view: View) -> list[list[list[Rules]]]:
    """For each step but the first the rules that hold for every pair of lanes: that of the step before, its own."""
    lanes = range(len(view.lanes))
    found: list[list[list[Rules]]] = []
    for at in range(len(view.steps)):
        between = _between(view, at) if at else None
        matrix = [[tuple(_rules(view, between, a, b)) for b in lanes] for a in lanes] if between else []
        if between is _Between.NOTHING:
            like = ("nothing.like", _likeness(view, at))
            for lane in lanes:
                matrix[lane][lane] = (*matrix[lane][lane], like)
        found.append(matrix)
    return found


def reason(view: View, at: int, before: int, lane: int) -> Sentence | None:
    """Why going from one lane to another at step `at` is likely; None if it is not."""
    between = _between(view, at)
    if sum(WEIGHTS[rule] * strength for rule, strength in _rules(view, between, before, lane)) < 0.4:
        return None
    if before == lane:
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
    if verbs.ORDERS.search(earlier.text) and not earlier.having(Part.ORDERED):
        return _Between.ORDERED
    if verbs.EXAMINES.search(later.done):
        return _Between.EXAMINED_AGAIN if verbs.EXAMINES.search(earlier.done) else _Between.EXAMINED
    if verbs.EXAMINES.search(earlier.done) and _DONE_BEFORE.search(later.text):
        return _Between.HANDED_ON
    named = [role for role in earlier.having(Part.RECIPIENT, Part.ORDERED) if role.single]
    if named or later.text.startswith("menerima") or verbs.HANDS_ON.search(earlier.done):
        return _Between.HANDED_ON
    return _Between.NOTHING


def _rules(view: View, between: _Between, before: int, lane: int) -> Iterator[tuple[str, float]]:
    """The rules for a pair, those only that have a weight. `leap` counts the ranks that are passed over."""
    low, high = view.level[before], view.level[lane]
    leap = 0
    if before == lane:
        way = "stay"
    elif low is None or high is None or low == high:
        way = "across"
    else:
        way = "up" if high > low else "down"
        leap = abs(high - low) - 1
    if f"{between}.{way}" in WEIGHTS:
        yield f"{between}.{way}", 1.0
    if leap and f"{between}.leap" in WEIGHTS:
        yield f"{between}.leap", float(leap)
