"""A version's diagram, made ready to run once and shared by all its runs and threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

from SpiffWorkflow.bpmn.specs import BpmnProcessSpec

from bpmn import parser, waktu
from bpmn.choices import Choice, choices
from bpmn.flow import Flow, Node
from bpmn.sop import Waktu
from engine.spiff import specs
from engine.spiff.levels import Level, levels

CACHED = 512
"""Processes kept ready; the oldest goes first."""


@dataclass(frozen=True)
class Process:
    """A diagram with what the engine asks of it over and over: its specs, and what waits in its runs by id."""

    flow: Flow
    levels: Mapping[str, Level]
    specs: Mapping[str, BpmnProcessSpec]
    """Of the process under its own id, and of each embedded subprocess under that of its node."""
    tasks: Mapping[str, Node]
    events: Mapping[str, Node]
    """What waits for something other than a person: catch events, boundary events, call activities."""
    choices: Mapping[str, tuple[Choice, ...]]
    waktu: Mapping[str, Waktu | None]

    @property
    def spec(self) -> BpmnProcessSpec:
        """The spec of the process itself."""
        return self.specs[self.flow.process_id]


EVENTS = frozenset({"intermediateCatchEvent", "boundaryEvent", "callActivity"})

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
    """Build the specs of a flow. The flow must have passed `bpmn.lint`."""
    tasks = {node.id: node for node in flow.tasks()}
    written = levels(flow)
    return Process(
        flow=flow,
        levels=written,
        specs={level_id: specs.build(level) for level_id, level in written.items()},
        tasks=tasks,
        events={node.id: node for node in flow.nodes if node.kind in EVENTS},
        choices={task: choices(flow, task) for task in tasks},
        waktu={task: waktu.read(node.properties.get("waktu", "")) for task, node in tasks.items()},
    )
