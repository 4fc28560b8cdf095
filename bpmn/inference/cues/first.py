"""The columns stand in the order in which the jabatan first act, so the first step mostly belongs to the first one."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.inference.view import View
from bpmn.inference.vote import Vote
from bpmn.wording import sentence


def votes(view: View) -> Iterator[Vote]:
    """For the first column at the first step."""
    evidence = sentence(
        "Jabatan yang memulai prosedur lazimnya tercetak pada kolom pertama, yaitu %(lane)s.", lane=view.lanes[0]
    )
    yield Vote(0, "first", {0: 1.0}, evidence)
