"""What a run has to know: the variables that the gateways before it ask, and that nobody will decide any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bpmn import expressions, graph
from bpmn.choices import Choice
from bpmn.errors import Refusal
from bpmn.flow import Edge, Flow
from bpmn.order import successors


def undecided(
    flow: Flow,
    choices: Mapping[str, Sequence[Choice]],
    places: Iterable[str],
    known: Mapping[str, object],
) -> str | None:
    """The first gateway that a run may come to without knowing enough to choose a way; None if there is none.

    `choices` are those of each task of the flow, `places` the nodes at which the run waits, `known` its variables.
    """
    setters: dict[str, set[str]] = {}
    for task, decided in choices.items():
        for choice in decided:
            setters.setdefault(choice.variable, set()).add(task)
    targets = successors(flow)
    for place in places:
        found = _undecided_from(flow, place, targets, setters, known)
        if found is not None:
            return found
    return None


def _undecided_from(
    flow: Flow,
    place: str,
    targets: Mapping[str, list[str]],
    setters: Mapping[str, set[str]],
    known: Mapping[str, object],
) -> str | None:
    """The same for one place. What is still to be decided on the way counts as known by then."""
    reached: dict[str, set[str]] = {}
    for node in flow.nodes:
        if node.kind not in {"exclusiveGateway", "inclusiveGateway"}:
            continue
        ways = flow.outgoing(node.id)
        asked = {name for way in ways for name in _variables(way.condition)}
        for name in asked - reached.keys():
            past = {node_id: [] if node_id in setters.get(name, ()) else onto for node_id, onto in targets.items()}
            reached[name] = graph.reachable(past, [place])
        unset = {name for name in asked if node.id in reached[name]}
        if unset - known.keys() or (asked and unset == asked and not _decided(ways, node.default, known)):
            return node.id
    return None


def _variables(condition: str | None) -> frozenset[str]:
    return expressions.compile_condition(condition).variables if condition else frozenset()


def _decided(ways: tuple[Edge, ...], default: str | None, known: Mapping[str, object]) -> bool:
    if any(way.id == default for way in ways):
        return True
    try:
        return any(
            way.condition is None or expressions.compile_condition(way.condition).evaluate(known) for way in ways
        )
    except Refusal:
        return False
