"""A version's diagram, made ready to run once and shared by all its runs and threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.specs import BpmnProcessSpec

from bpmn import flow as flows
from bpmn import parser, waktu
from bpmn.flow import Choice, Flow, Node
from bpmn.sop import Waktu

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"

CACHED = 512
"""Processes kept ready; the oldest goes first."""


@dataclass(frozen=True)
class Process:
    """A diagram with what the engine asks of it over and over: its spec, and the tasks by id."""

    flow: Flow
    spec: BpmnProcessSpec
    tasks: Mapping[str, Node]
    choices: Mapping[str, tuple[Choice, ...]]
    waktu: Mapping[str, Waktu | None]


_cache: dict[str, Process] = {}
_lock = Lock()


def process(sha256: str, xml: Callable[[], bytes]) -> Process:
    """The process of the diagram with this hash; `xml` is asked for its bytes only the first time.

    Raises the `Refusal`s of `bpmn.parser.parse`.
    """
    with _lock:
        known = _cache.get(sha256)
    if known is None:
        known = prepare(parser.parse(xml()))
        with _lock:
            _cache[sha256] = known
            while len(_cache) > CACHED:
                del _cache[next(iter(_cache))]
    return known


def prepare(flow: Flow) -> Process:
    """Build the spec of a flow. The flow must have passed `bpmn.lint`."""
    tasks = {node.id: node for node in flow.tasks()}
    return Process(
        flow=flow,
        spec=_spec(flow),
        tasks=tasks,
        choices={task: flows.choices(flow, task) for task in tasks},
        waktu={task: waktu.read(node.properties.get("waktu", "")) for task, node in tasks.items()},
    )


def _spec(flow: Flow) -> BpmnProcessSpec:
    """Let SpiffWorkflow parse a bare process of ours: it never sees an element or attribute that we did not read.

    Its own parser can hang or run code on what a foreign file may hold beside the flow.
    """
    parsing = BpmnParser()
    parsing.add_bpmn_xml(_bare(flow))
    return parsing.get_spec(flow.process_id)


def _bare(flow: Flow) -> etree._Element:
    def element(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
        return etree.SubElement(parent, f"{{{BPMN}}}{name}", attributes)

    root = etree.Element(f"{{{BPMN}}}definitions", nsmap={"bpmn": BPMN})
    process = element(root, "process", id=flow.process_id, isExecutable="true")
    for node in flow.nodes:
        default = {"default": node.default} if node.default else {}
        written = element(process, node.kind, id=node.id, **default)
        for edge in flow.edges:
            if edge.target == node.id:
                element(written, "incoming").text = edge.id
            if edge.source == node.id:
                element(written, "outgoing").text = edge.id
    for edge in flow.edges:
        written = element(process, "sequenceFlow", id=edge.id, sourceRef=edge.source, targetRef=edge.target)
        if edge.condition is not None:
            element(written, "conditionExpression").text = edge.condition
    return root
