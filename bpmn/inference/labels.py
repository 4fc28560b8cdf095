"""The short label of a step's box: a few words, the verb first, nothing essential lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bpmn import jabatan

LIMIT = 48
"""Characters. A box of the diagram holds three lines of sixteen."""
_LONGEST = 1000  # characters that are looked at

_CONDITION = re.compile(r"[\s,.;]+\b(?:jika|apabila|bila|kalau)\b.*$", re.IGNORECASE | re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=\w{3})\s?\.\s?(?=[A-Z]).*$", re.DOTALL)
_VERB = re.compile(r"(?:me|ber|di)[a-z]{3,}", re.IGNORECASE)
_ACTIVE = r"(?:mem|men|meng|meny|me|ber)[a-z]{3,}"

# Nouns with which some sheets begin a step, and their verbs.
_VERBS = {
    "pengesahan": "mengesahkan",
    "perintah": "memerintahkan",
    "penandatanganan": "menandatangani",
    "pemeriksaan": "memeriksa",
    "penyusunan": "menyusun",
    "pembuatan": "membuat",
    "penyampaian": "menyampaikan",
    "pengarsipan": "mengarsipkan",
    "pendistribusian": "mendistribusikan",
    "penyerahan": "menyerahkan",
    "pengumpulan": "mengumpulkan",
    "verifikasi": "memverifikasi",
}
_PASSIVES = {
    "didistribusikan": "mendistribusikan",
    "diarsipkan": "mengarsipkan",
    "disampaikan": "menyampaikan",
    "diserahkan": "menyerahkan",
    "digandakan": "menggandakan",
    "ditandatangani": "menandatangani",
    "diparaf": "memaraf",
    "diperiksa": "memeriksa",
    "dikirim": "mengirim",
    "diagendakan": "mengagendakan",
    "diverifikasi": "memverifikasi",
}
_LIGHT = frozenset({"melakukan", "melaksanakan"})
_ORDER = re.compile(
    r"(?P<verb>memerintahkan|menugaskan)\b(?: dan \w+)?(?: kepada)?(?P<whom>.{0,60}?)\s+untuk\s+(?P<what>.+)",
    re.IGNORECASE,
)
_ORDER_LATER = re.compile(
    r"(?:menerima|menelaah)\b.*?\b(?P<verb>memerintahkan|menugaskan)\b(?P<whom>.{0,60}?)\s+untuk\s+(?P<what>.+)",
    re.IGNORECASE,
)
# Long-winded, and said in one word.
_WORDINGS = (
    (re.compile(r"\bmemberi(?:kan)? paraf pada\b", re.IGNORECASE), "memaraf"),
    (re.compile(r"\bmemberi(?:kan)? persetujuan serta\b", re.IGNORECASE), "menyetujui dan"),
    (re.compile(r"^(memerintahkan)(?: untuk)? (?:melakukan|melaksanakan)\b", re.IGNORECASE), r"\1"),
    (re.compile(r"^(memerintahkan|menugaskan) untuk\b", re.IGNORECASE), r"\1"),
    (re.compile(r"\s+,"), ","),
    (re.compile(r",(?=[^\s\d])"), ", "),
)
_PASSIVE = re.compile(rf"\b(?:{'|'.join(_PASSIVES)})\b", re.IGNORECASE)
_ABBREVIATION_WORDS = """
    SOP SKPD OPD SKP PAK DUK PNS ASN BKD JFU JFT RKT RKA DPA SPP SPM SK RENSTRA RENJA LKJIP LAKIP RPJM SAKIP IKU BPD LCD
    DUPAK KTP KK IV III II
"""
_ABBREVIATIONS = frozenset(_ABBREVIATION_WORDS.split())
_NAMES = re.compile(
    r"\b(?:(?:kecamatan|kec\.|kabupaten|kab\.|kelurahan|desa|kota|provinsi)\s+(?:[A-Z][a-z]+\s?){1,2}|(?:bupati|camat|sekretaris|sekcam|lurah|"
    r"kasi|kasubbag|kasubag|kabid|kepala (?:seksi|bidang|satuan|dinas|badan|sub bagian)|renstra|renja|"
    r"inspektorat|pelaksana|staf)\b)",
    re.IGNORECASE,
)
# What a label can do without, the least needed first.
_LESS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), by)
    for pattern, by in (
        (r"\s*\([^()]*\)", ""),
        (r"\s+sebagai bahan\b.*$", ""),
        (r"\s+(?:dalam rangka|sesuai (?:dengan )?|mengenai|terkait|berdasarkan)\b.*?(?=, (?:me|di)|$)", ""),
        (rf"\s+sebelum\b.*?(?= dan {_ACTIVE}|$)", ""),
        (r"(?<=\w)/\w+(?=\s+\w)", ""),
        (rf"\s+yang\s+(?:(?!\s+dan {_ACTIVE}|, ).)*", ""),
        (r"\b(?:hasil|seluruh|semua|masing-masing)\s+", ""),
        (r"\bterhadap\s*:?\s+", ""),
        (r"\b(?P<of>bahan|data|materi) untuk (?=pen?[a-z]+an\b)", r"\g<of> "),
        (
            (
                rf"^menerima(?:\s+.*?)?,?\s+(?:dan|kemudian)\s+(?=(?:{_ACTIVE})\s+\w)"
                r"(?!(?:menyerahkan|meneruskan) (?:ke|kepada))"
            ),
            "",
        ),
        (r"^menerima,\s*", ""),
        (
            (
                r"(?:,|\s+dan|\s+serta|,?\s+kemudian|,\s*dan)\s+"
                rf"(?:(?:menyerah|menerus|menyampai|melapor|mendisposisi|diserah|diterus)\w*|{_ACTIVE}nya)\s+"
                r"(?:laporan\s+)?(?:kepada|ke)\b.*$"
            ),
            "",
        ),
        (r"\s+(?:kepada|ke)\s+.*?(?=\s+(?:dan|untuk)\s|$)", ""),
        (r"\s+(?:untuk|guna|agar|supaya|dalam|dari|bagi|pada|atas|tentang|bersama)\s.*$", ""),
    )
)
_DANGLING_WORDS = """
    dan atau serta untuk kepada ke dari di dalam pada atas dengan yang oleh sebagai tentang bersama terhadap agar
    mengenai terkait masing kec kab kecamatan kabupaten calon para seluruh telah sudah akan melakukan melaksanakan
    antara per bagi kemudian hasil
"""
_DANGLING = frozenset(_DANGLING_WORDS.split())


def label(text: str, lanes: Sequence[str]) -> str:
    """The label of an activity in an SOP with these lanes: at most `LIMIT` characters, empty only for an empty text."""
    plain = " ".join(text[:_LONGEST].split()).strip(" .,;:")
    short = _active(_without_subject(_main(plain), lanes))
    short = _cased(_worded(short), lanes, shouted=plain.isupper())
    for shorten in (_ordered, _order_alone, *(_dropping(pattern, by) for pattern, by in _LESS)):
        if len(short) <= LIMIT:
            break
        short = _tidy(shorten(short)) or short
    return _first_upper(_joined(_without_stray(_cut(short), lanes)))[:LIMIT]


def _main(plain: str) -> str:
    """The text without its conditions and the sentences after the first, unless next to nothing would be left."""
    for ending in (_CONDITION, _SENTENCE_END):
        main = ending.sub("", plain, count=1).strip(" .,;:")
        if len(main.split()) >= 2:
            plain = main
    return plain


def _without_subject(text: str, lanes: Sequence[str]) -> str:
    """A text like "Sekretaris memeriksa konsep" without its subject; a meeting told by what it is about."""
    named = jabatan.mentions(text.lower(), lanes)
    if named and named[0].start == 0 and _VERB.match(text[named[0].end :].strip()):
        return text[named[0].end :].strip()
    meeting = re.fullmatch(r"rapat\b.*?\buntuk\s+(membahas\b.*)", text, re.IGNORECASE)
    if meeting:
        return meeting[1]
    return re.sub(r"^(mengundang)\b.*?\buntuk\s+(?=rapat\b)", r"\1 ", text, flags=re.IGNORECASE)


def _active(text: str) -> str:
    """A text that begins with a noun, with its verb first: "Pengesahan rencana" is "Mengesahkan rencana"."""
    first, _, rest = text.partition(" ")
    verb = _VERBS.get(first.lower())
    if verb and rest:
        return f"{verb} {re.sub(r'^untuk (?:melakukan |melaksanakan )?', '', rest, flags=re.IGNORECASE)}"
    passives = [
        _PASSIVES[found[0].lower()] for found in _PASSIVE.finditer(text) if not _done_before(text, found.start())
    ]
    if not passives or re.match(_ACTIVE, text, re.IGNORECASE):
        return text
    thing = re.split(r"\s+(?:yang|yg)\s+", text[: next(_PASSIVE.finditer(text)).start()].strip(), maxsplit=1)[0]
    return f"{' dan '.join(dict.fromkeys(passives))} {thing}"


def _done_before(text: str, at: int) -> bool:
    """Whether a passive verb only tells of what was done before: "yang telah ditandatangani"."""
    return re.search(r"\b(?:yang|yg|telah|sudah)\s+$", text[:at]) is not None


def _ordered(text: str) -> str:
    """An order without the word between it and what is ordered: "Memerintahkan Staf mengarsipkan"."""
    order = _ORDER.match(text) or _ORDER_LATER.match(text)
    return f"{order['verb']} {order['whom'].strip()} {order['what']}" if order and order["whom"].strip() else text


def _order_alone(text: str) -> str:
    """An order told by what is ordered: "Memerintahkan staf membuat format" is "Memerintahkan pembuatan format"."""
    order = re.match(
        rf"(?P<verb>memerintahkan|menugaskan)\b.{{0,60}}?\b(?P<work>{_ACTIVE})\b(?P<what>.*)", text, re.IGNORECASE
    )
    if not order:
        return text
    work = order["work"].lower()
    also = re.sub(
        rf"(?P<joint>, |\bdan )(?P<verb>{_ACTIVE})\b",
        lambda found: found["joint"] + _noun(found["verb"]),
        order["what"],
    )
    return f"{order['verb']} {'' if work in _LIGHT else _noun(work)}{also}".replace("  ", " ")


def _noun(verb: str) -> str:
    """The noun of an active verb: "menyebarkan" is "penyebaran", "berkoordinasi" is "koordinasi"."""
    if verb.startswith("ber"):
        return verb.removeprefix("ber")
    stem = verb.removeprefix("me").removesuffix("kan")
    return f"pe{stem}an".replace("pempr", "pemr")


def _dropping(pattern: re.Pattern[str], by: str) -> Callable[[str], str]:
    def shorten(text: str) -> str:
        shorter = pattern.sub(by, text, count=1).strip(" ,.;:")
        return shorter if len(shorter.split()) >= 2 else text

    return shorten


def _worded(text: str) -> str:
    for pattern, by in _WORDINGS:
        text = pattern.sub(by, text)
    return text


def _without_stray(text: str, lanes: Sequence[str]) -> str:
    """The label without a jabatan at its end that nothing leads to: "Menyusun Renstra Sekretaris"."""
    named = jabatan.mentions(text.lower(), lanes)
    if not named or named[-1].end != len(text):
        return text
    lead = text[: named[-1].start].split()
    leading = not lead or _VERB.fullmatch(lead[-1]) or lead[-1].lower() in _DANGLING | {"disposisi", "surat", "data"}
    return text if leading or len(lead) < 2 else " ".join(lead)


def _joined(text: str) -> str:
    """A list of two joined as a list of two: "Mengagendakan, mengarsipkan" is "Mengagendakan dan mengarsipkan"."""
    text = re.sub(rf"^(\w+), (?:dan )?(?={_ACTIVE}\b(?!,| dan {_ACTIVE}))", r"\1 dan ", text, flags=re.IGNORECASE)
    if len(text) < LIMIT:
        text = re.sub(rf"^(\w+, \w+)(?= dan {_ACTIVE})", r"\1,", text, flags=re.IGNORECASE)
    if text.count(",") == 1 and " dan " not in text and re.search(r"\w, \w+$", text):
        return text.replace(",", " dan")
    return text


def _cased(text: str, lanes: Sequence[str], *, shouted: bool) -> str:
    """The text in sentence case; abbreviations and names keep their capitals."""
    words = [_word_cased(word, shouted=shouted) for word in text.split(" ")]
    lowered = " ".join(words)
    for name in _NAMES.finditer(text):
        printed = name[0].title() if shouted else name[0]
        lowered = lowered[: name.start()] + printed + lowered[name.end() :]
    for named in jabatan.mentions(text.lower(), lanes):
        words = lowered[named.start : named.end].split(" ")
        told = " ".join(word if word == "dan" else word[:1].upper() + word[1:] for word in words)
        lowered = lowered[: named.start] + told + lowered[named.end :]
    return lowered


def _word_cased(word: str, *, shouted: bool) -> str:
    letters = re.sub(r"[^A-Za-z]", "", word)
    if letters.upper() in _ABBREVIATIONS and letters.isupper():
        return word
    if letters.isupper() and len(letters) > 1 and not shouted:
        return word
    return word.lower()


def _tidy(text: str) -> str:
    words = text.split()
    while words and words[-1].lower().strip(",.;:/-&\u2013") in _DANGLING | {""}:
        words.pop()
    return " ".join(words).rstrip(" ,.;:/&-\u2013")


def _cut(text: str) -> str:
    """The text at a word's end within `LIMIT`; without a half-told second part if enough stands before it."""
    if len(text) <= LIMIT:
        return _tidy(text) or text
    short = text[: LIMIT + 1].rsplit(" ", 1)[0]
    for joint in (" dan ", ", "):
        head, found, tail = short.rpartition(joint)
        if found and len(head) >= LIMIT // 2 and len(tail.split()) < 2:
            short = head
    if all(_VERB.fullmatch(word.strip(",")) or word == "dan" for word in short.split()):
        verbs = re.match(rf"(?:{_ACTIVE},?\s+(?:dan\s+)?)+(?={_ACTIVE}\s)", text, re.IGNORECASE)
        if verbs and verbs.end():
            return _cut(text[verbs.end() :])
    return _tidy(short) or text[:LIMIT]


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]
