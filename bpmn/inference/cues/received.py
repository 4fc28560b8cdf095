"""What comes from somebody is not done by him: "Menerima ... dari X", "... yang telah ditandatangani oleh X"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpmn.inference.view import Part, View
from bpmn.inference.vote import Vote, shared
from bpmn.wording import sentence

_RECEIVES = re.compile(r"\b(?:menerima|menelaah|menghimpun|mengumpulkan)\b")


def votes(view: View) -> Iterator[Vote]:
    """Against the one from whom the work came; for him at the step before, where the step begins with receiving."""
    for at, seen in enumerate(view.steps):
        for role in seen.having(Part.SOURCE, Part.SIGNED):
            names = " / ".join(view.lanes[lane] for lane in role.lanes)
            evidence = sentence(
                "Langkah ini menerima hasil kerja %(lane)s, jadi pelaksananya jabatan lain.", lane=names
            )
            yield Vote(at, "received.source", shared(role.lanes, role.strength), evidence)
            if at and role.single and _RECEIVES.match(seen.text):
                before = sentence("Langkah %(no)s menerima hasilnya dari %(lane)s.", no=seen.step.no, lane=names)
                yield Vote(at - 1, "received.before", shared(role.lanes, role.strength), before)
