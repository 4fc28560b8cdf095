"""Whether the performer of a step initials (*paraf*) or signs (*tanda tangan*) in it, as its text says.

Recorded in the performer's name when the step is done, so only what is surely the performer's own act counts: not what
is handed on to be signed, was signed before, or is signed by another. To approve ("menyetujui") is not to sign.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bpmn import jabatan
from bpmn.flow import PARAF, TANDA_TANGAN
from bpmn.inference.verbs import NO_AUTHORITY
from bpmn.jabatan import Mention

_LONGEST = 3000  # characters of a text that are looked at
_PUTS = r"(?:memberi(?:kan)?|membubuhkan|membubuhi)"
_ACTIVE = {
    TANDA_TANGAN: re.compile(rf"\b(?:menanda\s?tangani\w*|{_PUTS} tanda\s?tangan)\b{NO_AUTHORITY}"),
    PARAF: re.compile(rf"\b(?:mem-?\s?paraf\w*|memaraf\w*|{_PUTS} (?:paraf|faraf))\b{NO_AUTHORITY}"),
}
_PASSIVE = {
    TANDA_TANGAN: re.compile(rf"\bdi\s?tanda\s?tangani\b{NO_AUTHORITY}"),
    PARAF: re.compile(rf"\b(?:di\s?paraf|di\s?bubuh\w* (?:paraf|faraf))\b{NO_AUTHORITY}"),
}
_NAMED = {
    TANDA_TANGAN: re.compile(rf"\W*(?:penanda\s?tanganan|tanda\s?tangan)\b{NO_AUTHORITY}"),
    PARAF: re.compile(rf"\W*(?:pemarafan|paraf)\b{NO_AUTHORITY}"),
}
"""The act as the row's first word: "Paraf konsep surat"."""

_ORDERED = re.compile(
    r"\b(?:untuk|agar|supaya|guna|akan|memerintahkan?|menugas\w+|menginstruksi\w+|meminta\w*|memohon\w*|menunggu)\b"
    r"(?:(?!\b(?:kemudian|lalu|selanjutnya)\b)[^,;.])*$"
)
"""What follows is for others to do, or later."""
_NOT_NOW = re.compile(
    r"\b(?:yang|telah|sudah|setelah|sesudah|sebelum|belum|tidak)\b"
    r"(?:(?!\b(?:dan|serta|kemudian|lalu|selanjutnya)\b)[^,;.])*$"
)
_HANDED_ON = re.compile(r"\b(?:kepada|ke)\b[^,;.]*,?\s*$")
_SAID = re.compile(
    r"(?:^|[,.;:]|\b(?:dan|serta|lalu|kemudian|selanjutnya|maka|langsung|segera|ya|(?:di)?setujui?|benar|sesuai|lengkap|"
    r"valid|layak))\s*$"
)
"""Before a passive verb that tells what is done, and not which document is meant ("surat ditandatangani")."""
_BY = re.compile(r"\s+oleh\b")
_AGENT = re.compile(r"\s+(?:oleh\s+)?(?:(?:bapak|ibu)\s+)?")


def own(text: str, performer: str, lanes: Sequence[str]) -> str:
    """PARAF or TANDA_TANGAN where a row says that its performer does that, the latter if both; else "".

    `performer` is the lane of the step, one of `lanes`.
    """
    lowered = text[:_LONGEST].lower()
    mentions = jabatan.mentions(lowered, lanes)
    for approval in (TANDA_TANGAN, PARAF):
        if (
            _NAMED[approval].match(lowered)
            or any(_does(lowered, found, performer, lanes, mentions) for found in _ACTIVE[approval].finditer(lowered))
            or any(
                _is_done(lowered, found, performer, lanes, mentions) for found in _PASSIVE[approval].finditer(lowered)
            )
        ):
            return approval
    return ""


def _does(text: str, found: re.Match[str], performer: str, lanes: Sequence[str], mentions: Sequence[Mention]) -> bool:
    """Whether it is the performer who "menandatangani": nobody else is the subject, and it is no order."""
    before = text[: found.start()]
    subject = next((mention for mention in mentions if not text[mention.end : found.start()].strip()), None)
    if subject is not None and subject.end <= found.start() and not _means(subject, performer, lanes):
        return False
    return not _ORDERED.search(before) and not _NOT_NOW.search(before)


def _is_done(
    text: str, found: re.Match[str], performer: str, lanes: Sequence[str], mentions: Sequence[Mention]
) -> bool:
    """Whether what is "ditandatangani" is so by the performer: by nobody else, now, and before it is handed on."""
    before = text[: found.start()]
    if not _SAID.search(before) or any(other.search(before) for other in (_ORDERED, _NOT_NOW, _HANDED_ON)):
        return False
    begins = _AGENT.match(text, found.end())
    agent = next((mention for mention in mentions if begins and mention.start == begins.end()), None)
    if agent is not None:
        return _means(agent, performer, lanes)
    return not _BY.match(text, found.end())


def _means(mention: Mention, performer: str, lanes: Sequence[str]) -> bool:
    return performer in {lanes[place] for place in mention.lanes}
