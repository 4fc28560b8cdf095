"""The five documents of the library: every SOP, lane and step, and the traps in them."""

from decimal import Decimal

import pytest

from bpmn import readers
from bpmn.sop import Document, Sop, Unit, Waktu
from tests.bpmn.documents import OFFICES, content


def of(office: str) -> Document:
    return readers.read(content(office))


def sop(office: str, place: int) -> Sop:
    return of(office).sops[place]


@pytest.mark.parametrize(
    ("office", "place", "title", "number", "lanes", "steps"),
    [
        ("martapura_barat", 0, "PENGUMPULAN DATA KINERJA", "096/ MB/ 2023", "CAMAT|SEKRETARIS|KASUBAG PROGRAM", 5),
        ("martapura_barat", 1, "MONITORING KINERJA", "094 /MB/2023", "CAMAT|SEKRETARIS|KASUBBAG PERENCANAAN", 11),
        ("martapura_barat", 2, "MONITORING RENSTRA", "095/ MB/ 2023", "CAMAT|SEKRETARIS|KASUBAG PERENCANAAN", 6),
        (
            "kebasen",
            0,
            "PENGUKURAN DATA KINERJA",
            "PK. KEC. KBS / 010 / I / 2024",
            "CAMAT|SEKCAM|KASI/KASUBAG|PENGELOLA",
            9,
        ),
        (
            "kebasen",
            1,
            "PENGUMPULAN DATA KINERJA",
            "PK . KEC . KBS / 011 / I / 2024",
            "CAMAT|SEKCAM|KASUBAG PERENCANAAN|SELURUH KEPALA SEKSI",
            8,
        ),
        (
            "masama",
            0,
            "Prosedur Perbaikan Data Kinerja",
            "",
            "Camat|Sekretaris|Kepala Seksi/Lurah|Kasubag Evlap|Pelaksana",
            9,
        ),
        (
            "masama",
            1,
            "Mekanisme Monitoring Renstra Secara Periodik",
            "",
            "Camat|Sekretaris|kepala seksi/lurah|Kasubag Evlap|Pelaksana",
            10,
        ),
        (
            "masama",
            2,
            "Mekanisme Pengumpulan Data Kinerja",
            "",
            "Camat|Sekretaris|Kepala Seksi/ Lurah|Kasubag|Kasubag Perenc",
            9,
        ),
        (
            "gambut",
            0,
            "Pengumpulan dan Pengukuran Data Kinerja",
            "BANJAR.GBT.1.1.1 CFM 06.01",
            "Kasubbag Renkeua|Pelaksana|Kasi/ Kasubbag|Sekretaris|Camat",
            8,
        ),
        (
            "muara_papalik",
            0,
            "Penyusunan Mekanisme Pengumpulan Data Kinerja",
            "900/ /KCMP/2022",
            "Camat|Sekretaris Camat|Kasubbag Perencanaan dan Keuangan|Analisis Perencanaan|Seksi-Seksi Lain",
            10,
        ),
        (
            "muara_papalik",
            1,
            "MEKANISME PENGUMPULAN DATA KINERJA",
            "",
            "Kasubbag Perencanaan, dan Keuangan|Analisis Perencanaan|Kasubbag Umum dan Kepegawaian|Sekretaris Camat",
            6,
        ),
    ],
)
def test_every_sop_is_read(office: str, place: int, title: str, number: str, lanes: str, steps: int) -> None:
    read = sop(office, place)
    assert (read.title, read.number, "|".join(read.lanes), len(read.steps)) == (title, number, lanes, steps)
    assert [step.no for step in read.steps] == [str(no) for no in range(1, steps + 1)]
    assert all(len(step.cells) == len(read.lanes) for step in read.steps)
    assert all(step.text and step.waktu and step.waktu.amount for step in read.steps)


@pytest.mark.parametrize(
    ("office", "name", "sops"),
    [
        ("martapura_barat", "Kecamatan Martapura Barat", 3),
        ("kebasen", "Kecamatan Kebasen", 2),
        ("masama", "Kecamatan Masama", 3),
        ("gambut", "Kecamatan Gambut", 1),
        ("muara_papalik", "Kecamatan Muara Papalik", 2),
    ],
)
def test_an_office_has_one_name_in_all_its_sops(office: str, name: str, sops: int) -> None:
    assert [read.office for read in of(office).sops] == [name] * sops


@pytest.mark.parametrize(
    ("office", "place", "no", "column", "cell"),
    [
        ("martapura_barat", 0, 1, "kelengkapan", "NOTA / DISPOSISI"),
        ("martapura_barat", 0, 1, "penanggung_jawab", "Camat dan Sekcam"),
        ("martapura_barat", 0, 5, "output", "Hasil data kinerja"),
        ("martapura_barat", 1, 7, "text", "Memeriksa konsep."),
        ("martapura_barat", 2, 6, "penanggung_jawab", "Kasubbag Perencanaan Keuangan dan Aset"),
        ("kebasen", 0, 6, "keterangan", "Panah balik menandakan konsep perlu perbaikan"),
        ("kebasen", 0, 9, "output", "Arsip"),
        ("masama", 0, 1, "kelengkapan", "Dokumen data kinerja"),
        ("masama", 0, 1, "cells", ("Mulai", "", "", "", "")),
        ("masama", 0, 2, "cells", ("", "[ ]", "", "[ ]", "")),
        ("masama", 0, 4, "cells", ("", "", "", "", "[ ]")),
        ("masama", 2, 1, "cells", ("Mulai", "", "", "", "")),
        ("masama", 2, 1, "kelengkapan", "Lembar disposisi"),
        ("masama", 2, 9, "output", "Dokumen data kinerja"),
        ("gambut", 0, 8, "kelengkapan", "data dan informasi kinerja tersusun"),
        ("gambut", 0, 8, "keterangan", ""),
        ("muara_papalik", 0, 6, "keterangan", "-"),
        ("muara_papalik", 0, 8, "kelengkapan", "Dokument Final Penyusunan Data Kinerja"),
        ("muara_papalik", 0, 10, "keterangan", "Dokument Mekanisme Pengumpulan Data Kinerja Disahkan diarsipkan"),
        ("muara_papalik", 1, 2, "output", "Dokumen format data Dokumen format data"),
        ("muara_papalik", 1, 6, "output", ""),
    ],
)
def test_cells_stand_under_their_columns(office: str, place: int, no: int, column: str, cell: object) -> None:
    assert getattr(sop(office, place).steps[no - 1], column) == cell


@pytest.mark.parametrize(
    ("office", "place", "no", "text", "amount", "unit"),
    [
        ("masama", 0, 4, "480", 480, "menit"),
        ("muara_papalik", 0, 1, "1Hari", 1, "hari"),
        ("muara_papalik", 0, 10, "20 Menit", 20, "menit"),
        ("muara_papalik", 1, 3, "10", 10, "menit"),
        ("gambut", 0, 6, "1 minggu", 1, "minggu"),
        ("martapura_barat", 0, 4, "7 JAM", 7, "jam"),
    ],
)
def test_waktu_counts_in_the_unit_of_cell_or_heading(
    office: str, place: int, no: int, text: str, amount: int, unit: str
) -> None:
    length = sop(office, place).steps[no - 1].waktu
    assert length is not None
    assert length == Waktu(text, Decimal(amount), Unit(unit))


@pytest.mark.parametrize(
    ("office", "place", "key", "value"),
    [
        ("martapura_barat", 0, "tanggal_pengesahan", "16 FEBRUARI 2023"),
        ("martapura_barat", 0, "disahkan_oleh", "CAMAT MARTAPURA BARAT"),
        ("martapura_barat", 0, "keterkaitan", ("SOP PENGUMPULAN DATA KINERJA",)),
        ("kebasen", 0, "judul_tabel", "SOP PELAKSANAAN PENGUKURAN DATA KINERJA"),
        (
            "kebasen",
            1,
            "disahkan_oleh",
            "CAMAT KEBASEN WAHYU ADHI FIBRIANTO, S.STP., M.A.P Pembina Tk. I NIP. 19780220 199612 1 001",
        ),
        (
            "kebasen",
            1,
            "peralatan_perlengkapan",
            ("PK dan RKT", "Pengukuran Data Kinerja", "Komputer, Printer, ATK", "Jaringan internet"),
        ),
        ("masama", 0, "tanggal_pembuatan", ""),
        ("masama", 2, "disahkan_oleh", ""),
        ("gambut", 0, "tanggal_efektif", "31 Juli 2025"),
        ("muara_papalik", 0, "peringatan", ()),
        ("muara_papalik", 0, "pencatatan_pendataan", ("Disimpan Sebagai Data",)),
        (
            "muara_papalik",
            1,
            "penutup",
            ("Rantau Badak, Januari 2022", "CAMAT MUARA PAPALIK", "JOAN PRAYUDA, SE, ME", "Nip. 198108292010011010"),
        ),
    ],
)
def test_identity_entries_have_stable_keys(office: str, place: int, key: str, value: object) -> None:
    assert sop(office, place).identity[key] == value


def test_lists_in_html_columns_are_taken_apart() -> None:
    law = sop("kebasen", 1).identity["dasar_hukum"]
    assert len(law) == 4
    assert law[1] == "Undang-Undang Nomor 23 Tahun 2014 Tentang Pemerintahan Daerah"
    assert len(sop("masama", 1).identity["kualifikasi_pelaksana"]) == 4


def test_the_rule_of_return_in_the_risk_block_is_kept() -> None:
    risks = sop("martapura_barat", 0).identity["identifikasi_risiko"]
    assert risks[2] == "Pada prosedur 3 (tiga) apabila ada kesalahan maka akan diperbaiki di langkah sebelumnya."


def test_lists_under_the_last_table_belong_to_its_sop() -> None:
    closing = sop("muara_papalik", 1).identity
    assert len(closing["kualifikasi_pelaksana"]) == 3
    assert closing["pencatatan_pendataan"][0] == "Camat : Lembar Disposisi/Arahan, Tanda Tangan/Paraf"


def test_a_warning_without_its_heading_is_read_as_one_and_told() -> None:
    read = of("kebasen")
    assert all(str(each.identity["peringatan"][0]).startswith("Jika SOP tidak dilaksanakan") for each in read.sops)
    assert [problem.row for problem in read.problems] == [50, 90]


@pytest.mark.parametrize(
    ("office", "rows"),
    [
        ("martapura_barat", [(173, "KASUBAG PERENCANAAN")]),
        ("gambut", []),
        ("masama", [(64, None), (97, None), (183, None), (185, "Pelaksana")]),
        ("muara_papalik", [(38, "Pelaksana"), (44, None), (82, None)]),
    ],
)
def test_what_looks_wrong_is_told_with_row_and_column(office: str, rows: list[tuple[int, str | None]]) -> None:
    assert [(problem.row, problem.column) for problem in of(office).problems] == rows


def test_no_markup_is_left_in_any_text() -> None:
    for office in OFFICES:
        for read in of(office).sops:
            texts = [read.title, *read.lanes, *(text for step in read.steps for text in (step.text, step.kelengkapan))]
            texts += [
                text for value in read.identity.values() for text in ((value,) if isinstance(value, str) else value)
            ]
            assert not [text for text in texts if "<" in text or "**" in text or "\t" in text or text != text.strip()]
