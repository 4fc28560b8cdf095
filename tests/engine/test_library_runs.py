"""Every way through each of the library's diagrams, run by the engine to its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import pytest

from bpmn import documents, library
from bpmn.choices import Choice
from bpmn.flow import TASKS, Flow
from bpmn.library import Source
from bpmn.order import returns
from engine import spiff

ACTS = 200
"""More than any run here needs."""

each_diagram = pytest.mark.parametrize("diagram", library.diagrams(), ids=lambda each: f"{each.office}/{each.name}")


def plans(process: spiff.Process) -> Iterator[Mapping[str, Choice]]:
    """For each decision what is chosen the first time, in all combinations."""
    deciding = [task for task, choices in process.choices.items() if choices]
    for first in product(*(process.choices[task] for task in deciding)):
        yield dict(zip(deciding, first, strict=True))


def chosen(process: spiff.Process, task: str, plan: Mapping[str, Choice], seen: set[str]) -> Choice | None:
    """As planned the first time, then the first way that does not lead back."""
    if task not in seen:
        return plan.get(task)
    return next((choice for choice in process.choices[task] if not choice.is_return), None)


def way(flow: Flow, node: str, choice: Choice | None) -> tuple[list[str], str]:
    """The edges from a node to the next task or the end, and where that is."""
    edges: list[str] = []
    while True:
        onward = flow.outgoing(node)
        edge = onward[0] if len(onward) == 1 else next(each for each in onward if choice and each.id == choice.edge)
        edges.append(edge.id)
        node = edge.target
        if flow.node(node).kind in {*TASKS, "endEvent"}:
            return edges, node


def run_to_the_end(process: spiff.Process, plan: Mapping[str, Choice]) -> list[str]:
    """The edges that a run takes, each checked against where the engine goes."""
    run = spiff.start(process)
    edges, expected = way(process.flow, "mulai", None)
    seen: set[str] = set()
    for _ in range(ACTS):
        assert {task.node_id for task in run.waiting} == ({expected} if not run.finished else set())
        if run.finished:
            assert process.flow.node(expected).kind == "endEvent"
            return edges
        choice = chosen(process, expected, plan, seen)
        seen.add(expected)
        while not run.finished and expected in {task.node_id for task in run.waiting}:
            # More than once where each holder of a jabatan does it.
            variables = {choice.variable: choice.value} if choice else {}
            run = spiff.complete(process, run.state, run.waiting[0].engine_id, variables)
            if choice is not None:
                break
        further, expected = way(process.flow, expected, choice)
        edges += further
    raise AssertionError("the run does not end")


@each_diagram
def test_every_edge_is_taken_and_every_run_ends(diagram: Source) -> None:
    process = spiff.prepare(documents.diagram(diagram.content))
    taken: set[str] = set()
    for plan in plans(process):
        edges = run_to_the_end(process, plan)
        back = {choice.edge for choice in plan.values() if choice.is_return}
        assert back <= set(edges) & returns(process.flow)
        taken.update(edges)
    assert taken == {edge.id for edge in process.flow.edges}


@each_diagram
def test_what_waits_once_everybody_agrees_is_each_step_in_the_order_of_the_rows(diagram: Source) -> None:
    process = spiff.prepare(documents.diagram(diagram.content))
    onward = {
        task: next(choice for choice in choices if not choice.is_return)
        for task, choices in process.choices.items()
        if choices
    }
    edges = run_to_the_end(process, onward)
    reached = [edge.target for edge_id in edges for edge in process.flow.edges if edge.id == edge_id]
    assert [node for node in reached if process.flow.node(node).kind in TASKS] == [
        task.id for task in process.flow.tasks()
    ]
