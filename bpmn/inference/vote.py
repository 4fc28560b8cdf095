"""What a cue says: how much it speaks for each lane at one step, and the sentence that says why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bpmn.inference.weights import WEIGHTS
from bpmn.wording import Sentence


@dataclass(frozen=True, slots=True)
class Vote:
    """What a rule (a key of `WEIGHTS`) says of the lanes of step `at` (an index): how strongly it holds for each.

    Lanes not named weigh nothing.
    """

    at: int
    rule: str
    strengths: Mapping[int, float]
    evidence: Sentence

    def weight(self, lane: int) -> float:
        """What the vote says of a lane (log odds)."""
        return WEIGHTS[self.rule] * self.strengths.get(lane, 0.0)

    def favours(self, lane: int, lanes: int) -> bool:
        """Whether the vote speaks for a lane more than for the average one of so many `lanes`."""
        return self.weight(lane) - sum(map(self.weight, self.strengths)) / lanes > 0.2


def shared(lanes: Iterable[int], strength: float = 1.0) -> dict[int, float]:
    """One strength for several lanes."""
    return dict.fromkeys(lanes, strength)
