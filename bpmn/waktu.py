"""How long a step may take: "3 hari", "15 s.d. 30 menit", "1 x 24 jam" as a `Waktu`, and back."""

from __future__ import annotations

import re
from decimal import Decimal

from bpmn.sop import Unit, Waktu

_UNITS = {
    "menit": (Unit.MENIT, 1),
    "mnt": (Unit.MENIT, 1),
    "mn": (Unit.MENIT, 1),
    "min": (Unit.MENIT, 1),
    "'": (Unit.MENIT, 1),
    "jam": (Unit.JAM, 1),
    "hari": (Unit.HARI, 1),
    "hr": (Unit.HARI, 1),
    "hk": (Unit.HARI, 1),
    "minggu": (Unit.MINGGU, 1),
    "mgg": (Unit.MINGGU, 1),
    "bulan": (Unit.BULAN, 1),
    "bln": (Unit.BULAN, 1),
    "triwulan": (Unit.BULAN, 3),
    "semester": (Unit.BULAN, 6),
    "tahun": (Unit.BULAN, 12),
    "thn": (Unit.BULAN, 12),
}
_CALENDAR = {Unit.JAM: (Unit.JAM_KALENDER, 1), Unit.HARI: (Unit.HARI_KALENDER, 1), Unit.MINGGU: (Unit.HARI_KALENDER, 7)}
# Perpres 21/2023: 37 hours 30 minutes in a week of five working days. A month is 22 working days
# (domain.md).
_IN_MINUTES = {
    Unit.MENIT: Decimal(1),
    Unit.JAM: Decimal(60),
    Unit.HARI: Decimal(450),
    Unit.MINGGU: Decimal(5 * 450),
    Unit.BULAN: Decimal(22 * 450),
    Unit.JAM_KALENDER: Decimal(60),
    Unit.HARI_KALENDER: Decimal(24 * 60),
}
_CALENDAR_UNITS = frozenset({Unit.JAM_KALENDER, Unit.HARI_KALENDER})
_NUMBER_WORDS = {
    "setengah": "0,5",
    "seperempat": "0,25",
    "satu": "1",
    "dua": "2",
    "tiga": "3",
    "empat": "4",
    "lima": "5",
    "enam": "6",
    "tujuh": "7",
    "delapan": "8",
    "sembilan": "9",
    "sepuluh": "10",
    "sebelas": "11",
}
_FRACTIONS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3"}

_NAMES = "|".join(sorted((re.escape(name) for name in _UNITS), key=len, reverse=True))
_NUMBER = r"\d{1,6}(?:[.,]\d{1,3})?(?: \d/\d| ?/ ?\d)?"
_PART = re.compile(
    rf"(?:(?P<times>\d{{1,3}}) ?[x\u00d7] ?)?(?P<number>{_NUMBER}) ?(?:(?P<unit>{_NAMES})(?![a-z])(?P<kind> ?(?:kerja|"
    rf"kalender))?)?"
)
_APPROXIMATELY = re.compile(
    r"^(?:±|\+/-|\+ ?-|~|<|≤|kurang lebih|maksimal|maksimum|maks\.?|max\.?|paling lama|paling lambat|selama|"
    r"sekitar|kira-kira)\s*"
)
_PER_PIECE = re.compile(r"\s*(?:/|per |setiap |tiap )\s*[a-z][a-z ]{0,40}$")
_SINCE = re.compile(r"\s+(?:sejak|setelah|terhitung)\s.{0,80}$")
_IN_WORDS = re.compile(r"\([a-z ]{1,40}\)")
_UNTIL = re.compile(r"\s*(?:\u2013|\u2014|-|s\.? ?d\.?|s/d|sampai dengan|sampai|hingga)\s*(?=[\d(])")
_JOINED = re.compile(r"\s*(?:,|dan|\+)?\s*")
_UNIT_NAMED = re.compile(rf"\b({_NAMES})\b")


def read(text: str, default_unit: Unit | None = None) -> Waktu | None:
    """The length of time written in a WAKTU cell.

    None for an empty cell or a mere dash; `amount` and `unit` None where the text is no length of time ("sesuai
    jadwal"). A bare number counts in `default_unit`, the unit the column's heading names. A range means its upper
    bound; "30 menit/berkas" the time for one. A sum is told in the smallest unit it names, a working day being 7,5
    hours (Perpres 21/2023).
    """
    printed = " ".join(text.split())
    if not printed.strip("-\u2013\u2014. "):
        return None
    length = _length(_plain(printed), default_unit) if len(printed) <= 200 else None
    return Waktu(printed, *(length or (None, None)))


def show(amount: Decimal, unit: Unit) -> str:
    """An amount with its unit, as an Indonesian writes it: "1,5 jam"."""
    number = format(amount.normalize(), "f")
    return f"{number.replace('.', ',')} {unit.value}"


def unit_named(heading: str) -> Unit | None:
    """The unit that the heading of a WAKTU column names ("Waktu (menit)"), or None."""
    found = _UNIT_NAMED.search(heading.casefold())
    return _UNITS[found[1]][0] if found else None


def _plain(printed: str) -> str:
    text = printed.casefold().replace("\u2019", "'")
    for sign, fraction in _FRACTIONS.items():
        text = text.replace(sign, f" {fraction}")
    text = _IN_WORDS.sub(" ", text)
    text = re.sub(r"\bse(?=(?:jam|hari|minggu|bulan|tahun)\b)", "1 ", text)
    text = re.sub(r"\b[a-z]+\b", lambda word: _NUMBER_WORDS.get(word[0], word[0]), text)
    text = _APPROXIMATELY.sub("", " ".join(text.split()).strip(" .,;:"))
    return _SINCE.sub("", text).strip()


def _length(text: str, default_unit: Unit | None) -> tuple[Decimal, Unit] | None:
    whole = re.search(rf"\d\s*(?:{_NAMES})(?:\s+kerja|\s+kalender)?", text)
    if whole:
        text = _PER_PIECE.sub("", text)
    bounds = _UNTIL.split(text)
    if len(bounds) > 2 or (len(bounds) == 2 and not _PART.fullmatch(bounds[0].strip())):
        return None
    return _sum(bounds[-1], default_unit)


def _sum(text: str, default_unit: Unit | None) -> tuple[Decimal, Unit] | None:
    """The sum of all parts ("1 jam 30 menit") in the smallest unit named; None if anything else stands in the text."""
    parts = []
    place = 0
    while place < len(text):
        found = _PART.match(text, place)
        part = _one(found, default_unit) if found else None
        if found is None or part is None:
            return None
        parts.append(part)
        joined = _JOINED.match(text, found.end())
        place = joined.end() if joined else found.end()
    return _added(parts)


def _one(found: re.Match[str], default_unit: Unit | None) -> tuple[Decimal, Unit] | None:
    number = _number(found["number"])
    if found["unit"]:
        unit, factor = _UNITS[found["unit"]]
    elif default_unit and not found["times"]:
        unit, factor = default_unit, 1
    else:
        return None
    # "n x 24 jam" is said of days around the clock.
    if (found["times"] and unit is Unit.JAM and number == 24) or "kalender" in (found["kind"] or ""):
        if unit not in _CALENDAR:
            return None
        unit, factor = _CALENDAR[unit]
    amount = number * factor * int(found["times"] or 1)
    return (amount, unit) if amount > 0 else None


def _number(text: str) -> Decimal:
    """A number written the Indonesian way: "1,5", "1.440", "1 1/2"."""
    whole, _, fraction = text.rpartition(" ") if re.search(r"\d \d", text) else ("", "", text)
    if "/" in fraction:
        above, below = (Decimal(part.strip().replace(",", ".")) for part in fraction.split("/"))
        return (Decimal(whole.replace(",", ".")) if whole else Decimal(0)) + (above / below if below else Decimal(0))
    if re.fullmatch(r"\d{1,3}\.\d{3}", text):
        return Decimal(text.replace(".", ""))
    return Decimal(text.replace(",", "."))


def _added(parts: list[tuple[Decimal, Unit]]) -> tuple[Decimal, Unit] | None:
    if len(parts) <= 1:
        return parts[0] if parts else None
    units = {unit for _, unit in parts}
    if len(units) != len(parts) or (units & _CALENDAR_UNITS and units - _CALENDAR_UNITS):
        return None
    smallest = min(units, key=_IN_MINUTES.__getitem__)
    minutes = sum((amount * _IN_MINUTES[unit] for amount, unit in parts), Decimal(0))
    return minutes / _IN_MINUTES[smallest], smallest
