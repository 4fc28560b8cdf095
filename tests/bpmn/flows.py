"""Flows to test with: small ones by hand, and any that hypothesis can think of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from hypothesis import strategies as st

from bpmn.flow import MESSAGE, SIGNAL, TASKS, TERMINATE, TIMER, Edge, Event, Field, Flow, Lane, Node

KINDS = ("userTask", "userTask", "userTask", "exclusiveGateway", "parallelGateway", "manualTask", "task")
LEGAL = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
WORDS = st.lists(st.text(LEGAL, min_size=1, max_size=12), max_size=6).map(" ".join)


def simple(*edges: str, lanes: dict[str, str] | None = None) -> Flow:
    """A flow from lines like `gerbang_6 -> langkah_5 : Dikembalikan : ${keputusan_6 == 'kembali'}`.

    Kinds follow the ids: `mulai`, `selesai`, `gerbang_*` (exclusive), `cabang_*` (parallel), others user tasks. `lanes`
    gives the lane of a node by name; the rest lie in CAMAT.
    """
    made: list[Edge] = []
    for line in edges:
        way, name, condition = (*line.split(" : "), "", "")[:3]
        source, target = way.split(" -> ")
        made.append(Edge(f"dari_{source}_ke_{target}", source, target, name, condition or None))
    ids = dict.fromkeys(end for edge in made for end in (edge.source, edge.target))
    names = list(dict.fromkeys(["CAMAT", *(lanes or {}).values()]))
    lane_ids = {name: f"lajur_{place}" for place, name in enumerate(names, start=1)}
    nodes = (Node(id_, _kind(id_), _name(id_), lane_ids[(lanes or {}).get(id_, "CAMAT")]) for id_ in ids)
    return flow(nodes, made, [Lane(id_, name) for name, id_ in lane_ids.items()])


def flow(nodes: Iterable[Node], edges: Iterable[Edge], lanes: Iterable[Lane]) -> Flow:
    return Flow("sop_uji", "Uji", "KECAMATAN UJI: Uji", tuple(lanes), tuple(nodes), tuple(edges))


def _kind(node_id: str) -> str:
    kinds = {"mulai": "startEvent", "selesai": "endEvent", "gerbang": "exclusiveGateway", "cabang": "parallelGateway"}
    return kinds.get(node_id.partition("_")[0], "userTask")


def _name(node_id: str) -> str:
    return "Disetujui?" if node_id.startswith("gerbang") else node_id.replace("_", " ").capitalize()


@st.composite
def flows(draw: st.DrawFn, max_nodes: int = 40, max_lanes: int = 10) -> Flow:
    """Any graph: loops, self-loops, doubled edges, several starts and ends, nodes that nothing reaches."""
    count = draw(st.integers(1, max_nodes))
    lanes = [Lane(f"lajur_{place}", draw(WORDS)) for place in range(draw(st.integers(1, max_lanes)))]
    kinds = [draw(st.sampled_from(("startEvent",) if place == 0 else (*KINDS, "endEvent"))) for place in range(count)]
    nodes = [
        Node(
            id=f"simpul_{place}",
            kind=kind,
            name=draw(WORDS),
            lane=draw(st.sampled_from([None, *(lane.id for lane in lanes)])),
            documentation=draw(st.just("") | st.text(LEGAL)),
            properties=draw(st.dictionaries(st.sampled_from(["langkah", "waktu", "output"]), st.text(LEGAL))),
            multi=draw(st.sampled_from(["", "", "", "parallel", "sequential"])) if kind in TASKS else "",
        )
        for place, kind in enumerate(kinds)
    ]
    ends = st.integers(0, count - 1)
    chain = [(place, place + 1) for place in range(count - 1) if draw(st.integers(0, 9)) > 0]
    more = draw(st.lists(st.tuples(ends, ends), max_size=count))
    edges = [
        Edge(f"alir_{place}", f"simpul_{source}", f"simpul_{target}", draw(st.just("") | WORDS))
        for place, (source, target) in enumerate([*chain, *more])
    ]
    return flow(nodes, edges, lanes)


NAMES = st.text(LEGAL, min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool)
WAITED_FOR = st.one_of(
    st.builds(Event, st.sampled_from([MESSAGE, SIGNAL]), NAMES | st.just("")),
    st.builds(Event, st.just(TIMER), st.text(LEGAL).map(str.strip), st.sampled_from(["timeDate", "timeDuration"])),
)
EVENTS = {
    "startEvent": st.none() | st.just(Event(TIMER, "R/2027-01-04T08:00/P1M", "timeCycle")),
    "endEvent": st.sampled_from([None, Event(TERMINATE)]),
    "intermediateCatchEvent": WAITED_FOR,
    "boundaryEvent": WAITED_FOR,
}
FIELDS = st.builds(
    Field,
    id=st.from_regex(r"[a-z_]{1,8}", fullmatch=True),
    label=st.text(LEGAL, max_size=10),
    type=st.sampled_from(["string", "long", "boolean", "date", "enum", "uang"]),
    default=st.text(LEGAL, max_size=5),
    required=st.booleans(),
    options=st.lists(st.tuples(st.text(LEGAL, max_size=5), st.text(LEGAL, max_size=5)), max_size=3).map(tuple),
)
DOCUMENTS = st.lists(NAMES, max_size=3, unique=True).map(tuple)
MORE_KINDS = ("inclusiveGateway", "callActivity", "intermediateCatchEvent", "boundaryEvent", "startEvent", "endEvent")


@st.composite
def all_flows(draw: st.DrawFn, max_nodes: int = 15, *, odd: bool = False) -> Flow:
    """Any graph of all that is run: subprocesses in subprocesses, events, calls, forms, documents.

    Where it is `odd`, events sit on any border, and edges lead to them.
    """
    lanes = [Lane(f"lajur_{place}", draw(WORDS)) for place in range(draw(st.integers(1, 4)))]
    nodes: list[Node] = []
    around: list[Node] = []
    for place in range(draw(st.integers(1, max_nodes))):
        while around and draw(st.integers(0, 3)) == 0:
            around.pop()
        parent = around[-1] if around else None
        kind = draw(st.sampled_from((*KINDS, *MORE_KINDS, "subProcess", "subProcess")))
        hosts = [one for one in nodes if odd or not one.kind.endswith(("Event", "Gateway"))]
        node = draw(_any_node(f"simpul_{place}", kind, parent, hosts, lanes))
        nodes.append(node)
        if node.kind == "subProcess":
            around.append(node)
    edges: list[Edge] = []
    for scope in (None, *(node.id for node in nodes if node.kind == "subProcess")):
        ids = [node.id for node in nodes if node.parent == scope]
        ways = draw(st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(ids)), max_size=len(ids))) if ids else []
        ways += [pair for pair in pairwise(ids) if draw(st.integers(0, 9)) > 0]
        borders = {node.id for node in nodes if node.attached_to is not None and not odd}
        ways = [way for way in ways if way[1] not in borders]
        edges += [
            Edge(f"alir_{len(edges) + place}", *ends, draw(st.just("") | WORDS)) for place, ends in enumerate(ways)
        ]
    return flow(nodes, edges, lanes)


@st.composite
def _any_node(draw: st.DrawFn, id_: str, kind: str, parent: Node | None, nodes: list[Node], lanes: list[Lane]) -> Node:
    inside = parent.id if parent else None
    hosts = [one for one in nodes if one.parent == inside and one.attached_to is None]
    if kind == "boundaryEvent" and not hosts:
        kind = "userTask"
    lane_ids = [lane.id for lane in lanes]
    # What lies in a subprocess lies in its lane if it names none.
    lane = st.sampled_from([parent.lane, *lane_ids] if parent else [None, *lane_ids])
    made = Node(id_, kind, draw(WORDS), draw(lane), event=draw(EVENTS.get(kind, st.none())), parent=inside)
    if kind == "boundaryEvent":
        host = draw(st.sampled_from(hosts))
        return replace(made, attached_to=host.id, lane=host.lane, interrupting=draw(st.booleans()))
    if kind == "callActivity":
        return replace(made, calls=draw(st.sampled_from(["", "surat_keluar"])))
    if kind in TASKS:
        fields = draw(st.lists(FIELDS, max_size=2).map(tuple))
        multi = draw(st.sampled_from(["", "", "parallel", "sequential"]))
        return replace(made, fields=fields, reads=draw(DOCUMENTS), writes=draw(DOCUMENTS), multi=multi)
    return made


@st.composite
def sop_flows(draw: st.DrawFn, max_steps: int = 30, max_lanes: int = 8) -> Flow:
    """Flows as SOPs have them: a chain of steps, some with a return, some in parallel branches."""
    lanes = [Lane(f"lajur_{place}", f"JABATAN {place}") for place in range(draw(st.integers(1, max_lanes)))]
    lane = st.sampled_from([made.id for made in lanes])
    nodes = [Node("mulai", "startEvent", "Mulai", draw(lane))]
    edges: list[Edge] = []
    last, tasks = "mulai", []

    def add(node: Node, *sources: str) -> str:
        nodes.append(node)
        for source in sources:
            edges.append(Edge(f"alir_{len(edges)}", source, node.id))
        return node.id

    for step in range(1, draw(st.integers(1, max_steps)) + 1):
        shape = draw(st.sampled_from(["step", "step", "decision", "parallel"]))
        if shape == "parallel":
            split = add(Node(f"cabang_{step}", "parallelGateway", "", draw(lane)), last)
            branches = [
                add(Node(f"langkah_{step}_{branch}", "userTask", "Menyusun data", draw(lane)), split)
                for branch in range(draw(st.integers(2, 4)))
            ]
            last = add(Node(f"gabung_{step}", "parallelGateway", "", draw(lane)), *branches)
            continue
        task = Node(f"langkah_{step}", "userTask", f"Langkah {step} memeriksa konsep", draw(lane))
        last = add(task, last)
        tasks.append(last)
        if shape == "decision":
            last = add(Node(f"gerbang_{step}", "exclusiveGateway", "Disetujui?", task.lane), last)
            edges.append(Edge(f"kembali_{step}", last, draw(st.sampled_from(tasks)), "Dikembalikan"))
    add(Node("selesai", "endEvent", "Selesai", draw(lane)), last)
    return flow(nodes, edges, lanes)
