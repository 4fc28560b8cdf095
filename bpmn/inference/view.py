"""An SOP seen as its steps' sentences: clauses, lanes named in them and the part each of these plays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from bpmn import jabatan
from bpmn.inference.clauses import Branch, Clause, clauses
from bpmn.jabatan import Mention
from bpmn.sop import Sop, Step


class Part(StrEnum):
    """The part a jabatan plays in a step's sentence."""

    SUBJECT = "subject"
    """It does what the sentence says: "Sekretaris memeriksa ..."."""
    RECIPIENT = "recipient"
    """It is handed the work: "menyerahkan kepada Sekretaris"."""
    ORDERED = "ordered"
    """It is told to do something: "memerintahkan Sekretaris"."""
    RETURNED = "returned"
    """It gets the work back: "jika tidak setuju, dikembalikan kepada Sekretaris"."""
    SOURCE = "source"
    """The work came from it: "menerima konsep dari Sekretaris"."""
    SIGNED = "signed"
    """It did something before: "yang telah ditandatangani oleh Camat"."""
    PARTNER = "partner"
    """It does it too: "bersama Sekretaris"."""
    NAMED = "named"
    """It is only spoken of."""


@dataclass(frozen=True, slots=True)
class Role:
    """A jabatan in a sentence: the lanes it may mean, how surely, and its part.

    `last` says that no other has that part after it (but in the same list), `single` that it stands in no list.
    """

    lanes: tuple[int, ...]
    strength: float
    part: Part
    last: bool
    single: bool


@dataclass(frozen=True, slots=True)
class StepView:
    """A step with its lowered text cut into clauses, and the parts that lanes play in it."""

    step: Step
    text: str
    clauses: tuple[Clause, ...]
    roles: tuple[Role, ...]

    def having(self, *parts: Part) -> tuple[Role, ...]:
        """The roles of these parts."""
        return tuple(role for role in self.roles if role.part in parts)

    @property
    def done(self) -> str:
        """What the performer himself does unless the verdict is no.

        The text without the other branches and without what is ordered to others or was done before.
        """
        kept = " ".join(clause.text for clause in self.clauses if clause.branch in {Branch.ALWAYS, Branch.YES})
        return _DONE_BEFORE.sub(" ", _ORDERED_WORK.sub(" ", kept))


@dataclass(frozen=True)
class View:
    """An SOP as the cues look at it."""

    sop: Sop
    steps: tuple[StepView, ...]

    @property
    def lanes(self) -> tuple[str, ...]:
        """The lanes as printed."""
        return self.sop.lanes

    @cached_property
    def ranks(self) -> tuple[int, ...]:
        """The rank of each lane."""
        return jabatan.ranks(self.lanes)

    @cached_property
    def height(self) -> tuple[float | None, ...]:
        """How high each lane stands: 1 the highest, 0 the lowest; None for people outside of the office."""
        inside = sorted(
            {rank for lane, rank in zip(self.lanes, self.ranks, strict=True) if not jabatan.is_outside(lane)}
        )
        places = {rank: place / max(1, len(inside) - 1) for place, rank in enumerate(inside)}
        return tuple(places.get(rank) for rank in self.ranks)

    @cached_property
    def level(self) -> tuple[int | None, ...]:
        """The place of each lane's rank among those of the table, 0 the lowest; None for people outside."""
        inside = sorted({rank for rank, height in zip(self.ranks, self.height, strict=True) if height is not None})
        places = {rank: place for place, rank in enumerate(inside)}
        return tuple(
            places[rank] if height is not None else None for rank, height in zip(self.ranks, self.height, strict=True)
        )

    def named_in(self, text: str) -> tuple[Mention, ...]:
        """The lanes a text names."""
        return jabatan.mentions(text[:_LONGEST].lower(), self.lanes)


_LONGEST = 3000  # characters of a sentence that are looked at; the longest seen has 300

_ORDER = (
    r"(?:memerintah(?:kan)?|menugaskan|menugasi|menginstruksikan|menginstruksi|mengarahkan|mendisposisi(?:kan|si)?|mengko?ordinasikan|"
    r"memberi(?:kan)?\s+(?:arahan|perintah|instruksi|tugas|disposisi)\S*|perintah)"
)
_ORDER_BEFORE = re.compile(rf"{_ORDER}(?:\s+(?:kepada|ke|pada))?\s*$")
_ORDER_VERB = re.compile(rf"\b{_ORDER}\b")
_SEND_VERB = re.compile(
    r"\b(?:menyerahkan|di\s?serahkan|meneruskan|di\s?teruskan|teruskan|menyampai\w+|di\s?sampaikan|melapor(?:kan)?|mengirim\w*|dikirim\w*|"
    r"mengajukan\w*|diajukan|memberikan|mendistribusikan|didistribusikan|mengembalikan\w*|di\s?kembalikan|menyerahkannya|mengusulkan)\b"
)
_PREPOSITION = re.compile(
    r"\b(?P<word>kepada|ke|pada|dari|oleh|dengan|bersama|melalui|untuk|mengundang|rapat)\s+"
    r"(?:(?:masing|seluruh|semua|para|setiap|tiap|bapak|ibu|dengan)\W+)*$"
)
_LISTED = re.compile(r"\s*(?:,|/|dan|serta|,\s*dan|&)\s*(?:(?:masing|seluruh|semua|para)\W+)*")
_EVERY = re.compile(r"(?:(?:masing|seluruh|semua|para|setiap|tiap)\b\W*)*")
_SUBJECT_VERB = re.compile(r"\s*(?:,\s*)?(?:dan\s+\w+\s+)?(?:me|ber)\w{3,}")
_DONE_BEFORE = re.compile(r"\byang\s+(?:telah|sudah|akan)?\s*(?:di\s?)\w+(?:\s+(?:oleh\s+)?\w+)?")
_RELATIVE = re.compile(r"\b(?:(?:yang|telah|sudah)\s+){1,2}(?:di\s?\w+\s+){1,2}(?:dan\s+di\w+\s+)?(?:oleh\s+)?$")
_TOGETHER = re.compile(r"\b(?:bersama|rapat|(?:ber)?koordinasi)\b")
_ORDERED_TO = re.compile(rf"\b{_ORDER}\b.*\b(?:untuk|agar|supaya)\s")
_ACTIVE = re.compile(r"\b(?:me|ber)\w{3,}")
_ORDERED_WORK = re.compile(rf"(?<=\s){_ORDER}\b.*?\b(?:untuk|agar|supaya|melakukan|menyusun)\b[^.;]*|^{_ORDER}\b[^.;]*")


def of(sop: Sop) -> View:
    """The view of an SOP."""
    return View(sop, tuple(_step_view(step, sop.lanes) for step in sop.steps))


def _step_view(step: Step, lanes: Sequence[str]) -> StepView:
    text = step.text[:_LONGEST].lower()
    cut = clauses(text)
    found: list[tuple[Mention, Part]] = []
    for mention in jabatan.mentions(text, lanes):
        clause = next(clause for clause in cut if clause.start <= mention.start < clause.end)
        found.append((mention, _part(text, clause, mention, found[-1] if found else None)))
    last = {part: mention for mention, part in found}
    roles = (
        Role(
            mention.lanes,
            mention.strength,
            part,
            _same_list(text, found, place, last[part]),
            not _listed(text, found, place),
        )
        for place, (mention, part) in enumerate(found)
    )
    return StepView(step, text, cut, tuple(roles))


def _same_list(text: str, found: Sequence[tuple[Mention, Part]], place: int, last: Mention) -> bool:
    """Whether a mention is the last of its part, or in one list with it ("Seksi, Lurah, dan Sekretariat")."""
    while found[place][0] is not last:
        if place + 1 == len(found) or not _LISTED.fullmatch(text, found[place][0].end, found[place + 1][0].start):
            return False
        place += 1
    return True


def _listed(text: str, found: Sequence[tuple[Mention, Part]], place: int) -> bool:
    """Whether a mention stands in a list. "Kasubag Perencanaan/Sekcam" is a choice, no list."""
    pairs = zip(found[max(0, place - 1) : place + 2], found[max(0, place - 1) + 1 : place + 2], strict=False)
    gaps = [text[one.end : other.start] for (one, _), (other, _) in pairs]
    return any(_LISTED.fullmatch(gap) and gap.strip() != "/" for gap in gaps)


def _part(text: str, clause: Clause, mention: Mention, before: tuple[Mention, Part] | None) -> Part:
    lead = text[clause.start : mention.start]
    if before and before[1] is not Part.SUBJECT and _LISTED.fullmatch(text, before[0].end, mention.start):
        return before[1]
    if _RELATIVE.search(lead):
        return Part.SIGNED
    if _ORDER_BEFORE.search(lead):
        return Part.RETURNED if clause.branch is Branch.NO else Part.ORDERED
    preposition = _PREPOSITION.search(lead)
    if preposition:
        return _part_by_preposition(preposition["word"], lead, clause)
    if _EVERY.fullmatch(lead.strip()) and clause.branch is Branch.ALWAYS and _SUBJECT_VERB.match(text, mention.end):
        return Part.SUBJECT
    return Part.NAMED


def _part_by_preposition(word: str, lead: str, clause: Clause) -> Part:
    if word in {"kepada", "ke", "pada"}:
        return Part.RETURNED if clause.branch is Branch.NO else _addressed(word, lead)
    if word == "dengan":
        return Part.PARTNER if _TOGETHER.search(lead) else Part.NAMED
    if word == "oleh":
        if clause.branch is Branch.NO:
            return Part.RETURNED
        return Part.NAMED if _ACTIVE.search(lead) else Part.SUBJECT
    return {"dari": Part.SOURCE, "bersama": Part.PARTNER, "rapat": Part.PARTNER}.get(word, Part.NAMED)


def _addressed(word: str, lead: str) -> Part:
    """The part of somebody after "kepada": handed the work, ordered, or met in what another is ordered to do."""
    if _ORDERED_TO.search(lead):
        return Part.NAMED
    ordered = [found.start() for found in _ORDER_VERB.finditer(lead)]
    sent = [found.start() for found in _SEND_VERB.finditer(lead)]
    if word == "pada" and not ordered and not sent:
        return Part.NAMED
    return Part.ORDERED if max(ordered, default=-1) > max(sent, default=-1) else Part.RECIPIENT
