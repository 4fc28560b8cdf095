"""A flow as a Petri net, and walks through it: what a log is replayed on, and what a discovered net has to allow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

from bpmn import choices as buttons
from bpmn.flow import TASKS, Flow
from tests.engine.token_game import TokenGame

Walk = tuple[str, ...]
"""The steps of a run by their ids, in the order in which they were done."""

LONGEST = 60
"""Steps of a walk; returns are chosen seldom enough that none is as long."""


def walks(flow: Flow, count: int, seed: int = 1) -> list[Walk]:
    """Random walks by the rules of BPMN tokens, which know nothing of the engine or of Petri nets."""
    random = Random(seed)
    return [_walk(flow, random) for _ in range(count)]


def follows(found: list[Walk]) -> set[tuple[str, str]]:
    """Which step comes right after which."""
    return {pair for walk in found for pair in pairwise(walk)}


def _walk(flow: Flow, random: Random) -> Walk:
    game = TokenGame(flow)
    done: list[str] = []
    while (slots := list(game.slots())) and len(done) < LONGEST:
        slot = random.choice(slots)
        node = slot[0].node
        if flow.node(node).kind in TASKS:
            done.append(node)
        choices = buttons.choices(flow, node)
        weights = [1 if choice.is_return else 2 for choice in choices]
        chosen = random.choices(choices, weights)[0] if choices else None
        game.go_on(slot, {chosen.variable: chosen.value} if chosen else {})
    assert not slots
    return tuple(done)


def as_log(pm4py: Any, found: list[Walk]) -> Any:
    """Walks as a log, a minute for each step."""
    pandas: Any = __import__("pandas")
    begin = datetime(2026, 11, 2, tzinfo=UTC)
    rows = [
        {"case": str(case), "node": step, "at": begin + timedelta(hours=case, minutes=place)}
        for case, walk in enumerate(found)
        for place, step in enumerate(walk)
    ]
    return pm4py.format_dataframe(pandas.DataFrame(rows), case_id="case", activity_key="node", timestamp_key="at")


def petri_net(pm4py: Any, flow: Flow) -> tuple[Any, Any, Any]:
    """The net of a flow with its first and last marking: a place for each edge, a transition for what moves tokens."""
    objects, arc = pm4py.objects.petri_net.obj, pm4py.objects.petri_net.utils.petri_utils.add_arc_from_to
    net = objects.PetriNet(flow.process_id)
    places = {edge.id: objects.PetriNet.Place(edge.id) for edge in flow.edges}
    first, last = objects.PetriNet.Place("first"), objects.PetriNet.Place("last")
    net.places.update([*places.values(), first, last])

    def move(name: str, label: str | None, sources: list[Any], targets: list[Any]) -> None:
        transition = objects.PetriNet.Transition(name, label)
        net.transitions.add(transition)
        for place in sources:
            arc(place, transition, net)
        for place in targets:
            arc(transition, place, net)

    for node in flow.nodes:
        came = [places[edge.id] for edge in flow.incoming(node.id)] or [first]
        goes = [places[edge.id] for edge in flow.outgoing(node.id)] or [last]
        if node.kind == "parallelGateway":
            move(node.id, None, came, goes)
        elif node.kind == "exclusiveGateway":
            for source in came:
                for target in goes:
                    move(f"{node.id} {source.name} {target.name}", None, [source], [target])
        else:
            # Met first, and then done: a step is one transition, however many ways lead to it.
            met = objects.PetriNet.Place(f"{node.id} met")
            net.places.add(met)
            for source in came:
                move(f"{node.id} {source.name}", None, [source], [met])
            move(node.id, node.id if node.kind in TASKS else None, [met], goes)
    return net, objects.Marking({first: 1}), objects.Marking({last: 1})
