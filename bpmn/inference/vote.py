"""What a cue says: how much it speaks for each lane at one step, and the sentence that says why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bpmn.wording import Sentence


@dataclass(frozen=True, slots=True)
class Vote:
    """Weights (log odds) for the lanes of step `at` (an index); lanes not named weigh nothing."""

    at: int
    weights: Mapping[int, float]
    evidence: Sentence

    def weight(self, lane: int) -> float:
        """What the vote says of a lane."""
        return self.weights.get(lane, 0.0)

    def favours(self, lane: int, lanes: int) -> bool:
        """Whether the vote speaks for a lane more than for the average one of so many `lanes`."""
        return self.weight(lane) - sum(self.weights.values()) / lanes > 0.2


def shared(lanes: Iterable[int], weight: float) -> dict[int, float]:
    """One weight for several lanes."""
    return dict.fromkeys(lanes, weight)
