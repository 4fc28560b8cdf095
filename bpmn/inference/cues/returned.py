"""Work given back: "jika tidak setuju dikembalikan kepada X" is not done by X, who most often did the step before."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.inference.view import Part, View
from bpmn.inference.vote import Vote, shared
from bpmn.wording import sentence


def votes(view: View) -> Iterator[Vote]:
    """Against the one who gets the work back, and for him at the step before."""
    for at, seen in enumerate(view.steps):
        for role in seen.having(Part.RETURNED):
            names = " / ".join(view.lanes[lane] for lane in role.lanes)
            evidence = sentence(
                "Langkah ini mengembalikan pekerjaan kepada %(lane)s, jadi pelaksananya jabatan lain.", lane=names
            )
            yield Vote(at, "returned.self", shared(role.lanes, role.strength), evidence)
            if at:  # of 58 returns in 30 SOPs 52 go to the step before (domain.md)
                before = sentence(
                    "Langkah %(no)s mengembalikan pekerjaan kepada %(lane)s.", no=seen.step.no, lane=names
                )
                yield Vote(at - 1, "returned.before", shared(role.lanes, role.strength), before)
