"""The verbs by which the work of a step is known. All patterns are for lowered text."""

from __future__ import annotations

import re

NO_AUTHORITY = r"(?!\s+(?:buku|tanda terima|daftar|kuitansi|kwitansi|bukti|absen\w*|berita acara serah))"
"""Not before these: whoever signs a register or a receipt approves nothing."""
_CHECK = (
    r"memeriksa|periksa|mem?veri[fv]ikasi|meverifikasi|memvalidasi|meneliti|mengecek|mencermati|"
    r"men(?:g|k|gk)oreksi|mereviu|mereview|me-review|melakukan (?:koreksi|pemeriksaan|verifikasi|validasi|reviu|review|"
    r"pengecekan)"
)
_APPROVE = (
    r"menyetujui\w*|menge?sahkan|pengesahan|menanda\s?tangani\w*|mendatangani|menetapkan|"
    r"(?:memberi(?:kan)?|membubuhkan) (?:persetujuan|tanda ?tangan)"
)
_INITIAL = r"memaraf\w*|mem-?paraf\w*|(?:memberi(?:kan)?|membubuhkan) (?:paraf|faraf)"

EXAMINES = re.compile(rf"\b(?:{_CHECK}|{_INITIAL}|{_APPROVE})\b{NO_AUTHORITY}")
"""Looks at another's work with the power to refuse it."""
CHECKS = re.compile(rf"\b(?:{_CHECK}|koreksi)\b")
COMPLETENESS = re.compile(rf"\b(?:{_CHECK})\b(?:\W+\w+){{0,2}}?\W+(?:kelengkapan|persyaratan|berkas|permohonan)\b")
"""Looks whether papers are complete, which the counter does."""
SIGNS = re.compile(rf"\b(?:{_APPROVE}|persetujuan)\b{NO_AUTHORITY}")
INITIALS = re.compile(rf"\b(?:{_INITIAL}|di\s?paraf|paraf|faraf)\b")
ORDERS = re.compile(r"\b(?:memerintah(?:kan)?|menugaskan|menginstruksikan)\b")
HANDS_ON = re.compile(
    r"\b(?:meneruskan|di\s?teruskan|menyerahkan|di\s?serahkan|menyampaikannya|melaporkan|mengajukan|diajukan)\b"
)
TYPES = re.compile(r"\b(?:mengetik\w*|pengetikan|menjilid)\b")
CLERICAL = re.compile(
    r"\b(?:(?:meng?|di)agenda\w*|pengagendaan|penomoran|menomori|(?:memberi(?:kan)?|membubuhkan) (?:nomor|stempel|"
    r"cap)|menggandakan\w*|digandakan|penggandaan|(?:meng?|di)arsip\w*|menyimpan|(?:men|di)distribusi\w*|"
    r"menginput|meng?entri|mengunggah|mencatat\w*|meregist\w*|mendokumentasi\w*|mempublikasi\w*|membagikan|menstempel|"
    r"mengirim\w*)\b"
)
APPLIES = re.compile(
    r"(?:mengajukan|menyerahkan|menyampaikan|membawa|memasukkan|mengisi|datang|melapor\w*|mendaftar\w*)\b.*?"
    r"\b(?:permohonan|usul\w*|berkas|persyaratan|pengaduan|laporan|pengantar|formulir|penawaran)\b"
)
"""Comes to the office with a request; at the beginning of a text."""
DELIVERS = re.compile(
    r"\b(?:menyampaikan|menyerahkan|mengirim\w*|membagikan|memberikan|meneruskan)\b.*?\b(?:kepada|ke|pada)\s+(?:\w+\s+)?"
    r"(?:pemohon|masyarakat|warga|pengusul|pengadu|pelapor|pasien|orang tua|"
    r"(?:instansi|pihak|pegawai|pns)\s+(?:yang\s+)?(?:terkait|bersangkutan|pembina)|"
    r"yang bersangkutan|bkd|bkpsdm|bpkad|bud|bupati|wali ?kota|gubernur|kabupaten)\b"
)
"""Hands the result to people outside of the office."""
REPAIRS = re.compile(r"\b(?:memperbaiki|melakukan perbaikan|merevisi|melakukan revisi|mengedit|menyempurnakan)\b")
STUDIES = re.compile(r"\b(?:menelaah|meng?analisa|menganalisis|mengevaluasi|merumuskan)\b")
PREPARES = re.compile(
    r"\b(?:menyiapkan|mempersiapkan|membuat|menyusun|mengumpul\w*|menghimpun|mengolah|me\s?rekap\w*|rekapitulasi|"
    r"mengonsep|mengkonsep|menyampaikan|memberikan bahan|koordinasi|melaksanakan|menghitung|memproses)\b"
)
