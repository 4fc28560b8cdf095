"""Fit the weights of the cues to labelled documents: `python -m tests.fit_weights DIR...`.

The weights (`bpmn.inference.weights`) are those of a linear chain; their likelihood given the labels is maximised by
full-batch gradient steps (Rprop). It is regularised: each weight has a Gaussian prior around the value set by hand
(`PRIOR`), so that a rule on which the documents say little keeps it. Then every document is left out once, the weights
are fitted to all others, and it is inferred with those: what is printed first is the result on documents not seen.
The same documents give the same weights.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bpmn import evaluation, inference, readers
from bpmn.evaluation import Score, SopLabel
from bpmn.inference import performers, succession, view, weights
from bpmn.inference.succession import Rules
from bpmn.sop import Sop

PRIOR: Mapping[str, float] = {
    "symbol": 5.0,
    "symbol.highest": 3.0,
    "first": 1.6,
    "active": 0.5,
    "applicant": 1.2,
    "subject": 7.0,
    "handover.next": 2.6,
    "handover.not_last": 0.8,
    "handover.several": 0.3,
    "handover.self_not_last": -1.2,
    "handover.self": -2.2,
    "order.next": 2.4,
    "order.self": -2.5,
    "order.superior": 0.9,
    "order.nearest": 0.5,
    "order.not_superior": -1.5,
    "order.unnamed": 1.8,
    "received.source": -2.2,
    "received.before": 0.9,
    "returned.self": -2.0,
    "returned.before": 2.0,
    "disposition": 2.2,
    "duty.sign": 1.0,
    "duty.initial": 1.0,
    "duty.type": 1.0,
    "duty.clerical": 1.0,
    "duty.deliver": 1.0,
    "duty.completeness": 1.0,
    "duty.check": 1.0,
    "duty.repair": 1.0,
    "duty.study": 1.0,
    "duty.prepare": 1.0,
    "duty.not_group": -0.8,
    "partner.with": -1.0,
    "partner.meeting": 3.0,
    "partner.next": 0.6,
    "spoken_of": -0.8,
    "responsible.one": 0.7,
    "responsible.several": 0.4,
    "nothing.like": 1.0,
    "nothing.stay": 0.5,
    "handed_on.stay": -1.5,
    "examined.stay": -1.0,
    "examined.up": 0.3,
    "examined.down": -0.3,
    "examined.leap": -0.3,
    "examined.across": -0.5,
    "examined_again.stay": -0.9,
    "examined_again.up": 0.9,
    "examined_again.down": -0.9,
    "examined_again.across": -0.9,
    "examined_again.leap": -0.5,
    "ordered.stay": -1.2,
    "ordered.up": -1.2,
    "ordered.down": 0.8,
    "ordered.across": -0.4,
    "ordered.leap": -0.3,
    "column.skipped": -0.7,
    "column.unused": -0.7,
}
"""The weights set by hand, before any was fitted."""

SPREAD = 0.7
"""Standard deviation of the prior."""
ROUNDS = 40

_Weights = Mapping[str, float]


@dataclass(frozen=True)
class Case:
    """One SOP: for each step the rules of each lane, for each but the first those of each pair, and the lanes right."""

    own: list[list[Rules]]
    pairs: list[list[list[Rules]]]
    right: list[frozenset[int]]


@dataclass(frozen=True)
class Labelled:
    """One document with its labels."""

    name: str
    sops: tuple[Sop, ...]
    labels: tuple[SopLabel, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the result with every document left out once, then the weights fitted to all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("dirs", nargs="+", type=Path)
    parser.add_argument("--spread", type=float, default=SPREAD)
    given = parser.parse_args(arguments)
    documents = [document for folder in given.dirs for document in read(folder)]
    with ProcessPoolExecutor() as pool:
        scores = pool.map(partial(left_out, documents, given.spread), range(len(documents)))
        for document, score in zip(documents, scores, strict=True):
            print(f"{document.name:40} {score.lanes_right}/{score.steps} lanes, {score.marked} marked")
            for wrong in score.wrong_steps:
                print(f"    {'' if wrong.marked else 'NOT MARKED '}{wrong.no} {wrong.what} | {wrong.text[:60]}")
    for rule, value in fit([case for each in documents for case in cases(each)], given.spread).items():
        print(f'    "{rule}": {value:.2f},')
    return 0


def read(folder: Path) -> list[Labelled]:
    """The labelled documents in a folder."""
    found = []
    for gold in sorted(folder.rglob("*.gold.json")):
        text = gold.with_name(gold.name.removesuffix(".gold.json") + ".txt")
        sops = readers.read(text.read_bytes()).sops
        found.append(Labelled(f"{text.parent.name}/{text.stem}", sops, evaluation.labels(gold.read_bytes())))
    return found


def left_out(documents: Sequence[Labelled], spread: float, place: int) -> Score:
    """The score of one document with the weights fitted to all others."""
    fitted = fit([case for at, each in enumerate(documents) if at != place for case in cases(each)], spread)
    use(fitted)
    left = documents[place]
    return evaluation.total(
        evaluation.compare(inference.infer(sop), label) for sop, label in zip(left.sops, left.labels, strict=True)
    )


def use(fitted: _Weights) -> None:
    """Infer with these weights from now on, in this process."""
    weights.WEIGHTS.update(fitted)  # type: ignore[attr-defined]


def cases(document: Labelled) -> list[Case]:
    """The SOPs of a document as cases; those with a single lane teach nothing."""
    found = (
        _case(sop, label)
        for sop, label in zip(document.sops, document.labels, strict=True)
        if len(sop.lanes) > 1 and len(sop.steps) == len(label.steps)
    )
    return list(found)


def _case(sop: Sop, label: SopLabel) -> Case:
    seen = view.of(sop)
    own: list[list[Rules]] = [
        [tuple((vote.rule, vote.strengths[lane]) for vote in cast if lane in vote.strengths) for lane in lanes]
        for cast in performers.votes(seen)
        for lanes in [range(len(sop.lanes))]
    ]
    right = [
        frozenset(at for at, lane in enumerate(sop.lanes) if step.accepts(lane)) or frozenset(range(len(sop.lanes)))
        for step in label.steps
    ]
    return Case(own, succession.rules(seen), right)


def fit(given: Sequence[Case], spread: float) -> dict[str, float]:
    """The weights most probable after these cases."""
    found, steps, before = dict(PRIOR), dict.fromkeys(PRIOR, 0.1), dict.fromkeys(PRIOR, 0.0)
    for _ in range(ROUNDS):
        slope = {rule: (PRIOR[rule] - found[rule]) / spread**2 for rule in PRIOR}
        for case in given:
            for sign, allowed in ((1.0, case.right), (-1.0, [frozenset(range(len(case.own[0])))] * len(case.own))):
                for rule, count in expected(case, found, allowed).items():
                    slope[rule] += sign * count
        for rule, now in slope.items():
            same = now * before[rule]
            steps[rule] = min(0.5, max(1e-3, steps[rule] * (1.2 if same > 0 else 0.5 if same < 0 else 1.0)))
            found[rule] += math.copysign(steps[rule], now) if now else 0.0
            before[rule] = now
    return found


def expected(case: Case, given: _Weights, allowed: Sequence[frozenset[int]]) -> dict[str, float]:
    """How often each rule is expected to hold, over all sequences within the allowed lanes."""
    lanes = len(case.own[0])
    states = [(lane, far) for far in range(lanes) for lane in range(far + 1)]
    moves = [
        (a, b, max(0, after[1] - before[1] - 1))
        for a, before in enumerate(states)
        for b, after in enumerate(states)
        if after[1] == max(before[1], after[0])
    ]
    skip = given["column.skipped"]
    own = [
        [math.exp(_sum(rules, given)) if lane in right else 0.0 for lane, rules in enumerate(step)]
        for step, right in zip(case.own, allowed, strict=True)
    ]
    pairs = [[[math.exp(_sum(rules, given)) for rules in row] for row in matrix] for matrix in case.pairs]
    passed = [math.exp(skip * columns) for columns in range(lanes + 1)]
    start = [own[0][lane] * passed[lane] if lane == far else 0.0 for lane, far in states]
    end = [math.exp(given["column.unused"] * (lanes - 1 - far)) for _, far in states]
    forward = [_scaled(start)]
    for at in range(1, len(own)):
        row = [0.0] * len(states)
        for a, b, columns in moves:
            row[b] += forward[-1][a] * passed[columns] * pairs[at][states[a][0]][states[b][0]]
        forward.append(_scaled([value * own[at][states[b][0]] for b, value in enumerate(row)]))
    counts: dict[str, float] = defaultdict(float)
    backward = end
    for at in range(len(own) - 1, -1, -1):
        here = [one * other for one, other in zip(forward[at], backward, strict=True)]
        total = sum(here)
        for (lane, far), mass in zip(states, here, strict=True):
            _count(counts, case.own[at][lane], mass / total)
            if at == len(own) - 1:
                counts["column.unused"] += mass / total * (lanes - 1 - far)
            if at == 0:
                counts["column.skipped"] += mass / total * lane
        if at:
            backward = _step_back(case, counts, at, states, moves, passed, pairs, own, forward, backward)
    return counts


def _step_back(
    case: Case,
    counts: dict[str, float],
    at: int,
    states: Sequence[tuple[int, int]],
    moves: Sequence[tuple[int, int, int]],
    passed: Sequence[float],
    pairs: Sequence[Sequence[Sequence[float]]],
    own: Sequence[Sequence[float]],
    forward: Sequence[Sequence[float]],
    backward: Sequence[float],
) -> list[float]:
    """The backward values of the step before `at`; what the pairs between the two contribute is counted."""
    earlier = [0.0] * len(states)
    mass: dict[tuple[int, int], float] = defaultdict(float)
    skipped = total = 0.0
    for a, b, columns in moves:
        lane, following = states[a][0], states[b][0]
        weight = passed[columns] * pairs[at][lane][following] * own[at][following] * backward[b]
        earlier[a] += weight
        weight *= forward[at - 1][a]
        mass[lane, following] += weight
        skipped += weight * columns
        total += weight
    for (lane, following), weight in mass.items():
        _count(counts, case.pairs[at][lane][following], weight / total)
    counts["column.skipped"] += skipped / total
    return _scaled(earlier)


def _count(counts: dict[str, float], rules: Rules, mass: float) -> None:
    for rule, strength in rules:
        counts[rule] += strength * mass


def _sum(rules: Rules, given: _Weights) -> float:
    return sum(given[rule] * strength for rule, strength in rules)


def _scaled(values: Sequence[float]) -> list[float]:
    total = sum(values)
    return [value / total for value in values]


if __name__ == "__main__":
    sys.exit(main())
