"""What a person can choose on finishing a task: the buttons, read off the gateway behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bpmn import expressions
from bpmn.flow import GATEWAYS, Edge, Flow, Node
from bpmn.order import exits_of, implied, in_order, returns_in


@dataclass(frozen=True, slots=True)
class Choice:
    """One button of a task: it sets `variable` to `value`, and so the gateway after the task takes `edge`.

    Of the choices of an inclusive gateway (`alone` is False) each has a variable of its own.
    """

    edge: str
    name: str
    variable: str
    value: str
    targets: tuple[str, ...]
    """Ids of the tasks it leads to, through gateways, in order of work; empty where it leads to the end."""
    is_return: bool
    is_default: bool
    alone: bool = True
    """False where several choices of the task may be taken together (an inclusive gateway)."""


def choices(flow: Flow, task_id: str) -> tuple[Choice, ...]:
    """The buttons of a task: the ways out of the deciding gateway that directly follows it, in their order.

    Of an exclusive gateway one is taken; empty where its conditions are not all `variable == 'text'` with one variable
    and different texts: then the engine decides from the data. A default without condition sets its own id as value.
    Of an inclusive gateway any may be taken together, see `may_choose_none`; empty where its conditions are not all
    `variable == 'text'` with a variable for each. Its default has no button.
    """
    gateway = _deciding(flow, task_id)
    if gateway is None:
        return ()
    ways = flow.outgoing(gateway.id)
    alone = gateway.kind == "exclusiveGateway"
    settings = _settings(ways, gateway.default) if alone else _own_settings(ways, gateway.default)
    shape = _shape(flow)
    place, through, back = shape.place, shape.through, shape.back
    made = []
    for edge in ways:
        if edge.id in settings:
            variable, value = settings[edge.id]
            targets, is_return = _led_to(through, edge, back)
            made.append(
                Choice(
                    edge=edge.id,
                    name=edge.name,
                    variable=variable,
                    value=value,
                    targets=tuple(sorted(targets, key=place.__getitem__)),
                    is_return=is_return and alone,
                    is_default=edge.id == gateway.default,
                    alone=alone,
                )
            )
    return tuple(made)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the buttons of all tasks of a flow are read from: the place of each node in order of work, its returns."""

    flow: Flow
    place: Mapping[str, int]
    through: _Through
    back: frozenset[str]


_asked: _Shape | None = None


def _shape(flow: Flow) -> _Shape:
    """That of the flow asked about last is kept, because one asks about its tasks one after the other."""
    global _asked  # noqa: PLW0603 - what is kept follows from the flow alone
    shape = _asked
    if shape is None or shape.flow is not flow:
        order = in_order(flow)
        place = {node: index for index, node in enumerate(order)}
        shape = _asked = _Shape(flow, place, _Through(flow), returns_in(flow, order))
    return shape


def may_choose_none(flow: Flow, task_id: str) -> bool:
    """Whether a task may be finished without any of its choices: its gateway is inclusive and has a default way."""
    gateway = _deciding(flow, task_id)
    return gateway is not None and gateway.kind == "inclusiveGateway" and gateway.default is not None


def _deciding(flow: Flow, task_id: str) -> Node | None:
    """The gateway right after a task that takes some of several ways; None where there is none."""
    following = flow.outgoing(task_id)
    if len(following) != 1:
        return None
    gateway = flow.node(following[0].target)
    decides = gateway.kind in {"exclusiveGateway", "inclusiveGateway"} and len(flow.outgoing(gateway.id)) > 1
    return gateway if decides else None


Settings = dict[str, tuple[str, str]]
"""For each edge with a button the variable it sets, and to which text."""


def _settings(ways: tuple[Edge, ...], default: str | None) -> Settings:
    """What the buttons of an exclusive gateway set; none where its conditions are not that simple."""
    variables: set[str] = set()
    values: dict[str, str] = {}
    for edge in ways:
        tested = _tested(edge)
        if tested is not None:
            variables.add(tested[0])
            values[edge.id] = tested[1]
        elif edge.id == default and edge.condition is None:
            values[edge.id] = edge.id
        else:
            return {}
    if len(variables) != 1 or len(set(values.values())) != len(values):
        return {}
    variable = variables.pop()
    return {edge: (variable, value) for edge, value in values.items()}


def _own_settings(ways: tuple[Edge, ...], default: str | None) -> Settings:
    """What the buttons of an inclusive gateway set; none where its conditions are not that simple."""
    found: Settings = {}
    for edge in ways:
        if edge.id != default:
            tested = _tested(edge)
            if tested is None:
                return {}
            found[edge.id] = tested
    return found if len({variable for variable, _ in found.values()}) == len(found) else {}


def _tested(edge: Edge) -> tuple[str, str] | None:
    try:
        return expressions.equality(expressions.compile_condition(edge.condition or ""))
    except expressions.ConditionRefused:
        return None


def _led_to(through: _Through, edge: Edge, back: frozenset[str]) -> tuple[set[str], bool]:
    """The tasks an edge leads to through all that waits for no person, and whether every way there leads back."""
    tasks: set[str] = set()
    is_return = True
    seen: set[tuple[str, bool]] = set()
    waiting = [(edge.target, edge.id in back)]
    while waiting:
        place = node_id, led_back = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        steps = through.steps(node_id)
        if steps is not None:
            waiting.extend((target, led_back or way in back) for way, target in steps)
            continue
        if node_id in through.tasks:
            tasks.add(node_id)
        is_return = is_return and led_back
    return tasks, is_return


class _Through:
    """What lies behind the nodes that work goes through by itself."""

    def __init__(self, flow: Flow) -> None:
        self.tasks = {node.id for node in flow.tasks()}
        self._nodes = {node.id: node for node in flow.nodes}
        self._exits = exits_of(flow)
        self._implied = implied(flow)
        self._out: dict[str, list[tuple[str, str]]] = {node.id: [] for node in flow.nodes}
        for edge in flow.edges:
            self._out[edge.source].append((edge.id, edge.target))

    def steps(self, node_id: str) -> list[tuple[str, str]] | None:
        """Where work goes on, by edge ("" for none) and node; None where somebody works, or all ends."""
        node = self._nodes[node_id]
        if node_id in self._exits:
            return [("", inner) for inner in self._implied[node_id] if self._nodes[inner].kind == "startEvent"]
        if node.kind == "endEvent" and node.parent in self._exits:
            return self._out[node.parent or ""]
        passes = node.kind in GATEWAYS or node.kind in {"intermediateCatchEvent", "startEvent", "subProcess"}
        return self._out[node_id] if passes else None
