"""Loop erasure: a run that came back to a step forgets the way it took in between.

SpiffWorkflow lets the tree of a run grow with every return, and at depth 1000 silently stops. Where a spec stands twice
on the way to an active task, and everything active hangs below the later occurrence, the later one takes the earlier
one's place. What was done in between is in the history table. (Erasing loops from a walk as they close is Lawler's
idea: "A self-avoiding random walk", 1980.)
"""

from __future__ import annotations

from collections.abc import Iterator

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

ACTIVE = TaskState.WAITING | TaskState.READY | TaskState.STARTED


def erase_loops(workflow: BpmnWorkflow) -> None:
    """Drop every closed loop from the tree, in place."""
    while _erase_one(workflow):
        pass


def _erase_one(workflow: BpmnWorkflow) -> bool:
    active = [task for task in workflow.tasks.values() if task.has_state(ACTIVE)]
    ways = {task.id: {step.id for step in _way_up(task)} for task in active}
    for leaf in active:
        first: dict[str, Task] = {}
        for later in reversed(list(_way_up(leaf))):
            earlier = first.setdefault(later.task_spec.name, later)
            if earlier is not later and all(later.id in way or earlier.id not in way for way in ways.values()):
                _put_in_place(workflow, earlier, later)
                return True
    return False


def _way_up(task: Task) -> Iterator[Task]:
    """The task, its parent, and so on to the root."""
    step: Task | None = task
    while step is not None:
        yield step
        step = step.parent


def _put_in_place(workflow: BpmnWorkflow, earlier: Task, later: Task) -> None:
    """Let `later` hang where `earlier` did, and remove `earlier` with all else below it."""
    later.parent._children.remove(later.id)
    siblings = earlier.parent._children
    siblings[siblings.index(earlier.id)] = later.id
    later.parent = earlier.parent
    _remove(workflow, earlier)


def _remove(workflow: BpmnWorkflow, task: Task) -> None:
    for child in task.children:
        _remove(workflow, child)
    del workflow.tasks[task.id]
