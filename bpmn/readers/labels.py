"""The labels of the identity block (Permenpan RB 35/2012) and of offices, in the spellings met."""

from __future__ import annotations

import re

# Entries of one value: found anywhere in a line, for scans print what stands beside the label before it.
_FIELDS = {
    "nomor": r"(?:nomor|no\.?)\s*sop",
    "tanggal_pembuatan": r"(?:tanggal|tgl\.?)\s*(?:pembuatan|dibuat)",
    "tanggal_revisi": r"(?:tanggal|tgl\.?)\s*revisi",
    "tanggal_efektif": r"(?:tanggal|tgl\.?)\s*(?:efektif|berlaku)",
    "tanggal_pengesahan": r"(?:tanggal|tgl\.?)\s*pengesahan",
    "disahkan_oleh": r"disahkan\s*oleh",
    "nama_sop": r"(?:nama|judul)\s*sop",
}
# Entries that are lists: the label begins a line or cell.
_SECTIONS = {
    "dasar_hukum": r"dasar\s*hukum",
    "kualifikasi_pelaksana": r"(?:kualifikasi|kualitas)\s*pelaksana(?:an)?",
    "keterkaitan": r"keterkaitan(?:\s+(?:dengan\s+)?sop(?:\s+lain)?)?",
    "peralatan_perlengkapan": r"peralatan(?:\s*(?:/|dan|&)?\s*(?:per|ke)lengkapan)?",
    "peringatan": r"peringatan",
    "pencatatan_pendataan": r"pencatata(?:ta)?n(?:\s*(?:dan|&|/)\s*pendataan)?",
    "identifikasi_risiko": r"identifikasi\s*r[ie]siko",
}
# A heading that a page break left of KUALIFIKASI PELAKSANA, alone on its line.
_CUT_SECTION = re.compile(r"pelaksana(?:an)?\s*:?", re.IGNORECASE)

FIELDS = tuple(_FIELDS)
SECTIONS = tuple(_SECTIONS)
_FIELD = re.compile("|".join(rf"(?P<{key}>\b{spelling}\b)" for key, spelling in _FIELDS.items()), re.IGNORECASE)
_SECTION = re.compile("|".join(rf"(?P<{key}>{spelling}\b)" for key, spelling in _SECTIONS.items()), re.IGNORECASE)

_OFFICE_LINE = re.compile(
    r"(?:pemerintah|kabupat|kota\b|provinsi|kecamatan|kelurahan|desa\b|kantor|sekretariat|dinas|badan|satuan|inspektorat|"
    r"sub ?bagian|bagian|bidang|seksi|uptd?\b|puskesmas|rumah sakit|rsud\b|(?:sd|smp|sma|smk|tk)(?:n\b|\s+negeri))",
    re.IGNORECASE,
)
# The kinds of office in the order in which one of them is taken for the document's own. "Kantor Camat X" is the
# Kecamatan X.
_KINDS = (
    ("Puskesmas", r"(?:upt\w*\s+)?puskesmas"),
    ("RSUD", r"(?:rsud|rumah\s+sakit\s+umum\s+daerah)"),
    *((f"{kind} Negeri", rf"{kind.lower()}(?:n|\s+negeri)") for kind in ("TK", "SD", "SMP", "SMA", "SMK")),
    ("Kecamatan", r"(?:kantor\s+camat|kecamatan)"),
    ("Kelurahan", r"(?:kantor\s+lurah|kelurahan)"),
    ("Dinas", r"dinas"),
    ("Badan", r"badan"),
    ("Satuan", r"satuan"),
    ("Inspektorat", r"inspektorat"),
    ("Sekretariat Daerah", r"sekretariat\s+daerah"),
    ("Desa", r"(?:pemerintah\s+)?desa"),
    ("Kantor", r"kantor"),
)
_NAME = r"\s*(?P<name>[A-Za-z0-9'. -]{0,80}?)\s*(?:\b(?:kabupat\w*|kota|provinsi)\b.*|[,:(|].*)?"
_OFFICES = tuple((kind, re.compile(rf"{spelling}\b{_NAME}", re.IGNORECASE)) for kind, spelling in _KINDS)


def field(text: str) -> tuple[str, str, str] | None:
    """The label of a one-value entry in a text: its key, what stands before it, what stands after it."""
    found = _FIELD.search(text)
    if not found or not found.lastgroup:
        return None
    return (
        found.lastgroup,
        text[: found.start()].strip(" |:"),
        text[found.end() :].strip(" |").removeprefix(":").strip(),
    )


def section(text: str) -> tuple[str, str] | None:
    """The label of a list at the beginning of a text: its key and what stands after it."""
    if _CUT_SECTION.fullmatch(text):
        return "kualifikasi_pelaksana", ""
    found = _SECTION.match(text)
    if not found or not found.lastgroup:
        return None
    rest = text[found.end() :].strip()
    if rest and not rest.startswith(":") and not _SECTION.match(rest):
        return None
    return found.lastgroup, rest.removeprefix(":").strip()


def names_office(text: str) -> bool:
    """Whether a line of the identity block names an office or a part of one."""
    return len(text) <= 160 and _OFFICE_LINE.match(text) is not None


def office(lines: list[str]) -> str:
    """The office among the lines of the identity block in normal form ("Kecamatan Martapura Barat"), or empty."""
    for kind, spelling in _OFFICES:
        for line in lines:
            found = spelling.fullmatch(line)
            if found and found["name"].strip():
                return f"{kind} {found['name'].strip().title()}"
    return ""
