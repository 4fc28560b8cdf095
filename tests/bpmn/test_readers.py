"""Rules of reading, each with a small document; bad input; arbitrary input."""

import time
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpmn import readers
from bpmn.errors import BrokenTable, DocumentTooLarge, NotAnSop, Refusal
from bpmn.sop import Sop, Unit, Waktu
from tests.bpmn.documents import HEADING, IDENTITY, OFFICES, content, document, row


def only(data: bytes) -> Sop:
    (sop,) = readers.read(data).sops
    return sop


def messages(data: bytes) -> list[str]:
    return [str(problem.message) for problem in readers.read(data).problems]


def test_a_small_document_is_read() -> None:
    sop = only(document(row(1, "Menulis"), row(2, "Membaca", "\t[ ]\t")))
    assert (sop.title, sop.number, sop.office, sop.lanes) == (
        "Uji",
        "01",
        "Kecamatan Uji",
        ("Camat", "Sekretaris", "Staf"),
    )
    assert [(step.no, step.text, step.cells, step.row) for step in sop.steps] == [
        ("1", "Menulis", ("", "", ""), 8),
        ("2", "Membaca", ("", "[ ]", ""), 9),
    ]
    assert messages(document(row(1, "Menulis"))) == []


def test_a_markdown_table_is_read_like_one_with_tabs() -> None:
    lines = (HEADING + row(1, "Menulis") + row(2, "Membaca")).splitlines()
    piped = [f"| {line.replace(chr(9), ' | ')} |" for line in lines]
    piped.insert(2, "|---|---|---|---|---|---|---|---|---|")
    sop = only((IDENTITY + "\n".join(piped)).encode())
    assert [step.text for step in sop.steps] == ["Menulis", "Membaca"]
    assert [step.output for step in sop.steps] == ["Surat", "Surat"]


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_ends_of_any_system_are_read(newline: str) -> None:
    data = document(row(1, "Menulis"), row(2, "Membaca")).replace(b"\n", newline.encode())
    assert [step.row for step in only(data).steps] == [8, 9]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encodings_of_editors_are_read(encoding: str) -> None:
    data = document(row(1, "Menulis “surat” é")).decode().encode(encoding)
    assert only(data).steps[0].text == "Menulis “surat” é"


def test_a_heading_of_one_line_names_the_lanes() -> None:
    heading = "No\tAktivitas\tCamat\tSekretaris\tStaf\tKelengkapan\tWaktu (menit)\tOutput\tKet\n"
    sop = only(document(row(1, "Menulis", waktu="15"), heading=heading))
    assert sop.lanes == ("Camat", "Sekretaris", "Staf")
    assert sop.steps[0].waktu == Waktu("15", Decimal(15), Unit.MENIT)


def test_lanes_may_stand_below_a_heading_that_names_all_else() -> None:
    heading = "No\tKegiatan\tPelaksana\t\t\tKelengkapan\tWaktu\tOutput\tKet\n\t\tCamat\tPelaksana\tStaf\t\t\t\t\n"
    sop = only(document(row(1, "Menulis"), heading=heading))
    assert sop.lanes == ("Camat", "Pelaksana", "Staf")
    assert sop.steps[0].output == "Surat"


def test_a_single_column_pelaksana_tells_the_jabatan_in_its_cells() -> None:
    heading = "No\tKegiatan\tPelaksana\tKelengkapan\tWaktu\tOutput\tKeterangan\n"
    sop = only(document(row(1, "Menulis", "Kasubbag Umum"), row(2, "Membaca", "Camat"), heading=heading))
    assert sop.lanes == ("Kasubbag Umum", "Camat")
    assert [step.cells for step in sop.steps] == [("Kasubbag Umum", ""), ("", "Camat")]


def test_a_column_printed_twice_is_one_lane_with_the_marks_of_both() -> None:
    heading = HEADING.replace("\tStaf", "\tSEKRETARIS")
    sop = only(document(row(1, "Menulis", "\t\tX"), heading=heading))
    assert sop.lanes == ("Camat", "Sekretaris")
    assert sop.steps[0].cells == ("", "X")
    assert "tercetak 2 kali" in messages(document(row(1, "Menulis"), heading=heading))[0]


def test_a_line_that_numbers_the_columns_is_no_step() -> None:
    numbering = "\t".join(str(number) for number in range(1, 10)) + "\n"
    assert len(only(document(numbering, row(1, "Menulis"))).steps) == 1


def test_a_table_goes_on_after_a_page_break_with_its_heading_repeated() -> None:
    sop = only(document(row(1, "Menulis"), "\n\n", HEADING, row(2, "Membaca")))
    assert [step.no for step in sop.steps] == ["1", "2"]


def test_a_line_between_rows_that_is_none_of_them_is_told() -> None:
    data = document(row(1, "Menulis"), "\nHalaman 1 dari 2\n\n", row(2, "Membaca"))
    assert len(only(data).steps) == 2
    assert ["“Halaman 1 dari 2”" in message for message in messages(data)] == [True]


def test_a_cell_broken_over_two_lines_is_put_together() -> None:
    data = document("1\tMenulis\nsurat dinas\t\t\t\tSurat\t1 hari\tSurat\t\n", row(2, "Membaca"))
    assert only(data).steps[0].text == "Menulis surat dinas"


def test_a_row_without_number_goes_on_with_the_row_above() -> None:
    data = document(row(1, "Menulis"), "\tsurat dinas\t\t\t\tmasuk\t\tkeluar\t\n", row(2, "Membaca"))
    step = only(data).steps[0]
    assert (step.text, step.kelengkapan, step.output) == ("Menulis surat dinas", "Surat masuk", "Surat keluar")


def test_steps_numbered_twice_are_counted_anew_and_told() -> None:
    data = document(row(1, "Menulis"), row(1, "Membaca"), row(2, "Mengirim"))
    assert [step.no for step in only(data).steps] == ["1", "2", "3"]
    assert any("dinomori ulang" in message for message in messages(data))


def test_an_unknown_column_and_its_place_are_told() -> None:
    heading = HEADING.replace("Keterangan", "Formulir")
    assert messages(document(row(1, "Menulis"), heading=heading)) == [
        "Kolom Formulir tidak dikenal sehingga isinya tidak dibaca; periksa judul kolomnya."
    ]


def test_a_waktu_that_cannot_be_read_is_told_with_its_row() -> None:
    (problem,) = readers.read(document(row(1, "Menulis", waktu="sesuai jadwal"))).problems
    assert (problem.row, problem.column) == (8, "Waktu")
    assert "“sesuai jadwal” pada langkah 1" in str(problem.message)


def test_an_identity_block_after_the_last_table_is_told() -> None:
    data = document(row(1, "Menulis"), "\n\nKECAMATAN UJI\nNomor SOP\t02\nNama SOP\tLain\n")
    assert any("tidak diikuti tabel langkah" in message for message in messages(data))


def test_labels_and_values_may_stand_on_one_line() -> None:
    identity = "Nomor SOP 7/2024\n\nTanggal Revisi\n\nKECAMATAN UJI Nama SOP Surat Masuk\nDasar Hukum :\n1. Satu\n\n"
    sop = only(document(row(1, "Menulis"), identity=identity))
    assert (sop.number, sop.title, sop.office) == ("7/2024", "Surat Masuk", "Kecamatan Uji")
    assert sop.identity["tanggal_revisi"] == ""


def test_all_labels_may_stand_before_all_values() -> None:
    identity = "KECAMATAN UJI\nNOMOR SOP\nTANGGAL\nPEMBUATAN\nNAMA SOP\n\n7/2024\n1 Mei 2024\nSurat Masuk\n\n"
    sop = only(document(row(1, "Menulis"), identity=identity))
    assert (sop.number, sop.title, sop.identity["tanggal_pembuatan"]) == ("7/2024", "Surat Masuk", "1 Mei 2024")


def test_without_identity_block_the_line_above_the_table_is_the_title() -> None:
    sop = only(document(row(1, "Menulis"), identity="12. SOP PENERIMAAN TAMU\n\n"))
    assert sop.title == "PENERIMAAN TAMU"


def test_a_number_in_the_middle_of_a_law_is_no_list_marker() -> None:
    identity = IDENTITY + "Dasar Hukum :\n1. Peraturan Nomor\n8 Tahun 2021 tentang Aparatur\n\n"
    assert only(document(row(1, "x y"), identity=identity)).identity["dasar_hukum"] == (
        "Peraturan Nomor 8 Tahun 2021 tentang Aparatur",
    )


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "kosong"),
        (b" \n\t\n", "kosong"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04...", "Word/Excel"),
        (b"\x00\x01\x02", "bukan teks"),
        (b"a\x81\x8d\xff", "bukan teks"),
        (b"Surat biasa\ntanpa tabel\n", "tidak memuat tabel langkah"),
    ],
)
def test_what_is_no_sop_is_refused_in_one_sentence(data: bytes, told: str) -> None:
    with pytest.raises(NotAnSop, match=told) as refused:
        readers.read(data, "surat.txt")
    assert str(refused.value).count(". ") == 0


def test_a_document_beyond_the_limit_is_refused() -> None:
    with pytest.raises(DocumentTooLarge, match="5 MB"):
        readers.read(b"x" * (readers.LIMIT + 1))


@pytest.mark.parametrize(
    "cut",
    [
        "2",
        "2.",
        "2\tMemb",
        "2\tMembaca\t\t",
        "2\tMembaca\t\t\t\tSurat",
        "2\tMembaca\t\t\t\tSurat\t1 ha",
    ],
)
def test_a_table_cut_in_the_middle_of_a_row_is_refused_with_its_line(cut: str) -> None:
    with pytest.raises(BrokenTable, match="langkah 2 pada baris 9"):
        readers.read(document(row(1, "Menulis"), cut))


@pytest.mark.parametrize("heading", [HEADING, HEADING.splitlines()[0]])
def test_a_document_that_ends_in_the_heading_of_its_table_is_refused(heading: str) -> None:
    with pytest.raises(BrokenTable):
        readers.read(document(heading=heading))


@pytest.mark.parametrize("end", ["2\tMembaca\t\t\t\tSurat\t1 hari\tSurat", "2\tMembaca\t\t\t\tSurat\t1 hari\tSurat\t"])
def test_a_last_row_may_end_after_its_output(end: str) -> None:
    assert len(only(document(row(1, "Menulis"), end)).steps) == 2


def test_every_cut_through_a_row_of_the_library_is_refused_until_its_output_begins() -> None:
    data = content("gambut")
    last = data.rindex(b"\n8\t") + 1
    output = data.index(b"1 minggu\t", last) + len(b"1 minggu\t")
    for end in range(last + 1, output):
        with pytest.raises(BrokenTable, match="langkah 8 pada baris 62"):
            readers.read(data[:end])
    assert len(only(data[: output + 20]).steps) == 8


@pytest.mark.parametrize(
    "data",
    [
        b"<" * 1_000_000,
        b"<a " * 330_000,
        b"1. 2. 3. " * 110_000,
        b"|" * 1_000_000,
        b"nomor sop " * 100_000,
        b"KECAMATAN " * 100_000,
        b"1\ta\tb\tc\td\n" * 90_000,
        HEADING.encode() + b"1\t" + b"jika tidak setuju dikembalikan " * 30_000,
    ],
    ids=["angles", "tags", "numbers", "pipes", "labels", "offices", "rows", "sentence"],
)
def test_a_megabyte_of_garbage_is_refused_within_a_second(data: bytes) -> None:
    start = time.process_time()
    with pytest.raises(Refusal):
        readers.read(data)
    assert time.process_time() - start < 1


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(Refusal):
        readers.read(data)


PIECES = st.sampled_from(
    [
        "\t",
        "\n",
        "|",
        "<p>",
        "**",
        "1.\t",
        "No\tKegiatan\tPelaksana\tWaktu\n",
        "\x0c",
        "KECAMATAN",
        "Nomor SOP",
        "-",
        "9",
        "",
    ]
)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)
@given(st.sampled_from(OFFICES), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 60), PIECES), max_size=6))
def test_a_changed_document_of_the_library_is_read_or_refused(
    office: str, changes: list[tuple[float, int, str]]
) -> None:
    text = content(office).decode()
    for place, deleted, put in changes:
        at = int(place * len(text))
        text = text[:at] + put + text[at + deleted :]
    try:
        read = readers.read(text.encode())
    except Refusal:
        return
    for sop in read.sops:
        assert sop.steps
        assert all(len(step.cells) == len(sop.lanes) for step in sop.steps)
        assert len({step.no for step in sop.steps}) == len(sop.steps)
