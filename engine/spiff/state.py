"""The state of a run as bytes: its tree of tasks without the spec, in the order of the tree.

Stock serialisation embeds the whole spec every time and instantiates objects that the data name. Here a run is a list
of `[spec, state, parent, more]`, parents before children. What SpiffWorkflow only predicts is left out, and predicted
again when the state is loaded. Only routing variables are in the data, never what people typed.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.spiff import conditions
from engine.spiff.processes import Process

PREDICTED = TaskState.PREDICTED_MASK | TaskState.FUTURE
"""States of tasks that were not reached yet."""

FORM = 1
"""Number of this form of the state; a state of an older form stays loadable."""


def dump(workflow: BpmnWorkflow) -> bytes:
    """The state of a run between two acts."""
    tasks: list[list[Any]] = []
    place: dict[UUID, int] = {}
    todo = [workflow.task_tree]
    while todo:
        task = todo.pop()
        parent = task.parent
        tasks.append([task.task_spec.name, task.state, place[parent.id] if parent else -1, _more(task, parent)])
        place[task.id] = len(tasks) - 1
        todo.extend(child for child in reversed(task.children) if not child.has_state(PREDICTED))
    last = place.get(workflow.last_task.id) if workflow.last_task else None
    return orjson.dumps({"form": FORM, "last": last, "completed": workflow.completed, "tasks": tasks})


def _more(task: Task, parent: Task | None) -> dict[str, Any]:
    """What a task carries beside its place: its id while it can act, and how its data differ from its parent's."""
    before = parent.data if parent else {}
    more: dict[str, Any] = {}
    if task.has_state(TaskState.NOT_FINISHED_MASK):
        more["id"] = task.id.hex
    if isinstance(task.task_spec, UnstructuredJoin):
        more["at"] = task.last_state_change  # the order of arrival decides whose data win
    if changed := {key: value for key, value in task.data.items() if key not in before or before[key] != value}:
        more["set"] = changed
    if gone := [key for key in before if key not in task.data]:
        more["unset"] = gone
    if task.internal_data:
        more["internal"] = task.internal_data
    if task.triggered:
        more["triggered"] = True
    return more


def load(process: Process, state: bytes) -> BpmnWorkflow:
    """The run as SpiffWorkflow's object.

    Raises KeyError, ValueError or the like for bytes that are not a state of this process; nothing in them is executed.
    """
    stored = orjson.loads(state)
    if stored["form"] != FORM:
        raise ValueError(f"state of form {stored['form']}")
    workflow = BpmnWorkflow(process.spec, script_engine=conditions.engine(), deserializing=True)
    tasks: list[Task] = []
    for name, number, parent, more in stored["tasks"]:
        tasks.append(_task(workflow, process, name, number, tasks[parent] if parent >= 0 else None, more))
    workflow.task_tree = tasks[0]
    workflow.last_task = tasks[stored["last"]] if stored["last"] is not None else None
    workflow.completed = stored["completed"]
    for task in tasks:
        if task.has_state(TaskState.NOT_FINISHED_MASK):
            task.task_spec._predict(task, mask=TaskState.NOT_FINISHED_MASK)
    return workflow


def _task(
    workflow: BpmnWorkflow, process: Process, name: str, number: int, parent: Task | None, more: dict[str, Any]
) -> Task:
    task = Task(
        workflow,
        process.spec.task_specs[name],
        parent,
        state=number,
        id=UUID(more["id"]) if "id" in more else None,
    )
    task.last_state_change = more.get("at", 0.0)
    task.data = {**(parent.data if parent else {}), **more.get("set", {})}
    for key in more.get("unset", ()):
        del task.data[key]
    task.internal_data = more.get("internal", {})
    task.triggered = more.get("triggered", False)
    return task
