"""The steps of a level as SpiffWorkflow's specs.

They are built directly. SpiffWorkflow's parser never sees a diagram: it can hang or run code on what a foreign file may
hold beside the flow, and recurses once for each step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.specs import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.event_definitions.simple import TerminateEventDefinition
from SpiffWorkflow.bpmn.specs.mixins import EndEventMixin, ExclusiveGatewayMixin, SubWorkflowTaskMixin
from SpiffWorkflow.specs import MultiChoice
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.spiff.levels import Level, Role, Step

ARRIVED = "arrived"
"""Under this key a token at a join remembers the step it came from."""


class Spec(BpmnTaskSpec):  # type: ignore[misc]
    """A step that tokens pass at once."""

    step: Step

    def _predict(
        self, my_task: Task, seen: Any = None, looked_ahead: int = 0, mask: int = TaskState.PREDICTED_MASK
    ) -> None:
        """Look ahead by one step only.

        SpiffWorkflow looks ahead to the next choice, and so copies what follows a parallel section once for each
        branch: 2^k times after k of them. Nothing here needs to know more than what comes next.
        """
        if my_task.has_state(mask):
            self._predict_hook(my_task)


class Wait(Spec):
    """A step that somebody has to complete."""

    def __init__(self, wf_spec: BpmnProcessSpec, name: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, name, **kwargs)
        self.manual = True


class Join(Spec):
    """Waits for a token from each way in, as BPMN has it: a second token on the same way waits for the next time.

    SpiffWorkflow's own join asks the tree of tasks who came before whom, keeps one token of several that wait, and
    fires early where it stands in a return loop.
    """

    def _update_hook(self, my_task: Task) -> bool:
        if not my_task.has_state(TaskState.WAITING):
            my_task.internal_data[ARRIVED] = my_task.parent.task_spec.name
            my_task._set_state(TaskState.WAITING)
        others = [task for task in my_task.workflow.tasks.values() if task.task_spec is self and _waits(task)]
        taken: list[Task] = []
        for way in self._inputs:
            waiting = (task for task in (my_task, *others) if task.internal_data[ARRIVED] == way)
            token = next((task for task in waiting if task not in taken), None)
            if token is None:
                return False
            taken.append(token)
        for token in taken:
            if token is not my_task:
                token.cancel()
        return True


class Split(MultiChoice, Spec):  # type: ignore[misc]
    """Gives a token to every way whose condition holds, and for each of the others one to the step that skips it.

    Where no way was taken that leads to the join, nothing may come there.
    """

    def _run_hook(self, my_task: Task) -> bool:
        ways = self.step.ways
        chosen = [condition is not None and condition._matches(my_task) for condition, _ in self.cond_task_specs]
        if not any(chosen):
            chosen = [way.condition is None for way in ways]
        if not any(chosen):
            raise WorkflowTaskException("No conditions satisfied on gateway", task=my_task)
        taken = [way for way, takes in zip(ways, chosen, strict=True) if takes]
        ends = [way.target for way in taken]
        if any(way.skip for way in taken):
            ends += [way.skip for way in ways if way.skip and way not in taken]
        my_task._sync_children([self._wf_spec.task_specs[end] for end in ends], TaskState.FUTURE)
        return True


class Choose(ExclusiveGatewayMixin, Spec):  # type: ignore[misc]
    """Goes on by the first way whose condition holds, else by the one that has none."""


class Inside(SubWorkflowTaskMixin, Spec):  # type: ignore[misc]
    """Runs the spec of an embedded subprocess."""

    def __init__(self, wf_spec: BpmnProcessSpec, name: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, name, subworkflow_spec="", **kwargs)


class Terminate(EndEventMixin, Spec):  # type: ignore[misc]
    """Ends its level at once."""

    def __init__(self, wf_spec: BpmnProcessSpec, name: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, name, event_definition=TerminateEventDefinition(), **kwargs)


_KINDS: Mapping[Role, Callable[[BpmnProcessSpec, str], Spec]] = {
    Role.WAIT: Wait,
    Role.GO_ON: Spec,
    Role.CHOOSE: Choose,
    Role.JOIN: Join,
    Role.SPLIT: Split,
    Role.INSIDE: Inside,
    Role.TERMINATE: Terminate,
}


def build(level: Level) -> BpmnProcessSpec:
    """The spec of one level, to be shared by all runs and threads."""
    spec = BpmnProcessSpec(name=level.id)
    made: dict[str, Spec] = {}
    for name, step in level.steps.items():
        made[name] = _KINDS[step.role](spec, name)
        made[name].step = step
        if isinstance(made[name], Inside) and step.node is not None:
            made[name].spec = step.node.id
    spec.start.connect(made[level.start])
    for name, step in level.steps.items():
        _connect(made, made[name], step)
        if not step.ways:
            made[name].connect(spec.end)
    return spec


def _connect(made: Mapping[str, Spec], source: Spec, step: Step) -> None:
    for way in step.ways:
        if step.role in {Role.CHOOSE, Role.SPLIT}:
            source.connect_outgoing_if(way.condition, made[way.target])
        else:
            source.connect(made[way.target])
    for way in step.ways:
        if way.skip is not None:
            made[way.skip]._connect_notify(source)
    for event in step.events:
        # A boundary event is entered when it is fired, and not by what its host does.
        made[event]._connect_notify(source)


def _waits(task: Task) -> bool:
    return bool(task.has_state(TaskState.WAITING))
