"""Documents of other agencies: the spellings, marks and layouts of the form that are met, each in a short document."""

from __future__ import annotations

import pytest

from bpmn import readers
from bpmn.sop import Document, Sop, Unit

IDENTITY = "DINAS PERIKANAN KABUPATEN CONTOH\n\nNomor SOP\t7/2024\nNama SOP\tPenerbitan Surat\n\n"
LANES = "\t\tKepala Dinas\tSekretaris\tStaf\tKelengkapan\tWaktu\tOutput\t\n"
ROWS = (
    "1\tMemerintahkan Sekretaris menyiapkan surat\tMulai\t\t\tDisposisi\t10 menit\tDisposisi\t\n"
    "2\tMengetik konsep surat\t\t\t[ ]\tDisposisi\t2 jam\tKonsep\tSOP lain\n"
)


def read(text: str) -> Document:
    return readers.read(text.encode())


def only(text: str) -> Sop:
    (sop,) = read(text).sops
    return sop


def assert_plain(sop: Sop) -> None:
    """Both rows with every cell where it belongs."""
    assert sop.lanes == ("Kepala Dinas", "Sekretaris", "Staf")
    assert [(step.no, step.text) for step in sop.steps] == [
        ("1", "Memerintahkan Sekretaris menyiapkan surat"),
        ("2", "Mengetik konsep surat"),
    ]
    assert [step.cells for step in sop.steps] == [("Mulai", "", ""), ("", "", "[ ]")]
    assert [(step.kelengkapan, step.output, step.keterangan) for step in sop.steps] == [
        ("Disposisi", "Disposisi", ""),
        ("Disposisi", "Konsep", "SOP lain"),
    ]
    assert [step.waktu and step.waktu.unit for step in sop.steps] == [Unit.MENIT, Unit.JAM]


@pytest.mark.parametrize(
    "heading",
    [
        "No\tKegiatan\tPelaksana\t\t\tMutu Baku\t\t\tKeterangan\n",
        "NO.\tURAIAN KEGIATAN\tPELAKSANA\t\t\tMUTU BAKU\t\t\tKET.\n",
        "No\tUraian Prosedur\tPelaksana\t\t\tMutu Baku\t\t\tKet\n",
        "No\tAktivitas\tPelaksana\t\t\tMutubaku\t\t\tKet.\n",
        "No\tAktifitas\tPelaksanaan\t\t\tMutu Baku\t\t\tKeterangan\n",
        "No\tUraian\tPelaksana Kegiatan\t\t\tStandar Mutu\t\t\tKeterangan\n",
        "NO\tKEGIATAN\tPELAKSANA\t\t\tMUTU BUKU\t\t\tKETERANGAN\n",
        "No\tLangkah-langkah Kegiatan\tUnit Pelaksana\t\t\tMuta Baku\t\t\tCatatan\n",
        "No\tTahapan\tPelaksana/Jabatan\t\t\tMutu Baku\t\t\tKeterangan\n",
        "NO\tURAIAN KEGIATAN/AKTIVITAS\tAKTOR\t\t\tMUTU BAKU\t\t\tKET\n",
        "No. Urut\tJenis Kegiatan\tPejabat/Pelaksana\t\t\tMutu  Baku\t\t\tKeterangan\n",
        "No\tProses\tPELAKSANA\t\t\tMUTU BAKU\t\t\tKETERANGAN\n",
    ],
)
def test_the_first_line_of_the_heading_is_spelt_in_many_ways(heading: str) -> None:
    assert_plain(only(IDENTITY + heading + LANES + ROWS))


@pytest.mark.parametrize(
    "columns",
    [
        "Kelengkapan\tWaktu\tOutput",
        "KELENGKAPAN\tWAKTU\tOUTPUT",
        "Persyaratan/Kelengkapan\tWaktu\tOutput",
        "Persyaratan / Perlengkapan\tWaktu Penyelesaian\tHasil",
        "Kelengkpan\tWkatu\tOuput",
        "Kelengkapan\tJangka Waktu\tKeluaran",
        "Input\tWaktu\tOut Put",
        "Kelengkapan/Persyaratan\tWaktu (Menit)\tOutput/Hasil",
        "Syarat\tDurasi\tHasil/Output",
        "Bahan/Kelengkapan\tWaktu\tOutput",
    ],
)
def test_the_columns_of_the_mutu_baku_are_spelt_in_many_ways(columns: str) -> None:
    top = "No\tKegiatan\tPelaksana\t\t\tMutu Baku\t\t\tKeterangan\n"
    assert_plain(only(IDENTITY + top + f"\t\tKepala Dinas\tSekretaris\tStaf\t{columns}\t\n" + ROWS))


@pytest.mark.parametrize(
    "mark", ["Mulai", "Selesai", "[ ]", "◇", "v", "V", "√", "✓", "X", "●", "■", "◊", "Ya", "Tidak"]
)
def test_a_mark_stays_in_its_cell(mark: str) -> None:
    rows = ROWS.replace("Mulai", mark).replace("[ ]", mark)
    top = "No\tKegiatan\tPelaksana\t\t\tMutu Baku\t\t\tKeterangan\n"
    assert [step.cells for step in only(IDENTITY + top + LANES + rows).steps] == [(mark, "", ""), ("", "", mark)]


TOP = "No\tKegiatan\tPelaksana\t\t\tMutu Baku\t\t\tKeterangan\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(IDENTITY + TOP.replace("Pelaksana", "") + LANES + ROWS, id="no heading over the lanes"),
        pytest.param(
            IDENTITY + "\t\tPelaksana\t\t\tMutu Baku\n" + "No\tKegiatan" + LANES[1:].replace("\t\n", "\tKet\n") + ROWS,
            id="No below",
        ),
        pytest.param(
            IDENTITY + "No\tKegiatan\tKepala Dinas\tSekretaris\tStaf\tKelengkapan\tWaktu\tOutput\tKeterangan\n" + ROWS,
            id="heading of one line",
        ),
        pytest.param(IDENTITY + TOP + LANES + "1\t2\t3\t4\t5\t6\t7\t8\t9\n" + ROWS, id="numbered columns"),
        pytest.param(
            IDENTITY + TOP + LANES + "(1)\t(2)\t(3)\t(4)\t(5)\t(6)\t(7)\t(8)\t(9)\n" + ROWS, id="(1), (2), ..."
        ),
        pytest.param(IDENTITY + TOP + LANES + "1\t2\t3\t\t\t4\t5\t6\t7\n" + ROWS, id="numbered groups"),
        pytest.param(IDENTITY + TOP + LANES + ROWS.replace("\t\n", "\n"), id="no cell at the end"),
        pytest.param(IDENTITY + TOP + "\n" + LANES + "\n" + ROWS.replace("\n2", "\n\n2"), id="blank lines"),
        pytest.param(TOP + LANES + ROWS, id="no identity"),
        pytest.param(IDENTITY + TOP + LANES + ROWS.replace("\n2", "\n\n\f\n" + TOP + LANES + "2"), id="page break"),
        pytest.param(
            IDENTITY + TOP + LANES + ROWS.replace("\n2", "\n" + TOP + LANES + "1\t2\t3\t4\t5\t6\t7\t8\t9\n2"),
            id="page break with numbers",
        ),
        pytest.param(
            IDENTITY
            + "".join(f"| {line.replace(chr(9), ' | ')} |\n" for line in (TOP + LANES + ROWS).splitlines()).replace(
                "Keterangan |\n", "Keterangan |\n|:---|---|:-:|---|---|---|---|---|---|\n"
            ),
            id="Markdown",
        ),
        pytest.param(IDENTITY + TOP + LANES + ROWS.replace("1\t", "1)\t", 1).replace("2\t", "2.\t", 1), id="1), 2."),
        pytest.param((IDENTITY + TOP + LANES + ROWS).replace("\n", "\r\n"), id="CRLF"),
    ],
)
def test_the_table_is_read_in_many_layouts(text: str) -> None:
    assert_plain(only(text))


def test_rows_one_cell_short_after_a_page_break_keep_their_mutu_baku() -> None:
    short = "3\tMenandatangani surat\t\t\tKonsep\t15 menit\tSurat\t\n"
    step = only(IDENTITY + TOP + LANES + ROWS + "\n\n" + short).steps[2]
    assert (step.kelengkapan, step.output, step.waktu and step.waktu.unit) == ("Konsep", "Surat", Unit.MENIT)


def test_several_sops_stand_in_one_document() -> None:
    second = IDENTITY.replace("7/2024", "8/2024").replace("Penerbitan", "Pencabutan")
    signature = "\nKEPALA DINAS,\nNAMA PEJABAT\nNIP. 1970\n\n"
    sops = read(IDENTITY + TOP + LANES + ROWS + signature + second + TOP + LANES + ROWS).sops
    assert [(sop.number, sop.title, len(sop.steps)) for sop in sops] == [
        ("7/2024", "Penerbitan Surat", 2),
        ("8/2024", "Pencabutan Surat", 2),
    ]


@pytest.mark.parametrize(
    ("line", "office"),
    [
        ("DINAS PERIKANAN", "Dinas Perikanan"),
        ("BADAN KEPEGAWAIAN DAERAH", "Badan Kepegawaian Daerah"),
        ("KELURAHAN SUMBER ASRI", "Kelurahan Sumber Asri"),
        ("PUSKESMAS MEKAR SARI", "Puskesmas Mekar Sari"),
        ("SD NEGERI 3 TANJUNG", "SD Negeri 3 Tanjung"),
        ("PEMERINTAH DESA SUKA MULYA", "Desa Suka Mulya"),
    ],
)
def test_the_office_is_found_for_agencies_of_all_kinds(line: str, office: str) -> None:
    identity = IDENTITY.replace("DINAS PERIKANAN KABUPATEN CONTOH", line)
    assert only(identity + TOP + LANES + ROWS).office.casefold() == office.casefold()
