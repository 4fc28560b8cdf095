"""A process as a graph of lanes, nodes and edges: what the writer writes, the parser reads and the engine runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

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
