"""Which element of a new flow is which of an old one: steps by text and order, the rest by what is beside it.

Numbers do not count: they shift with every row that is inserted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from functools import lru_cache

from bpmn.flow import TASKS, Flow, Node
from bpmn.order import in_order

Score = tuple[int, bool]

ENOUGH = 0.5
"""Share of words two texts must have in common to be one step in the same place of the order."""

_MOVED = 0.9
"""The same for a step that has moved to another place."""

_SAME_LANE = 0.1
_SAME_ID = 0.01

Match = Mapping[str, str]
"""The id of the old element for that of the new one."""


def match(old: Flow, new: Flow) -> Match:
    """The nodes and lanes of `new` that are in `old`; no old one is matched twice."""
    lanes = _lanes(old, new)
    steps = _steps(old, new, lanes)
    return {**lanes, **steps, **_between(old, new, steps)}


# -- steps ------------------------------------------------------------------------------------------------------------


def _steps(old: Flow, new: Flow, lanes: Match) -> dict[str, str]:
    before, after = _tasks(old), _tasks(new)
    alike = [[_alike(one, other, lanes) for other in after] for one in before]
    found: dict[str, str] = {}
    for place, onto in _aligned(alike):
        found[after[onto].id] = before[place].id
    rest = [
        (-alike[place][onto], place, onto)
        for place, one in enumerate(before)
        for onto, other in enumerate(after)
        if one.id not in found.values() and other.id not in found and alike[place][onto] >= _MOVED
    ]
    for _, place, onto in sorted(rest):
        if before[place].id not in found.values() and after[onto].id not in found:
            found[after[onto].id] = before[place].id
    return found


def _tasks(flow: Flow) -> list[Node]:
    tasks = {node.id: node for node in flow.tasks()}
    return [tasks[found] for found in in_order(flow) if found in tasks]


def _alike(old: Node, new: Node, lanes: Match) -> float:
    """How much two steps have in common: words, then lane, then id; below ENOUGH where the words are others."""
    words = _common(old.documentation or old.name, new.documentation or new.name)
    if words < ENOUGH:
        return 0.0
    return words + _SAME_LANE * (lanes.get(new.lane or "") == old.lane) + _SAME_ID * (old.id == new.id)


def _common(one: str, other: str) -> float:
    """Share of words in common (Dice, "Measures of the Amount of Ecologic Association Between Species", 1945)."""
    if one == other:
        return 1.0
    first, second = _words(one), _words(other)
    total = first.total() + second.total()
    return 2 * (first & second).total() / total if total else 0.0


@lru_cache(maxsize=1024)
def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))


def _aligned(alike: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """The pairs, in order on both sides, that have the most in common together (Needleman and Wunsch, 1970)."""
    rows, columns = len(alike), len(alike[0]) if alike else 0
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for row in range(rows - 1, -1, -1):
        for column in range(columns - 1, -1, -1):
            pair = alike[row][column]
            together = best[row + 1][column + 1] + pair if pair >= ENOUGH else 0.0
            best[row][column] = max(best[row + 1][column], best[row][column + 1], together)
    pairs: list[tuple[int, int]] = []
    row = column = 0
    while row < rows and column < columns:
        pair = alike[row][column]
        if pair >= ENOUGH and best[row][column] == best[row + 1][column + 1] + pair:
            pairs.append((row, column))
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            row += 1
        else:
            column += 1
    return pairs


# -- gateways and events ----------------------------------------------------------------------------------------------


def _between(old: Flow, new: Flow, steps: Match) -> dict[str, str]:
    """The other nodes: each is the old one of its kind with the most neighbours in common, what leads to it first.

    A decision belongs to the step it follows: behind a new step it is new.
    """
    found = dict(steps)
    old_sides, new_sides = _neighbours(old), _neighbours(new)
    tasks = {node.id for node in new.tasks()}
    left = [
        node for node in new.nodes if node.id not in tasks and not _decides_new(node, new_sides, tasks - found.keys())
    ]
    free = [node for node in old.nodes if node.kind not in TASKS and node.parent is None]
    while left and free:
        sides = {node.id: {(side, found.get(other)) for side, other in new_sides[node.id]} for node in left}
        (common, *_), node, other = max(
            (
                (_in_common(node, other, sides[node.id], old_sides[other.id]), node, other)
                for node in left
                for other in free
            ),
            key=lambda pair: pair[0],
        )
        if not common:
            break
        found[node.id] = other.id
        left.remove(node)
        free.remove(other)
    return {new_id: old_id for new_id, old_id in found.items() if new_id not in steps}


def _in_common(node: Node, other: Node, sides: Set[tuple[str, str | None]], others: Set[tuple[str, str]]) -> Score:
    """How much two nodes have in common; the first number is 0 where they are not to be matched."""
    if node.kind != other.kind:
        return 0, False
    shared = sum(2 if side == "from" else 1 for side, _ in sides & others)
    only_one = node.kind in {"startEvent", "endEvent"}
    return 2 * shared + only_one, node.id == other.id


def _decides_new(node: Node, sides: Mapping[str, set[tuple[str, str]]], fresh: Set[str]) -> bool:
    before = [other for side, other in sides[node.id] if side == "from"]
    return node.kind == "exclusiveGateway" and bool(before) and all(other in fresh for other in before)


def _neighbours(flow: Flow) -> dict[str, set[tuple[str, str]]]:
    """For each node what leads to it (`from`) and what it leads to (`to`)."""
    sides: dict[str, set[tuple[str, str]]] = {node.id: set() for node in flow.nodes}
    for edge in flow.edges:
        sides[edge.target].add(("from", edge.source))
        sides[edge.source].add(("to", edge.target))
    return sides


# -- lanes ------------------------------------------------------------------------------------------------------------


def _lanes(old: Flow, new: Flow) -> dict[str, str]:
    """Lanes by name, and a renamed one by its place between lanes that kept theirs."""
    found: dict[str, str] = {}
    for lane in new.lanes:
        same = [one.id for one in old.lanes if _plain(one.name) == _plain(lane.name) and one.id not in found.values()]
        if same:
            found[lane.id] = lane.id if lane.id in same else same[0]
    if len(old.lanes) == len(new.lanes):
        for one, other in zip(old.lanes, new.lanes, strict=True):
            if other.id not in found and one.id not in found.values():
                found[other.id] = one.id
    return found


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
