"""How a WAKTU cell is read: one row a rule."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpmn import waktu
from bpmn.sop import Unit, Waktu

MENIT, JAM, HARI, MINGGU, BULAN = Unit.MENIT, Unit.JAM, Unit.HARI, Unit.MINGGU, Unit.BULAN


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("10 MENIT", "10", MENIT),
        ("1Hari", "1", HARI),
        ("4 JAM", "4", JAM),
        ("1 minggu", "1", MINGGU),
        ("2 bulan", "2", BULAN),
        ("1 tahun", "12", BULAN),
        ("1 (satu) hari", "1", HARI),
        ("1 (satu) hari kerja", "1", HARI),
        ("3 hari kerja.", "3", HARI),
        ("2-3 hari", "3", HARI),
        ("2 \u2013 3 hari", "3", HARI),
        ("15 s.d. 30 menit", "30", MENIT),
        ("15 s/d 30 menit", "30", MENIT),
        ("15 sampai dengan 30 menit", "30", MENIT),
        ("30 menit - 1 jam", "1", JAM),
        ("\u00b1 15 menit", "15", MENIT),
        ("maksimal 3 hari", "3", HARI),
        ("Paling lama 5 (lima) hari kerja", "5", HARI),
        ("1 jam 30 menit", "90", MENIT),
        ("1 jam dan 30 menit", "90", MENIT),
        ("1 hari 4 jam", "11.5", JAM),
        ("1 minggu 2 hari", "7", HARI),
        ("1 x 24 jam", "24", Unit.JAM_KALENDER),
        ("2x24 Jam", "48", Unit.JAM_KALENDER),
        ("3 hari kalender", "3", Unit.HARI_KALENDER),
        ("1 minggu kalender", "7", Unit.HARI_KALENDER),
        ("2 x 15 menit", "30", MENIT),
        ("30 Menit/berkas", "30", MENIT),
        ("30 menit per berkas", "30", MENIT),
        ("14 hari sejak berkas diterima", "14", HARI),
        ("setengah hari", "0.5", HARI),
        ("\u00bd jam", "0.5", JAM),
        ("1 \u00bd jam", "1.5", JAM),
        ("1\u00bd jam", "1.5", JAM),
        ("1/2 jam", "0.5", JAM),
        ("1,5 jam", "1.5", JAM),
        ("1.5 jam", "1.5", JAM),
        ("1.440 menit", "1440", MENIT),
        ("dua hari", "2", HARI),
        ("sehari", "1", HARI),
        ("30'", "30", MENIT),
    ],
)
def test_a_length_of_time_is_read(text: str, amount: str, unit: Unit) -> None:
    assert waktu.read(text) == Waktu(text, Decimal(amount), unit)


@pytest.mark.parametrize(
    "text",
    [
        "sesuai jadwal",
        "menyesuaikan",
        "120",
        "hari",
        "0 menit",
        "5 kali",
        "1 hari sebelum rapat",
        "minimal 2 hari",
        "1 hari 2 hari",
        "1/0 jam",
        "9999999 hari",
        "2 bulan kalender",
        "1 jam 1 hari kalender",
        "1 hari " * 100,
    ],
)
def test_what_is_no_length_of_time_keeps_its_text_and_has_no_amount(text: str) -> None:
    assert waktu.read(text) == Waktu(" ".join(text.split()), None, None)


@pytest.mark.parametrize("text", ["", "  ", "-", "\u2013", " . "])
def test_an_empty_cell_is_no_waktu(text: str) -> None:
    assert waktu.read(text) is None


def test_a_bare_number_counts_in_the_unit_of_the_heading() -> None:
    assert waktu.read("120", waktu.unit_named("Waktu (menit)")) == Waktu("120", Decimal(120), MENIT)


def test_a_unit_in_the_cell_outweighs_the_heading() -> None:
    assert waktu.read("2 hari", MENIT) == Waktu("2 hari", Decimal(2), HARI)


@pytest.mark.parametrize(
    ("heading", "unit"), [("Waktu (menit)", MENIT), ("Waktu/jam", JAM), ("WAKTU (Hari)", HARI), ("Waktu", None)]
)
def test_a_heading_names_its_unit(heading: str, unit: Unit | None) -> None:
    assert waktu.unit_named(heading) == unit


def test_an_amount_is_shown_with_a_comma() -> None:
    assert waktu.show(Decimal("1.50"), JAM) == "1,5 jam"
    assert waktu.show(Decimal(100), MENIT) == "100 menit"


WORKING_UNITS = st.sampled_from([MENIT, JAM, HARI, MINGGU, BULAN, Unit.HARI_KALENDER])
AMOUNTS = st.decimals("0.1", 999, places=1) | st.integers(1, 99999).map(Decimal)


@given(AMOUNTS, WORKING_UNITS)
def test_what_is_shown_is_read_as_the_same(amount: Decimal, unit: Unit) -> None:
    read = waktu.read(waktu.show(amount, unit))
    assert read is not None
    assert (read.amount, read.unit) == (amount, unit)


@given(st.integers(1, 999), st.integers(1, 999), WORKING_UNITS.filter(lambda unit: unit is not Unit.HARI_KALENDER))
def test_a_range_means_its_second_bound(first: int, second: int, unit: Unit) -> None:
    read = waktu.read(f"{first} - {second} {unit.value}")
    assert read is not None
    assert read.amount == second


@given(st.text(max_size=60))
def test_any_text_is_read_without_failing(text: str) -> None:
    read = waktu.read(text, MENIT)
    assert read is None or read.amount is None or read.amount > 0
