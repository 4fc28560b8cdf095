"""A mark left in a PELAKSANA cell ("Mulai", "[ ]") is what remains of the symbol drawn there."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.inference.view import View
from bpmn.inference.vote import Vote, shared
from bpmn.sop import Step
from bpmn.wording import sentence

_WEIGHT = 5.0
_HIGHEST_OF_SEVERAL = 3.0


def marked(step: Step) -> tuple[int, ...]:
    """The lanes (indices) whose cells hold a mark in this row."""
    return tuple(place for place, cell in enumerate(step.cells) if cell)


def votes(view: View) -> Iterator[Vote]:
    """For the lanes with a mark; of several the highest leads."""
    for at, seen in enumerate(view.steps):
        places = marked(seen.step)
        leading = max(places, key=lambda place: (view.ranks[place], -place), default=None) if len(places) > 1 else None
        for place in places:
            evidence = sentence(
                "Tanda “%(mark)s” tercetak pada kolom %(lane)s.",
                mark=seen.step.cells[place][:40],
                lane=view.lanes[place],
            )
            weight = _WEIGHT + (_HIGHEST_OF_SEVERAL if place == leading else 0.0)
            yield Vote(at, shared((place,), weight), evidence)
