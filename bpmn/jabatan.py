"""Positions (jabatan): normal form, rank, and where a sentence names one of an SOP's lanes.

The spellings are those of SOP documents of kecamatan and dinas; a new one is a line in a table below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

# Spellings, words separated by a blank, and what they are rewritten to. The longest that fits is taken.
_REWRITES = {
    "kepala subbagian": "kasubbag kasubag kasubgag kassubag kasubbagian ka-subbag ka-subag ka-subbagian ka-sub-bag "
    "ka-sub-bagian "
    "kasub-bag kasub-bagian kepala-sub-bagian kepala-subbag kepala-subag kepala-sub-bag subbag subag subbagian "
    "sub-bagian sub-bag",
    "kepala seksi": "kasi kasie ka-si ka-sie ka-seksi kepala-seksi-seksi seksi seksi-seksi",
    "kepala bidang": "kabid ka-bid ka-bidang bidang bidang-bidang",
    "kepala bagian": "kabag ka-bag ka-bagian",
    "sekretaris": "sekcam sekretaris-kecamatan sekretaris-camat sekretaris-skpd sekretaris-opd sekretaris-dinas "
    "sekretaris-badan sekretariat sekretaris-satuan sekdis sekban",
    "sekretaris lurah": "seklur sekretaris-kelurahan",
    "sekretaris desa": "sekdes carik",
    "sekretaris daerah": "sekda",
    "kepala dinas": "kadis ka-dinas",
    "kepala badan": "kaban ka-badan",
    "kepala satuan": "kasat ka-satuan kasatpol",
    "kepala kantor": "kakan kepala-skpd kepala-opd kepala-perangkat-daerah kepala-instansi",
    "lurah": "kelurahan kepala-kelurahan",
    "kepala desa": "kades keuchik wali-nagari",
    "kepala puskesmas": "kapus ka-puskesmas",
    "kepala sekolah": "kepsek ka-sekolah",
    "wakil kepala sekolah": "waka wakasek",
    "kepala tata usaha": "ktu ka-tu kepala-tu",
    "tata usaha": "tu",
    "kepala uptd": "ka-uptd kepala-upt kepala-uptd ka-upt",
    "kepala pelaksana": "kalak kalaksa",
    "inspektur pembantu": "irban",
    "kaur": "kepala-urusan",
    "pengguna anggaran": "pa",
    "kuasa pengguna anggaran": "kpa",
    "analis": "analisis analist",
    "analis kepegawaian": "anpeg",
    "pengadministrasi umum": "administrasi-umum",
    "staf": "staff staf-pelaksana",
    "pelaksana": "pelaksanaa",
    "fungsional": "jft jfu jf pejabat-fungsional",
    "perencanaan keuangan aset": "renkeua renkeu",
    "perencanaan": "perenc ren",
    "evaluasi pelaporan": "evlap",
    "umum kepegawaian": "umpeg",
    "umum aparatur": "umpar",
    "keuangan": "keu",
    "kepegawaian": "peg",
}
# Kinds of position and their rank: the higher, the higher in the office. Eselon II and III down to staff, then people
# from outside.
_RANKS = {
    "gubernur": 100,
    "bupati": 100,
    "wali kota": 100,
    "sekretaris daerah": 95,
    "asisten": 90,
    "inspektur": 80,
    "direktur": 80,
    "kepala dinas": 80,
    "kepala badan": 80,
    "kepala satuan": 80,
    "kepala kantor": 80,
    "kepala pelaksana": 80,
    "kepala sekolah": 80,
    "kepala puskesmas": 80,
    "kepala uptd": 78,
    "pengguna anggaran": 80,
    "kuasa pengguna anggaran": 75,
    "camat": 80,
    "sekretaris": 70,
    "wakil kepala sekolah": 65,
    "wakil direktur": 70,
    "inspektur pembantu": 60,
    "kepala bidang": 60,
    "kepala bagian": 60,
    "lurah": 55,
    "kepala desa": 55,
    "sekretaris lurah": 52,
    "sekretaris desa": 52,
    "kepala subbagian": 50,
    "kepala seksi": 50,
    "kepala tata usaha": 50,
    "kepala ruangan": 45,
    "kaur": 50,
    "koordinator": 45,
    "penanggung jawab": 45,
    "ketua tim": 45,
    "ketua": 45,
    "ppk": 45,
    "pptk": 42,
    "tim": 40,
    "panitia": 40,
    "pejabat pengadaan": 38,
    "komandan regu": 30,
    "bendahara": 30,
    "analis": 30,
    "arsiparis": 28,
    "fungsional": 28,
    "dokter": 28,
    "perawat": 26,
    "bidan": 26,
    "guru": 26,
    "pengelola": 25,
    "pengawas": 25,
    "pemroses": 22,
    "tata usaha": 22,
    "admin": 20,
    "operator": 20,
    "pengadministrasi": 20,
    "anggota tim": 18,
    "anggota": 18,
    "petugas": 18,
    "front office": 16,
    "loket": 16,
    "pelaksana": 15,
    "staf": 15,
    "agendaris": 15,
    "caraka": 12,
    "kurir": 12,
    "asn": 5,
    "pns": 5,
    "pegawai": 5,
    "pengusul": 5,
    "pemohon": 5,
    "pelapor": 5,
    "pengadu": 5,
    "pasien": 5,
    "orang tua": 5,
    "siswa": 5,
    "warga": 5,
    "penyedia": 5,
    "pihak ketiga": 5,
    "masyarakat": 5,
}
# Heads and deputies of any other unit: the first word of the lane tells.
_RANKS_BY_FIRST_WORD = {"kepala": 50, "ka": 50, "wakil": 48, "kasub": 45, "pejabat": 40}
# Where the office's head is one of these, a mere "Sekretaris" is his.
_LOW_HEADS = frozenset({"lurah", "kepala desa"})
_LOW_SECRETARY = 52
_HIGH_HEAD = 60
_UNKNOWN_RANK = 10
# Names copied from another agency's SOP: heads stand for each other, so do their divisions, staff, people from outside.
_LIKE_KINDS = (
    frozenset(
        {
            "camat",
            "inspektur",
            "direktur",
            "kepala dinas",
            "kepala badan",
            "kepala satuan",
            "kepala kantor",
            "kepala pelaksana",
        }
    ),
    frozenset(
        {
            "analis",
            "arsiparis",
            "fungsional",
            "pengelola",
            "pemroses",
            "tata usaha",
            "admin",
            "operator",
            "pengadministrasi",
            "petugas",
            "pelaksana",
            "staf",
        }
    ),
    frozenset({"asn", "pns", "pegawai", "pengusul", "pemohon", "masyarakat", "pengadu", "pelapor", "warga"}),
    frozenset({"kepala seksi", "kepala bidang"}),
)
_FIELD_WORDS = """
    umum kepegawaian perencanaan keuangan aset program evaluasi pelaporan aparatur pemerintahan pembangunan pemberdayaan
    kesejahteraan ekonomi sosial ketertiban ketenteraman ketentraman trantib pelayanan administrasi arsip surat barang
    hukum informasi
"""
_FIELDS = frozenset(_FIELD_WORDS.split())
_JOINING = frozenset({"dan", "serta"})
_IGNORED = frozenset({"seluruh", "semua", "para", "masing", "lain", "lainnya", "lingkup", "pada", "yang", "terkait"})

_WORD = re.compile(r"[a-z0-9]+")
_GAP = re.compile(r"[\s,&/()]*")
_RULES = {
    tuple(spelling.split("-")): tuple(normal.split())
    for normal, spellings in _REWRITES.items()
    for spelling in spellings.split()
}
_LONGEST = max(map(len, _RULES))
_KINDS = sorted((tuple(kind.split()) for kind in _RANKS), key=len, reverse=True)


@dataclass(frozen=True, slots=True)
class Mention:
    """Where a text names lanes: its span in the lowered text, the lanes it may mean (indices), how surely (0 to 1)."""

    start: int
    end: int
    lanes: tuple[int, ...]
    strength: float


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Position:
    """A jabatan taken apart: "Kasubbag Umpeg" is the kind "kepala subbagian" in the field {umum, kepegawaian}."""

    kind: str
    fields: frozenset[str]


def normal(name: str) -> str:
    """The normal form of a jabatan, spelt out: "Ka. Subbag Umpeg" is "kepala subbagian umum kepegawaian"."""
    words = [word.text for word in _words(name.lower()) if word.text not in _JOINING]
    return " ".join(words)


def same(one: str, other: str) -> bool:
    """Whether two spellings mean the same jabatan. "Perencanaan, Keuangan" and "Perencanaan, Keuangan dan Aset" do."""
    first, second = (sorted({(p.kind, _bare(p.fields)) for p in _positions(name)}, key=str) for name in (one, other))
    return bool(first) and first == second


def rank(name: str) -> int:
    """How high a jabatan stands, the greater the higher.

    Where a lane names several ("Kepala Seksi/Lurah"), the lowest of them.
    """
    return min(map(_rank, _positions(name)), default=_UNKNOWN_RANK)


def ranks(lanes: Sequence[str]) -> tuple[int, ...]:
    """The rank of each lane of an SOP: as `rank`, but a mere "Sekretaris" beside a Lurah is the Lurah's."""
    kinds = [{position.kind for position in _positions(lane)} for lane in lanes]
    found = tuple(map(rank, lanes))
    high = any(each >= _HIGH_HEAD and "sekretaris" not in kind for each, kind in zip(found, kinds, strict=True))
    if high or not any(kind and kind <= _LOW_HEADS for kind in kinds):
        return found
    return tuple(_LOW_SECRETARY if "sekretaris" in kind else each for each, kind in zip(found, kinds, strict=True))


def _rank(position: _Position) -> int:
    known = _RANKS.get(position.kind)
    return known or _RANKS_BY_FIRST_WORD.get(position.kind.split()[0], _UNKNOWN_RANK)


def is_outside(name: str) -> bool:
    """Whether a lane stands for people outside of the office (Pemohon, Pengusul), or for no jabatan known here."""
    return rank(name) <= _UNKNOWN_RANK


def mentions(text: str, lanes: Sequence[str]) -> tuple[Mention, ...]:
    """All places where the text (lowered) names one of the lanes, in order.

    "Kasubbag" means the only Kasubbag among the lanes; "Kasubbag Perencanaan" also a lane "Kasubbag" if no better one
    is there; "Kaban" the only head of an agency, "staf" the only staff.
    """
    known = _known(tuple(lanes))
    words = _words(text)
    found = []
    at = 0
    while at < len(words):
        whole = _kind_at(words, at, known.names)
        if whole is not None and not _has_more(text, words, at + len(whole), known.fields):
            found.append(Mention(words[at].start, words[at + len(whole) - 1].end, known.places[whole], 1.0))
            at += len(whole)
            continue
        kind = _kind_at(words, at, known.kinds)
        if kind is None:
            at += 1
            continue
        end, named = _fields_after(text, words, at + len(kind), known.fields)
        meant, strength = _meant(_Position(" ".join(kind), frozenset(named)), known.lanes)
        if meant:
            found.append(Mention(words[at].start, words[end - 1].end, meant, strength))
        at = end
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Known:
    """What can be named among some lanes.

    Their positions; kinds by their first word (longest first); all fields; whole names by their first word, and the
    lanes (indices) that have them.
    """

    lanes: tuple[tuple[_Position, ...], ...]
    kinds: dict[str, list[tuple[str, ...]]]
    fields: frozenset[str]
    names: dict[str, list[tuple[str, ...]]]
    places: dict[tuple[str, ...], tuple[int, ...]]


@lru_cache(maxsize=128)
def _known(lanes: tuple[str, ...]) -> _Known:
    positions = tuple(_positions(lane) for lane in lanes)
    own = {tuple(position.kind.split()) for each in positions for position in each}
    fields = _FIELDS.union(*(position.fields for each in positions for position in each))
    places: dict[tuple[str, ...], tuple[int, ...]] = {}
    for place, lane in enumerate(lanes):
        for part in lane.lower().split("/"):
            name = tuple(word.text for word in _words(part) if word.text not in _IGNORED)
            if name:
                places[name] = (*places.get(name, ()), place)
    return _Known(positions, _by_first_word({*_KINDS, *own}), fields, _by_first_word(places), places)


def _by_first_word(names: Iterable[tuple[str, ...]]) -> dict[str, list[tuple[str, ...]]]:
    """The names by their first word, the longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for name in sorted(names, key=lambda name: (-len(name), name)):
        found.setdefault(name[0], []).append(name)
    return found


def _has_more(text: str, words: Sequence[_Word], after: int, fields: frozenset[str]) -> bool:
    """Whether a field follows a name, which then was only the first part of another one."""
    if after >= len(words):
        return False
    return words[after].text in fields and bool(_GAP.fullmatch(text, words[after - 1].end, words[after].start))


def _kind_at(words: Sequence[_Word], at: int, kinds: dict[str, list[tuple[str, ...]]]) -> tuple[str, ...] | None:
    for kind in kinds.get(words[at].text, ()):
        if tuple(word.text for word in words[at : at + len(kind)]) == kind:
            return kind
    return None


def _fields_after(text: str, words: Sequence[_Word], at: int, fields: frozenset[str]) -> tuple[int, list[str]]:
    """The fields named right after a kind ("Perencanaan, Keuangan dan Aset"), and the index after them."""
    named: list[str] = []
    end = at
    while at < len(words) and _GAP.fullmatch(text, words[at - 1].end, max(words[at].start, words[at - 1].end)):
        if words[at].text in fields:
            named.append(words[at].text)
            end = at + 1
        elif words[at].text not in _JOINING:
            break
        at += 1
    return end, named


def _meant(named: _Position, lanes: Sequence[Sequence[_Position]]) -> tuple[tuple[int, ...], float]:
    """The lanes that a mention may mean, and how surely."""
    scores = [max((_likeness(named, position) for position in each), default=0.0) for each in lanes]
    if not any(scores):
        scores = [max((_kinship(named, position) for position in each), default=0.0) for each in lanes]
        # One lane alone of that sort is meant; among several, only a shared field decides.
        if sum(1 for score in scores if score) > 1:
            scores = [score if score > 0.5 else 0.0 for score in scores]
    best = max(scores, default=0.0)
    meant = tuple(place for place, score in enumerate(scores) if score == best > 0)
    return meant, best / (len(meant) or 1)


def _likeness(named: _Position, lane: _Position) -> float:
    if named.kind != lane.kind:
        return 0.0
    one, other = _bare(named.fields), _bare(lane.fields)
    if one == other:
        return 1.0
    if one & other:
        return 0.7 + 0.25 * len(one & other) / len(one | other)
    if not one or not other:
        return 0.7
    return 0.35


def _kinship(named: _Position, lane: _Position) -> float:
    if not any(named.kind in kinds and lane.kind in kinds for kinds in _LIKE_KINDS):
        return 0.0
    return 0.7 if named.fields & lane.fields else 0.5


def _bare(fields: frozenset[str]) -> frozenset[str]:
    return fields - {"aset"} if "keuangan" in fields else fields


@lru_cache(maxsize=512)
def _positions(name: str) -> tuple[_Position, ...]:
    """The positions a lane names, taken apart; several where it is divided by a stroke ("Kepala Seksi/Lurah")."""
    return tuple(filter(None, (_position(part) for part in name.lower().split("/"))))


def _position(name: str) -> _Position | None:
    words = [word.text for word in _words(name) if word.text not in _JOINING | _IGNORED]
    for kind in _KINDS:
        for at in range(len(words) - len(kind) + 1):
            if tuple(words[at : at + len(kind)]) == kind:
                return _Position(" ".join(kind), frozenset(words[:at] + words[at + len(kind) :]) - set(kind))
    return _Position(" ".join(words), frozenset()) if words else None


def _words(text: str) -> list[_Word]:
    """The words of a lowered text with their places, aliases rewritten; the words of one alias share its place."""
    printed = [_Word(found[0], found.start(), found.end()) for found in _WORD.finditer(text)]
    words: list[_Word] = []
    at = 0
    while at < len(printed):
        length, rewritten = _alias(printed, at)
        start, end = printed[at].start, printed[at + length - 1].end
        # The first word carries the span, so that what stands before and after the alias can be looked at.
        words += [_Word(word, start, end) for word in rewritten]
        at += length
    return words


def _alias(printed: Sequence[_Word], at: int) -> tuple[int, tuple[str, ...]]:
    before = printed[at - 1].text if at else ""
    for length in range(min(_LONGEST, len(printed) - at), 0, -1):
        spelling = tuple(word.text for word in printed[at : at + length])
        rewritten = _RULES.get(spelling)
        # "Kepala Seksi" is spelt out already; its "Seksi" is not one more head.
        if rewritten and not (before in {"kepala", "ka"} and rewritten[0] == "kepala"):
            return length, rewritten
    return 1, (printed[at].text,)
