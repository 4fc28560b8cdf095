"""Which steps are done only sometimes, so that the work goes past them or takes one of two ways.

"Melakukan perbaikan apabila masih perlu perbaikan" is a step that is skipped where nothing is to be repaired; "jika
dalam kota ..., jika tidak ..." names two ways. Neither is a return (domain.md). The performer of the step before says
which way it is. Only clear wording counts; every other step stays in the one way there is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bpmn.inference.clauses import Branch, Clause
from bpmn.inference.view import StepView, View
from bpmn.sop import Condition, Decision, Manner, Several
from bpmn.wording import Sentence, sentence

SURE = 0.75
"""A condition less probable than this is for the analyst to confirm."""

_REPAIRED, _NEEDED, _WAYS = 0.85, 0.6, 0.7

_IF = r"(?:jika|jikalau|apabila|apabia|bila|bilamana|kalau)"
_THING = r"(?:perbaikan|perubahan|kesalahan|kekurangan|koreksi|revisi|keberatan|tambahan|masukan|kekeliruan|sanggahan)"
_NEED = (
    rf"(?:memang\s+|masih\s+|dipandang\s+|dirasa\s+|dianggap\s+)*(?:di)?(?:perlu|butuh)(?:kan)?(?:\s+(?:adanya\s+)?{_THING})?"
    rf"|(?:masih\s+)?(?:ada|terdapat|ditemukan|terjadi)\s+{_THING}"
)
_LAST = re.compile(rf"\s*,?\s*\(?\b{_IF}\s+(?P<need>{_NEED})\)?[\s.;]*$")
_FIRST = re.compile(rf"\s*{_IF}\s+(?P<need>{_NEED})\s*(?:,|maka\b|(?=me\w|di\w))\s*")
_BARE_NEED = re.compile(r"perlu|butuh")
_FILLING = re.compile(r"\b(?:masih|memang|dipandang|dirasa|dianggap|adanya)\s+")
_REPAIRS = re.compile(
    r"(?:\w+\s+)?(?:memperbaiki|(?:me)?lakukan\s+(?:perbaikan|revisi|koreksi|penyempurnaan)|merevisi|menyempurnakan|mengedit|"
    r"di\s?perbaiki|di\s?revisi)\b"
)
_MORE = re.compile(r",|;|\b(?:dan|serta|kemudian|lalu|selanjutnya)\b")

_ASKED = re.compile(rf"{_IF}\s+(?P<asked>[^,;.:]+?)\s*(?:[,;:]|\bmaka\b|\b(?=(?:me|di)\w{{4,}}))")
_ELSE = re.compile(rf"{_IF}\s+tidak\b\s*[,:]?")
_STEM = re.compile(r"^(?:me(?:ny|ng|m|n)?|di|ber|ter|pe(?:ny|ng|m|n)?)?(?P<stem>\w{3,}?)(?:kannya|kan|nya|an|i)?$")
_STOP_WORDS = """
    jika apabila bila kalau tidak maka dan atau serta yang untuk kepada dari dengan pada oleh akan telah sudah langsung
"""
_STOP = frozenset(_STOP_WORDS.split())
_LONGEST_QUESTION = 6  # words


def conditions(
    view: View, several: Sequence[Several | None], decisions: Sequence[Decision | None]
) -> list[Condition | None]:
    """The condition of each step, None where it is always done.

    What each holder of a jabatan does decides nothing, so nothing depends on it; nor does a step on one that itself
    is done only sometimes.
    """
    found: list[Condition | None] = [None] * len(view.steps)
    for at in range(1, len(view.steps)):
        before = several[at - 1]
        if found[at] or found[at - 1] or (before is not None and before.manner is Manner.EACH):
            continue
        ways = _ways(view, at)
        if ways:
            found[at], found[at + 1] = ways
        else:
            found[at] = _sometimes(view, at, decided=decisions[at] is not None)
    return found


def returning(
    view: View, decisions: Sequence[Decision | None], found: Sequence[Condition | None]
) -> list[Decision | None]:
    """The decisions, but for those whose words are the condition of their own step."""
    return [
        None if condition and any(clause.branch is not Branch.ALWAYS for clause in seen.clauses) else decision
        for seen, decision, condition in zip(view.steps, decisions, found, strict=True)
    ]


# -- a step that may be skipped ---------------------------------------------------------------------------------------


def _sometimes(view: View, at: int, *, decided: bool) -> Condition | None:
    """A step that as a whole is done only where something is to be repaired, or "jika diperlukan"."""
    seen = view.steps[at]
    first, last = _FIRST.match(seen.text), _LAST.search(seen.text)
    done = seen.text[first.end() :] if first else seen.text[: last.start()] if last else ""
    need = first or last
    if need is None or not done.strip() or re.search(rf"\b{_IF}\b", done):
        return None
    repairs = bool(_REPAIRS.match(done)) and "perlu" not in done
    if not repairs and (decided or (last and _MORE.search(done))):
        return None
    answer = re.sub(r"^di(perlu|butuh)kan$", r"\1", _FILLING.sub("", need["need"]).strip())
    evidence = sentence(
        "Langkah ini hanya dikerjakan dengan syarat: “%(text)s”; yang memutuskan adalah pelaksana langkah %(no)s.",
        text=_printed(seen, need.start(), need.end()),
        no=view.steps[at - 1].step.no,
    )
    question = f"{answer} {done}".strip(" .,;") if _BARE_NEED.fullmatch(answer) and _is_brief(done) else answer
    words = (question, answer, f"tidak {answer}")
    return _condition(view, at, words, _REPAIRED if repairs else _NEEDED, evidence)


# -- two ways ---------------------------------------------------------------------------------------------------------


def _ways(view: View, at: int) -> tuple[Condition, Condition] | None:
    """This step and the next as the two ways that the step before, or they themselves, name."""
    if at + 1 >= len(view.steps):
        return None
    one, other = view.steps[at], view.steps[at + 1]
    named = _named_before(view.steps[at - 1], one, other) or _named_themselves(view, at)
    if named is None:
        return None
    asked, otherwise = named
    evidence = sentence(
        "Langkah %(one)s dan %(other)s adalah dua jalan dari satu pilihan: “%(asked)s” atau “%(otherwise)s”.",
        one=one.step.no,
        other=other.step.no,
        asked=asked,
        otherwise=otherwise,
    )
    question = asked if otherwise.startswith("tidak ") else f"{asked} atau {otherwise}"
    return (
        _condition(view, at, (question, asked, otherwise), _WAYS, evidence),
        _condition(view, at, (question, otherwise, asked), _WAYS, evidence),
    )


def _named_before(before: StepView, one: StepView, other: StepView) -> tuple[str, str] | None:
    """The two conditions of the step before, if what follows each is clearly what one of the next two steps does."""
    clauses = [clause for clause in before.clauses if clause.branch is not Branch.ALWAYS]
    if len(clauses) != 2:
        return None
    asked = _asked(*clauses)
    if asked is None:
        return None
    first, second = _stems(clauses[0].text), _stems(clauses[1].text)
    shared = first & second
    does, does_other = _stems(one.text), _stems(other.text)
    clear = (
        _alike(does, first - shared)
        and _alike(does_other, second - shared)
        and not _alike(does, second - shared)
        and not _alike(does_other, first - shared)
    )
    return asked if clear else None


def _named_themselves(view: View, at: int) -> tuple[str, str] | None:
    """The conditions that this step and the next, but no other, begin with: "Jika dalam kota ...", "Jika tidak ..."."""
    before, one, other, third = (_leading(view, place) for place in range(at - 1, at + 3))
    if one is None or other is None or before is not None or third is not None:
        return None
    return _asked(one, other)


def _leading(view: View, at: int) -> Clause | None:
    """The condition that a step begins with."""
    first = view.steps[at].clauses[0] if at < len(view.steps) and view.steps[at].clauses else None
    return first if first is not None and first.branch is not Branch.ALWAYS else None


def _asked(one: Clause, other: Clause) -> tuple[str, str] | None:
    """What two clauses ask, in a few words each; None where it is a verdict, or no short question."""
    found = _ASKED.match(one.text)
    bare = bool(_ELSE.match(other.text))
    if one.branch is not Branch.OTHER or found is None or (other.branch is not Branch.OTHER and not bare):
        return None
    asked = found["asked"].strip()
    second = _ASKED.match(other.text)
    if re.match(_NEED, asked):
        return None
    otherwise = f"tidak {asked}" if bare else second["asked"].strip() if second else ""
    return (asked, otherwise) if _is_brief(asked) and _is_brief(otherwise) and asked != otherwise else None


def _is_brief(text: str) -> bool:
    """Whether a text fits on a gateway or a button."""
    return 0 < len(text.split()) <= _LONGEST_QUESTION


def _stems(text: str) -> frozenset[str]:
    """The words of a text without the commonest affixes, short words and joining words left out."""
    words = (word for word in re.findall(r"[a-z]{4,}", text) if word not in _STOP)
    return frozenset(found["stem"] if (found := _STEM.match(word)) else word for word in words)


def _alike(some: frozenset[str], others: frozenset[str]) -> bool:
    """Whether two texts share a word; "mengirim" and "dikirim" lose a different first letter to their prefix."""
    return any(one.endswith(other) or other.endswith(one) for one in some for other in others)


# -- both -------------------------------------------------------------------------------------------------------------


def _condition(view: View, at: int, words: tuple[str, str, str], confidence: float, evidence: Sentence) -> Condition:
    """The condition of a step; `words` are question, answer and otherwise. It is asked in the step before a pair."""
    question, answer, otherwise = (word[:1].upper() + word[1:] for word in words)
    return Condition(
        decided_in=view.steps[at - 1].step.no,
        question=f"{question}?",
        answer=answer,
        otherwise=otherwise,
        confidence=confidence,
        review=confidence < SURE,
        evidence=(evidence,),
    )


def _printed(seen: StepView, start: int, end: int) -> str:
    """A part of the lowered text as it is printed."""
    text = seen.step.text if len(seen.step.text) == len(seen.text) else seen.text
    return text[start:end].strip(" ,.;")
