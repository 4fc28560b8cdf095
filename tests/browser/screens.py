"""Pages looked at on every screen, in light and dark; and what they weigh at first on a phone."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from typing import Literal

from playwright.sync_api import Browser, Response, StorageState, ViewportSize

from tests.browser.conftest import PHONE, WIDE
from tests.browser.test_whole_way import assert_accessible, log_in

LIGHT = 100_000
"""Bytes, gzipped, that a page of staff may take at first."""

LONG = (
    "Permohonan rekomendasi penyelenggaraan kegiatan peringatan hari ulang tahun kemerdekaan tingkat kecamatan beserta"
    " lampiran susunan kepanitiaan, rencana anggaran biaya, dan surat-pernyataan-tanggung-jawab-mutlak-bermeterai"
)

SCREENS: dict[str, tuple[ViewportSize, tuple[Literal["light", "dark"], ...]]] = {
    "desk": (WIDE, ("light", "dark")),
    "phone": (PHONE, ("dark",)),
    "narrow": ({"width": 320, "height": 640}, ("light",)),
}
"""A size, and the colours in which a page is looked at there once it has come: they are in the style sheet alone."""


def assert_all_accessible(chromium: Browser, address: str, screen: str, username: str, paths: Iterable[str]) -> None:
    """Each of these pages is accessible, and no wider than the screen, for somebody who is logged in."""
    size, schemes = SCREENS[screen]
    context = chromium.new_context(base_url=address, viewport=size, locale="id-ID")
    page = context.new_page()
    page.set_default_timeout(15_000)
    log_in(page, username)
    for path in paths:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            assert_accessible(page)
    context.close()


def logged_in(chromium: Browser, address: str, username: str) -> StorageState:
    """What a browser keeps of somebody who is logged in."""
    context = chromium.new_context(base_url=address, locale="id-ID")
    log_in(context.new_page(), username)
    state = context.storage_state()
    context.close()
    return state


def weight(chromium: Browser, address: str, state: StorageState, path: str) -> int:
    """Bytes, gzipped, of all that a page first asks a phone for, without the document it shows."""
    context = chromium.new_context(base_url=address, viewport=PHONE, storage_state=state, locale="id-ID")
    page = context.new_page()
    got: dict[str, int] = {}

    def note(response: Response) -> None:
        if not re.search(r"/dokumen/\d+$", response.url):
            got[response.url] = len(gzip.compress(response.body()))

    page.on("response", note)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    context.close()
    return sum(got.values())
