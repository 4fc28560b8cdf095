"""Which of its ways each edge takes: the cheapest, given those taken before.

Few bends and crossings; no corner shared by what leaves and what enters; returns below the boxes and forward jumps
above them. The weights were set by eye on the eleven SOPs of the library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bpmn.flow import Edge, Flow
from bpmn.layout.grid import Grid
from bpmn.layout.routes import Route, Side, Stretch, candidates, stretches

_BEND = 10
_CROSSING = 4
_UPRIGHT = 15
"""A box is left to the right and entered from the left."""
_RESERVED = 12
"""The upper and lower corners of a gateway are for its returns, if it has any."""
_TRACK = 40
_WRONG_SIDE = 8
_OTHER_LANE = 2
_SHARED_CORNER = 25
_TWO_WAY_CORNER = 200
_ON_TOP = 300


@dataclass(slots=True)
class _Taken:
    """What the edges routed so far take up."""

    horizontal: list[Stretch] = field(default_factory=list)
    vertical: list[Stretch] = field(default_factory=list)
    leaving: dict[tuple[str, Side], int] = field(default_factory=dict)
    entering: dict[tuple[str, Side], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Field:
    """What is known of the nodes. `pointed` are gateways and events: one point on each side, where a box has room."""

    grid: Grid
    gateways: frozenset[str]
    pointed: frozenset[str]
    returned_from: frozenset[str]


def choose(flow: Flow, grid: Grid) -> dict[str, Route]:
    """The route of every edge: forward edges first, then returns, short ones before long ones."""
    known = _Field(
        grid=grid,
        gateways=frozenset(node.id for node in flow.nodes if node.kind.endswith("Gateway")),
        pointed=frozenset(node.id for node in flow.nodes if node.kind.endswith(("Gateway", "Event"))),
        returned_from=frozenset(edge.source for edge in flow.edges if edge.id in grid.returns),
    )
    taken = _Taken()
    found: dict[str, Route] = {}

    def turn(edge: Edge) -> tuple[bool, int, int]:
        start, end = grid.column[edge.source], grid.column[edge.target]
        return edge.id in grid.returns, abs(end - start), start

    for edge in sorted(flow.edges, key=turn):
        found[edge.id] = _cheapest(edge, known, taken)
        _take(found[edge.id], grid, taken)
    return found


def _cheapest(edge: Edge, known: _Field, taken: _Taken) -> Route:
    priced = [(_price(route, known), index, route) for index, route in enumerate(candidates(edge, known.grid))]
    priced.sort(key=lambda entry: entry[:2])
    best, lowest = priced[0][2], None
    for price, _, route in priced:
        if lowest is not None and price >= lowest:
            break
        total = price + _conflicts(route, known, taken)
        if lowest is None or total < lowest:
            best, lowest = route, total
    return best


def _price(route: Route, known: _Field) -> int:
    """The cost of a way by itself."""
    if route.track is None:
        return _direct_price(route, known)
    edge, row = route.edge, known.grid.row
    returning = edge.id in known.grid.returns
    wrong_side = row[edge.source] == row[edge.target] and (route.track.side is Side.TOP) == returning
    same_point = edge.source == edge.target and route.exit == route.entry and edge.source in known.pointed
    return (
        _TRACK
        + _WRONG_SIDE * wrong_side
        + _OTHER_LANE * (route.track.row != row[edge.source])
        + (30 if returning else 12) * (route.out_gap is not None)
        + 14 * (route.in_gap is not None)
        + _ON_TOP * same_point
    )


def _direct_price(route: Route, known: _Field) -> int:
    edge = route.edge
    price = (
        2 * _BEND if route.out_gap is not None else _BEND * (known.grid.row[edge.source] != known.grid.row[edge.target])
    )
    if route.exit is not Side.RIGHT:
        price += _UPRIGHT * (edge.source not in known.gateways) + _RESERVED * (edge.source in known.returned_from)
    if route.entry is not Side.LEFT:
        price += _UPRIGHT * (edge.target not in known.gateways)
    if route.out_gap not in {None, known.grid.column[edge.source]}:
        price += 3
    return price


def _conflicts(route: Route, known: _Field, taken: _Taken) -> int:
    """What a way costs more because of the edges routed before it."""
    edge = route.edge
    cost = _corner((edge.source, route.exit), known, taken.leaving, taken.entering)
    cost += _corner((edge.target, route.entry), known, taken.entering, taken.leaving)
    horizontal, vertical = stretches(route, known.grid)
    for piece in horizontal:
        cost += _CROSSING * sum(_cross(piece, other) for other in taken.vertical)
        if piece.place % 4 == 1:
            cost += _ON_TOP * sum(_lie_on(piece, other) for other in taken.horizontal)
    for piece in vertical:
        cost += _CROSSING * sum(_cross(piece, other) for other in taken.horizontal)
        if piece.place % 2 == 0:
            cost += _ON_TOP * sum(_lie_on(piece, other) for other in taken.vertical)
    return cost


def _corner(
    end: tuple[str, Side],
    known: _Field,
    same: Mapping[tuple[str, Side], int],
    opposite: Mapping[tuple[str, Side], int],
) -> int:
    if end[0] in known.pointed:
        return _SHARED_CORNER * same.get(end, 0) + _TWO_WAY_CORNER * opposite.get(end, 0)
    return 3 * same.get(end, 0) + 5 * opposite.get(end, 0)


def _cross(one: Stretch, other: Stretch) -> bool:
    return other.low < one.place < other.high and one.low < other.place < one.high


def _lie_on(one: Stretch, other: Stretch) -> bool:
    unrelated = one.source != other.source and one.target != other.target
    return unrelated and one.place == other.place and one.low < other.high and other.low < one.high


def _take(route: Route, grid: Grid, taken: _Taken) -> None:
    horizontal, vertical = stretches(route, grid)
    taken.horizontal.extend(horizontal)
    taken.vertical.extend(vertical)
    leaves, enters = (route.edge.source, route.exit), (route.edge.target, route.entry)
    taken.leaving[leaves] = taken.leaving.get(leaves, 0) + 1
    taken.entering[enters] = taken.entering.get(enters, 0) + 1
