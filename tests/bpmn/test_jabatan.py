"""Normal forms, ranks, and lanes named in a sentence."""

import pytest

from bpmn import jabatan

GAMBUT = ("Kasubbag Renkeua", "Pelaksana", "Kasi/ Kasubbag", "Sekretaris", "Camat")
SATPOL = ("ASN", "Analis Kepegawaian", "Kasubbag Umpar", "Sekretaris", "Kepala Satuan", "Pengadministrasi Umum")


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("Sekcam", "sekretaris"),
        ("Sekretaris Kecamatan", "sekretaris"),
        ("Sekretaris Camat", "sekretaris"),
        ("KASUBAG", "kepala subbagian"),
        ("Ka. Subbag Umum dan Kepegawaian", "kepala subbagian umum kepegawaian"),
        ("Kepala Sub Bagian Umum", "kepala subbagian umum"),
        ("Kasi", "kepala seksi"),
        ("Kepala Seksi", "kepala seksi"),
        ("Kasubag Evlap", "kepala subbagian evaluasi pelaporan"),
        ("Kasubbag Umpeg", "kepala subbagian umum kepegawaian"),
        ("Analisis Perencanaan", "analis perencanaan"),
    ],
)
def test_the_normal_form_spells_a_jabatan_out(name: str, normal: str) -> None:
    assert jabatan.normal(name) == normal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sekcam", "Sekretaris"),
        ("Kasubbag Renkeua", "Kasubbag Perencanaan, Keuangan"),
        ("Kasubbag Renkeua", "Kasubag Perencanaan, Keuangan dan Aset"),
        ("Ka. Subbag Umpeg", "Kepala Sub Bagian Umum dan Kepegawaian"),
        ("KASI/KASUBAG", "Kepala Seksi/ Kasubbag"),
    ],
)
def test_spellings_of_one_jabatan_are_the_same(one: str, other: str) -> None:
    assert jabatan.same(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("Kasubbag", "Kasubbag Umum"), ("Camat", "Sekretaris Camat"), ("Kasi", "Kasubbag"), ("", "")]
)
def test_other_jabatan_are_not_the_same(one: str, other: str) -> None:
    assert not jabatan.same(one, other)


def test_ranks_fall_from_the_camat_to_staff() -> None:
    names = ["Camat", "Sekcam", "Lurah", "Kasubbag Umum", "Analis Kepegawaian", "Pengelola", "Pelaksana", "Pemohon"]
    ranks = [jabatan.rank(name) for name in names]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) == len(ranks)


def test_a_lane_of_several_jabatan_has_the_rank_of_the_lowest() -> None:
    assert jabatan.rank("Kepala Seksi/Lurah") == jabatan.rank("Kepala Seksi")


@pytest.mark.parametrize(
    ("text", "lanes", "meant"),
    [
        ("menyerahkan kepada kasubbag perencanaan, keuangan dan aset.", GAMBUT, ["Kasubbag Renkeua"]),
        ("menyerahkan kepada kasi.", GAMBUT, ["Kasi/ Kasubbag"]),
        ("memerintahkan pelaksana untuk menyiapkan", GAMBUT, ["Pelaksana"]),
        ("melaporkan kepada sekretaris camat", GAMBUT, ["Sekretaris"]),
        ("dikembalikan kepada pemroses administrasi kepegawaian", SATPOL, ["Analis Kepegawaian"]),
        ("di sampaikan ke kaban untuk di tandatangani", SATPOL, ["Kepala Satuan"]),
        ("dikembalikan kepada pns pengusul", SATPOL, ["ASN", "ASN"]),
        ("dikembalikan ke subbag umum dan aparatur", SATPOL, ["Kasubbag Umpar"]),
        ("menugaskan anpeg", SATPOL, ["Analis Kepegawaian"]),
        ("meneruskan ke bupati", GAMBUT, []),
        ("pelaksanaan kegiatan", GAMBUT, []),
    ],
)
def test_a_sentence_names_lanes(text: str, lanes: tuple[str, ...], meant: list[str]) -> None:
    found = jabatan.mentions(text, lanes)
    assert [lanes[lane] for mention in found for lane in mention.lanes] == meant


def test_an_unnamed_subbagian_may_be_any_of_several() -> None:
    lanes = ("Kasubbag Umum", "Kasubbag Keuangan", "Camat")
    (mention,) = jabatan.mentions("diserahkan kepada kasubbag", lanes)
    assert mention.lanes == (0, 1)
    assert mention.strength < 0.5


def test_the_span_of_a_mention_covers_its_fields() -> None:
    text = "kepada ka. subbag umum dan kepegawaian segera"
    (mention,) = jabatan.mentions(text, ("Kasubbag Umpeg",))
    assert text[mention.start : mention.end] == "ka. subbag umum dan kepegawaian"


def test_a_mere_secretary_beside_a_lurah_is_below_him_and_beside_a_camat_above() -> None:
    secretary, lurah = jabatan.ranks(("Sekretaris", "Lurah"))
    assert secretary < lurah
    secretary, lurah, _ = jabatan.ranks(("Sekretaris", "Lurah", "Camat"))
    assert secretary > lurah


@pytest.mark.parametrize(
    "lanes",
    [
        ("Kepala Puskesmas", "Kepala Tata Usaha", "Bidan", "Pasien"),
        ("Kepala Sekolah", "Wakil Kepala Sekolah", "Guru", "Orang Tua/Wali"),
        ("Kepala Desa", "Sekretaris Desa", "Kaur Keuangan", "Warga"),
        ("Inspektur", "Inspektur Pembantu", "Ketua Tim", "Anggota Tim"),
        ("Pengguna Anggaran", "PPK", "Bendahara Pengeluaran", "Penyedia"),
        ("Direktur", "Kepala Instalasi", "Perawat", "Keluarga"),
    ],
)
def test_the_positions_of_other_agencies_have_their_rank(lanes: tuple[str, ...]) -> None:
    ranks = jabatan.ranks(lanes)
    assert list(ranks) == sorted(set(ranks), reverse=True)


def test_the_whole_name_of_a_lane_is_preferred_to_its_kind() -> None:
    lanes = ("Ketua Tim", "Anggota Tim", "Tim Penilai")
    assert [mention.lanes for mention in jabatan.mentions("ketua tim menugaskan anggota tim", lanes)] == [(0,), (1,)]
