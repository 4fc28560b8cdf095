"""A step's sentence cut into what is done in any case, what is done if the verdict is yes, and what if it is no."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


class Branch(StrEnum):
    """When a clause holds."""

    ALWAYS = "always"
    YES = "yes"
    NO = "no"
    OTHER = "other"
    """Under a condition that is no verdict: "jika diperlukan"."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of the lowered text, from `start` to `end`, and when it holds."""

    branch: Branch
    start: int
    end: int
    text: str


_CONDITION = re.compile(r"\b(?:jika|jikalau|apabila|apabia|bila|bilamana|kalau)\b")
_SENTENCE_END = re.compile(r"[.;](?=\s|$)")
_QUALITY = (
    r"(?:di\s?)?(?:setujui?\w*|lengkap\w*|sesuai|benar|valid|memenuhi|layak|terpenuhi|sempurna|tepat|cocok|disahkan|lulus|"
    r"ditandatangani|diterima)"
)
_REPAIR = (
    r"(?:perbaikan|kesalahan|kekurangan|koreksi|revisi|ketidaksesuaian|kekeliruan|catatan|"
    r"(?:di\s?)?perbaiki|salah|keliru|kurang)"
)
_NO = re.compile(
    rf"\w+\s+(?:(?:masih|ternyata|dokumen|berkas|data|konsep|surat|hasilnya)\s+)*(?:(?:tidak|belum|kurang)\s+{_QUALITY}|ditolak|salah\b|keliru)"
    rf"|\w+\s+(?:\w+\s+){{0,5}}?(?:ada|terdapat|masih|perlu|memerlukan|ditemukan|terjadi|membutuhkan)\s+(?:\w+\s+){{0,4}}?{_REPAIR}\b"
)
_NO_FAULT = re.compile(rf"\w+\s+(?:\w+\s+){{0,2}}?tidak\s+(?:ada|terdapat|ditemukan)\s+(?:\w+\s+)?{_REPAIR}")
# A verdict without "jika": "berkas yang tidak lengkap dikembalikan", "Ya: diparaf, Tidak: dikembalikan".
_UNLED_NO = re.compile(
    rf"\b(?:yang\s+)?(?:tidak|belum|kurang)\s+{_QUALITY}(?=[^.;]{{0,40}}\b(?:di\s?kembali|diperbaiki|dilengkapi|direvisi))"
    r"|\b(?:tidak|tdk)\s*[:=](?=[^.;]{0,40}\bkembali)"
)
_LEAD = 40  # characters between "jika" and its verdict
_BARE_NO = re.compile(r"\w+\s+(?:tidak|belum|tdk)(?:\s*[,:]|\s+(?:di|me|maka|kembali))")
_YES = re.compile(
    rf"\w+\s+(?:\w+\s+){{0,3}}?(?:ya\b|(?:(?:sudah|telah)\s+)?{_QUALITY}|tidak\s+ada\s+(?:\w+\s+)?{_REPAIR})"
)


def clauses(lowered: str) -> tuple[Clause, ...]:
    """The clauses of a lowered text, in order and without gaps.

    A bare "jika tidak" answers the condition before it: it is a no only where that asked for a verdict ("jika setuju,
    ..., jika tidak ..."), else just another condition ("jika dalam kota, ..., jika tidak ...").
    """
    cuts = sorted({0, *_starts(lowered), len(lowered)})
    found: list[Clause] = []
    verdict = True
    for start, end in pairwise(cuts):
        text = lowered[start:end]
        branch = _branch(text, verdict=verdict)
        if branch is not Branch.ALWAYS:
            verdict = branch is not Branch.OTHER
        found.append(Clause(branch, start, end, text))
    return tuple(found)


def _starts(lowered: str) -> list[int]:
    """Where a condition begins, and where a sentence begins after one."""
    starts = [found.start() for found in _CONDITION.finditer(lowered)]
    for found in _UNLED_NO.finditer(lowered):
        if not any(start <= found.start() <= start + _LEAD for start in starts):
            starts.append(found.start())
    ends = [found.end() for found in _SENTENCE_END.finditer(lowered)] if starts else []
    return starts + ends


def _branch(text: str, *, verdict: bool) -> Branch:
    if not _CONDITION.match(text):
        return Branch.NO if _UNLED_NO.match(text) else Branch.ALWAYS
    if _NO_FAULT.match(text):
        return Branch.YES
    if _YES.match(text) and not _NO.match(text):
        return Branch.YES
    if _NO.match(text) or (_BARE_NO.match(text) and verdict):
        return Branch.NO
    return Branch.OTHER
