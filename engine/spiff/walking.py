"""Which flows of its diagram a run went along, told from what was done in it: by the rules of BPMN tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bpmn.errors import Refusal
from bpmn.expressions import compile_condition
from engine.spiff.levels import Level, Role, Step, Way, step_name
from engine.spiff.processes import Process

_LONGEST = 10_000
"""How many steps one act may lead through before it is taken to be going round."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A task that was done or an event that happened: its node, and the routing variables that it set.

    Where a record tells only what an event is called, `others` are the other nodes of that name.
    """

    node_id: str
    variables: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()


def walked(process: Process, acts: Iterable[Passed]) -> Counter[str]:
    """For each flow of the diagram how often a run went along it, in which these acts happened in this order.

    Acts of nodes that the diagram does not have, or that by these rules had nothing waiting (those of a run that came
    from another version), are followed as far as they lead; what cannot be decided ends there.
    """
    walk = _Walk(process)
    walk.begin()
    for act in acts:
        walk.go_on(act)
    return walk.counts


@dataclass(eq=False)
class _Token:
    """What waits at a step of a place, perhaps with a subprocess inside."""

    at: str
    place: _Place
    inner: _Place | None = None


class _Place:
    """A level that a run is in: its tokens, and those that wait at its joins by the step they came from."""

    def __init__(self, level: Level) -> None:
        self.level = level
        self.tokens: list[_Token] = []
        self.arrived: Counter[tuple[str, str]] = Counter()
        self.over = False

    def done(self) -> bool:
        return not self.tokens and not +self.arrived

    def all_tokens(self) -> Iterator[_Token]:
        for token in self.tokens:
            yield token
            if token.inner is not None:
                yield from token.inner.all_tokens()


class _Walk:
    """A run that goes along its diagram while the acts are told."""

    def __init__(self, process: Process) -> None:
        self.counts: Counter[str] = Counter()
        self._levels = process.levels
        self._flows = {(level, name): flows for level, name, flows in _flows(process)}
        self._level_of = {name: level for level in process.levels.values() for name in level.steps}
        self._data: dict[str, str] = {}
        self._top = _Place(process.levels[process.flow.process_id])
        self._waiting: list[tuple[_Place, str, str]] = []

    def begin(self) -> None:
        """To where a run first waits."""
        self._enter(self._top, self._top.level.start, "")
        self._settle()

    def go_on(self, act: Passed) -> None:
        """What waits is done, or happens."""
        self._data.update(act.variables)
        names = [step_name(node) for node in (act.node_id, *act.others) if step_name(node) in self._level_of]
        if not names:
            return
        name, token = next(
            ((name, token) for name in names if (token := self._found(name)) is not None), (names[0], None)
        )
        place = token.place if token else self._place(self._level_of[name])
        step = place.level.steps[name]
        if token is not None and not _stays(step):
            token.place.tokens.remove(token)
        self._leave(place, step)
        self._settle()

    def _found(self, name: str) -> _Token | None:
        """The token at a step; of a boundary event that of the work on whose border it sits."""
        for token in self._top.all_tokens():
            if token.at == name or name in token.place.level.steps[token.at].events:
                return token
        return None

    def _place(self, level: Level) -> _Place:
        """Where in the run a level is, if it is in it at all."""
        inner = (token.inner for token in self._top.all_tokens() if token.inner and token.inner.level is level)
        return self._top if level is self._top.level else next(inner, _Place(level))

    def _leave(self, place: _Place, step: Step) -> None:
        flows = self._flows[place.level.id, step.name]
        for number, end in reversed(list(self._ends(step))):
            self._waiting.append((place, end, step.name))
            if number < len(flows):
                self.counts[flows[number]] += 1

    def _ends(self, step: Step) -> Iterator[tuple[int, str]]:
        """Where work goes on behind a step: number of the way, and the step there. A way that is skipped has none."""
        ways = list(enumerate(step.ways))
        if step.role is Role.CHOOSE:
            ways = [(number, way) for number, way in ways if self._holds(way)][:1] or _otherwise(ways)
        elif step.role is Role.SPLIT:
            taken = [(number, way) for number, way in ways if self._holds(way)] or _otherwise(ways)
            if any(way.skip for _, way in taken):
                yield from ((len(ways), way.skip) for number, way in ways if way.skip and (number, way) not in taken)
            ways = taken
        yield from ((number, way.target) for number, way in ways)

    def _holds(self, way: Way) -> bool:
        try:
            return way.condition is not None and compile_condition(way.condition).evaluate(self._data)
        except Refusal:
            return False

    def _settle(self) -> None:
        """Let tokens go on until each waits, and subprocesses in which nothing is left."""
        for _ in range(_LONGEST):
            if self._waiting:
                place, name, source = self._waiting.pop()
                if not place.over:
                    self._enter(place, name, source)
            elif (ended := self._ended()) is not None:
                ended.place.tokens.remove(ended)
                self._leave(ended.place, ended.place.level.steps[ended.at])
            else:
                return
        self._waiting.clear()

    def _ended(self) -> _Token | None:
        inside = [token for token in self._top.all_tokens() if token.inner is not None and token.inner.done()]
        return inside[-1] if inside else None

    def _enter(self, place: _Place, name: str, source: str) -> None:
        step = place.level.steps[name]
        if step.role is Role.WAIT:
            place.tokens.append(_Token(name, place))
        elif step.role is Role.INSIDE:
            inner = _Place(self._levels[step.node.id if step.node else ""])
            place.tokens.append(_Token(name, place, inner))
            self._waiting.append((inner, inner.level.start, ""))
        elif step.role is Role.JOIN:
            self._join(place, step, source)
        elif step.role is Role.TERMINATE:
            place.tokens.clear()
            place.arrived.clear()
            place.over = True
        else:
            self._leave(place, step)

    def _join(self, place: _Place, step: Step, source: str) -> None:
        place.arrived[step.name, source] += 1
        needed = Counter((step.name, way) for way in place.level.ways_into(step.name))
        if needed <= place.arrived:
            place.arrived -= needed
            self._leave(place, step)


def _otherwise(ways: list[tuple[int, Way]]) -> list[tuple[int, Way]]:
    return [(number, way) for number, way in ways if way.condition is None]


def _stays(step: Step) -> bool:
    """Whether what an event sits on goes on beside it."""
    return step.node is not None and step.node.kind == "boundaryEvent" and not step.node.interrupting


def _flows(process: Process) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Level and name of each step, and the flow of the diagram that each of its ways is; none where they are none."""
    out: dict[str, list[str]] = {}
    for edge in process.flow.edges:
        out.setdefault(edge.source, []).append(edge.id)
    for level in process.levels.values():
        for name, step in level.steps.items():
            flows = out.get(step.node.id, []) if step.node is not None else []
            # The step before an inclusive split, where ways meet, leads to it by none.
            yield level.id, name, tuple(flows) if len(flows) == len(step.ways) else ()
