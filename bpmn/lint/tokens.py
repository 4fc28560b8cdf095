"""What can become of a run: every state its tokens can reach, after all that makes no difference is left out.

For what no single element breaks: deadlock, improper completion, livelock. The graph is first made smaller by rules
that keep all three as they are (Murata, "Petri nets", Proceedings of the IEEE 77/4, 1989, section V): steps in a row,
loops and choices inside one branch become one node, equal branches of a parallel section one branch. What an SOP has
is then nearly always nothing at all.

Each part of a flow (`scopes`) is a game of its own. Inclusive gateways, which come in pairs, count as parallel ones:
that all ways are taken is the hardest case. An event that breaks work off is another way out of that work.

Only `deadlock` asks. The other two are always explained by a rule that names the element to change (`fake_join`,
`parallel_unbalanced`, `return_from_parallel`; `end_missing`, `loop_without_task`): a property test holds them to this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bpmn import graph
from bpmn.flow import Flow
from bpmn.lint import (
    boundary_joins_flow,
    boundary_misplaced,
    end_missing,
    fake_join,
    inclusive_unbalanced,
    parallel_unbalanced,
    return_from_parallel,
    start_missing,
    unreachable,
)
from bpmn.lint.return_from_parallel import DIVIDING
from bpmn.lint.scopes import parts

MAX_STATES = 5000
"""A flow with more states than this, after reduction, is not examined further: the other rules have to do."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The first element, if any, at which a run can wait for ever, work be doubled, or a run go on without an end.

    All None: whatever is chosen, the run ends, once, and nothing is left over.
    """

    stuck: str | None = None
    doubled: str | None = None
    endless: str | None = None


def outcome(flow: Flow) -> Outcome:
    """What can become of a run. Nothing bad is told of a flow that breaks a rule which names the element to change."""
    joins = [node for node in flow.nodes if node.kind in DIVIDING and len(flow.incoming(node.id)) > 1]
    splits = [node for node in flow.nodes if node.kind != "exclusiveGateway" and len(flow.outgoing(node.id)) > 1]
    if not (joins or splits) or any(found for rule in _SIMPLER for found in rule.check(flow)):
        return Outcome()
    for part in parts(flow):
        net = Net(part)
        net.reduce()
        if (found := played(net)) != Outcome():
            return found
    return Outcome()


_SIMPLER = (
    start_missing,
    end_missing,
    unreachable,
    boundary_misplaced,
    boundary_joins_flow,
    parallel_unbalanced,
    inclusive_unbalanced,
    return_from_parallel,
    fake_join,
)


# -- the flow made smaller --------------------------------------------------------------------------------------------


class Net:
    """Nodes with their edges (by number) in and out.

    A node that `joins` waits for all of its edges in, any other for one of them; one that `splits` gives a token to
    all of its edges out, any other to one of them. Neither is said of a node with a single such edge.
    """

    def __init__(self, flow: Flow) -> None:
        self.start = next(node.id for node in flow.nodes if node.kind == "startEvent")
        broken_off = [(node.attached_to, node.id) for node in flow.nodes if node.attached_to is not None]
        ways = [*((edge.source, edge.target) for edge in flow.edges), *broken_off]
        self.source = {number: source for number, (source, _) in enumerate(ways)}
        self.target = {number: target for number, (_, target) in enumerate(ways)}
        self.into: dict[str, set[int]] = {node.id: set() for node in flow.nodes}
        self.out: dict[str, set[int]] = {node.id: set() for node in flow.nodes}
        for number in self.source:
            self.out[self.source[number]].add(number)
            self.into[self.target[number]].add(number)
        kinds = {node.id: node.kind for node in flow.nodes}
        self.joins = {node for node in kinds if kinds[node] in DIVIDING and len(self.into[node]) > 1}
        hosts = {source for source, _ in broken_off}
        self.splits = {
            node
            for node in kinds
            if kinds[node] != "exclusiveGateway" and len(self.out[node]) > 1 and node not in hosts
        }

    def reduce(self) -> None:
        """Leave out all that makes no difference to whether a run waits for ever, doubles or never ends."""
        while any([self._without_twins(), self._without_own_loops(), self._without_passing()]):
            pass

    def entered_twice(self, held: frozenset[int], given: frozenset[int]) -> str | None:
        """The first node that comes to have two tokens at once where one is all it waits for."""
        for edge in sorted(given):
            node = self.target[edge]
            entered = {edge} if node in self.joins else self.into[node]
            if held & entered or len(given & entered) > 1:
                return node
        return None

    def _remove(self, edge: int) -> None:
        source, target = self.source.pop(edge), self.target.pop(edge)
        self.out[source].discard(edge)
        self.into[target].discard(edge)
        if len(self.out[source]) < 2:
            self.splits.discard(source)
        if len(self.into[target]) < 2:
            self.joins.discard(target)

    def _without_twins(self) -> bool:
        """Of several edges between two nodes one is enough, where one splits and the other joins, or neither does."""
        kept: dict[tuple[str, str], int] = {}
        found = False
        for edge in sorted(self.source):
            source, target = self.source[edge], self.target[edge]
            if kept.setdefault((source, target), edge) != edge and (source in self.splits) == (target in self.joins):
                self._remove(edge)
                found = True
        return found

    def _without_own_loops(self) -> bool:
        """A choice that leads back to where it is made changes nothing, if there is another."""
        found = False
        for edge in sorted(self.source):
            node = self.source[edge]
            chooses = node not in self.splits and node not in self.joins
            if self.target[edge] == node and chooses and len(self.out[node]) > 1:
                self._remove(edge)
                found = True
        return found

    def _without_passing(self) -> bool:
        """Two nodes in a row become one, where that is still one join or one merge and one split or one choice."""
        found = False
        for edge in sorted(self.source):
            if edge not in self.source or self.start in {self.source[edge], self.target[edge]}:
                continue
            if self.source[edge] == self.target[edge]:
                continue
            if self._joined_later(edge):
                self._move_into(edge)
                found = True
            elif self._split_earlier(edge):
                self._move_out(edge)
                found = True
        return found

    def _joined_later(self, edge: int) -> bool:
        """Whether all that leads to the edge's source may lead to its target."""
        first, second = self.source[edge], self.target[edge]
        alike = (first in self.joins) == (second in self.joins) or len(self.into[first]) == 1
        return len(self.out[first]) == 1 and (alike or len(self.into[second]) == 1)

    def _split_earlier(self, edge: int) -> bool:
        """Whether all that follows the edge's target may follow its source."""
        first, second = self.source[edge], self.target[edge]
        alike = (first in self.splits) == (second in self.splits) or len(self.out[second]) == 1
        return len(self.into[second]) == 1 and len(self.out[second]) > 0 and alike

    def _move_into(self, edge: int) -> None:
        first, second = self.source[edge], self.target[edge]
        joins = first in self.joins or second in self.joins
        self._remove(edge)
        for into in self.into.pop(first):
            self.target[into] = second
            self.into[second].add(into)
        del self.out[first]
        if joins:
            self.joins.add(second)

    def _move_out(self, edge: int) -> None:
        first, second = self.source[edge], self.target[edge]
        splits = first in self.splits or second in self.splits
        self._remove(edge)
        for onward in self.out.pop(second):
            self.source[onward] = first
            self.out[first].add(onward)
        del self.into[second]
        if splits:
            self.splits.add(first)


# -- the game ---------------------------------------------------------------------------------------------------------

_State = frozenset[int]
"""The edges that hold a token."""


def played(net: Net) -> Outcome:
    """Every state that can be reached, breadth first, until one is bad or there are too many."""
    begun = frozenset(net.out[net.start])
    seen, waiting = {begun}, [begun]
    follows: dict[_State, list[_State]] = {}
    stuck: str | None = None
    while waiting:
        state = waiting.pop(0)
        follows[state] = []
        for taken, given in _moves(net, state):
            left = state - taken
            if (twice := net.entered_twice(left, given)) is not None:
                return Outcome(doubled=twice)
            after = left | given
            follows[state].append(after)
            if after not in seen:
                seen.add(after)
                waiting.append(after)
        if state and not follows[state]:
            stuck = stuck or net.target[min(state)]
        if len(seen) > MAX_STATES:
            return Outcome(stuck=stuck)
    if stuck:
        return Outcome(stuck=stuck)
    ending = graph.reachable(graph.reversed_graph(follows), [frozenset()] if frozenset() in follows else [])
    endless = next((state for state in follows if state not in ending), None)
    return Outcome(endless=net.target[min(endless)] if endless else None)


def _moves(net: Net, state: _State) -> Iterator[tuple[_State, _State]]:
    """The tokens that can be taken and those that are given for them."""
    for node in dict.fromkeys(net.target[edge] for edge in sorted(state)):
        marked = net.into[node] & state
        if node in net.joins:
            takings = [net.into[node]] if marked == net.into[node] else []
        else:
            takings = [{edge} for edge in sorted(marked)]
        for taking in takings:
            for giving in _given(net, node):
                yield frozenset(taking), frozenset(giving)


def _given(net: Net, node: str) -> Iterable[Iterable[int]]:
    out = sorted(net.out[node])
    return [out] if node in net.splits or not out else [[edge] for edge in out]
