"""SpiffWorkflow as it is delivered: its own parser, gateways, boundary events and loop; one tree, nothing forgotten."""

from __future__ import annotations

from collections import Counter

from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.specs.mixins import BoundaryEventMixin
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from bpmn.flow import TERMINATE, Flow, Node
from engine.spiff import conditions

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"


class Stock:
    """A run of a flow in memory."""

    def __init__(self, flow: Flow) -> None:
        parser = BpmnParser()
        parser.add_bpmn_xml(written(flow))
        self.variables: dict[str, str] = {}
        self.run = BpmnWorkflow(
            parser.get_spec(flow.process_id),
            parser.get_subprocess_specs(flow.process_id),
            script_engine=conditions.engine(self.variables),
        )
        self.run.do_engine_steps()

    def waiting(self) -> Counter[str]:
        """What waits for a person or for something to happen, by node."""
        return Counter(task.task_spec.name for task in self._waiting())

    def go_on(self, node: str, variables: dict[str, str]) -> None:
        """What waits at a node is done, or happens."""
        self.variables.update(variables)
        task = next(task for task in self._waiting() if task.task_spec.name == node)
        if isinstance(task.task_spec, BoundaryEventMixin):
            task.internal_data["event_fired"] = True
            task.task_spec._update(task)
        else:
            task.run()
        self.run.do_engine_steps()

    def _waiting(self) -> list[Task]:
        return [
            task
            for task in self.run.get_tasks(state=TaskState.READY | TaskState.WAITING)
            if (task.task_spec.manual and task.has_state(TaskState.READY))
            or (isinstance(task.task_spec, BoundaryEventMixin) and task.has_state(TaskState.WAITING))
        ]


def written(flow: Flow) -> etree._Element:
    """The flow as a bare BPMN process. What only waits until it is told to go on is a user task."""
    root = etree.Element(f"{{{BPMN}}}definitions", nsmap={"bpmn": BPMN})
    process = _element(root, "process", id=flow.process_id, isExecutable="true")
    inside: dict[str | None, etree._Element] = {None: process}
    left = list(flow.nodes)
    while left:
        node = next(node for node in left if node.parent in inside)
        left.remove(node)
        inside[node.id] = _node(inside[node.parent], node)
    for edge in flow.edges:
        arrow = _element(
            inside[flow.node(edge.source).parent], "sequenceFlow",
            id=edge.id, sourceRef=edge.source, targetRef=edge.target,
        )  # fmt: skip
        if edge.condition is not None:
            _element(arrow, "conditionExpression").text = edge.condition
    for node in flow.nodes:
        if node.kind == "boundaryEvent":
            _element(root, "signal", id=f"signal_{node.id}", name=node.id)
    return root


def _node(parent: etree._Element, node: Node) -> etree._Element:
    kind = "userTask" if node.kind in {"callActivity", "intermediateCatchEvent"} else node.kind
    element = _element(parent, kind, id=node.id)
    if node.default is not None:
        element.set("default", node.default)
    if node.kind == "boundaryEvent":
        element.set("attachedToRef", str(node.attached_to))
        element.set("cancelActivity", "true" if node.interrupting else "false")
        _element(element, "signalEventDefinition", signalRef=f"signal_{node.id}")
    if node.event is not None and node.event.kind == TERMINATE:
        _element(element, "terminateEventDefinition")
    return element


def _element(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{BPMN}}}{tag}", attributes)
