"""States of form 1, which release 0.1.0 wrote: SpiffWorkflow's tree of tasks. Only its tokens matter.

For each task there is `[spec, state, parent, more]`, parents before children.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.spiff.levels import Level, Role

Place = tuple[str, str, str]
"""The step of a token, its id if it waits for somebody, and at a join the step it came from."""


def read(written: Mapping[str, Any], level: Level) -> tuple[dict[str, str], tuple[Place, ...]]:
    """The variables and the tokens of a state of form 1. Raises KeyError, ValueError or the like for anything else."""
    tasks: Sequence[Sequence[Any]] = written["tasks"]
    variables: dict[str, str] = {}
    for task, data in zip(tasks, _data(tasks), strict=True):
        if task[1] & TaskState.READY:
            variables.update(data)
    return variables, tuple(_places(tasks, level))


def _data(tasks: Sequence[Sequence[Any]]) -> Iterator[dict[str, str]]:
    """What each task knew: what its parent knew, and how it differed."""
    known: list[dict[str, str]] = []
    for _, _, parent, more in tasks:
        before = known[parent] if parent >= 0 else {}
        gone = more.get("unset", ())
        known.append({**{key: value for key, value in before.items() if key not in gone}, **more.get("set", {})})
        yield known[-1]


def _places(tasks: Sequence[Sequence[Any]], level: Level) -> Iterator[Place]:
    """Of several tokens at a join, SpiffWorkflow let one wait and cancelled the others."""
    waiting = {name for name, state, _, _ in tasks if state == TaskState.WAITING}
    for name, state, parent, more in tasks:
        if state == TaskState.READY:
            yield name, more["id"], ""
        elif name in waiting and name in level.steps and state in {TaskState.WAITING, TaskState.CANCELLED}:
            yield name, "", _way_in(level, name, tasks[parent][0])


def _way_in(level: Level, join: str, source: str) -> str:
    """The step by which a token came from one node to a join: that node, or what now stands between the two."""
    if level.steps[join].role is not Role.JOIN:
        raise ValueError(f"nothing waits at {join}")
    ways = level.ways_into(join)
    between = [way.target for way in level.steps[source].ways if way.target in ways]
    return source if source in ways else between[0]
