"""Thousands of random runs, stored and loaded between all acts, held against the rules of BPMN tokens."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from bpmn.flow import Flow
from engine import spiff
from engine.spiff.running import Advanced
from tests.engine.flows import ALL, decisions, random_flow
from tests.engine.token_game import Slot, TokenGame

CHUNKS, FLOWS, RUNS = 20, 40, 4
"""Tests, random flows in each, and random runs of each flow."""

ACTS = 60
"""A run is left where it stands after so many."""


def matched(run: Advanced, game: TokenGame) -> dict[str, Slot]:
    """What the game has waiting by the ids of the engine: what waited before has kept its id."""
    node_of = {waiting.engine_id: waiting.node_id for waiting in (*run.waiting, *run.events)}
    slots = {(token, event): event or token.node for token, event in game.slots()}
    known = {
        id_: slot for slot in slots if (id_ := slot[0].id if slot[1] is None else slot[0].events[slot[1]]) is not None
    }
    assert {id_: slots[slot] for id_, slot in known.items()}.items() <= node_of.items()
    new = [id_ for id_ in node_of if id_ not in known]
    unnamed = [slot for slot in slots if slot not in known.values()]
    assert Counter(node_of[id_] for id_ in new) == Counter(slots[slot] for slot in unnamed)
    for token, event in unnamed:
        id_ = next(id_ for id_ in new if node_of[id_] == (event or token.node))
        new.remove(id_)
        known[id_] = (token, event)
        if event is None:
            token.id = id_
        else:
            token.events[event] = id_
    return known


def play(process: spiff.Process, random: Random) -> int:
    """A random run, stored and loaded between all acts, held against the token game; how many acts it took."""
    flow = process.flow
    game = TokenGame(flow)
    run = spiff.start(process)
    variables = undecided(flow)
    passed: Counter[str] = Counter()
    for act in range(ACTS):
        passed.update(run.passed)
        # What lies beside an end of everything may be passed before it or never: the order of branches is nobody's.
        assert stopping(flow) or passed == game.passed
        slots = matched(run, game)
        assert Counter(task.node_id for task in run.waiting) == game.people()
        assert run.finished == (not slots)
        if run.finished:
            return act
        engine_id = picked(slots, random)
        variables |= decided(flow, slots[engine_id], random)
        game.go_on(slots[engine_id], variables)
        if engine_id in {task.engine_id for task in run.waiting}:
            run = spiff.complete(process, run.state, engine_id, variables)
        else:
            run = spiff.fire(process, run.state, engine_id)
        assert spiff.standing(process, run.state) == run
    return ACTS


def stopping(flow: Flow) -> bool:
    """Whether there is an end that takes all other tokens with it."""
    return any(node.kind == "endEvent" and node.event is not None for node in flow.nodes)


def picked(slots: dict[str, Slot], random: Random) -> str:
    """Something that waits; what sits on a border happens seldom, or no run would get far."""
    names = {id_: event or token.node for id_, (token, event) in slots.items()}
    ids = sorted(slots, key=names.__getitem__)
    return random.choices(ids, [1 if slots[id_][1] else 3 for id_ in ids])[0]


def undecided(flow: Flow) -> dict[str, str]:
    """A value for each variable, as a boundary event may lead past the step that sets it."""
    return {f"keputusan_{node.id.removeprefix('langkah_')}": "lain" for node in flow.tasks()}


def decided(flow: Flow, slot: Slot, random: Random) -> dict[str, str]:
    token, event = slot
    values = decisions(flow, token.node) if event is None else []
    return {f"keputusan_{token.node.removeprefix('langkah_')}": random.choice(values)} if values else {}


@pytest.fixture(autouse=True)
def _without_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    """The buttons of tasks are nothing to the engine, and take longer to find than all else here."""
    monkeypatch.setattr("engine.spiff.processes.choices", lambda flow, task: ())


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_runs_follow_the_rules_of_tokens(chunk: int) -> None:
    for seed in range(chunk * FLOWS, (chunk + 1) * FLOWS):
        random = Random(seed)
        process = spiff.prepare(random_flow(random, stopping=seed % 4 == 0))
        for _ in range(RUNS):
            play(process, random)


@pytest.mark.parametrize("chunk", range(CHUNKS // 4))
def test_tokens_that_run_after_each_other_are_not_lost_at_joins(chunk: int) -> None:
    for seed in range(chunk * FLOWS, (chunk + 1) * FLOWS):
        random = Random(seed)
        flow = random_flow(random, tuple(block for block in ALL if block != "inclusive"), borders=0.4, doubling=True)
        process = spiff.prepare(flow)
        for _ in range(RUNS):
            play(process, random)
