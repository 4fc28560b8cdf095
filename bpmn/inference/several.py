"""Which steps are performed by several, and how: by each holder of one jabatan, together, or one after another.

Of 240 steps in real SOPs 18 are (domain.md): most are meetings, the others chained approvals in one row. Only clear
wording counts; every other step stays one task of one jabatan.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bpmn.inference import labels
from bpmn.inference.clauses import Branch
from bpmn.inference.view import StepView, View
from bpmn.jabatan import Mention
from bpmn.sop import Act, Decision, Manner, Performer, Several
from bpmn.wording import Sentence, sentence

SURE = 0.7
"""An approver who is named less surely than this is for the analyst to confirm."""

_EVERY = r"(?:seluruh|semua|para|masing\s*-?\s*masing|setiap|tiap(?:\s*-?\s*tiap)?)"
_EVERY_HEADING = re.compile(rf"\s*{_EVERY}\b", re.IGNORECASE)
_PLURAL_HEADING = re.compile(r"\b(\w{4,})\s*-\s*\1\b", re.IGNORECASE)
_EVERY_SUBJECT = re.compile(rf"{_EVERY}\s+")
_BY_EVERY = re.compile(rf"\boleh\s+{_EVERY}\s+")
_TOGETHER = re.compile(r"\b(?:rapat|bersama(?:-sama)?|musyawarah|(?:ber|meng|)?koordinasi\w*)\b")
_VERB_AFTER = re.compile(r"\s*(?:,\s*)?(?:me|ber)\w{3,}")

# What an approver does, as the verb is printed about him or about the document, and as the label of his box says it.
_ACTS = {
    "memeriksa": r"memeriksa|diperiksa",
    "mengoreksi": r"meng?koreksi|dikoreksi",
    "meneliti": r"meneliti|diteliti",
    "memverifikasi": r"mem?verifikasi|diverifikasi",
    "memvalidasi": r"memvalidasi|divalidasi",
    "mereviu": r"mereview|mereviu|direview|direviu",
    "menyetujui": r"menyetujui|disetujui",
    "memaraf": r"mem?paraf|memaraf|diparaf|(?:mem|di)bubuh\w*\s+paraf",
    "menandatangani": r"menanda\s?tangani|di\s?tanda\s?tangani",
    "mengesahkan": r"menge?sahkan|disahkan",
}
_AND = r"\s*(?:,\s*dan|,|dan|serta|&|/)\s*"
_ONE_ACT = "|".join(_ACTS.values())
_ACT = re.compile(rf"\b(?:{_ONE_ACT})(?:{_AND}(?:{_ONE_ACT}))*\b")
_AGENT_AFTER = re.compile(r"\s+(?:(?:oleh|bapak|ibu)\s+)*")
_LISTED = re.compile(r"\s*(?:,\s*dan|,\s*serta|,|dan|serta|&)\s*(?:oleh\s+)?")
_CHOICE = re.compile(r"\s*(?:/|atau\b)")
# Words that make an act one of the past, of a purpose, or of a verdict, up to the next comma.
_NOT_NOW = re.compile(
    r"\b(?:yang|telah|sudah|setelah|sesudah|sebelum|belum|untuk|agar|supaya|tidak|jika|apabila|bila|kepada|ke|dari|pada)"
    r"\b[^,;.]*$"
)
_THEN = re.compile(r"^[\s,]*(?:dan|lalu|kemudian|selanjutnya|setelah itu|serta)\s+")
_LEAD = re.compile(r"[\s,]*(?:dan|lalu|kemudian|selanjutnya|setelah itu|serta|untuk)?[\s,]*$")
_DOES = re.compile(r"(?:me|ber)\w{3,}")
_LONGEST_OBJECT = 4  # words


def manners(view: View, performing: Sequence[Performer], decisions: Sequence[Decision | None]) -> list[Several | None]:
    """How each step is performed by several, None where one performs it or nothing clear is said."""
    return [
        _chain(view, seen, performer) or _each(view, seen, performer, decision) or _meeting(seen, performer)
        for seen, performer, decision in zip(view.steps, performing, decisions, strict=True)
    ]


# -- each holder ------------------------------------------------------------------------------------------------------


def _each(view: View, seen: StepView, performer: Performer, decision: Decision | None) -> Several | None:
    """Every holder of one jabatan. Not where something is decided: their answers could differ."""
    if len(performer.lanes) > 1 or decision is not None or _TOGETHER.search(seen.text):
        return None
    lane = performer.lane
    if _EVERY_HEADING.match(lane) or _PLURAL_HEADING.search(lane):
        evidence = sentence("Judul kolom “%(lane)s” menyebut lebih dari satu pemegang jabatan.", lane=lane)
        return Several(Manner.EACH, (), review=not _EVERY_HEADING.match(lane), evidence=(evidence,))
    quote = _said_of_every(view, seen, lane)
    if quote is None:
        return None
    evidence = sentence("Uraian kegiatan menyebut setiap pemegang jabatan sebagai pelaksana: “%(text)s”.", text=quote)
    return Several(Manner.EACH, (), review=False, evidence=(evidence,))


def _said_of_every(view: View, seen: StepView, lane: str) -> str | None:
    """The words that make every holder of the lane the subject: "masing-masing Kasi ...", "... oleh seluruh Kasi"."""
    subject, agent = _EVERY_SUBJECT.match(seen.text), _BY_EVERY.search(seen.text)
    for mention in view.named_in(seen.text):
        if [view.lanes[place] for place in mention.lanes] != [lane]:
            continue
        if subject and mention.start == subject.end() and _VERB_AFTER.match(seen.text, mention.end):
            return _printed(seen, 0, mention.end)
        if agent and mention.start == agent.end() and not _NOT_NOW.search(seen.text[: agent.start()]):
            return _printed(seen, agent.start(), mention.end)
    return None


# -- together ---------------------------------------------------------------------------------------------------------


def _meeting(seen: StepView, performer: Performer) -> Several | None:
    found = _TOGETHER.search(seen.text)
    if found is None or len(performer.lanes) < 2:
        return None
    evidence = sentence(
        "Langkah ini dikerjakan bersama (“%(word)s”), jadi satu tugas yang dipimpin %(lane)s.",
        word=found[0],
        lane=performer.lane,
    )
    return Several(Manner.TOGETHER, (), review=performer.review, evidence=(evidence,))


# -- one after another ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Approval:
    """An act with those who do it, from `start` to `end` of the lowered text."""

    start: int
    end: int
    verbs: str
    agents: tuple[Mention, ...]


def _chain(view: View, seen: StepView, performer: Performer) -> Several | None:
    """Approvals by at least two jabatan, each named with its act; what comes before them is the performer's own act."""
    approvals = _approvals(view, seen)
    lanes = {mention.lanes for approval in approvals or () for mention in approval.agents}
    if not approvals or len(lanes) < 2 or any(len(meant) > 1 for meant in lanes):
        return None
    before = _LEAD.sub("", seen.text[: approvals[0].start])
    own = _DOES.match(before)
    if own and (len(performer.lanes) > 1 or performer.lane in {view.lanes[meant[0]] for meant in lanes}):
        return None
    document = _document(seen, before, approvals, own=bool(own))
    acts = [
        Act(_label(approval.verbs, document), view.lanes[mention.lanes[0]])
        for approval in approvals
        for mention in approval.agents
    ]
    if own:
        acts.insert(0, Act(labels.label(_printed(seen, 0, len(before)), view.lanes), performer.lane, approves=False))
    unsure = any(mention.strength < SURE for approval in approvals for mention in approval.agents)
    return Several(
        Manner.CHAIN, tuple(acts), review=unsure or (bool(own) and performer.review), evidence=(_told(seen, approvals),)
    )


def _approvals(view: View, seen: StepView) -> list[_Approval] | None:
    """All approvals of a step in their order; None where it says of one of them not who does it, or not that it is."""
    if any(clause.branch is not Branch.ALWAYS for clause in seen.clauses):
        return None
    mentions = view.named_in(seen.text)
    found: list[_Approval] = []
    for act in _ACT.finditer(seen.text):
        after = _AGENT_AFTER.match(seen.text, act.end())
        agents = _list_from(seen.text, mentions, after.end()) if after else ()
        start, end = act.start(), agents[-1].end if agents else act.end()
        if not agents:
            agents = _list_until(seen.text, mentions, act.start())
            start = agents[0].start if agents else act.start()
        before = seen.text[found[-1].end if found else 0 : start]
        if not agents or _CHOICE.match(seen.text, agents[-1].end) or _NOT_NOW.search(before):
            return None
        found.append(_Approval(start, end, act[0], agents))
    return found


def _list_from(text: str, mentions: Sequence[Mention], start: int) -> tuple[Mention, ...]:
    """The jabatan listed from here on: "Kasubbag, Kasi dan Sekretaris"."""
    listed: list[Mention] = []
    for mention in mentions:
        if mention.start == start or (listed and _LISTED.fullmatch(text, listed[-1].end, mention.start)):
            # "diparaf Sekretaris dan Camat menandatangani": the Camat is the subject of what follows.
            if listed and re.compile(rf"\s+(?:{_ONE_ACT})\b").match(text, mention.end):
                break
            listed.append(mention)
    return tuple(listed)


def _list_until(text: str, mentions: Sequence[Mention], end: int) -> tuple[Mention, ...]:
    """The jabatan listed right before: "Kasubbag dan Sekretaris memaraf"."""
    listed: list[Mention] = []
    for mention in reversed(mentions):
        following = listed[0].start if listed else end
        gap = text[mention.end : following]
        if mention.end <= following and (_LISTED.fullmatch(gap) if listed else gap.isspace()):
            listed.insert(0, mention)
    return tuple(listed)


def _document(seen: StepView, before: str, approvals: Sequence[_Approval], *, own: bool) -> str:
    """What is approved, in a few words as printed; "" if the text does not say it briefly."""
    rest = seen.text[approvals[-1].end :]
    spoken = "" if own else _THEN.sub("", before).strip() or rest.strip(" .,;")
    return spoken if len(spoken.split()) <= _LONGEST_OBJECT and not _DOES.search(spoken) else ""


def _label(verbs: str, document: str) -> str:
    """The act as a label: "diperiksa dan diparaf" is "Memeriksa dan memaraf"."""
    names = [
        name for verb in re.split(_AND, verbs) for name, forms in _ACTS.items() if re.fullmatch(forms, verb.strip())
    ]
    return f"{' dan '.join(names)} {document}".strip().capitalize()


def _told(seen: StepView, approvals: Sequence[_Approval]) -> Sentence:
    quote = _printed(seen, approvals[0].start, approvals[-1].end)
    return sentence("Baris ini memuat beberapa persetujuan berurutan: “%(text)s”.", text=quote)


def _printed(seen: StepView, start: int, end: int) -> str:
    """A part of the lowered text as it is printed."""
    text = seen.step.text if len(seen.step.text[: len(seen.text)]) == len(seen.text) else seen.text
    return text[start:end].strip(" ,.;")
