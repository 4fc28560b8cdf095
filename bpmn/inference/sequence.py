"""The most probable lanes of all steps at once: a hidden Markov chain solved exactly.

A state is the lane of a step and the rightmost column used so far, for an SOP's columns stand in the order in which
the jabatan first act. Viterbi (1967) gives the best sequence, forward-backward the probability of a lane at a step
given everything.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from bpmn.inference.weights import WEIGHTS

_State = tuple[int, int]
_Pairs = Sequence[Sequence[Sequence[float]]]


def best(scores: Sequence[Sequence[float]], pairs: _Pairs) -> tuple[tuple[int, ...], list[list[float]]]:
    """The best lane of each step, and the probability of every lane there, from the weight of each lane at each step.

    `pairs[i][a][b]` is the weight of step `i` being in lane `b` after a step in lane `a`; `pairs[0]` is not looked at.
    """
    lanes = len(scores[0])
    states = [(lane, furthest) for furthest in range(lanes) for lane in range(furthest + 1)]
    moves = [
        [(came, _move(states[came], state)) for came in range(len(states)) if _follows(states[came], state)]
        for state in states
    ]
    starts = [_start(state, scores[0]) for state in states]
    ends = [WEIGHTS["column.unused"] * (lanes - 1 - furthest) for _, furthest in states]
    path = _viterbi(scores, pairs, states, moves, starts, ends)
    chances = _marginals(scores, pairs, states, moves, starts, ends)
    return tuple(states[state][0] for state in path), chances


def weight(path: Sequence[int], scores: Sequence[Sequence[float]], pairs: _Pairs) -> float:
    """The weight of one sequence of lanes, the greatest of which `best` finds."""
    lanes = len(scores[0])
    state = (path[0], path[0])
    total = _start(state, scores[0])
    for at in range(1, len(path)):
        following = (path[at], max(state[1], path[at]))
        total += scores[at][path[at]] + _move(state, following) + pairs[at][path[at - 1]][path[at]]
        state = following
    return total + WEIGHTS["column.unused"] * (lanes - 1 - state[1])


def _start(state: _State, scores: Sequence[float]) -> float:
    lane, furthest = state
    if lane != furthest:
        return -math.inf
    return scores[lane] + WEIGHTS["column.skipped"] * lane


def _follows(before: _State, after: _State) -> bool:
    """Whether a state can come after another: the rightmost column used is the old one or the lane's own."""
    return after[1] == max(before[1], after[0])


def _move(before: _State, after: _State) -> float:
    return WEIGHTS["column.skipped"] * max(0, after[1] - before[1] - 1)


def _viterbi(
    scores: Sequence[Sequence[float]],
    pairs: _Pairs,
    states: Sequence[_State],
    moves: Sequence[Sequence[tuple[int, float]]],
    starts: Sequence[float],
    ends: Sequence[float],
) -> list[int]:
    values = list(starts)
    came: list[list[int]] = []
    for at in range(1, len(scores)):
        row, back = [], []
        for place, state in enumerate(states):
            value, origin = max((values[b] + move + pairs[at][states[b][0]][state[0]], -b) for b, move in moves[place])
            row.append(value + scores[at][state[0]])
            back.append(-origin)
        values = row
        came.append(back)
    last = max(range(len(states)), key=lambda place: (values[place] + ends[place], -place))
    path = [last]
    for back in reversed(came):
        path.append(back[path[-1]])
    return path[::-1]


def _marginals(
    scores: Sequence[Sequence[float]],
    pairs: _Pairs,
    states: Sequence[_State],
    moves: Sequence[Sequence[tuple[int, float]]],
    starts: Sequence[float],
    ends: Sequence[float],
) -> list[list[float]]:
    """The probability of each lane at each step."""
    forward = [list(starts)]
    for at in range(1, len(scores)):
        before = forward[-1]
        forward.append(
            [
                scores[at][state[0]]
                + _log_sum([before[b] + move + pairs[at][states[b][0]][state[0]] for b, move in moves[place]])
                for place, state in enumerate(states)
            ]
        )
    backward = [list(ends)]
    for at in range(len(scores) - 1, 0, -1):
        after = backward[0]
        onward: list[list[float]] = [[] for _ in states]
        for place, state in enumerate(states):
            for b, move in moves[place]:
                onward[b].append(after[place] + scores[at][state[0]] + move + pairs[at][states[b][0]][state[0]])
        backward.insert(0, [_log_sum(values) for values in onward])
    return [_by_lane(f, b, states, len(scores[0])) for f, b in zip(forward, backward, strict=True)]


def _by_lane(forward: Sequence[float], backward: Sequence[float], states: Sequence[_State], lanes: int) -> list[float]:
    logs = [one + other for one, other in zip(forward, backward, strict=True)]
    total = _log_sum(logs)
    chances = [0.0] * lanes
    for (lane, _), log in zip(states, logs, strict=True):
        chances[lane] += math.exp(log - total)
    return [min(1.0, chance) for chance in chances]


def _log_sum(values: Sequence[float]) -> float:
    top = max(values, default=-math.inf)
    if top == -math.inf:
        return top
    return top + math.log(sum(math.exp(value - top) for value in values))
