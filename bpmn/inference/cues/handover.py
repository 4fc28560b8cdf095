"""Work handed to somebody: "menyerahkan kepada X" makes X the next to act, and is not done by X."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.inference.view import Part, View
from bpmn.inference.vote import Vote, shared
from bpmn.wording import sentence

_NEXT = 2.6
_NEXT_IF_NOT_LAST = 0.8
_NEXT_OF_SEVERAL = 0.3
_NOT_SELF = -1.6


def votes(view: View) -> Iterator[Vote]:
    """For the recipient at the next step, against it at this one. Of several recipients the last one counts most."""
    for at, seen in enumerate(view.steps):
        for role in seen.having(Part.RECIPIENT):
            names = " / ".join(view.lanes[lane] for lane in role.lanes)
            given = sentence(
                "Pekerjaan langkah ini diserahkan kepada %(lane)s, jadi pelaksananya jabatan lain.", lane=names
            )
            yield Vote(at, shared(role.lanes, _NOT_SELF * role.strength), given)
            if at + 1 < len(view.steps):
                # What goes to several at once is handed out, not on.
                weight = (_NEXT if role.last else _NEXT_IF_NOT_LAST) if role.single else _NEXT_OF_SEVERAL
                taken = sentence("Langkah %(no)s menyerahkan pekerjaan kepada %(lane)s.", no=seen.step.no, lane=names)
                yield Vote(at + 1, shared(role.lanes, weight * role.strength), taken)
