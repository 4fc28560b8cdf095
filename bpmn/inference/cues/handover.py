"""Work handed to somebody: "menyerahkan kepada X" makes X the next to act, and is not done by X."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.inference.view import Part, View
from bpmn.inference.vote import Vote, shared
from bpmn.wording import sentence


def votes(view: View) -> Iterator[Vote]:
    """For the recipient at the next step, against it at this one. Of several recipients the last one counts most."""
    for at, seen in enumerate(view.steps):
        for role in seen.having(Part.RECIPIENT):
            names = " / ".join(view.lanes[lane] for lane in role.lanes)
            given = sentence(
                "Pekerjaan langkah ini diserahkan kepada %(lane)s, jadi pelaksananya jabatan lain.", lane=names
            )
            self_rule = "handover.self" if role.last else "handover.self_not_last"
            yield Vote(at, self_rule, shared(role.lanes, role.strength), given)
            if at + 1 < len(view.steps):
                # What goes to several at once is handed out, not on.
                rule = "next" if role.last else "not_last"
                rule = f"handover.{rule if role.single else 'several'}"
                taken = sentence("Langkah %(no)s menyerahkan pekerjaan kepada %(lane)s.", no=seen.step.no, lane=names)
                yield Vote(at + 1, rule, shared(role.lanes, role.strength), taken)
