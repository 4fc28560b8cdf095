"""PENANGGUNG JAWAB names who answers for a step, which is not always who performs it: a weak cue."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.inference.view import View
from bpmn.inference.vote import Vote
from bpmn.wording import sentence


def votes(view: View) -> Iterator[Vote]:
    """For the lanes named in the column; the fewer, the more."""
    for at, seen in enumerate(view.steps):
        named = {
            lane: mention.strength for mention in view.named_in(seen.step.penanggung_jawab) for lane in mention.lanes
        }
        if named and len(named) < len(view.lanes):
            rule = "responsible.one" if len(named) == 1 else "responsible.several"
            names = ", ".join(view.lanes[lane] for lane in named)
            evidence = sentence("Kolom Penanggung Jawab menyebut %(lanes)s.", lanes=names)
            yield Vote(at, rule, named, evidence)
