"""Which flows a run went along: told from its acts, and held against the rules of BPMN tokens."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from bpmn.flow import Edge, Flow
from engine import spiff
from engine.spiff import Passed
from tests.engine.flows import ALL, approval, parallel, random_flow
from tests.engine.test_spiff_fuzz import decided, undecided
from tests.engine.token_game import Scope, Slot, TokenGame

CHUNKS, FLOWS, RUNS, ACTS = 10, 30, 3, 40


class CountingGame(TokenGame):
    """The token game, which also notes each flow that a token is taken along."""

    def __init__(self, flow: Flow) -> None:
        self.counts: Counter[str] = Counter()
        super().__init__(flow)

    def _take(self, scope: Scope, edge: Edge) -> None:
        if not scope.over:
            self.counts[edge.id] += 1
        super()._take(scope, edge)


def name(slot: Slot) -> str:
    token, event = slot
    return event or token.node


def alone(slots: list[Slot]) -> list[Slot]:
    """Those of which it is clear what is meant where only the node is told: the first token there."""
    found: dict[str, Slot] = {}
    for slot in slots:
        found.setdefault(name(slot), slot)
    return [found[key] for key in sorted(found)]


def play(flow: Flow, random: Random) -> tuple[list[Passed], Counter[str]]:
    """A random run: what was done in it, and how often a token was on each flow."""
    game = CountingGame(flow)
    variables = undecided(flow)
    acts = [Passed("", variables)]
    game.data.update(variables)
    for _ in range(ACTS):
        slots = alone(list(game.slots()))
        if not slots:
            break
        slot = random.choices(slots, [1 if event else 3 for _, event in slots])[0]
        told = decided(flow, slot, random)
        acts.append(Passed(name(slot), told))
        game.go_on(slot, told)
    return acts, game.counts


@pytest.fixture(autouse=True)
def _without_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    """The buttons of tasks are not asked for, and take longer to find than all else here."""
    monkeypatch.setattr("engine.spiff.processes.choices", lambda flow, task: ())


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_what_was_walked_is_where_tokens_were(chunk: int) -> None:
    for seed in range(chunk * FLOWS, (chunk + 1) * FLOWS):
        random = Random(seed)
        flow = random_flow(random, ALL, stopping=seed % 4 == 0)
        process = spiff.prepare(flow)
        for _ in range(RUNS):
            acts, counts = play(flow, random)
            assert +spiff.walked(process, acts) == +counts, seed


def test_a_run_that_was_sent_back_went_twice_along_what_it_did_twice() -> None:
    process = spiff.prepare(approval())
    back, onward = {"keputusan_2": "kembali"}, {"keputusan_2": "setuju"}
    acts = [Passed("langkah_1"), Passed("langkah_2", back), Passed("langkah_1"), Passed("langkah_2", onward)]
    flow = process.flow
    by_ends = {(edge.source, edge.target): edge.id for edge in flow.edges}
    assert spiff.walked(process, acts) == {
        by_ends["mulai", "langkah_1"]: 1,
        by_ends["langkah_1", "langkah_2"]: 2,
        by_ends["langkah_2", "gerbang_2"]: 2,
        by_ends["gerbang_2", "langkah_1"]: 1,
        by_ends["gerbang_2", "langkah_3"]: 1,
    }


def test_a_join_is_left_once_both_branches_are_there() -> None:
    process = spiff.prepare(parallel())
    (out,) = process.flow.outgoing("gabung")
    half = [Passed("langkah_1"), Passed("langkah_2")]
    assert out.id not in spiff.walked(process, half)
    assert spiff.walked(process, [*half, Passed("langkah_3")])[out.id] == 1


def test_what_another_version_had_is_passed_over_and_what_follows_is_told() -> None:
    process = spiff.prepare(approval())
    acts = [Passed("langkah_lama"), Passed("langkah_3")]
    (out,) = process.flow.outgoing("langkah_3")
    assert spiff.walked(process, acts)[out.id] == 1


def test_a_way_that_cannot_be_decided_ends_there() -> None:
    process = spiff.prepare(approval())
    (into,) = process.flow.incoming("gerbang_2")
    counts = spiff.walked(process, [Passed("langkah_1"), Passed("langkah_2")])
    assert counts[into.id] == 1
    assert not any(counts[edge.id] for edge in process.flow.outgoing("gerbang_2"))
