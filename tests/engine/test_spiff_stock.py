"""SpiffWorkflow as delivered beside ours: no difference where it is right, and where it is wrong, that it is.

What ours avoids is kept here as tests. One that fails after an upgrade says that a trap is gone, or has moved.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from bpmn import graph
from bpmn.flow import Flow
from bpmn.order import successors
from engine import spiff
from tests.engine.flows import ALL, Drawing, approval, decisions, random_flow
from tests.engine.stock import Stock
from tests.engine.test_spiff_fuzz import undecided

BLOCKS = tuple(block for block in ALL if block != "inclusive")
"""Without inclusive gateways: see `test_its_inclusive_join_does_not_wait`."""

CHUNKS, FLOWS, RUNS, ACTS = 10, 50, 2, 40


@pytest.fixture(autouse=True)
def _without_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.spiff.processes.choices", lambda flow, task: ())


def comparable(flow: Flow) -> bool:
    """Whether SpiffWorkflow is right about a flow: no join in a return loop, nothing between a split and its join."""
    looping = graph.on_cycles(successors(flow))
    joins = {node.id for node in flow.nodes if node.kind == "parallelGateway" and len(flow.incoming(node.id)) > 1}
    straight = any(edge.target in joins and flow.node(edge.source).kind == "parallelGateway" for edge in flow.edges)
    return not straight and not joins & looping


def differs(process: spiff.Process, random: Random) -> tuple[Counter[str], Counter[str]] | None:
    """What waits here and what waits there, the first time that it is not the same."""
    flow = process.flow
    theirs, ours, variables = Stock(flow), spiff.start(process), undecided(flow)
    for _ in range(ACTS):
        waiting = (*ours.waiting, *ours.events)
        named = Counter(each.node_id for each in waiting)
        if named != theirs.waiting():
            return named, theirs.waiting()
        assert ours.finished == theirs.run.is_completed()
        alone = sorted((each for each in waiting if named[each.node_id] == 1), key=lambda each: each.node_id)
        if not alone:
            break
        picked = random.choice(alone)
        if values := decisions(flow, picked.node_id):
            variables[f"keputusan_{picked.node_id.removeprefix('langkah_')}"] = random.choice(values)
        theirs.go_on(picked.node_id, variables)
        if picked in ours.waiting:
            ours = spiff.complete(process, ours.state, picked.engine_id, variables)
        else:
            ours = spiff.fire(process, ours.state, picked.engine_id)
    return None


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_forgetting_the_past_makes_no_difference(chunk: int) -> None:
    for seed in range(chunk * FLOWS, (chunk + 1) * FLOWS):
        random = Random(seed)
        flow = random_flow(random, BLOCKS, borders=0.3, stopping=seed % 4 == 0)
        if comparable(flow):
            process = spiff.prepare(flow)
            for _ in range(RUNS):
                assert differs(process, random) is None


# -- the traps --------------------------------------------------------------------------------------------------------


def test_its_parallel_join_fires_early_in_a_return_loop() -> None:
    drawing = Drawing()
    first = drawing.step("mulai")
    fork = drawing.another("pisah", "parallelGateway", first)
    join = drawing.node("gabung", "parallelGateway")
    for _ in range(2):
        drawing.edge(drawing.step(fork), join)
    flow = drawing.flow(drawing.decision(drawing.step(join), back_to=first))
    found = [differs(spiff.prepare(flow), Random(seed)) for seed in range(30)]
    assert any(found)
    for difference in found:
        if difference is not None:
            ours, theirs = difference
            assert (ours, theirs - ours) == (Counter({"langkah_2": 1}), Counter({"langkah_4": 1})) or (
                ours, theirs - ours
            ) == (Counter({"langkah_3": 1}), Counter({"langkah_4": 1}))  # fmt: skip


def test_its_inclusive_join_does_not_wait() -> None:
    """Where ways run together before the join, a token on the second of them is overlooked.

    Ours waits, as the token game says (`test_spiff_fuzz`).
    """
    drawing = Drawing()
    split = drawing.another("pilih", "inclusiveGateway", drawing.step("mulai"))
    join = drawing.node("kumpul", "inclusiveGateway")
    merge = drawing.node("temu", "exclusiveGateway")
    choice = drawing.another("tanya", "exclusiveGateway", drawing.step(split))
    for _ in range(2):
        step = drawing.step(choice)
        drawing.approve(drawing.decision(step, back_to=step), merge)
    drawing.edge(merge, join)
    drawing.edge(drawing.step(split), join)
    flow = drawing.flow(drawing.step(join))
    conditions = {"langkah_3": "${keputusan_2 == 'a'}", "langkah_4": "${keputusan_2 == 'b'}"}
    edges = tuple(
        replace(edge, condition=conditions.get(edge.target, "${keputusan_1 != 'x'}"))
        if edge.source in {split, choice}
        else edge
        for edge in flow.edges
    )
    found = [differs(spiff.prepare(replace(flow, edges=edges)), Random(seed)) for seed in range(30)]
    assert any(found)
    for ours, theirs in filter(None, found):
        assert theirs - ours == Counter({"langkah_6": 1})


def test_its_tree_grows_with_each_return_and_ends_in_silence_at_depth_1000() -> None:
    stock = Stock(approval())
    stock.go_on("langkah_1", {})
    for _ in range(500):
        if not stock.waiting():
            break
        stock.go_on("langkah_2", {"keputusan_2": "kembali"})
        if not stock.waiting():
            break
        stock.go_on("langkah_1", {})
    assert not stock.waiting()
    assert stock.run.is_completed()
    assert any(task.has_state(TaskState.READY) for task in stock.run.tasks.values())


def test_its_tasks_run_in_any_state() -> None:
    stock = Stock(approval())
    task = stock.run.get_next_task(spec_name="langkah_1")
    task.run()
    assert task.has_state(TaskState.COMPLETED)
    task.run()
    stock.run.get_next_task(spec_name="langkah_2", state=TaskState.READY).run()


def test_its_own_loop_runs_what_a_terminate_end_has_cancelled() -> None:
    drawing = Drawing()
    fork = drawing.another("pisah", "parallelGateway", drawing.step("mulai"))
    drawing.end(fork, terminate=True)
    flow = drawing.flow(drawing.step(drawing.another("lanjut", "exclusiveGateway", fork)))
    stock = Stock(flow)
    stock.run.get_next_task(spec_name="langkah_1").run()
    states = []
    stock.run.do_engine_steps(will_complete_task=lambda task: states.append(task.state))
    assert TaskState.CANCELLED in states
    process = spiff.prepare(flow)
    run = spiff.start(process)
    assert spiff.complete(process, run.state, run.waiting[0].engine_id, {}).finished


def test_looking_ahead_would_copy_what_follows_each_branch() -> None:
    """2^k after k parallel sections in a row; ours looks ahead by one step."""
    sizes = []
    for sections in (4, 8):
        drawing = Drawing()
        end = drawing.step("mulai")
        for _ in range(sections):
            fork = drawing.another("pisah", "parallelGateway", end)
            end = drawing.node(f"gabung_{fork}", "parallelGateway")
            for _ in range(2):
                drawing.edge(drawing.step(fork), end)
        flow = drawing.flow(end)
        sizes.append(len(Stock(flow).run.tasks))
        process = spiff.prepare(flow)
        assert len(BpmnWorkflow(process.spec, process.specs).tasks) < 5
    assert sizes[1] > 10 * sizes[0]
