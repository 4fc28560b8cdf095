"""Work goes with the height of a position: the highest signs, the one below initials, staff files and copies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bpmn import jabatan
from bpmn.inference import verbs
from bpmn.inference.view import Part, View
from bpmn.inference.vote import Vote, shared
from bpmn.wording import Sentence, sentence


@dataclass(frozen=True, slots=True)
class _Duty:
    """Words of a kind of work; what it says for the highest, the second, any other head, staff, and people outside.

    `of_one` is work that a group of jabatan ("Seluruh Kepala Seksi") does not do.
    """

    rule: str
    words: re.Pattern[str]
    strengths: tuple[float, float, float, float, float]
    evidence: Sentence
    of_one: bool = True


_SIGN = _Duty(
    "duty.sign",
    verbs.SIGNS,
    (2.4, 0.4, -0.4, -1.2, -1.0),
    sentence("Menandatangani atau menyetujui adalah wewenang jabatan tertinggi."),
)
_CLERICAL = _Duty(
    "duty.clerical",
    verbs.CLERICAL,
    (-1.6, -0.7, 0.2, 0.9, -0.5),
    sentence("Pekerjaan tata usaha seperti mengagendakan, menggandakan, dan mengarsipkan dilakukan oleh staf."),
)
_TYPE = _Duty(
    "duty.type",
    verbs.TYPES,
    (-2.5, -1.5, -0.6, 1.5, -1.0),
    sentence("Mengetik naskah dikerjakan oleh staf."),
)
# The first that fits a step is taken: who signs also examines.
_DUTIES = (
    _SIGN,
    _Duty(
        "duty.initial",
        verbs.INITIALS,
        (-0.8, 1.0, 0.6, -1.0, -1.0),
        sentence("Paraf dibubuhkan oleh jabatan di bawah penanda tangan."),
    ),
    _TYPE,
    _CLERICAL,
    _Duty(
        "duty.deliver",
        verbs.DELIVERS,
        (-1.4, -0.6, 0.2, 0.8, -1.2),
        sentence("Menyampaikan hasil kepada pihak luar dilakukan oleh petugas yang melayaninya."),
    ),
    _Duty(
        "duty.completeness",
        verbs.COMPLETENESS,
        (-0.9, -0.2, 0.3, 0.4, -0.9),
        sentence("Kelengkapan berkas diperiksa oleh petugas yang menerimanya."),
    ),
    _Duty(
        "duty.check",
        verbs.CHECKS,
        (0.3, 0.5, 0.3, -0.7, -0.8),
        sentence("Memeriksa pekerjaan dilakukan oleh atasan pembuatnya."),
    ),
    _Duty(
        "duty.repair",
        verbs.REPAIRS,
        (-1.6, -0.7, 0.4, 0.8, -0.2),
        sentence("Memperbaiki naskah dilakukan oleh penyusunnya."),
    ),
    _Duty(
        "duty.study",
        verbs.STUDIES,
        (-0.6, 0.0, 0.6, 0.2, -0.2),
        sentence("Menelaah dan menganalisis bahan dilakukan oleh kepala bagian yang membidanginya."),
    ),
    _Duty(
        "duty.prepare",
        verbs.PREPARES,
        (-1.6, -0.4, 0.5, 0.5, -0.2),
        sentence("Menyiapkan, mengolah, dan menyampaikan bahan dikerjakan oleh jabatan di bawah pimpinan."),
        of_one=False,
    ),
)
_LOWEST = frozenset({"duty.type", "duty.clerical"})
_STAFF_BELOW = 40
_GROUP = re.compile(r"\b(?:seluruh|semua|para|lain|masing)\b", re.IGNORECASE)
_SIGNED_LATER = 0.4


def votes(view: View) -> Iterator[Vote]:
    """For lanes of the height that goes with the step's work."""
    groups = [lane for lane, name in enumerate(view.lanes) if _GROUP.search(name)]
    for at, seen in enumerate(view.steps):
        done = seen.done
        duty = next((duty for duty in _DUTIES if duty.words.search(done)), None)
        if duty:
            factor = _SIGNED_LATER if duty is _SIGN and _goes_up_later(view, at) else 1.0
            classes = _classes(view, clerical=duty.rule in _LOWEST)
            strengths = {lane: factor * duty.strengths[place] for lane, place in enumerate(classes)}
            yield Vote(at, duty.rule, strengths, duty.evidence)
            if duty.of_one and groups:
                yield Vote(at, "duty.not_group", shared(groups, factor), duty.evidence)


def _goes_up_later(view: View, at: int) -> bool:
    """Whether the work is handed to the highest lane only after step `at`, who then has not signed yet."""
    top = {lane for lane, height in enumerate(view.height) if height == 1.0}
    return any(top.intersection(role.lanes) for seen in view.steps[at + 1 :] for role in seen.having(Part.RECIPIENT))


def _classes(view: View, *, clerical: bool) -> list[int]:
    """For each lane 0 the highest, 1 the second, 2 any other head, 3 staff, 4 outside.

    Where there is no staff, its work is the lowest's.
    """
    ranks = sorted(
        {rank for rank, lane in zip(view.ranks, view.lanes, strict=True) if not jabatan.is_outside(lane)}, reverse=True
    )
    staff_below = _STAFF_BELOW
    if clerical and len(ranks) > 1 and ranks[-1] >= _STAFF_BELOW:
        staff_below = ranks[-1] + 1
    return [_class(rank, ranks, staff_below) if rank in ranks else 4 for rank in view.ranks]


def _class(rank: int, ranks: list[int], staff_below: int) -> int:
    if ranks.index(rank) == 0:
        return 0
    if rank < staff_below:
        return 3
    return min(ranks.index(rank), 2)
