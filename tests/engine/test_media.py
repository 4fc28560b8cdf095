"""Which files are taken, judged by what they hold, and what they are called then."""

from __future__ import annotations

import io
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine import errors, media
from tests.engine import media_files
from tests.engine.media_files import REFUSED, TAKEN, ole


def judge(content: bytes, filename: str = "berkas") -> str:
    return media.judge(io.BytesIO(content), filename).media_type


@pytest.mark.parametrize("media_type", TAKEN)
def test_what_offices_exchange_is_taken_whatever_it_is_called(media_type: str) -> None:
    assert judge(TAKEN[media_type]) == media_type
    if media_type != "text/plain":
        assert judge(TAKEN[media_type], "virus.exe") == media_type


def test_every_kind_is_tested() -> None:
    assert {*TAKEN, "text/csv"} == {kind.media_type for kind in media.KINDS}


@pytest.mark.parametrize("name", REFUSED)
def test_everything_else_is_refused_whatever_it_is_called(name: str) -> None:
    for filename in ("berkas", "a.pdf", "a.docx", "a.txt", "a.csv"):
        with pytest.raises(errors.FileRefused, match="kosong" if name == "empty" else "Yang diterima: PDF"):
            judge(REFUSED[name], filename)


@pytest.mark.parametrize("filename", ["a.bat", "a.js", "a.ps1", "a.html", "a.TXT.vbs", "a.svg"])
def test_text_that_is_called_something_else_is_refused(filename: str) -> None:
    with pytest.raises(errors.FileRefused):
        judge(b"isi", filename)


def test_the_name_tells_csv_from_text() -> None:
    assert judge(b"a;b\n1;2\n", "Data.CSV") == "text/csv"
    assert judge(b"a;b\n1;2\n", "Data.txt") == "text/plain"


def test_what_is_embedded_in_an_older_file_does_not_count() -> None:
    assert judge(ole("Workbook", embedded="WordDocument")) == "application/vnd.ms-excel"
    with pytest.raises(errors.FileRefused):
        judge(ole("Contents", embedded="WordDocument"))


@given(
    st.binary(max_size=2000), st.sampled_from([b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b""]), st.booleans()
)
def test_nothing_that_arrives_breaks_the_judge(content: bytes, beginning: bytes, ole_like: bool) -> None:
    whole = bytearray(ole("WordDocument")) + content if ole_like else bytearray(beginning + content)
    for place in range(0, min(len(content), 400), 2):
        if ole_like:
            whole[8 + (content[place] * 7 + place * 13) % (len(whole) - 8)] ^= content[place]
    with suppress(errors.FileRefused):
        assert judge(bytes(whole)) in {kind.media_type for kind in media.KINDS}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Surat Undangan.pdf", "Surat Undangan.pdf"),
        ("Surat Undangan.PDF", "Surat Undangan.PDF"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\camat\\surat.pdf", "surat.pdf"),
        ("/", "dokumen.pdf"),
        ("", "dokumen.pdf"),
        (".pdf", "pdf.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("CON", "_CON.pdf"),
        ("nul.pdf", "_nul.pdf"),
        ("com1 .tar.pdf", "_com1 .tar.pdf"),
        ("surat\u202efdp.exe", "suratfdp.exe.pdf"),
        ("surat\x00.pdf", "surat.pdf"),
        ("surat\r\nX-Header: 1.pdf", "surat X-Header_ 1.pdf"),
        ("virus.exe", "virus.exe.pdf"),
        ("foto.jpg", "foto.pdf"),
        ("Surat No. 800", "Surat No. 800.pdf"),
        ("surat.pdf. . ", "surat.pdf"),
        ("Cafe\u0301.pdf", "Café.pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_name_is_made_harmless(sent: str, kept: str) -> None:
    assert media.called(sent, media.PDF) == kept


NAMES = st.text(st.one_of(st.characters(), st.sampled_from("./\\ :\u202e\x00\ud800COMNULcon1\u0301")), max_size=250)


@given(NAMES, st.sampled_from(media.KINDS))
@example("a." + "\ufb2c" * 199, media.PDF)
def test_every_name_is_harmless(sent: str, kind: media.Kind) -> None:
    name = media.called(sent, kind)
    assert name.lower().endswith(kind.endings)
    assert len(name) <= media.NAME_LIMIT
    assert unicodedata.is_normalized("NFC", name)
    assert not set(name) & set('/\\<>:"|?*')
    assert all(unicodedata.category(character)[0] != "C" for character in name)
    assert name == name.strip()
    assert not name.startswith(".")
    assert name.split(".")[0].strip().upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT1"}
    assert media.called(name, kind) == name
    name.encode()


def test_the_files_of_tests_are_what_their_own_libraries_say() -> None:
    """The list of entries is read here without `zipfile`, so it must find what `zipfile` does."""
    content = media_files.office("word/document.xml")
    assert set(media._zip_names(io.BytesIO(content))) == {b"[Content_Types].xml", b"_rels/.rels", b"word/document.xml"}
