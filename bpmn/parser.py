"""BPMN 2.0 XML from any modeler to a Flow. Only the structure is judged here; what may run is for `bpmn.lint`.

Elements are recognised by namespace, whatever the prefix. Everything in a process that is not known to be mere
description becomes a node of its own kind, so that lint sees, and refuses, what this release has never heard of.
Nodes come in the order of the file, those of a subprocess right after it; edges those of the process first, then those
of each subprocess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bpmn import contents, xml
from bpmn.errors import NotBpmn
from bpmn.flow import HOLDER, HOLDERS, PARALLEL, SEQUENTIAL, TASKS, Edge, Flow, Lane, Node
from bpmn.wording import sentence

MAX_ID = 200

_DESCRIPTION = frozenset(
    {"documentation", "extensionElements", "auditing", "monitoring", "property", "laneSet", "sequenceFlow"}
    | {"dataObject", "dataObjectReference", "dataStoreReference", "association", "textAnnotation", "group"}
    | {"correlationSubscription", "supports", "ioSpecification", "ioBinding"}
    | {"resourceRole", "performer", "humanPerformer", "potentialOwner"}
)
"""Children of a process that are not flow nodes."""

_PLAIN = frozenset(
    {"documentation", "extensionElements", "auditing", "monitoring", "categoryValueRef", "incoming", "outgoing"}
    | {"rendering", "resourceRole", "performer", "humanPerformer", "potentialOwner"}
)
"""Children of a flow node that do not change how it runs."""

_AROUND = frozenset({"laneSet", "ioSpecification", "dataInputAssociation", "dataOutputAssociation"})
"""Children of a subprocess that say how it runs as a whole, beside its loops."""

_MULTI = {
    "behavior": ("All",),
    xml.name("camunda:collection"): (HOLDERS, HOLDERS.strip("${}")),
    xml.name("camunda:elementVariable"): (HOLDER,),
}
"""What a loop over the holders of a jabatan may say; an attribute that is missing says the first."""

_ID = re.compile(r"[^\W\d][\w.\-]*")


def parse(data: bytes) -> Flow:
    """The one executable process of a BPMN file. Raises NotBpmn, with the line or the id, and nothing else."""
    root = xml.read(data)
    if root.tag != xml.name("bpmn:definitions"):
        raise NotBpmn(
            sentence(
                "File ini XML, tetapi bukan BPMN 2.0 (elemen pertamanya “%(tag)s”); kirim file .bpmn.",
                tag=xml.local_name(root),
            )
        )
    _check_ids(root)
    process = _executable(root)
    lanes, lane_of = _lanes(process)
    file = _File(lane_of, contents.names(root), contents.Documents(process))
    nodes = tuple(_nodes(process, None, None, file))
    edges = tuple(_edge(element) for scope in _scopes(process) for element in xml.children(scope, "bpmn:sequenceFlow"))
    _check_references(root, process, nodes, edges)
    return Flow(
        process_id=_id(process),
        name=process.get("name", ""),
        pool=_pool(root, process),
        lanes=lanes,
        nodes=nodes,
        edges=edges,
        properties=_properties(process),
    )


def lines(data: bytes) -> dict[str, int]:
    """The line, counted from 1, on which the start tag of each element with an id ends. Raises NotBpmn."""
    return {found: xml.line(element) for element in xml.read(data).iter() if (found := element.get("id"))}


# -- the parts --------------------------------------------------------------------------------------------------------


def _executable(root: xml.Element) -> xml.Element:
    """The process marked executable, or the only one there is."""
    found = list(xml.children(root, "bpmn:process"))
    if not found:
        raise NotBpmn(sentence("File BPMN ini tidak memuat proses; gambar prosesnya lalu ekspor ulang."))
    marked = [process for process in found if process.get("isExecutable") in {"true", "1"}]
    if len(marked) > 1:
        raise NotBpmn(
            sentence(
                "File ini memuat %(count)s proses yang dapat dijalankan; simpan setiap SOP dalam file sendiri.",
                count=len(marked),
            )
        )
    if not marked and len(found) > 1:
        raise NotBpmn(
            sentence(
                "File ini memuat %(count)s proses dan tidak satu pun ditandai dapat dijalankan (isExecutable); "
                "tandai satu.",
                count=len(found),
            )
        )
    return (marked or found)[0]


def _lanes(process: xml.Element) -> tuple[tuple[Lane, ...], dict[str, str]]:
    """The lanes that hold nodes or no other lanes, top to bottom, and for each node the id of its innermost lane."""
    lanes: list[Lane] = []
    lane_of: dict[str, str] = {}
    for element in _lane_elements(process):
        inner = list(xml.descendants(element, "bpmn:lane"))
        below = {member for lane in inner for member in _members(lane)}
        own = [member for member in _members(element) if member not in below]
        lane = Lane(_id(element), element.get("name", ""))
        if own or not inner:
            lanes.append(lane)
        for member in own:
            lane_of.setdefault(member, lane.id)
    return tuple(lanes), lane_of


def _lane_elements(process: xml.Element) -> list[xml.Element]:
    return [
        lane for lane_set in xml.children(process, "bpmn:laneSet") for lane in xml.descendants(lane_set, "bpmn:lane")
    ]


def _members(lane: xml.Element) -> list[str]:
    """Ids of the nodes a lane names itself."""
    return [xml.text(reference).strip() for reference in xml.children(lane, "bpmn:flowNodeRef")]


@dataclass(frozen=True, slots=True)
class _File:
    """What nodes refer to: lanes by the id of the node, names of messages and signals by their id, documents."""

    lane_of: Mapping[str, str]
    named: Mapping[str, str]
    documents: contents.Documents


def _nodes(scope: xml.Element, parent: str | None, lane: str | None, file: _File) -> Iterator[Node]:
    """The nodes of a process or a subprocess, and those in them; `lane` is that of the subprocess."""
    for element in scope:
        if not _is_node(element, inside=parent is not None):
            continue
        node = _node(element, parent, lane, file)
        yield node
        if node.kind == "subProcess":
            yield from _nodes(element, node.id, node.lane, file)


def _scopes(scope: xml.Element) -> Iterator[xml.Element]:
    """A process or a subprocess and every subprocess in it, each before those that lie in it."""
    yield scope
    for element in xml.children(scope, "bpmn:subProcess"):
        yield from _scopes(element)


def _is_node(element: xml.Element, *, inside: bool) -> bool:
    """Whether a child of a process (or of a subprocess: `inside`) is a flow node."""
    kind = xml.kind(element)
    if kind is None or kind in _DESCRIPTION:
        return False
    return not inside or not (kind in _PLAIN or kind in _AROUND or kind.endswith("LoopCharacteristics"))


def _node(element: xml.Element, parent: str | None, lane: str | None, file: _File) -> Node:
    node_id = _id(element)
    kind = xml.kind(element) or ""
    task = kind in TASKS
    event, read = contents.read_event(element, file.named)
    reads, writes, associations = file.documents.read(element) if task else ((), (), [])
    loops = list(xml.children(element, "bpmn:multiInstanceLoopCharacteristics"))
    multi = _multi(loops[0]) if task and len(loops) == 1 else ""
    known = [*read, *associations, *(loops if multi else ())]
    return Node(
        id=node_id,
        kind=kind,
        name=element.get("name", ""),
        lane=file.lane_of.get(node_id, lane),
        documentation="\n".join(xml.text(part) for part in xml.children(element, "bpmn:documentation")),
        properties=_properties(element),
        default=element.get("default"),
        markers=tuple(_markers(element, kind, known)),
        attached_to=_local(element.get("attachedToRef", "")) or None,
        multi=multi,
        event=event,
        interrupting=kind != "boundaryEvent" or element.get("cancelActivity") not in {"false", "0"},
        parent=parent,
        calls=_local(element.get("calledElement", "")) if kind == "callActivity" else "",
        fields=contents.read_fields(element) if task else (),
        reads=reads,
        writes=writes,
    )


def _markers(element: xml.Element, kind: str, known: Iterable[xml.Element]) -> Iterator[str]:
    """What inside an element, beside what is known, may change how it runs."""
    understood = set(known)
    if kind == "subProcess" and element.get("triggeredByEvent") in {"true", "1"}:
        yield contents.EVENT_SUBPROCESS
    for part in element:
        marker = xml.kind(part)
        if marker is None or marker in _PLAIN or part in understood:
            continue
        if kind != "subProcess" or not (marker in _DESCRIPTION - _AROUND or _is_node(part, inside=True)):
            yield marker


def _multi(loop: xml.Element) -> str:
    """How each holder of the jabatan does the task, where the loop says no more than that; else "".

    It says so with the collection that `writer` writes, or without any: so modelers draw the plain marker.
    """
    attributes = dict(loop.attrib)
    said = {key: attributes.pop(key, allowed[0]) in allowed for key, allowed in _MULTI.items()}
    attributes.pop("id", None)
    sequential = attributes.pop("isSequential", "false") in {"true", "1"}
    if len(loop) or attributes or not all(said.values()):
        return ""
    return SEQUENTIAL if sequential else PARALLEL


def _edge(element: xml.Element) -> Edge:
    condition = "".join(xml.text(part) for part in xml.children(element, "bpmn:conditionExpression")).strip()
    return Edge(
        id=_id(element),
        source=element.get("sourceRef", ""),
        target=element.get("targetRef", ""),
        name=element.get("name", ""),
        condition=condition or None,
    )


def _properties(element: xml.Element) -> dict[str, str]:
    return {
        entry.get("name", ""): entry.get("value", "")
        for extension in xml.children(element, "bpmn:extensionElements")
        for group in xml.children(extension, "camunda:properties")
        for entry in xml.children(group, "camunda:property")
        if entry.get("name")
    }


def _pool(root: xml.Element, process: xml.Element) -> str:
    for participant in xml.descendants(root, "bpmn:participant"):
        if _local(participant.get("processRef", "")) == process.get("id"):
            return participant.get("name", "")
    return ""


# -- ids and references -----------------------------------------------------------------------------------------------


def _id(element: xml.Element) -> str:
    """The element's id; raises NotBpmn where it has none or one that XML does not allow."""
    found = element.get("id", "")
    if len(found) > MAX_ID or not _ID.fullmatch(found):
        raise NotBpmn(
            sentence(
                "Elemen %(tag)s pada baris %(line)s tidak memiliki id yang sah (“%(id)s”); "
                "ekspor ulang diagram dari aplikasi pembuatnya.",
                tag=xml.kind(element) or "",
                line=xml.line(element),
                id=found[:40],
            )
        )
    return found


def _check_ids(root: xml.Element) -> None:
    seen: set[str] = set()
    for element in root.iter():
        found = element.get("id")
        if found is None or xml.kind(element) is None:
            continue
        if found in seen:
            raise NotBpmn(
                sentence(
                    "Id “%(id)s” dipakai dua kali (baris %(line)s); beri setiap elemen id sendiri.",
                    id=found,
                    line=xml.line(element),
                )
            )
        seen.add(found)


def _check_references(root: xml.Element, process: xml.Element, nodes: Iterable[Node], edges: Iterable[Edge]) -> None:
    """Every reference leads somewhere: edges to nodes beside their source, defaults to edges out of their node."""
    scope = {node.id: node.parent for node in nodes}
    for edge in edges:
        for end in (edge.source, edge.target):
            _check(edge.id, end, end in scope and scope[end] == scope.get(edge.source))
    sources = {edge.id: edge.source for edge in edges}
    borders = {node.id for node in nodes if node.attached_to is not None}
    for node in nodes:
        host = node.attached_to
        _check(node.id, node.default, sources.get(node.default or "") == node.id)
        _check(node.id, host, host in scope and scope[host or ""] == node.parent and host not in borders)
    everything = {found for element in root.iter() if (found := element.get("id"))}
    for lane in _lane_elements(process):
        for member in _members(lane):
            _check(_id(lane), member, member in everything)
    for participant in xml.descendants(root, "bpmn:participant"):
        referred = _local(participant.get("processRef", "")) or None
        _check(_id(participant), referred, referred in everything)


def _check(element_id: str, reference: str | None, found: bool) -> None:
    if reference is not None and not found:
        raise NotBpmn(
            sentence(
                "Elemen “%(id)s” menunjuk ke “%(reference)s”, yang tidak ada di tempatnya; "
                "hapus atau sambungkan ulang elemen itu.",
                id=element_id,
                reference=reference[:80],
            )
        )


def _local(reference: str) -> str:
    """A reference without the prefix that some modelers put before it (`tns:Process_1`)."""
    return reference.rpartition(":")[2]
