"""A flow as SpiffWorkflow is to run it: the process and each embedded subprocess as a plain graph of steps.

What SpiffWorkflow would do wrong is already put in other words here. An inclusive gateway becomes a split that gives
every way out a token, either to the way or to a step that skips it, and its join becomes a parallel join of as many
ways: so it waits for exactly the ways that were taken, in return loops too (SpiffWorkflow guesses from the tree of
tasks). It also waits for a way that was taken and then turned to an end of everything; such a run ends there anyway.
Events and call activities only wait; whoever knows the time, the message or the called run fires them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from bpmn import graph
from bpmn.flow import TASKS, TERMINATE, Edge, Flow, Node


class Role(Enum):
    """What a token does at a step."""

    WAIT = "wait"
    """It waits until somebody says that the step is done: tasks, catch events, call activities."""
    GO_ON = "go on"
    """It goes on at once: starts, ends, boundary events that were fired, merges."""
    CHOOSE = "choose"
    """It goes on by the first way whose condition holds."""
    JOIN = "join"
    """It waits for one token from each way in, and goes on by all ways out."""
    SPLIT = "split"
    """It goes on by every way whose condition holds, and skips the others if any that was taken leads to the join."""
    INSIDE = "inside"
    """It waits for the end of an embedded subprocess."""
    TERMINATE = "terminate"
    """It takes all other tokens of its level with it."""


@dataclass(frozen=True, slots=True)
class Way:
    """From one step to another; one without a condition is for all else.

    `skip` stands beside a way out of a SPLIT that leads to its join.
    """

    target: str
    condition: str | None = None
    skip: str | None = None
    edge: str = ""
    """The edge of the diagram that is passed on it; empty where it only helps."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step; `node` is the diagram's element, None where it only helps to put a gateway in other words."""

    name: str
    role: Role
    node: Node | None = None
    ways: tuple[Way, ...] = ()
    events: tuple[str, ...] = ()
    """The boundary events on it, in the order of the diagram."""


@dataclass(frozen=True, slots=True)
class Level:
    """The process, or one embedded subprocess: its steps by name, and where it begins."""

    id: str
    start: str
    steps: Mapping[str, Step]

    def ways_into(self, name: str) -> tuple[str, ...]:
        """The steps that lead to a step, one for each way in."""
        return tuple(step.name for step in self.steps.values() for way in step.ways if way.target == name)


_ROLES = {
    **dict.fromkeys(TASKS | {"callActivity", "intermediateCatchEvent"}, Role.WAIT),
    **dict.fromkeys(("startEvent", "endEvent", "boundaryEvent"), Role.GO_ON),
    "exclusiveGateway": Role.CHOOSE,
    "parallelGateway": Role.JOIN,
    "subProcess": Role.INSIDE,
}

_JOINS = frozenset({"parallelGateway", "inclusiveGateway"})


def levels(flow: Flow) -> dict[str, Level]:
    """The process under its own id, and each embedded subprocess under that of its node.

    The flow must have passed `bpmn.lint`; KeyError or ValueError where it shows that it did not.
    """
    inner = [node.id for node in flow.nodes if node.kind == "subProcess"]
    return {level_id: _Writing(flow, level_id).level() for level_id in (flow.process_id, *inner)}


def successors(level: Level) -> dict[str, list[str]]:
    """A level as a plain graph: its ways, those that skip, and the boundary events that break work off."""
    found = {name: [end for way in step.ways for end in _ends(way)] for name, step in level.steps.items()}
    for name, step in level.steps.items():
        found[name] += [event for event in step.events if _breaks_off(level.steps[event].node)]
    return found


def _ends(way: Way) -> list[str]:
    return [way.target] if way.skip is None else [way.target, way.skip]


def _breaks_off(node: Node | None) -> bool:
    return node is not None and node.kind == "boundaryEvent" and node.interrupting


def node_id(step: str) -> str:
    """The id of a step's node."""
    return step.removeprefix(_AVOIDING)


def step_name(node: str) -> str:
    """What the step of a node is called: as the node, but for the steps that SpiffWorkflow itself has everywhere."""
    return f"{_AVOIDING}{node}" if node in {"Start", "End"} or node.endswith(".EndJoin") else node


_AVOIDING = "node "
"""Before the id of a node whose name is taken. As no id holds a space, so no other step is called like that."""


class _Writing:
    """One level while its steps are written down."""

    def __init__(self, flow: Flow, level_id: str) -> None:
        parent = None if level_id == flow.process_id else level_id
        self.id = level_id
        self.nodes = {node.id: node for node in flow.nodes if node.parent == parent}
        self.out: dict[str, list[Edge]] = {node: [] for node in self.nodes}
        self.into: dict[str, list[Edge]] = {node: [] for node in self.nodes}
        self.targets: dict[str, list[str]] = {node: [] for node in self.nodes}
        for edge in flow.edges:
            if edge.source in self.nodes:
                self.out[edge.source].append(edge)
                self.into[edge.target].append(edge)
                self.targets[edge.source].append(edge.target)
        for node in self.nodes.values():
            if _breaks_off(node):
                self.targets[str(node.attached_to)].append(node.id)
        self.closing = {split: join for split in self.nodes if (join := self._closed_at(split)) is not None}
        self.landing = dict(self._landings())
        self.steps: dict[str, Step] = {}

    def level(self) -> Level:
        for node in self.nodes.values():
            if node.kind == "inclusiveGateway":
                self._inclusive(node)
            else:
                self._add(step_name(node.id), _role(node), node, self._ways(node))
        starts = [node.id for node in self.nodes.values() if node.kind == "startEvent"]
        if not starts:
            raise ValueError(f"{self.id} has no start")
        return Level(self.id, step_name(starts[0]), self.steps)

    def _add(self, name: str, role: Role, node: Node | None, ways: Iterable[Way]) -> None:
        events = tuple(
            step_name(event.id)
            for event in self.nodes.values()
            if node is not None and event.kind == "boundaryEvent" and event.attached_to == node.id
        )
        self.steps[name] = Step(name, role, node, tuple(ways), events)

    def _ways(self, node: Node) -> Iterator[Way]:
        """Where a node leads that is no inclusive gateway."""
        for edge in self.out[node.id]:
            alone = len(self.out[node.id]) == 1 and edge.condition is None
            if node.kind != "exclusiveGateway" or alone:
                yield Way(self._end(edge), edge=edge.id)
            else:
                yield Way(self._end(edge), _condition(node, edge), edge=edge.id)

    def _end(self, edge: Edge) -> str:
        """Where an edge leads: the step of its target, or what stands before that.

        A join tells its ways in apart by the steps they come from; so between a split and a join there must be one.
        """
        if edge.id in self.landing:
            return self.landing[edge.id]
        straight = self.nodes[edge.source].kind == "parallelGateway" and self.nodes[edge.target].kind in _JOINS
        if straight and len(self.out[edge.source]) > 1:
            self._add(f"pass {edge.id}", Role.GO_ON, None, [Way(step_name(edge.target))])
            return f"pass {edge.id}"
        return step_name(edge.target)

    # -- inclusive gateways -------------------------------------------------------------------------------------------

    def _inclusive(self, node: Node) -> None:
        """A gateway where ways meet, split, or both."""
        entry, out = step_name(node.id), self.out[node.id]
        meets = Role.JOIN if node.id in self.closing.values() else Role.GO_ON
        if len(out) < 2:
            self._add(entry, meets, node, [Way(self._end(edge), edge=edge.id) for edge in out])
            return
        split = entry
        if len(self.into[node.id]) > 1:
            split = f"split {node.id}"
            self._add(entry, meets, node, [Way(split)])
        self._add(split, Role.SPLIT, node, [self._skippable(node, edge) for edge in out])

    def _skippable(self, node: Node, edge: Edge) -> Way:
        way = Way(self._end(edge), _condition(node, edge), edge=edge.id)
        join = self.closing.get(node.id)
        if join is None or join not in self._reached(node.id, edge):
            return way
        skip, met = f"skip {edge.id}", f"met {edge.id}"
        self._add(skip, Role.GO_ON, None, [Way(met)])
        self._add(met, Role.GO_ON, None, [Way(step_name(join))])
        return replace(way, skip=skip)

    def _closed_at(self, split: str) -> str | None:
        """The inclusive gateway at which ways out of a split meet again, if that is the first join they share.

        A way that leads only to an end of everything does not count.
        """
        if self.nodes[split].kind not in _JOINS:
            return None
        reached = Counter(node for edge in self.out[split] for node in self._reached(split, edge))
        shared = {node for node in self.nodes if self._joins(node) and reached[node] > 1} - {split}
        begun = [edge.target for edge in self.out[split]]
        for join in sorted(shared):
            before = graph.reachable(self.targets | {split: [], join: []}, begun)
            if not (shared - {join}) & before:
                return join if self.nodes[join].kind == "inclusiveGateway" else None
        return None

    def _joins(self, node: str) -> bool:
        return self.nodes[node].kind in _JOINS and len(self.into[node]) > 1

    def _reached(self, split: str, edge: Edge) -> set[str]:
        """Where an edge out of a split leads without coming back to it."""
        return graph.reachable(self.targets | {split: []}, [edge.target])

    def _landings(self) -> Iterator[tuple[str, str]]:
        """Each edge that ends a way of an inclusive split, with the step at which that way ends."""
        for split, join in self.closing.items():
            if self.nodes[split].kind == "inclusiveGateway":
                for way in self.out[split]:
                    inside = graph.reachable(self.targets | {join: []}, [way.target]) - {join}
                    for edge in self.into[join]:
                        if edge is way or edge.source in inside:
                            yield edge.id, f"met {way.id}"


def _role(node: Node) -> Role:
    return Role.TERMINATE if _stops(node) else _ROLES[node.kind]


def _stops(node: Node) -> bool:
    return node.kind == "endEvent" and node.event is not None and node.event.kind == TERMINATE


def _condition(node: Node, edge: Edge) -> str | None:
    """The condition under which a gateway takes an edge, None for its default."""
    if edge.id == node.default:
        return None
    if edge.condition is None:
        raise ValueError(f"{edge.id} leaves a gateway without a condition")
    return edge.condition
