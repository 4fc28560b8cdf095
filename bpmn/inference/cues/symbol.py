"""A mark left in a PELAKSANA cell ("Mulai", "[ ]") is what remains of the symbol drawn there."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.inference.view import View
from bpmn.inference.vote import Vote, shared
from bpmn.sop import Step
from bpmn.wording import sentence

# Fillers, arrows and their labels lie also where nobody acts.
_NO_MARK = " -\u2013\u2014._|/\\←↑→↓↔↕⇐⇒⇓⇑►▼▲◄"
_LABELS = frozenset({"ya", "tidak", "tdk", "y", "t"})


def marked(step: Step) -> tuple[int, ...]:
    """The lanes (indices) whose cells hold a mark in this row."""
    bare = [cell.strip(_NO_MARK).casefold() for cell in step.cells]
    return tuple(place for place, cell in enumerate(bare) if cell and cell not in _LABELS)


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
            yield Vote(at, "symbol", shared((place,)), evidence)
            if place == leading:
                yield Vote(at, "symbol.highest", shared((place,)), evidence)
