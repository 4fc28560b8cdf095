"""What looks wrong in a table of steps without stopping the reading, each told with its row and column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bpmn.readers.cells import Line, clean
from bpmn.readers.columns import Fit
from bpmn.readers.headings import Heading, Role
from bpmn.sop import Problem, Step
from bpmn.wording import sentence

_LONGEST_QUOTE = 120


def of_heading(heading: Heading, row: int) -> Iterator[Problem]:
    """Lanes printed more than once, and columns that are not known."""
    times = Counter(lane.casefold() for lane in heading.lanes)
    for lane in heading.lanes:
        printed = times.pop(lane.casefold(), 1)
        if printed > 1:
            message = sentence(
                "Kolom pelaksana %(lane)s tercetak %(times)s kali dan dibaca sebagai satu jabatan; periksa apakah "
                "salah satunya seharusnya jabatan lain.",
                lane=lane,
                times=printed,
            )
            yield Problem(row, lane, message)
    for name in heading.unknown:
        message = sentence(
            "Kolom %(name)s tidak dikenal sehingga isinya tidak dibaca; periksa judul kolomnya.", name=name
        )
        yield Problem(row, name, message)


def of_widths(rows: Sequence[Line], heading: Heading, fits: Mapping[int, Fit]) -> Iterator[Problem]:
    """Rows whose number of cells does not agree with the heading, told at the first of each width."""
    for width, found in fits.items():
        if found.lanes != len(heading.lanes):
            first = next(row for row in rows if len(row.cells) == width)
            message = sentence(
                "Mulai baris %(row)s tabel memuat %(cells)s sel pelaksana, sedangkan judul tabel menyebut %(lanes)s "
                "jabatan; periksa pelaksana langkah-langkahnya.",
                row=first.row,
                cells=found.lanes,
                lanes=len(heading.lanes),
            )
            yield Problem(first.row, Role.PELAKSANA.value, message)


def of_row(row: Line, fit: Fit) -> Iterator[Problem]:
    """Cells of a row that lie under no heading, and columns for which it has no cell."""
    for text in fit.spilled(row):
        message = sentence(
            "Isi sel “%(text)s” pada baris %(row)s tidak berada di bawah judul kolom mana pun; periksa letaknya.",
            text=_quoted(text),
            row=row.row,
        )
        yield Problem(row.row, None, message)
    missing = fit.missing(row)
    for role in (role for role in fit.heading.tail if role in missing):
        message = sentence(
            "Baris %(row)s berakhir sebelum kolom %(column)s; periksa apakah isinya terpotong.",
            row=row.row,
            column=role.value,
        )
        yield Problem(row.row, role.value, message)


def of_step(step: Step) -> Iterator[Problem]:
    """A step without activity, without waktu, or with one that is no length of time."""
    if not step.text:
        message = sentence("Langkah %(no)s tidak memuat uraian kegiatan; lengkapi uraiannya.", no=step.no)
        yield Problem(step.row, Role.TEXT.value, message)
    if step.waktu is None:
        message = sentence(
            "Langkah %(no)s tidak memuat waktu sehingga tidak akan mempunyai batas waktu; isi kolom Waktu bila ada.",
            no=step.no,
        )
        yield Problem(step.row, Role.WAKTU.value, message)
    elif step.waktu.amount is None:
        message = sentence(
            "Waktu “%(text)s” pada langkah %(no)s tidak dapat dibaca sebagai lama waktu sehingga langkah itu tidak "
            "akan mempunyai batas waktu; tulis misalnya “3 hari”.",
            text=step.waktu.text,
            no=step.no,
        )
        yield Problem(step.row, Role.WAKTU.value, message)


def of_strays(strays: Iterable[Line], last_row: int) -> Iterator[Problem]:
    """Lines above the table's last row that belong to no row."""
    for line in strays:
        if line.row < last_row:
            message = sentence(
                "Baris %(row)s di tengah tabel tidak dipahami dan tidak dibaca: “%(text)s”; periksa apakah ini "
                "bagian dari sebuah langkah.",
                row=line.row,
                text=_quoted(" | ".join(filter(None, map(clean, line.cells)))),
            )
            yield Problem(line.row, None, message)


def _quoted(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"
