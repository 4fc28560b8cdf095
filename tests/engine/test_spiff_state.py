"""A run as it is stored: small, without a past, loadable from every release, and told to be damaged when it is."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from random import Random

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpmn.flow import Flow
from engine import errors, spiff
from tests.engine.flows import Drawing, approval, parallel
from tests.engine.test_running import complete, fire, inside, waiting

FORM_1 = (
    b'{"form":1,"last":7,"completed":false,"tasks":[["Start",64,-1,{}],["mulai",64,0,{"internal":{"event_fired":true}}]'
    b',["langkah_1",64,1,{"set":{"keputusan_1":"ya"}}],["pisah",64,2,{"at":1795269568.17}],["langkah_2",64,3,{}],'
    b'["gabung",256,4,{"at":1795269568.175,"unset":["keputusan_1"]}],'
    b'["langkah_3",16,3,{"id":"c51a58553a6a4475880e8ccd8bd22961"}],["langkah_4",64,3,{}],'
    b'["gabung",8,7,{"id":"3695338624a146e18caff2b57a5f1a10","at":1795269568.176,"unset":["keputusan_1"]}]]}'
)
"""As 0.1.0 wrote it: of three branches, those of steps 2 and 4 are done."""


def three_branches() -> Flow:
    drawing = Drawing()
    first = drawing.step("mulai")
    fork, join = drawing.node("pisah", "parallelGateway"), drawing.node("gabung", "parallelGateway")
    drawing.edge(first, fork)
    for _ in range(3):
        drawing.edge(drawing.step(fork), join)
    return drawing.flow(drawing.step(join))


def test_a_state_of_form_1_goes_on_where_it_stood() -> None:
    process = spiff.prepare(three_branches())
    stands = spiff.standing(process, FORM_1)
    assert stands.waiting == (spiff.WaitingTask("c51a58553a6a4475880e8ccd8bd22961", "langkah_3"),)
    assert (stands.state, stands.finished, stands.events) == (FORM_1, False, ())
    run = complete(process, stands, "langkah_3")
    assert waiting(run) == Counter(["langkah_5"])
    assert orjson.loads(run.state)["variables"] == {"keputusan_1": "ya"}


def ten_steps() -> Flow:
    """Ten steps in all kinds of sections, each with a timer on its border, and a way back to the first."""
    drawing = Drawing()
    first = drawing.step("mulai")
    fork, join = drawing.another("pisah", "parallelGateway", first), drawing.node("gabung", "parallelGateway")
    for _ in range(6):
        drawing.edge(drawing.step(fork), join)
    with drawing.subprocess(join) as start:
        drawing.end(drawing.step(drawing.step(start)))
    gateway = drawing.decision(drawing.step(str(drawing.nodes[-1].parent)), back_to=first)
    for host in [node.id for node in drawing.nodes if node.kind in {"userTask", "subProcess"}]:
        drawing.end(drawing.boundary(host, interrupting=False))
    return drawing.flow(gateway)


def test_a_run_of_ten_steps_stays_small_at_any_number_of_returns() -> None:
    process = spiff.prepare(ten_steps())
    random = Random(1)
    run = spiff.start(process)
    sizes = []
    for _ in range(3000):
        if run.events and random.random() < 0.2:
            run = spiff.fire(process, run.state, random.choice(run.events).engine_id)
        task = random.choice(run.waiting)
        run = spiff.complete(process, run.state, task.engine_id, {"keputusan_10": "kembali"})
        sizes.append(len(run.state))
    assert max(sizes[1500:]) <= max(sizes[:1500])
    assert max(sizes) < 1000


def test_what_stands_is_told_again_from_what_is_stored() -> None:
    process = spiff.prepare(inside())
    run = spiff.start(process)
    for node in ("langkah_1", run.events[0].node_id, "langkah_3"):
        tasks = {task.node_id for task in run.waiting}
        run = complete(process, run, node) if node in tasks else fire(process, run, node)
        assert spiff.standing(process, run.state) == run
    assert run.finished


def test_a_finished_run_has_nothing_to_complete() -> None:
    process = spiff.prepare(parallel())
    run = spiff.start(process)
    first = run.waiting[0].engine_id
    for node in ("langkah_1", "langkah_2", "langkah_3", "langkah_4"):
        run = complete(process, run, node)
    assert run.finished
    with pytest.raises(errors.TaskFinished):
        spiff.complete(process, run.state, first, {})
    with pytest.raises(errors.TaskFinished):
        spiff.fire(process, run.state, first)


@pytest.mark.parametrize("engine_id", ["", "nonsense", "\x00", "0" * 32])
def test_an_id_that_nothing_has_is_one_of_a_finished_task(engine_id: str) -> None:
    process = spiff.prepare(approval())
    run = spiff.start(process)
    with pytest.raises(errors.TaskFinished):
        spiff.complete(process, run.state, engine_id, {})
    with pytest.raises(errors.TaskFinished):
        spiff.fire(process, run.state, engine_id)


ID = "0" * 32
DAMAGED = {
    "nothing": b"",
    "no JSON": b"\xff\x00",
    "no state": b"[]",
    "of a form to come": b'{"form":99,"variables":{},"tokens":[]}',
    "no tokens": b'{"form":2,"variables":{}}',
    "a step that is not there": b'{"form":2,"variables":{},"tokens":[{"at":"hilang","id":"%s"}]}',
    "a step without an id": b'{"form":2,"variables":{},"tokens":[{"at":"langkah_1"}]}',
    "a step where nothing waits": b'{"form":2,"variables":{},"tokens":[{"at":"gabung_x","id":"%s"}]}',
    "a gateway where nothing waits": b'{"form":2,"variables":{},"tokens":[{"at":"gerbang_2","id":"%s"}]}',
    "other events": b'{"form":2,"variables":{},"tokens":[{"at":"langkah_1","id":"%s","events":{"x":"y"}}]}',
    "of form 1, broken": b'{"form":1,"tasks":[["Start",64,-1,{}],["hilang",16,0,{"id":"%s"}]]}',
    "of form 1, too deep": b'{"form":1,"tasks":[["langkah_1",16,7,{"id":"%s"}]]}',
}


@pytest.mark.parametrize("stored", DAMAGED.values(), ids=DAMAGED)
def test_what_does_not_load_is_told_to_be_damaged(stored: bytes) -> None:
    process = spiff.prepare(approval())
    stored = stored.replace(b"%s", ID.encode())
    for ask in (
        lambda: spiff.standing(process, stored),
        lambda: spiff.complete(process, stored, ID, {}),
        lambda: spiff.fire(process, stored, ID),
        lambda: spiff.moved(process, process, stored, {}),
    ):
        with pytest.raises(errors.StateDamaged) as damaged:
            ask()
        assert damaged.value.why.partition(":")[0].endswith("Error")


def test_a_state_of_another_diagram_is_damaged() -> None:
    run = spiff.start(spiff.prepare(inside()))
    with pytest.raises(errors.StateDamaged):
        spiff.standing(spiff.prepare(approval()), run.state)


@given(st.data())
def test_broken_bytes_either_load_or_are_told_to_be_damaged(data: st.DataObject) -> None:
    process = spiff.prepare(inside())
    run = bytearray(spiff.start(process).state)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(run) - 1))
        run[place] = data.draw(st.integers(0, 255))
    stored = bytes(run)
    with suppress(errors.StateDamaged, errors.TaskFinished):
        stands = spiff.standing(process, stored)
        assert stands.state == stored
        for task in stands.waiting:
            spiff.complete(process, stored, task.engine_id, {})
        for event in stands.events:
            spiff.fire(process, stored, event.engine_id)
