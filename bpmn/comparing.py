"""What is different between two versions of a diagram, element by element. In words it is told by `describing`.

Ids tell what is the same: they never change once given. A step has *moved* where another jabatan performs it, or where
its place in the order of work is another one. The latter is said of the fewest steps that have to be taken out so that
all others stand in the same order in both versions: whoever inserts a step moves none of those behind it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from bpmn.flow import Edge, Flow, Lane, Node, row_text
from bpmn.order import in_order
from bpmn.revising.matching import match

PROPERTY = "properties."
"""Begins the field of a change of a `camunda:property`: `properties.waktu`."""


@dataclass(frozen=True, slots=True)
class Change:
    """A field that is different, with its value in the old version and in the new one; None where there was none."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Moved:
    """A step that has moved: `lane` the names of its lanes, `behind` the ids of the steps before it in order of work.

    Each is a pair of old and new, or None where that is not what moved it. A step at the beginning is behind None.
    """

    lane: tuple[str, str] | None
    behind: tuple[str | None, str | None] | None


@dataclass(frozen=True, slots=True)
class Difference:
    """All that is different; everything by id. Elements of the old version stand in its order, others in the new one's.

    `nodes` and `edges` are those in both with something changed, `lanes` those whose name did, `whole` is what changed
    about the process itself: its names and the identity block of the SOP.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    nodes: Mapping[str, tuple[Change, ...]]
    moved: Mapping[str, Moved]
    edges_added: tuple[str, ...]
    edges_removed: tuple[str, ...]
    edges: Mapping[str, tuple[Change, ...]]
    lanes_added: tuple[str, ...]
    lanes_removed: tuple[str, ...]
    lanes: Mapping[str, tuple[str, str]]
    whole: tuple[Change, ...]
    likely: Mapping[str, str]
    """For a removed step the added one that surely is the same under a new id: a guess to offer, not a fact."""

    def __bool__(self) -> bool:
        """Whether anything is different."""
        return any(getattr(self, part.name) for part in dataclasses.fields(self))


def compare(old: Flow, new: Flow) -> Difference:
    """What makes `new` of `old`. `compare(new, old)` is the same with sides exchanged, but for `likely`."""
    before, after = {node.id: node for node in old.nodes}, {node.id: node for node in new.nodes}
    ways_before, ways_after = {edge.id: edge for edge in old.edges}, {edge.id: edge for edge in new.edges}
    lanes_before, lanes_after = {lane.id: lane for lane in old.lanes}, {lane.id: lane for lane in new.lanes}
    common = [node for node in before if node in after]
    where = {node: (_lane(old, before[node]), _lane(new, after[node])) for node in common}
    added = tuple(node for node in in_order(new) if node not in before)
    removed = tuple(node for node in in_order(old) if node not in after)
    return Difference(
        added=added,
        removed=removed,
        nodes=_changed({node: _node_changes(before[node], after[node], where[node]) for node in common}),
        moved=MappingProxyType(_moved(old, new, where)),
        edges_added=tuple(edge for edge in ways_after if edge not in ways_before),
        edges_removed=tuple(edge for edge in ways_before if edge not in ways_after),
        edges=_changed(
            {way: _edge_changes(ways_before[way], ways_after[way]) for way in ways_before.keys() & ways_after}
        ),
        lanes_added=tuple(lane for lane in lanes_after if lane not in lanes_before),
        lanes_removed=tuple(lane for lane in lanes_before if lane not in lanes_after),
        lanes=_renamed(lanes_before, lanes_after),
        whole=_whole_changes(old, new),
        likely=MappingProxyType(_likely(old, new, set(removed), set(added))),
    )


def _changed(found: Mapping[str, tuple[Change, ...]]) -> Mapping[str, tuple[Change, ...]]:
    return MappingProxyType({element: changes for element, changes in sorted(found.items()) if changes})


def _renamed(before: Mapping[str, Lane], after: Mapping[str, Lane]) -> Mapping[str, tuple[str, str]]:
    both = {lane: (before[lane].name, after[lane].name) for lane in before if lane in after}
    return MappingProxyType({lane: names for lane, names in both.items() if names[0] != names[1]})


# -- fields -----------------------------------------------------------------------------------------------------------


def _fields(old: object, new: object, names: Iterable[str]) -> Iterator[Change]:
    for name in names:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Change(name, before, after)


def _entries(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            yield Change(PROPERTY + key, old.get(key), new.get(key))


def _node_changes(old: Node, new: Node, where: tuple[str, str]) -> tuple[Change, ...]:
    plain = [field.name for field in dataclasses.fields(Node) if field.name not in {"id", "lane", "properties"}]
    lane = [Change("lane", *where)] if where[0] != where[1] else []
    return (*_fields(old, new, plain), *lane, *_entries(old.properties, new.properties))


def _edge_changes(old: Edge, new: Edge) -> tuple[Change, ...]:
    return tuple(_fields(old, new, ("source", "target", "name", "condition")))


def _whole_changes(old: Flow, new: Flow) -> tuple[Change, ...]:
    return (*_fields(old, new, ("process_id", "name", "pool")), *_entries(old.properties, new.properties))


def _lane(flow: Flow, node: Node) -> str:
    """The name of a node's lane: a jabatan is known by it, whatever the id."""
    return next((lane.name for lane in flow.lanes if lane.id == node.lane), "")


# -- what has moved ---------------------------------------------------------------------------------------------------


def _moved(old: Flow, new: Flow, where: Mapping[str, tuple[str, str]]) -> dict[str, Moved]:
    """The steps that have moved. A lane that only has another name moves none of its steps."""
    renamed = _new_names(old, new)
    before, after = _steps(old), _steps(new)
    first, second = [step for step in before if step in after], [step for step in after if step in before]
    kept = _kept_in_order(first, second)
    found: dict[str, Moved] = {}
    for step in first:
        was, is_now = where[step]
        lane = (was, is_now) if renamed.get(was, was) != is_now else None
        behind = None if step in kept else (_behind(first, step), _behind(second, step))
        if lane or behind:
            found[step] = Moved(lane, behind)
    return found


def _new_names(old: Flow, new: Flow) -> dict[str, str]:
    """For the name of each lane that was renamed, and not exchanged with another, its new name."""
    before, after = {lane.name for lane in old.lanes}, {lane.name for lane in new.lanes}
    names = {lane.id: lane.name for lane in new.lanes}
    found: dict[str, str] = {}
    for lane in old.lanes:
        name = names.get(lane.id)
        if name is not None and lane.name not in after and name not in before and name not in found.values():
            found.setdefault(lane.name, name)
    return found


def _steps(flow: Flow) -> list[str]:
    tasks = {node.id for node in flow.tasks()}
    return [node for node in in_order(flow) if node in tasks]


def _behind(order: Sequence[str], step: str) -> str | None:
    place = order.index(step)
    return order[place - 1] if place else None


def _kept_in_order(first: Sequence[str], second: Sequence[str]) -> set[str]:
    """The most steps that stand in the same order in two orders of the same steps: a longest increasing subsequence.

    Of several such sets always the same one, whichever order is asked first: each step has a weight of its own, far
    below that of one step more.
    """
    weight = {step: 1 << number for number, step in enumerate(sorted(first))}
    more = 1 << len(first)
    place = {step: number for number, step in enumerate(second)}
    best: list[tuple[int, list[str]]] = []
    for number, step in enumerate(first):
        earlier = [best[other] for other in range(number) if place[first[other]] < place[step]]
        total, chain = max(earlier, key=lambda found: found[0], default=(0, []))
        best.append((total + more + weight[step], [*chain, step]))
    return set(max(best, key=lambda found: found[0])[1]) if best else set()


# -- what is likely the same ------------------------------------------------------------------------------------------


def _likely(old: Flow, new: Flow, removed: Collection[str], added: Collection[str]) -> dict[str, str]:
    """Removed steps with the added ones that surely are the same: text alike, and lane, number or the text itself."""
    before = {node.id: node for node in old.tasks() if node.id in removed}
    after = {node.id: node for node in new.tasks() if node.id in added}
    if not before or not after:
        return {}
    pairs = {was: is_now for is_now, was in match(old, new).items() if was in before and is_now in after}
    renamed = _new_names(old, new)
    found = {}
    for was, one in before.items():
        other = after.get(pairs.get(was, ""))
        if other is not None and _surely(
            one, other, renamed.get(_lane(old, one), _lane(old, one)) == _lane(new, other)
        ):
            found[was] = other.id
    return found


def _surely(one: Node, other: Node, same_lane: bool) -> bool:
    numbers = one.properties.get("langkah"), other.properties.get("langkah")
    texts = row_text(one) or one.name, row_text(other) or other.name
    return same_lane or texts[0] == texts[1] or (numbers[0] is not None and numbers[0] == numbers[1])
