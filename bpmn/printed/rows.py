"""A flow as the official form shows it: a row for each step, and arrows between the rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from bpmn.flow import TASKS, Edge, Flow, Node, row_text
from bpmn.order import in_order, returns

_OWN_ROW = TASKS | {"callActivity", "intermediateCatchEvent"}
"""The kinds of node that are steps of the form: what people do, and what is waited for."""


class Symbol(StrEnum):
    """The symbols of Permenpan RB 35/2012 beside arrow and off-page connector."""

    CAPSULE = "capsule"
    """The first step, or one after which the SOP ends."""
    BOX = "box"
    DIAMOND = "diamond"
    """A step that decides."""


@dataclass(frozen=True, slots=True)
class Row:
    """A step of the form. `columns` are the places of its lanes among the flow's, the one who leads first."""

    node_id: str
    no: str
    text: str
    columns: tuple[int, ...]
    symbol: Symbol
    starts: bool
    """The SOP starts here, which the symbol itself does not say."""
    ends: bool
    """The same of its end."""
    kelengkapan: str
    waktu: str
    output: str
    keterangan: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """Work goes from one row to another, by their places; `name` is the answer that leads there."""

    source: int
    target: int
    name: str
    is_return: bool


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows in order of work, and the arrows between them."""

    rows: tuple[Row, ...]
    arrows: tuple[Arrow, ...]


def rows(flow: Flow) -> Rows:
    """The rows and arrows of a flow."""
    nodes = {node.id: node for node in flow.nodes}
    steps = [node_id for node_id in in_order(flow) if nodes[node_id].kind in _OWN_ROW]
    walk = _Walk(flow)
    place = {node_id: index for index, node_id in enumerate(steps)}
    first = {reached.node for start in flow.nodes if _begins(start) for reached in walk.on_from(start.id)}
    made: list[Row] = []
    arrows: list[Arrow] = []
    known: set[str] = set()
    for index, node_id in enumerate(steps):
        ways = list(walk.on_from(node_id))
        row = _row(flow, nodes[node_id], str(index + 1), ways, starts=node_id in first)
        # Several approvals of one row of the document: each is told by its own name, the number stands once.
        made.append(replace(row, no="", text=nodes[node_id].name) if row.no in known else row)
        known.add(row.no)
        arrows += [Arrow(index, place[way.node], way.name, way.is_return) for way in ways if way.node]
    return Rows(tuple(made), tuple(dict.fromkeys(arrows)))


def _begins(node: Node) -> bool:
    return node.kind == "startEvent" and node.parent is None


@dataclass(frozen=True, slots=True)
class _Way:
    """Where work goes on: a step, or "" for the end."""

    node: str
    name: str
    is_return: bool
    decided: bool


class _Walk:
    """The ways from step to step, through all that has no row."""

    def __init__(self, flow: Flow) -> None:
        self._nodes = {node.id: node for node in flow.nodes}
        self._back = returns(flow)
        self._out: dict[str, list[Edge]] = {node.id: [] for node in flow.nodes}
        self._inside: dict[str, list[str]] = {}
        self._border: dict[str, list[Node]] = {}
        for edge in flow.edges:
            self._out[edge.source].append(edge)
        for node in flow.nodes:
            if node.kind == "startEvent" and node.parent:
                self._inside.setdefault(node.parent, []).append(node.id)
            if node.attached_to:
                self._border.setdefault(node.attached_to, []).append(node)

    def on_from(self, node_id: str) -> Iterator[_Way]:
        """Where work goes from a step, each way once for each answer."""
        waiting = list(self._next(_Way(node_id, "", is_return=False, decided=False)))
        for event in self._border.get(node_id, ()):
            waiting += self._next(_Way(event.id, event.name.strip(), is_return=False, decided=False))
        seen: set[_Way] = set()
        while waiting:
            way = waiting.pop(0)
            if way in seen:
                continue
            seen.add(way)
            if way.node and self._nodes[way.node].kind not in _OWN_ROW:
                waiting += self._next(way)
            else:
                yield way

    def _next(self, way: _Way) -> Iterator[_Way]:
        node = self._nodes[way.node]
        if node.kind == "subProcess" and node.id in self._inside:
            for start in self._inside[node.id]:
                yield _Way(start, way.name, way.is_return, way.decided)
            return
        edges = self._out[node.id]
        if node.kind == "endEvent" and node.parent:
            edges = self._out[node.parent]
        elif node.kind == "endEvent":
            yield _Way("", way.name, way.is_return, way.decided)
        decides = node.kind in {"exclusiveGateway", "inclusiveGateway"} and len(edges) > 1
        for edge in edges:
            name = ", ".join(part for part in (way.name, edge.name.strip()) if part) if decides else way.name
            yield _Way(edge.target, name, way.is_return or edge.id in self._back, way.decided or decides)


def _row(flow: Flow, node: Node, no: str, ways: list[_Way], *, starts: bool) -> Row:
    decides = len({way.node for way in ways if way.decided}) > 1
    ends = any(not way.node for way in ways)
    capsule = not decides and (starts or (ends and all(not way.node for way in ways)))
    return Row(
        node_id=node.id,
        no=node.properties.get("langkah", "") or no,
        text=row_text(node) or node.name,
        columns=_columns(flow, node),
        symbol=Symbol.DIAMOND if decides else Symbol.CAPSULE if capsule else Symbol.BOX,
        starts=starts and decides,
        ends=ends and not capsule,
        kelengkapan=node.properties.get("kelengkapan", "") or ", ".join(node.reads),
        waktu=node.properties.get("waktu", ""),
        output=node.properties.get("output", "") or ", ".join(node.writes),
        keterangan=node.properties.get("keterangan", ""),
    )


def _columns(flow: Flow, node: Node) -> tuple[int, ...]:
    """The lane of a step, and those that `pelaksana` names beside it."""
    names = {lane.name.casefold(): index for index, lane in enumerate(flow.lanes)}
    own = next((index for index, lane in enumerate(flow.lanes) if lane.id == node.lane), 0)
    others = (names.get(name.strip().casefold()) for name in node.properties.get("pelaksana", "").splitlines())
    return tuple(dict.fromkeys([own, *(column for column in others if column is not None)]))
