"""Two languages: the switch, a complete catalogue, and templates of which every text can be translated."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel.messages import Message
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask import Flask

from engine import errors
from engine.database import Database
from tests.web.conftest import Browser, Kecamatan, furnish
from web.config import HERE
from web.language import told

LogIn = Callable[[str], Browser]

ROOT = HERE.parent
CATALOGUE = HERE / "translations/en/LC_MESSAGES/messages.po"
TEMPLATES = sorted((HERE / "templates").glob("**/*.html"))


@pytest.fixture
def kecamatan(sqlite: Database, now: object) -> Kecamatan:
    return furnish(sqlite, now)  # type: ignore[arg-type]


# -- the switch -------------------------------------------------------------------------------------------------------


def test_pages_are_in_indonesian_until_another_language_is_chosen(log_in: LogIn) -> None:
    budi = log_in("budi")
    page = budi.client.get("/berkas", headers={"Accept-Language": "en"}).text
    assert '<html lang="id">' in page
    assert "Semua berkas kantor" in page
    assert budi.post("/bahasa", bahasa="en", next="/berkas?keadaan=semua").location == "/berkas?keadaan=semua"
    page = budi.get("/berkas").text
    assert '<html lang="en">' in page
    assert "All runs of the office" in page
    assert "Bahasa Indonesia</button>" in page
    budi.post("/bahasa", bahasa="id", next="/")
    assert "Semua berkas kantor" in budi.get("/berkas").text


def test_the_language_is_kept_over_log_in_and_log_out(app: Flask) -> None:
    browser = Browser(app.test_client())
    assert browser.post("/bahasa", bahasa="en", next="//evil.example").location == "/"
    assert "Password" in browser.get("/masuk").text
    answer = browser.post("/masuk", nama="x", sandi="x")
    assert "The user name or the password is wrong." in answer.text


def test_a_language_that_we_do_not_speak_is_refused(app: Flask) -> None:
    assert Browser(app.test_client()).post("/bahasa", bahasa="fr").status_code == 400


def test_refusals_deadlines_and_dates_are_told_in_english_too(kecamatan: Kecamatan, log_in: LogIn) -> None:
    rina = log_in("rina")
    rina.post("/bahasa", bahasa="en")
    page = rina.follow(rina.post(f"/sop/{kecamatan.sop}/mulai", perihal="Surat pengantar"))
    assert "Rina Wulandari</strong> (Pengadministrasi Umum) started the run" in page
    assert "Monday, 23 November 2026, 09:00 WIB" in page
    assert "1 working day left" in page
    answer = rina.post(f"/sop/{kecamatan.sop}/mulai", perihal="x" * 301)
    assert "Subject is too long: at most 300 characters." in answer.text


def test_a_sentence_is_told_in_the_language_of_the_page(app: Flask) -> None:
    with app.test_request_context():
        assert told(errors.TaskAlreadyClaimed("Budi").sentence) == "Tugas ini sudah diambil oleh Budi."


# -- the catalogue ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written() -> set[str]:
    """Every text that the sources mark for translation."""
    with (HERE / "translations/babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    keywords = {**DEFAULT_KEYWORDS, "sentence": None}
    found = extract_from_dir(ROOT, methods, options, keywords, directory_filter=_is_source)
    return {message if isinstance(message, str) else message[0] for _, _, message, *_ in found if message}


def _is_source(folder: str | Path) -> bool:
    return not Path(folder).name.startswith((".", "_")) and Path(folder).name not in {"node_modules", "tests", "build"}


@pytest.fixture(scope="module")
def english() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en", abort_invalid=True)


def translated(catalogue: Catalog) -> Iterator[tuple[str, tuple[str, ...], Message]]:
    for message in catalogue:
        if message.id:
            one = message.id if isinstance(message.id, str) else message.id[0]
            strings = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            yield one, strings, message


def test_every_text_has_an_english_translation(written: set[str], english: Catalog) -> None:
    assert len(written) > 250
    known = {text for text, strings, message in translated(english) if strings and all(strings) and not message.fuzzy}
    assert sorted(written - known) == []


def test_no_translation_is_left_of_a_text_that_is_gone(written: set[str], english: Catalog) -> None:
    assert sorted({text for text, _, _ in translated(english)} - written) == []


def test_translations_have_the_places_of_their_texts(english: Catalog) -> None:
    for text, strings, _ in translated(english):
        for string in strings:
            places = set(re.findall(r"%\(\w+\)[sd]", string))
            missing = set(re.findall(r"%\(\w+\)[sd]", text)) - places
            assert places <= set(re.findall(r"%\(\w+\)[sd]", text)), text
            assert not missing - ({"%(num)s"} if len(strings) > 1 else set()), text


# -- the templates ----------------------------------------------------------------------------------------------------

BLOCKS = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
OWN_NAMES = {"Lajur"}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_text_of_a_template_can_be_translated(template: Path) -> None:
    bare = BLOCKS.sub("", template.read_text("utf-8"))
    between = re.sub(r"<[^>]*>", "\n", bare)
    words = {line.strip() for line in between.splitlines() if re.search(r"[^\W\d_]{2}", line)}
    words = {word.strip("· ") for word in words}
    assert words <= OWN_NAMES
    spoken = re.findall(r'\b(?:aria-label|title|placeholder|alt|data-confirm)="([^"]*)"', bare)
    assert not [text for text in spoken if re.search(r"[^\W\d_]{2}", text)]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_script_and_no_style_of_its_own(template: Path) -> None:
    source = template.read_text("utf-8")
    assert not re.search(r"<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:", source, re.IGNORECASE)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source, re.IGNORECASE)
    assert "|safe" not in source.replace(" ", "")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_changes_something_carries_a_csrf_token(template: Path) -> None:
    source = template.read_text("utf-8")
    for form in re.findall(r'<form[^>]*method="post".*?</form>', source, re.DOTALL):
        made = ["csrf()", *re.findall(r"set (\w+) = parts\.csrf\(\)", source)]
        assert any(re.search(rf"{{{{ .*{re.escape(name)} ", form) for name in made)
