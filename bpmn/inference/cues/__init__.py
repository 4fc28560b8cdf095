"""Cues for who performs a step: one module each, with `votes(view)`. A new cue is a module and a line in `ALL`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bpmn.inference.cues import (
    active,
    applicant,
    disposition,
    duty,
    first,
    handover,
    order,
    partner,
    received,
    responsible,
    returned,
    spoken_of,
    subject,
    symbol,
)
from bpmn.inference.view import View
from bpmn.inference.vote import Vote

ALL: tuple[Callable[[View], Iterator[Vote]], ...] = (
    symbol.votes,
    first.votes,
    applicant.votes,
    active.votes,
    subject.votes,
    handover.votes,
    order.votes,
    received.votes,
    returned.votes,
    disposition.votes,
    duty.votes,
    partner.votes,
    spoken_of.votes,
    responsible.votes,
)
