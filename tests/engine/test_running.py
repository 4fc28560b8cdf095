"""SpiffWorkflow as Lajur uses it: stored after every act, without a past, without code from diagrams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from bpmn.flow import MESSAGE, Event, Flow
from engine import errors, spiff
from engine.spiff import conditions
from engine.spiff.running import Advanced
from tests.engine.flows import Drawing, approval, parallel


def waiting(advanced: Advanced) -> Counter[str]:
    return Counter(task.node_id for task in advanced.waiting)


def complete(process: spiff.Process, advanced: Advanced, node: str, **variables: str) -> Advanced:
    engine_id = next(task.engine_id for task in advanced.waiting if task.node_id == node)
    return spiff.complete(process, advanced.state, engine_id, variables)


def events(advanced: Advanced) -> Counter[str]:
    return Counter(event.node_id for event in advanced.events)


def fire(process: spiff.Process, advanced: Advanced, node: str) -> Advanced:
    engine_id = next(event.engine_id for event in advanced.events if event.node_id == node)
    return spiff.fire(process, advanced.state, engine_id)


def rounds(process: spiff.Process, run: Advanced, acts: Callable[[Advanced], Advanced], count: int = 500) -> list[int]:
    """How large the state is after each of many rounds of the same acts."""
    sizes = []
    for _ in range(count):
        run = acts(run)
        sizes.append(len(run.state))
    return sizes


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

    def returned(run: Advanced) -> Advanced:
        run = complete(process, run, "langkah_2", keputusan_2="kembali")
        return complete(process, run, "langkah_1")

    assert set(rounds(process, run, returned)) == {len(returned(run).state)}
    assert len(returned(run).state) < 200


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


def bordered(interrupting: bool) -> spiff.Process:
    """Step 1 with a timer on its border that leads to step 2; step 3 follows step 1."""
    drawing = Drawing()
    first = drawing.step("mulai")
    drawing.end(drawing.step(drawing.boundary(first, interrupting=interrupting)))
    return spiff.prepare(drawing.flow(drawing.step(first)))


def test_an_interrupting_event_breaks_off_the_step_it_sits_on() -> None:
    process = bordered(interrupting=True)
    run = spiff.start(process)
    assert (waiting(run), events(run)) == (Counter(["langkah_1"]), Counter(["batas_2"]))
    first = run.waiting[0].engine_id
    run = fire(process, run, "batas_2")
    assert (waiting(run), events(run)) == (Counter(["langkah_2"]), Counter())
    with pytest.raises(errors.TaskFinished):
        spiff.complete(process, run.state, first, {})
    assert complete(process, run, "langkah_2").finished


def test_an_event_that_does_not_interrupt_adds_work_and_happens_once() -> None:
    process = bordered(interrupting=False)
    run = spiff.start(process)
    timer = run.events[0].engine_id
    run = fire(process, run, "batas_2")
    assert (waiting(run), events(run)) == (Counter(["langkah_1", "langkah_2"]), Counter())
    with pytest.raises(errors.TaskFinished):
        spiff.fire(process, run.state, timer)
    run = complete(process, run, "langkah_1")
    assert waiting(run) == Counter(["langkah_2", "langkah_3"])
    run = complete(process, run, "langkah_3")
    assert not run.finished
    assert complete(process, run, "langkah_2").finished


def test_an_event_on_a_border_is_gone_with_the_step_and_waits_again_in_the_next_round() -> None:
    drawing = Drawing()
    first = drawing.step("mulai")
    drawing.end(drawing.boundary(first, interrupting=False))
    second = drawing.step(first)
    gateway = drawing.decision(second, back_to=first)
    process = spiff.prepare(drawing.flow(gateway))
    run = spiff.start(process)
    timer = run.events[0]
    run = fire(process, run, timer.node_id)
    run = complete(process, run, "langkah_1")
    assert not run.events
    run = complete(process, run, "langkah_2", keputusan_2="kembali")
    assert events(run) == Counter([timer.node_id])
    assert run.events[0].engine_id != timer.engine_id

    def returned(run: Advanced) -> Advanced:
        run = complete(process, run, "langkah_1")
        return complete(process, run, "langkah_2", keputusan_2="kembali")

    assert set(rounds(process, run, returned)) == {len(run.state)}


def test_the_state_stays_flat_while_work_that_an_event_began_is_left_lying() -> None:
    drawing = Drawing()
    first = drawing.step("mulai")
    drawing.end(drawing.step(drawing.boundary(first, interrupting=False)))
    gateway = drawing.decision(drawing.step(first), back_to=first)
    process = spiff.prepare(drawing.flow(gateway))
    run = spiff.start(process)
    run = complete(process, fire(process, run, run.events[0].node_id), "langkah_1")

    def returned(run: Advanced) -> Advanced:
        run = complete(process, run, "langkah_3", keputusan_3="kembali")
        return complete(process, run, "langkah_1")

    assert set(rounds(process, run, returned)) == {len(returned(run).state)}


def test_catch_events_and_calls_wait_until_they_are_fired() -> None:
    drawing = Drawing()
    catch = drawing.another("tunggu", "intermediateCatchEvent", "mulai", event=Event(MESSAGE, "Balasan"))
    call = drawing.another("panggil", "callActivity", catch, calls="sop_lain")
    process = spiff.prepare(drawing.flow(drawing.step(call)))
    assert set(process.events) == {catch, call}
    run = spiff.start(process)
    assert (run.waiting, events(run)) == ((), Counter([catch]))
    with pytest.raises(errors.TaskFinished):
        spiff.complete(process, run.state, run.events[0].engine_id, {})
    run = fire(process, fire(process, run, catch), call)
    assert (waiting(run), run.events) == (Counter(["langkah_1"]), ())
    with pytest.raises(errors.TaskFinished):
        spiff.fire(process, run.state, run.waiting[0].engine_id)


def inside(terminate: bool = False, interrupting: bool = True) -> Flow:
    """Steps 1 and 2 at once in a subprocess that has a timer leading to step 3; step 4 follows it."""
    drawing = Drawing()
    with drawing.subprocess("mulai") as start:
        fork = drawing.another("pisah", "parallelGateway", start)
        drawing.end(drawing.step(fork), terminate=terminate)
        drawing.end(drawing.step(fork))
    host = str(drawing.nodes[-1].parent)
    drawing.end(drawing.step(drawing.boundary(host, interrupting=interrupting)))
    return drawing.flow(drawing.step(host))


def test_a_subprocess_ends_with_the_last_of_its_work() -> None:
    process = spiff.prepare(inside())
    run = spiff.start(process)
    assert waiting(run) == Counter(["langkah_1", "langkah_2"])
    run = complete(process, run, "langkah_2")
    assert waiting(run) == Counter(["langkah_1"])
    run = complete(process, run, "langkah_1")
    assert (waiting(run), run.events) == (Counter(["langkah_4"]), ())


def test_a_terminate_end_inside_ends_only_the_subprocess() -> None:
    process = spiff.prepare(inside(terminate=True))
    run = complete(process, spiff.start(process), "langkah_1")
    assert (waiting(run), run.events) == (Counter(["langkah_4"]), ())


def test_a_terminate_end_ends_the_run_with_all_else() -> None:
    drawing = Drawing()
    fork = drawing.another("pisah", "parallelGateway", "mulai")
    drawing.end(drawing.step(fork), terminate=True)
    process = spiff.prepare(drawing.flow(drawing.step(fork)))
    run = complete(process, spiff.start(process), "langkah_1")
    assert (run.finished, run.waiting, run.events) == (True, (), ())
    assert spiff.standing(process, run.state) == run


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_event_on_a_subprocess(interrupting: bool) -> None:
    process = spiff.prepare(inside(interrupting=interrupting))
    run = complete(process, spiff.start(process), "langkah_1")
    run = fire(process, run, run.events[0].node_id)
    assert waiting(run) == Counter(["langkah_3"] if interrupting else ["langkah_2", "langkah_3"])
    assert not run.events


def test_the_state_stays_flat_over_500_returns_through_a_subprocess() -> None:
    drawing = Drawing()
    with drawing.subprocess("mulai") as start:
        gateway = drawing.decision(drawing.step(start), back_to="langkah_1")
        last = drawing.another("lanjut", "exclusiveGateway", gateway)
        drawing.edges[-1] = replace(drawing.edges[-1], condition="${keputusan_1 == 'setuju'}")
        drawing.end(last)
    host = str(drawing.nodes[-1].parent)
    drawing.end(drawing.boundary(host))
    process = spiff.prepare(drawing.flow(drawing.decision(drawing.step(host), back_to=host)))
    run = spiff.start(process)

    def returned(run: Advanced) -> Advanced:
        run = complete(process, run, "langkah_1", keputusan_1="kembali")
        run = complete(process, run, "langkah_1", keputusan_1="setuju")
        return complete(process, run, "langkah_2", keputusan_2="kembali")

    assert set(rounds(process, run, returned)) == {len(returned(run).state)}


def choosing(default: bool) -> Flow:
    """Step 1 decides which of steps 2 and 3 are done (if there is a default, else step 4), then joined before the last.

    Step 2 may be sent back within its way.
    """
    drawing = Drawing()
    split = drawing.another("pilih", "inclusiveGateway", drawing.step("mulai"))
    join = drawing.node("kumpul", "inclusiveGateway")
    second, third = drawing.step(split), drawing.step(split)
    again = drawing.decision(second, back_to=second)
    drawing.approve(again, join)
    drawing.edge(third, join)
    if default:
        drawing.edge(drawing.step(split), join)
    ways = {
        second: "${keputusan_1 == 'a' || keputusan_1 == 'ab'}",
        third: "${keputusan_1 == 'b' || keputusan_1 == 'ab'}",
    }
    last = drawing.step(join)
    flow = drawing.flow(last)
    edges = tuple(
        replace(edge, condition=ways.get(edge.target)) if edge.source == split else edge for edge in flow.edges
    )
    usual = next((edge.id for edge in edges if edge.source == split and edge.condition is None), None)
    nodes = tuple(replace(node, default=usual) if node.id == split else node for node in flow.nodes)
    return replace(flow, nodes=nodes, edges=edges)


def test_an_inclusive_join_waits_for_exactly_the_ways_that_were_taken() -> None:
    process = spiff.prepare(choosing(default=True))
    begun = spiff.start(process)
    assert waiting(complete(process, begun, "langkah_1", keputusan_1="b")) == Counter(["langkah_3"])
    assert waiting(complete(process, begun, "langkah_1", keputusan_1="lain")) == Counter(["langkah_4"])
    run = complete(process, begun, "langkah_1", keputusan_1="ab")
    assert waiting(run) == Counter(["langkah_2", "langkah_3"])
    run = complete(process, run, "langkah_3")
    run = complete(process, run, "langkah_2", keputusan_2="kembali")
    assert waiting(run) == Counter(["langkah_2"])
    run = complete(process, run, "langkah_2", keputusan_2="setuju")
    assert waiting(run) == Counter(["langkah_5"])


def test_an_inclusive_gateway_without_a_way_that_holds_leaves_the_run_as_it_was() -> None:
    process = spiff.prepare(choosing(default=False))
    run = spiff.start(process)
    with pytest.raises(errors.RunDoesNotAdvance, match="langkah_1"):
        complete(process, run, "langkah_1", keputusan_1="lain")
    assert waiting(complete(process, run, "langkah_1", keputusan_1="a")) == Counter(["langkah_2"])


def test_a_way_may_come_to_an_inclusive_join_by_several_edges_or_at_once() -> None:
    drawing = Drawing()
    split = drawing.another("pilih", "inclusiveGateway", drawing.step("mulai"))
    join = drawing.node("kumpul", "inclusiveGateway")
    choice = drawing.another("lewat", "exclusiveGateway", drawing.step(split))
    for value in ("setuju", "kembali"):
        drawing.edge(choice, join, condition=f"${{keputusan_2 == '{value}'}}")
    drawing.edge(split, join)
    flow = drawing.flow(drawing.step(join))
    edges = tuple(
        replace(edge, condition="${keputusan_1 == 'a'}") if edge.source == split else edge for edge in flow.edges
    )
    process = spiff.prepare(replace(flow, edges=edges))
    run = complete(process, spiff.start(process), "langkah_1", keputusan_1="a")
    assert waiting(run) == Counter(["langkah_2"])
    assert waiting(complete(process, run, "langkah_2", keputusan_2="kembali")) == Counter(["langkah_3"])


def test_a_way_that_leads_only_to_an_end_of_everything_is_not_waited_for() -> None:
    drawing = Drawing()
    split = drawing.another("pilih", "inclusiveGateway", drawing.step("mulai"))
    join = drawing.node("kumpul", "inclusiveGateway")
    ways = [drawing.step(split) for _ in range(3)]
    drawing.end(ways[0], terminate=True)
    for way in ways[1:]:
        drawing.edge(way, join)
    flow = drawing.flow(drawing.step(join))
    edges = tuple(
        replace(edge, condition=f"${{keputusan_1 == '{edge.target}' || keputusan_1 == 'semua'}}")
        if edge.source == split
        else edge
        for edge in flow.edges
    )
    process = spiff.prepare(replace(flow, edges=edges))
    begun = spiff.start(process)
    only = complete(process, begun, "langkah_1", keputusan_1="langkah_2")
    assert waiting(only) == Counter(["langkah_2"])
    assert complete(process, only, "langkah_2").finished
    run = complete(process, begun, "langkah_1", keputusan_1="semua")
    run = complete(process, complete(process, run, "langkah_3"), "langkah_4")
    assert waiting(run) == Counter(["langkah_2", "langkah_5"])
    assert complete(process, run, "langkah_2").finished


def test_a_condition_sees_what_was_decided_on_any_branch() -> None:
    drawing = Drawing()
    fork = drawing.another("pisah", "parallelGateway", drawing.step("mulai"))
    join = drawing.node("gabung", "parallelGateway")
    first, second = drawing.step(fork), drawing.step(fork)
    gateway = drawing.another("tanya", "exclusiveGateway", second)
    for value in ("a", "b"):
        drawing.edge(drawing.step(gateway), join)
        drawing.edges[-2] = replace(drawing.edges[-2], condition=f"${{keputusan_2 == '{value}'}}")
    drawing.edge(first, join)
    process = spiff.prepare(drawing.flow(drawing.step(join)))
    run = complete(process, spiff.start(process), "langkah_1")
    run = complete(process, run, "langkah_2", keputusan_2="b")
    assert waiting(complete(process, run, "langkah_3")) == Counter(["langkah_5"])


def test_elements_may_be_called_as_spiffworkflow_calls_its_own() -> None:
    drawing = Drawing()
    for name in ("Start", "End", "surat_keluar.EndJoin"):
        drawing.node(name, "userTask")
    for source, target in (("mulai", "Start"), ("Start", "End"), ("End", "surat_keluar.EndJoin")):
        drawing.edge(source, target)
    process = spiff.prepare(drawing.flow("surat_keluar.EndJoin"))
    run = spiff.start(process)
    for name in ("Start", "End", "surat_keluar.EndJoin"):
        assert waiting(run) == Counter([name])
        run = complete(process, run, name)
    assert run.finished


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
    engine = conditions.engine({})
    with pytest.raises(PermissionError):
        engine.environment.execute("import os", {})
