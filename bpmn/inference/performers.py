"""Who performs each step of an SOP: the votes of all cues added up, and the best lanes for all steps at once."""

from __future__ import annotations

from collections.abc import Sequence

from bpmn.inference import cues, sequence, succession
from bpmn.inference.cues import partner, symbol
from bpmn.inference.view import View
from bpmn.inference.vote import Vote
from bpmn.sop import Performer
from bpmn.wording import Sentence, sentence

SURE = 0.5
"""A performer less probable than this is for the analyst to confirm."""
CLEAR = 2.5
"""So is one not this many times as probable as the next."""

_CONTRADICTS = 1.0


def performers(view: View) -> tuple[Performer, ...]:
    """The performer of each step, in order."""
    if len(view.lanes) == 1:
        return tuple(_only(view) for _ in view.steps)
    by_step = votes(view)
    scores = [[sum(vote.weight(lane) for vote in cast) for lane in range(len(view.lanes))] for cast in by_step]
    pairs = succession.weights(view)
    found, chances = sequence.best(scores, pairs)
    return tuple(_performer(view, at, found, chances[at], by_step[at]) for at in range(len(found)))


def votes(view: View) -> list[list[Vote]]:
    """What all cues say, for each step."""
    found: list[list[Vote]] = [[] for _ in view.steps]
    for cue in cues.ALL:
        for vote in cue(view):
            found[vote.at].append(vote)
    return found


def _only(view: View) -> Performer:
    return Performer(view.lanes[0], view.lanes, 1.0, False, (sentence("Hanya ada satu jabatan dalam tabel."),))


def _performer(view: View, at: int, found: Sequence[int], chances: Sequence[float], votes: Sequence[Vote]) -> Performer:
    lane = found[at]
    also = _together(view, at, lane)
    contrary = _contrary(view, at, lane, votes)
    succeeds = succession.reason(view, at, found[at - 1], lane) if at else None
    evidence = [*_supporting(lane, len(view.lanes), votes), *([succeeds] if succeeds else []), *contrary]
    marked = symbol.marked(view.steps[at].step)
    # The drawing says one thing and the wording another.
    doubted = bool(marked) and (lane not in marked or (len(marked) > 1 and bool(contrary)))
    # Who of them leads is no doubt about who performs.
    chance = min(1.0, sum(chances[each] for each in also))
    next_best = max((each for other, each in enumerate(chances) if other not in also), default=0.0)
    return Performer(
        lane=view.lanes[lane],
        lanes=tuple(view.lanes[place] for place in also),
        confidence=chance,
        review=chance < max(SURE, CLEAR * next_best) or doubted,
        evidence=tuple(evidence)
        or (sentence("Tidak ada petunjuk dalam dokumen; jabatan ini diperkirakan dari urutan langkah."),),
    )


def _together(view: View, at: int, lane: int) -> tuple[int, ...]:
    """All lanes that perform a step, the first of them its own: those marked in the row, or said to work together."""
    marked = symbol.marked(view.steps[at].step)
    others = marked if lane in marked else partner.partners(view, at)
    return (lane, *(other for other in others if other != lane))


def _supporting(lane: int, lanes: int, votes: Sequence[Vote]) -> list[Sentence]:
    """The evidence for a lane, the strongest first."""
    for_it = [vote for vote in votes if vote.favours(lane, lanes)]
    for_it.sort(key=lambda vote: sum(map(vote.weight, vote.strengths)) / lanes - vote.weight(lane))
    return _unlike([vote.evidence for vote in for_it])


def _contrary(view: View, at: int, lane: int, votes: Sequence[Vote]) -> list[Sentence]:
    """What speaks for another lane alone, as a warning."""
    found = []
    for vote in votes:
        other = max(vote.strengths, key=vote.weight, default=lane)
        if vote.weight(other) - vote.weight(lane) > _CONTRADICTS and vote.weight(other) > _CONTRADICTS:
            found.append(
                sentence(
                    "Namun ada petunjuk lain untuk %(lane)s: %(evidence)s",
                    lane=view.lanes[other],
                    evidence=vote.evidence,
                )
            )
    return _unlike(found)


def _unlike(sentences: Sequence[Sentence]) -> list[Sentence]:
    """The sentences without repetitions."""
    told: dict[str, Sentence] = {}
    for each in sentences:
        told.setdefault(str(each), each)
    return list(told.values())
