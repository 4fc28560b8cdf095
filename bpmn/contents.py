"""What stands inside a node's element, read and written side by side: its event, the fields of its form, its documents.

What is not understood is left to the parser, which makes a marker of it, so that lint refuses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from bpmn import xml
from bpmn.flow import MESSAGE, SIGNAL, TERMINATE, TIMER, Event, Field, Flow, Node

DEFINITIONS = {
    "timerEventDefinition": TIMER,
    "messageEventDefinition": MESSAGE,
    "signalEventDefinition": SIGNAL,
    "terminateEventDefinition": TERMINATE,
}
"""The kind of event that an element inside an event stands for."""

TIMES = ("timeDate", "timeDuration", "timeCycle")
"""What a timer may say (`Event.form`)."""

EVENT_SUBPROCESS = "triggeredByEvent"
"""The marker of a subprocess that begins by itself when something happens."""

_WAITS = frozenset({TIMER, MESSAGE, SIGNAL})
_KINDS = {
    "startEvent": frozenset({TIMER}),
    "endEvent": frozenset({TERMINATE}),
    "intermediateCatchEvent": _WAITS,
    "boundaryEvent": _WAITS,
}
"""The kinds of event that each kind of node may have; any other stays a marker."""

_COMMENTS = frozenset({"documentation", "extensionElements"})
_PLACEHOLDER = "__targetRef_placeholder"
"""What bpmn-js calls the property of a task that a document is led into: the schema wants a target."""

Namer = Callable[[str], str]
"""Makes an id that nothing in the file has, like the one wished for."""


# -- events -----------------------------------------------------------------------------------------------------------


def names(root: xml.Element) -> dict[str, str]:
    """The name of every message and signal of a file, by its id."""
    found = (element for tag in ("bpmn:message", "bpmn:signal") for element in xml.children(root, tag))
    return {element.get("id", ""): plain(element.get("name", "")) for element in found}


def plain(name: str) -> str:
    """A name that things are known by, without line breaks and doubled spaces."""
    return " ".join(name.split())


def read_event(element: xml.Element, named: Mapping[str, str]) -> tuple[Event | None, list[xml.Element]]:
    """What an event waits for or does, and the elements that say so; none where it says more than one thing."""
    definitions = [part for part in element if (xml.kind(part) or "").endswith("EventDefinition")]
    if len(definitions) != 1:
        return None, []
    kind = DEFINITIONS.get(xml.kind(definitions[0]) or "")
    if kind not in _KINDS.get(xml.kind(element) or "", ()):
        return None, []
    event = _timer(definitions[0]) if kind == TIMER else _named(definitions[0], kind or "", named)
    return event, [] if event is None else definitions


def _timer(definition: xml.Element) -> Event:
    """The timer; without a text, which nobody can read, where it does not say one thing."""
    said = [part for part in definition if (kind := xml.kind(part)) is not None and kind not in _COMMENTS]
    form = xml.kind(said[0]) or "" if said else ""
    return Event(TIMER, xml.text(said[0]).strip(), form) if len(said) == 1 and form in TIMES else Event(TIMER)


def _named(definition: xml.Element, kind: str, named: Mapping[str, str]) -> Event | None:
    if any(xml.kind(part) not in {None, *_COMMENTS} for part in definition):
        return None
    reference = definition.get(f"{kind}Ref", "").rpartition(":")[2]
    return Event(kind, named.get(reference, ""))


def write_names(root: xml.Element, flow: Flow, fresh: Namer) -> dict[Event, str]:
    """Write the messages and signals of a flow; the id of each."""
    found: dict[Event, str] = {}
    prefixes = {MESSAGE: "pesan", SIGNAL: "sinyal"}
    for event in dict.fromkeys(node.event for node in flow.nodes):
        if event is not None and event.text and event.kind in prefixes:
            found[event] = fresh(f"{prefixes[event.kind]}_{len(found) + 1}")
            xml.child(root, f"bpmn:{event.kind}", id=found[event], name=event.text)
    return found


def write_event(element: xml.Element, event: Event, named: Mapping[Event, str]) -> None:
    """Write what an event waits for or does; `named` as `write_names` gives it."""
    tag = next(tag for tag, kind in DEFINITIONS.items() if kind == event.kind)
    if event.kind in {MESSAGE, SIGNAL}:
        xml.child(element, f"bpmn:{tag}", **{f"{event.kind}Ref": named.get(event)})
        return
    definition = xml.child(element, f"bpmn:{tag}")
    if event.form:
        time = xml.child(definition, f"bpmn:{event.form}", xsi__type="bpmn:tFormalExpression")
        time.text = xml.legal(event.text)


# -- forms ------------------------------------------------------------------------------------------------------------


def read_fields(element: xml.Element) -> tuple[Field, ...]:
    """The fields of the form that a task carries (`camunda:formData`)."""
    return tuple(
        Field(
            id=field.get("id", ""),
            label=field.get("label", ""),
            type=field.get("type", "string"),
            default=field.get("defaultValue", ""),
            required=any(_required(constraint) for constraint in xml.descendants(field, "camunda:constraint")),
            options=tuple((one.get("id", ""), one.get("name", "")) for one in xml.children(field, "camunda:value")),
        )
        for extension in xml.children(element, "bpmn:extensionElements")
        for form in xml.children(extension, "camunda:formData")
        for field in xml.children(form, "camunda:formField")
    )


def _required(constraint: xml.Element) -> bool:
    return constraint.get("name") == "required" and constraint.get("config", "true") != "false"


def write_fields(extension: xml.Element, fields: Iterable[Field]) -> None:
    """Write the form of a task into its `extensionElements`."""
    form = xml.child(extension, "camunda:formData")
    for field in fields:
        element = xml.child(
            form,
            "camunda:formField",
            id=field.id,
            label=field.label or None,
            type=field.type,
            defaultValue=field.default or None,
        )
        if field.required:
            xml.child(xml.child(element, "camunda:validation"), "camunda:constraint", name="required")
        for value, label in field.options:
            xml.child(element, "camunda:value", id=value, name=label)


# -- documents --------------------------------------------------------------------------------------------------------


class Documents:
    """The documents that a process draws, by the ids that associations lead to."""

    def __init__(self, process: xml.Element) -> None:
        objects = {one.get("id", ""): one.get("name", "") for one in xml.descendants(process, "bpmn:dataObject")}
        self._names = {key: plain(name) for key, name in objects.items()}
        for reference in xml.descendants(process, "bpmn:dataObjectReference"):
            name = reference.get("name") or objects.get(_local(reference.get("dataObjectRef", "")), "")
            self._names[reference.get("id", "")] = plain(name)
        self._stores = {one.get("id") for one in xml.descendants(process, "bpmn:dataStoreReference")}

    def read(self, task: xml.Element) -> tuple[tuple[str, ...], tuple[str, ...], list[xml.Element]]:
        """The names of what a task needs, of what it yields, and the elements that say so."""
        reads: dict[str, None] = {}
        writes: dict[str, None] = {}
        known = [*xml.children(task, "bpmn:property"), *xml.children(task, "bpmn:ioSpecification")]
        for tag, end, found in (("Input", "sourceRef", reads), ("Output", "targetRef", writes)):
            for association in xml.children(task, f"bpmn:data{tag}Association"):
                ends = [_local(xml.text(one).strip()) for one in xml.children(association, f"bpmn:{end}")]
                if (
                    ends
                    and self._only_leads(association)
                    and all(one in self._names or one in self._stores for one in ends)
                ):
                    known.append(association)
                    found.update(dict.fromkeys(self._names[one] for one in ends if one in self._names))
        return tuple(reads), tuple(writes), known

    @staticmethod
    def _only_leads(association: xml.Element) -> bool:
        """Whether it says from where to where and no more: neither transformation nor assignment."""
        return all(xml.kind(part) in {None, "sourceRef", "targetRef", *_COMMENTS} for part in association)


def _local(reference: str) -> str:
    return reference.rpartition(":")[2]


def write_documents(process: xml.Element, flow: Flow, fresh: Namer) -> dict[str, str]:
    """Write the documents that the tasks of a flow name; the id of each by its name."""
    found: dict[str, str] = {}
    for name in dict.fromkeys(name for node in flow.nodes for name in (*node.reads, *node.writes)):
        data = fresh(f"isi_dokumen_{len(found) + 1}")
        found[name] = fresh(f"dokumen_{len(found) + 1}")
        xml.child(process, "bpmn:dataObject", id=data)
        xml.child(process, "bpmn:dataObjectReference", id=found[name], name=name or None, dataObjectRef=data)
    return found


def write_associations(task: xml.Element, node: Node, documents: Mapping[str, str], fresh: Namer) -> None:
    """Write what a task needs and yields; `documents` as `write_documents` gives them."""
    if node.reads:
        target = fresh(f"masukan_{node.id}")
        xml.child(task, "bpmn:property", id=target, name=_PLACEHOLDER)
        for place, name in enumerate(node.reads, start=1):
            reading = xml.child(task, "bpmn:dataInputAssociation", id=fresh(f"membaca_{node.id}_{place}"))
            xml.child(reading, "bpmn:sourceRef").text = documents[name]
            xml.child(reading, "bpmn:targetRef").text = target
    for place, name in enumerate(node.writes, start=1):
        writing = xml.child(task, "bpmn:dataOutputAssociation", id=fresh(f"menulis_{node.id}_{place}"))
        xml.child(writing, "bpmn:targetRef").text = documents[name]
