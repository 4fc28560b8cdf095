"""A document's lines to its SOPs: which identity block, which closing and which table belong together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bpmn.errors import NotAnSop
from bpmn.readers import identity, table
from bpmn.readers.cells import Line, clean
from bpmn.sop import Document, Problem, Sop
from bpmn.wording import sentence

_SIGNATURE = re.compile(r"\bnip\b", re.IGNORECASE)


def document(lines: Sequence[Line]) -> Document:
    """The SOPs of a document. Raises `NotAnSop` if there is no table of steps, `BrokenTable` if the last is cut off."""
    tables = table.tables(lines)
    if not tables:
        raise NotAnSop(
            sentence(
                "Dokumen tidak memuat tabel langkah SOP sampai baris terakhir (%(row)s); pastikan ada judul kolom "
                "seperti No, Kegiatan, Pelaksana, dan Mutu Baku, yang diikuti langkah-langkahnya.",
                row=lines[-1].row if lines else 0,
            )
        )
    starts = [0, *(_identity_start(lines, before.end, after.start) for before, after in pairwise(tables)), len(lines)]
    sops: list[Sop] = []
    problems: list[Problem] = []
    for place, found in enumerate(tables):
        block = identity.read(lines[starts[place] : found.start])
        closing = identity.read_closing(lines[found.end : starts[place + 1]])
        sop = _sop(found, block, closing, sops[-1] if sops else None)
        problems += [*block.problems, *_identity_problems(found, block, sop), *found.problems, *closing.problems]
        sops.append(sop)
    return Document(tuple(sops), (*problems, *_left_over(lines, tables[-1].end)))


def _left_over(lines: Sequence[Line], after: int) -> Iterator[Problem]:
    """An identity block under the last table, its own table missing."""
    line = next((line for line in lines[after:] if identity.begins(line)), None)
    if line:
        message = sentence(
            "Blok identitas pada baris %(row)s tidak diikuti tabel langkah; periksa apakah dokumennya terpotong.",
            row=line.row,
        )
        yield Problem(line.row, None, message)


def _identity_start(lines: Sequence[Line], after: int, before: int) -> int:
    """Where the next SOP begins between two tables: after the signature that closes the SOP above, if there is one."""
    signed = [at for at in range(after, before) if any(_SIGNATURE.search(clean(cell)) for cell in lines[at].cells)]
    first_label = next((at for at in range(after, before) if identity.begins(lines[at])), before)
    return max((at + 1 for at in signed if at < first_label), default=after)


def _sop(found: table.Table, block: identity.Block, closing: identity.Block, previous: Sop | None) -> Sop:
    entries = dict(block.entries)
    for key, value in closing.entries.items():
        entries[key] = entries.get(key) or value
    return Sop(
        title=block.title,
        number=block.text("nomor"),
        office=block.office or (previous.office if previous else "") or closing.office,
        identity=entries,
        lanes=found.lanes,
        steps=found.steps,
    )


def _identity_problems(found: table.Table, block: identity.Block, sop: Sop) -> Iterator[Problem]:
    if not block.labelled:
        message = sentence(
            "Tabel pada baris %(row)s tidak didahului blok identitas; isi nomor dan keterangan SOP-nya.",
            row=found.row,
        )
        yield Problem(found.row, None, message)
    elif not sop.number:
        yield Problem(
            found.row,
            None,
            sentence("SOP dengan tabel pada baris %(row)s tidak bernomor; isi nomornya.", row=found.row),
        )
    if not sop.title:
        message = sentence("Nama SOP untuk tabel pada baris %(row)s tidak ditemukan; isi namanya.", row=found.row)
        yield Problem(found.row, None, message)
    if not sop.office:
        message = sentence("Nama kantor untuk tabel pada baris %(row)s tidak ditemukan; isi namanya.", row=found.row)
        yield Problem(found.row, None, message)
