"""How well a document was read and inferred: compared with labels made by people, without looking at how it was done.

Labels are JSON beside the document (`<stem>.gold.json`), in one of two shapes: one SOP (`lane_columns`, `steps`,
`decisions`, `notes`), or several under `sops`. See the README, "Evaluation".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from bpmn import inference
from bpmn.errors import Refusal
from bpmn.sop import Decision, Document, InferredSop, InferredStep
from bpmn.wording import Sentence, sentence

_LONGEST_QUOTE = 100


class BrokenLabels(Refusal):
    """A file of labels that is not JSON, or does not say what labels must say."""


@dataclass(frozen=True, slots=True)
class StepLabel:
    """Who performs a step: `lanes` as labelled, `also` what else the document leaves open."""

    no: str
    lanes: frozenset[str]
    also: tuple[frozenset[str], ...] = ()

    def accepts(self, lane: str) -> bool:
        """Whether this lane performs the step."""
        return any(lane in lanes for lanes in (self.lanes, *self.also))

    def is_all(self, lanes: Iterable[str]) -> bool:
        """Whether these lanes, no more and no fewer, perform the step."""
        return set(lanes) in (self.lanes, *self.also)


@dataclass(frozen=True, slots=True)
class ReturnLabel:
    """A return from a step to any of `targets`; `worded` if the document says so anywhere."""

    step: str
    targets: frozenset[str]
    worded: bool


@dataclass(frozen=True, slots=True)
class SopLabel:
    """The labels of one SOP."""

    lanes: tuple[str, ...]
    steps: tuple[StepLabel, ...]
    returns: Mapping[str, ReturnLabel]


@dataclass(frozen=True, slots=True)
class Wrong:
    """A step that differs from its label: where, what was found, what is right, and whether it was marked."""

    sop: str
    no: str
    text: str
    what: Sentence
    marked: bool


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one document, or of several added up."""

    steps_read: int = 0
    steps: int = 0
    """Labelled ones."""
    lanes_right: int = 0
    """Steps whose performer is one of those labelled."""
    lanes_all_right: int = 0
    """Steps whose performers are exactly those labelled."""
    worded: int = 0
    worded_found: int = 0
    """Worded returns that were found at all, sure or proposed."""
    target_right: int = 0
    """Those of them that lead where they should."""
    false: int = 0
    """Returns taken for sure at steps that have none."""
    unworded: int = 0
    unworded_found: int = 0
    proposed: int = 0
    """Returns marked for review, at any step."""
    marked: int = 0
    """Steps marked for review, for whatever reason."""
    wrong: int = 0
    """Steps with a wrong lane, or with a return that is missing, false, or leads elsewhere."""
    wrong_marked: int = 0
    wrong_steps: tuple[Wrong, ...] = field(default=(), repr=False)

    def __add__(self, other: Score) -> Score:
        return Score(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Score)))


def labels(content: bytes) -> tuple[SopLabel, ...]:
    """The labels in a file, one for each SOP of the document, in its order. Raises `BrokenLabels`."""
    try:
        told = json.loads(content)
    except (UnicodeDecodeError, json.JSONDecodeError) as broken:
        raise BrokenLabels(sentence("Berkas label bukan JSON yang utuh.")) from broken
    try:
        return tuple(map(_sop_label, told.get("sops", [told])))
    except (KeyError, TypeError, AttributeError) as broken:
        raise BrokenLabels(
            sentence("Berkas label tidak memuat “lane_columns”, “steps”, dan “decisions” dalam bentuk yang dikenal.")
        ) from broken


def evaluate(document: Document, labelled: Sequence[SopLabel]) -> Score:
    """The score of a document. Raises `BrokenLabels` if the labels are those of another number of SOPs."""
    if len(document.sops) != len(labelled):
        raise BrokenLabels(
            sentence(
                "Berkas label memuat %(labelled)s SOP, sedangkan dokumennya %(read)s.",
                labelled=len(labelled),
                read=len(document.sops),
            )
        )
    return total(compare(inference.infer(sop), label) for sop, label in zip(document.sops, labelled, strict=True))


def total(scores: Iterable[Score]) -> Score:
    """All scores added up."""
    return sum(scores, Score())


def compare(inferred: InferredSop, label: SopLabel) -> Score:
    """The score of one inferred SOP. Steps are matched by their numbers; what was not read counts as wrong."""
    read = {_number(step.step.no): step for step in inferred.steps}
    score = Score(steps_read=len(read))
    for step in label.steps:
        found = read.get(step.no)
        score += _unread(inferred, step, label) if found is None else _of_step(inferred, found, step, label)
    return score


def _unread(inferred: InferredSop, step: StepLabel, label: SopLabel) -> Score:
    returns = label.returns.get(step.no)
    what = sentence("langkah tidak terbaca")
    return Score(
        steps=1,
        worded=int(returns is not None and returns.worded),
        unworded=int(returns is not None and not returns.worded),
        wrong=1,
        wrong_steps=(Wrong(inferred.sop.title, step.no, "", what, False),),
    )


def _of_step(inferred: InferredSop, found: InferredStep, step: StepLabel, label: SopLabel) -> Score:
    performer, decision, right = found.performer, found.decision, label.returns.get(step.no)
    marked = performer.review or (decision is not None and decision.review)
    faults = [*_lane_faults(found, step), *_return_faults(decision, right)]
    worded = right is not None and right.worded
    reaches = decision is not None and right is not None and _number(decision.return_to) in right.targets
    return Score(
        steps=1,
        lanes_right=int(step.accepts(performer.lane)),
        lanes_all_right=int(step.is_all(performer.lanes)),
        worded=int(worded),
        worded_found=int(worded and decision is not None),
        target_right=int(worded and reaches),
        false=int(right is None and decision is not None and not decision.review),
        unworded=int(right is not None and not worded),
        unworded_found=int(right is not None and not worded and decision is not None),
        proposed=int(decision is not None and decision.review),
        marked=int(marked),
        wrong=int(bool(faults)),
        wrong_marked=int(bool(faults) and marked),
        wrong_steps=tuple(Wrong(inferred.sop.title, step.no, found.step.text, fault, marked) for fault in faults),
    )


def _lane_faults(found: InferredStep, step: StepLabel) -> Iterator[Sentence]:
    if not step.accepts(found.performer.lane):
        yield sentence(
            "pelaksana %(found)s (%(confidence)s), seharusnya %(right)s",
            found=found.performer.lane,
            confidence=f"{found.performer.confidence:.2f}",
            right=" / ".join(" + ".join(sorted(lanes)) for lanes in (step.lanes, *step.also)),
        )


def _return_faults(decision: Decision | None, right: ReturnLabel | None) -> Iterator[Sentence]:
    """What is wrong with a return. A proposal where there is none is a question, no fault."""
    if right is None:
        if decision is not None and not decision.review:
            yield sentence("kembali ke langkah %(found)s, seharusnya tidak kembali", found=decision.return_to)
    elif decision is None:
        yield sentence("tidak kembali, seharusnya ke langkah %(right)s", right=_told(right))
    elif _number(decision.return_to) not in right.targets:
        yield sentence(
            "kembali ke langkah %(found)s, seharusnya ke langkah %(right)s",
            found=decision.return_to,
            right=_told(right),
        )


def _told(right: ReturnLabel) -> str:
    return " / ".join(sorted(right.targets))


def _sop_label(told: Mapping[str, Any]) -> SopLabel:
    lanes = tuple(told["lane_columns"])
    open_lanes = _open_lanes(told.get("notes", ()), lanes)
    steps = tuple(_step_label(each, open_lanes) for each in told["steps"])
    returns = (_return_label(each) for each in told["decisions"] if each.get("kind", "return") == "return")
    return SopLabel(lanes, steps, {each.step: each for each in returns})


def _step_label(told: Mapping[str, Any], open_lanes: Mapping[str, frozenset[str]]) -> StepLabel:
    no = _number(told["no"])
    also = [frozenset(lanes) for lanes in told.get("also", ())]
    also += [frozenset({lane}) for lane in sorted(open_lanes.get(no, ()))]
    return StepLabel(no, frozenset(told["lanes"]), tuple(also))


def _return_label(told: Mapping[str, Any]) -> ReturnLabel:
    targets = frozenset(map(_number, (told["no_to"], *told.get("also", ()))))
    return ReturnLabel(_number(told["step"]), targets, bool(told.get("worded", True)))


_OPEN = re.compile(r"langkah (?P<no>\d+)\b.*\bterima (?P<lanes>.+)", re.IGNORECASE | re.DOTALL)


def _open_lanes(notes: Iterable[str], lanes: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """The lanes that a note accepts besides the one drawn: "Langkah 5 digambar ...; terima X atau Y"."""
    found = (_OPEN.match(note) for note in notes)
    return {each["no"]: frozenset(lane for lane in lanes if lane in each["lanes"]) for each in found if each}


def _number(no: object) -> str:
    return str(no).strip().rstrip(".)")


def as_table(rows: Sequence[tuple[str, Score]]) -> str:
    """The scores of documents by name, a row each, and a row for all of them."""
    heading = (
        sentence("dokumen"),
        sentence("langkah"),
        sentence("lajur benar"),
        sentence("kembali tertulis"),
        sentence("tujuan benar"),
        sentence("kembali keliru"),
        sentence("tak tertulis"),
        sentence("diusulkan"),
        sentence("ditandai"),
        sentence("salah ditandai"),
    )
    cells = [
        tuple(map(str, heading)),
        *(_cells(name, score) for name, score in rows),
        _cells(str(sentence("semua")), total(score for _, score in rows)),
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "".join(
        "  ".join(cell.ljust(width) if at == 0 else cell.rjust(width) for at, (cell, width) in pairs).rstrip() + "\n"
        for pairs in (list(enumerate(zip(row, widths, strict=True))) for row in cells)
    )


def as_list(score: Score) -> str:
    """The wrong steps of a score, a line each."""
    marks = {True: sentence("ditandai"), False: sentence("TIDAK ditandai")}
    lines = (
        sentence(
            "%(sop)s, langkah %(no)s (%(marked)s): %(what)s. “%(text)s”",
            sop=each.sop,
            no=each.no,
            marked=marks[each.marked],
            what=each.what,
            text=each.text[:_LONGEST_QUOTE],
        )
        for each in score.wrong_steps
    )
    return "".join(f"  {line}\n" for line in lines)


def _cells(name: str, score: Score) -> tuple[str, ...]:
    return (
        name,
        f"{score.steps_read}/{score.steps}",
        _share(score.lanes_right, score.steps),
        f"{score.worded_found}/{score.worded}",
        f"{score.target_right}/{score.worded}",
        str(score.false),
        f"{score.unworded_found}/{score.unworded}",
        str(score.proposed),
        _share(score.marked, score.steps),
        f"{score.wrong_marked}/{score.wrong}",
    )


def _share(count: int, of: int) -> str:
    """A count with its share: "87/91 = 95,6 %"."""
    if not of:
        return f"{count}/{of}"
    return f"{count}/{of} = {100 * count / of:.1f} %".replace(".", ",")
