"""Which steps can send the work back, and to which step.

Worded in the activity, in KETERANGAN ("Panah balik ...") or in the risk block ("Pada prosedur 3 ... diperbaiki di
langkah sebelumnya"), or not at all: of 58 returns in 30 SOPs 14 had no word for it and 52 went to the step before
(domain.md), so a step that examines, approves, initials or signs is proposed to return there, for the analyst to
confirm.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bpmn.inference import verbs
from bpmn.inference.clauses import Branch, Clause
from bpmn.inference.view import Part, StepView, View
from bpmn.sop import Decision, Performer
from bpmn.wording import Sentence, sentence

SURE = 0.75
"""A return less probable than this is for the analyst to confirm."""

_RETURN = (
    r"(?:di\s?kembali\w*|mengembali\w*|(?:di\s?serahkan|menyerahkan|dikirim|diberikan)\s+kembali|"
    r"kembali\s+(?:ke|kepada)\b)"
)
_REPAIR = (
    r"(?:di\s?perbaiki|memperbaiki|perbaikan|di\s?lengkapi|melengkapi|di\s?revisi|merevisi|di\s?koreksi|"
    r"di\s?sempurnakan|diulang)"
)
_RETURNS = re.compile(rf"\b{_RETURN}")
_RETURNS_FOR_REPAIR = re.compile(rf"\b{_RETURN}.{{0,80}}?(?<!telah )(?<!sudah )\b{_REPAIR}")
_REPAIRS = re.compile(rf"\b{_REPAIR}")
_REPAIRS_HIMSELF = re.compile(
    r"(?:\w+\s+)?(?:memperbaiki|melakukan perbaikan|merevisi|melakukan revisi|menyempurnakan|mengedit)\b"
)
_BACK_ARROW = re.compile(r"\b(?:panah\s+(?:ber)?balik\w*|kembali\s+ke\s+(?:langkah|nomor|no\b|tahap)|di\s?kembalikan)")
_STEP_NAMED = re.compile(
    r"\b(?:prosedur|langkah|tahap(?:an)?|kegiatan|aktivitas)(?:\s+(?:ke|nomor|no\.?))?[\s-]*(?P<no>\d{1,3})\b"
)


@dataclass(frozen=True, slots=True)
class _Found:
    """A return found at a step: how probable, why, and the number of the step it names ("" if none)."""

    confidence: float
    evidence: Sentence
    named: str = ""


def decisions(view: View, performing: Sequence[Performer]) -> tuple[Decision | None, ...]:
    """The decision of each step, None where none is taken. The first step has nowhere to return to."""
    return tuple(_decision(view, performing, at) if at else None for at in range(len(view.steps)))


def _decision(view: View, performing: Sequence[Performer], at: int) -> Decision | None:
    found = [found for cue in CUES if (found := cue(view, at))]
    supposed = None if found else _supposed(view, at)
    if supposed:
        found.append(supposed)
    if not found:
        return None
    surest = max(found, key=lambda each: each.confidence)
    named = next((each.named for each in found if each.named), "")
    target, why = _target(view, performing, at, named)
    return Decision(
        return_to=view.steps[target].step.no,
        confidence=surest.confidence,
        review=surest.confidence < SURE,
        evidence=(*(each.evidence for each in found), why),
    )


def _target(view: View, performing: Sequence[Performer], at: int, named: str) -> tuple[int, Sentence]:
    """Where a return leads: the step named, the latest earlier one of the lane named, else the step before."""
    numbers = [seen.step.no for seen in view.steps[:at]]
    if named in numbers:
        return numbers.index(named), sentence("Dokumen menyebut langkah %(no)s sebagai tujuan pengembalian.", no=named)
    for role in view.steps[at].having(Part.RETURNED):
        lanes = {view.lanes[lane] for lane in role.lanes}
        for earlier in range(at - 1, -1, -1):
            if lanes.intersection(performing[earlier].lanes):
                lane = next(iter(sorted(lanes.intersection(performing[earlier].lanes))))
                why = sentence(
                    "Langkah %(no)s adalah langkah terakhir %(lane)s sebelumnya.", no=numbers[earlier], lane=lane
                )
                return earlier, why
    return at - 1, sentence(
        "Tujuan tidak disebut; pengembalian lazimnya ke langkah sebelumnya, yaitu langkah %(no)s.", no=numbers[-1]
    )


def _worded(view: View, at: int) -> _Found | None:
    """Returns worded in the activity itself."""
    seen = view.steps[at]
    if _REPAIRS_HIMSELF.match(seen.text) and not _RETURNS.search(seen.text):
        return None
    clause = next((clause for clause in seen.clauses if _sends_back(clause)), None)
    if clause is None:
        return None
    number = _STEP_NAMED.search(clause.text)
    evidence = sentence("Uraian kegiatan menyebut pengembalian: “%(text)s”.", text=_quote(seen, clause))
    return _Found(0.95, evidence, number["no"] if number else "")


def _sends_back(clause: Clause) -> bool:
    if clause.branch is Branch.NO:
        return True
    if clause.branch is Branch.OTHER:
        return bool(_RETURNS.search(clause.text) or (_REPAIRS.search(clause.text) and "diperlukan" not in clause.text))
    # Without a condition "mengembalikan kepada Sekretaris" goes forward, unless it is for repair.
    return bool(_RETURNS_FOR_REPAIR.search(clause.text))


def _only_yes(view: View, at: int) -> _Found | None:
    """Only what follows a yes is worded: "Jika ya, memberi paraf ..."."""
    seen = view.steps[at]
    branches = {clause.branch for clause in seen.clauses}
    clause = next((clause for clause in seen.clauses if clause.branch is Branch.YES), None)
    if clause is None or Branch.NO in branches:
        return None
    evidence = sentence("Uraian kegiatan hanya menyebut hasil yang disetujui: “%(text)s”.", text=_quote(seen, clause))
    return _Found(0.85, evidence)


def _noted(view: View, at: int) -> _Found | None:
    """Returns noted in KETERANGAN."""
    note = view.steps[at].step.keterangan
    if not _BACK_ARROW.search(note.lower()):
        return None
    number = _STEP_NAMED.search(note.lower())
    return _Found(
        0.92, sentence("Keterangan menyebut panah balik: “%(text)s”.", text=note), number["no"] if number else ""
    )


def _warned(view: View, at: int) -> _Found | None:
    """Returns told in the risk or warning block: of a step by its number, or of all steps that examine."""
    number = view.steps[at].step.no
    for key in ("identifikasi_risiko", "peringatan"):
        for text in _entries(view, key):
            lowered = text.lower()
            if not (_RETURNS.search(lowered) or re.search(r"\bdi\s?perbaiki\b", lowered)):
                continue
            named = _STEP_NAMED.search(lowered)
            if named and named["no"] == number:
                return _Found(
                    0.92, sentence("Blok identitas menyebut pengembalian pada langkah ini: “%(text)s”.", text=text)
                )
            if not named and _RETURNS.search(lowered) and verbs.EXAMINES.search(view.steps[at].done):
                evidence = sentence(
                    "Blok identitas menyebut bahwa kesalahan dikembalikan untuk diperbaiki: “%(text)s”.", text=text
                )
                return _Found(0.8, evidence)
    return None


def _entries(view: View, key: str) -> tuple[str, ...]:
    value = view.sop.identity.get(key, ())
    return (value,) if isinstance(value, str) else value


def _supposed(view: View, at: int) -> _Found | None:
    """Nothing is said, but the step examines, approves, initials or signs."""
    found = verbs.EXAMINES.search(view.steps[at].done)
    if not found:
        return None
    evidence = sentence(
        "Langkah ini memeriksa atau menyetujui (“%(verb)s”), jadi mungkin mengembalikan pekerjaan.", verb=found[0]
    )
    return _Found(0.5, evidence)


def _quote(seen: StepView, clause: Clause) -> str:
    """A clause as printed."""
    text = seen.step.text if len(seen.step.text) == len(seen.text) else seen.text
    return text[clause.start : clause.end].strip(" ,.;")


CUES: tuple[Callable[[View, int], _Found | None], ...] = (_worded, _only_yes, _noted, _warned)
