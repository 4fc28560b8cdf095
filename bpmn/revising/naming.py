"""Ids and variables of a revised flow: old ones for what is matched, and fresh ones that nothing ever had."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bpmn import expressions
from bpmn.flow import Edge, Flow
from bpmn.revising.matching import Match


class Names:
    """The id in the revised flow for each element of the new one; `given` holds those of its nodes."""

    def __init__(self, old: Flow, new: Flow, found: Match, used: Iterable[str]) -> None:
        self._taken = {old.process_id, *used}
        for elements in (old.lanes, old.nodes, old.edges):
            self._taken.update(element.id for element in elements)
        self._ids = dict(found)
        for new_id in (*(lane.id for lane in new.lanes), *(node.id for node in new.nodes)):
            if new_id not in self._ids:
                self._ids[new_id] = self._fresh(new_id)
        self.given = frozenset(self._ids[node.id] for node in new.nodes)
        self._edges = self._matched_edges(old, new)
        for edge in new.edges:
            if edge.id not in self._edges:
                self._edges[edge.id] = self._fresh(edge.id)
        self._variables = self._matched_variables(old, new)

    def of(self, new_id: str) -> str:
        """The id of a node or a lane."""
        return self._ids[new_id]

    def of_edge(self, new_id: str) -> str:
        """The id of an edge."""
        return self._edges[new_id]

    def renamed(self, condition: str | None) -> str | None:
        """A condition with the variables of the revised flow."""
        if condition is None:
            return None
        return re.sub(r"'[^']*'|\"[^\"]*\"|\b[^\W\d]\w*", lambda word: self._variables.get(word[0], word[0]), condition)

    def _fresh(self, wished: str) -> str:
        found, number = wished, 2
        while found in self._taken:
            found, number = (f"{wished}_baru" if number == 2 else f"{wished}_baru_{number - 1}"), number + 1
        self._taken.add(found)
        return found

    def _matched_edges(self, old: Flow, new: Flow) -> dict[str, str]:
        """Edges between the same nodes, then those that leave the same node for the same answer."""
        found: dict[str, str] = {}
        for same_target in (True, False):
            left = [edge for edge in old.edges if edge.id not in found.values()]
            for edge in new.edges:
                if edge.id in found:
                    continue
                wished = [
                    (_answer(one) == _answer(edge), one.id == edge.id, -place, one)
                    for place, one in enumerate(left)
                    if one.source == self._ids[edge.source]
                    and one.target in ({self._ids[edge.target]} if same_target else {one.target})
                ]
                if not wished:
                    continue
                answered, _, _, best = max(wished, key=lambda entry: entry[:3])
                if same_target or answered:
                    found[edge.id] = best.id
                    left.remove(best)
        return found

    def _matched_variables(self, old: Flow, new: Flow) -> dict[str, str]:
        """For each variable of the new conditions that of the old ones, or one that no condition ever had."""
        before = {edge.id: _variable(edge) for edge in old.edges}
        taken = {name for name in before.values() if name is not None}
        found: dict[str, str] = {}
        for edge in new.edges:
            variable, former = _variable(edge), before.get(self._edges[edge.id])
            if variable is not None and former is not None:
                found.setdefault(variable, former)
        for edge in new.edges:
            variable = _variable(edge)
            if variable is not None and variable not in found:
                fresh, number = variable, 2
                while fresh in taken:
                    fresh, number = f"{variable}_baru{number if number > 2 else ''}", number + 1
                found[variable] = fresh
                taken.add(fresh)
        return found


def _tested(edge: Edge) -> tuple[str, str] | None:
    try:
        return expressions.equality(expressions.compile_condition(edge.condition or ""))
    except expressions.ConditionRefused:
        return None


def _variable(edge: Edge) -> str | None:
    tested = _tested(edge)
    return tested[0] if tested else None


def _answer(edge: Edge) -> str | None:
    """What a person answers to take this edge; None for one without condition."""
    tested = _tested(edge)
    return tested[1] if tested else edge.condition
