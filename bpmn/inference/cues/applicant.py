"""Requests come from outside: "Mengajukan permohonan" is done by the applicant where the table has a column for him."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import jabatan
from bpmn.inference import verbs
from bpmn.inference.view import View
from bpmn.inference.vote import Vote, shared
from bpmn.wording import sentence


def votes(view: View) -> Iterator[Vote]:
    """For people outside of the office at the first step, if it brings a request."""
    outside = [lane for lane, name in enumerate(view.lanes) if jabatan.is_outside(name)]
    if outside and verbs.APPLIES.match(view.steps[0].text):
        names = ", ".join(view.lanes[lane] for lane in outside)
        evidence = sentence("Permohonan diajukan oleh pihak dari luar, yaitu %(lanes)s.", lanes=names)
        yield Vote(0, "applicant", shared(outside), evidence)
