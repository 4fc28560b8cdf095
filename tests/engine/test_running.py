"""SpiffWorkflow as Lajur uses it: stored after every act, erased of loops, without code from diagrams."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from bpmn.flow import Flow
from engine import errors, spiff
from engine.spiff import conditions
from engine.spiff.running import Advanced
from tests.engine.flows import Drawing, approval, parallel, random_flow
from tests.engine.token_game import TokenGame


def waiting(advanced: Advanced) -> Counter[str]:
    return Counter(task.node_id for task in advanced.waiting)


def complete(process: spiff.Process, advanced: Advanced, node: str, **variables: str) -> Advanced:
    engine_id = next(task.engine_id for task in advanced.waiting if task.node_id == node)
    return spiff.complete(process, advanced.state, engine_id, variables)


def test_a_run_goes_from_step_to_step_to_its_end() -> None:
    process = spiff.prepare(approval())
    run = spiff.start(process)
    assert waiting(run) == Counter(["langkah_1"])
    run = complete(process, run, "langkah_1")
    run = complete(process, run, "langkah_2", keputusan_2="kembali")
    assert waiting(run) == Counter(["langkah_1"])
    run = complete(process, run, "langkah_1")
    run = complete(process, run, "langkah_2", keputusan_2="setuju")
    assert waiting(run) == Counter(["langkah_3"])
    run = complete(process, run, "langkah_3")
    assert run.finished
    assert not run.waiting


def test_the_state_stays_flat_over_500_returns() -> None:
    process = spiff.prepare(approval())
    run = complete(process, spiff.start(process), "langkah_1")
    sizes = []
    for _ in range(500):
        run = complete(process, run, "langkah_2", keputusan_2="kembali")
        run = complete(process, run, "langkah_1")
        sizes.append(len(run.state))
    assert max(sizes) - min(sizes[1:]) < 20
    assert max(sizes) < 2_000
    run = complete(process, run, "langkah_2", keputusan_2="setuju")
    assert waiting(run) == Counter(["langkah_3"])


def test_a_task_keeps_its_id_while_others_are_completed() -> None:
    process = spiff.prepare(parallel())
    run = complete(process, spiff.start(process), "langkah_1")
    before = {task.node_id: task.engine_id for task in run.waiting}
    run = complete(process, run, "langkah_2")
    assert {task.node_id: task.engine_id for task in run.waiting} == {"langkah_3": before["langkah_3"]}
    assert waiting(complete(process, run, "langkah_3")) == Counter(["langkah_4"])


def test_a_completed_task_cannot_be_completed_again() -> None:
    process = spiff.prepare(approval())
    run = spiff.start(process)
    first = run.waiting[0].engine_id
    run = complete(process, run, "langkah_1")
    with pytest.raises(errors.TaskFinished):
        spiff.complete(process, run.state, first, {})


def test_a_decision_without_a_way_on_leaves_the_run_as_it_was() -> None:
    process = spiff.prepare(approval())
    run = complete(process, spiff.start(process), "langkah_1")
    with pytest.raises(errors.RunDoesNotAdvance, match="langkah_2"):
        complete(process, run, "langkah_2", keputusan_2="entahlah")
    with pytest.raises(errors.RunDoesNotAdvance):
        complete(process, run, "langkah_2")
    assert waiting(complete(process, run, "langkah_2", keputusan_2="setuju")) == Counter(["langkah_3"])


def test_gateways_that_go_round_are_stopped() -> None:
    drawing = Drawing()
    first = drawing.step("mulai")
    a = drawing.node("a", "exclusiveGateway")
    b = drawing.node("b", "exclusiveGateway", default="alur_4")
    drawing.edge(first, a)
    drawing.edge(a, b)
    drawing.edge(b, a)
    drawing.edge(b, drawing.node("langkah_9", "userTask"), condition="${keputusan_1 == 'x'}")
    process = spiff.prepare(drawing.flow("langkah_9"))
    with pytest.raises(errors.RunDoesNotAdvance):
        complete(process, spiff.start(process), "langkah_1", keputusan_1="y")


def play(flow: Flow, random: Random, acts: int) -> None:
    process = spiff.prepare(flow)
    game = TokenGame(flow)
    run = spiff.start(process)
    for _ in range(acts):
        assert waiting(run) == game.waiting
        if run.finished:
            break
        task = random.choice(run.waiting)
        number = task.node_id.removeprefix("langkah_")
        variables = {f"keputusan_{number}": random.choice(["setuju", "kembali"])}
        if any(node.id == f"pilih_{number}" for node in flow.nodes):
            variables = {f"keputusan_{number}": random.choice(["a", "b"])}
        game.complete(task.node_id, variables)
        run = spiff.complete(process, run.state, task.engine_id, variables)
        assert len(run.state) < 150 * len(flow.nodes)
    assert run.finished == (not game.waiting)


@pytest.mark.parametrize("seed", range(150))
def test_stored_and_erased_runs_follow_the_rules_of_tokens(seed: int) -> None:
    random = Random(seed)
    play(random_flow(random), random, acts=80)


def test_nothing_of_a_diagram_is_run_as_code() -> None:
    drawing = Drawing()
    gateway = drawing.decision(drawing.step("mulai"), back_to="langkah_1")
    flow = drawing.flow(gateway)
    attack = "().__class__.__base__.__subclasses__()"
    edges = tuple(
        edge if edge.condition is None else type(edge)(edge.id, edge.source, edge.target, edge.name, attack)
        for edge in flow.edges
    )
    process = spiff.prepare(Flow(flow.process_id, flow.name, flow.pool, flow.lanes, flow.nodes, edges))
    with pytest.raises(errors.RunDoesNotAdvance):
        complete(process, spiff.start(process), "langkah_1")
    engine = conditions.engine()
    with pytest.raises(PermissionError):
        engine.environment.execute("import os", {})
