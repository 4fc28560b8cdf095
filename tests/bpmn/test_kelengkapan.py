"""What a cell lists is told apart where that is clear, and kept as it is where it is not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpmn import kelengkapan, library, parser

THINGS = st.lists(
    st.from_regex(r"[A-Z][a-z]{2,8}( [a-z]{3,8}){0,2}", fullmatch=True).filter(
        lambda thing: (
            not re.search(r"\b(?:dan|serta|yang|di\w*|dari|untuk|bidang|bagian|kepala)\b", thing.lower())
            and not re.match(r"(?:Di|Me|Kasi|Seksi|Oleh|Pada|Atau|Telah|Sudah|Dengan|Sebagai|Beserta)", thing)
        )
    ),
    min_size=1,
    max_size=6,
    unique_by=kelengkapan.key,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Konsep surat, KTP, kartu keluarga", ("Konsep surat", "KTP", "kartu keluarga")),
        ("1. KTP\n2. Kartu yang\nmasih berlaku\n3. Akta", ("KTP", "Kartu yang masih berlaku", "Akta")),
        ("1) KTP 2) KK", ("KTP", "KK")),
        ("a. KTP b. KK", ("KTP", "KK")),
        ("- KTP\n- KK", ("KTP", "KK")),
        ("• KTP • KK", ("KTP", "KK")),
        ("KTP\nKK\nSurat pengantar RT/RW", ("KTP", "KK", "Surat pengantar RT/RW")),
        ("KTP; KK; akta", ("KTP", "KK", "akta")),
        ("A, B, dan C", ("A", "B", "C")),
        ("DOKUMEN RENSTRA, RENJA, DPA, RKT .", ("DOKUMEN RENSTRA", "RENJA", "DPA", "RKT")),
        ("Surat dari Kepala Desa, KTP", ("Surat dari Kepala Desa", "KTP")),
        ("SPT,SPPD", ("SPT", "SPPD")),
        ("Draft surat, konsep surat", ("Draft surat",)),
        # In doubt one thing.
        ("SURAT MASUK DAN\nDISPOSISI", ("SURAT MASUK DAN DISPOSISI",)),
        ("KONSEP PERENCANAAN KINERJA, YANG SUDAH DIPARAF", ("KONSEP PERENCANAAN KINERJA, YANG SUDAH DIPARAF",)),
        ("Surat yang diperiksa, diparaf dan dinomori", ("Surat yang diperiksa, diparaf dan dinomori",)),
        ("Data dari Kasubbag Perencanaan, Keuangan dan Aset", ("Data dari Kasubbag Perencanaan, Keuangan dan Aset",)),
        ("Konsep (asli, fotokopi), KTP", ("Konsep (asli, fotokopi)", "KTP")),
        ("Surat kuasa a.n. Camat, meterai", ("Surat kuasa a.n. Camat", "meterai")),
        ("a.n. Camat", ("a.n. Camat",)),
        ("Rp1.000,00", ("Rp1.000,00",)),
        ("NOTA / DISPOSISI", ("NOTA / DISPOSISI",)),
        ("-", ()),
        (" \n", ()),
    ],
)  # fmt: skip
def test_a_cell_is_cut_where_that_is_clear(text: str, expected: tuple[str, ...]) -> None:
    assert kelengkapan.items(text) == expected


@given(THINGS, st.sampled_from([", ", "; ", "\n", ",", "\n- ", " - "]))
def test_things_that_are_put_into_a_list_come_out_of_it(things: list[str], between: str) -> None:
    lead = "- " if "-" in between else ""
    assert kelengkapan.items(lead + between.join(things)) == tuple(things)


@given(THINGS, st.sampled_from(["\n", " "]), st.sampled_from(["{}. ", "{}) ", "({}) "]))
def test_numbered_things_come_out_as_well(things: list[str], between: str, number: str) -> None:
    text = between.join(number.format(place) + thing for place, thing in enumerate(things, start=1))
    assert kelengkapan.items(text) == tuple(things)


@given(st.text(alphabet="ab ,;.-\n()1A\N{BULLET}/", max_size=60))
def test_nothing_is_invented_and_nothing_is_empty_or_twice(text: str) -> None:
    found = kelengkapan.items(text)
    for thing in found:
        assert any(character.isalnum() for character in thing)
        assert set(kelengkapan.key(thing).split()) <= set(re.findall(r"\w+", text.casefold()))
    keys = [kelengkapan.key(thing) for thing in found]
    assert len(set(keys)) == len(keys)


@given(st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    assert len(kelengkapan.items(text)) <= kelengkapan.MOST
    assert kelengkapan.key(text) == kelengkapan.key(f" {text} .")


def test_a_text_that_would_be_too_many_things_is_one() -> None:
    assert len(kelengkapan.items(", ".join(f"Hal {number}" for number in range(40)))) == 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Draft Surat .", "konsep  surat", True),
        ("DRAF Dokumen Renstra 2021-2026.", "Draft dokumen Renstra 2021-2026", True),
        ("Konsep surat", "Surat", False),
        ("Dokumen", "Dokumen data kinerja", False),
    ],
)
def test_titles_are_the_same_in_all_but_their_writing(one: str, other: str, same: bool) -> None:
    assert (kelengkapan.key(one) == kelengkapan.key(other)) is same


def test_in_the_library_only_real_lists_are_cut() -> None:
    cells = {
        task.properties[cell]
        for each in library.diagrams()
        for task in parser.parse(each.content).tasks()
        for cell in ("kelengkapan", "output")
        if cell in task.properties
    }
    assert {cell: len(kelengkapan.items(cell)) for cell in cells if len(kelengkapan.items(cell)) != 1} == {
        "DOKUMEN RENSTRA, RENJA, DPA, PENETAPAN KINERJA, RKT .": 5,
        "Data, Bahan dari Bidang": 2,
        "Bukti Pengiriman, laporan": 2,
        "Laporan kinerja individu eselon IV, draf laporan kinerja individu eselon III": 2,
    }
