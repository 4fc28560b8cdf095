"""The first pages of the form: its identity block, and what belongs to the SOP as a whole."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bpmn.flow import Flow
from bpmn.layout import measure
from bpmn.printed.ink import Anchor, Page

PADDING = 5.0

_SIZES = (9, 8, 7)
"""Points of the font: the largest with which the block stands on one page, if there is one."""

_PAIRS = (
    (("dasar_hukum", "Dasar Hukum"), ("kualifikasi_pelaksana", "Kualifikasi Pelaksana")),
    (("keterkaitan", "Keterkaitan"), ("peralatan_perlengkapan", "Peralatan/Perlengkapan")),
    (("peringatan", "Peringatan"), ("pencatatan_pendataan", "Pencatatan dan Pendataan")),
)
_ROWS = (
    ("nomor", "Nomor SOP"),
    ("tanggal_pembuatan", "Tanggal Pembuatan"),
    ("tanggal_revisi", "Tanggal Revisi"),
    ("tanggal_efektif", "Tanggal Efektif"),
    ("disahkan_oleh", "Disahkan Oleh"),
    ("nama_sop", "Nama SOP"),
)
_LABEL = 110.0
_SIGNED = 4
"""Lines left free for signature and stamp."""


def identity(flow: Flow, paper: tuple[float, float, float]) -> list[Page]:
    """The pages of the identity block; `paper` are width, height and margin in points."""
    for size in _SIZES:
        made = _Block(flow, *paper, size).pages
        if len(made) == 1:
            return made
    return _Block(flow, *paper, _SIZES[0]).pages


class _Block:
    """The block in one size of font."""

    def __init__(self, flow: Flow, width: float, height: float, margin: float, size: int) -> None:
        self.said = {**flow.properties, "nama_sop": flow.properties.get("nama_sop") or flow.name}
        self.size, self.leading = size, size * 1.28
        self.left, self.half, self.right = margin, width / 2, width - margin
        self.pages = [Page(width, height)]
        self.y = margin
        self._head()
        for one, other in _PAIRS:
            cells = [self._cell(one), self._cell(other)]
            while any(cells):
                room = int((height - margin - self.y - 2 * PADDING) / self.leading)
                if room < 3:
                    self.pages.append(Page(width, height))
                    self.y = margin
                    continue
                self._pair([cell[:room] for cell in cells])
                cells = [cell[room:] for cell in cells]

    def _head(self) -> None:
        """Agency on the left, numbers and dates on the right."""
        page, top, values = self.pages[0], self.y, self.half + _LABEL
        for key, label in _ROWS:
            lines = self._value(key, int(self.right - values - 2 * PADDING))
            bottom = self.y + len(lines) * self.leading + 2 * PADDING
            page.box(self.half, self.y, values, bottom, grey=True)
            page.box(values, self.y, self.right, bottom)
            self._lines(self.half, [(label, True)])
            self._lines(values, [(line, False) for line in lines])
            self.y = bottom
        page.box(self.left, top, self.half, self.y)
        agency = (self.said.get("instansi") or self.said.get("kantor") or "").upper()
        lines = measure.lines(agency, int(self.half - self.left - 40), 12)
        start = (top + self.y - len(lines) * 16) / 2 + 12
        for index, line in enumerate(lines):
            page.words((self.left + self.half) / 2, start + index * 16, line, 12, bold=True, anchor=Anchor.MIDDLE)

    def _value(self, key: str, room: int) -> tuple[str, ...]:
        said = self.said.get(key, "") or "-"
        if key == "disahkan_oleh":
            return _signature(said, self.said.get("kantor", ""), room, self.size)
        return measure.lines(said, room, self.size)

    def _cell(self, one: tuple[str, str]) -> list[tuple[str, bool]]:
        key, label = one
        items = [item.strip() for item in self.said.get(key, "").splitlines() if item.strip()]
        texts = [f"{number}. {item}" for number, item in enumerate(items, 1)] if len(items) > 1 else items or ["-"]
        room = int(self.half - self.left - 2 * PADDING)
        return [(label, True), *((line, False) for text in texts for line in measure.lines(text, room, self.size))]

    def _pair(self, cells: Sequence[Sequence[tuple[str, bool]]]) -> None:
        bottom = self.y + max(len(cell) for cell in cells) * self.leading + 2 * PADDING
        for cell, left, right in zip(cells, (self.left, self.half), (self.half, self.right), strict=True):
            self.pages[-1].box(left, self.y, right, bottom)
            self._lines(left, cell)
        self.y = bottom

    def _lines(self, left: float, lines: Sequence[tuple[str, bool]]) -> None:
        for index, (line, bold) in enumerate(lines):
            at = self.y + PADDING + self.size - 1 + index * self.leading
            self.pages[-1].words(left + PADDING, at, line, self.size, bold=bold)


def _signature(text: str, office: str, room: int, size: int) -> tuple[str, ...]:
    """Who signs: the jabatan, room for signature and stamp, the name, the NIP; "Camat Gambut Ahmad S.STP NIP. 1980"."""
    person, nip, number = text.replace("\n", " ").partition("NIP")
    place = office.casefold().removeprefix("kecamatan").strip()
    found = re.match(rf"(camat(?:\s+{re.escape(place)})?),?\s+(.+)", person.strip(), re.IGNORECASE) if place else None
    jabatan, name = (found[1], found[2]) if found else ("", person.strip())
    rest = [*measure.lines(name, room, size), *(measure.lines(nip + number, room, size) if nip else ())]
    return (jabatan, *[""] * _SIGNED, *rest)
