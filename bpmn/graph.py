"""Order in a directed graph that may have loops: what comes before what, and what can be reached."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

Vertex = TypeVar("Vertex", bound=Hashable)
Successors = Mapping[Vertex, Sequence[Vertex]]
"""Every vertex with those its edges lead to; each of those is a key too."""


def reversed_graph(successors: Successors[Vertex]) -> dict[Vertex, list[Vertex]]:
    """The same vertices with every edge turned round."""
    turned: dict[Vertex, list[Vertex]] = {vertex: [] for vertex in successors}
    for vertex, targets in successors.items():
        for target in targets:
            turned[target].append(vertex)
    return turned


def reachable(successors: Successors[Vertex], sources: Iterable[Vertex]) -> set[Vertex]:
    """`sources` and everything a path leads to from them."""
    seen = set(sources)
    waiting = list(seen)
    while waiting:
        for target in successors[waiting.pop()]:
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen


def postorder(successors: Successors[Vertex], sources: Iterable[Vertex]) -> list[Vertex]:
    """Everything reachable from `sources`, each vertex after what a depth-first walk finds below it."""
    seen: set[Vertex] = set()
    done: list[Vertex] = []
    for source in sources:
        if source in seen:
            continue
        seen.add(source)
        stack = [(source, iter(successors[source]))]
        while stack:
            vertex, targets = stack[-1]
            target = next((target for target in targets if target not in seen), None)
            if target is None:
                done.append(vertex)
                stack.pop()
            else:
                seen.add(target)
                stack.append((target, iter(successors[target])))
    return done


def components(successors: Successors[Vertex]) -> dict[Vertex, int]:
    """The number of each vertex's strongly connected component: two share one iff a cycle goes through both.

    Kosaraju's algorithm; the numbers follow a topological order of the components.
    """
    turned = reversed_graph(successors)
    number: dict[Vertex, int] = {}
    count = 0
    for root in reversed(postorder(successors, successors)):
        if root in number:
            continue
        number[root] = count
        waiting = [root]
        while waiting:
            for source in turned[waiting.pop()]:
                if source not in number:
                    number[source] = count
                    waiting.append(source)
        count += 1
    return number


def on_cycles(successors: Successors[Vertex]) -> set[Vertex]:
    """The vertices some cycle goes through."""
    number = components(successors)
    size: dict[int, int] = {}
    for component in number.values():
        size[component] = size.get(component, 0) + 1
    return {vertex for vertex, targets in successors.items() if size[number[vertex]] > 1 or vertex in targets}


def dominators(successors: Successors[Vertex], root: Vertex) -> dict[Vertex, Vertex]:
    """The immediate dominator of everything reachable from `root`; the root is its own.

    Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm" (2001).
    """
    order = list(reversed(postorder(successors, [root])))
    place = {vertex: index for index, vertex in enumerate(order)}
    sources = reversed_graph(successors)
    above: dict[Vertex, Vertex] = {root: root}
    changed = True
    while changed:
        changed = False
        for vertex in order[1:]:
            found = None
            for source in sources[vertex]:
                if source in above:
                    found = source if found is None else _meet(above, place, found, source)
            if found is not None and above.get(vertex) != found:
                above[vertex] = found
                changed = True
    return above


def _meet(above: Mapping[Vertex, Vertex], place: Mapping[Vertex, int], one: Vertex, other: Vertex) -> Vertex:
    while one != other:
        if place[one] > place[other]:
            one = above[one]
        else:
            other = above[other]
    return one


def dominates(above: Mapping[Vertex, Vertex], upper: Vertex, lower: Vertex) -> bool:
    """Whether every path from the root to `lower` goes through `upper`; a vertex dominates itself."""
    while lower != upper:
        if above[lower] == lower:
            return False
        lower = above[lower]
    return True


def in_order(successors: Successors[Vertex], root: Vertex, rank: Callable[[Vertex], Any]) -> list[Vertex]:
    """All vertices reachable from `root`, each after its sources, but for the edges that close a loop.

    Which edge closes a loop: the one whose target dominates its source. In a loop with several entrances, where no
    vertex dominates the others, the loop begins at the entrance of the lowest `rank`. `rank` also settles ties.
    """
    above = dominators(successors, root)
    inner = {
        vertex: [target for target in successors[vertex] if not dominates(above, target, vertex)] for vertex in above
    }
    missing = {vertex: len(sources) for vertex, sources in reversed_graph(inner).items()}
    ready = [(rank(vertex), vertex) for vertex, count in missing.items() if count == 0]
    heapq.heapify(ready)
    order: list[Vertex] = []
    while missing:
        if not ready:
            ready = [min((rank(vertex), vertex) for vertex in _entrances(inner, missing, set(order)))]
        _, vertex = heapq.heappop(ready)
        order.append(vertex)
        del missing[vertex]
        for target in inner[vertex]:
            if target in missing:
                missing[target] -= 1
                if missing[target] == 0:
                    heapq.heappush(ready, (rank(target), target))
    return order


def _entrances(inner: Successors[Vertex], missing: Mapping[Vertex, int], placed: set[Vertex]) -> list[Vertex]:
    """Where work enters the first of the loops that are left."""
    left = {vertex: [target for target in inner[vertex] if target in missing] for vertex in missing}
    number = components(left)
    first = min(number.values())
    entered = {target for vertex in placed for target in inner[vertex]}
    loop = [vertex for vertex in missing if number[vertex] == first]
    return [vertex for vertex in loop if vertex in entered] or loop
