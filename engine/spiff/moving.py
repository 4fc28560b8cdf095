"""The state of a run carried over to another version of its diagram.

A state is tokens only, so nothing that is done or erased stands in the way. What is open must be there in the new
version, as something that waits alike, at the same nesting; and the tokens together must be such that the new version
could have put them there: otherwise a join would wait for ever, or a step be done twice (the dynamic change bug: C.
Ellis, K. Keddara, G. Rozenberg, "Dynamic change within workflow systems", 1995).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import uuid4

from bpmn import graph
from bpmn.flow import TASKS, Node
from engine.spiff import state
from engine.spiff.levels import Level, Role, Step, node_id, step_name, successors
from engine.spiff.processes import Process
from engine.spiff.state import State, Token


class Hindrance(StrEnum):
    """Why a run cannot be moved."""

    GONE = "gone"
    """The new version does not have the element."""
    KIND = "kind"
    """There it is something that waits otherwise."""
    NESTING = "nesting"
    """There it lies in another subprocess, or in none."""
    BRANCHES = "branches"
    """The new version's parallel branches, which begin at the element, would not all be on their way."""


class NotMovable(ValueError):
    """A run that cannot go on by the new version as it stands.

    `node` is the element that hinders it: of the new version where `why` is BRANCHES, else of the old one.
    """

    def __init__(self, node: str, why: Hindrance) -> None:
        super().__init__(f"{node}: {why}")
        self.node = node
        self.why = why


def moved(old: Process, new: Process, stored: bytes, renamed: Mapping[str, str]) -> bytes:
    """The state of a run of `old` as one of `new`, with the same ids of waiting tasks and events.

    `renamed` maps nodes of the old version to those that take their place. Boundary events that the new version adds
    around something open begin to wait now; those that it no longer has are forgotten. Raises NotMovable and
    StateDamaged.
    """
    before = state.load(old, stored)
    move = _Move(old, new, renamed)
    tokens = move.tokens(old.flow.process_id, new.flow.process_id, before.tokens)
    return state.dump(State(before.variables, tokens))


@dataclass(frozen=True)
class _Move:
    old: Process
    new: Process
    renamed: Mapping[str, str]

    def tokens(self, from_level: str, to_level: str, tokens: Iterable[Token]) -> tuple[Token, ...]:
        """The tokens of one level, those of its subprocesses inside them."""
        old, new = self.old.levels[from_level], self.new.levels[to_level]
        carried = tuple(self._token(old, new, token) for token in tokens)
        _check_branches(new, [token.arrived or token.at for token in carried])
        return carried

    def _token(self, old: Level, new: Level, token: Token) -> Token:
        before, after = old.steps[token.at], self._step(old, new, token.at)
        carried = replace(token, at=after.name, events=dict(self._events(old, new, before, after, token)))
        if before.role is Role.JOIN:
            return replace(carried, arrived=self._way_in(old, new, token, after))
        if before.role is Role.INSIDE:
            return replace(carried, inside=self.tokens(node_id(before.name), node_id(after.name), token.inside))
        return carried

    def _renamed(self, name: str) -> str:
        """The step that takes a step's place; those that only help keep their names."""
        return step_name(self.renamed.get(node_id(name), node_id(name)))

    def _step(self, old: Level, new: Level, name: str) -> Step:
        found = self._renamed(name)
        if found not in new.steps:
            elsewhere = any(found in level.steps for level in self.new.levels.values())
            raise NotMovable(node_id(name), Hindrance.NESTING if elsewhere else Hindrance.GONE)
        if _kind(old.steps[name]) != _kind(new.steps[found]):
            raise NotMovable(node_id(name), Hindrance.KIND)
        return new.steps[found]

    def _events(
        self, old: Level, new: Level, before: Step, after: Step, token: Token
    ) -> Iterator[tuple[str, str | None]]:
        """The boundary events that now wait: known ones by the ids they had, others by new ones."""
        known = {
            (self._renamed(event), _kind(old.steps[event])): token.events[event]
            for event in before.events
            if event in token.events
        }
        for event in after.events:
            yield event, known.get((event, _kind(new.steps[event])), uuid4().hex)

    def _way_in(self, old: Level, new: Level, token: Token, join: Step) -> str:
        """The step by which a token that waits at a join came there, as the new version has it."""
        ways = new.ways_into(join.name)
        found = self._renamed(token.arrived)
        if found in ways:
            return found
        for edge in self.old.flow.edges:
            # The last step of the branch is another one now, but the edge from there to the join is the same.
            if (step_name(edge.source), step_name(edge.target)) == (token.arrived, token.at):
                for same in self.new.flow.edges:
                    if same.id == edge.id and step_name(same.source) in ways:
                        return step_name(same.source)
        raise NotMovable(node_id(token.at), Hindrance.KIND)


def _kind(step: Step) -> object:
    """What must be alike for a token to wait at one step as it did at another."""
    node = step.node
    return step.role, _waits_for(node) if node is not None and step.role in {Role.WAIT, Role.GO_ON} else ""


def _waits_for(node: Node) -> tuple[str, str]:
    return "task" if node.kind in TASKS else node.kind, node.event.kind if node.event else ""


# -- whether the tokens go together -----------------------------------------------------------------------------------


def _check_branches(level: Level, places: list[str]) -> None:
    """Raises NotMovable where some branches of a parallel section have tokens and others have none, or not as many.

    From the innermost section outwards, the tokens on its branches count as one that waits at its split. What leads
    only to an end of everything is waited for by nobody.
    """
    onward = successors(level)
    main = graph.reachable(onward, [level.start])
    ignored = _stopping(level, onward, main)
    places = [place for place in places if place not in ignored]
    for split, joined, branches in sorted(_sections(level), key=lambda section: len(section[2])):
        inside = [branches[place] for place in places if place in branches]
        count = Counter(way for ways in inside for way in ways)
        amounts = {count[n] for n, way in enumerate(level.steps[split].ways) if way.target not in ignored} or {0}
        if inside and joined and len(amounts) > 1:
            raise NotMovable(node_id(split), Hindrance.BRANCHES)
        places = [place for place in places if place not in branches] + [split] * max(amounts)
    if not _entered_from_beside(level, main) and sum(place in main for place in places) > 1:
        raise NotMovable(node_id(places[-1]), Hindrance.BRANCHES)


def _stopping(level: Level, onward: Mapping[str, list[str]], main: set[str]) -> set[str]:
    """The steps from which all ways lead to an end of everything, where the level has another end too."""
    ends = {name for name in main if not onward[name]}
    stops = {name for name in ends if level.steps[name].role is Role.TERMINATE}
    if not stops or stops == ends:
        return set()
    sources = graph.reversed_graph(onward)
    others = graph.reachable(sources, ends - stops)
    return graph.reachable(sources, stops) - others


def _sections(level: Level) -> Iterator[tuple[str, bool, dict[str, set[int]]]]:
    """Each split, whether its ways meet again, and for each step between the ways out of the split it lies on."""
    ahead = successors(level)
    meeting = _meeting(level, ahead)
    for name, step in level.steps.items():
        if step.role is not Role.CHOOSE and len(step.ways) > 1:
            join = meeting.get(name, "")
            cut = {**ahead, join: [], name: []}
            branches: dict[str, set[int]] = {}
            for number, way in enumerate(step.ways):
                begun = [way.target] if way.skip is None else [way.target, way.skip]
                for place in graph.reachable(cut, begun) - {join, name}:
                    branches.setdefault(place, set()).add(number)
            # Where a branch may end everything, the join is not the only way on; still the branches meet there.
            meets = any(level.steps[place].role is Role.JOIN and len(ways) > 1 for place, ways in branches.items())
            yield name, join != "" or meets, branches


def _meeting(level: Level, ahead: Mapping[str, list[str]]) -> dict[str, str]:
    """The first step that all ways out of a step go through, ends that take everything with them left aside.

    "" is where none is; where there are only such ends, they count.
    """
    found: dict[str, str] = {}
    for ends in ({Role.TERMINATE}, set[Role]()):
        onward = {name: targets or ([] if level.steps[name].role in ends else [""]) for name, targets in ahead.items()}
        found = {**graph.dominators(graph.reversed_graph({"": [], **onward}), ""), **found}
    return found


def _entered_from_beside(level: Level, main: set[str]) -> bool:
    """Whether what a boundary event began beside its host runs into the rest: then two tokens there can be right."""
    onward = successors(level)
    beside = [event for step in level.steps.values() for event in step.events if event not in main]
    return bool(graph.reachable(onward, beside) & main)
