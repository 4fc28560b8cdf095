"""Flow -> grid: a row for each lane, and for each node a column to the right of all that lead to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bpmn import graph
from bpmn.flow import Flow
from bpmn.order import in_order, onward, returns


@dataclass(frozen=True, slots=True)
class Grid:
    """Row and column of each node, counted from 0; no two nodes share a cell. The gap after column c is gap c."""

    row: Mapping[str, int]
    column: Mapping[str, int]
    rows: int
    columns: int
    returns: frozenset[str]
    cells: frozenset[tuple[int, int]]
    """Taken cells, as (column, row)."""
    host: Mapping[str, str]
    """For each event on the border of a task that task, whose cell it shares."""

    def row_is_free(self, row: int, start: int, end: int) -> bool:
        """Whether no node stands in `row` between the columns `start` and `end`, both left out."""
        return not any((column, row) in self.cells for column in range(start + 1, end))

    def column_is_free(self, column: int, start: int, end: int) -> bool:
        """Whether no node stands in `column` between the rows `start` and `end`, both left out."""
        low, high = min(start, end), max(start, end)
        return not any((column, row) in self.cells for row in range(low + 1, high))


def arrange(flow: Flow) -> Grid:
    """Place every node. Nodes without a lane get a row of their own below the lanes."""
    row_of_lane = {lane.id: index for index, lane in enumerate(flow.lanes)}
    below = len(flow.lanes)
    row = {node.id: row_of_lane.get(node.lane or "", below) for node in flow.nodes}
    sources = graph.reversed_graph(onward(flow))
    column: dict[str, int] = {}
    cells: set[tuple[int, int]] = set()
    host = hosts(flow)
    row.update({event: row[task] for event, task in host.items()})
    for node_id in in_order(flow):
        if node_id in host:
            column[node_id] = column[host[node_id]]
            continue
        place = max((column[source] + 1 for source in sources[node_id]), default=0)
        while (place, row[node_id]) in cells:
            place += 1
        column[node_id] = place
        cells.add((place, row[node_id]))
    return Grid(
        row=row,
        column=column,
        rows=max([below, *(index + 1 for index in row.values())]) or 1,
        columns=max(column.values(), default=0) + 1,
        returns=returns(flow),
        cells=frozenset(cells),
        host=host,
    )


def hosts(flow: Flow) -> dict[str, str]:
    """For each event on the border of a task that task; nothing leads to such an event but work at the task."""
    led_to = {edge.target for edge in flow.edges}
    attached = {node.id: node.attached_to for node in flow.nodes if node.attached_to is not None}
    return {event: task for event, task in attached.items() if task not in attached and event not in led_to}
