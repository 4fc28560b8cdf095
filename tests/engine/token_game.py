"""The rules of BPMN tokens in a few lines: what SpiffWorkflow, stored and reloaded, is held against.

After OMG, "Business Process Model and Notation 2.0.2", chapter 13 (execution semantics).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bpmn.expressions import compile_condition
from bpmn.flow import TASKS, Edge, Flow, Node


@dataclass(eq=False)
class Token:
    """A token that waits at a node: a task, a catch event, a call activity or a subprocess."""

    node: str
    scope: Scope
    id: str | None = None
    """What the engine calls it; told by the test."""
    events: dict[str, str | None] = field(default_factory=dict)
    """The boundary events around it that can still happen, and what the engine calls them."""
    inner: Scope | None = None


@dataclass(eq=False)
class Scope:
    """The process, or a subprocess that a token is in."""

    tokens: list[Token] = field(default_factory=list)
    arrived: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Tokens on the edges into joins."""
    over: bool = False


Slot = tuple[Token, str | None]
"""Something that waits: a token, or an event on its border."""


class TokenGame:
    """A run of a flow."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.data: dict[str, str] = {}
        self.passed: Counter[str] = Counter()
        """How often a token went along each edge."""
        self.top = Scope()
        self._begin(self.top, None)
        self._settle()

    def slots(self) -> Iterator[Slot]:
        """Everything that waits for a person or for something to happen."""
        for token in self.tokens():
            if token.inner is None:
                yield token, None
            for event in token.events:
                yield token, event

    def tokens(self, scope: Scope | None = None) -> Iterator[Token]:
        for token in (scope or self.top).tokens:
            yield token
            if token.inner is not None:
                yield from self.tokens(token.inner)

    def people(self) -> Counter[str]:
        """The tasks that wait for people."""
        return Counter(token.node for token in self.tokens() if self.flow.node(token.node).kind in TASKS)

    def go_on(self, slot: Slot, variables: dict[str, str]) -> None:
        """What waits is done, or happens."""
        token, event = slot
        self.data.update(variables)
        if event is None:
            token.scope.tokens.remove(token)
            self._leave(token.scope, token.node)
        elif self.flow.node(event).interrupting:
            token.scope.tokens.remove(token)
            self._leave(token.scope, event)
        else:
            del token.events[event]
            self._leave(token.scope, event)
        self._settle()

    def _begin(self, scope: Scope, parent: str | None) -> None:
        start = next(node for node in self.flow.nodes if node.kind == "startEvent" and node.parent == parent)
        self._leave(scope, start.id)

    def _leave(self, scope: Scope, node: str) -> None:
        for edge in self.flow.outgoing(node):
            self._take(scope, edge)

    def _take(self, scope: Scope, edge: Edge) -> None:
        node = self.flow.node(edge.target)
        if scope.over:
            return
        self.passed[edge.id] += 1
        if node.kind == "exclusiveGateway":
            self._take(scope, self._chosen(node)[0])
        elif node.kind in {"parallelGateway", "inclusiveGateway"}:
            scope.arrived[node.id, edge.id] += 1
        elif node.kind == "endEvent":
            if node.event is not None:
                scope.tokens.clear()
                scope.arrived.clear()
                scope.over = True
        else:
            events = [each.id for each in self.flow.nodes if each.attached_to == node.id]
            token = Token(node.id, scope, events=dict.fromkeys(events))
            scope.tokens.append(token)
            if node.kind == "subProcess":
                token.inner = Scope()
                self._begin(token.inner, node.id)

    def _chosen(self, gateway: Node) -> list[Edge]:
        """The ways out whose conditions hold, or the default."""
        ways = self.flow.outgoing(gateway.id)
        tested = [way for way in ways if way.id != gateway.default and way.condition is not None]
        held = [way for way in tested if compile_condition(str(way.condition)).evaluate(self.data)]
        return held or [way for way in ways if way not in tested]

    def _settle(self) -> None:
        """Let joins go on that have what they wait for, and subprocesses in which nothing is left."""
        while any(self._settled(scope) for scope in self._scopes(self.top)):
            pass

    def _scopes(self, scope: Scope) -> list[Scope]:
        inner = [each for token in scope.tokens if token.inner is not None for each in self._scopes(token.inner)]
        return [*inner, scope]

    def _settled(self, scope: Scope) -> bool:
        for token in scope.tokens:
            if token.inner is not None and not token.inner.tokens and not +token.inner.arrived:
                scope.tokens.remove(token)
                self._leave(scope, token.node)
                return True
        for join in dict.fromkeys(node for node, _ in +scope.arrived):
            incoming = [edge.id for edge in self.flow.incoming(join)]
            marked = [edge for edge in incoming if scope.arrived[join, edge]]
            gateway = self.flow.node(join)
            if gateway.kind == "parallelGateway" and marked == incoming:
                scope.arrived -= Counter((join, edge) for edge in marked)
                self._leave(scope, join)
                return True
            if gateway.kind == "inclusiveGateway" and not self._expected(scope, join, set(marked)):
                scope.arrived -= Counter((join, edge) for edge in marked)
                for way in self._chosen(gateway):
                    self._take(scope, way)
                return True
        return False

    def _expected(self, scope: Scope, join: str, marked: set[str]) -> bool:
        """Whether a token elsewhere can still reach an empty edge into an inclusive gateway, and no marked one."""
        places = [token.node for token in scope.tokens] + [node for node, _ in +scope.arrived if node != join]
        for place in places:
            reached = self._reached(place, join)
            if reached - marked and not reached & marked:
                return True
        return False

    def _reached(self, place: str, join: str) -> set[str]:
        """The edges into `join` that a token at `place` can come to without going through it."""
        found: set[str] = set()
        seen, waiting = {place}, [place]
        while waiting:
            node = waiting.pop()
            onward = [each.id for each in self.flow.nodes if each.attached_to == node]
            for edge in self.flow.outgoing(node):
                if edge.target == join:
                    found.add(edge.id)
                else:
                    onward.append(edge.target)
            waiting += [each for each in onward if each not in seen]
            seen.update(onward)
        return found
