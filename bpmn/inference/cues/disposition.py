"""A disposition named as the step's own output ("Disposisi Camat") is given by the one it names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpmn.inference.view import View
from bpmn.inference.vote import Vote, shared
from bpmn.wording import sentence

_DISPOSITION = re.compile(r"\s*(?:lembar\s+)?disposisi\s+\S")


def votes(view: View) -> Iterator[Vote]:
    """For the lane whose disposition the step yields, unless the step already had it."""
    for at, seen in enumerate(view.steps):
        step = seen.step
        given = next((text for text in (step.output, step.keterangan) if _DISPOSITION.match(text.lower())), "")
        held = {lane for mention in view.named_in(step.kelengkapan) for lane in mention.lanes}
        for mention in view.named_in(given)[:1]:
            if not held.intersection(mention.lanes):
                names = " / ".join(view.lanes[lane] for lane in mention.lanes)
                evidence = sentence("Hasil langkah ini adalah disposisi %(lane)s.", lane=names)
                yield Vote(at, "disposition", shared(mention.lanes, mention.strength), evidence)
