"""Flow -> BPMN 2.0 XML with its drawing; the same flow gives the same bytes.

Element names and their order are those of the OMG schema (formal/2011-01-03); properties are written as Camunda 7 and
Operaton read them. What lint refuses is written without its inside: such a diagram never comes from here. Nodes and
edges keep their order within their subprocess, and come back in the order that `parser` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bpmn import contents, xml
from bpmn.flow import HOLDER, HOLDERS, SEQUENTIAL, Edge, Event, Field, Flow, Node
from bpmn.layout import Bounds, Diagram

NAMESPACE = "urn:lajur:sop"

HISTORY = "P1825D"
"""Camunda 7.20 and later deploy no process that does not say how long its history is kept: five years."""


def write(flow: Flow, diagram: Diagram | None = None) -> bytes:
    """The flow as a BPMN file, indented UTF-8. Without `diagram` only what runs, without a drawing."""
    taken = {flow.process_id}
    taken.update(lane.id for lane in flow.lanes)
    taken.update(node.id for node in flow.nodes)
    taken.update(edge.id for edge in flow.edges)
    collaboration_id = _fresh(f"kolaborasi_{flow.process_id}", taken)
    pool_id = _fresh(f"kolam_{flow.process_id}", taken)
    root = xml.element(
        "bpmn:definitions",
        id=_fresh(f"definisi_{flow.process_id}", taken),
        targetNamespace=NAMESPACE,
        exporter="Lajur",
    )
    collaboration = xml.child(root, "bpmn:collaboration", id=collaboration_id)
    xml.child(collaboration, "bpmn:participant", id=pool_id, name=flow.pool or None, processRef=flow.process_id)
    lane_set_id = _fresh(f"lajur_{flow.process_id}", taken)
    named = contents.write_names(root, flow, lambda wished: _fresh(wished, taken))
    _process(root, flow, named, lane_set_id, taken)
    if diagram is not None:
        _drawing(root, flow, diagram, collaboration_id, pool_id, taken)
    return xml.written(root)


def _fresh(wished: str, taken: set[str]) -> str:
    """An id that is not taken yet, and is now."""
    while wished in taken:
        wished += "_"
    taken.add(wished)
    return wished


# -- what runs --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _File:
    """What is written: the flow, the ids of its messages, signals and documents, and all ids that are taken."""

    flow: Flow
    named: Mapping[Event, str]
    documents: Mapping[str, str]
    taken: set[str]


def _process(root: xml.Element, flow: Flow, named: Mapping[Event, str], lane_set_id: str, taken: set[str]) -> None:
    process = xml.child(
        root,
        "bpmn:process",
        id=flow.process_id,
        name=flow.name or None,
        isExecutable="true",
        camunda__historyTimeToLive=HISTORY,
    )
    _describe(process, "", flow.properties)
    if flow.lanes:
        _lanes(process, flow, lane_set_id)
    documents = contents.write_documents(process, flow, lambda wished: _fresh(wished, taken))
    _inside(process, None, _File(flow, named, documents, taken))


def _lanes(process: xml.Element, flow: Flow, lane_set_id: str) -> None:
    """The lanes with their nodes; what lies in a subprocess is in its lane without being named."""
    lane_set = xml.child(process, "bpmn:laneSet", id=lane_set_id)
    lane_of = {node.id: node.lane for node in flow.nodes}
    for lane in flow.lanes:
        element = xml.child(lane_set, "bpmn:lane", id=lane.id, name=lane.name or None)
        for node in flow.nodes:
            if node.lane == lane.id and (node.parent is None or lane_of[node.parent] != lane.id):
                xml.child(element, "bpmn:flowNodeRef").text = node.id


def _inside(scope: xml.Element, parent: str | None, file: _File) -> None:
    """The nodes and edges of a process or a subprocess."""
    inner = {node.id for node in file.flow.nodes if node.parent == parent}
    for node in file.flow.nodes:
        if node.id in inner:
            _node(scope, node, file)
    for edge in file.flow.edges:
        if edge.source in inner:
            _edge(scope, edge)


def _describe(
    element: xml.Element, documentation: str, properties: Mapping[str, str], fields: Iterable[Field] = ()
) -> None:
    if documentation:
        xml.child(element, "bpmn:documentation").text = xml.legal(documentation)
    if properties or fields:
        extension = xml.child(element, "bpmn:extensionElements")
        if fields:
            contents.write_fields(extension, fields)
        if properties:
            group = xml.child(extension, "camunda:properties")
            for key, value in properties.items():
                xml.child(group, "camunda:property", name=key, value=value)


def _node(scope: xml.Element, node: Node, file: _File) -> None:
    element = xml.child(
        scope,
        f"bpmn:{node.kind}",
        id=node.id,
        name=node.name or None,
        default=node.default,
        attachedToRef=node.attached_to,
        cancelActivity=None if node.interrupting else "false",
        calledElement=node.calls or None,
        triggeredByEvent="true" if contents.EVENT_SUBPROCESS in node.markers else None,
    )
    _describe(element, node.documentation, node.properties, node.fields)
    for edge in file.flow.incoming(node.id):
        xml.child(element, "bpmn:incoming").text = edge.id
    for edge in file.flow.outgoing(node.id):
        xml.child(element, "bpmn:outgoing").text = edge.id
    contents.write_associations(element, node, file.documents, lambda wished: _fresh(wished, file.taken))
    for marker in node.markers:
        if marker != contents.EVENT_SUBPROCESS:
            # Without its inside a loop must not become the one that is run.
            behavior = "Complex" if marker == "multiInstanceLoopCharacteristics" else None
            xml.child(element, f"bpmn:{marker}", behavior=behavior)
    if node.multi:
        xml.child(
            element,
            "bpmn:multiInstanceLoopCharacteristics",
            isSequential="true" if node.multi == SEQUENTIAL else "false",
            camunda__collection=HOLDERS,
            camunda__elementVariable=HOLDER,
        )
    if node.event is not None:
        contents.write_event(element, node.event, file.named)
    if node.kind == "subProcess":
        _inside(element, node.id, file)


def _edge(process: xml.Element, edge: Edge) -> None:
    element = xml.child(
        process, "bpmn:sequenceFlow", id=edge.id, name=edge.name or None, sourceRef=edge.source, targetRef=edge.target
    )
    if edge.condition:
        expression = xml.child(element, "bpmn:conditionExpression", xsi__type="bpmn:tFormalExpression")
        expression.text = xml.legal(edge.condition)


# -- how it is drawn --------------------------------------------------------------------------------------------------


def _drawing(
    root: xml.Element, flow: Flow, diagram: Diagram, collaboration_id: str, pool_id: str, taken: set[str]
) -> None:
    drawing = xml.child(root, "bpmndi:BPMNDiagram", id=_fresh(f"gambar_{flow.process_id}", taken))
    plane = xml.child(
        drawing,
        "bpmndi:BPMNPlane",
        id=_fresh(f"bidang_{flow.process_id}", taken),
        bpmnElement=collaboration_id,
    )
    _shape(plane, pool_id, diagram.pool, None, taken, isHorizontal="true")
    for lane in flow.lanes:
        _shape(plane, lane.id, diagram.lanes[lane.id], None, taken, isHorizontal="true")
    for node in flow.nodes:
        marked = "true" if node.kind == "exclusiveGateway" else None
        open_ = "true" if node.kind == "subProcess" else None
        label = diagram.labels.get(node.id)
        _shape(plane, node.id, diagram.nodes[node.id], label, taken, isMarkerVisible=marked, isExpanded=open_)
    for edge in flow.edges:
        line = xml.child(plane, "bpmndi:BPMNEdge", id=_fresh(f"{edge.id}_di", taken), bpmnElement=edge.id)
        for x, y in diagram.waypoints[edge.id]:
            xml.child(line, "di:waypoint", x=str(x), y=str(y))
        _label(line, diagram.labels.get(edge.id))


def _shape(
    plane: xml.Element, element_id: str, bounds: Bounds, label: Bounds | None, taken: set[str], **looks: str | None
) -> None:
    shape = xml.child(plane, "bpmndi:BPMNShape", id=_fresh(f"{element_id}_di", taken), bpmnElement=element_id, **looks)
    _bounds(shape, bounds)
    _label(shape, label)


def _label(element: xml.Element, label: Bounds | None) -> None:
    if label is not None:
        _bounds(xml.child(element, "bpmndi:BPMNLabel"), label)


def _bounds(element: xml.Element, bounds: Bounds) -> None:
    xml.child(
        element,
        "dc:Bounds",
        x=str(bounds.x),
        y=str(bounds.y),
        width=str(bounds.width),
        height=str(bounds.height),
    )
