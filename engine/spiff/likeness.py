"""What states have in common, and what a run knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from engine.spiff import state
from engine.spiff.processes import Process
from engine.spiff.state import State, Token


def alike(process: Process, stored: bytes) -> bytes:
    """The same bytes for all runs that stand at the same place and know the same. Raises StateDamaged."""
    loaded = state.load(process, stored)
    known = dict(sorted(loaded.variables.items()))
    return state.dump(State(known, _without_ids(loaded.tokens)))


def _without_ids(tokens: Iterable[Token]) -> tuple[Token, ...]:
    return tuple(
        replace(
            token,
            id="",
            events={event: id_ and "waits" for event, id_ in sorted(token.events.items())},
            inside=_without_ids(token.inside),
        )
        for token in tokens
    )


def variables(process: Process, stored: bytes) -> Mapping[str, str]:
    """What was decided in a run, by the names that its gateways ask. Raises StateDamaged."""
    return state.load(process, stored).variables
