"""The rules of BPMN tokens in a few lines: what SpiffWorkflow, stored and erased, is held against."""

from __future__ import annotations

from collections import Counter

from bpmn.expressions import compile_condition
from bpmn.flow import Flow


class TokenGame:
    """A run of a flow: tokens on tasks, and tokens that wait at parallel joins."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.waiting: Counter[str] = Counter()
        self.arrived: Counter[tuple[str, str]] = Counter()
        self.data: dict[str, str] = {}
        self._enter("mulai", "")

    def complete(self, task: str, variables: dict[str, str]) -> None:
        self.data.update(variables)
        self.waiting -= Counter([task])
        self._leave(task)

    def _leave(self, node: str) -> None:
        for edge in self.flow.outgoing(node):
            self._enter(edge.target, edge.id)

    def _enter(self, node_id: str, edge: str) -> None:
        node = self.flow.node(node_id)
        if node.kind == "userTask":
            self.waiting[node_id] += 1
        elif node.kind == "exclusiveGateway":
            for way in self.flow.outgoing(node_id):
                if way.condition is None or compile_condition(way.condition).evaluate(self.data):
                    self._enter(way.target, way.id)
                    break
        elif node.kind == "parallelGateway":
            self.arrived[node_id, edge] += 1
            needed = [(node_id, incoming.id) for incoming in self.flow.incoming(node_id)]
            if all(self.arrived[one] for one in needed):
                self.arrived -= Counter(needed)
                self._leave(node_id)
        else:
            self._leave(node_id)
