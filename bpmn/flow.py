"""A process as a graph of lanes, nodes and edges: what the writer writes, the parser reads and the engine runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bpmn import expressions, graph

TASKS = frozenset({"userTask", "manualTask", "task"})
"""The kinds of node that wait for a person."""

GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway"})
"""The kinds of gateway that the engine runs."""

TIMER, MESSAGE, SIGNAL, TERMINATE = "timer", "message", "signal", "terminate"
"""The kinds of event (`Event.kind`) beside plain starts and ends."""

PARALLEL = "parallel"
"""All holders of the jabatan do the task at the same time (`Node.multi`)."""

SEQUENTIAL = "sequential"
"""The holders of the jabatan do the task one after another (`Node.multi`)."""

REVIEW = "Tinjauan: "
"""Begins the paragraph of a documentation that is a reviewer's and not the document's."""

PARAF, TANDA_TANGAN = "paraf", "tanda tangan"
"""What the property `pengesahan` of a task may say: finishing it is the performer's initials, or signature."""

HOLDERS = "${pemegang}"
HOLDER = "pemegang_tugas"
"""What the XML of such a task names as its collection and its element. Camunda 7 and Operaton deploy none without.

Lajur itself knows who holds a jabatan; another engine has to be given the variable `pemegang`.
"""


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane; `name` is the jabatan."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Event:
    """What a start, end, catch or boundary event is about.

    `text` is the name of a message or signal as the diagram gives it; of a timer its date (`2027-01-04T08:00`), its
    duration (`P3D` by the calendar, "3 hari" in working time) or, at a start, its cycle (`R/2027-01-04T08:00/P1M`), and
    `form` says which: `timeDate`, `timeDuration`, `timeCycle`.
    """

    kind: str
    text: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a task's form (`camunda:formField`): `type` is string, long, boolean, date or enum."""

    id: str
    label: str = ""
    type: str = "string"
    default: str = ""
    required: bool = False
    options: tuple[tuple[str, str], ...] = ()
    """Of an enum: the value that is kept, and what the person reads."""


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node. `kind` is its BPMN element name (`userTask`, `exclusiveGateway`, ...), `lane` the id of its lane.

    `properties` are its `camunda:property` entries; on a task the mutu baku under `langkah`, `waktu`, `kelengkapan`,
    `output`, `keterangan`, `penanggung_jawab`, and `pengesahan`, see `approval`. `documentation` is the whole text of
    the row, `name` the label of the box. `markers` names the elements inside it that change how it runs
    (`timerEventDefinition`, `standardLoopCharacteristics`): the engine runs none of them.
    """

    id: str
    kind: str
    name: str = ""
    lane: str | None = None
    documentation: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None
    """Id of the default edge out of a gateway."""
    markers: tuple[str, ...] = ()
    attached_to: str | None = None
    """Id of the task on whose border a boundary event sits."""
    multi: str = ""
    """How a task is done once by each holder of its jabatan: PARALLEL, SEQUENTIAL, or "" where one of them does it."""
    event: Event | None = None
    interrupting: bool = True
    """Of a boundary event: whether the work on whose border it sits is broken off."""
    parent: str | None = None
    """Id of the embedded subprocess it lies in."""
    calls: str = ""
    """Of a call activity: the process id of the SOP that is called."""
    fields: tuple[Field, ...] = ()
    reads: tuple[str, ...] = ()
    """Of a task: names of the documents (data objects) it needs."""
    writes: tuple[str, ...] = ()
    """Of a task: names of the documents it yields."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A sequence flow; `condition` is its expression as written (`${keputusan_6 == 'setuju'}`)."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str | None = None


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


@dataclass(frozen=True, slots=True)
class Flow:
    """One executable process. `process_id` names the SOP over all its versions; `properties` are the identity block.

    Edges run between nodes of the same flow. Equal flows are the same diagram, whatever their coordinates.
    """

    process_id: str
    name: str
    pool: str
    lanes: tuple[Lane, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    properties: Mapping[str, str] = field(default_factory=dict)

    def node(self, node_id: str) -> Node:
        """The node of that id; KeyError if there is none."""
        for node in self.nodes:
            if node.id == node_id:
                return node
        raise KeyError(node_id)

    def lane(self, lane_id: str) -> Lane:
        """The lane of that id; KeyError if there is none."""
        for lane in self.lanes:
            if lane.id == lane_id:
                return lane
        raise KeyError(lane_id)

    def outgoing(self, node_id: str) -> tuple[Edge, ...]:
        """The edges out of a node, in the order of the diagram."""
        return tuple(edge for edge in self.edges if edge.source == node_id)

    def incoming(self, node_id: str) -> tuple[Edge, ...]:
        """The edges into a node, in the order of the diagram."""
        return tuple(edge for edge in self.edges if edge.target == node_id)

    def tasks(self) -> tuple[Node, ...]:
        """The nodes that wait for a person, in the order of the diagram."""
        return tuple(node for node in self.nodes if node.kind in TASKS)


# -- the flow as a plain graph ----------------------------------------------------------------------------------------


def successors(flow: Flow) -> dict[str, list[str]]:
    """The flow as a plain graph: for each node the ids its edges lead to, and the events on its border.

    A subprocess leads to the start inside it, and the ends inside to what follows the subprocess, whatever else goes
    on in there; without a start or an end inside it is seen as a task.
    """
    targets = _implied(flow)
    exits = _exits(flow)
    for edge in flow.edges:
        for node_id in exits.get(edge.source, (edge.source,)):
            targets[node_id].append(edge.target)
    return targets


def onward(flow: Flow) -> dict[str, list[str]]:
    """The flow as a plain graph without its returns, and so without loops."""
    order, exits = in_order(flow), _exits(flow)
    place = {node: index for index, node in enumerate(order)}
    back = _returns(flow, order)
    targets = {node: [onto for onto in led if place[node] < place[onto]] for node, led in _implied(flow).items()}
    for edge in flow.edges:
        if edge.id not in back:
            for node_id in exits.get(edge.source, (edge.source,)):
                targets[node_id].append(edge.target)
    return targets


def _implied(flow: Flow) -> dict[str, list[str]]:
    """For each node what work reaches through it without an edge: the events on its border, the start inside it."""
    found: dict[str, list[str]] = {node.id: [] for node in flow.nodes}
    entered = _exits(flow)
    for node in flow.nodes:
        if node.attached_to is not None:
            found[node.attached_to].append(node.id)
        elif node.kind == "startEvent" and node.parent in entered:
            found[node.parent or ""].append(node.id)
    return found


def _exits(flow: Flow) -> dict[str, tuple[str, ...]]:
    """For each subprocess with a start and an end inside the ends, from which work goes on behind it."""
    inside: dict[str, list[Node]] = {node.id: [] for node in flow.nodes if node.kind == "subProcess"}
    for node in flow.nodes:
        if node.parent in inside:
            inside[node.parent or ""].append(node)
    return {
        subprocess: tuple(node.id for node in inner if node.kind == "endEvent")
        for subprocess, inner in inside.items()
        if {"startEvent", "endEvent"} <= {node.kind for node in inner}
    }


_ROOT = ""


# -- what comes before what -------------------------------------------------------------------------------------------


def in_order(flow: Flow) -> tuple[str, ...]:
    """Ids of all nodes in order of work: each after those that lead to it, returns left aside.

    A loop begins at the node that dominates it (every way in goes through it). Where several ways lead into a loop
    and none dominates, it begins at the step with the lowest number. What no start leads to comes first, because it
    may lead into the rest and the rest never leads to it.
    """
    targets = successors(flow)
    rank = _ranks(flow, targets)
    starts = [node.id for node in flow.nodes if node.kind == "startEvent" and node.parent is None]
    reached = graph.reachable(targets, starts)
    stray = {node: [target for target in onto if target not in reached] for node, onto in targets.items()}
    order: list[str] = []
    for part, beginnings in ((stray, _beginnings(stray, reached)), (targets, starts)):
        # The root, an id that no node has, leads to every beginning.
        placed = graph.in_order({_ROOT: beginnings, **part}, _ROOT, rank.__getitem__)
        order += [node for node in placed if node != _ROOT]
    return tuple(order)


def returns(flow: Flow) -> frozenset[str]:
    """Ids of the edges that lead back: both ends lie on one cycle, and the target does not come after the source.

    Every cycle holds at least one of them, and without them the flow has no cycle.
    """
    return _returns(flow, in_order(flow))


def _returns(flow: Flow, order: tuple[str, ...]) -> frozenset[str]:
    place = {node: index for index, node in enumerate(order)}
    cycle = graph.components(successors(flow))
    exits = _exits(flow)
    return frozenset(
        edge.id
        for edge in flow.edges
        if cycle[edge.source] == cycle[edge.target]
        and place[edge.target] <= max(place[node_id] for node_id in exits.get(edge.source, (edge.source,)))
    )


def row_text(node: Node) -> str:
    """The text of a step's row: its documentation without what a reviewer wrote to it."""
    return node.documentation.partition(REVIEW)[0].rstrip()


def approval(node: Node) -> str:
    """What finishing a task is recorded as beside that: PARAF, TANDA_TANGAN, or "" for neither."""
    said = " ".join(node.properties.get("pengesahan", "").split()).casefold()
    return said if said in (PARAF, TANDA_TANGAN) else ""


def step_number(node: Node) -> tuple[int, str] | None:
    """The number of a step as something that sorts (`10a` after `9`); None for a node that is no step."""
    text = node.properties.get("langkah", "") or node.id.removeprefix("langkah_")
    found = re.fullmatch(r"\s*(\d{1,9})\W*(\w*)\W*", text)
    return (int(found[1]), found[2].lower()) if found and node.kind in TASKS else None


Rank = tuple[int, str, int, int]


def _ranks(flow: Flow, targets: Mapping[str, list[str]]) -> dict[str, Rank]:
    """For each node the number of the step it leads to, how far that is, and its own place in the file."""
    steps: dict[str, tuple[int, str, int]] = {}
    for node in flow.nodes:
        if (number := step_number(node)) is not None:
            steps[node.id] = (*number, 0)
    sources = graph.reversed_graph(targets)
    waiting = sorted(steps, key=steps.__getitem__)
    for node_id in waiting:
        for source in sources[node_id]:
            if source not in steps:
                step, suffix, distance = steps[node_id]
                steps[source] = (step, suffix, distance + 1)
                waiting.append(source)
    none = (10**9, "", 0)
    ranks: dict[str, Rank] = {_ROOT: (-1, "", 0, 0)}
    for place, node in enumerate(flow.nodes):
        ranks[node.id] = (*steps.get(node.id, none), place)
    return ranks


def _beginnings(stray: Mapping[str, list[str]], reached: set[str]) -> list[str]:
    """Where the part that no start reaches begins: nodes without a source, then the first node of each loop left."""
    sources = graph.reversed_graph(stray)
    found: list[str] = []
    known = set(reached)
    for candidates in ([node for node in stray if not sources[node]], stray):
        for node in candidates:
            if node not in known:
                found.append(node)
                known |= graph.reachable(stray, [node])
    return found


# -- what a person can choose -----------------------------------------------------------------------------------------


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
        shape = _asked = _Shape(flow, place, _Through(flow), _returns(flow, order))
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
        self._exits = _exits(flow)
        self._implied = _implied(flow)
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
