"""Runs carried over to another version of their diagram."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import orjson
import pytest

from bpmn.flow import MESSAGE, SIGNAL, TIMER, Event, Flow, Node
from engine import spiff
from engine.spiff.running import Advanced
from tests.bpmn.flows import simple
from tests.engine.flows import ALL, Drawing, decisions, random_flow
from tests.engine.test_running import choosing, complete, events, fire, inside, waiting
from tests.engine.test_spiff_fuzz import undecided
from tests.engine.versions import changed

ROW = simple("mulai -> a", "a -> b", "b -> c", "c -> selesai")
FORKED = simple(
    "mulai -> a", "a -> cabang_1", "cabang_1 -> b", "cabang_1 -> x", "b -> cabang_2", "x -> cabang_2",
    "cabang_2 -> c", "c -> selesai",
)  # fmt: skip
"""As ROW, but with x to be done beside b."""


def moved(old: Flow, new: Flow, run: Advanced, **renamed: str) -> Advanced:
    process = spiff.prepare(new)
    return spiff.standing(process, spiff.moved(spiff.prepare(old), process, run.state, renamed))


def hindered(old: Flow, new: Flow, run: Advanced, **renamed: str) -> tuple[str, str]:
    with pytest.raises(spiff.NotMovable) as hindrance:
        moved(old, new, run, **renamed)
    return hindrance.value.node, hindrance.value.why


def after(flow: Flow, *nodes: str, **variables: str) -> Advanced:
    """A run in which these were completed, or fired."""
    return went_on(flow, spiff.start(spiff.prepare(flow)), *nodes, **variables)


def went_on(flow: Flow, run: Advanced, *nodes: str, **variables: str) -> Advanced:
    process = spiff.prepare(flow)
    for node in nodes:
        tasks = {task.node_id for task in run.waiting}
        run = complete(process, run, node, **variables) if node in tasks else fire(process, run, node)
    return run


def bordered(flow: Flow, host: str, name: str = "batas", event: str = TIMER, interrupting: bool = True) -> Flow:
    """The flow with an event on the border of a node, that leads to the end."""
    on = flow.node(host)
    border = Node(
        name, "boundaryEvent", event=Event(event), attached_to=host, interrupting=interrupting, parent=on.parent
    )
    end = next(node.id for node in flow.nodes if node.kind == "endEvent" and node.parent == on.parent)
    edge = replace(flow.edges[0], id=f"dari_{name}", source=name, target=end)
    return replace(flow, nodes=(*flow.nodes, border), edges=(*flow.edges, edge))


def test_a_run_moved_to_the_same_version_is_the_same() -> None:
    for flow in (ROW, FORKED, inside(), bordered(FORKED, "x"), choosing(default=True)):
        run = after(flow)
        assert moved(flow, flow, run) == run


def test_a_run_goes_on_by_the_rules_of_the_new_version() -> None:
    new = simple("mulai -> a", "a -> b", "b -> b2", "b2 -> selesai")
    run = after(ROW, "a")
    there = moved(ROW, new, run)
    assert there.waiting == run.waiting
    assert waiting(went_on(new, there, "b")) == Counter(["b2"])
    assert went_on(new, there, "b", "b2").finished


def test_a_run_is_moved_after_any_number_of_returns() -> None:
    edges = (
        "mulai -> a", "a -> b", "b -> gerbang_1", "gerbang_1 -> a : Lagi : ${pilih == 'lagi'}",
        "gerbang_1 -> selesai : Ya : ${pilih == 'ya'}",
    )  # fmt: skip
    old, new = simple(*edges), simple(*(edge.replace("a -> b", "a2 -> b") for edge in edges), "a -> a2")
    run = after(old, *["a", "b"] * 50, "a", pilih="lagi")
    there = moved(old, new, run)
    assert there.waiting == run.waiting
    there = went_on(new, there, "b", "a", pilih="lagi")
    assert waiting(there) == Counter(["a2"])
    assert went_on(new, there, "a2", "b", pilih="ya").finished


def test_what_is_done_need_not_be_in_the_new_version() -> None:
    new = simple("mulai -> c", "c -> selesai")
    run = after(ROW, "a", "b")
    assert moved(ROW, new, run).waiting == run.waiting


def test_what_is_open_must_be_in_the_new_version_or_have_a_step_that_takes_its_place() -> None:
    new = simple("mulai -> a", "a -> c", "c -> selesai")
    run = after(ROW, "a")
    assert hindered(ROW, new, run) == ("b", "gone")
    there = moved(ROW, new, run, b="c")
    assert there.waiting == (spiff.WaitingTask(run.waiting[0].engine_id, "c"),)
    assert went_on(new, there, "c").finished


def test_what_is_open_must_wait_alike_in_the_new_version() -> None:
    def called(kind: str, **more: object) -> Flow:
        return replace(ROW, nodes=tuple(replace(n, kind=kind, **more) if n.id == "a" else n for n in ROW.nodes))  # type: ignore[arg-type]

    run = after(ROW)
    assert moved(ROW, called("manualTask"), run).waiting == run.waiting
    assert hindered(ROW, called("callActivity"), run) == ("a", "kind")
    timer, message = (called("intermediateCatchEvent", event=Event(kind)) for kind in (TIMER, MESSAGE))
    assert hindered(timer, message, after(timer)) == ("a", "kind")


def test_a_step_that_now_lies_in_a_subprocess_hinders() -> None:
    drawing = Drawing()
    with drawing.subprocess("mulai") as start:
        drawing.end(drawing.step(start))
    nested = drawing.flow(str(drawing.nodes[-1].parent))
    flat = Drawing()
    plain = flat.flow(flat.step("mulai"))
    assert hindered(plain, nested, after(plain)) == ("langkah_1", "nesting")
    assert hindered(nested, plain, after(nested)) == ("bagian_1", "gone")


def test_a_run_inside_a_subprocess_is_moved_with_its_branches() -> None:
    old, new = inside(), bordered(inside(terminate=True), "langkah_2")
    run = after(old, "langkah_1")
    there = moved(old, new, run)
    assert there.waiting == run.waiting
    assert set(run.events) < set(there.events)
    assert events(there) - events(run) == Counter(["batas"])
    assert waiting(went_on(new, there, "langkah_2")) == Counter(["langkah_4"])


@pytest.mark.parametrize("done", ["b", "x"])
def test_branches_on_their_way_to_a_join_are_moved_together(done: str) -> None:
    run = after(FORKED, "a", done)
    renamed = {"cabang_2": "cabang_9"}
    new = simple(*(f"{e.source} -> {e.target}".replace("cabang_2", "cabang_9") for e in FORKED.edges))
    assert hindered(FORKED, new, run) == ("cabang_2", "gone")
    there = moved(FORKED, new, run, **renamed)
    assert there.waiting == run.waiting
    assert waiting(went_on(new, there, run.waiting[0].node_id)) == Counter(["c"])


def test_a_new_branch_beside_open_work_would_be_waited_for_in_vain() -> None:
    assert hindered(ROW, FORKED, after(ROW, "a")) == ("cabang_1", "branches")
    before = after(ROW)
    assert moved(ROW, FORKED, before).waiting == before.waiting
    wider = simple(*(f"{edge.source} -> {edge.target}" for edge in FORKED.edges), "cabang_1 -> y", "y -> cabang_2")
    for done in ((), ("b",), ("x",)):
        assert hindered(FORKED, wider, after(FORKED, "a", *done)) == ("cabang_1", "branches")


def test_branches_that_the_new_version_puts_in_a_row_would_be_done_twice() -> None:
    new = simple("mulai -> a", "a -> b", "b -> x", "x -> c", "c -> selesai")
    assert hindered(FORKED, new, after(FORKED, "a"))[1] == "branches"
    assert hindered(FORKED, new, after(FORKED, "a", "b")) == ("cabang_2", "gone")
    run = after(FORKED, "a", "b", "x")
    assert moved(FORKED, new, run).waiting == run.waiting


def test_a_branch_that_waits_stays_where_the_step_before_the_join_is_another_one() -> None:
    run = after(FORKED, "a", "b")
    lines = [f"{edge.source} -> {edge.target}" for edge in FORKED.edges]
    longer = simple(*(line.replace("b -> cabang_2", "b -> b2") for line in lines), "b2 -> cabang_2")
    assert hindered(FORKED, longer, run) == ("cabang_2", "kind")
    kept = replace(longer, edges=tuple(
        replace(edge, id="dari_b_ke_cabang_2") if edge.source == "b2" else edge for edge in longer.edges
    ))  # fmt: skip
    assert waiting(went_on(kept, moved(FORKED, kept, run), "x")) == Counter(["c"])


def test_an_event_that_the_new_version_adds_begins_to_wait() -> None:
    run = after(ROW, "a")
    for interrupting in (True, False):
        new = bordered(ROW, "b", interrupting=interrupting)
        there = moved(ROW, new, run)
        assert (there.waiting, events(there)) == (run.waiting, Counter(["batas"]))
        there = went_on(new, there, "batas")
        assert there.finished == interrupting


def test_an_event_keeps_its_id_and_a_removed_one_is_forgotten() -> None:
    old = bordered(bordered(ROW, "a", "tetap"), "a", "hilang")
    run = after(old)
    assert events(run) == Counter(["tetap", "hilang"])
    there = moved(old, bordered(ROW, "a", "tetap"), run)
    assert there.events == run.events[:1]
    there = moved(old, bordered(ROW, "a", "baru"), run, tetap="baru")
    assert there.events == (spiff.WaitingTask(run.events[0].engine_id, "baru"),)


def test_an_event_that_waits_for_something_else_is_a_new_one() -> None:
    run = after(bordered(ROW, "a"))
    there = moved(bordered(ROW, "a"), bordered(ROW, "a", event=SIGNAL), run)
    assert events(there) == events(run)
    assert there.events != run.events


def test_an_event_that_has_happened_does_not_happen_again() -> None:
    old = bordered(ROW, "a", interrupting=False)
    run = after(old, "batas")
    assert moved(old, bordered(old, "b", "lain"), run).events == ()


def test_work_begun_by_an_event_is_moved_beside_the_rest() -> None:
    drawing = Drawing()
    first = drawing.step("mulai")
    drawing.end(drawing.step(drawing.boundary(first, interrupting=False)))
    flow = drawing.flow(drawing.step(first))
    batas = next(node.id for node in flow.nodes if node.attached_to)
    run = after(flow, batas, "langkah_1")
    assert waiting(run) == Counter(["langkah_2", "langkah_3"])
    assert moved(flow, flow, run) == run
    only = after(flow, batas, "langkah_1", "langkah_3")
    assert moved(flow, flow, only) == only


def test_ways_of_an_inclusive_gateway_are_moved_together() -> None:
    fewer, more = choosing(default=False), choosing(default=True)
    run = after(more, "langkah_1", "langkah_3", keputusan_1="ab")
    assert moved(more, more, run) == run
    split = next(node.id for node in more.nodes if node.kind == "inclusiveGateway" and len(more.outgoing(node.id)) > 1)
    assert hindered(fewer, more, after(fewer, "langkah_1", keputusan_1="ab")) == (split, "branches")


# -- random versions --------------------------------------------------------------------------------------------------

BLOCKS = tuple(block for block in ALL if block != "call")
LIMIT = 2000
"""Markings; a version that has more is left out."""

Marking = tuple[object, ...]


def marking(state: bytes) -> Marking:
    """Where the tokens of a state are."""

    def places(tokens: list[dict[str, object]]) -> Marking:
        found = ((token["at"], token.get("arrived", ""), places(token.get("inside", []))) for token in tokens)  # type: ignore[arg-type]
        return tuple(sorted(found))

    return places(orjson.loads(state)["tokens"])


def onward(process: spiff.Process, run: Advanced) -> Iterator[Advanced]:
    """All that can come of the next act."""
    for task in run.waiting:
        for value in decisions(process.flow, task.node_id) or ["lain"]:
            variables = undecided(process.flow) | {f"keputusan_{task.node_id.removeprefix('langkah_')}": value}
            yield spiff.complete(process, run.state, task.engine_id, variables)
    for event in run.events:
        yield spiff.fire(process, run.state, event.engine_id)


def markings(process: spiff.Process) -> set[Marking]:
    """Every marking that a run can come to; no more than LIMIT."""
    begun = spiff.start(process)
    found, left = {marking(begun.state)}, [begun]
    while left and len(found) < LIMIT:
        for run in onward(process, left.pop()):
            if marking(run.state) not in found:
                found.add(marking(run.state))
                left.append(run)
    return found


@pytest.mark.parametrize("chunk", range(10))
def test_a_run_is_moved_to_what_the_new_version_itself_could_have_come_to(
    chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And refused where it could not."""
    monkeypatch.setattr("engine.spiff.processes.choices", lambda flow, task: ())
    for seed in range(chunk * 40, chunk * 40 + 40):
        random = Random(seed)
        flow = random_flow(random, BLOCKS, borders=0, stopping=seed % 4 == 0)
        if len(flow.nodes) < 50:
            other = changed(changed(flow, random), random)
            one, two = spiff.prepare(flow), spiff.prepare(other)
            check_moves(one, two, random)
            check_moves(two, one, random)


def check_moves(old: spiff.Process, new: spiff.Process, random: Random) -> None:
    possible = markings(new)
    if len(possible) >= LIMIT:
        return
    run = spiff.start(old)
    for _ in range(25):
        there, why = tried(old, new, run)
        if there is not None:
            assert marking(there.state) in possible
            assert (there.waiting, there.events) == (run.waiting, run.events)
        elif why == "branches":
            assert marking(run.state) not in possible
        if run.finished:
            break
        run = random.choice(list(onward(old, run)))


def tried(old: spiff.Process, new: spiff.Process, run: Advanced) -> tuple[Advanced | None, str]:
    """The run in the new version, or why it cannot be there."""
    try:
        return spiff.standing(new, spiff.moved(old, new, run.state, {})), ""
    except spiff.NotMovable as hindrance:
        return None, hindrance.why


@pytest.mark.parametrize("chunk", range(5))
def test_a_run_can_always_be_moved_to_the_same_version(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.spiff.processes.choices", lambda flow, task: ())
    for seed in range(chunk * 40, chunk * 40 + 40):
        random = Random(seed)
        process = spiff.prepare(random_flow(random, borders=0.3, stopping=seed % 4 == 0))
        run = spiff.start(process)
        for _ in range(25):
            assert spiff.standing(process, spiff.moved(process, process, run.state, {})) == run
            if run.finished:
                break
            run = random.choice(list(onward(process, run)))
