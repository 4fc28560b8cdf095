"""What a modeler wrote and a flow does not carry, taken over into the file that is written anew.

Colours, annotations, groups, empty pools with their messages, attributes and extension elements of other programs,
where documents are drawn: kept as they are, beside what they belong to, while that is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy

from bpmn import xml

_ARTIFACTS = ("bpmn:textAnnotation", "bpmn:group", "bpmn:association")
_BESIDE = ("bpmn:participant", "bpmn:messageFlow", *_ARTIFACTS)
"""What stands beside the process in a collaboration."""

_OURS = frozenset({xml.name("camunda:properties"), xml.name("camunda:formData")})
"""The extension elements that a flow carries whole."""

_REFERENCES = ("sourceRef", "targetRef", "categoryValueRef", "processRef")
_DOCUMENTS = ("bpmn:dataObjectReference", "bpmn:dataStoreReference")


def graft(old: bytes, new: bytes) -> bytes:
    """The file `new` with what it lacks of `old`; both are diagrams of one process. Raises NotBpmn."""
    before, after = xml.read(old), xml.read(new)
    known = _by_id(after)
    _describe(before, known)
    added = [*_categories(before, after, known), *_collaboration(before, after, known), *_artifacts(before, known)]
    known.update((element.get("id", ""), element) for element in added)
    _draw(before, after, {element.get("id", "") for element in added}, _documents(before, after))
    return xml.written(after)


def _by_id(root: xml.Element) -> dict[str, xml.Element]:
    return {element.get("id", ""): element for element in root.iter() if xml.kind(element) and element.get("id")}


# -- attributes and extensions ----------------------------------------------------------------------------------------


def _describe(before: xml.Element, known: dict[str, xml.Element]) -> None:
    """Attributes with a namespace of their own, and extension elements, of what is in both files."""
    for element in before.iter():
        other = known.get(element.get("id", ""))
        if xml.kind(element) is None or other is None or other.tag != element.tag:
            continue
        _attributes(element, other)
        for extensions in xml.children(element, "bpmn:extensionElements"):
            there = _OURS.union(str(part.tag) for one in xml.children(other, "bpmn:extensionElements") for part in one)
            foreign = [part for part in extensions if part.tag not in there]
            if foreign:
                _extensions(other).extend(deepcopy(part) for part in foreign)


def _attributes(element: xml.Element, other: xml.Element) -> None:
    for key, value in element.attrib.items():
        if str(key).startswith("{") and key not in other.attrib:
            other.set(key, value)


def _extensions(element: xml.Element) -> xml.Element:
    """The extension elements of an element; they stand behind its documentation."""
    for found in xml.children(element, "bpmn:extensionElements"):
        return found
    made = xml.child(element, "bpmn:extensionElements")
    element.insert(len(list(xml.children(element, "bpmn:documentation"))), made)
    return made


# -- elements ---------------------------------------------------------------------------------------------------------


def _categories(before: xml.Element, after: xml.Element, known: dict[str, xml.Element]) -> Iterator[xml.Element]:
    """The names of groups. They stand in front of the drawing, as everything does."""
    for category in xml.children(before, "bpmn:category"):
        if category.get("id") not in known:
            made = deepcopy(category)
            after.insert(0, made)
            yield from (element for element in made.iter() if element.get("id"))


def _collaboration(before: xml.Element, after: xml.Element, known: dict[str, xml.Element]) -> Iterator[xml.Element]:
    """What stands beside the process: in the order that the schema gives, so each kind behind its like."""
    target = next(xml.children(after, "bpmn:collaboration"), None)
    ids = set(known) | {element.get("id", "") for element in xml.descendants(before, "bpmn:categoryValue")}
    for collaboration in xml.children(before, "bpmn:collaboration"):
        for tag in _BESIDE:
            for element in xml.children(collaboration, tag):
                pool = tag == "bpmn:participant"
                if target is None or element.get("id") in ids or (pool and element.get("processRef")):
                    continue
                if _holds(element, ids):
                    made = deepcopy(element)
                    target.insert(_behind(target, tag), made)
                    ids.add(made.get("id", ""))
                    yield made


def _behind(parent: xml.Element, tag: str) -> int:
    """The place behind the last child of a kind, or of one that comes before it."""
    wanted = {xml.name(one) for one in _BESIDE[: _BESIDE.index(tag) + 1]}
    return max((place + 1 for place, child in enumerate(parent) if child.tag in wanted), default=0)


def _artifacts(before: xml.Element, known: dict[str, xml.Element]) -> Iterator[xml.Element]:
    """Annotations, groups and their lines within a process or subprocess that is still there."""
    ids = set(known) | {element.get("id", "") for element in xml.descendants(before, "bpmn:categoryValue")}
    for tag in _ARTIFACTS:
        for element in xml.descendants(before, tag):
            parent = element.getparent()
            scope = known.get(parent.get("id", "")) if parent is not None else None
            if scope is None or xml.kind(scope) not in {"process", "subProcess"} or element.get("id") in ids:
                continue
            if _holds(element, ids):
                made = deepcopy(element)
                scope.append(made)
                ids.add(made.get("id", ""))
                yield made


def _holds(element: xml.Element, ids: Iterable[str]) -> bool:
    """Whether all that an element leads to is there."""
    return all(element.get(name, "") in ids for name in _REFERENCES if element.get(name))


# -- the drawing ------------------------------------------------------------------------------------------------------


def _documents(before: xml.Element, after: xml.Element) -> dict[str, str]:
    """For each document of the old file, and each line to one, the id in the new one: they are known by their names."""
    names = {e.get("name", ""): e.get("id", "") for tag in _DOCUMENTS for e in xml.descendants(after, tag)}
    old = {e.get("id", ""): e.get("name", "") for tag in _DOCUMENTS for e in xml.descendants(before, tag)}
    found = {was: names[name] for was, name in old.items() if name in names}
    lines = {_line(element): element.get("id", "") for element in _lines(after)}
    for element in _lines(before):
        kind, task, document = _line(element)
        if (now := lines.get((kind, task, found.get(document, "")))) is not None:
            found[element.get("id", "")] = now
    return {was: now for was, now in found.items() if was}


def _lines(root: xml.Element) -> Iterator[xml.Element]:
    yield from xml.descendants(root, "bpmn:dataInputAssociation")
    yield from xml.descendants(root, "bpmn:dataOutputAssociation")


def _line(element: xml.Element) -> tuple[str, str, str]:
    """What a line to a document is: its direction, its task, its document."""
    reads = xml.local_name(element) == "dataInputAssociation"
    end = next(xml.children(element, "bpmn:sourceRef" if reads else "bpmn:targetRef"), None)
    task = element.getparent()
    document = (xml.text(end).strip() if end is not None else "").rpartition(":")[2]
    return xml.local_name(element), task.get("id", "") if task is not None else "", document


def _draw(before: xml.Element, after: xml.Element, added: set[str], documents: dict[str, str]) -> None:
    """The looks of what is in both drawings, and the places of what was added."""
    plane = next(xml.descendants(after, "bpmndi:BPMNPlane"), None)
    if plane is None:
        return
    drawn = {element.get("bpmnElement", ""): element for element in plane}
    ids = {element.get("id", "") for element in after.iter() if element.get("id")}
    for shape in xml.descendants(before, "bpmndi:BPMNPlane"):
        for element in shape:
            about = element.get("bpmnElement", "")
            if about in drawn:
                _attributes(element, drawn[about])
            elif about in added or about in documents:
                made = deepcopy(element)
                made.set("bpmnElement", documents.get(about, about))
                while made.get("id", "") in ids:
                    made.set("id", made.get("id", "") + "_")
                ids.add(made.get("id", ""))
                plane.append(made)
